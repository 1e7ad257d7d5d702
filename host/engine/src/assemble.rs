//! From what sources read to persons with engagements. What cannot be used becomes a finding, and the rest goes on.

use crate::finding::{Finding, Subject};
use crate::numbers::{self, Number, NumberProblem};
use crate::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use crate::value::{Attributes, Cell, Value};
use jiff::civil::Date;

/// A stored record: its columns' names, and its cells in their order.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The system that was read.
    pub source: &'a str,
    /// The record's id there.
    pub record: &'a str,
    /// The names of the cells.
    pub columns: &'a [String],
    /// The cells.
    pub cells: &'a [Cell],
    /// The day on which the record was first missing from a complete read.
    pub gone: Option<Date>,
}

impl Stored<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|column| column == name)?;
        match self.cells.get(index)? {
            Cell::Absent => None,
            Cell::One(value) => Some(value),
            Cell::Many(values) => values.first(),
        }
    }

    fn text(&self, name: &str) -> String {
        match self.value(name) {
            Some(Value::Text(text)) => text.trim().to_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    fn date(&self, name: &str) -> Option<Date> {
        match self.value(name) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    fn yes(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Boolean(true)))
    }

    fn subject(&self) -> Subject {
        Subject::Record { source: self.source.to_owned(), record: self.record.to_owned() }
    }
}

/// Attributes of an engagement record that have a place of their own; all others are kept as extra ones.
const KNOWN: [&str; 23] = [
    "identity-number",
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
];

/// What one engagement record says.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The number of the person that it is about.
    pub number: Number,
    /// The person's name, as this record has it.
    pub name: PersonName,
    /// The person's protection, as this record has it.
    pub protection: Protection,
    /// The engagement; its manager is not yet known as a person.
    pub engagement: Engagement,
    /// The manager's number in canonical form, if the record names one.
    pub manager: Option<String>,
}

/// The identity number that a record is about, in canonical form: what records are matched by. None where it has none.
pub fn identity(stored: &Stored<'_>, today: Date) -> Option<Number> {
    let text = stored.text("identity-number");
    (!text.is_empty()).then(|| numbers::parse(&text, today))
}

/// Reads an engagement record. None, with a finding, if it cannot be an engagement at all.
pub fn engagement(stored: &Stored<'_>, today: Date, findings: &mut Vec<Finding>) -> Option<Reading> {
    let Some(number) = identity(stored, today) else {
        findings.push(
            Finding::warning(stored.subject(), "the record has no identity number, so nobody knows whom it is about")
                .advise("complete the record in the source; until then it is left aside"),
        );
        return None;
    };
    match number.problem {
        None => {}
        Some(NumberProblem::CheckDigit) => findings.push(
            Finding::warning(stored.subject(), "the identity number fails its check digit")
                .advise("correct the number in the source; the person is kept under it until then"),
        ),
        Some(_) => findings.push(
            Finding::warning(stored.subject(), "the identity number has an unknown form or an impossible date")
                .advise("check the number in the source; the person is kept under it until then"),
        ),
    }
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
    let first = stored.text("first-names");
    let given = match stored.text("given-name") {
        given if given.is_empty() => numbers::given_name(&first, &stored.text("name-mark")),
        given => given,
    };
    let protection = match stored.value("protected") {
        Some(Value::Boolean(false)) => Protection::None,
        _ => Protection::Protected,
    };
    let manager = match stored.text("manager-number") {
        text if text.is_empty() => None,
        text => Some(numbers::parse(&text, today).canonical),
    };
    let extra: Attributes = stored
        .columns
        .iter()
        .zip(stored.cells)
        .filter(|(column, _)| !KNOWN.contains(&column.as_str()))
        .filter_map(|(column, cell)| match cell {
            Cell::Absent => None,
            Cell::One(value) => Some((column.clone(), vec![value.clone()])),
            Cell::Many(values) => Some((column.clone(), values.clone())),
        })
        .collect();
    Some(Reading {
        number,
        name: PersonName { given, first, middle: stored.text("middle-name"), surname: stored.text("surname") },
        protection,
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
            extra,
        },
        manager,
    })
}

/// Puts a person together from what the records about them say. `readings` is not empty. The names come from the
/// engagement that speaks for the person, which `speaks` picks; protection from anyone who says protected.
pub fn person(id: PersonId, readings: Vec<Reading>, speaks: impl FnOnce(&Person) -> usize) -> Person {
    let protection = if readings.iter().any(|reading| reading.protection == Protection::Protected) {
        Protection::Protected
    } else {
        Protection::None
    };
    let mut sorted = readings;
    sorted.sort_by(|a, b| a.engagement.id.cmp(&b.engagement.id));
    let mut said: Vec<(PersonName, String)> = Vec::with_capacity(sorted.len());
    let mut engagements = Vec::with_capacity(sorted.len());
    for reading in sorted {
        said.push((reading.name, reading.number.canonical));
        engagements.push(reading.engagement);
    }
    let mut person = Person { id, number: String::new(), name: PersonName::default(), protection, engagements };
    let index = speaks(&person).min(said.len().saturating_sub(1));
    if let Some((name, number)) = said.into_iter().nth(index) {
        person.name = name;
        person.number = number;
    }
    person
}

/// Reads a unit record.
pub fn unit(stored: &Stored<'_>) -> Unit {
    Unit {
        organisation: stored.text("organisation"),
        code: stored.text("code"),
        name: stored.text("name"),
        parent: stored.text("parent"),
        cost_centre: stored.text("cost-centre"),
    }
}
