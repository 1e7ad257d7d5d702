//! Dice that fall the same way each time: a small generator keyed by seed, purpose and place.
//!
//! Keyed dice, unlike one long stream, let person 90,000 be made without the 89,999 before, and keep everybody else as
//! they were when one person changes.

/// What the dice are thrown for, so that one answer does not decide another.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Order = 1,
    Name,
    Post,
    Second,
    Move,
    Added,
    Change,
    Pupil,
    Family,
    Guardian,
}

/// Dice for one purpose at one place.
pub(crate) struct Draw {
    state: u64,
}

impl Draw {
    /// The dice of `seed` for `purpose` at `place`.
    pub(crate) fn new(seed: u64, purpose: Purpose, place: u64) -> Self {
        let mut draw = Self { state: seed ^ (purpose as u64) << 56 };
        draw.state = draw.next() ^ place;
        draw.next();
        draw
    }

    /// SplitMix64: one addition and two multiplications, and good enough for names.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from nought up to, and without, `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        debug_assert!(limit > 0, "nothing to draw from");
        // The high half of a product spreads evenly and needs no division.
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// True `share` times in ten thousand.
    pub(crate) fn chance(&mut self, share: u32) -> bool {
        self.below(10_000) < share as usize
    }

    /// One of `choices`.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// Whether place `index` is among the `percent` of a hundred, when they are to lie evenly and to be exactly as many.
pub(crate) fn evenly(index: u64, part: u64, whole: u64) -> bool {
    (index + 1) * part / whole > index * part / whole
}
