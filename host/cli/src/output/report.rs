//! A plan or run on the screen: the same as `--json` prints, in the order in which an administrator asks.

use super::changes::changes;
use super::style::{ASIDE, CHANGES, COMES, GOES, HEADING, count, paint, shown};
use super::table::{Column, table};
use crate::report::{Ending, Messages, Reading, Report, Tally, Tripped};
use sluss_engine::finding::{Finding, Severity};
use sluss_engine::plan::Action;
use std::fmt::Write as _;

/// How many findings are shown, unless all are asked for.
const MOST: usize = 50;

/// A report as text; `all` shows long lists in full.
pub fn report(report: &Report, all: bool) -> String {
    let mut out = String::new();
    let title = match report.run {
        Some(run) => format!("{} {run}, for {}", report.kind, report.day),
        None => format!("{} for {}", report.kind, report.day),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", paint(HEADING, title));
    // Most sources give persons with their engagements, or the other way round.
    let is_there =
        |reading: &&Reading| reading.class != "person" || reading.records + reading.previous > 0 || !reading.complete;
    for reading in report.readings.iter().filter(is_there) {
        let _ = writeln!(out, "  {}", read(reading));
    }
    let _ = writeln!(out, "  {} decided", count(report.decided, "person", "persons"));
    if report.planned != report.applied {
        out += &tally("planned", &report.planned);
    }
    out += &tally("applied", &report.applied);
    out += &mail(&report.messages);
    out += &changes(&report.changes, all);
    out += &findings(&report.findings, all);
    out += &guards(&report.tripped);
    let _ = writeln!(out, "\n{}", ending(report));
    out
}

fn read(reading: &Reading) -> String {
    let what = format!("{} {}s: ", reading.source, reading.class);
    if reading.unchanged {
        return what + "unchanged, and not read";
    }
    let records = count(reading.records, "record", "records");
    let before = match reading.previous {
        0 => String::new(),
        previous => format!(" ({previous} before)"),
    };
    let mut text = format!("{what}{records}{before}, {} new or changed, {} gone", reading.changed, reading.gone);
    if !reading.complete {
        let _ = write!(text, ", {}", paint(CHANGES, "the read was not complete: nothing counts as gone"));
    }
    text
}

/// How many changes of each kind, a line for each target.
fn tally(word: &str, tally: &Tally) -> String {
    const ACTIONS: [Action; 7] = [
        Action::Create,
        Action::Update,
        Action::Enable,
        Action::Disable,
        Action::Remove,
        Action::Members,
        Action::Licences,
    ];
    // Few targets have licences to give.
    let licences = tally.values().any(|counts| counts.contains_key(&Action::Licences));
    let actions = if licences { &ACTIONS[..] } else { &ACTIONS[..6] };
    let rows: Vec<Vec<String>> = tally
        .iter()
        .filter(|(_, counts)| counts.values().any(|number| *number > 0))
        .map(|(target, counts)| {
            let number = |action: &Action| counts.get(action).copied().unwrap_or(0).to_string();
            std::iter::once(target.clone()).chain(actions.iter().map(number)).collect()
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut headings = vec![(word, Column::Text)];
    headings.extend(actions.iter().map(|action| (action.as_str(), Column::Number)));
    format!("\n{}", table(&headings, rows))
}

/// How many mails would be sent, were sent, and wait.
fn mail(messages: &Messages) -> String {
    let Messages { planned, sent, waiting } = *messages;
    let mails = |number, word: &str| (number > 0).then(|| format!("{} {word}", count(number, "mail", "mails")));
    let told = [mails(planned, "would be sent"), mails(sent, "sent"), mails(waiting, "waiting")];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() { String::new() } else { format!("\n  {}\n", told.join(", ")) }
}

/// The findings, the worst first.
pub fn findings(findings: &[Finding], all: bool) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let most = if all { sorted.len() } else { MOST };
    let mut out = format!("\n{}\n", paint(HEADING, "findings"));
    for finding in sorted.iter().take(most) {
        out += &self::finding(finding);
    }
    if sorted.len() > most {
        let rest = format!("… and {} more; -v shows them all, --json too", sorted.len() - most);
        let _ = writeln!(out, "  {}", paint(ASIDE, rest));
    }
    out
}

/// One finding, with what to do and where to look.
pub(crate) fn finding(finding: &Finding) -> String {
    let (style, word) = match finding.severity {
        Severity::Failure => (GOES, "failure"),
        Severity::Warning => (CHANGES, "warning"),
        Severity::Note => (ASIDE, "note"),
    };
    let subject = finding.subject.to_string();
    let mut out = format!("  {} {}: {}\n", paint(style, word), shown(&subject), shown(&finding.message));
    if let Some(advice) = &finding.advice {
        let _ = writeln!(out, "      {}", shown(advice));
    }
    if let Some(place) = &finding.place {
        let _ = writeln!(out, "      {}", paint(ASIDE, format!("at {place}")));
    }
    out
}

fn guards(tripped: &[Tripped]) -> String {
    if tripped.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "guards"));
    for Tripped { guard, system, count, of, limit } in tripped {
        let _ = writeln!(out, "  {} {system}: {count} of {of}, the limit is {limit}", paint(GOES, guard));
    }
    out
}

/// How it ended, and what to do next.
fn ending(report: &Report) -> String {
    let planned = report.planned.values().flat_map(|counts| counts.values()).sum::<u64>();
    let applied = report.applied.values().flat_map(|counts| counts.values()).sum::<u64>();
    let today = jiff::Zoned::now().date().to_string();
    let on = if report.day == today { String::new() } else { format!(" --on {}", report.day) };
    let seconds = format!("{:.1} s", report.seconds);
    let done = match (report.kind.as_str(), planned, applied) {
        ("plan", 0, _) => "nothing to change".to_owned(),
        ("plan", planned, _) if report.trial => format!(
            "{} planned by the policy on trial, nothing written; name it in the configuration to have them carried out",
            count(planned, "change", "changes"),
        ),
        ("plan", planned, _) => format!(
            "{} planned, nothing written; plan {}\n`sluss run{on}` carries them out, `sluss apply {}{on}` exactly these",
            count(planned, "change", "changes"),
            report.hash,
            report.hash
        ),
        (_, 0, 0) => format!("nothing to change ({seconds})"),
        (_, planned, 0) => format!("{} planned, none applied ({seconds})", count(planned, "change", "changes")),
        (_, _, applied) => format!("{} applied ({seconds})", count(applied, "change", "changes")),
    };
    match report.ending {
        Ending::Done => paint(COMES, done),
        Ending::Findings => paint(CHANGES, format!("{done}; see the findings")),
        Ending::Unavailable => {
            paint(GOES, format!("{done}; a system was unavailable, and the next run goes on with it"))
        }
        Ending::Held if applied > 0 => format!(
            "{}\nIf it is right, approve it: sluss apply {}\nIf not, correct the source, the policy or the guard; the next run plans anew.",
            paint(GOES, format!("held: {done} before, nothing since; plan {}", report.hash)),
            report.hash
        ),
        Ending::Held => format!(
            "{}\nIf it is right, approve it: sluss apply {}\nIf not, correct the source, the policy or the guard; the next run plans anew.",
            paint(GOES, format!("held: nothing was written; plan {}", report.hash)),
            report.hash
        ),
    }
}
