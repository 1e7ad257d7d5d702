//! Asking a target for what changed in a class since it was looked at the last time.

use super::compare::{self, Of};
use super::{Flaw, Looked, PAGE, Sum, patience};
use crate::error::CliError;
use crate::run::ground::Ground;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::record::{Page, Rest};
use sluss_plugin::Batch;
use sluss_store::Look;
use std::collections::BTreeSet;

/// After so many days a class is read as a whole all the same. Not every target tells all that changes: what left the part
/// of a directory that is looked at is not heard of, nor is what a restored backup took back.
const WHOLE_EVERY: i32 = 7;

/// The last whole look at a class, if it is not too long ago to ask only for what changed since.
pub(super) fn last(ground: &Ground<'_>, of: Of<'_>, reader: &str) -> Result<Option<Look>, CliError> {
    let last = ground.store.look(of.target, of.class, reader)?;
    let today = ground.today();
    Ok(last.filter(|last| (0..WHOLE_EVERY).contains(&today.saturating_sub(last.day))))
}

/// Whether a fault says that a target cannot tell what changed, and not that it cannot be reached. That is told.
pub(super) fn cannot(ground: &mut Ground<'_>, of: Of<'_>, fault: &Fault) -> bool {
    let cannot =
        !matches!(fault.kind, FaultKind::Auth | FaultKind::Config | FaultKind::Throttled | FaultKind::Unavailable);
    if cannot {
        let message = format!("it cannot tell what changed about its {}s: {}", of.class, fault.message);
        ground.findings.push(
            Finding::note(Subject::System(of.target.to_owned()), message).advise("all of them are read each time"),
        );
    }
    cannot
}

/// The attributes of a class that can be read.
async fn readable(ground: &mut Ground<'_>, index: usize, of: Of<'_>) -> Result<Vec<String>, Fault> {
    let class = ground.systems.targets[index].described().await?.class(of.class);
    let is_written_only =
        |name: &str| class.and_then(|class| class.attribute(name)).is_some_and(|own| own.traits.write_only);
    Ok(of.attributes.iter().filter(|name| !is_written_only(name)).cloned().collect())
}

/// Compares what changed. False if the target cannot tell that, or not of every attribute that somebody speaks of; a fault
/// of the target is returned inside.
pub(super) async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    of: Of<'_>,
    reader: &str,
    last: Look,
    looked: &mut Looked,
) -> Result<Result<bool, Fault>, CliError> {
    let Look { day, token: mut since } = last;
    let (mut empty, mut all_gone) = (0, BTreeSet::new());
    let mut sum = Sum::default();
    let wanted = match readable(ground, index, of).await {
        Ok(wanted) => wanted,
        Err(fault) => return Ok(Err(fault)),
    };
    let next = loop {
        let batch = match ground.systems.targets[index].connector().await {
            Ok(connector) => connector.changes(of.class, since, PAGE).await,
            Err(fault) => Err(fault),
        };
        let batch = match batch {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(Ok(false)),
            Err(fault) if cannot(ground, of, &fault) => return Ok(Ok(false)),
            Err(fault) => return Ok(Err(fault)),
        };
        // Its columns are the attributes whose changes it tells.
        if !wanted.iter().all(|name| batch.page.columns.contains(name)) {
            return Ok(Ok(false));
        }
        let Batch { page: Page { rows, faults, .. }, gone, .. } = &batch;
        if let Err(fault) = patience(&mut empty, rows.is_empty() && faults.is_empty() && gone.is_empty()) {
            return Ok(Err(fault));
        }
        // A later page has the later word; what is given and gone in one page is there.
        all_gone.extend(batch.gone);
        batch.page.rows.iter().for_each(|row| _ = all_gone.remove(&row.id));
        ground.progress.advance(batch.page.rows.len() as u64);
        sum.add(compare::faults(ground, of, batch.page.faults, looked)?);
        for row in &batch.page.rows {
            ground.store.unmeet(of.target, of.class, &row.id)?;
        }
        sum.add(compare::rows(ground, of, &batch.page.columns, batch.page.rows, looked)?);
        match batch.page.rest {
            Rest::More(more) => since = more,
            Rest::Complete => break batch.next,
            Rest::Incomplete(fault) => return Ok(Err(fault)),
        }
    };
    for id in all_gone {
        ground.store.unmeet(of.target, of.class, &id)?;
        if let Some(known) = ground.store.object_at(of.target, &id)?.filter(|known| known.class == of.class) {
            looked.said.entry(known.class).or_default().push(known.id);
        }
    }
    // What could not be given, or was not put right yet, is asked for once more.
    if sum.flaw == Flaw::None && !sum.again {
        ground.store.looked(of.target, of.class, reader, &Look { day, token: next })?;
    }
    Ok(Ok(true))
}
