//! Changes as requests, and answers as outcomes.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{
    Fake, Turn, applied, attribute, create, provider, references, rejected, remove, set, unknown, update,
};
use serde_json::json;
use sluss_sdk::{Edit, Update};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn outcomes(provider: &Provider<Fake>, changes: &[Change]) -> Vec<Outcome> {
    let outcomes = apply(provider, changes).unwrap();
    assert_eq!(outcomes.len(), changes.len());
    outcomes
}

fn outcome(provider: &Provider<Fake>, change: Change) -> Outcome {
    provider.features().unwrap();
    provider.service.asked();
    outcomes(provider, &[change]).remove(0)
}

fn eva() -> Vec<Attribute> {
    vec![
        attribute("userName", "eva"),
        attribute("name.givenName", "Eva"),
        attribute("emails.work", "eva@x.test"),
        attribute("department", "VO-12"),
        attribute("manager", Value::Reference("boss".into())),
        attribute("enabled", true),
        Attribute { name: "title".into(), values: Vec::new() },
    ]
}

fn users(count: usize) -> Fake {
    let fake = Fake::new();
    (0..count).for_each(|at| fake.user(&format!("u{at}"), json!({"userName": format!("n{at}"), "title": "T"})));
    fake
}

fn versioned(change: Change, version: &str) -> Change {
    let Operation::Update(update) = change.operation else { panic!("an update") };
    Change { operation: Operation::Update(Update { version: Some(version.into()), ..update }), ..change }
}

#[test]
fn an_account_is_made_with_what_is_said_of_it_and_nothing_else() {
    let provider = provider(Fake::new(), json!({"initial-password": true}));
    let outcome = outcome(&provider, create(7, "user", eva()));
    let own = applied(&outcome);
    assert_eq!((own.id.as_str(), own.version.as_deref(), own.computed.len()), ("user1", Some("W/\"1\""), 0));
    let asked = provider.service.asked();
    assert_eq!((asked.len(), asked[0].change), (1, Some(7)));
    assert_eq!(
        asked[0].body,
        Some(json!({
            "schemas": [Class::User.schema(), ENTERPRISE],
            "userName": "eva", "name": {"givenName": "Eva"}, "active": true, "password": "stand-in-7",
            "emails": [{"type": "work", "value": "eva@x.test", "primary": true}],
            ENTERPRISE: {"department": "VO-12", "manager": {"value": "boss"}},
        }))
    );
}

#[test]
fn what_the_service_makes_of_it_is_told() {
    let provider = provider(Fake::new(), json!({}));
    let told = json!({"id": "7", "userName": "EVA", "displayName": "Eva B", "name": {"givenName": "Eva"}});
    provider.service.turn("POST /Users", Turn::Says(201, told));
    let attributes = vec![attribute("userName", "eva"), attribute("name.givenName", "Eva"), attribute("title", "T")];
    let outcome = outcome(&provider, create(1, "user", attributes));
    let none = Attribute { name: "title".into(), values: Vec::new() };
    assert_eq!(applied(&outcome).computed, [attribute("userName", "EVA"), none, attribute("displayName", "Eva B")]);
}

#[test]
fn an_account_that_shall_be_closed_is_closed() {
    let provider = provider(Fake::new(), json!({}));
    let closed = vec![attribute("userName", "eva"), attribute("enabled", false)];
    provider.service.user("7", json!({"userName": "eva", "active": true}));
    provider.service.turn("POST /Users", Turn::Says(201, json!({"id": "7", "userName": "eva", "active": true})));
    assert_eq!(applied(&outcome(&provider, create(1, "user", closed.clone()))).computed, []);
    assert_eq!(provider.service.get(Class::User, "7")["active"], false);
    assert_eq!(provider.service.heard(), ["POST /Users", "PATCH /Users/7"]);
    provider.service.turn("POST /Users", Turn::Says(201, json!({"id": "7", "active": true})));
    provider.service.turn("PATCH /Users/7", Turn::Says(403, Json::Null));
    let outcome = outcome(&provider, create(1, "user", closed));
    assert_eq!(unknown(&outcome).object.as_deref(), Some("7"), "it is there, and not as it shall be");
    provider.service.turn("PATCH /Users/7", Turn::Says(200, json!({"id": "7", "active": true})));
    let outcome = self::outcome(&provider, update(2, "user", "7", vec![("enabled", set(false))]));
    assert_eq!(rejected(&outcome).attribute.as_deref(), Some("enabled"));
}

