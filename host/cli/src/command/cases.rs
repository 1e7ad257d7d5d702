//! `cases`: what could not be done, why, when it is tried again, and what would free it.

use super::day::of_number as date;
use super::status::{moment, state};
use crate::config::Config;
use crate::error::{CliError, ErrorKind};
use crate::explain::asker;
use crate::output::Screen;
use crate::output::report::finding as render;
use crate::output::style::{ASIDE, HEADING, count, paint, shown};
use crate::run::adopt::{ADOPT, Doubtful, doubtful_is};
use crate::run::doubt::{Doubt, MATCH};
use crate::run::notify::{MAIL, MESSAGE};
use crate::run::now;
use crate::run::values::day_number;
use crate::word::suggest;
use jiff::tz::TimeZone;
use serde::Serialize;
use sluss_engine::finding::Finding;
use sluss_engine::person::PersonId;
use sluss_store::{Lock, NEVER, Parked, Store};
use std::fmt::Write as _;

/// Something parked, as it is shown.
#[derive(Debug, Serialize)]
struct Case {
    id: String,
    since: String,
    tries: u32,
    /// The day of the next try; none is the next run.
    retry: Option<String>,
    /// Whether it is tried again only when somebody says so.
    waits: bool,
    finding: Option<Finding>,
}

impl From<&Parked> for Case {
    fn from(parked: &Parked) -> Self {
        Case {
            id: shown(&name(parked)),
            since: parked.since.clone(),
            tries: parked.tries,
            retry: (parked.retry > 0).then(|| date(parked.retry)).flatten().map(|day| day.to_string()),
            waits: parked.retry == NEVER,
            finding: serde_json::from_str(&parked.finding).ok(),
        }
    }
}

/// Lists what is parked.
pub(super) fn list(config: &Config, screen: &Screen) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Cases {
        format: &'static str,
        /// The hash of a held plan: it waits for somebody too.
        held: Option<String>,
        cases: Vec<Case>,
    }
    let store = state(config)?;
    let held = store.held_plan()?.map(|held| held.hash);
    let cases: Vec<Case> = store.parked()?.iter().map(Case::from).collect();
    // What somebody put off is nothing to look at before its day.
    let today = day_number(config.today());
    let is_open = |parked: &Parked| ![MATCH, ADOPT].contains(&parked.scope.as_str()) || parked.retry <= today;
    let code = u8::from(held.is_some() || store.parked()?.iter().any(is_open));
    screen.result(&Cases { format: "sluss-cases/1", held, cases }, |cases| {
        let mut out = String::new();
        if let Some(hash) = &cases.held {
            let advice = format!("approve it with `sluss apply {hash}`, or correct what it comes from");
            let _ = writeln!(out, "{}\n      {}", paint(HEADING, format!("plan {hash} is held")), paint(ASIDE, advice));
        }
        out + &text(&cases.cases, &config.timezone)
    })?;
    Ok(code)
}

/// Who the person of a doubtful match is, or what becomes of a mail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// This one.
    Same(PersonId),
    /// None of those who look alike.
    New,
    /// Nobody knows yet.
    NotNow,
    /// The mail arrived, or nobody needs to be told any more.
    Drop,
}

/// How many days a doubtful match is put off.
const PUT_OFF: i32 = 30;

/// Has the next run try these again, with what somebody says of doubtful matches.
pub(super) fn resolve(
    config: &Config,
    screen: &Screen,
    ids: &[String],
    answer: Option<Answer>,
) -> Result<u8, CliError> {
    let mut store = state(config)?;
    let _lock = Lock::take(&config.state, &format!("process {}, resolving cases", std::process::id()))?;
    let parked = store.parked()?;
    let mut chosen = Vec::new();
    for id in ids {
        let Some(found) = called(&parked, id) else {
            let names: Vec<String> = parked.iter().map(|parked| shown(&name(parked))).collect();
            let told = CliError::new(ErrorKind::NotRun, format!("there is no case {}", shown(id)));
            return Err(match suggest(id, names.iter().map(String::as_str)) {
                Some(help) => told.help(help),
                None => told.help("nothing is parked"),
            });
        };
        chosen.push(found);
    }
    store.begin()?;
    for case in &chosen {
        match (case.scope.as_str(), answer) {
            (MAIL | MESSAGE, None | Some(Answer::Drop)) => post(&mut store, case, answer.is_some())?,
            (_, Some(Answer::Drop)) => {
                let told = CliError::new(ErrorKind::NotRun, format!("{} is no mail", shown(&name(case))));
                return Err(told.help("leave out `--drop`"));
            }
            (MATCH, Some(Answer::NotNow)) => {
                let until = day_number(config.today()).saturating_add(PUT_OFF);
                store.put_off(&case.scope, &case.id, until)?;
                wake(&mut store, case)?;
                continue;
            }
            (MATCH, Some(answer)) => who(&mut store, case, answer)?,
            (ADOPT, Some(Answer::NotNow)) => {
                let until = day_number(config.today()).saturating_add(PUT_OFF);
                store.put_off(&case.scope, &case.id, until)?;
                continue;
            }
            (ADOPT, Some(answer)) => whose(&mut store, case, answer, day_number(config.today()))?,
            (MATCH | ADOPT, None) => {
                let told = CliError::new(
                    ErrorKind::NotRun,
                    format!("nobody said who the person of {} is", shown(&name(case))),
                );
                return Err(told.help("say `--as PERSON` with a number that the case names, `--new`, or `--not-now`"));
            }
            (_, Some(_)) => {
                let told = CliError::new(ErrorKind::NotRun, format!("{} is no doubtful match", shown(&name(case))));
                return Err(told.help("leave out `--as`, `--new` and `--not-now`: it is only tried again"));
            }
            (_, None) => wake(&mut store, case)?,
        }
        store.unpark(&case.scope, &case.id)?;
    }
    store.commit()?;
    #[derive(Serialize)]
    struct Resolved<'a> {
        format: &'static str,
        resolved: &'a [String],
    }
    let number = count(chosen.len() as u64, "case is", "cases are");
    let then = match answer {
        Some(Answer::NotNow) => format!("put off for {PUT_OFF} days"),
        Some(Answer::Drop) => "left at that".to_owned(),
        Some(_) => "resolved; the next run goes on with it".to_owned(),
        None => "tried again in the next run".to_owned(),
    };
    screen.result(&Resolved { format: "sluss-resolved/1", resolved: ids }, |_| format!("{number} {then}\n"))?;
    Ok(0)
}

