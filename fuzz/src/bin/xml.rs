//! XML: a document as a whole, and record by record however its bytes come in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{Pieces, choice};
use sluss_xml::{Broken, Element, LONGEST_TEXT, MOST_ATTRIBUTES, MOST_NESTED, Record, Records, escape, parse};
use std::io::Read;

fuzz_target!(|input: &[u8]| {
    let (most, bytes) = choice(input);
    let document = parse(bytes);
    if let Ok(document) = &document {
        bounded(document, 0);
        let plain = plain(document);
        assert_eq!(parse(written(&plain).as_bytes()).as_ref(), Ok(&plain), "what is written is read back");
    }
    let read = records(bytes);
    match (&read, records(Pieces::new(bytes, most))) {
        (Ok(read), Ok(by_pieces)) => assert_eq!(*read, by_pieces),
        (read, by_pieces) => assert!(read.is_err() && by_pieces.is_err(), "it depends on how the bytes came in"),
    }
    if let (Ok(read), Ok(document)) = (read, document) {
        let mut found = Vec::new();
        in_order(&document, &mut found);
        assert!(read.iter().map(|record| &record.element).eq(found), "the records are those of the document");
    }
});

const NAMES: &[&str] = &["b", "person", "MembershipDType"];

fn records(source: impl Read) -> Result<Vec<Record>, Broken> {
    let mut records = Records::new(source, NAMES);
    let mut all = Vec::new();
    while let Some(record) = records.next_record().map_err(|halt| halt.broken())? {
        all.push(record);
    }
    Ok(all)
}

fn in_order<'d>(element: &'d Element, found: &mut Vec<&'d Element>) {
    for child in &element.children {
        match NAMES.contains(&child.name.as_str()) {
            true => found.push(child),
            false => in_order(child, found),
        }
    }
}

fn bounded(element: &Element, depth: usize) {
    assert!(depth <= MOST_NESTED && element.text.len() <= LONGEST_TEXT && element.attributes.len() <= MOST_ATTRIBUTES);
    element.children.iter().for_each(|child| bounded(child, depth + 1));
}

/// The same texts under names that can be written.
fn plain(element: &Element) -> Element {
    let attributes = element.attributes.iter().enumerate();
    Element {
        name: if element.name.is_empty() { String::new() } else { "e".to_owned() },
        attributes: attributes.map(|(at, (_, value))| (format!("a{at}"), value.clone())).collect(),
        text: element.text.clone(),
        children: element.children.iter().map(plain).collect(),
    }
}

fn written(element: &Element) -> String {
    let children: String = element.children.iter().map(written).collect();
    if element.name.is_empty() {
        return children;
    }
    // Blanks of other kinds than the plain one stay what they are only where they are written by their numbers.
    let value = |value: &str| escape(value).replace('\n', "&#10;").replace('\t', "&#9;");
    let attributes: String =
        element.attributes.iter().map(|(name, own)| format!(" {name}=\"{}\"", value(own))).collect();
    format!("<{0}{attributes}>{1}{children}</{0}>", element.name, escape(&element.text))
}
