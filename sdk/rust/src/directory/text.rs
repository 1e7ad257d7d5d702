//! Values as directories write them.
//!
//! A directory knows bytes; the contract knows types. What is written one way must be read back as the same value, or
//! every run would find a difference that is none.

use super::dn::canonical;
use super::settings::Kind;
use crate::calendar::{civil, days};
use crate::{Date, Error, Value};

/// How a value is written: references as names, days and moments as generalized time, booleans as `TRUE` and `FALSE`.
pub fn to_bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.clone().into_bytes(),
        Value::Boolean(truth) => if *truth { "TRUE" } else { "FALSE" }.into(),
        Value::Integer(number) => number.to_string().into_bytes(),
        Value::Real(number) => number.to_string().into_bytes(),
        Value::Date(date) => format!("{:04}{:02}{:02}000000Z", date.year, date.month, date.day).into_bytes(),
        Value::Timestamp(moment) => generalized_time(*moment).into_bytes(),
        Value::Binary(bytes) => bytes.clone(),
        Value::Reference(id) => canonical(id).into_owned().into_bytes(),
    }
}

/// What was written, read as a kind of value. What does not fit the kind is text, and what is no text is bytes: a
/// directory may hold more than its schema promises, and nothing of it is hidden.
pub fn from_bytes(kind: Kind, bytes: &[u8]) -> Value {
    let Ok(text) = std::str::from_utf8(bytes) else { return Value::Binary(bytes.to_vec()) };
    let typed = match kind {
        Kind::Text => None,
        Kind::Binary => Some(Value::Binary(bytes.to_vec())),
        Kind::Boolean => match text {
            "TRUE" => Some(Value::Boolean(true)),
            "FALSE" => Some(Value::Boolean(false)),
            _ => None,
        },
        Kind::Integer => text.parse().ok().map(Value::Integer),
        Kind::Real => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Real),
        Kind::Date => parse_time(text).ok().map(|(date, _)| Value::Date(date)),
        Kind::Timestamp => parse_time(text).ok().map(|(date, ms)| Value::Timestamp(days(date) * DAY + ms)),
        Kind::Reference => Some(Value::Reference(canonical(text).into_owned())),
    };
    typed.unwrap_or_else(|| Value::Text(text.to_owned()))
}

const DAY: i64 = 86_400_000;

fn generalized_time(moment: i64) -> String {
    let (date, ms) = (civil(moment.div_euclid(DAY)), moment.rem_euclid(DAY));
    let (hour, minute, second, fraction) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let (year, month, day) = date;
    let whole = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
    if fraction == 0 { format!("{whole}Z") } else { format!("{whole}.{fraction:03}Z") }
}

/// A generalized time in UTC as its day and the milliseconds within it.
fn parse_time(text: &str) -> Result<(Date, i64), Error> {
    let malformed = || Error::invalid("This is not a generalized time in UTC, such as 20240108120000Z");
    let time = text.strip_suffix('Z').ok_or_else(malformed)?;
    let (whole, fraction) = time.split_once(['.', ',']).unwrap_or((time, ""));
    if !(8..=14).contains(&whole.len()) || whole.len() % 2 != 0 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    let number = |from: usize, to: usize| whole.get(from..to).map_or(Ok(0), str::parse::<u16>).map_err(|_| malformed());
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    if hour > 23 || minute > 59 || second > 60 {
        return Err(malformed());
    }
    let date = Date::new(number(0, 4)?, number(4, 6)? as u8, number(6, 8)? as u8)?;
    let ms = format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0);
    Ok((date, (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1000 + ms))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_comes_back_as_it_was_written() {
        let date = Value::Date(Date::new(2024, 2, 29).unwrap());
        for (kind, value) in [
            (Kind::Text, Value::from("Åsa")),
            (Kind::Boolean, Value::Boolean(false)),
            (Kind::Integer, Value::Integer(-7)),
            (Kind::Real, Value::Real(62.5)),
            (Kind::Date, date),
            (Kind::Timestamp, Value::Timestamp(1_709_210_096_000)),
            (Kind::Timestamp, Value::Timestamp(-1)),
            (Kind::Binary, Value::Binary(vec![0, 255])),
            (Kind::Reference, Value::Reference("uid=eva,dc=se".into())),
        ] {
            assert_eq!(from_bytes(kind, &to_bytes(&value)), value);
        }
    }

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(to_bytes(&Value::Timestamp(1_709_210_096_000)), b"20240229123456Z");
        assert_eq!(to_bytes(&Value::Timestamp(0)), b"19700101000000Z");
        assert_eq!(to_bytes(&Value::Timestamp(-1)), b"19691231235959.999Z");
        assert_eq!(to_bytes(&Value::Date(Date::new(999, 1, 2).unwrap())), b"09990102000000Z");
    }

    #[test]
    fn what_does_not_fit_its_kind_is_not_hidden() {
        assert_eq!(from_bytes(Kind::Boolean, b"yes"), Value::from("yes"));
        assert_eq!(from_bytes(Kind::Date, b"20230229000000Z"), Value::from("20230229000000Z"));
        assert_eq!(from_bytes(Kind::Text, &[0xff]), Value::Binary(vec![0xff]));
        assert_eq!(from_bytes(Kind::Timestamp, b"20240229120000+0100"), Value::from("20240229120000+0100"));
    }
}
