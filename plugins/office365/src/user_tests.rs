//! Accounts: made once whatever goes wrong, changed by no more than is asked, closed before anything else.

#![allow(clippy::unwrap_used)]

use crate::fake::{E1, E3, Fake, Turn, applied, create, fault, id, refer, rejected, remove, tenant, to, update};
use crate::{Answer, Tenant};
use serde_json::{Value as Json, json};
use sluss_sdk::{Attribute, Change, Edit, ErrorKind, Operation, Outcome, Value};

fn anna(change: u64, more: &[(&str, Value)]) -> Change {
    let own = [("userPrincipalName", "anna.berg@example.org"), ("displayName", "Anna Berg"), ("employeeId", "1001")];
    let own = own.map(|(name, value)| (name, Value::from(value)));
    create(change, "user", &[&own[..], more].concat())
}

fn licensed() -> Tenant<Fake> {
    tenant(json!({"licences": ["ENTERPRISEPACK", "STANDARDPACK"], "default-usage-location": "SE"}))
}

/// The body of the only request of this kind.
fn body(tenant: &Tenant<Fake>, method: &str, url: &str) -> Json {
    let parts: Vec<Json> = tenant.graph.batches().concat();
    let mut fitting = parts.iter().filter(|part| part["method"] == method && part["url"] == url);
    let one = fitting.next().unwrap_or_else(|| panic!("no {method} {url} among {parts:?}"));
    assert!(fitting.next().is_none());
    one["body"].clone()
}

fn skus(user: &Json) -> Vec<&str> {
    user["licenseAssignmentStates"].as_array().unwrap().iter().map(|own| own["skuId"].as_str().unwrap()).collect()
}

#[test]
fn a_new_account_has_all_that_every_account_has() {
    let tenant = tenant(json!({"default-usage-location": "SE"}));
    let manager = tenant.graph.put(1, json!({}));
    let more = [
        ("manager", Value::Reference(manager.clone())),
        ("jobTitle", Value::from("")),
        ("extensionAttribute2", "x".into()),
    ];
    let outcome = tenant.one(anna(7, &more));
    assert!(applied(&outcome).computed.is_empty());
    let body = body(&tenant, "POST", "/users");
    assert_eq!(
        body,
        json!({
            "userPrincipalName": "anna.berg@example.org", "displayName": "Anna Berg", "employeeId": "1001",
            "mailNickname": "anna.berg", "accountEnabled": true, "usageLocation": "SE",
            "onPremisesExtensionAttributes": {"extensionAttribute2": "x"},
            "passwordProfile": {"password": "stand-in-7", "forceChangePasswordNextSignIn": true},
            "manager@odata.bind": format!("{}/users/{manager}", crate::fake::BASE),
        })
    );
}

#[test]
fn a_new_account_gets_its_licences_and_a_second_try_only_what_is_left() {
    let tenant = licensed();
    *tenant.graph.waits.borrow_mut() = Some(9);
    let new = id(900);
    tenant.graph.turn(&format!("POST /users/{new}/assignLicense"), Turn::Says(429, Json::Null));
    let change = anna(7, &[("licence", Value::from("ENTERPRISEPACK"))]);
    let first = tenant.one(change.clone());
    assert_eq!((rejected(&first).kind, rejected(&first).retry_after_ms), (ErrorKind::Throttled, Some(9_000)));
    let second = tenant.one(change);
    assert_eq!(applied(&second).id, new);
    assert_eq!(tenant.graph.all().len(), 1, "one account");
    assert_eq!(skus(&tenant.graph.object(&new)), [E3]);
}

#[test]
fn a_manager_who_was_made_just_now_is_waited_for() {
    let tenant = licensed();
    let manager = Value::Reference(id(55));
    let change = anna(7, &[("manager", manager)]);
    let first = tenant.one(change.clone());
    assert_eq!(rejected(&first).kind, ErrorKind::Throttled);
    assert_eq!(rejected(&first).retry_after_ms, Some(2_000));
    tenant.graph.put(55, json!({}));
    let second = tenant.one(change);
    assert_eq!(tenant.graph.object(&applied(&second).id)["manager"]["id"], json!(id(55)));
    assert_eq!(tenant.graph.heard().iter().filter(|what| *what == "POST /users").count(), 2, "with him and without");
    assert_eq!(tenant.graph.all().len(), 2);
}

