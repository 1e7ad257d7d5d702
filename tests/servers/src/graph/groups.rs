//! Groups, their members and owners.

use super::call::{Call, refer};
use super::clock::text;
use super::fault::{Fault, Reply};
use super::object::{Kind, Object, Properties};
use super::tenant::{Tenant, What};
use super::users::{already, entity, may_be_referred_to, merge, one, security};
use super::view::{View, related};
use super::{addresses, page, rules};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

const REQUIRED: [&str; 4] = ["displayName", "mailEnabled", "mailNickname", "securityEnabled"];
/// The most references that one request may bind.
const BOUND: usize = 20;
/// The domains' service does not make or change groups with mail that are not of Microsoft 365.
const MAIL: &str = "The service does not currently support writes of mail-enabled groups. Please ensure that the \
                    mail-enablement property is unset and the security-enablement property is set.";

/// Makes a group.
pub fn make(tenant: &mut Tenant, body: &Properties) -> Result<String, Fault> {
    rules::require(body, &REQUIRED, "Group")?;
    let mut properties = rules::check(tenant, Kind::Group, body, None)?.properties;
    properties.retain(|_, value| !value.is_null());
    properties.entry("groupTypes").or_insert(json!([]));
    let id = Uuid::new_v4().to_string();
    let now = tenant.now();
    properties.insert("id".to_owned(), json!(id));
    properties.insert("createdDateTime".to_owned(), json!(text(now)));
    properties.insert("renewedDateTime".to_owned(), json!(text(now)));
    properties.insert("securityIdentifier".to_owned(), json!(security(&id)));
    let group = Object::new(id.clone(), Kind::Group, properties, now);
    let is = |name| group.get(name) == &json!(true);
    if is("mailEnabled") != group.is_unified() {
        return Err(Fault::bad(MAIL));
    }
    if !is("mailEnabled") && !is("securityEnabled") {
        return Err(Fault::bad("A group has to be enabled for mail or for security."));
    }
    let mut properties = group.properties.clone();
    if group.is_unified() {
        properties.entry("visibility").or_insert(json!("Public"));
        addresses::of_group(tenant, &mut properties);
    }
    addresses::unique(tenant, &id, Kind::Group, &properties)?;
    tenant.insert(Object { properties, ..group });
    Ok(id)
}

/// Answers what is asked of groups.
pub fn answer(tenant: &mut Tenant, call: &Call, strays: &mut Vec<String>) -> Result<Reply, Fault> {
    let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", []) => {
            let all = tenant.groups().map(|group| group.id.clone()).collect();
            page::list(tenant, call, Some(Kind::Group), all, "groups")
        }
        ("GET", ["$count"]) => page::count(tenant, call, Kind::Group),
        ("POST", []) => create(tenant, call),
        // Without `/$ref` the address is that of the user itself, and the user is deleted.
        ("DELETE", [_, "members", member]) => {
            let id = tenant.seen(Kind::User, member)?.id.clone();
            strays.push(id.clone());
            super::users::delete(tenant, &id)
        }
        (_, [key, rest @ ..]) => {
            let group = tenant.seen(Kind::Group, key)?.id.clone();
            of_group(tenant, call, &group, rest)
        }
        _ => Err(Fault::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")),
    }
}

fn of_group(tenant: &mut Tenant, call: &Call, id: &str, rest: &[&str]) -> Result<Reply, Fault> {
    let group = tenant.objects.get(id).ok_or_else(|| Fault::missing(id))?;
    match (call.method.as_str(), rest) {
        ("GET", []) => one(tenant, call, id, "groups", Some(Kind::Group)),
        ("PATCH", []) => update(tenant, call, id),
        ("DELETE", []) => {
            if !group.licences.is_empty() {
                return Err(Fault::bad(
                    "The group has active licenses assigned and cannot be deleted. Remove the licenses first.",
                ));
            }
            if group.is_synced() {
                return Err(rules::owned_elsewhere());
            }
            if group.privileged {
                return Err(Fault::denied());
            }
            tenant.remove(id);
            Ok(Reply::done())
        }
        ("GET", ["members" | "owners" | "memberOf"]) => {
            let all = related(tenant, group, rest[0]).map(|object| object.id.clone()).collect();
            page::list(tenant, call, None, all, "directoryObjects")
        }
        ("GET", [name @ ("members" | "owners"), cast @ ("microsoft.graph.user" | "microsoft.graph.group")]) => {
            let kind = if *cast == "microsoft.graph.user" { Kind::User } else { Kind::Group };
            let all = related(tenant, group, name).filter(|object| object.kind == kind).map(|object| object.id.clone());
            let all = all.collect();
            page::list(tenant, call, Some(kind), all, kind.collection())
        }
        ("GET", ["transitiveMembers"]) => {
            let all = below(tenant, id);
            page::list(tenant, call, None, all, "directoryObjects")
        }
        ("GET", ["membersWithLicenseErrors"]) => {
            let fails =
                |user: &&Object| user.inherited.iter().any(|((by, _), licence)| by == id && licence.error.is_some());
            let all = tenant.users().filter(fails).map(|user| user.id.clone()).collect();
            page::list(tenant, call, None, all, "directoryObjects")
        }
        ("POST", [name @ ("members" | "owners"), "$ref"]) => {
            let object = call.reference(tenant)?;
            add(tenant, id, name, &BTreeSet::from([object]))
        }
        ("DELETE", [name @ ("members" | "owners"), object, "$ref"]) => release(tenant, id, name, object),
        ("POST", ["assignLicense"]) => super::products::of_group(tenant, call, id),
        _ => Err(Fault::no_segment(rest.last().unwrap_or(&"groups"))),
    }
}