#[test]
fn whoever_has_the_name_is_found_out() {
    let fake = users(1);
    fake.users.borrow_mut()[0]["userName"] = json!("eva");
    fake.users.borrow_mut()[0]["externalId"] = json!("10");
    let provider = provider(fake, json!({}));
    let outcome = outcome(&provider, create(1, "user", eva()));
    let error = rejected(&outcome);
    assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("userName")));
    assert!(!error.message.contains("anna"), "{}", error.message);
    let refuse = || provider.service.turn("POST /Users", Turn::Says(409, Json::Null));
    refuse();
    let other = vec![attribute("userName", "x"), attribute("externalId", "10")];
    assert_eq!(rejected(&self::outcome(&provider, create(1, "user", other))).attribute.as_deref(), Some("externalId"));
    refuse();
    let nothing = self::outcome(&provider, create(1, "user", vec![attribute("userName", "x")]));
    assert_eq!((rejected(&nothing).kind, &rejected(&nothing).attribute), (ErrorKind::AlreadyExists, &None));
    provider.service.user("2", json!({"userName": "bo"}));
    let renamed = self::outcome(&provider, update(1, "user", "2", vec![("userName", set("eva"))]));
    let error = rejected(&renamed);
    assert_eq!((error.attribute.as_deref(), error.object.as_deref()), (Some("userName"), Some("2")));
    provider.service.turn("PATCH /Users/2", Turn::Says(409, Json::Null));
    let changed = self::outcome(&provider, update(1, "user", "2", vec![("title", set("x"))]));
    assert_eq!(rejected(&changed).kind, ErrorKind::Conflict, "that was not about a name");
}

#[test]
fn a_change_says_only_what_changes() {
    let provider = provider(users(1), json!({}));
    let none = Edit::Replace(Vec::new());
    let edits = vec![("title", none), ("name.familyName", set("Berg")), ("manager", set(Value::Reference("m".into())))];
    let outcome = outcome(&provider, versioned(update(1, "user", "u0", edits), "W/\"1\""));
    assert_eq!((applied(&outcome).id.as_str(), applied(&outcome).computed.len()), ("u0", 0));
    let asked = provider.service.asked();
    assert_eq!((asked.len(), asked[0].version.as_deref()), (1, Some("W/\"1\"")));
    assert_eq!(
        asked[0].body.as_ref().unwrap()["Operations"],
        json!([
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "name.familyName", "value": "Berg"},
            {"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "m"}},
        ])
    );
    let user = provider.service.get(Class::User, "u0");
    assert!(user.get("title").is_none() && user["name"]["familyName"] == "Berg", "{user}");
}

#[test]
fn parts_of_lists_are_looked_at_before_they_are_changed() {
    let provider = provider(users(1), json!({}));
    let mail = |text: &str| update(1, "user", "u0", vec![("emails.work", set(text)), ("title", set("T"))]);
    let change = |change: Change| {
        let outcome = outcome(&provider, change);
        (matches!(outcome, Outcome::Applied(_)), provider.service.get(Class::User, "u0")["emails"].clone())
    };
    let work = |text: &str| json!([{"type": "work", "value": text, "primary": true}]);
    assert_eq!(change(mail("a")), (true, work("a")));
    assert_eq!(change(mail("b")), (true, work("b")));
    assert_eq!(provider.service.asked()[1].body.as_ref().unwrap()["Operations"].as_array().unwrap().len(), 1);
    assert_eq!(change(mail("b")), (false, work("b")));
    assert_eq!(provider.service.heard(), ["GET /Users/u0"], "it was so already");
    let gone = update(1, "user", "u0", vec![("emails.work", Edit::Replace(Vec::new()))]);
    assert_eq!(change(gone.clone()), (true, Json::Null));
    assert_eq!(change(gone), (false, Json::Null));
    let lost = outcome(&provider, update(1, "user", "u9", vec![("emails.work", set("x"))]));
    assert_eq!((rejected(&lost).kind, rejected(&lost).object.as_deref()), (ErrorKind::NotFound, Some("u9")));
}

