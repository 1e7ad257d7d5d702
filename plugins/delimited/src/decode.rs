//! From the bytes of a field to a value.
//!
//! What is wrong with a field is said without quoting it: a field in the wrong place may hold an identity number or a
//! protected person's name.

use crate::date::DateFormat;
use crate::settings::Encoding;
use crate::utf16::LOST;
use sluss_sdk::{Cell, Date, Error, Value};
use std::borrow::Cow;
use yore::code_pages::CP1252;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Bytes that the encoding does not have.
    NotIn(Encoding),
    /// Letters that are plainly UTF-8 in a file that should be written otherwise.
    LooksUtf8(Encoding),
    /// Not a day.
    Date,
    /// Not a number.
    Number,
    /// Neither yes nor no.
    Flag,
    /// Nothing there, where something must be.
    Missing,
    /// A word for what the row is that the settings do not know.
    Status,
}

/// How fields are written, as the operator says it.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'s> {
    /// How letters are written.
    pub encoding: Encoding,
    /// How days are written; the first form that fits is taken.
    pub date_formats: &'s [String],
    /// What stands for an open end.
    pub open_end: &'s [String],
    /// What stands for yes.
    pub yes: &'s [String],
    /// What stands for no.
    pub no: &'s [String],
    /// Whether fractions are written with a comma.
    pub decimal_comma: bool,
}

/// How fields are written.
#[derive(Debug, Clone)]
pub struct Decoder {
    encoding: Encoding,
    dates: Vec<DateFormat>,
    date_names: String,
    open_end: Vec<Vec<u8>>,
    yes: Vec<Vec<u8>>,
    no: Vec<Vec<u8>>,
    decimal_comma: bool,
}

impl Decoder {
    /// Settles how fields are written.
    pub fn new(writing: Writing<'_>) -> Result<Self, Error> {
        let bytes = |texts: &[String]| -> Result<Vec<Vec<u8>>, Error> {
            texts.iter().map(|text| encode(writing.encoding, text)).collect()
        };
        let (open_end, yes, no) = (bytes(writing.open_end)?, bytes(writing.yes)?, bytes(writing.no)?);
        if writing.date_formats.is_empty() {
            return Err(Error::config("date-formats: name at least one, such as `YYYYMMDD`"));
        }
        Ok(Decoder {
            encoding: writing.encoding,
            dates: writing.date_formats.iter().map(|format| DateFormat::new(format)).collect::<Result<_, _>>()?,
            date_names: writing.date_formats.join(" or "),
            open_end,
            yes,
            no,
            decimal_comma: writing.decimal_comma,
        })
    }

    /// What is wrong, in words for the operator.
    pub fn explain(&self, wrong: Wrong, column: &str) -> String {
        match wrong {
            Wrong::NotIn(encoding @ Encoding::Utf8) => {
                let name = encoding.name();
                format!("{column} is not {name}; if the file is Windows-1252, set encoding = \"windows-1252\"")
            }
            Wrong::NotIn(encoding @ Encoding::Iso8859_1) => {
                let name = encoding.name();
                format!(
                    "{column} holds bytes that {name} has no letters for; if the file is Windows-1252, set encoding = \"windows-1252\""
                )
            }
            Wrong::NotIn(encoding) => format!("{column} holds bytes that {} does not have", encoding.name()),
            Wrong::LooksUtf8(encoding) => {
                let name = encoding.name();
                format!(
                    "{column} looks like UTF-8, but should be {name}; if the file is UTF-8, set encoding = \"utf-8\""
                )
            }
            Wrong::Date => format!("{column} is not a day written as {}", self.date_names),
            Wrong::Number => {
                let example = if self.decimal_comma { "75,00" } else { "75.00" };
                format!("{column} is not a number such as {example}")
            }
            Wrong::Flag => format!("{column} is neither yes nor no, as the settings `yes` and `no` write them"),
            Wrong::Missing => format!("{column} is empty"),
            Wrong::Status => {
                format!("{column} says neither that the row counts nor that it is gone; add the word to `status`")
            }
        }
    }

