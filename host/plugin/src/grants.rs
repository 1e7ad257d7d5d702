//! What the operator allows a system to reach, and the one judge of it.
//!
//! A connector names a connection; the operator wrote down what that is and whom it is granted. Every capability asks
//! here before it does anything, and a refusal says which line of the configuration would allow it.

use crate::capability::files::FilesConfig;
use crate::capability::http::HttpConfig;
use crate::capability::ldap::LdapConfig;
use crate::description::{Access, ConnectionKind};
use crate::secret::SecretSource;
use serde::Deserialize;
use sluss_engine::fault::{Fault, FaultKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Whether a connector may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The host refuses every write, whoever asks.
    Preview,
    /// Writes are carried out, where they are granted.
    Commit,
}

/// One `[connection.NAME]` of `sluss.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Connection {
    /// A folder.
    Files(FilesConfig),
    /// A web service.
    Http(Box<HttpConfig>),
    /// A directory.
    Ldap(LdapConfig),
}

impl Connection {
    /// Which kind it is.
    pub fn kind(&self) -> ConnectionKind {
        match self {
            Connection::Files(_) => ConnectionKind::Files,
            Connection::Http(_) => ConnectionKind::Http,
            Connection::Ldap(_) => ConnectionKind::Ldap,
        }
    }

    /// What may be done with it.
    pub fn access(&self) -> Access {
        match self {
            Connection::Files(files) => files.access,
            Connection::Http(http) => http.access,
            Connection::Ldap(ldap) => ldap.access,
        }
    }

    /// Where it leads to: the same text means the same folder, service or part of a directory.
    pub fn place(&self) -> String {
        match self {
            Connection::Files(files) => files.path.display().to_string(),
            Connection::Http(http) => http.url.to_string(),
            Connection::Ldap(ldap) => format!("{} {}", ldap.url, ldap.base),
        }
    }

    /// Takes relative paths as relative to the folder in which the configuration stands.
    pub fn settle_in(&mut self, folder: &Path) {
        match self {
            Connection::Files(files) => files.path = folder.join(&files.path),
            Connection::Http(http) => http.settle_in(folder),
            Connection::Ldap(ldap) => ldap.settle_in(folder),
        }
    }

    fn secrets(&self) -> Vec<&SecretSource> {
        match self {
            Connection::Files(_) => Vec::new(),
            Connection::Http(http) => http.secrets().collect(),
            Connection::Ldap(ldap) => ldap.password.iter().collect(),
        }
    }
}

/// The connections that one system is granted, by name.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    connections: BTreeMap<String, Connection>,
}

impl FromIterator<(String, Connection)> for Grants {
    fn from_iter<I: IntoIterator<Item = (String, Connection)>>(granted: I) -> Self {
        Grants { connections: granted.into_iter().collect() }
    }
}

impl Grants {
    /// The granted connections.
    pub fn connections(&self) -> impl Iterator<Item = (&str, &Connection)> {
        self.connections.iter().map(|(name, connection)| (name.as_str(), connection))
    }

