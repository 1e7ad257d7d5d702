#![doc = include_str!("../README.md")]

pub mod answer;
pub mod broken;
mod change;
mod check;
pub mod class;
pub mod collection;
pub mod cursor;
pub mod day;
mod engagement;
pub mod fields;
pub mod group;
mod held;
pub mod model;
pub mod organisation;
pub mod person;
pub mod post;
pub mod protection;
pub mod reading;
mod rows;
pub mod service;
pub mod settings;
mod table;
pub mod units;
mod walk;

use class::Class;
use reading::Reading;
use service::Connection;
pub use settings::Settings;
use sluss_sdk::{
    Access, Answer, Changes, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Page, Source,
};

/// The connector.
pub struct Ss12000(Reading<Connection>);

impl Connector for Ss12000 {
    type Settings = Settings;

    fn describe() -> Description {
        let title = "A school system by the standard SS 12000";
        let description = Description::new("ss12000", env!("CARGO_PKG_VERSION"), "Sluss", title)
            .wants(ConnectionWant::http("connection", Access::Read, "the school system's API"));
        Class::ALL.into_iter().fold(description, |description, class| description.class(class.info()))
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        let service = Connection(settings.connection.clone());
        Ok(Ss12000(Reading::new(service, &settings)))
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::all(&self.0.service, &self.0.scope))
    }
}

impl Source for Ss12000 {
    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        self.0.read(Class::of(class)?, from.as_deref(), max)
    }
}

impl Changes for Ss12000 {
    fn latest(&mut self, class: &str) -> Result<Cursor, Error> {
        Ok(self.0.latest(Class::of(class)?))
    }

    fn changes(&mut self, class: &str, since: Cursor, max: u32) -> Result<Answer, Error> {
        self.0.changes(Class::of(class)?, &since, max)
    }
}

sluss_sdk::export!(Ss12000: source + changes);
