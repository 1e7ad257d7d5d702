//! Licences: who gets which, as far as there are some, and how long.

use crate::cloud::{DAY, NEXT, RULES, behind, by_hand, calls, held, reconcile, rewrite, seats};
use crate::world::{ALI, BO, DORIS, ERIK, EVA, POLICY, World, groups_in, post};
use serde_json::json;

/// A ladder of two, and one of its own.
pub const LADDERS: &str = r#"
[licence.plan]
account = "office"
ranks = [
  { sku = "E5", when = "engagement.title == 'Rektor'" },
  { sku = "E3", when = "table.organisation[engagement.organisation].domain != 'lysekil.example'" },
]

[licence.drawing]
account = "office"
ranks = [{ sku = "DRAW", when = "engagement.title == 'Ritare'" }]
"#;

pub fn licensed(world: &World, name: &str) -> Vec<String> {
    let mut licences = held(world, "office", name, "licence");
    licences.sort();
    licences
}

#[test]
fn licences_are_given_as_far_as_they_go() {
    let world = behind(World::ldif());
    world.write("policy.toml", format!("{POLICY}{RULES}{LADDERS}"));
    seats(&world, json!({ "E5": 0, "E3": 2, "DRAW": 5 }));
    // Who begins first comes first, whatever the order in which they were read.
    let eva = post(EVA, "Eva", "Öberg").at("1427", "1").from("20250301");
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2").from("20250101");
    let bo = post(BO, "Bo", "Ek").at("1427", "3").from("20250201").title("Ritare", "6");
    world.hr(&[eva.clone(), ali.clone(), bo.clone()]);
    let plan = world.sluss(&["--json", "plan", "--on", DAY]).expect(&[1]).json();
    assert_eq!(plan["planned"]["office"]["licences"], 2, "{plan:#}");
    let ran = world.run(DAY).expect(&[1]);
    assert!(ran.out.contains("licence E3: 3 wanted, 2 free, 1 waits"), "{}", ran.out);
    assert_eq!(
        (licensed(&world, "aliber"), licensed(&world, "boek")),
        (vec!["E3".into()], vec!["DRAW".into(), "E3".into()])
    );
    assert!(licensed(&world, "evaobe").is_empty(), "she has the account without it");
    let told = world.sluss(&["explain", "evaobe", "--on", DAY]).expect(&[0]);
    assert!(told.out.contains("waits for E3  because of licence plan: heroma: 1427/1"), "{}", told.out);
    let told = world.sluss(&["explain", "aliber", "--on", DAY]).expect(&[0]);
    assert!(told.out.contains("has E3  because of licence plan: heroma: 1427/2"), "{}", told.out);

    // She is looked at again in every run, and gets the seat that somebody leaves, in the run in which it is left.
    world.run(NEXT).expect(&[1]);
    assert!(licensed(&world, "evaobe").is_empty());
    world.hr(&[eva.clone(), ali.clone().to("20261124"), bo.clone()]);
    let ran = world.run("2026-11-25").expect(&[0]);
    assert!(!ran.out.contains("wanted"), "{}", ran.out);
    assert_eq!((licensed(&world, "evaobe"), licensed(&world, "aliber")), (vec!["E3".into()], vec![]));

    // Where nobody is to be given any, nobody is asked how many there are.
    let asked = |world: &World| calls(world, "office").iter().filter(|call| *call == "read licence").count();
    let before = asked(&world);
    assert_eq!(world.run("2026-11-26").expect(&[0]).json()["decided"], 0);
    world.hr(&[eva.clone().title("Lärare", "5"), ali.clone().to("20261124"), bo.clone()]);
    world.run("2026-11-26").expect(&[0]);
    assert_eq!(asked(&world), before);

    // Going up takes one change, without a moment in which there is none; until there is a seat, she keeps what she has.
    world.hr(&[eva.clone().title("Rektor", "4"), ali.clone().to("20261124"), bo.clone()]);
    let ran = world.run("2026-11-27").expect(&[1]);
    assert!(ran.out.contains("licence E5: 1 wanted, 0 free, 1 waits"), "{}", ran.out);
    assert_eq!(licensed(&world, "evaobe"), ["E3"]);
    seats(&world, json!({ "E5": 1, "E3": 2, "DRAW": 5 }));
    let before = calls(&world, "office").len();
    world.run("2026-11-28").expect(&[0]);
    assert_eq!(licensed(&world, "evaobe"), ["E5"]);
    assert_eq!(calls(&world, "office")[before..], ["read licence", "update evaobe licence"]);

    // What no ladder names is somebody else's; what one names and somebody took away comes back.
    by_hand(&world, "office", |tenant| {
        for (_, object) in tenant["objects"].as_object_mut().unwrap() {
            if object["attributes"]["name"][0] == "boek" {
                object["attributes"]["licence"] = json!(["DRAW", "VISIO"]);
            }
        }
    });
    let report = reconcile(&world, "2026-11-28").expect(&[0]).json();
    assert!(report["findings"].to_string().contains("licences changed by somebody else: E3 out"), "{report:#}");
    assert_eq!(licensed(&world, "boek"), ["DRAW", "E3", "VISIO"]);
    assert_eq!(reconcile(&world, "2026-11-28").expect(&[0]).json()["applied"], json!({}));
}

