//! Where texts go: results to standard output, everything else to standard error.
//!
//! A reader who has seen enough and closes the pipe is no error. Colours are dropped by the stream itself where nobody
//! would see them.

use super::error;
use crate::error::CliError;
use serde::Serialize;
use std::io::{self, ErrorKind, Write as _};

/// How much is shown, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// JSON instead of text.
    pub json: bool,
    /// No progress and no messages but errors.
    pub quiet: bool,
    /// Long lists in full.
    pub verbose: bool,
}

impl Screen {
    /// Shows a result: as JSON, or as the text that is made of it.
    pub fn result<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), CliError> {
        if !self.json {
            return put(&text(value));
        }
        let mut json = serde_json::to_string_pretty(value).map_err(CliError::internal)?;
        json.push('\n');
        put(&json)
    }

    /// Tells what happened, where no result is.
    pub fn message(&self, text: &str) {
        if !self.quiet && !self.json {
            // Nobody is left to be told that nobody can be told.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Tells an error; with `--json`, where results go. Returns the exit code.
    pub fn error(&self, told: &CliError) -> u8 {
        if self.json {
            let _ = self.result(&error::Told::new(told), |_| String::new());
        } else {
            let _ = write!(anstream::stderr(), "{}", error::text(told));
        }
        told.kind.code()
    }
}

/// Writes to standard output.
fn put(text: &str) -> Result<(), CliError> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(lost(&error)),
        _ => Ok(()),
    }
}

fn lost(error: &io::Error) -> CliError {
    CliError::not_run(format!("the result could not be written to standard output: {error}"))
        .help("what was done is done; `sluss status` and `sluss runs` show it")
}
