//! What a school knows a pupil by: an identity number, or a temporary one of its own.

use std::fmt;

use crate::number::Number;

/// A temporary number (TF number), given to whoever has no identity number yet and valid within a municipality alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Temporary {
    /// The day of birth, in eight digits.
    pub(crate) day: u32,
    /// Which of those who were born on that day.
    pub(crate) which: u8,
}

impl fmt::Display for Temporary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}TF{:02}", self.day, self.which)
    }
}

/// What a pupil is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// An identity number, which the register knows too.
    Lasting(Number),
    /// A temporary number.
    Temporary(Temporary),
}

impl Identity {
    /// The identity number, if it is one.
    pub fn lasting(self) -> Option<Number> {
        match self {
            Identity::Lasting(number) => Some(number),
            Identity::Temporary(_) => None,
        }
    }

    /// As systems write it that put a hyphen behind the day of birth.
    pub(crate) fn hyphened(self) -> String {
        let text = self.to_string();
        format!("{}-{}", &text[..8], &text[8..])
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Lasting(number) => number.fmt(f),
            Identity::Temporary(number) => number.fmt(f),
        }
    }
}
