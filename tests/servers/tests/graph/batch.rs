//! Batches.

use crate::client::{World, user};
use serde_json::{Value, json};
use sluss_test_servers::graph::Mood;
use std::collections::BTreeMap;

fn part(id: &str, method: &str, url: &str, body: Option<Value>) -> Value {
    let mut part = json!({"id": id, "method": method, "url": url});
    if let Some(body) = body {
        part["body"] = body;
        part["headers"] = json!({"Content-Type": "application/json"});
    }
    part
}

async fn outcomes(world: &World, parts: &[Value]) -> BTreeMap<String, Value> {
    let answer = world.post("/$batch", json!({"requests": parts})).await.is(200);
    let responses = answer.body["responses"].as_array().unwrap().clone();
    responses.into_iter().map(|response| (response["id"].as_str().unwrap().to_owned(), response)).collect()
}

#[tokio::test]
async fn each_part_has_its_own_outcome() {
    let world = World::start().await;
    world.somebody("anna");
    world.graph.at("PATCH /users/{id}", [Mood::Well, Mood::Status(429, Some(7))]);
    let mut after = part("6", "GET", "/users", None);
    after["dependsOn"] = json!(["3"]);
    let mut fine = part("7", "GET", "/users/bo@kommun.test", None);
    fine["dependsOn"] = json!(["2"]);
    let mut counted = part("8", "GET", "/users?$filter=accountEnabled ne false&$count=true", None);
    counted["headers"] = json!({"ConsistencyLevel": "eventual"});
    let outcomes = outcomes(
        &world,
        &[
            part("1", "GET", "/users/anna@kommun.test?$select=id", None),
            part("2", "POST", "users", Some(user("bo"))),
            part("3", "GET", "/users/nobody@kommun.test", None),
            part("4", "PATCH", "/users/anna@kommun.test", Some(json!({"jobTitle": "nurse"}))),
            part("5", "PATCH", "/users/anna@kommun.test", Some(json!({"jobTitle": "doctor"}))),
            after,
            fine,
            counted,
        ],
    )
    .await;
    let statuses: Vec<u64> = outcomes.values().map(|outcome| outcome["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 201, 404, 204, 429, 424, 200, 200]);
    assert_eq!(outcomes["5"]["headers"]["Retry-After"], "7");
    assert_eq!(outcomes["6"]["body"]["error"]["code"], "FailedDependency");
    assert_eq!(outcomes["8"]["body"]["@odata.count"], 2);
    assert!(outcomes["4"].get("body").is_none());
    world.graph.tenant(|tenant| assert_eq!(tenant.user("anna@kommun.test").unwrap().text("jobTitle"), "nurse"));
    let seen = world.graph.seen();
    assert_eq!((seen.requests, seen.writes, seen.effects, seen.throttled), (1, 3, 2, 1));
    assert_eq!(seen.by_what()["PATCH /users/{id}"], 2);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole() {
    let world = World::start().await;
    let one = part("1", "POST", "/users", Some(user("anna")));
    let mut lost = one.clone();
    lost["dependsOn"] = json!(["2"]);
    let (mut round, mut other) = (one.clone(), part("2", "GET", "/users", None));
    (round["dependsOn"], other["dependsOn"]) = (json!(["2"]), json!(["1"]));
    let mut bare = one.clone();
    bare.as_object_mut().unwrap().remove("headers");
    let many: Vec<Value> = (0..21).map(|at| part(&at.to_string(), "GET", "/users", None)).collect();
    for (body, what) in [
        (json!({}), "requests"),
        (json!({"requests": []}), "no request"),
        (json!({"requests": many}), "maximum value of 20"),
        (json!({"requests": [one, one]}), "unique"),
        (json!({"requests": [part("", "GET", "/users", None)]}), "id"),
        (json!({"requests": [part("1", "GET", "https://graph.microsoft.com/v1.0/users", None)]}), "relative"),
        (json!({"requests": [lost]}), "dependsOn"),
        (json!({"requests": [round, other]}), "depend on each other"),
        (json!({"requests": [bare]}), "content type"),
    ] {
        let refused = world.post("/$batch", body).await.is(400);
        assert!(refused.message().contains(what), "{what}: {}", refused.body);
    }
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 0);
    assert_eq!(
        outcomes(&world, &[part("1", "POST", "/$batch", Some(json!({"requests": []})))]).await["1"]["status"],
        400
    );
    assert_eq!(outcomes(&world, &[part("1", "GET", "/users?$nonsense=1", None)]).await["1"]["status"], 400);
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_was_carried_out() {
    let world = World::start().await;
    world.graph.at("POST /users", [Mood::Well, Mood::CutAfter]);
    let make = |id: &str, alias: &str| part(id, "POST", "/users", Some(user(alias)));
    let parts = json!({"requests": [make("1", "anna"), make("2", "bo")]});
    assert!(world.try_to_send(reqwest::Method::POST, "/$batch", Some(parts), &[]).await.is_err());
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 2);
}
