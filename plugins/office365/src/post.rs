//! Requests of many changes, travelling together.
//!
//! Each change is carried out by a function that asks one thing after the other and waits for the answers. They run side
//! by side: when every one of them waits, what they ask for is put into batches and sent, and each gets its answers. No
//! more of them are begun than fit into a batch, so that what was begun comes to its end before the next: if Graph asks
//! to wait, little has to be asked a second time. Once Graph says that it was too much, or does not answer, nothing more
//! is sent: what still waits is told so.

use crate::answer::Answer;
use crate::graph::{Asked, Graph};
use crate::pace::{MOST, Pace};
use serde_json::{Value as Json, json};
use sluss_sdk::{Error, ErrorKind};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// One request among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The method.
    pub method: &'static str,
    /// Where, with its options.
    pub url: String,
    /// The body.
    pub body: Option<Json>,
    /// Whether it bears answers that are a little old.
    pub is_eventual: bool,
}

impl Part {
    /// A request without a body.
    pub fn new(method: &'static str, url: impl Into<String>) -> Part {
        Part { method, url: url.into(), body: None, is_eventual: false }
    }

    /// Adds a body.
    #[must_use]
    pub fn with(mut self, body: Json) -> Part {
        self.body = Some(body);
        self
    }

    /// Bears answers that are a little old; it has to ask for `$count` as well.
    #[must_use]
    pub fn eventual(mut self) -> Part {
        self.is_eventual = true;
        self
    }

    fn written(&self, id: &str, after: Option<String>) -> Json {
        let mut part = json!({"id": id, "method": self.method, "url": self.url});
        let mut headers = serde_json::Map::new();
        if let Some(body) = &self.body {
            part["body"] = body.clone();
            headers.insert("Content-Type".to_owned(), json!("application/json"));
        }
        if self.is_eventual {
            headers.insert("ConsistencyLevel".to_owned(), json!("eventual"));
        }
        if !headers.is_empty() {
            part["headers"] = Json::Object(headers);
        }
        if let Some(after) = after {
            part["dependsOn"] = json!([after]);
        }
        part
    }
}

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

/// The work on a change.
pub type Working<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// What a change asks for.
struct Letter {
    ticket: usize,
    change: u64,
    parts: Vec<Part>,
    /// Whether each part is only for when the one before it was done.
    ordered: bool,
    fates: Vec<Fate>,
}

/// Sends what changes ask for.
pub struct Post<'t, G> {
    graph: &'t G,
    pace: &'t RefCell<Pace>,
    /// When no more is sent.
    until: i64,
    waiting: RefCell<Vec<Letter>>,
    answered: RefCell<HashMap<usize, Vec<Fate>>>,
    tickets: Cell<usize>,
    /// Why no more is sent.
    halted: RefCell<Option<Error>>,
    has_sent: Cell<bool>,
}

impl<'t, G: Graph> Post<'t, G> {
    /// One that sends for so many seconds.
    pub fn new(graph: &'t G, pace: &'t RefCell<Pace>, seconds: u32) -> Self {
        Post {
            graph,
            pace,
            until: graph.now().saturating_add(i64::from(seconds)),
            waiting: RefCell::default(),
            answered: RefCell::default(),
            tickets: Cell::new(0),
            halted: RefCell::default(),
            has_sent: Cell::new(false),
        }
    }

    /// Why nothing was sent at all, if so.
    pub fn refused(&self) -> Option<Error> {
        self.halted.borrow().clone().filter(|_| !self.has_sent.get())
    }

    /// Asks for one thing.
    pub async fn one(&self, change: u64, part: Part) -> Fate {
        self.all(change, vec![part], false).await.pop().unwrap_or_else(|| unanswered(false))
    }

    /// Asks for several things: one after the other, each only when the one before it was done, or in any order. One fate
    /// for each.
    pub async fn all(&self, change: u64, parts: Vec<Part>, ordered: bool) -> Vec<Fate> {
        if parts.is_empty() {
            return Vec::new();
        }
        let ticket = self.tickets.get();
        self.tickets.set(ticket + 1);
        self.waiting.borrow_mut().push(Letter { ticket, change, parts, ordered, fates: Vec::new() });
        poll_fn(|_| match self.answered.borrow_mut().remove(&ticket) {
            Some(fates) => Poll::Ready(fates),
            None => Poll::Pending,
        })
        .await
    }

    /// Has all of them run to their ends.
    pub fn run<T>(&self, works: Vec<Working<'_, T>>) -> Vec<T> {
        let mut works: Vec<Result<T, Working<'_, T>>> = works.into_iter().map(Err).collect();
        let mut context = Context::from_waker(Waker::noop());
        let mut begun = 0;
        loop {
            let under_way = works[..begun].iter().filter(|work| work.is_err()).count();
            let room = self.pace.borrow().size().saturating_sub(under_way);
            begun = (begun + room).min(works.len());
            for work in &mut works[..begun] {
                if let Err(pending) = work
                    && let Poll::Ready(done) = pending.as_mut().poll(&mut context)
                {
                    *work = Ok(done);
                }
            }
            // Whoever is not done waits for an answer.
            if !self.waiting.borrow().is_empty() {
                self.send();
            } else if begun == works.len() {
                return works.into_iter().filter_map(Result::ok).collect();
            }
        }
    }

