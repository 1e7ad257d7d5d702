//! The addresses of users and groups, which Graph computes and nobody writes.
//!
//! The mail is the primary address and pushes the old one behind it; with a mailbox come the name and an address in the
//! domain where the tenant began. No two objects share an address, be they users or groups.

use super::fault::Fault;
use super::object::{Kind, Properties};
use super::tenant::{INITIAL, Tenant};
use serde_json::{Value, json};

/// Computes the addresses of a user with these properties.
pub fn of_user(tenant: &Tenant, id: &str, properties: &mut Properties, has_mailbox: bool) {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (mail, name, alias) = (text("mail"), text("userPrincipalName"), text("mailNickname"));
    let primary = match (mail.is_empty(), has_mailbox) {
        (false, _) => Some(mail),
        (true, true) => Some(name.clone()),
        (true, false) => None,
    };
    let old: Vec<String> = properties
        .get("proxyAddresses")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect();
    let mut addresses: Vec<String> = primary.iter().map(|primary| format!("SMTP:{primary}")).collect();
    let mut add = |address: String| {
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            addresses.push(address);
        }
    };
    for address in &old {
        add(address.strip_prefix("SMTP:").map_or_else(|| address.clone(), |bare| format!("smtp:{bare}")));
    }
    if has_mailbox {
        add(format!("smtp:{name}"));
        let suffix = format!("@{INITIAL}");
        if !old.iter().any(|address| address.to_lowercase().ends_with(&suffix)) {
            add(format!("smtp:{}", free(tenant, id, &alias)));
        }
    }
    if let Some(primary) = primary {
        properties.insert("mail".to_owned(), json!(primary));
    }
    if !addresses.is_empty() {
        properties.insert("proxyAddresses".to_owned(), json!(addresses));
    }
}

/// The address where the tenant began; one with digits if another object has it.
fn free(tenant: &Tenant, id: &str, alias: &str) -> String {
    let taken = |address: &String| tenant.addressed(address).is_some_and(|other| other != id);
    let digits = id.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 9000);
    std::iter::once(format!("{alias}@{INITIAL}"))
        .chain((0..9000).map(|further| format!("{alias}{}@{INITIAL}", 1000 + (digits + further) % 9000)))
        .find(|address| !taken(address))
        .unwrap_or_default()
}

/// Gives a new Microsoft 365 group its addresses.
pub fn of_group(tenant: &Tenant, properties: &mut Properties) {
    let alias = properties.get("mailNickname").and_then(Value::as_str).unwrap_or_default();
    let domain = tenant.domains.get(1).or(tenant.domains.first()).map_or(INITIAL, |domain| &domain.name);
    let mail = format!("{alias}@{domain}");
    let addresses = json!([format!("SMTP:{mail}"), format!("smtp:{alias}@{INITIAL}")]);
    properties.insert("mail".to_owned(), json!(mail));
    properties.insert("proxyAddresses".to_owned(), addresses);
}

/// Refuses properties that would give two objects the same name or address.
pub fn unique(tenant: &Tenant, id: &str, kind: Kind, properties: &Properties) -> Result<(), Fault> {
    let name = properties.get("userPrincipalName").and_then(Value::as_str);
    if kind == Kind::User && name.is_some_and(|name| tenant.named(name).is_some_and(|other| other != id)) {
        return Err(Fault::conflict("userPrincipalName"));
    }
    let addresses = properties.get("proxyAddresses").and_then(Value::as_array).into_iter().flatten();
    let taken = |address: &Value| {
        let address = address.as_str().unwrap_or_default();
        tenant.addressed(address).is_some_and(|other| other != id)
    };
    if addresses.into_iter().any(taken) {
        return Err(Fault::conflict("proxyAddresses"));
    }
    for (of, name) in [(Kind::User, "onPremisesImmutableId"), (Kind::Group, "uniqueName")] {
        let Some(value) = properties.get(name).filter(|value| of == kind && !value.is_null()) else { continue };
        let mut others =
            tenant.objects.values().filter(|other| other.kind == kind && other.is_live() && other.id != id);
        if others.any(|other| other.get(name) == value) {
            return Err(Fault::conflict(name));
        }
    }
    Ok(())
}
