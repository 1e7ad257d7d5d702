//! Comparing objects of a target with what is known of them. What differs is noted as it is, and whoever it concerns is
//! decided again.

use super::{Flaw, Looked, Sum, account_rule};
use crate::error::CliError;
use crate::run::decide::by_rule;
use crate::run::ground::Ground;
use crate::run::refer;
use crate::run::send::alike;
use hashbrown::HashSet;
use sluss_engine::account::{AccountRef, refers_to};
use sluss_engine::change::Edit;
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::PersonId;
use sluss_engine::plan::Action;
use sluss_engine::policy::Policy;
use sluss_engine::record::Row;
use sluss_engine::value::{Cell, Value};
use sluss_store::{Body, Entry, Known, Phase};
use std::collections::BTreeSet;

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    /// The target.
    pub target: &'a str,
    /// The class.
    pub class: &'a str,
    /// The attributes that somebody speaks of.
    pub attributes: &'a [String],
}

/// Compares the objects of a page.
pub(super) fn rows(
    ground: &mut Ground<'_>,
    of: Of<'_>,
    columns: &[String],
    rows: Vec<Row>,
    looked: &mut Looked,
) -> Result<Sum, CliError> {
    let mut sum = Sum::default();
    for row in rows {
        let Some(known) = ground.store.object_at(of.target, &row.id)? else {
            looked.names.meet(&mut ground.store, of.class, columns, &row)?;
            continue;
        };
        looked.meet(&known, &row.id);
        sum.again |= object(ground, of, columns, row, known, looked)?;
        sum.known += 1;
    }
    Ok(sum)
}

/// Takes note of objects of which the connector made nothing: they are there, whatever they are like.
pub(super) fn faults(
    ground: &mut Ground<'_>,
    of: Of<'_>,
    faults: Vec<Fault>,
    looked: &mut Looked,
) -> Result<Sum, CliError> {
    let mut sum = Sum::default();
    for fault in faults {
        let Some(id) = &fault.object else {
            sum.add(Sum { flaw: Flaw::Unnamed, ..Sum::default() });
            // What it said may name somebody who is protected.
            let message = format!("a {} of it cannot be read, and nobody knows which one", of.class);
            ground.findings.push(
                Finding::warning(Subject::System(of.target.to_owned()), message)
                    .advise("none counts as removed there; see the target's own log"),
            );
            continue;
        };
        sum.add(Sum { flaw: Flaw::Named, ..Sum::default() });
        // What Sluss did not make is not looked at.
        if let Some(known) = ground.store.object_at(of.target, id)? {
            looked.meet(&known, id);
            sum.known += 1;
            let subject = ground.subject(&known)?;
            let hides = known.person.map_or(Ok(false), |person| ground.store.is_protected(person))?;
            let said = if hides { "what is said of it may name the person" } else { &fault.message };
            ground.findings.push(
                Finding::warning(subject, format!("it cannot be compared: {said}"))
                    .advise("it counts as it was; the next run with --reconcile tries again"),
            );
        }
    }
    Ok(sum)
}

