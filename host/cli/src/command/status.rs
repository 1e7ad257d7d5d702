//! `status` and `runs`: what is remembered, without asking any system.

use super::day::of_number as date;
use crate::config::{Config, Role};
use crate::error::CliError;
use crate::output::Screen;
use crate::output::style::{ASIDE, GOES, HEADING, count, paint, shown};
use crate::output::table::{Column, table};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use sluss_store::{Run, Shown, Store};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The state of things.
#[derive(Debug, Serialize)]
struct Status {
    format: &'static str,
    last: Option<RunLine>,
    held: Option<HeldLine>,
    /// Persons at each stage.
    persons: BTreeMap<String, u64>,
    targets: Vec<TargetLine>,
    parked: u64,
    mail: MailLine,
    /// Whether the next run has something to do already: what could not be done, or was not begun.
    due: bool,
    /// Otherwise, the first day on which something changes by itself.
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct HeldLine {
    hash: String,
    since: String,
}

/// Mails that tell people what became of accounts.
#[derive(Debug, Serialize)]
struct MailLine {
    /// Those that were sent, as far back as is remembered.
    sent: u64,
    /// Those that are to be sent, with what is in no mail yet.
    waiting: u64,
    /// Those that wait for somebody.
    stuck: u64,
}

#[derive(Debug, Serialize)]
struct TargetLine {
    name: String,
    accounts: u64,
    groups: u64,
    memberships: u64,
}

#[derive(Debug, Serialize)]
struct RunLine {
    id: u64,
    kind: String,
    day: String,
    started: String,
    ended: Option<String>,
    result: Option<String>,
    counts: Option<serde_json::Value>,
}

impl From<Run> for RunLine {
    fn from(run: Run) -> Self {
        let counts = run.counts.and_then(|counts| serde_json::from_str(&counts).ok());
        let Run { id, kind, day, started, ended, result, .. } = run;
        RunLine { id, kind, day, started, ended, result, counts }
    }
}

/// Shows the state of things.
pub(super) fn status(config: &Config, screen: &Screen) -> Result<u8, CliError> {
    let store = state(config)?;
    let targets = config.systems.iter().filter(|system| system.role == Role::Target).map(|system| {
        let [accounts, groups] = store.population(&system.name)?;
        let memberships = store.memberships(&system.name)?;
        Ok(TargetLine { name: system.name.clone(), accounts, groups, memberships })
    });
    let next = store.next_wake()?;
    let post = store.post()?;
    let status = Status {
        format: "sluss-status/1",
        last: store.runs(1)?.pop().map(RunLine::from),
        held: store.held_plan()?.map(|held| HeldLine { hash: held.hash, since: held.since }),
        persons: store.stages()?.into_iter().collect(),
        targets: targets.collect::<Result<_, CliError>>()?,
        parked: store.parked()?.len() as u64,
        mail: MailLine { sent: post.sent, waiting: post.waiting + post.untold, stuck: post.stuck },
        due: next.is_some_and(|day| day <= 0),
        next: next.filter(|day| *day > 0).and_then(date).map(|day| day.to_string()),
    };
    screen.result(&status, |status| text(status, &config.timezone))?;
    Ok(0)
}

/// Lists the latest runs.
pub(super) fn runs(config: &Config, screen: &Screen, limit: usize) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Runs {
        format: &'static str,
        runs: Vec<RunLine>,
    }
    let runs = state(config)?.runs(limit)?.into_iter().map(RunLine::from).collect();
    screen.result(&Runs { format: "sluss-runs/1", runs }, |runs| list(&runs.runs, &config.timezone))?;
    Ok(0)
}

/// Lists who was shown what is protected.
pub(super) fn audit(config: &Config, screen: &Screen, limit: usize) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Line {
        at: String,
        by: String,
        what: String,
    }
    #[derive(Serialize)]
    struct Audit {
        format: &'static str,
        audit: Vec<Line>,
    }
    let lines = state(config)?.audited(limit)?.into_iter();
    let audit = lines.map(|Shown { at, by, what }| Line { at, by, what }).collect();
    screen.result(&Audit { format: "sluss-audit/1", audit }, |audit| {
        let row = |line: &Line| vec![moment(&line.at, &config.timezone), shown(&line.by), line.what.clone()];
        let headings = [("when", Column::Text), ("who", Column::Text), ("saw", Column::Text)];
        table(&headings, audit.audit.iter().map(row))
    })?;
    Ok(0)
}

