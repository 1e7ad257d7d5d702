//! What is asked of a web service and what it answers, as plain types.
//!
//! They have the shape of the contract's `http` interface, and know neither WebAssembly nor the client library.

use super::body::Body;
use crate::secret::Secret;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// To read.
    Read,
    /// To carry out the change of this id.
    Write(u64),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// Where, below the connection's address.
    pub path: String,
    /// The query's fields, not yet escaped.
    pub query: Vec<(String, String)>,
    /// Headers of the plugin's own.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// What the host put into the body, and no answer shows to a plugin.
    pub secrets: Vec<Secret>,
    /// What it is for.
    pub intent: Intent,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers that are a plugin's business, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The beginning of an answer.
#[derive(Debug)]
pub struct Opening {
    /// The status.
    pub status: u16,
    /// The headers that are a plugin's business, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// Where a link of the same service leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path below the connection's address.
    pub path: String,
    /// The query's fields, unescaped.
    pub query: Vec<(String, String)>,
}
