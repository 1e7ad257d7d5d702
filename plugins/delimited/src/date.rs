//! How days are written: `YYYYMMDD`, `DD/MM/YYYY`, `D MMM YYYY`, `YYYY-MM-DD*`.

use sluss_sdk::{Date, Error};

/// The short names of months, as `MMM` means them.
const MONTHS: [&[u8; 3]; 12] =
    [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];

/// One way to write a day.
#[derive(Debug, Clone)]
pub struct DateFormat {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    Month(Digits),
    MonthName,
    Day(Digits),
    Literal(u8),
    /// Whatever follows: the time of day.
    Rest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Two,
    OneOrTwo,
}

impl DateFormat {
    /// Reads a format.
    pub fn new(format: &str) -> Result<Self, Error> {
        let mut rest = format;
        let mut pieces = Vec::new();
        while let Some(first) = rest.bytes().next() {
            let (piece, used) = match first {
                _ if rest.starts_with("YYYY") => (Piece::Year, 4),
                _ if rest.starts_with("MMM") => (Piece::MonthName, 3),
                _ if rest.starts_with("MM") => (Piece::Month(Digits::Two), 2),
                _ if rest.starts_with("DD") => (Piece::Day(Digits::Two), 2),
                b'M' => (Piece::Month(Digits::OneOrTwo), 1),
                b'D' => (Piece::Day(Digits::OneOrTwo), 1),
                b'*' if rest.len() == 1 => (Piece::Rest, 1),
                literal if literal.is_ascii() && !literal.is_ascii_alphanumeric() => (Piece::Literal(literal), 1),
                _ => return Err(odd(format)),
            };
            pieces.push(piece);
            rest = &rest[used..];
        }
        let count = |wanted: fn(&Piece) -> bool| pieces.iter().filter(|piece| wanted(piece)).count();
        let whole = count(|piece| *piece == Piece::Year) == 1
            && count(|piece| matches!(piece, Piece::Month(_) | Piece::MonthName)) == 1
            && count(|piece| matches!(piece, Piece::Day(_))) == 1;
        if whole { Ok(DateFormat { pieces }) } else { Err(odd(format)) }
    }

    /// The day that is written so; none if it is not written so, or is in no calendar.
    pub fn parse(&self, field: &[u8]) -> Option<Date> {
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = field;
        for piece in &self.pieces {
            match piece {
                Piece::Year => year = digits(&mut rest, 4)?,
                Piece::Month(count) => month = one_or_two(&mut rest, *count)?,
                Piece::MonthName => {
                    let name = rest.split_off(..3)?;
                    month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(name))? as u16 + 1;
                }
                Piece::Day(count) => day = one_or_two(&mut rest, *count)?,
                Piece::Literal(literal) => rest = rest.strip_prefix(&[*literal])?,
                // A further digit would make it another number.
                Piece::Rest if rest.first().is_some_and(u8::is_ascii_digit) => return None,
                Piece::Rest => rest = &[],
            }
        }
        if !rest.is_empty() {
            return None;
        }
        Date::new(year, month as u8, day as u8).ok()
    }
}

fn odd(format: &str) -> Error {
    Error::config(format!("date-formats: `{format}` must hold YYYY, MM and DD once each, and signs between them"))
}

fn one_or_two(rest: &mut &[u8], count: Digits) -> Option<u16> {
    let two = count == Digits::Two || rest.get(1).is_some_and(u8::is_ascii_digit);
    digits(rest, if two { 2 } else { 1 })
}

fn digits(rest: &mut &[u8], count: usize) -> Option<u16> {
    let own = rest.split_off(..count)?;
    own.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(format: &str, field: &str) -> Option<String> {
        DateFormat::new(format).unwrap().parse(field.as_bytes()).map(|date| date.to_string())
    }

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for (format, field) in [
            ("YYYYMMDD", "20240209"),
            ("YYYY-MM-DD", "2024-02-09"),
            ("DD/MM/YYYY", "09/02/2024"),
            ("MM.DD.YYYY", "02.09.2024"),
            ("D/M/YYYY", "9/2/2024"),
            ("D/M/YYYY", "09/02/2024"),
            ("DD-MMM-YYYY", "09-Feb-2024"),
            ("DD MMM YYYY", "09 FEB 2024"),
            ("YYYY-MM-DD*", "2024-02-09T13:14:15Z"),
            ("YYYY-MM-DD*", "2024-02-09"),
        ] {
            assert_eq!(parse(format, field).as_deref(), Some("2024-02-09"), "{format}");
        }
    }

    #[test]
    fn what_is_written_otherwise_or_in_no_calendar_is_no_day() {
        for (format, field) in [
            ("YYYYMMDD", "20230229"),
            ("YYYYMMDD", "2024-02-29"),
            ("YYYYMMDD", "2024022"),
            ("YYYYMMDD", "202402290"),
            ("YYYYMMDD", "2024O229"),
            ("YYYYMMDD", ""),
            ("DD/MM/YYYY", "9/2/2024"),
            ("D/M/YYYY", "31/2/2024"),
            ("D/M/YYYY", "/2/2024"),
            ("DD-MMM-YYYY", "09-FEV-2024"),
            ("DD-MMM-YYYY", "09-F"),
            ("YYYY-MM-DD*", "2024-02-091"),
        ] {
            assert_eq!(parse(format, field), None, "{format} {field}");
        }
    }

    #[test]
    fn a_format_must_make_a_whole_day() {
        for odd in ["", "YYYY-MM", "YYMMDD", "YYYYMMDDD", "YYYY*MMDD*x", "YYYYMMDDThh", "YYYYMMMMDD"] {
            assert!(DateFormat::new(odd).is_err(), "{odd}");
        }
    }
}
