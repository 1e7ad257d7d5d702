//! How targets were looked at as a whole, and what to ask them with for what changed since then.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};

/// The last whole look at a class of a target, with what has changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The day on which it was read as a whole.
    pub day: i32,
    /// What to ask with for what changed since it was last asked.
    pub token: Vec<u8>,
}

impl Store {
    /// The last whole look that a reader took at a class of a target.
    pub fn look(&self, target: &str, class: &str, reader: &str) -> Result<Option<Look>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT day, token FROM look WHERE target = ? AND class = ? AND reader = ?")?;
        Ok(statement
            .query_row([target, class, reader], |row| Ok(Look { day: row.get(0)?, token: row.get(1)? }))
            .optional()?)
    }

    /// Notes a look at a class of a target, in the place of an earlier one.
    pub fn looked(&mut self, target: &str, class: &str, reader: &str, look: &Look) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO look (target, class, reader, day, token) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![target, class, reader, look.day, look.token])?;
        Ok(())
    }

    /// An object of a target is ours from now on. Its names are no longer those of somebody else; and what happened to it
    /// while it was nobody's is found by the next whole look.
    pub fn own(&mut self, target: &str, class: &str, remote: &str) -> Result<(), StoreError> {
        self.unmeet(target, class, remote)?;
        self.overlook(target, class)
    }

    /// Forgets the look at a class of a target.
    pub fn overlook(&mut self, target: &str, class: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM look WHERE target = ? AND class = ?")?.execute([target, class])?;
        Ok(())
    }
}
