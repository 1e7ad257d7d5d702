//! Giving records page by page, however long it takes until there are any.
//!
//! What a system has to be asked for part by part, or makes only after a while, takes longer than one call of the host may.
//! A read then begins with pages without records, each with a cursor, until everything is there. All classes are given
//! of one state of the system.

use crate::classes::Class;
use crate::model::Roster;
use crate::rows::Given;
use crate::settings::Giving;
use sluss_sdk::{Cursor, Error, Page};
use std::time::{Duration, SystemTime};

/// All that was read of a system.
#[derive(Debug)]
pub struct Snapshot {
    /// The records.
    pub roster: Roster,
    /// What could not be read, if not everything could.
    pub incomplete: Option<Error>,
}

impl Snapshot {
    /// All engagements in one page, whatever else could not be read.
    pub fn engagements(self, giving: &Giving) -> Page {
        Given::new(self.roster, giving.clone()).page(Class::Engagement, 0, usize::MAX).0
    }
}

/// Where snapshots come from.
pub trait Supply {
    /// Begins anew.
    fn begin(&mut self);

    /// Goes on until this moment at the latest; the snapshot once it is whole.
    fn go_on(&mut self, until: SystemTime) -> Result<Option<Snapshot>, Error>;
}

/// A read under way.
pub struct Reading<S> {
    supply: S,
    giving: Giving,
    span: Duration,
    held: Option<Held>,
    /// Changes with every page, so that no cursor is ever given twice.
    turn: u64,
}

struct Held {
    given: Given,
    incomplete: Option<Error>,
    /// The classes that were read of it.
    read: Vec<Class>,
    /// The turn in which it was made.
    made: u64,
}

/// What a cursor stands for.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Still waiting, in this turn.
    Waiting(u64),
    /// At this position of what was made in that turn.
    At(u64, u64),
}

impl Place {
    fn cursor(&self) -> Cursor {
        let (tag, first, second) = match self {
            Place::Waiting(turn) => (0, *turn, 0),
            Place::At(made, position) => (1, *made, *position),
        };
        [&[tag], first.to_le_bytes().as_slice(), &second.to_le_bytes()].concat()
    }

    fn of(cursor: &[u8]) -> Option<Place> {
        let (tag, rest) = cursor.split_first()?;
        let (first, second) = rest.split_first_chunk::<8>()?;
        let (first, second) = (u64::from_le_bytes(*first), u64::from_le_bytes(second.try_into().ok()?));
        Some(if *tag == 0 { Place::Waiting(first) } else { Place::At(first, second) })
    }
}

impl<S: Supply> Reading<S> {
    /// Nothing was read yet. A call of the host is answered after this time.
    pub fn new(supply: S, giving: Giving, span: Duration) -> Self {
        Reading { supply, giving, span, held: None, turn: 0 }
    }

    /// Where snapshots come from.
    pub fn supply(&mut self) -> &mut S {
        &mut self.supply
    }

    /// A page of a class.
    pub fn read(&mut self, class: &str, from: Option<&[u8]>, max: u32) -> Result<Page, Error> {
        let class = Class::named(class)?;
        let lost = || Error::invalid("The cursor is not one of this read");
        let place = from.map(|cursor| Place::of(cursor).ok_or_else(lost)).transpose()?;
        self.turn += 1;
        let at = match (place, &mut self.held) {
            (Some(Place::At(made, at)), Some(held)) if held.made == made => at as usize,
            (Some(Place::Waiting(_)), Some(_)) | (Some(Place::At(..)), _) => return Err(lost()),
            (None, Some(held)) if !held.read.contains(&class) => {
                held.read.push(class);
                0
            }
            (Some(Place::Waiting(_)), None) => 0,
            (None, _) => {
                self.held = None;
                self.supply.begin();
                0
            }
        };
        let Some(held) = self.hold(class)? else {
            return Ok(Page::new::<&str>(&[]).more(Place::Waiting(self.turn).cursor()));
        };
        let (page, more) = held.given.page(class, at, max.max(1) as usize);
        Ok(match (more, &held.incomplete) {
            (Some(at), _) => page.more(Place::At(held.made, at as u64).cursor()),
            (None, Some(error)) => page.incomplete(error.clone()),
            (None, None) => page,
        })
    }

    /// The snapshot, made if need be; none while that takes longer.
    fn hold(&mut self, class: Class) -> Result<Option<&Held>, Error> {
        if self.held.is_none() {
            let Some(snapshot) = self.supply.go_on(SystemTime::now() + self.span)? else { return Ok(None) };
            let nobody = || Error::unavailable("There is nobody in what was read; nothing is taken to be gone");
            let incomplete = snapshot.incomplete.or_else(|| (snapshot.roster.persons() == 0).then(nobody));
            let given = Given::new(snapshot.roster, self.giving.clone());
            self.held = Some(Held { given, incomplete, read: vec![class], made: self.turn });
        }
        Ok(self.held.as_ref())
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
