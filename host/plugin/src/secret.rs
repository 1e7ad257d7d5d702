//! Secrets: where they come from, and a type that gives them away to nobody by accident.
//!
//! The configuration only says where a secret is kept, so that it can be shown, compared and put under version control.
//! The value is read when a connection is made, lives on the host's side alone, and is wiped when it is let go.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// More than any password, token or key needs; a longer file is a mistake.
const MAX_LENGTH: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretSource {
    /// In a variable of the host's environment.
    Env(String),
    /// In a file.
    File(PathBuf),
}

impl SecretSource {
    /// Takes a relative path as relative to the folder in which the configuration stands.
    pub fn settle_in(&mut self, folder: &Path) {
        if let SecretSource::File(path) = self {
            *path = folder.join(&path);
        }
    }

    /// Reads the secret.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let value = match self {
            SecretSource::Env(name) => match std::env::var(name) {
                Ok(value) => value,
                Err(std::env::VarError::NotPresent) => return Err(SecretError::NoVariable(name.clone())),
                Err(std::env::VarError::NotUnicode(_)) => return Err(SecretError::NotText(self.clone())),
            },
            SecretSource::File(path) => self.read(path)?,
        };
        if value.is_empty() {
            return Err(SecretError::Empty(self.clone()));
        }
        Ok(Secret::new(value))
    }

    fn read(&self, path: &Path) -> Result<String, SecretError> {
        let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_LENGTH {
            return Err(SecretError::TooLong(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let mut value = String::from_utf8(bytes).map_err(|_| SecretError::NotText(self.clone()))?;
        // Editors and `echo` end a file with a line break that is not meant.
        if value.ends_with('\n') {
            value.pop();
            if value.ends_with('\r') {
                value.pop();
            }
        }
        Ok(value)
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Env(name) => write!(f, "the environment variable {name}"),
            SecretSource::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

/// Why a secret could not be had. It names the place, never what is there.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set: set it where the host is started, or name a file instead")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("the secret file {} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is far too long to be a secret.
    #[error("the secret file {} is longer than {MAX_LENGTH} bytes: is it the right file?", .0.display())]
    TooLong(PathBuf),
    /// It is not UTF-8.
    #[error("{0} does not hold UTF-8 text")]
    NotText(SecretSource),
    /// There is nothing in it.
    #[error("{0} is empty")]
    Empty(SecretSource),
}

/// A secret. It prints as `***` and is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value into keeping.
    pub fn new(value: String) -> Self {
        Secret(SecretString::from(value))
    }

    /// The value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        password: SecretSource,
    }

    fn source(folder: &Path, text: &str) -> SecretSource {
        let mut source = toml::from_str::<Holder>(text).unwrap().password;
        source.settle_in(folder);
        source
    }

    #[test]
    fn a_secret_prints_as_stars() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_file_is_found_beside_the_configuration_and_loses_its_last_line_break() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), "s3cret\r\n").unwrap();
        let secret = source(folder.path(), "password = { file = 'pw' }").resolve().unwrap();
        assert_eq!(secret.expose(), "s3cret");
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = source(folder.path(), "password = { env = 'SLUSS_TEST_NOT_SET' }").resolve().unwrap_err();
        assert!(missing.to_string().contains("SLUSS_TEST_NOT_SET is not set"), "{missing}");
        let missing = source(folder.path(), "password = { file = 'nowhere' }").resolve().unwrap_err();
        assert!(missing.to_string().contains("nowhere cannot be read"), "{missing}");
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let empty = source(folder.path(), "password = { file = 'empty' }").resolve().unwrap_err();
        assert!(empty.to_string().ends_with("empty is empty"), "{empty}");
    }

    #[test]
    fn a_secret_in_the_configuration_itself_is_refused() {
        assert!(toml::from_str::<Holder>("password = 'hunter2'").is_err());
        assert!(toml::from_str::<Holder>("password = { env = 'A', file = 'b' }").is_err());
    }
}
