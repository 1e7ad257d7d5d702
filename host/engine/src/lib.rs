//! The thinking: who is one person, what shall exist for them where, under which names, and what must change for it.
//!
//! Everything here is pure: no async, no files, no clock, no network, no WebAssembly. The day, the ledger of names and
//! what is known of the targets come in as values, so that every decision can be tested and repeated.

pub mod account;
pub mod assemble;
pub mod authority;
pub mod change;
pub mod decide;
pub mod fault;
pub mod finding;
pub mod guard;
pub mod key;
pub mod ledger;
pub mod matching;
pub mod names;
pub mod numbers;
pub mod person;
pub mod plan;
pub mod policy;
pub mod primary;
pub mod record;
pub mod seat;
pub mod stage;
pub mod value;
