//! Microsoft's own library for Python gets tokens.

use crate::client::World;
use serde_json::{Value, json};
use sluss_test_servers::graph::{CLIENT, SCOPE};
use sluss_test_servers::judge;
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Runs a script with something to read, and reads what it says.
pub async fn run(mut command: Command, told: &Value) -> Value {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    child.stdin.take().unwrap().write_all(told.to_string().as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn tokens_by_secret_and_by_certificate() {
    let mut world = World::start().await;
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = tokio::task::spawn_blocking(|| judge::python(tools)).await.unwrap().unwrap();
    let known = world.graph.certificate().unwrap();
    let elsewhere = World::start().await;
    let stranger = elsewhere.graph.certificate().unwrap();
    let ask = async |secret: &str, identity: &sluss_test_servers::certificate::Identity, proofs: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(judge::script("msal_tokens.py"));
        // What the environment names would be trusted in place of what the script says.
        command
            .env_remove("CURL_CA_BUNDLE")
            .env("REQUESTS_CA_BUNDLE", world.graph.authority())
            .env("NO_PROXY", "localhost");
        let told = json!({
            "authority": world.graph.login(),
            "client": CLIENT.0,
            "secret": secret,
            "key": identity.key,
            "certificate": identity.certificate,
            "ca": world.graph.authority(),
            "scope": SCOPE,
            "proofs": proofs,
        });
        run(command, &told).await.as_array().unwrap().clone()
    };
    let good = ask(CLIENT.1, &known, &["secret", "certificate", "thumbprint"]).await;
    let tokens: Vec<&str> =
        good.iter().map(|result| result["access_token"].as_str().unwrap_or_else(|| panic!("{result}"))).collect();
    assert_eq!((tokens.len(), world.graph.seen().tokens), (3, 3));
    let bad = ask("wrong", &known, &["secret"]).await;
    assert_eq!((bad[0]["error"].as_str(), &bad[0]["error_codes"]), (Some("invalid_client"), &json!([7000215])));
    let unknown = ask(CLIENT.1, &stranger, &["certificate"]).await;
    assert_eq!(unknown[0]["error_codes"], json!([700027]), "{unknown:?}");
    world.token = tokens[1].to_owned();
    world.get("/users").await.is(200);
}
