//! The tables, and how an older file becomes one of today. Each step stands for ever: a file of any earlier version is
//! brought up step by step, in one transaction.

use crate::StoreError;
use rusqlite::Connection;

/// What each version added. The file's version is the number of steps taken.
const STEPS: [&str; 5] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
];

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{STEPS, migrate};
    use rusqlite::Connection;

    #[test]
    fn a_file_of_every_earlier_version_is_brought_up() {
        let today = |connection: &Connection| -> Vec<(String, String)> {
            let mut statement =
                connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
        };
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        for version in 1..STEPS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for step in &STEPS[..version] {
                old.execute_batch(step).unwrap();
            }
            old.pragma_update(None, "user_version", version).unwrap();
            old.execute("INSERT INTO setting VALUES ('kept', 'so')", []).unwrap();
            migrate(&mut old).unwrap();
            assert_eq!(today(&old), today(&new), "from version {version}");
            let kept: String = old.query_row("SELECT value FROM setting", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, "so");
        }
    }
}
