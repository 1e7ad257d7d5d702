//! Groups: what the decisions of a round want of them, and the changes that this comes to. Memberships travel as
//! differences, however large the group is.

use super::decide::{by_rule, units};
use super::ground::Ground;
use crate::error::CliError;
use sluss_engine::decide::{Account, Membership};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::Unit;
use sluss_engine::plan::{self, Action, Reason};
use sluss_engine::policy::{Evaluator, ForEach, GroupKey, GroupRule, Policy};
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Body, Draft, Entry, Known, Phase, Store, StoreError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// The most members that one change carries: directories refuse more at once.
const MEMBERS: usize = 1000;

/// What a round wants of groups.
#[derive(Debug, Default)]
pub struct Wishes {
    /// The store's object of each group that came up, by rule and key.
    found: HashMap<(usize, String), u64>,
    /// Groups that are not there, with what they are for.
    new: BTreeMap<u64, (usize, GroupKey)>,
    /// Groups to look at again, with what they are for.
    dirty: BTreeMap<u64, (usize, GroupKey)>,
    come: BTreeMap<u64, Vec<u64>>,
    go: BTreeMap<u64, Vec<u64>>,
}

impl Wishes {
    /// Notes what groups an account shall be in, as differences to those it is in now.
    pub fn memberships(
        &mut self,
        store: &mut Store,
        policy: &Policy,
        object: u64,
        account: &Account,
        now: Vec<u64>,
    ) -> Result<(), StoreError> {
        let mut wish = Vec::with_capacity(account.memberships.len());
        for membership in &account.memberships {
            wish.push(self.group(store, policy, membership)?);
        }
        for group in &wish {
            if !now.contains(group) {
                self.come.entry(*group).or_default().push(object);
            }
        }
        self.over(store, policy, object, account, now, &wish)
    }

    /// Notes what groups an account shall no longer be in, and none that it shall come into.
    pub fn fewer(&mut self, store: &Store, policy: &Policy, object: u64, account: &Account) -> Result<(), StoreError> {
        let mut wish = Vec::with_capacity(account.memberships.len());
        for membership in &account.memberships {
            let rule = &policy.groups[membership.rule].name;
            wish.extend(store.group(rule, &membership.key.key)?.map(|known| known.id));
        }
        self.over(store, policy, object, account, store.groups_of(object)?, &wish)
    }

    /// Takes an account out of the groups that it is in now without being wished there; where a rule could not say, it
    /// stays.
    fn over(
        &mut self,
        store: &Store,
        policy: &Policy,
        object: u64,
        account: &Account,
        now: Vec<u64>,
        wish: &[u64],
    ) -> Result<(), StoreError> {
        for group in now.into_iter().filter(|group| !wish.contains(group)) {
            let unsure = |rule: &str| account.unsure.iter().any(|unsure| policy.groups[*unsure].name == rule);
            if account.unsure.is_empty() || !store.object(group)?.is_some_and(|known| unsure(&known.rule)) {
                self.go.entry(group).or_default().push(object);
            }
        }
        Ok(())
    }

    /// Notes that an account shall be in no group.
    pub fn none(&mut self, store: &Store, object: u64) -> Result<(), StoreError> {
        for group in store.groups_of(object)? {
            self.go.entry(group).or_default().push(object);
        }
        Ok(())
    }

    /// The group of a membership; room is made for one that is not there.
    fn group(&mut self, store: &mut Store, policy: &Policy, membership: &Membership) -> Result<u64, StoreError> {
        let key = &membership.key;
        let place = (membership.rule, key.key.clone());
        if let Some(found) = self.found.get(&place) {
            return Ok(*found);
        }
        let rule = &policy.groups[membership.rule];
        let object = match store.group(&rule.name, &key.key)? {
            Some(known) => {
                if known.remote.is_some() && store.is_dirty(known.id)? {
                    self.dirty.insert(known.id, (membership.rule, key.clone()));
                }
                known.id
            }
            None => {
                let object = store.draft(&Draft {
                    target: &rule.target,
                    class: &rule.class,
                    rule: &rule.name,
                    person: None,
                    group: Some((&key.key, &rule.member)),
                    label: &label(rule, &key.key),
                })?;
                self.new.insert(object, (membership.rule, key.clone()));
                object
            }
        };
        self.found.insert(place, object);
        Ok(object)
    }
}

