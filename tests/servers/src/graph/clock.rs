//! The clock of the stand-in, which tests can put forward.
//!
//! Thirty days in the bin, seven days of a delta token and an hour of an access token pass in no time.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What time it is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    /// Puts it forward.
    pub fn advance(&mut self, by: Duration) {
        self.ahead += signed(by);
    }
}

/// A time that is so much later.
pub fn later(time: Timestamp, by: Duration) -> Timestamp {
    time + signed(by)
}

/// How long it is from one time to a later one; nothing if it is not later.
pub fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A time as Graph writes it.
pub fn text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
