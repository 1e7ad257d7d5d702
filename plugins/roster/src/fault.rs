//! The faults of single records, and of documents.

use sluss_sdk::{Error, ErrorKind};
use sluss_xml::Halt;

/// A record that cannot be used.
pub fn of_record(id: &str, message: &str) -> Error {
    Error::invalid(message).object(id)
}

/// A document that cannot be used. What it is read from keeps its own words.
pub fn of_document(what: &str, halt: Halt) -> Error {
    match halt {
        Halt::Broken(broken) => Error {
            sent: true,
            ..Error::unavailable(format!("{what} cannot be used: {broken}; nothing is taken to be gone"))
        },
        Halt::Source(error) => Error::from(error),
    }
}

/// Whether asking for something else could go better.
pub fn concerns_everything(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Auth | ErrorKind::Permission | ErrorKind::Config | ErrorKind::Throttled)
}
