//! Guests.

use crate::client::World;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_guest_is_invited_once_and_not_known_everywhere_at_once() {
    let world = World::start().await;
    let (boss, staff) = (world.somebody("boss"), world.group("staff"));
    world.graph.tenant(|tenant| tenant.guest_lag = Duration::from_secs(60));
    let invitation = json!({
        "invitedUserEmailAddress": "guest@elsewhere.test",
        "inviteRedirectUrl": "https://kommun.test/welcome",
        "invitedUserDisplayName": "Prov Gäst",
        "sendInvitationMessage": false,
    });
    let invited = world.post("/invitations", invitation.clone()).await.is(201);
    assert_eq!(
        (&invited.body["status"], &invited.body["invitedUserType"]),
        (&json!("PendingAcceptance"), &json!("Guest"))
    );
    let id = invited.body["invitedUser"]["id"].as_str().unwrap();
    let names = "id,userPrincipalName,mail,userType,externalUserState,creationType,showInAddressList,accountEnabled";
    let told = world.get(&format!("/users/{id}?$select={names}")).await.is(200);
    assert_eq!(told.body["userPrincipalName"], "guest_elsewhere.test#EXT#@kommun.onmicrosoft.test");
    assert_eq!(
        (
            &told.body["userType"],
            &told.body["externalUserState"],
            &told.body["creationType"],
            &told.body["showInAddressList"]
        ),
        (&json!("Guest"), &json!("PendingAcceptance"), &json!("Invitation"), &json!(false))
    );
    assert_eq!(
        world.get("/users/guest_elsewhere.test%23EXT%23@kommun.onmicrosoft.test").await.is(200).body["id"],
        json!(id)
    );
    let member = format!("/groups/{staff}/members/$ref");
    let early = world.post(&member, world.reference(id)).await.is(400);
    assert_eq!(early.message(), "Not a valid reference update.");
    world.post(&format!("/users/{id}/sponsors/$ref"), world.reference(&boss)).await.is(400);
    world.graph.advance(Duration::from_secs(61));
    world.post(&member, world.reference(id)).await.is(204);
    world.post(&format!("/users/{id}/sponsors/$ref"), world.reference(&boss)).await.is(204);

    let again = world.post("/invitations", invitation.clone()).await.is(201);
    assert_eq!(again.body["invitedUser"]["id"], json!(id));
    world.graph.tenant(|tenant| tenant.accept(id)).unwrap();
    let told = world.get(&format!("/users/{id}?$select=externalUserState")).await.is(200);
    assert_eq!(told.body["externalUserState"], "Accepted");

    for (name, value) in [
        ("invitedUserEmailAddress", json!("nobody")),
        ("invitedUserEmailAddress", json!("boss@kommun.test")),
        ("inviteRedirectUrl", json!("welcome")),
        ("inviteRedirectUrl", Value::Null),
        ("invitedUserType", json!("Friend")),
        ("nonsense", json!(1)),
    ] {
        let mut wrong = invitation.clone();
        wrong[name] = value.clone();
        assert_eq!(world.post("/invitations", wrong).await.is(400).code(), "Request_BadRequest", "{name} {value}");
    }
    world.graph.tenant(|tenant| tenant.permissions.retain(|name| !name.starts_with("User.")));
    world.post("/invitations", invitation).await.is(403);
}
