//! What is told of a service before anything is written.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Turn, provider};
use serde_json::json;
use sluss_sdk::Severity;

fn schemas() -> Json {
    let part = |name: &str| json!({"name": name, "type": "string", "multiValued": false, "mutability": "readWrite"});
    let list = |name: &str| json!({"name": name, "type": "complex", "multiValued": true, "subAttributes": [part("value"), part("type")]});
    json!({"totalResults": 2, "Resources": [
        {"id": Class::User.schema(), "attributes": [
            part("userName"), part("title"), list("emails"),
            {"name": "active", "type": "boolean", "multiValued": false},
            {"name": "nickName", "type": "string", "multiValued": false, "mutability": "readOnly"},
        ]},
        {"id": Class::Group.schema(), "attributes": [part("displayName"), list("members")]},
    ]})
}

fn told(fake: Fake, more: Json) -> Vec<CheckResult> {
    check(&provider(fake, more))
}

fn failures(results: &[CheckResult]) -> Vec<&str> {
    let failed = results.iter().filter(|result| result.severity == Severity::Failure);
    failed.map(|result| result.message.as_str()).collect()
}

#[test]
fn all_is_well_and_what_the_service_does_not_have_is_told() {
    let fake = Fake::new();
    fake.schemas.replace(Some(schemas()));
    let results = told(fake, json!({"attributes": {"mail": {"path": "emails[type eq \"work\"].value"}}}));
    assert!(results.iter().all(|result| result.severity == Severity::Info), "{results:?}");
    let user = results.iter().find(|result| result.name == "schema user").unwrap();
    assert!(user.message.contains("department") && !user.message.contains("emails.work"), "{user:?}");
    let group = results.iter().find(|result| result.name == "schema group").unwrap();
    assert_eq!(group.message, "It has every attribute");
    assert!(results[0].message.contains("change parts of resources, look for resources, tell versions"), "{results:?}");
}

#[test]
fn what_the_settings_name_and_the_schema_does_not_have_is_a_fault() {
    let fake = Fake::new();
    fake.schemas.replace(Some(schemas()));
    let results = told(
        fake,
        json!({"initial-password": true, "attributes": {
            "a": {"path": "urn:example:2.0:User:badge"},
            "b": {"path": "emails.value"},
            "c": {"path": "title", "many": true},
            "d": {"path": "title", "kind": "boolean"},
            "e": {"path": "emails", "many": true},
            "f": {"path": "nickName"},
            "g": {"path": "emails.display", "many": true},
            "h": {"path": "kind", "class": "group"},
            "i": {"path": "externalId"},
        }}),
    );
    let failures = failures(&results);
    for (about, what) in [
        ("attributes.a", "no attribute `urn:example:2.0:User:badge`"),
        ("attributes.b", "`many = true`"),
        ("attributes.c", "only one"),
        ("attributes.d", "`kind` is wrong"),
        ("attributes.e", "a part has to be named"),
        ("attributes.f", "nobody but the service"),
        ("attributes.g", "no attribute"),
        ("attributes.h", "no attribute"),
        ("`initial-password`", "no password"),
    ] {
        assert!(failures.iter().any(|own| own.starts_with(about) && own.contains(what)), "{about}: {failures:?}");
    }
    assert_eq!(failures.len(), 9, "{failures:?}");
}

#[test]
fn what_is_wrong_is_told_with_what_to_do() {
    let fake = Fake::new();
    fake.turn("GET /ServiceProviderConfig", Turn::Says(401, Json::Null));
    let results = told(fake, json!({}));
    assert!(results.len() == 1 && failures(&results)[0].contains("check `auth`"), "{results:?}");
    let fake = Fake::new();
    fake.turn("GET /ServiceProviderConfig", Turn::Unsent);
    assert_eq!(failures(&told(fake, json!({}))).len(), 1);
    let fake = Fake::new();
    fake.config.replace(None);
    fake.turn("GET /Users", Turn::Says(404, Json::Null));
    fake.turn("GET /Groups", Turn::Says(403, Json::Null));
    let results = told(fake, json!({}));
    let failures = failures(&results);
    assert!(failures[0].contains("`url`") && failures[1].contains("allowed"), "{failures:?}");
    let warned = results.iter().filter(|result| result.severity == Severity::Warning).count();
    assert_eq!(warned, 2, "neither what it can do nor its schemas are told: {results:?}");
}
