//! From the bytes of a field to a value.
//!
//! What is wrong with a field is said without quoting it: a field in the wrong place may hold an identity number or a
//! protected person's name.

use crate::settings::{Encoding, Settings};
use sluss_sdk::{Cell, Date, Error, Value};
use std::borrow::Cow;
use yore::code_pages::CP1252;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Bytes that UTF-8 does not have.
    NotUtf8,
    /// Bytes that Windows-1252 does not have.
    NotWindows1252,
    /// Letters that are plainly UTF-8 in a file that should be Windows-1252.
    LooksUtf8,
    /// Not a day.
    Date,
    /// Not a number.
    Number,
    /// Neither yes nor no.
    Flag,
    /// Nothing there, where something must be.
    Missing,
}

/// How fields are written.
#[derive(Debug, Clone)]
pub struct Decoder {
    encoding: Encoding,
    dates: Vec<Vec<Piece>>,
    date_names: String,
    open_end: Vec<Vec<u8>>,
    yes: Vec<Vec<u8>>,
    no: Vec<Vec<u8>>,
    decimal_comma: bool,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Year,
    Month,
    Day,
    Literal(u8),
}

impl Decoder {
    /// Settles how fields are written.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let bytes = |texts: &[String]| -> Result<Vec<Vec<u8>>, Error> {
            texts.iter().map(|text| encode(settings.encoding, text)).collect()
        };
        let (open_end, yes, no) = (bytes(&settings.open_end)?, bytes(&settings.yes)?, bytes(&settings.no)?);
        if settings.date_formats.is_empty() {
            return Err(Error::config("date-formats: name at least one, such as `YYYYMMDD`"));
        }
        Ok(Decoder {
            encoding: settings.encoding,
            dates: settings.date_formats.iter().map(|format| pieces(format)).collect::<Result<_, _>>()?,
            date_names: settings.date_formats.join(" or "),
            open_end,
            yes,
            no,
            decimal_comma: settings.decimal_comma,
        })
    }

    /// What is wrong, in words for the operator.
    pub fn explain(&self, wrong: Wrong, column: &str) -> String {
        match wrong {
            Wrong::NotUtf8 => {
                format!("{column} is not UTF-8; if the file is Windows-1252, set encoding = \"windows-1252\"")
            }
            Wrong::NotWindows1252 => format!("{column} holds bytes that Windows-1252 does not have"),
            Wrong::LooksUtf8 => {
                format!(
                    "{column} looks like UTF-8, but should be Windows-1252; if the file is UTF-8, set encoding = \"utf-8\""
                )
            }
            Wrong::Date => format!("{column} is not a day written as {}", self.date_names),
            Wrong::Number => {
                let example = if self.decimal_comma { "75,00" } else { "75.00" };
                format!("{column} is not a number such as {example}")
            }
            Wrong::Flag => format!("{column} is neither yes nor no, as the settings `yes` and `no` write them"),
            Wrong::Missing => format!("{column} is empty"),
        }
    }

    /// Text. It is nearly always ASCII, which is the same in every encoding.
    pub fn text<'a>(&self, field: &'a [u8]) -> Result<Cow<'a, str>, Wrong> {
        if self.encoding == Encoding::Utf8 || field.is_ascii() {
            return std::str::from_utf8(field).map(Cow::Borrowed).map_err(|_| Wrong::NotUtf8);
        }
        if field.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
            return Err(if looks_utf8(field) { Wrong::LooksUtf8 } else { Wrong::NotWindows1252 });
        }
        if looks_utf8(field) {
            return Err(Wrong::LooksUtf8);
        }
        Ok(CP1252.decode(field))
    }

    /// Text, or absent where the field is empty.
    pub fn text_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        if field.is_empty() {
            return Ok(Cell::Absent);
        }
        Ok(Cell::One(Value::Text(self.text(field)?.into_owned())))
    }

    /// Yes or no, or absent where the field is empty.
    pub fn flag_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        match self.flag(field) {
            None if field.is_empty() => Ok(Cell::Absent),
            None => Err(Wrong::Flag),
            Some(truth) => Ok(Cell::One(Value::Boolean(truth))),
        }
    }

    /// Whether a person is protected: only a plain no says that she is not.
    pub fn protected_cell(&self, field: &[u8]) -> Cell {
        Cell::One(Value::Boolean(self.flag(field) != Some(false)))
    }

    fn flag(&self, field: &[u8]) -> Option<bool> {
        let is = |texts: &[Vec<u8>]| texts.iter().any(|text| text == field);
        if is(&self.yes) { Some(true) } else { is(&self.no).then_some(false) }
    }

    /// A number, or absent where the field is empty.
    pub fn number_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        if field.is_empty() {
            return Ok(Cell::Absent);
        }
        let separator = if self.decimal_comma { b',' } else { b'.' };
        let digits = |b: &u8| b.is_ascii_digit() || *b == separator || *b == b'-';
        let text = std::str::from_utf8(field).ok().filter(|text| text.as_bytes().iter().all(digits));
        let number = text.and_then(|text| text.replacen(',', ".", 1).parse::<f64>().ok());
        number.filter(|number| number.is_finite()).map(|number| Cell::One(Value::Real(number))).ok_or(Wrong::Number)
    }

    /// A day.
    pub fn date(&self, field: &[u8]) -> Result<Date, Wrong> {
        self.dates.iter().find_map(|format| parse(format, field)).ok_or(Wrong::Date)
    }

    /// A last day, or absent where the end is open.
    pub fn end_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        if self.open_end.iter().any(|text| text == field) {
            return Ok(Cell::Absent);
        }
        self.date(field).map(|date| Cell::One(Value::Date(date)))
    }
}

