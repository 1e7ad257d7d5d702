//! How the school system behaves, one question after the other.

use std::time::Duration;

/// What it does with one question. Those that are not about a status come with 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// Answers as it should.
    Well,
    /// Answers, but only after this time.
    Slow(Duration),
    /// Closes the connection without a word.
    Cut,
    /// Closes the connection in the middle of the body.
    CutBody,
    /// Answers with the first half of what it has to say, as if that were all.
    Half,
    /// Answers with a status and an error in the envelope, and says after how many seconds to come back.
    Status(u16, Option<u32>),
    /// Forgets every token that it gave out, and so does not accept this one.
    ForgetTokens,
    /// Answers with something that is not JSON.
    Malformed,
    /// Answers with JSON of another shape.
    WrongShape,
    /// Answers with 200 levels of nesting.
    Nested,
    /// Gives the page token again that it was asked with, or one of a first page.
    SameToken,
    /// Gives the page again that it gave before, with another page token.
    SamePage,
    /// Does not take its own page token.
    RefusesToken,
}
