//! What is asked of licences over HTTP.

use super::call::Call;
use super::fault::{Fault, Reply};
use super::licences::{Assignment, Plan, Sku};
use super::object::Properties;
use super::page::context;
use super::tenant::Tenant;
use super::users::{entity, may_be_referred_to};
use super::view::View;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The products of the tenant.
pub fn list(tenant: &Tenant, call: &Call) -> Reply {
    let select: Option<Vec<&str>> = call.query.get("$select").map(|text| text.split(',').map(str::trim).collect());
    let tell = |sku: &Sku| {
        let plans: Vec<Value> = sku.plans.iter().map(|plan| told(plan, "Success")).collect();
        let mut all = json!({
            "accountName": "kommun",
            "accountId": super::TENANT,
            "appliesTo": "User",
            "capabilityStatus": sku.status,
            "consumedUnits": tenant.seats_taken(&sku.id),
            "id": format!("{}_{}", super::TENANT, sku.id),
            "skuId": sku.id,
            "skuPartNumber": sku.name,
            "subscriptionIds": [],
            "prepaidUnits": {"enabled": sku.seats, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": plans,
        });
        if let (Some(all), Some(select)) = (all.as_object_mut(), &select) {
            all.retain(|name, _| select.contains(&name.as_str()));
        }
        all
    };
    let value: Vec<Value> = tenant.skus.iter().map(tell).collect();
    Reply::json(200, json!({"@odata.context": context(call, "subscribedSkus", None), "value": value}))
}

fn told(plan: &Plan, status: &str) -> Value {
    json!({
        "servicePlanId": plan.id,
        "servicePlanName": plan.name,
        "provisioningStatus": status,
        "appliesTo": "User",
    })
}

/// Reads what is to be assigned and taken back.
fn assignment(body: &Properties) -> Result<Assignment, Fault> {
    let missing = |name: &str| Fault::bad(format!("The parameter '{name}' is required."));
    let many = |name: &str| body.get(name).and_then(Value::as_array).ok_or_else(|| missing(name));
    let text = |value: &Value| {
        value.as_str().map(str::to_lowercase).ok_or_else(|| Fault::bad("A license is named by its skuId."))
    };
    let mut wanted = Assignment::default();
    for licence in many("addLicenses")? {
        let product = text(licence.get("skuId").unwrap_or(&Value::Null))?;
        let off: Result<BTreeSet<String>, Fault> =
            licence.get("disabledPlans").and_then(Value::as_array).into_iter().flatten().map(text).collect();
        if wanted.add.insert(product, off?).is_some() {
            return Err(Fault::bad("A license is named twice."));
        }
    }
    wanted.remove = many("removeLicenses")?.iter().map(text).collect::<Result<_, _>>()?;
    Ok(wanted)
}

/// Licences of a user.
pub fn of_user(tenant: &mut Tenant, call: &Call, id: &str, what: &str) -> Result<Reply, Fault> {
    match what {
        "assignLicense" => {
            may_be_referred_to(tenant, id)?;
            tenant.assign(id, &assignment(&call.object()?)?)?;
        }
        "reprocessLicenseAssignment" => tenant.reprocess(id),
        _ => return Ok(details(tenant, call, id)),
    }
    Ok(Reply::json(200, entity(tenant, call, id, "users", &View::default())?))
}

/// Licences of a group; its members have them later.
pub fn of_group(tenant: &mut Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    let is_enabled = tenant.objects.get(id).is_some_and(|group| group.get("securityEnabled") == &json!(true));
    if !is_enabled {
        return Err(Fault::bad("License assignment is only supported for security enabled groups."));
    }
    tenant.assign_to_group(id, &assignment(&call.object()?)?)?;
    Ok(Reply::json(202, entity(tenant, call, id, "groups", &View::default())?))
}

fn details(tenant: &Tenant, call: &Call, id: &str) -> Reply {
    let products = tenant.objects.get(id).map(|user| user.products()).unwrap_or_default();
    let value: Vec<Value> = products
        .iter()
        .filter_map(|(id, off)| tenant.sku(id).map(|sku| (sku, off)))
        .map(|(sku, off)| {
            let plans: Vec<Value> = sku
                .plans
                .iter()
                .map(|plan| {
                    let status = if off.contains(plan.id.as_str()) { "Disabled" } else { "Success" };
                    told(plan, status)
                })
                .collect();
            json!({"id": sku.id, "skuId": sku.id, "skuPartNumber": sku.name, "servicePlans": plans})
        })
        .collect();
    Reply::json(
        200,
        json!({"@odata.context": context(call, &format!("users('{id}')/licenseDetails"), None), "value": value}),
    )
}
