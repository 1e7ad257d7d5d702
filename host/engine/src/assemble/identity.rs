//! Who somebody is, as one record says: what the number is, what the person is called, whether that may be known.

use super::stored::Stored;
use crate::finding::Finding;
use crate::numbers::{self, Number, NumberProblem};
use crate::person::{EngagementId, PersonName, Protection};
use crate::value::{Attributes, Value};
use jiff::civil::Date;

/// What one record says of who somebody is.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The record.
    pub id: EngagementId,
    /// Whether it is a register's answer.
    pub registered: bool,
    /// Whether the record is gone from its source.
    pub gone: bool,
    /// The number.
    pub number: Option<Number>,
    /// The name; all of it empty where the record has none.
    pub name: PersonName,
    /// Whether the person's data is protected; none where the source has no word for it.
    pub protection: Option<Protection>,
    /// The last day of somebody who is dead. Where nobody knows the day, the first day there is.
    pub died: Option<Date>,
    /// What else is said of the person.
    pub extra: Attributes,
}

/// Attributes that say who somebody is; all others of a person's record are kept as extra ones.
pub(super) const KNOWN: [&str; 16] = [
    "identity-number",
    "person-key",
    "earlier-numbers",
    "refers-to",
    "organisation",
    "name-mark",
    "given-name",
    "first-names",
    "middle-name",
    "surname",
    "protected",
    "protection",
    "deregistration",
    "deregistration-code",
    "deregistered",
    "guardian-numbers",
];

impl Identity {
    /// Reads what a record says, without what else it has.
    pub(super) fn read(stored: &Stored<'_>, today: Date) -> Identity {
        let first = stored.text("first-names");
        let given = match stored.text("given-name") {
            given if given.is_empty() => numbers::given_name(&first, &stored.text("name-mark")),
            given => given,
        };
        let protection = match stored.value("protected") {
            Some(Value::Boolean(false)) => Some(Protection::None),
            // What a source has a word for and does not say is unknown.
            Some(_) => Some(Protection::Protected),
            None if stored.has("protected") => Some(Protection::Protected),
            None => None,
        };
        let died = (stored.text("deregistration") == "death").then(|| stored.date("deregistered").unwrap_or(Date::MIN));
        Identity {
            id: EngagementId { source: stored.source.to_owned(), record: stored.record.to_owned() },
            registered: false,
            gone: stored.gone.is_some(),
            number: stored.number("identity-number", today),
            name: PersonName { given, first, middle: stored.text("middle-name"), surname: stored.text("surname") },
            protection,
            died,
            extra: Attributes::new(),
        }
    }

    /// Notes what is wrong with the number.
    pub(super) fn judge(&self, stored: &Stored<'_>, findings: &mut Vec<Finding>) {
        match self.number.as_ref().and_then(|number| number.problem) {
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
    }

    /// Whether a source gives the record still.
    pub(super) fn is_living(&self) -> bool {
        !self.gone && !self.registered
    }

    /// Whether it says what the person is called.
    pub fn is_named(&self) -> bool {
        !self.name.given.is_empty() || !self.name.surname.is_empty()
    }
}

/// Reads a record of the class `person`, or a register's answer.
pub fn identity(stored: &Stored<'_>, today: Date) -> Identity {
    Identity { extra: stored.others(&KNOWN), ..Identity::read(stored, today) }
}

/// Notes what is wrong with the number of a record of the class `person`.
pub fn judge(stored: &Stored<'_>, today: Date, findings: &mut Vec<Finding>) {
    Identity::read(stored, today).judge(stored, findings);
}
