#![doc = include_str!("../README.md")]

pub mod answer;
pub mod apply;
pub mod bulk;
pub mod check;
pub mod class;
mod create;
#[cfg(test)]
mod fake;
pub mod features;
pub mod look;
mod members;
pub mod path;
pub mod post;
pub mod provider;
pub mod service;
pub mod settings;
mod update;
pub mod values;
pub mod walk;

use class::Class;
use provider::Provider;
use service::Connection;
pub use settings::Settings;
use sluss_sdk::{
    Access, Attribute, Change, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Object, Outcome,
    Page, Target,
};

/// The connector.
pub struct Scim(Provider<Connection>);

impl Connector for Scim {
    type Settings = Settings;

    fn describe() -> Description {
        let title = "A service that speaks SCIM 2.0";
        let description = Description::new("scim", env!("CARGO_PKG_VERSION"), "Sluss", title)
            .wants(ConnectionWant::http(
                "connection",
                Access::Write,
                "the service that accounts and groups are kept in",
            ))
            .batch(200);
        Class::ALL.into_iter().fold(description, |description, class| description.class(class.described()))
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Provider::new(Connection(settings.connection.clone()), settings).map(Scim)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::check(&self.0))
    }
}

impl Target for Scim {
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        look::page(&mut self.0, Class::of(class)?, attributes, from.as_ref(), max)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        look::by_id(&self.0, Class::of(class)?, ids, attributes)
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        look::by_place(&self.0, Class::of(class)?, create, attributes)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        apply::apply(&self.0, &changes)
    }
}

sluss_sdk::export!(Scim: target);
