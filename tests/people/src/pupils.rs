//! The pupils of two municipalities, beside the staff of a population.
//!
//! Like staff, pupils are worked out from the seed. They take published numbers from the other end of the order than
//! staff, so that nobody is both, except for a few of the staff who learn Swedish in adult education: they are one person
//! in two systems. The published numbers of `data/` end with the birth year 2007, so no pupil is as young as in life: year
//! 1 was born in 2007, and each year above it a year earlier. Temporary numbers have such birth days too.
//!
//! What is special about a pupil follows from the rank in the municipality: one in 75 has a temporary number, one in 301
//! another family name in the register than in school, and one in each municipality is protected, which the register
//! alone says.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use jiff::civil::{Date, date};

use crate::draw::{Draw, Purpose};
use crate::extens::EXTENS_FILE;
use crate::identity::{Identity, Temporary};
use crate::name::{self, Name};
use crate::number::Number;
use crate::population::Population;
use crate::procapita::PROCAPITA_FILES;
use crate::pupil::{Guardian, Mark, Pupil};
use crate::register::REGISTER_FILE;
use crate::school::{Place, System, YEARS};

/// There are never more pupils; whoever asks for more gets this many.
pub const MAX_PUPILS: u32 = 2_500;

/// Beside more staff than this, a pupil might have the number of somebody of the staff.
pub const MAX_STAFF_BESIDE_PUPILS: u32 = 12_000;

/// The birth year of the youngest pupils: the last that there are published numbers of.
const YOUNGEST: i16 = 2007;

/// The birth years of guardians.
const GUARDIANS: std::ops::RangeInclusive<i16> = 1976..=1988;

/// So many of the staff learn Swedish in each municipality.
const ADULTS: usize = 2;

/// The rank of the pupil in each municipality whose identity is protected.
const PROTECTED: u32 = 20;

/// The numbers that the systems give pupils begin here.
const FIRST_ID: u32 = 100_000;
/// Those of pupils who came from the other municipality.
const ARRIVED_ID: u32 = 200_000;

/// Made-up pupils: a function of the staff beside them and of how many they are.
#[derive(Clone, Debug)]
pub struct Pupils {
    staff: Population,
    count: u32,
    /// For each school year the numbers that its pupils take.
    numbers: Vec<Vec<Number>>,
    guardians: Vec<Number>,
    /// Of each municipality's staff those about whom there is nothing special.
    ordinary: BTreeMap<System, Vec<u32>>,
    registered: BTreeSet<u32>,
    moved: BTreeMap<u32, Date>,
}

impl Pupils {
    /// So many pupils beside a staff, half of them in each municipality, and the adults.
    pub fn beside(staff: &Population, count: u32) -> Self {
        let numbers = (0..YEARS as i16).map(|above| YOUNGEST - above).map(|year| staff.numbers.born(year..=year));
        let here = |system: System| {
            let works = |index: &u32| staff.municipality_of(&staff.employments(*index)[0]).code == system.code();
            staff.ordinary().filter(works).collect()
        };
        Self {
            count: count.min(MAX_PUPILS),
            numbers: numbers.collect(),
            guardians: staff.numbers.born(GUARDIANS),
            ordinary: System::ALL.into_iter().map(|system| (system, here(system))).collect(),
            registered: BTreeSet::new(),
            moved: BTreeMap::new(),
            staff: staff.clone(),
        }
    }

    /// The pupil `index`, who had a temporary number, is in the register by now.
    #[must_use]
    pub fn registered(mut self, index: u32) -> Self {
        self.registered.insert(index);
        self
    }

    /// The pupil `index` moves to the other municipality on the day `first`, which is the last one at the old school too.
    /// The new school knows nothing of a number, and gives a temporary one.
    #[must_use]
    pub fn moved(mut self, index: u32, first: Date) -> Self {
        self.moved.insert(index, first);
        self
    }

    /// Writes the files of both school systems into folders of a folder, and what the register says of this staff and of
    /// the pupils.
    pub fn write_to(&self, folder: &Path, staff: &Population) -> io::Result<()> {
        let procapita = PROCAPITA_FILES.into_iter().zip(self.procapita());
        let others = [(EXTENS_FILE, self.extens()), (REGISTER_FILE, self.register(staff))];
        procapita.chain(others).try_for_each(|(name, bytes)| {
            let path = folder.join(name);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(path, bytes)
        })
    }

    /// How many pupils there are without the adults.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The pupils of a system: those at school, the adults, and whoever moved there.
    pub fn of(&self, system: System) -> Vec<Pupil> {
        let pupils = (0..self.count).map(|index| self.pupil(index)).filter(|pupil| pupil.system == system);
        let adults = self.adults(system).enumerate().map(|(turn, person)| self.adult(system, turn, person));
        let arrived = self.moved.iter().enumerate().map(|(turn, (index, first))| self.arrived(turn, *index, *first));
        pupils.chain(adults).chain(arrived.filter(|pupil| pupil.system == system)).collect()
    }