#[test]
fn a_licence_goes_with_the_last_engagement_that_gives_it() {
    let world = behind(World::ldif());
    world.write("policy.toml", format!("{POLICY}{RULES}{LADDERS}"));
    seats(&world, json!({ "E5": 9, "E3": 9, "DRAW": 9 }));
    let first = post(EVA, "Eva", "Öberg").at("1427", "1");
    let second = post(EVA, "Eva", "Öberg").at("1427", "2").second().title("Rektor", "4");
    world.hr(&[first.clone(), second.clone()]);
    world.run(DAY).expect(&[0]);
    assert_eq!(licensed(&world, "evaobe"), ["E5"], "never two of a ladder");
    world.hr(&[first.clone(), second.clone().to("20261123")]);
    let before = calls(&world, "office").len();
    world.run(NEXT).expect(&[0]);
    assert_eq!(licensed(&world, "evaobe"), ["E3"]);
    assert_eq!(calls(&world, "office")[before..], ["read licence", "update evaobe licence"]);
    // Her new municipality is not in the table: the account's rule fails, and what the old post gave goes all the same.
    rewrite(
        &world,
        "title = \"primary.title\"\n\n[group.office]",
        "title = \"table.organisation[primary.organisation].name\"\n\n[group.office]",
    );
    rewrite(
        &world,
        "when = \"table.organisation[engagement.organisation].domain != 'lysekil.example'\"",
        "when = \"engagement.organisation == '1427'\"",
    );
    world.run(NEXT).expect(&[0]);
    assert_eq!(licensed(&world, "evaobe"), ["E3"]);
    world.hr(&[first.clone().to("20261124"), post(EVA, "Eva", "Öberg").at("1499", "9").from("20261125")]);
    world.run("2026-11-25").expect(&[1]);
    assert!(licensed(&world, "evaobe").is_empty());
    assert_eq!(held(&world, "office", "evaobe", "enabled"), ["true"]);
}

#[test]
fn many_licences_that_would_go_at_once_are_held() {
    let world = behind(World::ldif());
    world.write("policy.toml", format!("{POLICY}{RULES}{LADDERS}"));
    rewrite(&world, "[guards]\n", "[guards]\nlicence-removals = { max = 1 }\n");
    seats(&world, json!({ "E3": 9 }));
    let all = [EVA, ALI, BO, DORIS, ERIK]
        .into_iter()
        .zip(["Eva", "Ali", "Bo", "Doris", "Erik"])
        .zip(["1", "2", "3", "4", "5"]);
    let posts: Vec<_> = all.map(|((number, given), place)| post(number, given, "Berg").at("1427", place)).collect();
    world.hr(&posts);
    world.run(DAY).expect(&[0]);
    assert_eq!(licensed(&world, "dorber"), ["E3"]);
    // The condition of a ladder that is wrong takes everybody's.
    rewrite(&world, "'lysekil.example'", "'sotenas.example'");
    let ran = world.sluss(&["run", "--on", NEXT]).expect(&[3]);
    assert!(ran.said().contains("guards.licence-removals office: 5 of 5, the limit is 1"), "{}", ran.said());
    let lines: Vec<&str> =
        ran.out.lines().filter(|line| line.starts_with("planned") || line.starts_with("office")).collect();
    assert!(ran.out.contains("licences (5 changes)"), "{lines:?} {}", ran.out);
    assert_eq!(licensed(&world, "dorber"), ["E3"]);
    rewrite(&world, "'sotenas.example'", "'lysekil.example'");
    assert_eq!(world.run(NEXT).expect(&[0]).json()["applied"], json!({}));
    assert_eq!(groups_in(&world, "dorber").len(), 3);
}
