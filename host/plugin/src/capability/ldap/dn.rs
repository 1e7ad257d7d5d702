//! Distinguished names, parsed: the only form in which one name can be said to stand below another.
//!
//! A name that ends in the same letters as the granted base need not lie below it, and the same name can be written in
//! many ways. So names are taken apart by RFC 4514, compared part by part, and written anew for the wire: what the
//! server reads is what was checked. What RFC 4514 does not allow is refused, even where servers are lenient.

use std::fmt;

/// One attribute and value of an RDN.
#[derive(Debug, Clone)]
struct Part {
    /// The attribute, as it was given.
    kind: String,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Text(String),
    /// BER in hexadecimal digits, of which nothing is known but that equal digits mean equal values.
    Raw(String),
}

/// One level of a name: usually one attribute with its value, sometimes several.
#[derive(Debug, Clone)]
pub struct Rdn(Vec<Part>);

/// A distinguished name, from the entry up to the root.
#[derive(Debug, Clone)]
pub struct Dn(Vec<Rdn>);

/// Why a text is no distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    /// An attribute is missing or has letters that attributes do not have.
    #[error("an attribute type is missing or malformed")]
    Type,
    /// A backslash is not followed by what may follow one.
    #[error("a backslash is followed by neither a special character nor two hexadecimal digits")]
    Escape,
    /// A special character stands where it has to be escaped.
    #[error("the character {0:?} has to be escaped")]
    Special(char),
    /// The escaped bytes are not UTF-8.
    #[error("a value is not UTF-8")]
    Utf8,
    /// A value in hexadecimal form is not made of pairs of digits.
    #[error("a value after # is not made of pairs of hexadecimal digits")]
    Hexadecimal,
    /// An RDN was expected, and this is several.
    #[error("one relative name was expected")]
    Several,
}

impl Dn {
    /// Parses a name. The empty text is the root.
    pub fn parse(text: &str) -> Result<Dn, DnError> {
        if text.trim().is_empty() {
            return Ok(Dn(Vec::new()));
        }
        let mut rest = text;
        let mut rdns = Vec::new();
        loop {
            let (rdn, after) = parse_rdn(rest)?;
            rdns.push(rdn);
            match after {
                Some(after) => rest = after,
                None => return Ok(Dn(rdns)),
            }
        }
    }

    /// Whether this is the other name or lies below it.
    pub fn is_within(&self, base: &Dn) -> bool {
        self.0.len() >= base.0.len() && self.0[self.0.len() - base.0.len()..] == base.0[..]
    }

    /// The name above; none above the root.
    pub fn parent(&self) -> Option<Dn> {
        self.0.split_first().map(|(_, above)| Dn(above.to_vec()))
    }

    /// The name directly below this one.
    pub fn child(&self, rdn: Rdn) -> Dn {
        Dn(std::iter::once(rdn).chain(self.0.iter().cloned()).collect())
    }

    /// Keys for the name itself and every name above it, nearest first and without the root. Two names have the same
    /// key exactly when they are equal.
    pub fn keys(&self) -> Vec<String> {
        let levels: Vec<String> = self.0.iter().map(Rdn::key).collect();
        (0..levels.len()).map(|level| levels[level..].join(",")).collect()
    }
}

impl Rdn {
    /// Parses one relative name.
    pub fn parse(text: &str) -> Result<Rdn, DnError> {
        match parse_rdn(text)? {
            (rdn, None) => Ok(rdn),
            (_, Some(_)) => Err(DnError::Several),
        }
    }

    /// A text that is equal for names that servers take as equal: letter case, superfluous spaces and the order of
    /// several parts do not count.
    fn key(&self) -> String {
        let mut parts: Vec<String> = self
            .0
            .iter()
            .map(|part| match &part.value {
                Value::Text(text) => {
                    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
                    format!("{}={}", part.kind.to_lowercase(), escape(&words.join(" ")))
                }
                Value::Raw(digits) => format!("{}=#{}", part.kind.to_lowercase(), digits.to_lowercase()),
            })
            .collect();
        parts.sort();
        parts.join("+")
    }
}

