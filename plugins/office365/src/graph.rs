//! What is asked of Graph, one request after the other.
//!
//! Behind a trait, because a named connection exists only in the sandbox: the tests put a tenant in memory in its place.

use serde_json::Value as Json;
use sluss_sdk::http::{self, Request, Response};
use sluss_sdk::{Error, log, passwords};
use std::time::SystemTime;
use uuid::Uuid;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// Where, below the connection's address.
    pub path: String,
    /// The options.
    pub query: Vec<(String, String)>,
    /// Further headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Option<Json>,
    /// The change that it carries out; none where it only reads.
    pub change: Option<u64>,
}

impl Asked {
    /// Begins a request that only reads.
    pub fn get(path: impl Into<String>) -> Asked {
        let (query, headers) = (Vec::new(), Vec::new());
        Asked { method: "GET", path: path.into(), query, headers, body: None, change: None }
    }

    /// A batch, which carries out this change and others.
    pub fn batch(change: u64, body: Json) -> Asked {
        Asked { method: "POST", body: Some(body), change: Some(change), ..Asked::get("/$batch") }
    }

    /// Adds an option.
    #[must_use]
    pub fn option(mut self, name: &str, value: impl Into<String>) -> Asked {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Bears answers that are a little old, which is what some filters ask for.
    #[must_use]
    pub fn eventual(mut self) -> Asked {
        self.headers.push(("ConsistencyLevel", "eventual"));
        self.option("$count", "true")
    }
}

/// A tenant behind Graph.
pub trait Graph {
    /// Sends a request. Any answer is an answer.
    fn send(&self, asked: &Asked) -> Result<Response, Error>;

    /// Asks for what stands behind an absolute link that Graph gave; refused where it leads elsewhere.
    fn follow(&self, url: &str) -> Result<Response, Error>;

    /// A text that stands for the first password of the account that a change makes.
    fn stand_in(&self, change: u64) -> Result<String, Error>;

    /// Seconds since 1970.
    fn now(&self) -> i64;

    /// Tells the operator something.
    fn warn(&self, message: &str);
}

/// A connection that the operator granted.
pub struct Connection(pub String);

impl Graph for Connection {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        let mut request = match asked.change {
            Some(change) => http::write(&self.0, asked.method, &asked.path, change),
            None => http::ask(&self.0, asked.method, &asked.path),
        };
        request = asked.query.iter().fold(request, |request, (name, value)| request.query(name, value));
        request = asked.headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        if let Some(body) = &asked.body {
            request = request.json(body)?;
        }
        named(request).send()
    }

    fn follow(&self, url: &str) -> Result<Response, Error> {
        named(http::follow(&self.0, url)?).send()
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        passwords::stand_in(change)
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn warn(&self, message: &str) {
        log::warn(message);
    }
}

/// A request with the name by which Microsoft finds it again.
fn named(request: Request) -> Request {
    request.header("accept", "application/json").header("client-request-id", Uuid::new_v4().to_string())
}

/// A text as a part of a path.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A text as a filter quotes it.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The end of a path in a batch, whose options nobody else encodes.
pub fn with_options(path: &str, options: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = options.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// Whether this is an id as Graph gives them, and so safe wherever one goes.
pub fn is_id(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_the_place_wants_them() {
        assert_eq!(segment("o'neil#å@x.se"), "o%27neil%23%C3%A5%40x.se");
        assert_eq!(quoted("o'neil"), "'o''neil'");
        assert_eq!(with_options("/users", &[("$filter", "id eq '1'")]), "/users?$filter=id%20eq%20%271%27");
        assert!(is_id("6fd2c87f-b296-42f0-b197-1e91e994b900"));
        assert!(!is_id("6fd2c87f-b296-42f0-b197-1e91e994b90") && !is_id("x") && !is_id("' or true"));
    }
}
