//! What was read: persons, units, groups, and who belongs to what. Compact, since a city's pupils are in memory at once.

use crate::classes::Class;
use crate::number;
use sluss_sdk::{Date, Error};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What a person does in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Learns.
    Pupil,
    /// Belongs to it: whether as a pupil is told by the person.
    Member,
    /// Works.
    Staff,
}

/// From when to when.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Span {
    /// The first day.
    pub start: Option<Date>,
    /// The last day; open where there is none.
    pub end: Option<Date>,
}

/// A person.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The system's own id.
    pub id: String,
    /// The identity number.
    pub number: Option<String>,
    /// All first names.
    pub first_names: Option<String>,
    /// The surname.
    pub surname: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub telephone: Option<String>,
    /// Where the person is registered: at whose, street, postal code, town.
    pub address: [Option<String>; 4],
    /// Whether the system knows the person as a pupil.
    pub is_pupil: bool,
}

/// A unit.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// What groups and memberships call it.
    pub id: String,
    /// Its code, where it has another one.
    pub code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What the system says beyond the vocabulary, in the order of [`Roster::new`].
    pub more: Vec<Option<String>>,
}

/// What a group is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GroupKind {
    /// A class: a pupil's placement is in it.
    Class,
    /// Teaching.
    #[default]
    Teaching,
    /// Something else, by this word.
    Other(&'static str),
}

/// A group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What memberships call it.
    pub id: String,
    /// What it is for.
    pub kind: GroupKind,
    /// Its name.
    pub name: Option<String>,
    /// The unit that it belongs to.
    pub unit: Option<String>,
    /// The school form of those in it.
    pub form: Option<String>,
    /// The school year of those in it.
    pub year: Option<String>,
    /// From when to when there is such a group.
    pub span: Span,
}

/// Somebody belongs to something.
#[derive(Debug, Clone, Copy)]
pub struct Membership<'m> {
    /// The person's id.
    pub person: &'m str,
    /// The id of a group or unit.
    pub place: &'m str,
    /// As what.
    pub role: Role,
    /// From when to when.
    pub span: Span,
    /// The school form, where it is told of the person rather than of the group.
    pub form: Option<&'m str>,
    /// The school year, likewise.
    pub year: Option<&'m str>,
    /// What the person works as.
    pub title: Option<&'m str>,
}

/// Somebody is somebody's guardian.
#[derive(Debug, Clone, Copy)]
pub struct Guardian<'g> {
    /// The guardian's identity number.
    pub number: &'g str,
    /// The id of the child.
    pub child: &'g str,
}

/// A text that is kept once. 0 is none.
pub(crate) type Word = u32;

/// Texts that are kept once.
#[derive(Debug)]
pub(crate) struct Words {
    known: HashMap<Rc<str>, Word>,
    texts: Vec<Rc<str>>,
}

impl Words {
    fn new() -> Self {
        Words { known: HashMap::new(), texts: vec!["".into()] }
    }

    fn take(&mut self, text: &str) -> Word {
        if let Some(word) = self.known.get(text) {
            return *word;
        }
        let text: Rc<str> = text.into();
        let word = self.texts.len() as Word;
        self.known.insert(Rc::clone(&text), word);
        self.texts.push(text);
        word
    }

    fn maybe(&mut self, text: Option<&str>) -> Word {
        text.map(str::trim).filter(|text| !text.is_empty()).map_or(0, |text| self.take(text))
    }

    /// The text of a word; none of no word.
    pub(crate) fn text(&self, word: Word) -> Option<&str> {
        (word != 0).then(|| &*self.texts[word as usize])
    }

    pub(crate) fn must(&self, word: Word) -> &str {
        &self.texts[word as usize]
    }
}

/// A person as it is kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) id: Word,
    pub(crate) number: Option<Box<str>>,
    pub(crate) first_names: Option<Box<str>>,
    pub(crate) surname: Word,
    pub(crate) email: Option<Box<str>>,
    pub(crate) telephone: Option<Box<str>>,
    pub(crate) address: Option<Box<[Option<Box<str>>; 4]>>,
    pub(crate) is_pupil: bool,
    /// Whether it was told with two numbers.
    pub(crate) is_two: bool,
}

