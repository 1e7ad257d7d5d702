//! Rights, when rules, files or directories are not as they should be: what is over is taken away, and nothing is given
//! on a guess.

use crate::world::{ALI, BO, EVA, World, groups_in, post};
use sluss_people::Population;

/// The policy with one text for another.
fn rewrite(world: &World, from: &str, to: &str) {
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    assert!(policy.contains(from), "{from} is not in the policy");
    world.write("policy.toml", policy.replace(from, to));
}

#[test]
fn a_rule_that_fails_does_not_keep_rights_that_are_over() {
    let world = World::ldif();
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    // The table of organisations does not know 1499, so her new post cannot be decided; the old one is over all the same.
    world.hr(&[
        ali.clone(),
        post(EVA, "Eva", "Öberg").at("1427", "1").to("20261123"),
        post(EVA, "Eva", "Öberg").at("1499", "9").from("20261124"),
    ]);
    let ran = world.run("2026-11-24").expect(&[1]);
    assert!(ran.out.contains("1499/9"), "the finding says whose post it is: {}", ran.out);
    assert_eq!(groups_in(&world, "evaobe"), ["role-207011"]);
    assert_eq!(groups_in(&world, "aliber").len(), 3);
    assert!(world.ldif_text().contains("eva.oberg@sotenas.example"), "what could not be decided stands");
    rewrite(
        &world,
        "[table.organisation.1484]",
        "[table.organisation.1499]\nname = \"Orust\"\ndomain = \"orust.example\"\n\n[table.organisation.1484]",
    );
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(groups_in(&world, "evaobe"), ["all-orust", "role-207011", "unit-1499-VO-12"]);
    assert!(world.ldif_text().contains("eva.oberg@orust.example"));
    world.sluss(&["cases"]).expect(&[0]);
}

#[test]
fn a_group_rule_that_fails_for_one_leaves_the_other_rules_alone() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-23").expect(&[0]);
    rewrite(
        &world,
        "for-each = \"role\"",
        "for-each = \"role\"\nwhen = \"table.organisation[engagement.unit].name != ''\"",
    );
    world.hr(&[post(EVA, "Eva", "Öberg").at("1430", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-24").expect(&[1]);
    assert_eq!(groups_in(&world, "evaobe"), ["all-munkedal", "role-207011", "unit-1430-VO-12"]);
}

#[test]
fn two_groups_with_one_name_are_told_apart_for_the_operator() {
    let world = World::ldif();
    rewrite(&world, "'unit-' + key", "'unit-' + title");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1430", "2")]);
    let ran = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]);
    for text in ["1427-VO-12", "1430-VO-12", "two groups have this name"] {
        assert!(ran.said().contains(text), "{text}: {}", ran.said());
    }
    let cases = world.sluss(&["cases"]).expect(&[1]);
    assert!(cases.out.contains("object/directory/unit 14"), "{}", cases.out);
    rewrite(&world, "'unit-' + title", "'unit-' + key");
    world.run("2026-11-24").expect(&[0]);
    world.sluss(&["cases"]).expect(&[0]);
    assert_eq!(groups_in(&world, "aliber"), ["all-munkedal", "role-207011", "unit-1430-VO-12"]);
    assert_eq!(groups_in(&world, "evaobe"), ["all-sotenas", "role-207011", "unit-1427-VO-12"]);
}

#[test]
fn what_somebody_added_where_the_policy_wants_nothing_is_taken_away() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-23").expect(&[0]);
    let before = world.ldif_text();
    let by_hand =
        before.replace("givenName: Eva\n", "givenName: Eva\nmanager: uid=aliber,ou=people,dc=example,dc=test\n");
    assert_ne!(by_hand, before);
    world.write("directory/directory.ldif", by_hand);
    world.sluss(&["run", "--reconcile", "--on", "2026-11-24"]).expect(&[0]);
    assert!(!world.ldif_text().contains("manager:"));
}

#[test]
fn many_new_names_at_once_are_held() {
    let people = Population::new(3, 50);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.run("2026-11-23").expect(&[0, 1]);
    let before = world.ldif_text();
    // A column that lost its content: as far as anybody knows, everybody is protected.
    let file = people.employments_csv();
    let rows = file.split(|byte| *byte == b'\n').map(|row| {
        let mut cells: Vec<&[u8]> = row.split(|byte| *byte == b';').collect();
        if let Some(protected) = cells.get_mut(5).filter(|cell| **cell == b"N") {
            *protected = b"";
        }
        cells.join(&b';')
    });
    world.write("incoming/heroma-anst.csv", rows.collect::<Vec<_>>().join(&b'\n'));
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[3]);
    assert!(ran.said().contains("guards.moves"), "{}", ran.said());
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn another_place_is_compared_before_anything_is_planned_for_it() {
    let people = Population::new(3, 50);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.run("2026-11-23").expect(&[0, 1]);
    let settings = std::fs::read_to_string(world.path("target.toml")).unwrap();
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    world.write("target.toml", settings.replace("path = \"directory\"", "path = \"elsewhere\""));
    world.configure("");
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[3]);
    assert!(ran.said().contains("guards.removals") && ran.said().contains("address"), "{}", ran.said());
    assert!(!world.path("elsewhere/directory.ldif").exists());
    // Back where it was, nothing has happened.
    world.write("target.toml", settings);
    world.configure("");
    let report = world.run("2026-11-24").expect(&[0, 1]).json();
    assert_eq!(report["applied"], serde_json::json!({}));
}

#[test]
fn a_record_about_somebody_else_leaves_a_case_behind() {
    let world = World::ldif();
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[ali, post(BO, "Ivar", "Larsson").at("1427", "1")]);
    world.run("2026-11-24").expect(&[1]);
    let cases = world.sluss(&["cases"]).expect(&[1]);
    assert!(cases.out.contains("evaobe") && cases.out.contains("no record is about"), "{}", cases.out);
    assert!(groups_in(&world, "evaobe").is_empty());
}

#[test]
fn a_day_before_the_last_one_is_remarked_upon() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-25").expect(&[0]);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]);
    assert!(ran.said().contains("earlier day") && ran.said().contains("2026-11-25"), "{}", ran.said());
}

#[test]
fn a_plan_by_another_policy_says_that_it_is_one() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    let plan = world.sluss(&["plan", "--policy", "policy.toml", "--on", "2026-11-24"]).expect(&[0]);
    assert!(plan.said().contains("on trial") && !plan.said().contains("sluss run"), "{}", plan.said());
}
