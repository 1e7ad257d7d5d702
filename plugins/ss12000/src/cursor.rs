//! Where a read goes on, and since when changes are asked for: texts of our own that the host keeps for us.

use crate::class::Class;
use crate::day::Day;
use crate::model::Scope;
use crate::service::Ask;
use serde::{Deserialize, Serialize};
use sluss_sdk::Error;

/// The longest page token that a cursor has room for.
pub const LONGEST_TOKEN: usize = 40 * 1024;

/// Where a read goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Of which read it is.
    pub read: u64,
    /// Of which class.
    pub class: Class,
    /// What is done next.
    pub next: Next,
}

/// What a read does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Next {
    /// Asks for a page.
    Ask {
        /// Of what.
        ask: Ask,
        /// The page token, for all but the first page.
        token: Option<String>,
    },
    /// Gives records.
    Give {
        /// From the thing at this place on.
        from: usize,
        /// Without so many of its records.
        skip: usize,
    },
}

impl Cursor {
    /// As the host keeps it.
    pub fn bytes(&self) -> Vec<u8> {
        bytes(self)
    }

    /// Reads it back.
    pub fn read(bytes: &[u8]) -> Result<Cursor, Error> {
        serde_json::from_slice(bytes)
            .map_err(|_| Error::invalid("The cursor is not one of this plugin: begin the read without a cursor"))
    }
}

/// Since when changes are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Of which class.
    pub class: Class,
    /// The version of the plugin that made it; another one may make other records of the same data.
    pub version: String,
    /// What decided what records say.
    pub scope: Scope,
    /// The moment before the last full read.
    pub full: i64,
    /// The moment before the last read of any kind.
    pub moment: i64,
}

impl Token {
    /// One for a full read that begins at this moment.
    pub fn new(class: Class, scope: &Scope, moment: i64) -> Token {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Token { class, version, scope: scope.clone(), full: moment, moment }
    }

    /// As the host keeps it.
    pub fn bytes(&self) -> Vec<u8> {
        bytes(self)
    }

    /// Reads it back; none where it is something else.
    pub fn read(bytes: &[u8]) -> Option<Token> {
        serde_json::from_slice(bytes).ok()
    }

    /// Whether changes since then, asked for now, make a whole.
    pub fn holds(&self, class: Class, scope: &Scope, now: i64, full_after_days: u32) -> bool {
        let most = i64::from(full_after_days) * 86_400;
        let age = now.saturating_sub(self.full);
        // Who belongs to a group is told for a day.
        let is_same_day = class != Class::Group || Day::at(self.moment) == Day::at(now);
        self.class == class
            && self.version == env!("CARGO_PKG_VERSION")
            && self.scope == *scope
            && self.full <= self.moment
            && self.moment <= now
            && age <= most
            && is_same_day
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    // It has texts and numbers only, and names that are texts.
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::collection::Collection;

    fn scope() -> Scope {
        Scope { organisation: "1427".to_owned(), staff: false, placements: true, guardians: true }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let ask = Next::Ask { ask: Ask::All(Collection::Persons), token: Some("å/+=".to_owned()) };
        for next in [ask, Next::Give { from: 7, skip: 1 }] {
            let cursor = Cursor { read: 3, class: Class::Engagement, next };
            assert_eq!(Cursor::read(&cursor.bytes()).unwrap(), cursor);
        }
        for odd in
            [&b""[..], b"7", b"{}", b"\xff", &7_u64.to_le_bytes(), b"{\"read\":1,\"class\":\"pupil\",\"next\":{}}"]
        {
            assert!(Cursor::read(odd).unwrap_err().message.contains("not one of this plugin"));
        }
    }

    #[test]
    fn a_token_holds_for_its_class_and_settings_and_for_a_while() {
        let token = Token::new(Class::Engagement, &scope(), 1_000_000);
        let token = Token::read(&token.bytes()).unwrap();
        let month = 30 * 86_400;
        let holds = |class, scope: &Scope, now| token.holds(class, scope, now, 30);
        assert!(holds(Class::Engagement, &scope(), 1_000_000) && holds(Class::Engagement, &scope(), 1_000_000 + month));
        assert!(!holds(Class::Engagement, &scope(), 1_000_001 + month), "too old");
        assert!(!holds(Class::Engagement, &scope(), 999_999), "from the future");
        assert!(!holds(Class::Person, &scope(), 1_000_000), "of another class");
        assert!(!holds(Class::Engagement, &Scope { staff: true, ..scope() }, 1_000_000), "with other settings");
        assert!(Token { version: "0".to_owned(), ..token.clone() } != token && Token::read(b"x").is_none());
        let group = Token::new(Class::Group, &scope(), 1_000_000);
        assert!(group.holds(Class::Group, &scope(), 1_000_001, 30));
        assert!(!group.holds(Class::Group, &scope(), 1_000_000 + 86_400, 30), "on another day");
        let odd = Token { full: i64::MIN, moment: i64::MAX, ..group };
        assert!(!odd.holds(Class::Group, &scope(), 1_000_000, 30), "at a time that nobody can count");
    }
}
