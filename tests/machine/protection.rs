//! Whose data is protected is nowhere to be read: not in a plan, not in a message, not in an explanation, unless somebody
//! asks for it and that is noted.

use crate::world::{ALI, BO, EVA, World, post};

/// Fails if anything of Eva is said.
#[track_caller]
fn nothing_of_eva(said: &str) {
    for word in ["evaobe", "eva.oberg", "Eva", "Öberg", "Undersköterska", "Hunnebohemmet"] {
        assert!(!said.contains(word), "{word} is said in:\n{said}");
    }
}

/// A person who has an account under the real name, and becomes protected.
fn becoming() -> World {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").protected("J")]);
    world
}

#[test]
fn a_plan_says_that_something_changes_and_not_what() {
    let world = becoming();
    for arguments in [&["-v", "plan", "--on", "2026-11-24"][..], &["--json", "plan", "--on", "2026-11-24"]] {
        let plan = world.sluss(arguments).expect(&[0]);
        assert!(plan.said().contains("protected person 1"), "{}", plan.said());
        nothing_of_eva(&plan.said());
    }
    // What is approved is what was decided, although nobody can read it.
    world.sluss(&["plan", "--out", "plan.json", "--on", "2026-11-24"]).expect(&[0]);
    nothing_of_eva(&std::fs::read_to_string(world.path("plan.json")).unwrap());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").protected("J").title("Sjuksköterska", "208010")]);
    world.sluss(&["apply", "plan.json", "--on", "2026-11-24"]).expect(&[2]);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").protected("J")]);
    world.sluss(&["apply", "plan.json", "--on", "2026-11-24"]).expect(&[0]);
    assert!(!world.ldif_text().contains("evaobe"));
}

#[test]
fn an_explanation_shows_it_only_when_asked_and_notes_that() {
    let world = becoming();
    world.run("2026-11-24").expect(&[0]);
    let explain = |who: &str, more: &[&str]| {
        let arguments = [&["explain", who, "--on", "2026-11-24"], more].concat();
        world.sluss(&arguments).expect(&[0]).said()
    };
    for who in ["1427/1", "evaobe", EVA, "person 1"] {
        let said = explain(who, &[]);
        assert!(said.contains("protected") && said.contains("--protected"), "{said}");
        nothing_of_eva(&said);
        nothing_of_eva(&explain(who, &["--json"]));
    }
    assert!(!world.sluss(&["runs", "--audit"]).expect(&[0]).out.contains("person 1"));
    assert!(explain("1427/1", &["--protected"]).contains("Undersköterska"));
    let audit = world.sluss(&["runs", "--audit"]).expect(&[0]).out;
    assert!(audit.contains("the data of protected person 1"), "{audit}");
    // A group shows who is in it, and not who that is.
    let group = explain("all-sotenas", &[]);
    assert!(group.contains("protected person 1"), "{group}");
    nothing_of_eva(&group);
}

#[test]
fn whoever_gets_no_account_gets_no_name_either() {
    let world = World::ldif();
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write("policy.toml", policy.replace("protected = \"pseudonym\"", "protected = \"omit\""));
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1").protected("J"),
        post(ALI, "Ali", "Bergström").at("1427", "2").manager(EVA),
    ]);
    world.run("2026-11-23").expect(&[0]);
    let state = rusqlite::Connection::open(world.path("state/sluss.db")).unwrap();
    let names: i64 = state.query_row("SELECT count(*) FROM name WHERE person = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(names, 0);
    // The name is free for whoever is called the same.
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1").protected("J"),
        post(ALI, "Ali", "Bergström").at("1427", "2").manager(EVA),
        post(BO, "Eva", "Öberg").at("1427", "3"),
    ]);
    world.run("2026-11-24").expect(&[0]);
    assert!(world.ldif_text().contains("uid: evaobe\n"));
}
