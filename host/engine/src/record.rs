//! What connectors give: pages of records, and objects as a target has them.

use crate::fault::Fault;
use crate::value::{Attributes, Cell};

/// One record or object of a page, its cells in the order of the page's columns (missing cells are absent).
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Stable and unique within source and class; for a target's object it may change with a write.
    pub id: String,
    /// The target's version of the object, where it has such a thing.
    pub version: Option<String>,
    /// The values.
    pub cells: Vec<Cell>,
}

/// How a read goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Rest {
    /// There is more behind this cursor.
    More(Vec<u8>),
    /// The read is over and was whole.
    Complete,
    /// The read is over, but something could not be read: nothing may be inferred as gone.
    Incomplete(Fault),
}

/// A part of a read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The names of the cells.
    pub columns: Vec<String>,
    /// The records.
    pub rows: Vec<Row>,
    /// Records that could not be used.
    pub faults: Vec<Fault>,
    /// What comes after this page.
    pub rest: Rest,
}

/// The fingerprints of a part of a read, instead of the part itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// One for each record, in the order of the read: equal only where the record comes out the same.
    pub fingerprints: Vec<u128>,
    /// What comes after these.
    pub rest: Rest,
}

/// Some records of a part of a read.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The names of the cells.
    pub columns: Vec<String>,
    /// One answer for each record that was asked for, in the same order.
    pub records: Vec<Result<Row, Fault>>,
}

/// An object of a target, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The target's id.
    pub id: String,
    /// The target's version.
    pub version: Option<String>,
    /// The attributes that were asked for and are there.
    pub attributes: Attributes,
}
