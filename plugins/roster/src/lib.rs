//! A school's roster as a source gives it: who is in which class of which unit, from when to when.
//!
//! It knows no system. A plugin says what it read, record by record; what follows from it is the same for all: which
//! engagement a pupil has, whose guardian somebody is, whom a group holds, and that nothing is given as whole that was
//! not. The records then go to the host page by page, however long it took to read them.

mod classes;
mod clock;
mod engagement;
pub mod fault;
mod model;
pub mod number;
mod reading;
mod rows;
mod settings;
pub mod words;

pub use classes::{Class, describe};
pub use clock::{Moment, dashed, day};
pub use model::{Group, GroupKind, Guardian, Membership, Person, Role, Roster, Span, Unit};
pub use reading::{Reading, Snapshot, Supply};
pub use settings::Giving;

/// Changes with a text: for what a version of files depends on beside their content.
pub fn fingerprint(text: &str) -> u64 {
    twox_hash::XxHash3_64::oneshot(text.as_bytes())
}
