//! The settings of a plugin: TOML here, JSON for the plugin, with the place of each key kept for whoever finds a fault.

use super::document::Document;
use serde_json::{Map, Number, Value};
use sluss_engine::fault::Place;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a plugin is handed, and where each part of it stands.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// As JSON.
    pub value: Value,
    places: BTreeMap<String, (Place, String)>,
}

impl Settings {
    /// Settings without any key.
    pub(super) fn empty() -> Self {
        Settings { value: Value::Object(Map::new()), places: BTreeMap::new() }
    }

    /// Reads the values of a table.
    pub(super) fn read<'a>(
        document: &Document<'_>,
        entries: impl Iterator<Item = (&'a str, &'a Spanned<DeValue<'a>>)>,
    ) -> Self {
        let mut settings = Settings::empty();
        let values = entries.filter_map(|(key, value)| Some((key.to_owned(), settings.value(document, key, value)?)));
        settings.value = Value::Object(values.collect());
        settings
    }

    /// Where a key stands, given as `columns.person` or `files[2]`, and what stands there. For a key that is not there,
    /// the nearest thing above it.
    pub fn place(&self, path: &str) -> Option<(&Place, &str)> {
        let mut path = path;
        loop {
            if let Some((place, text)) = self.places.get(path) {
                return Some((place, text));
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    fn value(&mut self, document: &Document<'_>, path: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let span = value.span();
        self.places.insert(path.to_owned(), (document.place(span.start), document.excerpt(span.clone())));
        Some(match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(yes) => Value::Bool(*yes),
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Number(number.into()),
                Err(_) => return refuse(document, span, "this number is too large"),
            },
            DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => return refuse(document, span, "settings have no use for a number that is not finite"),
            },
            DeValue::Array(elements) => {
                let read = |(index, element)| self.value(document, &format!("{path}[{index}]"), element);
                Value::Array(elements.iter().enumerate().filter_map(read).collect())
            }
            DeValue::Table(table) => Value::Object(self.object(document, path, table)),
        })
    }

    fn object(&mut self, document: &Document<'_>, path: &str, table: &DeTable<'_>) -> Map<String, Value> {
        let read = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Some((key.to_string(), self.value(document, &format!("{path}.{key}"), value)?))
        };
        table.iter().filter_map(read).collect()
    }
}

fn refuse(document: &Document<'_>, span: std::ops::Range<usize>, message: &str) -> Option<Value> {
    document.fault(span, message, None);
    None
}
