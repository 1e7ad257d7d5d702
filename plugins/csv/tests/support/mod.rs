//! What the tests of this connector share.

#![allow(clippy::unwrap_used, dead_code)]

use sluss_plugin_csv::{Csv, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Date, Error, Fingerprint, Fingerprints, Page, Rest, Row, Source, Value};

/// A connector on files in memory.
pub fn csv(files: &[(&str, &[u8])], settings: serde_json::Value) -> (Csv, Memory) {
    let memory = Memory::default();
    for (name, content) in files {
        memory.put(name, *content);
    }
    (on(&memory, settings).unwrap(), memory)
}

/// A connector on this folder, or why there can be none.
pub fn on(memory: &Memory, settings: serde_json::Value) -> Result<Csv, Error> {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Csv::from_folder(Folder::in_memory(memory), settings)
}

/// A whole read.
pub fn read_all(csv: &mut Csv, class: &str, max: u32) -> Page {
    let mut all = csv.read(class, None, max).unwrap();
    while let Rest::More(cursor) = all.rest.clone() {
        let page = csv.read(class, Some(cursor), max).unwrap();
        assert!(page.rows.len() + page.faults.len() <= max as usize);
        all.rows.extend(page.rows);
        all.faults.extend(page.faults);
        all.rest = page.rest;
    }
    all
}

/// A whole read by fingerprints, of which every record is asked for, a few at a time.
pub fn pick_all(csv: &mut Csv, class: &str, max: u32) -> (Vec<Fingerprint>, Page) {
    let (mut seen, mut all, mut cursor) = (Vec::new(), Page::new::<&str>(&[]), None);
    loop {
        let marks = csv.fingerprints(class, cursor.clone(), max).unwrap();
        let places: Vec<u32> = (0..marks.fingerprints.len() as u32).collect();
        for places in places.chunks(2) {
            let picked = csv.pick(class, cursor.clone(), places.to_vec()).unwrap();
            if all.columns.is_empty() {
                all.columns = picked.columns;
            }
            for record in picked.records {
                match record {
                    Ok(row) => all.rows.push(row),
                    Err(fault) => all.fault(fault),
                }
            }
        }
        seen.extend(marks.fingerprints);
        match marks.rest {
            Rest::More(next) => cursor = Some(next),
            rest => return (seen, Page { rest, ..all }),
        }
    }
}

/// A cell by its attribute.
pub fn cell<'a>(page: &Page, row: &'a Row, name: &str) -> &'a Cell {
    &row.cells[page.columns.iter().position(|column| column == name).unwrap()]
}

/// A cell of text.
pub fn text(text: &str) -> Cell {
    Cell::One(Value::Text(text.into()))
}

/// A cell with yes or no.
pub fn flag(flag: bool) -> Cell {
    Cell::One(Value::Boolean(flag))
}

/// A cell with a day.
pub fn day(year: u16, month: u8, day: u8) -> Cell {
    Cell::One(Value::Date(Date::new(year, month, day).unwrap()))
}
