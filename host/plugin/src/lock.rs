//! `sluss.lock`: which plugins the operator accepted, byte for byte.
//!
//! A plugin that changed on the disk, or a newer one that wants more than its predecessor, does not run until somebody
//! said yes to it. The file is written by commands, read by people, and kept under version control with the rest of the
//! configuration.

use crate::audit::Capability;
use crate::description::Description;
use crate::plugin::Plugin;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The shape of the file that this host writes.
const FORMAT: u32 = 1;

const HEAD: &str =
    "# Written by `sluss plugin add` and `sluss plugin update`: which plugins run here, byte for byte.\n\n";

/// The plugins that may run, by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    format: u32,
    #[serde(default, rename = "plugin", skip_serializing_if = "BTreeMap::is_empty")]
    pins: BTreeMap<String, Pin>,
}

/// What was accepted of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Its version, for people.
    pub version: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// The id of the key that it was signed with, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The capabilities that it imports.
    pub capabilities: BTreeSet<Capability>,
    /// The connections that it wants: `files read`, `ldap write`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub wants: BTreeSet<String>,
}

impl Pin {
    /// What accepting this plugin means.
    pub fn new(plugin: &Plugin, description: &Description, key: Option<String>) -> Self {
        Pin {
            version: description.version.clone(),
            sha256: plugin.digest().to_owned(),
            contract: plugin.contract().to_owned(),
            key,
            capabilities: plugin.capabilities().iter().copied().collect(),
            wants: description.connections.iter().map(|want| format!("{} {}", want.kind, want.access)).collect(),
        }
    }

    /// What this one wants beyond another: `ldap`, `files write`.
    pub fn beyond(&self, other: &Pin) -> Vec<String> {
        let capabilities = self.capabilities.difference(&other.capabilities).map(ToString::to_string);
        capabilities.chain(self.wants.difference(&other.wants).cloned()).collect()
    }
}

/// Why a plugin may not run, or the file not be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Nobody accepted it.
    #[error(
        "the plugin {id} {version} is not in sluss.lock: look at it with `sluss plugin inspect FILE`, and accept it with `sluss plugin add FILE`"
    )]
    Unknown {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
    },
    /// The file is another one than was accepted.
    #[error(
        "the plugin {id} changed since it was accepted: sha256 {found} ({found_version}) instead of {pinned} ({pinned_version}){}; if that was meant, accept it with `sluss plugin update {id}`",
        more(wider)
    )]
    Changed {
        /// Its id.
        id: String,
        /// What was accepted.
        pinned: String,
        /// As that called itself.
        pinned_version: String,
        /// What is there.
        found: String,
        /// As this calls itself.
        found_version: String,
        /// What it wants beyond what was accepted.
        wider: Vec<String>,
    },
    /// The file is the same, and still wants more than was accepted.
    #[error("the plugin {id} {version} wants more than was accepted ({}); if that was meant, accept it with `sluss plugin update {id}`", wider.join(", "))]
    Wider {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// What it wants beyond what was accepted.
        wider: Vec<String>,
    },
    /// It is signed by somebody else, or no longer.
    #[error(
        "the plugin {id} {version} was accepted from {}, and comes from {}; if that was meant, accept it with `sluss plugin update {id}`",
        who(pinned),
        who(found)
    )]
    Publisher {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// The key that was accepted.
        pinned: Option<String>,
        /// The key that signed it.
        found: Option<String>,
    },
    /// A newer host wrote the file.
    #[error("{}: written by a newer sluss (format {format}, this one knows {FORMAT})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// It is not what a host writes.
    #[error("{}: {source}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: Box<toml::de::Error>,
    },
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn more(wider: &[String]) -> String {
    if wider.is_empty() { String::new() } else { format!(", and it wants more ({})", wider.join(", ")) }
}

fn who(key: &Option<String>) -> String {
    key.as_ref()
        .map_or_else(|| "nobody in particular (not signed)".to_owned(), |key| format!("the publisher with key {key}"))
}

