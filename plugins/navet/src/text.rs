//! From bytes to letters, by the encoding that an operator knows.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_xml::Broken;
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

impl Encoding {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_otherwise_than_was_said_is_found() {
        assert_eq!(Encoding::Windows1252.decode(b"\xd6berg").unwrap(), "Öberg");
        assert_eq!(Encoding::Windows1252.decode("Öberg".as_bytes()), Err(Broken::Letters));
        assert_eq!(Encoding::Windows1252.decode(b"\x81"), Err(Broken::Letters));
        assert_eq!(Encoding::Utf8.decode(b"\xd6berg"), Err(Broken::Letters));
    }
}
