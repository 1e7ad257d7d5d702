//! What targets answered, and what follows from it for the store, for the names, and for whoever must be decided again.

use super::ground::{Ground, now};
use super::refer;
use super::tell;
use super::values::bare;
use crate::error::CliError;
use crate::report::Tally;
use sluss_engine::change::{Applied, Change, Edit, Operation, Outcome};
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::finding::Finding;
use sluss_engine::ledger::Ledger;
use sluss_engine::person::PersonId;
use sluss_engine::plan::{self, Action};
use sluss_engine::policy::{Policy, Seen};
use sluss_engine::value::{Attributes, Value};
use sluss_plugin::secret::Secret;
use sluss_store::{Body, Entry, Known, Phase, Store, StoreError};

/// A change under way: its entry (with what could not be sent taken out), its object as it was, and what was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub entry: Entry,
    pub known: Known,
    pub change: Change,
    /// The first password of an account that it makes.
    pub password: Option<Secret>,
}

/// What follows from a batch.
#[derive(Debug, Default)]
pub struct Settled {
    /// Whether a new round can put something right.
    pub again: bool,
    /// How long the system wants us to wait, in milliseconds.
    pub pause: Option<u32>,
    /// Whether it carried something out.
    pub moved: bool,
}

/// Settles a batch.
pub fn batch(
    ground: &mut Ground<'_>,
    target: &str,
    sent: Vec<Sent>,
    result: Result<Vec<Outcome>, Fault>,
    applied: &mut Tally,
) -> Result<Settled, CliError> {
    let mut settled = Settled::default();
    match result {
        Ok(outcomes) => {
            for (sent, outcome) in sent.into_iter().zip(outcomes) {
                settled.moved |= matches!(outcome, Outcome::Applied(_) | Outcome::Unchanged(_));
                match outcome {
                    Outcome::Applied(answer) => {
                        *applied.entry(target.to_owned()).or_default().entry(sent.entry.action).or_default() += 1;
                        done(ground, sent, &answer, &mut settled)?;
                    }
                    Outcome::Unchanged(answer) => done(ground, sent, &answer, &mut settled)?,
                    Outcome::Rejected(fault) => rejected(ground, sent, fault, &mut settled)?,
                    Outcome::Unknown(fault) => unknown(ground, &sent, fault)?,
                }
            }
        }
        Err(fault) => {
            for sent in sent {
                if fault.sent {
                    fail(ground, &sent.entry, 0)?;
                } else {
                    ground.store.unsent(sent.entry.id)?;
                }
            }
            if !fault.sent && fault.kind == FaultKind::Throttled {
                settled.pause = Some(fault.retry_after_ms.unwrap_or(1000));
            } else {
                ground.suspend(target, fault);
            }
        }
    }
    Ok(settled)
}

/// What is told of a change that the target refused for good.
fn refusal(ground: &Ground<'_>, known: &Known, fault: &Fault) -> Result<Finding, CliError> {
    let subject = ground.subject(known)?;
    if let Some(person) = known.person
        && ground.store.is_protected(person)?
    {
        return Ok(Finding::failure(subject, "the target refused the change; what it said may name the person")
            .advise("it is tried again in later runs; see the target's own log"));
    }
    let namesakes = ground.store.labelled(&known.label)?;
    let other = namesakes.iter().find(|other| other.id != known.id && other.target == known.target);
    if let (FaultKind::AlreadyExists, Some(key), Some(other)) = (fault.kind, &known.key, other)
        && let Some(taken) = &other.key
    {
        let message = format!(
            "two groups have this name: `{key}` of the rule `{}`, and `{taken}` of the rule `{}`, which has it",
            known.rule, other.rule
        );
        return Ok(Finding::failure(subject, message).advise(
            "have the rule give each key a name of its own, with the key in it; until then the group is not made",
        ));
    }
    Ok(Finding::failure(subject, fault.message.clone())
        .advise("it is tried again in later runs; `sluss cases` lists it"))
}

