//! From memberships to engagements: one for each membership of a pupil in a class, one for a unit in which there is no
//! class, and one for each unit in which somebody works.

use crate::fault;
use crate::model::{GroupKind, Joined, Role, Roster, Word};
use sluss_sdk::{Date, Error};
use std::collections::HashSet;

/// An engagement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engagement {
    pub(crate) person: Word,
    /// The id of the class or unit.
    pub(crate) place: Word,
    /// The unit's position.
    pub(crate) unit: u32,
    /// The position of the class, where there is one.
    pub(crate) class: Option<u32>,
    pub(crate) start: Date,
    pub(crate) end: Option<Date>,
    pub(crate) form: Word,
    pub(crate) year: Word,
    pub(crate) title: Word,
    pub(crate) is_staff: bool,
    /// Which of several memberships in one class it is, from 1.
    ordinal: u32,
}

/// What follows from a roster's memberships.
#[derive(Debug, Default)]
pub(crate) struct Engagements {
    pub(crate) list: Vec<Engagement>,
    /// Positions of groups, each with that of an engagement in it, sorted.
    pub(crate) members: Vec<(u32, u32)>,
    pub(crate) faults: Vec<Error>,
    /// The positions of groups of whose members one is not known.
    pub(crate) flawed: HashSet<u32>,
}

/// A membership of which all is known.
struct Resolved {
    joined: Joined,
    unit: u32,
    group: Option<u32>,
    is_class: bool,
    is_staff: bool,
}

impl Resolved {
    /// Those of one person in one unit stand together, those in classes first.
    fn key(&self) -> impl Ord + use<> {
        let start = self.joined.span.start.map(|date| (date.year, date.month, date.day));
        (self.joined.person, self.unit, self.is_staff, !self.is_class, self.joined.place, start)
    }
}

impl Engagement {
    /// The record's id, made of the system's own ids.
    pub(crate) fn id(&self, roster: &Roster) -> String {
        id(roster.words.must(self.person), roster.words.must(self.place), self.is_staff, self.ordinal)
    }
}

/// The id of an engagement. Whoever left a class and came back has two: the first day is no part of the id, so that one
/// that cannot be read leaves the record known as it was.
fn id(person: &str, place: &str, is_staff: bool, ordinal: u32) -> String {
    let mut id = format!("{person}/{place}");
    if is_staff {
        id.push_str("/staff");
    }
    if ordinal > 1 {
        id.push_str(&format!("/{ordinal}"));
    }
    id
}

/// Finds the engagements of a roster.
pub(crate) fn engagements(roster: &Roster, gives_staff: bool) -> Engagements {
    let mut found = Engagements::default();
    let mut resolved: Vec<Resolved> = Vec::with_capacity(roster.joined.len());
    let stands = |joined: &&Joined| !roster.gone.contains(&joined.person) && !roster.gone.contains(&joined.place);
    for joined in roster.joined.iter().filter(stands) {
        match resolve(roster, joined) {
            Ok(own) if own.is_staff && !gives_staff => {}
            Ok(own) => resolved.push(own),
            Err(message) => {
                let (person, place) = (roster.words.must(joined.person), roster.words.must(joined.place));
                let id = id(person, place, joined.role == Role::Staff, 1);
                found.faults.push(fault::of_record(&id, message));
                found.flawed.extend(roster.group_at.get(&joined.place));
            }
        }
    }
    resolved.sort_unstable_by_key(Resolved::key);
    let together = |one: &Resolved, other: &Resolved| {
        (one.joined.person, one.unit, one.is_staff) == (other.joined.person, other.unit, other.is_staff)
    };
    for of_one in resolved.chunk_by(together) {
        found.add(roster, of_one);
    }
    found.members.sort_unstable();
    found.members.dedup();
    found
}

fn resolve(roster: &Roster, joined: &Joined) -> Result<Resolved, &'static str> {
    let person = roster.who(joined.person).ok_or("The membership is that of a person who was not told of")?;
    let (unit, group) = match (roster.group_at.get(&joined.place), roster.unit_at.get(&joined.place)) {
        (Some(group), _) => {
            let unit = roster.unit_at.get(&roster.groups[*group as usize].unit);
            (*unit.ok_or("The membership is in a group that leads to no unit")?, Some(*group))
        }
        (None, Some(unit)) => (*unit, None),
        (None, None) => return Err("The membership is in a group that was not told of"),
    };
    let is_staff = match joined.role {
        Role::Pupil => false,
        Role::Member => !person.is_pupil,
        Role::Staff => true,
    };
    let kind = group.map(|group| roster.groups[group as usize].kind);
    Ok(Resolved { joined: *joined, unit, group, is_class: kind == Some(GroupKind::Class) && !is_staff, is_staff })
}