/// Enters every change that the round wants of groups.
pub fn weave(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let wishes = std::mem::take(&mut ground.wishes);
    let policy = ground.policy;
    let evaluator = Evaluator::new(policy);
    drop(wishes.found);
    let mut come = wishes.come;
    let mut stillborn = HashSet::new();
    let soiled = ground.store.dirty()?;
    if !soiled.is_empty() && ground.units.is_empty() {
        ground.units = units(&ground.store)?;
    }
    for (object, (rule, key)) in wishes.new {
        let rule = &policy.groups[rule];
        let Some((attributes, label)) = attributes(ground, &evaluator, rule, &key) else {
            ground.store.forget(object)?;
            stillborn.insert(object);
            continue;
        };
        ground.store.relabel(object, &label)?;
        let waiting = come.entry(object).or_default();
        let rest = waiting.split_off(waiting.len().min(MEMBERS));
        let first = std::mem::replace(waiting, rest);
        let body = Body::Create {
            attributes,
            members: Some((rule.member.clone(), first)),
            reasons: vec![by_rule(&format!("group {}", rule.name))],
        };
        ground.store.enter(&entry(rule, Phase::GROUP, object, Action::Create, body))?;
    }
    let mut dirty = wishes.dirty;
    for known in soiled {
        if let Some(found) = described(ground, &known) {
            dirty.entry(known.id).or_insert(found);
        } else if !dirty.contains_key(&known.id) && ground.store.members_of(known.id)?.is_empty() {
            // Nobody is left who could say what it is for.
            ground.store.clean(known.id)?;
        }
    }
    for (object, (rule, key)) in dirty {
        changed(ground, &evaluator, &policy.groups[rule], object, &key)?;
    }
    members(ground, Phase::LEAVE, wishes.go)?;
    come.retain(|object, _| !stillborn.contains(object));
    members(ground, Phase::JOIN, come)
}

/// Enters the difference between what a group holds and what it shall hold.
fn changed(
    ground: &mut Ground<'_>,
    evaluator: &Evaluator<'_>,
    rule: &GroupRule,
    object: u64,
    key: &GroupKey,
) -> Result<(), CliError> {
    let Some(mut known) = ground.store.object(object)? else { return Ok(()) };
    known.attributes.retain(|(name, _)| *name != rule.member);
    let Some((wanted, label)) = attributes(ground, evaluator, rule, key) else { return Ok(()) };
    let edits = plan::difference(&wanted, &known.attributes);
    if edits.is_empty() {
        ground.store.clean(object)?;
        return Ok(());
    }
    let body = Body::Update { edits, label, reasons: vec![by_rule(&format!("group {}", rule.name))] };
    ground.store.enter(&entry(rule, Phase::REGROUP, object, Action::Update, body))?;
    Ok(())
}

/// How the members of groups come or go; the same for most groups of a rule.
#[derive(PartialEq)]
struct Way {
    target: String,
    attribute: String,
    reason: Reason,
}

