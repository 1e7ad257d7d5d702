//! Deserialises a table so that its faults stay apart: which key, at which place, or which key is not there.
//!
//! The usual deserialiser gives one message for whatever went wrong, and whoever reads it cannot go on.

use super::table::Entry;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

/// Why a table could not be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The value of a key.
    Value {
        /// Which entry; past the last one, a key that was taken as empty.
        index: usize,
        /// What is wrong with it.
        message: String,
        /// Where exactly.
        span: Option<Range<usize>>,
    },
    /// A key is not there.
    Missing(&'static str),
    /// The table as a whole.
    Other(String),
}

impl Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Value { message, .. } | ReadError::Other(message) => f.write_str(message),
            ReadError::Missing(field) => write!(f, "`{field}` is missing"),
        }
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: Display>(message: T) -> Self {
        ReadError::Other(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        ReadError::Missing(field)
    }
}

/// The keys that a type knows.
pub(super) fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &[&str] = &[];
    // What becomes of the reading does not matter: a struct names its fields before it looks at anything.
    let _ = T::deserialize(Asking { fields: &mut fields });
    fields
}

/// Has nothing to read, but hears which fields are asked for.
struct Asking<'f> {
    fields: &'f mut &'static [&'static str],
}

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = ReadError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        *self.fields = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ReadError> {
        Err(ReadError::Other("asked only for its fields".to_owned()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Gives the entries of a table, and then the missing keys with empty texts.
pub(super) struct Reading<'t> {
    entries: &'t [Entry<'t>],
    empty: &'t [&'static str],
    at: Range<usize>,
    index: usize,
}

impl<'t> Reading<'t> {
    /// Reads these entries of the table that stands there, with these keys as if they were there and empty.
    pub(super) fn new(entries: &'t [Entry<'t>], empty: &'t [&'static str], at: Range<usize>) -> Self {
        Reading { entries, empty, at, index: 0 }
    }

    fn key(&self) -> Option<&'t str> {
        let entry = self.entries.get(self.index).map(|entry| entry.key);
        entry.or_else(|| self.empty.get(self.index - self.entries.len()).copied())
    }

    fn value(&self) -> Spanned<DeValue<'t>> {
        let empty = || Spanned::new(self.at.clone(), DeValue::String(Cow::Borrowed("")));
        self.entries.get(self.index).map_or_else(empty, |entry| entry.value.clone())
    }
}

impl<'de> Deserializer<'de> for Reading<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Reading<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        self.key().map(|key| seed.deserialize(key.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let index = self.index;
        let value = self.value();
        self.index += 1;
        seed.deserialize(ValueDeserializer::from(value)).map_err(|error| ReadError::Value {
            index,
            message: error.message().to_owned(),
            span: error.span(),
        })
    }
}
