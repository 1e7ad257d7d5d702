//! From the first to the last page of one question.
//!
//! A service that gives the same page twice would be asked for ever, and one that leaves pages out would be believed;
//! both end the read.

use crate::answer;
use crate::broken::Broken;
use crate::cursor::LONGEST_TOKEN;
use crate::fields;
use crate::service::{Ask, Service, refusal};
use serde_json::Value;
use sluss_sdk::Error;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// So many empty pages, one after the other, are no way to an end.
const MOST_EMPTY: u32 = 20;

/// What a page holds.
#[derive(Debug, PartialEq)]
pub enum Got {
    /// Records.
    Records(Vec<Value>),
    /// Ids of what was deleted.
    Ids(Vec<String>),
}

/// What was seen on the way.
#[derive(Debug, Default)]
pub struct Walk {
    tokens: HashSet<u64>,
    ids: HashSet<u64>,
    empty: u32,
}

/// How a question is asked.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// The most records of a page.
    pub limit: u32,
    /// Since when changes are wanted.
    pub since: &'a str,
}

impl Walk {
    /// Asks for a page, and gives the token of the next one.
    pub fn page(
        &mut self,
        service: &impl Service,
        ask: Ask,
        how: How<'_>,
        token: Option<&str>,
    ) -> Result<(Got, Option<String>), Error> {
        let path = ask.path();
        let response = service.get(path, &ask.query(how.limit, how.since, token))?;
        if !(200..300).contains(&response.status) {
            return Err(refusal(path, token.is_some(), response));
        }
        let broken = |broken: Broken| {
            Error::unavailable(format!("The school system's answer for {path} cannot be used: {broken}"))
        };
        let (got, next) = match ask {
            Ask::All(_) | Ask::Modified(_) => {
                let page = answer::records(&response.body).map_err(broken)?;
                (Got::Records(page.items), page.next)
            }
            Ask::Deleted(collection) => {
                let page = answer::deleted(&response.body, collection).map_err(broken)?;
                (Got::Ids(page.items), page.next)
            }
        };
        self.see(path, &got, next.as_deref())?;
        Ok((got, next))
    }

    fn see(&mut self, path: &str, got: &Got, next: Option<&str>) -> Result<(), Error> {
        let ids: Vec<u64> = match got {
            Got::Records(records) => records.iter().filter_map(fields::id).map(|id| digest(&id)).collect(),
            Got::Ids(ids) => ids.iter().map(|id| digest(id)).collect(),
        };
        let is_empty = matches!(got, Got::Records(records) if records.is_empty()) || *got == Got::Ids(Vec::new());
        self.empty = if is_empty { self.empty + 1 } else { 0 };
        let before = self.ids.len();
        self.ids.extend(&ids);
        let repeats = !ids.is_empty() && self.ids.len() == before;
        if repeats || next.is_some_and(|next| !self.tokens.insert(digest(next))) {
            return Err(Error::unavailable(format!(
                "The school system gives the same page of {path} again: whether there are others is not known"
            )));
        }
        if next.is_some() && self.empty == MOST_EMPTY {
            return Err(Error::unavailable(format!(
                "The school system gives one empty page of {path} after the other"
            )));
        }
        if next.is_some_and(|next| next.len() > LONGEST_TOKEN) {
            return Err(Error::unsupported(format!("The page token of {path} is longer than {LONGEST_TOKEN} bytes")));
        }
        Ok(())
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
