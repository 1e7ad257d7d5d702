//! `check`: every fault in configuration, policy, plugins, grants and reachability, all at once.
//!
//! Whatever can be looked at is looked at, also where something else is wrong: an operator who sets up a new system
//! should not have to ask ten times.

use super::run::policy_of;
use crate::config::{self, Config, MailConfig};
use crate::error::{CliError, ErrorKind, FileFault};
use crate::message::{self, Server};
use crate::output::style::{ASIDE, CHANGES, COMES, GOES, HEADING, paint, shown};
use crate::output::{Progress, Screen, faults};
use crate::systems::{System, Workshop, strangers};
use serde::Serialize;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_plugin::Mode;
use sluss_plugin::description::{Finding, Severity};
use sluss_store::Store;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What was found, in the shape that `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Checked {
    format: &'static str,
    /// Faults in files that the operator writes.
    faults: Vec<FileFault>,
    /// What stands against using the state file.
    state: Option<String>,
    systems: Vec<CheckedSystem>,
}

#[derive(Debug, Serialize)]
struct CheckedSystem {
    name: String,
    /// Id and version of the plugin.
    plugin: String,
    found: Vec<Finding>,
    /// Whether somebody has to change the configuration.
    #[serde(skip)]
    misconfigured: bool,
}

/// Looks at everything.
pub(super) async fn check(file: &Path, screen: &Screen, progress: &Progress) -> Result<u8, CliError> {
    let mut checked = Checked { format: "sluss-check/1", ..Checked::default() };
    match config::load(file) {
        Ok(config) => everything(&config, progress, &mut checked).await?,
        Err(error) if error.faults.is_empty() => return Err(error),
        Err(error) => checked.faults = error.faults,
    }
    progress.finish();
    screen.result(&checked, text)?;
    Ok(code(&checked))
}

async fn everything(config: &Config, progress: &Progress, checked: &mut Checked) -> Result<(), CliError> {
    let policy = match policy_of(&config.policy) {
        Ok(policy) => Some(policy),
        Err(error) => {
            checked.faults.extend(error.faults);
            None
        }
    };
    if config.state.exists()
        && let Err(error) = Store::open(&config.state).map_err(CliError::from)
    {
        checked.state = Some([Some(error.message), error.help].into_iter().flatten().collect::<Vec<_>>().join("; "));
    }
    if let Some(policy) = &policy {
        checked.faults.extend(strangers(policy, config));
        checked.faults.extend(message::faults(config, policy));
    }
    let workshop = Rc::new(Workshop::new(config, Arc::default())?);
    for wanted in &config.systems {
        progress.stage(&format!("looking at {}", wanted.name), None);
        let mut system = System::new(config, wanted, Mode::Preview, Rc::clone(&workshop))?;
        let faults = system.examine(wanted, policy.as_ref()).await?;
        let plugin = system.description().map(|description| format!("{} {}", description.id, description.version));
        let plugin = plugin.unwrap_or_default();
        let mut line = CheckedSystem { name: wanted.name.clone(), plugin, found: Vec::new(), misconfigured: false };
        if faults.is_empty() {
            reach(&mut system, &mut line).await;
        }
        checked.faults.extend(faults);
        checked.systems.push(line);
    }
    if let Some(mail) = &config.mail {
        progress.stage("looking at the server that takes mail", None);
        checked.systems.push(server(mail).await);
    }
    Ok(())
}

/// Logs in at the server that takes mail, and sends none.
async fn server(mail: &MailConfig) -> CheckedSystem {
    let (name, plugin) = ("the mail server".to_owned(), mail.url.clone());
    let mut line = CheckedSystem { name, plugin, found: Vec::new(), misconfigured: false };
    match Server::new(mail.clone()).check().await {
        Ok(()) => {
            let message = match &mail.login {
                Some((user, _)) => format!("it answers, and lets {user} in"),
                None => "it answers".to_owned(),
            };
            line.found = vec![Finding { name: "login".to_owned(), severity: Severity::Info, message }];
        }
        Err(fault) => line.failed(fault),
    }
    line
}

/// Asks the system itself.
async fn reach(system: &mut System, line: &mut CheckedSystem) {
    let answer = match system.connector().await {
        Ok(connector) => connector.check().await,
        Err(fault) => Err(fault),
    };
    match answer {
        Ok(found) => line.found = found,
        Err(fault) => line.failed(fault),
    }
}

impl CheckedSystem {
    fn failed(&mut self, fault: Fault) {
        let Fault { kind, message, .. } = fault;
        self.misconfigured = !matches!(kind, FaultKind::Unavailable | FaultKind::Throttled | FaultKind::Auth);
        self.found = vec![Finding { name: "check".to_owned(), severity: Severity::Failure, message }];
    }
}

/// One finding, as it is shown.
pub(super) fn line(found: &Finding) -> String {
    let (style, word) = match found.severity {
        Severity::Info => (COMES, "ok"),
        Severity::Warning => (CHANGES, "warning"),
        Severity::Failure => (GOES, "failure"),
    };
    format!("  {} {}: {}\n", paint(style, word), shown(&found.name), shown(&found.message))
}

fn code(checked: &Checked) -> u8 {
    let worst = checked.systems.iter().flat_map(|system| &system.found).map(|found| found.severity).max();
    let misconfigured = checked.systems.iter().any(|system| system.misconfigured);
    if !checked.faults.is_empty() || checked.state.is_some() || misconfigured {
        ErrorKind::NotRun.code()
    } else {
        match worst {
            Some(Severity::Failure) => ErrorKind::Unavailable.code(),
            Some(Severity::Warning) => 1,
            Some(Severity::Info) | None => 0,
        }
    }
}

fn text(checked: &Checked) -> String {
    let mut out = faults(&checked.faults);
    if let Some(state) = &checked.state {
        out += &format!("{}: {}\n\n", paint(GOES, "state"), shown(state));
    }
    for system in &checked.systems {
        out += &format!("{} {}\n", paint(HEADING, &system.name), paint(ASIDE, &system.plugin));
        system.found.iter().for_each(|found| out += &line(found));
    }
    if !checked.systems.is_empty() {
        out.push('\n');
    }
    out += &match (code(checked), checked.faults.len()) {
        (0, _) => paint(COMES, "everything is in order\n"),
        (2, 1) => paint(GOES, "there is 1 fault\n"),
        (2, count) if count > 1 => paint(GOES, format!("there are {count} faults\n")),
        (1, _) => paint(CHANGES, "everything works, and something should be looked at\n"),
        _ => paint(GOES, "not everything works\n"),
    };
    out
}
