//! Settings that every plugin for delimited files has: how letters are written, how a file ends, where a column is.

use schemars::JsonSchema;
use serde::Deserialize;

/// How letters are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Encoding {
    /// Windows-1252, which Windows calls ANSI.
    #[default]
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO-8859-1, also called Latin-1.
    #[serde(rename = "iso-8859-1")]
    Iso8859_1,
    /// UTF-16, with or without a byte order mark; Windows calls it Unicode.
    #[serde(rename = "utf-16")]
    Utf16,
}

impl Encoding {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Windows1252 => "Windows-1252",
            Encoding::Utf8 => "UTF-8",
            Encoding::Iso8859_1 => "ISO-8859-1",
            Encoding::Utf16 => "UTF-16",
        }
    }
}

/// Whether the last line must end as the others do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FinalNewline {
    /// A last line without an end was cut off.
    #[default]
    Required,
    /// It is as good as the others.
    Optional,
}

/// Where an attribute stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Where {
    /// At this position, counted from 1.
    Position(u32),
    /// In the column of this name; nowhere, where the name is empty.
    Name(String),
}