/// Compares one object with what is known of it. Whether it is to be looked at once more, whatever becomes of this look.
fn object(
    ground: &mut Ground<'_>,
    of: Of<'_>,
    columns: &[String],
    row: Row,
    mut known: Known,
    looked: &mut Looked,
) -> Result<bool, CliError> {
    let mut again = false;
    let now: Vec<(&String, bool, Vec<Value>)> = columns
        .iter()
        .zip(row.cells)
        .filter(|(name, _)| of.attributes.contains(name))
        .map(|(name, cell)| match cell {
            Cell::Absent => (name, false, Vec::new()),
            Cell::One(value) => (name, true, vec![value]),
            Cell::Many(values) => (name, true, values),
        })
        .collect();
    let policy = ground.policy;
    let rule = account_rule(policy, &known);
    let asked = rule.filter(|_| policy.feeds()).map_or_else(Vec::new, |rule| policy.computed_of(rule));
    let mut computed = known.computed.clone();
    let mut drifted = Vec::new();
    for (name, told, values) in now {
        if known.member.as_ref() == Some(name) {
            again |= members(ground, &known, name, &values, looked)?;
            continue;
        }
        if rule.is_some_and(|rule| policy.ladders(&rule.name).any(|(_, ladder)| ladder.attribute == *name)) {
            licences(ground, &known, name, &values)?;
            continue;
        }
        let values = symbolic(ground, &known, values, looked)?;
        if asked.contains(&name.as_str()) {
            if told {
                sluss_engine::plan::set(&mut computed, name, values);
            }
            continue;
        }
        // What the target made of what was written is not somebody else's doing.
        if computed.iter().any(|(own, computed)| own == name && alike(computed, &values)) {
            continue;
        }
        let name = name.clone();
        let before = known.attributes.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, values)| values);
        // Other rules of the class may speak of attributes that this one leaves to others.
        if alike(before, &values) || before.is_empty() && !speaks(ground.policy, &known, &name) {
            continue;
        }
        computed.retain(|(own, _)| *own != name);
        drifted.push((name, Edit::Replace(values)));
    }
    if computed != known.computed {
        ground.store.compute(known.id, &computed)?;
        concern(ground, known.id, known.person)?;
    }
    if drifted.is_empty() {
        if row.version != known.version {
            ground.store.observed(known.id, &row.id, row.version.as_deref(), &known.attributes)?;
        }
        return Ok(again);
    }
    let names: Vec<&str> = drifted.iter().map(|(name, _)| name.as_str()).collect();
    drift(ground, &known, format!("changed by somebody else: {}", names.join(", ")))?;
    sluss_engine::plan::edit(&mut known.attributes, &drifted);
    ground.store.observed(known.id, &row.id, row.version.as_deref(), &known.attributes)?;
    concern(ground, known.id, known.person)?;
    Ok(again)
}

/// Compares the licences of an account, as far as ladders speak of them: whatever else it has is somebody else's.
fn licences(ground: &mut Ground<'_>, known: &Known, attribute: &str, values: &[Value]) -> Result<(), CliError> {
    let policy = ground.policy;
    let held = ground.store.licences_of(known.id)?.into_iter().filter(|(name, _)| name == attribute);
    let held: BTreeSet<String> = held.map(|(_, sku)| sku).collect();
    let ladders = policy.ladders(&known.rule).filter(|(_, ladder)| ladder.attribute == attribute);
    let mut spoken: BTreeSet<&String> = ladders.flat_map(|(_, ladder)| &ladder.ranks).map(|rank| &rank.sku).collect();
    spoken.extend(&held);
    let there = |sku: &String| values.iter().filter_map(Value::as_text).any(|value| value.eq_ignore_ascii_case(sku));
    let (mut came, mut went) = (Vec::new(), Vec::new());
    for sku in spoken {
        match (there(sku), held.contains(sku)) {
            (true, false) => {
                ground.store.license(known.id, attribute, sku)?;
                came.push(sku.as_str());
            }
            (false, true) => {
                ground.store.unlicense(known.id, attribute, sku)?;
                ground.seats.lost(known.id, sku);
                went.push(sku.as_str());
            }
            _ => {}
        }
    }
    if came.is_empty() && went.is_empty() {
        return Ok(());
    }
    let part = |skus: Vec<&str>, word: &str| (!skus.is_empty()).then(|| format!("{} {word}", skus.join(", ")));
    let parts: Vec<String> = [part(came, "in"), part(went, "out")].into_iter().flatten().collect();
    drift(ground, known, format!("licences changed by somebody else: {}", parts.join(", ")))?;
    concern(ground, known.id, known.person)
}

/// Whether the rule that an object is there for says what this attribute shall hold, be it nothing.
fn speaks(policy: &Policy, known: &Known, attribute: &str) -> bool {
    let account = policy.accounts.iter().filter(|rule| rule.name == known.rule && known.key.is_none());
    let group = policy.groups.iter().filter(|rule| rule.name == known.rule && known.key.is_some());
    account.flat_map(|rule| &rule.attributes).any(|(name, _)| name == attribute)
        || group.flat_map(|rule| &rule.attributes).any(|(name, _)| name == attribute)
}

