//! Lists: pages, filters, orders and counts.

use crate::client::World;
use serde_json::json;

async fn crowd() -> World {
    let world = World::start().await;
    for (at, alias) in ["anna", "bo", "cid", "dan", "eva"].iter().enumerate() {
        let id = world.somebody(alias);
        let (number, anchor) = (format!("10{at}"), format!("anchor{at}"));
        let more = json!({"employeeId": number, "onPremisesImmutableId": anchor, "accountEnabled": at != 2});
        world.graph.tenant(|tenant| tenant.write(&id, more)).unwrap();
    }
    world
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = crowd().await;
    let mut path = "/users?$top=2&$select=userPrincipalName".to_owned();
    let (mut names, mut pages) = (Vec::new(), 0);
    loop {
        let page = world.get(&path).await.is(200);
        names.extend(page.each("userPrincipalName").into_iter().map(str::to_owned));
        assert!(page.values().iter().all(|user| user.as_object().unwrap().len() == 1));
        pages += 1;
        // Whoever comes or goes meanwhile turns nothing upside down.
        if pages == 1 {
            world.graph.tenant(|tenant| tenant.remove(&tenant.user(&names[0]).unwrap().id.clone()));
        }
        match page.body["@odata.nextLink"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    names.sort();
    assert_eq!(
        (pages, names),
        (3, ["anna", "bo", "cid", "dan", "eva"].map(|name| format!("{name}@kommun.test")).to_vec())
    );

    let first = world.get("/users?$top=1").await.is(200);
    world.graph.forget_pages();
    assert_eq!(
        world.get(first.body["@odata.nextLink"].as_str().unwrap()).await.is(400).code(),
        "Directory_ExpiredPageToken"
    );
    world.get("/users?$top=999").await.is(200);
    for wrong in ["$top=1000", "$top=0", "$skip=1", "$nonsense=1", "$skiptoken=x"] {
        world.get(&format!("/users?{wrong}")).await.is(400);
    }
    world.graph.tenant(|tenant| tenant.page = 3);
    assert_eq!(world.get("/users").await.is(200).values().len(), 3);
}

#[tokio::test]
async fn filters_find_and_some_need_more() {
    let world = crowd().await;
    let anna = world.graph.tenant(|tenant| tenant.user("anna@kommun.test").unwrap().id.clone());
    for (filter, found) in [
        ("userPrincipalName eq 'ANNA@kommun.test'", 1),
        (&format!("id in ('{}','nobody')", anna.to_uppercase()), 1),
        ("employeeId eq '101'", 1),
        ("employeeId in ('101','102')", 2),
        ("startsWith(displayName,'prov') and accountEnabled eq false", 1),
        ("startswith(userPrincipalName,'b') or mailNickname eq 'cid'", 2),
        ("proxyAddresses/any(p:p eq 'smtp:nobody@kommun.test')", 0),
        ("mail eq 'x@kommun.test'", 0),
    ] {
        let list = world.get(&format!("/users?$filter={filter}")).await.is(200);
        assert_eq!(list.values().len(), found, "{filter}");
    }
    for filter in [
        "onPremisesImmutableId eq 'anchor1'",
        "accountEnabled ne true",
        "not(accountEnabled eq true)",
        "endsWith(userPrincipalName,'x')",
        "employeeId eq null",
    ] {
        let plain = world.get(&format!("/users?$filter={filter}")).await.is(400);
        assert_eq!(plain.code(), "Request_UnsupportedQuery", "{filter}");
        world.get(&format!("/users?$filter={filter}&$count=true")).await.is(400);
        world.get_eventually(&format!("/users?$filter={filter}")).await.is(400);
        world.get_eventually(&format!("/users?$filter={filter}&$count=true")).await.is(200);
    }
    let found = world
        .get_eventually("/users?$filter=onPremisesImmutableId eq 'anchor1'&$count=true&$select=mailNickname")
        .await
        .is(200);
    assert_eq!((found.each("mailNickname"), &found.body["@odata.count"]), (vec!["bo"], &json!(1)));
    for filter in ["passwordProfile/password eq 'x'", "skills/any(s:s eq 'x')", "licenseAssignmentStates/any()"] {
        assert_eq!(
            world.get_eventually(&format!("/users?$filter={filter}&$count=true")).await.is(400).code(),
            "Request_UnsupportedQuery"
        );
    }
    world.get("/users?$filter=displayName eq").await.is(400);
}

#[tokio::test]
async fn orders_counts_and_searches() {
    let world = crowd().await;
    let list = world.get("/users?$orderby=displayName desc&$top=2&$select=mailNickname").await.is(200);
    assert_eq!(list.values(), [json!({"mailNickname": "eva"}), json!({"mailNickname": "dan"})]);
    let next = world.get(list.body["@odata.nextLink"].as_str().unwrap()).await.is(200);
    assert_eq!(next.values()[0], json!({"mailNickname": "cid"}));
    world.get("/users?$orderby=department").await.is(400);
    world.get("/users?$orderby=displayName&$filter=accountEnabled eq true").await.is(400);
    world.get_eventually("/users?$orderby=displayName&$filter=accountEnabled eq true&$count=true").await.is(200);

    // Without the header nothing is counted, and nothing said of it.
    assert!(world.get("/users?$count=true").await.is(200).body.get("@odata.count").is_none());
    assert_eq!(world.get_eventually("/users?$count=true&$top=1").await.is(200).body["@odata.count"], 5);
    world.get("/users/$count").await.is(400);
    assert_eq!(world.get_eventually("/users/$count").await.is(200).body, json!(5));
    world.get("/users?$search=\"displayName:ev\"").await.is(400);
    let found = world.get_eventually("/users?$search=\"displayName:ev\"&$select=mailNickname").await.is(200);
    assert_eq!(found.each("mailNickname"), ["eva"]);
}

#[tokio::test]
async fn objects_are_told_by_their_ids_and_the_tenant_by_itself() {
    let world = crowd().await;
    let (anna, staff) =
        (world.graph.tenant(|tenant| tenant.user("anna@kommun.test").unwrap().id.clone()), world.group("staff"));
    let ids = json!({"ids": [anna, staff, "nobody"]});
    let found = world.post("/directoryObjects/getByIds", ids.clone()).await.is(200);
    assert_eq!(found.each("@odata.type"), ["#microsoft.graph.group", "#microsoft.graph.user"]);
    let mut users = ids;
    users["types"] = json!(["user"]);
    assert_eq!(world.post("/directoryObjects/getByIds", users).await.is(200).each("id"), [&anna]);
    assert_eq!(
        world.get("/domains?$select=id,isDefault").await.is(200).each("id"),
        ["federated.test", "kommun.onmicrosoft.test", "kommun.test"]
    );
    assert_eq!(world.get("/organization").await.is(200).values()[0]["countryLetterCode"], "SE");
    assert_eq!(world.graph.seen().writes, 0);
}
