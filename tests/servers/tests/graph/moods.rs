//! Moods.

use crate::client::{World, user};
use reqwest::Method;
use serde_json::json;
use sluss_test_servers::graph::Mood;
use std::time::{Duration, Instant};

#[tokio::test]
async fn it_fails_in_every_way_that_a_test_asks_for() {
    let mut world = World::start().await;
    let count = |world: &World| world.graph.tenant(|tenant| tenant.users().count());

    world.graph.next([Mood::Status(503, Some(3))]);
    let refused = world.post("/users", user("anna")).await.is(503);
    assert_eq!((refused.header("retry-after"), refused.code(), count(&world)), ("3", "serviceNotAvailable", 0));
    world.graph.next([Mood::Cut]);
    assert!(world.try_to_send(Method::POST, "/users", Some(user("anna")), &[]).await.is_err());
    assert_eq!(count(&world), 0);
    world.graph.next([Mood::StatusAfter(504, None)]);
    world.post("/users", user("anna")).await.is(504);
    assert_eq!(count(&world), 1);
    world.graph.next([Mood::CutAfter]);
    assert!(world.try_to_send(Method::POST, "/users", Some(user("bo")), &[]).await.is_err());
    assert_eq!(count(&world), 2);

    world.graph.next([Mood::Gateway(502)]);
    let page = world.get("/users").await.is(502);
    assert!(page.header("content-type").starts_with("text/html") && page.body.is_string());
    for mood in [Mood::Malformed, Mood::Half] {
        world.graph.next([mood]);
        assert!(world.get("/users").await.is(200).body.is_string());
    }
    world.graph.next([Mood::CutBody]);
    assert!(world.try_to_send(Method::GET, "/users", None, &[]).await.is_err());
    world.graph.next([Mood::WrongShape]);
    assert!(world.get("/users").await.is(200).body["value"].is_object());
    world.graph.next([Mood::Nested]);
    world.get("/users").await.is(200);
    world.graph.next([Mood::Slow(Duration::from_millis(300))]);
    let began = Instant::now();
    world.get("/users").await.is(200);
    assert!(began.elapsed() >= Duration::from_millis(300));

    world.graph.at("PATCH /users/{id}", [Mood::Well, Mood::Status(500, None)]);
    world.patch("/users/anna@kommun.test", json!({"jobTitle": "a"})).await.is(204);
    world.get("/users/anna@kommun.test").await.is(200);
    world.patch("/users/anna@kommun.test", json!({"jobTitle": "b"})).await.is(500);
    world.patch("/users/anna@kommun.test", json!({"jobTitle": "c"})).await.is(204);

    world.graph.next([Mood::ForgetTokens]);
    assert_eq!(world.get("/users").await.is(401).code(), "InvalidAuthenticationToken");
    world.renew().await;
    world.get("/users").await.is(200);
    let seen = world.graph.seen();
    assert_eq!((seen.count("POST /users"), seen.heard[1].status), (4, None));
    assert_eq!((seen.writes, seen.effects), (7, 4));
    world.graph.next([Mood::Cut]);
    world.graph.seen();
    world.get("/users").await.is(200);
}