impl Engagements {
    /// The engagements of one person in one unit.
    fn add(&mut self, roster: &Roster, all: &[Resolved]) {
        let before = self.list.len();
        let same = |one: &Resolved, other: &Resolved| {
            one.is_class == other.is_class
                && (!one.is_class
                    || one.joined.place == other.joined.place && one.joined.span.start == other.joined.span.start)
        };
        let (mut last, mut ordinal) = (0, 0);
        for some in all.chunk_by(same) {
            let [first, ..] = some else { continue };
            if !first.is_class && self.list.len() > before {
                continue;
            }
            let place = if first.is_class { first.joined.place } else { roster.units[first.unit as usize].id };
            ordinal = if last == place { ordinal + 1 } else { 1 };
            last = place;
            let known = || some.iter().map(|own| own.joined.span).filter(|span| span.start.is_some());
            let Some(start) = known().filter_map(|span| span.start).min_by_key(key) else {
                self.flaw(roster, some, place, ordinal);
                continue;
            };
            let ends: Option<Vec<Date>> = known().map(|span| span.end).collect();
            let told = |word: fn(&Joined) -> Word| some.iter().map(|own| word(&own.joined)).find(|word| *word != 0);
            let group = first.group.map(|group| &roster.groups[group as usize]);
            let engagement = Engagement {
                person: first.joined.person,
                place,
                unit: first.unit,
                class: first.group.filter(|_| first.is_class),
                start,
                end: ends.and_then(|ends| ends.into_iter().max_by_key(key)),
                form: told(|joined| joined.form).or(group.map(|group| group.form)).unwrap_or(0),
                year: told(|joined| joined.year)
                    .or_else(|| roster.years.get(&(first.joined.person, roster.units[first.unit as usize].id)).copied())
                    .or(group.map(|group| group.year))
                    .unwrap_or(0),
                title: told(|joined| joined.title).unwrap_or(0),
                is_staff: first.is_staff,
                ordinal,
            };
            if first.is_class {
                self.members.extend(first.group.map(|group| (group, self.list.len() as u32)));
            }
            self.list.push(engagement);
        }
        if all.first().is_some_and(|own| own.is_staff) {
            return;
        }
        let others = all.iter().filter(|own| !own.is_class).filter_map(|own| own.group);
        for group in others {
            self.members.extend((before..self.list.len()).map(|at| (group, at as u32)));
        }
    }
}

impl Engagements {
    /// Notes an engagement that cannot be given, and that the members of its groups are not all known.
    fn flaw(&mut self, roster: &Roster, some: &[Resolved], place: Word, ordinal: u32) {
        let Some(first) = some.first() else { return };
        let id = id(roster.words.must(first.joined.person), roster.words.must(place), first.is_staff, ordinal);
        let reason = some.iter().find_map(|own| roster.reasons.get(&(own.joined.person, own.joined.place)));
        let unknown = || Error::invalid("The membership has no first day that can be read");
        self.faults.push(reason.cloned().unwrap_or_else(unknown).object(id));
        self.flawed.extend(some.iter().filter_map(|own| own.group));
    }
}

fn key(date: &Date) -> (u16, u8, u8) {
    (date.year, date.month, date.day)
}

impl Roster {
    /// The ids that the engagement of a membership may have had which is no more, in its class or in its unit.
    pub fn ids_of(person: &str, places: &[&str]) -> Vec<String> {
        const MOST_RETURNS: u32 = 4;
        let person = crate::number::id(person);
        let of = |place: &&str| {
            let place = place.trim().to_owned();
            let person = person.clone();
            let pupil = (1..=MOST_RETURNS).map({
                let (person, place) = (person.clone(), place.clone());
                move |ordinal| id(&person, &place, false, ordinal)
            });
            pupil.chain([id(&person, &place, true, 1)]).collect::<Vec<_>>()
        };
        places.iter().flat_map(of).collect()
    }
}