/// It is so now.
fn done(ground: &mut Ground<'_>, sent: Sent, answer: &Applied, settled: &mut Settled) -> Result<(), CliError> {
    let Sent { entry, mut known, .. } = sent;
    let version = answer.version.as_deref();
    if !ground.parked.is_empty() {
        let parked = parking(&ground.store, &known)?;
        if ground.parked.remove(&parked) {
            ground.store.unpark("object", &parked.1)?;
        }
    }
    let fed = fed(ground.policy, &known);
    if entry.action != Action::Remove {
        keep(&mut ground.store, &mut known, &entry.body, answer)?;
    }
    match entry.body {
        Body::Create { attributes, members, .. } => {
            ground.store.observed(known.id, &answer.id, version, &attributes)?;
            if known.key.is_some() {
                ground.store.clean(known.id)?;
            }
            // What is made is open, unless it is made closed.
            if super::decide::closed(&attributes) {
                closing(ground, known.id, &attributes)?;
            }
            tell::carried_out(ground, &known, entry.action)?;
            for account in members.into_iter().flat_map(|(_, accounts)| accounts) {
                ground.store.join(account, known.id)?;
            }
            if let Some(person) = known.person {
                for waiting in ground.store.waited(person)? {
                    ground.store.wake(waiting)?;
                    settled.again |= ground.woken.insert(waiting);
                }
            }
        }
        Body::Update { edits, label, .. } => {
            // Members are remembered one by one, not as an attribute.
            let edits: Vec<_> = edits.into_iter().filter(|(name, _)| Some(name) != known.member.as_ref()).collect();
            plan::edit(&mut known.attributes, &edits);
            ground.store.observed(known.id, &answer.id, version, &known.attributes)?;
            if entry.phase == Phase::REGROUP {
                ground.store.clean(known.id)?;
            }
            closing(ground, known.id, &known.attributes)?;
            tell::carried_out(ground, &known, entry.action)?;
            ground.store.relabel(known.id, &label)?;
            if let Some(before) = known.remote.as_deref().filter(|before| *before != answer.id) {
                moved(ground, &known, before, &answer.id)?;
            }
            feed(ground, known, answer, &fed, settled)?;
        }
        Body::Members { add, remove, .. } => {
            ground.store.observed(known.id, &answer.id, version, &known.attributes)?;
            for account in add {
                ground.store.join(account, known.id)?;
            }
            for account in remove {
                ground.store.leave(account, known.id)?;
            }
        }
        Body::Licences { attribute, add, remove, .. } => {
            ground.store.observed(known.id, &answer.id, version, &known.attributes)?;
            for sku in remove {
                ground.store.unlicense(known.id, &attribute, &sku)?;
            }
            for sku in add {
                ground.store.license(known.id, &attribute, &sku)?;
            }
            feed(ground, known, answer, &fed, settled)?;
        }
        Body::Remove { .. } => {
            removed(ground, &known, settled)?;
        }
    }
    Ok(ground.store.strike(entry.id)?)
}

/// Keeps what the target computed. What was written anew is what it computed no longer, unless it says so.
fn keep(store: &mut Store, known: &mut Known, body: &Body, answer: &Applied) -> Result<(), StoreError> {
    let written = |name: &String| match body {
        Body::Create { attributes, .. } => attributes.iter().any(|(written, _)| written == name),
        Body::Update { edits, .. } => edits.iter().any(|(written, _)| written == name),
        Body::Licences { .. } | Body::Members { .. } | Body::Remove { .. } => false,
    };
    let mut computed = known.computed.clone();
    computed.retain(|(name, _)| !written(name));
    for (name, values) in &answer.computed {
        plan::set(&mut computed, name, values.clone());
    }
    if computed != known.computed {
        store.compute(known.id, &computed)?;
        known.computed = computed;
    }
    Ok(())
}

