//! What is kept between two pages of a read.

use crate::class::{Class, columns};
use crate::collection::Collection;
use crate::cursor::{Cursor, Next};
use crate::day::Day;
use crate::fields;
use crate::model::{Model, Scope};
use crate::rows;
use crate::service::{Ask, Service};
use crate::walk::{Got, How, Walk};
use sluss_sdk::{Error, Page, Rest};
use std::collections::{HashMap, HashSet, VecDeque};

/// A read under way, or one that is over and whose data other classes are given from.
#[derive(Debug)]
pub struct Held {
    /// Which read it is.
    pub read: u64,
    /// Of which class.
    pub class: Class,
    /// When it began.
    pub started: i64,
    /// What was read.
    pub model: Model,
    /// What is still to be asked.
    pub todo: VecDeque<Ask>,
    /// The classes that were given from this data.
    pub given: Vec<Class>,
    /// The collections that were read in full.
    read_in_full: Vec<Collection>,
    /// What was deleted, where that was asked.
    pub deleted: HashMap<Collection, HashSet<String>>,
    /// The collections in which something changed of which engagements or groups are made.
    pub changed: HashSet<Collection>,
    walk: Walk,
}

impl Held {
    /// Nothing yet.
    pub fn new(read: u64, class: Class, scope: &Scope, now: i64) -> Held {
        Held {
            read,
            class,
            started: now,
            model: Model::new(scope.clone(), Day::at(now)),
            todo: VecDeque::new(),
            given: Vec::new(),
            read_in_full: Vec::new(),
            deleted: HashMap::new(),
            changed: HashSet::new(),
            walk: Walk::default(),
        }
    }

    /// What of these has not been read.
    pub fn missing(&self, collections: &[Collection]) -> VecDeque<Ask> {
        let missing = collections.iter().filter(|collection| !self.read_in_full.contains(collection));
        missing.map(|collection| Ask::All(*collection)).collect()
    }

    /// What comes first.
    pub fn first(&self) -> Next {
        self.todo.front().map_or(Next::Give { from: 0, skip: 0 }, |ask| Next::Ask { ask: *ask, token: None })
    }

    /// The cursor for what comes next.
    pub fn cursor(&self, next: Next) -> Vec<u8> {
        Cursor { read: self.read, class: self.class, next }.bytes()
    }

    /// Asks for a page. Gives what comes next: none when there is nothing more to ask.
    pub fn ask(
        &mut self,
        service: &impl Service,
        ask: Ask,
        how: How<'_>,
        token: Option<&str>,
    ) -> Result<Option<Next>, Error> {
        let (got, next) = self.walk.page(service, ask, how, token)?;
        let collection = ask.collection();
        match got {
            Got::Records(records) => {
                for record in &records {
                    match ask {
                        Ask::Modified(_) if collection != Collection::Persons => self.notice(collection, record),
                        Ask::Modified(_) => {
                            self.changed.insert(collection);
                            self.model.take(collection, record, true);
                        }
                        Ask::All(_) | Ask::Deleted(_) => self.model.take(collection, record, false),
                    }
                }
            }
            Got::Ids(ids) => {
                if !ids.is_empty() {
                    self.changed.insert(collection);
                }
                self.deleted.entry(collection).or_default().extend(ids);
            }
        }
        if let Some(token) = next {
            return Ok(Some(Next::Ask { ask, token: Some(token) }));
        }
        self.walk = Walk::default();
        self.todo.pop_front();
        if let Ask::All(collection) = ask {
            self.read_in_full.push(collection);
            self.model.settle();
        }
        Ok(self.todo.front().map(|ask| Next::Ask { ask: *ask, token: None }))
    }

    /// Notices that something changed. A teaching group is nothing that engagements are made of.
    fn notice(&mut self, collection: Collection, record: &serde_json::Value) {
        let is_aside = collection == Collection::Groups
            && self.class != Class::Group
            && fields::id(record).is_some()
            && !crate::group::Group::may_matter(record);
        if !is_aside {
            self.changed.insert(collection);
        }
    }

    /// Gives at most so many records.
    pub fn give(&self, from: usize, skip: usize, max: u32) -> Result<Page, Error> {
        let mut page = Page::new(&columns(self.class, &self.model.scope));
        if (from, skip) == (0, 0) {
            page.faults = rows::clouds(&self.model, self.class)?;
        }
        let mut skip = skip;
        for at in from..rows::count(&self.model, self.class) {
            for (place, entry) in rows::of(&self.model, self.class, at).into_iter().enumerate().skip(skip) {
                match entry {
                    Ok(_) if page.rows.len() >= max.max(1) as usize => {
                        page.rest = Rest::More(self.cursor(Next::Give { from: at, skip: place }));
                        return Ok(page);
                    }
                    Ok(row) => page.rows.push(row),
                    Err(fault) => page.fault(fault),
                }
            }
            skip = 0;
        }
        Ok(page)
    }
}
