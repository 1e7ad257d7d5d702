//! LDIF as text (RFC 2849): lines, values and entries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sluss_sdk::Error;
use sluss_sdk::ldap::{Attribute, Entry};
use std::borrow::Cow;

/// How long a line may be before it is folded.
const WIDTH: usize = 76;

/// Writes a name and a value as one line, folded where it is long, in base64 where the value is not plainly text.
pub fn write_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let mut line = Vec::with_capacity(name.len() + value.len() + 4);
    line.extend_from_slice(name.as_bytes());
    line.push(b':');
    if is_safe(value) {
        if !value.is_empty() {
            line.push(b' ');
            line.extend_from_slice(value);
        }
    } else {
        line.extend_from_slice(b": ");
        line.extend_from_slice(BASE64.encode(value).as_bytes());
    }
    let (first, mut rest) = line.split_at(line.len().min(WIDTH));
    out.extend_from_slice(first);
    while !rest.is_empty() {
        let (next, behind) = rest.split_at(rest.len().min(WIDTH - 1));
        out.extend_from_slice(b"\n ");
        out.extend_from_slice(next);
        rest = behind;
    }
    out.push(b'\n');
}

/// Whether a value can stand as it is.
fn is_safe(value: &[u8]) -> bool {
    !matches!(value.first(), Some(b' ' | b':' | b'<'))
        && value.last() != Some(&b' ')
        && value.iter().all(|byte| byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r'))
}

/// Writes an entry and the empty line that ends it.
pub fn write_entry(out: &mut Vec<u8>, entry: &Entry) {
    write_line(out, "dn", entry.dn.as_bytes());
    write_attributes(out, &entry.attributes);
    out.push(b'\n');
}

/// Writes attributes, a line for each value.
pub fn write_attributes(out: &mut Vec<u8>, attributes: &[Attribute]) {
    for attribute in attributes {
        for value in &attribute.values {
            write_line(out, &attribute.name, value);
        }
    }
}

/// The lines of a record, unfolded and without comments.
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// The lines of a record.
    pub fn new(record: &'a [u8]) -> Self {
        Lines { rest: record }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next line as it stands, without its end.
    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Cow<'a, [u8]>> {
        loop {
            let mut line = Cow::Borrowed(self.physical()?);
            while self.rest.first() == Some(&b' ') {
                let folded = self.physical().unwrap_or_default();
                line.to_mut().extend_from_slice(&folded[1..]);
            }
            if !line.is_empty() && line[0] != b'#' {
                return Some(line);
            }
        }
    }
}

/// The name and the value of a line.
pub fn split(line: &[u8]) -> Result<(&str, Cow<'_, [u8]>), Error> {
    let colon = line.iter().position(|byte| *byte == b':').ok_or_else(|| Error::invalid("A line without a colon"))?;
    let name = std::str::from_utf8(&line[..colon]).ok().filter(|name| !name.is_empty() && name.is_ascii());
    let name = name.ok_or_else(|| Error::invalid("A line without the name of an attribute"))?;
    match &line[colon + 1..] {
        [b':', encoded @ ..] => {
            let value = BASE64.decode(encoded.trim_ascii());
            value.map(|value| (name, Cow::Owned(value))).map_err(|_| Error::invalid("A value that is not base64"))
        }
        [b'<', ..] => Err(Error::unsupported("A value that stands in another file (`:<`) cannot be read")),
        plain => {
            let blanks = plain.iter().take_while(|byte| **byte == b' ').count();
            Ok((name, Cow::Borrowed(&plain[blanks..])))
        }
    }
}

/// The name of the entry that a record is about, from its first line.
pub fn dn(lines: &mut Lines<'_>) -> Result<String, Error> {
    let odd = || Error::invalid("A record that does not begin with `dn:`");
    let line = lines.next().ok_or_else(odd)?;
    let (name, value) = split(&line)?;
    if !name.eq_ignore_ascii_case("dn") {
        return Err(odd());
    }
    String::from_utf8(value.into_owned()).map_err(|_| Error::invalid("The name of the entry is not UTF-8"))
}

