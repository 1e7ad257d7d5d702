//! The rules alone: persons in memory, decided one after the other on one thread, and nothing done about it.
//!
//! Persons are made in portions between the measured stretches, so that neither making them nor keeping them counts.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use rustix::time::{ClockId, clock_gettime};
use sluss_engine::decide::Deciding;
use sluss_engine::ledger::{Held, Ledger, Owner, Retired};
use sluss_engine::numbers;
use sluss_engine::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use sluss_engine::policy::{self, Evaluator, Policy};
use sluss_engine::value::Value;
use sluss_people::{Employment, Population};

use crate::POLICY;

/// So many persons are made and decided at a time.
const PORTION: usize = 1_000;

/// How long deciding everybody took, in processor time of the thread.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// The first time: every name has to be found.
    pub first: Duration,
    /// Once more: everybody has their names.
    pub again: Duration,
}

/// What says how much processor time the thread has taken so far.
pub type Clock = fn() -> Result<Duration>;

/// Decides a whole population, twice.
pub fn decide(population: &Population, clock: Clock) -> Result<Decided> {
    let policy = policy()?;
    let units = units(population);
    let mut names = Names::default();
    let mut pass = || round(population, &policy, &units, &mut names, clock);
    Ok(Decided { first: pass()?, again: pass()? })
}

fn policy() -> Result<Policy> {
    policy::load(&[("policy.toml".to_owned(), POLICY.to_owned())])
        .map_err(|faults| anyhow::anyhow!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()))
}

/// The units, by organisation and code.
type Units = HashMap<String, HashMap<String, Unit>>;

fn units(population: &Population) -> Units {
    let mut units = Units::new();
    for unit in population.units() {
        let organisation = population.all_municipalities()[unit.municipality].code.clone();
        let parent = unit.parent.map(|parent| population.units()[parent].code.clone());
        let (code, name, cost_centre) = (unit.code.clone(), unit.name.clone(), unit.account.clone());
        let known =
            Unit { organisation: organisation.clone(), code, name, parent: parent.unwrap_or_default(), cost_centre };
        units.entry(organisation).or_default().insert(unit.code.clone(), known);
    }
    units
}

fn round(population: &Population, policy: &Policy, units: &Units, names: &mut Names, clock: Clock) -> Result<Duration> {
    let evaluator = Evaluator::new(policy);
    let find = |organisation: &str, code: &str| units.get(organisation)?.get(code);
    let suspended = HashSet::new();
    let deciding =
        Deciding { policy, evaluator: &evaluator, units: &find, day: population.day(), suspended: &suspended };
    let everybody: Vec<u32> = (0..population.persons()).collect();
    let mut took = Duration::ZERO;
    for portion in everybody.chunks(PORTION) {
        let persons: Vec<Person> = portion.iter().map(|index| person(population, *index)).collect();
        let began = clock()?;
        for person in &persons {
            let Ok(decision) = deciding.decide(person, &[], names);
            ensure!(decision.findings.is_empty(), "person {}: {:?}", person.id.0, decision.findings);
            std::hint::black_box(decision);
        }
        took += clock()?.saturating_sub(began);
    }
    Ok(took)
}

/// The processor time that this thread has had.
pub fn clock() -> Result<Duration> {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).context("the clock runs backwards")
}

fn person(population: &Population, index: u32) -> Person {
    let person = population.person(index);
    let day = population.day();
    let engagements = population.employments(index).iter().map(|post| engagement(population, index, post)).collect();
    Person {
        id: PersonId(index.into()),
        number: numbers::parse(&person.number.to_string(), day).canonical,
        name: PersonName {
            given: numbers::given_name(&person.given, &person.mark),
            first: person.given,
            middle: person.middle,
            surname: person.family,
        },
        protection: if person.protected { Protection::Protected } else { Protection::None },
        extra: Vec::new(),
        engagements,
    }
}

fn engagement(population: &Population, index: u32, post: &Employment) -> Engagement {
    let unit = &population.units()[post.unit];
    let municipality = population.municipality_of(post).code.clone();
    let text = |text: &str| vec![Value::from(text)];
    Engagement {
        id: EngagementId { source: "heroma".to_owned(), record: format!("{municipality}/{}/{}", post.id, post.from) },
        kind: EngagementKind::Employment,
        organisation: municipality,
        number: post.id.to_string(),
        unit: unit.code.clone(),
        unit_name: unit.name.clone(),
        title: post.title.clone(),
        title_code: post.aid.to_owned(),
        form: post.form.to_string(),
        cost_centre: unit.account.clone(),
        main: post.main,
        is_manager: post.leads,
        on_leave: post.on_leave,
        extent: f64::from(post.extent) / 100.0,
        start: Some(post.from),
        end: post.until,
        manager: unit.manager.filter(|manager| *manager != index).map(|manager| PersonId(manager.into())),
        extra: vec![
            ("heroma:telefon".to_owned(), text("+46 523 000 000")),
            ("heroma:rum".to_owned(), text("B100")),
            ("heroma:skift".to_owned(), text("dag")),
        ],
    }
}

/// The names that were given, in memory.
#[derive(Default)]
struct Names {
    held: HashMap<String, HashMap<PersonId, Held>>,
    owners: HashMap<String, HashMap<String, PersonId>>,
}

impl Ledger for Names {
    type Error = Infallible;

    fn held(&self, person: PersonId, kind: &str) -> Result<Option<Held>, Infallible> {
        Ok(self.held.get(kind).and_then(|held| held.get(&person)).cloned())
    }

    fn owner(&self, kind: &str, name: &str) -> Result<Owner, Infallible> {
        let owner = self.owners.get(kind).and_then(|owners| owners.get(&name.to_lowercase()));
        Ok(owner.map_or(Owner::Free, |person| Owner::Person(*person)))
    }

    fn retired(&self, _: PersonId, _: &str, _: Date) -> Result<Vec<Retired>, Infallible> {
        Ok(Vec::new())
    }

    fn hold(&mut self, person: PersonId, kind: &str, held: &Held, _: Date) -> Result<(), Infallible> {
        self.owners.entry(kind.to_owned()).or_default().insert(held.name.to_lowercase(), person);
        self.held.entry(kind.to_owned()).or_default().insert(person, held.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{clock, decide};
    use sluss_people::Population;

    #[test]
    fn everybody_can_be_decided_and_that_takes_time() {
        let decided = decide(&Population::new(1, 300), clock).unwrap();
        assert!(!decided.first.is_zero() && !decided.again.is_zero(), "{decided:?}");
    }
}
