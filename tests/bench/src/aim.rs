//! What a measurement is held against, and whether it got there.
//!
//! An aim that is missed fails nothing: it is shown with its number, here and in JSON, so that nobody has to look for it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::cost::Cost;

/// The memory that a run may take whatever its size, in bytes.
const MEMORY: u64 = 128 * 1024 * 1024;

/// The memory that a run may take for each person, in bytes.
const MEMORY_A_PERSON: u64 = 100;

/// The state that a person may take, in bytes.
const STATE_A_PERSON: f64 = 2_048.0;

/// One aim of one measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Aim {
    what: &'static str,
    unit: &'static str,
    limit: f64,
    found: f64,
    /// Whether `found` may not be less, instead of not more.
    least: bool,
    reached: bool,
}

impl Aim {
    fn new(what: &'static str, unit: &'static str, limit: f64, found: f64, least: bool) -> Self {
        let (limit, found) = (tenths(limit), tenths(found));
        Self { what, unit, limit, found, least, reached: if least { found >= limit } else { found <= limit } }
    }

    /// At most so long by the clock.
    pub fn within(cost: Cost, limit: Duration) -> Self {
        Self::at_most("wall", cost.wall, limit)
    }

    /// At most so long, by whatever it is that was measured.
    pub fn at_most(what: &'static str, found: Duration, limit: Duration) -> Self {
        Self::new(what, "ms", limit.as_secs_f64() * 1_000.0, found.as_secs_f64() * 1_000.0, false)
    }

    /// At most as much memory as a run over so many persons may take.
    pub fn bounded(cost: Cost, persons: u32) -> Self {
        Self::held(cost, MEMORY + u64::from(persons) * MEMORY_A_PERSON)
    }

    /// At most so many bytes of memory.
    pub fn held(cost: Cost, limit: u64) -> Self {
        Self::new("memory", "MiB", limit as f64 / 1_048_576.0, cost.peak as f64 / 1_048_576.0, false)
    }

    /// At most as much state as so many persons may take.
    pub fn kept(state: u64, persons: u32) -> Self {
        Self::new("state", "bytes a person", STATE_A_PERSON, state as f64 / f64::from(persons), false)
    }

    /// A server that lives through it.
    pub fn unbroken(crashes: u32) -> Self {
        Self::times("crashes of the server", 0.0, f64::from(crashes))
    }

    /// At least so much of a hundred.
    pub fn share(what: &'static str, limit: f64, found: f64) -> Self {
        Self::new(what, "%", limit, found * 100.0, true)
    }

    /// At most so much of a hundred.
    pub fn fraction(what: &'static str, limit: f64, found: f64) -> Self {
        Self::new(what, "%", limit, found * 100.0, false)
    }

    /// At most so many times.
    pub fn times(what: &'static str, limit: f64, found: f64) -> Self {
        Self::new(what, "times", limit, found, false)
    }

    /// At least so many persons a second.
    pub fn rate(limit: f64, found: f64) -> Self {
        Self::new("rate", "persons/s", limit, found, true)
    }
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Aim { what, unit, limit, found, least, reached } = self;
        write!(f, "{what} {} {limit} {unit}: ", if *least { "≥" } else { "≤" })?;
        if *reached { f.write_str("reached") } else { write!(f, "MISSED, {found}") }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Aim;
    use crate::cost::Cost;

    #[test]
    fn an_aim_says_its_limit_and_what_was_found_where_it_is_missed() {
        let cost = |wall, peak| Cost { wall: Duration::from_millis(wall), cpu: Duration::ZERO, peak };
        let limit = Duration::from_millis(30);
        assert_eq!(Aim::within(cost(30, 0), limit).to_string(), "wall ≤ 30 ms: reached");
        assert_eq!(Aim::within(cost(31, 0), limit).to_string(), "wall ≤ 30 ms: MISSED, 31");
        let mebibytes = |mebibytes: u64| Aim::bounded(cost(0, mebibytes * 1_048_576), 1_048_576).to_string();
        assert_eq!(mebibytes(228), "memory ≤ 228 MiB: reached");
        assert_eq!(mebibytes(229), "memory ≤ 228 MiB: MISSED, 229");
        assert_eq!(Aim::kept(2_048_000, 1_000).to_string(), "state ≤ 2048 bytes a person: reached");
        assert_eq!(Aim::unbroken(2).to_string(), "crashes of the server ≤ 0 times: MISSED, 2");
        assert_eq!(Aim::rate(50_000.0, 49_999.0).to_string(), "rate ≥ 50000 persons/s: MISSED, 49999");
    }
}