/// What the rules of other accounts ask this account for.
fn fed(policy: &Policy, known: &Known) -> Vec<Option<Vec<Value>>> {
    if known.person.is_none() || !policy.feeds() {
        return Vec::new();
    }
    let id = known.remote.clone().map(Value::from);
    let (computed, written) = (known.computed.clone(), known.attributes.clone());
    let seen = Seen { rule: known.rule.clone(), id, computed, written };
    policy.asked_of(&known.rule).into_iter().map(|name| seen.get(name).map(<[Value]>::to_vec)).collect()
}

/// Has somebody decided again whose other accounts ask this one for something that is not what it was.
fn feed(
    ground: &mut Ground<'_>,
    mut known: Known,
    answer: &Applied,
    before: &[Option<Vec<Value>>],
    settled: &mut Settled,
) -> Result<(), CliError> {
    known.remote = Some(answer.id.clone());
    if let Some(person) = known.person
        && before != fed(ground.policy, &known)
    {
        ground.store.wake(person)?;
        settled.again |= ground.woken.insert(person);
    }
    Ok(())
}

/// The object is gone: whoever referred to it is decided again.
fn removed(ground: &mut Ground<'_>, known: &Known, settled: &mut Settled) -> Result<(), CliError> {
    if let Some(person) = known.person {
        for managed in ground.store.managed_by(person)? {
            ground.store.wake(managed)?;
            settled.again |= ground.woken.insert(managed);
            refollow(ground, known, managed, |values, gone| {
                values.iter().filter(|value| *value != gone).cloned().collect()
            })?;
        }
    }
    tell::carried_out(ground, known, Action::Remove)?;
    Ok(ground.store.forget(known.id)?)
}

/// The object has another id now: groups and accounts that hold the old one are given the new one. Directories that do
/// this themselves find nothing to change.
fn moved(ground: &mut Ground<'_>, known: &Known, before: &str, after: &str) -> Result<(), CliError> {
    for group in ground.store.groups_of(known.id)? {
        let Some(group) = ground.store.object(group)? else { continue };
        let Some(member) = group.member.clone() else { continue };
        let edits = vec![
            (member.clone(), Edit::Remove(vec![Value::Reference(before.to_owned())])),
            (member, Edit::Add(vec![Value::Reference(after.to_owned())])),
        ];
        follow(ground, &group, None, edits)?;
    }
    let Some(person) = known.person else { return Ok(()) };
    ground
        .store
        .managed_by(person)?
        .into_iter()
        .try_for_each(|managed| refollow(ground, known, managed, |values, _| values.to_vec()))
}

/// Has those accounts of somebody written anew that refer to an account. `anew` says what is to stand where that is among
/// the values.
fn refollow(
    ground: &mut Ground<'_>,
    known: &Known,
    managed: PersonId,
    anew: impl Fn(&[Value], &Value) -> Vec<Value>,
) -> Result<(), CliError> {
    for (account, reference) in refer::referring(&ground.store, known, managed)? {
        let pointing = account.attributes.iter().filter(|(_, values)| values.contains(&reference));
        let edits = pointing.map(|(name, values)| (name.clone(), Edit::Replace(anew(values, &reference)))).collect();
        follow(ground, &account, Some(managed), edits)?;
    }
    Ok(())
}

/// Enters a change that follows from one that was just carried out.
fn follow(
    ground: &mut Ground<'_>,
    object: &Known,
    person: Option<PersonId>,
    edits: Vec<(String, Edit)>,
) -> Result<(), CliError> {
    let reasons = vec![super::decide::by_rule("an object that it refers to has another name now")];
    ground.store.enter(&Entry {
        id: 0,
        target: object.target.clone(),
        phase: Phase::FOLLOW,
        object: object.id,
        action: Action::Update,
        person,
        body: Body::Update { edits, label: object.label.clone(), reasons },
    })?;
    Ok(())
}

