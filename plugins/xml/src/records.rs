//! The records of a document, one at a time: whatever the document's size, no more than one is in memory.

use crate::element::{Element, rest_of};
use crate::reader::{Reader, Step};
use crate::{Halt, MOST_ELEMENTS};
use std::io::Read;

/// A record of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The local name of the element that it stands in; empty for the outermost one.
    pub within: String,
    /// The record.
    pub element: Element,
}

/// A document as its records: the elements of some names, at whatever depth, and never one within another.
pub struct Records<R: Read> {
    reader: Reader<R>,
    names: &'static [&'static str],
    path: Vec<String>,
    outermost: Option<String>,
    is_over: bool,
}

impl<R: Read> Records<R> {
    /// The elements of these names.
    pub fn new(source: R, names: &'static [&'static str]) -> Self {
        Records { reader: Reader::new(source), names, path: Vec::new(), outermost: None, is_over: false }
    }

    /// The name of the outermost element, once it was read.
    pub fn outermost(&self) -> Option<&str> {
        self.outermost.as_deref()
    }

    /// The local names of the elements that the last record stands in, from the outermost.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The next record; none at the end of a document that was whole.
    pub fn next_record(&mut self) -> Result<Option<Record>, Halt> {
        while !self.is_over {
            match self.reader.step()? {
                Step::Open(element) => {
                    self.outermost.get_or_insert_with(|| element.name.clone());
                    if self.names.contains(&element.name.as_str()) {
                        let within = self.path.last().cloned().unwrap_or_default();
                        let element = rest_of(&mut self.reader, element, MOST_ELEMENTS)?;
                        return Ok(Some(Record { within, element }));
                    }
                    self.path.push(element.name);
                }
                Step::Close => drop(self.path.pop()),
                Step::Text(_) => {}
                Step::End => self.is_over = true,
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Broken;
    use std::io;

    fn records(document: &str) -> Result<Vec<(String, String)>, Halt> {
        let mut records = Records::new(document.as_bytes(), &["b", "c"]);
        let mut all = Vec::new();
        while let Some(Record { within, element }) = records.next_record()? {
            assert_eq!(records.path().last(), Some(&within));
            all.push((within, element.leaves().concat()));
        }
        assert_eq!(records.outermost(), Some("a"));
        assert!(records.next_record()?.is_none());
        Ok(all)
    }

    #[test]
    fn records_are_told_with_where_they_stand() {
        let document = "<a><x>1<b>2<!-- --></b></x><p:c><b>3</b></p:c><b/></a>";
        let own = |within: &str, text: &str| (within.to_owned(), text.to_owned());
        assert_eq!(records(document).unwrap(), [own("x", "2"), own("a", "3"), own("a", "")]);
    }

    #[test]
    fn a_document_that_breaks_off_says_so_after_its_records() {
        for end in ["", "<b>", "</b></a>", "<x></a>"] {
            let mut records = Records::new(format!("<a><b>1</b>{end}").leak().as_bytes(), &["b"]);
            assert!(records.next_record().unwrap().is_some());
            assert_eq!(records.next_record().unwrap_err().broken(), Broken::Syntax, "{end}");
        }
    }

    #[test]
    fn one_record_cannot_be_endless() {
        let document = format!("<a><b>{}</b></a>", "<d/>".repeat(MOST_ELEMENTS));
        assert_eq!(records(&document).unwrap_err().broken(), Broken::Size);
        assert_eq!(records(&format!("<a>{}</a>", "<b/>".repeat(2 * MOST_ELEMENTS))).unwrap().len(), 2 * MOST_ELEMENTS);
    }

    #[test]
    fn what_fails_beneath_comes_through() {
        struct Torn(bool);
        impl Read for Torn {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("the wire was cut"));
                }
                let text = format!("<a>{}", "<b>1</b>".repeat(100));
                into[..text.len()].copy_from_slice(text.as_bytes());
                Ok(text.len())
            }
        }
        let mut records = Records::new(Torn(false), &["b"]);
        let end = std::iter::from_fn(|| records.next_record().transpose()).find_map(Result::err);
        assert!(matches!(end, Some(Halt::Source(error)) if error.to_string() == "the wire was cut"));
    }
}
