//! What happens in a real municipality: corrected numbers, hands in the directory, renamed rules, withdrawn posts. Nobody
//! may be left with rights that are over, or lose what is theirs by somebody's slip.

use crate::world::{ALI, BO, EVA, World, employments, post};
use serde_json::json;

/// The LDIF entry that begins with this name.
fn entry(world: &World, name: &str) -> Option<String> {
    let text = world.ldif_text().replace("\n ", "");
    text.split("\n\n").find(|entry| entry.contains(&format!("dn: {name},"))).map(str::to_owned)
}

fn closed(world: &World, uid: &str) -> bool {
    entry(world, &format!("uid={uid}")).unwrap().contains("pwdAccountLockedTime")
}

/// The groups that an account is in, by the lines of the file.
fn member_of(world: &World, uid: &str) -> usize {
    world.ldif_text().replace("\n ", "").matches(&format!("member: uid={uid},")).count()
}

fn by_hand(world: &World, from: &str, to: &str) {
    let text = world.ldif_text();
    assert!(text.contains(from), "{from} is not in {text}");
    world.write("directory/directory.ldif", text.replace(from, to));
}

#[test]
fn an_attribute_added_by_hand_does_not_keep_a_leaver_in() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-23").expect(&[0]);
    by_hand(&world, "givenName: Eva\n", "givenName: Eva\npager: 4711\n");
    by_hand(&world, "cn: all-sotenas\n", "cn: all-sotenas\nowner: uid=aliber,ou=people,dc=example,dc=test\n");
    world
        .hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").to("20261123"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-24").expect(&[0]);
    assert!(closed(&world, "evaobe"));
    assert_eq!(member_of(&world, "evaobe"), 0);
    assert!(entry(&world, "uid=evaobe").unwrap().contains("pager: 4711"), "what is not ours stays");
}

#[test]
fn a_renamed_account_keeps_its_groups_whatever_happens_to_them() {
    let world = World::ldif();
    let units = |name: &str| {
        let header = "ENHETKOD;ENHETNAMN;OVERENHET;ANSVAR;CHEFPERSONNR;CHEFANSTNR;BOLAG\r\n";
        world.write("incoming/heroma-enhet.csv", format!("{header}VO-12;{name};;4711;;;1427\r\n"));
    };
    units("Hunnebohemmet");
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), ali.clone()]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").protected("J"), ali]);
    world.run("2026-11-24").expect(&[0]);
    let renamed = |world: &World| world.ldif_text().replace("\n ", "").matches("member: uid=sky").count();
    assert_eq!(renamed(&world), 3);
    units("Hunneborgs");
    world.run("2026-11-25").expect(&[0]);
    assert!(world.ldif_text().contains("description: Hunneborgs"));
    assert_eq!((renamed(&world), member_of(&world, "aliber")), (3, 3));
}

#[test]
fn a_rule_that_is_renamed_goes_on_and_one_that_is_removed_closes() {
    let world = World::ldif();
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    let renamed = policy
        .replace("[account.directory", "[account.staff")
        .replace("account  = \"directory\"", "account  = \"staff\"")
        .replace("account = \"directory\"", "account = \"staff\"");
    world.write("policy.toml", &renamed);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text().matches("uid: ").count(), 1, "nobody gets a second account");
    assert_eq!((closed(&world, "evaobe"), member_of(&world, "evaobe")), (false, 3));

    let rules = renamed.split("[account.staff]").next().unwrap();
    world.write("policy.toml", format!("{rules}\n[guards]\ndisables = \"off\"\nmember-removals = \"off\"\n"));
    world.run("2026-11-25").expect(&[1]);
    assert_eq!((closed(&world, "evaobe"), member_of(&world, "evaobe")), (true, 0));
}

#[test]
fn a_rule_cannot_be_pointed_at_another_target() {
    let world = World::ldif();
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    world.configure(
        "[connection.two]\nkind = \"files\"\npath = \"elsewhere\"\naccess = \"write\"\n\n\
         [system.two]\nrole = \"target\"\nplugin = \"ldif\"\ngrant = [\"two\"]\n\n\
         [system.two.settings]\nfolder = \"two\"\nbase = \"dc=example,dc=test\"\n",
    );
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write(
        "policy.toml",
        policy
            .replace("target    = \"directory\"", "target = \"two\"")
            .replace("target   = \"directory\"", "target = \"two\"")
            .replace("target  = \"directory\"", "target = \"two\""),
    );
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[2]);
    assert!(ran.said().contains("another name"), "{}", ran.said());
}

#[test]
fn a_post_that_is_withdrawn_before_it_began_makes_nothing() {
    let world = World::ldif();
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1").from("20270201")]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[ali]);
    world.run("2026-11-24").expect(&[0]);
    for day in ["2027-01-20", "2027-02-01", "2027-05-01"] {
        world.run(day).expect(&[0]);
        assert!(entry(&world, "uid=evaobe").is_none(), "{day}");
    }
}

