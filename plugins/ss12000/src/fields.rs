//! Reading the fields of a record: what is not of the type that it should be is a fault of this record, and never
//! taken for something that is not there.
//!
//! A last day that cannot be read is not an open end.

use crate::day::{Day, Period};
use serde_json::{Map, Value};

/// The field that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

/// The fields of a record, or of an object in it.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// Those of an object.
    pub fn of(value: &'a Value) -> Option<Fields<'a>> {
        value.as_object().map(Fields)
    }

    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text; none where it is missing or empty.
    pub fn text(self, name: &'static str) -> Result<Option<Box<str>>, Wrong> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(Box::from)),
            Some(_) => Err(Wrong(name)),
        }
    }

    /// A text, or a number as a text.
    pub fn text_or_number(self, name: &'static str) -> Result<Option<Box<str>>, Wrong> {
        match self.get(name) {
            Some(Value::Number(number)) => Ok(Some(number.to_string().into())),
            _ => self.text(name),
        }
    }

    /// A text that has to be there.
    pub fn needed(self, name: &'static str) -> Result<Box<str>, Wrong> {
        self.text(name)?.ok_or(Wrong(name))
    }

    /// Yes or no; no where it is missing.
    pub fn flag(self, name: &'static str) -> Result<bool, Wrong> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or(Wrong(name)),
        }
    }

    /// A number.
    pub fn real(self, name: &'static str) -> Result<Option<f64>, Wrong> {
        self.get(name).map(|value| value.as_f64().ok_or(Wrong(name))).transpose()
    }

    /// The days from `startDate` to `endDate`.
    pub fn period(self) -> Result<Period, Wrong> {
        let day = |name: &'static str| -> Result<Option<Day>, Wrong> {
            self.text(name)?.map(|text| Day::read(&text).ok_or(Wrong(name))).transpose()
        };
        let period = Period { start: day("startDate")?, end: day("endDate")? };
        if period.start.zip(period.end).is_some_and(|(start, end)| end < start) {
            return Err(Wrong("endDate"));
        }
        Ok(period)
    }

    /// A list of objects; an empty one where it is missing.
    pub fn list(self, name: &'static str) -> Result<Vec<Fields<'a>>, Wrong> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| Fields::of(item).ok_or(Wrong(name))).collect(),
            Some(_) => Err(Wrong(name)),
        }
    }

    /// An object.
    pub fn object(self, name: &'static str) -> Result<Option<Fields<'a>>, Wrong> {
        self.get(name).map(|value| Fields::of(value).ok_or(Wrong(name))).transpose()
    }

    /// A list of texts; an empty one where it is missing.
    pub fn texts(self, name: &'static str) -> Result<Vec<Box<str>>, Wrong> {
        let text = |item: &Value| item.as_str().map(|text| Box::from(text.trim())).ok_or(Wrong(name));
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(text).collect(),
            Some(_) => Err(Wrong(name)),
        }
    }

    /// The id of what an object refers to.
    pub fn reference(self, name: &'static str) -> Result<Option<Box<str>>, Wrong> {
        let id = |own: Fields<'_>| own.needed("id").map_err(|_| Wrong(name));
        self.object(name)?.map(id).transpose()
    }

    /// The id of what has to be referred to.
    pub fn needed_reference(self, name: &'static str) -> Result<Box<str>, Wrong> {
        self.reference(name)?.ok_or(Wrong(name))
    }
}

/// The id of a record, if it has one that can be used.
pub fn id(record: &Value) -> Option<Box<str>> {
    let id = Fields::of(record)?.needed("id").ok()?;
    // The id becomes a part of others, which have a limit.
    (id.len() <= 1024).then_some(id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_there_and_what_is_wrong_are_two_things() {
        let record = json!({"a": " x ", "b": null, "c": 7, "d": "", "startDate": "2026-08-18", "endDate": "soon"});
        let fields = Fields::of(&record).unwrap();
        assert_eq!(fields.text("a").unwrap().as_deref(), Some("x"));
        assert_eq!((fields.text("b"), fields.text("d"), fields.text("e")), (Ok(None), Ok(None), Ok(None)));
        assert_eq!((fields.text("c"), fields.needed("d")), (Err(Wrong("c")), Err(Wrong("d"))));
        assert_eq!(fields.text_or_number("c").unwrap().as_deref(), Some("7"));
        assert_eq!(
            (fields.flag("c"), fields.flag("e"), fields.list("c").err()),
            (Err(Wrong("c")), Ok(false), Some(Wrong("c")))
        );
        assert_eq!(fields.period(), Err(Wrong("endDate")));
        let backwards = json!({"startDate": "2026-08-18", "endDate": "2026-08-17"});
        assert_eq!(Fields::of(&backwards).unwrap().period(), Err(Wrong("endDate")));
    }

    #[test]
    fn a_reference_has_an_id() {
        let record = json!({"a": {"id": "1"}, "b": {}, "c": "1"});
        let fields = Fields::of(&record).unwrap();
        assert_eq!(fields.reference("a").unwrap().as_deref(), Some("1"));
        assert_eq!((fields.reference("b"), fields.reference("c")), (Err(Wrong("b")), Err(Wrong("c"))));
        assert_eq!((fields.reference("d"), fields.needed_reference("d")), (Ok(None), Err(Wrong("d"))));
        assert_eq!(
            (id(&json!({"id": ""})), id(&json!(["id"])), id(&json!({"id": "x".repeat(2000)}))),
            (None, None, None)
        );
    }
}