#[derive(Debug)]
pub(crate) struct KeptUnit {
    pub(crate) id: Word,
    pub(crate) code: Word,
    pub(crate) name: Word,
    pub(crate) more: Vec<Word>,
}

#[derive(Debug)]
pub(crate) struct KeptGroup {
    pub(crate) id: Word,
    pub(crate) kind: GroupKind,
    pub(crate) name: Word,
    pub(crate) unit: Word,
    pub(crate) form: Word,
    pub(crate) year: Word,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined {
    pub(crate) person: Word,
    pub(crate) place: Word,
    pub(crate) role: Role,
    pub(crate) span: Span,
    pub(crate) form: Word,
    pub(crate) year: Word,
    pub(crate) title: Word,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Roster {
    pub(crate) words: Words,
    pub(crate) persons: Vec<Kept>,
    pub(crate) units: Vec<KeptUnit>,
    pub(crate) groups: Vec<KeptGroup>,
    pub(crate) joined: Vec<Joined>,
    pub(crate) guardians: Vec<(Word, Box<str>)>,
    pub(crate) faults: [Vec<Error>; 4],
    /// Why memberships cannot be read, by person and place.
    pub(crate) reasons: HashMap<(Word, Word), Error>,
    /// Persons and places that were said to be deleted.
    pub(crate) gone: HashSet<Word>,
    /// School years, by person and unit.
    pub(crate) years: HashMap<(Word, Word), Word>,
    /// The names of what units say beyond the vocabulary.
    pub(crate) more: &'static [&'static str],
    person_at: HashMap<Word, u32>,
    pub(crate) unit_at: HashMap<Word, u32>,
    pub(crate) group_at: HashMap<Word, u32>,
}

fn boxed(text: Option<String>) -> Option<Box<str>> {
    let text = text?;
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.into())
}

