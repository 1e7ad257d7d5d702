//! What an earlier run left behind: changes that were never sent are forgotten, and of those that were sent the target
//! is asked what became of them, before anything new is decided.

use super::ground::Ground;
use super::send::{alike, resolved};
use super::{settle, tell};
use crate::error::CliError;
use sluss_engine::change::Edit;
use sluss_engine::fault::Fault;
use sluss_engine::finding::Finding;
use sluss_engine::plan::{self, Action};
use sluss_engine::record::Object;
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Body, Entry, Known};

/// Finds out what became of everything that was under way.
pub async fn unanswered(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let open = ground.store.unanswered()?;
    ground.store.discard(None)?;
    for entry in open {
        if ground.suspended.contains_key(&entry.target) {
            continue;
        }
        let Some(known) = ground.store.object(entry.object)? else {
            ground.store.strike(entry.id)?;
            continue;
        };
        if let Err(fault) = one(ground, &entry, known).await? {
            ground.suspend(&entry.target, fault);
            continue;
        }
        ground.store.strike(entry.id)?;
    }
    Ok(())
}

/// Looks one change up. A fault of the target is returned inside.
async fn one(ground: &mut Ground<'_>, entry: &Entry, known: Known) -> Result<Result<(), Fault>, CliError> {
    let Some(index) = ground.systems.targets.iter().position(|target| target.name == entry.target) else {
        return Ok(Ok(()));
    };
    match &entry.body {
        // Adding a member who is there, or removing one who is not, changes nothing: it is simply planned again.
        Body::Members { .. } => {}
        Body::Create { attributes, members, .. } => {
            let mut wanted = attributes.clone();
            let create = resolved(&ground.store, &known, &mut wanted)?;
            let mut names = names(&create);
            names.extend(members.iter().map(|(attribute, _)| attribute.clone()));
            ask(ground, &known, &mut names);
            let found = match ground.systems.targets[index].connector().await {
                Ok(connector) => connector.find(&known.class, &create, &names).await,
                Err(fault) => Err(fault),
            };
            match found {
                Err(fault) => return Ok(Err(fault)),
                Ok(Some(object)) if same(&create, &object) => {
                    ground.store.observed(known.id, &object.id, object.version.as_deref(), &wanted)?;
                    keep(ground, &known, &object)?;
                    for waiting in known.person.map_or(Ok(Vec::new()), |person| ground.store.waited(person))? {
                        ground.store.wake(waiting)?;
                    }
                    tell::carried_out(ground, &known, entry.action)?;
                    if let Some((attribute, accounts)) = members {
                        joined(ground, &known, accounts, held(&object.attributes, attribute))?;
                    }
                }
                Ok(Some(_)) => {
                    ground.findings.push(
                        Finding::warning(
                            ground.subject(&known)?,
                            "an object stands where this one was to be made, and it is not as Sluss would have made it",
                        )
                        .advise("it is left alone; see whose it is"),
                    );
                    ground.store.forget(known.id)?;
                }
                Ok(None) => {
                    // It may still be under way; should it turn up, it is ours.
                    ground.ghosts.insert((known.target.clone(), known.label.clone()));
                    ground.store.forget(known.id)?;
                }
            }
        }
        Body::Update { edits, label, .. } => {
            let Some(remote) = known.remote.clone() else { return Ok(Ok(())) };
            let mut then = known.attributes.clone();
            plan::edit(&mut then, edits);
            let create = resolved(&ground.store, &known, &mut then.clone())?;
            let mut asked = names(&known.attributes);
            asked.extend(edits.iter().map(|(name, _)| name.clone()));
            ask(ground, &known, &mut asked);
            asked.sort_unstable();
            asked.dedup();
            let connector = match ground.systems.targets[index].connector().await {
                Ok(connector) => connector,
                Err(fault) => return Ok(Err(fault)),
            };
            let found = match connector.get(&known.class, &[remote], &asked).await {
                Ok(mut found) => match found.pop().flatten() {
                    Some(object) => Ok(Some(object)),
                    // It may have got its new name.
                    None => connector.find(&known.class, &create, &asked).await,
                },
                Err(fault) => Err(fault),
            };
            match found {
                Err(fault) => return Ok(Err(fault)),
                Ok(Some(object)) => {
                    let attributes = seen(&known, &then, &create, &object, edits);
                    ground.store.observed(known.id, &object.id, object.version.as_deref(), &attributes)?;
                    keep(ground, &known, &object)?;
                    settle::closing(ground, known.id, &attributes)?;
                    if entry.action != Action::Disable || super::decide::closed(&attributes) {
                        tell::carried_out(ground, &known, entry.action)?;
                    }
                    ground.store.relabel(known.id, label)?;
                }
                Ok(None) => ground.store.forget(known.id)?,
            }
        }
        Body::Licences { attribute, add, remove, .. } => {
            let Some(remote) = known.remote.clone() else { return Ok(Ok(())) };
            let found = match ground.systems.targets[index].connector().await {
                Ok(connector) => connector.get(&known.class, &[remote], std::slice::from_ref(attribute)).await,
                Err(fault) => Err(fault),
            };
            match found.map(|mut found| found.pop().flatten()) {
                Err(fault) => return Ok(Err(fault)),
                Ok(Some(object)) => {
                    let mut there = held(&object.attributes, attribute).iter().filter_map(Value::as_text);
                    for sku in add.iter().chain(remove) {
                        if there.by_ref().any(|value| value.eq_ignore_ascii_case(sku)) {
                            ground.store.license(known.id, attribute, sku)?;
                        } else {
                            ground.store.unlicense(known.id, attribute, sku)?;
                        }
                    }
                }
                Ok(None) => ground.store.forget(known.id)?,
            }
        }
        Body::Remove { .. } => {
            let Some(remote) = known.remote.clone() else { return Ok(Ok(())) };
            let found = match ground.systems.targets[index].connector().await {
                Ok(connector) => connector.get(&known.class, &[remote], &[]).await,
                Err(fault) => Err(fault),
            };
            match found {
                Err(fault) => return Ok(Err(fault)),
                Ok(found) if found.iter().all(Option::is_none) => {
                    tell::carried_out(ground, &known, entry.action)?;
                    ground.store.forget(known.id)?;
                }
                Ok(_) => {}
            }
        }
    }
    Ok(Ok(()))
}

