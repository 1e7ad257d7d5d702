//! Requests of many changes, travelling together where the service takes many at once.
//!
//! Each change is carried out by a function that asks one thing after the other and waits for the answers. Where many can
//! travel together all of them run side by side: when every one of them waits, what they ask for is sent, and each gets
//! its answer. Elsewhere one is carried out after the other. Once the service wants us to wait, fails or does not answer,
//! nothing more is sent: what still waits is told so.

use crate::answer::Answer;
use crate::bulk::{self, ENVELOPE};
use crate::service::{Asked, Service};
use sluss_sdk::{Error, ErrorKind};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// What becomes of a change, once it is known.
pub type Work<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It was answered.
    Answered(Answer),
    /// It was certainly not carried out: it was not sent, or refused together with all others.
    Held(Error),
    /// There was no answer.
    Lost(Error),
}

/// What a change asks for.
struct Letter {
    ticket: usize,
    asked: Asked,
    /// Whether it goes on with what was begun, so that it is sent however late it is.
    goes_on: bool,
}

/// How many changes go in one request, and of how many bytes; learnt from refusals. None once it turned out that there
/// can only be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room(pub Option<(usize, usize)>);

/// Sends what changes ask for.
pub struct Post<'s, S> {
    service: &'s S,
    room: &'s Cell<Room>,
    /// When no further change is begun.
    until: i64,
    waiting: RefCell<Vec<Letter>>,
    answered: RefCell<HashMap<usize, Fate>>,
    tickets: Cell<usize>,
    /// Why no more is sent.
    halted: RefCell<Option<Error>>,
    is_late: Cell<bool>,
    has_written: Cell<bool>,
}

impl<'s, S: Service> Post<'s, S> {
    /// One that begins changes for so many seconds.
    pub fn new(service: &'s S, room: &'s Cell<Room>, seconds: u32) -> Self {
        Post {
            service,
            room,
            until: service.now().saturating_add(i64::from(seconds)),
            waiting: RefCell::default(),
            answered: RefCell::default(),
            tickets: Cell::new(0),
            halted: RefCell::default(),
            is_late: Cell::new(false),
            has_written: Cell::new(false),
        }
    }

    /// Why nothing was written at all, if so.
    pub fn refused(&self) -> Option<Error> {
        let late = self.is_late.get().then(late);
        self.halted.borrow().clone().or(late).filter(|_| !self.has_written.get())
    }

    /// Asks for something.
    pub async fn ask(&self, asked: Asked) -> Fate {
        self.wait(asked, false).await
    }

    /// Asks for more of what was begun.
    pub async fn go_on(&self, asked: Asked) -> Fate {
        self.wait(asked, true).await
    }

    async fn wait(&self, asked: Asked, goes_on: bool) -> Fate {
        let ticket = self.tickets.get();
        self.tickets.set(ticket + 1);
        self.waiting.borrow_mut().push(Letter { ticket, asked, goes_on });
        poll_fn(|_| match self.answered.borrow_mut().remove(&ticket) {
            Some(fate) => Poll::Ready(fate),
            None => Poll::Pending,
        })
        .await
    }

