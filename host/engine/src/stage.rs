//! Where a person stands on a day, and when that changes next: the calendar, and nothing but the calendar.

use crate::person::{Person, Phase};
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
    /// There shall be none.
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
