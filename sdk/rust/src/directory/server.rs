//! What is asked of a directory server.
//!
//! Behind a trait, because a named connection exists only in the sandbox: tests put a directory in memory in its place.

use super::Dn;
use crate::ldap::{Connection, Entries, Entry, Outcome, Query, Request, Scope};
use crate::{Cursor, Error, ErrorKind};

/// A filter that every entry fits.
pub const ANY: &str = "(objectClass=*)";

/// A directory server.
pub trait Server {
    /// Its root DSE.
    fn root(&self) -> Result<Entry, Error>;

    /// The base that the operator granted.
    fn base(&self) -> Result<String, Error>;

    /// At most `max` entries, and where there is more.
    fn search(&self, query: &Query, from: Option<&Cursor>, max: u32) -> Result<Entries, Error>;

    /// Many writes at once; one outcome for each, in the same order.
    fn write(&self, requests: &[Request]) -> Result<Vec<Outcome>, Error>;

    /// The entry of this name; none where there is no such entry, or where it does not fit the filter.
    fn entry(&self, dn: &Dn, filter: &str, attributes: &[String]) -> Result<Option<Entry>, Error> {
        let query = Query {
            base: dn.to_string(),
            scope: Scope::Base,
            filter: filter.to_owned(),
            attributes: attributes.to_vec(),
            with_guids: false,
        };
        match self.search(&query, None, 1) {
            Ok(found) => Ok(found.entries.into_iter().next()),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The name of an entry as the server spells it, where there is such an entry.
    fn spelling(&self, dn: &Dn) -> Result<Option<Dn>, Error> {
        // `1.1` stands for no attribute at all (RFC 4511, 4.5.1.8).
        let found = self.entry(dn, ANY, &["1.1".to_owned()])?;
        found.map(|entry| Dn::parse(&entry.dn)).transpose()
    }
}

impl Server for Connection {
    fn root(&self) -> Result<Entry, Error> {
        self.server()
    }

    fn base(&self) -> Result<String, Error> {
        Connection::base(self)
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, max: u32) -> Result<Entries, Error> {
        Connection::search(self, query, from, max)
    }

    fn write(&self, requests: &[Request]) -> Result<Vec<Outcome>, Error> {
        Connection::write(self, requests)
    }
}
