//! The classes of a roster, as they are described to the host.

use sluss_sdk::{AttributeTraits, ClassInfo, Description, Error, vocabulary};

/// A class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Pupils, and staff where it is given.
    Person,
    /// Their placements and employments.
    Engagement,
    /// Classes and other groups.
    Group,
    /// Units.
    Unit,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 4] = [Class::Person, Class::Engagement, Class::Group, Class::Unit];

    /// The class of this name.
    pub fn named(name: &str) -> Result<Class, Error> {
        match name {
            "person" => Ok(Class::Person),
            "engagement" => Ok(Class::Engagement),
            "group" => Ok(Class::Group),
            "unit" => Ok(Class::Unit),
            other => Err(Error::unknown_class(other)),
        }
    }
}

/// Adds the classes to a description: engagements name a person instead of telling of one, and nobody's protection is
/// known.
pub fn describe(description: Description) -> Description {
    let person = optional(vocabulary::person(), &["protected"]);
    let engagement = optional(vocabulary::engagement(), &["identity-number", "protected"]);
    description.class(person).class(engagement).class(vocabulary::group()).class(vocabulary::unit())
}

/// The class with attributes that a record may be without.
fn optional(mut class: ClassInfo, names: &[&str]) -> ClassInfo {
    for attribute in class.attributes.iter_mut().filter(|attribute| names.contains(&attribute.name.as_str())) {
        attribute.traits &= !AttributeTraits::REQUIRED;
    }
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_described_as_having_a_protection() {
        let description = describe(Description::new("x", "1.0.0", "x", "x"));
        let is_required = |class: usize, name: &str| {
            let mut found = description.classes[class].attributes.iter().filter(|attribute| attribute.name == name);
            found.any(|attribute| attribute.traits.contains(AttributeTraits::REQUIRED))
        };
        assert!(!is_required(0, "protected"));
        assert!(is_required(1, "unit") && !is_required(1, "identity-number") && !is_required(1, "protected"));
    }
}
