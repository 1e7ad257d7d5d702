//! Asking registers who the persons are whom something touched, and, of everybody else, now and then. What they answer
//! is kept: a run that meets nobody new and nothing old asks nothing.

use super::ground::{Ground, now};
use crate::error::CliError;
use sluss_engine::fault::FaultKind;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::key::Key;
use sluss_engine::numbers::{self, NumberKind};
use sluss_engine::person::PersonId;
use sluss_engine::value::{Attributes, Value};
use sluss_store::Answer;
use std::collections::BTreeMap;

/// Numbers a call.
const CALL: usize = 1_000;
/// Old answers that are renewed in one run. The rest waits for the next.
const RENEWED: usize = 10_000;
/// How long a chain of numbers that replaced each other is followed in one run. A circle ends by itself: its numbers are
/// known after one round.
const CHAIN: usize = 8;

/// Asks every register: first again about those whose answers are old or owed, since that may bring numbers that nobody
/// knew, and then about everybody who is to be decided.
pub async fn registers(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let names: Vec<String> = ground.systems.registers.iter().map(|register| register.name.clone()).collect();
    ground.store.keep_answers_of(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    for (index, name) in names.iter().enumerate() {
        let setting = format!("place of {name}");
        let place = ground.systems.registers[index].place();
        if ground.store.setting(&setting)?.as_ref() != Some(&place) {
            // Nobody was ever looked up there, or somewhere else. What was said stands until it answers.
            ground.store.outdate_answers(name)?;
            ground.store.wake_all()?;
            ground.store.set(&setting, &place)?;
        }
        let day = ground.today().saturating_sub(ground.policy.register.refresh);
        let stale = ground.store.stale_answers(name, day, RENEWED)?;
        ask(ground, index, stale).await?;
    }
    for _ in 0..CHAIN {
        let mut any = false;
        for (index, name) in names.iter().enumerate() {
            let numbers = unanswered(ground, name)?;
            any |= ask(ground, index, numbers).await?;
        }
        if !any {
            break;
        }
    }
    Ok(())
}

/// The numbers of everybody who is to be decided that a register was never asked about.
fn unanswered(ground: &mut Ground<'_>, register: &str) -> Result<Vec<String>, CliError> {
    let mut numbers = Vec::new();
    for person in ground.store.awake(ground.today())? {
        for number in ground.store.keys_of(person, sluss_engine::policy::MatchKey::IdentityNumber)? {
            if is_registered(&number, ground) && !ground.store.is_answered(register, &number)? {
                numbers.push(number);
            }
        }
    }
    Ok(numbers)
}

/// Whether a register can know a number. One whose check digit is wrong may be a register's all the same.
fn is_registered(number: &str, ground: &Ground<'_>) -> bool {
    matches!(numbers::parse(number, ground.day).kind, NumberKind::Personal | NumberKind::Coordination)
}

/// Asks a register about numbers, and takes in what it answers. Whether it answered about anybody. Whoever is new, and of
/// whom it does not answer, may have to wait.
async fn ask(ground: &mut Ground<'_>, index: usize, numbers: Vec<String>) -> Result<bool, CliError> {
    let name = ground.systems.registers[index].name.clone();
    if numbers.is_empty() {
        return Ok(false);
    }
    if ground.suspended.contains_key(&name) {
        numbers.iter().try_for_each(|number| unverified(ground, &name, number))?;
        return Ok(false);
    }
    ground.progress.stage(&format!("asking {name}"), Some(numbers.len() as u64));
    let mut waiting = numbers;
    let mut failed: BTreeMap<String, u64> = BTreeMap::new();
    let (mut any, mut forgotten) = (false, 0_u64);
    while !waiting.is_empty() {
        let rest = waiting.split_off(waiting.len().min(CALL));
        let asked = std::mem::replace(&mut waiting, rest);
        let answers = match ground.systems.registers[index].connector().await {
            Ok(connector) => connector.look_up(&asked).await,
            Err(fault) => Err(fault),
        };
        let answers = match answers {
            Ok(answers) => answers,
            Err(fault) => {
                asked.iter().chain(&waiting).try_for_each(|number| unverified(ground, &name, number))?;
                ground.suspend(&name, fault);
                return Ok(false);
            }
        };
        let mut again = Vec::new();
        let mut progress = false;
        for (number, answer) in asked.into_iter().zip(answers) {
            match answer {
                Ok(None) if ground.store.forgotten(&name, &number, ground.today())? => {
                    (progress, any, forgotten) = (true, true, forgotten + 1);
                    verified(ground, &name, &number)?;
                }
                Ok(Some(found)) if !is_about(&found, &number, ground) => {
                    unverified(ground, &name, &number)?;
                    let message = "the register answered about somebody else; the answer was left aside";
                    *failed.entry(message.to_owned()).or_default() += 1;
                }
                Ok(found) => {
                    (progress, any) = (true, true);
                    ground.progress.advance(1);
                    take_in(ground, &name, number, found)?;
                }
                Err(fault) if fault.kind == FaultKind::Throttled && fault.retry_after_ms.unwrap_or(0) == 0 => {
                    again.push((number, fault));
                }
                Err(fault) => {
                    unverified(ground, &name, &number)?;
                    *failed.entry(fault.message).or_default() += 1;
                }
            }
        }
        for (number, fault) in again {
            if progress {
                waiting.push(number);
                continue;
            }
            // It would go round for ever.
            unverified(ground, &name, &number)?;
            *failed.entry(fault.message).or_default() += 1;
        }
    }
    let subject = || Subject::System(name.clone());
    for (message, count) in failed {
        let told = format!("{message} (about {count} of the numbers asked)");
        ground.findings.push(
            Finding::warning(subject(), told)
                .advise("they are asked about again in the next run; what was known of them stands"),
        );
    }
    if forgotten > 0 {
        let told = format!("it no longer knows {forgotten} of the numbers that it told something of before");
        ground.findings.push(
            Finding::warning(subject(), told).advise("what it said of them stands; see whether it still may be asked"),
        );
    }
    Ok(any)
}

/// Whether an answer says that it is about the number that was asked about.
fn is_about(found: &Attributes, number: &str, ground: &Ground<'_>) -> bool {
    let mut named = found.iter().filter(|(name, _)| KEYS.contains(&name.as_str())).flat_map(texts);
    found.iter().any(|(name, _)| name == "refers-to")
        || named.any(|text| numbers::parse(&text, ground.day).canonical == number)
}

/// Somebody of whom nothing was answered is asked about again in the next run.
fn unverified(ground: &mut Ground<'_>, register: &str, number: &str) -> Result<(), CliError> {
    ground.store.owe(register, number)?;
    if let Some(person) = ground.store.person_by(&of_number(number, ground))? {
        ground.unverified.insert((person, register.to_owned()));
    }
    Ok(())
}

fn verified(ground: &mut Ground<'_>, register: &str, number: &str) -> Result<Option<PersonId>, CliError> {
    let person = ground.store.person_by(&of_number(number, ground))?;
    if let Some(person) = person {
        ground.unverified.remove(&(person, register.to_owned()));
    }
    Ok(person)
}

/// Takes in an answer: whoever it is about is known by every number in it, and decided again if it says anything new.
fn take_in(ground: &mut Ground<'_>, register: &str, number: String, found: Option<Attributes>) -> Result<(), CliError> {
    let asked = ground.today();
    let person = verified(ground, register, &number)?;
    let mut known: Vec<Key> = found
        .iter()
        .flatten()
        .filter(|(name, _)| KEYS.contains(&name.as_str()))
        .flat_map(texts)
        .filter(|text| is_lasting(text, ground))
        .map(|text| of_number(&text, ground))
        .collect();
    known.sort_unstable();
    known.dedup();
    let plain =
        |(name, values): &(String, Vec<Value>)| name == "protected" && values.as_slice() == [Value::Boolean(false)];
    let protects = found.as_ref().is_some_and(|found| !found.iter().any(plain));
    let answer = Answer { register: register.to_owned(), number, asked, attributes: found };
    let is_new = ground.store.answered(&answer)?;
    let Some(mut person) = person.filter(|_| is_new) else { return Ok(()) };
    ground.store.wake(person)?;
    if protects {
        ground.store.protect(person)?;
    }
    for key in known {
        match ground.store.person_by(&key)? {
            None => ground.store.rekey(person, &key)?,
            Some(other) if other != person => person = same(ground, register, person, other)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether a number is one that somebody has for good: whatever else an answer holds makes nobody anybody else.
fn is_lasting(number: &str, ground: &Ground<'_>) -> bool {
    numbers::parse(number, ground.day).is_lasting()
}

/// What names a person in an answer.
const KEYS: [&str; 3] = ["identity-number", "refers-to", "earlier-numbers"];

fn texts((_, values): &(String, Vec<Value>)) -> impl Iterator<Item = String> {
    values.iter().filter_map(Value::as_text).map(str::to_owned)
}

/// Registers know no temporary numbers, so that nothing has to be said of where a number is valid.
fn of_number(number: &str, ground: &Ground<'_>) -> Key {
    Key::number(&numbers::parse(number, ground.day), "")
}

/// A register says that two persons are one. Whoever has accounts is kept; where both have some, a human says which of
/// them go. Returns who the person is from now on.
fn same(ground: &mut Ground<'_>, register: &str, a: PersonId, b: PersonId) -> Result<PersonId, CliError> {
    if ground.store.are_apart(a, b)? {
        return Ok(a);
    }
    let has_accounts = |ground: &Ground<'_>, person| Ok::<_, CliError>(!ground.store.accounts_of(person)?.is_empty());
    let (gone, kept) = match (has_accounts(ground, a)?, has_accounts(ground, b)?) {
        (true, true) => {
            super::doubt::both(ground, register, a.max(b), a.min(b))?;
            return Ok(a);
        }
        (false, true) => (a, b),
        (true, false) => (b, a),
        // Whoever came first.
        (false, false) => (a.max(b), a.min(b)),
    };
    ground.store.merge(gone, kept, &now(), register)?;
    let waits: Vec<String> =
        ground.unverified.iter().filter(|(person, _)| *person == gone).map(|(_, register)| register.clone()).collect();
    ground.unverified.extend(waits.into_iter().map(|register| (kept, register)));
    for scope in [super::doubt::MATCH, "person"] {
        ground.parked.remove(&(scope.to_owned(), gone.0.to_string()));
    }
    ground.findings.push(
        Finding::note(
            Subject::System(register.to_owned()),
            format!(
                "person {} and person {} are one, by their numbers: they are person {} now",
                gone.0, kept.0, kept.0
            ),
        )
        .advise("`sluss cases merged` lists it; `sluss cases undo` parts them again"),
    );
    Ok(kept)
}
