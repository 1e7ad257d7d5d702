#![doc = include_str!("../README.md")]

pub mod bindings;
pub mod calendar;
pub mod describe;
pub mod directory;
pub mod error;
pub mod export;
pub mod files;
pub mod http;
pub mod ldap;
pub mod log;
#[cfg(not(target_family = "wasm"))]
pub mod memory;
pub mod page;
pub mod passwords;
pub mod role;
pub mod value;
pub mod vocabulary;

pub use bindings::capabilities::sluss::connector::types::{
    Attribute, Cell, Cursor, Date, Error, ErrorKind, Object, Page, Place, Rest, Row, Value,
};
pub use bindings::changes::exports::sluss::connector::changes::{Answer, Batch};
pub use bindings::connector::exports::sluss::connector::connector::{
    Access, AttributeInfo, AttributeTraits, CheckResult, ClassInfo, ClassOperations, ConnectionKind, ConnectionWant,
    Description, Severity, ValueKind,
};
pub use bindings::fingerprints::exports::sluss::connector::fingerprints::{Fingerprint, Marks, Selection};
pub use bindings::register::exports::sluss::connector::register::Finding;
pub use bindings::target::exports::sluss::connector::target::{
    Applied, Change, Edit, Modification, Operation, Outcome, Update,
};
pub use role::{Changes, Connector, Fingerprints, Register, Source, Target};

pub use schemars;
pub use serde;

/// The vendors' guide, whose code is compiled with the library's own tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/vendor.md")]
pub mod guide {}