    /// Text. It is nearly always ASCII, which is the same in every encoding.
    pub fn text<'a>(&self, field: &'a [u8]) -> Result<Cow<'a, str>, Wrong> {
        if self.encoding == Encoding::Utf8 || field.is_ascii() {
            return std::str::from_utf8(field).map(Cow::Borrowed).map_err(|_| Wrong::NotIn(self.encoding));
        }
        let not_in = Err(Wrong::NotIn(self.encoding));
        let looks_utf8 = Err(Wrong::LooksUtf8(self.encoding));
        match self.encoding {
            Encoding::Windows1252 if is_utf8(field) => looks_utf8,
            Encoding::Windows1252 if field.iter().any(|byte| UNUSED.contains(byte)) => not_in,
            Encoding::Windows1252 => Ok(CP1252.decode(field)),
            Encoding::Iso8859_1 if is_utf8(field) => looks_utf8,
            // Signs for machines, which no file has; Windows-1252 has letters there.
            Encoding::Iso8859_1 if field.iter().any(|byte| (0x80..0xa0).contains(byte)) => not_in,
            Encoding::Iso8859_1 => Ok(Cow::Owned(field.iter().map(|byte| char::from(*byte)).collect())),
            Encoding::Utf8 | Encoding::Utf16 => match std::str::from_utf8(field) {
                Ok(text) if !text.contains(LOST) => Ok(Cow::Borrowed(text)),
                _ => not_in,
            },
        }
    }

    /// Whether a byte begins a letter.
    pub fn starts_letter(&self) -> fn(u8) -> bool {
        match self.encoding {
            Encoding::Windows1252 | Encoding::Iso8859_1 => |_| true,
            Encoding::Utf8 | Encoding::Utf16 => |byte| byte & 0xc0 != 0x80,
        }
    }

    /// How letters are written.
    pub fn encoding(&self) -> Encoding {
        self.encoding
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
        self.dates.iter().find_map(|format| format.parse(field)).ok_or(Wrong::Date)
    }

    /// A day, or absent where the field is empty.
    pub fn day_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        if field.is_empty() {
            return Ok(Cell::Absent);
        }
        self.date(field).map(|date| Cell::One(Value::Date(date)))
    }

    /// References, set apart by this byte, or absent where the field is empty.
    pub fn references_cell(&self, field: &[u8], separator: u8) -> Result<Cell, Wrong> {
        if field.is_empty() {
            return Ok(Cell::Absent);
        }
        let ids = field.split(|byte| *byte == separator).map(<[u8]>::trim_ascii).filter(|id| !id.is_empty());
        let ids = ids.map(|id| Ok(Value::Reference(self.text(id)?.into_owned())));
        Ok(Cell::Many(ids.collect::<Result<_, _>>()?))
    }

    /// A last day, or absent where the end is open.
    pub fn end_cell(&self, field: &[u8]) -> Result<Cell, Wrong> {
        if self.open_end.iter().any(|text| text == field) {
            return Ok(Cell::Absent);
        }
        self.date(field).map(|date| Cell::One(Value::Date(date)))
    }
}

/// Bytes that Windows-1252 has no letters for.
const UNUSED: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// Text as the file writes it, once it is read: UTF-16 is read as UTF-8.
pub fn encode(encoding: Encoding, text: &str) -> Result<Vec<u8>, Error> {
    let none = || Error::config(format!("`{text}` cannot be written in {}", encoding.name()));
    match encoding {
        Encoding::Utf8 | Encoding::Utf16 => Ok(text.as_bytes().to_vec()),
        Encoding::Windows1252 => CP1252.encode(text).map(Cow::into_owned).map_err(|_| none()),
        Encoding::Iso8859_1 => text.chars().map(u8::try_from).collect::<Result<_, _>>().map_err(|_| none()),
    }
}

