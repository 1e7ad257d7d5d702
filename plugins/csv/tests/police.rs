//! The person feed of a police force, read with the settings of the README and nothing else. Nobody in it exists.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::Value as Json;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Connector, Rest, Severity};
use support::{cell, flag, on, pick_all, read_all, text};

const SOURCE: &str = include_str!("../../../tests/scenarios/police-feed/source.toml");
const FIRST: &str = include_str!("../../../tests/scenarios/police-feed/2026-11-23.csv");
const SECOND: &str = include_str!("../../../tests/scenarios/police-feed/2026-11-24.csv");

fn settings() -> Json {
    let whole: Json = toml::from_str(SOURCE).unwrap();
    whole["system"]["force"]["settings"].clone()
}

fn feed(files: &[(&str, &str)]) -> sluss_plugin_csv::Csv {
    let memory = Memory::default();
    for (name, content) in files {
        memory.put(name, *content);
    }
    on(&memory, settings()).unwrap()
}

#[test]
fn the_settings_are_those_of_the_readme() {
    assert!(include_str!("../README.md").contains(&format!("```toml\n{SOURCE}```")));
}

#[test]
fn officers_and_staff_read_in_the_published_vocabulary() {
    let mut feed = feed(&[("persons-2026-11-23.csv", FIRST)]);
    let page = read_all(&mut feed, "engagement", 100);
    assert_eq!((&page.faults[..], &page.rest), (&[][..], &Rest::Complete));
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["99/P1001", "99/P1002", "99/P1003"], "the one who is archived is not there");
    let david = |name| cell(&page, &page.rows[1], name).clone();
    for (attribute, value) in [
        ("person-key", "EX/1002/K"),
        ("first-names", "David"),
        ("middle-name", "Chidi"),
        ("surname", "Okafor"),
        ("organisation", "99"),
        ("employment-number", "P1002"),
        ("title", "Constable"),
        ("title-code", "PC"),
        ("unit", "CEN"),
        ("unit-name", "Central, Example Street"),
        ("manager-key", "EX/1001/J"),
        ("kind", "employment"),
        ("csv:collar", "2047"),
        ("csv:current unit role", "Member"),
    ] {
        assert_eq!(david(attribute), text(value), "{attribute}");
    }
    assert_eq!(david("protected"), flag(false));
    assert_eq!(*cell(&page, &page.rows[0], "manager-key"), Cell::Absent);
    for unread in ["csv:gender", "csv:supervisor full name", "csv:record status"] {
        assert!(!page.columns.contains(&unread.to_owned()), "{unread}");
    }
    assert_eq!(pick_all(&mut feed, "engagement", 2).1.rows, page.rows);
}

#[test]
fn of_several_days_the_last_one_is_read() {
    let days = [("persons-2026-11-24.csv", SECOND), ("persons-2026-11-23.csv", FIRST)];
    let page = read_all(&mut feed(&days), "engagement", 100);
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["99/P1001", "99/P1002", "99/P1004"]);
    assert_eq!(*cell(&page, &page.rows[1], "unit"), text("HAR"));
}

#[test]
fn check_finds_the_feed_in_order_and_says_what_is_missing_of_another() {
    let found = feed(&[("persons-2026-11-23.csv", FIRST)]).check().unwrap();
    assert!(found.iter().all(|found| found.severity != Severity::Failure), "{found:?}");
    let other = FIRST.replace("Collar Number", "Shoulder Number").replace("Record Status", "Status");
    let found = feed(&[("persons-2026-11-23.csv", &other)]).check().unwrap();
    assert_eq!(found[0].severity, Severity::Failure);
    for part in ["Collar Number", "Record Status", "Shoulder Number"] {
        assert!(found[0].message.contains(part), "{}", found[0].message);
    }
    assert!(!found[0].message.contains("Okafor"));
}
