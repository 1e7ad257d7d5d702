//! A policy that matches records by other keys than the last one did: what is known is known by the new keys as well.

use crate::error::CliError;
use crate::run::ground::Ground;
use crate::run::values::date;
use sluss_engine::assemble::Stored;
use sluss_engine::finding::{Finding, Subject};
use sluss_store::Record;

/// The name of the store's setting that holds the keys that records are matched by.
const MATCHING: &str = "matching";
/// How keys are made. Where that is not as it was, everybody is known by the old ones only.
const MADE: u8 = 2;
/// Records at a time.
const CHUNK: u32 = 1000;

/// Learns the new keys of every record, and has every source read whole: what could not be used may be usable now.
pub(super) fn everything(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let words = ground.policy.matching.certain.iter().map(|key| key.word()).collect::<Vec<_>>().join(" ");
    let now = format!("{MADE}: {words}");
    if ground.store.setting(MATCHING)?.as_ref() == Some(&now) {
        return Ok(());
    }
    ground.store.set(MATCHING, &now)?;
    let shapes = ground.store.shapes()?;
    // Whoever is there has a key sooner than whoever had it once.
    for gone in [false, true] {
        let mut after = 0;
        loop {
            let records = ground.store.records_after(after, CHUNK, gone)?;
            let Some(last) = records.last() else { break };
            after = last.row;
            for record in &records {
                let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
                learn(ground, record, columns)?;
            }
        }
    }
    ground.store.reread_all()?;
    Ok(())
}

/// Learns the keys of a record that nobody is known by.
fn learn(ground: &mut Ground<'_>, record: &Record, columns: &[String]) -> Result<(), CliError> {
    let Some(person) = record.person else { return Ok(()) };
    let gone = record.gone.and_then(date);
    let (source, id) = (&record.source, &record.record);
    let stored = Stored { source, record: id, columns, cells: &record.cells, gone };
    for key in stored.keys(&ground.policy.matching.certain, ground.day) {
        match ground.store.person_by(&key)? {
            None => {
                ground.store.rekey(person, &key)?;
                // Registers may know the number.
                ground.store.wake(person)?;
            }
            Some(owner) if owner == person || gone.is_some() => {}
            Some(_) => {
                let subject = Subject::Record { source: source.clone(), record: id.clone() };
                ground.findings.push(
                    Finding::warning(subject, "one of its keys is that of somebody else")
                        .advise("it stays with its person; see in the source which key is wrong"),
                );
            }
        }
    }
    Ok(())
}
