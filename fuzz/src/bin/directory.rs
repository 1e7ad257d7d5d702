//! What directories write: names of entries, values, and what a schema knows; and what Active Directory writes in its own way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{parts, sound_value};
use sluss_plugin_active_directory::changes::Token;
use sluss_plugin_active_directory::guid::{Guid, Named, sid};
use sluss_plugin_active_directory::{fault, filetime};
use sluss_sdk::Value;
use sluss_sdk::directory::{Dn, Kind, Schema, canonical, from_bytes, to_bytes};
use sluss_sdk::ldap::{Attribute, Entry, escape_filter};

fuzz_target!(|input: &[u8]| {
    let [name, value] = parts(input);
    values(value);
    domain(value);
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
    assert_eq!(Dn::parse(&child_in_capitals(&base, value)).map(|own| own.key()), Ok(base.child("cn", value).key()));
});

fn child_in_capitals(base: &Dn, value: &str) -> String {
    base.child("cn", value).in_capitals()
}

/// What Active Directory writes is read, or is not, and is written again as it was.
fn domain(bytes: &[u8]) {
    sid(bytes);
    assert!(Token::read(bytes).is_none_or(|token| token.written() == bytes));
    if let Some(guid) = Guid::from_bytes(bytes) {
        assert_eq!((Guid::parse(&guid.to_string()), &guid.bytes()[..]), (Some(guid), bytes));
        assert_eq!(Named::read(&guid.as_name()), Named { guid: Some(guid), dn: "" });
    }
    if let Some(Value::Date(last)) = filetime::read(bytes) {
        assert_eq!(filetime::last_day(filetime::after(last)), Some(last));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(text.ends_with(Named::read(text).dn));
        fault::windows(text);
        if let Some(guid) = Guid::parse(text) {
            assert!(guid.to_string().eq_ignore_ascii_case(text));
        }
    }
}

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
