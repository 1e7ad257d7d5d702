//! Looking at the files as `sluss check` does: are they there, are they whole, do their first lines make sense?

use crate::columns::Class;
use crate::read::Layout;
use sluss_sdk::files::Folder;
use sluss_sdk::{CheckResult, Error, Rest};
use std::time::SystemTime;

/// How many records are read as a test.
const SAMPLE: u32 = 200;
const DAY: u64 = 86_400_000;

/// Everything that is wrong with the files, and in short what is right.
pub fn check(folder: &Folder, layout: &Layout) -> Vec<CheckResult> {
    let mut results = Vec::new();
    for class in [Class::Engagement, Class::Unit] {
        let Some(name) = layout.file(class) else { continue };
        let title = format!("file {name}");
        match file(folder, layout, class, name) {
            Ok((summary, warnings)) => {
                results.push(CheckResult::info(&title, summary));
                results.extend(warnings.into_iter().map(|warning| CheckResult::warning(&title, warning)));
            }
            Err(error) => results.push(CheckResult::failure(&title, placed(&error))),
        }
    }
    results
}

fn file(folder: &Folder, layout: &Layout, class: Class, name: &str) -> Result<(String, Vec<String>), Error> {
    let mut open = layout.open(folder, name, class)?;
    let page = layout.sample(name, class, &mut open, SAMPLE)?;
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
    let age = now.saturating_sub(open.info().modified.max(0) as u64) / DAY;
    if age > u64::from(layout.settings.stale_days) {
        warnings.push(format!("It is {age} days old; is the export still being made?"));
    }
    let columns = open.columns();
    let further = columns.list.iter().filter(|column| column.attribute.starts_with("heroma:")).count();
    let age = match age {
        0 => "less than a day old".to_owned(),
        1 => "a day old".to_owned(),
        days => format!("{days} days old"),
    };
    let summary = format!(
        "{} bytes, {age}; {} columns are read, {further} of them as heroma:…",
        open.info().size,
        columns.list.len()
    );
    Ok((summary, warnings))
}

fn placed(error: &Error) -> String {
    match error.place.as_ref().and_then(|place| place.line) {
        Some(line) => format!("line {line}: {}", error.message),
        None => error.message.clone(),
    }
}
