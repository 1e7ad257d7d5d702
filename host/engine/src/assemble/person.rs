//! A person, put together from everything that is said of them.

use super::engagement::Reading;
use super::identity::Identity;
use crate::authority::Authority;
use crate::numbers::{Number, NumberKind};
use crate::person::{Engagement, Person, PersonId, PersonName, Protection};
use crate::value::Attributes;

/// Everything that is said of one person.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What engagement records say.
    pub readings: Vec<Reading>,
    /// What records of the class `person` and registers say.
    pub identities: Vec<Identity>,
}

impl Said {
    /// Everybody who says who the person is: first whoever belongs to the engagement at `index`, then the others.
    pub fn speakers(&self, index: usize) -> Vec<&Identity> {
        let first = self.readings.get(index);
        let linked = first.and_then(|reading| {
            let person = reading.person.as_ref()?;
            let own = |identity: &&Identity| {
                identity.id.source == reading.engagement.id.source && identity.id.record == *person
            };
            self.identities.iter().find(own)
        });
        let leading = first.into_iter().map(|reading| &reading.identity).chain(linked);
        let others = self.readings.iter().enumerate().filter(|(other, _)| *other != index);
        let mut all: Vec<&Identity> = leading.chain(others.map(|(_, reading)| &reading.identity)).collect();
        all.extend(
            self.identities.iter().filter(|identity| linked.is_none_or(|linked| !std::ptr::eq(*identity, linked))),
        );
        all
    }
}

/// Puts a person together. What the person is called comes from whoever is believed; among equals, from whoever belongs
/// to the engagement that speaks for the person, which `speaks` picks. Protected is who anybody says is, or nobody says
/// is not.
pub fn person(id: PersonId, said: &mut Said, authority: &Authority, speaks: impl FnOnce(&Person) -> usize) -> Person {
    said.readings.sort_by(|a, b| a.engagement.id.cmp(&b.engagement.id));
    said.identities.sort_by(|a, b| a.id.cmp(&b.id));
    let died = said.identities.iter().filter_map(|identity| identity.died).min();
    let engagements = said.readings.iter().map(|reading| ended(reading.engagement.clone(), died)).collect();
    let mut person = Person {
        id,
        number: String::new(),
        name: PersonName::default(),
        protection: protection(said),
        extra: Attributes::new(),
        engagements,
    };
    let index = speaks(&person).min(person.engagements.len().saturating_sub(1));
    let all = said.speakers(index);
    if let Some(identity) = authority.of("name").first(&all, Identity::is_named) {
        person.name = identity.name.clone();
    }
    let numbers = all.iter().filter_map(|identity| Some((identity.registered, identity.number.as_ref()?)));
    // Of equally good numbers the first stands.
    let best = numbers.min_by_key(|(registered, number)| (!registered, rank(number)));
    person.number = best.map(|(_, number)| number.canonical.clone()).unwrap_or_default();
    person.extra = extra(&said.identities, &all, authority);
    person
}

/// What else is said of the person, each by whoever is believed.
fn extra(identities: &[Identity], all: &[&Identity], authority: &Authority) -> Attributes {
    let mut names: Vec<&String> =
        identities.iter().flat_map(|identity| &identity.extra).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let value = |name: &String| {
        let held = |identity: &Identity| identity.extra.iter().any(|(known, _)| known == name);
        let identity = authority.of(name).first(all, held)?;
        identity.extra.iter().find(|(known, _)| known == name).cloned()
    };
    names.into_iter().filter_map(value).collect()
}

fn protection(said: &Said) -> Protection {
    let all = said.readings.iter().map(|reading| &reading.identity).chain(&said.identities);
    let mut known = false;
    for word in all.filter_map(|identity| identity.protection) {
        if word == Protection::Protected {
            return Protection::Protected;
        }
        known = true;
    }
    if known { Protection::None } else { Protection::Protected }
}

/// Nobody works, learns or visits after the day of their death.
fn ended(mut engagement: Engagement, died: Option<jiff::civil::Date>) -> Engagement {
    if let Some(died) = died {
        engagement.end = Some(engagement.end.map_or(died, |end| end.min(died)));
        engagement.start = engagement.start.map(|start| start.min(died));
    }
    engagement
}

/// A number that is valid everywhere and for good comes first.
fn rank(number: &Number) -> u8 {
    let wrong = u8::from(number.problem.is_some());
    wrong * 4
        + match number.kind {
            NumberKind::Personal => 0,
            NumberKind::Coordination => 1,
            NumberKind::Temporary => 2,
            NumberKind::Unknown => 3,
        }
}
