//! What the work on every change has in common: what an answer means for it, what is tried again, and what is remembered
//! until then.
//!
//! Whatever is asked of Graph may be asked again without harm, except for making something: a new account, guest or group
//! is remembered by the change that made it, so that what was left of the change is all that is done the next time.

use crate::answer::{Answer, listed};
use crate::graph::{Graph, is_id, with_options};
use crate::known::Known;
use crate::post::{Fate, Part, Post};
use crate::settings::Settings;
use serde_json::Value as Json;
use sluss_sdk::{Applied, Attribute, Error, ErrorKind, Outcome};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// How often something is tried again in one run, and how many milliseconds lie between.
const WAITS: [u32; 5] = [2_000, 4_000, 8_000, 16_000, 30_000];

/// How often something that is not found is looked for before it counts as gone.
const LOOKS: usize = 3;

/// The seconds of a day: what an earlier try left is not older.
pub const DAY: i64 = 86_400;

/// Why a change was not carried out, or may not have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Why.
    pub error: Error,
    /// Whether it certainly was not, or may simply be done once more.
    pub is_certain: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { error, is_certain: true }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        if failure.is_certain { Outcome::Rejected(failure.error) } else { Outcome::Unknown(failure.error) }
    }
}

/// What a change made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// How it came to be.
    pub how: How,
}

/// How an object came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is new, with its manager or without.
    New {
        /// Whether it has its manager already.
        managed: bool,
    },
    /// It was taken out of the bin, and holds what it held.
    Restored,
    /// It was made by an earlier try of the same.
    Found,
}

/// What is remembered between the calls of a run.
#[derive(Debug, Default)]
pub struct Memory {
    /// What changes made that are not through yet.
    made: RefCell<HashMap<u64, Made>>,
    /// The objects that were made in this run, which not everybody sees yet.
    fresh: RefCell<HashSet<String>>,
    /// How often changes were tried again.
    tries: RefCell<HashMap<u64, usize>>,
    /// The members of changes that are done.
    members: RefCell<HashMap<u64, HashSet<String>>>,
}

impl Memory {
    /// The object that a change made in an earlier call.
    pub fn made(&self, change: u64) -> Option<Made> {
        self.made.borrow().get(&change).cloned()
    }

    /// Remembers what a change made.
    pub fn make(&self, change: u64, made: Made) {
        self.fresh.borrow_mut().insert(made.id.clone());
        self.made.borrow_mut().insert(change, made);
    }

    /// Whether an object was made in this run.
    pub fn is_fresh(&self, id: &str) -> bool {
        self.fresh.borrow().contains(id)
    }

    /// Whether a member of a change is done already.
    pub fn is_joined(&self, change: u64, member: &str) -> bool {
        self.members.borrow().get(&change).is_some_and(|members| members.contains(member))
    }

    /// Remembers members of a change that are done.
    pub fn join<'m>(&self, change: u64, members: impl IntoIterator<Item = &'m String>) {
        self.members.borrow_mut().entry(change).or_default().extend(members.into_iter().cloned());
    }

    /// Forgets a change that is through.
    pub fn forget(&self, change: u64) {
        self.made.borrow_mut().remove(&change);
        self.tries.borrow_mut().remove(&change);
        self.members.borrow_mut().remove(&change);
    }

    /// How long to wait before a change is tried once more; none if it was tried often enough.
    fn again(&self, change: u64) -> Option<u32> {
        let mut tries = self.tries.borrow_mut();
        let tries = tries.entry(change).or_default();
        let wait = WAITS.get(*tries).copied();
        *tries += 1;
        wait
    }

    fn tries(&self, change: u64) -> usize {
        self.tries.borrow().get(&change).copied().unwrap_or_default()
    }
}

/// The work on the changes of one call.
pub struct Work<'t, G> {
    /// How requests travel.
    pub post: Post<'t, G>,
    /// The tenant.
    pub graph: &'t G,
    /// What the operator says.
    pub settings: &'t Settings,
    /// What is known of the tenant.
    pub known: &'t Known,
    /// What is remembered.
    pub memory: &'t Memory,
}

