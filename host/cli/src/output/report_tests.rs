//! What a report looks like where there is much to say, and what it never shows.

#![allow(clippy::unwrap_used)]

use super::report::report;
use crate::report::{Ending, FORMAT, Reading, Report, Tripped};
use sluss_engine::fault::Place;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::EngagementId;
use sluss_engine::plan::{Action, AttributeLine, PlanLine, Reason};

/// One of Skatteverket's public test numbers.
const NUMBER: &str = "198001022386";

fn line(action: Action, object: &str) -> PlanLine {
    let engagement = EngagementId { source: "heroma".to_owned(), record: "1427/10234".to_owned() };
    PlanLine {
        target: "directory".to_owned(),
        class: "user".to_owned(),
        action,
        object: object.to_owned(),
        attributes: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        reasons: vec![Reason {
            rule: "account directory".to_owned(),
            engagement: Some(engagement),
            stage: Some("active".to_owned()),
        }],
    }
}

fn attribute(name: &str, before: &[&str], after: &[&str]) -> AttributeLine {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    AttributeLine { name: name.to_owned(), before: owned(before), after: owned(after) }
}

fn held(changes: Vec<PlanLine>) -> Report {
    let planned = [("directory".to_owned(), [(Action::Disable, changes.len() as u64)].into())].into();
    Report {
        format: FORMAT.to_owned(),
        kind: "run".to_owned(),
        trial: false,
        reconcile: Default::default(),
        run: Some(7),
        day: "2026-11-23".to_owned(),
        ending: Ending::Held,
        hash: "f68da8acc64f343d".to_owned(),
        readings: vec![Reading {
            source: "heroma".to_owned(),
            class: "engagement".to_owned(),
            unchanged: false,
            complete: false,
            empty: false,
            previous: 300,
            records: 1,
            changed: 0,
            gone: 0,
        }],
        decided: 2,
        planned,
        applied: Default::default(),
        messages: Default::default(),
        tripped: vec![Tripped {
            guard: "guards.disables".to_owned(),
            system: "directory".to_owned(),
            count: 120,
            of: 300,
            limit: "10 %".to_owned(),
        }],
        findings: vec![
            Finding::warning(Subject::System("heroma".to_owned()), format!("the number {NUMBER} stands twice"))
                .advise("correct it")
                .at(Some(Place { file: "heroma-anst.csv".to_owned(), line: Some(12), column: None })),
        ],
        changes,
        requests: Default::default(),
        seconds: 0.0,
    }
}

/// The text, as it is where colours are off.
fn plain(shown: &Report, all: bool) -> String {
    anstream::adapter::strip_str(&report(shown, all)).to_string()
}

#[test]
fn a_held_run_says_what_tripped_and_what_to_do() {
    let mut update = line(Action::Update, "evaobe");
    update.attributes = vec![
        attribute("title", &["Vårdbiträde"], &["Undersköterska"]),
        attribute("mail", &[], &["eva.oberg@sotenas.example"]),
        attribute("employeeNumber", &[NUMBER], &[]),
    ];
    let mut members = line(Action::Members, "unit-VO-12");
    (members.added, members.removed) = (vec!["evaobe".to_owned()], vec!["aliber".to_owned()]);
    let shown = plain(&held(vec![update, members]), false);
    assert!(!shown.contains(NUMBER), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn long_lists_are_cut_and_say_how_to_see_the_rest() {
    let report = held((0..53).map(|number| line(Action::Disable, &format!("user{number}"))).collect());
    let cut = plain(&report, false);
    assert_eq!(cut.matches("directory user").count(), 50);
    assert!(cut.contains("… and 3 more; -v shows them all, --json too"), "{cut}");
    assert_eq!(plain(&report, true).matches("directory user").count(), 53);
}
