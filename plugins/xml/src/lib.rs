//! XML as a source reads it: piece by piece, within limits, and without anything that a document could do to its reader.
//!
//! No document type is accepted, so nothing is ever expanded or fetched; nesting, texts, attributes and the size of a
//! record are bounded, so that a hostile document costs no more than an ordinary one. Elements are known by their local
//! names, since systems choose their prefixes as they like.

mod broken;
mod element;
mod letters;
mod reader;
mod records;

pub use broken::{Broken, Halt};
pub use element::{Element, parse};
pub use letters::Writing;
pub use quick_xml::escape::escape;
pub use records::{Record, Records};

/// How deeply elements may be nested.
pub const MOST_NESTED: usize = 64;
/// The longest text of an element, in bytes: names and addresses end before a hundred letters.
pub const LONGEST_TEXT: usize = 8 * 1024;
/// The most attributes of an element.
pub const MOST_ATTRIBUTES: usize = 32;
/// The most elements of a record.
pub const MOST_ELEMENTS: usize = 65_536;
/// The longest document that is read as a whole.
pub const LONGEST_DOCUMENT: usize = 2 * 1024 * 1024;
