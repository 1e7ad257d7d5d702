//! Groups and guests: made once, with whoever can be in them, and taken apart in the order that Graph wants.

#![allow(clippy::unwrap_used)]

use crate::Tenant;
use crate::fake::{E3, Fake, Turn, applied, create, id, refer, rejected, remove, tenant, to, update};
use serde_json::{Value as Json, json};
use sluss_sdk::{Attribute, Change, Edit, ErrorKind, Operation, Outcome, Value};

fn unit(change: u64, more: &[Attribute]) -> Change {
    let own = [Attribute::one("displayName", "Unit 1"), Attribute::one("mailNickname", "unit-1")];
    let attributes = own.into_iter().chain(more.iter().cloned()).collect();
    Change { id: change, class: "group".into(), operation: Operation::Create(attributes) }
}

fn members(tenant: &Tenant<Fake>, group: &str) -> usize {
    tenant.graph.object(group)["members"].as_array().unwrap().len()
}

fn count(heard: &[String], method: &str) -> usize {
    heard.iter().filter(|what| what.starts_with(method)).count()
}

#[test]
fn a_group_is_made_with_its_members_and_licences_and_never_twice() {
    let tenant = tenant(json!({"licences": ["ENTERPRISEPACK"]}));
    let ids: Vec<String> = (1..=45).map(|number| tenant.graph.put(number, json!({}))).collect();
    let more = [Attribute { name: "member".into(), values: refer(&ids) }, Attribute::one("licence", "ENTERPRISEPACK")];
    let group = applied(&tenant.one(unit(1, &more))).id.clone();
    assert_eq!(members(&tenant, &group), 45);
    let object = tenant.graph.object(&group);
    assert_eq!(object["assignedLicenses"][0]["skuId"], E3);
    assert_eq!(
        (&object["securityEnabled"], &object["mailEnabled"], &object["groupTypes"]),
        (&json!(true), &json!(false), &json!([]))
    );
    let again = tenant.one(unit(2, &more));
    let error = rejected(&again);
    assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("mailNickname")));
    let Operation::Create(create) = unit(3, &more).operation else { unreachable!() };
    let asked = ["displayName", "member", "licence"].map(str::to_owned);
    let found = tenant.find("group", &create, &asked).unwrap().unwrap();
    let held = found.attributes.iter().find(|own| own.name == "member").unwrap();
    assert_eq!(held.values.len(), 45, "more than an expansion tells");
}

#[test]
fn a_group_that_broke_off_before_its_licences_is_gone_on_with() {
    let tenant = tenant(json!({"licences": ["ENTERPRISEPACK"]}));
    let group = tenant.graph.group(
        1,
        json!({"displayName": "Unit 1", "mailNickname": "unit-1", "groupTypes": [],
        "mailEnabled": false, "securityEnabled": true, "createdDateTime": "2027-01-15T07:59:00Z"}),
    );
    let change = unit(1, &[Attribute::one("licence", "ENTERPRISEPACK")]);
    let Operation::Create(create) = &change.operation else { unreachable!() };
    assert_eq!(tenant.find("group", create, &["licence".to_owned()]).unwrap(), None);
    assert_eq!(applied(&tenant.one(change.clone())).id, group);
    tenant.graph.group(
        1,
        json!({"displayName": "Unit 1", "mailNickname": "unit-1", "createdDateTime": "2026-12-15T07:59:00Z"}),
    );
    assert_eq!(rejected(&tenant.one(change)).kind, ErrorKind::AlreadyExists, "it is older than a day");
}

#[test]
fn a_microsoft_365_group_has_an_owner_from_the_start() {
    let tenant = tenant(json!({}));
    let boss = tenant.graph.put(1, json!({}));
    let more = [
        Attribute::one("kind", "microsoft365"),
        Attribute::one("visibility", "Private"),
        Attribute::one("owner", Value::Reference(boss.clone())),
    ];
    let group = applied(&tenant.one(unit(1, &more))).id.clone();
    let object = tenant.graph.object(&group);
    assert_eq!((&object["groupTypes"], &object["mailEnabled"]), (&json!(["Unified"]), &json!(true)));
    assert_eq!(object["owners@odata.bind"][0], json!(format!("{}/users/{boss}", crate::fake::BASE)));
    let wrong = tenant.one(unit(2, &[Attribute::one("visibility", "Private")]));
    assert!(rejected(&wrong).message.contains("Only Microsoft 365 groups"));
    let settled = tenant.one(update(3, "group", &group, &[("kind", to("security"))]));
    assert!(rejected(&settled).message.contains("and stays"));
}

