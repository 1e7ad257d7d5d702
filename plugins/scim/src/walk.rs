//! Reading all resources of a class, page by page, and knowing whether that were all.
//!
//! SCIM pages by counting, so whatever comes or goes meanwhile shifts the rest, and services get counting wrong in more
//! ways than one. Only a read that certainly gave every resource may end as a whole one; where pages do not fit together,
//! it begins anew and gives what it did not give before.

use crate::answer::{Answer, List};
use crate::class::{Class, id};
use crate::features::Features;
use crate::service::{Asked, Service};
use serde_json::Value as Json;
use sluss_sdk::{Error, ErrorKind};
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};

/// How often a read begins anew.
const MOST_PASSES: u32 = 4;

/// What the service is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The class.
    pub class: Class,
    /// Whether the members of groups are wanted.
    pub members: bool,
}

/// A read under way.
#[derive(Debug)]
pub struct Walk {
    wish: Wish,
    /// How many resources a page has.
    count: u32,
    /// Whether the last resource of a page is asked for again with the next, so that a shift shows.
    overlaps: bool,
    pass: u32,
    /// How often it began anew because pages did not fit together.
    misfits: u32,
    /// How many places of the list were read in this pass.
    passed: u64,
    /// How many different resources stood there.
    distinct: u64,
    first: Option<String>,
    last: Option<String>,
    total: Option<u64>,
    /// What was read, and in which pass last.
    seen: HashMap<Box<str>, u32>,
    /// Resources that were read and not yet given.
    pub ready: VecDeque<Json>,
    /// How it ended.
    pub end: Option<Result<(), Error>>,
    /// How many were given.
    pub given: u64,
}

impl Walk {
    /// One that did not begin yet.
    pub fn new(wish: Wish, size: u32, features: &Features) -> Walk {
        // One more than a page is asked for, and no more than the service gives.
        let most = features.results.unwrap_or(u32::MAX);
        Walk {
            wish,
            count: size.min(most.saturating_sub(1)).max(1),
            overlaps: most > 1,
            pass: 1,
            misfits: 0,
            passed: 0,
            distinct: 0,
            first: None,
            last: None,
            total: None,
            seen: HashMap::new(),
            ready: VecDeque::new(),
            end: None,
            given: 0,
        }
    }

    /// Whether this is the read of which that many were given.
    pub fn is_at(&self, wish: &Wish, given: u64) -> bool {
        self.wish == *wish && self.given == given
    }

    /// Reads a page more.
    pub fn advance(&mut self, service: &impl Service, features: &Features, sorts: &Cell<bool>) -> Result<(), Error> {
        let overlap = u32::from(self.overlaps && self.last.is_some());
        let start = self.passed + 1 - u64::from(overlap);
        let what = format!("list its resources of the type {}", self.wish.class.resource_type());
        let mut asked = Asked::get(features.place(self.wish.class)?)
            .option("startIndex", start)
            .option("count", self.count + overlap);
        if sorts.get() {
            asked = asked.option("sortBy", "id").option("sortOrder", "ascending");
        }
        if self.wish.class == Class::Group && !self.wish.members {
            asked = asked.option("excludedAttributes", "members");
        }
        let answer = match service.send(&asked) {
            Ok(response) => Answer::of(&response, service.now()),
            // The host says so of an answer that is longer than the connection allows.
            Err(error) if error.kind == ErrorKind::Config && error.sent && self.count > 1 => {
                self.count /= 2;
                self.reset();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if sorts.get() && matches!(answer.status, 400 | 403 | 501) && self.passed == 0 {
            // So much for its word that it knows an order.
            sorts.set(false);
            return Ok(());
        }
        let list = List::of(answer.read(&what)?, &what)?;
        self.take(list, overlap > 0, start)
    }

    /// Takes a page.
    fn take(&mut self, list: List, overlaps: bool, start: u64) -> Result<(), Error> {
        let told = list.resources.len() as u64;
        let first = list.resources.first().and_then(id).map(str::to_owned);
        let has_moved = self.total.is_some() && list.total.is_some() && self.total != list.total;
        self.total = list.total.or(self.total);
        if overlaps && first != self.last {
            if first.is_some() && first == self.first && start > 1 {
                // It counts in pages, so that it has to be asked for whole ones; or it does not count at all.
                self.overlaps = false;
                return Ok(());
            }
            return self.begin_anew("what it lists is in another order each time");
        }
        if has_moved && !overlaps {
            return self.begin_anew("resources come and go faster than they can be read");
        }
        let new = told - u64::from(overlaps).min(told);
        if new == 0 {
            if overlaps && told == 1 && self.total.is_none_or(|total| self.passed < total) {
                // It gives one at a time, or there was only room for the one that is known.
                self.overlaps = false;
                return Ok(());
            }
            return self.finish();
        }
        let is_full = new >= u64::from(self.count);
        let is_repeated = !overlaps && start > 1 && first.is_some() && first == self.first;
        if is_repeated {
            return self.finish();
        }
        if start == 1 {
            self.first = first;
        }
        self.last = list.resources.last().and_then(id).map(str::to_owned);
        self.passed += new;
        let before_page = self.distinct;
        for resource in list.resources.into_iter().skip(usize::from(overlaps)) {
            let before = id(&resource).map(|id| self.seen.insert(id.into(), self.pass));
            self.distinct += u64::from(before != Some(Some(self.pass)));
            // One without an id is given as well, for somebody to complain of.
            if matches!(before, None | Some(None)) {
                self.ready.push_back(resource);
            }
        }
        if start > 1 && self.distinct == before_page {
            // Somebody else stands first by now, or it does not count: it could go on like this for ever.
            return self.begin_anew("it gives the same again and again");
        }
        // A full page may be followed by another whatever the service says; some call the page's length the total.
        if self.total.is_some_and(|total| self.passed >= total) && !is_full {
            return self.finish();
        }
        Ok(())
    }

    /// Begins anew where pages do not fit together.
    fn begin_anew(&mut self, why: &str) -> Result<(), Error> {
        self.misfits += 1;
        if self.misfits >= MOST_PASSES {
            self.end = Some(Err(Error::unavailable(format!("The service cannot be read whole: {why}"))));
        } else {
            self.reset();
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.pass += 1;
        (self.passed, self.distinct, self.first, self.last, self.total) = (0, 0, None, None, None);
    }

    /// Ends, as a whole read if as many resources came as there are said to be.
    fn finish(&mut self) -> Result<(), Error> {
        self.end = Some(match self.total {
            Some(total) if self.distinct < total => Err(Error::unavailable(format!(
                "The service says that it has {total} resources of the type {}, and gives {}",
                self.wish.class.resource_type(),
                self.distinct
            ))),
            _ => Ok(()),
        });
        Ok(())
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
