//! A policy that matches records by other keys than the last one did: what is known is known by the new keys as well.

use crate::error::CliError;
use crate::run::ground::Ground;
use crate::run::values::date;
use sluss_engine::assemble::Stored;
use sluss_engine::finding::{Finding, Subject};

/// The name of the store's setting that holds the keys that records are matched by.
const MATCHING: &str = "matching";
/// Records at a time.
const CHUNK: u32 = 1000;

/// Learns the new keys of every record, and has every source read whole: what could not be used may be usable now.
pub(super) fn everything(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let certain = &ground.policy.matching.certain;
    let words = certain.iter().map(|key| key.word()).collect::<Vec<_>>().join(" ");
    let before = ground.store.setting(MATCHING)?;
    if before.as_ref() == Some(&words) {
        return Ok(());
    }
    ground.store.set(MATCHING, &words)?;
    if before.is_none() {
        return Ok(());
    }
    let shapes = ground.store.shapes()?;
    let mut after = 0;
    loop {
        let records = ground.store.records_after(after, CHUNK)?;
        let Some(last) = records.last() else { break };
        after = last.row;
        for record in &records {
            let Some(person) = record.person else { continue };
            let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
            let gone = record.gone.and_then(date);
            let (source, id) = (&record.source, &record.record);
            let stored = Stored { source, record: id, columns, cells: &record.cells, gone };
            for key in stored.keys(certain, ground.day) {
                match ground.store.person_by(&key)? {
                    None => ground.store.rekey(person, &key)?,
                    Some(owner) if owner == person => {}
                    Some(_) => {
                        let subject = Subject::Record { source: source.clone(), record: id.clone() };
                        ground.findings.push(
                            Finding::warning(subject, "by the new keys it would be about somebody else")
                                .advise("it stays with its person; see in the source which key is wrong"),
                        );
                    }
                }
            }
        }
    }
    ground.store.reread_all()?;
    Ok(())
}