    /// Sends everything that waits, or tells it why not.
    fn send(&self) {
        let mut letters = std::mem::take(&mut *self.waiting.borrow_mut());
        // Which part of which letter comes next.
        let mut at = (0, 0);
        while at.0 < letters.len() {
            let halted = self.halt();
            let batch = fill(&letters, at, self.pace.borrow().size());
            let fates = match halted {
                Some(error) => batch.iter().map(|_| Fate::Held(error.clone())).collect(),
                None => self.batch(&letters, &batch),
            };
            for ((letter, part), fate) in batch.iter().zip(fates) {
                letters[*letter].fates.push(fate);
                let is_last = part + 1 == letters[*letter].parts.len();
                at = if is_last { (letter + 1, 0) } else { (*letter, part + 1) };
            }
        }
        self.answered.borrow_mut().extend(letters.into_iter().map(|letter| (letter.ticket, letter.fates)));
    }

    /// Why no more is sent now.
    fn halt(&self) -> Option<Error> {
        let mut halted = self.halted.borrow_mut();
        if halted.is_none() && self.graph.now() >= self.until {
            *halted = Some(Error::throttled("There was no time left in this call for more changes", 0));
        }
        halted.clone()
    }

    /// Sends one batch. One fate for each of its parts.
    fn batch(&self, letters: &[Letter], batch: &[(usize, usize)]) -> Vec<Fate> {
        let part = |at: &(usize, usize)| &letters[at.0].parts[at.1];
        let requests: Vec<Json> = batch
            .iter()
            .enumerate()
            .map(|(place, at)| {
                let follows = letters[at.0].ordered && at.1 > 0 && place > 0 && batch[place - 1].0 == at.0;
                part(at).written(&(place + 1).to_string(), follows.then(|| place.to_string()))
            })
            .collect();
        let change = batch.first().map_or(0, |at| letters[at.0].change);
        let answer = match self.graph.send(&Asked::batch(change, json!({"requests": requests}))) {
            Ok(response) => Answer::of(&response),
            Err(error) => {
                let fate = if error.sent { Fate::Lost(error.clone()) } else { Fate::Held(error.clone()) };
                self.has_sent.set(self.has_sent.get() || error.sent);
                *self.halted.borrow_mut() = Some(Error { sent: false, ..error });
                return batch.iter().map(|_| fate.clone()).collect();
            }
        };
        self.has_sent.set(true);
        if !answer.is_success() {
            return self.refuse_all(&answer, batch.len());
        }
        let mut answers: HashMap<String, Answer> =
            answer.body["responses"].as_array().into_iter().flatten().filter_map(Answer::part).collect();
        let fates: Vec<Fate> = batch
            .iter()
            .enumerate()
            .map(|(place, at)| match answers.remove(&(place + 1).to_string()) {
                Some(answer) => Fate::Answered(answer),
                None => unanswered(part(at).method != "GET"),
            })
            .collect();
        let told: Vec<&Answer> = fates
            .iter()
            .filter_map(|fate| if let Fate::Answered(answer) = fate { Some(answer) } else { None })
            .collect();
        let writes = batch.iter().filter(|at| part(at).method != "GET").count();
        self.heed(&answer, &told, writes);
        fates
    }

    /// A whole batch that was answered with one refusal.
    fn refuse_all(&self, answer: &Answer, parts: usize) -> Vec<Fate> {
        let mut error = answer.refusal("take the changes");
        if answer.status == 429 {
            error.retry_after_ms = Some(self.pace.borrow_mut().refused(answer.wait, false));
        } else if error.kind == ErrorKind::Permission {
            // Whoever may send no batch may do nothing.
            error.kind = ErrorKind::Auth;
        } else if matches!(error.kind, ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict) {
            // It is nobody's own fault.
            error.kind = ErrorKind::Unavailable;
        }
        *self.halted.borrow_mut() = Some(Error { sent: false, ..error.clone() });
        let fate = if answer.is_failure() { Fate::Lost(error) } else { Fate::Held(error) };
        vec![fate; parts]
    }

    /// Takes note of limits, and stops where one was reached.
    fn heed(&self, outer: &Answer, parts: &[&Answer], writes: usize) {
        let shares = parts.iter().filter_map(|answer| answer.share).chain(outer.share);
        let share = shares.fold(None, |most: Option<f64>, share| Some(most.map_or(share, |most| most.max(share))));
        let throttled: Vec<&&Answer> = parts.iter().filter(|answer| answer.status == 429).collect();
        if throttled.is_empty() {
            if let Some(wait) = self.pace.borrow_mut().went(share, writes) {
                *self.halted.borrow_mut() = Some(Error::throttled("Graph is near its limit", wait));
            }
            return;
        }
        let told = throttled.iter().filter_map(|answer| answer.wait).max();
        let was_some_done = parts.iter().any(|answer| answer.is_success());
        let wait = self.pace.borrow_mut().refused(told, was_some_done);
        *self.halted.borrow_mut() = Some(Error::throttled("Graph asks to wait: too much was asked", wait));
    }

    /// How long to wait for a part that was refused for its number.
    pub fn patience(&self) -> u32 {
        self.halted.borrow().as_ref().and_then(|error| error.retry_after_ms).unwrap_or_default()
    }
}

fn unanswered(is_write: bool) -> Fate {
    let error = Error::unavailable("Graph left a part of a batch unanswered");
    if is_write { Fate::Lost(Error { sent: true, ..error }) } else { Fate::Held(error) }
}

/// The next parts that go in one batch. What has an order is not torn apart.
fn fill(letters: &[Letter], from: (usize, usize), size: usize) -> Vec<(usize, usize)> {
    let mut batch = Vec::with_capacity(size);
    let mut first = from.1;
    for (at, letter) in letters.iter().enumerate().skip(from.0) {
        let left = letter.parts.len() - first;
        let room = size.saturating_sub(batch.len());
        let taken = match letter.ordered {
            true if left <= room => left,
            true if batch.is_empty() => left.min(MOST),
            true => 0,
            false => left.min(room),
        };
        batch.extend((first..first + taken).map(|part| (at, part)));
        if taken < left {
            break;
        }
        first = 0;
    }
    batch
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
