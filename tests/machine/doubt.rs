//! Somebody new who looks like somebody known gets nothing before a human has said who it is; what was said can be undone.

use crate::world::{BO, EVA, Post, World, post};

/// A temporary number with Eva's birth date.
const TEMPORARY: &str = "19800102TF01";

fn eva() -> Post {
    post(EVA, "Eva", "Öberg")
}

/// The same names and the same birth date, in another municipality.
fn double() -> Post {
    post(TEMPORARY, "EVA", "Oberg").at("1484", "2").unit("SK-3", "Gullmarsskolan").title("Elev", "")
}

fn accounts(world: &World) -> usize {
    world.ldif_text().matches("dn: uid=").count()
}

/// A world in which somebody looks like Eva, and the number of the case.
fn doubtful() -> (World, String) {
    let world = World::ldif();
    world.hr(&[eva()]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[eva(), double()]);
    let run = world.run("2026-11-24").expect(&[1]).said();
    assert!(run.contains("it may be the same person"), "{run}");
    assert_eq!(accounts(&world), 1, "nothing is made in doubt");
    let cases = world.sluss(&["cases"]).expect(&[1]).out;
    assert!(cases.contains("match/2") && cases.contains("person 1 (evaobe)"), "{cases}");
    assert!(!cases.contains("Oberg") && !cases.contains("TF01"), "{cases}");
    (world, "match/2".to_owned())
}

