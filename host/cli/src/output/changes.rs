//! The changes of a plan, grouped by what they do, each with what becomes of which attribute, and why.

use super::style::{ASIDE, CHANGES, COMES, GOES, HEADING, count, paint, shown};
use anstyle::Style;
use sluss_engine::plan::{Action, AttributeLine, PlanLine, Reason};
use std::fmt::Write as _;

/// How many changes of a kind are shown, unless all are asked for.
const MOST: usize = 50;

/// How many values or members of one change are shown.
const MOST_VALUES: usize = 8;

const ACTIONS: [Action; 7] = [
    Action::Create,
    Action::Update,
    Action::Enable,
    Action::Disable,
    Action::Remove,
    Action::Members,
    Action::Licences,
];

/// The changes as text.
pub(super) fn changes(lines: &[PlanLine], all: bool) -> String {
    let mut out = String::new();
    for action in ACTIONS {
        let of_kind = lines.iter().filter(|line| line.action == action);
        let number = of_kind.clone().count();
        if number == 0 {
            continue;
        }
        let heading = count(number as u64, "change", "changes");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{} ({heading})", paint(style(action).bold(), action.as_str()));
        let most = if all { number } else { MOST };
        of_kind.take(most).for_each(|line| one(&mut out, line, all));
        if number > most {
            let rest = format!("… and {} more; -v shows them all, --json too", number - most);
            let _ = writeln!(out, "  {}", paint(ASIDE, rest));
        }
    }
    out
}

fn one(out: &mut String, line: &PlanLine, all: bool) {
    let _ = writeln!(out, "  {} {} {}", line.target, line.class, paint(HEADING, shown(&line.object)));
    let widest = line.attributes.iter().map(|attribute| attribute.name.chars().count()).max().unwrap_or(0);
    for attribute in &line.attributes {
        let _ = writeln!(out, "      {:widest$}  {}", attribute.name, becomes(attribute, line.action));
    }
    let most = if all { usize::MAX } else { MOST_VALUES };
    for (sign, style, members) in [("+", COMES, &line.added), ("-", GOES, &line.removed)] {
        if !members.is_empty() {
            let _ = writeln!(out, "      {} {}", paint(style, sign), values(members, most));
        }
    }
    for reason in &line.reasons {
        let _ = writeln!(out, "      {}", paint(ASIDE, format!("because of {}", why(reason))));
    }
}

/// What becomes of an attribute.
fn becomes(attribute: &AttributeLine, action: Action) -> String {
    let before = values(&attribute.before, MOST_VALUES);
    let after = values(&attribute.after, MOST_VALUES);
    match (attribute.before.is_empty(), attribute.after.is_empty()) {
        (true, _) if action == Action::Create => after,
        (true, _) => format!("{} {after}", paint(COMES, "+")),
        (false, true) => format!("{} {before}", paint(GOES, "-")),
        (false, false) => format!("{before} {} {after}", paint(CHANGES, "→")),
    }
}

fn values(values: &[String], most: usize) -> String {
    let mut text = values.iter().take(most).map(|value| shown(value)).collect::<Vec<_>>().join(", ");
    if values.len() > most {
        let _ = write!(text, " … and {} more", values.len() - most);
    }
    text
}

fn why(reason: &Reason) -> String {
    let mut text = reason.rule.clone();
    match &reason.engagement {
        Some(engagement) => {
            let _ = write!(text, ", {} {}", engagement.source, shown(&engagement.record));
        }
        // A person's change without an engagement; a group's has neither engagement nor stage.
        None if reason.stage.is_some() => text.push_str(", no engagement is left"),
        None => {}
    }
    if let Some(stage) = &reason.stage {
        let _ = write!(text, " ({stage})");
    }
    text
}

fn style(action: Action) -> Style {
    match action {
        Action::Create | Action::Enable => COMES,
        Action::Update | Action::Members | Action::Licences => CHANGES,
        Action::Disable | Action::Remove => GOES,
    }
}
