//! Which attributes pupils and lists have, and which values are refused.

use crate::held::Held;
use crate::number::holds_number;
use crate::settings::Settings;
use crate::state::{Class, Thing};
use sluss_sdk::{AttributeInfo, ClassInfo, Error, Value, ValueKind};

/// The longest user name or name of a list, in bytes.
const LONGEST: usize = 1000;

/// The pupils' class.
pub fn pupil() -> ClassInfo {
    ClassInfo::new("pupil", "A pupil with an account. Every column of the settings is an attribute too.")
        .attribute(AttributeInfo::text("username", "the user name, which is the pupil's id").required().unique())
        .attribute(AttributeInfo::text("name", "the name to show"))
        .attribute(AttributeInfo::text("given-name", "the given name; pupils stand in the order of names"))
        .attribute(AttributeInfo::text("surname", "the surname"))
        .attribute(AttributeInfo::text("mail", "the e-mail address"))
        .attribute(AttributeInfo::boolean("enabled", "whether the account may be used"))
        .open()
        .writable()
}

/// The lists' class.
pub fn list() -> ClassInfo {
    ClassInfo::new("list", "A school class, or any other group of pupils, with documents of its own.")
        .attribute(
            AttributeInfo::text("name", "its name, which is its id and what its files are called").required().unique(),
        )
        .attribute(AttributeInfo::text("title", "the heading; the name unless it is given"))
        .attribute(AttributeInfo::text("school", "the school, shown below the heading"))
        .attribute(AttributeInfo::reference("member", "pupil", "the pupils").many())
        .writable()
}

/// Gives an attribute these values, if it is one that can have them.
pub fn set(settings: &Settings, class: Class, thing: &mut Thing, name: &str, values: Vec<Held>) -> Result<(), Error> {
    if values.iter().any(|value| value.as_text().is_some_and(holds_number)) {
        let message = format!(
            "`{name}` holds what looks like an identity number, and none stands in a class list; leave it out in the policy"
        );
        return Err(Error::invalid(message).attribute(name));
    }
    if name == class.key() {
        return set_key(thing, name, &values);
    }
    // What is taken away need not be known: a column may have gone from the settings before its values.
    if values.is_empty() {
        thing.holds.remove(name);
        return Ok(());
    }
    let info = match class {
        Class::Pupil => pupil(),
        Class::List => list(),
    };
    let refused = |message: String| Err(Error::invalid(message).attribute(name));
    match info.attributes.iter().find(|info| info.name == name) {
        None if class == Class::Pupil && settings.has_column(name) => {
            if values.iter().any(|value| value.as_reference().is_some()) {
                return refused(format!("`{name}` cannot be a reference"));
            }
        }
        None if class == Class::Pupil => {
            return refused(format!("Pupils have no attribute `{name}`; name it among the `columns` of the settings"));
        }
        None => return refused(format!("Lists have no attribute `{name}`")),
        Some(info) if !values.iter().all(|value| is_of(value, info.kind)) => {
            let kind = match info.kind {
                ValueKind::Boolean => "yes or no",
                ValueKind::Reference => "references to pupils",
                _ => "text",
            };
            return refused(format!("`{name}` must be {kind}"));
        }
        Some(info) if values.len() > 1 && info.kind != ValueKind::Reference => {
            return refused(format!("`{name}` has one value"));
        }
        Some(_) => {}
    }
    thing.holds.insert(name.to_owned(), values);
    Ok(())
}

fn set_key(thing: &mut Thing, name: &str, values: &[Held]) -> Result<(), Error> {
    match values {
        [Held::Text(key)] if !key.trim().is_empty() && key.len() <= LONGEST && !key.contains(char::is_control) => {
            thing.key.clone_from(key);
            Ok(())
        }
        _ => {
            let message = format!("`{name}` must be one text of at most {LONGEST} bytes, without line breaks");
            Err(Error::invalid(message).attribute(name))
        }
    }
}

/// Values to be kept.
pub fn held(name: &str, values: &[Value]) -> Result<Vec<Held>, Error> {
    let refused = || Error::invalid(format!("`{name}` is of a kind that has no place in a list")).attribute(name);
    values.iter().map(|value| Held::new(value).ok_or_else(refused)).collect()
}

fn is_of(value: &Held, kind: ValueKind) -> bool {
    match kind {
        ValueKind::Boolean => matches!(value, Held::Boolean(_)),
        ValueKind::Reference => value.as_reference().is_some(),
        _ => value.as_text().is_some(),
    }
}
