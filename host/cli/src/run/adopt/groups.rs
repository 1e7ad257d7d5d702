//! Linking groups: one that the target has already is the rule's if it has what the rule says in the attribute that the
//! rule names. Members that are ours are remembered as members; others stay where they are.

use super::claims::{Claims, folded, told};
use super::{Adoption, look};
use crate::error::CliError;
use crate::run::ground::Ground;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::numbers;
use sluss_engine::policy::{Evaluator, GroupKey, GroupRule};
use sluss_engine::value::Value;
use sluss_store::Draft;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A group as a rule wants it.
struct Wanted {
    rule: usize,
    key: GroupKey,
    label: String,
}

/// Links the groups of a target.
pub async fn adopt(
    ground: &mut Ground<'_>,
    index: usize,
    target: &str,
    claims: &Claims,
    adoption: &mut Adoption,
) -> Result<(), CliError> {
    let mut wanted = wanted(ground, claims)?;
    for (class, attributes) in classes(ground, target) {
        let found = look::class(ground, index, &class, &attributes).await?;
        adoption.known += found.known;
        for object in found.strange {
            let shown = numbers::mask_in(&object.id);
            let mut fits = Vec::new();
            for rule in ground.policy.groups.iter().filter(|rule| rule.target == target && rule.class == class) {
                let Some(attribute) = &rule.adopt else { continue };
                for text in object.values(attribute).iter().map(crate::run::values::text) {
                    fits.push((attribute.clone(), folded(&text, ground.day)));
                }
            }
            let found = fits.iter().find_map(|fit| wanted.remove(&(class.clone(), fit.0.clone(), fit.1.clone())));
            let Some(Wanted { rule, key, label }) = found else {
                adoption.orphans.push(shown);
                continue;
            };
            let rule = &ground.policy.groups[rule];
            link(ground, rule, &key, &label, &object)?;
            adoption.groups.push((shown, format!("group {}", rule.name)));
        }
    }
    Ok(())
}

/// The groups that somebody is to be in, by class, attribute and value.
fn wanted(ground: &mut Ground<'_>, claims: &Claims) -> Result<HashMap<(String, String, String), Wanted>, CliError> {
    let policy = ground.policy;
    let evaluator = Evaluator::new(policy);
    let mut wanted = HashMap::new();
    for (place, key) in &claims.groups {
        let rule = &policy.groups[*place];
        let Some(attribute) = &rule.adopt else { continue };
        if ground.store.group(&rule.name, &key.key)?.is_some() {
            continue;
        }
        let unit = ground.units.get(&(key.organisation.clone(), key.unit_code.clone()));
        match evaluator.group_attributes(rule, key, unit) {
            Ok(attributes) => {
                let text = |name: &String| {
                    let values = attributes.iter().find(|(own, _)| own == name).map(|(_, values)| values);
                    values.and_then(|values| values.first()).map(crate::run::values::text)
                };
                let Some(value) = text(attribute) else { continue };
                let label = attributes.first().and_then(|(name, _)| text(name)).unwrap_or_else(|| value.clone());
                let at = (rule.class.clone(), attribute.clone(), folded(&value, ground.day));
                wanted.insert(at, Wanted { rule: *place, key: key.clone(), label });
            }
            Err(fault) => ground.findings.push(told(fault)),
        }
    }
    Ok(wanted)
}

/// The classes of groups that are looked at, with what is asked of each object.
fn classes(ground: &Ground<'_>, target: &str) -> Vec<(String, Vec<String>)> {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in ground.policy.groups.iter().filter(|rule| rule.target == target && rule.adopt.is_some()) {
        let names = classes.entry(rule.class.clone()).or_default();
        names.extend(rule.attributes.iter().map(|(name, _)| name.clone()));
        names.insert(rule.member.clone());
    }
    classes.into_iter().map(|(class, names)| (class, names.into_iter().collect())).collect()
}

fn link(
    ground: &mut Ground<'_>,
    rule: &GroupRule,
    key: &GroupKey,
    label: &str,
    object: &look::Strange,
) -> Result<(), CliError> {
    let draft = Draft {
        target: &rule.target,
        class: &rule.class,
        rule: &rule.name,
        person: None,
        group: Some((&key.key, &rule.member)),
        label,
    };
    let id = ground.store.draft(&draft)?;
    let attributes = object.part(|name| rule.attributes.iter().any(|(own, _)| own == name));
    ground.store.observed(id, &object.id, object.version.as_deref(), &attributes)?;
    ground.store.own(&rule.target, &rule.class, &object.id)?;
    let mut strangers = 0_u64;
    for value in object.values(&rule.member) {
        let Value::Reference(remote) = value else { continue };
        match ground.store.at(&rule.target, remote)? {
            Some((account, Some(person))) => {
                ground.store.join(account, id)?;
                ground.store.wake(person)?;
            }
            _ => strangers += 1,
        }
    }
    ground.store.soil(id)?;
    if strangers > 0 {
        let subject = Subject::Object { target: rule.target.clone(), object: label.to_owned() };
        let message = format!("{strangers} of its members are nobody whom Sluss knows");
        ground.findings.push(Finding::warning(subject, message).advise(
            "they stay for now, and a run with --reconcile takes them out: resolve the cases of accounts first",
        ));
    }
    Ok(())
}
