//! An element with all that is in it.

use crate::reader::{Reader, Step};
use crate::{Broken, Halt, LONGEST_DOCUMENT, LONGEST_TEXT, MOST_ELEMENTS};
use std::io::Read;

/// An element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its local name.
    pub name: String,
    /// Its attributes, by their local names.
    pub attributes: Vec<(String, String)>,
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

    /// All children of this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// What is reached by going from child to child.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text of the first child of this name; none where there is no such child.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The text that is reached by going from child to child; none where it says nothing.
    pub fn said(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|found| found.text.trim()).filter(|text| !text.is_empty())
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim())
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

    pub(crate) fn say(&mut self, text: &str) -> Result<(), Broken> {
        self.text.push_str(text);
        if self.text.len() > LONGEST_TEXT { Err(Broken::Text) } else { Ok(()) }
    }
}

/// Reads the rest of an element that has just begun.
pub(crate) fn rest_of<R: Read>(reader: &mut Reader<R>, first: Element, most: usize) -> Result<Element, Halt> {
    let mut open = vec![first];
    let mut count = 1;
    loop {
        match reader.step()? {
            Step::Open(element) => {
                count += 1;
                if count > most {
                    return Err(Broken::Size.into());
                }
                open.push(element);
            }
            Step::Text(text) => open.last_mut().ok_or(Broken::Syntax)?.say(&text)?,
            Step::Close => {
                let closed = open.pop().ok_or(Broken::Syntax)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None => return Ok(closed),
                }
            }
            Step::End => return Err(Broken::Syntax.into()),
        }
    }
}

/// Reads a whole document. What comes back stands for the document itself; its only child is the outermost element.
pub fn parse(bytes: &[u8]) -> Result<Element, Broken> {
    if bytes.len() > LONGEST_DOCUMENT {
        return Err(Broken::Size);
    }
    document(bytes).map_err(Halt::broken)
}

fn document(bytes: &[u8]) -> Result<Element, Halt> {
    let mut reader = Reader::new(bytes);
    let mut document = Element::default();
    loop {
        match reader.step()? {
            Step::Open(element) => document.children.push(rest_of(&mut reader, element, MOST_ELEMENTS)?),
            Step::Text(_) | Step::Close => return Err(Broken::Syntax.into()),
            Step::End => return Ok(document),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{MOST_ATTRIBUTES, MOST_NESTED};

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
        assert_eq!((a.said(&["b"]), a.said(&["d"]), a.said(&["b", "c"])), (Some("Å&B-<c>"), None, None));
        assert!(document.find("d").is_some() && document.find("c").is_none());
        assert_eq!(document.leaves(), ["Å&B-<c>", "", ""]);
        assert_eq!(a.all("b").count(), 2);
    }

    #[test]
    fn attributes_are_read_and_nothing_in_them_is_expanded() {
        let document = parse(b"<a x:one=' 1 ' two=\"&lt;&#65;\"/>").unwrap();
        let a = document.child("a").unwrap();
        assert_eq!((a.attribute("one"), a.attribute("two"), a.attribute("x")), (Some("1"), Some("<A"), None));
        assert_eq!(broken("<a b='&c;'/>"), Broken::Entity);
        assert_eq!(broken("<a b='1' b='2'/>"), Broken::Syntax);
        let many = |count: usize| (0..count).map(|index| format!(" a{index}='x'")).collect::<String>();
        assert!(parse(format!("<a{}/>", many(MOST_ATTRIBUTES)).as_bytes()).is_ok());
        assert_eq!(broken(&format!("<a{}/>", many(MOST_ATTRIBUTES + 1))), Broken::Size);
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
        assert_eq!(broken(&format!("<a>{}</a>", "x".repeat(1_000_000))), Broken::Text);
        assert_eq!(broken(&format!("<a><!--{}--></a>", "x".repeat(1_000_000))), Broken::Text);
        assert_eq!(broken(&format!("<{}/>", "a".repeat(1_000_000))), Broken::Text);
        assert_eq!(broken(&format!("<a>{}</a>", "<b/>".repeat(LONGEST_DOCUMENT / 4))), Broken::Size);
    }

    #[test]
    fn half_a_document_is_none() {
        for document in ["", " ", "<a>", "<a><b></a></b>", "<a/><b/>", "</a>", "<a/>x", "<a>x & y</a>", "<a", "text"] {
            assert_eq!(broken(document), Broken::Syntax, "{document}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = parse(&bytes);
            let _ = parse(&[b"<a b='", bytes.as_slice(), b"'>", bytes.as_slice(), b"</a>"].concat());
        }
    }
}
