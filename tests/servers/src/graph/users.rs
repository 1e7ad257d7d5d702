//! Users: made, changed, deleted, and what hangs on them.

use super::call::{Call, refer};
use super::clock::text;
use super::fault::{Fault, Reply};
use super::object::{Kind, Object, Properties};
use super::tenant::{Tenant, What};
use super::view::{View, related};
use super::{addresses, page, rules};
use serde_json::{Value, json};
use uuid::Uuid;

const REQUIRED: [&str; 5] = ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"];

/// Makes a user.
pub fn make(tenant: &mut Tenant, body: &Properties) -> Result<String, Fault> {
    rules::require(body, &REQUIRED, "User")?;
    let wanted = rules::check(tenant, Kind::User, body, None)?;
    let mut properties = wanted.properties;
    properties.retain(|_, value| !value.is_null());
    properties.entry("userType").or_insert(json!("Member"));
    let id = Uuid::new_v4().to_string();
    let name = properties.get("userPrincipalName").cloned().unwrap_or_default();
    let issuer = tenant.domains.first().map(|domain| domain.name.clone());
    let identity = json!({"signInType": "userPrincipalName", "issuer": issuer, "issuerAssignedId": name});
    properties.entry("identities").or_insert(json!([identity]));
    enter(tenant, id, properties, wanted.password)
}

/// Enters a new user with these properties.
pub(super) fn enter(
    tenant: &mut Tenant,
    id: String,
    mut properties: Properties,
    password: Option<String>,
) -> Result<String, Fault> {
    addresses::of_user(tenant, &id, &mut properties, false);
    addresses::unique(tenant, &id, Kind::User, &properties)?;
    let now = tenant.now();
    properties.insert("id".to_owned(), json!(id));
    properties.insert("createdDateTime".to_owned(), json!(text(now)));
    properties.insert("signInSessionsValidFromDateTime".to_owned(), json!(text(now)));
    properties.insert("securityIdentifier".to_owned(), json!(security(&id)));
    if password.is_some() {
        properties.insert("lastPasswordChangeDateTime".to_owned(), json!(text(now)));
    }
    let mut user = Object::new(id.clone(), Kind::User, properties, now);
    user.password = password;
    tenant.insert(user);
    Ok(id)
}

/// The security identifier that goes with an id.
pub fn security(id: &str) -> String {
    let digits: Vec<String> = id
        .replace('-', "")
        .as_bytes()
        .chunks(8)
        .filter_map(|part| std::str::from_utf8(part).ok().and_then(|part| u32::from_str_radix(part, 16).ok()))
        .map(|number| number.to_string())
        .collect();
    format!("S-1-12-1-{}", digits.join("-"))
}

/// Answers what is asked of users.
pub fn answer(tenant: &mut Tenant, call: &Call) -> Result<Reply, Fault> {
    let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", []) => {
            let all = tenant.users().map(|user| user.id.clone()).collect();
            page::list(tenant, call, Some(Kind::User), all, "users")
        }
        ("GET", ["$count"]) => page::count(tenant, call, Kind::User),
        ("POST", []) => create(tenant, call),
        (_, [key, rest @ ..]) => {
            let user = tenant.seen(Kind::User, key)?.id.clone();
            of_user(tenant, call, &user, rest)
        }
        _ => Err(Fault::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")),
    }
}

fn of_user(tenant: &mut Tenant, call: &Call, id: &str, rest: &[&str]) -> Result<Reply, Fault> {
    match (call.method.as_str(), rest) {
        ("GET", []) => one(tenant, call, id, "users", Some(Kind::User)),
        ("PATCH", []) => update(tenant, call, id),
        ("DELETE", []) => delete(tenant, id),
        ("GET", ["manager"]) => {
            match related(tenant, object(tenant, id)?, "manager").next().map(|user| user.id.clone()) {
                Some(manager) => one(tenant, call, &manager, "directoryObjects", None),
                None => Err(Fault::missing("manager")),
            }
        }
        ("GET", ["manager", "$ref"]) => {
            let manager = object(tenant, id)?.manager.as_ref().ok_or_else(|| Fault::missing("manager"))?;
            let address = format!("{}/users/{manager}", call.base);
            let context = format!("{}/$metadata#directoryObjects/$entity", call.base);
            Ok(Reply::json(200, json!({"@odata.context": context, "@odata.id": address})))
        }
        ("PUT", ["manager", "$ref"]) => {
            let manager = call.reference(tenant)?;
            set_manager(tenant, id, Some(manager))
        }
        ("DELETE", ["manager", "$ref"]) => set_manager(tenant, id, None),
        ("GET", ["memberOf" | "sponsors" | "directReports"]) => {
            let all = related(tenant, object(tenant, id)?, rest[0]).map(|other| other.id.clone()).collect();
            page::list(tenant, call, None, all, "directoryObjects")
        }
        ("GET", ["transitiveMemberOf"]) => {
            let all = above(tenant, id);
            page::list(tenant, call, None, all, "directoryObjects")
        }
        ("POST", ["sponsors", "$ref"]) => {
            let sponsor = call.reference(tenant)?;
            may_be_referred_to(tenant, id)?;
            let mut is_new = true;
            tenant.change(id, |user| {
                is_new = user.sponsors.insert(sponsor);
                None
            });
            if is_new { Ok(Reply::done()) } else { Err(already("sponsors")) }
        }
        ("DELETE", ["sponsors", sponsor, "$ref"]) => {
            let mut was = false;
            tenant.change(id, |user| {
                was = user.sponsors.remove(&sponsor.to_lowercase());
                None
            });
            if was { Ok(Reply::done()) } else { Err(Fault::missing(sponsor)) }
        }
        ("POST", ["revokeSignInSessions"]) => revoke(tenant, call, id),
        ("POST", ["assignLicense" | "reprocessLicenseAssignment"]) | ("GET", ["licenseDetails"]) => {
            super::products::of_user(tenant, call, id, rest[0])
        }
        ("GET", ["mailboxSettings"]) => super::mailbox::settings(tenant, call, id),
        _ => Err(Fault::no_segment(rest.last().unwrap_or(&"users"))),
    }
}