impl Default for Lock {
    fn default() -> Self {
        Lock { format: FORMAT, pins: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads the file. One that is not there is an empty one.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lock::default()),
            Err(source) => return Err(LockError::File { path: path.to_owned(), source }),
        };
        // The format first: a newer file may hold what this host does not know.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let syntax = |source| LockError::Syntax { path: path.to_owned(), source: Box::new(source) };
        let Format { format } = toml::from_str(&text).map_err(syntax)?;
        if format > FORMAT {
            return Err(LockError::Newer { path: path.to_owned(), format });
        }
        toml::from_str(&text).map_err(syntax)
    }

    /// Writes the file in one step: whoever reads it sees the old or the new one.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let failed = |source| LockError::File { path: path.to_owned(), source };
        let body = toml::to_string(self).map_err(|error| failed(io::Error::other(error)))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".sluss.lock-").tempfile_in(folder).map_err(failed)?;
        file.write_all(HEAD.as_bytes()).and_then(|()| file.write_all(body.as_bytes())).map_err(failed)?;
        readable(file.as_file()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// What was accepted, by id.
    pub fn pins(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.pins.iter().map(|(id, pin)| (id.as_str(), pin))
    }

    /// What was accepted of one plugin.
    pub fn pin(&self, id: &str) -> Option<&Pin> {
        self.pins.get(id)
    }

    /// Accepts a plugin, in the place of whatever was accepted under this id.
    pub fn accept(&mut self, id: &str, pin: Pin) -> Option<Pin> {
        self.pins.insert(id.to_owned(), pin)
    }

    /// May this plugin run?
    pub fn verify(&self, id: &str, found: &Pin) -> Result<(), LockError> {
        let (id, version) = (id.to_owned(), found.version.clone());
        let Some(pin) = self.pins.get(&id) else { return Err(LockError::Unknown { id, version }) };
        let wider = found.beyond(pin);
        if pin.sha256 != found.sha256 {
            return Err(LockError::Changed {
                id,
                pinned: pin.sha256.clone(),
                pinned_version: pin.version.clone(),
                found: found.sha256.clone(),
                found_version: version,
                wider,
            });
        }
        if !wider.is_empty() {
            return Err(LockError::Wider { id, version, wider });
        }
        if pin.key.is_some() && pin.key != found.key {
            return Err(LockError::Publisher { id, version, pinned: pin.key.clone(), found: found.key.clone() });
        }
        Ok(())
    }
}

/// A file made for one's own use is for one's own eyes; this one is for everybody who may read the folder.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pin() -> Pin {
        Pin {
            version: "1.0.0".to_owned(),
            sha256: "a".repeat(64),
            contract: "0.1.0".to_owned(),
            key: Some("RWQ1".to_owned()),
            capabilities: [Capability::Log, Capability::Files].into(),
            wants: ["files read".to_owned()].into(),
        }
    }

    fn lock() -> Lock {
        let mut lock = Lock::default();
        lock.accept("heroma", pin());
        lock
    }

    #[test]
    fn what_was_accepted_may_run_and_less_may_too() {
        assert!(lock().verify("heroma", &pin()).is_ok());
        assert!(lock().verify("heroma", &Pin { wants: BTreeSet::new(), ..pin() }).is_ok());
    }

    #[test]
    fn a_refusal_names_the_command_that_accepts() {
        let unknown = lock().verify("ldap", &pin()).unwrap_err().to_string();
        assert!(unknown.contains("ldap 1.0.0 is not in sluss.lock") && unknown.ends_with("`sluss plugin add FILE`"));

        let changed = Pin { sha256: "b".repeat(64), version: "1.1.0".to_owned(), ..pin() };
        let said = lock().verify("heroma", &changed).unwrap_err().to_string();
        assert!(
            said.contains(&"b".repeat(64)) && said.contains(&"a".repeat(64)) && !said.contains("wants more"),
            "{said}"
        );
        assert!(said.ends_with("`sluss plugin update heroma`"), "{said}");

        let wants = BTreeSet::from(["files read".to_owned(), "files write".to_owned()]);
        let greedy = Pin { capabilities: [Capability::Files, Capability::Ldap].into(), wants, ..changed };
        let said = lock().verify("heroma", &greedy).unwrap_err().to_string();
        assert!(said.contains("wants more (ldap, files write)"), "{said}");

        let wider = Pin { sha256: pin().sha256, ..greedy };
        let said = lock().verify("heroma", &wider).unwrap_err().to_string();
        assert!(said.contains("(ldap, files write)") && said.ends_with("`sluss plugin update heroma`"), "{said}");

        let stranger = Pin { key: None, ..pin() };
        let said = lock().verify("heroma", &stranger).unwrap_err().to_string();
        assert!(said.contains("key RWQ1") && said.contains("not signed"), "{said}");
    }

    #[test]
    fn the_file_is_written_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sluss.lock");
        assert_eq!(Lock::read(&path).unwrap(), Lock::default());
        lock().write(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("[plugin.heroma]") && text.contains("capabilities = [\"log\", \"files\"]"), "{text}");
        assert_eq!(Lock::read(&path).unwrap(), lock());
        Lock::default().write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap(), Lock::default());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sluss.lock");
        for (text, words) in [
            ("format = 1\n[plugin.x]\nversion = 1", "line 3"),
            ("format = 2\n[other]\n", "written by a newer sluss (format 2, this one knows 1)"),
            ("format = 1\nplugins = 1\n", "unknown field `plugins`"),
            ("<<<<<<< HEAD\nformat = 1\n", "line 1"),
        ] {
            fs::write(&path, text).unwrap();
            let said = Lock::read(&path).unwrap_err().to_string();
            assert!(said.contains(words) && said.contains("sluss.lock"), "{said}");
        }
    }
}
