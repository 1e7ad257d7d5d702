//! Keeps compiled plugins, and loads one only if it is byte for byte what the sandbox put there.
//!
//! Compiled code runs outside of any sandbox, and the runtime takes it on trust. Beside each compiled file stands its
//! digest; a file that does not fit it, or fits another plugin, is as good as none and is compiled again.

use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The folder of compiled plugins.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// Of the engine that compiles and loads.
    compatibility: String,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It cannot be made, read or written.
    #[error("the folder {} for compiled plugins: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever can write there can run code as this host.
    #[error("the folder {} for compiled plugins may be written by anyone; take that right away (chmod o-w)", .0.display())]
    Open(PathBuf),
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, compatibility: String) -> Result<Self, CacheError> {
        let failed = |source| CacheError::Folder { folder: folder.clone(), source };
        make_private(&folder).map_err(failed)?;
        if open_to_anyone(&folder).map_err(failed)? {
            return Err(CacheError::Open(folder));
        }
        Ok(Cache { folder, compatibility })
    }

    /// The compiled plugin, if it is there and whole.
    pub(crate) fn load(&self, engine: &Engine, sha256: &str) -> Option<Component> {
        let compiled = self.compiled(sha256);
        let digest = digest(&compiled).ok()?;
        let said = fs::read_to_string(self.digest(sha256)).ok()?;
        if said != statement(sha256, &digest) {
            tracing::warn!(plugin = sha256, "a compiled plugin was changed on the disk; it is compiled again");
            return None;
        }
        deserialize(engine, &compiled)
            .inspect_err(|error| tracing::debug!(plugin = sha256, %error, "a compiled plugin does not fit this host"))
            .ok()
    }

    /// Puts what the compiler made in its place, and forgets what another engine made of the same plugin.
    pub(crate) fn keep(&self, sha256: &str, compiled: tempfile::NamedTempFile) -> Result<(), CacheError> {
        let failed = |source| CacheError::Folder { folder: self.folder.clone(), source };
        let found = digest(compiled.path()).map_err(failed)?;
        let mut said = self.temporary()?;
        said.write_all(statement(sha256, &found).as_bytes()).map_err(failed)?;
        compiled.persist(self.compiled(sha256)).map_err(|error| failed(error.error))?;
        said.persist(self.digest(sha256)).map_err(|error| failed(error.error))?;
        self.forget_others(sha256);
        Ok(())
    }

    /// A file in the same folder, so that it can be put in place in one step.
    pub(crate) fn temporary(&self) -> Result<tempfile::NamedTempFile, CacheError> {
        tempfile::Builder::new()
            .prefix("new-")
            .tempfile_in(&self.folder)
            .map_err(|source| CacheError::Folder { folder: self.folder.clone(), source })
    }

    fn compiled(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}-{}.cwasm", self.compatibility))
    }

    fn digest(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}-{}.digest", self.compatibility))
    }

    fn forget_others(&self, sha256: &str) {
        let current = format!("{sha256}-{}.", self.compatibility);
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&format!("{sha256}-"))
                && !name.starts_with(&current)
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::debug!(file = %name, %error, "an outdated compiled plugin stays");
            }
        }
    }
}

/// The SHA-256 of a plugin, in hexadecimal: what it is pinned by.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes))
}

/// The same of a file.
pub fn sha256_of(mut file: fs::File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut file, &mut hasher)?;
    Ok(hexadecimal(hasher.finalize()))
}

fn hexadecimal(digest: impl IntoIterator<Item = u8>) -> String {
    use std::fmt::Write as _;
    digest.into_iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}

fn statement(sha256: &str, compiled: &blake3::Hash) -> String {
    format!("sluss compiled plugin 1\nwasm sha256 {sha256}\ncompiled blake3 {compiled}\n")
}

fn digest(compiled: &Path) -> io::Result<blake3::Hash> {
    Ok(blake3::Hasher::new().update_reader(fs::File::open(compiled)?)?.finalize())
}

