//! One made-up person.
//!
//! What is here belongs to the person whatever posts they hold; the file repeats it on each row.

use crate::number::Number;

/// A person of the population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The place in the population, from nought.
    pub index: u32,
    /// PERSONNR.
    pub number: Number,
    /// FORNAMN: all given names.
    pub given: String,
    /// TILLTALSMARK: which of them is used.
    pub mark: String,
    /// MELLANNAMN, mostly empty.
    pub middle: String,
    /// EFTERNAMN.
    pub family: String,
    /// ANONYM: the identity is protected.
    pub protected: bool,
}
