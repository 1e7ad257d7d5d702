//! Identity numbers, as far as it takes to know what the register can be asked about.
//!
//! A question about a number that cannot be in the register costs time and tells somebody else about a person for
//! nothing, so it is not asked.

use std::fmt;

/// What is added to the day in a coordination number.
const COORDINATION: u8 = 60;

/// A personal or coordination number: twelve digits whose last one follows from the others.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(String);

/// What a text is to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A number that it may know.
    Number(Number),
    /// A number without its century: nobody knows whose it is.
    Short,
    /// None of the register's: a temporary number, another form, or one that nobody can have.
    Foreign,
}

impl Number {
    /// The twelve digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether it is a coordination number.
    pub fn is_coordination(&self) -> bool {
        two(&self.0.as_bytes()[6..]) >= COORDINATION
    }

    /// The number that a text is, if it is one.
    pub fn read(text: &str) -> Option<Number> {
        match Form::of(text) {
            Form::Number(number) => Some(number),
            Form::Short | Form::Foreign => None,
        }
    }
}

/// Nobody's business, wherever it is printed.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(***)")
    }
}

impl Form {
    /// Reads a text: with or without a sign before the last four digits.
    pub fn of(text: &str) -> Form {
        let text = text.trim();
        let digits: String = match text.len().checked_sub(5).and_then(|at| text.split_at_checked(at)) {
            Some((date, rest)) if rest.starts_with(['-', '+', ' ']) => format!("{date}{}", &rest[1..]),
            _ => text.to_owned(),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Form::Foreign;
        }
        match digits.len() {
            10 => Form::Short,
            12 if is_possible(digits.as_bytes()) => Form::Number(Number(digits)),
            _ => Form::Foreign,
        }
    }
}

/// Whether twelve digits can be somebody's. The date of a coordination number need not be in the calendar; official ones
/// are not.
fn is_possible(digits: &[u8]) -> bool {
    let day = two(&digits[6..]);
    let year = u16::from(two(digits)) * 100 + u16::from(two(&digits[2..]));
    let is_dated = day >= COORDINATION || sluss_sdk::Date::new(year, two(&digits[4..]), day).is_ok();
    is_dated && (1800..2100).contains(&year) && luhn(&digits[2..]).is_multiple_of(10)
}

fn two(digits: &[u8]) -> u8 {
    digits.iter().take(2).fold(0, |number, digit| number * 10 + (digit - b'0'))
}

fn luhn(digits: &[u8]) -> u32 {
    let weighed = digits.iter().enumerate().map(|(at, digit)| {
        let doubled = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
        doubled / 10 + doubled % 10
    });
    weighed.sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_registers_own_numbers_are_read() {
        for text in ["194107086995", "19410708-6995", " 19410708+6995 ", "19410708 6995"] {
            assert_eq!(Number::read(text).unwrap().digits(), "194107086995", "{text}");
        }
        // Official test numbers; two of them have no month or no day.
        for text in ["197010632391", "196109732393", "191500722390", "191600802399"] {
            assert!(Number::read(text).unwrap().is_coordination(), "{text}");
        }
        assert!(!Number::read("194107086995").unwrap().is_coordination());
    }

    #[test]
    fn others_are_not() {
        assert_eq!(Form::of("4107086995"), Form::Short);
        assert_eq!(Form::of("410708-6995"), Form::Short);
        for text in [
            "19491223TF94",
            "19491223-TF94",
            "20110203-T001",
            "98240301AA06",
            "20210325K069",
            "194107086996",
            "194113086995",
            "19410708--6995",
            "1941070869950",
            "194107 086995",
            "١٩٤١٠٧٠٨٦٩٩٥",
            "å-",
            "",
        ] {
            assert_eq!(Form::of(text), Form::Foreign, "{text}");
        }
    }

    #[test]
    fn a_number_does_not_print() {
        assert_eq!(format!("{:?}", Number::read("194107086995")), "Some(Number(***))");
    }
}
