//! A file of TOML while it is being read: its text, where each thing stands, and every fault found so far.
//!
//! Faults are collected and never thrown: an operator mends them all in one go.

use crate::error::FileFault;
use sluss_engine::fault::Place;
use std::cell::RefCell;
use std::ops::Range;

/// A file and what was found in it.
#[derive(Debug)]
pub(super) struct Document<'a> {
    name: &'a str,
    text: &'a str,
    faults: RefCell<Vec<(usize, FileFault)>>,
}

impl<'a> Document<'a> {
    /// A file, by the name that the operator knows it by.
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Document { name, text, faults: RefCell::default() }
    }

    /// Notes a fault at a span.
    pub(super) fn fault(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        let (place, text) = (self.place(span.start), self.excerpt(span.clone()));
        self.faults.borrow_mut().push((span.start, FileFault { place, text, message: message.into(), help }));
    }

    /// What stands at a span, as far as it is on one line. Nothing where it may be a secret.
    pub(super) fn excerpt(&self, span: Range<usize>) -> String {
        let before = &self.text[..self.text.floor_char_boundary(span.start)];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[start..].lines().next().unwrap_or_default();
        if line.split_once('=').is_some_and(|(key, _)| is_secret(key)) {
            return String::new();
        }
        self.text.get(span).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
    }

    /// The line and column of a byte offset, both from 1; columns count characters.
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].chars().count() + 1;
        Place { file: self.name.to_owned(), line: u32::try_from(line).ok(), column: u32::try_from(column).ok() }
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Every fault, in the order of the file.
    pub(super) fn into_faults(self) -> Vec<FileFault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|(start, _)| *start);
        faults.into_iter().map(|(_, fault)| fault).collect()
    }
}

/// Whether what stands behind a key may be a secret that somebody wrote down by mistake.
pub(super) fn is_secret(key: &str) -> bool {
    ["auth", "password", "secret", "token"].iter().any(|word| key.to_ascii_lowercase().contains(word))
}
