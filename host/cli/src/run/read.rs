//! Reading the sources: what is new, what changed, and, only after a whole read, what is gone.

use super::ground::Ground;
use crate::error::CliError;
use crate::report::Reading;
use crate::systems::{System, beside};
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::record::{Rest, Selection};
use sluss_store::{Fingerprint, Seen};
use std::collections::BTreeSet;

mod departed;
mod pass;
mod rematch;

use pass::Pass;

/// Persons before their engagements, so that whoever an engagement is about is known when it is read.
const CLASSES: [&str; 3] = ["unit", "person", "engagement"];
/// Records a page.
const PAGE: u32 = 1000;
/// Fingerprints a page: they are small.
const FINGERPRINTS: u32 = 8192;

/// Reads every source that is not as it was.
pub async fn sources(ground: &mut Ground<'_>) -> Result<Vec<Reading>, CliError> {
    rematch::everything(ground)?;
    let mut readings = departed::sources(ground)?;
    for index in 0..ground.systems.sources.len() {
        let mut persons = false;
        for class in CLASSES {
            let system = &ground.systems.sources[index];
            let name = system.name.clone();
            if ground.suspended.contains_key(&name) || !system.reads(class) {
                continue;
            }
            let mut reading = Reading::of(&name, class);
            if let Err(fault) = class_of(ground, index, class, &mut reading, persons).await? {
                ground.suspend(&name, fault);
            }
            persons |= class == "person" && reading.changed > 0;
            readings.push(reading);
        }
        // Whatever it remembers of a large file, nobody asks for it any more.
        ground.systems.sources[index].close();
        silent(ground, index)?;
    }
    Ok(readings)
}

/// A source that gives nothing new for days may not be delivered any more: who left since then still has every right.
fn silent(ground: &mut Ground<'_>, index: usize) -> Result<(), CliError> {
    let name = ground.systems.sources[index].name.clone();
    let (Some(limit), Some(last)) = (ground.policy.guards.silent, ground.store.last_news(&name)?) else {
        return Ok(());
    };
    let days = ground.today().saturating_sub(last);
    if days >= limit {
        ground.findings.push(
            Finding::warning(Subject::System(name), format!("it has given nothing new for {days} days"))
                .advise("see whether it is still delivered; `silent` in [guards.source] says how long is too long"),
        );
    }
    Ok(())
}