/// Enters members that come or go, in portions that a directory takes: the first of every group, then the second of
/// those that have one, so that a batch holds many groups and not one group's portions one after the other.
fn members(ground: &mut Ground<'_>, phase: Phase, groups: BTreeMap<u64, Vec<u64>>) -> Result<(), CliError> {
    let mut moving = Vec::with_capacity(groups.len());
    let mut ways: Vec<Rc<Way>> = Vec::new();
    for (object, accounts) in groups {
        let Some(known) = ground.store.object(object)? else { continue };
        let Some(attribute) = known.member.clone() else { continue };
        let ruled = ground.policy.groups.iter().any(|rule| rule.name == known.rule);
        if !ruled {
            ground.findings.push(
                Finding::note(ground.subject(&known)?, "no rule of the policy makes this group any longer")
                    .advise("its members are taken out; remove the group itself by hand once nothing uses it"),
            );
        }
        let reason = by_rule(&match ruled {
            true => format!("group {}", known.rule),
            false => format!("group {} is no longer in the policy", known.rule),
        });
        let way = Way { target: known.target, attribute, reason };
        let way = match ways.iter().find(|own| ***own == way) {
            Some(own) => Rc::clone(own),
            None => {
                let own = Rc::new(way);
                ways.push(Rc::clone(&own));
                own
            }
        };
        moving.push((object, way, accounts));
    }
    let most = moving.iter().map(|(.., accounts)| accounts.len().div_ceil(MEMBERS)).max().unwrap_or_default();
    for portion in 0..most {
        for (object, way, accounts) in &moving {
            let Some(portion) = accounts.chunks(MEMBERS).nth(portion) else { continue };
            let (add, remove) = match phase {
                Phase::JOIN => (portion.to_vec(), Vec::new()),
                _ => (Vec::new(), portion.to_vec()),
            };
            let Way { target, attribute, reason } = &**way;
            let body = Body::Members { attribute: attribute.clone(), add, remove, reasons: vec![reason.clone()] };
            let (target, object, action) = (target.clone(), *object, Action::Members);
            ground.store.enter(&Entry { id: 0, target, phase, object, action, person: None, body })?;
        }
    }
    Ok(())
}

/// What a group shall hold, and what people call it. None, with a finding, if the policy cannot say.
fn attributes(
    ground: &mut Ground<'_>,
    evaluator: &Evaluator<'_>,
    rule: &GroupRule,
    key: &GroupKey,
) -> Option<(Attributes, String)> {
    let unit = ground.units.get(&(key.organisation.clone(), key.unit_code.clone()));
    match evaluator.group_attributes(rule, key, unit) {
        Ok(attributes) => {
            let attributes: Attributes = attributes.into_iter().filter(|(_, values)| !values.is_empty()).collect();
            let label = attributes
                .first()
                .and_then(|(_, values)| values.first())
                .and_then(Value::as_text)
                .map_or_else(|| label(rule, &key.key), str::to_owned);
            Some((attributes, label))
        }
        Err(fault) => {
            ground.findings.push(
                Finding::failure(Subject::Rule(fault.rule), fault.message)
                    .advise("correct the expression in the policy")
                    .at(Some(fault.place)),
            );
            None
        }
    }
}

/// What a group that only the store knows is for: a unit's group can be told from its key, and one that stands alone
/// needs none. Others are looked at when somebody in them is decided.
fn described(ground: &Ground<'_>, known: &Known) -> Option<(usize, GroupKey)> {
    let index = ground.policy.groups.iter().position(|rule| rule.name == known.rule)?;
    let key = known.key.clone()?;
    match ground.policy.groups[index].for_each {
        ForEach::One => {
            Some((index, GroupKey { key, organisation: String::new(), unit_code: String::new(), title: String::new() }))
        }
        ForEach::Unit => {
            let unit = ground.units.values().find(|unit| unit_key(unit) == key)?;
            let (organisation, unit_code) = (unit.organisation.clone(), unit.code.clone());
            Some((index, GroupKey { key, organisation, unit_code, title: unit.name.clone() }))
        }
        _ => None,
    }
}

/// Has the groups of a unit looked at.
pub fn soil_unit(store: &mut Store, policy: &Policy, unit: &Unit) -> Result<(), CliError> {
    for rule in &policy.groups {
        if matches!(rule.for_each, ForEach::Unit)
            && let Some(known) = store.group(&rule.name, &unit_key(unit))?
        {
            store.soil(known.id)?;
        }
    }
    Ok(())
}

fn unit_key(unit: &Unit) -> String {
    format!("{}-{}", unit.organisation, unit.code)
}

fn label(rule: &GroupRule, key: &str) -> String {
    if key.is_empty() { rule.name.clone() } else { format!("{} {key}", rule.name) }
}

fn entry(rule: &GroupRule, phase: Phase, object: u64, action: Action, body: Body) -> Entry {
    Entry { id: 0, target: rule.target.clone(), phase, object, action, person: None, body }
}
