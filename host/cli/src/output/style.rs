//! The few colours in use, by what they mean, and the mask over what nobody is to see.

use anstyle::{AnsiColor, Style};
use sluss_engine::numbers;
use std::fmt::Display;

/// What comes.
pub const COMES: Style = AnsiColor::Green.on_default();
/// What changes.
pub const CHANGES: Style = AnsiColor::Yellow.on_default();
/// What goes, and what went wrong.
pub const GOES: Style = AnsiColor::Red.on_default();
/// A heading.
pub const HEADING: Style = Style::new().bold();
/// What is there for those who look closer.
pub const ASIDE: Style = Style::new().dimmed();

/// A text in a style.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A text without identity numbers.
pub fn shown(text: &str) -> String {
    numbers::mask_in(text)
}

/// `1 person`, `2 persons`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