/// Refuses a reference to what is there already.
pub fn already(property: &str) -> Fault {
    Fault::bad(format!(
        "One or more added object references already exist for the following modified properties: '{property}'."
    ))
}

/// A new guest is not known everywhere yet.
pub fn may_be_referred_to(tenant: &Tenant, id: &str) -> Result<(), Fault> {
    match tenant.objects.get(id) {
        Some(object) if tenant.now() < object.referable => Err(Fault::bad("Not a valid reference update.")),
        _ => Ok(()),
    }
}

fn object<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a Object, Fault> {
    tenant.objects.get(id).ok_or_else(|| Fault::missing(id))
}

/// One object.
pub fn one(tenant: &Tenant, call: &Call, id: &str, of: &str, kind: Option<Kind>) -> Result<Reply, Fault> {
    let view = View::of(tenant, call, kind)?;
    Ok(Reply::json(200, entity(tenant, call, id, of, &view)?))
}

/// An object with what it is one of.
pub fn entity(tenant: &Tenant, call: &Call, id: &str, of: &str, view: &View) -> Result<Value, Fault> {
    let context = format!("{}/$entity", page::context(call, of, view.select.as_deref()));
    let mut body = Properties::from_iter([("@odata.context".to_owned(), json!(context))]);
    body.extend(view.tell(tenant, object(tenant, id)?));
    Ok(Value::Object(body))
}

fn create(tenant: &mut Tenant, call: &Call) -> Result<Reply, Fault> {
    let body = call.object()?;
    let manager = match body.get("manager@odata.bind") {
        None => None,
        Some(Value::String(address)) => Some(refer(tenant, &call.base, address)?),
        Some(_) => return Err(Fault::value("manager", "User")),
    };
    let id = make(tenant, &body)?;
    if manager.is_some() {
        tenant.change(&id, |user| {
            user.manager = manager;
            Some(What::Manager(None))
        });
    }
    // The answer tells the new user, although nobody sees it yet.
    Ok(Reply::json(201, entity(tenant, call, &id, "users", &View::default())?))
}

fn update(tenant: &mut Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    let user = object(tenant, id)?;
    let body = call.object()?;
    let wanted = rules::check(tenant, Kind::User, &body, Some(user))?;
    let mut properties = user.properties.clone();
    merge(&mut properties, wanted.properties);
    if !user.is_synced() {
        addresses::of_user(tenant, id, &mut properties, tenant.has_mailbox(user));
    }
    addresses::unique(tenant, id, Kind::User, &properties)?;
    if wanted.password.is_some() {
        properties.insert("lastPasswordChangeDateTime".to_owned(), json!(text(tenant.now())));
    }
    tenant.commit(id, properties);
    tenant.change(id, |user| {
        user.password = wanted.password.or(user.password.take());
        None
    });
    Ok(Reply::done())
}

/// Writes properties over others; of an object only what is named.
pub fn merge(properties: &mut Properties, wanted: Properties) {
    for (name, value) in wanted {
        match (properties.get_mut(&name), value) {
            (Some(Value::Object(own)), Value::Object(new)) => own.extend(new),
            (_, value) => {
                properties.insert(name, value);
            }
        }
    }
}

/// Puts a user in the bin.
pub fn delete(tenant: &mut Tenant, id: &str) -> Result<Reply, Fault> {
    if object(tenant, id)?.privileged {
        return Err(Fault::denied());
    }
    tenant.remove(id);
    Ok(Reply::done())
}

fn set_manager(tenant: &mut Tenant, id: &str, manager: Option<String>) -> Result<Reply, Fault> {
    may_be_referred_to(tenant, id)?;
    let user = object(tenant, id)?;
    if user.is_synced() {
        return Err(rules::owned_elsewhere());
    }
    match &manager {
        None if user.manager.is_none() => return Err(Fault::missing("manager")),
        Some(manager) if tenant.objects.get(manager).is_some_and(|object| object.kind != Kind::User) => {
            return Err(Fault::bad("The manager has to be a user or a contact."));
        }
        _ => {}
    }
    tenant.change(id, |user| {
        let old = std::mem::replace(&mut user.manager, manager);
        (old != user.manager).then_some(What::Manager(old))
    });
    Ok(Reply::done())
}

/// The groups in which an object is, also by other groups.
fn above(tenant: &Tenant, id: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut next = vec![id.to_owned()];
    while let Some(id) = next.pop() {
        for group in tenant.groups().filter(|group| group.members.contains(&id)) {
            if !found.contains(&group.id) {
                found.push(group.id.clone());
                next.push(group.id.clone());
            }
        }
    }
    found
}

fn revoke(tenant: &mut Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    if call.body.as_ref().is_some_and(|body| body.as_object().is_none_or(|body| !body.is_empty())) {
        return Err(Fault::bad("The action takes no parameters."));
    }
    let user = object(tenant, id)?;
    let mut properties = user.properties.clone();
    properties.insert("signInSessionsValidFromDateTime".to_owned(), json!(text(tenant.now())));
    tenant.commit(id, properties);
    let context = format!("{}/$metadata#Edm.Boolean", call.base);
    Ok(Reply::json(200, json!({"@odata.context": context, "value": true})))
}