/// The case of this name; also by the name that is shown, in which numbers are hidden, where there is only one such.
fn called<'p>(parked: &'p [Parked], id: &str) -> Option<&'p Parked> {
    let exact = parked.iter().find(|parked| name(parked) == id);
    exact.or_else(|| {
        let mut alike = parked.iter().filter(|parked| shown(&name(parked)) == id);
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// Makes one person of two, or notes that they are two.
fn who(store: &mut Store, case: &Parked, answer: Answer) -> Result<(), CliError> {
    let doubt: Doubt = serde_json::from_str(&case.finding).map_err(CliError::internal)?;
    let person = PersonId(case.id.parse().map_err(CliError::internal)?);
    match answer {
        Answer::Same(other) if doubt.candidates.contains(&other) => {
            store.merge(person, other, &now(), &asker())?;
        }
        Answer::Same(other) => {
            let names: Vec<String> = doubt.candidates.iter().map(|candidate| candidate.0.to_string()).collect();
            let told = format!("{} does not name a person {}", shown(&name(case)), other.0);
            return Err(CliError::new(ErrorKind::NotRun, told).help(format!("it names {}", names.join(", "))));
        }
        _ => {
            for candidate in doubt.candidates {
                store.part(person, candidate)?;
            }
            store.wake(person)?;
        }
    }
    Ok(())
}

/// Links a doubtful account to its person, or leaves it alone.
fn whose(store: &mut Store, case: &Parked, answer: Answer, today: i32) -> Result<(), CliError> {
    let doubtful: Doubtful = serde_json::from_str(&case.finding).map_err(CliError::internal)?;
    let Answer::Same(person) = answer else { return Ok(()) };
    if !doubtful.candidates.contains(&person) {
        let names: Vec<String> = doubtful.candidates.iter().map(|candidate| candidate.0.to_string()).collect();
        let told = format!("{} does not name a person {}", shown(&name(case)), person.0);
        return Err(CliError::new(ErrorKind::NotRun, told).help(format!("it names {}", names.join(", "))));
    }
    if !doubtful_is(store, &doubtful, person, today)? {
        let told = format!("person {} has an account by the rule `{}` already", person.0, doubtful.rule);
        return Err(CliError::new(ErrorKind::NotRun, told).help("say `--new` to leave this one alone"));
    }
    Ok(())
}

/// Has the next run send a mail, or write it anew; or leaves it at that.
fn post(store: &mut Store, case: &Parked, drop: bool) -> Result<(), CliError> {
    let id: u64 = case.id.parse().map_err(CliError::internal)?;
    match (case.scope.as_str(), drop) {
        (MAIL, true) => store.drop_mail(id)?,
        (MAIL, false) => store.free_mail(id)?,
        (_, true) => store.tell_no_more(id)?,
        (_, false) => store.tell_again(id)?,
    }
    Ok(())
}

/// Has the next run look at whatever the case is about.
fn wake(store: &mut Store, case: &Parked) -> Result<(), CliError> {
    match case.scope.as_str() {
        "person" | MATCH => {
            if let Ok(id) = case.id.parse() {
                store.wake(PersonId(id))?;
            }
        }
        "object" => {
            let (target, label) = case.id.split_once(": ").unwrap_or(("", &case.id));
            let mut persons = store.named(label)?;
            persons.extend(
                store
                    .labelled(label)?
                    .into_iter()
                    .filter(|known| known.target == target)
                    .filter_map(|known| known.person),
            );
            persons.extend(label.strip_prefix("protected person ").and_then(|id| id.parse().ok()).map(PersonId));
            match persons.as_slice() {
                // It is a group, and may not be there: it is made for whoever shall be in it.
                [] => {
                    store.soil_groups()?;
                    store.wake_all()?;
                }
                persons => persons.iter().try_for_each(|person| store.wake(*person))?,
            }
        }
        class => {
            if let Some((source, _)) = case.id.split_once(": ") {
                store.reread(source, class)?;
            }
        }
    }
    Ok(())
}

/// What an operator calls a case: `object/directory/anna.berg`.
fn name(parked: &Parked) -> String {
    format!("{}/{}", parked.scope, parked.id.replacen(": ", "/", 1))
}

fn text(cases: &[Case], zone: &TimeZone) -> String {
    if cases.is_empty() {
        return "nothing is parked\n".to_owned();
    }
    let mut out = String::new();
    for case in cases {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", paint(HEADING, shown(&case.id)));
        if let Some(finding) = &case.finding {
            out += &render(finding);
        }
        let retry = match case.retry.as_deref() {
            _ if case.waits => "waits for somebody".to_owned(),
            None => "tried again in the next run".to_owned(),
            Some(day) => format!("tried again on {day}"),
        };
        let tries = count(u64::from(case.tries), "try", "tries");
        let line = format!("parked since {}, {tries}; {retry}", moment(&case.since, zone));
        let _ = writeln!(out, "      {}", paint(ASIDE, line));
    }
    out
}
