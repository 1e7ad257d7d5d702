//! Scenarios: folders of data in `tests/scenarios`. A new one needs no Rust.
//!
//! A folder holds the file of employments of each day (`2026-11-23.csv`, in UTF-8; a day without a file is an empty text
//! file `2026-12-01.same`), a policy of its own if it needs one (`policy.toml`), a source of its own instead of Heroma
//! (`source.toml`, whose files are put into the folder `hr` as they are, as `persons-2026-11-23.csv`), and what is to
//! come of it (`result.txt`): the plan of each day as people read it, and the directory after it. `UPDATE_SCENARIOS=1`
//! writes what came of it, to be read before it is believed.

use crate::world::{HEROMA, World};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

#[test]
fn every_scenario_ends_as_it_is_told() {
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for scenario in names.iter().filter(|path| path.is_dir()) {
        count += 1;
        let found = play(scenario);
        let told = scenario.join("result.txt");
        if update {
            std::fs::write(&told, &found).unwrap();
        } else if std::fs::read_to_string(&told).unwrap_or_default().replace("\r\n", "\n") != found {
            wrong.push(format!("--- {} ---\n{found}", scenario.display()));
        }
    }
    assert!(count > 0, "there are no scenarios");
    assert!(wrong.is_empty(), "not as told in result.txt:\n{}", wrong.join("\n"));
}

/// Plays every day of a scenario.
fn play(scenario: &Path) -> String {
    let world = World::ldif();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    let own = std::fs::read_to_string(scenario.join("source.toml")).ok();
    world.write(
        "sluss.toml",
        match &own {
            Some(source) => toml.replace(HEROMA, source),
            None => toml.replace(HEROMA, &format!("{HEROMA}encoding = \"utf-8\"\n")),
        },
    );
    if let Ok(policy) = std::fs::read_to_string(scenario.join("policy.toml")) {
        world.write("policy.toml", policy);
    }
    let mut days: BTreeMap<String, PathBuf> = BTreeMap::new();
    for entry in std::fs::read_dir(scenario).unwrap() {
        let path = entry.unwrap().path();
        let is_day = path.extension().is_some_and(|kind| kind == "csv" || kind == "same");
        if is_day {
            days.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), path);
        }
    }
    let mut told = String::new();
    for (day, file) in days {
        if file.extension().is_some_and(|kind| kind == "csv") {
            let text = std::fs::read_to_string(file).unwrap().replace("\r\n", "\n");
            match own {
                Some(_) => world.write(&format!("incoming/persons-{day}.csv"), text),
                None => world.write("incoming/heroma-anst.csv", text.replace('\n', "\r\n")),
            }
        }
        let plan = world.sluss(&["plan", "--on", &day]).expect(&[0, 1, 3]);
        writeln!(told, "=== {day}\n{}", plain(&plan.out)).unwrap();
        let ran = world.run(&day).expect(&[0, 1, 3]);
        let again = world.run(&day);
        let ending = |ran: &crate::world::Ran| ran.json()["ending"].as_str().unwrap_or_default().to_owned();
        let changes: u64 = again.json()["applied"]
            .as_object()
            .into_iter()
            .flat_map(|targets| targets.values())
            .filter_map(|actions| actions.as_object())
            .flat_map(|actions| actions.values())
            .filter_map(serde_json::Value::as_u64)
            .sum();
        writeln!(told, "--- the run: {}; run again: {changes} changes\n", ending(&ran)).unwrap();
        told += &directory(&world.ldif_text());
    }
    told
}

/// What does not differ between machines and minutes.
fn plain(text: &str) -> String {
    let kept = text
        .lines()
        .filter(|line| !line.contains("sluss apply") && !line.contains("plan ") || line.starts_with("plan for"));
    kept.map(|line| line.split("; plan ").next().unwrap_or_default().trim_end().to_owned() + "\n")
        .collect::<String>()
        .trim_end()
        .to_owned()
        + "\n"
}

/// The accounts and groups, each in a few words.
fn directory(ldif: &str) -> String {
    let mut out = String::new();
    for entry in ldif.replace("\n ", "").split("\n\n") {
        let value =
            |name: &str| entry.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        let Some(dn) = value("dn") else { continue };
        let name = dn.split(',').next().unwrap_or_default();
        if name.starts_with("uid=") {
            let closed = if entry.contains("pwdAccountLockedTime") { ", closed" } else { "" };
            let mail = value("mail").unwrap_or_default();
            let manager = value("manager").map(|dn| format!(", manager {}", dn.split(',').next().unwrap_or_default()));
            writeln!(out, "{name} {mail}{closed}{}", manager.unwrap_or_default()).unwrap();
        } else if name.starts_with("cn=") {
            let members: Vec<&str> =
                entry.lines().filter_map(|line| line.strip_prefix("member: uid=")?.split(',').next()).collect();
            writeln!(out, "{name}: {}", members.join(" ")).unwrap();
        }
    }
    out + "\n"
}
