//! One run, from top to bottom: this page reads like the line in ARCHITECTURE.md, and leaves every detail to the rooms
//! behind it.

pub(crate) mod adopt;
mod apply;
pub(crate) mod decide;
pub(crate) mod doubt;
mod foresee;
mod ground;
mod groups;
mod guard;
mod licences;
mod managers;
pub(crate) mod notify;
pub(crate) mod part;
pub(crate) mod read;
mod reconcile;
mod refer;
mod resolve;
pub(crate) mod said;
mod send;
mod settle;
mod show;
mod strangers;
mod tell;
pub(crate) mod values;
mod verify;

use crate::config::Config;
use crate::error::CliError;
use crate::output::Progress;
use crate::report::{Ending, FORMAT, Report};
use crate::systems::Yard;
use ground::Ground;
pub(crate) use ground::now;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
pub(crate) use show::VEIL;
use sluss_engine::policy::Policy;
use std::sync::Arc;
use std::time::Instant;

/// How often a run plans anew because a name turned out to be taken, or an object to be gone; once more for each account
/// that another waits for.
const ROUNDS: usize = 3;

/// What a run is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Show the difference; write nothing.
    Plan,
    /// Carry the difference out, if the guards let it.
    Run(Reconcile),
    /// Find out what of a target is there already; write nothing to it.
    Adopt {
        /// Whether what is found is remembered.
        link: bool,
    },
    /// Carry exactly the plan with this hash out, whatever the guards say.
    Apply {
        /// The hash.
        hash: String,
        /// What was compared first when it was made.
        reconcile: Reconcile,
    },
}

/// What of the targets is compared with what is known of them before anything is decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reconcile {
    /// Nothing, but for a target whose place is another than it was.
    #[default]
    No,
    /// What changed in them, where they can tell that, and all of them where they cannot or where that was long ago.
    Changes,
    /// All of them.
    Whole,
}

impl Mode {
    fn word(&self) -> &'static str {
        match self {
            Mode::Plan => "plan",
            Mode::Run(Reconcile::No) => "run",
            Mode::Run(_) => "reconcile",
            Mode::Adopt { .. } => "adopt",
            Mode::Apply { .. } => "apply",
        }
    }

    fn reconcile(&self) -> Reconcile {
        match self {
            Mode::Run(reconcile) | Mode::Apply { reconcile, .. } => *reconcile,
            Mode::Plan | Mode::Adopt { .. } => Reconcile::No,
        }
    }
}

/// What a run is asked.
#[derive(Debug)]
pub struct Options {
    /// What to do.
    pub mode: Mode,
    /// The day to decide for.
    pub day: Date,
    /// The policy to decide by: the configured one, or, for plans only, another.
    pub policy: Policy,
    /// Whether it is another.
    pub trial: bool,
    /// The plugins that this process has loaded.
    pub yard: Arc<Yard>,
}

/// Reads, decides, plans, guards, applies and confirms.
pub async fn run(config: &Config, options: &Options, progress: &Progress) -> Result<Report, CliError> {
    let started = Instant::now();
    let mut ground = Ground::open(config, options, progress).await?;
    let mut report = Report {
        format: FORMAT.to_owned(),
        kind: options.mode.word().to_owned(),
        trial: options.trial,
        reconcile: options.mode.reconcile(),
        run: None,
        day: options.day.to_string(),
        ending: Ending::Done,
        hash: String::new(),
        readings: Vec::new(),
        decided: 0,
        planned: Default::default(),
        applied: Default::default(),
        messages: Default::default(),
        tripped: Vec::new(),
        findings: Vec::new(),
        changes: Vec::new(),
        requests: Default::default(),
        seconds: 0.0,
    };
    report.run = ground.begin(options.mode.word())?;
    let result = work(&mut ground, &options.mode, &mut report).await;
    if result.is_err() {
        ground.store.roll_back()?;
    }
    foresee::tell(&mut ground);
    licences::tell(&mut ground);
    report.findings = std::mem::take(&mut ground.findings);
    report.requests = ground.requests();
    report.ending = ending(&report, &ground);
    report.seconds = started.elapsed().as_secs_f64();
    ground.end(&report, result.as_ref().err())?;
    result.map(|()| report)
}

async fn work(ground: &mut Ground<'_>, mode: &Mode, report: &mut Report) -> Result<(), CliError> {
    ground.store.begin()?;
    resolve::unanswered(ground).await?;
    if !ground.preview {
        // What became of the last run is so, whatever becomes of this one.
        ground.store.commit()?;
        ground.store.begin()?;
    }
    ground.notice_day()?;
    report.readings = read::sources(ground).await?;
    report.tripped = guard::sources(ground, &report.readings);
    verify::registers(ground).await?;
    reconcile::targets(ground, mode.reconcile()).await?;
    report.tripped.append(&mut ground.tripped);
    ground.check_rules()?;
    ground.notice_policy()?;
    for round in 0..ROUNDS + ground.policy.depth {
        if round > 0 {
            ground.store.begin()?;
        }
        report.decided += decide::everyone(ground)?;
        licences::allocate(ground).await?;
        groups::weave(ground)?;
        refer::order(ground)?;
        let mut planned = guard::tally(ground)?;
        report.tripped.extend(guard::plan(ground, &planned)?);
        let held = !report.tripped.is_empty() && !matches!(mode, Mode::Apply { .. });
        if held || matches!(mode, Mode::Plan | Mode::Apply { .. }) && round == 0 {
            (report.hash, report.changes) = show::plan(ground, &report.tripped)?;
        }
        if let Mode::Apply { hash, .. } = mode
            && round == 0
            && *hash != report.hash
        {
            return Err(CliError::stale_plan(&report.hash));
        }
        if !held && *mode != Mode::Plan && foresee::withdraw(ground)? {
            planned = guard::tally(ground)?;
        }
        show::merge(&mut report.planned, planned);
        if held || *mode == Mode::Plan {
            report.messages.planned = notify::foretell(ground)?;
            ground.store.roll_back()?;
            // An earlier round may have written.
            return if round > 0 { end(ground, report).await } else { Ok(()) };
        }
        ground.store.commit()?;
        let again = apply::targets(ground, &mut report.applied).await?;
        settle::persons(ground)?;
        if !again {
            break;
        }
    }
    report.changes.clear();
    end(ground, report).await
}

/// What was written is put in its place, and people are told of it.
async fn end(ground: &mut Ground<'_>, report: &mut Report) -> Result<(), CliError> {
    ground.finish().await?;
    notify::people(ground, &mut report.messages).await
}

/// How it ended, from what happened.
fn ending(report: &Report, ground: &Ground<'_>) -> Ending {
    use sluss_engine::finding::Severity;
    if !report.tripped.is_empty() && report.kind != "apply" {
        Ending::Held
    } else if !ground.suspended.is_empty() {
        Ending::Unavailable
    } else if report.findings.iter().any(|finding| finding.severity >= Severity::Warning) {
        Ending::Findings
    } else {
        Ending::Done
    }
}
