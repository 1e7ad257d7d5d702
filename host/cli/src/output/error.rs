//! An error as people read it, and as programs do.

use super::style::{ASIDE, GOES, HEADING, paint, shown};
use crate::error::{CliError, FileFault};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;

/// An error in the shape that `--json` prints.
#[derive(Debug, Serialize)]
pub struct Told<'e> {
    format: &'static str,
    code: u8,
    error: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'e str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    faults: &'e [FileFault],
}

impl<'e> Told<'e> {
    /// The shape of an error.
    pub fn new(error: &'e CliError) -> Self {
        Told {
            format: "sluss-error/1",
            code: error.kind.code(),
            error: &error.message,
            help: error.help.as_deref(),
            faults: &error.faults,
        }
    }
}

/// An error as text, its faults with the lines that they stand on.
pub fn text(error: &CliError) -> String {
    let mut out = faults(&error.faults);
    let label = paint(GOES.bold(), "error");
    out += &format!("{label}: {}\n", shown(&error.message));
    if let Some(help) = &error.help {
        out += &format!("  {}\n", shown(help));
    }
    out
}

/// Faults in the operator's files, each with the line that it stands on.
pub fn faults(faults: &[FileFault]) -> String {
    let mut files = Files::default();
    faults.iter().map(|fault| self::fault(fault, &mut files) + "\n").collect()
}

/// One fault, as a compiler would tell it.
fn fault(fault: &FileFault, files: &mut Files) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}: {}", paint(HEADING, &fault.place), shown(&fault.message));
    match files.line(fault) {
        Some((number, line)) => {
            let margin = " ".repeat(number.to_string().len());
            let column = fault.place.column.map_or(0, |column| column as usize - 1);
            let before: String = line.chars().take(column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let rest = line.chars().count().saturating_sub(column);
            let width = fault.text.trim_end().chars().count().clamp(1, rest.max(1));
            let bar = paint(ASIDE, "|");
            let _ = writeln!(out, " {} {bar} {}", paint(ASIDE, number), shown(line.trim_end()));
            // Some faults stand in a rule as a whole, whose first line names something else.
            if line.contains(fault.text.trim_end()) {
                let _ = writeln!(out, " {margin} {bar} {before}{}", paint(GOES, "^".repeat(width)));
            }
        }
        None if !fault.text.is_empty() => {
            let _ = writeln!(out, "    {}", shown(&fault.text));
        }
        None => {}
    }
    if let Some(help) = &fault.help {
        let _ = writeln!(out, "  {}", shown(help));
    }
    out
}

/// The files with faults, each read once.
#[derive(Default)]
struct Files {
    texts: HashMap<String, Option<String>>,
}

impl Files {
    /// The line that a fault stands on, and its number; none if it is no longer there, or not to be shown.
    fn line(&mut self, fault: &FileFault) -> Option<(u32, String)> {
        if fault.text.is_empty() {
            return None;
        }
        let place = &fault.place;
        let number = place.line?;
        let text = self.texts.entry(place.file.clone()).or_insert_with(|| std::fs::read_to_string(&place.file).ok());
        let line = text.as_deref()?.lines().nth(number.checked_sub(1)? as usize)?;
        Some((number, line.to_owned()))
    }
}
