//! A list as a CSV file that a spreadsheet opens as it is meant, and runs nothing of.

use crate::rows::Rows;
use crate::settings::{Encoding, Settings};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use sluss_sdk::Error;
use unicode_normalization::UnicodeNormalization;
use yore::code_pages::CP1252;

/// What stands for a letter that the encoding does not have.
const UNKNOWN: u8 = b'?';

/// The file. Everything is quoted: a program that takes another character for the delimiter then still finds no formula.
pub fn sheet(rows: &Rows, settings: &Settings) -> Result<Vec<u8>, Error> {
    let failed = |error: String| Error::internal(format!("A list cannot be written: {error}"));
    let mut writer = WriterBuilder::new()
        .delimiter(u8::try_from(settings.delimiter).unwrap_or(b';'))
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for row in std::iter::once(&rows.headings).chain(&rows.pupils) {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|error| failed(error.to_string()))?;
    }
    let text = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| failed(error.to_string()))?;
    Ok(match settings.encoding {
        Encoding::Utf8 => format!("\u{feff}{text}").into_bytes(),
        Encoding::Windows1252 => text.nfc().map(encoded).collect(),
    })
}

/// A cell that a spreadsheet takes for text. What could be the beginning of a formula gets a `'`, also where the sign is
/// one of its full-width twins.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']) && !is_number(cell);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// Whether it is a negative number and nothing more.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or_default();
    digits.starts_with(|sign: char| sign.is_ascii_digit())
        && digits.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, ',' | '.'))
}

/// A letter in Windows-1252; without its accents where it has none there.
fn encoded(sign: char) -> u8 {
    let base = || std::iter::once(sign).nfd().next().and_then(|base| CP1252.encode_char(base));
    CP1252.encode_char(sign).or_else(base).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn settings(more: &str) -> Settings {
        serde_json::from_str(&format!("{{\"folder\":\"out\"{more}}}")).unwrap()
    }

    fn rows(cells: &[&str]) -> Rows {
        Rows {
            title: String::new(),
            school: String::new(),
            headings: vec!["Namn".into(); cells.len()],
            pupils: vec![cells.iter().map(|&cell| cell.into()).collect()],
        }
    }

    #[test]
    fn a_spreadsheet_finds_text_and_no_formula() {
        let cells = ["=1+1", "+46 70", "-2+3", "-12,5", "@SUM(A1)", "＝1", "Åsa \"x\"; y", "'a"];
        let text = String::from_utf8(sheet(&rows(&cells), &settings("")).unwrap()).unwrap();
        let expected = r#""'=1+1";"'+46 70";"'-2+3";"-12,5";"'@SUM(A1)";"'＝1";"Åsa ""x""; y";"'a""#;
        assert!(text.starts_with("\u{feff}\"Namn\";") && text.ends_with(&format!("\r\n{expected}\r\n")), "{text}");
    }

    #[test]
    fn an_older_program_gets_the_letters_that_it_knows() {
        let settings = settings(r#","encoding":"windows-1252","delimiter":"\t""#);
        let bytes = sheet(&rows(&["Åsa Š", "Ćosić И", "A\u{30a}"]), &settings).unwrap();
        assert!(bytes.ends_with(b"\"\xC5sa \x8A\"\t\"Cosic ?\"\t\"\xC5\"\r\n"), "{bytes:?}");
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_and_none_is_a_formula(cells in prop::collection::vec("[=+@|;,\"'\t a-zåäö\\-0-9]{0,6}", 1..5)) {
            let texts: Vec<&str> = cells.iter().map(String::as_str).collect();
            let bytes = sheet(&rows(&texts), &settings("")).unwrap();
            let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(&bytes[3..]);
            let record = reader.records().next().unwrap().unwrap();
            for (cell, given) in record.iter().zip(&cells) {
                prop_assert!(cell == given || cell.strip_prefix('\'') == Some(given));
                prop_assert!(!cell.starts_with(['=', '+', '@']) && (!cell.starts_with('-') || is_number(cell)));
            }
        }
    }
}
