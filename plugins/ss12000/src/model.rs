//! Everything that was read, together.
//!
//! An engagement comes from a person, the person's enrolments and classes, and the unit; a person's record from other
//! persons as well. The service gives each in a collection of its own, so they are held here, as small as can be, until
//! the last one is in. Persons who are nobody's pupil and no staff are kept by their numbers alone.

use crate::collection::Collection;
use crate::day::{Day, Period};
use crate::fields::{self, Wrong};
use crate::group::{CLASS, Group};
use crate::organisation::Organisation;
use crate::person::Person;
use crate::post::Post;
use crate::settings::Settings;
use crate::table::Table;
use crate::units::{Unit, Units};
use serde_json::Value;
use sluss_sdk::Error;
use std::collections::{HashMap, HashSet};

/// What of the settings decides what records say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The code of the organisation, where the data has none.
    pub organisation: String,
    /// Whether staff is read.
    pub staff: bool,
    /// Whether there are placements.
    pub placements: bool,
    /// Whether guardians are told.
    pub guardians: bool,
}

impl From<&Settings> for Scope {
    fn from(settings: &Settings) -> Self {
        Scope {
            organisation: settings.organisation.clone(),
            staff: settings.staff,
            placements: settings.placements,
            guardians: settings.guardians,
        }
    }
}

/// A group as it came, or why it could not be read.
pub type ReadGroup = (Box<str>, Result<Group, Wrong>);

/// Everything.
#[derive(Debug)]
pub struct Model {
    /// What decides what records say.
    pub scope: Scope,
    /// The day for which memberships are told.
    pub today: Day,
    /// The organisations.
    pub units: Units,
    /// The groups.
    pub groups: Table<ReadGroup>,
    /// Pupils, children and staff; and in a read of changes whoever changed.
    pub persons: Table<Person>,
    posts: Table<Post>,
    /// What somebody's number is, or that it cannot be read.
    numbers: HashMap<Box<str>, Result<Box<str>, Wrong>>,
    /// The classes of each person, as places in the table of groups.
    classes: HashMap<Box<str>, Vec<usize>>,
    /// The placements and duties of each person, as places in their table.
    held: HashMap<Box<str>, Vec<usize>>,
    /// Records that cannot be used, and of which nobody knows whom they concern.
    clouds: Vec<(Collection, Wrong)>,
}

impl Model {
    /// An empty one.
    pub fn new(scope: Scope, today: Day) -> Model {
        Model {
            scope,
            today,
            units: Units::default(),
            groups: Table::default(),
            persons: Table::default(),
            posts: Table::default(),
            numbers: HashMap::new(),
            classes: HashMap::new(),
            held: HashMap::new(),
            clouds: Vec::new(),
        }
    }

    /// Takes a record in. `keeps` says whether a person is kept whoever it is.
    pub fn take(&mut self, collection: Collection, record: &Value, keeps: bool) {
        let Some(id) = fields::id(record) else {
            self.clouds.push((collection, Wrong("id")));
            return;
        };
        match collection {
            Collection::Organisations => self.units.put(id.clone(), Organisation::read(id, record)),
            Collection::Groups => {
                let read = Group::read(id.clone(), record);
                if let Err(wrong) = read
                    && Group::may_matter(record)
                {
                    self.clouds.push((collection, wrong));
                }
                self.groups.put(&id.clone(), (id, read));
            }
            Collection::Placements => self.post(collection, Post::placement(id, record)),
            Collection::Duties => self.post(collection, Post::duty(id, record)),
            Collection::Persons => self.person(Person::read(id, record), keeps),
        }
    }

    fn post(&mut self, collection: Collection, read: Result<Post, Wrong>) {
        match read {
            Ok(post) => self.posts.put(&post.id.clone(), post),
            Err(wrong) => self.clouds.push((collection, wrong)),
        }
    }

    fn person(&mut self, person: Person, keeps: bool) {
        if self.scope.guardians {
            match &person.identity {
                Ok(identity) => match &identity.number {
                    Some(number) => self.numbers.insert(person.id.clone(), Ok(number.clone())),
                    None => self.numbers.remove(&person.id),
                },
                Err(wrong) => self.numbers.insert(person.id.clone(), Err(*wrong)),
            };
        }
        if keeps || self.includes(&person) || self.persons.get(&person.id).is_some() {
            self.persons.put(&person.id.clone(), person);
        }
    }

    /// Makes what follows from everything but persons. It is called when all that was asked for is in.
    pub fn settle(&mut self) {
        self.units.settle();
        self.classes.clear();
        for (place, (_, read)) in self.groups.items().iter().enumerate() {
            let Ok(group) = read else { continue };
            if group.kind == CLASS {
                let members: HashSet<&str> = group.members.iter().map(|member| &*member.person).collect();
                for person in members {
                    self.classes.entry(person.into()).or_default().push(place);
                }
            }
        }
        self.held.clear();
        for (place, post) in self.posts.items().iter().enumerate() {
            self.held.entry(post.person.clone()).or_default().push(place);
        }
    }

    /// Whether somebody is a pupil, a child with a place, or staff.
    pub fn includes(&self, person: &Person) -> bool {
        person.is_enrolled() || self.classes.contains_key(&person.id) || self.held.contains_key(&person.id)
    }

    /// The classes that somebody is in.
    pub fn classes_of(&self, person: &str) -> impl Iterator<Item = &Group> {
        let places = self.classes.get(person).into_iter().flatten();
        places.filter_map(|place| self.groups.items()[*place].1.as_ref().ok())
    }

    /// The placements and duties that somebody has.
    pub fn posts_of(&self, person: &str) -> impl Iterator<Item = &Post> {
        self.held.get(person).into_iter().flatten().map(|place| &self.posts.items()[*place])
    }

    /// The ids of all placements and duties of persons, whoever they are.
    pub fn post_ids_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a str> {
        self.posts_of(person).map(|post| &*post.id)
    }

    /// The number of a guardian; none where nobody knows the guardian or the number.
    pub fn number_of(&self, person: &str) -> Result<Option<&str>, Wrong> {
        self.numbers.get(person).map(|number| number.as_deref().map_err(|wrong| *wrong)).transpose()
    }

    /// A unit, and the code of the organisation that it belongs to.
    pub fn unit<'a>(&'a self, id: &'a str) -> Result<(Unit<'a>, &'a str), Wrong> {
        let unit = self.units.get(id)?;
        Ok((unit, unit.municipality.unwrap_or(&self.scope.organisation)))
    }

    /// What nobody knows because of records that cannot be used: an error for each collection that has such.
    pub fn clouds(&self, concerns: impl Fn(Collection) -> bool) -> Vec<Error> {
        let mut told: Vec<Collection> = Vec::new();
        let mut errors = Vec::new();
        for (collection, wrong) in self.clouds.iter().filter(|(collection, _)| concerns(*collection)) {
            if !told.contains(collection) {
                told.push(*collection);
                let count = self.clouds.iter().filter(|(own, _)| own == collection).count();
                errors.push(Error::invalid(format!(
                    "{collection} has records that cannot be used ({count}; in the first it is `{}`), and whom they \
                     concern is not known: have them put right in the school system",
                    wrong.0
                )));
            }
        }
        errors
    }
}

/// The days of somebody's membership, from the first to the last of all that the group has of the person.
pub fn membership(group: &Group, person: &str) -> Result<Option<Period>, Wrong> {
    let own = group.members.iter().filter(|member| &*member.person == person);
    let periods: Vec<Period> = own.map(|member| member.period).collect::<Result<_, _>>()?;
    Ok(Period::hull(periods))
}