#[test]
fn what_does_not_come_after_all_is_told_and_the_account_is_there() {
    let tenant = licensed();
    tenant.graph.seats.set(0);
    let change = anna(7, &[("licence", Value::from("ENTERPRISEPACK")), ("manager", Value::Reference(id(55)))]);
    let mut waits = Vec::new();
    let outcome = loop {
        match tenant.one(change.clone()) {
            Outcome::Rejected(error) if error.kind == ErrorKind::Throttled => waits.push(error.retry_after_ms.unwrap()),
            other => break other,
        }
    };
    assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 30_000], "at most so often");
    let lacking: Vec<&str> = applied(&outcome).computed.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(lacking, ["manager", "licence"]);
    let warned = tenant.graph.warned();
    assert!(warned.iter().any(|line| line.contains("All 0 seats of ENTERPRISEPACK")), "{warned:?}");
    assert!(warned.iter().all(|line| !line.contains("anna")), "{warned:?}");
}

#[test]
fn what_is_wrong_is_found_before_anything_is_sent() {
    let tenant = licensed();
    for (more, about) in [
        (("employeeId", Value::from("12345678901234567")), "takes 16"),
        (("licence", Value::from("POWER_BI")), "no licence `POWER_BI`"),
        (("proxyAddresses", Value::from("SMTP:a@example.org")), "nobody writes it"),
        (("manager", Value::Reference("x/../y".to_owned())), "by their ids"),
    ] {
        let outcome = tenant.one(anna(1, &[more]));
        assert!(rejected(&outcome).message.contains(about), "{outcome:?}");
    }
    let nameless = tenant.one(create(2, "user", &[("displayName", Value::from("Anna"))]));
    assert!(rejected(&nameless).message.contains("needs `userPrincipalName`"));
    assert!(tenant.graph.batches().is_empty());
}

#[test]
fn a_taken_name_is_told_by_its_attribute_and_an_unseen_holder_waited_for() {
    let tenant = tenant(json!({}));
    tenant.graph.put(1, json!({"userPrincipalName": "anna.berg@example.org", "employeeId": "77"}));
    let taken = tenant.one(anna(1, &[]));
    let error = rejected(&taken);
    assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("userPrincipalName")));
    tenant.graph.throw_away(&id(1));
    tenant.graph.turn("POST /users", Turn::Says(400, fault("ObjectConflict", Some("userPrincipalName"))));
    assert_eq!(rejected(&tenant.one(anna(2, &[]))).kind, ErrorKind::Throttled, "somebody has it whom nobody sees yet");
    for (holder, by) in
        [(json!({"proxyAddresses": ["smtp:anna.berg@example.org"]}), "userPrincipalName"), (json!({}), "mailNickname")]
    {
        tenant.graph.put(3, holder);
        tenant.graph.turn("POST /users", Turn::Says(400, fault("ObjectConflict", Some("proxyAddresses"))));
        let outcome = tenant.one(anna(3, &[("mailNickname", Value::from("anna"))]));
        let error = rejected(&outcome);
        assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::AlreadyExists, Some(by)));
    }
}

#[test]
fn an_account_that_an_earlier_try_made_is_gone_on_with_and_never_doubled() {
    let tenant = licensed();
    let change = anna(7, &[("licence", Value::from("ENTERPRISEPACK"))]);
    tenant.graph.turn("POST /users", Turn::Lost);
    assert!(matches!(tenant.one(change.clone()), Outcome::Unknown(error) if error.sent));
    // Another run: nothing is remembered, and the host looks first.
    let Operation::Create(attributes) = &change.operation else { unreachable!() };
    let asked = ["userPrincipalName", "licence"].map(str::to_owned);
    assert_eq!(tenant.find("user", attributes, &asked).unwrap(), None, "it is there, but without its licence");
    let outcome = tenant.one(Change { id: 8, ..change.clone() });
    assert_eq!(skus(&tenant.graph.object(&applied(&outcome).id)), [E3]);
    assert_eq!(tenant.graph.all().len(), 1);
    let found = tenant.find("user", attributes, &asked).unwrap().unwrap();
    assert_eq!(
        found.attributes,
        [Attribute::one("userPrincipalName", "anna.berg@example.org"), Attribute::one("licence", "ENTERPRISEPACK")]
    );
    // The same person's account, made otherwise by somebody else.
    let other = Change { id: 9, ..anna(9, &[("jobTitle", Value::from("Nurse"))]) };
    let outcome = tenant.one(other);
    assert!(rejected(&outcome).kind == ErrorKind::Invalid && rejected(&outcome).message.contains("sluss adopt"));
}

