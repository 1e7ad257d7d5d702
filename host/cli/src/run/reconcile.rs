//! Comparing what targets hold with what is known of them. What differs is noted as it is, and whoever it concerns is
//! decided again: the plan then puts it right like any other difference. What Sluss did not make is not looked at, but for
//! names that nobody is to be given.

use super::ground::Ground;
use super::send::alike;
use super::strangers::Names;
use crate::error::CliError;
use crate::report::Tripped;
use crate::systems::beside;
use fixedbitset::FixedBitSet;
use hashbrown::{HashMap, HashSet};
use sluss_engine::change::Edit;
use sluss_engine::decide::{account_of, person_of};
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::guard::over;
use sluss_engine::person::PersonId;
use sluss_engine::plan::Action;
use sluss_engine::policy::{AccountRule, Policy};
use sluss_engine::record::{Page, Rest, Row};
use sluss_engine::value::{Attributes, Cell, Value};
use sluss_store::{Body, Entry, Known, Phase};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Objects a page.
const PAGE: u32 = 1000;

/// Reads every class that the policy writes: of every target, or only of those whose place is another than it was, or in
/// which names are looked for that nobody looked for before.
pub async fn targets(ground: &mut Ground<'_>, all: bool) -> Result<(), CliError> {
    for index in 0..ground.systems.targets.len() {
        let name = ground.systems.targets[index].name.clone();
        let place = ground.systems.targets[index].place();
        let setting = format!("place of {name}");
        let before = ground.store.setting(&setting)?;
        let moved = before.as_ref().is_some_and(|before| *before != place);
        if moved && !all {
            ground.findings.push(
                Finding::note(Subject::System(name.clone()), "its settings or its address are not what they were")
                    .advise("it is compared with what is known of it before anything is planned"),
            );
        }
        let names = Names::of(ground, index, all || moved).await?;
        let look = all || moved || names.are_new();
        let mut looked = Looked { names, ..Looked::default() };
        let mut classes = managed(ground.policy, &name);
        classes.extend(looked.names.others(&classes));
        for (class, mut attributes) in classes {
            if !look || ground.suspended.contains_key(&name) {
                break;
            }
            ground.progress.stage(&format!("comparing {class}s of {name}"), None);
            attributes.extend(looked.names.attributes(&class));
            attributes.sort_unstable();
            attributes.dedup();
            match class_of(ground, index, &name, &class, attributes, &mut looked).await? {
                Ok(known) => {
                    looked.names.end(&mut ground.store, &class)?;
                    looked.whole.insert(class, (known, 0));
                }
                Err(fault) => ground.suspend(&name, fault),
            }
        }
        if look && !ground.suspended.contains_key(&name) {
            looked.names.done(ground)?;
        }
        looked.gone(ground, &name)?;
        if before.is_none() || moved && !ground.suspended.contains_key(&name) {
            ground.store.set(&setting, &place)?;
        }
    }
    Ok(())
}

/// What was seen of a target.
#[derive(Default)]
struct Looked {
    /// The objects that are there, by the store's ids.
    seen: FixedBitSet,
    /// The persons of accounts that others referred to, by the target's ids: a few are referred to by everybody.
    met: HashMap<String, Option<PersonId>>,
    /// The accounts among them, by digests of the target's ids: what groups hold is found here, and not object by object
    /// in a table that is larger than the memory it may take.
    accounts: HashMap<[u8; 16], u32>,
    /// The classes that were read as a whole, with how many objects were known and how many of them are gone.
    whole: BTreeMap<String, (u64, u64)>,
    /// The names of what is not ours.
    names: Names,
}

impl Looked {
    /// Notes what of the classes that were read as a whole is no longer there.
    fn gone(mut self, ground: &mut Ground<'_>, target: &str) -> Result<(), CliError> {
        if self.whole.is_empty() {
            return Ok(());
        }
        for id in ground.store.present(target)? {
            if !self.seen.contains(id as usize)
                && let Some(object) = ground.store.object(id)?
                && let Some((known, gone)) = self.whole.get_mut(&object.class)
            {
                (*known, *gone) = (*known + 1, *gone + 1);
                missing(ground, &object)?;
            }
        }
        // An empty directory, or another one, is no reason to make everybody a second time.
        for (known, gone) in self.whole.into_values() {
            if let Some(limit) = over(&ground.policy.guards.removals, gone, known) {
                let guard = "guards.removals".to_owned();
                ground.tripped.push(Tripped { guard, system: target.to_owned(), count: gone, of: known, limit });
            }
        }
        Ok(())
    }
}

