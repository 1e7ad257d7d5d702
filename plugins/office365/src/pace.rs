//! How much is asked at once, and how long we wait: where it was too much, and before it is.

/// The most parts that a batch may have.
pub const MOST: usize = 20;

/// The fewest parts that a batch is cut down to where nothing was refused.
const FEWEST: usize = 4;

/// The share of what may be asked from which on we ask no faster than Graph forgets, and from which on slower.
const MUCH: f64 = 0.92;
const TOO_MUCH: f64 = 0.96;

/// How many milliseconds it takes until Graph forgets one write: it takes 3,000 of them in 150 seconds. And the most that
/// we wait for each.
const EACH: u32 = 50;
const SLOWEST: u32 = 10_000;

/// How many milliseconds we wait where Graph does not say, at first and at most.
const SILENT: u32 = 10_000;
const LONGEST: u32 = 160_000;

/// What was heard of limits so far.
#[derive(Debug, Clone)]
pub struct Pace {
    size: usize,
    /// How many milliseconds to wait for each write near the limit.
    each: u32,
    silent: u32,
    /// Whether nothing was done after the last wait.
    is_stuck: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { size: MOST, each: EACH, silent: SILENT, is_stuck: false }
    }
}

impl Pace {
    /// How many parts the next batch may have.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Takes note of a batch of which nothing was refused for its number: of the largest share that its answers told, and
    /// how many of its parts wrote. How many milliseconds to wait before the next, so that nothing will be refused.
    pub fn went(&mut self, share: Option<f64>, writes: usize) -> Option<u32> {
        (self.silent, self.is_stuck) = (SILENT, false);
        let share = share.unwrap_or_default();
        if share < MUCH {
            self.size = (self.size * 2).min(MOST);
            // Graph says nothing of small shares: the limit is far away.
            self.each = if share == 0.0 { EACH } else { self.each };
            return None;
        }
        // What was only read is read for a write that follows. Whoever waited between the two would read it again after
        // that, and never come to the write.
        if writes == 0 {
            return None;
        }
        if share >= TOO_MUCH {
            self.size = (self.size / 2).max(FEWEST);
            self.each = (self.each * 2).min(SLOWEST);
        }
        Some(self.each.saturating_mul(u32::try_from(writes).unwrap_or(u32::MAX)))
    }

    /// Takes note of a batch of which something, or all, was refused for its number. How many milliseconds to wait: what
    /// Graph says; where it does not, or where nothing at all was done after the last wait, longer each time.
    pub fn refused(&mut self, told: Option<u32>, was_some_done: bool) -> u32 {
        // Whatever is refused counts as well, so the next one only asks whether it may.
        self.size = 1;
        self.each = (self.each * 2).min(SLOWEST);
        if was_some_done {
            (self.silent, self.is_stuck) = (SILENT, false);
            return told.unwrap_or(SILENT);
        }
        let was_stuck = std::mem::replace(&mut self.is_stuck, true);
        if let (Some(told), false) = (told, was_stuck) {
            return told;
        }
        let wait = told.unwrap_or_default().max(self.silent);
        self.silent = (self.silent * 2).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_asked_at_once_near_the_limit_and_more_again_afterwards() {
        let mut pace = Pace::default();
        let steps =
            [Some(0.91), Some(0.92), Some(0.96), Some(1.1), Some(0.92), Some(0.85), Some(0.92), None, Some(0.92)];
        let told: Vec<_> = steps.map(|share| (pace.went(share, 10), pace.size())).into();
        let expected = [
            (None, MOST),
            (Some(500), MOST),
            (Some(1000), 10),
            (Some(2000), 5),
            (Some(2000), 5),
            (None, 10),
            (Some(2000), 10),
            (None, MOST),
            (Some(500), MOST),
        ];
        assert_eq!(told, expected);
        assert_eq!(pace.went(Some(0.99), 0), None, "it was only read");
        pace.refused(None, true);
        assert_eq!(pace.size(), 1);
        pace.went(None, 1);
        assert_eq!(pace.size(), 2);
    }

    #[test]
    fn silence_and_refusals_without_end_are_waited_out_longer_each_time() {
        let mut pace = Pace::default();
        let waits: Vec<u32> = (0..6).map(|_| pace.refused(None, false)).collect();
        assert_eq!(waits, [10_000, 20_000, 40_000, 80_000, 160_000, 160_000]);
        assert_eq!(pace.refused(Some(3_000), true), 3_000, "something was done");
        assert_eq!(pace.refused(None, true), 10_000);
        let waits: Vec<u32> = (0..3).map(|_| pace.refused(Some(3_000), false)).collect();
        assert_eq!(waits, [3_000, 10_000, 20_000], "what it says is not enough");
        assert_eq!(pace.refused(Some(300_000), false), 300_000);
        pace.went(None, 1);
        assert_eq!(pace.refused(None, false), 10_000);
    }
}
