//! What is asked of the domain besides what is asked of any directory.
//!
//! Behind a trait, because a named connection and first passwords exist only in the sandbox: the tests put a domain in
//! memory in their place.

use sluss_sdk::directory::Server;
use sluss_sdk::ldap::{Connection, Query, Synced};
use sluss_sdk::{Cursor, Error, log, passwords};

/// A domain.
pub trait Domain: Server {
    /// What changed since an earlier answer.
    fn sync(&self, query: &Query, since: Option<&Cursor>, max: u32) -> Result<Synced, Error>;

    /// The text that stands for the first password of the account that a change makes.
    fn stand_in(&self, change: u64) -> Result<String, Error>;

    /// Tells the operator.
    fn warn(&self, message: &str);
}

impl Domain for Connection {
    fn sync(&self, query: &Query, since: Option<&Cursor>, max: u32) -> Result<Synced, Error> {
        Connection::sync(self, query, since, max)
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        passwords::stand_in(change)
    }

    fn warn(&self, message: &str) {
        log::warn(message);
    }
}
