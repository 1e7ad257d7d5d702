//! Made-up people: staff as Heroma exports it, pupils as Procapita and Extens do, and what the population register says
//! of them all.
//!
//! Tests, the demonstration and the benchmarks all need staff that is large, varied and nobody's. A [`Population`] is a
//! function of its seed: the same seed gives the same bytes on every machine, any person can be looked at without
//! making the others, and a change (a joiner, a leaver, one per cent with a new title) touches what it says and
//! nothing else. [`Pupils`] stand beside a population. The identity numbers are the ones that Skatteverket publishes for
//! tests; see [`number`] for what happens when those run out.
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
mod extens;
mod file;
mod find;
mod identity;
mod municipality;
mod name;
pub mod number;
mod person;
mod population;
mod post;
mod procapita;
mod pupil;
mod pupils;
mod register;
mod school;
pub mod terms;
mod title;
mod unit;

pub use employment::Employment;
pub use extens::EXTENS_FILE;
pub use file::{EMPLOYMENT_COLUMNS, EMPLOYMENTS_FILE, UNIT_COLUMNS, UNITS_FILE};
pub use identity::{Identity, Temporary};
pub use municipality::Municipality;
pub use number::Number;
pub use person::Person;
pub use population::{MAX_PERSONS, Population};
pub use procapita::PROCAPITA_FILES;
pub use pupil::{Guardian, Mark, Pupil};
pub use pupils::{MAX_PUPILS, MAX_STAFF_BESIDE_PUPILS, Pupils};
pub use register::REGISTER_FILE;
pub use school::{Place, School, System};
pub use unit::Unit;
