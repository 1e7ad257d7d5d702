//! The fingerprint of what a policy says.
//!
//! Taken from keys and values in the order in which they stand, so that a comment or a blank line wakes nobody and any
//! changed rule wakes everybody.

use toml::de::{DeTable, DeValue};

/// The fingerprint of some files.
pub(super) fn digest<'a>(files: impl Iterator<Item = &'a DeTable<'a>>) -> String {
    let mut hasher = blake3::Hasher::new();
    files.for_each(|file| table(&mut hasher, file));
    hasher.finalize().to_hex().to_string()
}

/// Feeds the entries of a table; where one file ends and the next begins leaves no trace.
fn table(hasher: &mut blake3::Hasher, table: &DeTable<'_>) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, entry) in entries {
        text(hasher, b'k', key.get_ref());
        value(hasher, entry.get_ref());
    }
}

/// Feeds a value with a mark of its kind, so that `"1"` and `1` differ.
fn value(hasher: &mut blake3::Hasher, value: &DeValue<'_>) {
    match value {
        DeValue::String(string) => text(hasher, b's', string),
        DeValue::Integer(integer) => text(hasher, b'i', &integer.to_string()),
        DeValue::Float(float) => text(hasher, b'f', float.as_str()),
        DeValue::Boolean(yes) => text(hasher, b'b', if *yes { "true" } else { "false" }),
        DeValue::Datetime(datetime) => text(hasher, b'd', &datetime.to_string()),
        DeValue::Array(array) => {
            hasher.update(b"a");
            array.iter().for_each(|element| self::value(hasher, element.get_ref()));
            hasher.update(b"e");
        }
        DeValue::Table(inner) => {
            hasher.update(b"t");
            table(hasher, inner);
            hasher.update(b"e");
        }
    }
}

/// Feeds a text with its length, so that no two sequences of texts read alike.
fn text(hasher: &mut blake3::Hasher, mark: u8, text: &str) {
    hasher.update(&[mark]);
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
