//! Deciding, one after the other, everybody whom something touched, and entering what that asks of their accounts.

use super::doubt;
use super::ground::{Ground, now};
use super::refer::Refer;
use super::said::said;
use super::tell;
use super::values::day_number;
use crate::error::CliError;
use sluss_engine::account::refers_to;
use sluss_engine::assemble::{self, Said, Stored};
use sluss_engine::authority::Weight;
use sluss_engine::change::Edit;
use sluss_engine::decide::{Account, Deciding, Decision, Then};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::{EngagementId, Person, PersonId, Protection, Unit};
use sluss_engine::plan::{self, Action, ENABLED, Reason};
use sluss_engine::policy::{Evaluator, Policy, Seen, Unanswered};
use sluss_engine::primary::primary;
use sluss_engine::stage::Presence;
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Body, Decided, Draft, Entry, Known, NEVER, Phase, Store, StoreError};
use std::collections::{HashMap, HashSet};

/// How many managers up a circle is looked for.
const CLIMB: usize = 64;

/// Decides everybody who is awake. Returns how many that were.
pub fn everyone(ground: &mut Ground<'_>) -> Result<u64, CliError> {
    let awake = ground.store.awake(ground.today())?;
    if awake.is_empty() {
        return Ok(0);
    }
    ground.progress.stage("deciding", Some(awake.len() as u64));
    ground.units = units(&ground.store)?;
    let shapes = ground.store.shapes()?;
    let policy = ground.policy;
    let evaluator = Evaluator::new(policy);
    let units = std::mem::take(&mut ground.units);
    let find = |organisation: &str, code: &str| units.get(&(organisation.to_owned(), code.to_owned()));
    // Most refer to a manager. Growing step by step would take twice the room.
    ground.refers.reserve(awake.len());
    let suspended: HashSet<String> = ground.suspended.keys().cloned().collect();
    let deciding = Deciding { policy, evaluator: &evaluator, units: &find, day: ground.day, suspended: &suspended };
    for person in &awake {
        ground.progress.advance(1);
        if waits(ground, *person)? {
            continue;
        }
        let person = assemble(ground, &shapes, *person)?;
        if doubt::of(ground, &person)? {
            continue;
        }
        let seen = seen(&ground.store, policy, person.id)?;
        let decision = deciding.decide(&person, &seen, &mut ground.store)?;
        one(ground, &person, decision)?;
    }
    ground.units = units;
    Ok(awake.len() as u64)
}

/// What is known of a person's accounts that the rules of others ask for something.
pub fn seen(store: &Store, policy: &Policy, person: PersonId) -> Result<Vec<Seen>, StoreError> {
    if !policy.feeds() {
        return Ok(Vec::new());
    }
    let there = |known: Known| {
        let id = Value::from(known.remote?);
        Some(Seen { rule: known.rule, id: Some(id), computed: known.computed, written: known.attributes })
    };
    Ok(store.accounts_of(person)?.into_iter().filter_map(there).collect())
}

/// Tells, without values, what a register says otherwise where the policy asks for that.
fn flag(ground: &mut Ground<'_>, said: &Said, person: &Person) {
    let authority = &ground.policy.authority;
    let Some(index) = primary(person, &ground.policy.primary, ground.day).map(|primary| primary.index) else { return };
    let EngagementId { source, record } = &person.engagements[index].id;
    let registers: Vec<&str> = said
        .identities
        .iter()
        .filter(|identity| identity.registered)
        .map(|identity| identity.id.source.as_str())
        .collect();
    for belief in assemble::beliefs(said, authority, index) {
        let flags = authority.of(&belief.attribute).register == Weight::Flag && belief.attribute != "protected";
        let otherwise = belief.overruled.iter().find(|(_, id)| registers.contains(&id.source.as_str()));
        if let Some((_, id)) = otherwise.filter(|_| flags) {
            let subject = Subject::Record { source: source.clone(), record: record.clone() };
            let message = format!("{} says otherwise of `{}`", id.source, belief.attribute);
            ground.findings.push(
                Finding::warning(subject, message).advise("`sluss quality` has both; correct the one that is wrong"),
            );
        }
    }
}

