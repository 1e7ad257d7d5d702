//! Where a person stands on a day, and when that changes next: the calendar, and nothing but the calendar.

use crate::person::{Engagement, Person, Phase};
use crate::policy::{OnLeave, Stages};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The phase of a person's life in the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Known, but too early for an account.
    Known,
    /// Begins soon: the account is being made ready.
    Expected,
    /// Works, learns or visits here.
    Active,
    /// Every active engagement is on leave.
    OnLeave,
    /// Active, and the last day is near.
    Ending,
    /// Gone, and the account is kept for a while.
    Disabled,
    /// Gone for good.
    Removed,
}

impl Stage {
    /// The word that people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Known => "known",
            Stage::Expected => "expected",
            Stage::Active => "active",
            Stage::OnLeave => "on-leave",
            Stage::Ending => "ending",
            Stage::Disabled => "disabled",
            Stage::Removed => "removed",
        }
    }
}

/// What shall be of a person's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// There shall be none, not even for a while.
    Gone,
    /// There shall be none: an open one is closed first, and removed when it was closed for long enough.
    Absent,
    /// If there is one, it is kept, but may not be used; none is made.
    Kept,
    /// There shall be one, which may not be used.
    Closed,
    /// There shall be one, in use.
    Open,
}

/// Where a person stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The stage.
    pub stage: Stage,
    /// What shall be of the accounts.
    pub presence: Presence,
    /// The engagements that give rights on this day, as indexes into the person's engagements.
    pub active: Vec<usize>,
    /// The first day on which any of this may be different; none if never, as things are.
    pub next: Option<Date>,
}

/// Says where a person stands on `day`.
pub fn standing(person: &Person, stages: &Stages, day: Date) -> Standing {
    // Nobody says anything of this person any more, not even that it ended: an account is closed, but never removed.
    if person.engagements.is_empty() {
        return Standing { stage: Stage::Disabled, presence: Presence::Kept, active: Vec::new(), next: None };
    }
    let mut calendar = Calendar { day, next: None };
    let mut active = Vec::new();
    let (mut begins, mut usable, mut kept, mut known) = (false, false, false, false);
    let mut last_day: Option<Option<Date>> = None;
    for (index, engagement) in person.engagements.iter().enumerate() {
        let phase = engagement.phase(day);
        if phase == Phase::Active {
            active.push(index);
            last_day = Some(match (last_day, engagement.end) {
                (Some(None), _) | (_, None) => None,
                (Some(Some(a)), Some(b)) => Some(a.max(b)),
                (None, end) => end,
            });
        }
        known |= phase == Phase::Future;
        let made = engagement.start.is_none_or(|start| calendar.reached(start, -stages.create_before));
        let enabled = engagement.start.is_none_or(|start| calendar.reached(start, -stages.enable_before));
        let begun = engagement.start.is_none_or(|start| calendar.reached(start, 0));
        let over = engagement.end.is_some_and(|end| calendar.reached(end, 1));
        let disabled = engagement.end.is_some_and(|end| calendar.reached(end, 1 + stages.disable_after));
        let removed = engagement.end.is_some_and(|end| calendar.reached(end, 1 + stages.remove_after));
        begins |= made && !over && !begun;
        usable |= enabled && !disabled;
        // Grace after the last day keeps an account, but never makes one.
        kept |= made && over && !removed;
    }
    let leave = !active.is_empty() && active.iter().all(|&index| person.engagements[index].on_leave);
    let stage = if leave {
        Stage::OnLeave
    } else if !active.is_empty() {
        match last_day {
            Some(Some(end)) if !begins && calendar.reached(end, -stages.ending_notice) => Stage::Ending,
            _ => Stage::Active,
        }
    } else if begins {
        Stage::Expected
    } else if kept {
        Stage::Disabled
    } else if known {
        Stage::Known
    } else {
        Stage::Removed
    };
    let presence = if leave && stages.on_leave == OnLeave::Disable {
        Presence::Closed
    } else if !active.is_empty() {
        Presence::Open
    } else if begins {
        if usable { Presence::Open } else { Presence::Closed }
    } else if kept {
        if usable { Presence::Open } else { Presence::Kept }
    } else {
        Presence::Absent
    };
    Standing { stage, presence, active, next: calendar.next }
}

