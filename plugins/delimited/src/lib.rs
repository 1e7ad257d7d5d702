//! Delimited files as a source reads them: the lines with their places, the fields with their encodings, pages with
//! cursors, twins, and fingerprints.
//!
//! It knows no system and no settings of one. A plugin says how a file is written and which column is which attribute
//! ([`Layout`]), and hands on what the host asks; so every such plugin finds a truncated file, a wrong encoding and a
//! contradiction in the same way, and says it in the same words.

mod check;
mod columns;
mod date;
mod decode;
mod doubles;
mod lines;
mod pick;
mod read;
mod settings;
mod spot;
mod table;
mod utf16;

pub use check::check;
pub use columns::{Form, Mapping, Replaced, Status, Wanted};
pub use date::DateFormat;
pub use decode::{Decoder, Writing, encode};
pub use lines::Line;
pub use read::{Layout, Open};
pub use settings::{Encoding, FinalNewline, Where};
pub use table::Separation;
