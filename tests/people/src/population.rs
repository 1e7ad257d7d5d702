//! A whole population: who there is, where they work, and what was changed.
//!
//! Nothing is stored for a person. Everybody is worked out from the seed when asked for, so a million rows are written
//! in the memory of one, and any test can ask what is true of anyone.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use crate::change::{Change, Sweep};
use crate::draw::{Draw, Purpose};
use crate::employment::Employment;
use crate::municipality::Municipality;
use crate::name::{self, Name};
use crate::number::{Number, Numbers};
use crate::person::Person;
use crate::post::Status;
use crate::unit::{self, Unit};

/// A population is never larger; whoever asks for more gets this many.
pub const MAX_PERSONS: u32 = 5_000_000;

/// Made-up staff: a function of a seed, a size, municipalities and a day.
#[derive(Clone, Debug)]
pub struct Population {
    pub(crate) seed: u64,
    pub(crate) base: u32,
    pub(crate) day: Date,
    pub(crate) second: u32,
    pub(crate) municipalities: Vec<Municipality>,
    pub(crate) units: Vec<Unit>,
    /// Where the units of each municipality begin, and where the last of them end.
    pub(crate) bounds: Vec<usize>,
    pub(crate) numbers: Numbers,
    pub(crate) joined: Vec<Date>,
    pub(crate) changes: BTreeMap<u32, Vec<Change>>,
    pub(crate) sweep: Sweep,
}

impl Population {
    /// A population in Sotenäs, Munkedal and Lysekil as of 21 November 2026, one in ten with two employments.
    pub fn new(seed: u64, persons: u32) -> Self {
        Self {
            seed,
            base: persons.min(MAX_PERSONS),
            day: date(2026, 11, 21),
            second: 1_000,
            municipalities: Vec::new(),
            units: Vec::new(),
            bounds: Vec::new(),
            numbers: Numbers::new(seed),
            joined: Vec::new(),
            changes: BTreeMap::new(),
            sweep: Sweep::default(),
        }
        .municipalities(&["1427", "1430", "1484"])
    }

    /// The municipalities people work in, by their codes. An empty list leaves them as they are.
    #[must_use]
    pub fn municipalities(mut self, codes: &[&str]) -> Self {
        if codes.is_empty() {
            return self;
        }
        self.municipalities = codes.iter().map(|code| Municipality::of(code)).collect();
        self.units.clear();
        self.bounds.clear();
        let every = self.municipalities.len() as u32;
        for (place, municipality) in self.municipalities.iter().enumerate() {
            let persons = (self.base + every - 1 - place as u32) / every;
            let start = self.units.len();
            self.bounds.push(start);
            self.units.extend(unit::tree(municipality, place, persons, start, |rank| rank * every + place as u32));
        }
        self.bounds.push(self.units.len());
        self
    }

    /// The day that employments have begun before, are on leave at, or begin after.
    #[must_use]
    pub fn on(mut self, day: Date) -> Self {
        self.day = day;
        self
    }

    /// How many of a hundred persons have two employments.
    #[must_use]
    pub fn second_posts(mut self, percent: u32) -> Self {
        self.second = percent.min(100) * 100;
        self
    }

    /// One more person, whose employment begins on `first`. They come last: see [`persons`](Self::persons).
    #[must_use]
    pub fn joiner(mut self, first: Date) -> Self {
        self.joined.push(first);
        self
    }

    /// All employments of `person` end with the day `last`.
    #[must_use]
    pub fn leaver(self, person: u32, last: Date) -> Self {
        self.with(person, Change::Leaves(last))
    }

    /// The main employment of `person` ends the day before `first`, when another begins in the municipality of the
    /// place `to`.
    #[must_use]
    pub fn mover(self, person: u32, to: usize, first: Date) -> Self {
        self.with(person, Change::Moves(to, first))
    }

    /// One more employment of `person` begins on `first` in the municipality of the place `at`.
    #[must_use]
    pub fn second_post(self, person: u32, at: usize, first: Date) -> Self {
        self.with(person, Change::Adds(at, first))
    }

    /// `person` has another family name.
    #[must_use]
    pub fn renamed(self, person: u32, family: &str) -> Self {
        self.with(person, Change::Renamed(family.to_owned()))
    }

    /// So many of a hundred persons, spread evenly, have a new title (every other one) or work in another unit.
    #[must_use]
    pub fn changed(mut self, percent: u8) -> Self {
        self.sweep.changed = percent.min(100);
        self
    }

    /// So many of a hundred rows are missing from the file of employments. Managers go last.
    #[must_use]
    pub fn fewer(mut self, percent: u8) -> Self {
        self.sweep.missing = percent.min(100);
        self
    }

    fn with(mut self, person: u32, change: Change) -> Self {
        self.changes.entry(person).or_default().push(change);
        self
    }

    /// How many persons there are; joiners have the last indexes, in the order they joined.
    pub fn persons(&self) -> u32 {
        self.base + self.joined.len() as u32
    }

    /// The day the population is of.
    pub fn day(&self) -> Date {
        self.day
    }

    /// The municipalities, in the order they were given.
    pub fn all_municipalities(&self) -> &[Municipality] {
        &self.municipalities
    }

    /// All units, those of one municipality together.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The municipality of an employment.
    pub fn municipality_of(&self, employment: &Employment) -> &Municipality {
        &self.municipalities[self.units[employment.unit].municipality]
    }

    /// The identity number of person `index`.
    pub fn number(&self, index: u32) -> Number {
        self.numbers.get(index)
    }

    /// Person `index`.
    pub fn person(&self, index: u32) -> Person {
        let number = self.number(index);
        let name = self.name(index);
        let protected = index < self.base && !self.leads(index) && self.status(index) == Status::Protected;
        let family = self.changes_of(index).fold(name.family, |family, change| match change {
            Change::Renamed(new) => new.clone(),
            _ => family,
        });
        Person { index, number, given: name.given, mark: name.mark, middle: name.middle, family, protected }
    }

    /// The name of person `index`, as it is without changes.
    pub(crate) fn name(&self, index: u32) -> Name {
        name::draw(&mut Draw::new(self.seed, Purpose::Name, index.into()), self.number(index).is_male())
    }
}
