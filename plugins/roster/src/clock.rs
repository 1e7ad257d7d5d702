//! Days as text, and the day and hour by Swedish clocks.

use sluss_sdk::Date;
use sluss_sdk::calendar::{civil, days, swedish};
use std::time::{SystemTime, UNIX_EPOCH};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A day and an hour in Sweden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Days since 1 January 1970.
    days: i64,
    /// The hour, from 0 to 23.
    pub hour: u64,
}

impl Moment {
    /// What Swedish clocks and calendars show.
    pub fn of(now: SystemTime) -> Moment {
        let utc = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        let local = utc + swedish(utc);
        Moment { days: local / DAY, hour: (local % DAY / HOUR) as u64 }
    }

    /// The day, or the one before it.
    pub fn date(self, days_before: u64) -> Date {
        let (year, month, day) = civil(self.days.saturating_sub_unsigned(days_before));
        Date { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// How many days there are from a day until this one; negative where it lies ahead.
    pub fn since(self, date: Date) -> i64 {
        self.days - days(date)
    }
}

/// A day as `YYYY-MM-DD`, perhaps with a time behind it, or as `YYYYMMDD`.
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    let part = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u16>().ok())?
    };
    let (month, date) = match (text.len(), text.as_bytes().get(4)) {
        (8, _) => (4..6, 6..8),
        (10, Some(b'-')) => (5..7, 8..10),
        (11.., Some(b'-')) if matches!(text.as_bytes()[10], b'T' | b' ' | b'Z' | b'+') => (5..7, 8..10),
        _ => return None,
    };
    if text.len() > 8 && text.as_bytes()[7] != b'-' {
        return None;
    }
    Date::new(part(0..4)?, part(month)? as u8, part(date)? as u8).ok()
}

/// A day as `YYYYMMDD`, which the older interfaces want.
pub fn dashed(date: Date, separator: &str) -> String {
    format!("{:04}{separator}{:02}{separator}{:02}", date.year, date.month, date.day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    fn at(utc: u64) -> (String, u64) {
        let moment = Moment::of(UNIX_EPOCH + Duration::from_secs(utc));
        assert_eq!(moment.since(moment.date(0)), 0);
        (moment.date(0).to_string(), moment.hour)
    }

    #[test]
    fn clocks_go_as_in_sweden() {
        for (utc, date, hour) in [
            (1_767_589_200, "2026-01-05", 6), // winter
            (1_783_310_700, "2026-07-06", 6), // summer
            (1_767_308_400, "2026-01-02", 0), // midnight, an hour before that of UTC
            (1_774_746_000, "2026-03-29", 3), // the first second of summer time
            (1_774_745_999, "2026-03-29", 1), // the last before it
            (1_792_976_400, "2026-10-26", 2), // the day after it ended
            (951_782_400, "2000-02-29", 1),
        ] {
            assert_eq!(at(utc), (date.to_owned(), hour), "{utc}");
        }
        let moment = Moment::of(UNIX_EPOCH + Duration::from_secs(1_772_323_200));
        assert_eq!(
            (moment.date(0).to_string(), moment.date(1).to_string()),
            ("2026-03-01".into(), "2026-02-28".into())
        );
        assert_eq!(moment.since(Date::new(2026, 3, 4).unwrap()), -3);
        assert_eq!(moment.since(Date::new(2025, 3, 1).unwrap()), 365);
    }

    #[test]
    fn days_are_written_in_a_few_ways() {
        for (text, read) in [
            ("2026-08-18", Some("2026-08-18")),
            (" 20260818 ", Some("2026-08-18")),
            ("2026-08-18T00:00:00", Some("2026-08-18")),
            ("2026-08-18 00:00:00", Some("2026-08-18")),
            ("2026-08-18+02:00", Some("2026-08-18")),
            ("2026-02-29", None),
            ("2026-8-18", None),
            ("2026-08-188", None),
            ("2026/08/18", None),
            ("18 augusti", None),
            ("2026-08å18", None),
            ("", None),
        ] {
            assert_eq!(day(text).map(|date| date.to_string()).as_deref(), read, "{text}");
        }
        assert_eq!(dashed(Date::new(2026, 8, 1).unwrap(), ""), "20260801");
    }
}
