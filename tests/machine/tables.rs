//! A source that is described by settings alone: what an operator sees of it, with good files and with bad ones.

use crate::world::{BO, EVA, HEROMA, Ran, World};

/// Settings for a file of people as any system may write it.
const STAFF: &str = r#"
[system.staff]
role   = "source"
plugin = "csv"
grant  = ["hr"]

[system.staff.settings]
folder = "hr"

[system.staff.settings.tables.people]
file  = "people.csv"
class = "engagement"
id    = ["Employee"]

[system.staff.settings.tables.people.columns]
identity-number = "Number"
first-names     = "First"
surname         = "Last"
protected       = "Protected"
unit            = "Unit"
start           = "From"
end             = "To"

[system.staff.settings.tables.people.constants]
organisation = "1427"
kind         = "employment"
title        = "Nurse"
title-code   = "207011"
"#;

const HEADER: &str = "Employee,Number,First,Last,Protected,Unit,From,To\n";

fn people(lines: &[&str]) -> String {
    HEADER.to_owned() + &lines.iter().map(|line| format!("{line}\n")).collect::<String>()
}

fn eva() -> String {
    format!("7,{EVA},Eva,Lind,no,A1,2024-01-08,")
}

fn bo() -> String {
    format!("8,{BO},Bo,Ek,no,A1,2024-01-08,")
}

fn world(settings: &str) -> World {
    let world = World::ldif();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    assert!(toml.contains(HEROMA));
    world.write("sluss.toml", toml.replace(HEROMA, settings));
    world
}

/// Two people, with a directory that already has them.
fn settled() -> (World, String) {
    let world = world(STAFF);
    world.write("incoming/people.csv", people(&[&eva(), &bo()]));
    world.sluss(&["check"]).expect(&[0]);
    world.run("2026-11-23").expect(&[0]);
    let before = world.ldif_text();
    assert!(before.contains("uid=evalin") && before.contains("uid=boek"), "{before}");
    (world, before)
}

#[track_caller]
fn says(ran: &Ran, parts: &[&str]) {
    let said = ran.said();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    for never in [EVA, BO, "Lind", "Ek,"] {
        assert!(!said.contains(never), "somebody is told in:\n{said}");
    }
}

#[test]
fn check_tells_every_missing_column_and_every_wrong_setting() {
    let broken = STAFF
        .replace("file  = \"people.csv\"", "file = \"people.csv\"\ndelimiter = \"å\"\ndate-formats = [\"soon\"]")
        .replace("surname ", "surnam ");
    let world = world(&broken);
    says(&world.sluss(&["check"]).expect(&[2]), &["tables.people.delimiter", "`soon`", "columns.surnam", "surname"]);
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace(&broken, STAFF));
    world.write("incoming/people.csv", people(&[&eva()]).replace("Protected", "Hidden").replace("From", "Since"));
    says(&world.sluss(&["check"]).expect(&[5]), &["line 1", "Protected, From", "Hidden", "Since", "tables.people"]);
}

#[test]
fn one_bad_row_spoils_no_other() {
    let (world, before) = settled();
    let bad = bo().replace("2024-01-08", "8 January");
    world.write("incoming/people.csv", people(&[&bad, &eva().replace("A1", "B2")]));
    says(&world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]), &["people.csv:2:28", "record 8", "From"]);
    let after = world.ldif_text();
    assert!(
        after.contains("departmentNumber: B2") && after.contains("uid=boek") && !after.contains("pwdAccountLocked")
    );
    world.write("incoming/people.csv", people(&[&eva(), &bo()]));
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(member_count(&world.ldif_text()), member_count(&before));
}

fn member_count(ldif: &str) -> usize {
    ldif.matches("member: uid=").count()
}

#[test]
fn files_that_are_not_whole_take_nobody_away() {
    let (world, before) = settled();
    let whole = people(&[&eva(), &bo()]);
    let cut = &whole[..whole.len() - 9];
    let quote = people(&[&bo(), &eva().replace("Lind", "\"Lind")]);
    let short = people(&[&eva(), "8"]);
    for (content, code, parts) in [
        (cut, 1, &["people.csv:3", "cut off"][..]),
        (&quote, 1, &["people.csv:3", "quote"]),
        (&short, 1, &["people.csv:3", "1 fields"]),
        (&HEADER[..HEADER.len() - 4], 5, &["people.csv:1", "cut off"]),
        ("", 3, &["people.csv", "empty"]),
    ] {
        world.write("incoming/people.csv", content);
        says(&world.sluss(&["run", "--on", "2026-11-24"]).expect(&[code]), parts);
        assert_eq!(world.ldif_text(), before, "{content}");
    }
    std::fs::remove_file(world.path("incoming/people.csv")).unwrap();
    says(&world.sluss(&["run", "--on", "2026-11-24"]).expect(&[5]), &["people.csv"]);
    world.write("incoming/people.csv", &whole);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_protection_that_is_mistyped_or_not_told_protects() {
    let (world, _) = settled();
    world.write("incoming/people.csv", people(&[&eva().replace(",no,", ",nno,"), &bo()]));
    world.run("2026-11-24").expect(&[0]);
    let after = world.ldif_text();
    assert!(!after.contains("evalin") && !after.contains("Lind") && after.contains("uid=boek"), "{after}");
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace("protected       = \"Protected\"\n", ""));
    says(&world.sluss(&["check"]).expect(&[1]), &["everybody is", "protected = false"]);
    world.run("2026-11-25").expect(&[0, 1]);
    assert!(!world.ldif_text().contains("Ek"), "{}", world.ldif_text());
}
