//! The tenant itself, its domains, and objects by their ids.

use super::call::Call;
use super::fault::{Fault, Reply};
use super::page::context;
use super::tenant::Tenant;
use super::view::View;
use serde_json::{Value, json};

/// The most ids that one request may ask for.
const MOST: usize = 1000;

/// The tenant.
pub fn organization(tenant: &Tenant, call: &Call) -> Reply {
    let domains: Vec<Value> = tenant
        .domains
        .iter()
        .enumerate()
        .map(|(at, domain)| {
            json!({
                "name": domain.name,
                "isInitial": at == 0,
                "isDefault": at == 1,
                "type": if domain.is_federated { "Federated" } else { "Managed" },
            })
        })
        .collect();
    let value = chosen(
        call,
        json!({
            "id": super::TENANT,
            "displayName": "Kommunen",
            "countryLetterCode": tenant.location,
            "preferredLanguage": "sv",
            "tenantType": "AAD",
            "onPremisesSyncEnabled": tenant.users().any(|user| user.is_synced()).then_some(true),
            "verifiedDomains": domains,
            "assignedPlans": [],
        }),
    );
    Reply::json(200, json!({"@odata.context": context(call, "organization", None), "value": [value]}))
}

/// Its domains.
pub fn domains(tenant: &Tenant, call: &Call) -> Reply {
    let value: Vec<Value> = tenant
        .domains
        .iter()
        .enumerate()
        .map(|(at, domain)| {
            chosen(
                call,
                json!({
                    "id": domain.name,
                    "authenticationType": if domain.is_federated { "Federated" } else { "Managed" },
                    "availabilityStatus": null,
                    "isAdminManaged": true,
                    "isDefault": at == 1,
                    "isInitial": at == 0,
                    "isRoot": true,
                    "isVerified": domain.is_verified,
                    "supportedServices": ["Email", "OfficeCommunicationsOnline"],
                    "passwordValidityPeriodInDays": null,
                    "passwordNotificationWindowInDays": null,
                    "state": null,
                }),
            )
        })
        .collect();
    Reply::json(200, json!({"@odata.context": context(call, "domains", None), "value": value}))
}

fn chosen(call: &Call, mut value: Value) -> Value {
    if let (Some(object), Some(select)) = (value.as_object_mut(), call.query.get("$select")) {
        let select: Vec<&str> = select.split(',').map(str::trim).collect();
        object.retain(|name, _| select.contains(&name.as_str()));
    }
    value
}

/// Objects by their ids; those that are not there are left out.
pub fn by_ids(tenant: &Tenant, call: &Call) -> Result<Reply, Fault> {
    let body = call.object()?;
    let ids =
        body.get("ids").and_then(Value::as_array).ok_or_else(|| Fault::bad("The parameter 'ids' is required."))?;
    if ids.len() > MOST {
        return Err(Fault::bad(format!("No more than {MOST} ids can be asked for.")));
    }
    let types: Vec<&str> =
        body.get("types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let view = View { is_typed: true, ..View::default() };
    let now = tenant.now();
    let value: Vec<Value> = ids
        .iter()
        .filter_map(|id| tenant.object(id.as_str().unwrap_or_default()))
        .filter(|object| object.is_live() && object.visible <= now)
        .filter(|object| types.is_empty() || types.iter().any(|name| name.eq_ignore_ascii_case(object.kind.resource())))
        .map(|object| Value::Object(view.tell(tenant, object)))
        .collect();
    Ok(Reply::json(200, json!({"@odata.context": context(call, "directoryObjects", None), "value": value})))
}
