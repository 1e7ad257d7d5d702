#![doc = include_str!("../README.md")]

mod ask;
mod files;
pub mod number;
pub mod person;
pub mod post;
mod posts;
pub mod protection;
pub mod rest;
mod service;
pub mod settings;
pub mod soap;
pub mod termdata;
pub mod text;
mod window;

use ask::{Asking, Kind};
use files::Files;
use number::{Form, Number};
use post::Reading;
use service::{Connection, Service};
pub use settings::{Interface, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::{Access, CheckResult, ConnectionWant, Connector, Description, Error, Finding, Register, vocabulary};
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

/// The connector.
pub struct Navet(Way<Connection>);

/// The way in which the register is asked.
enum Way<S> {
    Service(Asking<S>),
    File(Files),
}

impl Navet {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: &Settings) -> Result<Self, Error> {
        Ok(Navet(Way::File(Files::new(folder, settings, reading(settings))?)))
    }
}

impl<S: Service> Way<S> {
    fn look_up(&mut self, texts: &[String]) -> Result<Vec<Finding>, Error> {
        let forms: Vec<Form> = texts.iter().map(|text| Form::of(text)).collect();
        let mut seen = HashSet::with_capacity(forms.len());
        let asked: Vec<Number> = forms
            .iter()
            .filter_map(|form| match form {
                Form::Number(number) if seen.insert(number) => Some(number.clone()),
                _ => None,
            })
            .collect();
        let findings = match self {
            Way::Service(asking) => asking.look_up(asked),
            Way::File(files) => files.look_up(asked)?,
        };
        let of = |form: &Form| match form {
            Form::Foreign => Finding::Unknown,
            Form::Short => {
                Finding::Failed(Error::invalid("The number has no century: the register knows twelve digits"))
            }
            Form::Number(number) => findings
                .get(number)
                .cloned()
                .unwrap_or_else(|| Finding::Failed(Error::internal("The number was asked about and got no finding"))),
        };
        Ok(forms.iter().map(of).collect())
    }

    fn check(&mut self, now: SystemTime) -> Vec<CheckResult> {
        let (mut results, takes_silence_for_no) = match self {
            Way::File(files) => (files.check(now), files.takes_silence_for_no()),
            Way::Service(asking) => {
                let result = match asking.check() {
                    Ok(message) => CheckResult::info("service", message),
                    Err(error) => CheckResult::failure("service", error.message),
                };
                (vec![result], asking.takes_silence_for_no())
            }
        };
        if !takes_silence_for_no {
            let message = "Whoever's post has no mark of protection counts as protected. If the register marks only \
                           those who are, say so with unmarked-is-unprotected = true";
            results.push(CheckResult::warning("protection", message));
        }
        results
    }
}

impl Connector for Navet {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("navet", env!("CARGO_PKG_VERSION"), "Sluss", "Skatteverket's population register, Navet")
            .wants(ConnectionWant::http("connection", Access::Read, "the register's web service"))
            .wants(ConnectionWant::files("folder", Access::Read, "the folder that the register's file is put in"))
            .class(vocabulary::person())
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        let kind = match settings.interface {
            Interface::Soap => Kind::Soap,
            Interface::Rest => Kind::Rest,
            Interface::File if settings.folder.is_empty() => {
                return Err(Error::config("`folder` is needed for the interface `file`"));
            }
            Interface::File => return Self::from_folder(Folder::new(&settings.folder), &settings),
        };
        if settings.connection.is_empty() {
            return Err(Error::config("`connection` is needed for the interfaces `soap` and `rest`"));
        }
        let span = Duration::from_secs(u64::from(settings.seconds));
        let (order, reading) = (settings.order()?, reading(&settings));
        let service = Connection(settings.connection);
        Ok(Navet(Way::Service(Asking::new(service, kind, order, reading, span, SystemTime::now))))
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(self.0.check(SystemTime::now()))
    }
}

impl Register for Navet {
    fn look_up(&mut self, numbers: Vec<String>) -> Result<Vec<Finding>, Error> {
        self.0.look_up(&numbers)
    }
}

fn reading(settings: &Settings) -> Reading {
    Reading { addresses: settings.addresses, silence: settings.unmarked_is_unprotected }
}

sluss_sdk::export!(Navet: register);
