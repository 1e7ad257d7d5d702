//! The classes of the published vocabulary that are given, and what each is made of.

use crate::collection::Collection;
use crate::model::Scope;
use sluss_sdk::{AttributeInfo, AttributeTraits, ClassInfo, Error, vocabulary};

/// A class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Units.
    Unit,
    /// Persons.
    Person,
    /// Engagements.
    Engagement,
    /// Groups.
    Group,
}

/// What is beyond the vocabulary.
pub const PRINCIPAL_NAMES: &str = "ss12000:principal-names";

impl Class {
    /// All of them.
    pub const ALL: [Class; 4] = [Class::Unit, Class::Person, Class::Engagement, Class::Group];

    /// The class of this name.
    pub fn of(name: &str) -> Result<Class, Error> {
        let found = Self::ALL.into_iter().find(|class| class.info().name == name);
        found.ok_or_else(|| Error::unknown_class(name))
    }

    /// What it looks like.
    pub fn info(self) -> ClassInfo {
        match self {
            Class::Unit => only(vocabulary::unit(), &["code", "name", "parent", "organisation"], &[]),
            Class::Person => {
                let names = AttributeInfo::text(
                    PRINCIPAL_NAMES,
                    "The names by which other systems know the person (eduPersonPrincipalNames)",
                );
                only(vocabulary::person(), &PERSON, &[]).attribute(names.many())
            }
            Class::Engagement => only(vocabulary::engagement(), &ENGAGEMENT, &["start"]),
            Class::Group => vocabulary::group(),
        }
    }

    /// The collections that its records are made of, in the order in which they are read.
    pub fn made_of(self, scope: &Scope) -> Vec<Collection> {
        let is_read = |collection: &Collection| match collection {
            Collection::Placements => scope.placements,
            Collection::Duties => scope.staff,
            _ => true,
        };
        match self {
            Class::Unit => vec![Collection::Organisations],
            _ => Collection::ALL.into_iter().filter(is_read).collect(),
        }
    }
}

/// The columns of a class.
pub fn columns(class: Class, scope: &Scope) -> Vec<&'static str> {
    let mut columns = match class {
        Class::Unit => vec!["code", "name", "parent", "organisation"],
        Class::Person => [&PERSON[..], &[PRINCIPAL_NAMES]].concat(),
        Class::Engagement => ENGAGEMENT.to_vec(),
        Class::Group => vec!["code", "name", "kind", "organisation", "unit", "start", "end", "members"],
    };
    // Both stand last but one, or last: what is not read is not spoken of.
    columns.retain(|name| match *name {
        "guardian-numbers" => scope.guardians,
        "title" | "extent" => scope.staff,
        _ => true,
    });
    columns
}

const PERSON: [&str; 11] = [
    "identity-number",
    "first-names",
    "middle-name",
    "surname",
    "protected",
    "protection",
    "deregistration",
    "deregistration-code",
    "email",
    "telephone",
    "guardian-numbers",
];

const ENGAGEMENT: [&str; 13] = [
    "person",
    "kind",
    "organisation",
    "unit",
    "unit-name",
    "start",
    "end",
    "school-form",
    "year",
    "class",
    "class-name",
    "title",
    "extent",
];

/// The part of a class that is given, where `loose` attributes may be missing, and `person` may not.
fn only(mut class: ClassInfo, given: &[&str], loose: &[&str]) -> ClassInfo {
    class.open = false;
    class.attributes.retain(|attribute| given.contains(&attribute.name.as_str()));
    for attribute in &mut class.attributes {
        if loose.contains(&attribute.name.as_str()) {
            attribute.traits.remove(AttributeTraits::REQUIRED);
        }
        if attribute.name == "person" {
            attribute.traits.insert(AttributeTraits::REQUIRED);
        }
    }
    class
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_column_is_described() {
        let scope = Scope { organisation: "1427".to_owned(), staff: true, placements: true, guardians: true };
        for class in Class::ALL {
            let info = class.info();
            for column in columns(class, &scope) {
                assert!(info.attributes.iter().any(|attribute| attribute.name == column), "{class:?}: {column}");
            }
            assert_eq!(Class::of(&info.name).unwrap(), class);
        }
        assert!(Class::of("pupil").is_err());
        let silent = Scope { staff: false, guardians: false, ..scope };
        assert!(!columns(Class::Person, &silent).contains(&"guardian-numbers"));
        assert!(!columns(Class::Engagement, &silent).contains(&"title"));
    }
}