/// Whether there is a letter of two bytes as UTF-8 writes å, ä, ö, é and their kin. In an encoding of single bytes these
/// two would be `Ã` and a sign, which no name holds.
fn is_utf8(field: &[u8]) -> bool {
    field.windows(2).any(|pair| pair[0] == 0xc3 && (0x80..0xc0).contains(&pair[1]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn decoder(encoding: Encoding, date_formats: &[&str], decimal_comma: bool) -> Decoder {
        let open_end = texts(&["", "0", "99991231"]);
        let (yes, no, date_formats) = (texts(&["J"]), texts(&["N"]), texts(date_formats));
        let (date_formats, open_end, yes, no) = (&date_formats, &open_end, &yes, &no);
        Decoder::new(Writing { encoding, date_formats, open_end, yes, no, decimal_comma }).unwrap()
    }

    fn ansi() -> Decoder {
        decoder(Encoding::Windows1252, &["YYYYMMDD"], true)
    }

    #[test]
    fn text_is_decoded_or_its_encoding_is_doubted() {
        let ansi = ansi();
        assert_eq!(ansi.text(b"\xc5sa \x96 \x80").unwrap(), "Åsa – €");
        assert_eq!(ansi.text(b"S\xc3O").unwrap(), "SÃO");
        assert_eq!(ansi.text("Åsa".as_bytes()), Err(Wrong::LooksUtf8(Encoding::Windows1252)));
        assert_eq!(ansi.text(b"\x81"), Err(Wrong::NotIn(Encoding::Windows1252)));
        let utf8 = decoder(Encoding::Utf8, &["YYYYMMDD"], true);
        assert_eq!(utf8.text("Åsa \u{fffd}".as_bytes()).unwrap(), "Åsa \u{fffd}");
        assert_eq!(utf8.text(b"\xc5sa"), Err(Wrong::NotIn(Encoding::Utf8)));
        let latin = decoder(Encoding::Iso8859_1, &["YYYYMMDD"], true);
        assert_eq!(latin.text(b"\xc5sa \xa4").unwrap(), "Åsa ¤");
        assert_eq!(latin.text("Åsa".as_bytes()), Err(Wrong::LooksUtf8(Encoding::Iso8859_1)));
        assert_eq!(latin.text(b"\x80"), Err(Wrong::NotIn(Encoding::Iso8859_1)));
        let utf16 = decoder(Encoding::Utf16, &["YYYYMMDD"], true);
        assert_eq!(utf16.text("Åsa €".as_bytes()).unwrap(), "Åsa €");
        assert_eq!(utf16.text("Åsa \u{fffd}".as_bytes()), Err(Wrong::NotIn(Encoding::Utf16)));
    }

    #[test]
    fn what_the_settings_say_is_compared_as_the_file_writes_it() {
        assert_eq!(encode(Encoding::Windows1252, "€").unwrap(), [0x80]);
        assert_eq!(encode(Encoding::Iso8859_1, "Å").unwrap(), [0xc5]);
        assert_eq!(encode(Encoding::Utf16, "Å").unwrap(), "Å".as_bytes());
        assert!(encode(Encoding::Iso8859_1, "€").is_err() && encode(Encoding::Windows1252, "Ω").is_err());
    }

    #[test]
    fn the_first_form_of_a_day_that_fits_is_taken() {
        let two = decoder(Encoding::Utf8, &["YYYY-MM-DD", "DD/MM YYYY"], true);
        assert_eq!(two.date(b"2024-02-29"), two.date(b"29/02 2024"));
        assert_eq!((two.end_cell(b"0"), two.day_cell(b"")), (Ok(Cell::Absent), Ok(Cell::Absent)));
        assert_eq!((two.end_cell(b"1"), two.day_cell(b"0")), (Err(Wrong::Date), Err(Wrong::Date)));
    }

    #[test]
    fn numbers_keep_to_their_separator() {
        let comma = ansi();
        assert_eq!(comma.number_cell(b"75,50"), Ok(Cell::One(Value::Real(75.5))));
        assert_eq!(comma.number_cell(b"100"), Ok(Cell::One(Value::Real(100.0))));
        assert_eq!(comma.number_cell(b""), Ok(Cell::Absent));
        for odd in ["75.5", "1,2,3", "inf", "NaN", "1e3", "-", "7 5"] {
            assert_eq!(comma.number_cell(odd.as_bytes()), Err(Wrong::Number), "{odd}");
        }
        let point = decoder(Encoding::Utf8, &["YYYYMMDD"], false);
        assert_eq!(point.number_cell(b"75.5"), Ok(Cell::One(Value::Real(75.5))));
        assert_eq!(point.number_cell(b"75,5"), Err(Wrong::Number));
    }

    #[test]
    fn an_unknown_protection_is_a_protection() {
        let decoder = ansi();
        let protected = |field: &[u8]| decoder.protected_cell(field) == Cell::One(Value::Boolean(true));
        assert!(protected(b"J") && protected(b"") && protected(b"?") && protected(b"n"));
        assert!(!protected(b"N"));
        assert_eq!(decoder.flag_cell(b"?"), Err(Wrong::Flag));
        assert_eq!(decoder.flag_cell(b""), Ok(Cell::Absent));
    }
}
