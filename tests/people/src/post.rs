//! How the employments of a person are made.
//!
//! Each is drawn from dice of its own, so that a change of one leaves the others as they were. The managers of units are
//! the first persons of each municipality; everybody else works in a unit without units below it.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::change::{Change, end_main, leave};
use crate::draw::{Draw, Purpose};
use crate::employment::Employment;
use crate::population::Population;
use crate::title::Title;

/// Where the numbers of employments begin, by what made them, so that none is given twice.
const FIRST_ID: u32 = 10_000;
const SECOND_ID: u32 = 10_000_000;
const CHANGED_ID: u32 = 20_000_000;

impl Population {
    /// The employments of person `index`, the main one first.
    pub fn employments(&self, index: u32) -> Vec<Employment> {
        let mut employments = vec![self.first(index)];
        if index < self.base && !self.leads(index) && self.has_second(index) {
            employments.push(self.second(index, &employments[0]));
        }
        for (turn, change) in self.changes_of(index).enumerate() {
            let id = CHANGED_ID + index * 4 + turn as u32 % 4;
            match change {
                Change::Leaves(last) => leave(&mut employments, *last),
                Change::Moves(to, first) => {
                    end_main(&mut employments, *first);
                    employments.push(self.later(index, turn, Purpose::Move, *to, id, *first, true));
                }
                Change::Adds(at, first) => {
                    employments.push(self.later(index, turn, Purpose::Added, *at, id, *first, false));
                }
                Change::Renamed(_) => {}
            }
        }
        if self.sweep.changes(index) {
            self.sweep_over(index, &mut employments[0]);
        }
        employments
    }

    pub(crate) fn changes_of(&self, index: u32) -> impl Iterator<Item = &Change> {
        self.changes.get(&index).into_iter().flatten()
    }

    /// The number of the main employment of person `index`, as it is without changes.
    pub(crate) fn first_id(&self, index: u32) -> u32 {
        FIRST_ID + index / self.municipalities.len() as u32
    }

    /// Whether person `index` is the manager of a unit.
    pub(crate) fn leads(&self, index: u32) -> bool {
        let every = self.municipalities.len() as u32;
        let place = (index % every) as usize;
        index < self.base && self.bounds[place] + ((index / every) as usize) < self.bounds[place + 1]
    }

    /// What is special about the main employment of person `index`: spread evenly, so that a small population has every
    /// kind, and over a prime number, so that no kind keeps step with those whom a sweep changes.
    pub(crate) fn status(&self, index: u32) -> Status {
        match (u64::from(index) * 37 + self.seed % 97) % 97 {
            0..3 => Status::StartsLater,
            3..6 => Status::Ended,
            6..8 => Status::OnLeave,
            8..10 => Status::Protected,
            10..22 => Status::FixedTerm,
            _ => Status::Plain,
        }
    }

    /// Managers have one post, so that no chain of managers can be a circle; everybody else makes up for them.
    fn has_second(&self, index: u32) -> bool {
        let others = u64::from(self.base).saturating_sub(self.units.len() as u64).max(1);
        let share = u64::from(self.second) * u64::from(self.base) / others;
        Draw::new(self.seed, Purpose::Second, index.into()).chance(share.min(10_000) as u32)
    }

    /// A unit of the municipality at `place` that is led by somebody else: a leaf, if the tree has leaves.
    fn workplace(&self, place: usize, draw: &mut Draw) -> usize {
        let units = self.bounds[place]..self.bounds[place + 1];
        let leaves = units.clone().find(|unit| self.units[*unit].code.contains('-')).unwrap_or(units.end - 1);
        leaves + draw.below(units.end - leaves)
    }

    /// The main employment as it is without changes.
    fn first(&self, index: u32) -> Employment {
        let every = self.municipalities.len() as u32;
        let (place, rank) = ((index % every) as usize, index / every);
        let mut draw = Draw::new(self.seed, Purpose::Post, index.into());
        let leads = self.leads(index);
        let unit = if leads { self.bounds[place] + rank as usize } else { self.workplace(place, &mut draw) };
        let title = if leads { self.units[unit].lead() } else { self.title(unit, &mut draw) };
        let mut employment = employment(self.first_id(index), unit, title, self.begun(index, &mut draw));
        employment.main = true;
        employment.leads = leads;
        if !leads {
            employment.extent = extent(&mut draw);
        }
        if let Some(first) = index.checked_sub(self.base).and_then(|rank| self.joined.get(rank as usize)) {
            employment.from = *first;
        } else if !leads {
            self.apply_status(index, &mut employment, &mut draw);
        }
        employment
    }

