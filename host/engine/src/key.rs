//! What records are matched by: keys, each of which names one person for certain.

use crate::numbers::{Number, NumberKind};
use crate::policy::MatchKey;

/// A key of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What kind of key it is.
    pub kind: MatchKey,
    /// The key, with whatever it is unique within.
    pub value: String,
}

impl Key {
    /// The key that an identity number is. Temporary numbers, and what only stands in a number's place, are unique only
    /// within what gave them.
    pub fn number(number: &Number, scope: &str) -> Key {
        let value = match number.kind {
            NumberKind::Temporary | NumberKind::Unknown => format!("{scope}/{}", number.canonical),
            NumberKind::Personal | NumberKind::Coordination => number.canonical.clone(),
        };
        Key { kind: MatchKey::IdentityNumber, value }
    }

    /// The key that an organisation's own number or name of a person is.
    pub fn own(text: &str, scope: &str) -> Key {
        Key { kind: MatchKey::PersonKey, value: format!("{scope}/{text}") }
    }
}

impl MatchKey {
    /// The word for it in the store.
    pub fn word(self) -> &'static str {
        match self {
            MatchKey::IdentityNumber => "number",
            MatchKey::PersonKey => "key",
        }
    }
}
