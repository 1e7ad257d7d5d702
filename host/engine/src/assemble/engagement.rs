//! An engagement, as one record says.

use super::identity::Identity;
use super::stored::Stored;
use crate::finding::Finding;
use crate::key::Key;
use crate::person::{Engagement, EngagementId, EngagementKind};
use crate::policy::MatchKey;
use crate::value::Value;
use jiff::civil::Date;

/// Attributes of an engagement record that have a place of their own; all others are kept as extra ones.
const KNOWN: [&str; 26] = [
    "identity-number",
    "person-key",
    "person",
    "name-mark",
    "given-name",
    "first-names",
    "middle-name",
    "surname",
    "protected",
    "kind",
    "organisation",
    "employment-number",
    "main",
    "form",
    "title",
    "title-code",
    "unit",
    "unit-name",
    "cost-centre",
    "extent",
    "start",
    "end",
    "on-leave",
    "is-manager",
    "manager-number",
    "manager-key",
];

/// What one engagement record says.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Who the person is, as this record has it.
    pub identity: Identity,
    /// The record of the class `person`, in the same source, that says who the person is.
    pub person: Option<String>,
    /// The engagement; its manager is not yet known as a person.
    pub engagement: Engagement,
    /// The keys that it names the manager by.
    pub manager: Vec<Key>,
}

/// Whom a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Whoever is known by these keys.
    Keys(Vec<Key>),
    /// Whoever the record of the class `person` with this id is about.
    Linked(String),
}

/// Says whom a record of the class `person` or `engagement` is about. None, with a finding, if it does not say.
pub fn whose(stored: &Stored<'_>, certain: &[MatchKey], today: Date, findings: &mut Vec<Finding>) -> Option<Whose> {
    let keys = stored.keys(certain, today);
    if !keys.is_empty() {
        return Some(Whose::Keys(keys));
    }
    if let Some(person) = stored.linked() {
        return Some(Whose::Linked(person));
    }
    let missing = match certain {
        [MatchKey::IdentityNumber] => "the record has no identity number, so nobody knows whom it is about",
        _ => "the record has none of the keys that records are matched by, so nobody knows whom it is about",
    };
    findings.push(
        Finding::warning(stored.subject(), missing)
            .advise("complete the record in the source; until then it is left aside"),
    );
    None
}

/// Reads an engagement record. None, with a finding, if it cannot be an engagement at all.
pub fn engagement(
    stored: &Stored<'_>,
    certain: &[MatchKey],
    today: Date,
    findings: &mut Vec<Finding>,
) -> Option<Reading> {
    let identity = Identity::read(stored, today);
    identity.judge(stored, findings);
    let mut start = stored.date("start");
    let mut end = stored.date("end");
    if let (Some(first), Some(last)) = (start, end)
        && last < first
    {
        findings.push(
            Finding::warning(stored.subject(), format!("the engagement ends ({last}) before it starts ({first})"))
                .advise("correct the dates in the source; until then what was known of the engagement stands"),
        );
        return None;
    }
    // A record that is gone from its source ended the day before it was missed, unless it had ended already.
    if let Some(gone) = stored.gone {
        let last = gone.yesterday().unwrap_or(gone);
        end = Some(end.map_or(last, |end| end.min(last)));
        // What was withdrawn before it began never makes an account; one that was made ahead of time is closed.
        start = start.map(|start| start.min(last));
    }
    let kind = match stored.text("kind").as_str() {
        "" | "employment" => EngagementKind::Employment,
        "placement" => EngagementKind::Placement,
        "guest" => EngagementKind::Guest,
        other => {
            findings.push(
                Finding::warning(stored.subject(), format!("`{other}` is not a kind of engagement"))
                    .advise("the kinds are employment, placement and guest"),
            );
            return None;
        }
    };
    Some(Reading {
        identity,
        person: stored.linked(),
        engagement: Engagement {
            id: EngagementId { source: stored.source.to_owned(), record: stored.record.to_owned() },
            kind,
            organisation: stored.text("organisation"),
            number: stored.text("employment-number"),
            unit: stored.text("unit"),
            unit_name: stored.text("unit-name"),
            title: stored.text("title"),
            title_code: stored.text("title-code"),
            form: stored.text("form"),
            cost_centre: stored.text("cost-centre"),
            main: stored.yes("main"),
            is_manager: stored.yes("is-manager"),
            on_leave: stored.yes("on-leave"),
            extent: match stored.value("extent") {
                Some(Value::Real(extent)) => *extent,
                Some(Value::Integer(extent)) => *extent as f64,
                _ => 100.0,
            },
            start,
            end,
            manager: None,
            extra: stored.others(&KNOWN),
        },
        manager: stored.manager_keys(certain, today),
    })
}
