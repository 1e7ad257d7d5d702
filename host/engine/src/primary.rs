//! Which of a person's engagements speaks for the person: an ordered list of differences, so that the choice can be
//! explained, with a last tie-break that always decides.

use crate::person::{Engagement, EngagementKind, Person, Phase};
use crate::policy::PrimaryKey;
use jiff::civil::Date;
use std::cmp::Ordering;

/// The primary engagement, and what decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Primary {
    /// Index into the person's engagements.
    pub index: usize,
    /// The first difference to the runner-up; none if there was no other.
    pub decided_by: Option<&'static str>,
}

/// Chooses the primary engagement on `day`. None if the person has none at all.
pub fn primary(person: &Person, order: &[PrimaryKey], day: Date) -> Option<Primary> {
    let mut ranked: Vec<usize> = (0..person.engagements.len()).collect();
    ranked.sort_by(|&a, &b| compare(&person.engagements[a], &person.engagements[b], order, day).0);
    let index = *ranked.first()?;
    let decided_by =
        ranked.get(1).map(|&second| compare(&person.engagements[index], &person.engagements[second], order, day).1);
    Some(Primary { index, decided_by })
}

/// Less means: comes first. With the word for the difference that decided.
fn compare(a: &Engagement, b: &Engagement, order: &[PrimaryKey], day: Date) -> (Ordering, &'static str) {
    let phase = a.phase(day).cmp(&b.phase(day));
    if phase != Ordering::Equal {
        return (phase, "active");
    }
    for key in order {
        let (ordering, word) = match key {
            PrimaryKey::Active => (Ordering::Equal, "active"),
            PrimaryKey::NotOnLeave => (a.on_leave.cmp(&b.on_leave), "not-on-leave"),
            PrimaryKey::Main => (b.main.cmp(&a.main), "main"),
            PrimaryKey::Kind => (rank(a.kind).cmp(&rank(b.kind)), "kind"),
            PrimaryKey::Extent => (b.extent.total_cmp(&a.extent), "extent"),
            PrimaryKey::Start => (a.start.cmp(&b.start), "start"),
            PrimaryKey::Number => (number(&a.number).cmp(&number(&b.number)), "number"),
        };
        if ordering != Ordering::Equal {
            return (ordering, word);
        }
    }
    // Among ended ones, the one that ended last says what the person was.
    let ended = if a.phase(day) == Phase::Ended { b.end.cmp(&a.end) } else { Ordering::Equal };
    (ended.then_with(|| a.id.cmp(&b.id)), "id")
}

fn rank(kind: EngagementKind) -> u8 {
    match kind {
        EngagementKind::Employment => 0,
        EngagementKind::Placement => 1,
        EngagementKind::Guest => 2,
    }
}

/// Numbers compare as numbers where they are such: 9 before 10.
fn number(text: &str) -> (u64, &str) {
    (text.parse().unwrap_or(u64::MAX), text)
}
