//! The ledger of names on disk. Nothing is ever taken out of it; only what other objects of a target are called, which is
//! kept beside it, follows the target.

use crate::{Store, StoreError};
use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, params};
use sluss_engine::ledger::{Held, Ledger, Owner, Retired};
use sluss_engine::person::PersonId;

/// The day from which days are counted.
const EPOCH: Date = Date::constant(1970, 1, 1);

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
            None if self.is_foreign(kind, name)? => Owner::Foreign,
            None => Owner::Free,
            Some((_, state)) if state == "foreign" => Owner::Foreign,
            Some((Some(person), _)) => Owner::Person(PersonId(person)),
            Some((None, _)) => Owner::Foreign,
        })
    }

    fn retired(&self, person: PersonId, kind: &str, after: Date) -> Result<Vec<Retired>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name, renew, retired FROM name WHERE person = ? AND kind = ? AND state = 'retired' AND retired > ?
             ORDER BY retired DESC, folded",
        )?;
        let rows = statement.query_map(params![person.0, kind, number(after)], |row| {
            Ok(Retired { name: row.get(0)?, renew: row.get(1)?, day: date(row.get(2)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn hold(&mut self, person: PersonId, kind: &str, held: &Held, day: Date) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE name SET state = 'retired', retired = ? WHERE person = ? AND kind = ? AND state = 'held'",
            )?
            .execute(params![number(day), person.0, kind])?;
        // A person may get back what was once the person's own; anybody else's name is never overwritten.
        let taken = self
            .connection
            .prepare_cached(
                "INSERT INTO name (kind, folded, name, person, state, renew) VALUES (?1, ?2, ?3, ?4, 'held', ?5)
                 ON CONFLICT (kind, folded) DO UPDATE SET name = ?3, state = 'held', renew = ?5, retired = NULL
                 WHERE person = ?4",
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

    /// Whether an object of a target that is not ours has this name.
    fn is_foreign(&self, kind: &str, name: &str) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM foreign_name WHERE kind = ? AND folded = ?)")?;
        Ok(statement.query_row([kind, &fold(name)], |row| row.get(0))?)
    }

    /// Notes that an object of a target that is not ours has a name. The number of what was noted.
    pub fn meet(&mut self, target: &str, class: &str, remote: &str, kind: &str, name: &str) -> Result<u64, StoreError> {
        let values = [target, class, remote, kind, &fold(name)];
        let known: Option<u64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM foreign_name WHERE target = ? AND class = ? AND remote = ? AND kind = ? AND folded = ?",
            )?
            .query_row(values, |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        self.connection
            .prepare_cached("INSERT INTO foreign_name (target, class, remote, kind, folded) VALUES (?, ?, ?, ?, ?)")?
            .execute(values)?;
        Ok(self.connection.last_insert_rowid().cast_unsigned())
    }

    /// The classes that have objects with such names.
    pub fn foreign_classes(&self, target: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT DISTINCT class FROM foreign_name WHERE target = ? ORDER BY class")?;
        let rows = statement.query_map([target], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers of the names that objects of a class have which are not ours.
    pub fn foreign_names(&self, target: &str, class: &str) -> Result<Vec<u64>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM foreign_name WHERE target = ? AND class = ?")?;
        let rows = statement.query_map([target, class], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets a name that no such object has any longer.
    pub fn part_with(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM foreign_name WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// Forgets the names of an object of a target that is not ours: it is gone, or about to be looked at anew.
    pub fn unmeet(&mut self, target: &str, class: &str, remote: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM foreign_name WHERE target = ? AND class = ? AND remote = ?")?
            .execute([target, class, remote])?;
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

/// A day as it is counted here.
fn number(day: Date) -> i32 {
    EPOCH.until(day).map_or(i32::MAX, |span| span.get_days())
}

/// The day that is counted so.
fn date(number: i32) -> Date {
    EPOCH.saturating_add(number.days())
}

/// Directories compare names without regard to case.
fn fold(name: &str) -> String {
    name.to_lowercase()
}
