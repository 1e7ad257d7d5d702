//! Users: made, told, changed.

use crate::client::{World, unified_group, user};
use reqwest::Method;
use serde_json::{Value, json};
use sluss_test_servers::graph::{Mood, Seen};
use std::time::Duration;

#[tokio::test]
async fn a_user_is_made_told_and_changed() {
    let world = World::start().await;
    let made = world.post("/users", user("anna.ek")).await.is(201);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.body["userPrincipalName"], "anna.ek@kommun.test");
    assert!(made.body.get("passwordProfile").is_none() && made.body.get("accountEnabled").is_none());

    // Ids are of any size of letters, and names work as well.
    for key in [id.to_uppercase(), "ANNA.EK@kommun.test".to_owned()] {
        let told = world.get(&format!("/users/{key}")).await.is(200);
        let mut names: Vec<&str> = told.body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "@odata.context",
                "businessPhones",
                "displayName",
                "givenName",
                "id",
                "jobTitle",
                "mail",
                "mobilePhone",
                "officeLocation",
                "preferredLanguage",
                "surname",
                "userPrincipalName",
            ]
        );
        assert_eq!((&told.body["jobTitle"], &told.body["businessPhones"]), (&Value::Null, &json!([])));
    }
    let one = json!({"extensionAttribute1": "x"});
    let change = json!({"jobTitle": "nurse", "department": "Vård", "onPremisesExtensionAttributes": one});
    world.patch(&format!("/users/{id}"), change).await.is(204);
    world
        .patch(
            &format!("/users/{id}"),
            json!({"department": null, "onPremisesExtensionAttributes": {"extensionAttribute2": "y"}}),
        )
        .await
        .is(204);
    let told = world
        .get(&format!(
            "/users/{id}?$select=jobTitle,DEPARTMENT,accountEnabled,passwordProfile,onPremisesExtensionAttributes"
        ))
        .await
        .is(200);
    let told = &told.body;
    assert_eq!(
        (&told["jobTitle"], &told["department"], &told["accountEnabled"], &told["passwordProfile"]),
        (&json!("nurse"), &Value::Null, &json!(true), &Value::Null)
    );
    assert_eq!(told["onPremisesExtensionAttributes"], json!({"extensionAttribute1": "x", "extensionAttribute2": "y"}));
    world.patch(&format!("/users/{id}"), json!({"passwordProfile": {"password": "An0ther-secret"}})).await.is(204);
    world.graph.tenant(|tenant| assert_eq!(tenant.user(id).unwrap().password.as_deref(), Some("An0ther-secret")));

    let seen = world.graph.seen();
    assert_eq!((seen.requests, seen.writes, seen.effects), (7, 4, 4));
    assert_eq!(seen.count("PATCH /users/{id}"), 3);
    assert_eq!(seen.bodies("POST /users")[0]["passwordProfile"]["password"], "***");
    assert_eq!(world.graph.seen(), Seen::default());
}

