//! The attributes of the published vocabulary, as a file may hold them.

use crate::settings::Class;
use sluss_delimited::Form;
use sluss_sdk::{AttributeTraits, ClassInfo, ValueKind, vocabulary};

/// What stands before the name of an attribute that the vocabulary does not have.
pub const PREFIX: &str = "csv";

/// Attributes that are a person's name. Like an identity number, they are never a part of an id.
const NAMES: [&str; 4] = ["first-names", "given-name", "middle-name", "surname"];

/// The attribute that names the record of a person.
pub const LINK: &str = "person";

/// An attribute that a column or a constant may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// What kind of value it has.
    pub kind: ValueKind,
    /// How it is written.
    pub form: Form,
    /// Whether it tells who somebody is.
    pub sensitive: bool,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 4] = [Class::Engagement, Class::Unit, Class::Person, Class::Group];

    /// What the vocabulary says of it.
    pub fn info(self) -> ClassInfo {
        match self {
            Class::Engagement => vocabulary::engagement(),
            Class::Unit => vocabulary::unit(),
            Class::Person => vocabulary::person(),
            Class::Group => vocabulary::group(),
        }
    }

    /// The attributes of which a record cannot be used without one.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Class::Engagement => &["identity-number", "person-key", LINK],
            Class::Person => &["identity-number", "person-key"],
            Class::Unit | Class::Group => &["code"],
        }
    }

    /// Whether its records tell of protection.
    pub fn is_protected(self) -> bool {
        matches!(self, Class::Engagement | Class::Person)
    }

    /// What an attribute of this class is; none where the vocabulary does not have it. What begins with the plugin's own
    /// prefix is a text.
    pub fn attribute(self, name: &str, list_separator: u8) -> Option<Known> {
        let own =
            name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| !rest.is_empty());
        if own {
            return Some(Known { kind: ValueKind::Text, form: Form::Text, sensitive: false });
        }
        let info = self.info().attributes.into_iter().find(|attribute| attribute.name == name)?;
        let form = match (name, info.kind) {
            ("protected", _) => Form::Protection,
            ("end", _) => Form::End,
            (_, ValueKind::Boolean) => Form::Flag,
            (_, ValueKind::Real) => Form::Number,
            (_, ValueKind::Date) => Form::Day,
            (_, ValueKind::Reference) => Form::References(list_separator),
            _ => Form::Text,
        };
        let sensitive = info.traits.contains(AttributeTraits::SENSITIVE) || NAMES.contains(&name);
        Some(Known { kind: info.kind, form, sensitive })
    }
}
