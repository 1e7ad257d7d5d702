//! Whether a person's data is protected, and how.
//!
//! Only one answer says that it is not: the register's plain word. A mark that is missing, misspelt or of another type
//! than it should be may be a change at the other end that nobody told us of, and then everybody is protected.

/// The protection of a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// The register says that there is none.
    None,
    /// A mark that warns (sekretessmarkering).
    SecrecyMarking,
    /// A registration elsewhere than where the person lives (skyddad folkbokföring).
    ProtectedRegistration,
    /// The register does not say, or not in words that are known.
    Unknown,
}

/// What the register says by a mark that is yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// There is no mark.
    Absent,
    /// No.
    No,
    /// Yes.
    Yes,
    /// Something else.
    Odd,
}

impl Mark {
    /// Reads a mark.
    pub fn of(text: Option<&str>) -> Mark {
        match text.map(str::trim) {
            None => Mark::Absent,
            Some("J") => Mark::Yes,
            Some("N") => Mark::No,
            Some(_) => Mark::Odd,
        }
    }
}

impl Protection {
    /// From the two marks of a post. `silence` says whether a missing mark is a no.
    pub fn of_marks(secrecy: Mark, registration: Mark, silence: bool) -> Protection {
        match (secrecy, registration) {
            (_, Mark::Yes) => Protection::ProtectedRegistration,
            (Mark::Yes, _) => Protection::SecrecyMarking,
            (Mark::Odd, _) | (_, Mark::Odd) => Protection::Unknown,
            (Mark::No, Mark::No) => Protection::None,
            _ if silence => Protection::None,
            _ => Protection::Unknown,
        }
    }

    /// From the one word that covers both.
    pub fn of_word(word: Option<&str>) -> Protection {
        match word {
            Some("SAKNAS") => Protection::None,
            Some("SEKRETESSMARKERING") => Protection::SecrecyMarking,
            Some("SKYDDAD_FOLKBOKFORING") => Protection::ProtectedRegistration,
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

    #[test]
    fn only_a_plain_no_is_none() {
        use Mark::{Absent, No, Odd, Yes};
        for (secrecy, registration, silence, expected) in [
            (No, No, false, Protection::None),
            (Absent, Absent, false, Protection::Unknown),
            (No, Absent, false, Protection::Unknown),
            (Absent, Absent, true, Protection::None),
            (Absent, No, true, Protection::None),
            (Odd, Absent, true, Protection::Unknown),
            (No, Odd, true, Protection::Unknown),
            (Yes, No, true, Protection::SecrecyMarking),
            (Yes, Odd, true, Protection::SecrecyMarking),
            (Yes, Yes, true, Protection::ProtectedRegistration),
            (Odd, Yes, true, Protection::ProtectedRegistration),
        ] {
            assert_eq!(Protection::of_marks(secrecy, registration, silence), expected);
        }
        assert_eq!(Protection::of_word(Some("SAKNAS")), Protection::None);
        for odd in [None, Some(""), Some("saknas"), Some("INGEN"), Some("false")] {
            assert_eq!(Protection::of_word(odd), Protection::Unknown);
        }
    }

    #[test]
    fn a_mark_is_one_letter() {
        for (text, mark) in [
            (None, Mark::Absent),
            (Some(" J\n"), Mark::Yes),
            (Some("N"), Mark::No),
            (Some(""), Mark::Odd),
            (Some("n"), Mark::Odd),
            (Some("true"), Mark::Odd),
        ] {
            assert_eq!(Mark::of(text), mark);
        }
    }
}