/// Whether somebody who has nothing yet waits for a register to answer.
fn waits(ground: &mut Ground<'_>, person: PersonId) -> Result<bool, CliError> {
    let waits = ground.policy.register.unanswered == Unanswered::Wait
        && ground.unverified.iter().any(|(unverified, _)| *unverified == person)
        && ground.store.accounts_of(person)?.is_empty();
    if waits {
        ground.failed.insert(person, 0);
    }
    Ok(waits)
}

/// Every unit that a source knows.
pub fn units(store: &Store) -> Result<HashMap<(String, String), Unit>, StoreError> {
    let shapes = store.shapes()?;
    let mut units = HashMap::new();
    store.each_unit(|record| {
        let columns = shapes.get(&record.shape).map_or(&[][..], Vec::as_slice);
        let stored =
            Stored { source: &record.source, record: &record.record, columns, cells: &record.cells, gone: None };
        let unit = assemble::unit(&stored);
        units.insert((unit.organisation.clone(), unit.code.clone()), unit);
        Ok(())
    })?;
    Ok(units)
}

/// Puts a person together from what the store remembers.
pub fn assemble(ground: &mut Ground<'_>, shapes: &HashMap<i64, Vec<String>>, id: PersonId) -> Result<Person, CliError> {
    let (policy, day) = (ground.policy, ground.day);
    let mut told = said(&ground.store, shapes, policy, id, day)?;
    ground.findings.append(&mut told.findings);
    for key in &told.missed {
        ground.store.miss(id, key)?;
    }
    let mut person = assemble::person(id, &mut told.said, &policy.authority, |person| {
        primary(person, &policy.primary, day).map_or(0, |primary| primary.index)
    });
    if policy.authority.flags() {
        flag(ground, &told.said, &person);
    }
    // Of whom nobody says anything any more, the last word counts.
    if told.said.readings.is_empty() && told.said.identities.is_empty() && !ground.store.is_protected(id)? {
        person.protection = Protection::None;
    }
    Ok(person)
}

/// Notes a decision, and enters what it asks of the person's accounts and groups.
fn one(ground: &mut Ground<'_>, person: &Person, mut decision: Decision) -> Result<(), CliError> {
    let manager = decision
        .primary
        .as_ref()
        .and_then(|primary| person.engagements[primary.index].manager)
        .filter(|manager| *manager != person.id);
    let mut held = ground.store.accounts_of(person.id)?;
    let mut next = decision.next.map_or(NEVER, day_number);
    if decision.accounts.iter().any(|account| account.presence == Presence::Absent) {
        // What is closed now, or was closed not long ago, is removed later.
        let stages = &ground.policy.stages;
        let (today, keeps) = (ground.today(), stages.remove_after - stages.disable_after);
        for known in &held {
            let due = known.closed.unwrap_or(today).saturating_add(keeps);
            next = next.min(due.max(today + 1));
        }
    }
    next = tell::ahead(ground, person, &decision, next)?;
    let protected = person.protection == Protection::Protected;
    let hint = doubt::hint(ground, person);
    ground.store.decided(person.id, &Decided { next, stage: decision.stage.as_str(), manager, protected, hint })?;
    ground.managers.decided(person.id, manager);
    if let Some(manager) = manager {
        circle(ground, person, manager, &decision)?;
    }
    if person.engagements.is_empty()
        && let Some(known) = held.first()
    {
        decision.findings.push(
            Finding::warning(ground.subject(known)?, "no record is about the person whose account it is any longer")
                .advise("it is closed and kept; correct the source if it is wrong there, or else remove it by hand"),
        );
    }
    let id = person.id.0.to_string();
    let parking = ("person".to_owned(), id.clone());
    if let Some(finding) = decision.findings.first() {
        let text = serde_json::to_string(finding).map_err(CliError::internal)?;
        let day = ground.today();
        let retry = |tries| super::settle::retry(day, tries);
        let tries = ground.store.park("person", &id, &now(), retry, &text)?;
        ground.parked.insert(parking);
        ground.failed.insert(person.id, retry(tries));
    } else if ground.parked.remove(&parking) {
        ground.store.unpark("person", &id)?;
    }
    ground.findings.append(&mut decision.findings);
    let policy = ground.policy;
    orphans(ground, person.id, &decision, &mut held)?;
    ground.waiting.decided(person.id);
    for account in &decision.accounts {
        if let Some(awaited) = account.awaits {
            waits_for(ground, person.id, account, awaited, &held)?;
        }
        let rule = &policy.accounts[account.rule];
        if ground.suspended.contains_key(&rule.target) {
            // What is there now is not known, so nothing can be planned for it.
            ground.failed.insert(person.id, 0);
            continue;
        }
        let known = held.iter().position(|known| known.rule == rule.name).map(|at| held.swap_remove(at));
        account_of(ground, policy, person.id, account, known)?;
    }
    Ok(())
}

