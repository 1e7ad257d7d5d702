//! An XML document as a tree, within limits, and without anything that a document could do to its reader.
//!
//! Elements are known by their local names: the prefixes of the register's envelope vary, and what is inside has none.

use crate::broken::Broken;
use crate::text;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// How deeply elements may be nested.
pub const MOST_NESTED: usize = 64;
/// The longest text; the register's own texts end before a hundred letters.
pub const LONGEST_TEXT: usize = 8 * 1024;
/// The longest document: one person's data takes a few kilobytes.
const LONGEST_DOCUMENT: usize = 2 * 1024 * 1024;

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    /// Its local name.
    pub name: String,
    /// Its own text, without that of its children.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name; none where there is no such child.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The first element of this name in it, at any depth.
    pub fn find(&self, name: &str) -> Option<&Element> {
        self.children.iter().find_map(|child| if child.name == name { Some(child) } else { child.find(name) })
    }

    /// The texts of the elements in it that have no children.
    pub fn leaves(&self) -> Vec<&str> {
        match self.children.is_empty() {
            true => vec![self.text.trim()],
            false => self.children.iter().flat_map(Element::leaves).collect(),
        }
    }

    fn say(&mut self, text: &str) -> Result<(), Broken> {
        self.text.push_str(text);
        if self.text.len() > LONGEST_TEXT { Err(Broken::Text) } else { Ok(()) }
    }
}

/// Reads a document. What comes back stands for the document itself; its only child is the outermost element.
pub fn parse(bytes: &[u8]) -> Result<Element, Broken> {
    if bytes.len() > LONGEST_DOCUMENT {
        return Err(Broken::Size);
    }
    let content = text::xml(bytes)?;
    let mut reader = Reader::from_str(&content);
    // The elements that are open, the document first.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|_| Broken::Syntax)?;
        let depth = open.len();
        let Some(current) = open.last_mut() else { return Err(Broken::Syntax) };
        match event {
            Event::Start(_) if depth > MOST_NESTED => return Err(Broken::Depth),
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => current.children.push(element(&start)),
            Event::End(_) => close(&mut open)?,
            Event::Text(text) => current.say(&text.xml10_content())?,
            Event::CData(text) => current.say(&text.xml10_content())?,
            Event::GeneralRef(reference) => current.say(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::DocType(_) => return Err(Broken::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let document = open.pop().filter(|_| open.is_empty()).ok_or(Broken::Syntax)?;
    let is_one = document.children.len() == 1 && document.text.trim().is_empty();
    if is_one { Ok(document) } else { Err(Broken::Syntax) }
}

fn element(start: &BytesStart<'_>) -> Element {
    Element { name: start.local_name().as_ref().to_owned(), ..Element::default() }
}

fn close(open: &mut Vec<Element>) -> Result<(), Broken> {
    let closed = open.pop().ok_or(Broken::Syntax)?;
    open.last_mut().ok_or(Broken::Syntax)?.children.push(closed);
    Ok(())
}

/// The letter that a reference stands for: one of the five that XML has, or one by its number.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Broken> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|_| Broken::Entity)? {
        return Ok(letter);
    }
    Ok(match reference.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(Broken::Entity),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn broken(document: &str) -> Broken {
        parse(document.as_bytes()).unwrap_err()
    }

    #[test]
    fn names_are_local_and_texts_are_whole() {
        let document =
            "<?xml version='1.0'?><!-- x --><p:a xmlns:p='u'><b> Å&amp;B&#x2D;<![CDATA[<c>]]> </b><q:b/><d/></p:a>\n";
        let document = parse(document.as_bytes()).unwrap();
        let a = document.child("a").unwrap();
        assert_eq!(a.text_of("b"), Some("Å&B-<c>"));
        assert_eq!((a.children.len(), a.text_of("d"), a.text_of("e")), (3, Some(""), None));
        assert!(document.find("d").is_some() && document.find("c").is_none());
        assert_eq!(document.leaves(), ["Å&B-<c>", "", ""]);
    }

    #[test]
    fn nothing_in_a_document_does_anything() {
        assert_eq!(broken("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), Broken::DocumentType);
        assert_eq!(broken("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), Broken::DocumentType);
        assert_eq!(broken("<a>&x;</a>"), Broken::Entity);
        assert_eq!(broken("<a>&#x110000;</a>"), Broken::Entity);
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(nested(MOST_NESTED).as_bytes()).is_ok());
        assert_eq!(broken(&nested(MOST_NESTED + 1)), Broken::Depth);
        assert_eq!(broken(&nested(200_000)), Broken::Depth);
        assert_eq!(broken(&format!("<a>{}</a>", "x".repeat(LONGEST_TEXT + 1))), Broken::Text);
        assert_eq!(broken(&format!("<a>{}</a>", "x<b/>".repeat(LONGEST_TEXT + 1))), Broken::Text);
        assert_eq!(broken(&format!("<a>{}</a>", "<b/>".repeat(LONGEST_DOCUMENT / 4))), Broken::Size);
    }

    #[test]
    fn half_a_document_is_none() {
        for document in ["", "<a>", "<a><b></a></b>", "<a/><b/>", "</a>", "<a/>x", "<a>x & y</a>", "<a", "text"] {
            assert_eq!(broken(document), Broken::Syntax, "{document}");
        }
    }
}
