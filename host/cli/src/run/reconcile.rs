//! Comparing what targets hold with what is known of them. What differs is noted as it is, and whoever it concerns is
//! decided again: the plan then puts it right like any other difference. What Sluss did not make is not looked at, but for
//! names that nobody is to be given.
//!
//! A target that can tell what changed is asked for that, and read as a whole now and then all the same.

mod compare;
mod since;
mod whole;

use super::Reconcile;
use super::ground::Ground;
use super::strangers::Names;
use crate::error::CliError;
use crate::report::Tripped;
use compare::Of;
use fixedbitset::FixedBitSet;
use hashbrown::HashMap;
use serde_json::json;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::guard::over;
use sluss_engine::person::PersonId;
use sluss_engine::policy::{AccountRule, Policy};
use sluss_engine::value::Attributes;
use sluss_plugin::sha256;
use sluss_store::{Known, Look};
use std::collections::{BTreeMap, BTreeSet};

/// Objects a page.
const PAGE: u32 = 1000;
/// So many empty pages may come in a row.
const MOST_EMPTY: u32 = 1000;

/// Compares every class that the policy writes: of every target, or only of those whose place is another than it was, or
/// in which names are looked for that nobody looked for before.
pub async fn targets(ground: &mut Ground<'_>, look: Reconcile) -> Result<(), CliError> {
    for index in 0..ground.systems.targets.len() {
        let name = ground.systems.targets[index].name.clone();
        let place = ground.systems.targets[index].place();
        let setting = format!("place of {name}");
        let before = ground.store.setting(&setting)?;
        let moved = before.as_ref().is_some_and(|before| *before != place);
        if moved && look == Reconcile::No {
            ground.findings.push(
                Finding::note(Subject::System(name.clone()), "its settings or its address are not what they were")
                    .advise("it is compared with what is known of it before anything is planned"),
            );
        }
        let names = Names::of(ground, index, look != Reconcile::No || moved).await?;
        let look = if moved || names.are_new() { Reconcile::Whole } else { look };
        let mut looked = Looked { names, ..Looked::default() };
        let mut classes = managed(ground.policy, &name);
        classes.extend(looked.names.others(&classes));
        for (class, mut attributes) in classes {
            if look == Reconcile::No || ground.suspended.contains_key(&name) {
                break;
            }
            ground.progress.stage(&format!("comparing {class}s of {name}"), None);
            attributes.extend(looked.names.attributes(&class));
            attributes.sort_unstable();
            attributes.dedup();
            let of = Of { target: &name, class: &class, attributes: &attributes };
            if let Err(fault) = class_of(ground, index, of, look, &mut looked).await? {
                ground.suspend(&name, fault);
            }
        }
        if look != Reconcile::No && !ground.suspended.contains_key(&name) {
            looked.names.done(ground)?;
        }
        looked.gone(ground, &name)?;
        if before.is_none() || moved && !ground.suspended.contains_key(&name) {
            ground.store.set(&setting, &place)?;
        }
    }
    Ok(())
}

/// Compares one class: what changed in it, if its target can tell that and that is enough, or else all of it. A fault of
/// the target is returned inside.
async fn class_of(
    ground: &mut Ground<'_>,
    index: usize,
    of: Of<'_>,
    look: Reconcile,
    looked: &mut Looked,
) -> Result<Result<(), Fault>, CliError> {
    let system = &mut ground.systems.targets[index];
    // What another policy spoke of was not looked at, or otherwise.
    let who = json!([system.reader, system.place(), ground.policy.digest, of.attributes]);
    let reader = sha256(who.to_string().as_bytes());
    let tells = match system.connector().await {
        Ok(connector) => connector.tells_changes(),
        Err(fault) => return Ok(Err(fault)),
    };
    if look == Reconcile::Changes
        && tells
        && let Some(last) = since::last(ground, of, &reader)?
    {
        match since::class_of(ground, index, of, &reader, last, looked).await? {
            Ok(true) => return Ok(Ok(())),
            Ok(false) => {}
            Err(fault) => return Ok(Err(fault)),
        }
    }
    // What changes while it is read is told the next time.
    let token = match ground.systems.targets[index].connector().await {
        Ok(connector) if tells => match connector.latest(of.class).await {
            Ok(token) => Ok(Some(token)),
            Err(fault) if since::cannot(ground, of, &fault) => Ok(None),
            Err(fault) => Err(fault),
        },
        Ok(_) => Ok(None),
        Err(fault) => Err(fault),
    };
    if looked.accounts.is_empty() {
        // Growing step by step would take twice the room.
        let [accounts, _] = ground.store.population(of.target)?;
        looked.accounts.reserve(usize::try_from(accounts).unwrap_or_default());
    }
    let read = match token {
        Ok(token) => whole::class_of(ground, index, of, looked).await?.map(|sum| (sum, token)),
        Err(fault) => Err(fault),
    };
    let (sum, token) = match read {
        Ok(read) => read,
        Err(fault) => return Ok(Err(fault)),
    };
    if sum.flaw < Flaw::Unnamed {
        looked.whole.insert(of.class.to_owned(), sum.known);
    }
    match token.filter(|_| sum.flaw == Flaw::None && !sum.again) {
        Some(token) => {
            let look = Look { day: ground.today(), token };
            ground.store.looked(of.target, of.class, &reader, &look)?;
        }
        None => ground.store.overlook(of.target, of.class)?,
    }
    if sum.flaw == Flaw::None {
        looked.names.end(&mut ground.store, of.class)?;
    }
    Ok(Ok(()))
}

