//! Days, counted, and the stretches of days in which somebody belongs somewhere.
//!
//! Days are compared, and the day after another is needed, so they are numbers here and become dates at the border.

use sluss_sdk::Date;

const SECONDS: i64 = 86_400;

/// Winter time in Sweden. A day that begins an hour late in summer is near enough for who is in a group.
const SWEDEN: i64 = 3_600;

/// A day, counted from 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day of a date that is in the calendar.
    pub fn of(date: Date) -> Day {
        // Counted from March, so that leap days come last and the months' lengths repeat every five.
        let (year, month) = (i32::from(date.year), i32::from(date.month));
        let year = if month <= 2 { year - 1 } else { year };
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day) - 1;
        Day(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468)
    }

    /// Reads `2026-08-18`, also where a time of day follows.
    pub fn read(text: &str) -> Option<Day> {
        let (date, rest) = text.trim().split_at_checked(10)?;
        let digits = |from: usize, to: usize| -> Option<u16> {
            let part = date.get(from..to)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        let signs = [4, 7].iter().all(|at| date.as_bytes()[*at] == b'-');
        if !signs || !(rest.is_empty() || rest.starts_with('T')) {
            return None;
        }
        let (month, day) = (u8::try_from(digits(5, 7)?).ok()?, u8::try_from(digits(8, 10)?).ok()?);
        Date::new(digits(0, 4)?, month, day).ok().map(Day::of)
    }

    /// The day in Sweden at a moment, in seconds since 1970.
    pub fn at(moment: i64) -> Day {
        Day(i32::try_from(moment.saturating_add(SWEDEN).div_euclid(SECONDS)).unwrap_or(i32::MAX))
    }

    /// The date.
    pub fn date(self) -> Date {
        let (year, month, day) = self.parts();
        Date { year: u16::try_from(year).unwrap_or_default(), month, day }
    }

    fn parts(self) -> (i64, u8, u8) {
        let days = i64::from(self.0) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (era * 400 + year + i64::from(month <= 2), month as u8, day as u8)
    }

    fn next(self) -> Day {
        Day(self.0.saturating_add(1))
    }

    fn before(self) -> Day {
        Day(self.0.saturating_sub(1))
    }
}

/// A moment, in seconds since 1970, as the service wants to read it.
pub fn timestamp(moment: i64) -> String {
    let day = Day(i32::try_from(moment.div_euclid(SECONDS)).unwrap_or(i32::MAX));
    let (year, month, date) = day.parts();
    let second = moment.rem_euclid(SECONDS);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// From a first to a last day, either of which may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first day.
    pub start: Option<Day>,
    /// The last day.
    pub end: Option<Day>,
}

impl Period {
    /// Whether a day is in it.
    pub fn contains(self, day: Day) -> bool {
        self.start.is_none_or(|start| start <= day) && self.end.is_none_or(|end| day <= end)
    }

    /// The days that are in both.
    pub fn and(self, other: Period) -> Option<Period> {
        let start = self.start.max(other.start);
        let end = match (self.end, other.end) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let is_empty = start.zip(end).is_some_and(|(start, end)| end < start);
        (!is_empty).then_some(Period { start, end })
    }

    /// From the first day of any of them to the last of any.
    pub fn hull(periods: impl IntoIterator<Item = Period>) -> Option<Period> {
        periods.into_iter().reduce(|one, two| Period {
            start: one.start.zip(two.start).map(|(one, two)| one.min(two)),
            end: one.end.zip(two.end).map(|(one, two)| one.max(two)),
        })
    }

    /// The days of this period, from when the first of the others begins, that none of them covers: from the first such
    /// day to the last.
    pub fn behind(self, others: &[Period]) -> Option<Period> {
        let mut others = others.to_vec();
        others.sort_unstable_by_key(|other| other.start);
        let mut covered = others.first()?.end;
        let mut free = Vec::new();
        for other in &others[1..] {
            let Some(until) = covered else { break };
            let gap = Period { start: Some(until.next()), end: other.start.map(Day::before) };
            if gap.start <= gap.end {
                free.extend(gap.and(self));
            }
            covered = other.end.map(|end| end.max(until));
        }
        if let Some(until) = covered {
            free.extend(Period { start: Some(until.next()), end: None }.and(self));
        }
        Period::hull(free)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn period(start: &str, end: &str) -> Period {
        Period { start: Day::read(start), end: Day::read(end) }
    }

    #[test]
    fn days_are_read_and_given_back() {
        for text in ["1970-01-01", "2000-02-29", "2026-08-18", "1900-03-01", "9999-12-31", "0001-01-01"] {
            assert_eq!(Day::read(text).unwrap().date().to_string(), text);
        }
        assert_eq!(Day::read("2026-08-18T00:00:00+02:00"), Day::read("2026-08-18"));
        for odd in ["", "2026-02-29", "20260818", "2026-08-1", "2026-08-18x", "2026-8-18 ", "+026-08-18", "åååååååååå"]
        {
            assert_eq!(Day::read(odd), None, "{odd}");
        }
        let march = Day::read("2024-03-01").unwrap();
        assert_eq!((march.before().date().to_string(), march.before().next()), ("2024-02-29".to_owned(), march));
    }

    #[test]
    fn a_moment_is_a_time_in_utc_and_a_day_in_sweden() {
        assert_eq!(timestamp(1_795_339_200), "2026-11-22T09:20:00Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59Z");
        assert_eq!(Day::at(1_795_390_200), Day::read("2026-11-23").unwrap(), "half past eleven at night by UTC");
    }

    #[test]
    fn periods_meet_and_join() {
        let autumn = period("2026-08-18", "2026-12-20");
        assert_eq!(autumn.and(period("2026-12-20", "")), Some(period("2026-12-20", "2026-12-20")));
        assert_eq!(autumn.and(period("2026-12-21", "")), None);
        assert_eq!(Period::hull([autumn, period("", "2026-01-01")]), Some(period("", "2026-12-20")));
        assert_eq!(Period::hull([autumn, period("2027-01-01", "")]), Some(period("2026-08-18", "")));
        assert!(
            autumn.contains(Day::read("2026-08-18").unwrap()) && !autumn.contains(Day::read("2026-08-17").unwrap())
        );
    }

    #[test]
    fn what_no_class_covers_is_behind_the_first_one() {
        let school = period("2020-08-18", "2029-06-10");
        let third = period("2025-08-18", "2026-06-12");
        let fourth = period("2026-08-18", "2027-06-11");
        assert_eq!(school.behind(&[]), None);
        assert_eq!(school.behind(&[period("2025-08-18", "")]), None, "the years before are no question");
        assert_eq!(school.behind(&[third]), Some(period("2026-06-13", "2029-06-10")));
        assert_eq!(school.behind(&[period("2026-08-18", ""), third]), Some(period("2026-06-13", "2026-08-17")));
        assert_eq!(school.behind(&[fourth, third]), Some(period("2026-06-13", "2029-06-10")));
        assert_eq!(school.behind(&[period("", ""), third]), None);
        assert_eq!(third.behind(&[period("2025-08-18", "2026-06-12")]), None);
        assert_eq!(
            third.behind(&[period("2025-08-18", "2026-01-01"), period("2026-01-02", "")]),
            None,
            "no day between"
        );
    }
}
