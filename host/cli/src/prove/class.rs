//! All records of a class: what each looks like, and whether that fits what the plugin says of the class.

use sluss_engine::fault::Fault;
use sluss_engine::record::{Page, Rest, Row};
use sluss_engine::value::{Cell, Value};
use sluss_plugin::description::{Attribute, Class, ValueKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a record looks like, whatever order its columns come in.
pub type Look = [u8; 32];

/// What a read gave.
#[derive(Default)]
pub struct Gathered {
    /// Each record, by its id.
    pub looks: HashMap<String, Look>,
    /// The ids in the order in which they came.
    pub order: Vec<String>,
    /// What does not fit the description, each once.
    pub wrong: BTreeSet<String>,
    /// Ids that came more than once.
    pub twice: u64,
    /// Records that the plugin says it cannot read.
    pub faults: u64,
    /// Ids that references name, by the class that they are of.
    pub named: BTreeMap<String, BTreeSet<String>>,
    /// How it ended; none as long as it has not.
    pub end: Option<Result<(), Fault>>,
    /// How many pages in a row brought nothing new.
    idle: u32,
}

/// So many pages that bring nothing new are one too many: a thousand empty ones, or a few that repeat others.
const MOST_IDLE: u32 = 1000;
const REPEATED: u32 = 250;

impl Gathered {
    /// Takes a page in, and gives the cursor of the next one; none as well of a read that goes round in a circle.
    pub fn take(&mut self, class: &Class, page: Page) -> Option<Vec<u8>> {
        let (before, given) = (self.looks.len(), page.rows.len() + page.faults.len());
        for row in page.rows {
            self.judge(class, &page.columns, &row);
            if self.looks.insert(row.id.clone(), look(&page.columns, &row)).is_some() {
                self.twice += 1;
            }
            self.order.push(row.id);
        }
        self.faults += page.faults.len() as u64;
        self.idle = match (self.looks.len() > before, given) {
            (true, _) => 0,
            (false, 0) => self.idle + 1,
            (false, _) => self.idle + REPEATED,
        };
        match page.rest {
            Rest::More(_) if self.idle > MOST_IDLE => {}
            Rest::More(next) => return Some(next),
            Rest::Complete => self.end = Some(Ok(())),
            Rest::Incomplete(fault) => self.end = Some(Err(fault)),
        }
        None
    }

    fn judge(&mut self, class: &Class, columns: &[String], row: &Row) {
        for (name, cell) in columns.iter().zip(&row.cells) {
            let Some(attribute) = class.attribute(name) else {
                if !class.open {
                    self.wrong.insert(format!("`{name}` is not described"));
                }
                continue;
            };
            let values = match cell {
                Cell::Absent => continue,
                Cell::One(value) => std::slice::from_ref(value),
                Cell::Many(values) => values,
            };
            if values.len() > 1 && !attribute.traits.many {
                self.wrong.insert(format!("`{name}` has several values, and is not described so"));
            }
            for value in values {
                if kind(value) != attribute.kind {
                    let (is, said) = (word(kind(value)), word(attribute.kind));
                    self.wrong.insert(format!("`{name}` is {is}, and described as {said}"));
                }
                if let (Value::Reference(id), Some(class)) = (value, &attribute.refers_to) {
                    self.named.entry(class.clone()).or_default().insert(id.clone());
                }
            }
        }
        for Attribute { name, .. } in class.attributes.iter().filter(|attribute| attribute.traits.required) {
            let cell = columns.iter().position(|column| column == name).and_then(|at| row.cells.get(at));
            if matches!(cell, None | Some(Cell::Absent)) {
                self.wrong.insert(format!("`{name}` is required, and some records are without it"));
            }
        }
    }
}

/// What a record looks like.
pub fn look(columns: &[String], row: &Row) -> Look {
    let mut cells: Vec<(&String, &Cell)> =
        columns.iter().zip(&row.cells).filter(|(_, cell)| **cell != Cell::Absent).collect();
    cells.sort_by_key(|(name, _)| *name);
    let mut hasher = blake3::Hasher::new();
    for (name, cell) in cells {
        // What prints alike is alike: a value's type is part of it.
        hasher.update(format!("{name:?}={cell:?};").as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn kind(value: &Value) -> ValueKind {
    match value {
        Value::Text(_) => ValueKind::Text,
        Value::Boolean(_) => ValueKind::Boolean,
        Value::Integer(_) => ValueKind::Integer,
        Value::Real(_) => ValueKind::Real,
        Value::Date(_) => ValueKind::Date,
        Value::Timestamp(_) => ValueKind::Timestamp,
        Value::Binary(_) => ValueKind::Binary,
        Value::Reference(_) => ValueKind::Reference,
    }
}

fn word(kind: ValueKind) -> String {
    format!("{kind:?}").to_lowercase()
}
