//! What happens to a population between one file and the next.
//!
//! Changes are notes beside the population, applied while a person is made: they cost nothing for those they do not
//! touch, and two populations that differ by a change differ in the files by just that.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draw::evenly;
use crate::employment::Employment;

/// What happens to one person.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// All employments end with this day.
    Leaves(Date),
    /// The main employment ends the day before; another begins in this municipality.
    Moves(usize, Date),
    /// One more employment begins in this municipality.
    Adds(usize, Date),
    /// A new family name.
    Renamed(String),
}

/// What happens to a share of everybody.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sweep {
    /// So many hundredths of all persons have a new title or another unit.
    pub(crate) changed: u8,
    /// So many hundredths of all rows are missing.
    pub(crate) missing: u8,
}

impl Sweep {
    /// Whether person `index` is among the changed.
    pub(crate) fn changes(self, index: u32) -> bool {
        // Starting half-way keeps the managers, who come first, from being the first to change.
        evenly(u64::from(index) + 50, u64::from(self.changed), 100)
    }
}

/// Everything ends with `last`; what was to begin later never begins.
pub(crate) fn leave(employments: &mut Vec<Employment>, last: Date) {
    employments.retain(|employment| employment.from <= last);
    for employment in employments {
        employment.until = Some(employment.until.map_or(last, |until| until.min(last)));
    }
}

/// The main employment ends the day before `first`.
pub(crate) fn end_main(employments: &mut [Employment], first: Date) {
    let last = first.saturating_sub(1.day());
    for employment in employments.iter_mut().filter(|employment| employment.main) {
        employment.until = Some(employment.until.map_or(last, |until| until.min(last)));
    }
}
