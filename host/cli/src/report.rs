//! What a plan or run has to say, in the shape that `--json` prints. The screen prints the same.

use crate::run::Reconcile;
use serde::{Deserialize, Serialize};
use sluss_engine::finding::Finding;
use sluss_engine::plan::{Action, PlanLine};
use std::collections::BTreeMap;

/// The name and version of the shape.
pub const FORMAT: &str = "sluss-report/1";

/// How it ended. The exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Everything is as it shall be.
    Done,
    /// Done, but somebody should look at the findings.
    Findings,
    /// A guard held the plan: nothing of it was written.
    Held,
    /// A system was unavailable; the rest was done.
    Unavailable,
}

impl Ending {
    /// The word that `sluss runs` shows.
    pub fn as_str(self) -> &'static str {
        match self {
            Ending::Done => "done",
            Ending::Findings => "findings",
            Ending::Held => "held",
            Ending::Unavailable => "unavailable",
        }
    }

    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::Findings => 1,
            Ending::Held => 3,
            Ending::Unavailable => 5,
        }
    }
}

/// What was read of one class of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The source.
    pub source: String,
    /// The class.
    pub class: String,
    /// Whether the source said that nothing changed, so that it was not read.
    pub unchanged: bool,
    /// Whether the read was whole.
    pub complete: bool,
    /// Whether there was nothing at all, and not even a whole read: an empty file.
    pub empty: bool,
    /// How many records there were at the last read; 0 if it was not read now.
    pub previous: u64,
    /// How many records there are now.
    pub records: u64,
    /// How many are new or changed.
    pub changed: u64,
    /// How many are gone.
    pub gone: u64,
}

impl Reading {
    /// A read of which nothing is known yet.
    pub fn of(source: &str, class: &str) -> Reading {
        Reading {
            source: source.to_owned(),
            class: class.to_owned(),
            unchanged: false,
            complete: false,
            empty: false,
            previous: 0,
            records: 0,
            changed: 0,
            gone: 0,
        }
    }
}

/// A limit that the plan, or what a source lost, is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tripped {
    /// The guard, by its name in the policy: `guards.disables`.
    pub guard: String,
    /// The system.
    pub system: String,
    /// How many there would be.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The limit, as people write it: `50`, `10 %`.
    pub limit: String,
}

/// How many changes of each kind, per target.
pub type Tally = BTreeMap<String, BTreeMap<Action, u64>>;

/// Mails that tell people what became of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Messages {
    /// How many a plan would send, with those that wait.
    pub planned: u64,
    /// How many were sent.
    pub sent: u64,
    /// How many wait for a later run, with what is in no mail yet.
    pub waiting: u64,
}

/// What a plan or run has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    /// `plan`, `run`, `reconcile` or `apply`.
    pub kind: String,
    /// Whether it was decided by another policy than the configured one.
    #[serde(default)]
    pub trial: bool,
    /// What of the targets was to be compared first.
    #[serde(default)]
    pub reconcile: Reconcile,
    /// The run's number; none for a plan.
    pub run: Option<u64>,
    /// The day that it was decided for.
    pub day: String,
    /// How it ended.
    pub ending: Ending,
    /// The plan's hash: the same plan has the same hash. Empty if nothing is planned.
    pub hash: String,
    /// What was read.
    pub readings: Vec<Reading>,
    /// How many persons were decided again.
    pub decided: u64,
    /// What is planned.
    pub planned: Tally,
    /// What was carried out.
    pub applied: Tally,
    /// Mails to people.
    #[serde(default)]
    pub messages: Messages,
    /// What guards say.
    pub tripped: Vec<Tripped>,
    /// What somebody should look at.
    pub findings: Vec<Finding>,
    /// The plan's changes; a run that was not held leaves them out.
    #[serde(default)]
    pub changes: Vec<PlanLine>,
    /// Requests made to each system.
    pub requests: BTreeMap<String, u64>,
    /// Wall-clock seconds.
    pub seconds: f64,
}
