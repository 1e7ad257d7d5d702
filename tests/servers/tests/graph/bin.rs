//! The bin.

use crate::client::{World, unified_group, user};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn who_was_deleted_comes_back_with_the_memberships() {
    let world = World::start().await;
    let (anna, bo, staff) = (world.somebody("anna"), world.somebody("bo"), world.group("staff"));
    world.graph.tenant(|tenant| tenant.join(&staff, &anna));
    world.put(&format!("/users/{bo}/manager/$ref"), world.reference(&anna)).await.is(204);
    world.delete(&format!("/users/{anna}")).await.is(204);
    world.delete(&format!("/users/{anna}")).await.is(404);
    world.get(&format!("/users/{anna}")).await.is(404);
    assert!(world.get(&format!("/groups/{staff}/members")).await.is(200).values().is_empty());
    world.get(&format!("/users/{bo}/manager")).await.is(404);
    let bin = world
        .get("/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime")
        .await
        .is(200);
    assert_eq!(bin.each("id"), [&anna]);
    assert_eq!(bin.values()[0]["userPrincipalName"], format!("{}anna@kommun.test", anna.replace('-', "")));
    assert!(bin.values()[0]["deletedDateTime"].is_string());
    assert_eq!(
        world.get(&format!("/directory/deletedItems/{anna}")).await.is(200).body["@odata.type"],
        "#microsoft.graph.user"
    );

    let back =
        world.send(reqwest::Method::POST, &format!("/directory/deletedItems/{anna}/restore"), None, &[]).await.is(200);
    assert_eq!(back.body["userPrincipalName"], "anna@kommun.test");
    assert_eq!(world.get(&format!("/groups/{staff}/members")).await.is(200).each("id"), [&anna]);
    assert_eq!(world.get(&format!("/users/{bo}/manager")).await.is(200).body["id"], json!(anna));
    world.post(&format!("/directory/deletedItems/{anna}/restore"), json!({})).await.is(404);
}

#[tokio::test]
async fn a_name_that_somebody_else_has_by_now_does_not_come_back() {
    let world = World::start().await;
    let anna = world.somebody("anna");
    world.patch(&format!("/users/{anna}"), json!({"mail": "anna.ek@kommun.test"})).await.is(204);
    world.delete(&format!("/users/{anna}")).await.is(204);
    let other = world.post("/users", user("anna")).await.is(201);
    world
        .patch(&format!("/users/{}", other.body["id"].as_str().unwrap()), json!({"mail": "anna.ek@kommun.test"}))
        .await
        .is(204);
    let restore = format!("/directory/deletedItems/{anna}/restore");
    assert_eq!(world.post(&restore, json!({})).await.is(400).detail(), ("ObjectConflict", "userPrincipalName"));
    let renamed = json!({"newUserPrincipalName": "anna2@kommun.test"});
    assert_eq!(world.post(&restore, renamed.clone()).await.is(400).detail(), ("ObjectConflict", "proxyAddresses"));
    world.post(&restore, json!({"newUserPrincipalName": "anna2@elsewhere.test"})).await.is(400);
    let mut reconciled = renamed;
    reconciled["autoReconcileProxyConflict"] = json!(true);
    assert_eq!(world.post(&restore, reconciled).await.is(200).body["userPrincipalName"], "anna2@kommun.test");
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 2);
}

#[tokio::test]
async fn after_thirty_days_everything_is_gone() {
    let world = World::start().await;
    let (anna, bo, staff) = (world.somebody("anna"), world.somebody("bo"), world.group("staff"));
    world.graph.tenant(|tenant| [&anna, &bo].into_iter().for_each(|user| tenant.join(&staff, user)));
    world.delete(&format!("/users/{anna}")).await.is(204);
    world.graph.advance(29 * DAY);
    let mut world = world;
    world.renew().await;
    world.get(&format!("/directory/deletedItems/{anna}")).await.is(200);
    world.graph.advance(DAY + DAY / 24);
    world.renew().await;
    world.get(&format!("/directory/deletedItems/{anna}")).await.is(404);
    world.graph.tenant(|tenant| {
        assert!(tenant.object(&anna).is_none() && !tenant.group("staff").unwrap().members.contains(&anna))
    });
    world.delete(&format!("/users/{bo}")).await.is(204);
    world.delete(&format!("/directory/deletedItems/{bo}")).await.is(204);
    world.graph.tenant(|tenant| assert!(tenant.object(&bo).is_none()));
}

#[tokio::test]
async fn groups_go_to_the_bin_or_not() {
    let world = World::start().await;
    let team = world.post("/groups", unified_group("team")).await.is(201).body["id"].as_str().unwrap().to_owned();
    let staff = world.group("staff");
    for id in [&team, &staff] {
        world.delete(&format!("/groups/{id}")).await.is(204);
    }
    assert_eq!(world.get("/directory/deletedItems/microsoft.graph.group").await.is(200).values().len(), 2);
    world.post("/groups", unified_group("team")).await.is(201);
    assert_eq!(
        world.post(&format!("/directory/deletedItems/{team}/restore"), json!({})).await.is(400).detail(),
        ("ObjectConflict", "proxyAddresses")
    );
    world.post(&format!("/directory/deletedItems/{staff}/restore"), json!({})).await.is(200);

    // As older pages have it.
    world.graph.tenant(|tenant| tenant.purges_security_groups = true);
    world.delete(&format!("/groups/{staff}")).await.is(204);
    world.get(&format!("/directory/deletedItems/{staff}")).await.is(404);
}
