//! One step after the other through a document, with every limit in its place.

use crate::element::Element;
use crate::letters::{Failure, Letters};
use crate::{Broken, Halt, LONGEST_TEXT, MOST_ATTRIBUTES, MOST_NESTED};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::Read;

/// The longest piece: a tag with its attributes, a text, a comment.
const LONGEST_PIECE: usize = 4 * LONGEST_TEXT;

/// What comes next in a document.
pub(crate) enum Step {
    /// An element begins.
    Open(Element),
    /// A part of a text.
    Text(String),
    /// The innermost element ends.
    Close,
    /// The document ends, and it was whole.
    End,
}

/// A document under way.
pub(crate) struct Reader<R: Read> {
    inner: quick_xml::Reader<Letters<R>>,
    buffer: Vec<u8>,
    depth: usize,
    has_begun: bool,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(source: R) -> Self {
        let mut inner = quick_xml::Reader::from_reader(Letters::new(source));
        inner.config_mut().expand_empty_elements = true;
        Reader { inner, buffer: Vec::new(), depth: 0, has_begun: false }
    }

    /// Goes on.
    pub(crate) fn step(&mut self) -> Result<Step, Halt> {
        loop {
            if let Some(step) = self.piece()? {
                return Ok(step);
            }
        }
    }

    fn piece(&mut self) -> Result<Option<Step>, Halt> {
        self.buffer.clear();
        self.inner.get_mut().allow(LONGEST_PIECE);
        let event = match self.inner.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(halt(self.inner.get_mut().failure(), &error)),
        };
        let text = match event {
            Event::Start(start) | Event::Empty(start) => {
                if self.depth == MOST_NESTED {
                    return Err(Broken::Depth.into());
                }
                if self.depth == 0 && self.has_begun {
                    return Err(Broken::Syntax.into());
                }
                let element = element(&start)?;
                self.depth += 1;
                self.has_begun = true;
                return Ok(Some(Step::Open(element)));
            }
            Event::End(_) => {
                self.depth = self.depth.checked_sub(1).ok_or(Broken::Syntax)?;
                return Ok(Some(Step::Close));
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => resolve(&reference)?.to_string(),
            Event::DocType(_) => return Err(Broken::DocumentType.into()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => return Ok(None),
            Event::Eof if self.depth == 0 && self.has_begun => return Ok(Some(Step::End)),
            Event::Eof => return Err(Broken::Syntax.into()),
        };
        match self.depth {
            0 if text.trim().is_empty() => Ok(None),
            0 => Err(Broken::Syntax.into()),
            _ if text.len() > LONGEST_TEXT => Err(Broken::Text.into()),
            _ => Ok(Some(Step::Text(text))),
        }
    }
}

fn halt(failure: Option<Failure>, error: &quick_xml::Error) -> Halt {
    match (failure, error) {
        (Some(Failure::Broken(broken)), _) => broken.into(),
        (Some(Failure::Source(error)), _) => error.into(),
        (None, quick_xml::Error::Encoding(_)) => Broken::Letters.into(),
        (None, _) => Broken::Syntax.into(),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Broken> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| Broken::Syntax)?;
        if attributes.len() == MOST_ATTRIBUTES {
            return Err(Broken::Size);
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Broken::Entity)?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() })
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
