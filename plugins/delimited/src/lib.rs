//! Delimited files as a source reads them: the lines with their places, the fields with their encodings, pages with
//! cursors, twins, and fingerprints.
//!
//! It knows no system and no settings of one. A plugin says how a file is written and which column is which attribute
//! ([`Layout`]), and hands on what the host asks; so every such plugin finds a truncated file, a wrong encoding and a
//! contradiction in the same way, and says it in the same words.

pub mod check;
pub mod columns;
pub mod date;
pub mod decode;
pub mod doubles;
pub mod pick;
pub mod read;
pub mod settings;
pub mod spot;
pub mod table;
pub mod utf16;

pub use check::check;
pub use columns::{Form, Mapping, Status, Wanted};
pub use decode::{Decoder, Writing};
pub use read::{Layout, Open};
pub use settings::{Encoding, FinalNewline, Where};
pub use table::Separation;
