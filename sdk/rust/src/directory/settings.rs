//! What an operator may say about the classes of a directory.
//!
//! All of it has a default, so that a directory of the usual shape needs none of it.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How a class of objects is kept in the directory. For the classes `user` and `group` everything has a default; another
/// class needs `rdn` and `object-classes`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ClassSettings {
    /// Where new objects are put, relative to the base: `ou=people` for users and `ou=groups` for groups unless said
    /// otherwise; an empty text means right below the base.
    pub container: Option<String>,
    /// The attribute that names the entry: `uid` for users, `cn` for groups.
    pub rdn: Option<String>,
    /// The object classes that a new entry gets, and by which an entry of this class is known: `inetOrgPerson` for
    /// users, `groupOfNames` for groups.
    pub object_classes: Option<Vec<String>>,
    /// How an object is disabled. Users: the attribute `pwdAccountLockedTime` with the value `000001010000Z`.
    pub disable: Option<Disable>,
    /// The attribute that holds what the policy calls `member`. Groups: `member`.
    pub member_attribute: Option<String>,
    /// A name that stands in every group's member attribute, since `groupOfNames` and `groupOfUniqueNames` may not be
    /// without a member. It is hidden when the group is read. The base unless said otherwise; an empty text means none.
    pub empty_member: Option<String>,
    /// The kinds of attributes that are not text, where the connector does not know them by itself.
    pub kinds: BTreeMap<String, Kind>,
}

/// How an object is disabled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Disable {
    /// The attribute that says it.
    pub attribute: String,
    /// Its value in a disabled object.
    pub value: String,
    /// Its value in an enabled object; without it, an enabled object does not have the attribute.
    pub enabled: Option<String>,
}

/// The kind of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text.
    Text,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// A day, as generalized time.
    Date,
    /// A moment, as generalized time.
    Timestamp,
    /// Bytes.
    Binary,
    /// The name of another entry.
    Reference,
}
