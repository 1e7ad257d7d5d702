//! The forms of identity numbers: personnummer, samordningsnummer, and the temporary numbers of schools and care.
//!
//! Ten characters become twelve by the century, which a reader's own day decides: `+` stands for a hundred years and
//! more. A samordningsnummer has 60 added to its day and may have a date that no calendar knows; official ones do.

use jiff::civil::Date;

/// An identity number as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Twelve characters, letters in capitals; for an unknown form the text itself, trimmed.
    pub canonical: String,
    /// What kind of number it is.
    pub kind: NumberKind,
    /// What is wrong with it.
    pub problem: Option<NumberProblem>,
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// A personnummer.
    Personal,
    /// A samordningsnummer.
    Coordination,
    /// A TF or T number: unique only within the organisation that gave it.
    Temporary,
    /// A form that is not known.
    Unknown,
}

/// What is wrong with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberProblem {
    /// The last digit does not follow from the others.
    #[error("the check digit is wrong")]
    CheckDigit,
    /// Nobody can have been born then.
    #[error("the date is impossible")]
    Date,
    /// It is none of the forms that are known.
    #[error("the form is unknown")]
    UnknownForm,
}

impl Number {
    /// Whether it is one that somebody has for good: a personal or a coordination number without a fault.
    pub fn is_lasting(&self) -> bool {
        matches!(self.kind, NumberKind::Personal | NumberKind::Coordination) && self.problem.is_none()
    }

    /// The date that the number shows. It is no proof of when somebody was born: a date can run out of numbers.
    pub fn birth_date(&self) -> Option<Date> {
        birth_date(&self.canonical)
    }
}

/// Reads a number. `today` decides the century of a short form.
pub fn parse(text: &str, today: Date) -> Number {
    let text = text.trim();
    match Parts::read(text) {
        Some(parts) => parts.number(today),
        None => {
            Number { canonical: text.to_owned(), kind: NumberKind::Unknown, problem: Some(NumberProblem::UnknownForm) }
        }
    }
}

/// The date that a twelve-character number shows, where it shows one.
pub fn birth_date(canonical: &str) -> Option<Date> {
    let parts = Parts::read(canonical).filter(|parts| parts.date.len() == 8)?;
    let day = two(&parts.date[6..]);
    let coordination = parts.tail.bytes().all(|b| b.is_ascii_digit()) && day > COORDINATION;
    date(&parts.date, if coordination { day - COORDINATION } else { day })
}

/// What is added to the day in a samordningsnummer.
const COORDINATION: u8 = 60;

/// Nobody has become older.
const OLDEST: i16 = 125;

/// A number taken apart.
struct Parts {
    /// Six or eight digits.
    date: String,
    /// Whether `+` stood between.
    hundred: bool,
    /// Four digits, `TF` and two digits, or `T` and three.
    tail: String,
}

