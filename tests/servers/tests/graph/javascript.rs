//! Microsoft's own client for JavaScript pages, batches, and waits when it is asked to.

use crate::client::World;
use crate::msal::run;
use serde_json::json;
use sluss_test_servers::graph::Mood;
use sluss_test_servers::judge;
use std::path::Path;
use tokio::process::Command;

#[tokio::test]
async fn the_official_client_gets_along() {
    let world = World::start().await;
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tokio::task::spawn_blocking(|| judge::node(tools)).await.unwrap().unwrap();
    let mut expected: Vec<String> = (0..23).map(|at| format!("user{at}@kommun.test")).collect();
    for name in &expected {
        world.somebody(name.split('@').next().unwrap());
    }
    expected.sort();
    world.graph.at("GET /users/{id}", [Mood::Well, Mood::Well, Mood::Status(429, Some(1)), Mood::Status(429, Some(1))]);
    let mut command = Command::new("node");
    command.arg(judge::script("graph_client.cjs")).env("NODE_PATH", folder.join("node_modules"));
    command.env("NODE_EXTRA_CA_CERTS", world.graph.authority());
    let origin = world.url.strip_suffix("/v1.0").unwrap();
    let said =
        run(command, &json!({"origin": origin, "token": world.token, "top": 5, "later": "user7@kommun.test"})).await;

    let mut names: Vec<&str> = said["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
    let status = |id: &str| said["parts"][id]["status"].as_u64().unwrap();
    assert_eq!([status("1"), status("2"), status("3"), status("4"), status("5")], [200, 404, 201, 404, 424]);
    assert_eq!(said["parts"]["3"]["body"]["displayName"], "By batch");
    assert_eq!(said["later"]["userPrincipalName"], "user7@kommun.test");
    assert!(said["waited"].as_u64().unwrap() >= 2000, "{}", said["waited"]);
    assert_eq!(
        (&said["refused"]["status"], &said["refused"]["code"]),
        (&json!(400), &json!("Request_UnsupportedQuery"))
    );
    let seen = world.graph.seen();
    assert_eq!((seen.count("GET /users"), seen.count("GET /users/{id}"), seen.throttled), (6, 5, 2));
}
