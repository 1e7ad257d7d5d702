//! Licences: what the decisions of a round want of them, held against what the targets have to give, for everybody at once
//! and before anything is written.

use super::ground::Ground;
use crate::error::CliError;
use sluss_engine::decide::{Account, Ladder};
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::PersonId;
use sluss_engine::plan::{Action, Reason};
use sluss_engine::policy::{LicenceRule, Policy, Rank};
use sluss_engine::record::{Page, Rest};
use sluss_engine::seat::{Verdict, Wish, allot};
use sluss_engine::value::{Cell, Value};
use sluss_store::{Body, Entry, Known, Phase, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The class in which a target says how many licences it has.
const CLASS: &str = "licence";
/// What it says of each: what it is called, how many there are, how many of them are in use, and how many are free.
const ATTRIBUTES: [&str; 5] = ["sku", "sku-id", "total", "used", "free"];
/// Licences a page.
const PAGE: u32 = 1000;
/// The last step that has a phase of its own; what is later goes along with it.
const LAST: usize = 39;

/// What a run wants of licences, and what it knows of them.
#[derive(Debug, Default)]
pub struct Seats {
    wanted: Vec<Wanted>,
    over: Vec<Over>,
    /// What each target has to give: read when that is first asked, and counted on from there. None where the target does
    /// not count.
    free: HashMap<String, Option<HashMap<String, u64>>>,
    /// Licences that somebody else took away, by account and licence.
    lost: HashSet<(u64, String)>,
    /// Whether any account has any: told once, where the policy gives none, so that nobody need be looked at.
    any: Option<bool>,
    /// Who wants which licence of which target, and who among them waits.
    asked: BTreeMap<(String, String), (BTreeSet<PersonId>, BTreeSet<PersonId>)>,
}

/// A licence that an account shall get.
#[derive(Debug)]
struct Wanted {
    target: String,
    object: u64,
    attribute: String,
    wish: Wish,
    /// Why.
    reasons: Vec<Reason>,
    /// Why what it has of the ladder goes.
    ended: Reason,
}

/// Licences that an account shall lose, and get none in their place.
#[derive(Debug)]
struct Over {
    target: String,
    object: u64,
    person: PersonId,
    attribute: String,
    skus: Vec<String>,
    reasons: Vec<Reason>,
}

/// Where an account is, and whose.
struct Place<'a> {
    target: &'a str,
    object: u64,
    person: PersonId,
    stage: Option<&'a str>,
}

impl Place<'_> {
    fn over(&self, attribute: &str, skus: Vec<String>, reasons: Vec<Reason>) -> Over {
        let Place { target, object, person, .. } = *self;
        Over { target: target.to_owned(), object, person, attribute: attribute.to_owned(), skus, reasons }
    }
}

impl Seats {
    /// Notes that somebody else took a licence away: who had one comes first.
    pub fn lost(&mut self, object: u64, sku: &str) {
        self.lost.insert((object, sku.to_owned()));
    }

    /// Notes what licences an account shall have. Where `gives` says no, only those that are over go.
    pub fn of(
        &mut self,
        store: &Store,
        policy: &Policy,
        person: PersonId,
        object: u64,
        account: &Account,
        gives: bool,
    ) -> Result<(), StoreError> {
        let held = self.held(store, policy, object)?;
        let target = policy.accounts[account.rule].target.as_str();
        let place = Place { target, object, person, stage: account.reason.stage.as_deref() };
        for ladder in account.ladders.iter().filter(|ladder| !ladder.unsure) {
            self.ladder(&place, &policy.licences[ladder.rule], ladder, &held, gives);
        }
        let of_ladder = |attribute: &String, sku: &String| {
            let mut rules = account.ladders.iter().map(|ladder| &policy.licences[ladder.rule]);
            rules.any(|rule| rule.attribute == *attribute && rule.rank(sku).is_some())
        };
        for (attribute, sku) in held.iter().filter(|(attribute, sku)| !of_ladder(attribute, sku)) {
            let reason = super::decide::by_rule(&format!("licence {sku} is no longer in the policy"));
            self.over.push(place.over(attribute, vec![sku.clone()], vec![reason]));
        }
        Ok(())
    }

    /// The licences that an account has.
    fn held(&mut self, store: &Store, policy: &Policy, object: u64) -> Result<Vec<(String, String)>, StoreError> {
        if policy.licences.is_empty() {
            let any = match self.any {
                Some(any) => any,
                None => *self.any.insert(store.has_licences()?),
            };
            if !any {
                return Ok(Vec::new());
            }
        }
        store.licences_of(object)
    }

