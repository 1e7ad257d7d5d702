//! What is asked of the service, one request after the other.
//!
//! Behind a trait, because a named connection exists only in the sandbox: the tests put a service in memory in its place.

use serde_json::Value as Json;
use sluss_sdk::http::{self, Response};
use sluss_sdk::{Error, passwords};
use std::time::SystemTime;

/// How SCIM's JSON is called.
const MEDIA: &str = "application/scim+json";

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// Where, below the connection's address.
    pub path: String,
    /// The options.
    pub query: Vec<(&'static str, String)>,
    /// The version that the resource must still have.
    pub version: Option<String>,
    /// The body.
    pub body: Option<Json>,
    /// The change that it carries out; none where it only reads.
    pub change: Option<u64>,
}

impl Asked {
    /// Begins a request that only reads.
    pub fn get(path: impl Into<String>) -> Asked {
        Asked { method: "GET", path: path.into(), query: Vec::new(), version: None, body: None, change: None }
    }

    /// Begins a request that carries out a change.
    pub fn write(method: &'static str, path: impl Into<String>, change: u64) -> Asked {
        Asked { method, change: Some(change), ..Asked::get(path) }
    }

    /// Adds an option.
    #[must_use]
    pub fn option(mut self, name: &'static str, value: impl ToString) -> Asked {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a body.
    #[must_use]
    pub fn with(mut self, body: Json) -> Asked {
        self.body = Some(body);
        self
    }

    /// Makes it depend on the version.
    #[must_use]
    pub fn at(mut self, version: Option<String>) -> Asked {
        self.version = version;
        self
    }
}

/// A service that speaks SCIM.
pub trait Service {
    /// Sends a request. Any answer is an answer.
    fn send(&self, asked: &Asked) -> Result<Response, Error>;

    /// A text that stands for the first password of the account that a change makes.
    fn stand_in(&self, change: u64) -> Result<String, Error>;

    /// Seconds since 1970.
    fn now(&self) -> i64;
}

/// A connection that the operator granted.
pub struct Connection(pub String);

impl Service for Connection {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        let mut request = match asked.change {
            Some(change) => http::write(&self.0, asked.method, &asked.path, change),
            None => http::ask(&self.0, asked.method, &asked.path),
        };
        request = request.header("accept", "application/scim+json, application/json");
        request = asked.query.iter().fold(request, |request, (name, value)| request.query(*name, value));
        if let Some(version) = &asked.version {
            request = request.header("if-match", version);
        }
        if let Some(body) = &asked.body {
            let body = serde_json::to_vec(body)
                .map_err(|error| Error::internal(format!("Cannot write the request: {error}")))?;
            request = request.body(MEDIA, body);
        }
        request.send()
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        passwords::stand_in(change)
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
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

/// The text that a part of a path stands for; none where it is no text.
pub fn unescaped(segment: &str) -> Option<String> {
    let mut out = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            out.push(*first);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_nowhere_but_to_its_resource() {
        for (id, written) in
            [("2819c223-7f76", "2819c223-7f76"), ("a/../b?c#d%", "a%2F..%2Fb%3Fc%23d%25"), ("å", "%C3%A5")]
        {
            assert_eq!(segment(id), written);
            assert_eq!(unescaped(written).as_deref(), Some(id));
        }
        for odd in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(unescaped(odd), None, "{odd}");
        }
    }
}