    /// Has all of them run to their ends.
    pub fn run<'f, T>(&self, works: Vec<Work<'f, T>>) -> Vec<T> {
        if self.room.get().0.is_some() {
            return self.together(works);
        }
        works.into_iter().flat_map(|work| self.together(vec![work])).collect()
    }

    fn together<'f, T>(&self, works: Vec<Work<'f, T>>) -> Vec<T> {
        let mut works: Vec<Result<T, Work<'f, T>>> = works.into_iter().map(Err).collect();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            for work in &mut works {
                if let Err(pending) = work
                    && let Poll::Ready(done) = pending.as_mut().poll(&mut context)
                {
                    *work = Ok(done);
                }
            }
            // Whoever is not done waits for an answer.
            let letters = std::mem::take(&mut *self.waiting.borrow_mut());
            if letters.is_empty() {
                return works.into_iter().filter_map(Result::ok).collect();
            }
            self.send(letters);
        }
    }

    /// Sends everything that waits, or tells it why not.
    fn send(&self, letters: Vec<Letter>) {
        let mut ready = Vec::with_capacity(letters.len());
        for letter in letters {
            if letter.asked.change.is_some() && self.room.get().0.is_some() {
                ready.push(letter);
            } else {
                let fate = self.alone(&letter);
                self.settle(letter.ticket, fate);
            }
        }
        while !ready.is_empty() {
            let (letters, sizes) = self.load(&mut ready);
            self.many(letters, sizes);
        }
    }

    fn settle(&self, ticket: usize, fate: Fate) {
        self.answered.borrow_mut().insert(ticket, fate);
    }

    /// The next letters that fit in one request, each with its operation.
    fn load(&self, ready: &mut Vec<Letter>) -> (Vec<Letter>, Vec<serde_json::Value>) {
        let (most, payload) = self.room.get().0.unwrap_or((1, usize::MAX));
        let (mut operations, mut bytes) = (Vec::new(), ENVELOPE);
        for letter in ready.iter() {
            let operation = bulk::operation(&letter.asked, &letter.ticket.to_string());
            // A comma stands between two of them.
            bytes += operation.to_string().len() + 1;
            if !operations.is_empty() && (operations.len() >= most || bytes > payload) {
                break;
            }
            operations.push(operation);
        }
        (ready.drain(..operations.len()).collect(), operations)
    }

    /// Sends many in one request.
    fn many(&self, letters: Vec<Letter>, operations: Vec<serde_json::Value>) {
        if let [letter] = letters.as_slice() {
            let fate = self.alone(letter);
            return self.settle(letter.ticket, fate);
        }
        if let Some(error) = self.halt(letters.iter().any(|letter| letter.goes_on)) {
            return letters.iter().for_each(|letter| self.settle(letter.ticket, Fate::Held(error.clone())));
        }
        let change = letters.iter().find_map(|letter| letter.asked.change).unwrap_or_default();
        let asked = Asked::write("POST", "/Bulk", change).with(bulk::request(operations.clone()));
        let answer = match self.deliver(&asked) {
            Ok(answer) => answer,
            Err(fate) => return letters.iter().for_each(|letter| self.settle(letter.ticket, fate.clone())),
        };
        match answer.status {
            200..=299 => {
                for (letter, answer) in letters.iter().zip(bulk::answers(&answer.body, &operations)) {
                    let fate = match answer {
                        Some(answer) => {
                            self.heed(&answer);
                            Fate::Answered(answer)
                        }
                        None => {
                            let error = Error::unavailable("The service left one of many changes unanswered");
                            self.halted.borrow_mut().get_or_insert_with(|| error.clone());
                            Fate::Lost(Error { sent: true, ..error })
                        }
                    };
                    self.settle(letter.ticket, fate);
                }
            }
            // What was too much is certainly not carried out, and half of it may go.
            413 => {
                let half = (letters.len() / 2).max(1);
                let payload = self.room.get().0.map_or(usize::MAX, |(_, payload)| payload);
                self.room.set(Room((half > 1).then_some((half, payload))));
                self.send(letters);
            }
            // So much for its word that it takes many.
            400 | 403..=405 | 415 | 501 => {
                self.room.set(Room(None));
                self.send(letters);
            }
            _ => {
                let error = answer.refusal("take many changes at once");
                let is_lost = answer.is_failure();
                *self.halted.borrow_mut() = Some(Error { sent: false, ..halting(&error) });
                for letter in &letters {
                    let fate = if is_lost { Fate::Lost(error.clone()) } else { Fate::Held(halting(&error)) };
                    self.settle(letter.ticket, fate);
                }
            }
        }
    }

    /// Sends a request by itself.
    fn alone(&self, letter: &Letter) -> Fate {
        if let Some(error) = self.halt(letter.goes_on) {
            return Fate::Held(error);
        }
        match self.deliver(&letter.asked) {
            Ok(answer) => {
                self.heed(&answer);
                Fate::Answered(answer)
            }
            Err(fate) => fate,
        }
    }

    /// Why no more is sent now. What was begun is brought to its end however late it is.
    fn halt(&self, goes_on: bool) -> Option<Error> {
        let halted = self.halted.borrow().clone();
        if halted.is_none() && !goes_on && self.service.now() >= self.until {
            self.is_late.set(true);
            return Some(late());
        }
        halted
    }

    fn deliver(&self, asked: &Asked) -> Result<Answer, Fate> {
        match self.service.send(asked) {
            Ok(response) => {
                self.has_written.set(self.has_written.get() || asked.change.is_some());
                Ok(Answer::of(&response, self.service.now()))
            }
            Err(error) => {
                // Whoever only asked changed nothing.
                let is_lost = error.sent && asked.change.is_some();
                self.has_written.set(self.has_written.get() || is_lost);
                *self.halted.borrow_mut() = Some(Error { sent: false, ..error.clone() });
                Err(if is_lost { Fate::Lost(error) } else { Fate::Held(Error { sent: false, ..error }) })
            }
        }
    }

    /// Sends no more where the service wants us to wait, fails, or does not know us any more.
    fn heed(&self, answer: &Answer) {
        if answer.is_failure() || matches!(answer.status, 401 | 429) {
            let error = Error { sent: false, ..answer.refusal("take the change") };
            self.halted.borrow_mut().get_or_insert(error);
        }
    }
}

fn late() -> Error {
    Error::throttled("There was no time left in this call for more changes", 0)
}

/// The error of a request of many, as it is for each of them: it is nobody's own fault.
fn halting(error: &Error) -> Error {
    let kind = match error.kind {
        ErrorKind::Auth | ErrorKind::Config | ErrorKind::Throttled => error.kind,
        _ => ErrorKind::Unavailable,
    };
    Error { kind, sent: false, ..error.clone() }
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