/// The last day of an account that is open on `day`: the last engagement that keeps it ends then, and nothing follows it
/// in time. None if the account is not open, or has no end as things are.
pub fn last_day(person: &Person, stages: &Stages, day: Date) -> Option<Date> {
    let open_ended = |engagement: &Engagement| engagement.phase(day) == Phase::Active && engagement.end.is_none();
    if person.engagements.iter().any(open_ended) {
        return None;
    }
    let mut at = standing(person, stages, day);
    while at.presence == Presence::Open {
        let date = at.next?;
        at = standing(person, stages, date);
        if at.presence != Presence::Open {
            return person.engagements.iter().filter_map(|engagement| engagement.end).filter(|end| *end < date).max();
        }
    }
    None
}

/// Asks whether dates have come, and remembers the first that has not.
struct Calendar {
    day: Date,
    next: Option<Date>,
}

impl Calendar {
    fn reached(&mut self, date: Date, offset: i32) -> bool {
        let due = date.saturating_add(offset.days());
        if due <= self.day {
            return true;
        }
        self.next = Some(self.next.map_or(due, |next| next.min(due)));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{Presence, Stage, last_day, standing};
    use crate::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection};
    use crate::policy::{OnLeave, Stages};
    use jiff::civil::{Date, date};

    const STAGES: Stages = Stages {
        create_before: 14,
        enable_before: 0,
        disable_after: 0,
        remove_after: 60,
        ending_notice: 14,
        on_leave: OnLeave::Keep,
    };

    fn engaged(periods: &[(Date, Option<Date>, bool)]) -> Person {
        let engagement = |(index, (start, end, on_leave)): (usize, &(Date, Option<Date>, bool))| Engagement {
            id: EngagementId { source: "hr".into(), record: index.to_string() },
            kind: EngagementKind::Employment,
            organisation: "1427".into(),
            number: index.to_string(),
            unit: String::new(),
            unit_name: String::new(),
            title: String::new(),
            title_code: String::new(),
            form: String::new(),
            cost_centre: String::new(),
            main: false,
            is_manager: false,
            on_leave: *on_leave,
            extent: 100.0,
            start: Some(*start),
            end: *end,
            manager: None,
            extra: Vec::new(),
        };
        Person {
            id: PersonId(1),
            number: String::new(),
            name: PersonName::default(),
            protection: Protection::None,
            extra: Vec::new(),
            engagements: periods.iter().enumerate().map(engagement).collect(),
        }
    }

    /// The stage, what shall be of the account, and the next day on which that may differ.
    fn check(person: &Person, day: Date, stage: Stage, presence: Presence, next: Option<Date>) {
        let found = standing(person, &STAGES, day);
        assert_eq!((found.stage, found.presence, found.next), (stage, presence, next), "on {day}");
    }

    #[test]
    fn a_life_from_before_the_first_day_to_after_the_last() {
        let person = engaged(&[(date(2026, 12, 1), Some(date(2027, 1, 31)), false)]);
        check(&person, date(2026, 11, 16), Stage::Known, Presence::Absent, Some(date(2026, 11, 17)));
        check(&person, date(2026, 11, 17), Stage::Expected, Presence::Closed, Some(date(2026, 12, 1)));
        check(&person, date(2026, 12, 1), Stage::Active, Presence::Open, Some(date(2027, 1, 17)));
        check(&person, date(2027, 1, 17), Stage::Ending, Presence::Open, Some(date(2027, 2, 1)));
        check(&person, date(2027, 1, 31), Stage::Ending, Presence::Open, Some(date(2027, 2, 1)));
        check(&person, date(2027, 2, 1), Stage::Disabled, Presence::Kept, Some(date(2027, 4, 2)));
        check(&person, date(2027, 4, 1), Stage::Disabled, Presence::Kept, Some(date(2027, 4, 2)));
        check(&person, date(2027, 4, 2), Stage::Removed, Presence::Absent, None);
    }

