//! One made-up pupil.

use jiff::civil::Date;

use crate::identity::Identity;
use crate::name::Name;
use crate::number::Number;
use crate::school::{Place, System};

/// A pupil as a school system knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// The place among the pupils, from nought.
    pub index: u32,
    /// The system's own number of the pupil.
    pub id: u32,
    /// The system.
    pub system: System,
    /// What the school knows the pupil by.
    pub identity: Identity,
    /// The given name that is used.
    pub given: String,
    /// The family name.
    pub family: String,
    /// School, year and class.
    pub place: Place,
    /// The first day there.
    pub first: Date,
    /// The last day there.
    pub last: Date,
    /// The guardians.
    pub guardians: Vec<Guardian>,
    /// How the register marks the identity as protected. No school system says so.
    pub mark: Option<Mark>,
    /// The name as the register has it.
    pub(crate) name: Name,
}

/// A guardian of a pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardian {
    /// The identity number.
    pub number: Number,
    /// The given name.
    pub given: String,
    /// The family name.
    pub family: String,
}

/// How the register says that an identity is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Sekretessmarkering: a mark that warns.
    Secrecy,
    /// Skyddad folkbokföring: registered elsewhere than at home.
    Registration,
}