#[test]
fn whoever_can_be_added_is_whatever_is_wrong_with_others() {
    let tenant = tenant(json!({}));
    let ids: Vec<String> = (1..=50).map(|number| tenant.graph.put(number, json!({}))).collect();
    let group = tenant.graph.group(60, json!({"members": [{"id": ids[3]}, {"id": ids[30]}]}));
    let all: Vec<String> = ids.iter().cloned().chain([id(77)]).collect();
    let change = update(1, "group", &group, &[("member", Edit::Add(refer(&all)))]);
    let outcome = tenant.one(change.clone());
    assert_eq!(rejected(&outcome).kind, ErrorKind::Throttled, "one of them is not there, or not yet");
    assert_eq!(members(&tenant, &group), 50);
    tenant.graph.put(77, json!({}));
    tenant.graph.heard();
    assert!(matches!(tenant.one(change.clone()), Outcome::Applied(_)));
    assert_eq!((members(&tenant, &group), count(&tenant.graph.heard(), "PATCH")), (51, 1), "only who was missing");
    // In another run, the same is no error.
    let outcome = tenant.one(Change { id: 2, ..change });
    assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    assert_eq!(members(&tenant, &group), 51);
}

#[test]
fn members_go_by_their_reference_and_accounts_stay() {
    let tenant = tenant(json!({}));
    let ids: Vec<String> = (1..=3).map(|number| tenant.graph.put(number, json!({}))).collect();
    let group = tenant.graph.group(9, json!({"members": [{"id": ids[0]}, {"id": ids[1]}]}));
    let edits = [("member", Edit::Remove(refer(&[ids[0].clone(), id(70)]))), ("member", Edit::Add(refer(&ids[2..])))];
    assert!(matches!(tenant.one(update(1, "group", &group, &edits)), Outcome::Applied(_)));
    let heard = tenant.graph.heard();
    assert!(heard.iter().filter(|what| what.starts_with("DELETE")).all(|what| what.ends_with("/$ref")), "{heard:?}");
    assert_eq!(tenant.graph.all().len(), 4);
    let left: Vec<Json> = tenant.graph.object(&group)["members"].as_array().unwrap().clone();
    assert_eq!(left, [json!({"id": ids[1]}), json!({"id": ids[2]})]);
    let exactly = update(2, "group", &group, &[("member", Edit::Replace(refer(&ids[..1])))]);
    assert!(matches!(tenant.one(exactly), Outcome::Applied(_)));
    assert_eq!(tenant.graph.object(&group)["members"], json!([{"id": ids[0]}]));
}

#[test]
fn a_group_that_is_gone_is_no_member_who_is_not_there() {
    let tenant = tenant(json!({}));
    let anna = tenant.graph.put(1, json!({}));
    let change = update(1, "group", &id(50), &[("member", Edit::Add(refer(&[anna])))]);
    let last = (0..4).map(|_| tenant.one(change.clone())).last().unwrap();
    assert_eq!(rejected(&last).kind, ErrorKind::NotFound);
}

#[test]
fn a_group_loses_its_licences_before_it_goes() {
    let tenant = tenant(json!({}));
    let group = tenant.graph.group(1, json!({"assignedLicenses": [{"skuId": E3}]}));
    let delete = format!("DELETE /groups/{group}");
    tenant.graph.turn(&delete, Turn::Says(400, Json::Null));
    let change = remove(1, "group", &group);
    assert_eq!(rejected(&tenant.one(change.clone())).kind, ErrorKind::Throttled, "the licences go later");
    assert!(matches!(tenant.one(change), Outcome::Applied(_)));
    assert!(tenant.graph.all().is_empty());
}