#[test]
fn a_failure_of_the_service_leaves_a_making_unknown_and_everything_else_to_be_done_again() {
    let tenant = licensed();
    tenant.graph.turn("POST /users", Turn::Says(503, Json::Null));
    assert!(matches!(tenant.one(anna(1, &[])), Outcome::Unknown(_)));
    let bo = tenant.graph.put(1, json!({}));
    let patch = format!("PATCH /users/{bo}");
    let change = update(2, "user", &bo, &[("jobTitle", to("Nurse"))]);
    tenant.graph.turn(&patch, Turn::Does(504));
    assert_eq!(rejected(&tenant.one(change.clone())).kind, ErrorKind::Throttled);
    assert!(matches!(tenant.one(change.clone()), Outcome::Applied(_)));
    tenant.graph.turn("POST /$batch", Turn::Lost);
    assert!(matches!(tenant.one(change), Outcome::Unknown(_)), "the host looks");
}

#[test]
fn a_change_travels_as_one_chain_and_writes_no_more_than_it_says() {
    let tenant = licensed();
    let (anna, boss) = (tenant.graph.put(1, json!({})), tenant.graph.put(2, json!({})));
    let edits = [
        ("jobTitle", to("Nurse")),
        ("licence", to("ENTERPRISEPACK")),
        ("manager", Edit::Replace(refer(&[boss]))),
        ("city", Edit::Replace(vec![])),
    ];
    assert!(matches!(tenant.one(update(1, "user", &anna, &edits)), Outcome::Applied(_)));
    let batches = tenant.graph.batches();
    let chain = batches.last().unwrap();
    assert_eq!(chain.len(), 3);
    assert_eq!(chain[0]["body"], json!({"jobTitle": "Nurse", "city": null, "usageLocation": "SE"}));
    assert_eq!((&chain[1]["dependsOn"], &chain[2]["dependsOn"]), (&json!(["1"]), &json!(["2"])));
    tenant.graph.heard();
    let same = [("licence", to("ENTERPRISEPACK"))];
    assert!(matches!(tenant.one(update(2, "user", &anna, &same)), Outcome::Unchanged(_)));
    assert!(tenant.graph.heard().iter().all(|what| what.starts_with("GET ")), "nothing changed, nothing written");
}

#[test]
fn licences_of_others_and_of_groups_are_left_alone() {
    let tenant = tenant(json!({"licences": ["ENTERPRISEPACK"]}));
    let state = |sku: &str, group: Json| json!({"skuId": sku, "assignedByGroup": group});
    let states = json!([state(E3, Json::Null), state(E1, Json::Null), state(E3, json!(id(9)))]);
    let anna = tenant.graph.put(1, json!({"licenseAssignmentStates": states}));
    assert!(matches!(tenant.one(update(1, "user", &anna, &[("licence", Edit::Replace(vec![]))])), Outcome::Applied(_)));
    let body = body(&tenant, "POST", &format!("/users/{anna}/assignLicense"));
    assert_eq!(body, json!({"addLicenses": [], "removeLicenses": [E3]}));
    let nowhere = tenant.one(update(2, "user", &anna, &[("licence", to("ENTERPRISEPACK"))]));
    assert!(rejected(&nowhere).message.contains("`usageLocation`"));
}

#[test]
fn closing_ends_sessions_and_nothing_stands_in_its_way() {
    let tenant = licensed();
    let anna = tenant.graph.put(1, json!({}));
    let bad = [("jobTitle", to("x".repeat(200))), ("enabled", to(false))];
    let outcome = tenant.one(update(1, "user", &anna, &bad));
    assert!(rejected(&outcome).message.contains("takes 128"), "{outcome:?}");
    let user = tenant.graph.object(&anna);
    assert_eq!((&user["accountEnabled"], user["signInSessionsValidFromDateTime"].is_null()), (&json!(false), false));
    let chain = tenant.graph.batches().pop().unwrap();
    assert_eq!(chain[0]["body"], json!({"accountEnabled": false}));
    assert_eq!(chain[1]["dependsOn"], json!(["1"]));
}

