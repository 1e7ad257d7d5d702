//! What of a run people are told: entered in the same step of the store in which it became so, or was decided.

use super::ground::Ground;
use super::values::day_number;
use crate::error::CliError;
use jiff::ToSpan as _;
use sluss_engine::decide::Decision;
use sluss_engine::person::{Person, PersonId};
use sluss_engine::plan::Action;
use sluss_engine::policy::Event;
use sluss_engine::stage::{Presence, last_day};
use sluss_store::{Known, StoreError, Told};

/// Enters what became of an account, for every message rule that tells of it.
pub fn happened(ground: &mut Ground<'_>, known: &Known, event: Event) -> Result<(), StoreError> {
    let Some(person) = known.person else { return Ok(()) };
    let today = ground.today();
    enter(ground, event, person, &known.rule, today)
}

/// Enters what became of an account by a change that was carried out.
pub fn carried_out(ground: &mut Ground<'_>, known: &Known, action: Action) -> Result<(), StoreError> {
    match event_of(action) {
        Some(event) => happened(ground, known, event),
        None => Ok(()),
    }
}

/// What a change brings about that somebody may be told of.
pub fn event_of(action: Action) -> Option<Event> {
    match action {
        Action::Create => Some(Event::Created),
        Action::Disable => Some(Event::Closed),
        Action::Remove => Some(Event::Removed),
        Action::Update | Action::Enable | Action::Members | Action::Licences => None,
    }
}

/// Enters whatever somebody is told of before it comes, once its day is there. Returns the day on which to decide the
/// person again, which is at the latest the day on which somebody is to be told.
pub fn ahead(ground: &mut Ground<'_>, person: &Person, decision: &Decision, next: i32) -> Result<i32, StoreError> {
    let policy = ground.policy;
    let mut rules = policy.messages.iter().filter(|rule| rule.on == Event::Ending).peekable();
    if rules.peek().is_none() {
        return Ok(next);
    }
    let Some(last) = last_day(person, &policy.stages, ground.day) else { return Ok(next) };
    let mut next = next;
    for rule in rules {
        let of_rule = |index: usize| policy.accounts[index].name == rule.account;
        if !decision.accounts.iter().any(|account| of_rule(account.rule) && account.presence == Presence::Open) {
            continue;
        }
        let due = day_number(last.saturating_sub(rule.before.days()));
        if due > ground.today() {
            next = next.min(due);
        } else {
            enter(ground, Event::Ending, person.id, &rule.account, day_number(last))?;
        }
    }
    Ok(next)
}

fn enter(ground: &mut Ground<'_>, event: Event, person: PersonId, account: &str, day: i32) -> Result<(), StoreError> {
    let entered = ground.today();
    let policy = ground.policy;
    for rule in policy.messages.iter().filter(|rule| rule.on == event && rule.account == account) {
        ground.store.tell(&Told {
            id: 0,
            message: rule.name.clone(),
            event: event.as_str().to_owned(),
            person,
            account: account.to_owned(),
            day,
            entered,
            tries: 0,
        })?;
    }
    Ok(())
}

/// Enters what the plan would bring about: for a preview, which is rolled back.
pub fn planned(ground: &mut Ground<'_>) -> Result<crate::message::Foreseen, CliError> {
    let policy = ground.policy;
    let mut foreseen = crate::message::Foreseen::new();
    let mut events: Vec<(Event, u64)> = Vec::new();
    ground.store.each_planned(|entry| {
        let Some(person) = entry.person else { return Ok(()) };
        events.extend(event_of(entry.action).map(|event| (event, entry.object)));
        if let sluss_store::Body::Create { attributes, .. } = &entry.body {
            let Some(known) = ground.store.object(entry.object)? else { return Ok(()) };
            for (account, attribute) in policy.messages.iter().filter_map(|rule| rule.address_from.as_ref()) {
                let of_rule = *account == known.rule;
                let held = attributes.iter().find(|(name, _)| of_rule && name == attribute);
                let text = held.and_then(|(_, values)| values.first()).map(super::values::text);
                if let Some(text) = text {
                    foreseen.insert((person, known.rule.clone()), text);
                }
            }
        }
        Ok(())
    })?;
    for (event, object) in events {
        if let Some(known) = ground.store.object(object)? {
            happened(ground, &known, event)?;
        }
    }
    Ok(foreseen)
}
