//! The file itself: opened, brought up to date, and one transaction at a time.

use crate::schema;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// What can go wrong with the state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A later Sluss wrote the file.
    #[error("the state file is of version {found}, and this program knows versions up to {known}")]
    Newer {
        /// The file's version.
        found: usize,
        /// What this program can read.
        known: usize,
    },
    /// The disk is full, or a quota is reached.
    #[error("there is no room left for the state file")]
    Full,
    /// The disk cannot be written or read.
    #[error("the state file cannot be written or read: {0}")]
    Disk(String),
    /// The file is not a state file, or is damaged.
    #[error("the state file is damaged or no state file at all: {0}")]
    Damaged(String),
    /// The folder or file cannot be opened or written.
    #[error("the state file {0} cannot be opened: {1}")]
    Open(PathBuf, String),
    /// Anything else that SQLite says.
    #[error("the state file: {0}")]
    Database(rusqlite::Error),
    /// Something stored cannot be read back.
    #[error("the state file holds something unreadable: {0}")]
    Content(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => StoreError::Disk(error.to_string()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged(error.to_string()),
            _ => StoreError::Database(error),
        }
    }
}

impl From<postcard::Error> for StoreError {
    fn from(error: postcard::Error) -> Self {
        StoreError::Content(error.to_string())
    }
}

/// The state of one tenant.
pub struct Store {
    pub(crate) connection: Connection,
}

impl Store {
    /// Opens the state file, making or upgrading it if need be.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        private(path).map_err(|error| StoreError::Open(path.to_owned(), error.to_string()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)
            .map_err(|error| StoreError::Open(path.to_owned(), error.to_string()))?;
        connection.set_prepared_statement_cache_capacity(128);
        // Statements are planned once. Without this, SQLite plans some of them anew for every value they are given.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A write is journalled before it is sent: the journal must be on the disk by then, power cut or not.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        schema::migrate(&mut connection)?;
        Ok(Store { connection })
    }

    /// Begins a transaction. Everything until [`Store::commit`] or [`Store::roll_back`] is one step.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(())
    }

    /// Makes the step stand.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Undoes the step.
    pub fn roll_back(&mut self) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }

    /// How many rows were written since the file was opened.
    pub fn written(&self) -> u64 {
        self.connection.total_changes()
    }
}

/// The file holds identity numbers: only its owner may read it.
#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

/// The folder's own rights protect the file.
#[cfg(not(unix))]
fn private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Store, StoreError};
    use sluss_engine::key::Key;
    use sluss_engine::policy::MatchKey;
    use tempfile::TempDir;

    fn key(value: &str) -> Key {
        Key { kind: MatchKey::IdentityNumber, value: value.to_owned() }
    }

    #[test]
    #[allow(clippy::unwrap_used)]
    fn a_full_disk_says_so_and_takes_nothing_with_it() {
        let folder = TempDir::new().unwrap();
        let mut store = Store::open(&folder.path().join("state.db")).unwrap();
        let known = store.admit(&[key("known")]).unwrap();
        // The same answer as that of a disk without room: the file may not grow any further.
        let pages: u32 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        store.begin().unwrap();
        let full = (0..10_000).find_map(|number| store.admit(&[key(&number.to_string())]).err());
        assert!(matches!(full, Some(StoreError::Full)), "{full:?}");
        store.roll_back().unwrap();
        assert_eq!(store.person_by(&key("known")).unwrap(), Some(known));
        assert_eq!(store.person_by(&key("0")).unwrap(), None);
    }
}
