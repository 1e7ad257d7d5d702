//! What sources gave: each record with its fingerprint, and per source one compact set of all fingerprints, so that a
//! record that did not change costs a comparison and nothing else.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::person::PersonId;
use sluss_engine::value::Cell;
use std::collections::HashMap;

/// A digest of a record's columns, id and cells.
pub type Fingerprint = u128;

/// Bytes of one entry of a stored set: the fingerprint and the record's row.
const ENTRY: usize = 20;

/// Whether a record was there at the last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Just so, in this row.
    Unchanged(u32),
    /// It was seen earlier in this same read.
    Twice,
    /// New, or not as it was.
    New,
}

/// The fingerprints of one class of one source, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Scan {
    /// What the source called its state at the last complete read.
    pub version: Option<String>,
    /// The plugin and settings that read it: fingerprints made by others cannot be compared.
    pub reader: String,
    /// The day of the last complete read, counted from 1970-01-01.
    pub day: i32,
    entries: Vec<(Fingerprint, u32)>,
    seen: Vec<bool>,
    at: usize,
    index: Option<HashMap<Fingerprint, usize>>,
}

impl Scan {
    /// How many records the last read gave.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the last read gave none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Looks a record up, and marks it as seen. Records mostly come in the order of the last read, which costs nothing;
    /// the index is only built once they do not.
    pub fn see(&mut self, fingerprint: Fingerprint) -> Seen {
        let position = match self.entries.get(self.at) {
            Some((next, _)) if *next == fingerprint => Some(self.at),
            _ => {
                let entries = &self.entries;
                let index = self.index.get_or_insert_with(|| {
                    entries.iter().enumerate().map(|(position, (fingerprint, _))| (*fingerprint, position)).collect()
                });
                index.get(&fingerprint).copied()
            }
        };
        let Some(position) = position else { return Seen::New };
        self.at = position + 1;
        if std::mem::replace(&mut self.seen[position], true) {
            return Seen::Twice;
        }
        Seen::Unchanged(self.entries[position].1)
    }

    /// The entries that were not seen.
    pub fn unseen(&self) -> impl Iterator<Item = (Fingerprint, u32)> + '_ {
        self.entries.iter().zip(&self.seen).filter(|(_, seen)| !**seen).map(|(entry, _)| *entry)
    }
}

/// A stored record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its row.
    pub row: u32,
    /// The source.
    pub source: String,
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

const COLUMNS: &str = "id, source, record, shape, cells, gone, person";

impl Store {
    /// What the last read of a class gave; empty if there was none.
    pub fn scan(&self, source: &str, class: &str) -> Result<Scan, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT version, reader, day, fingerprints FROM scan WHERE source = ?1 AND class = ?2")?;
        let found = statement
            .query_row(params![source, class], |row| {
                let packed = row.get_ref(3)?.as_blob()?;
                let entries: Vec<(Fingerprint, u32)> = packed.chunks_exact(ENTRY).filter_map(unpack).collect();
                Ok(Scan {
                    version: row.get(0)?,
                    reader: row.get(1)?,
                    day: row.get(2)?,
                    seen: vec![false; entries.len()],
                    entries,
                    at: 0,
                    index: None,
                })
            })
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    /// The version and reader of the last complete read, without its fingerprints.
    pub fn scanned(&self, source: &str, class: &str) -> Result<Option<(Option<String>, String)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT version, reader FROM scan WHERE source = ?1 AND class = ?2")?;
        Ok(statement.query_row(params![source, class], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Remembers what a read gave.
    pub fn save_scan(
        &mut self,
        source: &str,
        class: &str,
        version: Option<&str>,
        reader: &str,
        day: i32,
        entries: &[(Fingerprint, u32)],
    ) -> Result<(), StoreError> {
        let mut packed = Vec::with_capacity(entries.len() * ENTRY);
        for (fingerprint, row) in entries {
            packed.extend_from_slice(&fingerprint.to_le_bytes());
            packed.extend_from_slice(&row.to_le_bytes());
        }
        self.connection.execute(
            "INSERT OR REPLACE INTO scan (source, class, version, reader, day, fingerprints) VALUES (?, ?, ?, ?, ?, ?)",
            params![source, class, version, reader, day, packed],
        )?;
        Ok(())
    }

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

    /// Keeps a record as it is now, and returns its row and the person it belonged to until now.
    pub fn keep(
        &mut self,
        source: &str,
        class: &str,
        record: &str,
        shape: i64,
        fingerprint: Fingerprint,
        cells: &[Cell],
    ) -> Result<(u32, Option<PersonId>), StoreError> {
        let cells = postcard::to_stdvec(cells)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO record (source, class, record, shape, fingerprint, cells) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (source, class, record) DO UPDATE
             SET shape = excluded.shape, fingerprint = excluded.fingerprint, cells = excluded.cells, gone = NULL
             RETURNING id, person",
        )?;
        let (row, person): (u32, Option<u64>) = statement
            .query_row(params![source, class, record, shape, fingerprint.to_le_bytes(), cells], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok((row, person.map(PersonId)))
    }

    /// Notes another fingerprint for a record that is as it was.
    pub fn renew(&mut self, row: u32, fingerprint: Fingerprint) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE record SET fingerprint = ? WHERE id = ?")?
            .execute(params![fingerprint.to_le_bytes(), row])?;
        Ok(())
    }

    /// Says whom a record is about.
    pub fn assign(&mut self, row: u32, person: Option<PersonId>) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE record SET person = ? WHERE id = ?")?
            .execute(params![person.map(|person| person.0), row])?;
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

    /// Every record of a class that is not gone, whoever it is about, one after the other.
    pub fn each_record(
        &self,
        class: &str,
        mut each: impl FnMut(Record) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE class = ? AND gone IS NULL"))?;
        let mut rows = statement.query([class])?;
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
    })
}

fn unpack(entry: &[u8]) -> Option<(Fingerprint, u32)> {
    let (fingerprint, row) = entry.split_at_checked(16)?;
    Some((Fingerprint::from_le_bytes(fingerprint.try_into().ok()?), u32::from_le_bytes(row.try_into().ok()?)))
}
