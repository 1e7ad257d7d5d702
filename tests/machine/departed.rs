//! Sources that are taken out of the configuration or called otherwise, and keys that a policy matches by from now on.

use crate::world::{BO, EVA, HEROMA, World, groups_in, post};

/// A second source: the school's own list.
fn school(name: &str) -> String {
    format!(
        "[system.{name}]\nrole = \"source\"\nplugin = \"csv\"\ngrant = [\"hr\"]\n\n\
         [system.{name}.settings]\nfolder = \"hr\"\n\n\
         [system.{name}.settings.tables.people]\nfile = \"people.csv\"\nclass = \"engagement\"\nid = [\"Id\"]\n\n\
         [system.{name}.settings.tables.people.columns]\nidentity-number = \"Number\"\nperson-key = \"Card\"\n\
         first-names = \"First\"\nsurname = \"Last\"\nprotected = \"Protected\"\nunit = \"Unit\"\nstart = \"From\"\n\n\
         [system.{name}.settings.tables.people.constants]\norganisation = \"1484\"\ntitle = \"Elev\"\n"
    )
}

fn people(world: &World, lines: &[&str]) {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    world.write("incoming/people.csv", format!("Id,Number,Card,First,Last,Protected,Unit,From\n{lines}"));
}

/// Eva works in one municipality and learns in another; Bo only learns.
fn world() -> World {
    let world = World::ldif();
    world.configure(&school("school"));
    world.hr(&[post(EVA, "Eva", "Berg")]);
    people(
        &world,
        &[&format!("1,{EVA},K1,Eva,Berg,no,SKOLA,2026-08-18"), &format!("2,{BO},K2,Bo,Ek,no,SKOLA,2026-08-18")],
    );
    world.run("2026-11-23").expect(&[0]);
    assert!(groups_in(&world, "evaber").contains(&"all-lysekil".to_owned()));
    world
}

fn locked(world: &World) -> usize {
    world.ldif_text().matches("pwdAccountLockedTime").count()
}

#[test]
fn what_a_source_gave_that_is_left_out_is_gone_when_somebody_says_so() {
    let world = world();
    let before = world.ldif_text();
    world.configure("");
    let held = world.run("2026-11-24").expect(&[3]);
    assert!(held.said().contains("no source of engagements any more; 2 are gone with it"), "{}", held.said());
    assert_eq!(world.ldif_text(), before, "nothing happens before that");
    let hash = held.json()["hash"].as_str().unwrap().to_owned();
    world.sluss(&["apply", &hash, "--on", "2026-11-24"]).expect(&[0, 1]);
    assert_eq!(locked(&world), 1, "{}", world.ldif_text());
    assert!(!groups_in(&world, "evaber").contains(&"all-lysekil".to_owned()));
    assert!(groups_in(&world, "evaber").contains(&"all-sotenas".to_owned()));
    let quiet = world.run("2026-11-25").expect(&[0]).json();
    assert_eq!(quiet["decided"], 0);
    // It comes back, and so do the rights.
    world.configure(&school("school"));
    world.run("2026-11-26").expect(&[0]);
    assert!(groups_in(&world, "boek").contains(&"all-lysekil".to_owned()));
    assert_eq!(locked(&world), 0);
}

#[test]
fn a_source_that_is_called_otherwise_takes_nothing_from_anybody() {
    let world = world();
    let before = world.ldif_text();
    world.configure(&school("academy"));
    let held = world.run("2026-11-24").expect(&[3]);
    let hash = held.json()["hash"].as_str().unwrap().to_owned();
    world.sluss(&["apply", &hash, "--on", "2026-11-24"]).expect(&[0, 1]);
    assert_eq!(world.ldif_text(), before);
    world.run("2026-11-25").expect(&[0]);
}

#[test]
fn keys_that_the_policy_matches_by_from_now_on_are_known_of_everybody() {
    let world = world();
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    let certain = "certain = [\"identity-number\", \"person-key\"]";
    world.write("policy.toml", policy.replace("certain = [\"identity-number\"]", certain));
    world.run("2026-11-24").expect(&[0]);
    // Nothing but the card says who this is.
    people(
        &world,
        &[
            &format!("1,{EVA},K1,Eva,Berg,no,SKOLA,2026-08-18"),
            &format!("2,{BO},K2,Bo,Ek,no,SKOLA,2026-08-18"),
            "3,,K1,Eva,Berg,no,SKOLB,2026-08-18",
        ],
    );
    world.run("2026-11-25").expect(&[0]);
    let text = world.ldif_text();
    assert_eq!(text.matches("dn: uid=").count(), 2, "{text}");
    assert!(groups_in(&world, "evaber").iter().any(|group| group.contains("SKOLB")), "{text}");
}

#[test]
fn what_only_stands_in_a_numbers_place_is_nobody_elsewhere() {
    let world = World::ldif();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    let other = school("other").replace("people.csv", "others.csv").replace("\"1484\"", "\"1430\"");
    world.write("sluss.toml", toml.replace(HEROMA, &(school("school") + &other)));
    people(&world, &["1,4711,,Eva,Berg,no,SKOLA,2026-08-18"]);
    let other = "Id,Number,Card,First,Last,Protected,Unit,From\n1,4711,,Ali,Ek,no,SKOLB,2026-08-18\n";
    world.write("incoming/others.csv", other);
    world.run("2026-11-23").expect(&[1]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 2, "{}", world.ldif_text());
}