#[test]
fn taking_away_what_is_not_there_is_no_error() {
    let provider = provider(users(1), json!({}));
    let none = || Edit::Replace(Vec::new());
    let change = update(1, "user", "u0", vec![("nickName", none()), ("title", set("X"))]);
    assert!(matches!(outcome(&provider, change), Outcome::Applied(_)));
    assert_eq!(provider.service.get(Class::User, "u0")["title"], "X");
    assert_eq!(provider.service.heard(), ["PATCH /Users/u0", "GET /Users/u0", "PATCH /Users/u0"]);
    let nothing = outcome(&provider, update(1, "user", "u0", vec![("nickName", none())]));
    assert!(matches!(nothing, Outcome::Unchanged(_)), "{nothing:?}");
}

#[test]
fn what_somebody_else_changed_is_a_conflict() {
    let provider = provider(users(1), json!({}));
    for (name, requests) in [("title", 1), ("emails.work", 1)] {
        let outcome = outcome(&provider, versioned(update(1, "user", "u0", vec![(name, set("x"))]), "W/\"9\""));
        assert_eq!((rejected(&outcome).kind, provider.service.heard().len()), (ErrorKind::Conflict, requests));
    }
    let blind = crate::fake::provider(users(1).can("etag", json!({"supported": false})), json!({}));
    let outcome = outcome(&blind, versioned(update(1, "user", "u0", vec![("title", set("x"))]), "W/\"9\""));
    assert!(matches!(outcome, Outcome::Applied(_)) && blind.service.asked()[0].version.is_none());
}

#[test]
fn a_service_that_takes_nothing_less_is_given_the_whole_resource() {
    let fake = users(1).can("patch", json!({"supported": false}));
    fake.users.borrow_mut()[0]["emails"] = json!([{"type": "home", "value": "h"}]);
    fake.users.borrow_mut()[0]["groups"] = json!([{"value": "g"}]);
    fake.group("g", json!({"displayName": "G", "members": [{"value": "u0", "display": "N"}]}));
    let provider = provider(fake, json!({"members": 1}));
    let edits = vec![("emails.work", set("w")), ("department", set("D")), ("title", set("T"))];
    assert!(matches!(outcome(&provider, update(1, "user", "u0", edits.clone())), Outcome::Applied(_)));
    let asked = provider.service.asked();
    assert_eq!((asked[1].method, asked[1].version.as_deref()), ("PUT", Some("W/\"1\"")));
    assert_eq!(
        asked[1].body,
        Some(json!({
            "schemas": [Class::User.schema(), ENTERPRISE], "id": "u0", "userName": "n0", "title": "T",
            "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w", "primary": true}],
            ENTERPRISE: {"department": "D"},
        }))
    );
    assert!(matches!(outcome(&provider, update(1, "user", "u0", edits)), Outcome::Unchanged(_)));
    assert_eq!(provider.service.heard(), ["GET /Users/u0"]);
    let members = vec![("member", Edit::Remove(references(&["u9"]))), ("member", Edit::Add(references(&["u0", "u1"])))];
    assert!(matches!(outcome(&provider, update(1, "group", "g", members)), Outcome::Applied(_)));
    assert_eq!(
        provider.service.get(Class::Group, "g")["members"],
        json!([{"value": "u0", "display": "N"}, {"value": "u1"}])
    );
    let made =
        vec![attribute("displayName", "H"), Attribute { name: "member".into(), values: references(&["u0", "u1"]) }];
    let made = outcome(&provider, create(2, "group", made));
    assert_eq!(provider.service.get(Class::Group, &applied(&made).id)["members"].as_array().unwrap().len(), 2);
    let stale = outcome(&provider, versioned(update(1, "user", "u0", vec![("title", set("x"))]), "W/\"9\""));
    assert_eq!(rejected(&stale).kind, ErrorKind::Conflict);
}

