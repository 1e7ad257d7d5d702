//! Days, counted from 1 January 1970, and the clocks of Sweden.
//!
//! Plugins run without a table of time zones. Nearly all who use them live by one clock, whose rule fits in a few lines.

use crate::Date;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// How many days a day is after 1 January 1970, in the Gregorian calendar. Years begin in March here, so that the leap
/// day is their last.
pub fn days(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day that is counted from 1 January 1970.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// The day that is so many days after 1 January 1970; none before the year 1 or after 9999.
pub fn date(days: i64) -> Option<Date> {
    let (year, month, day) = civil(days);
    Date::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}

/// By how many seconds Swedish clocks are ahead of UTC, at so many seconds after the beginning of 1970. It is summer time
/// from one o'clock UTC on the last Sunday of March to the same hour on that of October.
pub fn swedish(utc: i64) -> i64 {
    let days = utc.div_euclid(DAY);
    let (_, month, day) = civil(days);
    let is_summer = if matches!(month, 3 | 10) {
        // Both months have 31 days; counted from Sunday, their last one is so many days into a week.
        let into_week = (days + 4 + 31 - day).rem_euclid(7);
        let is_behind = (day, utc.rem_euclid(DAY)) >= (31 - into_week, HOUR);
        is_behind == (month == 3)
    } else {
        (4..10).contains(&month)
    };
    if is_summer { 2 * HOUR } else { HOUR }
}

/// When a day begins in Sweden, in seconds after the beginning of 1970 in UTC.
pub fn swedish_midnight(days: i64) -> i64 {
    // No clock is changed at midnight, so the hour before it says which time it is.
    let utc = days * DAY;
    utc - swedish(utc - 2 * HOUR)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_are_counted_both_ways() {
        for (text, count) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("1601-01-01", -134_774), ("0001-01-01", -719_162)]
        {
            let day = date(count).unwrap();
            assert_eq!((day.to_string().as_str(), days(day)), (text, count));
        }
        assert_eq!((date(-719_163), date(2_932_897)), (None, None));
    }

    #[test]
    fn clocks_go_as_in_sweden() {
        for (utc, hours) in [
            (1_767_589_200, 1), // 5 January 2026
            (1_783_310_700, 2), // 6 July 2026
            (1_774_746_000, 2), // the first second of summer time
            (1_774_745_999, 1), // the last before it
            (1_792_976_400, 1), // the day after it ended
            (-1, 1),
        ] {
            assert_eq!(swedish(utc), hours * HOUR, "{utc}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_also_when_clocks_change_on_it() {
        for (day, utc) in [
            ((2026, 1, 1), 1_767_222_000),
            ((2026, 3, 29), 1_774_738_800),
            ((2026, 3, 30), 1_774_821_600),
            ((2026, 10, 25), 1_792_879_200),
            ((2026, 10, 26), 1_792_969_200),
        ] {
            let (year, month, day) = day;
            let midnight = swedish_midnight(days(Date::new(year, month, day).unwrap()));
            assert_eq!(midnight, utc, "{year}-{month}-{day}");
            assert_eq!((midnight + swedish(midnight)) % DAY, 0);
        }
    }
}
