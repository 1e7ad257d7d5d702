//! A table of TOML that is read into any type, with every fault noted and none fatal.
//!
//! Deserialising stops at the first fault. So it is done over and over here: what cannot be read is noted and left out,
//! what is missing is noted and taken as empty, and the rest is tried again. The type itself says which keys it knows,
//! so that the sandbox's types are read like ours.

use super::document::{Document, is_secret};
use super::reading::{ReadError, Reading, fields};
use crate::word::suggest;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// The key.
    pub(super) key: &'a str,
    /// Where the key stands.
    pub(super) at: Range<usize>,
    /// The value.
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

/// A table of which nothing, or only a part, has been read.
#[derive(Debug)]
pub(super) struct Table<'a> {
    document: &'a Document<'a>,
    /// What names it: `system.heroma`; nothing for the whole file.
    path: String,
    /// Where it begins.
    pub(super) at: Range<usize>,
    entries: Vec<Entry<'a>>,
}

impl<'a> Table<'a> {
    /// The whole file.
    pub(super) fn root(document: &'a Document<'a>, table: &'a DeTable<'a>) -> Self {
        Table::new(document, String::new(), 0..0, table)
    }

    fn new(document: &'a Document<'a>, path: String, at: Range<usize>, table: &'a DeTable<'a>) -> Self {
        let entry = |(key, value): (&'a Spanned<_>, _)| {
            let name: &'a std::borrow::Cow<'a, str> = key.get_ref();
            Entry { key: name.as_ref(), at: key.span(), value }
        };
        let mut entries: Vec<_> = table.iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.at.start);
        Table { document, path, at, entries }
    }

    /// Takes a key out, if it is there.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry<'a>> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index))
    }

    /// Takes a key out that holds a table; anything else is a fault.
    pub(super) fn take_table(&mut self, key: &str) -> Option<Table<'a>> {
        self.take(key).and_then(|entry| self.inside(&entry))
    }

    /// Every key with its table, in the order of the file; what is no table is a fault.
    pub(super) fn tables(self) -> Vec<(&'a str, Table<'a>)> {
        self.entries.iter().filter_map(|entry| Some((entry.key, self.inside(entry)?))).collect()
    }

    /// Every key and value, in the order of the file.
    pub(super) fn into_entries(self) -> Vec<Entry<'a>> {
        self.entries
    }

    fn inside(&self, entry: &Entry<'a>) -> Option<Table<'a>> {
        let path = if self.path.is_empty() { entry.key.to_owned() } else { format!("{}.{}", self.path, entry.key) };
        let DeValue::Table(table) = entry.value.get_ref() else {
            self.document.fault(entry.value.span(), format!("a table is wanted here: [{path}]"), None);
            return None;
        };
        Some(Table::new(self.document, path, entry.at.clone(), table))
    }

    /// Reads what is left of the table, in which these other keys would have been known too. None if anything is wrong
    /// with it; all that is wrong is noted.
    pub(super) fn read<T: DeserializeOwned>(mut self, others: &[&str]) -> Option<T> {
        let mut sound = self.drop_unknown::<T>(others);
        let mut unreadable: Vec<&str> = Vec::new();
        let mut empty: Vec<&'static str> = Vec::new();
        loop {
            let error = match T::deserialize(Reading::new(&self.entries, &empty, self.at.clone())) {
                Ok(read) => return sound.then_some(read),
                Err(error) => error,
            };
            sound = false;
            match error {
                ReadError::Value { index, message, span } if index < self.entries.len() => {
                    let entry = self.entries.remove(index);
                    if is_secret(entry.key) {
                        // What stands there may be the secret itself, and the message would quote it.
                        let message = format!("`{}` cannot be read; what stands there is not repeated here", entry.key);
                        let help = "a secret is never written down here, but where it is kept: { env = \"NAME\" } or { file = \"PATH\" }";
                        self.document.fault(entry.at.clone(), message, Some(help.to_owned()));
                    } else {
                        self.document.fault(span.unwrap_or_else(|| entry.value.span()), message, None);
                    }
                    unreadable.push(entry.key);
                }
                ReadError::Missing(field) => {
                    if !unreadable.contains(&field) {
                        self.document.fault(self.at.clone(), format!("{} needs `{field}`", self.home()), None);
                    }
                    empty.push(field);
                }
                // A key that was taken as empty although its type has no such thing: that it is missing is said.
                ReadError::Value { .. } => return None,
                ReadError::Other(message) => {
                    self.document.fault(self.at.clone(), format!("{}: {message}", self.home()), None);
                    return None;
                }
            }
        }
    }

    /// Notes every key that the type does not know. Returns whether there was none.
    fn drop_unknown<T: DeserializeOwned>(&mut self, others: &[&str]) -> bool {
        let known = fields::<T>();
        let home = self.home();
        let before = self.entries.len();
        self.entries.retain(|entry| {
            let is_known = known.contains(&entry.key);
            if !is_known {
                let help = suggest(entry.key, known.iter().chain(others).copied());
                self.document.fault(entry.at.clone(), format!("{home} has no key `{}`", entry.key), help);
            }
            is_known
        });
        self.entries.len() == before
    }

    fn home(&self) -> String {
        if self.path.is_empty() { "the configuration".to_owned() } else { format!("[{}]", self.path) }
    }
}
