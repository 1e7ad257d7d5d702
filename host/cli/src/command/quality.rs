//! `quality`: how good the data is that each source gives, and what to put right there.

use super::run::policy_of;
use super::status::state;
use crate::config::Config;
use crate::error::CliError;
use crate::output::Screen;
use crate::output::style::{HEADING, count, paint, shown};
use crate::output::table::{Column, table};
use crate::quality::{Kind, Quality, quality as look};
use crate::word::suggest;
use jiff::civil::Date;
use std::fmt::Write as _;

/// Shows it, of all sources or of one. The exit code says whether there is anything to put right.
pub(super) fn quality(
    config: &Config,
    screen: &Screen,
    source: Option<&str>,
    day: Option<Date>,
) -> Result<u8, CliError> {
    let store = state(config)?;
    if let Some(source) = source.filter(|source| config.system(source).is_none()) {
        let names = config.systems.iter().map(|system| system.name.as_str());
        let told = CliError::not_run(format!("there is no system {}", shown(source)));
        return Err(match suggest(source, names) {
            Some(help) => told.help(help),
            None => told,
        });
    }
    let policy = policy_of(&config.policy)?;
    let mut found = look(&store, &policy, day.unwrap_or_else(|| config.today()))?;
    if let Some(source) = source {
        found.records.retain(|name, _| name == source);
        found.faults.retain(|fault| fault.source == source);
    }
    screen.result(&found, text)?;
    Ok(u8::from(!found.faults.is_empty()))
}

fn text(found: &Quality) -> String {
    let kinds = [Kind::Missing, Kind::Wrong, Kind::Doubtful, Kind::Differs];
    let row = |(source, records): (&String, &u64)| {
        let of = |kind| found.faults.iter().filter(|fault| fault.source == *source && fault.kind == kind).count();
        let counts = kinds.map(|kind| of(kind).to_string());
        [source.clone(), records.to_string()].into_iter().chain(counts).collect()
    };
    let number = Column::Number;
    let headings = [
        ("source", Column::Text),
        ("records", number),
        ("missing", number),
        ("wrong", number),
        ("doubtful", number),
        ("differs", number),
    ];
    let mut out = table(&headings, found.records.iter().map(row));
    // Writing to a string cannot fail.
    let mut last = None;
    for fault in &found.faults {
        if last != Some(&fault.source) {
            let _ = writeln!(out, "\n{}", paint(HEADING, shown(&fault.source)));
            last = Some(&fault.source);
        }
        let _ = writeln!(out, "  {}: {}", shown(&fault.record), shown(&fault.what));
    }
    let faults = count(found.faults.len() as u64, "fault", "faults");
    out + &format!("\n{faults}\n")
}
