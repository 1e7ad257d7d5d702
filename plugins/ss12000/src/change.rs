//! What must be read again when something changed.
//!
//! The service tells which of its own records changed, and which were deleted; ours are made of several of them, and what
//! they were made of before is not known any more. So an answer to a question about changes has only what follows with
//! certainty, and in every other case a full read is asked for:
//!
//! - units: all of them are given again when one changed, since codes and municipalities depend on each other;
//! - engagements: those of the persons who changed, with the ids of all that such a person could have had before. A class,
//!   a department, a placement, a duty or an organisation that changed concerns persons who are not told of;
//! - persons: those who changed. Where guardians are told, anybody who changed may be somebody's guardian;
//! - groups: none, since their members depend on everything.

use crate::class::{Class, columns};
use crate::collection::Collection;
use crate::cursor::Next;
use crate::engagement;
use crate::held::Held;
use crate::model::Scope;
use crate::person::Person;
use crate::rows;
use crate::service::Ask;
use sluss_sdk::{Page, Rest};
use std::collections::{HashSet, VecDeque};

/// More ids than this are not told as gone; a full read costs less.
const MOST_GONE: usize = 500_000;

/// The most ids of one page.
const GONE_PER_PAGE: usize = 10_000;

/// What is asked about changes.
pub fn questions(class: Class, scope: &Scope) -> VecDeque<Ask> {
    let mut collections = class.made_of(scope);
    if class == Class::Person {
        collections.retain(|collection| *collection != Collection::Organisations);
    }
    collections.into_iter().flat_map(|collection| [Ask::Modified(collection), Ask::Deleted(collection)]).collect()
}

/// Whether something changed that only a full read can tell about.
pub fn is_beyond(held: &Held) -> bool {
    let is_told = |collection: &Collection| match held.class {
        Class::Unit => true,
        Class::Engagement => *collection == Collection::Persons,
        Class::Person => *collection == Collection::Persons && !held.model.scope.guardians,
        Class::Group => false,
    };
    !held.changed.iter().all(is_told)
}

/// What has to be read in full to tell about what changed; nothing where nothing did.
pub fn needed(held: &Held) -> VecDeque<Ask> {
    if held.changed.is_empty() {
        return VecDeque::new();
    }
    let mut collections = held.class.made_of(&held.model.scope);
    collections.retain(|collection| *collection != Collection::Persons);
    held.missing(&collections)
}

/// A page of what changed with the ids of what is gone; none where only a full read will do.
pub fn give(held: &Held, from: usize, skip: usize, max: u32) -> Option<(Page, Vec<String>)> {
    // Records that cannot be used may concern anybody.
    let is_clear = rows::clouds(&held.model, held.class).is_ok_and(|clouds| clouds.is_empty());
    if !is_clear {
        return None;
    }
    if held.class == Class::Unit {
        let page = held.give(from, skip, max).ok()?;
        let gone = if page.rest == Rest::Complete { deleted_units(held) } else { Vec::new() };
        return Some((page, gone));
    }
    let changed = held.model.persons.items();
    let places: Vec<&str> = match held.class {
        Class::Engagement => held.model.units.ids().chain(held.model.groups.ids()).collect(),
        _ => Vec::new(),
    };
    let deleted = deleted_persons(held);
    if (changed.len() + deleted.len()).saturating_mul(places.len()) > MOST_GONE {
        return None;
    }
    let mut page = Page::new(&columns(held.class, &held.model.scope));
    let mut gone = Vec::new();
    let more = |from, skip| Rest::More(held.cursor(Next::Give { from, skip }));
    let mut skip = skip;
    for (at, person) in changed.iter().enumerate().skip(from) {
        if gone.len() >= GONE_PER_PAGE {
            page.rest = more(at, 0);
            return Some((page, gone));
        }
        for (place, entry) in rows::of(&held.model, held.class, at).into_iter().enumerate().skip(skip) {
            match entry {
                Ok(_) if page.rows.len() >= max.max(1) as usize => {
                    page.rest = more(at, place);
                    return Some((page, gone));
                }
                Ok(row) => page.rows.push(row),
                Err(fault) => page.fault(fault),
            }
        }
        skip = 0;
        gone.extend(lost(held, person, &places));
    }
    for (at, person) in deleted.iter().enumerate().skip(from.saturating_sub(changed.len())) {
        if gone.len() >= GONE_PER_PAGE {
            page.rest = more(changed.len() + at, 0);
            return Some((page, gone));
        }
        match held.class {
            Class::Engagement => {
                gone.extend(places.iter().map(|place| engagement::id(person, place)));
                gone.extend(held.model.post_ids_of(person).map(str::to_owned));
            }
            _ => gone.push((*person).to_owned()),
        }
    }
    Some((page, gone))
}

/// Units that were deleted and are not there.
fn deleted_units(held: &Held) -> Vec<String> {
    let there: HashSet<&str> = held.model.units.ids().collect();
    let deleted = held.deleted.get(&Collection::Organisations).into_iter().flatten();
    deleted.filter(|id| !there.contains(id.as_str())).cloned().collect()
}

/// Persons who were deleted and are not there, in an order that stays.
fn deleted_persons(held: &Held) -> Vec<&str> {
    let deleted = held.deleted.get(&Collection::Persons).into_iter().flatten().map(String::as_str);
    let mut deleted: Vec<&str> = deleted.filter(|id| held.model.persons.get(id).is_none()).collect();
    deleted.sort_unstable();
    deleted
}

/// The records that a changed person may have had before and has no more.
fn lost(held: &Held, person: &Person, places: &[&str]) -> Vec<String> {
    match held.class {
        Class::Engagement if person.unclear.is_some() => Vec::new(),
        Class::Engagement => {
            let own: HashSet<String> = engagement::of(&held.model, person).into_iter().map(|own| own.id).collect();
            let all = places.iter().map(|place| engagement::id(&person.id, place));
            all.filter(|id| !own.contains(id)).collect()
        }
        _ if held.model.includes(person) => Vec::new(),
        _ => vec![person.id.to_string()],
    }
}
