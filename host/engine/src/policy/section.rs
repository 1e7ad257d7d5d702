//! A table of a policy file that is read key by key, with every fault noted and none fatal.
//!
//! serde stops at the first fault and forgets where it was; an administrator wants them all, so the parsed document is
//! walked by hand. Keys that nobody asked for are faults when the section is finished.

use super::fault::{PolicyFault, suggest};
use super::source::Source;
use crate::fault::Place;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What was found out while reading: faults, and what was declared where.
#[derive(Debug, Default)]
pub(super) struct Notes {
    faults: RefCell<Vec<PolicyFault>>,
    declared: RefCell<HashMap<String, Place>>,
}

impl Notes {
    /// Notes a fault.
    pub(super) fn fault(&self, fault: PolicyFault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Every fault, by file as given, then by place.
    pub(super) fn into_faults(self, files: &[&str]) -> Vec<PolicyFault> {
        let mut faults = self.faults.into_inner();
        let rank = |fault: &PolicyFault| {
            let file = files.iter().position(|file| *file == fault.place.file);
            (file, fault.place.line, fault.place.column)
        };
        faults.sort_by_key(rank);
        faults.dedup();
        faults
    }

    /// Whether there is any fault.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Notes that `path` is set at `place`; gives the earlier place if it was set before.
    fn declare(&self, path: &str, place: Place) -> Option<Place> {
        self.declared.borrow_mut().insert(path.to_owned(), place)
    }
}

/// A parsed file: its text, where the notes go, and whether its syntax was sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    /// The text.
    pub(super) source: &'a Source<'a>,
    /// Where faults go.
    pub(super) notes: &'a Notes,
    /// Whether the file has syntax faults: then what seems to be missing may be what could not be read.
    pub(super) broken: bool,
}

impl File<'_> {
    /// Notes a fault at a span.
    pub(super) fn fault(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.notes.fault(PolicyFault {
            place: self.source.place(span.start),
            text: self.source.excerpt(span),
            message: message.into(),
            help,
        });
    }
}

/// A value with the place where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    /// The file.
    pub(super) file: File<'a>,
    /// What names it: `name.mail.renew`.
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> At<'a> {
    /// Notes a fault about this value.
    pub(super) fn fault(&self, message: impl Into<String>, help: Option<String>) {
        self.file.fault(self.value.span(), message, help);
    }

    /// Its text; anything else is a fault.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.expect(self.value.get_ref().as_str(), "a text in quotes")
    }

    /// Its whole number from 0; anything else is a fault.
    pub(super) fn count(&self) -> Option<u64> {
        let number = self.value.get_ref().as_integer().and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok());
        self.expect(number, "a whole number from 0")
    }

    /// Its elements; anything but an array is a fault.
    pub(super) fn elements(&self) -> Vec<At<'a>> {
        let file = self.file;
        let array = self.expect(self.value.get_ref().as_array(), "a list in brackets");
        array.into_iter().flat_map(|array| array.iter()).map(|value| At { file, value }).collect()
    }

    /// Its texts; anything but a list of texts is a fault.
    pub(super) fn texts(&self) -> Vec<&'a str> {
        self.elements().iter().filter_map(At::text).collect()
    }

    /// The choice that its word stands for; any other word is a fault.
    pub(super) fn word<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text()?;
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
        if found.is_none() {
            let help = suggest(word, choices.iter().map(|(name, _)| *name));
            self.fault(format!("`{word}` is not one of the words that can stand here"), help);
        }
        found
    }

    /// Passes `read` on, or notes that something else was expected.
    pub(super) fn expect<T>(&self, read: Option<T>, expected: &str) -> Option<T> {
        if read.is_none() {
            let found = described(self.value.get_ref());
            let same = expected.contains("number") && found.contains("number");
            let found = if same { String::new() } else { format!(", not {found}") };
            self.fault(format!("expected {expected}{found}"), None);
        }
        read
    }
}

/// A kind of TOML value in plain words.
fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A table that is read key by key.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// The file.
    pub(super) file: File<'a>,
    /// What names it: `name.mail`.
    pub(super) path: String,
    /// Where its header or key stands.
    pub(super) span: Range<usize>,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(file: File<'a>, table: &'a Spanned<DeTable<'a>>) -> Self {
        Section { file, path: String::new(), span: 0..0, table: table.get_ref(), asked: RefCell::default() }
    }

    /// The value of a key, if it is there. A key that an earlier file has set already is a fault.
    pub(super) fn take(&self, key: &'static str) -> Option<At<'a>> {
        let (span, at) = self.find(key)?;
        self.declare(&self.name(key), span);
        Some(at)
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &'static str) -> Option<At<'a>> {
        let found = self.take(key);
        if found.is_none() && !self.file.broken {
            self.file.fault(self.span.clone(), format!("[{}] needs `{key}`", self.path), None);
        }
        found
    }

    /// The table of a key, if it is there; anything but a table is a fault. Several files may add to it.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let (span, at) = self.find(key)?;
        self.inside(key, span, at)
    }

    /// The value as a table, however it is named.
    pub(super) fn inside(&self, key: &str, span: Range<usize>, at: At<'a>) -> Option<Section<'a>> {
        let table = at.expect(at.value.get_ref().as_table(), "a table")?;
        Some(Section { file: self.file, path: self.name(key), span, table, asked: RefCell::default() })
    }

    /// Every key and value, in the order of the file, for tables whose keys are free.
    pub(super) fn entries(&self) -> Vec<(&'a str, Range<usize>, At<'a>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), At { file: self.file, value }))
            .collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    /// Every key and its table, in the order of the file. Several files may add to each.
    pub(super) fn open(&self) -> Vec<(&'a str, Section<'a>)> {
        let entries = self.entries().into_iter();
        entries.filter_map(|(key, span, at)| Some((key, self.inside(key, span, at)?))).collect()
    }

    /// Every key and its table, in the order of the file. A key that stands a second time is a fault and left out.
    pub(super) fn sections(&self) -> Vec<(&'a str, Section<'a>)> {
        let mut sections = self.open();
        sections.retain(|(_, section)| self.declare(&section.path, section.span.clone()));
        sections
    }

    /// Where its header or key stands.
    pub(super) fn place(&self) -> Place {
        self.file.source.place(self.span.start)
    }

    /// Whether none of these keys is there.
    pub(super) fn is_without(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| !self.table.contains_key(*key))
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, span, _) in self.entries() {
            if !asked.contains(&key) {
                let home = if self.path.is_empty() { "a policy".to_owned() } else { format!("[{}]", self.path) };
                let help = suggest(key, asked.iter().copied());
                self.file.fault(span, format!("{home} has no key `{key}`"), help);
            }
        }
    }

    fn find(&self, key: &'static str) -> Option<(Range<usize>, At<'a>)> {
        self.asked.borrow_mut().push(key);
        let (name, value) = self.table.get_key_value(key)?;
        Some((name.span(), At { file: self.file, value }))
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes where a path is set; whether it was not set before.
    fn declare(&self, path: &str, span: Range<usize>) -> bool {
        let earlier = self.file.notes.declare(path, self.file.source.place(span.start));
        if let Some(earlier) = &earlier {
            self.file.fault(span, format!("`{path}` is set already, at {earlier}"), None);
        }
        earlier.is_none()
    }
}