/// The attributes of each class of a target that the policy speaks of; classes of accounts come before those of groups,
/// whose members they are.
fn managed(policy: &Policy, target: &str) -> Vec<(String, Vec<String>)> {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in policy.accounts.iter().filter(|rule| rule.target == target) {
        let names = classes.entry(rule.class.clone()).or_default();
        names.extend(rule.attributes.iter().map(|(name, _)| name.clone()));
        names.insert(sluss_engine::plan::ENABLED.to_owned());
        names.extend(policy.computed_of(rule).into_iter().map(str::to_owned));
        names.extend(policy.ladders(&rule.name).map(|(_, ladder)| ladder.attribute.clone()));
    }
    let mut groups = BTreeSet::new();
    for rule in policy.groups.iter().filter(|rule| rule.target == target) {
        let names = classes.entry(rule.class.clone()).or_default();
        names.extend(rule.attributes.iter().map(|(name, _)| name.clone()));
        names.insert(rule.member.clone());
        groups.insert(rule.class.clone());
    }
    let (groups, accounts): (Vec<_>, Vec<_>) = classes.into_iter().partition(|(class, _)| groups.contains(class));
    accounts.into_iter().chain(groups).map(|(class, names)| (class, names.into_iter().collect())).collect()
}

/// Reads one class and compares it. How many of its objects are known; a fault of the target is returned inside.
async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    target: &str,
    class: &str,
    attributes: Vec<String>,
    looked: &mut Looked,
) -> Result<Result<u64, Fault>, CliError> {
    let names = Arc::new(attributes);
    let mut known = 0;
    let mut page = match ground.systems.targets[index].connector().await {
        Ok(connector) => connector.read_target(class, &names, None, PAGE).await,
        Err(fault) => Err(fault),
    };
    loop {
        let Page { columns, rows, rest, .. } = match page {
            Ok(page) => page,
            Err(fault) => return Ok(Err(fault)),
        };
        ground.progress.advance(rows.len() as u64);
        let next = match rest {
            Rest::More(next) => next,
            Rest::Complete => {
                known += compare(ground, (target, class), &columns, rows, looked)?;
                return Ok(Ok(known));
            }
            // What a broken read did not show may still be there.
            Rest::Incomplete(fault) => {
                compare(ground, (target, class), &columns, rows, looked)?;
                return Ok(Err(fault));
            }
        };
        // The target gets the next page ready while this one is compared.
        let mut connector = match ground.systems.targets[index].take().await {
            Ok(connector) => connector,
            Err(fault) => return Ok(Err(fault)),
        };
        let (of, names) = (class.to_owned(), Arc::clone(&names));
        let call = async move {
            let page = connector.read_target(&of, &names, Some(next), PAGE).await;
            (connector, page)
        };
        let ((connector, ahead), compared) =
            beside(call, || compare(ground, (target, class), &columns, rows, looked)).await;
        ground.systems.targets[index].give_back(connector);
        known += compared?;
        page = ahead;
    }
}

/// Compares the objects of a page. How many are known.
fn compare(
    ground: &mut Ground<'_>,
    (target, class): (&str, &str),
    columns: &[String],
    rows: Vec<Row>,
    looked: &mut Looked,
) -> Result<u64, CliError> {
    let mut seen = 0;
    for row in rows {
        let Some(known) = ground.store.object_at(target, &row.id)? else {
            looked.names.meet(&mut ground.store, class, columns, &row)?;
            continue;
        };
        looked.seen.grow_and_insert(known.id as usize);
        if known.person.is_some()
            && let Ok(id) = u32::try_from(known.id)
        {
            looked.accounts.insert(digest(&row.id), id);
        }
        object(ground, columns, row, known, looked)?;
        seen += 1;
    }
    Ok(seen)
}