#[tokio::test]
async fn what_may_not_be_written_is_refused() {
    let world = World::start().await;
    for (change, code, what) in [
        (json!({"displayName": null}), "Request_BadRequest", "displayName"),
        (json!({"passwordProfile": null}), "Request_BadRequest", "passwordProfile"),
        (json!({"passwordProfile": {"password": "simple"}}), "Request_BadRequest", "password"),
        (json!({"userPrincipalName": "åsa@kommun.test"}), "Request_BadRequest", "userPrincipalName"),
        (json!({"userPrincipalName": "anna@elsewhere.test"}), "Request_BadRequest", "domain"),
        (json!({"userPrincipalName": "anna@federated.test"}), "Request_BadRequest", "onPremisesImmutableId"),
        (json!({"mailNickname": "anna ek"}), "Request_BadRequest", "mailNickname"),
        (json!({"proxyAddresses": ["smtp:a@kommun.test"]}), "Request_BadRequest", "read-only"),
        (json!({"assignedLicenses": []}), "Request_BadRequest", "read-only"),
        (json!({"onPremisesSyncEnabled": true}), "Request_BadRequest", "read-only"),
        (json!({"businessPhones": ["1", "2"]}), "Request_BadRequest", "businessPhones"),
        (json!({"department": ""}), "Request_BadRequest", "department"),
        (json!({"department": "x".repeat(65)}), "Request_BadRequest", "department"),
        (json!({"jobTitle": "x".repeat(129)}), "Request_BadRequest", "jobTitle"),
        (json!({"usageLocation": "SWE"}), "Request_BadRequest", "usageLocation"),
        (json!({"mail": "åsa@kommun.test"}), "Request_BadRequest", "mail"),
        (json!({"employeeHireDate": "2026-01-01"}), "Request_BadRequest", "employeeHireDate"),
        (json!({"employeeId": 7}), "Request_BadRequest", "employeeId"),
        (json!({"nonsense": "x"}), "Request_BadRequest", "nonsense"),
        (json!({"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}), "Request_BadRequest", "Extension"),
        (json!({"employeeOrgData": {"unit": "x"}}), "Request_BadRequest", "employeeOrgData"),
        (json!({"extension_0123456789abcdef0123456789abcdef_rank": "x"}), "Request_BadRequest", "extension"),
        (json!({"skills": ["reading"]}), "Request_BadRequest", "another service"),
    ] {
        let mut body = user("anna");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = world.post("/users", body).await.is(400);
        assert_eq!(refused.code(), code, "{change}");
        assert!(refused.message().contains(what), "{change}: {}", refused.body);
        let inner = &refused.body["error"]["innerError"];
        assert_eq!(inner["request-id"].as_str().unwrap().len(), 36);
        assert_eq!(inner["client-request-id"].as_str(), Some(refused.header("client-request-id")));
    }
    for name in ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"] {
        let mut body = user("anna");
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(world.post("/users", body).await.is(400).detail(), ("MissingValue", name));
    }
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 0);
    let id = world.somebody("anna");
    for change in [
        json!({"usageLocation": null}),
        json!({}),
        json!({"displayName": ""}),
        json!([]),
        json!({"isResourceAccount": true}),
    ] {
        world.patch(&format!("/users/{id}"), change).await.is(400);
    }
    world.patch(&format!("/users/{id}"), json!({"skills": ["reading"]})).await.is(204);
    let extension = "extension_0123456789abcdef0123456789abcdef_rank";
    world.graph.tenant(|tenant| tenant.extensions.insert(extension.to_owned()));
    world.patch(&format!("/users/{id}"), json!({extension: "x"})).await.is(204);
    let told = world.get(&format!("/users/{id}?$select={extension}")).await.is(200);
    assert_eq!(told.body[extension], "x");
    assert_eq!(world.get("/users?$select=nonsense").await.is(400).code(), "BadRequest");
    assert_eq!(world.get("/nothing").await.is(404).code(), "BadRequest");
    assert_eq!(world.delete("/users").await.status, 405);
}

#[tokio::test]
async fn names_and_addresses_belong_to_one_object() {
    let world = World::start().await;
    let anna = world.somebody("anna");
    let again = world.post("/users", user("Anna")).await.is(400);
    assert_eq!((again.code(), again.detail()), ("Request_BadRequest", ("ObjectConflict", "userPrincipalName")));
    let path = format!("/users/{anna}");
    let addresses = async || {
        let told = world.get(&format!("{path}?$select=mail,proxyAddresses")).await.is(200);
        (told.body["mail"].clone(), told.body["proxyAddresses"].clone())
    };
    assert_eq!(addresses().await, (Value::Null, json!([])));
    world.patch(&path, json!({"mail": "anna.ek@kommun.test"})).await.is(204);
    assert_eq!(addresses().await, (json!("anna.ek@kommun.test"), json!(["SMTP:anna.ek@kommun.test"])));
    world.patch(&path, json!({"mail": "anna.al@kommun.test"})).await.is(204);
    assert_eq!(addresses().await.1, json!(["SMTP:anna.al@kommun.test", "smtp:anna.ek@kommun.test"]));

    // Old addresses are still hers, also against groups.
    let bo = world.somebody("bo");
    let taken = world.patch(&format!("/users/{bo}"), json!({"mail": "ANNA.EK@kommun.test"})).await.is(400);
    assert_eq!(taken.detail(), ("ObjectConflict", "proxyAddresses"));
    let taken = world.post("/groups", unified_group("anna.ek")).await.is(400);
    assert_eq!(taken.detail(), ("ObjectConflict", "proxyAddresses"));
    world.post("/groups", unified_group("team")).await.is(201);
    let taken = world.patch(&format!("/users/{bo}"), json!({"mail": "team@kommun.test"})).await.is(400);
    assert_eq!(taken.detail(), ("ObjectConflict", "proxyAddresses"));

    // With a mailbox come the name and an address where the tenant began.
    let sku = world.graph.tenant(|tenant| tenant.sku("ENTERPRISEPACK").unwrap().id.clone());
    let licence = json!({"addLicenses": [{"skuId": sku}], "removeLicenses": []});
    world.post(&format!("{path}/assignLicense"), licence.clone()).await.is(200);
    assert_eq!(
        addresses().await.1,
        json!([
            "SMTP:anna.al@kommun.test",
            "smtp:anna.ek@kommun.test",
            "smtp:anna@kommun.test",
            "smtp:anna@kommun.onmicrosoft.test"
        ])
    );
    world.patch(&path, json!({"userPrincipalName": "anna.new@kommun.test"})).await.is(204);
    assert!(addresses().await.1.as_array().unwrap().contains(&json!("smtp:anna.new@kommun.test")));

    // Whoever has a free name but not a free address hears of it only with the licence.
    let other = world.post("/users", user("anna")).await.is(201);
    let other = other.body["id"].as_str().unwrap();
    let refused = world.post(&format!("/users/{other}/assignLicense"), licence).await.is(400);
    assert_eq!(refused.detail(), ("ObjectConflict", "proxyAddresses"));
}

#[tokio::test]
async fn a_manager_and_sponsors_are_referred_to() {
    let world = World::start().await;
    let (anna, bo) = (world.somebody("anna"), world.somebody("bo"));
    let manager = format!("/users/{anna}/manager/$ref");
    world.get(&format!("/users/{anna}/manager")).await.is(404);
    world.put(&manager, world.reference(&bo)).await.is(204);
    world.put(&manager, json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{bo}")})).await.is(204);
    assert_eq!(world.get(&format!("/users/{anna}/manager")).await.is(200).body["id"], json!(bo));
    assert!(world.get(&manager).await.is(200).body["@odata.id"].as_str().unwrap().ends_with(&bo));
    let expanded =
        world.get(&format!("/users/{anna}?$select=id&$expand=manager($select=id,displayName)")).await.is(200);
    assert_eq!(expanded.body["manager"]["displayName"], "Prov bo");
    world.put(&manager, world.reference("6d1a2b3c-0000-4000-8000-000000000000")).await.is(404);
    world.put(&manager, json!({"@odata.id": "bo"})).await.is(400);
    world.delete(&manager).await.is(204);
    world.delete(&manager).await.is(404);
    let made = world
        .post("/users", {
            let mut body = user("cid");
            body["manager@odata.bind"] = json!(format!("{}/users/{bo}", world.url));
            body
        })
        .await
        .is(201);
    assert_eq!(
        world.get(&format!("/users/{}/manager", made.body["id"].as_str().unwrap())).await.is(200).body["id"],
        json!(bo)
    );

    let sponsors = format!("/users/{anna}/sponsors");
    world.post(&format!("{sponsors}/$ref"), world.reference(&bo)).await.is(204);
    world.post(&format!("{sponsors}/$ref"), world.reference(&bo)).await.is(400);
    assert_eq!(world.get(&sponsors).await.is(200).each("id"), [&bo]);
    world.delete(&format!("{sponsors}/{bo}/$ref")).await.is(204);
    assert!(world.get(&sponsors).await.is(200).values().is_empty());

    let before =
        world.graph.tenant(|tenant| tenant.user(&anna).unwrap().text("signInSessionsValidFromDateTime").to_owned());
    world.graph.advance(Duration::from_secs(60));
    assert_eq!(world.post(&format!("/users/{anna}/revokeSignInSessions"), json!({})).await.is(200).body["value"], true);
    assert!(
        world
            .graph
            .tenant(|tenant| tenant.user(&anna).unwrap().text("signInSessionsValidFromDateTime") > before.as_str())
    );
}

#[tokio::test]
async fn what_a_directory_on_premises_owns_is_not_written() {
    let world = World::start().await;
    let (anna, boss) = (world.somebody("anna"), world.somebody("boss"));
    world.graph.tenant(|tenant| tenant.sync(&anna)).unwrap();
    for change in [
        json!({"jobTitle": "x"}),
        json!({"mobilePhone": "1"}),
        json!({"accountEnabled": false}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute1": "x"}}),
    ] {
        let refused = world.patch(&format!("/users/{anna}"), change).await.is(400);
        assert!(refused.message().contains("on-premises mastered"), "{}", refused.body);
    }
    world.put(&format!("/users/{anna}/manager/$ref"), world.reference(&boss)).await.is(400);
    world.patch(&format!("/users/{anna}"), json!({"usageLocation": "NO"})).await.is(204);

    // Somebody with a role is not disabled, renamed or deleted by whoever may write users.
    world.graph.tenant(|tenant| tenant.protect(&boss));
    for change in [json!({"accountEnabled": false}), json!({"mobilePhone": "1"})] {
        assert_eq!(world.patch(&format!("/users/{boss}"), change).await.is(403).code(), "Authorization_RequestDenied");
    }
    world.patch(&format!("/users/{boss}"), json!({"department": "x"})).await.is(204);
    world.delete(&format!("/users/{boss}")).await.is(403);
}

#[tokio::test]
async fn without_a_permission_nothing_is_done() {
    let world = World::start().await;
    let anna = world.somebody("anna");
    let leave = json!({"employeeLeaveDateTime": "2026-08-31T22:00:00Z"});
    world.patch(&format!("/users/{anna}"), leave.clone()).await.is(204);
    world.graph.tenant(|tenant| tenant.permissions.remove("User-LifeCycleInfo.ReadWrite.All"));
    world.patch(&format!("/users/{anna}"), leave).await.is(403);
    world.graph.tenant(|tenant| tenant.permissions.retain(|name| name.ends_with("Read.All")));
    world.patch(&format!("/users/{anna}"), json!({"department": "x"})).await.is(403);
    world.get("/users").await.is(403);
    world.get("/organization").await.is(200);
    world.graph.tenant(|tenant| tenant.permissions.insert("User.Read.All".to_owned()));
    world.get("/users").await.is(200);
    world.delete(&format!("/users/{anna}")).await.is(403);
    assert_eq!(world.graph.tenant(|tenant| tenant.users().count()), 1);
}

#[tokio::test]
async fn a_new_user_is_not_seen_at_once_and_never_made_twice() {
    let world = World::start().await;
    let group = world.group("staff");
    world.graph.tenant(|tenant| tenant.lag = Duration::from_secs(60));
    world.graph.at("POST /users", [Mood::CutAfter]);
    assert!(world.try_to_send(Method::POST, "/users", Some(user("anna")), &[]).await.is_err());
    let again = world.post("/users", user("anna")).await.is(400);
    assert_eq!(again.detail(), ("ObjectConflict", "userPrincipalName"));
    let id = world.graph.tenant(|tenant| tenant.users().next().unwrap().id.clone());
    world.get(&format!("/users/{id}")).await.is(404);
    world.get("/users/anna@kommun.test").await.is(404);
    assert!(world.get("/users?$filter=userPrincipalName eq 'anna@kommun.test'").await.is(200).values().is_empty());
    world.post(&format!("/groups/{group}/members/$ref"), world.reference(&id)).await.is(404);
    world.graph.advance(Duration::from_secs(61));
    world.get(&format!("/users/{id}")).await.is(200);
    world.post(&format!("/groups/{group}/members/$ref"), world.reference(&id)).await.is(204);

    // Old values are told for a while as well.
    world.patch(&format!("/users/{id}"), json!({"jobTitle": "nurse"})).await.is(204);
    world.patch(&format!("/users/{id}"), json!({"jobTitle": "doctor"})).await.is(204);
    assert_eq!(world.get(&format!("/users/{id}")).await.is(200).body["jobTitle"], Value::Null);
    world.graph.advance(Duration::from_secs(61));
    assert_eq!(world.get(&format!("/users/{id}")).await.is(200).body["jobTitle"], "doctor");
}
