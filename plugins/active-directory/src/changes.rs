//! What changed since an earlier look, for whoever does not want to read everything again.
//!
//! The directory says which objects changed and which are gone; those that changed are then read whole, so that an object
//! looks the same however it is read. An object that is deleted looks to the directory like one that was renamed and
//! moved, and says so itself: it comes out as gone. So does one of which nothing is left to be seen. One that was moved
//! out of the granted base is not heard of any more; that is seen by the next full reading.

use crate::class::{Class, Layout, id};
use crate::guid::Guid;
use crate::range;
use crate::seats::{MOST, by_guid};
use crate::server::Domain;
use sluss_sdk::ldap::{Entry, Query, Scope, Synced};
use sluss_sdk::{Answer, AttributeTraits, Batch, ClassInfo, Cursor, Error, ErrorKind, Page, Rest};
use std::collections::BTreeMap;

/// What no entry fits, for whoever only wants to know where one would have to go on.
const NOBODY: &str = "(!(objectClass=*))";

/// Where to go on: behind what a cookie of the directory stands for; or still in it, behind the object with a GUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    cookie: Vec<u8>,
    /// The last object that was told of, and the cookie to go on with once all were.
    within: Option<(Guid, Vec<u8>)>,
}

/// The token that stands for now.
pub fn latest(domain: &impl Domain, layout: &Layout) -> Result<Cursor, Error> {
    let query = query(layout, NOBODY, vec!["objectGUID".to_owned()]);
    let mut next: Option<Vec<u8>> = None;
    loop {
        let found = domain.sync(&query, next.as_ref(), MOST as u32)?;
        if !found.more {
            return Ok(Token { cookie: found.next, within: None }.written());
        }
        if next.as_ref() == Some(&found.next) {
            return Err(stuck());
        }
        next = Some(found.next);
    }
}

/// What changed since a token.
pub fn changes(
    domain: &impl Domain,
    layout: &Layout,
    class: &Class,
    info: &ClassInfo,
    since: &[u8],
    max: u32,
) -> Result<Answer, Error> {
    let Some(token) = Token::read(since) else { return Ok(Answer::Expired) };
    let columns: Vec<String> = info
        .attributes
        .iter()
        .filter(|own| !own.traits.contains(AttributeTraits::WRITE_ONLY))
        .map(|own| own.name.clone())
        .collect();
    let wanted = class.wanted(&columns);
    // Whoever is renamed or moved gets another `name`, or another place for it.
    let mut watched = wanted.clone();
    watched.push("name".to_owned());
    let found = match domain.sync(&query(layout, class.filter_of_gone(), watched), Some(&token.cookie), max) {
        Ok(found) => found,
        // The directory does not take its cookie back: it is too old, or of another domain.
        Err(error) if error.kind == ErrorKind::Invalid || matches!(error.code.as_deref(), Some("1" | "12" | "80")) => {
            return Ok(Answer::Expired);
        }
        Err(error) => return Err(error),
    };
    if found.more && found.next == token.cookie {
        return Err(stuck());
    }
    let (told, next, more) = token.part(found, max as usize)?;
    let mut batch = Batch { page: Page::new(&columns), gone: Vec::new(), next: next.written() };
    let changed: Vec<Guid> = told.iter().filter(|(_, is_gone)| !**is_gone).map(|(guid, _)| *guid).collect();
    let reads = class.columns(&columns);
    let mut rows = BTreeMap::new();
    for some in changed.chunks(MOST) {
        for mut entry in by_guid(domain, layout.base(), class.filter(), some, &wanted)? {
            if range::complete(domain, &mut entry)? {
                rows.insert(id(&entry)?.0, reads.row(&entry)?);
            }
        }
    }
    for guid in told.into_keys() {
        match rows.remove(&guid) {
            Some(row) => batch.page.rows.push(row),
            None => batch.gone.push(guid.to_string()),
        }
    }
    if more {
        batch.page.rest = Rest::More(batch.next.clone());
    }
    Ok(Answer::Batch(batch))
}

fn query(layout: &Layout, filter: &str, attributes: Vec<String>) -> Query {
    Query {
        base: layout.base().to_string(),
        scope: Scope::Subtree,
        filter: filter.to_owned(),
        attributes,
        with_guids: false,
    }
}

fn stuck() -> Error {
    Error::unavailable("The directory says again and again that there is more of what changed, and tells nothing of it")
}

/// Whether an object is gone.
fn is_gone(entry: &Entry) -> bool {
    entry.values("isDeleted").iter().any(|value| value.eq_ignore_ascii_case(b"TRUE"))
        || entry.dn.to_ascii_uppercase().contains("\\0ADEL:")
}

/// Objects in the order of their GUIDs, and whether each is gone.
type Told = BTreeMap<Guid, bool>;

impl Token {
    /// The next objects of an answer, at most so many, and where to go on.
    fn part(self, found: Synced, max: usize) -> Result<(Told, Token, bool), Error> {
        let Synced { entries, next, more } = found;
        let mut told = Told::new();
        for entry in &entries {
            told.insert(id(entry)?.0, is_gone(entry));
        }
        // What came to the answer while it was told of comes again behind the cookie of its beginning.
        let (next, more) = match self.within {
            Some((last, next)) => {
                told = told.split_off(&last);
                told.remove(&last);
                (next, true)
            }
            None => (next, more),
        };
        let Some(behind) = told.keys().nth(max).copied() else {
            return Ok((told, Token { cookie: next, within: None }, more));
        };
        told.split_off(&behind);
        let within = told.keys().next_back().map(|last| (*last, next));
        Ok((told, Token { cookie: self.cookie, within }, true))
    }

    /// The token as the host keeps it.
    pub fn written(&self) -> Cursor {
        let mut bytes = Vec::with_capacity(24 + 2 * self.cookie.len());
        let length = u32::try_from(self.cookie.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&self.cookie);
        if let Some((guid, next)) = &self.within {
            bytes.extend(guid.bytes());
            bytes.extend(next);
        }
        bytes
    }

    /// Reads what the host kept.
    pub fn read(bytes: &[u8]) -> Option<Token> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (cookie, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let within = match rest {
            [] => None,
            _ => {
                let (guid, next) = rest.split_at_checked(16)?;
                Some((Guid::from_bytes(guid)?, next.to_vec()))
            }
        };
        Some(Token { cookie: cookie.to_vec(), within })
    }
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
