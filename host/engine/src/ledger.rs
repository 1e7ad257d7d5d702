//! The ledger of names: which are in use, which were, and which belong to somebody we do not know. A name once given to
//! a person is never given to another.

use crate::person::PersonId;
use jiff::civil::Date;

/// Whose a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's, ever.
    Free,
    /// This person's, now or at some time.
    Person(PersonId),
    /// Taken in a target by something that Sluss did not make.
    Foreign,
}

/// A name that a person holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The name.
    pub name: String,
    /// The text that, once it differs, asks for a new name (see `renew` in the policy).
    pub renew: String,
}

/// A name that a person held before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The name.
    pub name: String,
    /// The text that it was held for.
    pub renew: String,
    /// The day on which another took its place.
    pub day: Date,
}

/// Remembers names. Names of one kind are compared without regard to case.
pub trait Ledger {
    /// What can go wrong in remembering.
    type Error;

    /// The name of this kind that the person holds now.
    fn held(&self, person: PersonId, kind: &str) -> Result<Option<Held>, Self::Error>;

    /// Whose the name is.
    fn owner(&self, kind: &str, name: &str) -> Result<Owner, Self::Error>;

    /// The names of this kind that the person held before and that were retired after a day, the newest first.
    fn retired(&self, person: PersonId, kind: &str, after: Date) -> Result<Vec<Retired>, Self::Error>;

    /// Gives the name to the person, and retires the one of this kind that the person held before, as of this day.
    fn hold(&mut self, person: PersonId, kind: &str, held: &Held, day: Date) -> Result<(), Self::Error>;
}
