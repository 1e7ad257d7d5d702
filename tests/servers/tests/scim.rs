//! The real SCIM service does what the tests rely on.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use sluss_test_servers::Scim;
use sluss_test_servers::scim::{Fare, Gate, TOKEN, ask, send};

fn tools() -> &'static std::path::Path {
    env!("CARGO_TARGET_TMPDIR").as_ref()
}

fn user(name: &str, more: Value) -> Value {
    let mut user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name});
    if let (Value::Object(user), Value::Object(more)) = (&mut user, more) {
        user.extend(more);
    }
    user
}

#[test]
fn it_keeps_what_it_is_given_and_notes_what_it_was_asked() -> Result<()> {
    let service = Scim::start(tools())?;
    assert_eq!(service.ask("POST", "/Users", Some(&user("eva", json!({"password": "x"}))))?.0, 201);
    assert_eq!(service.ask("POST", "/Users", Some(&user("EVA", json!({}))))?.0, 409);
    assert_eq!(ask(service.port(), None, "GET", "/Users", None)?.0, 401);
    assert_eq!((service.all("Users")?.len(), service.all("Groups")?.len()), (1, 0));
    assert_eq!(service.log()?[..3], ["POST /Users 201", "POST /Users 409", "GET /Users 401"]);
    assert_eq!(service.writes()?, 2);
    let dump = service.dump()?;
    ensure!(dump.len() == 1 && dump[0]["password"] == "x", "{dump:?}");
    Ok(())
}

#[test]
fn it_does_no_more_than_it_says_of_itself() -> Result<()> {
    let no = json!({"supported": false});
    let config = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "patch": no,
        "filter": {"supported": false, "maxResults": 0}, "etag": no, "sort": no, "changePassword": no,
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0}, "authenticationSchemes": []});
    let service = Scim::able(tools(), &config)?;
    let (_, made) = service.ask("POST", "/Users", Some(&user("eva", json!({}))))?;
    let place = format!("/Users/{}", made["id"].as_str().unwrap_or_default());
    assert_eq!(service.ask("PATCH", &place, Some(&json!({})))?.0, 501);
    assert_eq!(service.ask("POST", "/Bulk", Some(&json!({})))?.0, 501);
    assert_ne!(service.ask("GET", "/Users?filter=userName%20eq%20%22eva%22", None)?.0, 200);
    Ok(())
}

#[test]
fn its_users_can_have_a_schema_more() -> Result<()> {
    let badge = json!({"name": "badge", "type": "integer", "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none", "description": "Badge"});
    let urn = "urn:example:2.0:User";
    let schema = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": urn, "name": "Example",
        "description": "Example", "attributes": [badge]});
    let service = Scim::with_schema(tools(), &schema)?;
    assert_eq!(service.ask("POST", "/Users", Some(&user("eva", json!({urn: {"badge": 7}}))))?.0, 201);
    assert_eq!(service.all("Users")?[0][urn]["badge"], 7);
    assert_eq!(service.ask("POST", "/Users", Some(&user("bo", json!({urn: {"badge": "x"}}))))?.0, 400);
    Ok(())
}

#[test]
fn a_gate_lets_requests_fare_otherwise_one_at_a_time() -> Result<()> {
    let service = Scim::start(tools())?;
    let gate = Gate::start(service.port())?;
    let post = |name: &str| ask(gate.port(), Some(TOKEN), "POST", "/Users", Some(&user(name, json!({}))));
    gate.next("POST /v2/Users", Fare::Lost);
    gate.next("POST /v2/Users", Fare::Refused(429, 7));
    gate.next("POST /v2/Users", Fare::Denied(503));
    ensure!(post("a").is_err(), "an answer that was to be lost came");
    let refused = send(gate.port(), "POST", "/Users", &[], "{}")?;
    assert_eq!((refused.status, &refused.headers[0].1), (429, &"7".to_owned()));
    assert_eq!((post("b")?.0, post("c")?.0, gate.left()), (503, 201, 0));
    assert_eq!(service.all("Users")?.len(), 3, "the first and the third were carried out");
    Ok(())
}
