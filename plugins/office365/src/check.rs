//! Looking whether all is there: the tenant, what the application may read, the domains and licences of the settings.
//!
//! Nothing is written, so what the application may write shows only when it does.

use crate::graph::{Asked, Graph};
use crate::known::ask;
use crate::licence::Catalogue;
use crate::settings::{Mode, Restore, Settings};
use serde_json::Value as Json;
use sluss_sdk::{CheckResult, Error, ErrorKind};

/// Everything that is to be said.
pub fn check(graph: &impl Graph, settings: &Settings) -> Vec<CheckResult> {
    let asked = Asked::get("/organization").option("$select", "id,displayName,verifiedDomains,onPremisesSyncEnabled");
    let organisation = match ask(graph, &asked, "tell about the organisation") {
        Ok(told) => Some(told["value"][0].clone()),
        Err(error) if error.kind == ErrorKind::Permission => None,
        // Without a token, or without a tenant, nothing else can be said.
        Err(error) => return vec![CheckResult::failure("tenant", error.message)],
    };
    let mut results = vec![match &organisation {
        Some(told) => CheckResult::info("tenant", format!("It is {}", told["displayName"].as_str().unwrap_or("there"))),
        None => missing("tenant", "Organization.Read.All", "the organisation"),
    }];
    for (name, path, permission, what) in
        [("users", "/users", "User.ReadWrite.All", "accounts"), ("groups", "/groups", "Group.ReadWrite.All", "groups")]
    {
        let asked = Asked::get(path).option("$select", "id").option("$top", "1");
        results.push(readable(name, ask(graph, &asked, "tell one of its objects"), permission, what));
    }
    if settings.restore == Restore::SamePerson {
        let asked =
            Asked::get("/directory/deletedItems/microsoft.graph.user").option("$select", "id").option("$top", "1");
        results.push(readable("bin", ask(graph, &asked, "look into the bin"), "User.ReadWrite.All", "the bin"));
    }
    if let Some(organisation) = &organisation {
        results.extend(domains(organisation, settings));
        results.extend(synchronisation(organisation, settings));
    }
    results.extend(licences(graph, settings));
    results.push(CheckResult::info(
        "writing",
        "What the application may write shows when it does: see the plugin's README for what to grant",
    ));
    results.push(CheckResult::info(
        "bin",
        "Whether a security group that was removed can be restored differs between tenants: nothing relies on it",
    ));
    results
}

fn readable(name: &str, answer: Result<Json, Error>, permission: &str, what: &str) -> CheckResult {
    match answer {
        Ok(_) => CheckResult::info(name, format!("The application may read {what}")),
        Err(error) if error.kind == ErrorKind::Permission => missing(name, permission, what),
        Err(error) => CheckResult::failure(name, error.message),
    }
}

fn missing(name: &str, permission: &str, what: &str) -> CheckResult {
    let message =
        format!("The application may not read {what}: grant it {permission}, and consent as an administrator");
    CheckResult::failure(name, message)
}

fn domains(organisation: &Json, settings: &Settings) -> Vec<CheckResult> {
    let verified: Vec<&str> = organisation["verifiedDomains"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|domain| domain["name"].as_str())
        .collect();
    let is_there = |domain: &&String| verified.iter().any(|own| own.eq_ignore_ascii_case(domain));
    let strange: Vec<&String> = settings.domains.iter().filter(|domain| !is_there(domain)).collect();
    if settings.domains.is_empty() {
        let message = format!("Accounts may be named in any of the tenant's: {}", verified.join(", "));
        return vec![CheckResult::info("domains", message)];
    }
    if strange.is_empty() {
        return vec![CheckResult::info("domains", "The tenant has all of the settings")];
    }
    let tell = |domain: &&String| {
        CheckResult::failure(
            "domains",
            format!("{domain} is no verified domain of the tenant, which has {}", verified.join(", ")),
        )
    };
    strange.iter().map(tell).collect()
}

