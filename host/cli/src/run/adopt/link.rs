//! Linking an account to its person: it is remembered as it is, and its names become the person's.

use super::claims::Doubt;
use super::look::Strange;
use crate::error::CliError;
use crate::run::decide::{assemble, closed, units};
use crate::run::ground::{Ground, now};
use crate::run::reconcile::computed;
use crate::run::values::date;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluss_engine::account::AccountRef;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::ledger::{Held, Ledger, Owner};
use sluss_engine::person::PersonId;
use sluss_engine::plan::ENABLED;
use sluss_engine::policy::{AccountRule, AttributeRule, Evaluator, Policy};
use sluss_engine::primary::primary;
use sluss_engine::stage::standing;
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Draft, Parked, Store, StoreError};

/// What doubtful accounts are parked under.
pub const ADOPT: &str = "adopt";

/// An account that may be somebody's, as it is kept beside its finding until a human has said whose it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Doubtful {
    /// What is told of it.
    #[serde(flatten)]
    pub finding: Finding,
    /// Whose it may be.
    pub candidates: Vec<PersonId>,
    /// The account rule.
    pub rule: String,
    /// The target.
    pub target: String,
    /// The target's class.
    pub class: String,
    /// The target's id.
    pub remote: String,
    /// What the rule speaks of, as it was seen.
    pub attributes: Attributes,
    /// What the target computed, as far as others ask for it.
    #[serde(default)]
    pub computed: Attributes,
    /// The licences of ladders in it, each with the attribute that holds it.
    #[serde(default)]
    pub licences: Vec<(String, String)>,
    /// The names in it, by kind.
    pub names: Vec<(String, String)>,
    /// For each candidate, what keeps each of these names: the text whose change would give the person a new one.
    pub renews: Vec<Vec<String>>,
}

/// Whose a parked account may be, each with the rule that would make another account for them.
pub fn claimants(parked: &Parked) -> Vec<(PersonId, String)> {
    let doubtful = (parked.scope == ADOPT).then(|| serde_json::from_str::<Doubtful>(&parked.finding).ok()).flatten();
    let each = |doubtful: Doubtful| {
        let Doubtful { candidates, rule, .. } = doubtful;
        candidates.into_iter().map(|person| (person, rule.clone())).collect()
    };
    doubtful.map(each).unwrap_or_default()
}

/// Links an account.
pub fn account(
    ground: &mut Ground<'_>,
    rule: &AccountRule,
    person: PersonId,
    object: &Strange,
) -> Result<(), CliError> {
    let names = names(ground.policy, rule, object);
    // Its names are no longer those of something that Sluss did not make.
    ground.store.own(&rule.target, &rule.class, &object.id)?;
    for (kind, name) in &names {
        hold(ground, person, kind, name)?;
    }
    let seen = Linked::of(ground.policy, rule, object);
    let label = match ground.policy.names.first() {
        Some(first) => ground.store.held(person, &first.kind)?.map(|held| held.name),
        None => None,
    };
    let label = label.unwrap_or_else(|| format!("person {}", person.0));
    enter(&mut ground.store, rule_place(rule), person, &label, object.id.as_str(), object.version.as_deref(), &seen)?;
    if closed(&seen.attributes)
        && let Some(known) = ground.store.account(person, &rule.name)?
    {
        let today = ground.today();
        ground.store.close(known.id, Some(today))?;
    }
    Ok(ground.store.wake(person)?)
}

/// Where the accounts of a rule are.
struct RulePlace<'a> {
    target: &'a str,
    class: &'a str,
    rule: &'a str,
}

fn rule_place(rule: &AccountRule) -> RulePlace<'_> {
    RulePlace { target: &rule.target, class: &rule.class, rule: &rule.name }
}

fn enter(
    store: &mut Store,
    place: RulePlace<'_>,
    person: PersonId,
    label: &str,
    remote: &str,
    version: Option<&str>,
    seen: &Linked,
) -> Result<u64, StoreError> {
    let RulePlace { target, class, rule } = place;
    let object = store.draft(&Draft { target, class, rule, person: Some(person), group: None, label })?;
    store.observed(object, remote, version, &seen.attributes)?;
    if !seen.computed.is_empty() {
        store.compute(object, &seen.computed)?;
    }
    for (attribute, sku) in &seen.licences {
        store.license(object, attribute, sku)?;
    }
    store.own(target, class, remote)?;
    for waiting in store.waited(person)? {
        store.wake(waiting)?;
    }
    Ok(object)
}

