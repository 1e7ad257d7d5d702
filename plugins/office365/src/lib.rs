#![doc = include_str!("../README.md")]

pub mod answer;
mod apply;
mod change;
mod check;
pub mod delta;
#[cfg(test)]
mod fake;
pub mod fields;
mod find;
pub mod graph;
mod group;
mod guest;
mod holder;
pub mod known;
pub mod licence;
pub mod look;
mod pace;
mod post;
mod relation;
mod settings;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod stand_tests;
mod synced;
mod user;
pub mod values;
mod wish;
mod work;

use fields::Class;
use graph::{Connection, Graph};
use known::Known;
use look::View;
use pace::Pace;
pub use settings::{Mode, Restore, Settings};
use sluss_sdk::{
    Access, Answer, Attribute, Change, Changes, CheckResult, ConnectionWant, Connector, Cursor, Description, Error,
    Object, Outcome, Page, Target, Value,
};
use std::cell::RefCell;
use work::Memory;

/// The connector.
pub struct Office365(Tenant<Connection>);

/// A tenant, and what is remembered of it during a run.
struct Tenant<G> {
    graph: G,
    settings: Settings,
    known: Known,
    memory: Memory,
    pace: RefCell<Pace>,
}

impl<G: Graph> Tenant<G> {
    fn new(graph: G, settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        let (known, memory, pace) = (Known::default(), Memory::default(), RefCell::default());
        Ok(Tenant { graph, settings, known, memory, pace })
    }

    fn view(&self, class: &str, attributes: &[String]) -> Result<View, Error> {
        View::new(&self.graph, &self.settings, &self.known, Class::of(class)?, attributes)
    }

    fn read(&self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        if Class::of(class)? == Class::Licence {
            let mut page = Page::new(attributes);
            for object in self.licences(attributes)? {
                let row = page.row(object.id);
                for name in attributes {
                    let value = object.attributes.iter().find(|own| own.name == *name);
                    row.cell(sluss_sdk::Cell::maybe(value.and_then(|own| own.values.first().cloned())));
                }
            }
            return Ok(page);
        }
        look::page(&self.graph, &self.view(class, attributes)?, from, max)
    }

    fn get(&self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        if Class::of(class)? == Class::Licence {
            let all = self.licences(attributes)?;
            return Ok(ids.iter().map(|id| all.iter().find(|object| object.id == *id).cloned()).collect());
        }
        look::by_id(&self.graph, &self.view(class, attributes)?, ids)
    }

    /// The products with their seats, as they are now.
    fn licences(&self, attributes: &[String]) -> Result<Vec<Object>, Error> {
        let catalogue = self.known.learn_catalogue(&self.graph, &self.settings.licences)?;
        let tell = |sku: &licence::Sku| {
            let all: [(&str, Value); 5] = [
                ("sku", Value::from(sku.name.as_str())),
                ("sku-id", Value::from(sku.id.as_str())),
                ("total", Value::Integer(sku.total)),
                ("used", Value::Integer(sku.used.get())),
                ("free", Value::Integer(sku.free())),
            ];
            let asked = all.into_iter().filter(|(name, _)| attributes.iter().any(|asked| asked == name));
            let attributes = asked.map(|(name, value)| Attribute { name: name.to_owned(), values: vec![value] });
            Object { id: sku.id.clone(), version: None, attributes: attributes.collect() }
        };
        Ok(catalogue.skus().iter().map(tell).collect())
    }

    fn find(&self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        find::find(&self.graph, &self.settings, &self.known, Class::of(class)?, create, attributes)
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Outcome>, Error> {
        apply::apply(&self.graph, &self.settings, &self.known, &self.memory, &self.pace, changes)
    }

    fn latest(&self, class: &str) -> Result<Cursor, Error> {
        delta::latest(&self.graph, Class::of(class)?)
    }

    fn changes(&self, class: &str, since: &Cursor, max: u32) -> Result<Answer, Error> {
        let view = self.view(class, &delta::attributes(Class::of(class)?))?;
        delta::changes(&self.graph, &view, since, max)
    }
}

impl Connector for Office365 {
    type Settings = Settings;

    fn describe() -> Description {
        let description = Description::new(
            "office365",
            env!("CARGO_PKG_VERSION"),
            "Sluss",
            "Microsoft 365 and Entra, over Microsoft Graph",
        )
        .wants(ConnectionWant::http(
            "connection",
            Access::Write,
            "the tenant that accounts, groups and licences are in",
        ))
        .batch(100);
        let classes = [Class::User, Class::Guest, Class::Group, Class::Licence];
        classes.into_iter().fold(description, |description, class| description.class(class.described()))
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Tenant::new(Connection(settings.connection.clone()), settings).map(Office365)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::check(&self.0.graph, &self.0.settings))
    }
}

impl Target for Office365 {
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        self.0.read(class, attributes, from, max)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        self.0.get(class, ids, attributes)
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        self.0.find(class, create, attributes)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        self.0.apply(&changes)
    }
}

impl Changes for Office365 {
    fn latest(&mut self, class: &str) -> Result<Cursor, Error> {
        self.0.latest(class)
    }

    fn changes(&mut self, class: &str, since: Cursor, max: u32) -> Result<Answer, Error> {
        self.0.changes(class, &since, max)
    }
}

sluss_sdk::export!(Office365: target + changes);
