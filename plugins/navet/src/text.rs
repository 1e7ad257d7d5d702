//! From bytes to letters, by the encoding that a document says or an operator knows.

use crate::broken::Broken;
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;
use yore::code_pages::CP1252;

/// How letters are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Encoding {
    /// Windows-1252, which Windows calls ANSI, and which reads ISO 8859-1 as well.
    #[default]
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How far into a document its prolog may reach.
const LONGEST_PROLOG: usize = 256;

impl Encoding {
    /// The encoding of this name.
    fn named(name: &str) -> Option<Encoding> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Encoding::Utf8,
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Encoding::Windows1252,
            _ => return None,
        })
    }

    /// The letters of some bytes.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
        if self == Encoding::Utf8 || bytes.is_ascii() {
            return std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Broken::Letters);
        }
        let has_none = bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
        // What reads as UTF-8 although it has more than ASCII is UTF-8: in Windows-1252 it would be gibberish.
        if has_none || std::str::from_utf8(bytes).is_ok() {
            return Err(Broken::Letters);
        }
        Ok(CP1252.decode(bytes))
    }
}

/// The bytes without a byte order mark of UTF-8.
pub fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// The letters of an XML document, by its prolog.
pub fn xml(bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
    let content = unmarked(bytes);
    let prolog = content.strip_prefix(b"<?xml").map(|rest| &rest[..rest.len().min(LONGEST_PROLOG)]);
    let prolog = prolog.and_then(|rest| rest.windows(2).position(|pair| pair == b"?>").map(|end| &rest[..end]));
    let declared = prolog.and_then(|prolog| std::str::from_utf8(prolog).ok()).and_then(declared);
    match declared.map(Encoding::named) {
        None => Encoding::Utf8.decode(content),
        Some(Some(encoding)) => encoding.decode(content),
        Some(None) => Err(Broken::Letters),
    }
}

/// The name of the encoding in a prolog.
fn declared(prolog: &str) -> Option<&str> {
    let (_, rest) = prolog.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_prolog_says_how_letters_are_written() {
        for (bytes, text) in [
            (b"<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xb6</a>".as_slice(), Ok("ö")),
            (b"\xef\xbb\xbf<a>\xc3\xb6</a>", Ok("ö")),
            (b"<?xml version=\"1.0\" encoding = \"iso-8859-1\" ?><a>\xf6</a>", Ok("ö")),
            (b"<?xml version='1.0' encoding='windows-1252'?><a>\x8a\xf6</a>", Ok("Šö")),
            (b"<a>\xf6</a>", Err(Broken::Letters)),
            (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xc3\xb6</a>", Err(Broken::Letters)),
            (b"<?xml version='1.0' encoding='utf-16'?><a/>", Err(Broken::Letters)),
            (b"\xff\xfe<\0a\0/\0>\0", Err(Broken::Letters)),
        ] {
            let read = xml(bytes).map(|text| text.split("<a>").nth(1).unwrap().replace("</a>", ""));
            assert_eq!(read, text.map(str::to_owned), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_written_otherwise_than_was_said_is_found() {
        assert_eq!(Encoding::Windows1252.decode(b"\xd6berg").unwrap(), "Öberg");
        assert_eq!(Encoding::Windows1252.decode("Öberg".as_bytes()), Err(Broken::Letters));
        assert_eq!(Encoding::Windows1252.decode(b"\x81"), Err(Broken::Letters));
        assert_eq!(Encoding::Utf8.decode(b"\xd6berg"), Err(Broken::Letters));
    }
}
