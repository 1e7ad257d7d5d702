//! A system that gives persons apart from their engagements, and numbers of its own for them.

use crate::world::{ALI, BO, EVA, HEROMA, World, groups_in};

/// Two tables: who the persons are, and where they learn.
const SCHOOL: &str = r#"
[system.school]
role   = "source"
plugin = "csv"
grant  = ["hr"]

[system.school.settings]
folder = "hr"

[system.school.settings.tables.pupils]
file  = "pupils.csv"
class = "person"
id    = ["Id"]

[system.school.settings.tables.pupils.columns]
identity-number = "Number"
person-key      = "Card"
first-names     = "First"
surname         = "Last"
protected       = "Protected"
email           = "Mail"

[system.school.settings.tables.pupils.constants]
organisation = "1427"

[system.school.settings.tables.placements]
file  = "placements.csv"
class = "engagement"
id    = ["Placement"]

[system.school.settings.tables.placements.columns]
person = "Pupil"
unit   = "School"
start  = "From"
end    = "To"
class  = "Class"

[system.school.settings.tables.placements.constants]
organisation = "1427"
kind         = "placement"
title        = "Elev"
"#;

fn world() -> World {
    let world = World::ldif();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace(HEROMA, SCHOOL));
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    let policy = policy.replace("certain = [\"identity-number\"]", "certain = [\"identity-number\", \"person-key\"]");
    let mail = "description = \"person.extra['email']\"\ntitle ";
    world.write("policy.toml", policy.replacen("title ", mail, 1));
    world
}

fn pupils(world: &World, lines: &[&str]) {
    world.write("incoming/pupils.csv", format!("Id,Number,Card,First,Last,Protected,Mail\n{}\n", lines.join("\n")));
}

fn placements(world: &World, lines: &[&str]) {
    world.write("incoming/placements.csv", format!("Placement,Pupil,School,From,To,Class\n{}\n", lines.join("\n")));
}

fn accounts(world: &World) -> usize {
    world.ldif_text().matches("dn: uid=").count()
}

#[test]
fn a_placement_is_that_of_the_person_whom_its_source_names() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,eva@school.example"), "p2,,K77,Kim,Lund,no,"]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLA,2026-08-18,,4A", "3,p1,SKOLB,2026-08-18,,4A"]);
    world.run("2026-11-23").expect(&[0]);
    assert_eq!(accounts(&world), 2);
    assert!(world.ldif_text().contains("description: eva@school.example"));
    assert!(groups_in(&world, "evaber").iter().any(|group| group.contains("SKOLB")));
    assert_eq!(world.run("2026-11-24").expect(&[0]).json()["decided"], 0);

    // A name is put right where it is kept, and nowhere else.
    pupils(&world, &[&format!("p1,{EVA},,Eva,Bergh,no,eva@school.example"), "p2,,K77,Kim,Lund,no,"]);
    world.run("2026-11-25").expect(&[0]);
    assert!(world.ldif_text().contains("sn: Bergh"));

    // Protection comes with the person too.
    pupils(&world, &[&format!("p1,{EVA},,Eva,Bergh,yes,eva@school.example"), "p2,,K77,Kim,Lund,no,"]);
    world.run("2026-11-26").expect(&[0]);
    let text = world.ldif_text();
    assert!(!text.contains("Bergh") && !text.contains("eva@school.example"), "{text}");
}

#[test]
fn a_placement_of_nobody_waits_for_the_person() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p9,SKOLA,2026-08-18,,4A"]);
    let run = world.run("2026-11-23").expect(&[1]).said();
    assert!(run.contains("names a person whom its source does not give"), "{run}");
    assert_eq!(accounts(&world), 1);
    // Whoever asks for it has the source read again, though nothing in it changed.
    world.sluss(&["cases", "resolve", "engagement/school/2"]).expect(&[0]);
    let read = world.run("2026-11-23").expect(&[1]).json();
    let reading = read["readings"].as_array().unwrap().iter().find(|reading| reading["class"] == "engagement").unwrap();
    assert_eq!((&reading["unchanged"], &reading["records"]), (&false.into(), &1.into()), "{read:#}");
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,"), &format!("p9,{BO},,Bo,Ek,no,")]);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(accounts(&world), 2);
}

#[test]
fn a_person_who_turns_out_to_be_another_takes_their_placements_along() {
    let world = world();
    pupils(&world, &["p1,20150101TF01,,Eva,Berg,no,", &format!("p2,{EVA},,Eva,Berg,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLB,2026-08-18,,5A"]);
    world.run("2026-11-23").expect(&[0]);
    assert_eq!(accounts(&world), 2);
    // The temporary number becomes that of somebody who is there.
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,"), &format!("p2,{EVA},,Eva,Berg,no,")]);
    let run = world.run("2026-11-24").expect(&[1]).said();
    assert!(run.contains("another person than before"), "{run}");
    let groups = groups_in(&world, "evaber2");
    let other = groups_in(&world, "evaber");
    let all = if groups.is_empty() { other } else { groups };
    assert!(
        all.iter().any(|group| group.contains("SKOLA")) && all.iter().any(|group| group.contains("SKOLB")),
        "{all:?}"
    );
}

#[test]
fn whoever_leaves_the_school_is_known_by_name_to_the_end() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,"), &format!("p2,{BO},,Bo,Ek,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLA,2026-08-18,,4A"]);
    world.run("2026-11-23").expect(&[0]);
    pupils(&world, &[&format!("p2,{BO},,Bo,Ek,no,")]);
    placements(&world, &["2,p2,SKOLA,2026-08-18,,4A"]);
    world.run("2026-11-24").expect(&[0]);
    let text = world.ldif_text();
    assert!(text.contains("pwdAccountLockedTime") && text.contains("sn: Berg"), "{text}");
    assert!(groups_in(&world, "evaber").is_empty());
}