/// Whether a record has all of these object classes, found out without taking it apart. A class that is written in base64
/// is not found; nobody writes one so.
pub fn has_classes(record: &[u8], classes: &[String]) -> bool {
    let mut missing: Vec<&String> = classes.iter().collect();
    for line in Lines::new(record) {
        let Some((name, value)) = line.split_at_checked("objectClass:".len()) else { continue };
        if name.eq_ignore_ascii_case(b"objectClass:") {
            missing.retain(|class| !value.trim_ascii_start().eq_ignore_ascii_case(class.as_bytes()));
            if missing.is_empty() {
                return true;
            }
        }
    }
    missing.is_empty()
}

/// Reads a record as an entry.
pub fn entry(record: &[u8]) -> Result<Entry, Error> {
    let mut lines = Lines::new(record);
    let mut entry = Entry { dn: dn(&mut lines)?, attributes: Vec::new() };
    for line in lines {
        let (name, value) = split(&line)?;
        add(&mut entry.attributes, name, value.into_owned());
    }
    Ok(entry)
}

/// Adds a value to the attribute of this name. Values of one attribute nearly always follow each other.
pub fn add(attributes: &mut Vec<Attribute>, name: &str, value: Vec<u8>) {
    match attributes.iter_mut().rev().find(|own| own.name.eq_ignore_ascii_case(name)) {
        Some(own) => own.values.push(value),
        None => attributes.push(Attribute { name: name.to_owned(), values: vec![value] }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn written(name: &str, value: &[u8]) -> String {
        let mut out = Vec::new();
        write_line(&mut out, name, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_that_are_not_plain_text_are_base64() {
        assert_eq!(written("cn", b"Eva: <x>#"), "cn: Eva: <x>#\n");
        assert_eq!(written("cn", "Åsa".as_bytes()), "cn:: w4VzYQ==\n");
        assert_eq!(written("cn", b""), "cn:\n");
        for odd in [" a", "a ", ":a", "<a", "a\nb", "a\0"] {
            assert!(written("cn", odd.as_bytes()).starts_with("cn:: "), "{odd:?}");
        }
    }

    #[test]
    fn long_lines_are_folded() {
        let text = written("description", "x".repeat(200).as_bytes());
        assert!(text.lines().all(|line| line.len() <= WIDTH) && text.lines().count() == 3);
        assert!(text.lines().skip(1).all(|line| line.starts_with(' ')));
    }

    #[test]
    fn what_others_write_is_read() {
        let text =
            "# by hand\r\ndn:cn=a,\r\n dc=se\r\nCN: a\r\n# more\r\n folded comment\r\ncn::  w4VzYQ== \r\nsn:\r\n";
        let entry = entry(text.as_bytes()).unwrap();
        assert_eq!(entry.dn, "cn=a,dc=se");
        assert_eq!(entry.values("cn"), [b"a".to_vec(), "Åsa".as_bytes().to_vec()]);
        assert_eq!(entry.values("sn"), [Vec::<u8>::new()]);
    }

    #[test]
    fn object_classes_are_found_without_taking_a_record_apart() {
        let record = b"dn: cn=a\nOBJECTCLASS: Top\nobjectClass:person\ndescription: objectClass: robot\n";
        let has =
            |classes: &[&str]| has_classes(record, &classes.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert!(has(&["person"]) && has(&["TOP", "person"]));
        assert!(!has(&["robot"]) && !has(&["top", "robot"]));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for odd in [
            "",
            "cn: a\n",
            "dn: cn=a\ncn\n",
            "dn: cn=a\ncn:: ?\n",
            "dn: cn=a\ncn:< file:///etc/passwd\n",
            "dn:: /w==\n",
        ] {
            assert!(entry(odd.as_bytes()).is_err(), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn any_entry_comes_back(dn in "[^\\n]{1,120}", values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..5)) {
            let own = Entry { dn, attributes: vec![Attribute { name: "x".into(), values }] };
            let mut text = Vec::new();
            write_entry(&mut text, &own);
            prop_assert_eq!(entry(&text).unwrap(), own);
        }
    }
}
