//! Licences: of users at once, of groups later, and never more than there are.

use crate::client::World;
use serde_json::{Value, json};
use std::time::Duration;

fn id(world: &World, sku: &str) -> String {
    world.graph.tenant(|tenant| tenant.sku(sku).unwrap().id.clone())
}

fn assign(add: &[&str], remove: &[&str]) -> Value {
    let add: Vec<Value> = add.iter().map(|id| json!({"skuId": id, "disabledPlans": []})).collect();
    json!({"addLicenses": add, "removeLicenses": remove})
}

#[tokio::test]
async fn a_user_has_what_was_assigned() {
    let world = World::start().await;
    let (anna, large, small) = (world.somebody("anna"), id(&world, "ENTERPRISEPACK"), id(&world, "STANDARDPACK"));
    let path = format!("/users/{anna}/assignLicense");
    let done = world.post(&path, assign(&[&large], &[])).await.is(200);
    assert_eq!(done.body["id"], json!(anna));
    let told = world.get(&format!("/users/{anna}?$select=assignedLicenses,licenseAssignmentStates,mail")).await.is(200);
    assert_eq!(told.body["assignedLicenses"], json!([{"skuId": large, "disabledPlans": []}]));
    let state = &told.body["licenseAssignmentStates"][0];
    assert_eq!(
        (&state["assignedByGroup"], &state["state"], &state["error"]),
        (&Value::Null, &json!("Active"), &json!("None"))
    );
    assert_eq!(told.body["mail"], "anna@kommun.test");
    let skus = world.get("/subscribedSkus").await.is(200);
    let sku = skus.values().iter().find(|sku| sku["skuId"] == json!(large)).unwrap();
    assert_eq!(
        (&sku["consumedUnits"], &sku["prepaidUnits"]["enabled"], &sku["capabilityStatus"]),
        (&json!(1), &json!(100), &json!("Enabled"))
    );
    assert_eq!(
        world.get(&format!("/users/{anna}/licenseDetails")).await.is(200).each("skuPartNumber"),
        ["ENTERPRISEPACK"]
    );

    for (body, what) in [
        (json!({"addLicenses": []}), "removeLicenses"),
        (assign(&["11111111-2222-3333-4444-555555555555"], &[]), "valid company License"),
        (assign(&[&small], &[]), "mutually exclusive"),
        (assign(&[], &[&small]), "corresponding license"),
        (assign(&[&large], &[&large]), "one request"),
        (
            json!({
                "addLicenses": [{"skuId": large, "disabledPlans": ["11111111-2222-3333-4444-555555555555"]}],
                "removeLicenses": [],
            }),
            "service plan",
        ),
    ] {
        let refused = world.post(&path, body).await.is(400);
        assert!(refused.message().contains(what), "{}", refused.body);
    }
    world.post(&path, assign(&[&small], &[&large])).await.is(200);
    assert_eq!(world.graph.tenant(|tenant| (tenant.seats_taken(&large), tenant.seats_taken(&small))), (0, 1));
    world.delete(&format!("/users/{anna}")).await.is(204);
    assert_eq!(world.graph.tenant(|tenant| tenant.seats_taken(&small)), 0);
    world.post(&format!("/directory/deletedItems/{anna}/restore"), json!({})).await.is(200);
    assert_eq!(world.graph.tenant(|tenant| tenant.seats_taken(&small)), 1);
}

#[tokio::test]
async fn nobody_has_what_there_is_not() {
    let world = World::start().await;
    let (anna, bo, large, archive) = (
        world.somebody("anna"),
        world.somebody("bo"),
        id(&world, "ENTERPRISEPACK"),
        id(&world, "EXCHANGEARCHIVE_ADDON"),
    );
    world.graph.tenant(|tenant| tenant.sku_mut("ENTERPRISEPACK").unwrap().seats = 1);
    world.post(&format!("/users/{anna}/assignLicense"), assign(&[&large], &[])).await.is(200);
    let full = world.post(&format!("/users/{bo}/assignLicense"), assign(&[&large], &[])).await.is(400);
    assert!(full.message().contains("available licenses"), "{}", full.body);
    let needs = world.post(&format!("/users/{bo}/assignLicense"), assign(&[&archive], &[])).await.is(400);
    assert!(needs.message().contains("depends"), "{}", needs.body);
    world.post(&format!("/users/{anna}/assignLicense"), assign(&[&archive], &[])).await.is(200);
    let needed = world.post(&format!("/users/{anna}/assignLicense"), assign(&[], &[&large])).await.is(400);
    assert!(needed.message().contains("depends"), "{}", needed.body);

    world.graph.tenant(|tenant| tenant.write(&bo, json!({"usageLocation": null}))).unwrap();
    let nowhere = world.post(&format!("/users/{bo}/assignLicense"), assign(&[&large], &[])).await.is(400);
    assert!(nowhere.message().contains("invalid usage location"), "{}", nowhere.body);
}

