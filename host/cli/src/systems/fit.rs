//! Whether what the operator wrote fits what the plugins say: settings and grants, and the policy's rules.

use crate::config::{Config, Role, SystemConfig};
use crate::error::FileFault;
use crate::word::suggest;
use sluss_engine::fault::{Fault, Place};
use sluss_engine::plan::ENABLED;
use sluss_engine::policy::{AccountRule, AttributeRule, Policy};
use sluss_plugin::Description;
use sluss_plugin::description::{Class, ValueKind};

/// A fault that the sandbox found in settings or grants, at the line where the operator wrote them.
pub(super) fn setting(wanted: &SystemConfig, fault: Fault) -> FileFault {
    let path = fault.attribute.as_deref().unwrap_or_default();
    let (place, text) = match wanted.settings.place(path) {
        Some((place, text)) => (place.clone(), text.to_owned()),
        None => wanted.place.clone(),
    };
    FileFault { place: fault.place.unwrap_or(place), text, message: fault.message, help: None }
}

/// Rules for systems that are no targets, and words of authority for systems that are not there.
pub fn strangers(policy: &Policy, config: &Config) -> Vec<FileFault> {
    let mut faults = rules(policy, config);
    for (system, place) in policy.authority.named.iter().filter(|(system, _)| config.system(system).is_none()) {
        let help = suggest(system, config.systems.iter().map(|system| system.name.as_str()));
        faults.push(fault(place, system, format!("there is no system `{system}`"), help));
    }
    let is_target = |name: &str| config.system(name).is_some_and(|system| system.role == Role::Target);
    for elsewhere in policy.names.iter().flat_map(|rule| &rule.unique_in).filter(|name| !is_target(&name.system)) {
        faults.push(no_target(&elsewhere.system, &elsewhere.place, config));
    }
    faults
}

/// What is said of a rule for a system that is no target.
fn no_target(name: &str, place: &Place, config: &Config) -> FileFault {
    let targets = config.systems.iter().filter(|system| system.role == Role::Target);
    let message = match config.system(name) {
        Some(_) => format!("the system `{name}` is no target"),
        None => format!("there is no system `{name}`"),
    };
    fault(place, name, message, suggest(name, targets.map(|system| system.name.as_str())))
}

fn rules(policy: &Policy, config: &Config) -> Vec<FileFault> {
    let accounts = policy.accounts.iter().map(|rule| (&rule.target, &rule.place));
    let groups = policy.groups.iter().map(|rule| (&rule.target, &rule.place));
    let is_target = |name: &str| config.system(name).is_some_and(|system| system.role == Role::Target);
    accounts
        .chain(groups)
        .filter(|(target, _)| !is_target(target))
        .map(|(target, place)| no_target(target, place, config))
        .collect()
}

/// Rules that ask a target for what it does not know.
pub(super) fn policy(policy: &Policy, target: &str, description: &Description) -> Vec<FileFault> {
    let mut faults = Vec::new();
    for rule in policy.accounts.iter().filter(|rule| rule.target == target) {
        let Some(class) = class(description, &rule.class, &rule.place, &mut faults) else { continue };
        for (name, attribute) in &rule.attributes {
            let (place, wants_reference) = match attribute {
                AttributeRule::Expression(expression) => (&expression.place, false),
                AttributeRule::ManagerOfPrimary(_) => (&rule.place, true),
            };
            attribute_of(class, name, place, wants_reference, &mut faults);
        }
        for (_, ladder) in policy.ladders(&rule.name) {
            attribute_of(class, &ladder.attribute, &ladder.place, false, &mut faults);
        }
        asked(policy, rule, class, &mut faults);
        let given: Vec<&str> = rule.attributes.iter().map(|(name, _)| name.as_str()).collect();
        missing(class, &given, &rule.place, &mut faults);
    }
    for elsewhere in policy.names.iter().flat_map(|rule| &rule.unique_in).filter(|name| name.system == target) {
        let name = elsewhere.attribute.as_str();
        let mut readable = description.classes.iter().filter(|class| class.operations.read);
        if !readable.any(|class| class.open || class.attribute(name).is_some()) {
            let known = description.classes.iter().flat_map(|class| &class.attributes);
            let help = suggest(name, known.map(|attribute| attribute.name.as_str()));
            let message = format!("no class of {target} has an attribute `{name}`");
            faults.push(fault(&elsewhere.place, name, message, help));
        }
    }
    for rule in policy.groups.iter().filter(|rule| rule.target == target) {
        let Some(class) = class(description, &rule.class, &rule.place, &mut faults) else { continue };
        for (name, expression) in &rule.attributes {
            attribute_of(class, name, &expression.place, false, &mut faults);
        }
        attribute_of(class, &rule.member, &rule.place, true, &mut faults);
        let mut given: Vec<&str> = rule.attributes.iter().map(|(name, _)| name.as_str()).collect();
        given.push(&rule.member);
        missing(class, &given, &rule.place, &mut faults);
    }
    faults
}

