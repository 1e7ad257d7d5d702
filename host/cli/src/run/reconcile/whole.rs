//! Reading every object of a class, each page while the one before is compared.

use super::compare::{self, Of};
use super::{Looked, PAGE, Sum, patience};
use crate::error::CliError;
use crate::run::ground::Ground;
use crate::systems::beside;
use sluss_engine::fault::Fault;
use sluss_engine::record::{Page, Rest};
use std::sync::Arc;

/// Reads one class and compares it. A fault of the target is returned inside.
pub(super) async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    of: Of<'_>,
    looked: &mut Looked,
) -> Result<Result<Sum, Fault>, CliError> {
    let names = Arc::new(of.attributes.to_vec());
    let (mut sum, mut empty) = (Sum::default(), 0);
    let mut page = match ground.systems.targets[index].connector().await {
        Ok(connector) => connector.read_target(of.class, &names, None, PAGE).await,
        Err(fault) => Err(fault),
    };
    loop {
        let Page { columns, rows, faults, rest } = match page {
            Ok(page) => page,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Err(fault) = patience(&mut empty, rows.is_empty() && faults.is_empty()) {
            return Ok(Err(fault));
        }
        ground.progress.advance(rows.len() as u64);
        sum.add(compare::faults(ground, of, faults, looked)?);
        let next = match rest {
            Rest::More(next) => next,
            Rest::Complete => {
                sum.add(compare::rows(ground, of, &columns, rows, looked)?);
                return Ok(Ok(sum));
            }
            // What a broken read did not show may still be there.
            Rest::Incomplete(fault) => {
                compare::rows(ground, of, &columns, rows, looked)?;
                return Ok(Err(fault));
            }
        };
        // The target gets the next page ready while this one is compared.
        let mut connector = match ground.systems.targets[index].take().await {
            Ok(connector) => connector,
            Err(fault) => return Ok(Err(fault)),
        };
        let (class, names) = (of.class.to_owned(), Arc::clone(&names));
        let call = async move {
            let page = connector.read_target(&class, &names, Some(next), PAGE).await;
            (connector, page)
        };
        let ((connector, ahead), compared) = beside(call, || compare::rows(ground, of, &columns, rows, looked)).await;
        ground.systems.targets[index].give_back(connector);
        sum.add(compared?);
        page = ahead;
    }
}
