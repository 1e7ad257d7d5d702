//! Any table that is written in any dialect is read back the same, in pages of any size and by fingerprints as well.

#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sluss_sdk::{Cell, Page, Rest};
use support::{csv, pick_all, read_all, text};

/// How a table is written.
#[derive(Debug, Clone)]
struct Dialect {
    delimiter: char,
    quoting: bool,
    encoding: &'static str,
    mark: bool,
    end: &'static str,
    header: bool,
    title: bool,
    last_ends: bool,
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let encodings = prop::sample::select(vec!["utf-8", "windows-1252", "iso-8859-1", "utf-16", "utf-16be"]);
    let delimiters = prop::sample::select(vec![',', ';', '\t', '|', '^', '~', ':', ' ', '\u{1f}']);
    (delimiters, encodings, any::<[bool; 6]>()).prop_map(
        |(delimiter, encoding, [quoting, mark, windows, header, title, last_ends])| Dialect {
            delimiter,
            quoting,
            encoding,
            mark,
            end: if windows { "\r\n" } else { "\n" },
            header,
            title,
            last_ends,
        },
    )
}

/// A field without blanks around it. What only quotes can carry is in it too.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-zÅÄÖåäöéüß0-9]{0,8}",
        2 => "([A-Z0-9][A-Za-z ,;|^~:'.-]{0,8}[a-zåäö])?",
        1 => "([a-zå][a-z\"\n ,;\t]{0,6}[a-z])?",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1..5_usize, 0..12_usize)
        .prop_flat_map(|(columns, rows)| prop::collection::vec(prop::collection::vec(field(), columns), rows))
}

/// The file, as somebody else's library writes it.
fn written(dialect: &Dialect, rows: &[Vec<String>]) -> Vec<u8> {
    let style = if dialect.quoting { csv::QuoteStyle::Necessary } else { csv::QuoteStyle::Never };
    let end = if dialect.end == "\n" { csv::Terminator::Any(b'\n') } else { csv::Terminator::CRLF };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter as u8)
        .quote_style(style)
        .terminator(end)
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    let mut text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    if dialect.title {
        text = format!("A title above all{}{text}", dialect.end);
    }
    if !dialect.last_ends {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    let marked = if dialect.mark { format!("\u{feff}{text}") } else { text.clone() };
    match dialect.encoding {
        "utf-8" => marked.into_bytes(),
        "utf-16" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
    }
}

fn settings(dialect: &Dialect, columns: usize) -> Json {
    let names: Vec<String> = (0..columns + 2).map(name).collect();
    json!({ "folder": "f", "tables": { "t": {
        "file": "t.csv",
        "class": "unit",
        "encoding": if dialect.encoding == "utf-16be" { "utf-16" } else { dialect.encoding },
        "delimiter": dialect.delimiter,
        "quoting": dialect.quoting,
        "header": dialect.header,
        "names": if dialect.header { vec![] } else { names },
        "skip-lines": u32::from(dialect.title),
        "final-newline": if dialect.last_ends { "required" } else { "optional" },
        "id": ["Number"],
        "columns": { "code": "Number" },
    } } })
}

fn name(index: usize) -> String {
    match index {
        0 => "Number".to_owned(),
        1 => "Last".to_owned(),
        // The first letter tells UTF-16 without a mark; the others need an encoding.
        index => format!("Fält-{index}"),
    }
}

/// What comes out, row by row.
fn fields(page: &Page) -> Vec<Vec<Cell>> {
    page.rows.iter().map(|row| row.cells.clone()).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(dialect in dialect(), table in table(), max in 1..20_u32) {
        let columns = table.first().map_or(0, Vec::len);
        let dialect = Dialect { header: dialect.header || table.is_empty(), ..dialect };
        let carried = |field: &String| match dialect.quoting {
            true => field.clone(),
            false => field.replace(['"', '\n', dialect.delimiter], "_"),
        };
        // A number that is no other row's, and a field that is never empty: a line of blanks is none.
        let numbered = |(number, row): (usize, &Vec<String>)| {
            [number.to_string(), "x".to_owned()].into_iter().chain(row.iter().map(carried)).collect()
        };
        let rows: Vec<Vec<String>> = table.iter().enumerate().map(numbered).collect();
        let header = dialect.header.then(|| (0..columns + 2).map(name).collect());
        let whole: Vec<Vec<String>> = header.into_iter().chain(rows.clone()).collect();
        let file = written(&dialect, &whole);
        let (mut csv, _) = csv(&[("t.csv", &file)], settings(&dialect, columns));
        let page = read_all(&mut csv, "unit", max);
        prop_assert_eq!(&page.faults, &[]);
        prop_assert_eq!(&page.rest, &Rest::Complete);
        let cell = |field: &String| match field.trim_ascii() {
            "" => Cell::Absent,
            field => text(field),
        };
        let expected: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        prop_assert_eq!(fields(&page), expected);
        let ids: Vec<String> = page.rows.iter().map(|row| row.id.clone()).collect();
        prop_assert_eq!(ids, (0..rows.len()).map(|number| number.to_string()).collect::<Vec<_>>());
        let (fingerprints, picked) = pick_all(&mut csv, "unit", max);
        prop_assert_eq!((fields(&picked), fingerprints.len(), picked.rest), (fields(&page), rows.len(), Rest::Complete));
    }

    /// Whatever the bytes, there is an answer: a page, or an error that quotes nothing.
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300), dialect in dialect(), max in 1..9_u32) {
        let (mut csv, _) = csv(&[("t.csv", &bytes)], settings(&dialect, 3));
        let mut cursor = None;
        for _ in 0..400 {
            match sluss_sdk::Source::read(&mut csv, "unit", cursor.take(), max) {
                Ok(Page { rest: Rest::More(next), .. }) => cursor = Some(next),
                _ => return Ok(()),
            }
        }
        prop_assert!(false, "the read does not end");
    }

    /// A file that is cut off anywhere makes nobody gone: the read is an error or incomplete, or the cut is at a line's end.
    #[test]
    fn a_file_cut_off_anywhere_is_seen(dialect in dialect(), cut in any::<prop::sample::Index>()) {
        let dialect = Dialect { header: true, last_ends: true, quoting: true, ..dialect };
        let rows: Vec<Vec<String>> = (0..6).map(|n| vec![n.to_string(), "x".to_owned(), format!("å\n{n}\"")]).collect();
        let whole: Vec<Vec<String>> = std::iter::once((0..3).map(name).collect()).chain(rows).collect();
        let file = written(&dialect, &whole);
        let cut = cut.index(file.len());
        let (mut csv, _) = csv(&[("t.csv", &file[..cut])], settings(&dialect, 1));
        if let Ok(page) = sluss_sdk::Source::read(&mut csv, "unit", None, 100) {
            // Of a line's end of two letters, the first is enough.
            let complete = page.rest == Rest::Complete && page.faults.iter().all(|fault| fault.object.is_some());
            let unit = if dialect.encoding.starts_with("utf-16") { 2 } else { 1 };
            let least = if dialect.end == "\r\n" { unit } else { 0 };
            let is_end = (1..=7).map(|rows| written(&dialect, &whole[..rows]).len()).any(|end| end - least <= cut && cut <= end);
            prop_assert!(!complete || is_end, "cut at {cut} of {}: {page:?}", file.len());
        }
    }
}