/// Text as the file writes it.
fn encode(encoding: Encoding, text: &str) -> Result<Vec<u8>, Error> {
    match encoding {
        Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
        Encoding::Windows1252 => CP1252
            .encode(text)
            .map(Cow::into_owned)
            .map_err(|_| Error::config(format!("`{text}` cannot be written in Windows-1252"))),
    }
}

/// Whether there is a letter of two bytes as UTF-8 writes å, ä, ö, é and their kin. In Windows-1252 these two would be
/// `Ã` and a sign, which no name holds.
fn looks_utf8(field: &[u8]) -> bool {
    field.windows(2).any(|pair| pair[0] == 0xc3 && (0x80..0xc0).contains(&pair[1]))
}

fn pieces(format: &str) -> Result<Vec<Piece>, Error> {
    let mut rest = format;
    let mut pieces = Vec::new();
    while let Some(first) = rest.bytes().next() {
        let (piece, used) = match first {
            _ if rest.starts_with("YYYY") => (Piece::Year, 4),
            _ if rest.starts_with("MM") => (Piece::Month, 2),
            _ if rest.starts_with("DD") => (Piece::Day, 2),
            literal if literal.is_ascii() && !literal.is_ascii_alphanumeric() => (Piece::Literal(literal), 1),
            _ => return Err(odd_format(format)),
        };
        pieces.push(piece);
        rest = &rest[used..];
    }
    let count = |wanted: fn(&Piece) -> bool| pieces.iter().filter(|piece| wanted(piece)).count();
    let whole = count(|p| matches!(p, Piece::Year)) == 1
        && count(|p| matches!(p, Piece::Month)) == 1
        && count(|p| matches!(p, Piece::Day)) == 1;
    if whole { Ok(pieces) } else { Err(odd_format(format)) }
}

fn odd_format(format: &str) -> Error {
    Error::config(format!("date-formats: `{format}` must hold YYYY, MM and DD once each, and signs between them"))
}

fn parse(format: &[Piece], field: &[u8]) -> Option<Date> {
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut rest = field;
    for piece in format {
        match piece {
            Piece::Year => year = digits(&mut rest, 4)?,
            Piece::Month => month = digits(&mut rest, 2)?,
            Piece::Day => day = digits(&mut rest, 2)?,
            Piece::Literal(literal) => rest = rest.strip_prefix(&[*literal])?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    Date::new(year, month as u8, day as u8).ok()
}

fn digits(rest: &mut &[u8], count: usize) -> Option<u16> {
    let (own, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    own.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn decoder(settings: &str) -> Decoder {
        Decoder::new(&serde_json::from_str(settings).unwrap()).unwrap()
    }

    #[test]
    fn text_is_decoded_or_its_encoding_is_doubted() {
        let ansi = decoder(r#"{"folder":"f"}"#);
        assert_eq!(ansi.text(b"\xc5sa \x96 \x80").unwrap(), "Åsa – €");
        assert_eq!(ansi.text(b"S\xc3O").unwrap(), "SÃO");
        assert_eq!(ansi.text("Åsa".as_bytes()), Err(Wrong::LooksUtf8));
        assert_eq!(ansi.text(b"\x81"), Err(Wrong::NotWindows1252));
        let utf8 = decoder(r#"{"folder":"f","encoding":"utf-8"}"#);
        assert_eq!(utf8.text("Åsa".as_bytes()).unwrap(), "Åsa");
        assert_eq!(utf8.text(b"\xc5sa"), Err(Wrong::NotUtf8));
    }

    #[test]
    fn days_must_exist_and_be_written_as_agreed() {
        let one = decoder(r#"{"folder":"f"}"#);
        assert_eq!(one.date(b"20240229").unwrap().to_string(), "2024-02-29");
        for odd in ["20230229", "2024-02-29", "2024022", "202402290", "2024O229", ""] {
            assert_eq!(one.date(odd.as_bytes()), Err(Wrong::Date), "{odd}");
        }
        let two = decoder(r#"{"folder":"f","date-formats":["YYYY-MM-DD","DD/MM YYYY"]}"#);
        assert_eq!(two.date(b"2024-02-29"), two.date(b"29/02 2024"));
        assert_eq!(two.end_cell(b"0"), Ok(Cell::Absent));
        assert!(Decoder::new(&serde_json::from_str(r#"{"folder":"f","date-formats":["YYMMDD"]}"#).unwrap()).is_err());
    }

    #[test]
    fn numbers_keep_to_their_separator() {
        let comma = decoder(r#"{"folder":"f"}"#);
        assert_eq!(comma.number_cell(b"75,50"), Ok(Cell::One(Value::Real(75.5))));
        assert_eq!(comma.number_cell(b"100"), Ok(Cell::One(Value::Real(100.0))));
        assert_eq!(comma.number_cell(b""), Ok(Cell::Absent));
        for odd in ["75.5", "1,2,3", "inf", "NaN", "1e3", "-", "7 5"] {
            assert_eq!(comma.number_cell(odd.as_bytes()), Err(Wrong::Number), "{odd}");
        }
    }

    #[test]
    fn an_unknown_protection_is_a_protection() {
        let decoder = decoder(r#"{"folder":"f"}"#);
        let protected = |field: &[u8]| decoder.protected_cell(field) == Cell::One(Value::Boolean(true));
        assert!(protected(b"J") && protected(b"") && protected(b"?") && protected(b"n"));
        assert!(!protected(b"N"));
        assert_eq!(decoder.flag_cell(b"?"), Err(Wrong::Flag));
        assert_eq!(decoder.flag_cell(b""), Ok(Cell::Absent));
    }
}
