#![doc = include_str!("../README.md")]

pub mod answer;
pub mod export;
mod file;
mod gather;
mod job;
mod service;
mod settings;

use file::File;
use gather::Terms;
use job::Job;
use service::Connection;
pub use settings::{Interface, SchoolYear, Settings};
use sluss_roster::{Class, Giving, Moment, Reading, Span};
use sluss_sdk::files::Folder;
use sluss_sdk::{Access, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Page, Source};
use std::time::{Duration, SystemTime};

/// How many days before the school year's end `check` warns.
const WARNS_DAYS: i64 = 30;

/// The connector.
pub struct Extens {
    way: Way,
    giving: Giving,
    year: Span,
}

/// The way in which Extens is read.
enum Way {
    Job(Box<Reading<Job<Connection>>>),
    File(Box<Reading<File>>),
}

impl Extens {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: &Settings) -> Result<Self, Error> {
        let file = File::new(folder, Terms::new(settings)?, settings)?;
        let (giving, year) = (settings.giving(), settings.span()?);
        let way = Way::File(Box::new(Reading::new(file, giving.clone(), span(settings))));
        Ok(Extens { way, giving, year })
    }

    fn check_year(&self, now: SystemTime) -> Option<CheckResult> {
        let end = self.year.end?;
        let days = -Moment::of(now).since(end);
        (days <= WARNS_DAYS).then(|| {
            let message =
                format!("It ends on {end}, and with it every placement: give the days of the next in `school-year`");
            CheckResult::warning("school-year", message)
        })
    }
}

impl Connector for Extens {
    type Settings = Settings;

    fn describe() -> Description {
        let title = "IST Extens pupils, by its export service or from a file";
        let description = Description::new("extens", env!("CARGO_PKG_VERSION"), "Sluss", title)
            .wants(ConnectionWant::http("connection", Access::Read, "Extens's export service"))
            .wants(ConnectionWant::files("folder", Access::Read, "the folder that the export is put in"));
        sluss_roster::describe(description)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        if settings.organisation.trim().is_empty() {
            return Err(Error::config("`organisation` has to be the municipality's code"));
        }
        if settings.interface == Interface::File {
            if settings.folder.is_empty() {
                return Err(Error::config("`folder` is needed for the interface `file`"));
            }
            return Self::from_folder(Folder::new(&settings.folder), &settings);
        }
        if settings.connection.is_empty() || settings.customer.is_empty() {
            return Err(Error::config("`connection` and `customer` are needed for the interface `job`"));
        }
        let service = Connection { name: settings.connection.clone(), customer: settings.customer.clone() };
        let job = Job::new(service, Terms::new(&settings)?, &settings);
        let (giving, year) = (settings.giving(), settings.span()?);
        let way = Way::Job(Box::new(Reading::new(job, giving.clone(), span(&settings))));
        Ok(Extens { way, giving, year })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        let now = SystemTime::now();
        let mut results = match &mut self.way {
            Way::Job(reading) => vec![reading.supply().check()],
            Way::File(reading) => reading.supply().check(now),
        };
        results.extend(self.check_year(now));
        results.extend(self.giving.check());
        Ok(results)
    }
}

impl Source for Extens {
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        Class::named(class)?;
        match &mut self.way {
            Way::Job(_) => Ok(None),
            Way::File(reading) => reading.supply().version().map(Some),
        }
    }

    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        match &mut self.way {
            Way::Job(reading) => reading.read(class, from.as_deref(), max),
            Way::File(reading) => reading.read(class, from.as_deref(), max),
        }
    }
}

fn span(settings: &Settings) -> Duration {
    Duration::from_secs(u64::from(settings.seconds))
}

sluss_sdk::export!(Extens: source);
