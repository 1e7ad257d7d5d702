//! What a connector says of itself, in the host's own words.
//!
//! The engine, the command line and the store ask a connector what it knows and wants; none of them should need to know
//! how the contract writes it.

use serde::Serialize;

/// The answer to `describe`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// Short, lower case, stable: `heroma`.
    pub id: String,
    /// The connector's own version.
    pub version: String,
    /// Who made it.
    pub vendor: String,
    /// What people call it.
    pub title: String,
    /// JSON Schema of its settings.
    pub settings_schema: serde_json::Value,
    /// What it wants to reach.
    pub connections: Vec<Want>,
    /// What it knows.
    pub classes: Vec<Class>,
    /// The most changes it takes in one `apply`; at least one.
    pub max_batch: u32,
    /// Whatever else it says.
    pub extra: Vec<(String, String)>,
}

impl Description {
    /// The class with this name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }
}

/// A connection that the connector wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Want {
    /// The settings key that holds the connection's name.
    pub setting: String,
    /// Which kind of connection.
    pub kind: ConnectionKind,
    /// What it wants to do with it.
    pub access: Access,
    /// For the operator: what it is used for.
    pub reason: String,
}

/// The kinds of connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionKind {
    /// A folder.
    Files,
    /// An HTTP service.
    Http,
    /// A directory.
    Ldap,
}

impl std::fmt::Display for ConnectionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ConnectionKind::Files => "files",
            ConnectionKind::Http => "http",
            ConnectionKind::Ldap => "ldap",
        })
    }
}

/// What may be done with a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Nothing is changed.
    #[default]
    Read,
    /// Reading, and changing.
    Write,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Write => "write",
        })
    }
}

/// A kind of object or record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// Whether others than the listed ones may be used as well.
    pub open: bool,
    /// What can be done with its objects.
    pub operations: Operations,
}

impl Class {
    /// The attribute with this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// What can be done with the objects of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// They can be read.
    pub read: bool,
    /// They can be made.
    pub create: bool,
    /// They can be changed.
    pub update: bool,
    /// They can be removed.
    pub remove: bool,
}

/// One attribute of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ValueKind,
    /// How it behaves.
    pub traits: Traits,
    /// For references: the class referred to.
    pub refers_to: Option<String>,
    /// For people.
    pub description: String,
}

/// The types of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// Text.
    Text,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// A calendar day.
    Date,
    /// A moment.
    Timestamp,
    /// Bytes.
    Binary,
    /// The id of another object.
    Reference,
}

/// How an attribute behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traits {
    /// An object cannot be without it.
    pub required: bool,
    /// It may hold several values.
    pub many: bool,
    /// No two objects share a value.
    pub unique: bool,
    /// The system computes it.
    pub read_only: bool,
    /// It is set once.
    pub create_only: bool,
    /// It cannot be read back.
    pub write_only: bool,
    /// It is never shown.
    pub sensitive: bool,
    /// Its values are the same whatever their order and case.
    pub case_ignore: bool,
}

/// What a connector found when it looked around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, and what to do.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// All is well.
    Info,
    /// It works, but somebody should look.
    Warning,
    /// It will not work.
    Failure,
}