#[test]
fn a_manager_who_is_known_later_is_set_then() {
    let world = World::ldif();
    let eva = post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI);
    world.hr(std::slice::from_ref(&eva));
    world.run("2026-11-23").expect(&[1]);
    world.hr(&[eva, post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run("2026-11-24").expect(&[0]);
    assert!(entry(&world, "uid=evaobe").unwrap().contains("manager: uid=aliber,"));
}

#[test]
fn nobody_is_left_with_a_manager_who_was_removed() {
    let world = World::ldif();
    let eva = post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI);
    world.hr(&[eva.clone(), post(ALI, "Ali", "Bergström").at("1427", "2").to("20261130")]);
    world.run("2026-11-23").expect(&[0]);
    world.run("2026-12-01").expect(&[0]);
    world.run("2027-01-30").expect(&[0]);
    assert!(entry(&world, "uid=aliber").is_none());
    assert!(!entry(&world, "uid=evaobe").unwrap().contains("manager"));
    let before = world.ldif_text();
    world.run("2027-01-30").expect(&[0]);
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_last_day_typed_wrongly_closes_an_account_but_does_not_remove_it() {
    let world = World::ldif();
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1").to("20250901")]);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!((closed(&world, "evaobe"), member_of(&world, "evaobe")), (true, 0));
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!((closed(&world, "evaobe"), member_of(&world, "evaobe")), (false, 3));
    // Were it right, the account would go 60 days after it was closed.
    world.hr(&[ali, post(EVA, "Eva", "Öberg").at("1427", "1").to("20250901")]);
    world.run("2026-11-26").expect(&[0]);
    world.run("2027-01-24").expect(&[0]);
    assert!(entry(&world, "uid=evaobe").is_some());
    world.run("2027-01-25").expect(&[0]);
    assert!(entry(&world, "uid=evaobe").is_none());
}

#[test]
fn a_corrected_number_is_the_same_person_and_another_name_is_another_person() {
    let world = World::ldif();
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-23").expect(&[0]);
    world.hr(&[ali.clone(), post(BO, "Eva", "Öberg").at("1427", "1")]);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text().matches("uid: ").count(), 2);
    // The number of somebody else, with that one's name: the account stays with the person, and does not go with the post.
    world.hr(&[ali, post("198602212394", "Ivar", "Larsson").at("1427", "1")]);
    world.run("2026-11-25").expect(&[1]);
    assert!(closed(&world, "evaobe"));
    assert!(entry(&world, "uid=ivalar").unwrap().contains("Ivar Larsson"));
    assert_eq!((member_of(&world, "evaobe"), member_of(&world, "ivalar")), (0, 3));
}

#[test]
fn a_file_that_is_written_otherwise_and_says_the_same_wakes_nobody() {
    let world = World::ldif();
    let posts = [post(EVA, "Eva", "Oberg").at("1427", "1"), post(ALI, "Ali", "Berg").at("1427", "2")];
    world.hr(&posts);
    world.run("2026-11-23").expect(&[0]);
    let before = world.ldif_text();
    // Windows-1252, of which these files use no more than Latin-1.
    let plain: String = employments(&posts).into_iter().map(char::from).collect();
    let told = |file: &str| {
        world.write("incoming/heroma-anst.csv", file.chars().map(|letter| letter as u8).collect::<Vec<_>>());
        let told = world.run("2026-11-23").expect(&[0]).json();
        let reading = told["readings"].as_array().unwrap().iter().find(|one| one["class"] == "engagement").unwrap();
        let looked = (&reading["unchanged"], &reading["complete"], &reading["records"]);
        assert_eq!(looked, (&json!(false), &json!(true), &json!(2)));
        (reading["changed"].clone(), told["decided"].clone())
    };
    // Blanks and line ends make other fingerprints, and the order makes none.
    assert_eq!(told(&plain.replace(";Eva;", "; Eva ;")), (json!(0), json!(0)));
    assert_eq!(told(&plain.replace("\r\n", "\n")), (json!(0), json!(0)));
    let mut lines: Vec<&str> = plain.lines().collect();
    lines.swap(1, 2);
    assert_eq!(told(&(lines.join("\n") + "\n")), (json!(0), json!(0)));
    // So does another reader of the same file.
    let settings = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", settings.replace("folder = \"hr\"", "folder = \"hr\"\nstale-days = 9"));
    assert_eq!(told(&(lines.join("\n") + "\n")), (json!(0), json!(0)));
    assert_eq!(world.ldif_text(), before);
    assert_eq!(told(&plain.replace(";Eva;", ";Eve;")), (json!(1), json!(1)));
}