/// Notes that an account waits for another of the same person: who it is for is decided again as soon as that is made.
fn waits_for(
    ground: &mut Ground<'_>,
    person: PersonId,
    account: &Account,
    awaited: usize,
    held: &[Known],
) -> Result<(), CliError> {
    ground.store.wait(person, person)?;
    let rule = &ground.policy.accounts[awaited];
    if account.then.is_none() && !ground.suspended.contains_key(&rule.target) {
        let there = held.iter().any(|known| known.rule == rule.name && known.remote.is_some());
        ground.waiting.enter(person, account.rule, awaited, there);
    }
    Ok(())
}

/// Enters what one account asks for.
fn account_of(
    ground: &mut Ground<'_>,
    policy: &Policy,
    person: PersonId,
    account: &Account,
    known: Option<Known>,
) -> Result<(), CliError> {
    let rule = &policy.accounts[account.rule];
    let enter = |object: u64, phase: Phase, action: Action, body: Body| Entry {
        id: 0,
        target: rule.target.clone(),
        phase,
        object,
        action,
        person: Some(person),
        body,
    };
    let reasons = vec![account.reason.clone()];
    match (account.presence, known) {
        (Presence::Gone | Presence::Absent | Presence::Kept, None) => {}
        (Presence::Absent, Some(known)) if !long_closed(ground, &known) => close(ground, person, known, reasons)?,
        (Presence::Gone | Presence::Absent, Some(known)) => {
            ground.wishes.none(&ground.store, known.id)?;
            ground.store.enter(&enter(known.id, Phase::REMOVE, Action::Remove, Body::Remove { reasons }))?;
        }
        (Presence::Kept, Some(known)) => close(ground, person, known, reasons)?,
        (Presence::Open | Presence::Closed, None) => {
            // What follows is shown with what it follows from.
            let follows = account.attributes.is_none();
            let then = account.then.as_ref().map(|then| &then.attributes);
            let Some(attributes) = account.attributes.as_ref().or(then).cloned() else { return Ok(()) };
            if ground.unclaimed.contains(&(person, rule.name.clone())) {
                // Nobody gets a second account before a human has said whose the first one is.
                ground.failed.insert(person, 0);
                return Ok(());
            }
            let draft = Draft {
                target: &rule.target,
                class: &rule.class,
                rule: &rule.name,
                person: Some(person),
                group: None,
                label: &account.label,
            };
            let object = ground.store.draft(&draft)?;
            if follows {
                ground.foreseen.account(object);
            }
            let refers: Vec<_> = references(policy, account.rule, attributes.iter()).collect();
            let body = Body::Create { attributes, members: None, reasons };
            let change = ground.store.enter(&enter(object, Phase::MAKE, Action::Create, body))?;
            let from = account.rule as u16;
            let refer = |(to, rule)| Refer { change, object, to, rule, from, makes: true };
            ground.refers.extend(refers.into_iter().map(refer));
            ground.wishes.memberships(&mut ground.store, policy, object, account, Vec::new())?;
            ground.seats.of(&ground.store, policy, person, object, account, true)?;
        }
        (presence @ (Presence::Open | Presence::Closed), Some(known)) => {
            ground.seats.of(&ground.store, policy, person, known.id, account, account.attributes.is_some())?;
            let Some(attributes) = &account.attributes else {
                // A rule failed, or waits: what it would give waits, but what is over is over.
                ground.wishes.fewer(&ground.store, policy, known.id, account)?;
                let id = known.id;
                if presence == Presence::Closed {
                    disable(ground, person, known.clone(), reasons.clone())?;
                }
                let mut edits = account.then.as_ref().map_or_else(Vec::new, |then| changes(then, &known));
                edits.retain(|(name, _)| name != ENABLED || presence == Presence::Open);
                if !edits.is_empty() {
                    let action = plan::action(&edits);
                    let body = Body::Update { edits, label: account.label.clone(), reasons };
                    let change = ground.store.enter(&enter(id, Phase::CHANGE, action, body))?;
                    ground.foreseen.change(change, None);
                }
                return Ok(());
            };
            let due = due(attributes, account.then.as_ref(), &known);
            let edits = account.then.as_ref().map_or_else(|| due.clone(), |then| changes(then, &known));
            if !edits.is_empty() {
                let action = plan::action(&edits);
                let phase = if action == Action::Disable { Phase::CLOSE } else { Phase::CHANGE };
                let written = |name: &str| edits.iter().any(|(edited, _)| edited == name);
                let spoken = attributes.iter().filter(|(name, _)| written(name));
                let refers: Vec<_> = references(policy, account.rule, spoken).collect();
                let of = |edits| Body::Update { edits, label: account.label.clone(), reasons: reasons.clone() };
                let part = (due.len() < edits.len()).then(|| (!due.is_empty()).then(|| of(due)));
                let change = ground.store.enter(&enter(known.id, phase, action, of(edits)))?;
                if let Some(part) = part {
                    ground.foreseen.change(change, part);
                }
                let (object, from) = (known.id, account.rule as u16);
                let refer = |(to, rule)| Refer { change, object, to, rule, from, makes: false };
                ground.refers.extend(refers.into_iter().map(refer));
            }
            let now = ground.store.groups_of(known.id)?;
            ground.wishes.memberships(&mut ground.store, policy, known.id, account, now)?;
        }
    }
    Ok(())
}

