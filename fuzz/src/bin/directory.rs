//! What directories write: names of entries, values, and what a schema knows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{parts, sound_value};
use sluss_plugin_ldap::schema::Schema;
use sluss_sdk::directory::{Dn, Kind, canonical, from_bytes, to_bytes};
use sluss_sdk::ldap::{Attribute, Entry, escape_filter};

fuzz_target!(|input: &[u8]| {
    let [name, value] = parts(input);
    values(value);
    let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(value)) else { return };
    let once = canonical(name).into_owned();
    assert_eq!(canonical(&once), once, "a name has one writing");
    let base = Dn::parse(name);
    if let Ok(base) = &base {
        assert_eq!(Dn::parse(&base.to_string()).as_ref(), Ok(base), "a name that is written is read back");
        assert_eq!(once, base.to_string());
    }
    let base = base.unwrap_or_default();
    let child = base.child("cn", value);
    assert_eq!(Dn::parse(&child.to_string()).as_ref(), Ok(&child), "a value left its step");
    assert!(child.is_under(&base) && child.parent().as_ref() == Some(&base) && child.value_of("CN") == Some(value));
    assert!(child.tree_key().starts_with(&base.tree_key()));
    assert_eq!(child.relative_to(&base).map(|relative| relative.within(&base)), Some(child));
    assert!(!escape_filter(value).contains(['*', '(', ')', '\0']));
    schema(value);
});

/// A value that is written as it was read is read again as the same.
fn values(bytes: &[u8]) {
    let kinds = [
        Kind::Text,
        Kind::Boolean,
        Kind::Integer,
        Kind::Real,
        Kind::Date,
        Kind::Timestamp,
        Kind::Binary,
        Kind::Reference,
    ];
    for kind in kinds {
        let value = from_bytes(kind, bytes);
        sound_value(&value);
        assert_eq!(from_bytes(kind, &to_bytes(&value)), value, "{kind:?}");
    }
}

fn schema(definition: &str) {
    let attribute = |name: &str| Attribute { name: name.to_owned(), values: vec![definition.as_bytes().to_vec()] };
    let entry = Entry { dn: String::new(), attributes: vec![attribute("objectClasses"), attribute("attributeTypes")] };
    let schema = Schema::of(&entry);
    let inside = definition.trim_start().trim_start_matches('(');
    if let Some(number) = inside.split_whitespace().next() {
        assert!(schema.has_class(number) || number.contains(|sign: char| sign.is_ascii_uppercase()));
    }
}