/// Asks for what the rules of other accounts ask this one for, besides what Sluss writes.
fn ask(ground: &Ground<'_>, known: &Known, names: &mut Vec<String>) {
    if let Some(rule) = super::reconcile::account_rule(ground.policy, known) {
        names.extend(ground.policy.computed_of(rule).into_iter().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
    }
}

/// Keeps what the target computed, as far as others ask for it.
fn keep(ground: &mut Ground<'_>, known: &Known, object: &Object) -> Result<(), CliError> {
    let policy = ground.policy;
    let Some(rule) = super::reconcile::account_rule(policy, known) else { return Ok(()) };
    let computed = super::reconcile::computed(policy, rule, &object.attributes);
    if !computed.is_empty() {
        ground.store.compute(known.id, &computed)?;
    }
    Ok(())
}

/// The attributes as they turned out to be: the new value of an edit where the target has it, the old one elsewhere.
fn seen(
    known: &Known,
    then: &Attributes,
    create: &Attributes,
    object: &Object,
    edits: &[(String, Edit)],
) -> Attributes {
    let mut attributes = known.attributes.clone();
    for (name, _) in edits {
        let carried_out = alike(held(create, name), held(&object.attributes, name));
        let values = if carried_out { held(then, name) } else { held(&object.attributes, name) };
        plan::edit(&mut attributes, &[(name.clone(), Edit::Replace(values.to_vec()))]);
    }
    attributes
}

/// Notes which of the members that a group was made with are there.
fn joined(ground: &mut Ground<'_>, group: &Known, accounts: &[u64], there: &[Value]) -> Result<(), CliError> {
    for account in accounts {
        if let Some((Some(remote), _)) = ground.store.remote(*account)?
            && there.contains(&Value::Reference(remote))
        {
            ground.store.join(*account, group.id)?;
        }
    }
    Ok(())
}

/// Whether the object is as it would have been made: then it is the one that was.
pub fn same(create: &Attributes, object: &Object) -> bool {
    create.iter().all(|(name, values)| alike(values, held(&object.attributes, name)))
}

fn names(attributes: &Attributes) -> Vec<String> {
    attributes.iter().map(|(name, _)| name.clone()).collect()
}

fn held<'a>(attributes: &'a Attributes, name: &str) -> &'a [Value] {
    attributes.iter().find(|(known, _)| known == name).map_or(&[], |(_, values)| values)
}
