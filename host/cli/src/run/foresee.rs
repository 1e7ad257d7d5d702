//! What follows in a later round of the same run: an account whose rule asks another account for something is made or
//! changed once that other one is as it shall be.
//!
//! It is entered like everything else, so that it is counted, guarded and shown with the plan that it follows from; and it
//! is taken out again before the plan is carried out, since what it will say is known only then.

use super::ground::Ground;
use crate::error::CliError;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::PersonId;
use sluss_store::Body;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What follows from the changes of a round.
#[derive(Debug, Default)]
pub struct Foreseen {
    /// Accounts that a later round makes, by the store's ids.
    accounts: HashSet<u64>,
    /// Changes that say more than can be carried out in this round, with what can be.
    changes: Vec<(u64, Option<Body>)>,
}

impl Foreseen {
    /// Notes that an account is made by a later round.
    pub fn account(&mut self, object: u64) {
        self.accounts.insert(object);
    }

    /// Notes that this round carries out only `now` of a change.
    pub fn change(&mut self, change: u64, now: Option<Body>) {
        self.changes.push((change, now));
    }

    /// Whether an account is made by a later round.
    pub fn makes(&self, object: u64) -> bool {
        self.accounts.contains(&object)
    }
}

/// Takes everything out that only follows. Whether there was anything.
pub fn withdraw(ground: &mut Ground<'_>) -> Result<bool, CliError> {
    let Foreseen { accounts, changes } = std::mem::take(&mut ground.foreseen);
    let any = !accounts.is_empty() || !changes.is_empty();
    for (change, now) in changes {
        match now {
            Some(body) => ground.store.rewrite(change, &body)?,
            None => ground.store.strike(change)?,
        }
    }
    if accounts.is_empty() {
        return Ok(any);
    }
    let is_there = |account: &u64| !accounts.contains(account);
    let (mut fewer, mut struck, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    let mut peopled = HashSet::new();
    ground.store.each_planned(|entry| {
        let (id, object) = (entry.id, entry.object);
        if !is_there(&object) {
            struck.push(id);
            return Ok(());
        }
        match entry.body {
            Body::Create { attributes, members: Some((attribute, mut members)), reasons } => {
                let before = members.len();
                members.retain(is_there);
                if members.is_empty() {
                    empty.push((id, object));
                } else {
                    peopled.insert(object);
                }
                if members.len() < before {
                    fewer.push((id, Body::Create { attributes, members: Some((attribute, members)), reasons }));
                }
            }
            Body::Members { attribute, mut add, remove, reasons } => {
                let before = add.len();
                add.retain(is_there);
                if !add.is_empty() {
                    peopled.insert(object);
                }
                if add.is_empty() && remove.is_empty() {
                    struck.push(id);
                } else if add.len() < before {
                    fewer.push((id, Body::Members { attribute, add, remove, reasons }));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    for (id, body) in fewer {
        ground.store.rewrite(id, &body)?;
    }
    // A group is made with its first members.
    for (id, object) in empty.into_iter().filter(|(_, object)| !peopled.contains(object)) {
        struck.push(id);
        ground.store.forget(object)?;
    }
    for id in struck {
        ground.store.strike(id)?;
    }
    for account in accounts {
        ground.store.forget(account)?;
    }
    Ok(any)
}

/// Persons whose accounts wait for others of theirs, and nothing in sight makes those.
#[derive(Debug, Default)]
pub struct Waiting(BTreeMap<(usize, usize, bool), BTreeSet<PersonId>>);

impl Waiting {
    /// The person is decided anew.
    pub fn decided(&mut self, person: PersonId) {
        self.0.values_mut().for_each(|persons| _ = persons.remove(&person));
    }

    /// Notes that the account by a rule waits for that by another: to be there, or, where it is there, for what its target
    /// computed.
    pub fn enter(&mut self, person: PersonId, rule: usize, awaited: usize, there: bool) {
        self.0.entry((rule, awaited, there)).or_default().insert(person);
    }
}

/// Tells of accounts that wait.
pub fn tell(ground: &mut Ground<'_>) {
    let Waiting(waiting) = std::mem::take(&mut ground.waiting);
    for ((rule, awaited, there), persons) in waiting.into_iter().filter(|(_, persons)| !persons.is_empty()) {
        let (rule, awaited) = (&ground.policy.accounts[rule], &ground.policy.accounts[awaited]);
        let accounts = match persons.len() {
            1 => "1 account waits".to_owned(),
            several => format!("{several} accounts wait"),
        };
        let (message, advice) = if there {
            (
                format!("{accounts} for what {} computes of accounts by the rule `{}`", awaited.target, awaited.name),
                "a run with --reconcile reads it",
            )
        } else {
            (
                format!("{accounts} for accounts by the rule `{}` that are not there", awaited.name),
                "they are made or changed in the same run as those; `sluss explain` says why somebody has none",
            )
        };
        let subject = Subject::Rule(format!("account.{}", rule.name));
        ground.findings.push(Finding::note(subject, message).advise(advice));
    }
}
