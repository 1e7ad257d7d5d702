//! One run at a time. The lock is the operating system's own, on a file beside the state: it ends with the process,
//! however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run has it.
    #[error("another run is active{}", if .0.is_empty() { String::new() } else { format!(" ({})", .0) })]
    Taken(String),
    /// The file cannot be used.
    #[error("the lock file {0} cannot be used: {1}")]
    File(PathBuf, std::io::Error),
}

impl Lock {
    /// Takes the lock, or says who has it. `who` is written into the file for others to read.
    pub fn take(state: &Path, who: &str) -> Result<Self, LockError> {
        // Beside the state, and under its whole name: `sluss.db.lock` is nobody else's, as `sluss.lock` would be.
        let mut path = state.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let fail = |error| LockError::File(path.clone(), error);
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // On Windows the locked bytes cannot be read: then nobody is named.
                let _ = file.read_to_string(&mut holder);
                return Err(LockError::Taken(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{who}")).map_err(fail)?;
        Ok(Lock { _file: file })
    }
}