    /// The secrets of these connections, so that they can be struck out of whatever a plugin says. One that cannot be
    /// had now is not known to any server either.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let sources = self.connections.values().flat_map(Connection::secrets);
        sources.filter_map(|source| source.resolve().ok()).map(|secret| secret.expose().to_owned()).collect()
    }

    /// May this system use that connection for this? If so, here it is.
    pub fn judge(&self, system: &str, name: &str, kind: ConnectionKind, access: Access) -> Result<&Connection, Fault> {
        let Some(connection) = self.connections.get(name) else {
            let message = format!(
                "{system} wants to {access} the {kind} connection \"{name}\", which it is not granted: add \"{name}\" to grant of [system.{system}]"
            );
            return Err(Fault::new(FaultKind::Permission, message));
        };
        if connection.kind() != kind {
            let is = connection.kind();
            let message = format!(
                "{system} wants to use the connection \"{name}\" for {kind}, and it is for {is}: name another in [system.{system}.settings], or write kind = \"{kind}\" in [connection.{name}]"
            );
            return Err(Fault::new(FaultKind::Permission, message));
        }
        if connection.access() < access {
            let message = format!(
                "{system} wants to {access} the connection \"{name}\", which is granted for reading only: write access = \"{access}\" in [connection.{name}]"
            );
            return Err(Fault::new(FaultKind::Permission, message));
        }
        Ok(connection)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn connection(text: &str) -> Connection {
        toml::from_str(text).unwrap()
    }

    fn grants() -> Grants {
        Grants::from_iter([
            ("in".to_owned(), connection("kind = \"files\"\npath = \"in\"")),
            ("out".to_owned(), connection("kind = \"files\"\npath = \"/out\"\naccess = \"write\"")),
        ])
    }

    #[test]
    fn what_is_granted_is_allowed() {
        let grants = grants();
        assert!(grants.judge("heroma", "in", ConnectionKind::Files, Access::Read).is_ok());
        assert!(grants.judge("heroma", "out", ConnectionKind::Files, Access::Read).is_ok());
        assert!(grants.judge("heroma", "out", ConnectionKind::Files, Access::Write).is_ok());
    }

    #[test]
    fn a_refusal_ends_with_the_line_that_would_allow_it() {
        let grants = grants();
        for (name, kind, access, end) in [
            ("payroll", ConnectionKind::Files, Access::Read, "add \"payroll\" to grant of [system.heroma]"),
            ("in", ConnectionKind::Files, Access::Write, "write access = \"write\" in [connection.in]"),
            ("in", ConnectionKind::Ldap, Access::Read, "write kind = \"ldap\" in [connection.in]"),
        ] {
            let fault = grants.judge("heroma", name, kind, access).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Permission);
            assert!(fault.message.ends_with(end), "{fault}");
        }
    }

    #[test]
    fn relative_paths_are_relative_to_the_configuration() {
        let mut relative = connection("kind = \"files\"\npath = \"in\"");
        relative.settle_in(Path::new("/etc/sluss"));
        let Connection::Files(files) = relative else { panic!("still a folder") };
        assert_eq!(files.path, Path::new("/etc/sluss/in"));
    }

    #[test]
    fn every_kind_of_connection_is_read_and_gives_up_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "hush\n").unwrap();
        let texts = [
            (
                "kind = \"ldap\"\nurl = \"ldaps://d\"\nbase = \"dc=x\"\npassword = { file = \"secret\" }",
                ConnectionKind::Ldap,
            ),
            (
                "kind = \"http\"\nurl = \"https://s\"\naccess = \"write\"\nauth.bearer.token.file = \"secret\"",
                ConnectionKind::Http,
            ),
            (
                "kind = \"http\"\nurl = \"https://s\"\naccess = \"write\"\nsecret-headers.x-key.file = \"secret\"",
                ConnectionKind::Http,
            ),
        ];
        for (text, kind) in texts {
            let mut connection = connection(text);
            connection.settle_in(folder.path());
            let grants = Grants::from_iter([("c".to_owned(), connection)]);
            assert!(grants.judge("system", "c", kind, Access::Read).is_ok());
            assert_eq!(grants.judge("system", "c", kind, Access::Write).is_ok(), kind == ConnectionKind::Http);
            assert_eq!(grants.secrets(), ["hush"]);
        }
    }

    #[test]
    fn unknown_keys_and_kinds_are_refused() {
        for (text, word) in [
            ("kind = \"files\"\npath = \"x\"\nacess = \"write\"", "acess"),
            ("kind = \"ftp\"\npath = \"x\"", "ftp"),
            ("path = \"x\"", "kind"),
            ("kind = \"files\"", "path"),
        ] {
            let error = toml::from_str::<Connection>(text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
