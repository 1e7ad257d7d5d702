//! Invitations of guests.

use super::call::{Call, refer};
use super::clock::{later, text};
use super::fault::{Fault, Reply};
use super::object::{Kind, Properties};
use super::rules;
use super::tenant::{INITIAL, Tenant};
use super::users::enter;
use serde_json::{Value, json};
use uuid::Uuid;

const KNOWN: [&str; 9] = [
    "invitedUserEmailAddress",
    "inviteRedirectUrl",
    "invitedUserDisplayName",
    "invitedUserMessageInfo",
    "invitedUserSponsors@odata.bind",
    "invitedUserType",
    "resetRedemption",
    "sendInvitationMessage",
    "invitedUser",
];

/// Invites somebody: makes a guest, or tells of the one whom the address has already.
pub fn invite(tenant: &mut Tenant, call: &Call) -> Result<Reply, Fault> {
    let body = call.object()?;
    rules::require(&body, &["invitedUserEmailAddress", "inviteRedirectUrl"], "Invitation")?;
    if let Some(strange) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Fault::bad(format!(
            "Property '{strange}' does not exist as a declared property or extension property."
        )));
    }
    let texts = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let mail = texts("invitedUserEmailAddress");
    let Some((alias, domain)) = mail.split_once('@').filter(|_| rules::is_mail(mail)) else {
        return Err(Fault::value("invitedUserEmailAddress", "Invitation"));
    };
    if !url::Url::parse(texts("inviteRedirectUrl")).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(Fault::value("inviteRedirectUrl", "Invitation"));
    }
    let kind = match texts("invitedUserType") {
        "" => "Guest",
        kind @ ("Guest" | "Member") => kind,
        _ => return Err(Fault::value("invitedUserType", "Invitation")),
    };
    if tenant.domains.iter().any(|own| own.name.eq_ignore_ascii_case(domain)) {
        return Err(Fault::bad(
            "The invited user already exists in the directory, or belongs to a verified domain of this directory.",
        ));
    }
    let sponsors = body.get("invitedUserSponsors@odata.bind").and_then(Value::as_array).into_iter().flatten();
    let sponsors: Vec<String> = sponsors
        .map(|address| refer(tenant, &call.base, address.as_str().unwrap_or_default()))
        .collect::<Result<_, Fault>>()?;
    let known = tenant.addressed(mail).and_then(|id| tenant.objects.get(id));
    let id = match known {
        Some(user) if user.kind == Kind::User && user.text("creationType") == "Invitation" => user.id.clone(),
        Some(_) => return Err(Fault::conflict("proxyAddresses")),
        None => guest(tenant, mail, (alias, domain), kind, texts("invitedUserDisplayName"))?,
    };
    tenant.change(&id, |user| {
        user.sponsors.extend(sponsors);
        None
    });
    let status = tenant.objects.get(&id).map(|user| user.text("externalUserState").to_owned());
    let invitation = Uuid::new_v4();
    Ok(Reply::json(
        201,
        json!({
            "@odata.context": format!("{}/$metadata#invitations/$entity", call.base),
            "id": invitation.to_string(),
            "inviteRedeemUrl": format!("https://login.microsoftonline.com/redeem?rd={invitation}"),
            "invitedUserDisplayName": body.get("invitedUserDisplayName"),
            "invitedUserType": kind,
            "invitedUserEmailAddress": mail,
            "sendInvitationMessage": body.get("sendInvitationMessage").unwrap_or(&json!(false)),
            "resetRedemption": body.get("resetRedemption").unwrap_or(&json!(false)),
            "inviteRedirectUrl": texts("inviteRedirectUrl"),
            "status": status,
            "invitedUserMessageInfo": body.get("invitedUserMessageInfo"),
            "invitedUser": {"id": id},
        }),
    ))
}

fn guest(
    tenant: &mut Tenant,
    mail: &str,
    (alias, domain): (&str, &str),
    kind: &str,
    name: &str,
) -> Result<String, Fault> {
    let now = tenant.now();
    let nickname = format!("{alias}_{domain}#EXT#");
    let mut properties = Properties::new();
    for (property, value) in [
        ("accountEnabled", json!(true)),
        ("creationType", json!("Invitation")),
        ("displayName", json!(if name.is_empty() { alias } else { name })),
        ("externalUserState", json!("PendingAcceptance")),
        ("externalUserStateChangeDateTime", json!(text(now))),
        ("mail", json!(mail)),
        ("otherMails", json!([mail])),
        ("showInAddressList", json!(false)),
        ("userPrincipalName", json!(format!("{nickname}@{INITIAL}"))),
        ("mailNickname", json!(nickname)),
        ("userType", json!(kind)),
    ] {
        properties.insert(property.to_owned(), value);
    }
    let id = enter(tenant, Uuid::new_v4().to_string(), properties, None)?;
    let until = later(now, tenant.guest_lag);
    if let Some(guest) = tenant.objects.get_mut(&id) {
        guest.referable = until;
    }
    Ok(id)
}
