//! The records of a roster, in pages.

use crate::classes::Class;
use crate::engagement::{Engagement, Engagements, engagements};
use crate::fault;
use crate::model::{GroupKind, Kept, Roster, Word};
use crate::settings::Giving;
use sluss_sdk::{Cell, Error, Page, Row, Value};
use std::collections::HashSet;

const ADDRESS: [&str; 4] = ["care-of", "street", "postal-code", "town"];

/// A roster that is given.
#[derive(Debug)]
pub(crate) struct Given {
    roster: Roster,
    giving: Giving,
    engagements: Engagements,
    /// The positions of the persons that are given.
    persons: Vec<u32>,
    /// The positions of the groups that are given.
    groups: Vec<u32>,
    /// Faults of each class.
    faults: [Vec<Error>; 4],
}

impl Given {
    pub(crate) fn new(mut roster: Roster, giving: Giving) -> Self {
        let mut engagements = engagements(&roster, giving.staff);
        let mut faults = std::mem::take(&mut roster.faults);
        roster.joined = Vec::new();
        roster.guardians.sort_unstable();
        roster.guardians.dedup();
        faults[Class::Engagement as usize].append(&mut engagements.faults);
        let engaged: HashSet<Word> = engagements.list.iter().map(|engagement| engagement.person).collect();
        let mut persons = Vec::new();
        for (at, person) in roster.persons.iter().enumerate() {
            if !person.is_pupil && !engaged.contains(&person.id) {
                continue;
            }
            match flaw(person) {
                None => persons.push(at as u32),
                Some(message) => {
                    faults[Class::Person as usize].push(fault::of_record(roster.words.must(person.id), message));
                }
            }
        }
        let mut groups = Vec::new();
        for (at, group) in roster.groups.iter().enumerate() {
            let message = match (group.unit, engagements.flawed.contains(&(at as u32))) {
                (0, _) => "The group leads to no unit",
                (_, true) => "Not all members of the group are known, since one cannot be read",
                (_, false) => {
                    groups.push(at as u32);
                    continue;
                }
            };
            faults[Class::Group as usize].push(fault::of_record(roster.words.must(group.id), message));
        }
        Given { roster, giving, engagements, persons, groups, faults }
    }

    fn count(&self, class: Class) -> usize {
        match class {
            Class::Person => self.persons.len(),
            Class::Engagement => self.engagements.list.len(),
            Class::Group => self.groups.len(),
            Class::Unit => self.roster.units.len(),
        }
    }

    /// At most so many records from a position on, faulty ones last, and the position behind them if there are more.
    pub(crate) fn page(&self, class: Class, from: usize, max: usize) -> (Page, Option<usize>) {
        let mut page = Page::new(&self.columns(class));
        let (count, faults) = (self.count(class), &self.faults[class as usize]);
        let to = from.saturating_add(max).min(count + faults.len());
        for at in from..to {
            match at.checked_sub(count) {
                None => page.rows.extend(self.row(class, at)),
                Some(at) => page.fault(faults[at].clone()),
            }
        }
        (page, (to < count + faults.len()).then_some(to))
    }

