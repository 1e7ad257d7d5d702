//! The thinking: who is one person, what shall exist for them where, under which names, and what must change for it.
//!
//! Everything here is pure: no async, no files, no clock, no network, no WebAssembly. The day, the ledger of names and
//! what is known of the targets come in as values, so that every decision can be tested and repeated.

pub mod change;
pub mod fault;
pub mod finding;
pub mod ledger;
pub mod person;
pub mod plan;
pub mod record;
pub mod value;
