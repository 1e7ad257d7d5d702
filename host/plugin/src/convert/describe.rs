//! The contract's `describe` and `check`, in the host's words.
//!
//! They are read once a plugin, by people: every text is cleaned, and a description that could not be worked with is
//! refused as a whole.

use super::connector as wit;
use crate::description::{
    Access, Attribute, Class, ConnectionKind, Description, Finding, Operations, Severity, Traits, ValueKind, Want,
};
use crate::scrub::Scrubber;

/// The longest settings schema that is looked at.
const LONGEST_SCHEMA: usize = 1024 * 1024;

/// The longest name of a class or attribute.
const LONGEST_NAME: usize = 256;

/// What a connector says of itself, or why it cannot be worked with.
pub(crate) fn description(given: wit::Description, scrubber: &Scrubber) -> Result<Description, String> {
    let clean = |text: String| scrubber.clean(&text);
    if !is_id(&given.id) {
        return Err(format!("its id `{}` is not of small letters, digits and hyphens", clean(given.id)));
    }
    if !is_version(&given.version) {
        return Err(format!("its version `{}` is not like 1.2.3", clean(given.version)));
    }
    if given.max_batch == 0 {
        return Err("it takes batches of no changes at all".to_owned());
    }
    if given.settings_schema.len() > LONGEST_SCHEMA {
        return Err("its settings schema is longer than 1 MiB".to_owned());
    }
    let settings_schema = serde_json::from_str(&given.settings_schema)
        .map_err(|error| format!("its settings schema is not JSON: {}", scrubber.clean(&error.to_string())))?;
    let mut classes = Vec::with_capacity(given.classes.len());
    for class in given.classes {
        classes.push(self::class(class, scrubber)?);
    }
    twice("class", classes.iter().map(|class| class.name.as_str()))?;
    let connections = given.connections.into_iter().map(|want| Want {
        setting: clean(want.setting),
        kind: match want.kind {
            wit::ConnectionKind::Files => ConnectionKind::Files,
            wit::ConnectionKind::Http => ConnectionKind::Http,
            wit::ConnectionKind::Ldap => ConnectionKind::Ldap,
        },
        access: match want.access {
            wit::Access::Read => Access::Read,
            wit::Access::Write => Access::Write,
        },
        reason: clean(want.reason),
    });
    Ok(Description {
        id: given.id,
        version: given.version,
        vendor: clean(given.vendor),
        title: clean(given.title),
        settings_schema,
        connections: connections.collect(),
        classes,
        max_batch: given.max_batch,
        extra: given.extra.into_iter().map(|(name, value)| (clean(name), clean(value))).collect(),
    })
}

/// What a connector found when it looked around.
pub(crate) fn finding(given: wit::CheckResult, scrubber: &Scrubber) -> Finding {
    Finding {
        name: scrubber.clean(&given.name),
        severity: match given.severity {
            wit::Severity::Info => Severity::Info,
            wit::Severity::Warning => Severity::Warning,
            wit::Severity::Failure => Severity::Failure,
        },
        message: scrubber.clean(&given.message),
    }
}

fn class(given: wit::ClassInfo, scrubber: &Scrubber) -> Result<Class, String> {
    name("class", &given.name, scrubber)?;
    let mut attributes = Vec::with_capacity(given.attributes.len());
    for attribute in given.attributes {
        name("attribute", &attribute.name, scrubber)?;
        attributes.push(Attribute {
            kind: value_kind(attribute.kind),
            traits: traits(attribute.traits),
            refers_to: attribute.refers_to,
            description: scrubber.clean(&attribute.description),
            name: attribute.name,
        });
    }
    twice("attribute", attributes.iter().map(|attribute| attribute.name.as_str()))?;
    Ok(Class {
        name: given.name,
        description: scrubber.clean(&given.description),
        attributes,
        open: given.open,
        operations: Operations {
            read: given.operations.contains(wit::ClassOperations::READ),
            create: given.operations.contains(wit::ClassOperations::CREATE),
            update: given.operations.contains(wit::ClassOperations::UPDATE),
            remove: given.operations.contains(wit::ClassOperations::REMOVE),
        },
    })
}

