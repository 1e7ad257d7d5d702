//! What Graph takes, and what it says.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fields::Class;

fn settings(more: Json) -> Settings {
    let mut all = json!({"connection": "graph"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn user(name: &str, values: &[Value]) -> Result<Json, Error> {
    written(Class::User.field(name).unwrap(), values, &settings(json!({})))
}

fn why(name: &str, value: &str) -> String {
    let error = user(name, &[Value::from(value)]).unwrap_err();
    assert_eq!(error.attribute.as_deref(), Some(name));
    assert!(value.len() < 6 || !error.message.contains(value), "{}", error.message);
    error.message
}

#[test]
fn what_graph_would_refuse_is_refused_with_the_reason() {
    assert!(why("displayName", &"x".repeat(257)).contains("257 characters, and Graph takes 256"));
    assert!(why("jobTitle", "Line\nbreak").contains("line break"));
    assert!(why("employeeId", "12345678901234567").contains("takes 16"));
    assert!(why("mailNickname", "åsa").contains("accents"));
    assert!(why("mailNickname", "a b").contains("blanks"));
    assert!(why("usageLocation", "Sverige").contains("characters"));
    assert!(why("usageLocation", "S1").contains("two letters"));
    assert!(why("onPremisesImmutableId", "a_b").contains("$ or _"));
    assert!(why("otherMails", "anna at home").contains("no mail address"));
    assert!(why("preferredLanguage", "sv_SE").contains("sv-SE"));
    assert!(
        user("businessPhones", &[Value::from("1"), Value::from("2")]).unwrap_err().message.contains("1 values at most")
    );
    assert!(user("jobTitle", &[Value::from("a"), Value::from("b")]).unwrap_err().message.contains("one value"));
    assert!(user("displayName", &[]).unwrap_err().message.contains("cannot be emptied"));
    assert!(user("displayName", &[Value::from("")]).unwrap_err().message.contains("cannot be emptied"));
    assert!(user("employeeHireDate", &[Value::from("2026-11-23")]).unwrap_err().message.contains("is a day"));
    assert!(user("enabled", &[Value::from("yes")]).unwrap_err().message.contains("yes or no"));
}

#[test]
fn names_of_accounts_have_only_what_they_may_have() {
    for good in ["anna.berg@example.org", "o'neil@example.org", "a-b_c!d#e^f~g@x.example.org"] {
        assert_eq!(user("userPrincipalName", &[Value::from(good)]).unwrap(), json!(good));
    }
    let long = format!("{}@example.org", "x".repeat(65));
    for bad in
        ["anna", "@example.org", "åsa@example.org", "a b@example.org", "a.@example.org", "a@", "a@ex_ample.org", &long]
    {
        why("userPrincipalName", bad);
    }
    let ours = settings(json!({"domains": ["Example.org"]}));
    let field = Class::User.field("userPrincipalName").unwrap();
    assert!(written(field, &[Value::from("a@example.org")], &ours).is_ok());
    let strange = written(field, &[Value::from("a@elsewhere.org")], &ours).unwrap_err();
    assert!(strange.message.contains("elsewhere.org") && strange.message.contains("`domains`"));
}

#[test]
fn what_is_emptied_is_null_and_a_list_is_empty() {
    assert_eq!(user("jobTitle", &[]).unwrap(), Json::Null);
    assert_eq!(user("jobTitle", &[Value::from("")]).unwrap(), Json::Null);
    assert_eq!(user("businessPhones", &[]).unwrap(), json!([]));
    assert_eq!(user("employeeHireDate", &[]).unwrap(), Json::Null);
    assert_eq!(user("enabled", &[]).unwrap(), json!(true));
}

#[test]
fn days_are_days_whoever_wrote_them() {
    let date = Date::new(2026, 11, 23).unwrap();
    assert_eq!(user("employeeHireDate", &[Value::from(date)]).unwrap(), json!("2026-11-23T00:00:00Z"));
    let field = Class::User.field("employeeHireDate").unwrap();
    for text in
        ["2026-11-23T00:00:00Z", "2026-11-22T23:00:00Z", "2026-11-23T00:00:00.0000000+01:00", "2026-11-23T12:30:00Z"]
    {
        assert_eq!(of(field, &json!({"employeeHireDate": text}), None), [Value::from(date)], "{text}");
    }
    for text in ["", "soon", "2026-13-01T00:00:00Z", "2026-11-23", "2026-11-23T00:00:00", "åååååååååååååååååå"]
    {
        assert!(of(field, &json!({"employeeHireDate": text}), None).is_empty(), "{text}");
    }
    assert_eq!(moment("1970-01-02T01:00:00+01:00"), Some(86_400));
    assert_eq!(moment("1969-12-31T23:59:59Z"), Some(-1));
}

#[test]
fn what_graph_tells_is_read_by_its_shape() {
    let object = json!({
        "displayName": "Anna Berg", "jobTitle": "", "city": null, "accountEnabled": false, "otherMails": ["a@x.se"],
        "onPremisesExtensionAttributes": {"extensionAttribute3": "x", "extensionAttribute4": null},
        "manager": {"@odata.type": "#microsoft.graph.user", "id": "ABC"},
        "member": [{"@odata.type": "#microsoft.graph.user", "id": "1"}, {"@odata.type": "#microsoft.graph.group", "id": "2"}],
        "groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false,
    });
    let user = |name: &str| of(Class::User.field(name).unwrap(), &object, None);
    assert_eq!(user("displayName"), [Value::from("Anna Berg")]);
    assert!(user("jobTitle").is_empty() && user("city").is_empty() && user("extensionAttribute4").is_empty());
    assert_eq!(user("enabled"), [Value::from(false)]);
    assert_eq!(user("otherMails"), [Value::from("a@x.se")]);
    assert_eq!(user("extensionAttribute3"), [Value::from("x")]);
    assert_eq!(user("manager"), [Value::Reference("abc".to_owned())]);
    let group = |name: &str| of(Class::Group.field(name).unwrap(), &object, None);
    assert_eq!(group("member"), [Value::Reference("1".to_owned())], "a group within a group is no account");
    assert_eq!(group("kind"), [Value::from("microsoft365")]);
    let list = json!({"groupTypes": [], "mailEnabled": true, "securityEnabled": false});
    assert_eq!(of(Class::Group.field("kind").unwrap(), &list, None), [Value::from("distribution")]);
}