/// What is remembered of an account that is linked.
struct Linked {
    /// What the rule speaks of.
    attributes: Attributes,
    /// What the target computed.
    computed: Attributes,
    /// The licences of ladders.
    licences: Vec<(String, String)>,
}

impl Linked {
    fn of(policy: &Policy, rule: &AccountRule, object: &Strange) -> Linked {
        let mut licences = Vec::new();
        for (_, ladder) in policy.ladders(&rule.name) {
            let held = object.values(&ladder.attribute).iter().filter_map(Value::as_text);
            let held = held.filter(|sku| ladder.rank(sku).is_some());
            licences.extend(held.map(|sku| (ladder.attribute.clone(), sku.to_owned())));
        }
        Linked { attributes: spoken(rule, object), computed: computed(policy, rule, &object.attributes), licences }
    }
}

/// What a rule speaks of in an object.
fn spoken(rule: &AccountRule, object: &Strange) -> Attributes {
    object.part(|name| name == ENABLED || rule.attributes.iter().any(|(own, _)| own == name))
}

/// The names in an object, by kind: an attribute that holds nothing but a name of some kind says what it is.
fn names(policy: &Policy, rule: &AccountRule, object: &Strange) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for kind in policy.names.iter().map(|name| &name.kind) {
        let written = format!("names.{kind}");
        let holds = |attribute: &AttributeRule| match attribute {
            AttributeRule::Expression(expression) => expression.text.trim() == written,
            AttributeRule::ManagerOfPrimary(_) => false,
        };
        let attribute = rule.attributes.iter().find(|(_, attribute)| holds(attribute));
        let name = attribute.and_then(|(name, _)| object.values(name).first()).and_then(Value::as_text);
        names.extend(name.map(|name| (kind.clone(), name.to_owned())));
    }
    names
}

/// Whether a person has a name of a kind that some account of theirs goes by. One that was chosen while nobody knew of the
/// account gives way to the account's own.
fn goes_by(store: &Store, person: PersonId, kind: &str) -> Result<bool, StoreError> {
    Ok(store.held(person, kind)?.is_some() && store.accounts_of(person)?.iter().any(|known| known.remote.is_some()))
}

/// Has a person hold a name that their account has, unless they go by one of that kind or somebody else has it.
fn hold(ground: &mut Ground<'_>, person: PersonId, kind: &str, name: &str) -> Result<(), CliError> {
    if goes_by(&ground.store, person, kind)? {
        return Ok(());
    }
    match ground.store.owner(kind, name)? {
        Owner::Free => {}
        Owner::Person(owner) if owner == person => {}
        _ => {
            let message = format!("the {kind} of the account of person {} is somebody else's already", person.0);
            ground.findings.push(
                Finding::warning(Subject::Rule(format!("name.{kind}")), message)
                    .advise("another is chosen, and the account is renamed: see `sluss plan` before you run"),
            );
            return Ok(());
        }
    }
    let renew = renew(ground, person, kind)?;
    let day = ground.day;
    Ok(ground.store.hold(person, kind, &Held { name: name.to_owned(), renew }, day)?)
}

/// The text whose change gives the person a new name of a kind, as it is now: so the one that is there is kept.
fn renew(ground: &mut Ground<'_>, person: PersonId, kind: &str) -> Result<String, CliError> {
    let policy = ground.policy;
    let Some(rule) = policy.names.iter().find(|rule| rule.kind == kind) else { return Ok(String::new()) };
    let shapes = ground.store.shapes()?;
    if ground.units.is_empty() {
        ground.units = units(&ground.store)?;
    }
    let person = assemble(ground, &shapes, person)?;
    let standing = standing(&person, &policy.stages, ground.day);
    let index = primary(&person, &policy.primary, ground.day).map(|primary| primary.index);
    let evaluator = Evaluator::new(policy);
    let find = |organisation: &str, code: &str| ground.units.get(&(organisation.to_owned(), code.to_owned()));
    let scope = evaluator.person(&person, index, &standing.active, &find);
    // A rule that fails now fails in the next run as well, and is told of there.
    Ok(scope.renew_key(rule).unwrap_or_default())
}

