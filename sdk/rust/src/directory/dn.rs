//! Distinguished names (RFC 4514): taken apart, put together, compared.
//!
//! An object's id is its name, and servers write the same name in different ways (`\2C` for `\,`, spaces after commas,
//! the case of attribute types). One way of writing keeps ids and references equal as text.

use crate::Error;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// One attribute and value of an RDN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The attribute type, in lower case.
    pub attribute: String,
    /// The value, unescaped.
    pub value: String,
}

/// One step of a name; nearly always of a single part.
pub type Rdn = Vec<Part>;

/// A distinguished name, from the entry up to the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dn {
    rdns: Vec<Rdn>,
}

impl Dn {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // What stands at the end may be escaped: whether it belongs to the last value is seen when that is read.
        let mut parser = Parser { rest: text };
        let mut dn = Dn::default();
        if text.trim().is_empty() {
            return Ok(dn);
        }
        loop {
            let mut rdn = vec![parser.part()?];
            while parser.take('+') {
                rdn.push(parser.part()?);
            }
            dn.rdns.push(rdn);
            if parser.rest.is_empty() {
                return Ok(dn);
            }
            if !parser.take(',') && !parser.take(';') {
                return Err(malformed());
            }
        }
    }

    /// Whether this is the root, the empty name.
    pub fn is_root(&self) -> bool {
        self.rdns.is_empty()
    }

    /// How many steps lead to the root.
    pub fn depth(&self) -> usize {
        self.rdns.len()
    }

    /// The first step.
    pub fn rdn(&self) -> Option<&Rdn> {
        self.rdns.first()
    }

    /// The value that the first step has for an attribute.
    pub fn value_of(&self, attribute: &str) -> Option<&str> {
        let part = self.rdn()?.iter().find(|part| part.attribute.eq_ignore_ascii_case(attribute))?;
        Some(&part.value)
    }

    /// The first step, written.
    pub fn rdn_text(&self) -> String {
        Dn { rdns: self.rdns.iter().take(1).cloned().collect() }.to_string()
    }

    /// The name of the entry above; none at the root.
    pub fn parent(&self) -> Option<Dn> {
        let (_, above) = self.rdns.split_first()?;
        Some(Dn { rdns: above.to_vec() })
    }

    /// The name of an entry right below this.
    #[must_use]
    pub fn child(&self, attribute: &str, value: &str) -> Dn {
        let part = Part { attribute: attribute.to_ascii_lowercase(), value: value.to_owned() };
        let mut rdns = vec![vec![part]];
        rdns.extend_from_slice(&self.rdns);
        Dn { rdns }
    }

    /// This name as one relative to a base, made whole.
    #[must_use]
    pub fn within(&self, base: &Dn) -> Dn {
        Dn { rdns: self.rdns.iter().chain(&base.rdns).cloned().collect() }
    }

    /// Whether this is the base or stands below it.
    pub fn is_under(&self, base: &Dn) -> bool {
        self.relative_to(base).is_some()
    }

    /// What leads from a base to this; none where this stands elsewhere.
    pub fn relative_to(&self, base: &Dn) -> Option<Dn> {
        let steps = self.rdns.len().checked_sub(base.rdns.len())?;
        let (relative, above) = self.rdns.split_at(steps);
        let same = above.iter().zip(&base.rdns).all(|(a, b)| rdn_key(a) == rdn_key(b));
        same.then(|| Dn { rdns: relative.to_vec() })
    }

    /// The name as Active Directory writes it: with its attribute types in capital letters, and without a bare equals sign
    /// in a value.
    pub fn in_capitals(&self) -> String {
        let value = |value: &str| escape(value).replace('=', "\\=");
        let part = |part: &Part| format!("{}={}", part.attribute.to_ascii_uppercase(), value(&part.value));
        let rdn = |rdn: &Rdn| rdn.iter().map(part).collect::<Vec<_>>().join("+");
        self.rdns.iter().map(rdn).collect::<Vec<_>>().join(",")
    }

    /// The name in a form that is equal for equal names: the case and the spacing of values make no difference.
    pub fn key(&self) -> String {
        self.rdns.iter().map(rdn_key).collect::<Vec<_>>().join(",")
    }

    /// A key that sorts an entry after the one above it, and all that stands below an entry right behind it.
    pub fn tree_key(&self) -> String {
        let mut key = String::with_capacity(64);
        for rdn in self.rdns.iter().rev() {
            push_rdn_key(&mut key, rdn);
            key.push('\0');
        }
        key
    }
}

