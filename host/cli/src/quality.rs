//! How good the data is that sources give: what is missing, what is wrong, what is doubtful, and what a register says
//! otherwise, record by record, so that it can be put right where it is kept.

use crate::error::CliError;
use crate::run::doubt::{Doubt, MATCH};
use crate::run::said::said;
use jiff::civil::Date;
use serde::Serialize;
use sluss_engine::assemble::{Identity, Reading, Said};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::numbers::{Number, NumberKind, NumberProblem};
use sluss_engine::person::{EngagementId, Phase, Protection};
use sluss_engine::policy::Policy;
use sluss_engine::value::Value;
use sluss_store::{Parked, Store};
use std::collections::BTreeMap;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is not there.
    Missing,
    /// Something cannot be right.
    Wrong,
    /// It may be about somebody else.
    Doubtful,
    /// A register says otherwise.
    Differs,
}

/// One fault of one record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The source.
    pub source: String,
    /// What kind of fault it is.
    pub kind: Kind,
    /// The record.
    pub record: String,
    /// What it is.
    pub what: String,
}

/// The faults of all sources, in the shape that `--json` prints.
#[derive(Debug, Serialize)]
pub struct Quality {
    /// `sluss-quality/1`.
    pub format: &'static str,
    /// The day that it holds for.
    pub day: String,
    /// How many records each source has about persons.
    pub records: BTreeMap<String, u64>,
    /// Every fault, by source, kind and record.
    pub faults: Vec<Fault>,
}

/// Looks at everything that is remembered. Values are given only of persons whose data is not protected.
pub fn quality(store: &Store, policy: &Policy, day: Date) -> Result<Quality, CliError> {
    let shapes = store.shapes()?;
    let mut quality =
        Quality { format: "sluss-quality/1", day: day.to_string(), records: BTreeMap::new(), faults: Vec::new() };
    for person in store.everybody()? {
        let told = said(store, &shapes, policy, person, day)?;
        let mut readings = told.said.readings.iter().map(|reading| &reading.identity).chain(&told.said.identities);
        // As soon as anybody says so, whether or not a run has seen it.
        let is_protected = readings.any(|identity| identity.protection == Some(Protection::Protected));
        let shows = !store.is_protected(person)? && !is_protected;
        let mut look = Look { day, said: &told.said, shows, found: &mut quality };
        look.person(&told.findings);
    }
    store.parked()?.iter().for_each(|parked| parked_record(parked, &mut quality.faults));
    quality.faults.sort();
    quality.faults.dedup();
    Ok(quality)
}

/// A look at one person.
struct Look<'a> {
    day: Date,
    said: &'a Said,
    /// Whether values may be told.
    shows: bool,
    found: &'a mut Quality,
}

