//! What the last read of a source gave, as one compact set of fingerprints: a record that did not change costs a comparison
//! and nothing else, and a few bytes of memory, however many there are.

use crate::{Store, StoreError};
use hashbrown::{DefaultHashBuilder, HashTable};
use rusqlite::{OptionalExtension, params};
use std::hash::BuildHasher;

/// A digest of a record's columns, id and cells.
pub type Fingerprint = u128;

/// Bytes of a fingerprint, and of an entry: the fingerprint and the record's row.
const DIGEST: usize = size_of::<Fingerprint>();
const ENTRY: usize = DIGEST + size_of::<u32>();

/// So many entries are kept in one value of the store.
const PART: usize = 50_000;

/// Fingerprints with the rows of their records, packed as they are stored: there are as many as there are records.
#[derive(Debug, Default)]
pub struct Marks(Vec<[u8; ENTRY]>);

impl Marks {
    /// None yet, with room for so many.
    pub fn with_capacity(capacity: usize) -> Self {
        Marks(Vec::with_capacity(capacity))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, fingerprint: Fingerprint, row: u32) {
        let mut entry = [0; ENTRY];
        let (digest, place) = entry.split_at_mut(DIGEST);
        digest.copy_from_slice(&fingerprint.to_le_bytes());
        place.copy_from_slice(&row.to_le_bytes());
        self.0.push(entry);
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Fingerprint, u32)> + '_ {
        self.0.iter().map(unpack)
    }

    fn get(&self, at: usize) -> Option<(Fingerprint, u32)> {
        self.0.get(at).map(unpack)
    }
}

impl Extend<(Fingerprint, u32)> for Marks {
    fn extend<T: IntoIterator<Item = (Fingerprint, u32)>>(&mut self, marks: T) {
        marks.into_iter().for_each(|(fingerprint, row)| self.push(fingerprint, row));
    }
}

impl FromIterator<(Fingerprint, u32)> for Marks {
    fn from_iter<T: IntoIterator<Item = (Fingerprint, u32)>>(marks: T) -> Self {
        let mut all = Self::default();
        all.extend(marks);
        all
    }
}

fn unpack(entry: &[u8; ENTRY]) -> (Fingerprint, u32) {
    let (mut digest, mut row) = ([0; DIGEST], [0; ENTRY - DIGEST]);
    digest.copy_from_slice(&entry[..DIGEST]);
    row.copy_from_slice(&entry[DIGEST..]);
    (Fingerprint::from_le_bytes(digest), u32::from_le_bytes(row))
}

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
    marks: Marks,
    seen: Vec<bool>,
    at: usize,
    index: Option<HashTable<u32>>,
    /// Of its own seed: whoever gives the fingerprints cannot have them all fall into one place.
    hasher: DefaultHashBuilder,
}

impl Scan {
    /// How many records the last read gave.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether the last read gave none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Looks a record up, and marks it as seen. Records mostly come in the order of the last read, which costs nothing;
    /// the index is only built once they do not.
    pub fn see(&mut self, fingerprint: Fingerprint) -> Seen {
        let next = self.marks.get(self.at).filter(|(next, _)| *next == fingerprint).map(|_| self.at);
        let Some(at) = next.or_else(|| self.find(fingerprint)) else { return Seen::New };
        let Some((_, row)) = self.marks.get(at) else { return Seen::New };
        self.at = at + 1;
        if std::mem::replace(&mut self.seen[at], true) {
            return Seen::Twice;
        }
        Seen::Unchanged(row)
    }

    fn find(&mut self, fingerprint: Fingerprint) -> Option<usize> {
        let Self { marks, hasher, index, .. } = self;
        let index = index.get_or_insert_with(|| {
            let mut index = HashTable::with_capacity(marks.len());
            for (at, (fingerprint, _)) in (0..).zip(marks.iter()) {
                // The table has room for all of them, so nothing is ever hashed again.
                index.insert_unique(hasher.hash_one(fingerprint), at, |_| 0);
            }
            index
        });
        let is = |at: &u32| marks.get(*at as usize).is_some_and(|(known, _)| known == fingerprint);
        index.find(hasher.hash_one(fingerprint), is).map(|at| *at as usize)
    }