impl PartialEq for Rdn {
    fn eq(&self, other: &Rdn) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Rdn {}

impl PartialEq for Dn {
    fn eq(&self, other: &Dn) -> bool {
        self.0 == other.0
    }
}

impl Eq for Dn {}

impl fmt::Display for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let plus = if index > 0 { "+" } else { "" };
            match &part.value {
                Value::Text(text) => write!(f, "{plus}{}={}", part.kind, escape(text))?,
                Value::Raw(digits) => write!(f, "{plus}{}=#{digits}", part.kind)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rdn) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{rdn}")?;
        }
        Ok(())
    }
}

/// The first relative name of the text, and what follows the comma behind it.
fn parse_rdn(text: &str) -> Result<(Rdn, Option<&str>), DnError> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (kind, after) = rest.split_once('=').ok_or(DnError::Type)?;
        let kind = kind.trim_matches(' ');
        if !is_type(kind) {
            return Err(DnError::Type);
        }
        let (value, end, after) = parse_value(after)?;
        parts.push(Part { kind: kind.to_owned(), value });
        rest = after;
        match end {
            Some('+') => {}
            Some(_) => return Ok((Rdn(parts), Some(rest))),
            None => return Ok((Rdn(parts), None)),
        }
    }
}

/// A short name (`ou`) or an object identifier (`2.5.4.11`).
fn is_type(kind: &str) -> bool {
    match kind.as_bytes().first() {
        Some(first) if first.is_ascii_alphabetic() => {
            kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }
        Some(first) if first.is_ascii_digit() => {
            kind.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()))
        }
        _ => false,
    }
}

/// A value, the character that ended it (`,` or `+`), and what comes behind.
fn parse_value(text: &str) -> Result<(Value, Option<char>, &str), DnError> {
    let text = text.trim_start_matches(' ');
    if let Some(digits) = text.strip_prefix('#') {
        let end = digits.find([',', '+']);
        let (digits, rest) = end.map_or((digits, ""), |end| (&digits[..end], &digits[end + 1..]));
        let ended_by = end.and_then(|end| text[1 + end..].chars().next());
        let digits = digits.trim_end_matches(' ');
        let is_pairs = digits.len().is_multiple_of(2) && !digits.is_empty();
        if !is_pairs || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DnError::Hexadecimal);
        }
        return Ok((Value::Raw(digits.to_owned()), ended_by, rest));
    }
    let mut bytes = Vec::new();
    // Spaces at the end do not count, unless they are escaped.
    let mut kept = 0;
    let mut characters = text.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            ',' | '+' => {
                let value = finish(bytes, kept)?;
                return Ok((value, Some(character), &text[position + 1..]));
            }
            '\\' => {
                let after = &text[position + 1..];
                let next = after.chars().next().ok_or(DnError::Escape)?;
                characters.next();
                if let Some(high) = next.to_digit(16) {
                    let (_, low) = characters.next().ok_or(DnError::Escape)?;
                    let low = low.to_digit(16).ok_or(DnError::Escape)?;
                    bytes.push((high * 16 + low) as u8);
                } else if " \"#+,;<=>\\".contains(next) {
                    bytes.push(next as u8);
                } else {
                    return Err(DnError::Escape);
                }
                kept = bytes.len();
            }
            '"' | ';' | '<' | '>' | '\0' => return Err(DnError::Special(character)),
            _ => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                if character != ' ' {
                    kept = bytes.len();
                }
            }
        }
    }
    Ok((finish(bytes, kept)?, None, ""))
}

fn finish(mut bytes: Vec<u8>, kept: usize) -> Result<Value, DnError> {
    bytes.truncate(kept);
    String::from_utf8(bytes).map(Value::Text).map_err(|_| DnError::Utf8)
}

/// The value as RFC 4514 writes it, with whatever a terminal or a log might trip over in hexadecimal form.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (position, character) in value.char_indices() {
        let is_first = position == 0;
        let is_last = position + character.len_utf8() == value.len();
        match character {
            // Active Directory wants the equals sign escaped as well.
            '"' | '+' | ',' | ';' | '<' | '=' | '>' | '\\' => text.extend(['\\', character]),
            '#' if is_first => text.push_str("\\#"),
            ' ' if is_first || is_last => text.push_str("\\ "),
            _ if character.is_ascii_control() => text.push_str(&format!("\\{:02x}", character as u32)),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
#[path = "dn_tests.rs"]
mod tests;
