//! Made-up people of made-up employments, written as the files that Heroma exports.
//!
//! Tests, the demonstration and the benchmarks all need staff that is large, varied and nobody's. A [`Population`] is a
//! function of its seed: the same seed gives the same bytes on every machine, any person can be looked at without
//! making the others, and a change (a joiner, a leaver, one per cent with a new title) touches what it says and
//! nothing else. The identity numbers are the ones that Skatteverket publishes for tests; see [`number`] for what
//! happens when those run out.
//!
//! ```
//! use jiff::civil::date;
//! use sluss_people::Population;
//!
//! let staff = Population::new(1, 300).on(date(2026, 11, 21));
//! let leaver = staff.ordinary().next().expect("ordinary people are in the majority");
//! let tomorrow = staff.clone().leaver(leaver, date(2026, 11, 21));
//! assert_ne!(staff.employments_csv(), tomorrow.employments_csv());
//! ```

mod change;
mod draw;
mod employment;
mod file;
mod find;
mod municipality;
mod name;
pub mod number;
mod person;
mod population;
mod post;
mod title;
mod unit;

pub use employment::Employment;
pub use file::{EMPLOYMENT_COLUMNS, EMPLOYMENTS_FILE, UNIT_COLUMNS, UNITS_FILE};
pub use municipality::Municipality;
pub use number::Number;
pub use person::Person;
pub use population::{MAX_PERSONS, Population};
pub use unit::Unit;
