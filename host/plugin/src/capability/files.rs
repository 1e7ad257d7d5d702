//! Files in folders that the operator granted.
//!
//! Every name is opened below the folder's own handle, so that no `..`, absolute path or symbolic link leads out of it,
//! and whoever renames a directory meanwhile gains nothing. What is said to be on the disk is on the disk.

use crate::description::Access;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use serde::{Deserialize, Serialize};
use sluss_engine::fault::{Fault, FaultKind};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

/// The most bytes that one read gives.
pub const CHUNK: u32 = 4 * 1024 * 1024;

/// The most files that one folder may have to be listed.
const MOST_ENTRIES: usize = 100_000;

/// The longest name that is looked at.
const LONGEST_NAME: usize = 1024;

/// A granted folder, as it stands in `sluss.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FilesConfig {
    /// The folder.
    pub path: PathBuf,
    /// What may be done there.
    #[serde(default)]
    pub access: Access,
}

/// What is known of a file without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// Relative to the folder.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub modified: i64,
}

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    connection: String,
    dir: Dir,
    /// The file that is being read in pieces: it stays the same one even if its name is given to another meanwhile.
    reading: Mutex<Option<(String, File)>>,
}

impl Folder {
    /// Opens the folder of a connection.
    pub fn open(connection: &str, config: &FilesConfig) -> Result<Self, Fault> {
        let dir = Dir::open_ambient_dir(&config.path, ambient_authority()).map_err(|error| {
            let kind = match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => FaultKind::Config,
                ErrorKind::PermissionDenied => FaultKind::Permission,
                _ => FaultKind::Unavailable,
            };
            let path = config.path.display();
            Fault::new(kind, format!("the folder {path} of connection \"{connection}\" cannot be opened: {error}"))
        })?;
        Ok(Folder { connection: connection.to_owned(), dir, reading: Mutex::new(None) })
    }

    /// The files directly in the folder, by name.
    pub fn entries(&self) -> Result<Vec<Info>, Fault> {
        let failed = |error| self.fault("its list of files", &error);
        let mut entries = Vec::new();
        for entry in self.dir.entries().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                tracing::warn!(connection = %self.connection, "a file whose name is not UTF-8 is left out");
                continue;
            };
            // A link out of the folder, or one that leads nowhere, is no file here.
            let Some(info) = self.look(&name)? else { continue };
            if entries.len() == MOST_ENTRIES {
                let message =
                    format!("the folder of connection \"{}\" has more than {MOST_ENTRIES} files", self.connection);
                return Err(Fault::new(FaultKind::Unsupported, message));
            }
            entries.push(info);
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// What is known of one file; none where there is none.
    pub fn stat(&self, name: &str) -> Result<Option<Info>, Fault> {
        self.check(name)?;
        match self.dir.metadata(name) {
            Ok(metadata) if metadata.is_file() => self.info(name, &metadata).map(Some),
            Ok(_) => Err(self.no_file(name)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.fault(name, &error)),
        }
    }

    /// A digest of the whole content.
    pub fn digest(&self, name: &str) -> Result<String, Fault> {
        let mut hasher = blake3::Hasher::new();
        let file = self.file(name)?;
        hasher.update_reader(file).map_err(|error| self.fault(name, &error))?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// At most `max` bytes, and at most [`CHUNK`], from `offset`; nothing behind the end.
    pub fn read(&self, name: &str, offset: u64, max: u32) -> Result<Vec<u8>, Fault> {
        self.check(name)?;
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *reading {
            Some((open, file)) if open == name && offset > 0 => file,
            other => &mut other.insert((name.to_owned(), self.file(name)?)).1,
        };
        let failed = |error| self.fault(name, &error);
        let size = file.metadata().map_err(failed)?.len();
        let left = size.saturating_sub(offset).min(u64::from(max.min(CHUNK)));
        // At most CHUNK, which every machine can count.
        let mut content = Vec::with_capacity(left as usize);
        if left > 0 {
            file.seek(SeekFrom::Start(offset)).map_err(failed)?;
            file.take(left).read_to_end(&mut content).map_err(failed)?;
        }
        if offset + content.len() as u64 >= size {
            *reading = None;
        }
        Ok(content)
    }

    /// Makes or empties the file and writes the content.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Fault> {
        self.check(name)?;
        self.close();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = self.open_to_write(name, &options)?;
        file.write_all(content).map_err(|error| sent(self.fault(name, &error)))
    }

    /// Writes at the end of the file, and returns when it is on the disk. If that fails, the file is as it was.
    pub fn append(&self, name: &str, content: &[u8]) -> Result<(), Fault> {
        self.check(name)?;
        self.close();
        let is_new = self.look(name)?.is_none();
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut file = self.open_to_write(name, &options)?;
        let before = file.metadata().map_err(|error| self.fault(name, &error))?.len();
        let written = file.write_all(content).and_then(|()| file.sync_all());
        let written = written.and_then(|()| if is_new { self.sync_folder(name) } else { Ok(()) });
        written.map_err(|error| {
            let fault = self.fault(name, &error);
            match file.set_len(before) {
                Ok(()) => fault,
                Err(_) => sent(fault),
            }
        })
    }

    /// Puts a file in the place of another in one step, after making sure that it is on the disk.
    pub fn rename(&self, name: &str, to: &str) -> Result<(), Fault> {
        self.check(name)?;
        self.check(to)?;
        self.close();
        // A handle that may write is what every system lets flush.
        let file = self.open_to_write(name, OpenOptions::new().write(true))?;
        file.sync_all().map_err(|error| self.fault(name, &error))?;
        drop(file);
        self.dir.rename(name, &self.dir, to).map_err(|error| self.fault(to, &error))?;
        self.sync_folder(to).map_err(|error| sent(self.fault(to, &error)))
    }

    /// Removes the file.
    pub fn remove(&self, name: &str) -> Result<(), Fault> {
        self.check(name)?;
        self.close();
        self.dir.remove_file(name).map_err(|error| self.fault(name, &error))?;
        self.sync_folder(name).map_err(|error| sent(self.fault(name, &error)))
    }

    fn open_to_write(&self, name: &str, options: &OpenOptions) -> Result<File, Fault> {
        match self.dir.metadata(name) {
            Ok(metadata) if !metadata.is_file() => return Err(self.no_file(name)),
            _ => {}
        }
        self.dir.open_with(name, options).map_err(|error| self.fault(name, &error))
    }

    fn file(&self, name: &str) -> Result<File, Fault> {
        self.check(name)?;
        // A pipe or device would hold up whoever opens it.
        let metadata = self.dir.metadata(name).map_err(|error| self.fault(name, &error))?;
        if !metadata.is_file() {
            return Err(self.no_file(name));
        }
        self.dir.open(name).map_err(|error| self.fault(name, &error))
    }

    /// Like [`Folder::stat`], but what is not a readable file is none.
    fn look(&self, name: &str) -> Result<Option<Info>, Fault> {
        match self.dir.metadata(name) {
            Ok(metadata) if metadata.is_file() => self.info(name, &metadata).map(Some),
            _ => Ok(None),
        }
    }

    fn info(&self, name: &str, metadata: &cap_std::fs::Metadata) -> Result<Info, Fault> {
        let modified = metadata.modified().map_err(|error| self.fault(name, &error))?.into_std();
        let milliseconds = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let modified = match modified.duration_since(UNIX_EPOCH) {
            Ok(since) => milliseconds(since),
            Err(before) => -milliseconds(before.duration()),
        };
        Ok(Info { name: name.to_owned(), size: metadata.len(), modified })
    }

    /// Makes sure that the folder's list of names is on the disk.
    #[cfg(unix)]
    fn sync_folder(&self, name: &str) -> io::Result<()> {
        let parent = Path::new(name).parent().filter(|parent| !parent.as_os_str().is_empty());
        self.dir.open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Windows writes names through by itself, and lets nobody flush a folder.
    #[cfg(not(unix))]
    fn sync_folder(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn close(&self) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Refuses by its looks what could never be a name in the folder, with a better reason than the system would give.
    fn check(&self, name: &str) -> Result<(), Fault> {
        let strange = name.is_empty()
            || name.len() > LONGEST_NAME
            || name.chars().any(char::is_control)
            || (cfg!(windows) && name.contains([':', '\\']));
        if strange {
            let message = format!("not a file name in the folder of connection \"{}\"", self.connection);
            return Err(Fault::new(FaultKind::Invalid, message));
        }
        if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) && !name.ends_with('/') {
            Ok(())
        } else {
            Err(self.outside(name))
        }
    }

    fn outside(&self, name: &str) -> Fault {
        let message = format!("`{name}` leads out of the folder of connection \"{}\"", self.connection);
        Fault::new(FaultKind::Permission, message)
    }

    fn no_file(&self, name: &str) -> Fault {
        let message = format!("`{name}` in the folder of connection \"{}\" is not a file", self.connection);
        Fault::new(FaultKind::Invalid, message)
    }

    fn fault(&self, name: &str, error: &io::Error) -> Fault {
        let kind = match error.kind() {
            _ if is_missing(error) => FaultKind::NotFound,
            ErrorKind::PermissionDenied if error.raw_os_error().is_none() => return self.outside(name),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FaultKind::Permission,
            ErrorKind::AlreadyExists => FaultKind::AlreadyExists,
            ErrorKind::InvalidInput | ErrorKind::InvalidFilename | ErrorKind::IsADirectory => FaultKind::Invalid,
            _ => FaultKind::Unavailable,
        };
        let mut fault =
            Fault::new(kind, format!("`{name}` in the folder of connection \"{}\": {error}", self.connection));
        fault.code = error.raw_os_error().map(|code| code.to_string());
        fault
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn sent(mut fault: Fault) -> Fault {
    fault.sent = true;
    fault
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
