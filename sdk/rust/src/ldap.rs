//! Operations on a named LDAP connection, and the escaping that filters need.
//!
//! Names of entries are built and taken apart by [`directory::Dn`](crate::directory::Dn).

use crate::bindings::capabilities::sluss::connector::ldap as host;
use crate::{Cursor, Error};
pub use host::{
    Attribute, Edit, Entries, Entry, Modification, Operation, Outcome, Query, Rename, Request, Scope, Synced,
};
use std::fmt::Write;

/// A named connection.
#[derive(Debug, Clone)]
pub struct Connection {
    name: String,
}

impl Connection {
    /// The connection of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Connection { name: name.into() }
    }

    /// The name of the connection.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's root DSE.
    pub fn server(&self) -> Result<Entry, Error> {
        host::server(&self.name)
    }

    /// The base DN that the operator granted.
    pub fn base(&self) -> Result<String, Error> {
        host::base(&self.name)
    }

    /// At most `max` entries, and where there is more.
    pub fn search(&self, query: &Query, from: Option<&Cursor>, max: u32) -> Result<Entries, Error> {
        host::search(&self.name, query, from.map(Vec::as_slice), max)
    }

    /// All entries, asked for in pages of `max`.
    pub fn search_all(&self, query: &Query, max: u32) -> Result<Vec<Entry>, Error> {
        let mut all = Vec::new();
        let mut from = None;
        loop {
            let found = self.search(query, from.as_ref(), max)?;
            all.extend(found.entries);
            match found.next {
                Some(next) => from = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// What changed since an earlier answer, or all there is, in the manner of Active Directory (DirSync).
    pub fn sync(&self, query: &Query, since: Option<&Cursor>, max: u32) -> Result<Synced, Error> {
        host::sync(&self.name, query, since.map(Vec::as_slice), max)
    }

    /// Many writes at once; one outcome for each, in the same order.
    pub fn write(&self, requests: &[Request]) -> Result<Vec<Outcome>, Error> {
        host::write(&self.name, requests)
    }
}

/// Escapes a value for use in a search filter (RFC 4515).
pub fn escape_filter(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '*' | '(' | ')' | '\\' | '\0' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\{:02x}", u32::from(character));
            }
            plain => escaped.push(plain),
        }
    }
    escaped
}

impl Entry {
    /// The values of an attribute, whatever the case of its name.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes.iter().find(|own| own.name.eq_ignore_ascii_case(name)).map_or(&[], |own| &own.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_value_cannot_leave_its_place() {
        assert_eq!(escape_filter("a*)(uid=\\\0"), "a\\2a\\29\\28uid=\\5c\\00");
        assert_eq!(escape_filter("Åsa Öberg-Lööf"), "Åsa Öberg-Lööf");
    }
}
