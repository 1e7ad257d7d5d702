//! Entries of the journal as changes that a target understands: the store's ids and references become the target's own.

use super::ground::Ground;
use super::settle::{self, Sent};
use super::values::text;
use crate::error::CliError;
use crate::passwords::Passwords;
use crate::systems::System;
use sluss_engine::account::refers_to;
use sluss_engine::change::{Change, Edit, Operation};
use sluss_engine::plan::Action;
use sluss_engine::value::{Attributes, Value};
use sluss_plugin::secret::Secret;
use sluss_store::{Body, Entry, Known, Store, StoreError};
use std::collections::HashSet;

/// The next batch that can be sent; empty if it must wait for what is under way (`beside`). Changes that have lost their object are struck on the way.
pub fn next(ground: &mut Ground<'_>, target: &str, limit: usize, beside: &[Sent]) -> Result<Vec<Sent>, CliError> {
    loop {
        let batch = ground.store.next_batch(target, limit)?;
        if batch.is_empty() || !goes_with(&batch, beside) {
            return Ok(Vec::new());
        }
        let mut ready = Vec::with_capacity(batch.len());
        for entry in batch {
            match prepare(&ground.store, entry)? {
                Prepared::Ready(mut sent, whole) => {
                    sent.password = first_password(ground, target, &sent)?;
                    if !whole {
                        settle::fail(ground, &sent.entry, 0)?;
                    }
                    ready.push(*sent);
                }
                Prepared::Lost(entry) => {
                    ground.store.strike(entry.id)?;
                    settle::fail(ground, &entry, 0)?;
                }
            }
        }
        if !ready.is_empty() {
            return Ok(ready);
        }
    }
}

/// The first password of an account that a change makes, if its target asks for such.
fn first_password(ground: &mut Ground<'_>, target: &str, sent: &Sent) -> Result<Option<Secret>, CliError> {
    if sent.entry.action != Action::Create || sent.known.person.is_none() {
        return Ok(None);
    }
    let system = ground.systems.targets.iter_mut().find(|system| system.name == target);
    if !system.is_some_and(System::sets_passwords) {
        return Ok(None);
    }
    let salt = ground.store.salt(sent.entry.object, &Passwords::salt()?)?;
    ground.passwords.make(&salt).map(Some)
}

/// Whether entries may be looked at while others are under way: they are of the same phase, so nothing in them waits for
/// the others, and speak of other objects.
fn goes_with(batch: &[Entry], beside: &[Sent]) -> bool {
    let (Some(first), Some(other)) = (batch.first(), beside.first()) else { return true };
    let busy: HashSet<u64> = beside.iter().map(|sent| sent.entry.object).collect();
    first.phase == other.entry.phase && batch.iter().all(|entry| !busy.contains(&entry.object))
}

enum Prepared {
    /// The change, and whether nothing had to be left out of it.
    Ready(Box<Sent>, bool),
    /// There is nothing to write to, or nothing left to write.
    Lost(Entry),
}