    /// Notes what an account shall have of one ladder: the highest licence that is given, and none beside it.
    fn ladder(
        &mut self,
        place: &Place<'_>,
        rule: &LicenceRule,
        ladder: &Ladder,
        held: &[(String, String)],
        gives: bool,
    ) {
        let reason = |engagement| Reason {
            rule: format!("licence {}", rule.name),
            engagement,
            stage: place.stage.map(str::to_owned),
        };
        let of_ladder = |(attribute, sku): &&(String, String)| *attribute == rule.attribute && rule.rank(sku).is_some();
        let have: Vec<&String> = held.iter().filter(of_ladder).map(|(_, sku)| sku).collect();
        let sku = |rank: usize| &rule.ranks[rank].sku;
        // What it has and is still given stays until it has the highest.
        let stays = ladder.given.iter().map(|given| sku(given.rank)).find(|sku| have.contains(sku));
        let over: Vec<String> = have.iter().filter(|sku| Some(**sku) != stays).map(|sku| (*sku).clone()).collect();
        match ladder.given.first().filter(|first| gives && Some(sku(first.rank)) != stays) {
            Some(first) => {
                let lost = |rank: &Rank| self.lost.contains(&(place.object, rank.sku.clone()));
                let had = !have.is_empty() || rule.ranks.iter().any(lost);
                let (person, sku) = (place.person, sku(first.rank).clone());
                self.wanted.push(Wanted {
                    target: place.target.to_owned(),
                    object: place.object,
                    attribute: rule.attribute.clone(),
                    wish: Wish { person, sku, first: first.first, had, over, stays: stays.cloned() },
                    reasons: first.engagements.iter().map(|id| reason(Some(id.clone()))).collect(),
                    ended: reason(None),
                });
            }
            None if over.is_empty() => {}
            None => self.over.push(place.over(&rule.attribute, over, vec![reason(None)])),
        }
    }

    /// Notes that an account shall have no licence.
    pub fn none(
        &mut self,
        store: &Store,
        policy: &Policy,
        person: PersonId,
        known: &Known,
        reasons: &[Reason],
    ) -> Result<(), StoreError> {
        let place = Place { target: &known.target, object: known.id, person, stage: None };
        for (attribute, sku) in self.held(store, policy, known.id)? {
            self.over.push(place.over(&attribute, vec![sku], reasons.to_vec()));
        }
        Ok(())
    }
}

/// What one change does to the licences of an account.
#[derive(Debug, Default)]
struct Turn {
    person: Option<PersonId>,
    target: String,
    add: Vec<String>,
    remove: Vec<String>,
    reasons: Vec<Reason>,
}

/// Changes by their turn, account and attribute.
type Turns = BTreeMap<(i64, u64, String), Turn>;

/// Decides who gets what, and enters it.
pub async fn allocate(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let (wanted, over) = (std::mem::take(&mut ground.seats.wanted), std::mem::take(&mut ground.seats.over));
    let mut turns = Turns::new();
    let targets: BTreeSet<String> = wanted.iter().map(|wanted| wanted.target.clone()).collect();
    for target in targets {
        read(ground, &target).await?;
        let mine: Vec<&Wanted> = wanted.iter().filter(|wanted| wanted.target == target).collect();
        let wishes: Vec<Wish> = mine.iter().map(|wanted| folded(&wanted.wish)).collect();
        let mut free = ground.seats.free.get(&target).cloned().flatten();
        if let Some(free) = &mut free {
            let given_up = over.iter().filter(|over| over.target == target).flat_map(|over| &over.skus);
            given_up.for_each(|sku| *free.entry(sku.to_ascii_lowercase()).or_default() += 1);
        }
        for (wanted, verdict) in mine.into_iter().zip(allot(&wishes, free)) {
            enter(ground, &mut turns, wanted, verdict);
        }
    }
    for over in over {
        let key = (Phase::LEAVE.0, over.object, over.attribute);
        let turn = turn(&mut turns, key, over.person, &over.target);
        turn.remove.extend(over.skus.iter().cloned());
        turn.reasons.extend(over.reasons);
        count(ground, &over.target, over.object, &[], &over.skus);
    }
    for ((phase, object, attribute), Turn { person, target, add, remove, mut reasons }) in turns {
        reasons.sort();
        reasons.dedup();
        ground.store.enter(&Entry {
            id: 0,
            target,
            phase: Phase(phase),
            object,
            action: Action::Licences,
            person,
            body: Body::Licences { attribute, add, remove, reasons },
        })?;
    }
    Ok(())
}

/// A wish by names as seats are counted by: those of licences are the same in small letters and in capitals.
fn folded(wish: &Wish) -> Wish {
    let fold = |sku: &String| sku.to_ascii_lowercase();
    Wish {
        sku: fold(&wish.sku),
        over: wish.over.iter().map(fold).collect(),
        stays: wish.stays.as_ref().map(fold),
        ..wish.clone()
    }
}

