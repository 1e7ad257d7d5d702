//! What an operator is told when a command cannot do what was asked, and with which exit code it ends.
//!
//! This is the one place that turns the libraries' errors into advice: what happened, to which thing, what to do.

use serde::Serialize;
use sluss_engine::fault::{Fault, FaultKind, Place};
use sluss_engine::policy::PolicyFault;
use sluss_store::{LockError, StoreError};
use std::fmt::{self, Display};
use std::io;
use std::path::Path;

/// Why a command ended without doing what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// It could not begin: the configuration, the state or the arguments are in the way.
    NotRun,
    /// Another run is active.
    Active,
    /// A system could not be reached.
    Unavailable,
}

impl ErrorKind {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            ErrorKind::NotRun => 2,
            ErrorKind::Active => 4,
            ErrorKind::Unavailable => 5,
        }
    }
}

/// Something wrong in a file that the operator writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFault {
    /// Where it is.
    pub place: Place,
    /// The text that is meant; nothing where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl From<PolicyFault> for FileFault {
    fn from(fault: PolicyFault) -> Self {
        let PolicyFault { place, text, message, help } = fault;
        FileFault { place, text, message, help }
    }
}

/// An error as the command line tells it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CliError {
    /// What kind it is.
    pub kind: ErrorKind,
    /// What happened, to which thing.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Every fault in the operator's files.
    pub faults: Vec<FileFault>,
}

impl Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl CliError {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        CliError { kind, message: message.into(), help: None, faults: Vec::new() }
    }

    /// Something keeps the command from beginning.
    pub fn not_run(message: impl Into<String>) -> Self {
        CliError::new(ErrorKind::NotRun, message)
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The operator's files have faults.
    pub fn faults(faults: Vec<FileFault>) -> Self {
        let message = match faults.len() {
            1 => "there is a fault in the configuration".to_owned(),
            count => format!("there are {count} faults in the configuration"),
        };
        CliError { faults, ..CliError::not_run(message) }
    }

    /// There is no configuration.
    pub fn no_config(file: &Path, error: &io::Error) -> Self {
        let file = file.display();
        if error.kind() == io::ErrorKind::NotFound {
            return CliError::not_run(format!("there is no configuration file {file}"))
                .help("`sluss init` makes a working folder; `--config FILE` names another file");
        }
        CliError::not_run(format!("the configuration file {file} cannot be read: {error}"))
    }

    /// A folder cannot be made or used.
    pub fn folder(folder: &Path, error: &io::Error) -> Self {
        CliError::not_run(format!("the folder {} cannot be used: {error}", folder.display()))
            .help(room(error).unwrap_or("make it, or give the user that runs sluss the right to write there"))
    }

    /// A file cannot be written.
    pub fn file(file: &Path, error: &io::Error) -> Self {
        let told = CliError::not_run(format!("the file {} cannot be written: {error}", file.display()));
        match room(error) {
            Some(help) => told.help(help),
            None => told,
        }
    }

    /// The plan that was approved is not the plan of today.
    pub fn stale_plan(hash: &str) -> Self {
        if hash.is_empty() {
            return CliError::not_run(
                "there is nothing to change: what was approved is carried out already, or is not needed",
            )
            .help("`sluss runs` shows when; `sluss plan` shows that nothing is left");
        }
        CliError::not_run(format!("the plan is no longer true: it is {hash} now; nothing was written"))
            .help("look at it with `sluss plan --out FILE`, and approve it with `sluss apply FILE`")
    }

    /// Something that cannot happen did.
    pub fn internal(error: impl Display) -> Self {
        CliError::not_run(format!("sluss itself failed: {error}")).help("please report this; nothing is lost")
    }
}

/// What to do about a full disk.
fn room(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded).then_some(FREE_ROOM)
}

const FREE_ROOM: &str = "free some room on the disk and run again: the next run goes on where this one stopped";

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let told = CliError::not_run(error.to_string());
        match error {
            StoreError::Newer { .. } => told.help(
                "a later version of sluss made it: use that version, or put back the file from before it was used",
            ),
            StoreError::Full => told.help(FREE_ROOM),
            StoreError::Disk(_) => {
                told.help("see whether the disk has room left, is sound, and may be written; nothing is lost")
            }
            StoreError::Damaged(_) | StoreError::Content(_) => {
                told.help("put back a copy of the state file, and remove the -wal and -shm files beside it")
            }
            StoreError::Open(..) => {
                told.help("see whether the folder is there and the user that runs sluss may write to it")
            }
            StoreError::Database(_) => told,
        }
    }
}

impl From<LockError> for CliError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Taken(_) => CliError::new(ErrorKind::Active, error.to_string())
                .help("wait until it is over; `sluss status` shows when the last one ended"),
            LockError::File(path, cause) => CliError::file(&path, &cause),
        }
    }
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        let kind = match fault.kind {
            FaultKind::Unavailable | FaultKind::Throttled | FaultKind::Auth => ErrorKind::Unavailable,
            _ => ErrorKind::NotRun,
        };
        let message = match &fault.place {
            Some(place) => format!("{place}: {}", fault.message),
            None => fault.message,
        };
        CliError::new(kind, message)
    }
}