/// The edits that can be carried out now: what another account has yet to say stays as it is until then.
fn due(attributes: &Attributes, then: Option<&Then>, known: &Known) -> Vec<(String, Edit)> {
    let mut edits = plan::difference(attributes, &known.attributes);
    if let Some(then) = then {
        edits.retain(|(name, _)| !then.changing.contains(name));
    }
    edits
}

/// The edits that will have been carried out once the other accounts are as they shall be.
fn changes(then: &Then, known: &Known) -> Vec<(String, Edit)> {
    plan::difference(&then.attributes, &known.attributes)
}

/// The accounts that these attributes of a rule's account refer to: whose, and by which rule.
fn references<'a>(
    policy: &Policy,
    own: usize,
    attributes: impl Iterator<Item = &'a (String, Vec<Value>)>,
) -> impl Iterator<Item = (PersonId, u16)> {
    attributes.flat_map(|(_, values)| values).filter_map(refers_to).map(move |account| {
        let other = account.rule.and_then(|name| policy.accounts.iter().position(|rule| rule.name == name));
        (account.person, other.unwrap_or(own) as u16)
    })
}

/// Enters what closes an account: it may not be used, and every right goes.
fn close(ground: &mut Ground<'_>, person: PersonId, known: Known, reasons: Vec<Reason>) -> Result<(), CliError> {
    ground.wishes.none(&ground.store, known.id)?;
    ground.seats.none(&ground.store, ground.policy, person, &known, &reasons)?;
    disable(ground, person, known, reasons)
}

