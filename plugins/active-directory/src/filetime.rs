//! Moments as Windows counts them, and the last day on which an account may be used.

use sluss_sdk::calendar::{date, days, swedish, swedish_midnight};
use sluss_sdk::{Date, Value};

/// Steps of 100 nanoseconds in a second.
const STEPS: i64 = 10_000_000;
/// The seconds from the beginning of 1601, from which Windows counts, to that of 1970.
const BEFORE: i64 = 11_644_473_600;
/// What stands for never.
pub const NEVER: i64 = i64::MAX;

/// The moment after the last day on which an account may be used: the next midnight in Sweden.
pub fn after(last: Date) -> i64 {
    (swedish_midnight(days(last) + 1) + BEFORE) * STEPS
}

/// The last day before a moment that is not never.
pub fn last_day(moment: i64) -> Option<Date> {
    if moment <= 0 || moment == NEVER {
        return None;
    }
    // The moment itself is past the end.
    let utc = (moment - 1).div_euclid(STEPS) - BEFORE;
    date((utc + swedish(utc)).div_euclid(86_400))
}

/// The value of `accountExpires` for what shall be its last day.
pub fn written(last: Option<Date>) -> Vec<u8> {
    last.map_or(NEVER, after).to_string().into_bytes()
}

/// The last day that a value of `accountExpires` stands for; none where there is none.
pub fn read(bytes: &[u8]) -> Option<Value> {
    let moment = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    last_day(moment).map(Value::Date)
}

/// The day that a text names: `2026-12-31`.
pub fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-').map(str::parse::<u16>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn the_last_day_is_included() {
        // 31 December 2026, 23:00 UTC.
        assert_eq!(after(day(2026, 12, 31)), 134_432_316_000_000_000);
        for last in [day(2026, 12, 31), day(2026, 6, 30), day(2026, 3, 28), day(2026, 3, 29), day(2026, 10, 25)] {
            assert_eq!(last_day(after(last)), Some(last));
            assert_eq!(read(&written(Some(last))), Some(Value::Date(last)));
        }
        // What others set at noon still ends on its day.
        assert_eq!(last_day(after(day(2026, 12, 31)) - 12 * 3_600 * STEPS), Some(day(2026, 12, 31)));
    }

    #[test]
    fn never_is_no_day() {
        for never in [0, -1, NEVER] {
            assert_eq!(last_day(never), None);
        }
        assert_eq!(written(None), b"9223372036854775807");
        assert_eq!((read(b"9223372036854775807"), read(b"0"), read(b"x"), read(b"")), (None, None, None, None));
        assert_eq!(last_day(NEVER - 1), None, "a day that no calendar has");
    }
}
