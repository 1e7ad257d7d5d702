//! Prism finds nothing wrong in a long conversation, and finds what is wrong.

use crate::client::{World, unified_group, user};
use serde_json::{Value, json};
use sluss_test_servers::graph::Mood;
use sluss_test_servers::judge::Prism;
use std::path::Path;

/// Graph, a client that reaches it by way of Prism, and Prism.
async fn judged() -> (World, Prism) {
    let mut world = World::start().await;
    let prism = Prism::start(Path::new(env!("CARGO_TARGET_TMPDIR")), &world.graph).await.unwrap();
    world.url = prism.url();
    (world, prism)
}

#[tokio::test]
async fn a_long_conversation_keeps_to_the_contract() {
    let (world, prism) = judged().await;
    let sku = world.graph.tenant(|tenant| tenant.sku("ENTERPRISEPACK").unwrap().id.clone());
    let made = world.post("/users", user("anna")).await.is(201);
    let anna = made.body["id"].as_str().unwrap();
    let mut with_manager = user("bo");
    with_manager["manager@odata.bind"] = json!(format!("{}/users/{anna}", world.url));
    let bo = world.post("/users", with_manager).await.is(201).body["id"].as_str().unwrap().to_owned();
    world.post("/users", user("anna")).await.is(400);
    let change = json!({
        "department": "Vård",
        "jobTitle": null,
        "businessPhones": ["+46 70 000 00 00"],
        "employeeHireDate": "2026-08-01T00:00:00Z",
        "employeeOrgData": {"costCenter": "1", "division": null},
        "onPremisesExtensionAttributes": {"extensionAttribute1": "x"},
        "otherMails": ["anna@elsewhere.test"],
        "usageLocation": "SE",
    });
    world.patch(&format!("/users/{anna}"), change).await.is(204);
    let every = "id,accountEnabled,assignedLicenses,assignedPlans,businessPhones,createdDateTime,deletedDateTime,department,\
                 employeeHireDate,employeeOrgData,externalUserState,identities,licenseAssignmentStates,mail,mailNickname,\
                 onPremisesExtensionAttributes,onPremisesImmutableId,onPremisesSyncEnabled,otherMails,passwordProfile,\
                 provisionedPlans,proxyAddresses,securityIdentifier,showInAddressList,signInSessionsValidFromDateTime,\
                 usageLocation,userPrincipalName,userType";
    world.get(&format!("/users/{anna}?$select={every}")).await.is(200);
    world.get(&format!("/users/{bo}?$expand=manager")).await.is(200);
    world.get("/users/nobody@kommun.test").await.is(404);
    let mut page = world.get("/users?$top=1").await.is(200);
    while let Some(next) = page.body["@odata.nextLink"].as_str() {
        assert!(next.starts_with(&world.url), "a page goes on past Prism: {next}");
        page = world.get(next).await.is(200);
    }
    world.get_eventually("/users?$filter=onPremisesImmutableId eq 'x'&$count=true&$orderby=displayName").await.is(200);
    world.get("/users?$filter=accountEnabled ne true").await.is(400);
    world.get("/users?$filter=proxyAddresses/any(p:p eq 'smtp:x@kommun.test')").await.is(200);

    world.put(&format!("/users/{anna}/manager/$ref"), world.reference(&bo)).await.is(204);
    world.get(&format!("/users/{anna}/manager")).await.is(200);
    world.get(&format!("/users/{anna}/manager/$ref")).await.is(200);
    world.delete(&format!("/users/{anna}/manager/$ref")).await.is(204);
    world.post(&format!("/users/{anna}/revokeSignInSessions"), json!({})).await.is(200);
    world.post(&format!("/users/{anna}/sponsors/$ref"), world.reference(&bo)).await.is(204);
    world.get(&format!("/users/{anna}/sponsors")).await.is(200);

    let mut team = unified_group("team");
    team["owners@odata.bind"] = json!([format!("{}/users/{anna}", world.url)]);
    let team = world.post("/groups", team).await.is(201).body["id"].as_str().unwrap().to_owned();
    let staff = world.group("staff");
    for group in [&team, &staff] {
        world.post(&format!("/groups/{group}/members/$ref"), world.reference(anna)).await.is(204);
        world.post(&format!("/groups/{group}/members/$ref"), world.reference(anna)).await.is(400);
    }
    world
        .patch(
            &format!("/groups/{staff}"),
            json!({"description": "x", "members@odata.bind": [format!("{}/users/{bo}", world.url)]}),
        )
        .await
        .is(204);
    for path in ["members", "owners", "transitiveMembers", "membersWithLicenseErrors"] {
        world.get(&format!("/groups/{staff}/{path}")).await.is(200);
    }
    world.get(&format!("/groups/{team}?$expand=members")).await.is(200);
    world.get("/groups?$top=1&$filter=startsWith(displayName,'s')").await.is(200);
    world.get(&format!("/users/{anna}/memberOf")).await.is(200);
    world.get(&format!("/users/{anna}/transitiveMemberOf")).await.is(200);

    let licence = json!({"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []});
    world.get("/subscribedSkus").await.is(200);
    world.post(&format!("/users/{anna}/assignLicense"), licence.clone()).await.is(200);
    world.graph.tenant(|tenant| tenant.sku_mut("ENTERPRISEPACK").unwrap().seats = 1);
    world.post(&format!("/groups/{staff}/assignLicense"), licence).await.is(202);
    world.get(&format!("/groups/{staff}/membersWithLicenseErrors")).await.is(200);
    world.get(&format!("/users/{bo}?$select={every}")).await.is(200);
    world.get(&format!("/users/{anna}/licenseDetails")).await.is(200);
    world.get(&format!("/users/{anna}/mailboxSettings")).await.is(200);
    world.get(&format!("/users/{bo}/mailboxSettings")).await.is(404);
    world.delete(&format!("/groups/{staff}")).await.is(400);

    let invitation =
        json!({"invitedUserEmailAddress": "guest@elsewhere.test", "inviteRedirectUrl": "https://kommun.test/"});
    let guest =
        world.post("/invitations", invitation).await.is(201).body["invitedUser"]["id"].as_str().unwrap().to_owned();
    world.get(&format!("/users/{guest}?$select={every}")).await.is(200);
    world.get("/organization").await.is(200);
    world.get("/domains").await.is(200);
    world.post("/directoryObjects/getByIds", json!({"ids": [anna, team]})).await.is(200);

    for path in ["/users/delta?$select=displayName,manager", "/groups/delta", "/users/delta?$deltatoken=latest"] {
        let mut link = path.to_owned();
        for _ in 0..2 {
            let told = world.get(&link).await.is(200);
            link = told.body["@odata.deltaLink"].as_str().unwrap().to_owned();
            world.patch(&format!("/users/{anna}"), json!({"displayName": format!("Prov {}", link.len())})).await;
            world.delete(&format!("/groups/{team}/members/{anna}/$ref")).await;
        }
        world.get(&link).await.is(200);
    }
    world.graph.next([Mood::Resync]);
    world.get("/users/delta?$deltatoken=nonsense").await.is(400);

    world.delete(&format!("/users/{bo}")).await.is(204);
    world.delete(&format!("/groups/{team}")).await.is(204);
    world.get("/directory/deletedItems/microsoft.graph.user").await.is(200);
    world.get("/directory/deletedItems/microsoft.graph.group").await.is(200);
    world.get(&format!("/directory/deletedItems/{bo}")).await.is(200);
    world.post(&format!("/directory/deletedItems/{bo}/restore"), json!({})).await.is(200);
    world.delete(&format!("/directory/deletedItems/{team}")).await.is(204);

    world.graph.next([Mood::Status(429, Some(5)), Mood::Status(503, None), Mood::Status(504, Some(1))]);
    assert_eq!(world.get("/users").await.is(429).header("retry-after"), "5");
    world.get("/users").await.is(503);
    world.patch(&format!("/users/{anna}"), json!({"displayName": "x"})).await.is(504);

    let json_type = json!({"Content-Type": "application/json"});
    let (path, member) = (format!("/users/{anna}"), format!("/groups/{staff}/members/$ref"));
    let batch = json!({"requests": [
        {"id": "1", "method": "GET", "url": format!("/users/{anna}?$select=id,displayName")},
        {"id": "2", "method": "PATCH", "url": path, "headers": json_type, "body": {"city": "Sotenäs"}},
        {"id": "3", "method": "POST", "url": "/users", "headers": json_type, "body": user("dan")},
        {"id": "4", "method": "GET", "url": "/users/nobody@kommun.test"},
        {"id": "5", "method": "GET", "url": "/users?$filter=displayName eq 'Prov dan'", "dependsOn": ["4"]},
        {"id": "6", "method": "POST", "url": member, "headers": json_type, "body": world.reference(&guest)},
    ]});
    let before = prism.judged();
    let answer = world.post("/$batch", batch).await.is(200);
    let mut statuses: Vec<(String, u64)> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["id"].as_str().unwrap().to_owned(), part["status"].as_u64().unwrap()))
        .collect();
    statuses.sort();
    assert_eq!(statuses.iter().map(|(_, status)| *status).collect::<Vec<u64>>(), [200, 204, 201, 404, 424, 204]);
    assert_eq!(prism.judged() - before, 7, "each part is judged");
    // Nothing was done twice for it.
    assert_eq!(world.graph.tenant(|tenant| tenant.members("staff").len()), 3);
    assert_eq!(prism.violations(), []);
    assert!(prism.judged() > 80, "{}", prism.judged());
}