fn traits(given: wit::AttributeTraits) -> Traits {
    Traits {
        required: given.contains(wit::AttributeTraits::REQUIRED),
        many: given.contains(wit::AttributeTraits::MANY),
        unique: given.contains(wit::AttributeTraits::UNIQUE),
        read_only: given.contains(wit::AttributeTraits::READ_ONLY),
        create_only: given.contains(wit::AttributeTraits::CREATE_ONLY),
        write_only: given.contains(wit::AttributeTraits::WRITE_ONLY),
        sensitive: given.contains(wit::AttributeTraits::SENSITIVE),
        case_ignore: given.contains(wit::AttributeTraits::CASE_IGNORE),
    }
}

fn value_kind(given: wit::ValueKind) -> ValueKind {
    match given {
        wit::ValueKind::Text => ValueKind::Text,
        wit::ValueKind::Boolean => ValueKind::Boolean,
        wit::ValueKind::Integer => ValueKind::Integer,
        wit::ValueKind::Real => ValueKind::Real,
        wit::ValueKind::Date => ValueKind::Date,
        wit::ValueKind::Timestamp => ValueKind::Timestamp,
        wit::ValueKind::Binary => ValueKind::Binary,
        wit::ValueKind::Reference => ValueKind::Reference,
    }
}

fn name(what: &str, name: &str, scrubber: &Scrubber) -> Result<(), String> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("`{}` cannot be the name of a {what}", scrubber.clean(name)));
    }
    Ok(())
}

fn twice<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("it names the {what} `{name}` twice"));
        }
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-')
}

fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    version.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(|part| part.parse::<u32>().is_ok())
        && version.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '+'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn given() -> wit::Description {
        wit::Description {
            id: "heroma".to_owned(),
            version: "1.0.0-rc.1".to_owned(),
            vendor: "V\u{1b}[1mendor".to_owned(),
            title: "T".to_owned(),
            settings_schema: "{}".to_owned(),
            connections: Vec::new(),
            classes: vec![wit::ClassInfo {
                name: "person".to_owned(),
                description: String::new(),
                attributes: Vec::new(),
                open: false,
                operations: wit::ClassOperations::READ | wit::ClassOperations::UPDATE,
            }],
            max_batch: 1,
            extra: Vec::new(),
        }
    }

    #[test]
    fn a_description_is_taken_over_clean() {
        let description = description(given(), &Scrubber::default()).unwrap();
        assert_eq!(description.vendor, "Vendor");
        let operations = description.class("person").unwrap().operations;
        assert_eq!(operations, Operations { read: true, update: true, ..Operations::default() });
    }

    #[test]
    fn what_cannot_be_worked_with_is_refused() {
        let refused = |change: &dyn Fn(&mut wit::Description)| {
            let mut given = given();
            change(&mut given);
            description(given, &Scrubber::default()).unwrap_err()
        };
        assert!(refused(&|given| given.id = "He roma".to_owned()).contains("its id `He roma`"));
        assert!(refused(&|given| given.version = "1.0".to_owned()).contains("not like 1.2.3"));
        assert!(refused(&|given| given.version = "1.0.0 \u{7}".to_owned()).contains("not like 1.2.3"));
        assert!(refused(&|given| given.settings_schema = "{".to_owned()).contains("not JSON"));
        assert!(refused(&|given| given.max_batch = 0).contains("no changes at all"));
        assert!(refused(&|given| given.classes[0].name = "a\nb".to_owned()).contains("cannot be the name of a class"));
        assert!(refused(&|given| given.classes.push(given.classes[0].clone())).contains("`person` twice"));
    }
}
