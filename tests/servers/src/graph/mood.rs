//! How Graph behaves, one request after the other.

use std::time::Duration;

/// What Graph does with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// Answers as it should.
    Well,
    /// Answers, but only after this time.
    Slow(Duration),
    /// Closes the connection without a word, and does nothing.
    Cut,
    /// Does what it was asked for, and then closes the connection without a word.
    CutAfter,
    /// Refuses with a status, does nothing, and says after how many seconds to come back.
    Status(u16, Option<u32>),
    /// Does what it was asked for, and then answers with a status as if it had not.
    StatusAfter(u16, Option<u32>),
    /// Answers with a status and a page for people, as gateways do; does nothing.
    Gateway(u16),
    /// Forgets every token that it gave out, and so does not accept this one.
    ForgetTokens,
    /// Forgets every page and state that it promised, and says where to begin again.
    Resync,
    /// Answers with something that is not of its format.
    Malformed,
    /// Answers with the first half of what it has to say.
    Half,
    /// Says how long its answer is, sends half of it and closes the connection.
    CutBody,
    /// Answers with JSON of another shape.
    WrongShape,
    /// Answers with 200 levels of nesting.
    Nested,
}

/// What delta queries may do and clients have to bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trouble {
    /// An empty page comes before every page with something in it.
    pub empty_pages: bool,
    /// Every object is told twice, on different pages where there is more than one.
    pub duplicates: bool,
    /// What the last round told is told again.
    pub replays: bool,
    /// The first round tells of objects in the bin as well.
    pub removed_at_first: bool,
}
