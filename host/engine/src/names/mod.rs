//! Names that people get: how letters become ASCII, and which candidate is the one.
//!
//! A name is for ever, so everything here is deterministic: the same person among the same taken names gets the same.

mod choose;
mod letters;

pub use choose::{Shape, Suffix, SuffixOn, choose};
pub use letters::{local_part, transliterate};