#[tokio::test]
async fn the_members_of_a_group_have_its_licences_later() {
    let world = World::start().await;
    let (anna, bo, staff) = (world.somebody("anna"), world.somebody("bo"), world.group("staff"));
    let (large, archive) = (id(&world, "ENTERPRISEPACK"), id(&world, "EXCHANGEARCHIVE_ADDON"));
    world.graph.tenant(|tenant| {
        tenant.licence_delay = Duration::from_secs(60);
        tenant.sku_mut("ENTERPRISEPACK").unwrap().seats = 1;
        tenant.join(&staff, &anna);
        tenant.join(&staff, &bo);
        // The group gives what the tenant's place allows to whoever has none.
        tenant.write(&anna, json!({"usageLocation": null})).unwrap();
    });
    let path = format!("/groups/{staff}/assignLicense");
    world.post(&path, assign(&[&large, &archive], &[])).await.is(202);
    let has = |user: &str| world.graph.tenant(|tenant| tenant.products_of(user).len());
    assert_eq!((has(&anna), has(&bo)), (0, 0));
    let group = world.get(&format!("/groups/{staff}?$select=assignedLicenses,licenseProcessingState")).await.is(200);
    assert_eq!(group.body["licenseProcessingState"]["state"], "QueuedForProcessing");
    assert_eq!(group.body["assignedLicenses"].as_array().unwrap().len(), 2);
    world.graph.advance(Duration::from_secs(61));

    // There is one seat, and whoever has none of one product has none of the group's others.
    let (lucky, unlucky) = if has(&anna) == 2 { (&anna, &bo) } else { (&bo, &anna) };
    assert_eq!((has(lucky), has(unlucky)), (2, 0));
    let states = world.get(&format!("/users/{unlucky}?$select=licenseAssignmentStates")).await.is(200);
    let mut errors: Vec<&str> = states.body["licenseAssignmentStates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| state["error"].as_str().unwrap())
        .collect();
    errors.sort_unstable();
    assert_eq!(errors, ["CountViolation", "Other"]);
    assert_eq!(states.body["licenseAssignmentStates"][0]["assignedByGroup"], json!(staff));
    assert_eq!(world.get(&format!("/groups/{staff}/membersWithLicenseErrors")).await.is(200).each("id"), [unlucky]);
    let told = world.get(&format!("/groups/{staff}?$select=hasMembersWithLicenseErrors")).await.is(200);
    assert_eq!(told.body["hasMembersWithLicenseErrors"], true);

    let inherited = world.post(&format!("/users/{lucky}/assignLicense"), assign(&[], &[&large])).await.is(400);
    assert!(inherited.message().contains("inherited"), "{}", inherited.body);
    world.delete(&format!("/groups/{staff}")).await.is(400);

    world.graph.tenant(|tenant| tenant.sku_mut("ENTERPRISEPACK").unwrap().seats = 2);
    assert_eq!(has(unlucky), 0);
    world.send(reqwest::Method::POST, &format!("/users/{unlucky}/reprocessLicenseAssignment"), None, &[]).await.is(200);
    assert_eq!((has(unlucky), world.graph.tenant(|tenant| tenant.seats_taken(&large))), (2, 2));

    world.delete(&format!("/groups/{staff}/members/{lucky}/$ref")).await.is(204);
    assert_eq!(has(lucky), 2);
    world.graph.advance(Duration::from_secs(61));
    assert_eq!((has(lucky), world.graph.tenant(|tenant| tenant.seats_taken(&large))), (0, 1));
    world.post(&path, assign(&[], &[&large, &archive])).await.is(202);
    world.graph.advance(Duration::from_secs(61));
    assert_eq!((has(unlucky), world.graph.tenant(|tenant| tenant.seats_taken(&large))), (0, 0));
    world.delete(&format!("/groups/{staff}")).await.is(204);
}

#[tokio::test]
async fn violations_are_told_apart() {
    let world = World::start().await;
    let (large, small, archive) =
        (id(&world, "ENTERPRISEPACK"), id(&world, "STANDARDPACK"), id(&world, "EXCHANGEARCHIVE_ADDON"));
    let error = async |user: &str, sku: &str| {
        let group = world.group(&format!("{user}-{sku}"));
        let user = world.graph.tenant(|tenant| tenant.user(&format!("{user}@kommun.test")).unwrap().id.clone());
        world.graph.tenant(|tenant| tenant.join(&group, &user));
        world.post(&format!("/groups/{group}/assignLicense"), assign(&[sku], &[])).await.is(202);
        let told = world.get(&format!("/users/{user}?$select=licenseAssignmentStates")).await.is(200);
        let states = told.body["licenseAssignmentStates"].as_array().unwrap().clone();
        states.iter().find(|state| state["skuId"] == json!(sku)).unwrap()["error"].as_str().unwrap().to_owned()
    };
    let anna = world.somebody("anna");
    world.post(&format!("/users/{anna}/assignLicense"), assign(&[&large], &[])).await.is(200);
    assert_eq!(error("anna", &small).await, "MutuallyExclusiveViolation");
    world.somebody("bo");
    assert_eq!(error("bo", &archive).await, "DependencyViolation");
    world.somebody("cid");
    world.graph.tenant(|tenant| tenant.sku_mut("STANDARDPACK").unwrap().plans[1].prohibited.push("SE".to_owned()));
    assert_eq!(error("cid", &small).await, "ProhibitedInUsageLocationViolation");
    world.patch(&format!("/users/{anna}"), json!({"userPrincipalName": "anna.al@kommun.test"})).await.is(204);
    world.somebody("anna");
    assert_eq!(error("anna", &large).await, "UniquenessViolation");
    world.somebody("dan");
    assert_eq!(error("dan", &large).await, "None");
}

#[tokio::test]
async fn a_mailbox_comes_some_time_after_the_licence() {
    let world = World::start().await;
    let (anna, large) = (world.somebody("anna"), id(&world, "ENTERPRISEPACK"));
    world.graph.tenant(|tenant| tenant.mailbox_delay = Duration::from_secs(600));
    let path = format!("/users/{anna}/mailboxSettings");
    world.post(&format!("/users/{anna}/assignLicense"), assign(&[&large], &[])).await.is(200);
    assert_eq!(world.get(&path).await.is(404).code(), "MailboxNotEnabledForRESTAPI");
    world.graph.advance(Duration::from_secs(601));
    assert_eq!(world.get(&path).await.is(200).body["userPurpose"], "user");
    world.post(&format!("/users/{anna}/assignLicense"), assign(&[], &[&large])).await.is(200);
    world.get(&path).await.is(404);
}
