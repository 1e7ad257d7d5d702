//! When the register is closed: Monday mornings from six to a quarter past, by Swedish clocks.
//!
//! What does not answer then is not out of order, and the operator need not look for what is wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const OPENS: u64 = 6 * HOUR + 15 * 60;

/// How long the register stays closed, if it is closed now.
pub fn closed(now: SystemTime) -> Option<Duration> {
    let utc = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let local = utc + if is_summer(utc) { 2 * HOUR } else { HOUR };
    let (day, second) = (local / DAY, local % DAY);
    let is_monday = (day + 3) % 7 == 0;
    (is_monday && (6 * HOUR..OPENS).contains(&second)).then(|| Duration::from_secs(OPENS - second))
}

/// Whether it is summer time: from one o'clock UTC on the last Sunday of March to the same hour on that of October.
fn is_summer(utc: u64) -> bool {
    let days = utc / DAY;
    let (month, day) = month_and_day(days);
    if !matches!(month, 3 | 10) {
        return (4..10).contains(&month);
    }
    // Both months have 31 days; counted from Sunday, their last one is so many days into a week.
    let into_week = (days + 4 + 31 - day) % 7;
    let is_behind = (day, utc % DAY) >= (31 - into_week, HOUR);
    is_behind == (month == 3)
}

/// Month and day of a day that is counted from 1 January 1970. Counted from March, the months' lengths repeat every
/// five, and leap days come last.
fn month_and_day(days: u64) -> (u64, u64) {
    let of_era = (days + 719_468) % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(utc: u64) -> Option<u64> {
        closed(UNIX_EPOCH + Duration::from_secs(utc)).map(|left| left.as_secs())
    }

    #[test]
    fn it_is_closed_for_a_quarter_on_mondays_in_winter_and_in_summer() {
        for (utc, left) in [
            (1_767_589_200, Some(900)), // Monday 5 January 2026, 05:00 UTC
            (1_767_590_099, Some(1)),
            (1_767_590_100, None),
            (1_767_589_199, None),
            (1_783_310_700, Some(600)), // Monday 6 July 2026, 04:05 UTC
            (1_783_314_300, None),
            (1_774_843_500, Some(600)), // the day after summer time began, 04:05 UTC
            (1_774_242_300, Some(600)), // a week before that, 05:05 UTC
            (1_792_991_100, Some(600)), // the day after it ended, 05:05 UTC
            (1_792_382_700, Some(600)), // a week before that, 04:05 UTC
            (1_767_675_900, None),      // a Tuesday, 05:05 UTC
            (951_714_300, Some(600)),   // Monday 28 February 2000, 05:05 UTC
        ] {
            assert_eq!(seconds(utc), left, "{utc}");
        }
    }
}
