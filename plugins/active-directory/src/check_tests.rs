//! What a check says of a domain that lacks something.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{BASE, Fake};
use sluss_sdk::Severity;

fn settings(text: &str) -> Settings {
    serde_json::from_str(&format!(r#"{{"connection":"domain"{text}}}"#)).unwrap()
}

fn said(results: &[CheckResult], severity: Severity) -> Vec<&str> {
    let some = results.iter().filter(|result| result.severity == severity);
    some.map(|result| result.message.as_str()).collect()
}

/// The one thing that is wrong.
#[track_caller]
fn only(domain: &Fake, settings: &Settings, severity: Severity) -> String {
    let results = check(domain, settings);
    let some = said(&results, severity);
    assert_eq!(some.len(), 1, "{results:?}");
    some[0].to_owned()
}

#[test]
fn all_is_well_and_a_missing_container_is_told() {
    let domain = Fake::default();
    let results = check(&domain, &settings(""));
    assert!(results.iter().all(|result| result.severity == Severity::Info), "{results:?}");
    let all = said(&results, Severity::Info).join("\n");
    assert!(all.contains(
        "dc1.ad.test is a domain controller; the functional level of the domain is 2016, that of the forest 99"
    ));
    assert!(
        all.contains("OU=Groups,OU=Town,DC=ad,DC=test is not there yet") && all.contains("encrypted connections only")
    );
    let none = check(&domain, &settings(r#","password":"none""#));
    assert!(!said(&none, Severity::Info).join("").contains("encrypted connections"));
}

#[test]
fn another_kind_of_server_is_told_from_a_domain_controller() {
    let domain = Fake::default();
    let all = domain.root.take();
    *domain.root.borrow_mut() = all.iter().filter(|(name, _)| *name != "supportedCapabilities").cloned().collect();
    assert!(only(&domain, &settings(""), Severity::Failure).contains("the plugin `ldap`"));
    *domain.root.borrow_mut() = all.clone();
    domain.root.borrow_mut().push(("supportedCapabilities", "1.2.840.113556.1.4.1920".into()));
    assert!(only(&domain, &settings(""), Severity::Failure).contains("read-only"));
    *domain.root.borrow_mut() =
        all.iter().filter(|(name, value)| !(*name == "supportedControl" && value.ends_with(".841"))).cloned().collect();
    domain.root.borrow_mut().retain(|(name, _)| *name != "isSynchronized");
    domain.root.borrow_mut().push(("isSynchronized", "FALSE".into()));
    let results = check(&domain, &settings(""));
    let warnings = said(&results, Severity::Warning);
    assert!(warnings[0].contains("not caught up") && warnings[1].contains("what changed"), "{warnings:?}");
}

#[test]
fn a_recycle_bin_that_is_turned_off_is_told_with_what_to_do() {
    let domain = Fake::default();
    let features = domain.at("CN=Partitions,CN=Configuration,DC=ad,DC=test").unwrap();
    domain.remove(features);
    assert!(only(&domain, &settings(""), Severity::Warning).contains("does not show"));
    domain.put("CN=Partitions,CN=Configuration,DC=ad,DC=test", &[("msDS-EnabledFeature", "CN=Other,DC=test")]);
    assert!(only(&domain, &settings(""), Severity::Warning).contains("Enable-ADOptionalFeature"));
}

#[test]
fn what_this_account_may_not_do_is_told() {
    let domain = Fake::default();
    let people = domain.at(&format!("OU=People,{BASE}")).unwrap();
    domain.remove(people);
    domain.put(&format!("OU=People,{BASE}"), &[("objectClass", "organizationalUnit")]);
    let message = only(&domain, &settings(""), Severity::Failure);
    assert!(message.contains("class `user` in OU=People,OU=Town,DC=ad,DC=test: grant it that"), "{message}");
    let domain = Fake::default();
    let may = ["cn", "sAMAccountName"].map(|name| ("allowedAttributesEffective", name));
    let own = [("objectClass", "user"), ("sAMAccountName", "eva")];
    domain.put(&format!("CN=eva,OU=People,{BASE}"), &[&own[..], &may].concat());
    let message = only(&domain, &settings(""), Severity::Failure);
    assert!(message.contains("may not write pwdLastSet, userAccountControl of an object in OU=People"), "{message}");
    let domain = Fake::default();
    let base = domain.at(BASE).unwrap();
    domain.remove(base);
    domain.put(BASE, &[("objectClass", "organizationalUnit")]);
    assert!(only(&domain, &settings(""), Severity::Failure).contains("class `organizationalUnit` in OU=Town"));
    let boxed = settings(r#","classes":{"user":{"container":"CN=Box"}}"#);
    assert!(said(&check(&Fake::default(), &boxed), Severity::Failure)[0].contains("add it by hand"));
}

#[test]
fn what_the_schema_lacks_is_told_with_what_to_do() {
    let domain = Fake::default();
    let odd = settings(r#","classes":{"user":{"rdn":"displayName","kinds":{"birthday":"date"}}},"exchange":"hybrid""#);
    let results = check(&domain, &odd);
    let failures = said(&results, Severity::Failure);
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert!(failures[0].contains("`birthday`, which classes.user.kinds names"));
    assert!(failures[1].contains("msExchRecipientTypeDetails, mailNickname, targetAddress"));
    let schema = domain.at("CN=Aggregate,CN=Schema,CN=Configuration,DC=ad,DC=test").unwrap();
    domain.remove(schema);
    assert!(only(&domain, &settings(""), Severity::Warning).contains("does not show its schema"));
}

#[test]
fn a_missing_base_is_a_fault() {
    let domain = Fake::default();
    let base = domain.at(BASE).unwrap();
    domain.remove(base);
    assert!(only(&domain, &settings(""), Severity::Failure).contains("There is no entry `ou=town,dc=ad,dc=test`"));
}
