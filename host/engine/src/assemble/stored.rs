//! A record as it was kept, and its attributes by name.

use crate::finding::Subject;
use crate::key::Key;
use crate::numbers::{self, Number};
use crate::policy::MatchKey;
use crate::value::{Attributes, Cell, Value};
use jiff::civil::Date;
use std::borrow::Cow;

/// A stored record: its columns' names, and its cells in their order.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The system that was read.
    pub source: &'a str,
    /// The record's id there.
    pub record: &'a str,
    /// The names of the cells.
    pub columns: &'a [String],
    /// The cells.
    pub cells: &'a [Cell],
    /// The day on which the record was first missing from a complete read.
    pub gone: Option<Date>,
}

impl Stored<'_> {
    fn cell(&self, name: &str) -> Option<&Cell> {
        let index = self.columns.iter().position(|column| column == name)?;
        self.cells.get(index)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        match self.cell(name)? {
            Cell::Absent => None,
            Cell::One(value) => Some(value),
            Cell::Many(values) => values.first(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        match self.value(name) {
            Some(Value::Text(text)) => text.trim().to_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    pub(super) fn date(&self, name: &str) -> Option<Date> {
        match self.value(name) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    pub(super) fn yes(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Boolean(true)))
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Record { source: self.source.to_owned(), record: self.record.to_owned() }
    }

    /// The attributes beyond these.
    pub(super) fn others(&self, known: &[&str]) -> Attributes {
        let columns = self.columns.iter().zip(self.cells);
        columns
            .filter(|(column, _)| !known.contains(&column.as_str()))
            .filter_map(|(column, cell)| match cell {
                Cell::Absent => None,
                Cell::One(value) => Some((column.clone(), vec![value.clone()])),
                Cell::Many(values) => Some((column.clone(), values.clone())),
            })
            .collect()
    }

    /// What numbers that are not valid everywhere are unique within: the organisation, or else the source itself.
    fn scope(&self) -> Cow<'_, str> {
        match self.text("organisation") {
            none if none.is_empty() => Cow::Owned(format!("source {}", self.source)),
            organisation => Cow::Owned(organisation),
        }
    }

    /// An attribute as an identity number; none where it is empty.
    pub fn number(&self, name: &str, today: Date) -> Option<Number> {
        let text = self.text(name);
        (!text.is_empty()).then(|| numbers::parse(&text, today))
    }

    /// The record of the class `person` that says who the person is, where this one does not.
    pub fn linked(&self) -> Option<String> {
        Some(self.text("person")).filter(|person| !person.is_empty())
    }

    /// The keys that the record names its person by, in the policy's order.
    pub fn keys(&self, certain: &[MatchKey], today: Date) -> Vec<Key> {
        certain.iter().filter_map(|kind| self.key(*kind, "identity-number", "person-key", today)).collect()
    }

    /// The keys that the record names the person's manager by, in the policy's order.
    pub(super) fn manager_keys(&self, certain: &[MatchKey], today: Date) -> Vec<Key> {
        certain.iter().filter_map(|kind| self.key(*kind, "manager-number", "manager-key", today)).collect()
    }

    fn key(&self, kind: MatchKey, number: &str, own: &str, today: Date) -> Option<Key> {
        match kind {
            MatchKey::IdentityNumber => Some(Key::number(&self.number(number, today)?, &self.scope())),
            MatchKey::PersonKey => {
                let text = self.text(own);
                (!text.is_empty()).then(|| Key::own(&text, &self.scope()))
            }
        }
    }
}
