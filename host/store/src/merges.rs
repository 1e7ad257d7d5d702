//! Persons that turned out to be one, and persons that only look like it. Every merge is remembered with what it moved,
//! so that it can be undone.

use crate::persons::{MERGED, NEVER};
use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::person::PersonId;

/// Two persons that became one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its number.
    pub id: u64,
    /// When.
    pub at: String,
    /// Who said so: a register, or a human.
    pub by: String,
    /// The person that is no more.
    pub gone: PersonId,
    /// The person that both are now.
    pub kept: PersonId,
    /// When they were parted again.
    pub undone: Option<String>,
}

/// Keys as kind and value.
type Keys = Vec<(String, String)>;

impl Store {
    /// Persons that look like this, but for `person`.
    pub fn alike(&self, person: PersonId, hint: i64) -> Result<Vec<PersonId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM person WHERE hint = ? AND id <> ? ORDER BY id")?;
        let rows = statement.query_map(params![hint, person.0], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that two persons are two.
    pub fn part(&mut self, a: PersonId, b: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO apart (low, high) VALUES (?, ?)")?
            .execute([a.0.min(b.0), a.0.max(b.0)])?;
        Ok(())
    }

    /// Whether somebody said that two persons are two.
    pub fn are_apart(&self, a: PersonId, b: PersonId) -> Result<bool, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM apart WHERE low = ? AND high = ?)")?;
        Ok(statement.query_row([a.0.min(b.0), a.0.max(b.0)], |row| row.get(0))?)
    }

    /// Gives everything that is known of one person to another, and has both decided again. An account stays with the one
    /// that nobody speaks of any more, and is closed there.
    pub fn merge(&mut self, gone: PersonId, kept: PersonId, at: &str, by: &str) -> Result<u64, StoreError> {
        let keys = self.moved_keys(gone, kept)?;
        let mut statement =
            self.connection.prepare_cached("UPDATE record SET person = ? WHERE person = ? RETURNING id")?;
        let records: Vec<u64> = statement.query_map([kept.0, gone.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        let apart = self.part_from_all(gone, kept)?;
        let packed = (postcard::to_stdvec(&keys)?, postcard::to_stdvec(&records)?, postcard::to_stdvec(&apart)?);
        self.connection.execute(
            "INSERT INTO merge (at, by, gone, kept, keys, records, apart) VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![at, by, gone.0, kept.0, packed.0, packed.1, packed.2],
        )?;
        let id = self.connection.last_insert_rowid().cast_unsigned();
        self.connection.execute(
            "UPDATE person SET protected = 1 WHERE id = ? AND (SELECT protected FROM person WHERE id = ?)",
            [kept.0, gone.0],
        )?;
        self.connection
            .execute("DELETE FROM parked WHERE scope IN ('match', 'person') AND id = ?", [gone.0.to_string()])?;
        self.wake_managed(gone, kept)?;
        self.wake(kept)?;
        self.connection.execute("UPDATE person SET hint = NULL WHERE id = ?", [gone.0])?;
        if self.accounts_of(gone)?.is_empty() {
            // The id is never given to another.
            self.connection.execute(
                "UPDATE person SET wake = ?1, next = ?1, stage = ?2 WHERE id = ?3",
                params![NEVER, MERGED, gone.0],
            )?;
        } else {
            self.wake(gone)?;
        }
        Ok(id)
    }

    /// Whoever is known to be somebody else than the one is somebody else than both. Returns who was not told apart from
    /// `kept` before.
    fn part_from_all(&mut self, gone: PersonId, kept: PersonId) -> Result<Vec<u64>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT low + high - ?1 FROM apart WHERE ?1 IN (low, high) AND ?2 NOT IN (low, high)")?;
        let others: Vec<u64> = statement.query_map([gone.0, kept.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        let mut new = Vec::new();
        for other in others {
            if !self.are_apart(kept, PersonId(other))? {
                self.part(kept, PersonId(other))?;
                new.push(other);
            }
        }
        Ok(new)
    }

    /// Whoever has one of two as manager, or waits for that one's account, is decided again.
    fn wake_managed(&mut self, gone: PersonId, kept: PersonId) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE person SET wake = 0 WHERE stage <> ?3
             AND (manager IN (?1, ?2) OR id IN (SELECT person FROM waiting WHERE awaited = ?1))",
            params![gone.0, kept.0, MERGED],
        )?;
        self.connection.execute("DELETE FROM waiting WHERE awaited = ?", [gone.0])?;
        Ok(())
    }

    fn moved_keys(&mut self, from: PersonId, to: PersonId) -> Result<Keys, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE person_key SET person = ? WHERE person = ? RETURNING kind, value")?;
        let rows = statement.query_map([to.0, from.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every merge, the latest first.
    pub fn merges(&self) -> Result<Vec<Merge>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, at, by, gone, kept, undone FROM merge ORDER BY id DESC")?;
        let rows = statement.query_map([], |row| {
            Ok(Merge {
                id: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
                gone: PersonId(row.get(3)?),
                kept: PersonId(row.get(4)?),
                undone: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Parts two persons again: what was moved goes back, as far as it is still where it was moved to. They are never
    /// taken for one again unless somebody says so. None if there is no such merge, it was undone before, or a later one
    /// made somebody else of the two: that is to be undone first.
    pub fn unmerge(&mut self, id: u64, at: &str) -> Result<Option<(PersonId, PersonId)>, StoreError> {
        type Row = (u64, u64, Vec<u8>, Vec<u8>, Vec<u8>);
        let found: Option<Row> = self
            .connection
            .query_row(
                "UPDATE merge SET undone = ? WHERE id = ? AND undone IS NULL
                 AND (SELECT stage FROM person WHERE id = merge.kept) <> ? RETURNING gone, kept, keys, records, apart",
                params![at, id, MERGED],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
            )
            .optional()?;
        let Some((gone, kept, keys, records, apart)) = found else { return Ok(None) };
        let (gone, kept) = (PersonId(gone), PersonId(kept));
        self.connection.execute(
            "UPDATE person SET wake = 0, next = 0, stage = 'known' WHERE id = ? AND stage = ?",
            params![gone.0, MERGED],
        )?;
        let keys: Keys = postcard::from_bytes(&keys)?;
        for (kind, value) in keys {
            self.connection.execute(
                "UPDATE person_key SET person = ? WHERE kind = ? AND value = ? AND person = ?",
                params![gone.0, kind, value, kept.0],
            )?;
        }
        let records: Vec<u64> = postcard::from_bytes(&records)?;
        for record in records {
            self.connection
                .execute("UPDATE record SET person = ? WHERE id = ? AND person = ?", [gone.0, record, kept.0])?;
        }
        let apart: Vec<u64> = postcard::from_bytes(&apart)?;
        for other in apart {
            self.connection
                .execute("DELETE FROM apart WHERE low = ? AND high = ?", [kept.0.min(other), kept.0.max(other)])?;
        }
        self.part(gone, kept)?;
        self.wake_managed(gone, kept)?;
        self.wake(gone)?;
        self.wake(kept)?;
        Ok(Some((gone, kept)))
    }
}
