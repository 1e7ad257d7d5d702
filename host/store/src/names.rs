//! The ledger of names on disk. Nothing is ever taken out of it.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::ledger::{Held, Ledger, Owner};
use sluss_engine::person::PersonId;

impl Ledger for Store {
    type Error = StoreError;

    fn held(&self, person: PersonId, kind: &str) -> Result<Option<Held>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, renew FROM name WHERE person = ? AND kind = ? AND state = 'held'")?;
        Ok(statement
            .query_row(params![person.0, kind], |row| Ok(Held { name: row.get(0)?, renew: row.get(1)? }))
            .optional()?)
    }

    fn owner(&self, kind: &str, name: &str) -> Result<Owner, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT person, state FROM name WHERE kind = ? AND folded = ?")?;
        let found: Option<(Option<u64>, String)> =
            statement.query_row([kind, &fold(name)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(match found {
            None => Owner::Free,
            Some((_, state)) if state == "foreign" => Owner::Foreign,
            Some((Some(person), _)) => Owner::Person(PersonId(person)),
            Some((None, _)) => Owner::Foreign,
        })
    }

    fn hold(&mut self, person: PersonId, kind: &str, held: &Held) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE name SET state = 'retired' WHERE person = ? AND kind = ? AND state = 'held'")?
            .execute(params![person.0, kind])?;
        // A person may get back what was once the person's own; anybody else's name is never overwritten.
        let taken = self
            .connection
            .prepare_cached(
                "INSERT INTO name (kind, folded, name, person, state, renew) VALUES (?1, ?2, ?3, ?4, 'held', ?5)
                 ON CONFLICT (kind, folded) DO UPDATE SET name = ?3, state = 'held', renew = ?5 WHERE person = ?4",
            )?
            .execute(params![kind, fold(&held.name), held.name, person.0, held.renew])?;
        if taken == 1 { Ok(()) } else { Err(StoreError::Content(format!("the {kind} `{}` has an owner", held.name))) }
    }
}

impl Store {
    /// Notes that a name is taken in a target by something that is not ours. Whoever held it needs another.
    pub fn foreign(&mut self, kind: &str, name: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO name (kind, folded, name, person, state, renew) VALUES (?1, ?2, ?3, NULL, 'foreign', '')
                 ON CONFLICT (kind, folded) DO UPDATE SET state = 'foreign', person = NULL",
            )?
            .execute(params![kind, fold(name), name])?;
        Ok(())
    }

    /// Every name that a person holds or held: kind, name, and whether it is held now.
    pub fn names_of(&self, person: PersonId) -> Result<Vec<(String, String, bool)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, name, state = 'held' FROM name WHERE person = ? ORDER BY kind, state, name",
        )?;
        let rows = statement.query_map([person.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The persons who hold or held a name, of whatever kind.
    pub fn named(&self, name: &str) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT DISTINCT person FROM name WHERE folded = ? AND person IS NOT NULL")?;
        let rows = statement.query_map([fold(name)], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Directories compare names without regard to case.
fn fold(name: &str) -> String {
    name.to_lowercase()
}