fn rdn_key(rdn: &Rdn) -> String {
    let mut key = String::new();
    push_rdn_key(&mut key, rdn);
    key
}

fn push_rdn_key(key: &mut String, rdn: &Rdn) {
    if let [part] = rdn.as_slice() {
        push_part_key(key, part);
        return;
    }
    let one = |part| {
        let mut key = String::new();
        push_part_key(&mut key, part);
        key
    };
    let mut parts: Vec<String> = rdn.iter().map(one).collect();
    parts.sort_unstable();
    key.push_str(&parts.join("+"));
}

fn push_part_key(key: &mut String, part: &Part) {
    key.push_str(&part.attribute);
    key.push('=');
    // Nearly every value of a large directory is a plain user name, which is its own key.
    if part.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')) {
        key.push_str(&part.value);
        return;
    }
    let value = part.value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    key.push_str(&escape(&value));
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, rdn) in self.rdns.iter().enumerate() {
            if step > 0 {
                f.write_char(',')?;
            }
            for (at, part) in rdn.iter().enumerate() {
                if at > 0 {
                    f.write_char('+')?;
                }
                write!(f, "{}={}", part.attribute, escape(&part.value))?;
            }
        }
        Ok(())
    }
}

/// Escapes a value for use in a name (RFC 4514).
pub fn escape(value: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '\0');
    let edge = value.starts_with([' ', '#']) || value.ends_with(' ');
    if !edge && !value.contains(special) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 8);
    let last = value.len() - 1;
    for (at, character) in value.char_indices() {
        let at_edge = (at == 0 && matches!(character, ' ' | '#')) || (at == last && character == ' ');
        match character {
            '\0' => escaped.push_str("\\00"),
            _ if at_edge || special(character) => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// A name as ids are written. Text that is no name is given back as it is.
pub fn canonical(text: &str) -> Cow<'_, str> {
    if is_canonical(text) {
        return Cow::Borrowed(text);
    }
    match Dn::parse(text) {
        Ok(dn) => Cow::Owned(dn.to_string()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Whether a name is plainly written as ids are: what nearly all are, and what 50,000 members of a group can be asked.
fn is_canonical(text: &str) -> bool {
    text.split(',').all(|step| {
        step.split_once('=').is_some_and(|(attribute, value)| {
            attribute.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !attribute.is_empty()
                && !value.starts_with([' ', '#'])
                && !value.ends_with(' ')
                && !value.bytes().any(|b| matches!(b, b'\\' | b'"' | b'+' | b';' | b'<' | b'>' | 0))
        })
    })
}

fn malformed() -> Error {
    Error::invalid("This is not a distinguished name (RFC 4514); one looks like `uid=eva,ou=people,dc=example,dc=se`")
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn take(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn part(&mut self) -> Result<Part, Error> {
        let (attribute, rest) = self.rest.split_once('=').ok_or_else(malformed)?;
        let attribute = attribute.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        if attribute.is_empty() || !attribute.bytes().all(plain) {
            return Err(malformed());
        }
        self.rest = rest.trim_start_matches(' ');
        let value = if self.take('"') { self.quoted()? } else { self.value()? };
        Ok(Part { attribute: attribute.to_ascii_lowercase(), value })
    }

    fn value(&mut self) -> Result<String, Error> {
        let end = self.rest.find([',', ';', '+', '\\', '"']).unwrap_or(self.rest.len());
        if !self.rest[end..].starts_with(['\\', '"']) {
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(value.trim_end_matches(' ').to_owned());
        }
        let mut bytes = Vec::new();
        // Spaces behind the last byte that is not a plain space do not belong to the value.
        let mut kept = 0;
        while let Some(next) = self.rest.chars().next() {
            match next {
                ',' | ';' | '+' => break,
                '\\' => {
                    self.rest = &self.rest[1..];
                    self.escaped(&mut bytes)?;
                    kept = bytes.len();
                }
                '"' => return Err(malformed()),
                plain => {
                    self.push(plain, &mut bytes);
                    if plain != ' ' {
                        kept = bytes.len();
                    }
                }
            }
        }
        bytes.truncate(kept);
        String::from_utf8(bytes).map_err(|_| malformed())
    }

    /// The old way of quoting (RFC 2253).
    fn quoted(&mut self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        loop {
            match self.rest.chars().next().ok_or_else(malformed)? {
                '"' => {
                    self.rest = self.rest[1..].trim_start_matches(' ');
                    return String::from_utf8(bytes).map_err(|_| malformed());
                }
                '\\' => {
                    self.rest = &self.rest[1..];
                    self.escaped(&mut bytes)?;
                }
                plain => self.push(plain, &mut bytes),
            }
        }
    }

    fn escaped(&mut self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let pair = self.rest.get(..2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(byte) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            bytes.push(byte);
            self.rest = &self.rest[2..];
            return Ok(());
        }
        let next = self.rest.chars().next().ok_or_else(malformed)?;
        self.push(next, bytes);
        Ok(())
    }

    fn push(&mut self, character: char, bytes: &mut Vec<u8>) {
        let mut buffer = [0; 4];
        bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        self.rest = &self.rest[character.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap()
    }

    #[test]
    fn the_same_name_is_written_in_one_way() {
        for text in ["CN=Lind\\2C Eva, OU=x;dc=se", "cn=\"Lind, Eva\",ou=x,dc=se", " cn = Lind\\, Eva ,ou=x,dc=se"] {
            assert_eq!(dn(text).to_string(), "cn=Lind\\, Eva,ou=x,dc=se", "{text}");
        }
        assert_eq!(dn("cn=\\C3\\85sa").to_string(), "cn=Åsa");
        assert_eq!(dn("cn=\\ a\\ +uid=\\#1").to_string(), "cn=\\ a\\ +uid=\\#1");
        assert_eq!(dn("").to_string(), "");
        assert_eq!(dn("ou=a\\, b+cn=x=y,dc=Se").in_capitals(), "OU=a\\, b+CN=x\\=y,DC=Se");
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for text in ["eva", "=eva", "cn=a,", "cn=a\\", "cn=\\ff", "c n=a", "cn=\"a", "cn=a,,dc=b"] {
            assert!(Dn::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_cannot_leave_its_step() {
        let child = dn("dc=se").child("cn", " a,ou=b+c\\\"<>;\0# ");
        assert_eq!(dn(&child.to_string()), child);
        assert_eq!(child.depth(), 2);
        for value in [" ", "a ", "\u{a0}a\t", "#"] {
            let first = Dn::default().child("cn", value);
            assert_eq!(dn(&first.to_string()), first, "{value:?}");
        }
    }

    #[test]
    fn case_and_spacing_make_no_difference_to_the_key() {
        assert_eq!(dn("UID=Eva  Åsa,DC=SE").key(), dn("uid=eva åsa,dc=se").key());
        assert_ne!(dn("uid=eva,dc=se").key(), dn("uid=eve,dc=se").key());
        assert_eq!(dn("cn=a+uid=b").key(), dn("uid=b+cn=a").key());
    }

    #[test]
    fn relative_names_lead_from_the_base_and_back() {
        let base = dn("dc=example,dc=se");
        let people = dn("ou=people").within(&base);
        assert_eq!(people.relative_to(&base).unwrap().to_string(), "ou=people");
        assert!(people.is_under(&base) && base.is_under(&base));
        assert!(!base.is_under(&people) && !dn("ou=people,dc=example,dc=no").is_under(&base));
        assert_eq!(people.parent().unwrap(), base);
        assert_eq!(Dn::default().parent(), None);
    }

    #[test]
    fn tree_keys_put_parents_before_children_and_keep_families_together() {
        let mut names = ["uid=a,ou=p-x,dc=se", "ou=p-x,dc=se", "dc=se", "uid=b,ou=p,dc=se", "ou=p,dc=se"];
        names.sort_by_key(|name| dn(name).tree_key());
        assert_eq!(names, ["dc=se", "ou=p,dc=se", "uid=b,ou=p,dc=se", "ou=p-x,dc=se", "uid=a,ou=p-x,dc=se"]);
    }

    #[test]
    fn canonical_text_is_left_alone_and_the_rest_is_put_right() {
        assert!(matches!(canonical("uid=eva åsa,ou=people,dc=se"), Cow::Borrowed(_)));
        assert_eq!(canonical("UID=eva, dc=se"), "uid=eva,dc=se");
        assert_eq!(canonical("cn=a\\2Cb,dc=se"), "cn=a\\,b,dc=se");
        assert_eq!(canonical("not a name"), "not a name");
    }
}
