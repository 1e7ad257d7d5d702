//! The plan as people and programs read it, its hash, and its counts.

use super::ground::Ground;
use super::values::text;
use crate::error::CliError;
use crate::report::{Tally, Tripped};
use sluss_engine::account::refers_to;
use sluss_engine::change::Edit;
use sluss_engine::plan::{Action, AttributeLine, PlanLine};
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Body, Entry, Store, StoreError};
use std::collections::BTreeMap;

/// What stands for values of somebody whose data is protected.
pub const VEIL: &str = "***";

/// What a plan does to one target.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// Changes by what they are called.
    pub actions: BTreeMap<Action, u64>,
    /// Objects made.
    pub creates: u64,
    /// Accounts closed.
    pub disables: u64,
    /// Objects removed.
    pub removals: u64,
    /// Members taken out.
    pub member_removals: u64,
    /// Licences taken away.
    pub licence_removals: u64,
    /// Accounts that get another name or place.
    pub moves: u64,
}

impl Planned {
    /// Counts objects that are made.
    pub fn create(&mut self, count: u64) {
        *self.actions.entry(Action::Create).or_default() += count;
        self.creates += count;
    }

    /// Counts one change of what is there; `label` is what people call its object now.
    pub fn count(&mut self, entry: &Entry, label: &str) {
        *self.actions.entry(entry.action).or_default() += 1;
        match entry.action {
            Action::Disable => self.disables += 1,
            Action::Remove => self.removals += 1,
            Action::Create | Action::Update | Action::Enable | Action::Members | Action::Licences => {}
        }
        match &entry.body {
            Body::Members { remove, .. } => self.member_removals += remove.len() as u64,
            Body::Licences { remove, .. } => self.licence_removals += remove.len() as u64,
            Body::Update { edits, label: then, .. } if entry.person.is_some() => {
                self.moves += u64::from(then != label || edits.iter().any(|(name, _)| name == "container"));
            }
            _ => {}
        }
    }
}

/// Adds a round's counts to the report's.
pub fn merge(tally: &mut Tally, planned: BTreeMap<String, Planned>) {
    for (target, planned) in planned {
        let actions = tally.entry(target).or_default();
        for (action, count) in planned.actions {
            *actions.entry(action).or_default() += count;
        }
    }
}

/// The plan's hash and its changes, in the order in which they would be carried out. A held plan has a hash also when it
/// changes nothing: it is approved by it.
pub fn plan(ground: &Ground<'_>, tripped: &[Tripped]) -> Result<(String, Vec<PlanLine>), CliError> {
    let mut lines = Vec::new();
    let mut hasher = blake3::Hasher::new();
    let store = &ground.store;
    store.each_planned(|entry| {
        let mut line = line(store, &entry)?;
        // What people read is what is approved; the reasons may be told differently for the same change.
        let approved = serde_json::json!([
            line.target,
            line.class,
            line.action,
            line.object,
            line.attributes,
            line.added,
            line.removed
        ]);
        hasher.update(approved.to_string().as_bytes());
        if let Some(person) = entry.person
            && store.is_protected(person)?
        {
            veil(&mut line);
        }
        lines.push(line);
        Ok(())
    })?;
    // A source that is gone may leave nothing to change; whoever approves that approves the loss.
    for Tripped { guard, system, count, .. } in tripped {
        hasher.update(serde_json::json!([guard, system, count]).to_string().as_bytes());
    }
    let is_nothing = lines.is_empty() && tripped.is_empty();
    let hash = if is_nothing { String::new() } else { hasher.finalize().to_hex()[..16].to_owned() };
    Ok((hash, lines))
}

/// Takes out what nobody shall read: which attributes change is told, what they hold is not.
fn veil(line: &mut PlanLine) {
    for values in line.attributes.iter_mut().flat_map(|attribute| [&mut attribute.before, &mut attribute.after]) {
        values.iter_mut().for_each(|value| VEIL.clone_into(value));
    }
}

fn line(store: &Store, entry: &Entry) -> Result<PlanLine, StoreError> {
    let known = store.object(entry.object)?;
    let class = known.as_ref().map_or_else(String::new, |known| known.class.clone());
    let label = store.called(entry.object)?;
    let mut line = PlanLine {
        target: entry.target.clone(),
        class,
        action: entry.action,
        object: label,
        attributes: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        reasons: Vec::new(),
    };
    let rule = known.as_ref().map_or("", |known| &known.rule);
    match &entry.body {
        Body::Create { attributes, members, reasons } => {
            for (name, values) in attributes {
                let after = shown(store, rule, values)?;
                line.attributes.push(AttributeLine { name: name.clone(), before: Vec::new(), after });
            }
            if let Some((_, members)) = members {
                line.added = labels(store, members)?;
            }
            line.reasons.clone_from(reasons);
        }
        Body::Update { edits, reasons, .. } => {
            let nothing = Attributes::new();
            let now = known.as_ref().map_or(&nothing, |known| &known.attributes);
            let mut then = now.clone();
            sluss_engine::plan::edit(&mut then, edits);
            for (name, edit) in edits {
                line.attributes.push(match edit {
                    Edit::Replace(_) => AttributeLine {
                        name: name.clone(),
                        before: shown(store, rule, values(now, name))?,
                        after: shown(store, rule, values(&then, name))?,
                    },
                    Edit::Add(more) => AttributeLine {
                        name: name.clone(),
                        before: Vec::new(),
                        after: shown(store, &entry.target, more)?,
                    },
                    Edit::Remove(gone) => AttributeLine {
                        name: name.clone(),
                        before: shown(store, &entry.target, gone)?,
                        after: Vec::new(),
                    },
                });
            }
            line.reasons.clone_from(reasons);
        }
        Body::Remove { reasons } => line.reasons.clone_from(reasons),
        Body::Members { add, remove, reasons, .. } => {
            line.added = labels(store, add)?;
            line.removed = labels(store, remove)?;
            line.reasons.clone_from(reasons);
        }
        Body::Licences { attribute, add, remove, reasons } => {
            let held = store.licences_of(entry.object)?.into_iter().filter(|(name, _)| name == attribute);
            let before: Vec<String> = held.map(|(_, sku)| sku).collect();
            let stays = before.iter().filter(|sku| !remove.contains(sku) && !add.contains(sku));
            let after = stays.chain(add).cloned().collect();
            line.attributes.push(AttributeLine { name: attribute.clone(), before, after });
            line.reasons.clone_from(reasons);
        }
    }
    Ok(line)
}

fn values<'a>(attributes: &'a Attributes, name: &str) -> &'a [Value] {
    attributes.iter().find(|(known, _)| known == name).map_or(&[], |(_, values)| values)
}

fn labels(store: &Store, objects: &[u64]) -> Result<Vec<String>, StoreError> {
    objects.iter().map(|object| store.called(*object)).collect()
}

/// Values of a rule's object as people read them; a reference is the label of what it refers to.
fn shown(store: &Store, rule: &str, values: &[Value]) -> Result<Vec<String>, StoreError> {
    values
        .iter()
        .map(|value| {
            if let Some(account) = refers_to(value)
                && let Some((account, _)) = store.account_at(account.person, account.rule_from(rule))?
            {
                return store.called(account);
            }
            Ok(text(value))
        })
        .collect()
}
