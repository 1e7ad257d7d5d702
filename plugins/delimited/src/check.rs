//! Looking at the files as `sluss check` does: are they there, are they whole, do their first lines make sense?

use crate::read::Layout;
use sluss_sdk::files::Folder;
use sluss_sdk::{CheckResult, Error, Rest};
use std::time::SystemTime;

/// How many records are read as a test.
const SAMPLE: u32 = 200;
const DAY: u64 = 86_400_000;

/// Everything that is wrong with a file, and in short what is right.
pub fn check(folder: &Folder, name: &str, layout: &Layout, stale_days: u32) -> Vec<CheckResult> {
    let title = format!("file {name}");
    match file(folder, name, layout, stale_days) {
        Ok((summary, warnings)) => {
            let warnings = warnings.into_iter().map(|warning| CheckResult::warning(&title, warning));
            [CheckResult::info(&title, summary)].into_iter().chain(warnings).collect()
        }
        Err(error) => vec![CheckResult::failure(&title, placed(&error))],
    }
}

fn file(folder: &Folder, name: &str, layout: &Layout, stale_days: u32) -> Result<(String, Vec<String>), Error> {
    let mut open = layout.open(folder, name)?;
    let page = layout.sample(name, &mut open, SAMPLE)?;
    let mut warnings = Vec::new();
    if let Some(first) = page.faults.first() {
        let (faults, read) = (page.faults.len(), page.faults.len() + page.rows.len());
        warnings.push(format!("{faults} of the first {read} lines cannot be used; the first: {}", placed(first)));
    } else if let Rest::Incomplete(error) = &page.rest {
        warnings.push(placed(error));
    }
    if page.rows.is_empty() && page.faults.is_empty() {
        warnings.push("There is not one record in it".to_owned());
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let age = now.saturating_sub(open.info.modified.max(0) as u64) / DAY;
    if age > u64::from(stale_days) {
        warnings.push(format!("It is {age} days old; is the export still being made?"));
    }
    let (columns, prefix) = (&open.columns.list, format!("{}:", layout.mapping.prefix));
    let further = columns.iter().filter(|column| column.attribute.starts_with(&prefix)).count();
    let age = match age {
        0 => "less than a day old".to_owned(),
        1 => "a day old".to_owned(),
        days => format!("{days} days old"),
    };
    let (size, read) = (open.info.size, columns.len());
    let summary = format!("{size} bytes, {age}; {read} columns are read, {further} of them as {prefix}…");
    Ok((summary, warnings))
}

fn placed(error: &Error) -> String {
    match error.place.as_ref().and_then(|place| place.line) {
        Some(line) => format!("line {line}: {}", error.message),
        None => error.message.clone(),
    }
}
