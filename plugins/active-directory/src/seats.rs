//! Where objects stand: names by GUIDs, looked up for a whole batch at once and remembered for the run.
//!
//! Nothing is written to a GUID, because only a name says whether an entry lies within what the operator granted.

use crate::class::{ACCOUNT, Class, NOTHING, id};
use crate::control;
use crate::guid::Guid;
use crate::write::{Needs, Seat};
use sluss_sdk::Error;
use sluss_sdk::directory::{Dn, Server};
use sluss_sdk::ldap::{Entry, Query, Scope, escape_filter};
use std::collections::HashMap;

/// How many entries are asked for at once.
pub const MOST: usize = 500;

/// The names that are known.
#[derive(Debug, Default)]
pub struct Seats(HashMap<Guid, String>);

impl Seats {
    /// Where each of these stands now, with what has to be known of it; those that are not there are left out. Whether
    /// anything was taken from memory is told as well: a name that is remembered may be out of date.
    pub fn find(
        &mut self,
        server: &impl Server,
        base: &Dn,
        wanted: &[(Guid, Needs)],
    ) -> Result<(HashMap<Guid, Seat>, bool), Error> {
        let mut found = HashMap::with_capacity(wanted.len());
        let mut unknown = Vec::with_capacity(wanted.len());
        let mut needs = Needs::default();
        for (guid, own) in wanted {
            match self.0.get(guid).filter(|_| *own == Needs::default()) {
                Some(known) => {
                    found.insert(*guid, Seat { dn: Dn::parse(known)?, control: None, account: None });
                }
                None => {
                    unknown.push(*guid);
                    needs = Needs { control: needs.control || own.control, account: needs.account || own.account };
                }
            }
        }
        let remembered = !found.is_empty();
        let asked = [(needs.control, control::ATTRIBUTE), (needs.account, ACCOUNT)];
        let mut attributes: Vec<String> =
            asked.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name.to_owned()).collect();
        if attributes.is_empty() {
            attributes.push(NOTHING.to_owned());
        }
        for some in unknown.chunks(MOST) {
            for entry in by_guid(server, base, "(objectClass=*)", some, &attributes)? {
                let (guid, dn) = id(&entry)?;
                let first = |name: &str| entry.values(name).first().map(Vec::as_slice);
                let account = first(ACCOUNT).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                let control = first(control::ATTRIBUTE).and_then(control::read);
                found.insert(guid, Seat { dn: Dn::parse(dn)?, control, account });
                self.0.insert(guid, dn.to_owned());
            }
        }
        Ok((found, remembered))
    }

    /// Remembers where an object stands.
    pub fn put(&mut self, guid: Guid, dn: &Dn) {
        self.0.insert(guid, dn.to_string());
    }

    /// Looks for an object anew when it is wanted again.
    pub fn forget(&mut self, guid: Guid) {
        self.0.remove(&guid);
    }
}

/// The entries with these GUIDs that fit a filter, in no order: one request for at most [`MOST`].
pub fn by_guid(
    server: &impl Server,
    base: &Dn,
    filter: &str,
    guids: &[Guid],
    attributes: &[String],
) -> Result<Vec<Entry>, Error> {
    let any: String = guids.iter().map(|guid| format!("(objectGUID={})", guid.escaped())).collect();
    any_of(server, base, filter, &any, attributes)
}

/// The entries of a class with these user names: one request for at most [`MOST`].
pub fn by_account(server: &impl Server, class: &Class, accounts: &[&str]) -> Result<Vec<Entry>, Error> {
    let any: String = accounts.iter().map(|account| format!("({ACCOUNT}={})", escape_filter(account))).collect();
    any_of(server, &class.base, class.filter(), &any, &[ACCOUNT.to_owned()])
}

fn any_of(
    server: &impl Server,
    base: &Dn,
    filter: &str,
    any: &str,
    attributes: &[String],
) -> Result<Vec<Entry>, Error> {
    let query = Query {
        base: base.to_string(),
        scope: Scope::Subtree,
        filter: format!("(&{filter}(|{any}))"),
        attributes: attributes.to_vec(),
        with_guids: true,
    };
    let mut found = server.search(&query, None, MOST as u32)?;
    let mut entries = std::mem::take(&mut found.entries);
    while let Some(next) = found.next {
        found = server.search(&query, Some(&next), MOST as u32)?;
        entries.append(&mut found.entries);
    }
    Ok(entries)
}