    /// The entries that were not seen.
    pub fn unseen(&self) -> impl Iterator<Item = (Fingerprint, u32)> + '_ {
        self.marks.iter().zip(&self.seen).filter(|(_, seen)| !**seen).map(|(entry, _)| entry)
    }
}

impl Store {
    /// What the last read of a class gave; empty if there was none.
    pub fn scan(&self, source: &str, class: &str) -> Result<Scan, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT version, reader, day FROM scan WHERE source = ?1 AND class = ?2")?;
        let found = statement
            .query_row([source, class], |row| {
                Ok(Scan { version: row.get(0)?, reader: row.get(1)?, day: row.get(2)?, ..Scan::default() })
            })
            .optional()?;
        let Some(mut scan) = found else { return Ok(Scan::default()) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT coalesce(sum(length(fingerprints)), 0) FROM mark WHERE source = ? AND class = ?")?;
        let bytes: usize = statement.query_row([source, class], |row| row.get(0))?;
        scan.marks = Marks::with_capacity(bytes / ENTRY);
        let mut statement = self
            .connection
            .prepare_cached("SELECT fingerprints FROM mark WHERE source = ? AND class = ? ORDER BY part")?;
        let mut rows = statement.query([source, class])?;
        while let Some(row) = rows.next()? {
            let (packed, _) = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?.as_chunks();
            scan.marks.0.extend_from_slice(packed);
        }
        scan.seen = vec![false; scan.marks.len()];
        Ok(scan)
    }

    /// The version and reader of the last complete read, without its fingerprints.
    pub fn scanned(&self, source: &str, class: &str) -> Result<Option<(Option<String>, String)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT version, reader FROM scan WHERE source = ?1 AND class = ?2")?;
        Ok(statement.query_row(params![source, class], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The last day on which a source gave anything new.
    pub fn last_news(&self, source: &str) -> Result<Option<i32>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT max(day) FROM scan WHERE source = ?")?;
        Ok(statement.query_row([source], |row| row.get(0))?)
    }

    /// What to ask a source with for what changed since its last whole read by this reader.
    pub fn token(&self, source: &str, class: &str, reader: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT token FROM scan WHERE source = ? AND class = ? AND reader = ?")?;
        let found: Option<Option<Vec<u8>>> =
            statement.query_row([source, class, reader], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    /// Every source and class that was ever read.
    pub fn scans(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT source, class FROM scan ORDER BY source, class")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Has everything read again in full, whatever the sources say of themselves.
    pub fn reread_all(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE scan SET version = NULL, token = NULL", [])?;
        Ok(())
    }

    /// Has a class read again in full, whatever its source says of itself.
    pub fn reread(&mut self, source: &str, class: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE scan SET version = NULL, token = NULL WHERE source = ? AND class = ?")?
            .execute([source, class])?;
        Ok(())
    }

    /// Remembers what to ask with next time, after a whole read.
    pub fn set_token(&mut self, source: &str, class: &str, token: Option<&[u8]>) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE scan SET token = ?1 WHERE source = ?2 AND class = ?3 AND token IS NOT ?1")?
            .execute(params![token, source, class])?;
        Ok(())
    }

    /// Remembers what a read gave.
    pub fn save_scan(
        &mut self,
        source: &str,
        class: &str,
        version: Option<&str>,
        reader: &str,
        day: i32,
        marks: &Marks,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO scan (source, class, version, reader, day) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET version = excluded.version, reader = excluded.reader, day = excluded.day",
            params![source, class, version, reader, day],
        )?;
        self.connection.prepare_cached("DELETE FROM mark WHERE source = ? AND class = ?")?.execute([source, class])?;
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO mark (source, class, part, fingerprints) VALUES (?, ?, ?, ?)")?;
        for (part, marks) in marks.0.chunks(PART).enumerate() {
            statement.execute(params![source, class, part, marks.as_flattened()])?;
        }
        Ok(())
    }
}