impl Look<'_> {
    fn person(&mut self, findings: &[Finding]) {
        let said = self.said;
        for reading in &said.readings {
            *self.found.records.entry(reading.engagement.id.source.clone()).or_default() += 1;
            if reading.engagement.phase(self.day) == Phase::Ended {
                continue;
            }
            self.reading(reading);
        }
        for identity in said.identities.iter().filter(|identity| !identity.registered) {
            *self.found.records.entry(identity.id.source.clone()).or_default() += 1;
            self.identity(identity);
        }
        for finding in findings {
            if let Subject::Record { source, record } = &finding.subject {
                let id = EngagementId { source: source.clone(), record: record.clone() };
                self.tell(&id, Kind::Wrong, finding.message.clone());
            }
        }
    }

    fn reading(&mut self, reading: &Reading) {
        let engagement = &reading.engagement;
        let empty = [("unit", engagement.unit.is_empty()), ("first day", engagement.start.is_none())];
        for (what, _) in empty.into_iter().filter(|(_, empty)| *empty) {
            self.tell(&engagement.id, Kind::Missing, format!("there is no {what}"));
        }
        if reading.person.is_none() {
            self.identity(&reading.identity);
        }
        let dead =
            self.said.identities.iter().filter(|identity| identity.registered).find_map(|identity| identity.died);
        if dead.is_some_and(|died| engagement.end.is_none_or(|end| end > died)) {
            self.tell(&engagement.id, Kind::Differs, "the person is dead, by the register".to_owned());
        }
    }

    fn identity(&mut self, identity: &Identity) {
        if !identity.is_named() {
            self.tell(&identity.id, Kind::Missing, "there is no name".to_owned());
        }
        match &identity.number {
            None => self.tell(&identity.id, Kind::Missing, "there is no identity number".to_owned()),
            Some(number) => self.number(identity, number),
        }
        for register in self.said.identities.iter().filter(|identity| identity.registered) {
            self.differs(identity, register);
        }
    }

    fn number(&mut self, identity: &Identity, number: &Number) {
        match number.problem {
            Some(NumberProblem::CheckDigit) => {
                self.tell(&identity.id, Kind::Wrong, "the identity number fails its check digit".to_owned());
            }
            Some(_) => {
                let what = "the identity number has an unknown form or an impossible date";
                self.tell(&identity.id, Kind::Wrong, what.to_owned());
            }
            None if number.kind == NumberKind::Temporary => {
                self.tell(&identity.id, Kind::Doubtful, "the identity number is a temporary one".to_owned());
            }
            None => {}
        }
    }

    fn differs(&mut self, identity: &Identity, register: &Identity) {
        let parts = [
            ("given name", &identity.name.given, &register.name.given),
            ("middle name", &identity.name.middle, &register.name.middle),
            ("surname", &identity.name.surname, &register.name.surname),
        ];
        for (what, own, other) in parts.into_iter().filter(|(_, own, other)| !own.is_empty() && own != other) {
            let what = match self.shows {
                true => format!("the {what} is {own} here, and {other} in {}", register.id.source),
                false => format!("the {what} is another than in {}", register.id.source),
            };
            self.tell(&identity.id, Kind::Differs, what);
        }
        let numbers = identity.number.as_ref().zip(register.number.as_ref());
        if numbers.is_some_and(|(own, other)| own.canonical != other.canonical) {
            let what = format!("the identity number was replaced, by {}", register.id.source);
            self.tell(&identity.id, Kind::Differs, what);
        }
        if (identity.protection, register.protection) == (Some(Protection::None), Some(Protection::Protected)) {
            let what = format!("the person's data is protected, by {}, and is not here", register.id.source);
            self.tell(&identity.id, Kind::Differs, what);
        }
        for (name, values) in &identity.extra {
            let other = register.extra.iter().find(|(known, _)| known == name);
            if let Some((_, others)) = other.filter(|(_, others)| others != values && self.shows) {
                let text =
                    |values: &[Value]| values.iter().map(crate::run::values::text).collect::<Vec<_>>().join(", ");
                let what = format!("{name} is {} here, and {} in {}", text(values), text(others), register.id.source);
                self.tell(&identity.id, Kind::Differs, what);
            }
        }
    }

    fn tell(&mut self, id: &EngagementId, kind: Kind, what: String) {
        self.found.faults.push(Fault { source: id.source.clone(), kind, record: id.record.clone(), what });
    }
}

/// A record that could not be used, or a person in doubt.
fn parked_record(parked: &Parked, faults: &mut Vec<Fault>) {
    let (kind, finding) = match parked.scope.as_str() {
        MATCH => (Kind::Doubtful, serde_json::from_str::<Doubt>(&parked.finding).ok().map(|doubt| doubt.finding)),
        _ => (Kind::Wrong, serde_json::from_str::<Finding>(&parked.finding).ok()),
    };
    let Some(Finding { subject: Subject::Record { source, record }, message: what, .. }) = finding else { return };
    faults.push(Fault { source, kind, record, what });
}