#[test]
fn what_is_wrong_is_told_to_those_who_keep_it() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},,Eva,Berg,no,"), "p2,,K77,Kim,,no,", "p3,198001022387,,,,no,"]);
    placements(&world, &["1,p1,,2026-08-18,,4A", "2,p2,SKOLA,2026-08-18,,4A", "3,p3,SKOLA,2026-08-18,,4A"]);
    world.run("2026-11-23");
    let told = world.sluss(&["quality", "--on", "2026-11-23"]).expect(&[1]).out;
    for part in [
        "1: there is no unit",
        "p2: there is no identity number",
        "p3: the identity number fails",
        "p3: there is no name",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains(EVA) && !told.contains("198001022387"), "{told}");
    let json = world.sluss(&["--json", "quality", "--source", "school", "--on", "2026-11-23"]).expect(&[1]).json();
    assert_eq!(json["records"]["school"], 6);
    world.sluss(&["quality", "--source", "scool"]).expect(&[2]);
}

#[test]
fn a_card_that_is_given_to_somebody_else_gives_nothing_of_its_first_owner() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},K77,Eva,Berg,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A"]);
    world.run("2026-11-23").expect(&[0]);
    pupils(&world, &[&format!("p1,{EVA},K77,Eva,Berg,no,"), &format!("p2,{ALI},K77,Ali,Ek,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLB,2026-08-18,,5A"]);
    let run = world.run("2026-11-24").expect(&[1]).said();
    assert!(run.contains("its own key is that of somebody with another identity number"), "{run}");
    assert_eq!(accounts(&world), 2);
    assert!(!groups_in(&world, "evaber").iter().any(|group| group.contains("SKOLB")));
}

#[test]
fn a_number_that_is_corrected_beside_a_card_is_no_other_person() {
    let world = world();
    pupils(&world, &[&format!("p1,{EVA},K77,Eva,Berg,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A"]);
    world.run("2026-11-23").expect(&[0]);
    pupils(&world, &[&format!("p1,{ALI},K77,Eva,Berg,no,")]);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(accounts(&world), 1);
    assert!(!world.ldif_text().contains("pwdAccountLockedTime"));
}

#[test]
fn a_number_says_more_than_a_card_whatever_the_policy_asks_first() {
    let world = world();
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write(
        "policy.toml",
        policy.replace("\"identity-number\", \"person-key\"", "\"person-key\", \"identity-number\""),
    );
    pupils(&world, &[&format!("p1,{EVA},K77,Eva,Berg,no,"), &format!("p2,{ALI},K78,Ali,Ek,no,")]);
    placements(&world, &["1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLB,2026-08-18,,5A"]);
    world.run("2026-11-23").expect(&[0]);
    // Ali gets the card that was Eva's, and is still Ali when more of him changes.
    for mail in ["", "ali@school.example"] {
        pupils(&world, &[&format!("p2,{ALI},K77,Ali,Ek,no,{mail}")]);
        placements(&world, &["2,p2,SKOLB,2026-08-18,,5A"]);
        world.run("2026-11-24").expect(&[1, 3]);
    }
    assert!(!groups_in(&world, "evaber").iter().any(|group| group.contains("SKOLB")), "{}", world.ldif_text());
    assert!(groups_in(&world, "aliek").iter().any(|group| group.contains("SKOLB")), "{}", world.ldif_text());
}

#[test]
fn a_placement_that_came_while_two_were_one_goes_back_with_the_person_whom_it_names() {
    let world = world();
    let (eva, double) = (format!("p1,{EVA},,Eva,Berg,no,"), "p2,19800102TF01,,Eva,Berg,no,");
    let (first, second, late) = ("1,p1,SKOLA,2026-08-18,,4A", "2,p2,SKOLB,2026-08-18,,5A", "3,p2,SKOLC,2026-08-18,,5A");
    pupils(&world, &[&eva]);
    placements(&world, &[first]);
    world.run("2026-11-23").expect(&[0]);
    pupils(&world, &[&eva, double]);
    placements(&world, &[first, second]);
    world.run("2026-11-24").expect(&[1]);
    world.sluss(&["cases", "resolve", "match/2", "--as", "1"]).expect(&[0]);
    placements(&world, &[first, second, late]);
    world.run("2026-11-25").expect(&[0]);
    let has = |place: &str| groups_in(&world, "evaber").iter().any(|group| group.contains(place));
    assert!(has("SKOLA") && has("SKOLB") && has("SKOLC"));
    world.sluss(&["cases", "undo", "1"]).expect(&[0]);
    world.run("2026-11-26").expect(&[0]);
    assert!(has("SKOLA") && !has("SKOLB") && !has("SKOLC"), "{:?}", groups_in(&world, "evaber"));
}