/// It was not carried out.
fn rejected(ground: &mut Ground<'_>, sent: Sent, fault: Fault, settled: &mut Settled) -> Result<(), CliError> {
    let Sent { entry, known, change, .. } = &sent;
    match fault.kind {
        FaultKind::Throttled => {
            let pause = fault.retry_after_ms.unwrap_or(1000);
            settled.pause = Some(settled.pause.map_or(pause, |longest| longest.max(pause)));
            return Ok(ground.store.unsent(entry.id)?);
        }
        FaultKind::Unavailable | FaultKind::Auth | FaultKind::Config => {
            ground.store.unsent(entry.id)?;
            if !ground.suspended.contains_key(&entry.target) {
                ground.suspend(&entry.target, fault);
            }
            return Ok(());
        }
        FaultKind::NotFound => return lost(ground, &sent, settled),
        FaultKind::AlreadyExists if taken(ground, known, change, &fault)? => {
            // Somebody else's object has that name: another name is chosen in the next round.
            ground.findings.push(
                Finding::note(
                    ground.subject(known)?,
                    "the name is taken in the target by something that Sluss did not make",
                )
                .advise("another name is chosen; what has the name already is left alone"),
            );
            settled.again = true;
            fail(ground, entry, 0)?;
        }
        FaultKind::Conflict => {
            // Somebody else changed something about it. What Sluss manages is written all the same, next time without
            // a word about the version.
            ground.store.unversion(known.id)?;
            settled.again = true;
            fail(ground, entry, 0)?;
        }
        _ => {
            let finding = refusal(ground, known, &fault)?;
            let tries = park(ground, known, &finding)?;
            let retry = retry(ground.today(), tries);
            fail(ground, entry, retry)?;
            ground.findings.push(finding);
        }
    }
    ground.store.strike(entry.id)?;
    if entry.action == Action::Create {
        ground.store.forget(known.id)?;
    }
    Ok(())
}

/// The object is not there: it was removed by hand. What Sluss wants of it is planned anew.
fn lost(ground: &mut Ground<'_>, sent: &Sent, settled: &mut Settled) -> Result<(), CliError> {
    let Sent { entry, known, .. } = sent;
    ground.store.strike(entry.id)?;
    if entry.action == Action::Remove {
        return removed(ground, known, settled);
    }
    let subject = ground.subject(known)?;
    ground.findings.push(if entry.action == Action::Disable {
        Finding::warning(subject, "it was to be closed, and is not where it was")
            .advise("if somebody moved or renamed it by hand, close it there by hand: Sluss no longer knows it")
    } else {
        Finding::note(subject, "it was gone from the target; what is wanted of it is planned anew")
    });
    fail(ground, entry, 0)?;
    for account in ground.store.members_of(known.id)? {
        if let Some(person) = ground.store.object(account)?.and_then(|account| account.person) {
            ground.store.wake(person)?;
            ground.woken.insert(person);
        }
    }
    for managed in refer::unpoint(&mut ground.store, known)? {
        ground.woken.insert(managed);
    }
    settled.again = true;
    Ok(ground.store.forget(known.id)?)
}

/// Nobody knows whether it was carried out. The next run looks before it does anything.
fn unknown(ground: &mut Ground<'_>, sent: &Sent, fault: Fault) -> Result<(), CliError> {
    fail(ground, &sent.entry, 0)?;
    if !ground.suspended.contains_key(&sent.entry.target) {
        ground.suspend(&sent.entry.target, fault);
    }
    Ok(())
}