fn members(provider: &Provider<Fake>) -> Vec<String> {
    let group = provider.service.get(Class::Group, "g");
    let members = group["members"].as_array().into_iter().flatten();
    members.map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

fn group(members: &[&str], more: Json) -> Provider<Fake> {
    let fake = Fake::new();
    let members: Vec<Json> = members.iter().map(|id| json!({"value": id})).collect();
    fake.group("g", json!({"displayName": "G", "members": members}));
    provider(fake, more)
}

#[test]
fn members_come_and_go_in_portions() {
    let provider = group(&["a", "b", "c"], json!({"members": 2}));
    let edits = vec![
        ("member", Edit::Remove(references(&["a", "x", "c"]))),
        ("member", Edit::Add(references(&["b", "d", "e", "e"]))),
    ];
    let outcome = outcome(&provider, versioned(update(1, "group", "g", edits), "W/\"1\""));
    assert_eq!(applied(&outcome).id, "g");
    assert_eq!(members(&provider), ["b", "d", "e"]);
    let asked = provider.service.asked();
    assert_eq!(asked[0].version.as_deref(), Some("W/\"1\""), "the first shall find the group as we know it");
    assert!(asked.iter().filter(|asked| asked.method == "PATCH").all(|asked| asked.query[0].0 == "excludedAttributes"));
    let all = self::outcome(&provider, update(2, "group", "g", vec![("member", Edit::Replace(references(&["z"])))]));
    assert!(matches!(all, Outcome::Applied(_)) && members(&provider) == ["z"]);
    self::outcome(&provider, update(2, "group", "g", vec![("member", Edit::Replace(Vec::new()))]));
    assert_eq!(members(&provider), [""; 0]);
}

#[test]
fn one_member_who_is_refused_keeps_nobody_else_out() {
    let provider = group(&[], json!({"members": 100}));
    let mut ids: Vec<String> = (0..40).map(|at| format!("u{at}")).collect();
    ids.insert(17, "nobody".into());
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let edit = Edit::Add(references(&ids));
    let outcome = outcome(&provider, update(1, "group", "g", vec![("member", edit)]));
    let error = rejected(&outcome);
    assert!(error.kind == ErrorKind::Invalid && error.message.contains("refuses 1 of the members"), "{error:?}");
    assert_eq!(members(&provider).len(), 40);
    assert!(provider.service.heard().len() < 16);
    // A group that is gone is gone, and a member that is gone is not the group.
    let gone = self::outcome(&provider, update(1, "group", "h", vec![("member", Edit::Add(references(&["a"])))]));
    assert_eq!(rejected(&gone).kind, ErrorKind::NotFound);
    provider.service.turn("PATCH /Groups/g", Turn::Says(404, Json::Null));
    let lost = self::outcome(&provider, update(1, "group", "g", vec![("member", Edit::Add(references(&["a"])))]));
    assert_eq!(rejected(&lost).kind, ErrorKind::Invalid);
}

#[test]
fn a_large_group_is_made_in_portions_and_never_twice() {
    let provider = provider(Fake::new(), json!({"members": 2}));
    let large = || {
        let members = Attribute { name: "member".into(), values: references(&["a", "b", "c", "d", "e"]) };
        create(1, "group", vec![attribute("displayName", "G"), members])
    };
    let outcome = outcome(&provider, large());
    let made = applied(&outcome).id.clone();
    assert_eq!(provider.service.get(Class::Group, &made)["members"].as_array().unwrap().len(), 5);
    assert_eq!(provider.service.heard().len(), 3);
    // What was made and is not whole is looked at before anything is tried again.
    let next = format!("group{}", provider.service.number.get() + 1);
    provider.service.turn(&format!("PATCH /Groups/{next}"), Turn::Says(429, Json::Null));
    assert_eq!(unknown(&self::outcome(&provider, large())).object.as_deref(), Some(next.as_str()));
    let odd = Attribute { name: "member".into(), values: references(&["a", "nobody"]) };
    let outcome = self::outcome(&provider, create(1, "group", vec![attribute("displayName", "G"), odd]));
    unknown(&outcome);
    let members = provider.service.groups.borrow().last().unwrap()["members"].clone();
    assert_eq!(members, json!([{"value": "a"}]), "one who is refused is no reason to have no group");
}

#[test]
fn what_is_gone_need_not_be_removed() {
    let provider = provider(users(1), json!({}));
    assert!(matches!(outcome(&provider, remove(1, "user", "u0")), Outcome::Applied(_)));
    assert!(matches!(outcome(&provider, remove(1, "user", "u0")), Outcome::Unchanged(_)));
    provider.service.turn("DELETE /Groups/g", Turn::Says(403, Json::Null));
    assert_eq!(rejected(&outcome(&provider, remove(1, "group", "g"))).kind, ErrorKind::Permission);
}

#[test]
fn of_what_may_have_been_carried_out_nobody_knows() {
    let provider = provider(users(2), json!({}));
    for turn in [Turn::Does(500), Turn::Does(504), Turn::Lost] {
        provider.service.turn("PATCH /Users/u0", turn);
        let outcome = outcome(&provider, update(1, "user", "u0", vec![("title", set("X"))]));
        assert_eq!(unknown(&outcome).object.as_deref(), Some("u0"));
    }
    provider.service.turn("POST /Users", Turn::Does(500));
    let all = outcomes(&provider, &[create(1, "user", eva()), remove(2, "user", "u1")]);
    unknown(&all[0]);
    assert!(!rejected(&all[1]).sent && provider.service.get(Class::User, "u1").is_object(), "the rest stays for later");
    provider.service.turn("DELETE /Users/u1", Turn::Says(501, Json::Null));
    assert_eq!(rejected(&outcome(&provider, remove(1, "user", "u1"))).kind, ErrorKind::Unsupported);
    provider.service.turn("POST /Users", Turn::Says(201, json!({"userName": "x"})));
    unknown(&outcome(&provider, create(1, "user", vec![attribute("userName", "x")])));
}

#[test]
fn where_nothing_was_sent_nothing_was_carried_out() {
    let unreachable = provider(Fake::new(), json!({}));
    unreachable.service.turn("GET /ServiceProviderConfig", Turn::Lost);
    let error = apply(&unreachable, &[create(1, "user", eva())]).unwrap_err();
    assert!(!error.sent && error.kind == ErrorKind::Unavailable);
    unreachable.service.turn("POST /Users", Turn::Unsent);
    let error = apply(&unreachable, &[create(1, "user", eva()), remove(2, "user", "u1")]).unwrap_err();
    assert!(!error.sent, "{error:?}");
}

#[test]
fn many_changes_travel_together_and_fail_each_for_itself() {
    let bulk = json!({"supported": true, "maxOperations": 10, "maxPayloadSize": 100_000});
    let fake = users(3).can("bulk", bulk);
    fake.group("g", json!({"displayName": "G"}));
    let provider = provider(fake, json!({"members": 2}));
    let outcomes = outcomes(
        &provider,
        &[
            create(1, "user", eva()),
            create(2, "user", vec![attribute("userName", "n0")]),
            update(3, "user", "u1", vec![("title", set("X"))]),
            versioned(update(4, "user", "u2", vec![("title", set("X"))]), "W/\"99\""),
            remove(5, "user", "u0"),
            update(6, "group", "g", vec![("member", Edit::Add(references(&["a", "b", "c"])))]),
            create(7, "printer", Vec::new()),
            update(8, "user", "u9", vec![("title", set("X"))]),
        ],
    );
    assert!(applied(&outcomes[0]).id.starts_with("user") && applied(&outcomes[0]).version.is_some());
    let taken = rejected(&outcomes[1]);
    assert_eq!((taken.kind, taken.attribute.as_deref()), (ErrorKind::AlreadyExists, None), "n0 was removed meanwhile");
    applied(&outcomes[2]);
    assert_eq!(rejected(&outcomes[3]).kind, ErrorKind::Conflict);
    applied(&outcomes[4]);
    applied(&outcomes[5]);
    assert_eq!(rejected(&outcomes[6]).kind, ErrorKind::Unsupported);
    assert_eq!(rejected(&outcomes[7]).kind, ErrorKind::NotFound);
    assert_eq!(members(&provider), ["a", "b", "c"]);
    let heard: Vec<String> = provider.service.heard().into_iter().filter(|asked| !asked.starts_with("GET")).collect();
    assert_eq!(heard, ["POST /Bulk", "PATCH /Groups/g"]);
}
