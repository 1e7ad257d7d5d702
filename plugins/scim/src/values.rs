//! Values as SCIM writes them, and back.

use serde::Deserialize;
use serde_json::Value as Json;
use sluss_sdk::calendar::{civil, days};
use sluss_sdk::schemars::JsonSchema;
use sluss_sdk::{Date, Error, Value};

/// What kind of values an attribute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text.
    #[default]
    Text,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// A day, written as a text such as `2026-01-31`.
    Date,
    /// A moment (`dateTime`), written as a text such as `2026-01-31T00:00:00Z`. A day is its first moment in UTC.
    Moment,
    /// The id of another resource.
    Reference,
    /// Whatever the value itself is.
    #[serde(skip)]
    Any,
}

/// A value as SCIM writes it. The message of an error quotes nothing.
pub fn to_json(kind: Kind, value: &Value) -> Result<Json, Error> {
    let wrong = |what: &str| Err(Error::invalid(format!("This is {what}, and something else was given")));
    Ok(match (kind, value) {
        (Kind::Any, Value::Text(text)) => Json::from(text.as_str()),
        (Kind::Reference | Kind::Any, Value::Reference(id)) => Json::from(id.as_str()),
        (Kind::Text, Value::Text(_) | Value::Integer(_) | Value::Date(_)) => Json::from(as_text(value)),
        (Kind::Boolean | Kind::Any, Value::Boolean(yes)) => Json::from(*yes),
        (Kind::Integer | Kind::Real | Kind::Any, Value::Integer(number)) => Json::from(*number),
        // The numbers that JSON does not have.
        (Kind::Real | Kind::Any, Value::Real(number)) if number.is_finite() => Json::from(*number),
        (Kind::Date | Kind::Any, Value::Date(_)) => Json::from(as_text(value)),
        (Kind::Moment, Value::Date(date)) => Json::from(format!("{date}T00:00:00Z")),
        (Kind::Moment | Kind::Any, Value::Timestamp(moment)) => Json::from(moment_text(*moment)),
        (Kind::Date | Kind::Moment, Value::Text(text)) if moment_of(text).is_some() => Json::from(text.as_str()),
        (Kind::Boolean, _) => return wrong("yes or no"),
        (Kind::Integer, _) => return wrong("a whole number"),
        (Kind::Real, _) => return wrong("a number"),
        (Kind::Date, _) => return wrong("a day"),
        (Kind::Moment, _) => return wrong("a moment"),
        (Kind::Reference, _) => return wrong("a reference to another object"),
        (Kind::Text, _) => return wrong("a text"),
        (Kind::Any, _) => return Err(Error::invalid("A value of this kind cannot be written by SCIM")),
    })
}

/// A value of SCIM. One that does not fit its kind comes as what it is, so that it differs from what should be there.
pub fn from_json(kind: Kind, json: &Json) -> Option<Value> {
    let text = json.as_str();
    let typed = match kind {
        Kind::Boolean => json.as_bool().or_else(|| text.and_then(truth)).map(Value::Boolean),
        Kind::Integer => json.as_i64().or_else(|| text?.parse().ok()).map(Value::Integer),
        Kind::Real => {
            let number = json.as_f64().or_else(|| text?.parse().ok());
            number.filter(|number: &f64| number.is_finite()).map(Value::Real)
        }
        Kind::Date => text.and_then(moment_of).map(|(date, _)| Value::Date(date)),
        Kind::Moment => text.and_then(moment_of).map(|(date, ms)| match ms {
            0 => Value::Date(date),
            ms => Value::Timestamp(days(date) * DAY + ms),
        }),
        Kind::Reference => text.map(|text| Value::Reference(text.to_owned())),
        Kind::Text | Kind::Any => None,
    };
    typed.or_else(|| match json {
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Bool(yes) => Some(Value::Boolean(*yes)),
        Json::Number(number) => number.as_i64().map(Value::Integer).or_else(|| number.as_f64().map(Value::Real)),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    })
}

/// Whether two lists hold the same values, in whatever order.
pub fn same(one: &[Value], other: &[Value]) -> bool {
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(as_text).collect();
        texts.sort_unstable();
        texts
    };
    one == other || sorted(one) == sorted(other)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Reference(text) => text.clone(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Timestamp(moment) => moment_text(*moment),
        Value::Binary(bytes) => format!("{bytes:02x?}"),
    }
}

