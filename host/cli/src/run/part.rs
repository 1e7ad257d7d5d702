//! Two persons who were taken for one are two again: records that came in between go to whom they name.

use super::values::date;
use jiff::civil::Date;
use sluss_engine::assemble::Stored;
use sluss_engine::key::Key;
use sluss_engine::person::PersonId;
use sluss_engine::policy::MatchKey;
use sluss_store::{Record, Store, StoreError};
use std::collections::HashSet;

/// Gives records of `kept` to `back` that name that one: by an identity number, or else by the first key that anybody is
/// known by. Keys that only such records brought go along, and so do engagements that name a person's record of `back`.
pub fn latecomers(
    store: &mut Store,
    certain: &[MatchKey],
    day: Date,
    back: PersonId,
    kept: PersonId,
) -> Result<(), StoreError> {
    let shapes = store.shapes()?;
    let read = |record: &Record| {
        let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
        let gone = record.gone.and_then(date);
        let stored = Stored { source: &record.source, record: &record.record, columns, cells: &record.cells, gone };
        (stored.keys(certain, day), stored.linked())
    };
    let records = store.records_of(kept)?;
    // First those whose number says whose they are, then those that have nothing but keys of an organisation's own.
    for numbered in [true, false] {
        let (mut brought, mut staying) = (Vec::new(), HashSet::new());
        for record in &records {
            let (keys, _) = read(record);
            let (numbers, own): (Vec<Key>, Vec<Key>) =
                keys.into_iter().partition(|key| key.kind == MatchKey::IdentityNumber);
            let by_number = first_known(store, &numbers)?;
            let whose = if numbered { by_number } else { by_number.or(first_known(store, &own)?) };
            match whose {
                Some(whose) if whose == back => {
                    store.assign(record.row, back)?;
                    brought.extend(numbers.into_iter().chain(own));
                }
                Some(_) => staying.extend(numbers.into_iter().chain(own)),
                None => {}
            }
        }
        for key in brought.iter().filter(|key| !staying.contains(*key)) {
            if store.person_by(key)? == Some(kept) {
                store.give_key(key, back)?;
            }
        }
    }
    let named: HashSet<(String, String)> = store
        .records_of(back)?
        .into_iter()
        .filter(|record| record.class == "person")
        .map(|record| (record.source, record.record))
        .collect();
    for record in records.iter().filter(|record| record.class == "engagement") {
        let (keys, link) = read(record);
        if keys.is_empty() && link.is_some_and(|person| named.contains(&(record.source.clone(), person))) {
            store.assign(record.row, back)?;
        }
    }
    Ok(())
}

/// Whoever is known by the first of these keys that anybody is known by.
fn first_known(store: &Store, keys: &[Key]) -> Result<Option<PersonId>, StoreError> {
    for key in keys {
        if let Some(person) = store.person_by(key)? {
            return Ok(Some(person));
        }
    }
    Ok(None)
}
