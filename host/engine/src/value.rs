//! Values as every part of the host knows them: typed, and possibly several to an attribute.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One typed value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Text, as the system gave it.
    Text(String),
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, never NaN.
    Real(f64),
    /// A calendar day.
    Date(Date),
    /// A moment, in milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Bytes.
    Binary(Vec<u8>),
    /// The id of another object of the same system.
    Reference(String),
}

impl Value {
    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Value::Boolean(yes)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Value::Date(date)
    }
}

/// What one attribute of a record holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// The source says nothing about it.
    Absent,
    /// One value.
    One(Value),
    /// Several values, or, when empty, the statement that there is none.
    Many(Vec<Value>),
}

/// Attributes by name, in the order in which they were given. Names are unique.
pub type Attributes = Vec<(String, Vec<Value>)>;
