//! Carrying changes out: in the tree, then in the journal, and only then told.

use crate::journal::Journal;
use crate::request::speakable;
use crate::tree::{Tree, renamed};
use sluss_sdk::directory::{Class, Dn, Layout, Plan};
use sluss_sdk::ldap;
use sluss_sdk::{Applied, Change, Error, Operation, Outcome, Update};

/// Carries a batch out. An error means that nothing of it was; the tree must then be read anew, as it must where an
/// outcome is unknown.
pub fn apply(tree: &mut Tree, layout: &Layout, changes: &[Change]) -> Result<Vec<Outcome>, Error> {
    tree.journal.mend(&tree.folder)?;
    let mut part = if tree.journal.is_empty() { Journal::head(&tree.file, tree.generation) } else { Vec::new() };
    let head = part.len();
    let mut outcomes = Vec::with_capacity(changes.len());
    for change in changes {
        let done =
            layout.class(&change.class).and_then(|class| carry_out(tree, layout.base(), class, change, &mut part));
        outcomes.push(done.unwrap_or_else(Outcome::Rejected));
    }
    if part.len() == head {
        return Ok(outcomes);
    }
    match tree.journal.append(&tree.folder, &part) {
        Ok(()) => Ok(outcomes),
        Err(error) if !error.sent => Err(error),
        Err(error) => {
            let unknown = |outcome| match outcome {
                Outcome::Applied(_) => Outcome::Unknown(error.clone()),
                other => other,
            };
            Ok(outcomes.into_iter().map(unknown).collect())
        }
    }
}

fn carry_out(tree: &mut Tree, base: &Dn, class: &Class, change: &Change, part: &mut Vec<u8>) -> Result<Outcome, Error> {
    let plan = class.plan(change)?;
    plan.requests.iter().try_for_each(|request| speakable(&request.operation))?;
    match &change.operation {
        Operation::Create(_) => create(tree, base, plan, part),
        Operation::Update(asked) => update(tree, base, class, asked, plan, part),
        Operation::Remove(_) => remove(tree, class, plan, part),
    }
}

fn create(tree: &mut Tree, base: &Dn, plan: Plan, part: &mut Vec<u8>) -> Result<Outcome, Error> {
    let dn = Dn::parse(&plan.id)?;
    inside(&dn, base)?;
    if tree.nodes.contains_key(dn.tree_key().as_str()) {
        return Err(taken(&dn));
    }
    tree.add_containers(&dn, base, part)?;
    let mut version = None;
    for request in plan.requests {
        version = Some(tree.add(request, part)?);
    }
    Ok(Outcome::Applied(Applied { id: plan.id, version, computed: Vec::new() }))
}

fn update(
    tree: &mut Tree,
    base: &Dn,
    class: &Class,
    asked: &Update,
    plan: Plan,
    part: &mut Vec<u8>,
) -> Result<Outcome, Error> {
    let dn = Dn::parse(&asked.id)?;
    let key = dn.tree_key();
    let (mut edits, mut rename) = (Vec::new(), None);
    for request in plan.requests {
        match request.operation {
            ldap::Operation::Modify(more) => edits.extend(more),
            ldap::Operation::Rename(new) => rename = Some(new),
            ldap::Operation::Add(_) | ldap::Operation::Remove => {}
        }
    }
    let mut live = tree.take(&key)?.ok_or_else(|| missing(&dn))?;
    let allowed = if !class.holds(live.entry()) {
        Err(missing(&dn))
    } else if asked.version.as_ref().is_some_and(|version| *version != live.version()) {
        Err(Error::conflict(format!("`{dn}` was changed by somebody else")).object(dn.to_string()))
    } else {
        rename.as_ref().map_or(Ok(()), |rename| make_way(tree, base, &dn, &renamed(&dn, rename)?, part))
    };
    if let Err(refusal) = allowed {
        tree.put(&key, live);
        return Err(refusal);
    }
    let edits = live.edit(&edits);
    let done = !edits.is_empty() || rename.is_some();
    let version = Some(tree.change(&dn, live, edits, rename, part)?);
    let applied = Applied { id: plan.id, version, computed: Vec::new() };
    Ok(if done { Outcome::Applied(applied) } else { Outcome::Unchanged(applied) })
}

/// Sees to it that an entry can have a new name.
fn make_way(tree: &mut Tree, base: &Dn, from: &Dn, to: &Dn, part: &mut Vec<u8>) -> Result<(), Error> {
    let (old, new) = (from.tree_key(), to.tree_key());
    inside(to, base)?;
    if new != old && tree.nodes.contains_key(new.as_str()) {
        return Err(taken(to));
    }
    if tree.has_children(&old) {
        let message = format!("`{from}` has entries below it and cannot be given another name");
        return Err(Error::unsupported(message).object(from.to_string()));
    }
    tree.add_containers(to, base, part)
}

fn remove(tree: &mut Tree, class: &Class, plan: Plan, part: &mut Vec<u8>) -> Result<Outcome, Error> {
    let dn = Dn::parse(&plan.id)?;
    let key = dn.tree_key();
    if !tree.entry(&key)?.is_some_and(|(entry, _)| class.holds(&entry)) {
        return Err(missing(&dn));
    }
    if tree.has_children(&key) {
        let message = format!("`{dn}` has entries below it; nothing below a removed object is removed with it");
        return Err(Error::invalid(message).object(plan.id));
    }
    tree.nodes.remove(key.as_str());
    for request in &plan.requests {
        crate::request::write_request(part, request);
    }
    Ok(Outcome::Applied(Applied { id: plan.id, version: None, computed: Vec::new() }))
}

/// Refuses what would stand elsewhere than below the base.
fn inside(dn: &Dn, base: &Dn) -> Result<(), Error> {
    if dn.is_under(base) {
        return Ok(());
    }
    Err(Error::permission(format!("`{dn}` does not stand below the base `{base}`")).object(dn.to_string()))
}

fn taken(dn: &Dn) -> Error {
    Error::already_exists(format!("There is an entry `{dn}` already")).object(dn.to_string())
}

fn missing(dn: &Dn) -> Error {
    Error::not_found(format!("There is no such object as `{dn}`")).object(dn.to_string())
}
