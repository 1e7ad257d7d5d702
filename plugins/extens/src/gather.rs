//! From the export's records to the roster.

use crate::export::{Group, Item, Membership, Person};
use crate::settings::Settings;
use sluss_roster::words::State;
use sluss_roster::{Class, GroupKind, Guardian, Role, Roster, Span, Unit};
use sluss_sdk::Error;
use std::collections::{HashMap, HashSet};

/// What units say beyond the vocabulary.
pub const MORE: &[&str] = &["extens:school-unit-code"];

/// What is needed to understand an export.
#[derive(Debug, Clone)]
pub struct Terms {
    span: Span,
    class_types: Vec<String>,
    unit_types: Vec<String>,
}

/// An export under way.
pub struct Gather<'t> {
    terms: &'t Terms,
    roster: Roster,
    /// Groups, which may stand before those above them.
    groups: Vec<Group>,
}

impl Terms {
    /// Those that an operator says.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let lower = |words: &[String]| words.iter().map(|word| word.trim().to_lowercase()).collect();
        Ok(Terms {
            span: settings.span()?,
            class_types: lower(&settings.class_types),
            unit_types: lower(&settings.unit_types),
        })
    }
}

impl<'t> Gather<'t> {
    /// One in which there is nothing yet.
    pub fn new(terms: &'t Terms) -> Self {
        Gather { terms, roster: Roster::new(MORE), groups: Vec::new() }
    }

    /// Takes a record.
    pub fn take(&mut self, item: Item) {
        match item {
            Item::Person(person) => self.person(*person),
            Item::Group(group) => self.group(*group),
            Item::Membership(membership) => self.membership(&membership),
        }
    }

    /// The roster, once there is nothing more to take.
    pub fn finish(mut self) -> Roster {
        let groups = std::mem::take(&mut self.groups);
        let above: HashMap<&str, &Group> =
            groups.iter().filter_map(|group| Some((group.id.as_deref()?, group))).collect();
        for group in &groups {
            self.settle(group, &above);
        }
        self.roster
    }

    fn nameless(&mut self, what: &str, classes: &[Class]) {
        let error = Error::invalid(format!("The export has a {what} without an id, so nobody knows which it is"));
        classes.iter().for_each(|class| self.roster.fault(*class, error.clone()));
    }

    fn person(&mut self, person: Person) {
        let Some(id) = person.id else {
            return self.nameless("person", &[Class::Person, Class::Engagement]);
        };
        match person.state {
            Some(State::Gone) => return self.roster.gone_person(&id),
            Some(State::Odd) => {
                let error = Error::invalid("The person's `recstatus` is neither 1, 2 nor 3");
                let id = sluss_roster::number::id(&id);
                return self.roster.fault(Class::Person, error.object(id));
            }
            _ => {}
        }
        if let Some(number) = person.number.as_deref() {
            person.children.iter().for_each(|child| self.roster.guardian(Guardian { number, child }));
        }
        for (unit, year) in &person.years {
            self.roster.year(&id, unit, year);
        }
        let [street, postal_code, town] = person.address;
        self.roster.person(sluss_roster::Person {
            id,
            number: person.number,
            first_names: person.first_names,
            surname: person.surname,
            email: person.email,
            telephone: person.telephone,
            address: [None, street, postal_code, town],
            is_pupil: person.is_pupil,
        });
    }

    fn group(&mut self, group: Group) {
        match (&group.id, group.state) {
            (None, _) => self.nameless("group", &[Class::Group, Class::Engagement, Class::Unit]),
            (Some(id), Some(State::Gone)) => self.roster.gone_place(id),
            (Some(id), Some(State::Odd)) => {
                let error = Error::invalid("The group's `recstatus` is neither 1, 2 nor 3").object(id);
                self.roster.fault(Class::Group, error);
            }
            _ => self.groups.push(group),
        }
    }

    /// Takes a group whose surroundings are all known.
    fn settle(&mut self, group: &Group, above: &HashMap<&str, &Group>) {
        let Some(id) = group.id.clone() else { return };
        let is = |words: &[String]| group.kind.as_ref().is_some_and(|kind| words.contains(&kind.to_lowercase()));
        if is(&self.terms.unit_types) {
            let more = vec![group.school_unit_code.clone()];
            return self.roster.unit(Unit { id, name: group.name.clone(), more, ..Unit::default() });
        }
        let unit = self.unit_of(group, above);
        if let Some((unit, Some(told))) = &unit {
            let more = vec![told.school_unit_code.clone()];
            self.roster.unit(Unit { id: unit.clone(), name: told.school_unit.clone(), more, ..Unit::default() });
        }
        self.roster.group(sluss_roster::Group {
            id,
            kind: if is(&self.terms.class_types) { GroupKind::Class } else { GroupKind::Teaching },
            name: group.name.clone(),
            unit: unit.map(|(unit, _)| unit),
            form: group.form.clone(),
            year: None,
            span: Span::default(),
        });
    }

    /// The unit of a group: what it says itself, or what a group above it does. Nothing says that the way up ends.
    fn unit_of<'g>(&self, group: &'g Group, above: &HashMap<&str, &'g Group>) -> Option<(String, Option<&'g Group>)> {
        let mut seen = HashSet::new();
        let mut next = Some(group);
        while let Some(group) = next.filter(|group| seen.insert(group.id.as_deref())) {
            if let Some(unit) = &group.institution {
                return Some((unit.clone(), Some(group)));
            }
            let is_unit = |kind: &String| self.terms.unit_types.contains(&kind.to_lowercase());
            if group.kind.as_ref().is_some_and(is_unit) {
                return group.id.clone().map(|id| (id, None));
            }
            next = group.parent.as_deref().and_then(|parent| above.get(parent).copied());
        }
        None
    }

    fn membership(&mut self, membership: &Membership) {
        let Some(place) = membership.group.as_deref() else {
            return self.nameless("membership", &[Class::Engagement, Class::Group]);
        };
        for member in membership.members.iter().filter(|member| member.is_group != Some(true)) {
            let Some(person) = member.id.as_deref() else {
                self.nameless("member", &[Class::Engagement, Class::Group]);
                continue;
            };
            let of = |role: Option<Role>, title| sluss_roster::Membership {
                person,
                place,
                role: role.unwrap_or(Role::Member),
                span: self.terms.span,
                form: None,
                year: None,
                title,
            };
            let odd = |message: &str| Error::invalid(message);
            if member.roles.is_empty() || member.is_group.is_none() {
                self.roster.misjoin(of(None, None), odd("The membership does not say what the person is there as"));
                continue;
            }
            for role in &member.roles {
                let joined = of(role.role, role.title.as_deref());
                match (role.state, role.role) {
                    (State::Gone, _) => {}
                    (State::Present, Some(_)) => self.roster.join(joined),
                    (State::Odd, _) => self.roster.misjoin(joined, odd("The role's `recstatus` is neither 1, 2 nor 3")),
                    (_, None) => self.roster.misjoin(joined, odd("The membership has a role that nobody knows")),
                }
            }
        }
    }
}
