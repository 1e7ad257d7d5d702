//! Answers what a connector asks of the host, by the host's capabilities.
//!
//! Here the contract's imports meet the plain Rust that does the work: each call is judged by the grants, counted, and
//! its failure told to the connector in the contract's own words.

mod files;
mod http;
mod ldap;
mod log;
mod passwords;

use crate::bindings::host;
use crate::state::State;
use wasmtime::component::{HasSelf, Linker};

/// Adds every capability.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    host::log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::files::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::http::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::ldap::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::passwords::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl host::types::Host for State {}
