//! Reading in full, and asking for what changed.
//!
//! A call makes one question, so that none takes long: while the collections are read, pages without records say that
//! there is more. What was read for one class is there for the others: a school is read once in a run.

use crate::change;
use crate::class::Class;
use crate::class::columns;
use crate::cursor::{Cursor, Next, Token};
use crate::day::timestamp;
use crate::held::Held;
use crate::model::Scope;
use crate::service::{Ask, Service};
use crate::settings::Settings;
use crate::walk::How;
use sluss_sdk::{Answer, Batch, Error, ErrorKind, Page};

/// Reads a service.
pub struct Reading<S> {
    /// The service.
    pub service: S,
    /// What is read of it.
    pub scope: Scope,
    page_size: Option<u32>,
    overlap: i64,
    full_after_days: u32,
    held: Option<Held>,
    /// Since when the changes under way are asked for, and what stands for now.
    since: Option<(String, Token)>,
    reads: u64,
}

impl<S: Service> Reading<S> {
    /// Reads nothing yet.
    pub fn new(service: S, settings: &Settings) -> Self {
        Reading {
            service,
            scope: settings.into(),
            page_size: settings.page_size,
            overlap: i64::from(settings.overlap_minutes) * 60,
            full_after_days: settings.full_after_days,
            held: None,
            since: None,
            reads: 0,
        }
    }

    /// A page of a full read.
    pub fn read(&mut self, class: Class, from: Option<&[u8]>, max: u32) -> Result<Page, Error> {
        let next = match from {
            Some(cursor) => self.resume(class, cursor, false)?,
            None => self.begin(class),
        };
        let limit = self.limit(max);
        let Some(held) = &mut self.held else { return Err(lost()) };
        let next = match next {
            Next::Ask { ask, token } => {
                let next = held.ask(&self.service, ask, How { limit, since: "" }, token.as_deref())?;
                next.unwrap_or(Next::Give { from: 0, skip: 0 })
            }
            give @ Next::Give { .. } => give,
        };
        match next {
            Next::Give { from, skip } => held.give(from, skip, max),
            next @ Next::Ask { .. } => Ok(Page::new(&columns(class, &self.scope)).more(held.cursor(next))),
        }
    }

    /// The token that stands for now, or for when that was read from which the class will be given.
    pub fn latest(&self, class: Class) -> Vec<u8> {
        let moment = match &self.held {
            Some(held) if is_left(held, class, self.since.is_some()) => held.started,
            _ => self.service.now(),
        };
        Token::new(class, &self.scope, moment).bytes()
    }

    /// What changed since a token, or more of such an answer.
    pub fn changes(&mut self, class: Class, since: &[u8], max: u32) -> Result<Answer, Error> {
        let next = match Token::read(since) {
            Some(token) => {
                let now = self.service.now();
                if !token.holds(class, &self.scope, now, self.full_after_days) {
                    return Ok(Answer::Expired);
                }
                self.begin_changes(class, token, now)
            }
            // Whatever is neither a token nor a cursor is a token that is not understood.
            None if Cursor::read(since).is_err() => return Ok(Answer::Expired),
            None => self.resume(class, since, true)?,
        };
        let limit = self.limit(max);
        let (Some(held), Some((since, token))) = (&mut self.held, &self.since) else { return Err(lost()) };
        let batch = |page: Page, gone: Vec<String>| Ok(Answer::Batch(Batch { page, gone, next: token.bytes() }));
        let empty = || Page::new(&columns(class, &token.scope));
        let next = match next {
            Next::Give { .. } => next,
            Next::Ask { ask, token: page } => {
                let asked = held.ask(&self.service, ask, How { limit, since }, page.as_deref());
                let asked = match asked {
                    Err(error) if is_no_way(ask, &error) => return Ok(Answer::Expired),
                    asked => asked?,
                };
                if change::is_beyond(held) {
                    return Ok(Answer::Expired);
                }
                match asked {
                    Some(next) => next,
                    None if matches!(ask, Ask::All(_)) => Next::Give { from: 0, skip: 0 },
                    // Every question was answered: what the changed records are made of comes next.
                    None => match change::needed(held) {
                        needed if needed.is_empty() => return batch(empty(), Vec::new()),
                        needed => {
                            held.todo = needed;
                            held.first()
                        }
                    },
                }
            }
        };
        match next {
            Next::Ask { .. } => batch(empty().more(held.cursor(next)), Vec::new()),
            Next::Give { from, skip } => match change::give(held, from, skip, max) {
                Some((page, gone)) => batch(page, gone),
                None => Ok(Answer::Expired),
            },
        }
    }

    fn limit(&self, max: u32) -> u32 {
        max.min(self.page_size.unwrap_or(u32::MAX)).max(1)
    }

    fn begin(&mut self, class: Class) -> Next {
        self.reads += 1;
        let left = self.held.take().filter(|held| is_left(held, class, self.since.is_some()));
        let mut held = left.unwrap_or_else(|| Held::new(self.reads, class, &self.scope, self.service.now()));
        (held.read, held.class) = (self.reads, class);
        held.given.push(class);
        held.todo = held.missing(&class.made_of(&self.scope));
        self.since = None;
        self.held.insert(held).first()
    }

    fn begin_changes(&mut self, class: Class, token: Token, now: i64) -> Next {
        self.reads += 1;
        let mut held = Held::new(self.reads, class, &self.scope, now);
        held.todo = change::questions(class, &self.scope);
        let since = timestamp(token.moment.saturating_sub(self.overlap));
        self.since = Some((since, Token { moment: now, ..token }));
        self.held.insert(held).first()
    }

    /// What a cursor of the read under way says.
    fn resume(&self, class: Class, cursor: &[u8], is_of_changes: bool) -> Result<Next, Error> {
        let cursor = Cursor::read(cursor)?;
        let held = self.held.as_ref().filter(|held| held.read == cursor.read && held.class == class);
        let held = held.filter(|_| cursor.class == class && self.since.is_some() == is_of_changes).ok_or_else(lost)?;
        let is_next = match &cursor.next {
            Next::Ask { ask, .. } => held.todo.front() == Some(ask),
            Next::Give { .. } => held.todo.is_empty(),
        };
        if is_next { Ok(cursor.next) } else { Err(lost()) }
    }
}

/// Whether what an earlier read left may be given to this class: it was read in full, and the class was not given from it.
fn is_left(held: &Held, class: Class, is_of_changes: bool) -> bool {
    !is_of_changes && held.todo.is_empty() && !held.given.contains(&class)
}

/// Whether the service cannot be asked for changes, so that only a full read will do; which then says what is wrong.
fn is_no_way(ask: Ask, error: &Error) -> bool {
    let is_about_changes = !matches!(ask, Ask::All(_));
    let refused = [ErrorKind::Invalid, ErrorKind::Permission, ErrorKind::NotFound, ErrorKind::Unsupported];
    is_about_changes && refused.contains(&error.kind)
}

fn lost() -> Error {
    Error::invalid("The cursor belongs to a read that is over: begin the read without a cursor")
}
