//! Refusals and answers, as Graph writes them.

use serde_json::{Value, json};
use std::fmt;

/// What Graph answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers that belong to this answer alone.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// A text.
    Text(String),
}

impl Reply {
    /// An answer with a body.
    pub fn json(status: u16, body: Value) -> Reply {
        Reply { status, headers: Vec::new(), body: Body::Json(body) }
    }

    /// Done, and nothing to tell.
    pub fn done() -> Reply {
        Reply { status: 204, headers: Vec::new(), body: Body::Empty }
    }

    /// Whether it was refused.
    pub fn is_refusal(&self) -> bool {
        self.status >= 400
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The status.
    pub status: u16,
    /// The code that clients branch on.
    pub code: String,
    /// The message.
    pub message: String,
    /// Codes and targets of the details.
    pub details: Vec<(String, String)>,
    /// Headers that go with it.
    pub headers: Vec<(String, String)>,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A refusal without more.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Fault {
        Fault { status, code: code.to_owned(), message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    /// The request is wrong.
    pub fn bad(message: impl Into<String>) -> Fault {
        Fault::new(400, "Request_BadRequest", message)
    }

    /// The body is not what it should be.
    pub fn unreadable() -> Fault {
        let message = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of \
                       valid JSON format.";
        Fault::new(400, "BadRequest", message)
    }

    /// The query is not supported, or not like this.
    pub fn unsupported(message: impl Into<String>) -> Fault {
        Fault::new(400, "Request_UnsupportedQuery", message)
    }

    /// There is no such object, or none that can be seen.
    pub fn missing(id: &str) -> Fault {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Fault::new(404, "Request_ResourceNotFound", message)
    }

    /// There is no such address.
    pub fn no_segment(name: &str) -> Fault {
        Fault::new(404, "BadRequest", format!("Resource not found for the segment '{name}'."))
    }

    /// Another object has this value.
    pub fn conflict(target: &str) -> Fault {
        let message = format!("Another object with the same value for property {target} already exists.");
        let mut fault = Fault::bad(message);
        fault.details.push(("ObjectConflict".to_owned(), target.to_owned()));
        fault
    }

    /// The value does not fit the property.
    pub fn value(property: &str, resource: &str) -> Fault {
        let mut fault =
            Fault::bad(format!("Invalid value specified for property '{property}' of resource '{resource}'."));
        fault.details.push(("InvalidValue".to_owned(), property.to_owned()));
        fault
    }

    /// Whoever asks may not do this.
    pub fn denied() -> Fault {
        Fault::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    /// Too much was asked; after so many seconds it may be tried again, if that is told.
    pub fn throttled(after: Option<u64>) -> Fault {
        let mut fault = Fault::new(429, "TooManyRequests", "Too many requests");
        fault.headers.extend(after.map(|seconds| ("Retry-After".to_owned(), seconds.to_string())));
        fault
    }

    /// A status and nothing that has to do with the request.
    pub fn status(status: u16, after: Option<u32>) -> Fault {
        let (code, message) = match status {
            401 => ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
            403 => ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
            404 => ("Request_ResourceNotFound", "Resource does not exist."),
            429 => ("TooManyRequests", "Too many requests"),
            500 => ("InternalServerError", "The service failed."),
            502 => ("BadGateway", "The gateway had no answer."),
            503 => ("serviceNotAvailable", "The service is unavailable."),
            504 => ("gatewayTimeout", "The gateway waited too long."),
            507 => ("insufficientStorage", "There is no room."),
            _ => ("UnknownError", ""),
        };
        let mut fault = Fault::new(status, code, message);
        fault.headers.extend(after.map(|seconds| ("Retry-After".to_owned(), seconds.to_string())));
        fault
    }

    /// The answer that it makes, with the ids of the request and when it was.
    pub fn reply(self, request: &str, client: &str, date: &str) -> Reply {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date.trim_end_matches('Z'),
                "request-id": request,
                "client-request-id": client,
            },
        });
        if !self.details.is_empty() {
            let details = self
                .details
                .iter()
                .map(|(code, target)| json!({"code": code, "message": error["message"], "target": target}));
            error["details"] = details.collect();
        }
        Reply { status: self.status, headers: self.headers, body: Body::Json(json!({"error": error})) }
    }
}
