//! What people and programs see: results on standard output, messages and progress on standard error.

mod changes;
pub mod error;
pub mod explanation;
pub mod progress;
pub mod report;
#[cfg(test)]
mod report_tests;
mod screen;
pub mod style;
pub mod table;

pub use error::faults;
pub use progress::Progress;
pub use screen::Screen;
