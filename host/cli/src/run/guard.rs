//! Guards: on what a source lost, and on the whole plan, before the first write.

use super::ground::Ground;
use super::show::Planned;
use crate::error::CliError;
use crate::report::{Reading, Tripped};
use sluss_engine::guard::over;
use sluss_engine::policy::Limit;
use sluss_store::Body;
use std::collections::BTreeMap;

/// What a source lost since its last whole read. A source that suddenly has nothing at all is over every limit.
pub fn sources(ground: &Ground<'_>, readings: &[Reading]) -> Vec<Tripped> {
    let mut tripped = Vec::new();
    for reading in readings.iter().filter(|reading| reading.previous > 0) {
        let nothing = reading.empty || reading.records == 0;
        let lost = if nothing { reading.previous } else { reading.gone };
        let limit = if nothing {
            Some("not everything".to_owned())
        } else {
            over(&ground.policy.guards.lost, lost, reading.previous)
        };
        tripped.extend(limit.map(|limit| Tripped {
            guard: match reading.class.as_str() {
                "engagement" => "guards.source.lost".to_owned(),
                class => format!("guards.source.lost ({class}s)"),
            },
            system: reading.source.clone(),
            count: lost,
            of: reading.previous,
            limit,
        }));
    }
    tripped
}

/// Counts what the plan would do to each target.
pub fn tally(ground: &Ground<'_>) -> Result<BTreeMap<String, Planned>, CliError> {
    let mut tally: BTreeMap<String, Planned> = BTreeMap::new();
    for (target, creates) in ground.store.planned_creates()? {
        tally.entry(target).or_default().create(creates);
    }
    ground.store.each_planned_of_present(|entry| {
        let label = match (&entry.body, entry.person) {
            (Body::Update { .. }, Some(_)) => ground.store.remote(entry.object)?.map(|(_, label)| label),
            _ => None,
        };
        tally.entry(entry.target.clone()).or_default().count(&entry, label.as_deref().unwrap_or_default());
        Ok(())
    })?;
    Ok(tally)
}

/// What of the plan is over a limit.
pub fn plan(ground: &Ground<'_>, tally: &BTreeMap<String, Planned>) -> Result<Vec<Tripped>, CliError> {
    let guards = &ground.policy.guards;
    let mut tripped = Vec::new();
    for (target, planned) in tally {
        let [accounts, groups] = ground.store.population(target)?;
        // Counting them takes a while, and most plans take nobody out of a group.
        let memberships = if planned.member_removals > 0 { ground.store.memberships(target)? } else { 0 };
        let licences = if planned.licence_removals > 0 { ground.store.licences(target)? } else { 0 };
        let rows: [(&str, &Limit, u64, u64); 6] = [
            ("creates", &guards.creates, planned.creates, accounts + groups),
            ("disables", &guards.disables, planned.disables, accounts),
            ("removals", &guards.removals, planned.removals, accounts + groups),
            ("member-removals", &guards.member_removals, planned.member_removals, memberships),
            ("licence-removals", &guards.licence_removals, planned.licence_removals, licences),
            ("moves", &guards.moves, planned.moves, accounts),
        ];
        for (guard, limit, count, of) in rows {
            tripped.extend(over(limit, count, of).map(|limit| Tripped {
                guard: format!("guards.{guard}"),
                system: target.clone(),
                count,
                of,
                limit,
            }));
        }
    }
    Ok(tripped)
}
