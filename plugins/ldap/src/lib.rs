#![doc = include_str!("../README.md")]

mod apply;
mod check;
#[cfg(test)]
mod fake;
mod look;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::directory::{self, ClassSettings, Containers, Layout};
use sluss_sdk::ldap::Connection;
use sluss_sdk::{
    Access, Attribute, Change, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Object, Outcome,
    Page, Target,
};
use std::collections::BTreeMap;

/// Which directory it is and what it looks like.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the LDAP connection. Its `base` is the entry below which everything stands.
    pub connection: String,
    /// How the classes of objects are kept.
    #[serde(default)]
    pub classes: BTreeMap<String, ClassSettings>,
}

/// The connector.
pub struct Ldap {
    connection: Connection,
    classes: BTreeMap<String, ClassSettings>,
    layout: Option<Layout>,
    containers: Containers,
}

impl Ldap {
    /// The classes on the granted base, which is asked for on first use.
    fn open(&mut self) -> Result<(&Connection, &Layout, &mut Containers), Error> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            // Asking changes nothing, so nothing was sent that anyone would have to look after.
            None => check::open(&self.connection, &self.classes).map_err(|error| Error { sent: false, ..error })?,
        };
        Ok((&self.connection, self.layout.insert(layout), &mut self.containers))
    }
}

impl Connector for Ldap {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("ldap", env!("CARGO_PKG_VERSION"), "Sluss", "A directory server that speaks LDAP")
            .wants(ConnectionWant::ldap(
                "connection",
                Access::Write,
                "the directory that accounts and groups are kept in",
            ))
            .class(directory::user())
            .class(directory::group())
            .batch(500)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        // The base is not known before the server is asked; all that does not depend on it is wrong or right now.
        Layout::new("", &settings.classes)?;
        Ok(Ldap {
            connection: Connection::new(settings.connection),
            classes: settings.classes,
            layout: None,
            containers: Containers::default(),
        })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::check(&self.connection, &self.classes))
    }
}

impl Target for Ldap {
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        let (server, layout, _) = self.open()?;
        look::page(server, layout, layout.class(class)?, attributes, from.as_ref(), max)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        let (server, layout, _) = self.open()?;
        look::by_id(server, layout.class(class)?, ids, attributes)
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        let (server, layout, _) = self.open()?;
        look::by_place(server, layout.class(class)?, create, attributes)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        let (server, layout, containers) = self.open()?;
        apply::apply(server, layout, containers, &changes)
    }
}

sluss_sdk::export!(Ldap: target);
