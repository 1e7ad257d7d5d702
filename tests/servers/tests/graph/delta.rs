//! Delta queries.

use crate::client::{World, unified_group, user};
use reqwest::Method;
use serde_json::{Value, json};
use sluss_test_servers::graph::{Mood, Trouble};
use std::time::Duration;

/// Goes through a round: what it told, where the next one begins, and how many pages it had.
async fn round(world: &World, path: &str) -> (Vec<Value>, String, usize) {
    let (mut path, mut told, mut pages) = (path.to_owned(), Vec::new(), 0);
    loop {
        let page = world.get(&path).await.is(200);
        told.extend(page.values().iter().cloned());
        pages += 1;
        match (page.body["@odata.nextLink"].as_str(), page.body["@odata.deltaLink"].as_str()) {
            (Some(next), None) => path = next.to_owned(),
            (None, Some(end)) => return (told, end.to_owned(), pages),
            _ => panic!("{}", page.body),
        }
    }
}

fn find<'a>(told: &'a [Value], id: &str) -> &'a Value {
    told.iter().find(|value| value["id"] == json!(id)).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_round_tells_what_changed() {
    let world = World::start().await;
    let (anna, bo, cid) = (world.somebody("anna"), world.somebody("bo"), world.somebody("cid"));
    world.graph.tenant(|tenant| tenant.page = 2);
    let (told, link, pages) = round(&world, "/users/delta?$select=displayName,jobTitle,accountEnabled,manager").await;
    assert_eq!((told.len(), pages), (3, 2));
    // What was never set is not told at first.
    assert_eq!(find(&told, &anna), &json!({"id": anna, "displayName": "Prov anna", "accountEnabled": true}));
    assert_eq!(round(&world, &link).await.0, Vec::<Value>::new());

    world.patch(&format!("/users/{anna}"), json!({"jobTitle": "nurse"})).await.is(204);
    world.patch(&format!("/users/{bo}"), json!({"department": "not followed"})).await.is(204);
    world.delete(&format!("/users/{cid}")).await.is(204);
    let dan = world.post("/users", user("dan")).await.is(201).body["id"].as_str().unwrap().to_owned();
    world.put(&format!("/users/{dan}/manager/$ref"), world.reference(&anna)).await.is(204);
    let (told, link, _) = round(&world, &link).await;
    assert_eq!(told.len(), 3);
    assert_eq!(find(&told, &anna)["jobTitle"], "nurse");
    assert_eq!(find(&told, &cid), &json!({"id": cid, "@removed": {"reason": "changed"}}));
    assert_eq!(find(&told, &dan)["manager@delta"], json!([{"@odata.type": "#microsoft.graph.user", "id": anna}]));

    world.patch(&format!("/users/{anna}"), json!({"jobTitle": null})).await.is(204);
    world.delete(&format!("/directory/deletedItems/{cid}")).await.is(204);
    world.put(&format!("/users/{dan}/manager/$ref"), world.reference(&bo)).await.is(204);
    world.graph.tenant(|tenant| tenant.page = 100);
    let minimal = world.send(Method::GET, &link, None, &[("Prefer", "return=minimal")]).await.is(200);
    assert_eq!(find(minimal.values(), &anna), &json!({"id": anna, "jobTitle": null}));
    let (told, _, _) = round(&world, &link).await;
    assert_eq!(
        find(&told, &anna),
        &json!({"id": anna, "displayName": "Prov anna", "accountEnabled": true, "jobTitle": null})
    );
    assert_eq!(find(&told, &cid)["@removed"]["reason"], "deleted");
    assert_eq!(find(&told, &dan)["manager@delta"].as_array().unwrap().len(), 2);

    // From now on.
    let (told, link, _) = round(&world, "/users/delta?$deltatoken=latest").await;
    assert!(told.is_empty());
    world.patch(&format!("/users/{anna}"), json!({"jobTitle": "doctor"})).await.is(204);
    assert_eq!(round(&world, &link).await.0.len(), 1);
    let some = round(&world, &format!("/users/delta?$filter=id eq '{anna}' or id eq '{bo}'")).await;
    assert_eq!(some.0.len(), 2);
}

