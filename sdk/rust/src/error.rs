//! Making errors: a kind, a message for the operator, and what it is about.
//!
//! Every function of a connector answers with the contract's own error record, so that the host can decide what to do;
//! these constructors make saying it as short as a `format!`.

use crate::{Error, ErrorKind, Place};
use std::io;

impl Error {
    /// An error of a kind with a message for the operator: what happened, to which thing, what to do. The message holds no
    /// identity number and no secret.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            code: None,
            retry_after_ms: None,
            object: None,
            attribute: None,
            place: None,
            sent: false,
        }
    }

    /// The settings are wrong, or ask for what cannot be.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Who we are was not accepted.
    pub fn auth(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Auth, message)
    }

    /// We are known, but may not do this.
    pub fn permission(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Permission, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// There is such a thing already.
    pub fn already_exists(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::AlreadyExists, message)
    }

    /// The object changed since it was read.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// This object or value is not acceptable and will not become so.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Later, and not before this many milliseconds have passed.
    pub fn throttled(message: impl Into<String>, retry_after_ms: u32) -> Self {
        Error { retry_after_ms: Some(retry_after_ms), ..Self::new(ErrorKind::Throttled, message) }
    }

    /// The system cannot be reached or is out of order.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The system or the connector cannot do this at all.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// A fault of the connector itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The error of a class that the connector does not have.
    pub fn unknown_class(class: &str) -> Self {
        Self::unsupported(format!("There is no class `{class}` here"))
    }

    /// Names the object or record that it is about.
    #[must_use]
    pub fn object(mut self, id: impl Into<String>) -> Self {
        self.object = Some(id.into());
        self
    }

    /// Names the attribute that it is about.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>) -> Self {
        self.attribute = Some(name.into());
        self
    }

    /// Gives the system's own code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Says where in which file.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

impl Place {
    /// A file, as the operator knows it.
    pub fn file(name: impl Into<String>) -> Self {
        Place { file: name.into(), line: None, column: None }
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The column, from 1.
    #[must_use]
    pub fn column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }
}

/// Finds the contract's error again that went through a reader's `io::Error`.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(inner) => inner,
            Err(other) => Error::unavailable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builder_fills_what_it_names_and_nothing_else() {
        let error =
            Error::invalid("bad").object("7").attribute("mail").code("19").at(Place::file("a.csv").line(3).column(9));
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert_eq!(error.object.as_deref(), Some("7"));
        assert_eq!(error.place, Some(Place { file: "a.csv".into(), line: Some(3), column: Some(9) }));
        assert!(!error.sent && error.retry_after_ms.is_none());
    }

    #[test]
    fn an_error_survives_the_way_through_a_reader() {
        let inner = Error::permission("no");
        assert_eq!(Error::from(io::Error::other(inner.clone())), inner);
        assert_eq!(Error::from(io::Error::other("disk")).kind, ErrorKind::Unavailable);
    }
}
