//! How much of the machine one connector may use, as it can stand in `sluss.toml`.
//!
//! The defaults suit every plugin that was measured; an operator raises a single one for a single system, and no
//! plugin can raise any.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The limits of one connector. In TOML: `memory = "512 MiB"`, `call = "5 min"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// All linear memories of the connector together.
    pub memory: Size,
    /// The longest one call may take, waiting included.
    pub call: Span,
    /// The most data that the connector may hand over at once: a page, an outcome, a file's content.
    pub transfer: Size,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Core instances, memories and tables, each.
    pub instances: usize,
    /// Handles to the host's resources that are open at once.
    pub handles: usize,
    /// Log lines that may come in one go.
    pub log_burst: u32,
    /// Log lines a second after that.
    pub log_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: Size::mebibytes(256),
            call: Span(Duration::from_secs(60)),
            transfer: Size::mebibytes(32),
            table_elements: 65_536,
            instances: 256,
            handles: 10_000,
            log_burst: 1_000,
            log_rate: 50,
        }
    }
}

/// A number of bytes, written `64 KiB`, `256 MiB`, `1 GiB` or as plain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// This many times 1,048,576 bytes.
    pub const fn mebibytes(number: u64) -> Self {
        Size(number * 1024 * 1024)
    }

    /// As the machine counts; more than it can address becomes the most it can.
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A length of time, written `90 s`, `5 min` or `1 h 30 min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// The text is neither a size nor a length of time.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// Not a size.
    #[error("`{0}` is not a size; write it like \"256 MiB\" (KiB, MiB, GiB)")]
    Size(String),
    /// Not a length of time.
    #[error("`{0}` is not a length of time; write it like \"60 s\" or \"5 min\"")]
    Span(String),
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Size(text.to_owned());
        let trimmed = text.trim();
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| trimmed.strip_suffix(name).map(|number| (number, *unit)))
            .unwrap_or((trimmed, 1));
        let number: u64 = number.trim().parse().map_err(|_| wrong())?;
        number.checked_mul(unit).filter(|bytes| *bytes > 0).map(Size).ok_or_else(wrong)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = UNITS.iter().find(|(_, unit)| self.0.is_multiple_of(*unit)).unwrap_or(&UNITS[3]);
        write!(f, "{} {name}", self.0 / unit)
    }
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Span(text.to_owned());
        let span: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
        Duration::try_from(span).ok().filter(|span| !span.is_zero()).map(Span).ok_or_else(wrong)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_millis() == 0 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{} ms", self.0.as_millis())
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a size like \"256 MiB\" or a number of bytes")]
        enum Written {
            Text(String),
            Bytes(u64),
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => text.parse().map_err(D::Error::custom),
            Written::Bytes(bytes) => bytes.to_string().parse().map_err(D::Error::custom),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_are_read_and_written() {
        for (text, bytes, shown) in [
            ("256 MiB", 256 << 20, "256 MiB"),
            ("1GiB", 1 << 30, "1 GiB"),
            ("1500", 1500, "1500 B"),
            (" 64 KiB", 65536, "64 KiB"),
        ] {
            let size: Size = text.parse().unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (bytes, shown));
        }
        for text in ["", "0", "-1", "256 MB", "1.5 GiB", "99999999999 GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        for (text, shown) in [("60 s", "60 s"), ("5 min", "300 s"), ("250 ms", "250 ms"), ("1h 30min", "5400 s")] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), shown);
        }
        for text in ["", "0 s", "-5 s", "60", "soon"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_limit_is_raised_and_a_wrong_name_is_refused() {
        let limits: Limits = toml::from_str("memory = \"1 GiB\"\ncall = \"5 min\"").unwrap();
        assert_eq!(limits, Limits { memory: Size(1 << 30), call: Span(Duration::from_secs(300)), ..Limits::default() });
        let error = toml::from_str::<Limits>("memmory = \"1 GiB\"").unwrap_err().to_string();
        assert!(error.contains("memmory") && error.contains("line 1"), "{error}");
        let error = toml::from_str::<Limits>("memory = \"1 GB\"").unwrap_err().to_string();
        assert!(error.contains("`1 GB` is not a size"), "{error}");
    }
}
