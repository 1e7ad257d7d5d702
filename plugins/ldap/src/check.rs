//! Looking whether all is there: the server, the base, the containers, and what the schema must know.

use sluss_sdk::directory::{Class, ClassSettings, Dn, Layout, Schema, Server, holder};
use sluss_sdk::ldap::Entry;
use sluss_sdk::{CheckResult, Error};
use std::collections::BTreeMap;

const PAGES: &[u8] = b"1.2.840.113556.1.4.319";

/// Everything that is to be said.
pub fn check(server: &impl Server, settings: &BTreeMap<String, ClassSettings>) -> Vec<CheckResult> {
    let root = match server.root() {
        Ok(root) => root,
        Err(error) => return vec![CheckResult::failure("server", error.message)],
    };
    let mut results = greet(&root);
    let layout = match open(server, settings) {
        Ok(layout) => layout,
        Err(error) => {
            results.push(CheckResult::failure("base", error.message));
            return results;
        }
    };
    results.push(CheckResult::info("base", format!("{} is there", layout.base())));
    results.extend(layout.classes().iter().map(|class| room(server, &layout, class)));
    match Schema::read(server, &root) {
        Ok(Some(schema)) => {
            let gaps: Vec<CheckResult> =
                layout.classes().iter().flat_map(|class| gaps(&schema, class, settings.get(class.name()))).collect();
            if gaps.is_empty() {
                results.push(CheckResult::info("schema", "It knows the object classes and attributes of the settings"));
            }
            results.extend(gaps);
        }
        Ok(None) => {
            let message = "The server does not show its schema, so object classes and attributes could not be checked";
            results.push(CheckResult::warning("schema", message));
        }
        Err(error) => results.push(CheckResult::failure("schema", error.message)),
    }
    results
}

/// The classes on the granted base, in the server's spelling.
pub fn open(server: &impl Server, settings: &BTreeMap<String, ClassSettings>) -> Result<Layout, Error> {
    let granted = server.base()?;
    let base = server.spelling(&Dn::parse(&granted)?)?.ok_or_else(|| {
        Error::config(format!(
            "There is no entry `{granted}`, or this account may not see it: add it, or put right the connection's `base`"
        ))
    })?;
    Layout::new(&base.to_string(), settings)
}

fn greet(root: &Entry) -> Vec<CheckResult> {
    let told = ["vendorName", "vendorVersion"].map(|name| root.values(name).first());
    let told: Vec<_> = told.into_iter().flatten().map(|value| String::from_utf8_lossy(value)).collect();
    let message = if told.is_empty() { "It answers".to_owned() } else { format!("It answers: {}", told.join(" ")) };
    let mut results = vec![CheckResult::info("server", message)];
    if !root.values("supportedControl").iter().any(|control| control == PAGES) {
        let message = "It cannot give entries in pages (RFC 2696): of a class with many entries nothing can be read";
        results.push(CheckResult::warning("server", message));
    }
    results
}

fn room(server: &impl Server, layout: &Layout, class: &Class) -> CheckResult {
    let (title, container) = (format!("class {}", class.name()), class.container());
    let mut missing = None;
    let mut above = Some(container.clone());
    while let Some(place) = above.filter(|above| above.depth() > layout.base().depth()) {
        match server.spelling(&place) {
            Ok(Some(_)) => break,
            Ok(None) => {}
            Err(error) => return CheckResult::failure(title, error.message),
        }
        if let Err(error) = holder(&place) {
            return CheckResult::failure(title, error.message);
        }
        above = place.parent();
        missing = Some(place);
    }
    match missing {
        None => CheckResult::info(title, format!("New entries are put in {container}")),
        Some(_) => CheckResult::info(title, format!("{container} is not there yet; it is made with the first entry")),
    }
}

/// What the schema lacks for a class.
fn gaps(schema: &Schema, class: &Class, settings: Option<&ClassSettings>) -> Vec<CheckResult> {
    let name = class.name();
    let mut messages: Vec<String> = class
        .object_classes()
        .iter()
        .filter(|own| !schema.has_class(own))
        .map(|own| {
            format!(
                "The server does not know the object class `{own}`: load the schema that has it, or say in \
                 classes.{name}.object-classes which ones are used instead"
            )
        })
        .collect();
    let rdn = settings.and_then(|settings| settings.rdn.clone());
    let named = rdn.map(|attribute| (attribute, "rdn"));
    let member = class.attribute("member").filter(|own| name == "group" || own != "member");
    let member = member.map(|attribute| (attribute, "member-attribute"));
    for (attribute, key) in named.into_iter().chain(member).filter(|(attribute, _)| !schema.has_attribute(attribute)) {
        messages.push(format!(
            "The server does not know the attribute `{attribute}`: load the schema that has it, or say in \
             classes.{name}.{key} which one is used instead"
        ));
    }
    if let Some(attribute) = class.attribute("enabled").filter(|own| own != "enabled" && !schema.has_attribute(own)) {
        let load = match attribute.eq_ignore_ascii_case("pwdAccountLockedTime") {
            true => "load the ppolicy overlay (`moduleload ppolicy`, `overlay ppolicy`)",
            false => "load the schema that has it",
        };
        messages.push(format!(
            "The server does not know the attribute `{attribute}`, by which accounts are disabled: {load}, or say in \
             classes.{name}.disable which attribute disables"
        ));
    }
    messages.into_iter().map(|message| CheckResult::failure(format!("schema {name}"), message)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fake::Fake;
    use sluss_sdk::Severity;

    fn settings(text: &str) -> BTreeMap<String, ClassSettings> {
        serde_json::from_str(text).unwrap()
    }

    fn failures(results: &[CheckResult]) -> Vec<&str> {
        let failed = results.iter().filter(|result| result.severity == Severity::Failure);
        failed.map(|result| result.message.as_str()).collect()
    }

    #[test]
    fn all_is_well_and_a_missing_container_is_told() {
        let server = Fake::default();
        let results = check(&server, &settings("{}"));
        assert!(results.iter().all(|result| result.severity == Severity::Info), "{results:?}");
        let group = results.iter().find(|result| result.name == "class group").unwrap();
        assert!(group.message.contains("made with the first entry"), "{group:?}");
    }

    #[test]
    fn what_the_schema_lacks_is_told_with_what_to_do() {
        let server = Fake::default();
        server.put(
            "cn=Subschema",
            &[("objectClasses", "( 1 NAME 'groupOfNames' )"), ("attributeTypes", "( 2 NAME 'cn' )")],
        );
        let results =
            check(&server, &settings(r#"{"group":{"member-attribute":"uniqueMember"},"user":{"rdn":"upn"}}"#));
        let failures = failures(&results);
        assert_eq!(failures.len(), 4, "{failures:?}");
        assert!(failures[0].contains("`inetOrgPerson`") && failures[0].contains("classes.user.object-classes"));
        assert!(failures[1].contains("`upn`") && failures[1].contains("classes.user.rdn"));
        assert!(failures[2].contains("ppolicy") && failures[2].contains("classes.user.disable"));
        assert!(failures[3].contains("`uniqueMember`") && failures[3].contains("classes.group.member-attribute"));
    }

    #[test]
    fn a_missing_base_and_a_container_that_cannot_be_made_are_faults() {
        let server = Fake::default();
        let results = check(&server, &settings(r#"{"user":{"container":"uid=box"}}"#));
        assert!(failures(&results)[0].contains("add it by hand"), "{results:?}");
        server.clear();
        let results = check(&server, &settings("{}"));
        assert!(failures(&results)[0].contains("There is no entry `dc=example,dc=se`"), "{results:?}");
    }
}