/// Notes the changes that a verdict asks for.
fn enter(ground: &mut Ground<'_>, turns: &mut Turns, wanted: &Wanted, verdict: Verdict) {
    let Wanted { target, object, attribute, wish, reasons, ended } = wanted;
    let place = (target.clone(), wish.sku.clone());
    let (asked, waiting) = ground.seats.asked.entry(place).or_default();
    asked.insert(wish.person);
    waiting.remove(&wish.person);
    let (step, together) = match verdict {
        Verdict::Granted(step) => (Some(step), true),
        Verdict::Emptied(step) => (Some(step), false),
        Verdict::Waits => {
            waiting.insert(wish.person);
            ground.failed.insert(wish.person, 0);
            (None, false)
        }
    };
    if !together && !wish.over.is_empty() {
        let turn = turn(turns, (Phase::LEAVE.0, *object, attribute.clone()), wish.person, target);
        turn.remove.extend(wish.over.iter().cloned());
        turn.reasons.push(ended.clone());
    }
    count(ground, target, *object, &[], &wish.over);
    let Some(step) = step else { return };
    let phase = Phase::LICENCE.0 + step.min(LAST) as i64;
    let turn = turn(turns, (phase, *object, attribute.clone()), wish.person, target);
    turn.add.push(wish.sku.clone());
    turn.remove.extend(wish.over.iter().filter(|_| together).chain(&wish.stays).cloned());
    turn.reasons.extend(reasons.iter().cloned());
    count(ground, target, *object, std::slice::from_ref(&wish.sku), wish.stays.as_slice());
}

fn turn<'t>(turns: &'t mut Turns, key: (i64, u64, String), person: PersonId, target: &str) -> &'t mut Turn {
    let turn = turns.entry(key).or_default();
    turn.person = Some(person);
    target.clone_into(&mut turn.target);
    turn
}

/// Counts on what is free, for the rounds to come. What only follows is counted once it is so.
fn count(ground: &mut Ground<'_>, target: &str, object: u64, taken: &[String], freed: &[String]) {
    if ground.foreseen.makes(object) {
        return;
    }
    let Some(Some(free)) = ground.seats.free.get_mut(target) else { return };
    for sku in taken {
        let seats = free.entry(sku.to_ascii_lowercase()).or_default();
        *seats = seats.saturating_sub(1);
    }
    for sku in freed {
        *free.entry(sku.to_ascii_lowercase()).or_default() += 1;
    }
}

/// Reads what a target has to give, unless that was done before. Where it cannot be read, there is nothing to give.
async fn read(ground: &mut Ground<'_>, target: &str) -> Result<(), CliError> {
    let index = ground.systems.targets.iter().position(|system| system.name == target);
    let Some(index) = index.filter(|_| !ground.seats.free.contains_key(target)) else { return Ok(()) };
    let free =
        if ground.systems.targets[index].reads(CLASS) {
            ground.progress.stage(&format!("counting licences of {target}"), None);
            Some(match free(ground, index).await {
                Ok(free) => free,
                Err(fault) => {
                    let message = format!("how many licences are free cannot be read: {}", fault.message);
                    ground.findings.push(Finding::failure(Subject::System(target.to_owned()), message).advise(
                        "only what others give up is given in this run; what is over is taken away all the same",
                    ));
                    HashMap::new()
                }
            })
        } else {
            None
        };
    ground.seats.free.insert(target.to_owned(), free);
    Ok(())
}

async fn free(ground: &mut Ground<'_>, index: usize) -> Result<HashMap<String, u64>, Fault> {
    let description = ground.systems.targets[index].described().await?;
    let told = |name: &&str| description.class(CLASS).is_some_and(|class| class.attribute(name).is_some());
    let names: Vec<String> = ATTRIBUTES.into_iter().filter(|name| told(name)).map(str::to_owned).collect();
    let mut free = HashMap::new();
    let mut from = None;
    loop {
        let connector = ground.systems.targets[index].connector().await?;
        let Page { columns, rows, rest, .. } = connector.read_target(CLASS, &names, from.take(), PAGE).await?;
        for row in rows {
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column == name)?;
                row.cells.get(at)
            };
            let number = |name: &str| match cell(name) {
                Some(Cell::One(Value::Integer(number))) => Some(*number),
                _ => None,
            };
            let seats = number("free").or_else(|| Some(number("total")?.saturating_sub(number("used")?)));
            // A policy may call it by either name.
            for name in ["sku", "sku-id"] {
                if let (Some(Cell::One(Value::Text(sku))), Some(seats)) = (cell(name), seats) {
                    free.insert(sku.to_ascii_lowercase(), u64::try_from(seats).unwrap_or(0));
                }
            }
        }
        match rest {
            Rest::More(next) => from = Some(next),
            Rest::Complete => return Ok(free),
            Rest::Incomplete(fault) => return Err(fault),
        }
    }
}

/// Tells of licences that there are too few of.
pub fn tell(ground: &mut Ground<'_>) {
    let asked = std::mem::take(&mut ground.seats.asked);
    for ((target, sku), (asked, waiting)) in asked.into_iter().filter(|(_, (_, waiting))| !waiting.is_empty()) {
        let (wanted, wait) = (asked.len(), waiting.len());
        let verb = if wait == 1 { "waits" } else { "wait" };
        let message = format!("licence {sku}: {wanted} wanted, {} free, {wait} {verb}", wanted - wait);
        ground.findings.push(
            Finding::warning(Subject::System(target), message)
                .advise("whoever waits has the account without it, and gets it in the run that finds one free"),
        );
    }
}
