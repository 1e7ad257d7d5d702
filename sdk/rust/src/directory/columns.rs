//! Entries as rows and objects: what is read of each attribute is settled once, and then told of thousands of entries.

use super::class::is_named;
use super::dn::{Dn, canonical};
use super::settings::{Disable, Kind};
use super::text::from_bytes;
use crate::ldap::Entry;
use crate::{Attribute, Cell, Object, Row, Value};

/// How attributes are read from entries.
#[derive(Debug)]
pub struct Columns<'c>(pub(super) Vec<(&'c str, Column<'c>)>);

/// How one attribute is.
#[derive(Debug)]
pub(super) enum Column<'c> {
    /// Where the entry stands, relative to this base.
    Container(&'c Dn),
    /// Whether the entry is not disabled.
    Enabled(&'c Disable),
    /// An attribute of the directory, and the key of a value that only stands in for members.
    Own { own: String, kind: Kind, hidden: Option<String> },
}

impl Column<'_> {
    fn values(&self, entry: &Entry) -> Vec<Value> {
        match self {
            Column::Container(base) => {
                let parent = Dn::parse(&entry.dn).ok().and_then(|dn| dn.parent());
                let container = parent.and_then(|parent| parent.relative_to(base));
                container.map(|relative| Value::Text(relative.to_string())).into_iter().collect()
            }
            Column::Enabled(disable) => {
                let disabled = entry.values(&disable.attribute).iter().any(|value| value == disable.value.as_bytes());
                vec![Value::Boolean(!disabled)]
            }
            Column::Own { own, kind, hidden } => {
                let values = entry.values(own).iter().map(|bytes| from_bytes(*kind, bytes));
                match hidden {
                    Some(hidden) => {
                        values.filter(|value| !value.as_reference().is_some_and(|id| is_named(id, hidden))).collect()
                    }
                    None => values.collect(),
                }
            }
        }
    }
}

impl Columns<'_> {
    /// An entry as an object with these attributes, leaving out those that it does not have.
    pub fn object(&self, entry: &Entry, version: Option<String>) -> Object {
        let attributes = self
            .0
            .iter()
            .map(|(name, column)| Attribute { name: (*name).to_owned(), values: column.values(entry) })
            .filter(|attribute| !attribute.values.is_empty())
            .collect();
        Object { id: canonical(&entry.dn).into_owned(), version, attributes }
    }

    /// An entry as a row with these columns. What the entry does not have is stated as none: a directory knows.
    pub fn row(&self, entry: &Entry, version: Option<String>) -> Row {
        let cells = self.0.iter().map(|(_, column)| {
            let mut values = column.values(entry);
            match (values.pop(), values.is_empty()) {
                (Some(only), true) => Cell::One(only),
                (last, _) => {
                    values.extend(last);
                    Cell::Many(values)
                }
            }
        });
        Row { id: canonical(&entry.dn).into_owned(), version, cells: cells.collect() }
    }
}
