//! Programs that we did not write, and that judge what we did: official clients, and a proxy that knows a contract.
//!
//! They are installed below the target folder by the first test that needs them, in exactly the versions that
//! `tests/servers/judges` names.

mod install;
mod prism;

pub use install::{node, python, script};
pub use prism::{Prism, Violation};
