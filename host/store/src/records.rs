//! What sources gave: each record as it was last, with its fingerprint and the person that it is about.

use crate::{Fingerprint, Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::person::PersonId;
use sluss_engine::value::Cell;
use std::collections::HashMap;

/// A stored record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its row.
    pub row: u32,
    /// The source.
    pub source: String,
    /// The class.
    pub class: String,
    /// The record's id there.
    pub record: String,
    /// Which columns it has.
    pub shape: i64,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The day on which it was missed.
    pub gone: Option<i32>,
    /// Whom it is about.
    pub person: Option<PersonId>,
}

/// A record as it is to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The source.
    pub source: &'a str,
    /// The class.
    pub class: &'a str,
    /// The record's id there.
    pub record: &'a str,
    /// Which columns it has.
    pub shape: i64,
    /// What it is recognised by.
    pub fingerprint: Fingerprint,
    /// Its cells.
    pub cells: &'a [Cell],
    /// Whom it is about.
    pub person: Option<PersonId>,
}

const COLUMNS: &str = "id, source, record, shape, cells, gone, person, class";

impl Store {
    /// The number that stands for these columns.
    pub fn shape(&mut self, columns: &[String]) -> Result<i64, StoreError> {
        let text = columns.join("\n");
        self.connection.execute("INSERT OR IGNORE INTO shape (columns) VALUES (?)", [&text])?;
        Ok(self.connection.query_row("SELECT id FROM shape WHERE columns = ?", [&text], |row| row.get(0))?)
    }

    /// Every shape's columns.
    pub fn shapes(&self) -> Result<HashMap<i64, Vec<String>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id, columns FROM shape")?;
        let rows = statement.query_map([], |row| {
            let columns: String = row.get(1)?;
            Ok((row.get(0)?, columns.split('\n').map(str::to_owned).collect()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps a record as it is now, and returns its row.
    pub fn keep(&mut self, kept: &Kept<'_>) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO record (source, class, record, shape, fingerprint, cells, person) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (source, class, record) DO UPDATE
             SET shape = excluded.shape, fingerprint = excluded.fingerprint, cells = excluded.cells,
                 person = excluded.person, gone = NULL
             RETURNING id",
        )?;
        let values = params![
            kept.source,
            kept.class,
            kept.record,
            kept.shape,
            kept.fingerprint.to_le_bytes(),
            postcard::to_stdvec(kept.cells)?,
            kept.person.map(|person| person.0)
        ];
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// Notes another fingerprint for a record that is as it was.
    pub fn renew(&mut self, row: u32, fingerprint: Fingerprint) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE record SET fingerprint = ? WHERE id = ?")?
            .execute(params![fingerprint.to_le_bytes(), row])?;
        Ok(())
    }

    /// Marks a record as gone since `day`, and returns it.
    pub fn lose(&mut self, row: u32, day: i32) -> Result<Option<Record>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("UPDATE record SET gone = coalesce(gone, ?) WHERE id = ? RETURNING {COLUMNS}"))?;
        let mut rows = statement.query(params![day, row])?;
        rows.next()?.map(read).transpose()
    }

    /// The row and fingerprint of a record that is not gone.
    pub fn row_of(&self, source: &str, class: &str, record: &str) -> Result<Option<(Fingerprint, u32)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT fingerprint, id FROM record WHERE source = ? AND class = ? AND record = ? AND gone IS NULL",
        )?;
        Ok(statement
            .query_row(params![source, class, record], |row| {
                let bytes: [u8; 16] = row.get(0)?;
                Ok((Fingerprint::from_le_bytes(bytes), row.get(1)?))
            })
            .optional()?)
    }

    /// A record as it was last kept.
    pub fn record(&self, source: &str, class: &str, record: &str) -> Result<Option<Record>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE source = ? AND class = ? AND record = ?"))?;
        let mut rows = statement.query([source, class, record])?;
        match rows.next()? {
            Some(row) => Ok(Some(read(row)?)),
            None => Ok(None),
        }
    }

    /// Whom a record with this id is about, or one whose id begins with it and a `/`.
    pub fn recorded(&self, record: &str) -> Result<Vec<PersonId>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT person FROM record
             WHERE person IS NOT NULL AND (record = ?1 OR substr(record, 1, length(?1) + 1) = ?1 || '/')",
        )?;
        let rows = statement.query_map([record], |row| row.get(0).map(PersonId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every record about a person, gone ones too, in the order of their ids.
    pub fn records_of(&self, person: PersonId) -> Result<Vec<Record>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE person = ? ORDER BY source, record"))?;
        let mut rows = statement.query([person.0])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(read(row)?);
        }
        Ok(records)
    }

    /// Records about somebody behind a row, in the order of their rows: those that are there, or those that are gone.
    pub fn records_after(&self, row: u32, limit: u32, gone: bool) -> Result<Vec<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM record WHERE id > ? AND person IS NOT NULL AND (gone IS NOT NULL) = ? ORDER BY id LIMIT ?"
        ))?;
        let mut rows = statement.query(params![row, gone, limit])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(read(row)?);
        }
        Ok(records)
    }

    /// Notes that a record is about another person.
    pub fn assign(&mut self, row: u32, person: PersonId) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE record SET person = ? WHERE id = ?")?.execute(params![person.0, row])?;
        Ok(())
    }

    /// Every record of a unit that is not gone, one after the other.
    pub fn each_unit(&self, mut each: impl FnMut(Record) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM record INDEXED BY record_unit WHERE class = 'unit' AND gone IS NULL"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(read(row)?)?;
        }
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Record, StoreError> {
    Ok(Record {
        row: row.get(0)?,
        source: row.get(1)?,
        record: row.get(2)?,
        shape: row.get(3)?,
        cells: postcard::from_bytes(row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?)?,
        gone: row.get(5)?,
        person: row.get::<_, Option<u64>>(6)?.map(PersonId),
        class: row.get(7)?,
    })
}
