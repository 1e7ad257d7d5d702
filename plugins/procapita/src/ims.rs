//! Reading everything by the IMS service: which units there are, what each is called, and then one by one what is in them.

use crate::batch::{self, Batch};
use crate::hierarchy::{self, Asked, MORE};
use crate::service::{Call, Service, refusal};
use crate::settings::Settings;
use crate::soap::{self, Trouble};
use sluss_roster::{Moment, Roster, Snapshot, Supply, fault};
use sluss_sdk::{CheckResult, Date, Error, ErrorKind};
use std::collections::HashSet;
use std::time::SystemTime;

/// After so many units in a row without an answer nothing more is asked.
const MOST_SILENT: u32 = 3;

/// The service, with all that is needed to ask it.
pub struct Ims<S> {
    service: S,
    day_ends_at: u8,
    makes_memberships: bool,
    clock: fn() -> SystemTime,
    work: Work,
    asked: u64,
}

/// What was done of a read.
struct Work {
    date: Option<Date>,
    units: Option<Vec<String>>,
    /// How many of the units were asked about.
    done: usize,
    roster: Roster,
    incomplete: Option<Error>,
    silent: u32,
    is_anything_read: bool,
    fingerprints: HashSet<u64>,
}

impl Work {
    fn new() -> Self {
        Work {
            date: None,
            units: None,
            done: 0,
            roster: Roster::new(MORE),
            incomplete: None,
            silent: 0,
            is_anything_read: false,
            fingerprints: HashSet::new(),
        }
    }
}

impl<S: Service> Ims<S> {
    /// A service that was not asked yet.
    pub fn new(service: S, settings: &Settings, clock: fn() -> SystemTime) -> Self {
        Ims {
            service,
            day_ends_at: settings.day_ends_at,
            makes_memberships: settings.secondary_school_unit_memberships,
            clock,
            work: Work::new(),
            asked: 0,
        }
    }

    /// Whether there is time left until a moment.
    pub fn is_before(&self, until: SystemTime) -> bool {
        (self.clock)() < until
    }

    /// The day whose state is asked for.
    pub fn search_date(&self) -> Date {
        soap::search_date(Moment::of((self.clock)()), self.day_ends_at)
    }

    /// How many days lie between a day and today.
    pub fn days_since(&self, date: Date) -> i64 {
        Moment::of((self.clock)()).since(date)
    }

    /// The ids of the units on a day.
    pub fn units(&mut self, date: Date) -> Result<Vec<String>, Error> {
        let message = self.message();
        let bytes = self.ask(&soap::units(date, &message))?;
        soap::read_units(&bytes).map_err(|trouble| explain("The list of units", trouble))
    }

    /// What a unit is called.
    pub fn named(&mut self, id: &str) -> Result<Asked, Error> {
        let message = self.message();
        let bytes = self.ask(&soap::group(id, &message))?;
        let name = soap::read_group(&bytes).map_err(|trouble| explain("The name of a unit", trouble))?;
        Ok(Asked { id: id.to_owned(), name })
    }

    /// Everything of a unit.
    pub fn batch(&mut self, unit: &Asked, date: Date) -> Result<Batch, Error> {
        let message = self.message();
        let bytes = self.ask(&soap::batch(&unit.name, date, self.makes_memberships, &message))?;
        let batch = batch::read(&bytes).map_err(|trouble| explain("The answer about a unit", trouble))?;
        match batch.nameless + hierarchy::nameless(&batch) {
            0 => Ok(batch),
            count => Err(Error::unavailable(format!(
                "{count} records of a unit have no id, so nobody knows whose they are; nothing is taken to be gone"
            ))),
        }
    }

    /// Who changed in a unit from one day to another: persons with their groups.
    pub fn updates(&mut self, unit: &Asked, from: Date, to: Date) -> Result<Vec<(String, String)>, Error> {
        let message = self.message();
        let bytes = self.ask(&soap::updates(&unit.name, from, to, &message))?;
        let updates = batch::read_updates(&bytes).map_err(|trouble| explain("The answer about changes", trouble))?;
        Ok(updates.touched)
    }

