//! The bin: what was deleted, until it is restored or purged.

use super::call::Call;
use super::fault::{Fault, Reply};
use super::object::{Kind, Object};
use super::tenant::{Tenant, What};
use super::users::entity;
use super::view::View;
use super::{addresses, page};
use serde_json::{Value, json};

/// Answers what is asked of `/directory/deletedItems`.
pub fn answer(tenant: &mut Tenant, call: &Call) -> Result<Reply, Fault> {
    let segments: Vec<&str> = call.segments.iter().skip(2).map(String::as_str).collect();
    let kind = |cast: &str| match cast {
        "microsoft.graph.user" => Some(Kind::User),
        "microsoft.graph.group" => Some(Kind::Group),
        _ => None,
    };
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", [cast]) if kind(cast).is_some() => {
            let kind = kind(cast).unwrap_or(Kind::User);
            let all = tenant.bin().filter(|object| object.kind == kind).map(|object| object.id.clone()).collect();
            page::list(tenant, call, Some(kind), all, kind.collection())
        }
        ("GET", [id]) => {
            let id = find(tenant, id)?.id.clone();
            let view = View { is_typed: true, ..View::of(tenant, call, None)? };
            Ok(Reply::json(200, entity(tenant, call, &id, "directoryObjects", &view)?))
        }
        ("DELETE", [id]) => {
            let object = find(tenant, id)?;
            if object.privileged {
                return Err(Fault::denied());
            }
            let id = object.id.clone();
            tenant.purge(&id);
            Ok(Reply::done())
        }
        ("POST", [id, "restore"]) => restore(tenant, call, id),
        _ => Err(Fault::no_segment(segments.last().unwrap_or(&"deletedItems"))),
    }
}

fn find<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a Object, Fault> {
    tenant.object(id).filter(|object| !object.is_live()).ok_or_else(|| Fault::missing(id))
}

/// Takes an object out of the bin, unless somebody else has its name or address by now.
fn restore(tenant: &mut Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    let body = match &call.body {
        None => Default::default(),
        Some(_) => call.object()?,
    };
    let known = ["newUserPrincipalName", "autoReconcileProxyConflict"];
    if let Some(strange) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Fault::bad(format!("The parameter '{strange}' is not known.")));
    }
    let object = find(tenant, id)?;
    if object.privileged {
        return Err(Fault::denied());
    }
    let (id, kind) = (object.id.clone(), object.kind);
    let mut properties = object.properties.clone();
    properties.remove("deletedDateTime");
    if let Some(name) = body.get("newUserPrincipalName") {
        properties.insert("userPrincipalName".to_owned(), name.clone());
        super::rules::check(
            tenant,
            Kind::User,
            &[("userPrincipalName".to_owned(), name.clone())].into_iter().collect(),
            None,
        )?;
    }
    if body.get("autoReconcileProxyConflict") == Some(&json!(true))
        && let Some(Value::Array(addresses)) = properties.get_mut("proxyAddresses")
    {
        addresses.retain(|address| tenant.addressed(address.as_str().unwrap_or_default()).is_none());
    }
    addresses::unique(tenant, &id, kind, &properties)?;
    tenant.change(&id, |object| {
        object.deleted = None;
        object.properties = properties;
        Some(What::Restored)
    });
    tenant.index(&id);
    tenant.reprocess(&id);
    let view = View { is_typed: true, ..View::default() };
    Ok(Reply::json(200, entity(tenant, call, &id, "directoryObjects", &view)?))
}