/// References of what was linked become references to persons, now that all accounts are known.
pub fn references(ground: &mut Ground<'_>, target: &str) -> Result<(), CliError> {
    for id in ground.store.present(target)? {
        let Some(mut known) = ground.store.object(id)? else { continue };
        let mut changed = false;
        for value in known.attributes.iter_mut().flat_map(|(_, values)| values) {
            let Value::Reference(remote) = value else { continue };
            if let Some((person, rule)) = ground.store.owner_at(target, remote)? {
                *value = AccountRef::new(person, &rule, &known.rule).value();
                changed = true;
            }
        }
        if let (true, Some(remote)) = (changed, &known.remote) {
            ground.store.observed(id, remote, known.version.as_deref(), &known.attributes)?;
        }
    }
    Ok(())
}

/// Opens a case about an account that may be somebody's. `shown` is what people may read of the account.
pub fn park(
    ground: &mut Ground<'_>,
    target: &str,
    object: &Strange,
    doubt: &Doubt,
    shown: &str,
) -> Result<(), CliError> {
    let policy = ground.policy;
    let rule = &policy.accounts[doubt.rule];
    let names = names(policy, rule, object);
    let mut renews = Vec::with_capacity(doubt.candidates.len());
    for person in &doubt.candidates {
        let own: Result<Vec<String>, CliError> = names.iter().map(|(kind, _)| renew(ground, *person, kind)).collect();
        renews.push(own?);
    }
    // The account's id may say who somebody is.
    let id = &blake3::hash(object.id.as_bytes()).to_hex()[..12];
    let persons: Vec<String> = doubt.candidates.iter().map(|person| person.0.to_string()).collect();
    let advice = format!(
        "see with `sluss explain 'person {}'` who that is, and say `sluss cases resolve {ADOPT}/{target}/{id} --as {}`, or \
         `--new` to leave it alone",
        persons[0], persons[0]
    );
    let message = format!("it may be the account of person {}: {}", persons.join(" or "), doubt.why);
    let subject = Subject::Object { target: target.to_owned(), object: shown.to_owned() };
    let seen = Linked::of(policy, rule, object);
    let case = Doubtful {
        finding: Finding::warning(subject, message).advise(advice),
        candidates: doubt.candidates.clone(),
        rule: rule.name.clone(),
        target: target.to_owned(),
        class: rule.class.clone(),
        remote: object.id.clone(),
        attributes: seen.attributes,
        computed: seen.computed,
        licences: seen.licences,
        names,
        renews,
    };
    let text = serde_json::to_string(&case).map_err(CliError::internal)?;
    ground.store.park(ADOPT, &format!("{target}: {id}"), &now(), |_| 0, &text)?;
    ground.findings.push(case.finding);
    Ok(())
}

/// A human said whose a doubtful account is. Its names become that person's where they are free; the rest is found out by
/// the next run, which decides the person again.
pub fn doubtful_is(store: &mut Store, case: &Doubtful, person: PersonId, today: i32) -> Result<bool, StoreError> {
    if store.account(person, &case.rule)?.is_some() || store.object_at(&case.target, &case.remote)?.is_some() {
        return Ok(false);
    }
    let day = date(today).unwrap_or(Date::MAX);
    store.own(&case.target, &case.class, &case.remote)?;
    let own = case.candidates.iter().position(|candidate| *candidate == person);
    let renews = own.and_then(|own| case.renews.get(own)).map_or(&[][..], Vec::as_slice);
    for (place, (kind, name)) in case.names.iter().enumerate() {
        let is_free = match store.owner(kind, name)? {
            Owner::Free => true,
            Owner::Person(owner) => owner == person,
            Owner::Foreign => false,
        };
        if is_free && !goes_by(store, person, kind)? {
            let renew = renews.get(place).cloned().unwrap_or_default();
            store.hold(person, kind, &Held { name: name.clone(), renew }, day)?;
        }
    }
    let label = case.names.first().map_or_else(|| format!("person {}", person.0), |(_, name)| name.clone());
    let place = RulePlace { target: &case.target, class: &case.class, rule: &case.rule };
    let seen = Linked {
        attributes: case.attributes.clone(),
        computed: case.computed.clone(),
        licences: case.licences.clone(),
    };
    let object = enter(store, place, person, &label, &case.remote, None, &seen)?;
    if closed(&case.attributes) {
        store.close(object, Some(today))?;
    }
    store.wake(person)?;
    Ok(true)
}
