//! How much may be asked.

use crate::client::{World, user};
use serde_json::json;
use sluss_test_servers::graph::Limits;
use std::time::Duration;

fn after(header: &str) -> u64 {
    header.parse().unwrap()
}

#[tokio::test]
async fn writes_run_out_and_come_back() {
    let world = World::start().await;
    let id = world.somebody("anna");
    let path = format!("/users/{id}");
    world.graph.limit(Some(Limits { units: 1000.0, writes: 5.0 }));
    for at in 0..5 {
        let done = world.patch(&path, json!({"jobTitle": format!("title {at}")})).await.is(204);
        assert_eq!(done.header("x-ms-resource-unit"), "1");
        // What is near the limit is told; in between a little comes back.
        if at != 3 {
            assert_eq!(done.header("x-ms-throttle-limit-percentage").is_empty(), at < 3, "{at}");
        }
    }
    let first = world.patch(&path, json!({"jobTitle": "none"})).await.is(429);
    assert_eq!((first.code(), first.header("x-ms-throttle-information")), ("TooManyRequests", "WriteLimitExceeded"));
    assert!(first.header("x-ms-throttle-scope").starts_with("Tenant_Application/"));
    world.get(&path).await.is(200);

    // Whoever goes on waits longer.
    let second = world.patch(&path, json!({"jobTitle": "none"})).await.is(429);
    assert!(after(second.header("retry-after")) > after(first.header("retry-after")));
    world.graph.advance(Duration::from_secs(after(first.header("retry-after")) / 2));
    world.patch(&path, json!({"jobTitle": "none"})).await.is(429);
    world.graph.advance(Duration::from_secs(150));
    world.patch(&path, json!({"jobTitle": "done"})).await.is(204);
    let seen = world.graph.seen();
    assert_eq!((seen.throttled, seen.writes, seen.effects), (3, 9, 6));

    // In a batch each part is weighed alone.
    world.graph.limit(Some(Limits { units: 1000.0, writes: 2.0 }));
    let parts: Vec<_> = (0..3)
        .map(|at| {
            let headers = json!({"Content-Type": "application/json"});
            json!({"id": at.to_string(), "method": "PATCH", "url": path, "headers": headers, "body": {"jobTitle": "x"}})
        })
        .collect();
    let answer = world.post("/$batch", json!({"requests": parts})).await.is(200);
    let mut statuses: Vec<u64> =
        answer.body["responses"].as_array().unwrap().iter().map(|part| part["status"].as_u64().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 204, 429]);
    let told = answer.body["responses"].as_array().unwrap().iter().find(|part| part["status"] == 429).unwrap();
    assert!(told["headers"]["Retry-After"].as_str().unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn units_go_with_what_is_asked() {
    let world = World::start().await;
    let group = world.group("staff");
    for (path, cost) in [
        ("/users".to_owned(), "2"),
        ("/users?$select=id".to_owned(), "1"),
        ("/users?$top=5".to_owned(), "1"),
        ("/users?$expand=manager".to_owned(), "3"),
        (format!("/groups/{group}/members"), "3"),
        (format!("/groups/{group}/transitiveMembers"), "5"),
        ("/subscribedSkus".to_owned(), "3"),
        ("/groups?$select=id".to_owned(), "1"),
    ] {
        assert_eq!(world.get(&path).await.is(200).header("x-ms-resource-unit"), cost, "{path}");
    }
    world.graph.limit(Some(Limits { units: 4.0, writes: 1000.0 }));
    world.get("/users").await.is(200);
    world.get("/users").await.is(200);
    assert_eq!(world.get("/users").await.is(429).header("x-ms-throttle-information"), "ResourceUnitLimitExceeded");

    // Some do not say when to come back.
    world.graph.limit(Some(Limits { units: 1000.0, writes: 0.5 }));
    world.graph.keep_silent("POST /users");
    assert_eq!(world.post("/users", user("anna")).await.is(429).header("retry-after"), "");
    assert_ne!(world.post("/groups", json!({})).await.is(429).header("retry-after"), "");
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 0);
}