#[test]
fn closing_is_done_once_more_where_nobody_knows_whether_sessions_ended() {
    let tenant = licensed();
    let anna = tenant.graph.put(1, json!({}));
    let close = update(1, "user", &anna, &[("enabled", to(false))]);
    tenant.graph.turn("POST /$batch", Turn::Lost);
    let lost = tenant.one(close.clone());
    assert_eq!(rejected(&lost).kind, ErrorKind::Unavailable, "whoever looked would see a closed account");
    tenant.graph.turn(&format!("POST /users/{anna}/revokeSignInSessions"), Turn::Says(503, Json::Null));
    assert_eq!(rejected(&tenant.one(close.clone())).kind, ErrorKind::Throttled);
    assert!(matches!(tenant.one(close), Outcome::Applied(_)));
}

#[test]
fn what_is_not_found_is_gone_only_when_it_is_sure() {
    let tenant = tenant(json!({}));
    let anna = tenant.graph.put(1, json!({}));
    tenant.graph.throw_away(&anna);
    let gone = tenant.one(update(1, "user", &anna, &[("city", to("Lysekil"))]));
    assert_eq!(rejected(&gone).kind, ErrorKind::NotFound, "it lies in the bin");
    let change = update(2, "user", &id(77), &[("city", to("Lysekil"))]);
    let kinds: Vec<ErrorKind> = (0..4).map(|_| rejected(&tenant.one(change.clone())).kind).collect();
    assert_eq!(kinds, [ErrorKind::Throttled, ErrorKind::Throttled, ErrorKind::Throttled, ErrorKind::NotFound]);
    assert_eq!(rejected(&tenant.one(remove(3, "user", &anna))).kind, ErrorKind::NotFound);
    assert_eq!(rejected(&tenant.one(remove(4, "user", "../groups"))).kind, ErrorKind::NotFound);
    assert_eq!(tenant.graph.heard().iter().filter(|what| what.contains("..")).count(), 0);
}

#[test]
fn a_manager_who_is_not_there_is_no_account_that_is_gone() {
    let tenant = tenant(json!({}));
    let anna = tenant.graph.put(1, json!({}));
    let none = update(1, "user", &anna, &[("manager", Edit::Replace(vec![]))]);
    assert!(matches!(tenant.one(none), Outcome::Applied(_)), "there was none to take away");
    let change = update(2, "user", &anna, &[("manager", Edit::Replace(refer(&[id(88)])))]);
    let last = (0..6).map(|_| tenant.one(change.clone())).last().unwrap();
    let error = rejected(&last);
    assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::Invalid, Some("manager")));
}

#[test]
fn what_active_directory_owns_is_refused_before_it_is_sent() {
    let tenant = tenant(json!({"licences": ["ENTERPRISEPACK"], "default-usage-location": "SE"}));
    tenant.graph.syncs.set(true);
    let anna = tenant.graph.put(1, json!({"onPremisesSyncEnabled": true}));
    for edits in [[("jobTitle", to("Nurse"))], [("enabled", to(false))]] {
        let outcome = tenant.one(update(1, "user", &anna, &edits));
        assert!(rejected(&outcome).message.contains("comes from Active Directory"), "{outcome:?}");
    }
    assert!(tenant.graph.heard().iter().all(|what| what.starts_with("GET ")));
    assert!(matches!(tenant.one(update(2, "user", &anna, &[("licence", to("ENTERPRISEPACK"))])), Outcome::Applied(_)));
}

