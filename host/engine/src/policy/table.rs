//! Lookup tables: what a policy knows about organisations, titles or anything else with a code.
//!
//! They keep what differs between municipalities out of the rules, so that a rule is written once.

use super::section::{At, Section};
use crate::value::Value;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// One entry of a table: field and value.
pub type Entry = BTreeMap<String, Value>;

/// One table: key and entry.
pub type Table = BTreeMap<String, Entry>;

/// Every table, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables(pub BTreeMap<String, Table>);

impl Tables {
    /// The value of a field of an entry.
    pub fn get(&self, table: &str, key: &str, field: &str) -> Option<&Value> {
        self.0.get(table)?.get(key)?.get(field)
    }

    /// What the entries of a table have in a field.
    pub(super) fn column(&self, table: &str, field: &str) -> impl Iterator<Item = &Value> {
        self.0.get(table).into_iter().flat_map(|table| table.values()).filter_map(move |entry| entry.get(field))
    }

    /// Every field that any entry of the table has.
    pub(super) fn fields(&self, table: &str) -> Vec<&str> {
        let mut fields: Vec<&str> = self
            .0
            .get(table)
            .into_iter()
            .flat_map(|table| table.values())
            .flat_map(|e| e.keys())
            .map(String::as_str)
            .collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }
}

/// Reads one table, `[table.organisation.1427]` and so on.
pub(super) fn read(name: &str, section: &Section<'_>, tables: &mut Tables) {
    let table = tables.0.entry(name.to_owned()).or_default();
    for (key, entry) in section.sections() {
        let fields = entry.entries().into_iter().filter_map(|(field, _, at)| Some((field.to_owned(), value(&at)?)));
        table.insert(key.to_owned(), fields.collect());
    }
}

/// A value that an expression can use.
fn value(at: &At<'_>) -> Option<Value> {
    let read = match at.value.get_ref() {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Boolean(yes) => Some(Value::from(*yes)),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::from),
        _ => None,
    };
    at.expect(read, "a text, a whole number, true or false")
}
