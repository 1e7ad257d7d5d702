//! What Graph saw, so that tests count at the server and not what a client says of itself.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request, be it one of its own or part of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The method and the path, with `{id}` for whatever is somebody's.
    pub what: String,
    /// The path and the options as they came.
    pub path: String,
    /// Whether it was part of a batch.
    pub in_batch: bool,
    /// What was answered; nothing if no answer was sent.
    pub status: Option<u16>,
    /// The body; passwords are left out.
    pub body: Option<Value>,
    /// The id that the client gave the request.
    pub client_request: Option<String>,
}

/// What Graph saw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// How many requests came over HTTP, but for those for tokens.
    pub requests: usize,
    /// How many requests that write came, the parts of batches each counted.
    pub writes: usize,
    /// How many of them did something.
    pub effects: usize,
    /// How many tokens it gave out.
    pub tokens: usize,
    /// How often it asked to come back later, parts of batches each counted.
    pub throttled: usize,
    /// Everything that it was asked, in order.
    pub heard: Vec<Heard>,
    /// Users who were deleted because a request left out the end of the path that removes a member.
    pub strays: Vec<String>,
}

impl Seen {
    /// How often each was asked, parts of batches each counted.
    pub fn by_what(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for heard in &self.heard {
            *counts.entry(heard.what.as_str()).or_default() += 1;
        }
        counts
    }

    /// How often this was asked, such as `POST /users`.
    pub fn count(&self, what: &str) -> usize {
        self.heard.iter().filter(|heard| heard.what == what).count()
    }

    /// The bodies that came with this, in order.
    pub fn bodies(&self, what: &str) -> Vec<Value> {
        self.heard.iter().filter(|heard| heard.what == what).filter_map(|heard| heard.body.clone()).collect()
    }
}

/// A body without passwords.
pub fn without_passwords(mut body: Value) -> Value {
    if let Some(password) = body.pointer_mut("/passwordProfile/password") {
        *password = json!("***");
    }
    body
}