#[test]
fn in_hybrid_accounts_are_met_and_never_made() {
    let tenant = tenant(json!({"mode": "hybrid", "licences": ["ENTERPRISEPACK"], "default-usage-location": "SE"}));
    tenant.graph.syncs.set(true);
    let more = [("onPremisesImmutableId", Value::from("abc=")), ("licence", Value::from("ENTERPRISEPACK"))];
    let change = create(
        1,
        "user",
        &[&[("userPrincipalName", Value::from("a@example.org")), ("displayName", "A".into())][..], &more].concat(),
    );
    let outcome = tenant.one(change.clone());
    assert!(rejected(&outcome).message.contains("not in Entra yet"), "{outcome:?}");
    let synced = json!({"onPremisesImmutableId": "abc=", "onPremisesSyncEnabled": true, "userPrincipalName": "other@example.org"});
    let anna = tenant.graph.put(1, synced);
    assert_eq!(applied(&tenant.one(change.clone())).id, anna);
    let user = tenant.graph.object(&anna);
    assert_eq!((skus(&user), &user["usageLocation"], &user["displayName"]), (vec![E3], &json!("SE"), &Json::Null));
    assert!(matches!(tenant.one(change), Outcome::Unchanged(_)));
    let refused = tenant.one(update(2, "user", &anna, &[("department", to("IT"))]));
    assert!(rejected(&refused).message.contains("comes from Active Directory"));
    tenant.graph.heard();
    assert!(matches!(tenant.one(update(3, "user", &anna, &[("enabled", to(false))])), Outcome::Applied(_)));
    let heard = tenant.graph.heard();
    assert!(heard.contains(&format!("POST /users/{anna}/revokeSignInSessions")));
    assert!(!heard.iter().any(|what| what.starts_with("PATCH")), "Active Directory closes it");
    assert!(matches!(tenant.one(remove(4, "user", &anna)), Outcome::Applied(_)));
    assert!(skus(&tenant.graph.object(&anna)).is_empty(), "it is there, without its licences");
}

#[test]
fn whoever_comes_back_gets_the_account_out_of_the_bin_if_it_is_surely_theirs() {
    let tenant = tenant(json!({"restore": "same-person"}));
    let old = tenant.graph.put(1, json!({"userPrincipalName": "anna.berg@example.org", "employeeId": "1001", "jobTitle": "Nurse", "accountEnabled": false}));
    tenant.graph.throw_away(&old);
    let patch = format!("PATCH /users/{old}");
    tenant.graph.turn(&patch, Turn::Says(503, Json::Null));
    let change = anna(1, &[("jobTitle", Value::from(""))]);
    assert_eq!(rejected(&tenant.one(change.clone())).kind, ErrorKind::Throttled);
    assert_eq!(applied(&tenant.one(change)).id, old);
    let user = tenant.graph.object(&old);
    assert_eq!((&user["accountEnabled"], &user["jobTitle"]), (&json!(true), &Json::Null));
    assert_eq!(user["passwordProfile"]["password"], "stand-in-1");
    tenant.graph.throw_away(&old);
    let namesake = tenant.one(create(
        2,
        "user",
        &[
            ("userPrincipalName", "anna.berg@example.org".into()),
            ("displayName", "Anna Berg".into()),
            ("employeeId", "2002".into()),
        ],
    ));
    assert_ne!(applied(&namesake).id, old, "another person's account stays in the bin");
}

#[test]
fn everything_that_is_read_is_read_by_name() {
    let tenant = licensed();
    let state = json!([{"skuId": E3, "assignedByGroup": null}, {"skuId": E1, "assignedByGroup": id(9)}]);
    let anna =
        tenant.graph.put(1, json!({"displayName": "Anna", "licenseAssignmentStates": state, "manager": {"id": id(2)}}));
    tenant.graph.put(3, json!({"userType": "Guest"}));
    let asked = ["displayName", "licence", "manager", "enabled", "city", "shoe-size"].map(str::to_owned);
    let page = tenant.read("user", &asked, None, 10).unwrap();
    assert_eq!(page.rows.len(), 1, "guests have a class of their own");
    let objects = tenant.get("user", &[anna.to_uppercase(), id(3), id(4), "x".to_owned()], &asked).unwrap();
    let object = objects[0].clone().unwrap();
    assert_eq!(
        object.attributes,
        [
            Attribute::one("displayName", "Anna"),
            Attribute::one("licence", "ENTERPRISEPACK"),
            Attribute::one("manager", Value::Reference(id(2))),
            Attribute::one("enabled", true),
        ]
    );
    assert_eq!(objects[1..], [None, None, None]);
    assert!(tenant.read("mailbox", &asked, None, 10).is_err());
    let seats = tenant.read("licence", &["sku", "free"].map(str::to_owned), None, 10).unwrap();
    assert_eq!(seats.rows[0].cells, [sluss_sdk::Cell::from("ENTERPRISEPACK"), sluss_sdk::Cell::from(10_i64)]);
    assert!(matches!(tenant.changes("user", &b"x".to_vec(), 10).unwrap(), Answer::Expired));
}