/// Notes that the name which something was to be given is taken. Whether there was such a name.
fn taken(ground: &mut Ground<'_>, known: &Known, change: &Change, fault: &Fault) -> Result<bool, CliError> {
    let Some(person) = known.person else { return Ok(false) };
    let written: Vec<(&String, &Vec<Value>)> = match &change.operation {
        Operation::Create(attributes) => attributes.iter().map(|(name, values)| (name, values)).collect(),
        Operation::Update { modifications, .. } => modifications
            .iter()
            .filter_map(|(name, edit)| match edit {
                Edit::Add(values) | Edit::Replace(values) => Some((name, values)),
                Edit::Remove(_) => None,
            })
            .collect(),
        Operation::Remove(_) => return Ok(false),
    };
    let clash: Vec<&str> = written
        .into_iter()
        .filter(|(name, _)| fault.attribute.as_ref().is_none_or(|clash| clash == *name))
        .flat_map(|(_, values)| values.iter().filter_map(Value::as_text).map(bare))
        .collect();
    // What has the name may be an account of ours, made by a rule of another name.
    if ground.store.accounts_of(person)?.iter().any(|other| other.id != known.id && other.target == known.target) {
        return Ok(false);
    }
    for rule in &ground.policy.names {
        if let Some(held) = ground.store.held(person, &rule.kind)?
            && clash.iter().any(|value| value.eq_ignore_ascii_case(&held.name))
        {
            ground.store.foreign(&rule.kind, &held.name)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whoever a change was for is decided again on `day`.
pub fn fail(ground: &mut Ground<'_>, entry: &Entry, day: i32) -> Result<(), CliError> {
    let mut persons: Vec<PersonId> = entry.person.into_iter().collect();
    let accounts = match &entry.body {
        Body::Members { add, remove, .. } => add.iter().chain(remove).copied().collect(),
        Body::Create { members: Some((_, accounts)), .. } => accounts.clone(),
        _ => Vec::new(),
    };
    for account in accounts {
        persons.extend(ground.store.object(account)?.and_then(|account| account.person));
    }
    for person in persons {
        ground.failed.entry(person).and_modify(|retry| *retry = (*retry).min(day)).or_insert(day);
    }
    Ok(())
}

/// Puts everybody to sleep whose decision is carried out, and has the others decided again when their time comes.
pub fn persons(ground: &mut Ground<'_>) -> Result<(), CliError> {
    ground.store.begin()?;
    if ground.suspended.keys().all(|name| ground.systems.targets.iter().all(|target| target.name != *name)) {
        ground.store.settle_all()?;
    }
    for (person, day) in std::mem::take(&mut ground.failed) {
        ground.store.retry_person(person, day)?;
    }
    for person in std::mem::take(&mut ground.woken) {
        ground.store.wake(person)?;
    }
    Ok(ground.store.commit()?)
}

/// The day of the next try: soon at first, and then less and less often. 0 is the next run.
pub fn retry(today: i32, tries: u32) -> i32 {
    match tries {
        0..=2 => 0,
        3 => today + 1,
        4 => today + 2,
        _ => today + 7,
    }
}

fn park(ground: &mut Ground<'_>, known: &Known, finding: &Finding) -> Result<u32, CliError> {
    let text = serde_json::to_string(finding).map_err(CliError::internal)?;
    let key = parking(&ground.store, known)?;
    let today = ground.today();
    let tries = ground.store.park("object", &key.1, &now(), |tries| retry(today, tries), &text)?;
    ground.parked.insert(key);
    Ok(tries)
}

/// Notes since when an account is closed.
pub fn closing(ground: &mut Ground<'_>, id: u64, attributes: &Attributes) -> Result<(), CliError> {
    let since = super::decide::closed(attributes).then(|| ground.today());
    Ok(ground.store.close(id, since)?)
}

/// What an object is parked under: an account under what it is called, a group under its rule and key, since two may be
/// called the same.
pub fn parking(store: &Store, known: &Known) -> Result<(String, String), StoreError> {
    let name = match &known.key {
        Some(key) => format!("{} {key}", known.rule).trim_end().to_owned(),
        None => store.called(known.id)?,
    };
    Ok(("object".to_owned(), format!("{}: {name}", known.target)))
}