/// Enters that an account may not be used.
fn disable(ground: &mut Ground<'_>, person: PersonId, known: Known, reasons: Vec<Reason>) -> Result<(), CliError> {
    if !closed(&known.attributes) {
        let edits = vec![(ENABLED.to_owned(), Edit::Replace(vec![Value::Boolean(false)]))];
        ground.store.enter(&Entry {
            id: 0,
            target: known.target.clone(),
            phase: Phase::CLOSE,
            object: known.id,
            action: Action::Disable,
            person: Some(person),
            body: Body::Update { edits, label: known.label, reasons },
        })?;
    }
    Ok(())
}

/// Whether an account was closed for as long as the policy keeps one. A mistake in a source can be put right until then.
fn long_closed(ground: &Ground<'_>, known: &Known) -> bool {
    // What was closed on the day after the last one is removed just so many days after that last day.
    closed(&known.attributes)
        && known.closed.is_some_and(|since| {
            ground.today()
                >= since.saturating_add(ground.policy.stages.remove_after - ground.policy.stages.disable_after)
        })
}

/// Accounts whose rule the policy no longer has. One that another rule of the same target and class wants goes on under
/// that rule's name; any other is closed, for a human to judge.
fn orphans(
    ground: &mut Ground<'_>,
    person: PersonId,
    decision: &Decision,
    held: &mut Vec<Known>,
) -> Result<(), CliError> {
    let policy = ground.policy;
    let ruled = |known: &mut Known| policy.accounts.iter().any(|rule| rule.name == known.rule);
    let unruled: Vec<Known> = held.extract_if(.., |known| !ruled(known)).collect();
    for mut known in unruled {
        if ground.suspended.contains_key(&known.target) {
            ground.failed.insert(person, 0);
            continue;
        }
        let mut heir = None;
        for account in &decision.accounts {
            let rule = &policy.accounts[account.rule];
            let wants = matches!(account.presence, Presence::Open | Presence::Closed | Presence::Kept);
            let same = rule.target == known.target && rule.class == known.class;
            if wants && same && held.iter().all(|other| other.rule != rule.name) {
                heir = Some(rule.name.clone());
                break;
            }
        }
        match heir {
            Some(rule) => {
                if policy.feeds() {
                    // Whoever asks for it by its new name finds it in the next run.
                    ground.failed.insert(person, 0);
                }
                ground.store.give(known.id, &rule)?;
                known.rule = rule;
                held.push(known);
            }
            None => {
                if !closed(&known.attributes) {
                    let subject = ground.subject(&known)?;
                    ground.findings.push(
                        Finding::warning(
                            subject,
                            format!("the policy no longer has the rule `{}` that made it", known.rule),
                        )
                        .advise("it is closed and loses its rights; remove it by hand once nobody needs it"),
                    );
                }
                let reasons = vec![by_rule(&format!("account {} is no longer in the policy", known.rule))];
                close(ground, person, known, reasons)?;
            }
        }
    }
    Ok(())
}

/// Whether an account may not be used.
pub fn closed(attributes: &Attributes) -> bool {
    attributes.iter().any(|(name, values)| name == ENABLED && values.as_slice() == [Value::Boolean(false)])
}

/// Managers that lead back to the person are told of; the references themselves do no harm.
fn circle(ground: &mut Ground<'_>, person: &Person, manager: PersonId, decision: &Decision) -> Result<(), CliError> {
    let mut seen = HashSet::from([person.id]);
    let mut above = Some(manager);
    for _ in 0..CLIMB {
        let Some(next) = above else { return Ok(()) };
        if !seen.insert(next) {
            if next == person.id
                && let Some(primary) = &decision.primary
            {
                let id = &person.engagements[primary.index].id;
                ground.findings.push(
                    Finding::warning(
                        Subject::Record { source: id.source.clone(), record: id.record.clone() },
                        "the managers go round in a circle that leads back to this person",
                    )
                    .advise("correct one of the managers in the source"),
                );
            }
            return Ok(());
        }
        above = ground.managers.of(&ground.store, next)?;
    }
    Ok(())
}

/// The reason of a change that no single engagement gave.
pub fn by_rule(rule: &str) -> Reason {
    Reason { rule: rule.to_owned(), engagement: None, stage: None }
}