/// Some services write truths as texts.
fn truth(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

const DAY: i64 = 86_400_000;

fn moment_text(moment: i64) -> String {
    let ((year, month, day), ms) = (civil(moment.div_euclid(DAY)), moment.rem_euclid(DAY));
    let (hour, minute, second, fraction) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction == 0 { format!("{whole}Z") } else { format!("{whole}.{fraction:03}Z") }
}

/// A day, or a moment with its zone, as the day in UTC and the milliseconds within it.
fn moment_of(text: &str) -> Option<(Date, i64)> {
    let number = |from: usize, to: usize| -> Option<u16> {
        let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let is = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    let date = Date::new(number(0, 4)?, u8::try_from(number(5, 7)?).ok()?, u8::try_from(number(8, 10)?).ok()?).ok()?;
    if !(is(4, b'-') && is(7, b'-')) {
        return None;
    }
    if text.len() == 10 {
        return Some((date, 0));
    }
    if !(is(10, b'T') && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let digits = rest.strip_prefix('.').map_or("", |rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
    let zone = if rest.starts_with('.') { &rest[digits.len() + 1..] } else { rest };
    let fraction = format!("{digits:0<3}").get(..3)?.parse::<i64>().ok()?;
    let ahead = match zone.as_bytes() {
        b"" | b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] if zone.len() == 6 && zone.as_bytes()[3] == b':' => {
            let part = |from: usize| zone.get(from..from + 2)?.parse::<i64>().ok();
            let minutes = part(1)? * 60 + part(4)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let ms = ((i64::from(hour) * 60 + i64::from(minute) - ahead) * 60 + i64::from(second)) * 1000 + fraction;
    let day = days(date) + ms.div_euclid(DAY);
    Some((sluss_sdk::calendar::date(day)?, ms.rem_euclid(DAY)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn day(year: u16, month: u8, day: u8) -> Value {
        Value::Date(Date::new(year, month, day).unwrap())
    }

    #[test]
    fn every_kind_comes_back_as_it_was_written() {
        for (kind, value, written) in [
            (Kind::Text, Value::from("Åsa"), json!("Åsa")),
            (Kind::Boolean, Value::from(false), json!(false)),
            (Kind::Integer, Value::from(-7_i64), json!(-7)),
            (Kind::Real, Value::from(62.5), json!(62.5)),
            (Kind::Date, day(2024, 2, 29), json!("2024-02-29")),
            (Kind::Moment, day(2024, 2, 29), json!("2024-02-29T00:00:00Z")),
            (Kind::Moment, Value::Timestamp(1_709_210_096_007), json!("2024-02-29T12:34:56.007Z")),
            (Kind::Moment, Value::Timestamp(-1), json!("1969-12-31T23:59:59.999Z")),
            (Kind::Reference, Value::Reference("7".into()), json!("7")),
            (Kind::Any, Value::from(true), json!(true)),
            (Kind::Any, Value::from(7_i64), json!(7)),
        ] {
            assert_eq!(to_json(kind, &value).unwrap(), written);
            assert_eq!(from_json(kind, &written), Some(value));
        }
        assert_eq!(to_json(Kind::Text, &Value::from(7_i64)).unwrap(), json!("7"), "a number of an employee");
    }

    #[test]
    fn what_does_not_fit_is_refused_without_a_quote_and_read_as_it_is() {
        for (kind, value) in [
            (Kind::Boolean, Value::from("198001022386")),
            (Kind::Integer, Value::from(1.5)),
            (Kind::Real, Value::from(f64::NAN)),
            (Kind::Date, Value::from("198001022386")),
            (Kind::Reference, Value::from("198001022386")),
            (Kind::Any, Value::from(vec![1_u8])),
        ] {
            let error = to_json(kind, &value).unwrap_err();
            assert!(error.kind == sluss_sdk::ErrorKind::Invalid && !error.message.contains("2386"), "{error:?}");
        }
        assert_eq!(from_json(Kind::Boolean, &json!("TRUE")), Some(Value::from(true)));
        assert_eq!(from_json(Kind::Boolean, &json!("yes")), Some(Value::from("yes")));
        assert_eq!(from_json(Kind::Date, &json!("2023-02-29")), Some(Value::from("2023-02-29")));
        assert_eq!(from_json(Kind::Text, &json!({"a": 1})), None);
    }

    #[test]
    fn moments_are_told_in_utc() {
        for (text, expected) in [
            ("2026-03-29T01:30:00+02:00", Some(("2026-03-28", 23.5))),
            ("2026-03-29T23:30:00.5-01:00", Some(("2026-03-30", 0.5))),
            ("2026-03-29T12:00:00", Some(("2026-03-29", 12.0))),
            ("2026-03-29T24:00:00Z", None),
            ("2026-03-29 12:00:00Z", None),
            ("2026-03-29T12:00:00Q", None),
            ("2026/03/29", None),
            ("2026-03-2é", None),
        ] {
            let told = moment_of(text).map(|(date, ms)| (date.to_string(), (ms / 100) as f64 / 36_000.0));
            let near = told
                .as_ref()
                .zip(expected)
                .is_some_and(|((day, hour), (own, at))| day == own && (hour - at).abs() < 0.001);
            assert!(near || told.is_none() && expected.is_none(), "{text}: {told:?}");
        }
    }

    #[test]
    fn lists_are_compared_as_sets_of_texts() {
        assert!(same(&[Value::from("a"), Value::from("7")], &[Value::from(7_i64), Value::from("a")]));
        assert!(!same(&[Value::from("a")], &[Value::from("a"), Value::from("a")]));
    }
}
