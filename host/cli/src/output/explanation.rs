//! An explanation on the screen: a person from engagements over names to accounts and rights, or a group.

use super::style::{ASIDE, CHANGES, HEADING, count, paint, shown};
use super::table::{Column, table};
use crate::explain::{Account, Dated, Explanation, Group, Said, Someone};
use std::fmt::Write as _;

/// An explanation as text; `all` also shows every attribute's rule.
pub fn text(explanation: &Explanation, all: bool) -> String {
    let persons = explanation.persons.iter().map(|person| someone(person, &explanation.day, all));
    let groups = explanation.groups.iter().map(group);
    persons.chain(groups).collect::<Vec<_>>().join("\n")
}

// Writing to a string cannot fail, so what it returns is dropped below.

fn someone(person: &Someone, day: &str, all: bool) -> String {
    let mut out = format!("{}: {} on {day}\n", paint(HEADING, shown(&person.label)), person.stage);
    if person.protected {
        let _ = writeln!(out, "  {}", paint(CHANGES, "the person's data is protected"));
    }
    if person.veiled {
        let _ = writeln!(out, "  {}", paint(ASIDE, "--protected shows it, and notes in the audit that you saw it"));
    }
    if !person.said.is_empty() {
        let others = |said: &Said| {
            let other = |(value, by): &(String, String)| format!("{} by {}", shown(value), shown(by));
            said.overruled.iter().map(other).collect::<Vec<_>>().join("; ")
        };
        let cells = |said: &Said| vec![said.attribute.clone(), shown(&said.value), shown(&said.by), others(said)];
        let headings = [("said", Column::Text), ("", Column::Text), ("by", Column::Text), ("overruled", Column::Text)];
        let _ = write!(out, "\n{}", table(&headings, person.said.iter().map(cells)));
    }
    if !person.engagements.is_empty() {
        let cells = |dated: &Dated| {
            let end = |date: &Option<String>| date.clone().unwrap_or_else(|| "open".to_owned());
            let days = format!("{} to {}", end(&dated.start), end(&dated.end));
            vec![shown(&dated.record), dated.phase.clone(), days, shown(&dated.what)]
        };
        let headings =
            [("engagement", Column::Text), ("", Column::Text), ("days", Column::Text), ("what", Column::Text)];
        let _ = write!(out, "\n{}", table(&headings, person.engagements.iter().map(cells)));
    }
    if let Some((record, why)) = &person.primary {
        let _ = writeln!(out, "  primary: {}, {why}", shown(record));
    }
    if !person.names.is_empty() {
        let row = |(kind, name, state): &(String, String, String)| vec![kind.clone(), shown(name), state.clone()];
        let headings = [("name", Column::Text), ("", Column::Text), ("", Column::Text)];
        let _ = write!(out, "\n{}", table(&headings, person.names.iter().map(row)));
    }
    person.accounts.iter().for_each(|account| self::account(&mut out, account, all));
    if !person.findings.is_empty() {
        let _ = writeln!(out, "\n{}", paint(CHANGES, "findings"));
        for finding in &person.findings {
            let _ = writeln!(out, "  {}", shown(finding));
        }
    }
    if !person.next.is_empty() {
        let _ = writeln!(out, "\n{}", paint(HEADING, "what comes next"));
        for (day, stage) in &person.next {
            let _ = writeln!(out, "  {day}  {stage}");
        }
    }
    out
}

fn account(out: &mut String, account: &Account, all: bool) {
    let id = account.id.as_deref().unwrap_or("not made");
    let _ = writeln!(out, "\n{} {}", paint(HEADING, format!("account in {}", account.target)), shown(id));
    let _ = writeln!(out, "  {}", paint(ASIDE, format!("because of {}", account.reason)));
    let widest = account.attributes.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, value, rule) in &account.attributes {
        let rule = if all { paint(ASIDE, format!("  {rule}")) } else { String::new() };
        let _ = writeln!(out, "  {name:widest$}  {}{rule}", shown(value));
    }
    for (group, rule, engagements) in &account.rights {
        let because = format!("because of {rule}: {}", shown(&engagements.join(", ")));
        let _ = writeln!(out, "  in {}  {}", shown(group), paint(ASIDE, because));
    }
    for (sku, has, rule, engagements) in &account.licences {
        let because = format!("because of {rule}: {}", shown(&engagements.join(", ")));
        let word = if *has { "has" } else { "waits for" };
        let _ = writeln!(out, "  {word} {}  {}", shown(sku), paint(ASIDE, because));
    }
}

fn group(group: &Group) -> String {
    let id = group.id.as_deref().unwrap_or("not made");
    let mut out = format!("{} in {}: {}\n", paint(HEADING, shown(&group.label)), group.target, shown(id));
    let _ = writeln!(out, "  {}", paint(ASIDE, format!("because of {}", group.rule)));
    let _ = writeln!(out, "  {}", count(group.members as u64, "member", "members"));
    let _ = writeln!(out, "  {}", shown(&group.some.join(", ")));
    if group.members > group.some.len() {
        let _ = writeln!(out, "  {}", paint(ASIDE, format!("… and {} more", group.members - group.some.len())));
    }
    out
}
