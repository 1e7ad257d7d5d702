//! What is remembered about runs themselves: settings, runs, a held plan, and what is parked.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};

/// A run, as `sluss runs` lists it. Moments are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: u64,
    /// `run`, `apply`, `reconcile`.
    pub kind: String,
    /// The day that it was decided for.
    pub day: String,
    /// When it began.
    pub started: String,
    /// When it ended; none if it did not.
    pub ended: Option<String>,
    /// How it ended.
    pub result: Option<String>,
    /// What it did, as JSON.
    pub counts: Option<String>,
}

/// A plan that a guard held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The plan's hash.
    pub hash: String,
    /// Since when.
    pub since: String,
    /// The plan, as JSON.
    pub plan: String,
}

/// Something that failed, and is tried again later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// What kind of thing: `object`, `record`, `system`.
    pub scope: String,
    /// Which one.
    pub id: String,
    /// Since when.
    pub since: String,
    /// How often it was tried.
    pub tries: u32,
    /// The day of the next try.
    pub retry: i32,
    /// Why, as JSON.
    pub finding: String,
}

/// Somebody was shown what is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// When.
    pub at: String,
    /// To whom, as the operating system calls them.
    pub by: String,
    /// What.
    pub what: String,
}

impl Store {
    /// Notes that somebody was shown what is protected.
    pub fn audit(&mut self, at: &str, by: &str, what: &str) -> Result<(), StoreError> {
        self.connection.execute("INSERT INTO audit (at, by, what) VALUES (?, ?, ?)", [at, by, what])?;
        Ok(())
    }

    /// The latest times that somebody was shown what is protected, the last one first.
    pub fn audited(&self, limit: usize) -> Result<Vec<Shown>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT at, by, what FROM audit ORDER BY id DESC LIMIT ?")?;
        let rows =
            statement.query_map([limit], |row| Ok(Shown { at: row.get(0)?, by: row.get(1)?, what: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A setting of the store itself.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM setting WHERE name = ?")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Sets a setting of the store itself.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)")?
            .execute([name, value])?;
        Ok(())
    }

    /// Begins a run's line.
    pub fn begin_run(&mut self, kind: &str, day: &str, started: &str) -> Result<u64, StoreError> {
        self.connection.execute("INSERT INTO run (kind, day, started) VALUES (?, ?, ?)", [kind, day, started])?;
        Ok(self.connection.last_insert_rowid().cast_unsigned())
    }

    /// Ends a run's line.
    pub fn end_run(&mut self, id: u64, ended: &str, result: &str, counts: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE run SET ended = ?, result = ?, counts = ? WHERE id = ?",
            params![ended, result, counts, id],
        )?;
        Ok(())
    }

    /// The latest runs, the last one first.
    pub fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, kind, day, started, ended, result, counts FROM run ORDER BY id DESC LIMIT ?")?;
        let rows = statement.query_map([limit], |row| {
            Ok(Run {
                id: row.get(0)?,
                kind: row.get(1)?,
                day: row.get(2)?,
                started: row.get(3)?,
                ended: row.get(4)?,
                result: row.get(5)?,
                counts: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a held plan, in place of any other.
    pub fn hold_plan(&mut self, held: &Held) -> Result<(), StoreError> {
        self.release_plan()?;
        self.connection
            .execute("INSERT INTO held (hash, since, plan) VALUES (?, ?, ?)", [&held.hash, &held.since, &held.plan])?;
        Ok(())
    }

    /// The held plan.
    pub fn held_plan(&self) -> Result<Option<Held>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT hash, since, plan FROM held")?;
        Ok(statement
            .query_row([], |row| Ok(Held { hash: row.get(0)?, since: row.get(1)?, plan: row.get(2)? }))
            .optional()?)
    }

    /// Forgets the held plan.
    pub fn release_plan(&mut self) -> Result<(), StoreError> {
        let held: bool = self.connection.query_row("SELECT EXISTS (SELECT 1 FROM held)", [], |row| row.get(0))?;
        if held {
            self.connection.execute("DELETE FROM held", [])?;
        }
        Ok(())
    }

    /// Parks something, or notes one more try. Returns how often it was tried.
    pub fn park(
        &mut self,
        scope: &str,
        id: &str,
        now: &str,
        retry: impl FnOnce(u32) -> i32,
        finding: &str,
    ) -> Result<u32, StoreError> {
        let tries: u32 = self
            .connection
            .prepare_cached("SELECT tries FROM parked WHERE scope = ? AND id = ?")?
            .query_row([scope, id], |row| row.get(0))
            .optional()?
            .unwrap_or(0)
            + 1;
        self.connection
            .prepare_cached(
                "INSERT INTO parked (scope, id, since, tries, retry, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (scope, id) DO UPDATE SET tries = ?4, retry = ?5, finding = ?6",
            )?
            .execute(params![scope, id, now, tries, retry(tries), finding])?;
        Ok(tries)
    }

    /// Leaves something parked until a day.
    pub fn put_off(&mut self, scope: &str, id: &str, day: i32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE parked SET retry = ? WHERE scope = ? AND id = ?")?
            .execute(params![day, scope, id])?;
        Ok(())
    }

    /// The day of the next try of something parked.
    pub fn parked_until(&self, scope: &str, id: &str) -> Result<Option<i32>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT retry FROM parked WHERE scope = ? AND id = ?")?;
        Ok(statement.query_row([scope, id], |row| row.get(0)).optional()?)
    }

    /// Takes something out of its parking place.
    pub fn unpark(&mut self, scope: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached("DELETE FROM parked WHERE scope = ? AND id = ?")?.execute([scope, id])? > 0)
    }

    /// Everything parked.
    pub fn parked(&self) -> Result<Vec<Parked>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT scope, id, since, tries, retry, finding FROM parked ORDER BY scope, id")?;
        let rows = statement.query_map([], |row| {
            Ok(Parked {
                scope: row.get(0)?,
                id: row.get(1)?,
                since: row.get(2)?,
                tries: row.get(3)?,
                retry: row.get(4)?,
                finding: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