    #[test]
    fn a_second_post_carries_on_where_the_first_ends() {
        let person = engaged(&[(date(2026, 1, 1), Some(date(2026, 11, 30)), false), (date(2026, 12, 1), None, false)]);
        check(&person, date(2026, 11, 30), Stage::Active, Presence::Open, Some(date(2026, 12, 1)));
        let after = standing(&person, &STAGES, date(2026, 12, 1));
        assert_eq!((after.stage, after.presence, after.active), (Stage::Active, Presence::Open, vec![1]));
    }

    #[test]
    fn whoever_comes_back_within_the_60_days_is_expected_again() {
        let person = engaged(&[(date(2026, 1, 1), Some(date(2026, 11, 30)), false), (date(2027, 1, 10), None, false)]);
        assert_eq!(standing(&person, &STAGES, date(2026, 12, 15)).presence, Presence::Kept);
        let soon = standing(&person, &STAGES, date(2026, 12, 28));
        assert_eq!((soon.stage, soon.presence), (Stage::Expected, Presence::Closed));
        assert_eq!(standing(&person, &STAGES, date(2027, 1, 10)).presence, Presence::Open);
    }

    #[test]
    fn leave_closes_the_account_only_where_the_policy_says_so_and_no_other_post_is_worked() {
        let away = engaged(&[(date(2026, 1, 1), None, true)]);
        check(&away, date(2026, 11, 23), Stage::OnLeave, Presence::Open, None);
        let strict = Stages { on_leave: OnLeave::Disable, ..STAGES };
        assert_eq!(standing(&away, &strict, date(2026, 11, 23)).presence, Presence::Closed);
        let half = engaged(&[(date(2026, 1, 1), None, true), (date(2026, 1, 1), None, false)]);
        assert_eq!(standing(&half, &strict, date(2026, 11, 23)).presence, Presence::Open);
    }

    #[test]
    fn an_account_ends_with_the_last_engagement_that_keeps_it() {
        let last = |periods: &[(Date, Option<Date>, bool)], stages: &Stages, day: Date| {
            last_day(&engaged(periods), stages, day)
        };
        let spring = (date(2026, 1, 1), Some(date(2026, 5, 31)), false);
        let day = date(2026, 5, 1);
        assert_eq!(last(&[spring], &STAGES, day), Some(date(2026, 5, 31)));
        assert_eq!(last(&[spring], &STAGES, date(2026, 6, 1)), None, "it is closed");
        assert_eq!(last(&[spring], &STAGES, date(2025, 12, 24)), None, "it is not open yet");
        assert_eq!(last(&[spring, (date(2026, 4, 1), None, false)], &STAGES, day), None);
        // What follows at once goes on; what follows after a while does not.
        assert_eq!(last(&[spring, (date(2026, 6, 1), None, false)], &STAGES, day), None);
        let autumn = (date(2026, 8, 1), Some(date(2026, 12, 31)), false);
        assert_eq!(last(&[spring, autumn], &STAGES, day), Some(date(2026, 5, 31)));
        assert_eq!(last(&[spring, autumn], &STAGES, date(2026, 8, 1)), Some(date(2026, 12, 31)));
        // A few days of grace change nothing of the last day, and may bridge to the next engagement.
        let kind = Stages { disable_after: 7, ..STAGES };
        assert_eq!(last(&[spring], &kind, day), Some(date(2026, 5, 31)));
        assert_eq!(last(&[spring, (date(2026, 6, 5), None, false)], &kind, day), None);
    }

    #[test]
    fn somebody_of_whom_nothing_is_known_any_more_is_closed_but_never_removed() {
        check(&engaged(&[]), date(2026, 11, 23), Stage::Disabled, Presence::Kept, None);
    }
}
