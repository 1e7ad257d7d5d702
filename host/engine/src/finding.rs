//! What somebody should look at, although the run went on.

use crate::fault::Place;
use crate::numbers;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Somebody should put it right.
    Warning,
    /// Something could not be done.
    Failure,
}

/// What a finding is about. Never an identity number or a person's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A record of a source.
    Record {
        /// The source.
        source: String,
        /// The record's id. Some sources know people by their numbers: nobody reads one out of a report.
        #[serde(serialize_with = "masked")]
        record: String,
    },
    /// An object of a target, by what people call it.
    Object {
        /// The target.
        target: String,
        /// The object's label.
        object: String,
    },
    /// A whole system.
    System(String),
    /// A rule of the policy.
    Rule(String),
}

fn masked<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&numbers::mask_in(text))
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Record { source, record } => write!(f, "{source}: record {record}"),
            Subject::Object { target, object } => write!(f, "{target}: {object}"),
            Subject::System(system) => write!(f, "{system}"),
            Subject::Rule(rule) => write!(f, "rule {rule}"),
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What was found.
    #[serde(serialize_with = "masked")]
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
    /// Where to look.
    pub place: Option<Place>,
}

impl Finding {
    /// Something that somebody should put right.
    pub fn warning(subject: Subject, message: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, subject, message: message.into(), advice: None, place: None }
    }

    /// Something that could not be done.
    pub fn failure(subject: Subject, message: impl Into<String>) -> Self {
        Finding { severity: Severity::Failure, ..Finding::warning(subject, message) }
    }

    /// Something good to know.
    pub fn note(subject: Subject, message: impl Into<String>) -> Self {
        Finding { severity: Severity::Note, ..Finding::warning(subject, message) }
    }

    /// Says what to do.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says where to look.
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Finding, Subject};

    #[test]
    fn nobodys_number_is_written_out() {
        let subject = Subject::Record { source: "hr".into(), record: "198001022386".into() };
        let text = serde_json::to_string(&Finding::warning(subject, "as 19800102-2386 has it")).unwrap();
        assert!(text.contains("19800102-****") && !text.contains("2386"), "{text}");
    }
}
