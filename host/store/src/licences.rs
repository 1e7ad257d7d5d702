//! Which licences of its ladders an account has.

use crate::{Store, StoreError};
use rusqlite::params;

impl Store {
    /// The licences that an account has, each with the attribute that holds it.
    pub fn licences_of(&self, account: u64) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT attribute, sku FROM licence WHERE object = ? ORDER BY attribute, sku")?;
        let rows = statement.query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether any account has any.
    pub fn has_licences(&self) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM licence)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Notes that an account has a licence.
    pub fn license(&mut self, account: u64, attribute: &str, sku: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO licence (object, attribute, sku) VALUES (?, ?, ?)")?
            .execute(params![account, attribute, sku])?;
        Ok(())
    }

    /// Notes that an account has a licence no longer.
    pub fn unlicense(&mut self, account: u64, attribute: &str, sku: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM licence WHERE object = ? AND attribute = ? AND sku = ?")?
            .execute(params![account, attribute, sku])?;
        Ok(())
    }

    /// How many licences the accounts of a target have.
    pub fn licences(&self, target: &str) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM licence WHERE (SELECT target FROM object WHERE object.id = licence.object) = ?",
        )?;
        Ok(statement.query_row([target], |row| row.get(0))?)
    }

    /// Notes that an object is there no longer.
    pub(crate) fn drop_licences(&mut self, object: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM licence WHERE object = ?")?.execute([object])?;
        Ok(())
    }
}
