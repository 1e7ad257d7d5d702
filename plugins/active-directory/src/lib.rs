#![doc = include_str!("../README.md")]

mod apply;
pub mod changes;
mod check;
mod class;
mod control;
mod describe;
mod exchange;
#[cfg(test)]
mod fake;
pub mod fault;
pub mod filetime;
mod group;
pub mod guid;
mod look;
mod range;
mod refer;
mod rules;
mod seats;
mod server;
mod settings;
mod write;

use apply::{Memory, Work};
use class::Layout;
pub use settings::{ClassSettings, Classes, Exchange, FirstPassword, Settings};
use sluss_sdk::ldap::Connection;
use sluss_sdk::{
    Access, Answer, Attribute, Change, Changes, CheckResult, ClassInfo, ConnectionWant, Connector, Cursor, Description,
    Error, Object, Outcome, Page, Target,
};

/// The connector.
pub struct ActiveDirectory {
    connection: Connection,
    settings: Settings,
    layout: Option<Layout>,
    memory: Memory,
}

impl ActiveDirectory {
    /// The classes on the granted base, which is asked for on first use.
    fn open(&mut self) -> Result<(&Connection, &Layout, &mut Memory), Error> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            // Asking changes nothing, so nothing was sent that anyone would have to look after.
            None => check::open(&self.connection, &self.settings).map_err(|error| Error { sent: false, ..error })?,
        };
        Ok((&self.connection, self.layout.insert(layout), &mut self.memory))
    }

    fn info(class: &str) -> Result<ClassInfo, Error> {
        match class {
            "user" => Ok(describe::user()),
            "group" => Ok(describe::group()),
            _ => Err(Error::unknown_class(class)),
        }
    }
}

impl Connector for ActiveDirectory {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "active-directory",
            env!("CARGO_PKG_VERSION"),
            "Sluss",
            "Active Directory, by its domain controllers",
        )
        .wants(ConnectionWant::ldap("connection", Access::Write, "the domain that accounts and groups are kept in"))
        .class(describe::user())
        .class(describe::group())
        .batch(seats::MOST as u32)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        // The base is not known before the server is asked; all that does not depend on it is wrong or right now.
        Layout::new("", &settings.classes)?;
        let connection = Connection::new(settings.connection.clone());
        Ok(ActiveDirectory { connection, settings, layout: None, memory: Memory::default() })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::check(&self.connection, &self.settings))
    }
}

impl Target for ActiveDirectory {
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
        let ways = (&self.settings).into();
        let (domain, layout, memory) = self.open()?;
        Work { domain, layout, ways, memory }.apply(&changes)
    }
}

impl Changes for ActiveDirectory {
    fn latest(&mut self, class: &str) -> Result<Cursor, Error> {
        let (domain, layout, _) = self.open()?;
        layout.class(class)?;
        changes::latest(domain, layout)
    }

    fn changes(&mut self, class: &str, since: Cursor, max: u32) -> Result<Answer, Error> {
        let info = Self::info(class)?;
        let (domain, layout, _) = self.open()?;
        changes::changes(domain, layout, layout.class(class)?, &info, &since, max)
    }
}

sluss_sdk::export!(ActiveDirectory: target + changes);
