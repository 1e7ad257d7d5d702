//! Somebody new who looks like somebody known: nothing is written for them before a human has said who it is.

use super::ground::{Ground, now};
use crate::error::CliError;
use serde::{Deserialize, Serialize};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::matching;
use sluss_engine::numbers::{self, Number};
use sluss_engine::person::{Person, PersonId, Protection};
use sluss_engine::policy::{Hint, MatchKey};
use sluss_store::{Decided, NEVER};

/// What doubtful matches are parked under.
pub const MATCH: &str = "match";

/// A doubtful match, as it is kept beside its finding.
#[derive(Debug, Serialize, Deserialize)]
pub struct Doubt {
    /// What is told of it.
    #[serde(flatten)]
    pub finding: Finding,
    /// Whom the person may be.
    pub candidates: Vec<PersonId>,
}

/// Whether a person may be one of those who are known. Then a case says so, which is as new as what is known of them.
pub fn of(ground: &mut Ground<'_>, person: &Person) -> Result<bool, CliError> {
    let hint = hint(ground, person);
    let candidates = match hint {
        Some(hint) if !person.engagements.is_empty() => candidates(ground, person, hint)?,
        _ => Vec::new(),
    };
    let id = person.id.0.to_string();
    if candidates.is_empty() {
        // A case of two who both have accounts is a register's, and stands until somebody answers.
        if ground.parked.contains(&(MATCH.to_owned(), id.clone()))
            && ground.store.accounts_of(person.id)?.is_empty()
            && ground.parked.remove(&(MATCH.to_owned(), id.clone()))
        {
            ground.store.unpark(MATCH, &id)?;
        }
        return Ok(false);
    }
    let is_protected = person.protection == Protection::Protected;
    let name = |candidate: &PersonId| match is_protected {
        // What somebody is called who looks the same would tell what the person is called.
        true => Ok(format!("person {}", candidate.0)),
        false => called(ground, *candidate),
    };
    let names: Vec<String> = candidates.iter().map(name).collect::<Result<_, CliError>>()?;
    let message = format!(
        "person {id} has the names and the birth date of {}, and another number: it may be the same person",
        names.join(" and of ")
    );
    let advice = format!(
        "nothing is made for person {id} until somebody says who it is: `sluss cases resolve match/{id} --as {}`, or \
         `--new` if they are two",
        candidates[0].0
    );
    open(ground, person.id, Finding::warning(about(person), message).advise(advice), candidates)?;
    let decided = Decided { next: NEVER, stage: "known", manager: None, protected: is_protected, hint };
    ground.store.decided(person.id, &decided)?;
    // Whoever it may be can come to look otherwise, or get another number.
    ground.failed.insert(person.id, 0);
    Ok(true)
}

/// What a person looks like, if the policy asks for that.
pub fn hint(ground: &Ground<'_>, person: &Person) -> Option<i64> {
    let asked = ground.policy.matching.doubtful.contains(&Hint::NameAndBirthDate);
    asked.then(|| matching::hint(person)).flatten()
}

/// Those who look like the person, and whom nothing tells from them.
fn candidates(ground: &Ground<'_>, person: &Person, hint: i64) -> Result<Vec<PersonId>, CliError> {
    let mut found = Vec::new();
    let alike = ground.store.alike(person.id, hint)?;
    if alike.is_empty() || !ground.store.accounts_of(person.id)?.is_empty() {
        return Ok(found);
    }
    let own = numbers_of(ground, person.id)?;
    for other in alike {
        // Of two who have nothing yet, the one who came first is the one who is known.
        let is_first = other < person.id || !ground.store.accounts_of(other)?.is_empty();
        if is_first
            && !ground.store.are_apart(person.id, other)?
            && matching::may_be_same(&own, &numbers_of(ground, other)?)
        {
            found.push(other);
        }
    }
    Ok(found)
}

pub fn numbers_of(ground: &Ground<'_>, person: PersonId) -> Result<Vec<Number>, CliError> {
    let keys = ground.store.keys_of(person, MatchKey::IdentityNumber)?;
    // A temporary number stands behind the organisation that it is valid in.
    let bare = |key: &String| numbers::parse(key.rsplit('/').next().unwrap_or(key), ground.day);
    Ok(keys.iter().map(bare).collect())
}

/// Two persons who have accounts each are one, a register says: a human says whose accounts stay.
pub fn both(ground: &mut Ground<'_>, register: &str, person: PersonId, other: PersonId) -> Result<(), CliError> {
    let names = [called(ground, person)?, called(ground, other)?];
    let message = format!("{} and {} are one person, by their numbers, and both have accounts", names[0], names[1]);
    let advice = format!(
        "both keep what they have until somebody says whose accounts stay: `sluss cases resolve match/{} --as {}` keeps \
         those of person {}; `--new` if they are two after all",
        person.0, other.0, other.0
    );
    let finding = Finding::warning(Subject::System(register.to_owned()), message).advise(advice);
    open(ground, person, finding, vec![other])
}

fn open(
    ground: &mut Ground<'_>,
    person: PersonId,
    finding: Finding,
    candidates: Vec<PersonId>,
) -> Result<(), CliError> {
    let id = person.0.to_string();
    let text = serde_json::to_string(&Doubt { finding: finding.clone(), candidates }).map_err(CliError::internal)?;
    // What somebody put off is told of again when its day comes.
    let until = ground.store.parked_until(MATCH, &id)?.filter(|day| *day > ground.today()).unwrap_or(0);
    ground.store.park(MATCH, &id, &now(), |_| until, &text)?;
    ground.parked.insert((MATCH.to_owned(), id));
    if until == 0 {
        ground.findings.push(finding);
    }
    Ok(())
}

/// What a person is called here: by a user name that everybody may see, or by nothing but their number.
fn called(ground: &Ground<'_>, person: PersonId) -> Result<String, CliError> {
    let name = format!("person {}", person.0);
    if ground.store.is_protected(person)? {
        return Ok(name);
    }
    let label = ground.store.accounts_of(person)?.into_iter().next().map(|account| account.label);
    Ok(label.map_or(name.clone(), |label| format!("{name} ({label})")))
}

fn about(person: &Person) -> Subject {
    match person.engagements.first() {
        Some(engagement) => {
            let id = engagement.id.clone();
            Subject::Record { source: id.source, record: id.record }
        }
        None => Subject::Rule("match".to_owned()),
    }
}