#[tokio::test]
async fn groups_tell_of_members() {
    let world = World::start().await;
    let users: Vec<String> = (0..7).map(|at| world.somebody(&format!("user{at}"))).collect();
    let (staff, team) =
        (world.group("staff"), world.graph.tenant(|tenant| tenant.add_group(unified_group("team"))).unwrap());
    world.graph.tenant(|tenant| {
        users.iter().for_each(|user| tenant.join(&staff, user));
        tenant.page = 3;
    });
    // A large group comes in parts.
    let (told, link, _) = round(&world, "/groups/delta").await;
    let parts: Vec<usize> = told
        .iter()
        .filter(|group| group["id"] == json!(staff))
        .map(|group| group["members@delta"].as_array().unwrap().len())
        .collect();
    assert_eq!(parts, [3, 3, 1]);
    assert!(find(&told, &team).get("members@delta").is_none());
    let (told, unfollowed, _) = round(&world, "/groups/delta?$select=displayName").await;
    assert!(told.iter().all(|group| group.get("members@delta").is_none()));

    world.delete(&format!("/groups/{staff}/members/{}/$ref", users[0])).await.is(204);
    world.post(&format!("/groups/{team}/members/$ref"), world.reference(&users[1])).await.is(204);
    world.delete(&format!("/users/{}", users[2])).await.is(204);
    assert!(round(&world, &unfollowed).await.0.is_empty());
    let (told, link, _) = round(&world, &link).await;
    let removed = json!([{"@odata.type": "#microsoft.graph.user", "id": users[0], "@removed": {"reason": "deleted"}}]);
    // Whoever is in the bin is still a member.
    assert_eq!(find(&told, &staff)["members@delta"], removed);
    assert_eq!(find(&told, &team)["members@delta"], json!([{"@odata.type": "#microsoft.graph.user", "id": users[1]}]));
    world.delete(&format!("/directory/deletedItems/{}", users[2])).await.is(204);
    let (told, _, _) = round(&world, &link).await;
    assert_eq!(find(&told, &staff)["members@delta"][0]["@removed"]["reason"], "deleted");
}

#[tokio::test]
async fn clients_have_much_to_bear() {
    let world = World::start().await;
    for alias in ["anna", "bo", "cid", "dan"] {
        world.somebody(alias);
    }
    world.graph.tenant(|tenant| {
        let gone = tenant.user("dan@kommun.test").unwrap().id.clone();
        tenant.remove(&gone);
        tenant.page = 2;
        tenant.trouble = Trouble { empty_pages: true, duplicates: true, replays: true, removed_at_first: true };
    });
    let first = world.get("/users/delta").await.is(200);
    assert!(first.values().is_empty() && first.body["@odata.nextLink"].is_string());
    let (told, link, pages) = round(&world, "/users/delta").await;
    assert_eq!((told.len(), pages), (8, 4));
    assert_eq!(told.iter().filter(|user| user.get("@removed").is_some()).count(), 2);

    world.graph.tenant(|tenant| tenant.trouble = Trouble { replays: true, ..Trouble::default() });
    let anna = world.graph.tenant(|tenant| tenant.user("anna@kommun.test").unwrap().id.clone());
    world.patch(&format!("/users/{anna}"), json!({"jobTitle": "nurse"})).await.is(204);
    let (told, link, _) = round(&world, &link).await;
    assert_eq!(told.len(), 1);
    let (told, link, _) = round(&world, &link).await;
    assert_eq!(told.len(), 1, "a replay tells of the last round again");
    assert!(round(&world, &link).await.0.is_empty());
}

#[tokio::test]
async fn what_is_not_seen_yet_is_told_later() {
    let world = World::start().await;
    world.graph.tenant(|tenant| tenant.lag = Duration::from_secs(60));
    let (_, before, _) = round(&world, "/users/delta").await;
    world.post("/users", user("anna")).await.is(201);
    let (at_first, late, _) = round(&world, "/users/delta").await;
    let (told, link, _) = round(&world, &before).await;
    assert!(told.is_empty() && at_first.is_empty());
    world.graph.advance(Duration::from_secs(61));
    assert_eq!((round(&world, &link).await.0.len(), round(&world, &late).await.0.len()), (1, 1));
}

#[tokio::test]
async fn tokens_end_and_are_forgotten() {
    let mut world = World::start().await;
    world.somebody("anna");
    let (_, link, _) = round(&world, "/users/delta").await;
    world.graph.advance(Duration::from_secs(6 * 24 * 3600));
    world.renew().await;
    let (_, newer, _) = round(&world, &link).await;
    world.graph.advance(Duration::from_secs(2 * 24 * 3600));
    world.renew().await;
    assert_eq!(world.get(&link).await.is(400).code(), "syncStateNotFound");
    world.get(&newer).await.is(200);
    world.get(&newer.replace("/users/", "/groups/")).await.is(400);

    world.graph.next([Mood::Resync]);
    let anew = world.get(&newer).await.is(410);
    assert_eq!(anew.code(), "resyncRequired");
    let (told, _, _) = round(&world, anew.header("location")).await;
    assert_eq!(told.len(), 1);
    for wrong in [
        "$deltatoken=nonsense",
        "$skiptoken=nonsense",
        "$top=5",
        "$orderby=displayName",
        "$expand=manager",
        "$filter=displayName eq 'x'",
    ] {
        world.get(&format!("/users/delta?{wrong}")).await.is(400);
    }
}