    /// The pupil `index`.
    pub fn pupil(&self, index: u32) -> Pupil {
        let system = System::ALL[index as usize % 2];
        let rank = index / 2;
        let (year, turn) = (rank % YEARS + 1, rank / YEARS);
        let number = self.number(index);
        let name = self.name(index, number);
        let mark = match system {
            System::Procapita => Mark::Secrecy,
            System::Extens => Mark::Registration,
        };
        let (first, last) = self.school_year();
        let family = if rank % 301 == 150 { self.other_family(index) } else { name.family.clone() };
        Pupil {
            index,
            id: FIRST_ID + index,
            system,
            identity: self.identity(index, number),
            given: name.called.clone(),
            family,
            place: Place::of(year, turn, self.count.div_ceil(2 * YEARS)),
            first,
            last: self.moved.get(&index).copied().unwrap_or(last),
            guardians: self.guardians(index, system, &name.family),
            mark: (rank == PROTECTED).then_some(mark),
            name,
        }
    }

    /// Those at school about whom there is nothing special.
    pub fn ordinary(&self, system: System) -> impl Iterator<Item = Pupil> + '_ {
        (0..self.count).map(|index| self.pupil(index)).filter(move |pupil| {
            let plain = pupil.mark.is_none() && pupil.family == pupil.name.family;
            pupil.system == system && plain && pupil.identity.lasting().is_some()
        })
    }

    /// Those who have a temporary number.
    pub fn temporary(&self, system: System) -> impl Iterator<Item = Pupil> + '_ {
        let all = (0..self.count).map(|index| self.pupil(index));
        all.filter(move |pupil| pupil.system == system && pupil.identity.lasting().is_none())
    }

    /// Everybody whom a school knows by an identity number, once, without those of the staff.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (Number, Pupil)> + '_ {
        let all = (0..self.count).map(|index| self.pupil(index));
        all.filter_map(|pupil| Some((pupil.identity.lasting()?, pupil)))
    }

    /// The number that a pupil has, or will have.
    fn number(&self, index: u32) -> Number {
        let rank = index / 2;
        let year = &self.numbers[(rank % YEARS) as usize];
        year[(rank / YEARS * 2 + index % 2) as usize]
    }

    fn identity(&self, index: u32, number: Number) -> Identity {
        let rank = index / 2;
        if rank % 75 != 37 || self.registered.contains(&index) {
            return Identity::Lasting(number);
        }
        // The first in each municipality have the same temporary number, and are two.
        let day = if rank == 37 { self.number(rank * 2) } else { number }.day();
        Identity::Temporary(Temporary { day, which: (rank / 75 % 50) as u8 })
    }

    /// A name of which one word is used: a school writes that alone, and nothing would say that two belong together.
    fn name(&self, index: u32, number: Number) -> Name {
        let mut draw = Draw::new(self.staff.seed, Purpose::Pupil, index.into());
        loop {
            let name = name::draw(&mut draw, number.is_male());
            if !name.called.contains(' ') {
                return name;
            }
        }
    }

    fn other_family(&self, index: u32) -> String {
        name::surname(&mut Draw::new(self.staff.seed, Purpose::Family, index.into()))
    }

    /// One or two guardians, now and then one of the municipality's own staff.
    fn guardians(&self, index: u32, system: System, family: &str) -> Vec<Guardian> {
        let mut draw = Draw::new(self.staff.seed, Purpose::Guardian, index.into());
        let count = if draw.chance(1_500) { 1 } else { 2 };
        let staff = &self.ordinary[&system];
        let guardian = |turn: u32| {
            if turn == 0 && index % 50 == 7 && !staff.is_empty() {
                let person = self.staff.person(staff[draw.below(staff.len())]);
                return Guardian { number: person.number, given: person.given, family: person.family };
            }
            let number = self.guardians[draw.below(self.guardians.len() / 2)];
            let given = name::draw(&mut draw, number.is_male()).called;
            Guardian { number, given, family: family.to_owned() }
        };
        (0..count).map(guardian).collect()
    }

    /// Those of the staff who learn Swedish in a municipality.
    fn adults(&self, system: System) -> impl Iterator<Item = u32> + '_ {
        self.ordinary[&system].iter().rev().take(ADULTS).copied()
    }

    fn adult(&self, system: System, turn: usize, person: u32) -> Pupil {
        let name = self.staff.name(person);
        let index = MAX_PUPILS + (turn * System::ALL.len()) as u32 + system as u32;
        let (first, last) = self.school_year();
        Pupil {
            index,
            id: FIRST_ID + index,
            system,
            identity: Identity::Lasting(self.staff.number(person)),
            given: name.called.clone(),
            family: name.family.clone(),
            place: Place::adult(),
            first,
            last,
            guardians: Vec::new(),
            mark: None,
            name,
        }
    }

    /// A pupil who moved, as the school knows one that the pupil came to.
    fn arrived(&self, turn: usize, index: u32, first: Date) -> Pupil {
        let before = self.pupil(index);
        let which = 50 + (turn % 50) as u8;
        Pupil {
            id: ARRIVED_ID + index,
            system: before.system.other(),
            identity: Identity::Temporary(Temporary { day: self.number(index).day(), which }),
            first,
            last: self.school_year().1,
            ..before
        }
    }

    /// The first and the last day of the school year that the day of the staff is in.
    pub fn school_year(&self) -> (Date, Date) {
        let day = self.staff.day();
        let autumn = if day.month() < 7 { day.year() - 1 } else { day.year() };
        (date(autumn, 8, 18), date(autumn + 1, 6, 11))
    }
}