impl Roster {
    /// One in which there is nobody. Units say these things beyond the vocabulary, by their attributes' names.
    pub fn new(more: &'static [&'static str]) -> Self {
        Roster {
            words: Words::new(),
            persons: Vec::new(),
            units: Vec::new(),
            groups: Vec::new(),
            joined: Vec::new(),
            guardians: Vec::new(),
            faults: Default::default(),
            reasons: HashMap::new(),
            gone: HashSet::new(),
            years: HashMap::new(),
            more,
            person_at: HashMap::new(),
            unit_at: HashMap::new(),
            group_at: HashMap::new(),
        }
    }

    /// Takes a person. Of one who was told before, only what was not known yet is taken.
    pub fn person(&mut self, person: Person) {
        let id = self.words.take(&number::id(&person.id));
        let at = *self.person_at.entry(id).or_insert_with(|| {
            self.persons.push(Kept { id, ..Kept::default() });
            self.persons.len() as u32 - 1
        });
        let surname = self.words.maybe(person.surname.as_deref());
        let kept = &mut self.persons[at as usize];
        let number = person.number.as_deref().and_then(number::clean);
        kept.is_two |= matches!((&kept.number, &number), (Some(own), Some(other)) if **own != **other);
        let fill = |own: &mut Option<Box<str>>, other: Option<String>| {
            if own.is_none() {
                *own = boxed(other);
            }
        };
        fill(&mut kept.number, number);
        fill(&mut kept.first_names, person.first_names);
        fill(&mut kept.email, person.email);
        fill(&mut kept.telephone, person.telephone);
        if kept.surname == 0 {
            kept.surname = surname;
        }
        if kept.address.is_none() && person.address.iter().any(Option::is_some) {
            kept.address = Some(Box::new(person.address.map(boxed)));
        }
        kept.is_pupil |= person.is_pupil;
    }

    /// Takes a unit. Of one that was told before, only what was not known yet is taken.
    pub fn unit(&mut self, unit: Unit) {
        let id = self.words.take(unit.id.trim());
        let (code, name) = (self.words.maybe(unit.code.as_deref()), self.words.maybe(unit.name.as_deref()));
        let more: Vec<Word> = unit.more.iter().map(|text| self.words.maybe(text.as_deref())).collect();
        let at = *self.unit_at.entry(id).or_insert_with(|| {
            self.units.push(KeptUnit { id, code: 0, name: 0, more: vec![0; self.more.len()] });
            self.units.len() as u32 - 1
        });
        let kept = &mut self.units[at as usize];
        let own = [&mut kept.code, &mut kept.name].into_iter().chain(&mut kept.more);
        for (own, other) in own.zip([code, name].into_iter().chain(more)) {
            if *own == 0 {
                *own = other;
            }
        }
    }

    /// Takes a group; one that was told before stays as it was. Its unit is known from then on.
    pub fn group(&mut self, group: Group) {
        let id = self.words.take(group.id.trim());
        if self.group_at.contains_key(&id) {
            return;
        }
        if let Some(unit) = &group.unit {
            self.unit(Unit { id: unit.clone(), ..Unit::default() });
        }
        let words = &mut self.words;
        let kept = KeptGroup {
            id,
            kind: group.kind,
            name: words.maybe(group.name.as_deref()),
            unit: words.maybe(group.unit.as_deref()),
            form: words.maybe(group.form.as_deref()),
            year: words.maybe(group.year.as_deref()),
            span: group.span,
        };
        self.group_at.insert(id, self.groups.len() as u32);
        self.groups.push(kept);
    }

    /// Takes a membership.
    pub fn join(&mut self, membership: Membership<'_>) {
        let words = &mut self.words;
        self.joined.push(Joined {
            person: words.take(&number::id(membership.person)),
            place: words.take(membership.place.trim()),
            role: membership.role,
            span: membership.span,
            form: words.maybe(membership.form),
            year: words.maybe(membership.year),
            title: words.maybe(membership.title),
        });
    }

    /// Takes the school year that a person is in at a unit.
    pub fn year(&mut self, person: &str, unit: &str, year: &str) {
        let (person, unit) = (self.words.take(&number::id(person)), self.words.take(unit.trim()));
        let year = self.words.maybe(Some(year));
        self.years.entry((person, unit)).or_insert(year);
    }

    /// Notes that a person was deleted: memberships say nothing any more.
    pub fn gone_person(&mut self, id: &str) {
        let id = self.words.take(&number::id(id));
        self.gone.insert(id);
    }

    /// The same for a group or unit.
    pub fn gone_place(&mut self, id: &str) {
        let id = self.words.take(id.trim());
        self.gone.insert(id);
    }

    /// Takes a guardian of a child. What is no number says nothing.
    pub fn guardian(&mut self, guardian: Guardian<'_>) {
        let child = number::id(guardian.child);
        if let Some(number) = number::clean(guardian.number).filter(|_| !child.is_empty()) {
            self.guardians.push((self.words.take(&child), number.into()));
        }
    }

    /// Takes a membership of which something cannot be read: its engagement is a fault, and its group stays as it was.
    pub fn misjoin(&mut self, membership: Membership<'_>, reason: Error) {
        self.join(Membership { span: Span::default(), ..membership });
        if let Some(joined) = self.joined.last() {
            self.reasons.entry((joined.person, joined.place)).or_insert(reason);
        }
    }

    /// Notes something that cannot be used. Without the id of a record nothing of its class is then gone.
    pub fn fault(&mut self, class: Class, error: Error) {
        self.faults[class as usize].push(error);
    }

    /// How many persons there are.
    pub fn persons(&self) -> usize {
        self.persons.len()
    }

    /// Who a person is, by the id.
    pub(crate) fn who(&self, id: Word) -> Option<&Kept> {
        self.person_at.get(&id).map(|at| &self.persons[*at as usize])
    }
}
