//! Whether a person's data is protected, and how.
//!
//! One word says that it is not. Whatever else comes, or does not come, may be a protection of which nobody told us.

use serde_json::Value;

/// The protection of a person's data (securityMarking).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// The school plainly says that there is none.
    None,
    /// Sekretessmarkering.
    SecrecyMarking,
    /// Skyddad folkbokföring.
    ProtectedRegistration,
    /// Something else, or nothing.
    Unknown,
}

impl Protection {
    /// Reads a mark.
    pub fn of(mark: Option<&Value>) -> Protection {
        match mark.and_then(Value::as_str).map(str::trim) {
            Some("Ingen") => Protection::None,
            Some("Sekretessmarkering") => Protection::SecrecyMarking,
            Some("Skyddad folkbokföring") => Protection::ProtectedRegistration,
            _ => Protection::Unknown,
        }
    }

    /// In the published vocabulary.
    pub fn word(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::SecrecyMarking => "secrecy-marking",
            Protection::ProtectedRegistration => "protected-registration",
            Protection::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_plain_word_is_none() {
        assert_eq!(Protection::of(Some(&json!("Ingen"))), Protection::None);
        assert_eq!(Protection::of(Some(&json!("Sekretessmarkering"))), Protection::SecrecyMarking);
        assert_eq!(Protection::of(Some(&json!("Skyddad folkbokföring"))), Protection::ProtectedRegistration);
        for odd in [json!("ingen"), json!(""), json!("Ingen."), json!(false), json!(null), json!(["Ingen"])] {
            assert_eq!(Protection::of(Some(&odd)), Protection::Unknown, "{odd}");
        }
        assert_eq!(Protection::of(None), Protection::Unknown);
    }
}