/// Turns an entry of the journal into a change that a target understands.
fn prepare(store: &Store, mut entry: Entry) -> Result<Prepared, StoreError> {
    let Some(known) = store.object(entry.object)? else { return Ok(Prepared::Lost(entry)) };
    let planned = entry.body.extent();
    let operation = match &mut entry.body {
        Body::Create { attributes, members, .. } => {
            let mut create = resolved(store, &known, attributes)?;
            if let Some((attribute, accounts)) = members {
                let remotes = remotes(store, accounts)?;
                if !remotes.is_empty() {
                    create.push((attribute.clone(), remotes));
                }
            }
            Some(Operation::Create(create))
        }
        Body::Update { edits, .. } => {
            let modifications = resolved_edits(store, &known, edits)?;
            known.remote.clone().zip(modifications).map(|(id, modifications)| Operation::Update {
                id,
                version: known.version.clone(),
                modifications,
            })
        }
        Body::Remove { .. } => known.remote.clone().map(Operation::Remove),
        Body::Licences { attribute, add, remove, .. } => {
            let values = |skus: &[String]| skus.iter().map(|sku| Value::from(sku.as_str())).collect();
            let edits = [
                (!remove.is_empty()).then(|| Edit::Remove(values(remove))),
                (!add.is_empty()).then(|| Edit::Add(values(add))),
            ];
            let modifications = edits.into_iter().flatten().map(|edit| (attribute.clone(), edit)).collect();
            let version = known.version.clone();
            known.remote.clone().map(|id| Operation::Update { id, version, modifications })
        }
        Body::Members { attribute, add, remove, .. } => {
            let mut modifications = Vec::new();
            let (come, go) = (remotes(store, add)?, remotes(store, remove)?);
            if !go.is_empty() {
                modifications.push((attribute.clone(), Edit::Remove(go)));
            }
            if !come.is_empty() {
                modifications.push((attribute.clone(), Edit::Add(come)));
            }
            known.remote.clone().filter(|_| !modifications.is_empty()).map(|id| Operation::Update {
                id,
                version: known.version.clone(),
                modifications,
            })
        }
    };
    Ok(match operation {
        Some(operation) => {
            let change = Change { id: entry.id, class: known.class.clone(), operation };
            let whole = entry.body.extent() == planned;
            Prepared::Ready(Box::new(Sent { entry, known, change, password: None }), whole)
        }
        None => Prepared::Lost(entry),
    })
}

/// The members that are there; those that are not are taken out of the list, so that nobody believes they were sent.
fn remotes(store: &Store, accounts: &mut Vec<u64>) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::with_capacity(accounts.len());
    let mut there = Vec::with_capacity(accounts.len());
    for account in accounts.iter() {
        if let Some((Some(remote), _)) = store.remote(*account)? {
            values.push(Value::Reference(remote));
            there.push(*account);
        }
    }
    *accounts = there;
    Ok(values)
}

/// Attributes with their references as the target's ids. What refers to nothing that is there is taken out of both.
pub fn resolved(store: &Store, known: &Known, attributes: &mut Attributes) -> Result<Attributes, StoreError> {
    let mut out = Attributes::with_capacity(attributes.len());
    let mut kept = Attributes::with_capacity(attributes.len());
    for (name, values) in attributes.drain(..) {
        let remote = references(store, known, &values)?;
        if let Some(remote) = remote {
            out.push((name.clone(), remote));
            kept.push((name, values));
        }
    }
    *attributes = kept;
    Ok(out)
}

fn resolved_edits(
    store: &Store,
    known: &Known,
    edits: &mut Vec<(String, Edit)>,
) -> Result<Option<Vec<(String, Edit)>>, StoreError> {
    let mut out = Vec::with_capacity(edits.len());
    let mut kept = Vec::with_capacity(edits.len());
    for (name, edit) in edits.drain(..) {
        let remote = match &edit {
            Edit::Replace(values) => references(store, known, values)?.map(Edit::Replace),
            Edit::Add(values) => references(store, known, values)?.map(Edit::Add),
            Edit::Remove(values) => references(store, known, values)?.map(Edit::Remove),
        };
        if let Some(remote) = remote {
            out.push((name.clone(), remote));
            kept.push((name, edit));
        }
    }
    *edits = kept;
    Ok((!out.is_empty()).then_some(out))
}

/// Values with references to persons as references to their accounts; none if one of them has no account.
fn references(store: &Store, known: &Known, values: &[Value]) -> Result<Option<Vec<Value>>, StoreError> {
    let mut out = Vec::with_capacity(values.len());
    for value in values {
        out.push(match refers_to(value) {
            None => value.clone(),
            Some(account) => match store.account_remote(account.person, account.rule_from(&known.rule))? {
                Some(remote) => Value::Reference(remote),
                None => return Ok(None),
            },
        });
    }
    Ok(Some(out))
}

/// Whether two lists hold the same values, in whatever order, as texts.
pub fn alike(a: &[Value], b: &[Value]) -> bool {
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(text).collect();
        texts.sort_unstable();
        texts
    };
    a == b || sorted(a) == sorted(b)
}
