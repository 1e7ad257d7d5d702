//! Why a document cannot be used.

use std::io;

/// What is wrong with a document. It quotes nothing of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Letters that are written otherwise than was said.
    #[error("its letters are not written as it says")]
    Letters,
    /// A document type, which could hold anything.
    #[error("it has a document type, which nothing that is read here has")]
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
    /// More than is ever said at once.
    #[error("it, or one record of it, is far too long")]
    Size,
    /// It does not follow the rules of its own format, or ends in the middle.
    #[error("it is damaged, or was cut off")]
    Syntax,
    /// Something else than was asked for.
    #[error("it is something else than what was asked for")]
    Kind,
}

/// Why reading stopped: the document is broken, or what it is read from failed.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The document.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// What it is read from.
    #[error(transparent)]
    Source(#[from] io::Error),
}

impl Halt {
    /// What is wrong with a document that was in memory, where nothing else can fail.
    pub fn broken(self) -> Broken {
        match self {
            Halt::Broken(broken) => broken,
            Halt::Source(_) => Broken::Syntax,
        }
    }
}
