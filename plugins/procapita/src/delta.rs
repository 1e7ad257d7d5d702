//! What changed since an earlier read, by `extReadUpdatedMemberships`.
//!
//! The service says whose memberships are new, changed or over, unit by unit. Only the units in which there is such a one
//! are read, and their engagements given; what a membership's engagement was called that is no more is gone. That is true
//! of engagements alone: of persons, groups and units nobody tells what changed, and they are read in full.

use crate::hierarchy::{self, Asked, MORE};
use crate::ims::Ims;
use crate::service::Service;
use sluss_roster::{Giving, Roster, Snapshot, dashed, day};
use sluss_sdk::{Answer, Batch, Cursor, Date, Error, Page};
use std::collections::HashSet;
use std::time::SystemTime;

/// A token that is older says nothing any more.
const MOST_DAYS: i64 = 31;
const TOKEN: &str = "since:";
const TURN: &str = "turn:";

/// An answer under way.
struct Work {
    from: Date,
    to: Date,
    units: Vec<String>,
    done: usize,
    roster: Roster,
    /// The ids that the engagements of memberships may have had which are no more.
    candidates: HashSet<String>,
    /// Everything that is new or changed, once all units were asked about.
    found: Option<Page>,
    gone: Vec<String>,
}

/// What changed, while it is told.
#[derive(Default)]
pub struct Delta {
    work: Option<Work>,
    turn: u64,
}

/// The token for a day's state.
pub fn token(date: Date) -> Cursor {
    format!("{TOKEN}{}", dashed(date, "-")).into_bytes()
}

impl Delta {
    /// Goes on telling. A token begins a new answer.
    pub fn tell<S: Service>(
        &mut self,
        ims: &mut Ims<S>,
        since: &[u8],
        giving: &Giving,
        max: usize,
        until: SystemTime,
    ) -> Result<Answer, Error> {
        let since = std::str::from_utf8(since).unwrap_or_default();
        let work = match self.work.take().filter(|_| since == format!("{TURN}{}", self.turn)) {
            Some(work) => work,
            None => match Work::begin(ims, since)? {
                Some(work) => work,
                None => return Ok(Answer::Expired),
            },
        };
        self.turn += 1;
        self.go_on(work, ims, giving, max.max(1), until)
    }

    fn go_on<S: Service>(
        &mut self,
        mut work: Work,
        ims: &mut Ims<S>,
        giving: &Giving,
        max: usize,
        until: SystemTime,
    ) -> Result<Answer, Error> {
        let next = token(work.to);
        let turn = format!("{TURN}{}", self.turn);
        while work.done < work.units.len() {
            if !ims.is_before(until) {
                self.work = Some(work);
                let page = Page::new::<&str>(&[]).more(turn);
                return Ok(Answer::Batch(Batch { page, gone: Vec::new(), next }));
            }
            work.ask(ims)?;
        }
        let mut found = work.found.take().unwrap_or_else(|| work.finish(giving));
        let mut page = Page::new(&found.columns);
        page.rows = found.rows.drain(..max.min(found.rows.len())).collect();
        page.faults = std::mem::take(&mut found.faults);
        let gone = std::mem::take(&mut work.gone);
        if !found.rows.is_empty() {
            page = page.more(turn);
            self.work = Some(Work { found: Some(found), ..work });
        }
        Ok(Answer::Batch(Batch { page, gone, next }))
    }
}

impl Work {
    /// Begins an answer, if the token is not too old.
    fn begin<S: Service>(ims: &mut Ims<S>, since: &str) -> Result<Option<Work>, Error> {
        let to = ims.search_date();
        let from = since.strip_prefix(TOKEN).and_then(day).filter(|from| {
            let days = ims.days_since(*from);
            (ims.days_since(to)..=MOST_DAYS).contains(&days)
        });
        let Some(from) = from else { return Ok(None) };
        let units = ims.units(to)?;
        if units.is_empty() {
            return Err(Error::unavailable("The service knows no unit; nothing is taken to be gone"));
        }
        let (roster, candidates) = (Roster::new(MORE), HashSet::new());
        Ok(Some(Work { from, to, units, done: 0, roster, candidates, found: None, gone: Vec::new() }))
    }

    /// Asks about the next unit.
    fn ask<S: Service>(&mut self, ims: &mut Ims<S>) -> Result<(), Error> {
        let unit: Asked = ims.named(&self.units[self.done])?;
        self.done += 1;
        let touched = ims.updates(&unit, self.from, self.to)?;
        if touched.is_empty() {
            return Ok(());
        }
        let batch = ims.batch(&unit, self.to)?;
        let units = hierarchy::units(&batch, &unit);
        for (person, group) in &touched {
            self.candidates.extend(Roster::ids_of(person, &[units.as_slice(), &[group.as_str()]].concat()));
        }
        hierarchy::merge(&batch, &unit, &mut self.roster);
        Ok(())
    }

    /// All units were asked about: what is there, and what is not any more.
    fn finish(&mut self, giving: &Giving) -> Page {
        let roster = std::mem::replace(&mut self.roster, Roster::new(MORE));
        let found = Snapshot { roster, incomplete: None }.engagements(giving);
        let faulty = found.faults.iter().filter_map(|fault| fault.object.as_ref());
        for id in found.rows.iter().map(|row| &row.id).chain(faulty) {
            self.candidates.remove(id);
        }
        self.gone = self.candidates.drain().collect();
        self.gone.sort_unstable();
        found
    }
}