impl Parts {
    fn read(text: &str) -> Option<Parts> {
        if !text.is_ascii() {
            return None;
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let date = match (digits, text.len()) {
            (6 | 8, _) => digits,
            // A short form has ten characters in all, a long one twelve.
            (10, 10) => 6,
            (12, 12) => 8,
            _ => return None,
        };
        let (date, rest) = text.split_at(date);
        let tail = rest.strip_prefix(['-', '+', ' ']).unwrap_or(rest).to_ascii_uppercase();
        let free = ["TF", "T", ""].iter().find_map(|letters| tail.strip_prefix(letters))?;
        let known = tail.len() == 4 && free.bytes().all(|b| b.is_ascii_digit());
        known.then(|| Parts { date: date.to_owned(), hundred: rest.starts_with('+'), tail })
    }

    fn number(self, today: Date) -> Number {
        let day = two(&self.date[self.date.len() - 2..]);
        let kind = match (self.tail.starts_with('T'), day >= COORDINATION) {
            (true, _) => NumberKind::Temporary,
            (false, true) => NumberKind::Coordination,
            (false, false) => NumberKind::Personal,
        };
        let day = if kind == NumberKind::Coordination { day - COORDINATION } else { day };
        let date = if self.date.len() == 8 {
            self.date.clone()
        } else {
            format!("{:02}{}", century(&self.date, day, self.hundred, today), self.date)
        };
        let possible = self::date(&date, day).is_some_and(|born| born <= today && born.year() >= FIRST_YEAR);
        let dated = kind == NumberKind::Coordination || possible;
        let checked = kind == NumberKind::Temporary || luhn(&date[2..], &self.tail);
        let problem = match (dated, checked) {
            (false, _) => Some(NumberProblem::Date),
            (true, false) => Some(NumberProblem::CheckDigit),
            (true, true) => None,
        };
        Number { canonical: date + &self.tail, kind, problem }
    }
}

/// The earliest year of birth in a number.
const FIRST_YEAR: i16 = 1800;

/// The century of a short form, as 19 or 20: the last one in which the person was born already, or with a `+` the one
/// before that, unless nobody could be so old.
fn century(date: &str, day: u8, hundred: bool, today: Date) -> i16 {
    let short = i16::from(two(date));
    let mut year = today.year() - today.year().rem_euclid(100) + short;
    let month = i8::try_from(two(&date[2..])).unwrap_or(i8::MAX);
    let day = i8::try_from(day).unwrap_or(i8::MAX);
    let ahead = (year, month, day) > (today.year(), today.month(), today.day());
    if ahead {
        year -= 100;
    }
    // In the year of the hundredth birthday the sign changes before the birthday.
    let young = today.year() - year < 100;
    if hundred && young && today.year() - (year - 100) <= OLDEST {
        year -= 100;
    }
    year / 100
}

/// The date of eight digits, with the day given.
fn date(digits: &str, day: u8) -> Option<Date> {
    let year = digits.get(..4)?.parse().ok()?;
    Date::new(year, i8::try_from(two(&digits[4..])).ok()?, i8::try_from(day).ok()?).ok()
}

/// The first two digits as a number.
fn two(digits: &str) -> u8 {
    digits.bytes().take(2).fold(0, |number, digit| number * 10 + (digit - b'0'))
}

/// Whether the last of ten digits follows from the others.
fn luhn(date: &str, tail: &str) -> bool {
    let digits = date.bytes().chain(tail.bytes()).map(|digit| u32::from(digit - b'0'));
    let weighed = digits.enumerate().map(|(at, digit)| {
        let doubled = digit * if at % 2 == 0 { 2 } else { 1 };
        doubled / 10 + doubled % 10
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Number, NumberKind, NumberProblem, birth_date, parse};
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 3, 1);

    fn read(text: &str) -> (String, NumberKind, Option<NumberProblem>) {
        let Number { canonical, kind, problem } = parse(text, TODAY);
        (canonical, kind, problem)
    }

    #[test]
    fn every_writing_of_a_number_is_that_number() {
        for text in ["198507099805", "19850709-9805", "850709-9805", "8507099805", " 850709-9805\t", "850709 9805"] {
            assert_eq!(read(text), ("198507099805".to_owned(), NumberKind::Personal, None), "{text}");
        }
        assert_eq!(read("121212+1212"), ("191212121212".to_owned(), NumberKind::Personal, None));
        assert_eq!(read("19121212+1212"), ("191212121212".to_owned(), NumberKind::Personal, None));
    }

    /// Official test numbers; two of them have no month or no day.
    #[test]
    fn coordination_numbers_need_no_calendar() {
        for (text, canonical, born) in [
            ("701063-2391", "197010632391", Some(date(1970, 10, 3))),
            ("196109732393", "196109732393", Some(date(1961, 9, 13))),
            ("191500722390", "191500722390", None),
            ("191600802399", "191600802399", None),
            ("19700060-2390", "197000602390", None),
        ] {
            let number = parse(text, TODAY);
            assert_eq!(number.canonical, canonical);
            assert_eq!(number.kind, NumberKind::Coordination, "{text}");
            assert_eq!(number.birth_date(), born, "{text}");
            assert_ne!(number.problem, Some(NumberProblem::Date), "{text}");
        }
        assert_eq!(read("191500722390").2, None);
        assert_eq!(read("191600802399").2, None);
        assert_eq!(read("196109732394").2, Some(NumberProblem::CheckDigit));
    }

    #[test]
    fn temporary_numbers_have_no_check_digit() {
        for text in ["19491223TF94", "19491223-TF94", "491223TF94", "491223-TF94", "491223-tf94"] {
            assert_eq!(read(text), ("19491223TF94".to_owned(), NumberKind::Temporary, None), "{text}");
        }
        assert_eq!(read("20110203-T001"), ("20110203T001".to_owned(), NumberKind::Temporary, None));
        assert_eq!(read("20111303-TF01").2, Some(NumberProblem::Date));
        assert_eq!(birth_date("19491223TF94"), Some(date(1949, 12, 23)));
    }

    #[test]
    fn unknown_forms_are_kept_and_flagged() {
        for text in [
            "98240301AA06",
            "20210325K069",
            "19800102-X123",
            "19800102-123",
            "1980-01-02-1234",
            "850709-98055",
            "abc",
            "",
            "8507099805å",
            "19491223TF9",
            "19491223TFF4",
            "85070998",
            "19850709--9805",
            "٨٥٠٧٠٩٩٨٠٥",
        ] {
            let expected = (text.to_owned(), NumberKind::Unknown, Some(NumberProblem::UnknownForm));
            assert_eq!(read(&format!("  {text} ")), expected);
            assert_eq!(birth_date(text), None);
        }
    }

    #[test]
    fn wrong_numbers_say_what_is_wrong() {
        assert_eq!(read("198507099806").2, Some(NumberProblem::CheckDigit));
        assert_eq!(read("198502309805").2, Some(NumberProblem::Date));
        assert_eq!(read("198513019805").2, Some(NumberProblem::Date));
        assert_eq!(read("198507009805").2, Some(NumberProblem::Date));
        assert_eq!(read("210001019805").2, Some(NumberProblem::Date));
        assert_eq!(read("170001019805").2, Some(NumberProblem::Date));
    }

    /// A leap day in a short form belongs to a leap year's century.
    #[test]
    fn a_leap_day_may_be_short() {
        let number = parse("000229-2399", TODAY);
        assert_eq!((number.canonical.as_str(), number.birth_date()), ("200002292399", Some(date(2000, 2, 29))));
    }

    #[test]
    fn the_century_follows_the_day_and_the_sign() {
        let born = |text: &str, today| parse(text, today).canonical[..8].to_owned();
        // Born today, and born tomorrow a hundred years ago.
        assert_eq!(born("260301-0000", TODAY), "20260301");
        assert_eq!(born("260302-0000", TODAY), "19260302");
        assert_eq!(born("260302+0000", TODAY), "19260302");
        // The sign changes with the year of the hundredth birthday.
        assert_eq!(born("260301+0000", TODAY), "19260301");
        assert_eq!(born("260228+0000", TODAY), "19260228");
        assert_eq!(born("250101+0000", TODAY), "19250101");
        assert_eq!(born("250101-0000", TODAY), "20250101");
        // Nobody is 199: the sign came early.
        assert_eq!(born("270101+0000", TODAY), "19270101");
        assert_eq!(born("270101-0000", TODAY), "19270101");
        assert_eq!(born("991231-0000", date(1999, 12, 31)), "19991231");
        assert_eq!(born("991231-0000", date(1999, 12, 30)), "18991231");
        // A coordination number's day counts without the 60.
        assert_eq!(born("260361-0000", TODAY), "20260361");
        assert_eq!(born("260362-0000", TODAY), "19260362");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_and_kept(text in "\\PC{0,16}|[0-9TF+-]{8,14}") {
            let number = parse(&text, TODAY);
            if number.kind == NumberKind::Unknown {
                prop_assert_eq!(number.canonical, text.trim());
            } else {
                prop_assert_eq!(number.canonical.len(), 12);
                let again = parse(&number.canonical, TODAY);
                prop_assert_eq!(again, number);
            }
        }

        /// The short form with the right sign gives the long form, for everybody who can be alive.
        #[test]
        fn short_and_long_forms_agree(days in 0i64..40_000, serial in 0u16..1000) {
            let born = TODAY.checked_sub(jiff::Span::new().days(days)).unwrap();
            let sign = if TODAY.year() - born.year() >= 100 { '+' } else { '-' };
            let short = format!("{}{sign}{serial:03}0", born.strftime("%y%m%d"));
            let canonical = parse(&short, TODAY).canonical;
            prop_assert_eq!(&canonical[..8], born.strftime("%Y%m%d").to_string());
            prop_assert_eq!(birth_date(&canonical), Some(born));
        }
    }
}