/// Compares one object with what is known of it.
fn object(
    ground: &mut Ground<'_>,
    columns: &[String],
    row: Row,
    mut known: Known,
    looked: &mut Looked,
) -> Result<(), CliError> {
    let now: Vec<(&String, bool, Vec<Value>)> = columns
        .iter()
        .zip(row.cells)
        .map(|(name, cell)| match cell {
            Cell::Absent => (name, false, Vec::new()),
            Cell::One(value) => (name, true, vec![value]),
            Cell::Many(values) => (name, true, values),
        })
        .collect();
    let policy = ground.policy;
    let rule = account_rule(policy, &known);
    let asked = rule.filter(|_| policy.feeds()).map_or_else(Vec::new, |rule| policy.computed_of(rule));
    let mut computed = known.computed.clone();
    let mut drifted = Vec::new();
    for (name, told, values) in now {
        if known.member.as_ref() == Some(name) {
            members(ground, &known, name, &values, looked)?;
            continue;
        }
        if rule.is_some_and(|rule| policy.ladders(&rule.name).any(|(_, ladder)| ladder.attribute == *name)) {
            licences(ground, &known, name, &values)?;
            continue;
        }
        let values = symbolic(ground, &known.target, values, looked)?;
        if asked.contains(&name.as_str()) {
            if told {
                sluss_engine::plan::set(&mut computed, name, values);
            }
            continue;
        }
        // What the target made of what was written is not somebody else's doing.
        if computed.iter().any(|(own, computed)| own == name && alike(computed, &values)) {
            continue;
        }
        let name = name.clone();
        let before = known.attributes.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, values)| values);
        // Other rules of the class may speak of attributes that this one leaves to others.
        if alike(before, &values) || before.is_empty() && !speaks(ground.policy, &known, &name) {
            continue;
        }
        computed.retain(|(own, _)| *own != name);
        drifted.push((name, Edit::Replace(values)));
    }
    if computed != known.computed {
        ground.store.compute(known.id, &computed)?;
        again(ground, known.id, known.person)?;
    }
    if drifted.is_empty() {
        if row.version != known.version {
            ground.store.observed(known.id, &row.id, row.version.as_deref(), &known.attributes)?;
        }
        return Ok(());
    }
    let names: Vec<&str> = drifted.iter().map(|(name, _)| name.as_str()).collect();
    drift(ground, &known, format!("changed by somebody else: {}", names.join(", ")))?;
    sluss_engine::plan::edit(&mut known.attributes, &drifted);
    ground.store.observed(known.id, &row.id, row.version.as_deref(), &known.attributes)?;
    again(ground, known.id, known.person)
}

/// The account rule that an object is there for.
pub fn account_rule<'p>(policy: &'p Policy, known: &Known) -> Option<&'p AccountRule> {
    policy.accounts.iter().find(|rule| known.person.is_some() && rule.name == known.rule)
}

/// What others ask an account for and its target alone can say, as it was seen.
pub fn computed(policy: &Policy, rule: &AccountRule, seen: &Attributes) -> Attributes {
    let asked = policy.computed_of(rule);
    seen.iter().filter(|(name, _)| asked.contains(&name.as_str())).cloned().collect()
}

/// Compares the licences of an account, as far as ladders speak of them: whatever else it has is somebody else's.
fn licences(ground: &mut Ground<'_>, known: &Known, attribute: &str, values: &[Value]) -> Result<(), CliError> {
    let policy = ground.policy;
    let held = ground.store.licences_of(known.id)?.into_iter().filter(|(name, _)| name == attribute);
    let held: BTreeSet<String> = held.map(|(_, sku)| sku).collect();
    let ladders = policy.ladders(&known.rule).filter(|(_, ladder)| ladder.attribute == attribute);
    let mut spoken: BTreeSet<&String> = ladders.flat_map(|(_, ladder)| &ladder.ranks).map(|rank| &rank.sku).collect();
    spoken.extend(&held);
    let there = |sku: &String| values.iter().filter_map(Value::as_text).any(|value| value.eq_ignore_ascii_case(sku));
    let (mut came, mut went) = (Vec::new(), Vec::new());
    for sku in spoken {
        match (there(sku), held.contains(sku)) {
            (true, false) => {
                ground.store.license(known.id, attribute, sku)?;
                came.push(sku.as_str());
            }
            (false, true) => {
                ground.store.unlicense(known.id, attribute, sku)?;
                ground.seats.lost(known.id, sku);
                went.push(sku.as_str());
            }
            _ => {}
        }
    }
    if came.is_empty() && went.is_empty() {
        return Ok(());
    }
    let part = |skus: Vec<&str>, word: &str| (!skus.is_empty()).then(|| format!("{} {word}", skus.join(", ")));
    let parts: Vec<String> = [part(came, "in"), part(went, "out")].into_iter().flatten().collect();
    drift(ground, known, format!("licences changed by somebody else: {}", parts.join(", ")))?;
    again(ground, known.id, known.person)
}