    /// What is right and wrong with the service.
    pub fn check(&mut self) -> Vec<CheckResult> {
        let message = self.message();
        let health = self.ask(&soap::health(&message)).and_then(|bytes| {
            soap::read_health(&bytes).map_err(|trouble| explain("The answer about the service's health", trouble))
        });
        let mut results = vec![match health {
            Ok(true) => CheckResult::info("service", "It answers, and says that its database is in order"),
            Ok(false) => CheckResult::failure("service", "It answers, and says that its database is out of order"),
            Err(error) => CheckResult::failure("service", error.message),
        }];
        if results[0].severity == sluss_sdk::Severity::Info {
            let date = self.search_date();
            results.push(match self.units(date) {
                Ok(units) if units.is_empty() => {
                    CheckResult::failure("units", format!("There is no unit on {date}; is `domain` right?"))
                }
                Ok(units) => CheckResult::info("units", format!("{} units on {date}", units.len())),
                Err(error) => CheckResult::failure("units", error.message),
            });
        }
        results
    }

    fn message(&mut self) -> String {
        self.asked += 1;
        format!("sluss_{}", self.asked)
    }

    fn ask(&self, call: &Call) -> Result<Vec<u8>, Error> {
        let response = self.service.ask(call)?;
        // A fault comes with 500, and says more than that.
        match response.status {
            200 | 500 if !response.body.is_empty() => Ok(response.body),
            _ => Err(refusal(response)),
        }
    }

    /// Asks about the next unit; whether any is left.
    fn next_unit(&mut self) -> Result<bool, Error> {
        let date = match self.work.date {
            Some(date) => date,
            None => *self.work.date.insert(self.search_date()),
        };
        if self.work.units.is_none() {
            self.work.units = Some(self.units(date)?);
        }
        let Some(id) = self.work.units.as_ref().and_then(|units| units.get(self.work.done)).cloned() else {
            return Ok(false);
        };
        self.work.done += 1;
        let read = self.named(&id).and_then(|asked| {
            let batch = self.batch(&asked, date)?;
            let is_new = batch.members.is_empty() || self.work.fingerprints.insert(batch.fingerprint);
            if is_new {
                Ok((asked, batch))
            } else {
                Err(Error::unavailable("Two units got the same answer; one is not read"))
            }
        });
        match read {
            Ok((asked, batch)) => {
                self.work.silent = 0;
                self.work.is_anything_read = true;
                hierarchy::merge(&batch, &asked, &mut self.work.roster);
                Ok(true)
            }
            Err(error) => self.fail(error),
        }
    }

    /// Notes that a unit could not be read; whether another one is worth asking about.
    fn fail(&mut self, error: Error) -> Result<bool, Error> {
        let work = &mut self.work;
        work.silent = if error.kind == ErrorKind::Unavailable { work.silent + 1 } else { 0 };
        let is_over = fault::concerns_everything(&error) || work.silent == MOST_SILENT;
        let (at, count) = (work.done, work.units.as_ref().map_or(0, Vec::len));
        if is_over && !work.is_anything_read {
            return Err(error);
        }
        let message = format!("Unit {at} of {count} could not be read: {}", error.message);
        work.incomplete.get_or_insert(Error { message, ..error });
        Ok(!is_over)
    }
}

impl<S: Service> Supply for Ims<S> {
    fn begin(&mut self) {
        self.work = Work::new();
    }

    fn go_on(&mut self, until: SystemTime) -> Result<Option<Snapshot>, Error> {
        while self.next_unit()? {
            if !self.is_before(until) {
                return Ok(None);
            }
        }
        let Work { roster, mut incomplete, units, .. } = std::mem::replace(&mut self.work, Work::new());
        if units.is_none_or(|units| units.is_empty()) {
            incomplete = Some(Error::unavailable("The service knows no unit; nothing is taken to be gone"));
        }
        Ok(Some(Snapshot { roster, incomplete }))
    }
}

/// Why an answer cannot be used, in words for the operator.
fn explain(what: &str, trouble: Trouble) -> Error {
    match trouble {
        Trouble::Broken(broken) => fault::of_document(what, broken.into()),
        Trouble::Fault(code) => {
            let error =
                Error::unavailable(format!("Procapita could not answer, by its own word: {what} was asked for"));
            Error { sent: true, code: Some(code).filter(|code| !code.is_empty()), ..error }
        }
    }
}

#[cfg(test)]
#[path = "ims_tests.rs"]
mod tests;