fn synchronisation(organisation: &Json, settings: &Settings) -> Option<CheckResult> {
    let syncs = organisation["onPremisesSyncEnabled"] == true;
    match (settings.mode, syncs) {
        (Mode::Hybrid, true) => {
            Some(CheckResult::info("synchronisation", "Accounts come from Active Directory, as the settings say"))
        }
        (Mode::Hybrid, false) => Some(CheckResult::warning(
            "synchronisation",
            "The tenant is not synchronised with an Active Directory: in the mode `hybrid` no account will be found",
        )),
        (Mode::Cloud, true) => Some(CheckResult::warning(
            "synchronisation",
            "Active Directory owns some of the accounts: in the mode `cloud` they are left as they are",
        )),
        (Mode::Cloud, false) => None,
    }
}

fn licences(graph: &impl Graph, settings: &Settings) -> Vec<CheckResult> {
    let asked = Asked::get("/subscribedSkus");
    let told = match ask(graph, &asked, "tell the licences") {
        Ok(told) => told,
        Err(error) if error.kind == ErrorKind::Permission => {
            return vec![missing("licences", "LicenseAssignment.ReadWrite.All", "the licences")];
        }
        Err(error) => return vec![CheckResult::failure("licences", error.message)],
    };
    let catalogue = Catalogue::read(&told, &settings.licences);
    let names: Vec<&str> = catalogue.skus().iter().map(|sku| sku.name.as_str()).collect();
    let tell = |name: &String| match catalogue.find(name) {
        None => CheckResult::failure("licences", format!("The tenant has no {name}; it has {}", names.join(", "))),
        Some(sku) if sku.free() == 0 => {
            CheckResult::warning("licences", format!("All {} seats of {} are taken", sku.total, sku.name))
        }
        Some(sku) => {
            CheckResult::info("licences", format!("{} of {} seats of {} are free", sku.free(), sku.total, sku.name))
        }
    };
    if settings.licences.is_empty() {
        let message = format!("The settings name none, so none is given; the tenant has {}", names.join(", "));
        return vec![CheckResult::info("licences", message)];
    }
    settings.licences.iter().map(tell).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fake::{Turn, tenant};
    use serde_json::json;
    use sluss_sdk::Severity;

    fn faults(results: &[CheckResult]) -> Vec<(&str, Severity)> {
        let odd = results.iter().filter(|result| result.severity != Severity::Info);
        odd.map(|result| (result.name.as_str(), result.severity)).collect()
    }

    #[test]
    fn a_tenant_that_fits_its_settings_has_nothing_to_tell() {
        let tenant =
            tenant(json!({"domains": ["Example.org"], "licences": ["STANDARDPACK"], "restore": "same-person"}));
        let results = check(&tenant.graph, &tenant.settings);
        assert_eq!(faults(&results), []);
        assert!(results.iter().any(|result| result.message == "10 of 10 seats of STANDARDPACK are free"));
    }

    #[test]
    fn everything_that_does_not_fit_is_told_at_once() {
        let tenant =
            tenant(json!({"domains": ["elsewhere.org"], "licences": ["STANDARDPACK", "E5"], "mode": "hybrid"}));
        tenant.graph.seats.set(0);
        tenant.graph.turn("GET /groups", Turn::Says(403, Json::Null));
        let results = check(&tenant.graph, &tenant.settings);
        assert_eq!(
            faults(&results),
            [
                ("groups", Severity::Failure),
                ("domains", Severity::Failure),
                ("synchronisation", Severity::Warning),
                ("licences", Severity::Warning),
                ("licences", Severity::Failure),
            ]
        );
        assert!(results.iter().any(|result| result.message.contains("grant it Group.ReadWrite.All")));
    }

    #[test]
    fn without_a_token_nothing_else_is_said() {
        let tenant = tenant(json!({}));
        tenant.graph.turn("GET /organization", Turn::Says(401, Json::Null));
        assert_eq!(faults(&check(&tenant.graph, &tenant.settings)), [("tenant", Severity::Failure)]);
        tenant.graph.turn("GET /organization", Turn::Says(403, Json::Null));
        assert_eq!(faults(&check(&tenant.graph, &tenant.settings)), [("tenant", Severity::Failure)]);
    }
}