impl<G: Graph> Work<'_, G> {
    /// Asks for one thing that does no harm when it is done twice.
    pub async fn ask(&self, change: u64, part: Part, what: &str) -> Result<Answer, Failure> {
        let is_write = part.method != "GET";
        let fate = self.post.one(change, part).await;
        self.steady(change, fate, is_write, what)
    }

    /// What an answer means where the same may be asked again.
    pub fn steady(&self, change: u64, fate: Fate, is_write: bool, what: &str) -> Result<Answer, Failure> {
        let failed = matches!(&fate, Fate::Answered(answer) if answer.is_failure());
        match self.judge(fate, is_write, what) {
            Err(failure) if failed => Err(self.again(change, failure)),
            other => other,
        }
    }

    /// What an answer means.
    pub fn judge(&self, fate: Fate, is_write: bool, what: &str) -> Result<Answer, Failure> {
        match fate {
            Fate::Held(error) => Err(Failure { error, is_certain: true }),
            Fate::Lost(error) => Err(Failure { error, is_certain: !is_write }),
            Fate::Answered(answer) if answer.is_success() => Ok(answer),
            Fate::Answered(answer) => {
                let mut error = answer.refusal(what);
                if answer.status == 429 {
                    error.retry_after_ms = Some(self.post.patience());
                }
                Err(Failure { is_certain: !(is_write && answer.is_failure()), error })
            }
        }
    }

    /// The same change once more after a while; once it was tried often enough, the failure itself.
    pub fn again(&self, change: u64, failure: Failure) -> Failure {
        let Some(wait) = self.memory.again(change) else { return failure };
        let wait = failure.error.retry_after_ms.unwrap_or_default().max(wait);
        let error = Error { kind: ErrorKind::Throttled, retry_after_ms: Some(wait), ..failure.error };
        Failure { error, is_certain: true }
    }

    /// What it means that an object is not found: gone, if it lies in the bin or is not found again and again; otherwise
    /// not seen yet, or not by everybody.
    pub async fn missing(&self, change: u64, id: &str, what: &str) -> Failure {
        let gone = Error::not_found(format!("Graph did not {what}: the object is gone")).object(id);
        let bin = Part::new("GET", format!("/directory/deletedItems/{id}"));
        match self.ask(change, bin, "look into the bin").await {
            Ok(_) => gone.into(),
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                if self.memory.is_fresh(id) {
                    let unseen = format!("Graph did not {what}: the object was made just now, and is not seen yet");
                    return self.again(change, Error::invalid(unseen).object(id).into());
                }
                if self.memory.tries(change) >= LOOKS { gone.into() } else { self.again(change, gone.into()) }
            }
            Err(failure) => failure,
        }
    }

    /// The object at this place, with these options.
    pub async fn object(
        &self,
        change: u64,
        place: &str,
        options: &[(&str, &str)],
        what: &str,
    ) -> Result<Json, Failure> {
        let body = self.ask(change, Part::new("GET", with_options(place, options)), what).await?.body;
        if body["id"].is_string() {
            return Ok(body);
        }
        let odd = Error::unavailable(format!("Graph's answer when it was to {what} is no object"));
        Err(self.again(change, odd.into()))
    }

    /// The first of the objects that fit a filter, if there is any.
    pub async fn first(&self, change: u64, part: Part, what: &str) -> Result<Option<Json>, Failure> {
        Ok(self.list(change, part, what).await?.1.into_iter().next())
    }

    /// The objects of a list, and the whole that Graph told.
    pub async fn list(&self, change: u64, part: Part, what: &str) -> Result<(Json, Vec<Json>), Failure> {
        let body = self.ask(change, part, what).await?.body;
        match listed(&body, what) {
            Ok(objects) => {
                let objects = objects.to_vec();
                Ok((body, objects))
            }
            Err(error) => Err(self.again(change, error.into())),
        }
    }
}

/// A change that was carried out, with what became otherwise than it was asked for.
pub fn applied(id: &str, computed: Vec<Attribute>) -> Outcome {
    Outcome::Applied(Applied { id: id.to_owned(), version: None, computed })
}

/// A change of what was so already.
pub fn unchanged(id: &str) -> Outcome {
    Outcome::Unchanged(Applied { id: id.to_owned(), version: None, computed: Vec::new() })
}

/// An id that Graph told of something that it made.
pub fn made_id(told: &Json) -> Result<String, Failure> {
    let id = told.as_str().filter(|id| is_id(id)).map(str::to_ascii_lowercase);
    id.ok_or_else(|| {
        let error = Error { sent: true, ..Error::unavailable("Graph did not tell the id of what it made") };
        Failure { error, is_certain: false }
    })
}

/// The same failure, about this attribute.
pub fn named(failure: Failure, attribute: &str) -> Failure {
    Failure { error: failure.error.attribute(attribute), ..failure }
}
