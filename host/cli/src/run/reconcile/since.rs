//! Asking a target for what changed in a class since it was looked at the last time.

use super::compare::{self, Of};
use super::{Flaw, Looked, PAGE, Sum};
use crate::error::CliError;
use crate::run::ground::Ground;
use sluss_engine::fault::Fault;
use sluss_engine::record::Rest;
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

/// Compares what changed. False if the target can no longer tell that; a fault of the target is returned inside.
pub(super) async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    of: Of<'_>,
    reader: &str,
    last: Look,
    looked: &mut Looked,
) -> Result<Result<bool, Fault>, CliError> {
    let Look { day, token: mut since } = last;
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut sum = Sum::default();
    let next = loop {
        let batch = match ground.systems.targets[index].connector().await {
            Ok(connector) => connector.changes(of.class, since, PAGE).await,
            Err(fault) => Err(fault),
        };
        let batch = match batch {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(Ok(false)),
            Err(fault) => return Ok(Err(fault)),
        };
        // A later page has the later word; what is given and gone in one page is there.
        gone.extend(batch.gone);
        batch.page.rows.iter().for_each(|row| _ = gone.remove(&row.id));
        ground.progress.advance(batch.page.rows.len() as u64);
        sum.add(compare::faults(ground, of, batch.page.faults, looked)?);
        for row in &batch.page.rows {
            ground.store.unmeet(of.target, of.class, &row.id)?;
        }
        compare::rows(ground, of, &batch.page.columns, batch.page.rows, looked)?;
        match batch.page.rest {
            Rest::More(more) => since = more,
            Rest::Complete => break batch.next,
            Rest::Incomplete(fault) => return Ok(Err(fault)),
        }
    };
    for id in gone {
        ground.store.unmeet(of.target, of.class, &id)?;
        if let Some(known) = ground.store.object_at(of.target, &id)?.filter(|known| known.class == of.class) {
            looked.said.entry(known.class.clone()).or_default().push(known);
        }
    }
    // What could not be given is asked for once more.
    if sum.flaw == Flaw::None {
        ground.store.looked(of.target, of.class, reader, &Look { day, token: next })?;
    }
    Ok(Ok(true))
}
