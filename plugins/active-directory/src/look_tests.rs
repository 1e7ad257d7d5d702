//! Objects as they are read, by whatever they are found.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::check;
use crate::fake::{BASE, Fake};
use sluss_sdk::{Cell, Date, ErrorKind, Value};

fn layout(domain: &Fake) -> Layout {
    check::open(domain, &serde_json::from_str(r#"{"connection":"domain"}"#).unwrap()).unwrap()
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_page_says_in_plain_words_what_the_directory_keeps_as_numbers() {
    let domain = Fake::default();
    let chief = domain.user("chief");
    domain.put(&format!("OU=North,OU=People,{BASE}"), &[("objectClass", "organizationalUnit")]);
    let manager = chief.as_name();
    let eva = domain.put(
        &format!("CN=Eva\\, Ö,OU=North,OU=People,{BASE}"),
        &[
            ("objectClass", "user"),
            ("sAMAccountName", "eva"),
            ("userAccountControl", "66050"),
            ("accountExpires", "134432316000000000"),
            ("manager", &manager),
            ("msExchRecipientTypeDetails", "2147483648"),
            ("unicodePwd", "secret"),
        ],
    );
    let layout = layout(&domain);
    let class = layout.class("user").unwrap();
    let columns = names(&[
        "sAMAccountName",
        "enabled",
        "expires",
        "manager",
        "container",
        "remote-mailbox",
        "objectGUID",
        "unicodePwd",
        "title",
    ]);
    let first = page(&domain, &layout, class, &columns, None, 1).unwrap();
    let Rest::More(cursor) = &first.rest else { panic!("more expected") };
    let second = page(&domain, &layout, class, &columns, Some(cursor), 1).unwrap();
    assert_eq!(second.rest, Rest::Complete);
    let rows = [first.rows, second.rows].concat();
    let none = || Cell::Many(Vec::new());
    assert_eq!(rows[0].id, chief.to_string());
    assert_eq!(
        rows[0].cells,
        [
            Cell::from("chief"),
            Cell::from(true),
            none(),
            none(),
            Cell::from("OU=People"),
            Cell::from(false),
            Cell::from(chief.to_string()),
            Cell::Absent,
            none(),
        ]
    );
    assert_eq!(rows[1].id, eva.to_string());
    assert_eq!(
        rows[1].cells,
        [
            Cell::from("eva"),
            Cell::from(false),
            Cell::from(Date::new(2026, 12, 31).unwrap()),
            Cell::One(Value::Reference(chief.to_string())),
            Cell::from("OU=North,OU=People"),
            Cell::from(true),
            Cell::from(eva.to_string()),
            Cell::Absent,
            none(),
        ]
    );
    let asked = domain.asked.borrow();
    assert!(asked.iter().all(|query| !query.attributes.iter().any(|name| name == "unicodePwd")));
}

#[test]
fn groups_come_in_small_pages_when_their_members_are_asked_for() {
    let domain = Fake::default();
    let a = domain.user("a");
    let member = a.as_name();
    for number in 0..60 {
        let kind = ("groupType", "-2147483640");
        domain.put(&format!("CN=g{number},{BASE}"), &[("objectClass", "group"), ("member", &member), kind]);
    }
    let layout = layout(&domain);
    let class = layout.class("group").unwrap();
    let columns = names(&["member", "kind", "scope"]);
    let found = page(&domain, &layout, class, &columns, None, 1000).unwrap();
    assert_eq!(found.rows.len(), 50);
    let row = [Cell::One(Value::Reference(a.to_string())), Cell::from("security"), Cell::from("universal")];
    assert!(found.rows.iter().all(|own| own.cells == row));
    assert_eq!(page(&domain, &layout, class, &names(&["kind"]), None, 1000).unwrap().rows.len(), 60);
}

#[test]
fn objects_are_found_by_their_ids_all_at_once() {
    let domain = Fake::default();
    let (a, b) = (domain.user("a"), domain.user("b"));
    let group = domain.put(&format!("CN=g,{BASE}"), &[("objectClass", "group")]);
    let layout = layout(&domain);
    domain.asked.borrow_mut().clear();
    let ids = [b.to_string(), "CN=a".into(), group.to_string(), a.to_string().to_uppercase()];
    let found = by_id(&domain, layout.class("user").unwrap(), &ids, &names(&["sAMAccountName", "title"])).unwrap();
    let object = |guid: Guid, name: &str| {
        let attributes = vec![Attribute::one("sAMAccountName", name)];
        Some(Object { id: guid.to_string(), version: None, attributes })
    };
    assert_eq!(found, [object(b, "b"), None, None, object(a, "a")]);
    assert_eq!(domain.asked.borrow().len(), 1);
    assert!(by_id(&domain, layout.class("user").unwrap(), &["x".into()], &[]).unwrap()[0].is_none());
    assert_eq!(domain.asked.borrow().len(), 1, "nothing is asked about what cannot be an id");
}

#[test]
fn an_object_is_found_by_the_names_that_a_new_one_would_have() {
    let domain = Fake::default();
    let there =
        domain.put(&format!("CN=eva,OU=People,{BASE}"), &[("objectClass", "user"), ("sAMAccountName", "other")]);
    let account = domain.put(&format!("CN=x,{BASE}"), &[("objectClass", "user"), ("sAMAccountName", "Eva")]);
    let principal = [("objectClass", "user"), ("sAMAccountName", "y"), ("userPrincipalName", "eva@ad.test")];
    let principal = domain.put(&format!("CN=y,{BASE}"), &principal);
    let layout = layout(&domain);
    let class = layout.class("user").unwrap();
    let create = [Attribute::one("sAMAccountName", "eva"), Attribute::one("userPrincipalName", "EVA@ad.test")];
    let find = || by_place(&domain, class, &create, &names(&["sn"])).unwrap().map(|object| object.id);
    assert_eq!(find(), Some(account.to_string()));
    domain.remove(account);
    assert_eq!(find(), Some(there.to_string()));
    domain.remove(there);
    assert_eq!(find(), Some(principal.to_string()));
    domain.remove(principal);
    assert_eq!(find(), None);
    let nameless = by_place(&domain, class, &[Attribute::one("sn", "x")], &[]).unwrap_err();
    assert_eq!(nameless.kind, ErrorKind::Invalid);
}
