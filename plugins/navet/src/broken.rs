//! Why an answer of the register, or a file, cannot be used.

/// What is wrong. It quotes nothing of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Letters that are written otherwise than was said.
    #[error("its letters are not written as it says")]
    Letters,
    /// A document type, which could hold anything.
    #[error("it has a document type, which no answer of the register has")]
    DocumentType,
    /// An entity of the document's own.
    #[error("it uses an entity that XML does not have by itself")]
    Entity,
    /// Elements in elements, without an end.
    #[error("its parts are nested too deeply")]
    Depth,
    /// A text that is longer than any name or address.
    #[error("one of its texts is far too long")]
    Text,
    /// More than the register gives at once.
    #[error("it is far too long")]
    Size,
    /// It does not follow the rules of its own format, or ends in the middle.
    #[error("it is damaged, or was cut off")]
    Syntax,
    /// Something else than was asked for.
    #[error("it is something else than the register's data")]
    Kind,
}