/// What was made of the objects of a page, or of all of them.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// How many of them are known.
    known: u64,
    /// What was not made of them.
    flaw: Flaw,
    /// Whether the next look must see them again.
    again: bool,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.known += other.known;
        self.flaw = self.flaw.max(other.flaw);
        self.again |= other.again;
    }
}

/// Counts the empty pages in a row. A fault once there are so many that the read would hardly end.
fn patience(empty: &mut u32, is_empty: bool) -> Result<(), Fault> {
    *empty = if is_empty { *empty + 1 } else { 0 };
    if *empty > MOST_EMPTY {
        return Err(Fault::new(FaultKind::Unavailable, format!("it gave {MOST_EMPTY} empty pages, and no end")));
    }
    Ok(())
}

/// What a connector could not make of its target's objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Flaw {
    /// It gave all of them.
    #[default]
    None,
    /// It said which ones it could not give.
    Named,
    /// It could not give some, and nobody knows which.
    Unnamed,
}

/// What was seen of a target.
#[derive(Default)]
struct Looked {
    /// The objects that are there, by the store's ids.
    seen: FixedBitSet,
    /// The persons and rules of accounts that others referred to, by the target's ids: a few are referred to by everybody.
    met: HashMap<String, Option<(PersonId, String)>>,
    /// The accounts among them, by digests of the target's ids: what groups hold is found here, and not object by object
    /// in a table that is larger than the memory it may take.
    accounts: HashMap<[u8; 16], u32>,
    /// The classes that were read as a whole, with how many objects were known.
    whole: BTreeMap<String, u64>,
    /// The objects that their target says are gone, by class and the store's ids.
    said: BTreeMap<String, Vec<u64>>,
    /// The groups that are rid of members who are not ours.
    rid: FixedBitSet,
    /// The names of what is not ours.
    names: Names,
}

impl Looked {
    /// Notes that an object of ours is there.
    fn meet(&mut self, known: &Known, remote: &str) {
        self.seen.grow_and_insert(known.id as usize);
        if known.person.is_some()
            && let Ok(id) = u32::try_from(known.id)
        {
            self.accounts.insert(digest(remote), id);
        }
    }

    /// The account of ours with a target's id, if it was met.
    fn account(&self, remote: &str) -> Option<u64> {
        self.accounts.get(&digest(remote)).copied().map(u64::from)
    }

    /// Notes what is no longer there: of the classes that were read as a whole, and of what the target says itself.
    fn gone(self, ground: &mut Ground<'_>, target: &str) -> Result<(), CliError> {
        let mut gone = self.said;
        if !self.whole.is_empty() {
            for id in ground.store.present(target)? {
                if !self.seen.contains(id as usize)
                    && let Some(object) = ground.store.object(id)?
                    && self.whole.contains_key(&object.class)
                {
                    gone.entry(object.class).or_default().push(id);
                }
            }
        }
        for (class, objects) in gone {
            let gone = objects.len() as u64;
            let known = match self.whole.get(&class) {
                Some(seen) => seen + gone,
                None => ground.store.present_of(target, &class)?,
            };
            for id in objects {
                if let Some(object) = ground.store.object(id)? {
                    compare::missing(ground, &object)?;
                }
            }
            // An empty directory, or another one, is no reason to make everybody a second time.
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

/// The account rule that an object is there for.
pub fn account_rule<'p>(policy: &'p Policy, known: &Known) -> Option<&'p AccountRule> {
    policy.accounts.iter().find(|rule| known.person.is_some() && rule.name == known.rule)
}

/// What others ask an account for and its target alone can say, as it was seen.
pub fn computed(policy: &Policy, rule: &AccountRule, seen: &Attributes) -> Attributes {
    let asked = policy.computed_of(rule);
    seen.iter().filter(|(name, _)| asked.contains(&name.as_str())).cloned().collect()
}

/// Half of a digest is more than enough to tell ids apart.
fn digest(remote: &str) -> [u8; 16] {
    let mut half = [0; 16];
    blake3::Hasher::new().update(remote.as_bytes()).finalize_xof().fill(&mut half);
    half
}
