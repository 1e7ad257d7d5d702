//! What first passwords are made of, until somebody was shown them. The passwords themselves are nowhere.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// What the first password of an account is made of: as it is kept, or this from now on.
    pub fn salt(&mut self, object: u64, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.connection
            .prepare_cached("INSERT INTO first_password (object, salt) VALUES (?, ?) ON CONFLICT DO NOTHING")?
            .execute(params![object, fresh])?;
        Ok(self.kept_salt(object)?.unwrap_or_default())
    }

    /// What the first password of an account is made of, if nobody was shown it yet.
    pub fn kept_salt(&self, object: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT salt FROM first_password WHERE object = ?")?;
        Ok(statement.query_row([object], |row| row.get(0)).optional()?)
    }

    /// Forgets what the first password of an account is made of. Nobody can tell it any more.
    pub fn drop_salt(&mut self, object: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM first_password WHERE object = ?")?.execute([object])?;
        Ok(())
    }
}