#[tokio::test]
async fn what_breaks_the_contract_is_found() {
    let (world, prism) = judged().await;
    let anna = world.somebody("anna");
    let found = async |said: u16, what: &str| {
        let violations = prism.violations();
        assert!(
            said >= 400 && violations.len() == 1 && violations[0].detail.contains(what),
            "{said} {what}: {violations:?}"
        );
    };
    // What nobody may write, what is missing, what is too long, what nobody knows, and where there is nothing.
    let mut wrong = user("bo");
    wrong["proxyAddresses"] = json!(["smtp:bo@kommun.test"]);
    found(world.post("/users", wrong).await.status, "proxyAddresses").await;
    let mut short = user("bo");
    short.as_object_mut().unwrap().remove("passwordProfile");
    found(world.post("/users", short).await.status, "passwordProfile").await;
    found(world.patch(&format!("/users/{anna}"), json!({"department": "x".repeat(65)})).await.status, "department")
        .await;
    found(world.patch(&format!("/users/{anna}"), json!({})).await.status, "").await;
    found(world.get("/users?$top=1000").await.status, "top").await;
    found(world.delete(&format!("/groups/{anna}/members/{anna}")).await.status, "").await;
    found(
        world.post(&format!("/users/{anna}/assignLicense"), json!({"addLicenses": []})).await.status,
        "removeLicenses",
    )
    .await;
    // Nothing of it reached Graph.
    assert_eq!(world.graph.seen().requests, 0);

    // A wrong answer is found as well.
    world.graph.at("GET /users", [Mood::WrongShape]);
    found(world.get("/users").await.status, "value").await;
    // And so is a wrong part of a batch, whose answer the client has.
    let (path, headers) = (format!("/users/{anna}"), json!({"Content-Type": "application/json"}));
    let part = json!({"id": "1", "method": "PATCH", "url": path, "headers": headers, "body": {"nonsense": 1}});
    world.post("/$batch", json!({"requests": [part]})).await.is(200);
    let violations = prism.violations();
    assert!(violations.len() == 1 && violations[0].what.starts_with("PATCH /v1.0/users/"), "{violations:?}");
    world.get("/users").await.is(200);
    assert_eq!(prism.violations(), []);
    assert_eq!(world.graph.tenant(|tenant| tenant.user(&anna).unwrap().get("nonsense").clone()), Value::Null);
}
