//! Values from and to Rust's own types.
//!
//! A connector types what it reads, since only it knows the format; these conversions keep that from drowning the code.

use crate::{Attribute, Cell, Date, Error, Value};
use std::fmt;

impl Value {
    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The id that a reference holds.
    pub fn as_reference(&self) -> Option<&str> {
        match self {
            Value::Reference(id) => Some(id),
            _ => None,
        }
    }

    /// The truth that a boolean value holds.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Value::Boolean(truth) => Some(*truth),
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
    fn from(truth: bool) -> Self {
        Value::Boolean(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Real(number)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Value::Date(date)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Binary(bytes)
    }
}

/// One value.
impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Cell::One(value.into())
    }
}

impl Cell {
    /// One value, or absent: the source says nothing.
    pub fn maybe(value: Option<impl Into<Value>>) -> Self {
        value.map_or(Cell::Absent, |value| Cell::One(value.into()))
    }

    /// Several values; none at all is a statement too.
    pub fn many<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Self {
        Cell::Many(values.into_iter().map(Into::into).collect())
    }
}

impl Attribute {
    /// An attribute with one value.
    pub fn one(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Attribute { name: name.into(), values: vec![value.into()] }
    }

    /// An attribute with several values.
    pub fn many<T: Into<Value>>(name: impl Into<String>, values: impl IntoIterator<Item = T>) -> Self {
        Attribute { name: name.into(), values: values.into_iter().map(Into::into).collect() }
    }
}

impl Date {
    /// A day that exists in the calendar, from the year 1 on.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            _ => 0,
        };
        if year == 0 || year > 9999 || day == 0 || day > last {
            return Err(Error::invalid("There is no such day in the calendar"));
        }
        Ok(Date { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_date_must_exist() {
        assert_eq!(Date::new(2024, 2, 29).unwrap().to_string(), "2024-02-29");
        for (year, month, day) in [(2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 4, 31), (2024, 1, 0), (0, 1, 1)]
        {
            assert!(Date::new(year, month, day).is_err(), "{year}-{month}-{day}");
        }
        assert!(Date::new(2000, 2, 29).is_ok());
    }

    #[test]
    fn absent_empty_and_one_are_three_things() {
        assert_eq!(Cell::maybe(None::<&str>), Cell::Absent);
        assert_eq!(Cell::many(Vec::<String>::new()), Cell::Many(vec![]));
        assert_eq!(Cell::from("a"), Cell::One(Value::Text("a".into())));
    }
}
