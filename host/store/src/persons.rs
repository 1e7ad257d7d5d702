//! Persons, the keys that they are known by, and the day on which each is to be decided again.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::key::Key;
use sluss_engine::person::PersonId;
use sluss_engine::policy::MatchKey;

/// The day that never comes.
pub const NEVER: i32 = i32::MAX;

/// The stage of somebody who turned out to be somebody else.
pub(crate) const MERGED: &str = "merged";

/// What is remembered of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// The day on which to decide again.
    pub next: i32,
    /// The stage.
    pub stage: &'a str,
    /// The manager.
    pub manager: Option<PersonId>,
    /// Whether nothing of the person may be shown.
    pub protected: bool,
    /// What the person looks like.
    pub hint: Option<i64>,
}

impl Store {
    /// The person known by a key.
    pub fn person_by(&self, key: &Key) -> Result<Option<PersonId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT person FROM person_key WHERE kind = ? AND value = ?")?;
        Ok(statement.query_row([key.kind.word(), &key.value], |row| row.get(0)).optional()?.map(PersonId))
    }

    /// Everybody who is known by this number, also where it is unique only within an organisation.
    pub fn numbered(&self, canonical: &str) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT person FROM person_key
             WHERE kind = ?1 AND (value = ?2 OR substr(value, -length(?2) - 1) = '/' || ?2)",
        )?;
        let rows = statement.query_map([MatchKey::IdentityNumber.word(), canonical], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether there is such a person.
    pub fn is_person(&self, person: PersonId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM person WHERE id = ?)")?;
        Ok(statement.query_row([person.0], |row| row.get(0))?)
    }

    /// Admits a person, known by these keys.
    pub fn admit(&mut self, keys: &[Key]) -> Result<PersonId, StoreError> {
        self.connection.prepare_cached("INSERT INTO person (wake, next, stage) VALUES (0, 0, 'known')")?.execute([])?;
        let person = PersonId(self.connection.last_insert_rowid().cast_unsigned());
        keys.iter().try_for_each(|key| self.rekey(person, key))?;
        Ok(person)
    }

    /// The keys of a kind that a person is known by.
    pub fn keys_of(&self, person: PersonId, kind: MatchKey) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM person_key WHERE person = ? AND kind = ? ORDER BY value")?;
        let rows = statement.query_map(params![person.0, kind.word()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Has a person decided again in this run or, if it breaks off, in the next.
    pub fn wake(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE person SET wake = 0 WHERE id = ? AND wake <> 0 AND stage <> ?")?
            .execute(params![person.0, MERGED])?;
        Ok(())
    }

    /// Notes at once that nothing of the person may be shown, whatever the next decision says.
    pub fn protect(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE person SET protected = 1 WHERE id = ? AND protected = 0")?
            .execute([person.0])?;
        Ok(())
    }

    /// Has everybody decided again.
    pub fn wake_all(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE person SET wake = 0 WHERE wake <> 0 AND stage <> ?", [MERGED])?;
        Ok(())
    }

    /// Everybody, in the order in which they were admitted.
    pub fn everybody(&self) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM person WHERE stage <> ? ORDER BY id")?;
        let rows = statement.query_map([MERGED], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who is to be decided on `day`, in the order in which they were admitted.
    pub fn awake(&self, day: i32) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM person WHERE wake <= ? ORDER BY id")?;
        let rows = statement.query_map([day], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes what was decided. The person stays awake until [`Store::settle_all`].
    pub fn decided(&mut self, person: PersonId, decided: &Decided<'_>) -> Result<(), StoreError> {
        let Decided { next, stage, manager, protected, hint } = decided;
        self.connection
            .prepare_cached(
                "UPDATE person SET wake = 0, next = ?, stage = ?, manager = ?, protected = ?, hint = ? WHERE id = ?",
            )?
            .execute(params![next, stage, manager.map(|manager| manager.0), protected, hint, person.0])?;
        Ok(())
    }

    /// Whether nothing of the person may be shown, as of the last decision.
    pub fn is_protected(&self, person: PersonId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT protected FROM person WHERE id = ?")?;
        Ok(statement.query_row([person.0], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// Something could not be done for the person: decide again on `day`.
    pub fn retry_person(&mut self, person: PersonId, day: i32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE person SET wake = min(next, ?) WHERE id = ?")?
            .execute(params![day, person.0])?;
        Ok(())
    }

    /// The manager noted when the person was last decided.
    pub fn manager_of(&self, person: PersonId) -> Result<Option<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT manager FROM person WHERE id = ?")?;
        let found: Option<Option<u64>> = statement.query_row([person.0], |row| row.get(0)).optional()?;
        Ok(found.flatten().map(PersonId))
    }

    /// Whose manager this person was when they were last decided.
    pub fn managed_by(&self, manager: PersonId) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM person WHERE manager = ? ORDER BY id")?;
        let rows = statement.query_map([manager.0], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Has a person known by one more key.
    pub fn rekey(&mut self, person: PersonId, key: &Key) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO person_key (kind, value, person) VALUES (?, ?, ?)")?
            .execute(params![key.kind.word(), key.value, person.0])?;
        self.met(key)
    }

    /// Has a key that somebody is known by be another person's.
    pub fn give_key(&mut self, key: &Key, person: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE person_key SET person = ? WHERE kind = ? AND value = ?")?
            .execute(params![person.0, key.kind.word(), key.value])?;
        self.met(key)
    }

    /// Everything that was decided is so in the targets: everybody sleeps until the noted day.
    pub fn settle_all(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE person SET wake = next WHERE wake = 0", [])?;
        Ok(())
    }

    /// Has `person` decided again as soon as somebody is known by this key.
    pub fn miss(&mut self, person: PersonId, key: &Key) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO unknown (kind, value, person) VALUES (?, ?, ?)")?
            .execute(params![key.kind.word(), key.value, person.0])?;
        Ok(())
    }

    /// Somebody is known by this key now: who waited for that is decided again.
    fn met(&mut self, key: &Key) -> Result<(), StoreError> {
        let mut statement =
            self.connection.prepare_cached("DELETE FROM unknown WHERE kind = ? AND value = ? RETURNING person")?;
        let rows = statement.query_map([key.kind.word(), &key.value], |row| row.get(0).map(PersonId))?;
        let waiting: Vec<PersonId> = rows.collect::<Result<_, _>>()?;
        drop(statement);
        waiting.into_iter().try_for_each(|person| self.wake(person))
    }

    /// The first day on which somebody is to be decided again.
    pub fn next_wake(&self) -> Result<Option<i32>, StoreError> {
        Ok(self.connection.query_row("SELECT min(wake) FROM person", [], |row| row.get(0))?)
    }

    /// How many persons there are at each stage.
    pub fn stages(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT stage, count(*) FROM person WHERE stage <> ? GROUP BY stage ORDER BY stage")?;
        let rows = statement.query_map([MERGED], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Has `person` decided again as soon as `awaited` has an account.
    pub fn wait(&mut self, person: PersonId, awaited: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO waiting (awaited, person) VALUES (?, ?)")?
            .execute(params![awaited.0, person.0])?;
        Ok(())
    }

    /// Who waited for this person's account; they wait no longer.
    pub fn waited(&mut self, awaited: PersonId) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached("DELETE FROM waiting WHERE awaited = ? RETURNING person")?;
        let rows = statement.query_map([awaited.0], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
