//! What is said of a person: by every record about them, and by every register that answered.

use super::values::date;
use jiff::civil::Date;
use sluss_engine::assemble::{self, Identity, Said, Stored};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::key::Key;
use sluss_engine::person::{PersonId, Protection};
use sluss_engine::policy::Policy;
use sluss_engine::value::{Attributes, Cell};
use sluss_store::{Answer, Record, Store, StoreError};
use std::collections::HashMap;

/// What is said of a person, their managers found; what is wrong with that; and the keys of managers whom nobody knows.
#[derive(Default)]
pub struct Told {
    /// What is said.
    pub said: Said,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Keys of managers whom nobody knows.
    pub missed: Vec<Key>,
}

/// Gathers what is said of a person.
pub fn said(
    store: &Store,
    shapes: &HashMap<i64, Vec<String>>,
    policy: &Policy,
    id: PersonId,
    day: Date,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    for record in store.records_of(id)? {
        let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
        let gone = record.gone.and_then(date);
        let stored = Stored { source: &record.source, record: &record.record, columns, cells: &record.cells, gone };
        match record.class.as_str() {
            // Whoever is gone from a source is nobody there any more; what is left of their engagements says who it was.
            "person" => told.said.identities.push(assemble::identity(&stored, day)),
            "engagement" => engaged(store, policy, id, day, &record, &stored, &mut told)?,
            _ => {}
        }
    }
    told.said.identities.extend(registered(store.answers_of(id)?, day));
    Ok(told)
}

/// What registers say. Of several answers of one register, those about numbers that were replaced say nothing more.
fn registered(answers: Vec<Answer>, day: Date) -> Vec<Identity> {
    let known = answers.into_iter().filter_map(|answer| Some((answer.register, answer.attributes?)));
    let refers = |attributes: &Attributes| attributes.iter().any(|(name, _)| name == "refers-to");
    let (old, mut answers): (Vec<_>, Vec<_>) = known.partition(|(_, attributes)| refers(attributes));
    for (register, attributes) in old {
        if answers.iter().all(|(other, _)| *other != register) {
            answers.push((register, attributes));
        }
    }
    let identity = |(register, attributes): (String, Attributes)| {
        let (columns, cells): (Vec<String>, Vec<Cell>) =
            attributes.into_iter().map(|(name, values)| (name, Cell::Many(values))).unzip();
        let stored = Stored { source: &register, record: "", columns: &columns, cells: &cells, gone: None };
        let identity = assemble::identity(&stored, day);
        // A register that says nothing of protection does not say that there is none.
        let protection = identity.protection.or(Some(Protection::Protected));
        Identity { registered: true, protection, ..identity }
    };
    answers.into_iter().map(identity).collect()
}

fn engaged(
    store: &Store,
    policy: &Policy,
    id: PersonId,
    day: Date,
    record: &Record,
    stored: &Stored<'_>,
    told: &mut Told,
) -> Result<(), StoreError> {
    // What is wrong with the record itself was told when it was read.
    let Some(mut reading) = assemble::engagement(stored, &policy.matching.certain, day, &mut Vec::new()) else {
        return Ok(());
    };
    let subject = || Subject::Record { source: record.source.clone(), record: record.record.clone() };
    let mut manager = None;
    for key in &reading.manager {
        manager = store.person_by(key)?;
        if manager.is_some() {
            break;
        }
    }
    match manager {
        None if reading.manager.is_empty() => {}
        None => {
            told.missed.append(&mut reading.manager);
            told.findings.push(
                Finding::warning(subject(), "the manager that the record names is not known")
                    .advise("correct the manager in the source; the account has none until then"),
            );
        }
        Some(manager) if manager == id => told.findings.push(
            Finding::warning(subject(), "the record names the person as their own manager")
                .advise("correct the manager in the source; the account has none until then"),
        ),
        Some(manager) => reading.engagement.manager = Some(manager),
    }
    told.said.readings.push(reading);
    Ok(())
}
