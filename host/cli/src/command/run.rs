//! `plan`, `run` and `apply`: the same line of work, which ends at different points.

use super::day;
use crate::config::{self, Config};
use crate::error::{CliError, FileFault};
use crate::output::report::report as render;
use crate::output::{Progress, Screen};
use crate::report::{FORMAT, Report};
use crate::run::{self, Mode, Options, Reconcile};
use crate::systems::Yard;
use jiff::civil::Date;
use sluss_engine::policy::{self, Policy};
use sluss_store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Shows the difference; writes nothing.
pub(super) async fn plan(
    config: &Config,
    screen: &Screen,
    progress: &Progress,
    out: Option<&Path>,
    files: &[PathBuf],
    on: Option<Date>,
) -> Result<u8, CliError> {
    let policy = if files.is_empty() { policy_of(&config.policy)? } else { policy_of(&config::read_policy(files)?)? };
    let day = on.unwrap_or_else(|| config.today());
    let report = run::run(
        config,
        &Options { mode: Mode::Plan, day, policy, trial: !files.is_empty(), yard: Arc::default() },
        progress,
    )
    .await?;
    if let Some(file) = out {
        let json = serde_json::to_string_pretty(&report).map_err(CliError::internal)?;
        std::fs::write(file, json + "\n").map_err(|error| CliError::file(file, &error))?;
        screen.message(&format!("the plan is in {}", file.display()));
    }
    show(screen, progress, &report)
}

/// Carries the difference out, if the guards let it.
pub(super) async fn run(
    config: &Config,
    screen: &Screen,
    progress: &Progress,
    reconcile: Reconcile,
    on: Option<Date>,
) -> Result<u8, CliError> {
    let report = once(config, progress, reconcile, on, Arc::default()).await?;
    show(screen, progress, &report)
}

/// One run of one configuration, with plugins that others may have loaded.
pub(super) async fn once(
    config: &Config,
    progress: &Progress,
    reconcile: Reconcile,
    on: Option<Date>,
    yard: Arc<Yard>,
) -> Result<Report, CliError> {
    let policy = policy_of(&config.policy)?;
    let options = Options { mode: Mode::Run(reconcile), day: day::of_run(config, on)?, policy, trial: false, yard };
    run::run(config, &options, progress).await
}

/// Carries out exactly the plan that somebody looked at.
pub(super) async fn apply(
    config: &Config,
    screen: &Screen,
    progress: &Progress,
    plan: &str,
    on: Option<Date>,
) -> Result<u8, CliError> {
    let Approved { hash, day: planned, reconcile } = approved(config, plan)?;
    // A plan of a simulated day is carried out on that day.
    let day =
        if config.simulated { on.or(planned).unwrap_or_else(|| config.today()) } else { day::of_run(config, on)? };
    let options = Options {
        mode: Mode::Apply { hash, reconcile },
        day,
        policy: policy_of(&config.policy)?,
        trial: false,
        yard: Arc::default(),
    };
    let report = run::run(config, &options, progress).await?;
    show(screen, progress, &report)
}

/// The policy of these files, or all their faults.
pub(super) fn policy_of(files: &[(String, String)]) -> Result<Policy, CliError> {
    policy::load(files).map_err(|faults| CliError::faults(faults.into_iter().map(FileFault::from).collect()))
}

fn show(screen: &Screen, progress: &Progress, report: &Report) -> Result<u8, CliError> {
    progress.finish();
    screen.result(report, |report| render(report, screen.verbose))?;
    Ok(report.ending.code())
}

/// A plan that an operator approves.
struct Approved {
    hash: String,
    /// The day that it was made for, where that is known.
    day: Option<Date>,
    /// What was compared first when it was made.
    reconcile: Reconcile,
}

/// Finds the plan that is meant: a file that `plan --out` wrote, or a hash.
fn approved(config: &Config, plan: &str) -> Result<Approved, CliError> {
    let file = Path::new(plan);
    if file.is_file() {
        let text = std::fs::read_to_string(file)
            .map_err(|error| CliError::not_run(format!("the plan {plan} cannot be read: {error}")))?;
        return of_report(&text).ok_or_else(|| {
            CliError::not_run(format!("{plan} is not a plan that this version of sluss wrote"))
                .help("make one with `sluss plan --out FILE`")
        });
    }
    if plan.is_empty() || !plan.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(CliError::not_run(format!("there is no file {plan}, and it is not the hash of a plan"))
            .help("`sluss plan --out FILE` saves a plan; `sluss status` shows the hash of a held one"));
    }
    let held = if config.state.exists() { Store::open(&config.state)?.held_plan()? } else { None };
    let held = held.filter(|held| held.hash == plan).and_then(|held| of_report(&held.plan));
    Ok(held.unwrap_or_else(|| Approved { hash: plan.to_owned(), day: None, reconcile: Reconcile::No }))
}

fn of_report(text: &str) -> Option<Approved> {
    let report: Report = serde_json::from_str(text).ok()?;
    (report.format == FORMAT && !report.hash.is_empty()).then(|| Approved {
        reconcile: report.reconcile,
        day: report.day.parse().ok(),
        hash: report.hash,
    })
}