#[test]
fn one_person_has_the_rights_of_both() {
    let (world, case) = doubtful();
    world.sluss(&["cases", "resolve", &case, "--as", "1"]).expect(&[0]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(accounts(&world), 1);
    let groups = crate::world::groups_in(&world, "evaobe");
    assert!(groups.contains(&"all-sotenas".to_owned()) && groups.contains(&"all-lysekil".to_owned()), "{groups:?}");
    world.sluss(&["cases"]).expect(&[0]);

    // A mistake is put right: the rights of the other go, and so does what was one.
    let merged = world.sluss(&["cases", "merged"]).expect(&[0]).out;
    assert!(merged.contains("person 2 is person 1"), "{merged}");
    world.sluss(&["cases", "undo", "1"]).expect(&[0]);
    world.sluss(&["cases", "undo", "1"]).expect(&[2]);
    world.run("2026-11-26").expect(&[0]);
    assert_eq!(accounts(&world), 2, "whoever was parted is nobody's double any more");
    let groups = crate::world::groups_in(&world, "evaobe");
    assert!(!groups.contains(&"all-lysekil".to_owned()), "{groups:?}");
}

#[test]
fn what_came_while_two_were_one_goes_with_whom_it_names() {
    let (world, case) = doubtful();
    world.sluss(&["cases", "resolve", &case, "--as", "1"]).expect(&[0]);
    world.run("2026-11-25").expect(&[0]);
    let late = double().at("1484", "3").unit("SK-4", "Lysekils skola").second();
    world.hr(&[eva(), double(), late]);
    world.run("2026-11-26").expect(&[0]);
    assert!(crate::world::groups_in(&world, "evaobe").iter().any(|group| group.contains("SK-4")));
    world.sluss(&["cases", "undo", "1"]).expect(&[0]);
    world.run("2026-11-27").expect(&[0]);
    let groups = crate::world::groups_in(&world, "evaobe");
    assert!(!groups.iter().any(|group| group.contains("SK-")), "{groups:?}");
    assert_eq!(accounts(&world), 2);
}

#[test]
fn whoever_was_led_by_one_of_two_is_led_by_both() {
    let world = World::ldif();
    let led = || post(BO, "Bo", "Ek").at("1484", "9").unit("SK-3", "Gullmarsskolan").manager(TEMPORARY);
    world.hr(&[eva()]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[eva(), double(), led()]);
    world.run("2026-11-24").expect(&[1]);
    let manager = |world: &World| {
        let text = world.ldif_text();
        let entry = text.split("\n\n").find(|entry| entry.starts_with("dn: uid=boek,")).unwrap().to_owned();
        entry
            .lines()
            .find_map(|line| line.strip_prefix("manager: uid="))
            .map(|dn| dn.split(',').next().unwrap().to_owned())
    };
    assert_eq!(manager(&world), None, "nobody knows yet who leads");
    world.sluss(&["cases", "resolve", "match/2", "--as", "1"]).expect(&[0]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(manager(&world).as_deref(), Some("evaobe"));
    world.sluss(&["cases", "undo", "1"]).expect(&[0]);
    world.run("2026-11-26").expect(&[0]);
    assert!(manager(&world).is_some_and(|name| name != "evaobe"), "{}", world.ldif_text());
}

#[test]
fn a_chain_is_undone_from_its_end() {
    let (world, _) = doubtful();
    let third = double().at("1430", "3").unit("MU-1", "Centrumskolan");
    world.hr(&[eva(), double(), third]);
    world.run("2026-11-25").expect(&[1]);
    world.sluss(&["cases", "resolve", "match/3", "--as", "2"]).expect(&[0]);
    world.sluss(&["cases", "resolve", "match/2", "--as", "1"]).expect(&[0]);
    world.run("2026-11-26").expect(&[0]);
    assert_eq!((accounts(&world), crate::world::groups_in(&world, "evaobe").len() > 3), (1, true));
    world.sluss(&["cases", "undo", "1"]).expect(&[2]);
    world.sluss(&["cases", "undo", "2"]).expect(&[0]);
    world.sluss(&["cases", "undo", "1"]).expect(&[0]);
    world.run("2026-11-27").expect(&[0, 1]);
    let groups = crate::world::groups_in(&world, "evaobe");
    assert!(groups.contains(&"all-sotenas".to_owned()) && !groups.contains(&"all-lysekil".to_owned()), "{groups:?}");
    assert!(!groups.contains(&"all-munkedal".to_owned()), "{groups:?}");
}

#[test]
fn whoever_is_told_apart_from_one_is_told_apart_from_both() {
    let (world, case) = doubtful();
    let third = double().at("1430", "3").unit("MU-1", "Centrumskolan");
    world.sluss(&["cases", "resolve", &case, "--new"]).expect(&[0]);
    world.run("2026-11-25").expect(&[0]);
    world.hr(&[eva(), double(), third]);
    world.run("2026-11-26").expect(&[1]);
    world.sluss(&["cases", "resolve", "match/3", "--as", "1"]).expect(&[0]);
    world.run("2026-11-27").expect(&[0]);
    assert_eq!(accounts(&world), 2);
    world.sluss(&["cases"]).expect(&[0]);
}

#[test]
fn two_persons_have_an_account_each() {
    let (world, case) = doubtful();
    world.sluss(&["cases", "resolve", &case, "--new"]).expect(&[0]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(accounts(&world), 2);
    world.hr(&[eva().title("Rektor", "1"), double()]);
    world.run("2026-11-26").expect(&[0]);
    assert_eq!(world.run("2026-11-27").expect(&[0]).json()["decided"], 0);
}

#[test]
fn what_is_put_off_is_nothing_to_look_at_and_nothing_is_made() {
    let (world, case) = doubtful();
    world.sluss(&["cases", "resolve", &case, "--not-now"]).expect(&[0]);
    world.sluss(&["cases"]).expect(&[0]);
    assert_eq!(accounts(&world), 1);
}

#[test]
fn a_case_goes_when_the_data_tells_them_apart_and_follows_when_it_changes() {
    let (world, _) = doubtful();
    let again = world.run("2026-11-25").expect(&[1]).said();
    assert!(again.contains("it may be the same person"), "{again}");
    let cases = world.sluss(&["--json", "cases"]).expect(&[1]).json();
    assert_eq!(cases["cases"].as_array().map(Vec::len), Some(1), "one case, not one a run");
    // The number turns out to be another person's for good.
    world.hr(&[eva(), Post { number: "198001662397", ..double() }]);
    let run = world.run("2026-11-26").said();
    assert!(!run.contains("panicked"), "{run}");
    world.hr(&[eva(), Post { surname: "Åberg", ..double() }]);
    world.run("2026-11-27").expect(&[0]);
    assert_eq!(accounts(&world), 2);
    world.sluss(&["cases"]).expect(&[0]);
}

#[test]
fn an_answer_that_fits_no_case_is_refused() {
    let (world, case) = doubtful();
    let told = world.sluss(&["cases", "resolve", &case]).expect(&[2]).said();
    assert!(told.contains("--as"), "{told}");
    let told = world.sluss(&["cases", "resolve", &case, "--as", "7"]).expect(&[2]).said();
    assert!(told.contains("it names 1"), "{told}");
    world.sluss(&["cases", "resolve", &case, "--as", "1", "--new"]).expect(&[2]);
    assert_eq!(accounts(&world), 1);
}

#[test]
fn three_numbers_in_three_runs_are_one_person_with_one_account() {
    let world = World::ldif();
    let pupil = |number| post(number, "Elev", "Exempelsson").at("1427", "10001");
    world.hr(&[pupil("20150101TF01")]);
    world.run("2026-11-23").expect(&[0, 1]);
    let name = |world: &World| world.ldif_text().lines().find(|line| line.starts_with("dn: uid=")).map(str::to_owned);
    let first = name(&world);
    assert!(first.is_some());
    for (number, day) in [("201501612397", "2026-11-24"), ("201501012395", "2026-11-25")] {
        world.hr(&[pupil(number)]);
        world.run(day).expect(&[0, 1]);
        assert_eq!((accounts(&world), name(&world)), (1, first.clone()), "{day}");
    }
}
