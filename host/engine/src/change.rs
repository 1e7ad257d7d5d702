//! What is asked of a target, and what became of it.

use crate::fault::Fault;
use crate::value::{Attributes, Value};
use serde::{Deserialize, Serialize};

/// How one attribute changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// These values as well.
    Add(Vec<Value>),
    /// Without these values.
    Remove(Vec<Value>),
    /// Exactly these values.
    Replace(Vec<Value>),
}

/// What is to happen to an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// Make it, with these attributes.
    Create(Attributes),
    /// Change the object with this id.
    Update {
        /// The target's id of the object.
        id: String,
        /// The version that the host believes it has.
        version: Option<String>,
        /// Attribute and edit, in order.
        modifications: Vec<(String, Edit)>,
    },
    /// Remove the object with this id.
    Remove(String),
}

/// One change, ready to be sent: every reference is an id of the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Unique within the run; the journal's number.
    pub id: u64,
    /// The target's class.
    pub class: String,
    /// What is to happen.
    pub operation: Operation,
}

/// What an object is known by after a write.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The object's id from now on.
    pub id: String,
    /// Its version from now on.
    pub version: Option<String>,
    /// What the target computed.
    pub computed: Attributes,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was carried out.
    Applied(Applied),
    /// It was so already.
    Unchanged(Applied),
    /// It was not carried out.
    Rejected(Fault),
    /// Nobody knows.
    Unknown(Fault),
}
