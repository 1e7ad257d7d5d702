//! References to accounts, as long as nobody knows what their targets call them.

use crate::person::PersonId;
use crate::value::Value;

/// An account of a person, as others refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountRef<'a> {
    /// Whose it is.
    pub person: PersonId,
    /// The rule that it is there for; none is the rule of whoever refers to it.
    pub rule: Option<&'a str>,
}

impl<'a> AccountRef<'a> {
    /// The account that a person has by a rule, for an object that is there for the rule `from`.
    pub fn new(person: PersonId, rule: &'a str, from: &str) -> Self {
        AccountRef { person, rule: (rule != from).then_some(rule) }
    }

    /// Reads what [`AccountRef::value`] wrote; none of what a target calls something.
    pub fn read(reference: &'a str) -> Option<Self> {
        let (person, rule) = match reference.strip_prefix('@')?.split_once(' ') {
            Some((person, rule)) => (person, Some(rule)),
            None => (reference.strip_prefix('@')?, None),
        };
        person.parse().ok().map(|person| AccountRef { person: PersonId(person), rule })
    }

    /// The rule that the account is there for, for an object that is there for the rule `from`.
    pub fn rule_from(self, from: &'a str) -> &'a str {
        self.rule.unwrap_or(from)
    }

    /// As a value of whoever refers to it.
    pub fn value(self) -> Value {
        Value::Reference(match self.rule {
            Some(rule) => format!("@{} {rule}", self.person.0),
            None => format!("@{}", self.person.0),
        })
    }
}

/// The account that a value refers to, if it refers to one.
pub fn refers_to(value: &Value) -> Option<AccountRef<'_>> {
    match value {
        Value::Reference(reference) => AccountRef::read(reference),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{AccountRef, refers_to};
    use crate::person::PersonId;
    use crate::value::Value;

    #[test]
    fn what_is_written_is_read_again() {
        for (rule, from, text) in
            [("office", "office", "@17"), ("office", "guest", "@17 office"), ("två ord", "g", "@17 två ord")]
        {
            let account = AccountRef::new(PersonId(17), rule, from);
            let value = account.value();
            assert_eq!(value, Value::Reference(text.to_owned()));
            assert_eq!(refers_to(&value), Some(account));
            assert_eq!(account.rule_from(from), rule);
        }
        for other in ["uid=eva,dc=x", "@", "@eva", "@ 17", ""] {
            assert_eq!(refers_to(&Value::Reference(other.to_owned())), None, "{other}");
        }
        assert_eq!(refers_to(&Value::from("@17")), None);
    }
}
