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
    /// Everybody who says who the person is: first whoever belongs to the engagement at `index`, then the others. Records
    /// that are gone from their source are heard only where no source names the person any more.
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
        if all.iter().any(|identity| identity.is_living() && identity.is_named()) {
            all.retain(|identity| !identity.gone);
        }
        all
    }

    fn everybody(&self) -> impl Iterator<Item = &Identity> {
        self.readings.iter().map(|reading| &reading.identity).chain(&self.identities)
    }

    /// Everybody whose word on protection counts. What a record said that is gone counts until its own source, or a
    /// register, says anything about it again: somebody in hiding does not come out of it by leaving a school. That there
    /// is none is said by nobody who is gone, as long as a source gives the person: a protected pupil may be left out.
    pub fn on_protection(&self) -> Vec<&Identity> {
        let all = || self.everybody().filter(|identity| identity.protection.is_some());
        let registered = all().any(|identity| identity.registered);
        let replaced = |own: &Identity| all().any(|other| other.is_living() && other.id.source == own.id.source);
        let is_given = self.everybody().any(Identity::is_living);
        let counts = |own: &Identity| match own.protection {
            Some(Protection::Protected) => !registered && !replaced(own),
            _ => !registered && !is_given,
        };
        all().filter(|own| !own.gone || counts(own)).collect()
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
    // A number for good stays known when the record that had it is gone. Of equally good numbers the first stands.
    let numbers = all.iter().copied().chain(said.everybody());
    let numbers = numbers.filter_map(|identity| Some((identity.registered, identity.number.as_ref()?)));
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
    let all = said.on_protection();
    let is_free = !all.is_empty() && all.iter().all(|identity| identity.protection == Some(Protection::None));
    if is_free { Protection::None } else { Protection::Protected }
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

#[cfg(test)]
mod tests {
    use super::{Said, person};
    use crate::assemble::Identity;
    use crate::authority::Authority;
    use crate::person::{EngagementId, Person, PersonId, PersonName, Protection};
    use crate::value::{Attributes, Value};

    const NOT: Option<Protection> = Some(Protection::None);
    const YES: Option<Protection> = Some(Protection::Protected);

    /// What a source says, with the surname that it gives, which is also the record's id.
    fn said(source: &str, gone: bool, surname: &str, protection: Option<Protection>) -> Identity {
        Identity {
            id: EngagementId { source: source.into(), record: surname.into() },
            registered: source == "navet",
            gone,
            number: None,
            name: PersonName { surname: surname.into(), ..PersonName::default() },
            protection,
            died: None,
            extra: Attributes::from([("room".to_owned(), vec![Value::from(surname)])]),
        }
    }

    fn put_together(identities: &[Identity]) -> Person {
        let mut said = Said { readings: Vec::new(), identities: identities.to_vec() };
        person(PersonId(1), &mut said, &Authority::default(), |_| 0)
    }

    #[test]
    fn a_record_that_is_gone_is_heard_only_when_no_source_speaks_any_more() {
        let left = said("a", true, "Ek", NOT);
        let both = put_together(&[left.clone(), said("b", false, "Alm", NOT)]);
        assert_eq!((both.name.surname.as_str(), both.extra), ("Alm", vec![("room".to_owned(), vec!["Alm".into()])]));
        let alone = put_together(std::slice::from_ref(&left));
        assert_eq!(alone.name.surname, "Ek");
        assert_eq!(put_together(&[left.clone(), said("b", false, "", NOT)]).name.surname, "Ek", "one without a name");
        assert_eq!(put_together(&[left, said("navet", false, "Alm", NOT)]).extra.len(), 1, "a register is no source");
    }

    #[test]
    fn a_protection_that_was_told_stands_until_its_source_or_a_register_says_otherwise() {
        let hidden = said("a", true, "Ek", YES);
        let of = |others: &[Identity]| put_together(&[std::slice::from_ref(&hidden), others].concat()).protection;
        assert_eq!(of(&[]), Protection::Protected);
        assert_eq!(of(&[said("b", false, "Alm", NOT)]), Protection::Protected, "another source");
        assert_eq!(of(&[said("a", false, "Alm", None)]), Protection::Protected, "the same, with no word of it");
        assert_eq!(of(&[said("a", false, "Alm", NOT)]), Protection::None);
        assert_eq!(of(&[said("navet", false, "Alm", NOT)]), Protection::None);
        assert_eq!(of(&[said("navet", false, "Alm", YES)]), Protection::Protected);
        assert_eq!(put_together(&[said("b", false, "Alm", None)]).protection, Protection::Protected, "nobody says");
        let free = said("a", true, "Ek", NOT);
        assert_eq!(put_together(std::slice::from_ref(&free)).protection, Protection::None, "nobody else speaks");
        let left_out = put_together(&[free, said("b", false, "Alm", None)]);
        assert_eq!(left_out.protection, Protection::Protected, "somebody may have become protected");
    }
}