/// The file is mapped, not read: a language's runtime is tens of megabytes, of which a run touches few. Where code may
/// not be mapped from a file (a disk that is mounted `noexec`), it is copied into memory.
#[allow(unsafe_code)]
fn deserialize(engine: &Engine, compiled: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file fits the digest that `keep` wrote for what this host's own compiler made, in a folder that is not
    // open to others. `keep` puts another file in its place and never writes into it, so what is mapped stays as it is.
    // Whoever may write in the folder could write another digest as well. Code for another engine is refused by the
    // call itself.
    unsafe { Component::deserialize_file(engine, compiled) }.or_else(|error| {
        tracing::debug!(%error, "a compiled plugin cannot be mapped; it is read");
        // SAFETY: as above.
        unsafe { Component::deserialize(engine, fs::read(compiled)?) }
    })
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn open_to_anyone(folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(folder)?.permissions().mode() & 0o002 != 0)
}

/// On Windows a folder inherits who may write it, and a service's own folders are not open to others.
#[cfg(not(unix))]
fn open_to_anyone(folder: &Path) -> io::Result<bool> {
    fs::metadata(folder).map(|_| false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::{compatibility, engine};

    fn kept() -> (tempfile::TempDir, Engine, Cache, String) {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine().unwrap();
        let cache = Cache::new(folder.path().join("compiled"), compatibility(&engine)).unwrap();
        let wasm = wat::parse_str("(component)").unwrap();
        let sha256 = sha256(&wasm);
        let mut file = cache.temporary().unwrap();
        file.write_all(&engine.precompile_component(&wasm).unwrap()).unwrap();
        cache.keep(&sha256, file).unwrap();
        (folder, engine, cache, sha256)
    }

    #[test]
    fn what_was_kept_is_loaded() {
        let (_folder, engine, cache, sha256) = kept();
        assert!(cache.load(&engine, &sha256).is_some());
        assert!(cache.load(&engine, &"0".repeat(64)).is_none());
    }

    #[test]
    fn a_single_changed_bit_is_noticed_anywhere() {
        let (_folder, engine, cache, sha256) = kept();
        let path = cache.compiled(&sha256);
        let whole = fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(cache.load(&engine, &sha256).is_none(), "byte {at}");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(cache.load(&engine, &sha256).is_none());
        fs::write(&path, whole).unwrap();
        assert!(cache.load(&engine, &sha256).is_some());
    }

    #[test]
    fn a_file_of_another_plugin_or_without_its_digest_is_none() {
        let (_folder, engine, cache, sha256) = kept();
        let other = "f".repeat(64);
        fs::copy(cache.compiled(&sha256), cache.compiled(&other)).unwrap();
        assert!(cache.load(&engine, &other).is_none());
        fs::copy(cache.digest(&sha256), cache.digest(&other)).unwrap();
        assert!(cache.load(&engine, &other).is_none());
        fs::remove_file(cache.digest(&sha256)).unwrap();
        assert!(cache.load(&engine, &sha256).is_none());
    }

    #[test]
    fn code_of_another_engine_is_none_and_is_forgotten() {
        let (_folder, engine, cache, sha256) = kept();
        let foreign = Cache { folder: cache.folder.clone(), compatibility: "0123456789abcdef".to_owned() };
        let mut file = foreign.temporary().unwrap();
        let plain = Engine::new(wasmtime::Config::new().concurrency_support(false)).unwrap();
        file.write_all(
            &plain
                .precompile_component(b"(component)")
                .unwrap_or_else(|_| plain.precompile_component(&wat::parse_str("(component)").unwrap()).unwrap()),
        )
        .unwrap();
        foreign.keep(&sha256, file).unwrap();
        assert!(foreign.load(&engine, &sha256).is_none());
        assert!(!cache.compiled(&sha256).exists() && !cache.digest(&sha256).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_anyone_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Cache::new(folder.path().to_owned(), "x".to_owned()), Err(CacheError::Open(_))));
        let made = folder.path().join("a/b");
        Cache::new(made.clone(), "x".to_owned()).unwrap();
        assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
