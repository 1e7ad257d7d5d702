//! The tables, and how an older file becomes one of today. Each step stands for ever: a file of any earlier version is
//! brought up step by step, in one transaction.

use crate::StoreError;
use rusqlite::Connection;

/// What each version added. The file's version is the number of steps taken.
const STEPS: [&str; 1] = [include_str!("schema/1.sql")];

/// Brings the file up to date.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == STEPS.len() {
        return Ok(());
    }
    if version > STEPS.len() {
        return Err(StoreError::Newer { found: version, known: STEPS.len() });
    }
    let transaction = connection.transaction()?;
    for step in &STEPS[version..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()?;
    Ok(())
}
