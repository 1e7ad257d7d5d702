//! Two persons who were taken for one are two again: records that came in between go to whom they name.

use super::values::date;
use jiff::civil::Date;
use sluss_engine::assemble::Stored;
use sluss_engine::key::Key;
use sluss_engine::person::PersonId;
use sluss_engine::policy::MatchKey;
use sluss_store::{Record, Store, StoreError};
use std::collections::HashSet;

/// Gives records of `kept` to `back` where their first known key is that one's, with what follows them: keys that nobody
/// else brought, and engagements that name such a record.
pub fn latecomers(
    store: &mut Store,
    certain: &[MatchKey],
    day: Date,
    back: PersonId,
    kept: PersonId,
) -> Result<(), StoreError> {
    let shapes = store.shapes()?;
    let records = store.records_of(kept)?;
    let stored = |record: &Record, read: &mut dyn FnMut(&Stored<'_>)| {
        let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
        let gone = record.gone.and_then(date);
        read(&Stored { source: &record.source, record: &record.record, columns, cells: &record.cells, gone });
    };
    let mut moved: HashSet<(String, String)> = HashSet::new();
    let (mut brought, mut staying) = (Vec::new(), HashSet::new());
    for record in &records {
        let mut keys = Vec::new();
        stored(record, &mut |stored| keys = stored.keys(certain, day));
        if first_known(store, &keys)? == Some(back) {
            store.assign(record.row, back)?;
            brought.append(&mut keys);
            if record.class == "person" {
                moved.insert((record.source.clone(), record.record.clone()));
            }
        } else {
            staying.extend(keys);
        }
    }
    for key in brought.iter().filter(|key| !staying.contains(*key)) {
        if store.person_by(key)? == Some(kept) {
            store.give_key(key, back)?;
        }
    }
    for record in records.iter().filter(|record| record.class == "engagement") {
        let mut link = None;
        stored(record, &mut |stored| link = stored.linked().filter(|_| stored.keys(certain, day).is_empty()));
        if link.is_some_and(|person| moved.contains(&(record.source.clone(), person))) {
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