/// Reads one class. A fault of the source is returned inside; what was read before it stands, and nothing is gone. Where
/// other `persons` are known now, records that were parked may be usable, though the source has not changed them.
async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    class: &str,
    reading: &mut Reading,
    persons: bool,
) -> Result<Result<(), Fault>, CliError> {
    let system = &mut ground.systems.sources[index];
    let reader = system.reader.clone();
    let version = match version(system, class).await {
        Ok(version) => version,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Some((last, last_reader)) = ground.store.scanned(&reading.source, class)?
        && version.is_some()
        && last == version
        && last_reader == reader
        && !(persons && pass::is_parked(ground, &reading.source, class))
    {
        reading.unchanged = true;
        reading.complete = true;
        return Ok(Ok(()));
    }
    ground.progress.stage(&format!("reading {} {class}s", reading.source), None);
    if let Some(token) = ground.store.token(&reading.source, class, &reader)?
        && !(persons && pass::is_parked(ground, &reading.source, class))
    {
        let mut pass = Pass::new(ground, &reading.source, class, &reader)?;
        match by_changes(&mut pass, index, class, token, reading).await? {
            Ok(Since::Expired) => {
                // What was taken in until then is found again by the full read.
                pass.whole = false;
                pass.close(reading, None, &reader, None)?;
                (reading.changed, reading.gone) = (0, 0);
            }
            Ok(Since::Answered(token)) => return Ok(Ok(pass.close(reading, version.as_deref(), &reader, token)?)),
            Err(fault) => {
                pass.whole = false;
                pass.close(reading, version.as_deref(), &reader, None)?;
                return Ok(Err(fault));
            }
        }
    }
    let mut pass = Pass::new(ground, &reading.source, class, &reader)?;
    let mut token = None;
    let ended = match pass.ground.systems.sources[index].connector().await {
        Ok(connector) if connector.tells_fingerprints() => by_fingerprints(&mut pass, index, class, reading).await?,
        Ok(connector) if connector.tells_changes() => match connector.latest(class).await {
            Ok(latest) => {
                token = Some(latest);
                by_page(&mut pass, index, class, reading).await?
            }
            Err(fault) => Err(fault),
        },
        Ok(_) => by_page(&mut pass, index, class, reading).await?,
        Err(fault) => Err(fault),
    };
    pass.whole &= ended.is_ok();
    pass.close(reading, version.as_deref(), &reader, token)?;
    Ok(ended)
}

/// What a source says of a token.
enum Since {
    /// It told what changed; what to ask with next time, if it told all of it.
    Answered(Option<Vec<u8>>),
    /// Only a full read will do.
    Expired,
}

/// Reads what changed since the last whole read. A fault that ends the read is returned inside.
async fn by_changes(
    pass: &mut Pass<'_, '_>,
    index: usize,
    class: &str,
    token: Vec<u8>,
    reading: &mut Reading,
) -> Result<Result<Since, Fault>, CliError> {
    pass.partial = true;
    let mut since = token;
    let mut gone: BTreeSet<String> = BTreeSet::new();
    loop {
        let batch = match pass.ground.systems.sources[index].connector().await {
            Ok(connector) => connector.changes(class, since, PAGE).await,
            Err(fault) => Err(fault),
        };
        let mut batch = match batch {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(Ok(Since::Expired)),
            Err(fault) => return Ok(Err(fault)),
        };
        // A later page has the later word; what is given and gone in one page is there.
        let before = gone.len();
        gone.extend(std::mem::take(&mut batch.gone));
        pass.hear(gone.len() - before);
        batch.page.rows.iter().for_each(|row| _ = gone.remove(&row.id));
        let given = batch.page.rows.len();
        pass.ground.progress.advance(given as u64);
        let rest = pass.page(batch.page, reading)?;
        match pass.rest(rest, given, reading) {
            _ if pass.unclear => return Ok(Ok(Since::Expired)),
            Some(next) => since = next,
            None => {
                if pass.whole {
                    for id in &gone {
                        if !pass.leave(id, reading)? {
                            return Ok(Ok(Since::Expired));
                        }
                    }
                }
                return Ok(Ok(Since::Answered(pass.whole.then_some(batch.next))));
            }
        }
    }
}

/// Reads every record, each page while the one before is compared. A fault that ends the read is returned inside.
async fn by_page(
    pass: &mut Pass<'_, '_>,
    index: usize,
    class: &str,
    reading: &mut Reading,
) -> Result<Result<(), Fault>, CliError> {
    let mut page = match pass.ground.systems.sources[index].connector().await {
        Ok(connector) => connector.read(class, None, PAGE).await,
        Err(fault) => Err(fault),
    };
    loop {
        let this = match page {
            Ok(page) => page,
            Err(fault) => return Ok(Err(fault)),
        };
        let given = this.rows.len();
        pass.ground.progress.advance(given as u64);
        let Rest::More(next) = &this.rest else {
            let rest = pass.page(this, reading)?;
            pass.rest(rest, given, reading);
            return Ok(Ok(()));
        };
        let mut connector = match pass.ground.systems.sources[index].take().await {
            Ok(connector) => connector,
            Err(fault) => return Ok(Err(fault)),
        };
        let (of, from) = (class.to_owned(), next.clone());
        let call = async move {
            let page = connector.read(&of, Some(from), PAGE).await;
            (connector, page)
        };
        let ((connector, ahead), compared) = beside(call, || pass.page(this, reading)).await;
        pass.ground.systems.sources[index].give_back(connector);
        if pass.rest(compared?, given, reading).is_none() {
            return Ok(Ok(()));
        }
        page = ahead;
    }
}

/// A place among a page of fingerprints, the fingerprint there, and whether it came up before.
type Wanted = (u32, Fingerprint, bool);

/// Reads the fingerprints of the records, and those records that they do not tell to be as they were.
async fn by_fingerprints(
    pass: &mut Pass<'_, '_>,
    index: usize,
    class: &str,
    reading: &mut Reading,
) -> Result<Result<(), Fault>, CliError> {
    let mut cursor: Option<Vec<u8>> = None;
    loop {
        let marks = match pass.ground.systems.sources[index].connector().await {
            Ok(connector) => connector.fingerprints(class, cursor.clone(), FINGERPRINTS).await,
            Err(fault) => Err(fault),
        };
        let marks = match marks {
            Ok(marks) => marks,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut wanted: Vec<Wanted> = Vec::new();
        for (place, given) in (0..).zip(&marks.fingerprints) {
            let fingerprint = pass.given(*given);
            match pass.known(fingerprint) {
                Seen::Unchanged(_) => {}
                seen => wanted.push((place, fingerprint, seen == Seen::Twice)),
            }
        }
        pass.ground.progress.advance((marks.fingerprints.len() - wanted.len()) as u64);
        if let Err(fault) = picked(pass, index, class, cursor.as_ref(), &wanted, reading).await? {
            return Ok(Err(fault));
        }
        match pass.rest(marks.rest, marks.fingerprints.len(), reading) {
            Some(next) => cursor = Some(next),
            None => return Ok(Ok(())),
        }
    }
}

/// Reads records of the page of fingerprints behind a cursor, some while those before are kept. A fault that ends the
/// read is returned inside.
async fn picked(
    pass: &mut Pass<'_, '_>,
    index: usize,
    class: &str,
    cursor: Option<&Vec<u8>>,
    wanted: &[Wanted],
    reading: &mut Reading,
) -> Result<Result<(), Fault>, CliError> {
    let mut before: Option<(Selection, &[Wanted])> = None;
    for wanted in wanted.chunks(PAGE as usize) {
        let mut connector = match pass.ground.systems.sources[index].take().await {
            Ok(connector) => connector,
            Err(fault) => return Ok(Err(fault)),
        };
        let places: Vec<u32> = wanted.iter().map(|(place, ..)| *place).collect();
        let (of, from) = (class.to_owned(), cursor.cloned());
        let call = async move {
            let selection = connector.pick(&of, from.as_ref(), &places).await;
            (connector, selection)
        };
        let last = before.take();
        let ((connector, selection), kept) = beside(call, || keep(pass, last, reading)).await;
        pass.ground.systems.sources[index].give_back(connector);
        kept?;
        match selection {
            Ok(selection) => before = Some((selection, wanted)),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    keep(pass, before, reading)?;
    Ok(Ok(()))
}

/// Keeps records that were picked.
fn keep(
    pass: &mut Pass<'_, '_>,
    picked: Option<(Selection, &[Wanted])>,
    reading: &mut Reading,
) -> Result<(), CliError> {
    let Some((picked, wanted)) = picked else { return Ok(()) };
    pass.columns(picked.columns)?;
    for (record, (_, fingerprint, twice)) in picked.records.into_iter().zip(wanted) {
        match record {
            Ok(row) if *twice => pass.twice(&row, reading),
            Ok(row) => pass.row(row, *fingerprint, reading)?,
            Err(fault) => pass.fault(&reading.source, fault)?,
        }
    }
    pass.ground.progress.advance(wanted.len() as u64);
    Ok(())
}

async fn version(system: &mut System, class: &str) -> Result<Option<String>, Fault> {
    system.connector().await?.version(class).await
}
