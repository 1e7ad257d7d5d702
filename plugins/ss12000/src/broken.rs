//! Why an answer of the service cannot be used.

/// What is wrong. It quotes nothing of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Objects in objects, without an end.
    #[error("its parts are nested too deeply")]
    Depth,
    /// A text that is longer than any name or address.
    #[error("one of its texts is far too long")]
    Text,
    /// More than fits into one page.
    #[error("it has far too many parts")]
    Size,
    /// It is no JSON, or ends in the middle.
    #[error("it is not JSON, or was cut off")]
    Syntax,
    /// Something else than SS 12000 gives.
    #[error("it is not of the shape that SS 12000 gives it")]
    Shape,
}
