//! What a connector or a capability says when something did not work.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of failure it is; the host decides by it whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The settings are wrong.
    Config,
    /// Who we are was not accepted.
    Auth,
    /// We are known, but may not do this.
    Permission,
    /// There is no such object.
    NotFound,
    /// There is such an object already.
    AlreadyExists,
    /// The object changed since it was read.
    Conflict,
    /// The object or value will never be accepted.
    Invalid,
    /// Too much at once: later.
    Throttled,
    /// The system cannot be reached.
    Unavailable,
    /// The system or connector cannot do this.
    Unsupported,
    /// The connector itself failed: it trapped, ran out of time or memory, or answered nonsense.
    Internal,
}

/// A place in a file. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the operator knows it.
    pub file: String,
    /// The line.
    pub line: Option<u32>,
    /// The column.
    pub column: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// A failure of a connector, of one of its records or of one of its changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What kind it is.
    pub kind: FaultKind,
    /// For the operator; free of identity numbers and secrets (the sandbox sees to that).
    pub message: String,
    /// The system's own code.
    pub code: Option<String>,
    /// The least time to wait, in milliseconds.
    pub retry_after_ms: Option<u32>,
    /// The id of the object or record concerned.
    pub object: Option<String>,
    /// The attribute concerned.
    pub attribute: Option<String>,
    /// Where in which file.
    pub place: Option<Place>,
    /// Whether something may have reached the system.
    pub sent: bool,
}

impl Fault {
    /// A fault with nothing but a kind and a message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Fault {
            kind,
            message: message.into(),
            code: None,
            retry_after_ms: None,
            object: None,
            attribute: None,
            place: None,
            sent: false,
        }
    }
}
