//! How the register behaves, one question after the other.

use std::time::Duration;

/// What the register does with one question. Those that are not about a status come with 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// Answers as it should.
    Well,
    /// Answers, but only after this time.
    Slow(Duration),
    /// Closes the connection without a word.
    Cut,
    /// Answers with a status and nothing else, and says after how many seconds to come back.
    Status(u16, Option<u32>),
    /// Forgets every token that it gave out, and so does not accept this one.
    ForgetTokens,
    /// Answers with something that is not of its format.
    Malformed,
    /// Answers with the first half of what it has to say.
    Half,
    /// Answers with entities that become more than a machine holds.
    Bomb,
    /// Answers with 200 levels of nesting.
    Nested,
    /// Answers with a text of a million letters.
    Enormous,
    /// Answers about somebody who was not asked for.
    Stranger,
    /// Tells everybody twice.
    Twice,
    /// Tells everybody twice, and not the same.
    TwoStories,
    /// Leaves the first person out.
    LeavesOut,
    /// Says that the request is wrong, as its interface does.
    Refuses,
    /// Says that it failed, as its interface does.
    Fails,
}