/// Compares the members of a group as sets. Those who are known are nearly always all there is; only others are looked up
/// one by one. Whether there are some who are not ours: nothing but another look tells whether they were taken out.
fn members(
    ground: &mut Ground<'_>,
    group: &Known,
    attribute: &str,
    values: &[Value],
    looked: &mut Looked,
) -> Result<bool, CliError> {
    let mut gone: HashSet<u64> = ground.store.members_of(group.id)?.into_iter().collect();
    let mut others = Vec::new();
    for value in values {
        let Value::Reference(remote) = value else { continue };
        if !looked.account(remote).is_some_and(|account| gone.remove(&account)) {
            others.push(value);
        }
    }
    let mut strangers = Vec::new();
    let mut came = 0;
    for value in others {
        let Value::Reference(remote) = value else { continue };
        match ground.store.at(&group.target, remote)? {
            None => strangers.push(value.clone()),
            Some((account, person)) => {
                // The target may name one account twice, and write its id in another way the second time.
                if !gone.remove(&account) && !ground.store.is_member(account, group.id)? {
                    came += 1;
                    ground.store.join(account, group.id)?;
                    concern(ground, account, person)?;
                }
            }
        }
    }
    let went = gone.len();
    let mut gone: Vec<u64> = gone.into_iter().collect();
    gone.sort_unstable();
    for account in gone {
        ground.store.leave(account, group.id)?;
        if let Some(known) = ground.store.object(account)? {
            concern(ground, known.id, known.person)?;
        }
    }
    if came + went + strangers.len() > 0 {
        let strange = strangers.len();
        drift(
            ground,
            group,
            format!("members changed by somebody else: {came} of ours and {strange} others in, {went} out"),
        )?;
    }
    // A group may be told twice.
    if strangers.is_empty() || looked.rid.contains(group.id as usize) {
        return Ok(!strangers.is_empty());
    }
    looked.rid.grow_and_insert(group.id as usize);
    // The group is ours, and its members are who the policy says.
    ground.store.enter(&Entry {
        id: 0,
        target: group.target.clone(),
        phase: Phase::LEAVE,
        object: group.id,
        action: Action::Update,
        person: None,
        body: Body::Update {
            edits: vec![(attribute.to_owned(), Edit::Remove(strangers))],
            label: group.label.clone(),
            reasons: vec![by_rule(&format!("group {}", group.rule))],
        },
    })?;
    Ok(true)
}

/// The object is no longer there: what Sluss wants of it is made anew.
pub(super) fn missing(ground: &mut Ground<'_>, known: &Known) -> Result<(), CliError> {
    drift(ground, known, "removed by somebody else".to_owned())?;
    refer::unpoint(&mut ground.store, known)?;
    for account in ground.store.members_of(known.id)? {
        if let Some(known) = ground.store.object(account)? {
            concern(ground, known.id, known.person)?;
        }
    }
    concern(ground, known.id, known.person)?;
    Ok(ground.store.forget(known.id)?)
}

/// Has the person or group that an object is for looked at again.
fn concern(ground: &mut Ground<'_>, object: u64, person: Option<PersonId>) -> Result<(), CliError> {
    match person {
        Some(person) => ground.store.wake(person)?,
        None => ground.store.soil(object)?,
    }
    Ok(())
}

/// References to accounts of ours as references to their persons.
fn symbolic(
    ground: &Ground<'_>,
    known: &Known,
    values: Vec<Value>,
    looked: &mut Looked,
) -> Result<Vec<Value>, CliError> {
    let mut out = Vec::with_capacity(values.len());
    for value in values {
        let owner = match &value {
            Value::Reference(remote) if refers_to(&value).is_none() => {
                if !looked.met.contains_key(remote) {
                    looked.met.insert(remote.clone(), ground.store.owner_at(&known.target, remote)?);
                }
                looked.met.get(remote).and_then(Option::as_ref)
            }
            _ => None,
        };
        let reference = owner.map(|(person, rule)| AccountRef::new(*person, rule, &known.rule).value());
        out.push(reference.unwrap_or(value));
    }
    Ok(out)
}

fn drift(ground: &mut Ground<'_>, known: &Known, message: String) -> Result<(), CliError> {
    let subject = ground.subject(known)?;
    ground.findings.push(Finding::note(subject, message).advise("it is put right"));
    Ok(())
}