#[test]
fn a_group_of_active_directory_gets_licences_and_nothing_else() {
    let tenant = tenant(json!({"licences": ["ENTERPRISEPACK"]}));
    tenant.graph.syncs.set(true);
    let anna = tenant.graph.put(1, json!({}));
    let group = tenant.graph.group(2, json!({"onPremisesSyncEnabled": true}));
    let joined = tenant.one(update(1, "group", &group, &[("member", Edit::Add(refer(&[anna])))]));
    assert!(rejected(&joined).message.contains("Active Directory"));
    assert!(matches!(
        tenant.one(update(2, "group", &group, &[("licence", to("ENTERPRISEPACK"))])),
        Outcome::Applied(_)
    ));
}

#[test]
fn a_guest_is_invited_once_with_sponsors_and_changed() {
    let tenant = tenant(json!({"guest-redirect": "https://example.org/hello", "guest-mail": false}));
    let sponsor = tenant.graph.put(1, json!({}));
    let eva = |change: u64| {
        create(
            change,
            "guest",
            &[
                ("mail", "eva@partner.example".into()),
                ("displayName", "Eva Ek".into()),
                ("message", "Welcome".into()),
                ("sponsor", Value::Reference(sponsor.clone())),
            ],
        )
    };
    tenant.graph.turn(&format!("POST /users/{}/sponsors/$ref", id(901)), Turn::Says(400, Json::Null));
    assert_eq!(rejected(&tenant.one(eva(1))).kind, ErrorKind::Throttled, "a new guest is not known everywhere yet");
    // The run broke off; another one finds what it left.
    let Operation::Create(attributes) = eva(2).operation else { unreachable!() };
    let asked = ["mail", "message"].map(str::to_owned);
    assert_eq!(tenant.find("guest", &attributes, &asked).unwrap(), None);
    let guest = applied(&tenant.one(eva(2))).id.clone();
    assert_eq!(tenant.graph.object(&guest)["sponsors"][0]["id"], json!(sponsor));
    let heard = tenant.graph.heard();
    assert_eq!(heard.iter().filter(|what| *what == "POST /invitations").count(), 1);
    let invitation = tenant.graph.batches().concat().into_iter().find(|part| part["url"] == "/invitations").unwrap();
    assert_eq!(
        invitation["body"],
        json!({"invitedUserEmailAddress": "eva@partner.example", "inviteRedirectUrl": "https://example.org/hello",
            "sendInvitationMessage": false, "invitedUserDisplayName": "Eva Ek",
            "invitedUserMessageInfo": {"customizedMessageBody": "Welcome"}})
    );
    let found = tenant.find("guest", &attributes, &asked).unwrap().unwrap();
    assert_eq!(found.attributes, [Attribute::one("mail", "eva@partner.example"), Attribute::one("message", "Welcome")]);
    assert_eq!(rejected(&tenant.one(eva(3))).kind, ErrorKind::AlreadyExists);
    let close = [("enabled", to(false)), ("sponsor", Edit::Replace(vec![])), ("message", to("Hello again"))];
    assert!(matches!(tenant.one(update(4, "guest", &guest, &close)), Outcome::Applied(_)));
    let object = tenant.graph.object(&guest);
    assert_eq!((&object["accountEnabled"], &object["sponsors"]), (&json!(false), &json!([])));
    assert!(matches!(tenant.one(update(5, "guest", &guest, &[("message", to("And again"))])), Outcome::Unchanged(_)));
    let moved = tenant.one(update(6, "guest", &guest, &[("mail", to("other@partner.example"))]));
    assert!(rejected(&moved).message.contains("and stays"));
    assert!(matches!(tenant.one(remove(7, "guest", &guest)), Outcome::Applied(_)));
}

#[test]
fn nobody_is_invited_without_knowing_where_to() {
    let tenant = tenant(json!({}));
    let outcome = tenant.one(create(1, "guest", &[("mail", "eva@partner.example".into())]));
    assert!(rejected(&outcome).message.contains("`guest-redirect`"));
    assert_eq!(rejected(&tenant.one(create(2, "licence", &[]))).kind, ErrorKind::Unsupported);
}
