//! What an operator writes about a directory in `sluss.toml`.

use crate::description::Access;
use crate::secret::SecretSource;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Whether writes may travel as transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transactions {
    /// Never: each write by itself, many at a time.
    #[default]
    Never,
    /// Where the server offers them and there is enough to write. Many times faster on a server that puts every commit
    /// on the disk, but OpenLDAP 2.5 was seen to crash on them and to damage its database when one is refused.
    Auto,
}

/// A named connection to a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LdapConfig {
    /// `ldaps://host[:port]` or `ldap://host[:port]`.
    pub url: String,
    /// Encrypts an `ldap://` connection before anything else is said.
    #[serde(default)]
    pub start_tls: bool,
    /// A PEM file with the certificates of the authorities to trust, instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Who the host logs in as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind_dn: Option<String>,
    /// With which password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// Nothing outside of this name is read or written.
    pub base: String,
    /// What may be done there.
    #[serde(default)]
    pub access: Access,
    /// Seconds to wait for a connection, and for the next answer while any are outstanding.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
    /// How many requests may be under way at once.
    #[serde(default = "default_pipeline")]
    pub pipeline: usize,
    /// Whether writes may travel as transactions.
    #[serde(default)]
    pub transactions: Transactions,
    /// Attributes that no plugin reads; a `*` at the end stands for anything.
    #[serde(default = "default_deny")]
    pub deny_read: Vec<String>,
    /// Attributes that no plugin writes.
    #[serde(default = "default_deny")]
    pub deny_write: Vec<String>,
    /// Lets the password travel where everyone on the way can read it.
    #[serde(default)]
    pub allow_clear_text: bool,
}

impl LdapConfig {
    /// Takes relative paths as relative to the folder in which the configuration stands.
    pub fn settle_in(&mut self, folder: &Path) {
        if let Some(ca) = &mut self.ca {
            *ca = folder.join(&ca);
        }
        if let Some(password) = &mut self.password {
            password.settle_in(folder);
        }
    }
}

fn default_timeout() -> u64 {
    30
}

fn default_pipeline() -> usize {
    64
}

fn default_deny() -> Vec<String> {
    [
        "userPassword",
        "authPassword",
        "pwdHistory",
        "unicodePwd",
        "ms-Mcs-AdmPwd*",
        "msLAPS-*",
        "sambaLMPassword",
        "sambaNTPassword",
        "krbPrincipalKey",
    ]
    .map(str::to_owned)
    .to_vec()
}
