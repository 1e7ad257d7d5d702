//! A person, and the engagements that give a person rights.

use crate::value::Attributes;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Names a person inside Sluss, for ever. Never shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonId(pub u64);

/// Whether a person's data is protected. What is unknown counts as protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// A source or register says: not protected.
    None,
    /// Protected, or nobody says that it is not.
    Protected,
}

/// What a person is called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// The name that is used: one or two of the first names.
    pub given: String,
    /// All first names.
    pub first: String,
    /// The middle name, often empty.
    pub middle: String,
    /// The surname.
    pub surname: String,
}

/// What kind of relation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngagementKind {
    /// Somebody works here.
    Employment,
    /// Somebody learns here.
    Placement,
    /// Somebody visits for one purpose.
    Guest,
}

/// Names an engagement: the record that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EngagementId {
    /// The system that was read.
    pub source: String,
    /// The record's id there.
    pub record: String,
}

/// A dated relation between a person and a unit. Texts that a source does not give are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Engagement {
    /// Where it was read.
    pub id: EngagementId,
    /// What kind it is.
    pub kind: EngagementKind,
    /// The organisation's code: a municipality (1427), a force.
    pub organisation: String,
    /// The employment's number within the organisation.
    pub number: String,
    /// The unit's code.
    pub unit: String,
    /// The unit's name as this record gives it.
    pub unit_name: String,
    /// The title.
    pub title: String,
    /// The code of the title (AID).
    pub title_code: String,
    /// The form of employment, as the source codes it.
    pub form: String,
    /// The cost centre.
    pub cost_centre: String,
    /// Whether the source calls it the main one.
    pub main: bool,
    /// Whether the person leads the unit.
    pub is_manager: bool,
    /// Whether the person is on leave from it.
    pub on_leave: bool,
    /// Per cent of full time.
    pub extent: f64,
    /// The first day; none is from always.
    pub start: Option<Date>,
    /// The last day, which still counts; none is open.
    pub end: Option<Date>,
    /// The manager, where the source names one and the person is known.
    pub manager: Option<PersonId>,
    /// Everything else that the record says, under the names that the source gave it.
    pub extra: Attributes,
}

/// Where an engagement stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is going on.
    Active,
    /// It has not begun.
    Future,
    /// It is over.
    Ended,
}

impl Engagement {
    /// Where the engagement stands on `day`. The last day still counts.
    pub fn phase(&self, day: Date) -> Phase {
        if self.end.is_some_and(|end| end < day) {
            Phase::Ended
        } else if self.start.is_some_and(|start| start > day) {
            Phase::Future
        } else {
            Phase::Active
        }
    }
}

/// One person, put together from every record that is about them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id.
    pub id: PersonId,
    /// The identity number in use, in its twelve-character form; empty where no source gives one.
    pub number: String,
    /// What the person is called.
    pub name: PersonName,
    /// Whether the person's data is protected.
    pub protection: Protection,
    /// What else sources and registers say of the person, under the names that they gave it.
    pub extra: Attributes,
    /// Every engagement, also those that ended or have not begun, ordered by id.
    pub engagements: Vec<Engagement>,
}

/// An organisational unit, as a source knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unit {
    /// The organisation's code.
    pub organisation: String,
    /// The unit's code within the organisation.
    pub code: String,
    /// The unit's name.
    pub name: String,
    /// The code of the unit above, empty at the top.
    pub parent: String,
    /// The cost centre.
    pub cost_centre: String,
}