/// The state, if there was ever a run.
pub(super) fn state(config: &Config) -> Result<Store, CliError> {
    if !config.state.exists() {
        return Err(CliError::not_run(format!("there was no run yet: no state file {}", config.state.display()))
            .help("`sluss plan` shows what the first run would do"));
    }
    Ok(Store::open(&config.state)?)
}

fn text(status: &Status, zone: &TimeZone) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    if let Some(last) = &status.last {
        let _ = writeln!(out, "{} {}", paint(HEADING, "last run"), one(last, zone));
    }
    match &status.held {
        Some(held) => {
            let _ = writeln!(
                out,
                "{} plan {} since {}\n  approve it with `sluss apply {}`, or correct what it comes from",
                paint(GOES, "held"),
                held.hash,
                moment(&held.since, zone),
                held.hash
            );
        }
        None => out.push_str("nothing is held\n"),
    }
    if status.parked > 0 {
        let parked = count(status.parked, "case is", "cases are");
        let _ = writeln!(out, "{parked} parked; `sluss cases` lists them");
    }
    let MailLine { sent, waiting, stuck } = status.mail;
    if sent + waiting + stuck > 0 {
        let _ = writeln!(out, "{} sent, {waiting} waiting, {stuck} stuck", count(sent, "mail", "mails"));
    }
    if !status.persons.is_empty() {
        let rows = status.persons.iter().map(|(stage, number)| vec![stage.clone(), number.to_string()]);
        let _ = write!(out, "\n{}", table(&[("persons", Column::Text), ("", Column::Number)], rows));
    }
    if !status.targets.is_empty() {
        let row = |target: &TargetLine| {
            let numbers = [target.accounts, target.groups, target.memberships].map(|number| number.to_string());
            std::iter::once(target.name.clone()).chain(numbers).collect()
        };
        let number = Column::Number;
        let headings = [("target", Column::Text), ("accounts", number), ("groups", number), ("memberships", number)];
        let _ = write!(out, "\n{}", table(&headings, status.targets.iter().map(row)));
    }
    if status.due {
        let _ = writeln!(out, "\n{}", paint(ASIDE, "the next run goes on with what is not done"));
    } else if let Some(day) = &status.next {
        let _ = writeln!(out, "\n{}", paint(ASIDE, format!("the next day on which something changes: {day}")));
    }
    out
}

fn list(runs: &[RunLine], zone: &TimeZone) -> String {
    let row = |run: &RunLine| {
        let RunLine { id, kind, day, started, .. } = run;
        vec![id.to_string(), kind.clone(), day.clone(), moment(started, zone), took(run), ended(run)]
    };
    let text = Column::Text;
    let headings = [
        ("run", Column::Number),
        ("kind", text),
        ("for", text),
        ("started", text),
        ("took", Column::Number),
        ("ended", text),
    ];
    table(&headings, runs.iter().map(row))
}

fn one(run: &RunLine, zone: &TimeZone) -> String {
    format!("{} ({}) for {}, started {}: {}", run.id, run.kind, run.day, moment(&run.started, zone), ended(run))
}

fn ended(run: &RunLine) -> String {
    run.result.as_deref().map_or_else(|| "not ended: it is active, or was broken off".to_owned(), shown)
}

fn took(run: &RunLine) -> String {
    let moments = (run.started.parse::<Timestamp>(), run.ended.as_deref().map(str::parse::<Timestamp>));
    match moments {
        (Ok(started), Some(Ok(ended))) => format!("{} s", ended.duration_since(started).as_secs()),
        _ => String::new(),
    }
}

/// A moment, as the clock on the wall showed it.
pub(super) fn moment(written: &str, zone: &TimeZone) -> String {
    match written.parse::<Timestamp>() {
        Ok(moment) => moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => written.to_owned(),
    }
}