    /// Gives the employment the dates and marks that the person's status asks for.
    fn apply_status(&self, index: u32, employment: &mut Employment, draw: &mut Draw) {
        let near = |draw: &mut Draw, days: usize| (1 + draw.below(days) as i64).days();
        match self.status(index) {
            Status::StartsLater => employment.from = self.day.saturating_add(near(draw, 45)),
            Status::Ended => employment.until = Some(self.day.saturating_sub(near(draw, 29))),
            Status::OnLeave => employment.on_leave = true,
            Status::FixedTerm => {
                employment.form = if draw.chance(5_000) { '2' } else { '3' };
                employment.until = Some(self.day.saturating_add(near(draw, 300)));
            }
            Status::Protected | Status::Plain => {}
        }
    }

    /// A second employment: in another municipality for every other one of those who have it.
    fn second(&self, index: u32, first: &Employment) -> Employment {
        let mut draw = Draw::new(self.seed, Purpose::Second, u64::from(index) | 1 << 40);
        let home = self.units[first.unit].municipality;
        let place = if self.municipalities.len() > 1 && draw.chance(5_000) {
            (home + 1 + draw.below(self.municipalities.len() - 1)) % self.municipalities.len()
        } else {
            home
        };
        let unit = self.workplace(place, &mut draw);
        let title = self.title(unit, &mut draw);
        let from = first.from.saturating_add((draw.below(200) as i64).days()).min(self.day);
        let mut employment = employment(SECOND_ID + index, unit, title, from);
        employment.extent = [1_000, 2_000, 2_500][draw.below(3)];
        if draw.chance(3_000) {
            employment.form = '2';
            employment.until = Some(self.day.saturating_add((5 + draw.below(90) as i64).days()));
        }
        employment
    }

    /// An employment that a change brings.
    #[expect(clippy::too_many_arguments, reason = "what a change says of its new employment, and who it is for")]
    fn later(&self, index: u32, turn: usize, why: Purpose, at: usize, id: u32, from: Date, main: bool) -> Employment {
        let mut draw = Draw::new(self.seed, why, u64::from(index) | (turn as u64) << 40);
        let unit = self.workplace(at % self.municipalities.len(), &mut draw);
        let title = self.title(unit, &mut draw);
        let mut employment = employment(id, unit, title, from);
        employment.main = main;
        employment.extent = if main { extent(&mut draw) } else { 2_500 };
        employment
    }

    /// A new title for the even, another unit for the odd, as far as there is another.
    fn sweep_over(&self, index: u32, employment: &mut Employment) {
        let mut draw = Draw::new(self.seed, Purpose::Change, index.into());
        let place = self.units[employment.unit].municipality;
        let unit = self.workplace(place, &mut draw);
        if !employment.leads && index % 2 == 1 && unit != employment.unit {
            employment.unit = unit;
            return;
        }
        let others: Vec<&Title> =
            self.units[employment.unit].staff().iter().filter(|title| title.name != employment.title).collect();
        if employment.leads {
            employment.title = format!("Tf {}", employment.title);
        } else {
            let title = draw.pick(&others);
            employment.title = title.name.to_owned();
            employment.aid = title.aid;
        }
    }

    fn title(&self, unit: usize, draw: &mut Draw) -> Title {
        let staff = self.units[unit].staff();
        staff[draw.below(staff.len())]
    }

    /// A first day up to 25 years ago, after school and at least a month ago.
    fn begun(&self, index: u32, draw: &mut Draw) -> Date {
        let days = if self.leads(index) { 400 + draw.below(4_000) } else { 31 + draw.below(9_000) };
        let grown = date(self.number(index).year().saturating_add(19), 1, 1);
        self.day.saturating_sub((days as i64).days()).max(grown.min(self.day.saturating_sub(31.days())))
    }
}

/// What is special about a main employment on the day of the population.
#[derive(PartialEq, Eq)]
pub(crate) enum Status {
    Plain,
    FixedTerm,
    StartsLater,
    Ended,
    OnLeave,
    Protected,
}

/// A full post until further notice.
fn employment(id: u32, unit: usize, title: Title, from: Date) -> Employment {
    Employment {
        id,
        unit,
        main: false,
        form: '1',
        title: title.name.to_owned(),
        aid: title.aid,
        extent: 10_000,
        from,
        until: None,
        on_leave: false,
        leads: false,
    }
}

fn extent(draw: &mut Draw) -> u32 {
    [10_000, 10_000, 10_000, 8_500, 8_000, 7_500, 5_000, 3_325][draw.below(8)]
}
