//! Groups, their members and owners.

use crate::client::{World, security_group, unified_group};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn groups_are_made_and_changed() {
    let world = World::start().await;
    let staff = world.post("/groups", security_group("staff")).await.is(201);
    assert_eq!(
        (&staff.body["groupTypes"], &staff.body["mail"], &staff.body["proxyAddresses"]),
        (&json!([]), &Value::Null, &json!([]))
    );
    let team = world.post("/groups", unified_group("team")).await.is(201);
    assert_eq!(team.body["proxyAddresses"], json!(["SMTP:team@kommun.test", "smtp:team@kommun.onmicrosoft.test"]));
    assert_eq!(team.body["visibility"], "Public");
    let path = format!("/groups/{}", team.body["id"].as_str().unwrap());
    world.patch(&path, json!({"description": "All", "hideFromAddressLists": true})).await.is(204);
    let told = world.get(&format!("{path}?$select=description,hideFromAddressLists")).await.is(200);
    assert_eq!((&told.body["description"], &told.body["hideFromAddressLists"]), (&json!("All"), &json!(true)));
    assert_eq!(world.get("/groups?$filter=securityEnabled eq true").await.is(200).each("displayName"), ["staff"]);
    assert_eq!(
        world.get("/groups?$filter=groupTypes/any(g:g eq 'Unified')").await.is(200).each("displayName"),
        ["team"]
    );

    for (name, value) in [
        ("mailEnabled", json!(true)),
        ("securityEnabled", json!(false)),
        ("displayName", Value::Null),
        ("displayName", json!("x".repeat(257))),
        ("mailNickname", json!("a b")),
        ("hideFromAddressLists", json!(true)),
        ("proxyAddresses", json!([])),
        ("mail", json!("x@kommun.test")),
        ("nonsense", json!(1)),
    ] {
        let mut body = security_group("wrong");
        body[name] = value.clone();
        assert_eq!(world.post("/groups", body).await.is(400).code(), "Request_BadRequest", "{name} {value}");
    }
    for change in [json!({"groupTypes": []}), json!({"mailEnabled": false}), json!({"displayName": null}), json!({})] {
        world.patch(&path, change.clone()).await.is(400);
    }
    world.delete(&path).await.is(204);
    world.get(&path).await.is(404);
}

#[tokio::test]
async fn members_come_and_go() {
    let world = World::start().await;
    let (anna, bo, staff, all) =
        (world.somebody("anna"), world.somebody("bo"), world.group("staff"), world.group("all"));
    let members = format!("/groups/{staff}/members");
    world.post(&format!("{members}/$ref"), world.reference(&anna)).await.is(204);
    let again = world.post(&format!("{members}/$ref"), world.reference(&anna.to_uppercase())).await.is(400);
    assert!(again.message().contains("already exist"), "{}", again.body);
    assert_eq!(
        world
            .post(&format!("{members}/$ref"), world.reference("7d1a2b3c-0000-4000-8000-000000000000"))
            .await
            .is(404)
            .code(),
        "Request_ResourceNotFound"
    );
    world.post(&format!("{members}/$ref"), json!({"@odata.id": "https://evil.test/v1.0/users/x"})).await.is(400);
    world.post(&format!("{members}/$ref"), json!({})).await.is(400);
    world.post(&format!("/groups/{all}/members/$ref"), world.reference(&staff)).await.is(204);
    world.post(&format!("/groups/{all}/members/$ref"), world.reference(&bo)).await.is(204);

    let direct = world.get(&format!("/groups/{all}/members?$select=id")).await.is(200);
    assert_eq!(direct.each("id").len(), 2);
    assert!(direct.values().iter().all(|member| member["@odata.type"].is_string()));
    assert_eq!(world.get(&format!("/groups/{all}/members/microsoft.graph.user")).await.is(200).each("id"), [&bo]);
    assert_eq!(world.get(&format!("/groups/{all}/transitiveMembers")).await.is(200).values().len(), 3);
    assert_eq!(world.get(&format!("/users/{anna}/memberOf")).await.is(200).each("displayName"), ["staff"]);
    assert_eq!(
        world.get(&format!("/users/{anna}/transitiveMemberOf")).await.is(200).each("displayName"),
        ["all", "staff"]
    );

    world.delete(&format!("{members}/{anna}/$ref")).await.is(204);
    world.delete(&format!("{members}/{anna}/$ref")).await.is(404);
    assert!(world.graph.tenant(|tenant| tenant.members("staff")).is_empty());
    assert_eq!(
        world.graph.tenant(|tenant| tenant.members("all")),
        BTreeSet::from(["bo@kommun.test".to_owned(), "staff".to_owned()])
    );
    assert!(world.graph.seen().strays.is_empty());
}

#[tokio::test]
async fn without_the_end_of_the_path_the_user_is_deleted() {
    let world = World::start().await;
    let (anna, staff) = (world.somebody("anna"), world.group("staff"));
    world.graph.tenant(|tenant| tenant.join(&staff, &anna));
    world.delete(&format!("/groups/{staff}/members/{anna}")).await.is(204);
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 0);
    assert_eq!(world.graph.seen().strays, [anna]);
}

#[tokio::test]
async fn many_members_come_all_or_not_at_all() {
    let world = World::start().await;
    let staff = world.group("staff");
    let ids: Vec<String> = (0..25).map(|at| world.somebody(&format!("user{at}"))).collect();
    let bind = |ids: &[String]| {
        let references: Vec<String> = ids.iter().map(|id| format!("{}/directoryObjects/{id}", world.url)).collect();
        json!({"members@odata.bind": references})
    };
    let count = || world.graph.tenant(|tenant| tenant.members("staff").len());
    let path = format!("/groups/{staff}");
    world.patch(&path, bind(&ids[..21])).await.is(400);
    world.patch(&path, bind(&[&ids[..3], &["8d1a2b3c-0000-4000-8000-000000000000".to_owned()]].concat())).await.is(404);
    assert_eq!(count(), 0);
    world.patch(&path, bind(&ids[..20])).await.is(204);
    assert_eq!(count(), 20);
    world.patch(&path, bind(&ids[19..])).await.is(400);
    assert_eq!(count(), 20);

    let mut body = unified_group("team");
    body["members@odata.bind"] = bind(&ids[..10])["members@odata.bind"].clone();
    body["owners@odata.bind"] = json!([format!("{}/users/{}", world.url, ids[0])]);
    let team = world.post("/groups", body.clone()).await.is(201);
    let owners = format!("/groups/{}/owners", team.body["id"].as_str().unwrap());
    assert_eq!(world.get(&owners).await.is(200).each("id"), [&ids[0]]);
    world.delete(&format!("{owners}/{}/$ref", ids[0])).await.is(400);
    world.post(&format!("{owners}/$ref"), world.reference(&ids[1])).await.is(204);
    world.delete(&format!("{owners}/{}/$ref", ids[0])).await.is(204);
    body["mailNickname"] = json!("other");
    body["members@odata.bind"] = bind(&ids[..20])["members@odata.bind"].clone();
    world.post("/groups", body).await.is(400);
}

#[tokio::test]
async fn groups_of_a_directory_on_premises_are_left_alone() {
    let world = World::start().await;
    let (anna, staff) = (world.somebody("anna"), world.group("staff"));
    world.graph.tenant(|tenant| tenant.sync(&staff)).unwrap();
    world.post(&format!("/groups/{staff}/members/$ref"), world.reference(&anna)).await.is(400);
    world.patch(&format!("/groups/{staff}"), json!({"displayName": "x"})).await.is(400);
    world.delete(&format!("/groups/{staff}")).await.is(400);
}
