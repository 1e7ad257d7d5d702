//! Requests over a named HTTP connection.
//!
//! The connector says what it wants; the host knows the address, holds the secrets, and keeps to the limits.

use crate::bindings::capabilities::sluss::connector::http as host;
use crate::{Error, ErrorKind};
pub use host::{Location, Response};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read};

/// Begins a request that only reads.
pub fn get(connection: &str, path: impl Into<String>) -> Request {
    Request::new(connection, "GET", path, host::Intent::Read)
}

/// Begins a request that reads although its method is not GET (a search by POST).
pub fn ask(connection: &str, method: &str, path: impl Into<String>) -> Request {
    Request::new(connection, method, path, host::Intent::Read)
}

/// Begins a request that carries out a change. The host refuses it in a preview.
pub fn write(connection: &str, method: &str, path: impl Into<String>, change: u64) -> Request {
    Request::new(connection, method, path, host::Intent::Write(change))
}

/// Turns an absolute link of the system (a next page) into a request over the same connection.
pub fn follow(connection: &str, url: &str) -> Result<Request, Error> {
    let location = host::resolve(connection, url)?;
    let mut request = get(connection, location.path);
    request.inner.query = location.query;
    Ok(request)
}

/// A request in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct Request {
    inner: host::Request,
}

impl Request {
    fn new(connection: &str, method: &str, path: impl Into<String>, intent: host::Intent) -> Self {
        let inner = host::Request {
            connection: connection.to_owned(),
            method: method.to_owned(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            intent,
        };
        Request { inner }
    }

    /// Adds a query parameter; the host encodes it.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.headers.push((name.into(), value.into()));
        self
    }

    /// Sends these bytes.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.inner.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Sends a value as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(value).map_err(|e| Error::internal(format!("Cannot write the request: {e}")))?;
        Ok(self.body("application/json", body))
    }

    /// Sends it. An answer with any status is an answer.
    pub fn send(self) -> Result<Response, Error> {
        host::send(&self.inner)
    }
}

impl Request {
    /// Sends it, and takes the answer's body piece by piece, however long it is.
    pub fn open(self) -> Result<Opened, Error> {
        let host::Opening { status, headers, body } = host::open(&self.inner)?;
        Ok(Opened { status, headers, body: Body::new(body) })
    }
}

/// The beginning of an answer.
#[derive(Debug)]
pub struct Opened {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// How much of a body is taken at once.
const CHUNK: u32 = 1 << 18;

/// The body of an answer, for parsers that read as they go. One that was cut off ends with an error.
#[derive(Debug)]
pub struct Body {
    id: u32,
    chunk: Vec<u8>,
    used: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Broken,
}

impl Body {
    fn new(id: u32) -> Self {
        Body { id, chunk: Vec::new(), used: 0, state: State::Open }
    }
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() && self.state == State::Open {
            self.state = State::Broken;
            self.chunk = host::take(self.id, CHUNK).map_err(io::Error::other)?;
            self.state = if self.chunk.is_empty() { State::Ended } else { State::Open };
            self.used = 0;
        }
        if self.state == State::Broken {
            return Err(io::Error::other(Error::unavailable("The answer broke off before")));
        }
        let given = into.len().min(self.chunk.len() - self.used);
        into[..given].copy_from_slice(&self.chunk[self.used..self.used + given]);
        self.used += given;
        Ok(given)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.state == State::Open {
            host::close(self.id);
        }
    }
}

impl Response {
    /// A header of the answer, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The answer itself where the status says success, an error of the fitting kind otherwise. The body is not quoted: it
    /// may hold a person's data.
    pub fn success(self) -> Result<Self, Error> {
        let kind = match self.status {
            200..=299 => return Ok(self),
            401 => ErrorKind::Auth,
            403 => ErrorKind::Permission,
            404 | 410 => ErrorKind::NotFound,
            409 | 412 => ErrorKind::Conflict,
            429 => ErrorKind::Throttled,
            408 | 500.. => ErrorKind::Unavailable,
            _ => ErrorKind::Invalid,
        };
        let mut error = Error::new(kind, format!("The system answered {}", self.status)).code(self.status.to_string());
        error.retry_after_ms = self
            .header("retry-after")
            .and_then(|after| after.parse::<u32>().ok())
            .map(|after| after.saturating_mul(1000));
        error.sent = true;
        Err(error)
    }

    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|e| {
            let (line, column) = (e.line(), e.column());
            Error::unavailable(format!("The answer is not the JSON that was expected (line {line}, column {column})"))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn answer(status: u16) -> Response {
        Response { status, headers: vec![("Retry-After".into(), "7".into())], body: br#"{"a":1}"#.to_vec() }
    }

    #[test]
    fn the_status_decides_the_kind() {
        assert!(answer(204).success().is_ok());
        let throttled = answer(429).success().unwrap_err();
        assert_eq!((throttled.kind, throttled.retry_after_ms), (ErrorKind::Throttled, Some(7000)));
        assert_eq!(answer(401).success().unwrap_err().kind, ErrorKind::Auth);
        assert_eq!(answer(503).success().unwrap_err().kind, ErrorKind::Unavailable);
        assert_eq!(answer(422).success().unwrap_err().kind, ErrorKind::Invalid);
    }

    #[test]
    fn json_that_is_not_json_does_not_quote_the_body() {
        let odd = Response { status: 200, headers: vec![], body: b"19800102-2386".to_vec() };
        let error = odd.json::<serde_json::Map<String, serde_json::Value>>().unwrap_err();
        assert!(!error.message.contains("2386"), "{}", error.message);
        assert_eq!(answer(200).json::<serde_json::Value>().unwrap()["a"], 1);
    }
}