    /// The columns of a class.
    fn columns(&self, class: Class) -> Vec<&'static str> {
        match class {
            Class::Person => {
                let mut columns = vec![
                    "identity-number",
                    "organisation",
                    "first-names",
                    "surname",
                    "email",
                    "telephone",
                    "guardian-numbers",
                ];
                columns.extend(self.giving.addresses.then_some(ADDRESS).into_iter().flatten());
                columns.extend(self.giving.unmarked_is_unprotected.then_some("protected"));
                columns
            }
            Class::Engagement => vec![
                "person",
                "kind",
                "organisation",
                "unit",
                "unit-name",
                "start",
                "end",
                "school-form",
                "year",
                "class",
                "class-name",
                "title",
            ],
            Class::Group => vec!["code", "name", "kind", "organisation", "unit", "start", "end", "members"],
            Class::Unit => [&["code", "name", "organisation"], self.roster.more].concat(),
        }
    }

    fn row(&self, class: Class, at: usize) -> Option<Row> {
        match class {
            Class::Person => Some(self.person(&self.roster.persons[self.persons[at] as usize])),
            Class::Engagement => Some(self.engagement(&self.engagements.list[at])),
            Class::Group => self.group(self.groups[at] as usize),
            Class::Unit => Some(self.unit(at)),
        }
    }

    fn person(&self, person: &Kept) -> Row {
        let own = |text: &Option<Box<str>>| Cell::maybe(text.as_deref());
        let guardians = self.roster.guardians.partition_point(|(child, _)| *child < person.id);
        let guardians = self.roster.guardians[guardians..].iter().take_while(|(child, _)| *child == person.id);
        let mut cells = vec![
            own(&person.number),
            // Temporary numbers are valid within it alone.
            self.giving.organisation.as_str().into(),
            own(&person.first_names),
            self.word(person.surname),
            own(&person.email),
            own(&person.telephone),
            Cell::many(guardians.map(|(_, number)| &**number)),
        ];
        if self.giving.addresses {
            match &person.address {
                Some(address) => cells.extend(address.iter().map(own)),
                None => cells.extend([const { Cell::Absent }; 4]),
            }
        }
        if self.giving.unmarked_is_unprotected {
            cells.push(false.into());
        }
        Row { id: self.roster.words.must(person.id).to_owned(), version: None, cells }
    }

    fn engagement(&self, own: &Engagement) -> Row {
        let class = own.class.map(|class| &self.roster.groups[class as usize]);
        let unit = &self.roster.units[own.unit as usize];
        let cells = vec![
            self.word(own.person),
            if own.is_staff { "employment" } else { "placement" }.into(),
            self.giving.organisation.as_str().into(),
            self.code(own.unit).into(),
            self.word(unit.name),
            own.start.into(),
            Cell::maybe(own.end),
            self.word(own.form),
            self.word(own.year),
            class.map_or(Cell::Absent, |class| self.word(class.id)),
            class.map_or(Cell::Absent, |class| self.word(class.name)),
            self.word(own.title),
        ];
        Row { id: own.id(&self.roster), version: None, cells }
    }

    fn group(&self, at: usize) -> Option<Row> {
        let group = &self.roster.groups[at];
        let unit = *self.roster.unit_at.get(&group.unit)?;
        let kind = match group.kind {
            GroupKind::Class => "class",
            GroupKind::Teaching => "teaching",
            GroupKind::Other(word) => word,
        };
        let members = &self.engagements.members;
        let members = members[members.partition_point(|(own, _)| (*own as usize) < at)..].iter();
        let members = members.take_while(|(own, _)| *own as usize == at);
        let members =
            members.map(|(_, member)| Value::Reference(self.engagements.list[*member as usize].id(&self.roster)));
        let cells = vec![
            self.word(group.id),
            self.word(group.name),
            kind.into(),
            self.giving.organisation.as_str().into(),
            self.code(unit).into(),
            Cell::maybe(group.span.start),
            Cell::maybe(group.span.end),
            Cell::many(members),
        ];
        Some(Row { id: self.roster.words.must(group.id).to_owned(), version: None, cells })
    }

    fn unit(&self, at: usize) -> Row {
        let unit = &self.roster.units[at];
        let mut cells =
            vec![self.code(at as u32).into(), self.word(unit.name), self.giving.organisation.as_str().into()];
        cells.extend(unit.more.iter().map(|word| self.word(*word)));
        Row { id: self.roster.words.must(unit.id).to_owned(), version: None, cells }
    }

    fn code(&self, unit: u32) -> &str {
        let unit = &self.roster.units[unit as usize];
        self.roster.words.must(if unit.code == 0 { unit.id } else { unit.code })
    }

    fn word(&self, word: Word) -> Cell {
        Cell::maybe(self.roster.words.text(word))
    }
}

/// Why a person cannot be given.
fn flaw(person: &Kept) -> Option<&'static str> {
    if person.is_two {
        return Some("The person was told of twice, with two different identity numbers");
    }
    person.number.is_none().then_some("The person has no identity number")
}
