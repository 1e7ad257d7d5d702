//! Delimited files of any dialect, with attributes of every form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sluss_fuzz::{choice, encoding, folder, reads_alike, settings, whole};
use sluss_plugin_csv::{Csv, Settings};

fuzz_target!(|input: &[u8]| {
    let (way, input) = choice(input);
    let (dialect, content) = choice(input);
    let encoding = encoding(way);
    let connector = |content: &[u8], encoding: &str| {
        let folder = folder(&[("t.csv", content)]);
        let settings = table(encoding, dialect);
        move || Csv::from_folder(folder.clone(), settings.clone()).expect("the settings describe a table")
    };
    let read = reads_alike(connector(content, encoding), "engagement", way >> 2);
    let Some(text) = std::str::from_utf8(content).ok().filter(|_| encoding == "utf-8") else { return };
    // UTF-16 is told by its first letter, has no letter for what could not be read, and is taken for by a zero.
    let is_told = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if is_told && !text.contains([char::REPLACEMENT_CHARACTER, '\0']) {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = whole(&mut connector(&wide, "utf-16")(), "engagement", u32::MAX);
        assert_eq!(wide.ok(), read.ok(), "a text is the same in another encoding");
    }
});

/// A table that is written in this dialect.
fn table(encoding: &str, dialect: u8) -> Settings {
    let is = |bit: u8| dialect & 1 << bit != 0;
    let names = ["No", "Number", "First", "Secret", "From", "To", "Part", "Boss", "State"];
    settings(json!({ "folder": "x", "tables": { "t": {
        "file": "t.csv",
        "class": "engagement",
        "encoding": encoding,
        "delimiter": if is(0) { ',' } else { '\t' },
        "quoting": is(1),
        "trim": is(2),
        "header": is(3),
        "names": if is(3) { &names[..0] } else { &names },
        "final-newline": if is(4) { "required" } else { "optional" },
        "skip-lines": u8::from(is(5)),
        "decimal-comma": is(6),
        "date-formats": if is(7) { ["YYYY-MM-DD*", "D/M/YYYY"] } else { ["YYYYMMDD", "DD-MMM-YYYY"] },
        "id": if is(6) { json!(["No", "From"]) } else { json!(["No"]) },
        "columns": {
            "identity-number": "Number", "first-names": "First", "protected": "Secret", "start": "From", "end": "To",
            "extent": "Part", "is-manager": "Boss",
        },
        "values": { "first-names": { "X": "Y" } },
        "constants": { "organisation": "1427" },
        "status": { "column": "State", "gone": ["gone"], "present": ["", "here"] },
    } } }))
}
