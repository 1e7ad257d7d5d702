#![doc = include_str!("../README.md")]

pub mod batch;
mod csv;
mod delta;
pub mod hierarchy;
mod ims;
mod service;
mod settings;
pub mod soap;

use csv::Csv;
use delta::Delta;
use ims::Ims;
use service::Connection;
pub use settings::{Interface, Settings};
use sluss_roster::{Class, Giving, Reading};
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Answer, Changes, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Page, Source,
};
use std::time::{Duration, SystemTime};

/// The connector.
pub struct Procapita {
    way: Way,
    giving: Giving,
    span: Duration,
}

/// The way in which Procapita is read.
enum Way {
    Ims(Box<Reading<Ims<Connection>>>, Box<Delta>),
    Csv(Box<Reading<Csv>>),
}

impl Procapita {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: &Settings) -> Result<Self, Error> {
        let (giving, span) = (settings.giving(), span(settings));
        let reading = Reading::new(Csv::new(folder, settings)?, giving.clone(), span);
        Ok(Procapita { way: Way::Csv(Box::new(reading)), giving, span })
    }
}

impl Connector for Procapita {
    type Settings = Settings;

    fn describe() -> Description {
        let title = "Procapita pupils, by the IMS service or from files";
        let description = Description::new("procapita", env!("CARGO_PKG_VERSION"), "Sluss", title)
            .wants(ConnectionWant::http("connection", Access::Read, "Procapita's IMS Enterprise service"))
            .wants(ConnectionWant::files("folder", Access::Read, "the folder that Procapita's files are put in"));
        sluss_roster::describe(description)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        if settings.organisation.trim().is_empty() {
            return Err(Error::config("`organisation` has to be the municipality's code"));
        }
        if settings.interface == Interface::Csv {
            if settings.folder.is_empty() {
                return Err(Error::config("`folder` is needed for the interface `csv`"));
            }
            return Self::from_folder(Folder::new(&settings.folder), &settings);
        }
        if settings.connection.is_empty() || settings.domain.is_empty() {
            return Err(Error::config("`connection` and `domain` are needed for the interface `ims`"));
        }
        let service = Connection { name: settings.connection.clone(), domain: settings.domain.clone() };
        let (giving, span) = (settings.giving(), span(&settings));
        let ims = Ims::new(service, &settings, SystemTime::now);
        let reading = Reading::new(ims, giving.clone(), span);
        Ok(Procapita { way: Way::Ims(Box::new(reading), Box::default()), giving, span })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        let mut results = match &mut self.way {
            Way::Ims(reading, _) => reading.supply().check(),
            Way::Csv(reading) => reading.supply().check(SystemTime::now()),
        };
        results.extend(self.giving.check());
        Ok(results)
    }
}

impl Source for Procapita {
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        Class::named(class)?;
        match &mut self.way {
            Way::Ims(..) => Ok(None),
            Way::Csv(reading) => reading.supply().version().map(Some),
        }
    }

    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        match &mut self.way {
            Way::Ims(reading, _) => reading.read(class, from.as_deref(), max),
            Way::Csv(reading) => reading.read(class, from.as_deref(), max),
        }
    }
}

impl Changes for Procapita {
    fn latest(&mut self, class: &str) -> Result<Cursor, Error> {
        Class::named(class)?;
        Ok(match &mut self.way {
            Way::Ims(reading, _) => delta::token(reading.supply().search_date()),
            // Whoever asks with it hears that it says nothing: files do not tell what changed.
            Way::Csv(_) => b"files".to_vec(),
        })
    }

    fn changes(&mut self, class: &str, since: Cursor, max: u32) -> Result<Answer, Error> {
        let class = Class::named(class)?;
        match &mut self.way {
            Way::Ims(reading, delta) if class == Class::Engagement => {
                let until = SystemTime::now() + self.span;
                delta.tell(reading.supply(), &since, &self.giving, max as usize, until)
            }
            _ => Ok(Answer::Expired),
        }
    }
}

fn span(settings: &Settings) -> Duration {
    Duration::from_secs(u64::from(settings.seconds))
}

sluss_sdk::export!(Procapita: source + changes);