/// The objects that a body binds to a new or known group, all of which have to be there.
fn bound(tenant: &Tenant, call: &Call, body: &Properties, name: &str) -> Result<BTreeSet<String>, Fault> {
    let bind = format!("{name}@odata.bind");
    let Some(value) = body.get(&bind) else { return Ok(BTreeSet::new()) };
    let invalid = || Fault::value(&bind, "Group");
    let addresses = value.as_array().ok_or_else(invalid)?;
    if addresses.len() > BOUND {
        return Err(Fault::bad(format!("The request has more than {BOUND} references for '{bind}'.")));
    }
    let mut found = BTreeSet::new();
    for address in addresses {
        if !found.insert(refer(tenant, &call.base, address.as_str().ok_or_else(invalid)?)?) {
            return Err(already(name));
        }
    }
    Ok(found)
}

fn create(tenant: &mut Tenant, call: &Call) -> Result<Reply, Fault> {
    let body = call.object()?;
    let members = bound(tenant, call, &body, "members")?;
    let owners = bound(tenant, call, &body, "owners")?;
    if members.len() + owners.len() > BOUND {
        return Err(Fault::bad(format!("The request has more than {BOUND} references.")));
    }
    may_own(tenant, &owners)?;
    let id = make(tenant, &body)?;
    members.iter().for_each(|member| tenant.join(&id, member));
    tenant.change(&id, |group| {
        group.owners = owners;
        None
    });
    Ok(Reply::json(201, entity(tenant, call, &id, "groups", &View::default())?))
}

fn update(tenant: &mut Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    let body = call.object()?;
    // Every reference is looked at before anything is written.
    let members = bound(tenant, call, &body, "members")?;
    let group = tenant.objects.get(id).ok_or_else(|| Fault::missing(id))?;
    let wanted = rules::check(tenant, Kind::Group, &body, Some(group))?;
    let is_unified = group.is_unified();
    let mut properties = group.properties.clone();
    merge(&mut properties, wanted.properties);
    if properties.get("mailEnabled") != Some(&json!(is_unified)) {
        return Err(Fault::bad(MAIL));
    }
    addresses::unique(tenant, id, Kind::Group, &properties)?;
    if !members.is_empty() {
        add(tenant, id, "members", &members)?;
    }
    tenant.commit(id, properties);
    Ok(Reply::done())
}

fn may_own(tenant: &Tenant, owners: &BTreeSet<String>) -> Result<(), Fault> {
    match owners.iter().any(|id| tenant.objects.get(id).is_some_and(|object| object.kind != Kind::User)) {
        true => Err(Fault::bad("An owner of a group has to be a user or a service principal.")),
        false => Ok(()),
    }
}

/// Adds objects to a group: all of them, or none.
fn add(tenant: &mut Tenant, id: &str, name: &str, objects: &BTreeSet<String>) -> Result<Reply, Fault> {
    let group = tenant.objects.get(id).ok_or_else(|| Fault::missing(id))?;
    if group.is_synced() {
        return Err(rules::owned_elsewhere());
    }
    let known = if name == "owners" { &group.owners } else { &group.members };
    if objects.iter().any(|object| known.contains(object)) {
        return Err(already(name));
    }
    for object in objects {
        may_be_referred_to(tenant, object)?;
        let kind = tenant.objects.get(object).map(|object| object.kind);
        if name == "members" && (object == id || (kind == Some(Kind::Group) && group.is_unified())) {
            return Err(Fault::bad("The object cannot be a member of this group."));
        }
    }
    if name == "owners" {
        may_own(tenant, objects)?;
        tenant.change(id, |group| {
            group.owners.extend(objects.iter().cloned());
            None
        });
    } else {
        objects.iter().for_each(|object| tenant.join(id, object));
    }
    Ok(Reply::done())
}

fn release(tenant: &mut Tenant, id: &str, name: &str, object: &str) -> Result<Reply, Fault> {
    let object = object.to_lowercase();
    let group = tenant.objects.get(id).ok_or_else(|| Fault::missing(id))?;
    if group.is_synced() {
        return Err(rules::owned_elsewhere());
    }
    let known = if name == "owners" { &group.owners } else { &group.members };
    if !known.contains(&object) {
        return Err(Fault::missing(&object));
    }
    if name == "members" {
        tenant.leave(id, &object);
        return Ok(Reply::done());
    }
    if group.is_unified() && group.owners.len() == 1 {
        return Err(Fault::bad("The group must have at least one owner, hence this owner cannot be removed."));
    }
    tenant.change(id, |group| {
        group.owners.remove(&object);
        None::<What>
    });
    Ok(Reply::done())
}

/// The objects in a group, also by other groups.
fn below(tenant: &Tenant, id: &str) -> Vec<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut next = vec![id.to_owned()];
    while let Some(group) = next.pop().and_then(|id| tenant.objects.get(&id)) {
        for member in related(tenant, group, "members") {
            if member.id != id && found.insert(member.id.clone()) && member.kind == Kind::Group {
                next.push(member.id.clone());
            }
        }
    }
    found.into_iter().collect()
}
