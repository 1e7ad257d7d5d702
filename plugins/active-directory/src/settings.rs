//! What an operator may say about the domain. All but the connection has a default.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::directory::Kind;
use std::collections::BTreeMap;

/// Which domain it is, and how accounts and groups are kept in it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the LDAP connection. Its `base` is the entry below which everything stands: the domain, or one of its
    /// organisational units.
    pub connection: String,
    /// How a new account gets its first password.
    #[serde(default)]
    pub password: FirstPassword,
    /// Whether whoever gets a first password has to choose another one at the first login.
    #[serde(default = "yes")]
    pub must_change: bool,
    /// Whether Sluss writes what belongs to Exchange.
    #[serde(default)]
    pub exchange: Exchange,
    /// How the two classes of objects are kept.
    #[serde(default)]
    pub classes: Classes,
}

/// How a new account gets its first password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPassword {
    /// With the request that makes the account.
    #[default]
    Add,
    /// With a request of its own: the account is made closed, gets its password, and is opened then.
    Modify,
    /// Somebody else sees to it.
    None,
}

/// Whether Sluss writes what belongs to Exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exchange {
    /// It does not: Microsoft supports nothing but Exchange's own tools for that.
    #[default]
    None,
    /// It makes accounts whose mailbox is in Exchange Online. Microsoft does not support that.
    Hybrid,
}

/// How the two classes of objects are kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Classes {
    /// Accounts.
    pub user: ClassSettings,
    /// Groups.
    pub group: ClassSettings,
}

/// How a class of objects is kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ClassSettings {
    /// Where new objects are put, relative to the base: `OU=People` for users and `OU=Groups` for groups unless said
    /// otherwise; an empty text means right below the base. Organisational units that are missing are made.
    pub container: Option<String>,
    /// The attribute whose value names the entry (its `CN`): `cn` where the policy gives one, and `sAMAccountName`
    /// otherwise. No two entries of a container have the same name.
    pub rdn: Option<String>,
    /// The kinds of attributes that are not text, where the connector does not know them by itself.
    pub kinds: BTreeMap<String, Kind>,
}

fn yes() -> bool {
    true
}
