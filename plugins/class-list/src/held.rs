//! Values as the state's file keeps them and as people read them: text, yes or no and whole numbers as JSON has them, all
//! others by their kind.

use crate::settings::Language;
use serde::{Deserialize, Serialize};
use sluss_sdk::{Date, Error, Value};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Held {
    /// Text.
    Text(String),
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other kind.
    Other(Other),
}

/// A value of a kind that JSON does not have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Other {
    /// A number with a fraction, as text: it comes back digit by digit.
    Real(String),
    /// A day: year, month, day.
    Date(u16, u8, u8),
    /// A pupil's user name.
    Reference(String),
}

impl Held {
    /// A value to be kept; none of a kind that has no place in a list, or that would not come back as it was.
    pub fn new(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Text(text) => Held::Text(text.clone()),
            Value::Boolean(truth) => Held::Boolean(*truth),
            Value::Integer(number) => Held::Integer(*number),
            Value::Real(number) if number.is_finite() => Held::Other(Other::Real(number.to_string())),
            Value::Date(day) if Date::new(day.year, day.month, day.day).is_ok() => {
                Held::Other(Other::Date(day.year, day.month, day.day))
            }
            Value::Reference(id) => Held::Other(Other::Reference(id.clone())),
            Value::Real(_) | Value::Date(_) | Value::Timestamp(_) | Value::Binary(_) => return None,
        })
    }

    /// The value as the contract has it.
    pub fn value(&self) -> Result<Value, Error> {
        Ok(match self {
            Held::Text(text) => Value::Text(text.clone()),
            Held::Boolean(truth) => Value::Boolean(*truth),
            Held::Integer(number) => Value::Integer(*number),
            Held::Other(Other::Real(text)) => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                Value::Real(number.ok_or_else(|| Error::invalid("A number that is none"))?)
            }
            Held::Other(Other::Date(year, month, day)) => Value::Date(Date::new(*year, *month, *day)?),
            Held::Other(Other::Reference(id)) => Value::Reference(id.clone()),
        })
    }

    /// The text that it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Held::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The user name that it refers to, if it is a reference.
    pub fn as_reference(&self) -> Option<&str> {
        match self {
            Held::Other(Other::Reference(id)) => Some(id),
            _ => None,
        }
    }

    /// The value as people read it, on one line.
    pub fn told(&self, language: Language) -> String {
        match self {
            Held::Text(text) | Held::Other(Other::Reference(text)) => line(text),
            Held::Boolean(truth) => match (language, truth) {
                (Language::Sv, true) => "ja",
                (Language::Sv, false) => "nej",
                (Language::En, true) => "yes",
                (Language::En, false) => "no",
            }
            .to_owned(),
            Held::Integer(number) => number.to_string(),
            Held::Other(Other::Real(number)) if language == Language::Sv => number.replace('.', ","),
            Held::Other(Other::Real(number)) => number.clone(),
            Held::Other(Other::Date(year, month, day)) => format!("{year:04}-{month:02}-{day:02}"),
        }
    }
}

/// A text without line breaks, tabs and other signs that nobody sees, and with single blanks.
pub fn line(text: &str) -> String {
    let visible: String = text.chars().map(|sign| if is_unseen(sign) { ' ' } else { sign }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Signs without a look of their own: those that turn the direction of writing would show a name as another.
fn is_unseen(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_read_their_own_language_on_one_line() {
        let told = |value: Value, language| Held::new(&value).unwrap().told(language);
        assert_eq!(told(" Anna\r\n\t\u{202e}Öberg\u{0} ".into(), Language::Sv), "Anna Öberg");
        assert_eq!((told(true.into(), Language::Sv), told(false.into(), Language::En)), ("ja".into(), "no".into()));
        assert_eq!((told(12.5.into(), Language::Sv), told(12.5.into(), Language::En)), ("12,5".into(), "12.5".into()));
        assert_eq!(told(Date::new(2026, 2, 28).unwrap().into(), Language::En), "2026-02-28");
    }

    #[test]
    fn what_would_not_come_back_is_not_kept() {
        for never in [
            Value::from(f64::NAN),
            Value::from(f64::INFINITY),
            Value::Date(Date { year: 0, month: 1, day: 1 }),
            Value::Timestamp(0),
            Value::from(vec![0_u8]),
        ] {
            assert_eq!(Held::new(&never), None, "{never:?}");
        }
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            prop::num::f64::NORMAL.prop_map(Value::from),
            any::<String>().prop_map(Value::Reference),
            (1..9999_u16, 1..=12_u8, 1..=28_u8).prop_map(|(year, month, day)| Value::Date(Date { year, month, day })),
        ]) {
            let json = serde_json::to_string(&Held::new(&value).unwrap()).unwrap();
            let again: Held = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(again.value().unwrap(), value);
        }
    }
}
