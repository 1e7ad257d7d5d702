//! What is asked of a directory and what it answers, as plain types.
//!
//! They have the shape of the contract's `ldap` interface, and know neither WebAssembly nor the client library.

use sluss_engine::fault::Fault;

/// How far below its base a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only the base itself.
    Base,
    /// Only what is directly below it.
    One,
    /// The base and everything below it.
    Subtree,
}

/// An attribute with its values as the protocol has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, with options where there are any.
    pub name: String,
    /// Its values, in no order.
    pub values: Vec<Vec<u8>>,
    /// Whether every value is a password of the host's own making, which may be written where a plugin may write none.
    pub is_password: bool,
}

impl std::fmt::Debug for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Attribute");
        shown.field("name", &self.name);
        match self.is_password {
            true => shown.field("values", &"***"),
            false => shown.field("values", &self.values),
        };
        shown.finish_non_exhaustive()
    }
}

/// An entry as the server gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub dn: String,
    /// What was asked for and is there.
    pub attributes: Vec<Attribute>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where to look.
    pub base: String,
    /// How far.
    pub scope: Scope,
    /// The filter, by RFC 4515.
    pub filter: String,
    /// What to give; `*` and `+` stand for all user and all operational attributes.
    pub attributes: Vec<String>,
    /// Whether names in the answer come with what lies behind them: `<GUID=…>;<SID=…>;CN=…`.
    pub with_guids: bool,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// What was found.
    pub entries: Vec<Entry>,
    /// What to go on with.
    pub next: Option<Vec<u8>>,
}

/// What changed since somebody last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// What changed; of what is gone, only that it is.
    pub entries: Vec<Entry>,
    /// What to ask with next time.
    pub next: Vec<u8>,
    /// Whether there is more already.
    pub more: bool,
}

/// How a modification changes its attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// These values as well.
    Add,
    /// Without these values; without the whole attribute where none are named.
    Remove,
    /// Exactly these values.
    Replace,
}

/// A change of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modification {
    /// How.
    pub edit: Edit,
    /// Which attribute, and the values.
    pub attribute: Attribute,
}

/// What a write does to its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Makes it.
    Add(Vec<Attribute>),
    /// Changes it.
    Modify(Vec<Modification>),
    /// Gives it another name.
    Rename {
        /// Its new relative name.
        rdn: String,
        /// Its new parent, where it also moves.
        parent: Option<String>,
    },
    /// Removes it, and nothing below it.
    Remove,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The change that it carries out.
    pub change: u64,
    /// The entry.
    pub dn: String,
    /// What is done to it.
    pub operation: Operation,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was certainly not carried out.
    Refused(Fault),
    /// There was no answer: it may have been carried out.
    Unknown(Fault),
}