fn class<'d>(
    description: &'d Description,
    name: &str,
    place: &Place,
    faults: &mut Vec<FileFault>,
) -> Option<&'d Class> {
    let found = description.class(name);
    if found.is_none() {
        let help = suggest(name, description.classes.iter().map(|class| class.name.as_str()));
        faults.push(fault(place, name, format!("the plugin {} has no class `{name}`", description.id), help));
    }
    found
}

/// What other accounts ask this one for and it does not have.
fn asked(policy: &Policy, rule: &AccountRule, class: &Class, faults: &mut Vec<FileFault>) {
    for feed in policy.accounts.iter().flat_map(|other| &other.feeds).filter(|feed| feed.rule == rule.name) {
        let name = feed.attribute.as_str();
        if !policy.computed_of(rule).contains(&name) || class.open {
            continue;
        }
        match class.attribute(name) {
            Some(attribute) if !attribute.traits.write_only => {}
            Some(_) => {
                let message = format!("the attribute `{name}` of the class `{}` cannot be read", class.name);
                faults.push(fault(&feed.place, &feed.text, message, None));
            }
            None => {
                let known = class.attributes.iter().map(|attribute| attribute.name.as_str());
                let message = format!("the class `{}` has no attribute `{name}`", class.name);
                faults.push(fault(&feed.place, &feed.text, message, suggest(name, known)));
            }
        }
    }
}

/// An attribute that the class does not have or nobody can write.
fn attribute_of(class: &Class, name: &str, place: &Place, wants_reference: bool, faults: &mut Vec<FileFault>) {
    match class.attribute(name) {
        None if class.open => {}
        None => {
            let known = class.attributes.iter().map(|attribute| attribute.name.as_str());
            let message = format!("the class `{}` has no attribute `{name}`", class.name);
            faults.push(fault(place, name, message, suggest(name, known)));
        }
        Some(attribute) if attribute.traits.read_only => {
            let message = format!("the attribute `{name}` of the class `{}` is the system's own", class.name);
            faults.push(fault(place, name, message, Some("take it out of the rule".to_owned())));
        }
        Some(attribute) if wants_reference && attribute.kind != ValueKind::Reference => {
            let references = class.attributes.iter().filter(|attribute| attribute.kind == ValueKind::Reference);
            let help = suggest(name, references.map(|attribute| attribute.name.as_str()));
            let message = format!("the attribute `{name}` of the class `{}` does not refer to objects", class.name);
            faults.push(fault(place, name, message, help));
        }
        Some(_) => {}
    }
}

/// Attributes that an object cannot be without, and that no rule gives.
fn missing(class: &Class, given: &[&str], place: &Place, faults: &mut Vec<FileFault>) {
    let needed = class.attributes.iter().filter(|attribute| attribute.traits.required && !attribute.traits.read_only);
    for attribute in needed.filter(|attribute| attribute.name != ENABLED && !given.contains(&attribute.name.as_str())) {
        let message = format!("an object of the class `{}` needs `{}`", class.name, attribute.name);
        faults.push(fault(
            place,
            &class.name,
            message,
            Some(format!("add `{} = …` to the rule's attributes", attribute.name)),
        ));
    }
}

fn fault(place: &Place, text: &str, message: String, help: Option<String>) -> FileFault {
    FileFault { place: place.clone(), text: text.to_owned(), message, help }
}