/// Whether the rule that an object is there for says what this attribute shall hold, be it nothing.
fn speaks(policy: &Policy, known: &Known, attribute: &str) -> bool {
    let account = policy.accounts.iter().filter(|rule| rule.name == known.rule && known.key.is_none());
    let group = policy.groups.iter().filter(|rule| rule.name == known.rule && known.key.is_some());
    account.flat_map(|rule| &rule.attributes).any(|(name, _)| name == attribute)
        || group.flat_map(|rule| &rule.attributes).any(|(name, _)| name == attribute)
}

/// Compares the members of a group as sets. Those who are known are nearly always all there is; only others are looked up
/// one by one.
fn members(
    ground: &mut Ground<'_>,
    group: &Known,
    attribute: &str,
    values: &[Value],
    looked: &Looked,
) -> Result<(), CliError> {
    let mut gone: HashSet<u64> = ground.store.members_of(group.id)?.into_iter().collect();
    let mut others = Vec::new();
    for value in values {
        let Value::Reference(remote) = value else { continue };
        if !looked.accounts.get(&digest(remote)).is_some_and(|account| gone.remove(&u64::from(*account))) {
            others.push(value);
        }
    }
    let mut strangers = Vec::new();
    let mut came = 0;
    for value in others {
        let Value::Reference(remote) = value else { continue };
        match ground.store.at(&group.target, remote)? {
            None => strangers.push(value.clone()),
            Some((account, person)) => {
                // The target may name one account twice, and write its id in another way the second time.
                if !gone.remove(&account) && !ground.store.is_member(account, group.id)? {
                    came += 1;
                    ground.store.join(account, group.id)?;
                    again(ground, account, person)?;
                }
            }
        }
    }
    let went = gone.len();
    let mut gone: Vec<u64> = gone.into_iter().collect();
    gone.sort_unstable();
    for account in gone {
        ground.store.leave(account, group.id)?;
        if let Some(known) = ground.store.object(account)? {
            again(ground, known.id, known.person)?;
        }
    }
    if came + went + strangers.len() > 0 {
        let strange = strangers.len();
        drift(
            ground,
            group,
            format!("members changed by somebody else: {came} of ours and {strange} others in, {went} out"),
        )?;
    }
    if strangers.is_empty() {
        return Ok(());
    }
    // The group is ours, and its members are who the policy says.
    ground.store.enter(&Entry {
        id: 0,
        target: group.target.clone(),
        phase: Phase::LEAVE,
        object: group.id,
        action: Action::Update,
        person: None,
        body: Body::Update {
            edits: vec![(attribute.to_owned(), Edit::Remove(strangers))],
            label: group.label.clone(),
            reasons: vec![super::decide::by_rule(&format!("group {}", group.rule))],
        },
    })?;
    Ok(())
}

/// The object is no longer there: what Sluss wants of it is made anew.
fn missing(ground: &mut Ground<'_>, known: &Known) -> Result<(), CliError> {
    drift(ground, known, "removed by somebody else".to_owned())?;
    for account in ground.store.members_of(known.id)? {
        if let Some(known) = ground.store.object(account)? {
            again(ground, known.id, known.person)?;
        }
    }
    again(ground, known.id, known.person)?;
    Ok(ground.store.forget(known.id)?)
}

/// Has the person or group that an object is for looked at again.
fn again(ground: &mut Ground<'_>, object: u64, person: Option<PersonId>) -> Result<(), CliError> {
    match person {
        Some(person) => ground.store.wake(person)?,
        None => ground.store.soil(object)?,
    }
    Ok(())
}

/// References to accounts of ours as references to their persons.
fn symbolic(
    ground: &Ground<'_>,
    target: &str,
    values: Vec<Value>,
    looked: &mut Looked,
) -> Result<Vec<Value>, CliError> {
    let mut out = Vec::with_capacity(values.len());
    for value in values {
        let person = match &value {
            Value::Reference(remote) if person_of(remote).is_none() => match looked.met.get(remote) {
                Some(person) => *person,
                None => {
                    let person = ground.store.at(target, remote)?.and_then(|(_, person)| person);
                    looked.met.insert(remote.clone(), person);
                    person
                }
            },
            _ => None,
        };
        out.push(person.map_or(value, account_of));
    }
    Ok(out)
}

/// Half of a digest is more than enough to tell ids apart.
fn digest(remote: &str) -> [u8; 16] {
    let mut half = [0; 16];
    blake3::Hasher::new().update(remote.as_bytes()).finalize_xof().fill(&mut half);
    half
}

fn drift(ground: &mut Ground<'_>, known: &Known, message: String) -> Result<(), CliError> {
    let subject = ground.subject(known)?;
    ground.findings.push(Finding::note(subject, message).advise("it is put right"));
    Ok(())
}
