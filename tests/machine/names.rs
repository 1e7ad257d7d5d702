//! Names: transliterated, unique, and never given to another.

use crate::world::{ALI, BO, DORIS, ERIK, EVA, World, post};

fn uids(world: &World) -> Vec<String> {
    world.ldif_text().lines().filter_map(|line| line.strip_prefix("uid: ").map(str::to_owned)).collect()
}

#[test]
fn whoever_comes_later_gets_the_lowest_free_number() {
    let world = World::ldif();
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1"),
        post(ALI, "Evá", "Oberg").at("1427", "2"),
        post(BO, "Eva", "Øberg").at("1427", "3"),
        post(DORIS, "Þóra", "Ægisdóttir").at("1427", "4"),
        post(ERIK, "Günther", "Weiß").at("1427", "5"),
    ]);
    world.run("2026-11-23").expect(&[0]);
    let mut uids = uids(&world);
    uids.sort();
    assert_eq!(uids, ["evaobe", "evaobe2", "evaobe3", "gunwei", "thoaeg"]);
}

#[test]
fn a_name_that_was_given_is_never_given_again() {
    let world = World::ldif();
    let others = [post(ALI, "Ali", "Bergström").at("1427", "1"), post(BO, "Bo", "Ek").at("1427", "2")];
    let with = |post| [others.to_vec(), vec![post]].concat();
    world.hr(&with(post(EVA, "Eva", "Öberg").at("1427", "3").to("20261130")));
    world.run("2026-11-23").expect(&[0]);
    world.run("2026-12-01").expect(&[0]);
    world.run("2027-02-15").expect(&[0]);
    assert!(!world.ldif_text().contains("uid: evaobe"));
    world.hr(&with(post(DORIS, "Eva", "Öberg").at("1427", "4").from("20270201")));
    world.run("2027-02-16").expect(&[0]);
    assert!(world.ldif_text().contains("uid: evaobe2"));
    // Eva herself gets hers back.
    world.hr(&[
        with(post(DORIS, "Eva", "Öberg").at("1427", "4").from("20270201")),
        vec![post(EVA, "Eva", "Öberg").at("1427", "9").from("20270301")],
    ]
    .concat());
    world.run("2027-03-01").expect(&[0]);
    let mut uids = uids(&world);
    uids.sort();
    assert_eq!(uids, ["aliber", "boek", "evaobe", "evaobe2"]);
}

#[test]
fn a_protected_person_is_nowhere_under_the_real_name() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Alva", "Hemlig").at("1427", "2").protected("J")]);
    let ran = world.sluss(&["run", "-v", "--on", "2026-11-23"]).expect(&[0]);
    assert!(!ran.said().contains("Hemlig") && !ran.said().to_lowercase().contains("alvhem"));
    let text = world.ldif_text();
    assert!(text.contains("givenName: Skyddad") && !text.to_lowercase().contains("hemlig"));

    // Becoming protected takes the real name away again, from the account and its names.
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1").protected("?"),
        post(ALI, "Alva", "Hemlig").at("1427", "2").protected("J"),
    ]);
    world.run("2026-11-24").expect(&[0]);
    let text = world.ldif_text();
    assert!(!text.contains("evaobe") && !text.contains("eva.oberg"), "{text}");
    assert_eq!(uids(&world).len(), 2);
}
