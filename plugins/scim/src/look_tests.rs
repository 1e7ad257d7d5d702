//! Objects in pages, by their ids, and where new ones would stand.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Pages, Turn, attribute, provider};
use serde_json::json;
use sluss_sdk::{ErrorKind, Rest};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn service() -> Fake {
    let fake = Fake::new();
    for (id, name) in [("1", "eva"), ("2", "ali"), ("3", "bo")] {
        fake.user(id, json!({"userName": name, "externalId": format!("e{id}")}));
    }
    fake.group("g", json!({"displayName": "All", "externalId": "all", "members": [{"value": "1"}, {"value": "2"}]}));
    fake
}

#[test]
fn pages_are_as_long_as_the_host_wants_them() {
    let mut provider = provider(service(), json!({"page-size": 2}));
    let columns = names(&["userName", "enabled", "emails.work", "no path"]);
    let first = page(&mut provider, Class::User, &columns, None, 1).unwrap();
    assert_eq!(first.rows[0].cells, [Cell::from("eva"), Cell::from(true), Cell::Many(vec![]), Cell::Absent]);
    assert!(first.rows[0].version.is_some());
    let Rest::More(next) = first.rest else { panic!("more expected") };
    let second = page(&mut provider, Class::User, &columns, Some(&next), 5).unwrap();
    assert_eq!((second.rows.len(), &second.rest), (2, &Rest::Complete));
    let again = page(&mut provider, Class::User, &columns, Some(&next), 5).unwrap_err();
    assert_eq!(again.kind, ErrorKind::Invalid, "what was given is not kept");
    assert!(page(&mut provider, Class::Group, &columns, Some(&vec![7]), 5).is_err());
}

#[test]
fn members_are_read_only_where_they_are_wanted() {
    let mut provider = provider(service(), json!({}));
    let whole = page(&mut provider, Class::Group, &names(&["displayName", "member"]), None, 9).unwrap();
    assert_eq!(whole.rows[0].cells[1], Cell::Many(crate::fake::references(&["1", "2"])));
    provider.service.asked();
    page(&mut provider, Class::Group, &names(&["displayName"]), None, 9).unwrap();
    by_id(&provider, Class::Group, &names(&["g"]), &names(&["displayName"])).unwrap();
    let excluded = ("excludedAttributes", "members".to_owned());
    assert!(provider.service.asked().iter().all(|asked| asked.query.contains(&excluded)));
}

#[test]
fn what_cannot_be_read_whole_says_so() {
    let mut provider = provider(service(), json!({"page-size": 2}));
    provider.service.pages.set(Pages::First);
    let page = page(&mut provider, Class::User, &names(&["userName"]), None, 9).unwrap();
    assert!(page.rows.len() == 2 && matches!(page.rest, Rest::Incomplete(_)), "{:?}", page.rest);
}

#[test]
fn a_resource_without_an_id_is_a_fault() {
    let mut provider = provider(service(), json!({}));
    provider.service.users.borrow_mut().push(json!({"userName": "x"}));
    let page = page(&mut provider, Class::User, &names(&["userName"]), None, 9).unwrap();
    assert_eq!((page.rows.len(), page.faults.len(), page.faults[0].object.clone()), (3, 1, None));
}

#[test]
fn objects_are_found_by_their_ids() {
    let provider = provider(service(), json!({}));
    let found = by_id(&provider, Class::User, &names(&["2", "9"]), &names(&["userName", "title"])).unwrap();
    let object = found[0].clone().unwrap();
    assert_eq!((object.id.as_str(), object.attributes), ("2", vec![attribute("userName", "ali")]));
    assert_eq!(found[1], None);
    provider.service.turn("GET /Users/2", Turn::Says(503, Json::Null));
    let error = by_id(&provider, Class::User, &names(&["2"]), &[]).unwrap_err();
    assert_eq!((error.kind, error.object.as_deref()), (ErrorKind::Unavailable, Some("2")));
}

#[test]
fn an_object_is_found_where_a_new_one_would_stand() {
    let provider = provider(service(), json!({}));
    let find = |class, create: &[Attribute]| {
        by_place(&provider, class, create, &names(&["userName", "member"])).unwrap().map(|object| object.id)
    };
    let user = |name: &str, external: &str| vec![attribute("userName", name), attribute("externalId", external)];
    assert_eq!(find(Class::User, &user("ali", "x")).as_deref(), Some("2"));
    assert_eq!(find(Class::User, &user("other", "e3")).as_deref(), Some("3"));
    assert_eq!(find(Class::User, &user("eva", "e3")).as_deref(), Some("1"), "the name comes first");
    assert_eq!(find(Class::User, &user("other", "x")), None);
    provider.service.user("4", json!({"userName": "x\"y\\"}));
    assert_eq!(find(Class::User, &user("x\"y\\", "x")).as_deref(), Some("4"));
    provider.service.group("h", json!({"displayName": "All", "externalId": "other"}));
    let group = |external: &str| vec![attribute("displayName", "All"), attribute("externalId", external)];
    assert_eq!(find(Class::Group, &group("other")).as_deref(), Some("h"), "of two of one name, the one that is ours");
    let members = by_place(&provider, Class::Group, &group("all"), &names(&["member"])).unwrap().unwrap();
    assert_eq!(members.attributes[0].values.len(), 2);
}

#[test]
fn where_nobody_looks_everybody_is_read() {
    let create = [attribute("userName", "BO")];
    for ignores in [true, false] {
        let fake = service();
        fake.filters.set(!ignores);
        let fake = if ignores { fake } else { fake.can("filter", json!({"supported": false})) };
        let provider = provider(fake, json!({"page-size": 2}));
        let found = by_place(&provider, Class::User, &create, &[]).unwrap();
        assert_eq!(found.map(|object| object.id).as_deref(), Some("3"), "most services do not tell capitals apart");
        assert!(!provider.filters.get());
    }
    let refuses = provider(service(), json!({}));
    refuses.service.turn("GET /Users", Turn::Says(400, json!({"scimType": "invalidFilter"})));
    assert!(by_place(&refuses, Class::User, &[attribute("userName", "bo")], &[]).unwrap().is_some());
    let broken = provider(service(), json!({"page-size": 1, "supports": {"filter": false}}));
    broken.service.pages.set(Pages::First);
    assert!(
        by_place(&broken, Class::User, &[attribute("userName", "bo")], &[]).is_err(),
        "not there and not seen are two"
    );
}
