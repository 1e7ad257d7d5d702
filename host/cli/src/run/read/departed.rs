//! Sources that are not configured any more, or do not know a class any more: nobody speaks for what they gave.

use super::pass::Pass;
use crate::error::CliError;
use crate::report::Reading;
use crate::run::ground::Ground;
use sluss_engine::finding::{Finding, Subject};

/// Takes everything to be gone that came from a source which is not configured any more, or has another name now. As for
/// any source that gives nothing at all, a guard holds the run until somebody has said that this is right.
pub(super) fn sources(ground: &mut Ground<'_>) -> Result<Vec<Reading>, CliError> {
    let mut readings = Vec::new();
    for (source, class) in ground.store.scans()? {
        if ground.systems.sources.iter().any(|system| system.name == source && system.reads(&class)) {
            continue;
        }
        let mut reading = Reading::of(&source, &class);
        Pass::new(ground, &source, &class, "")?.close(&mut reading, None, "", None)?;
        if reading.gone == 0 {
            continue;
        }
        let message = format!("it is no source of {class}s any more; {} are gone with it", reading.gone);
        ground.findings.push(
            Finding::warning(Subject::System(source), message)
                .advise("if it was renamed or left out by mistake, give it its name again"),
        );
        readings.push(reading);
    }
    Ok(readings)
}
