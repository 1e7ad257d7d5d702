//! `plugin prove`: holds the plugin of a configured system to the contract, by reading alone.

use super::check::line;
use crate::config::Config;
use crate::error::CliError;
use crate::output::style::{ASIDE, COMES, GOES, HEADING, count, paint, shown};
use crate::output::{Progress, Screen};
use crate::prove::prove as every;
use crate::systems::{System, Workshop};
use crate::word::suggest;
use serde::Serialize;
use sluss_plugin::Mode;
use sluss_plugin::description::{Finding, Severity};
use std::rc::Rc;
use std::sync::Arc;

#[derive(Serialize)]
struct Proved {
    format: &'static str,
    system: String,
    /// Id and version of the plugin.
    plugin: String,
    found: Vec<Finding>,
}

/// Proves one system. The exit code says whether anything failed.
pub(super) async fn prove(config: &Config, screen: &Screen, progress: &Progress, name: &str) -> Result<u8, CliError> {
    let Some(wanted) = config.system(name) else {
        let told = CliError::not_run(format!("there is no system {}", shown(name)));
        return Err(match suggest(name, config.systems.iter().map(|system| system.name.as_str())) {
            Some(help) => told.help(help),
            None => told.help("it is to be in `sluss.toml`, with a connection that may be read"),
        });
    };
    let workshop = Rc::new(Workshop::new(config, Arc::default())?);
    let mut system = System::new(config, wanted, Mode::Preview, workshop)?;
    let faults = system.examine(wanted, None).await?;
    if !faults.is_empty() {
        return Err(CliError::faults(faults));
    }
    let Some(description) = system.description().cloned() else {
        return Err(CliError::not_run(format!("the plugin of {name} does not say what it is")));
    };
    progress.stage(&format!("asking {name}"), None);
    let connector = system.connector().await.map_err(|fault| CliError::not_run(fault.message))?;
    let found = every(connector, wanted.role, &description).await;
    progress.finish();
    let plugin = format!("{} {}", description.id, description.version);
    let proved = Proved { format: "sluss-proof/1", system: name.to_owned(), plugin, found };
    screen.result(&proved, text)?;
    Ok(u8::from(failures(&proved) > 0))
}

fn failures(proved: &Proved) -> usize {
    proved.found.iter().filter(|found| found.severity == Severity::Failure).count()
}

fn text(proved: &Proved) -> String {
    let mut out = format!("{} {}\n", paint(HEADING, &proved.system), paint(ASIDE, &proved.plugin));
    proved.found.iter().for_each(|found| out += &line(found));
    out.push('\n');
    out += &match failures(proved) {
        0 => paint(COMES, format!("{} hold\n", count(proved.found.len() as u64, "promise", "promises"))),
        some => paint(GOES, format!("{} not hold\n", count(some as u64, "promise does", "promises do"))),
    };
    out
}
