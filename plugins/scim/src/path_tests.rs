//! Paths as they are written, read and changed.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn written(text: &str, before: Json, values: &[Json], many: bool) -> Json {
    let Json::Object(mut resource) = before else { panic!("an object") };
    path(text).write(&mut resource, values.to_vec(), many);
    Json::Object(resource)
}

fn operations(text: &str, now: Json, values: &[Json], many: bool) -> Json {
    Json::Array(path(text).operations(Some(&now), values.to_vec(), many))
}

#[test]
fn paths_come_back_as_they_were_written() {
    let long = format!("{ENTERPRISE}:manager.value");
    for text in ["title", "name.givenName", "emails[type eq \"work\"].value", long.as_str(), "x[a eq \"]\"].b"] {
        assert_eq!(path(text).to_string(), text);
    }
    assert_eq!(path("urn:ietf:params:scim:schemas:core:2.0:User:title").to_string(), "title");
    assert_eq!(path("emails[Type EQ \"work\"]").to_string(), "emails[Type eq \"work\"].value");
    for wrong in [
        "",
        "a b",
        "name.",
        ".x",
        "emails[work]",
        "emails[type eq work].value",
        "a.b.c",
        "a.b[c eq \"d\"].e",
        "emails[type eq \"work\"]value",
        "emails[type ne \"work\"].value",
        "urn::",
        "urn:x y:a",
        "é",
        "a/b",
    ] {
        let error = Path::parse(wrong).unwrap_err();
        assert!(error.message.contains("name.givenName"), "{wrong}: {}", error.message);
    }
}

#[test]
fn values_are_found_wherever_they_stand_and_however_names_are_spelt() {
    let resource = json!({
        "username": "eva", "name": {"GivenName": "Eva", "familyName": null},
        "emails": [{"type": "home", "value": "h"}, {"type": "WORK", "value": "w"}, {"value": "x"}, "odd"],
        "roles": ["a", {"value": "b"}], "active": false,
        ENTERPRISE: {"manager": {"value": "7", "displayName": "Ali"}, "department": "D"},
    });
    let read = |text: &str| -> Vec<Json> { path(text).values(&resource).into_iter().cloned().collect() };
    assert_eq!(read("userName"), [json!("eva")]);
    assert_eq!(read("name.givenName"), [json!("Eva")]);
    assert_eq!(read("name.familyName"), [Json::Null; 0]);
    assert_eq!(read("emails[type eq \"work\"].value"), [json!("w")]);
    assert_eq!(read("roles"), [json!("a"), json!("b")]);
    assert_eq!(read("active"), [json!(false)]);
    assert_eq!(read(&format!("{ENTERPRISE}:manager.value")), [json!("7")]);
    assert_eq!(read(&format!("{}:department", ENTERPRISE.to_uppercase().replace("URN", "urn"))), [json!("D")]);
    assert_eq!(read("urn:example:User:department"), [Json::Null; 0]);
    let short = json!({ENTERPRISE: {"manager": "7"}});
    assert_eq!(path(&format!("{ENTERPRISE}:manager.value")).values(&short), [&json!("7")], "some services write it so");
}

#[test]
fn writing_leaves_what_stands_beside_it() {
    assert_eq!(written("title", json!({"a": 1}), &[json!("t")], false), json!({"a": 1, "title": "t"}));
    assert_eq!(written("title", json!({"Title": "s"}), &[json!("t")], false), json!({"Title": "t"}));
    assert_eq!(written("title", json!({"title": "s"}), &[], false), json!({}));
    let name = json!({"name": {"givenName": "E", "familyName": "B"}});
    assert_eq!(written("name.givenName", name, &[], false), json!({"name": {"familyName": "B"}}));
    assert_eq!(written("name.givenName", json!({"name": {"givenName": "E"}}), &[], false), json!({}));
    let manager = format!("{ENTERPRISE}:manager.value");
    let before = json!({ENTERPRISE: {"manager": {"value": "7", "displayName": "Ali"}}});
    assert_eq!(written(&manager, before.clone(), &[], false), json!({}));
    assert_eq!(written(&manager, json!({}), &[json!("8")], false), json!({ENTERPRISE: {"manager": {"value": "8"}}}));
    let roles = json!({"roles": [{"value": "a", "display": "A"}, {"value": "b"}]});
    let after = json!({"roles": [{"value": "c"}, {"value": "a", "display": "A"}]});
    assert_eq!(written("roles.value", roles, &[json!("c"), json!("a")], true), after);
    assert_eq!(written("tags", json!({"tags": ["a"]}), &[json!("b"), json!("c")], true), json!({"tags": ["b", "c"]}));
}

