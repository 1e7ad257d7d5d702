//! What counts as one name, and what never does.

#![allow(clippy::unwrap_used)]

use super::*;

fn dn(text: &str) -> Dn {
    Dn::parse(text).unwrap()
}

#[test]
fn ways_of_writing_one_name_are_one_name() {
    let name = dn("uid=anna,ou=Public  Health,dc=example,dc=test");
    for other in [
        "UID=Anna, OU=public health , DC=example,dc=TEST",
        r"uid=\61nna,ou=Public\20Health,dc=example,dc=test",
        "uid =anna,ou= Public Health,dc=example,dc=test",
    ] {
        assert_eq!(name, dn(other), "{other}");
        assert_eq!(name.keys(), dn(other).keys(), "{other}");
    }
    assert_ne!(name, dn("uid=anna2,ou=Public Health,dc=example,dc=test"));
    assert_ne!(name, dn(r"uid=anna,ou=Public\,Health,dc=example,dc=test"));
}

#[test]
fn several_attributes_of_one_level_have_no_order() {
    assert_eq!(dn("cn=Anna+sn=Ek,dc=x"), dn("SN=ek + CN=anna,DC=x"));
    assert_ne!(dn("cn=Anna+sn=Ek,dc=x"), dn(r"cn=Anna\+sn=Ek,dc=x"));
    assert_ne!(dn("cn=Anna+sn=Ek,dc=x"), dn("cn=Anna,sn=Ek,dc=x"));
}

#[test]
fn a_name_is_within_its_base_level_by_level() {
    let base = dn("ou=people,dc=example,dc=test");
    for inside in [
        "ou=people,dc=example,dc=test",
        "uid=a,OU=People, dc=Example,dc=test",
        "uid=a,ou=b,ou=people,dc=example,dc=test",
    ] {
        assert!(dn(inside).is_within(&base), "{inside}");
    }
    for outside in [
        "dc=example,dc=test",
        "ou=groups,dc=example,dc=test",
        "uid=a,xou=people,dc=example,dc=test",
        "uid=ou=people,dc=example,dc=test",
        r"uid=a\,ou=people,dc=example,dc=test",
        r"uid=a,ou=people\,dc=example,dc=test",
        "uid=a,ou=people+cn=x,dc=example,dc=test",
        "uid=a,ou=people,dc=example,dc=test,dc=org",
        "uid=a,ou=#70656f706c65,dc=example,dc=test",
        "",
    ] {
        assert!(!dn(outside).is_within(&base), "{outside}");
    }
}

#[test]
fn what_is_sent_is_what_was_checked() {
    for (given, sent) in [
        (r"CN=Ek\2c Anna , ou=x", r"CN=Ek\, Anna,ou=x"),
        (r"cn=\ two  spaces\ ,ou=x", r"cn=\ two  spaces\ ,ou=x"),
        (r"cn=\#1 \22best\22 \5c\3c\3e\3b,o=a=b", r#"cn=\#1 \"best\" \\\<\>\;,o=a\=b"#),
        (r"cn=Lu\C4\8Di\C4\87", "cn=Lučić"),
        (r"cn=line\0abreak\00", r"cn=line\0abreak\00"),
        ("1.3.6.1.4.1.1466.0=#04024869,DC=net", "1.3.6.1.4.1.1466.0=#04024869,DC=net"),
        ("cn=,dc=x", "cn=,dc=x"),
        ("cn=Åsa Öberg+uid=a1,ou=Räddningstjänst", "cn=Åsa Öberg+uid=a1,ou=Räddningstjänst"),
    ] {
        assert_eq!(dn(given).to_string(), sent);
        assert_eq!(dn(sent), dn(given));
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    for (text, fault) in [
        ("anna", DnError::Type),
        ("=x", DnError::Type),
        ("uid=a,", DnError::Type),
        ("u id=a", DnError::Type),
        ("uid;x=a", DnError::Type),
        ("uid=a;dc=x", DnError::Special(';')),
        ("uid=\"a,b\",dc=x", DnError::Special('"')),
        ("uid=a<b", DnError::Special('<')),
        (r"uid=a\", DnError::Escape),
        (r"uid=a\zz", DnError::Escape),
        (r"uid=a\4", DnError::Escape),
        (r"uid=\ff\fe", DnError::Utf8),
        ("uid=#0", DnError::Hexadecimal),
        ("uid=#", DnError::Hexadecimal),
        ("uid=#04zz,dc=x", DnError::Hexadecimal),
    ] {
        assert_eq!(Dn::parse(text).unwrap_err(), fault, "{text}");
    }
    assert_eq!(Rdn::parse("cn=a,dc=b").unwrap_err(), DnError::Several);
}

#[test]
fn a_name_knows_what_is_above_it() {
    let name = dn("uid=a,ou=people,dc=test");
    assert_eq!(name.parent().unwrap(), dn("ou=people,dc=test"));
    assert_eq!(dn("ou=people,dc=test").child(Rdn::parse("uid=A").unwrap()), name);
    assert_eq!(name.keys(), ["uid=a,ou=people,dc=test", "ou=people,dc=test", "dc=test"]);
    assert!(dn("").parent().is_none());
}
