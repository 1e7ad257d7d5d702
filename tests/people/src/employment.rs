//! One employment: one row of the file.
//!
//! A post is kept with the place of its unit instead of the unit's names, so that it can be asked where somebody works
//! without comparing text.

use jiff::civil::Date;

/// An employment of a person in a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employment {
    /// ANSTNR, unique within the municipality.
    pub id: u32,
    /// The place of its unit in [`units`](crate::Population::units).
    pub unit: usize,
    /// HUVUDANST: the person's main employment.
    pub main: bool,
    /// ANSTFORM: 1 until further notice, 2 stand-in, 3 fixed term.
    pub form: char,
    /// BEFATTNING.
    pub title: String,
    /// AID.
    pub aid: &'static str,
    /// SYSSGRAD in hundredths of a per cent: 7,500 is 75,00.
    pub extent: u32,
    /// ANSTFROM: the first day.
    pub from: Date,
    /// ANSTTOM: the last day, if there is one.
    pub until: Option<Date>,
    /// VILANDE: on leave.
    pub on_leave: bool,
    /// CHEF: leads the unit.
    pub leads: bool,
}

impl Employment {
    /// Whether `day` is one of its days, on leave or not.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}