#[test]
fn of_a_list_only_the_chosen_elements_are_written() {
    let work = "emails[type eq \"work\"].value";
    let home = json!({"type": "home", "value": "h"});
    assert_eq!(
        written(work, json!({}), &[json!("w")], false),
        json!({"emails": [{"type": "work", "value": "w", "primary": true}]})
    );
    let both = json!({"emails": [home, {"type": "work", "value": "w", "display": "W"}]});
    let changed = json!({"emails": [home, {"type": "work", "value": "v", "display": "W"}]});
    assert_eq!(written(work, both.clone(), &[json!("v")], false), changed);
    assert_eq!(written(work, both, &[], false), json!({"emails": [home]}));
    let primary = json!({"emails": [{"type": "home", "value": "h", "primary": true}]});
    let beside = written(work, primary, &[json!("w")], false);
    assert_eq!(beside["emails"][1], json!({"type": "work", "value": "w"}), "there is one to use already");
    let phone = written("phoneNumbers[type eq \"work\"].value", json!({}), &[json!("1")], false);
    assert_eq!(phone, json!({"phoneNumbers": [{"type": "work", "value": "1"}]}));
}

#[test]
fn whether_an_element_is_the_one_to_use_is_what_the_policy_says() {
    let primary = "emails[type eq \"work\"].primary";
    let after = json!({"emails": [{"type": "work", "primary": false}]});
    assert_eq!(written(primary, json!({}), &[json!(false)], false), after);
    assert_eq!(
        operations(primary, json!({}), &[json!(false)], false),
        json!([{"op": "add", "path": "emails", "value": [{"type": "work", "primary": false}]}])
    );
}

#[test]
fn a_name_that_is_there_twice_is_written_where_it_is_read() {
    let twice = json!({"TITLE": "a", "title": "b"});
    assert_eq!(written("title", twice, &[json!("c")], false), json!({"TITLE": "a", "title": "c"}));
}

#[test]
fn operations_say_only_what_changes() {
    let none = json!({});
    assert_eq!(
        operations("title", none.clone(), &[json!("t")], false),
        json!([{"op": "replace", "path": "title", "value": "t"}])
    );
    assert_eq!(
        operations("name.givenName", none.clone(), &[], false),
        json!([{"op": "remove", "path": "name.givenName"}])
    );
    let manager = format!("{ENTERPRISE}:manager.value");
    let whole = format!("{ENTERPRISE}:manager");
    assert_eq!(
        operations(&manager, none.clone(), &[json!("7")], false),
        json!([{"op": "replace", "path": whole, "value": {"value": "7"}}])
    );
    assert_eq!(operations(&manager, none.clone(), &[], false), json!([{"op": "remove", "path": whole}]));
    assert_eq!(
        operations("roles.value", none.clone(), &[json!("a")], true),
        json!([{"op": "replace", "path": "roles", "value": [{"value": "a"}]}])
    );
    assert_eq!(operations("roles.value", none, &[], true), json!([{"op": "remove", "path": "roles"}]));
}

#[test]
fn operations_on_chosen_elements_depend_on_what_is_there() {
    let work = "emails[type eq \"work\"].value";
    let (own, value) = ("emails[type eq \"work\"]", json!("w"));
    let with = |elements: Json| json!({ "emails": elements });
    let new = json!({"type": "work", "value": "w", "primary": true});
    assert_eq!(
        operations(work, with(json!([])), std::slice::from_ref(&value), false),
        json!([{"op": "add", "path": "emails", "value": [new]}])
    );
    let one = with(json!([{"type": "work", "value": "v"}]));
    assert_eq!(
        operations(work, one.clone(), std::slice::from_ref(&value), false),
        json!([{"op": "replace", "path": format!("{own}.value"), "value": "w"}])
    );
    assert_eq!(operations(work, one, &[], false), json!([{"op": "remove", "path": own}]));
    assert_eq!(operations(work, with(json!([{"type": "home", "value": "h"}])), &[], false), json!([]));
    let two = with(json!([{"type": "work", "value": "v"}, {"type": "work", "value": "u"}]));
    assert_eq!(
        operations(work, two, &[value], false),
        json!([{"op": "remove", "path": own}, {"op": "add", "path": "emails", "value": [new]}])
    );
}

#[test]
fn a_filter_quotes_what_it_looks_for() {
    assert_eq!(path("userName").filter("a\"b\\"), r#"userName eq "a\"b\\""#);
    assert_eq!(path("emails[type eq \"work\"].value").filter("x"), "emails.value eq \"x\"");
}

proptest! {
    #[test]
    fn any_text_is_a_path_or_none(text in "\\PC{0,40}|[a-z:.\\[\\]\" ]{0,30}") {
        if let Ok(path) = Path::parse(&text) {
            prop_assert_eq!(Path::parse(&path.to_string()).unwrap(), path);
        }
    }

    #[test]
    fn what_was_written_is_read_again(
        text in prop_oneof![
            Just("title".to_owned()), Just("name.givenName".to_owned()), Just("emails[type eq \"work\"].value".to_owned()),
            Just(format!("{ENTERPRISE}:manager.value")), Just("urn:example:User:badge".to_owned()),
        ],
        values in proptest::collection::vec("[a-z]{1,4}", 0..2),
    ) {
        let values: Vec<Json> = values.into_iter().map(Json::from).collect();
        let before = json!({"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "old"}], "title": "old"});
        let after = written(&text, before, &values, false);
        let read: Vec<Json> = path(&text).values(&after).into_iter().cloned().collect();
        prop_assert_eq!(read, values);
    }
}
