//! What a register says of the persons: their names, their numbers, whether they are protected, and whether they live.

use crate::world::{World, post};
use sluss_test_servers::navet::people::{
    DEAD, ELSA, FORMER, MARKED, NEWCOMER, NOBODY, Person, REPLACED, SVANTE, people,
};
use sluss_test_servers::navet::write;

const REGISTER: &str = "[connection.register]\nkind = \"files\"\npath = \"register\"\naccess = \"read\"\n\n\
                        [system.navet]\nrole = \"register\"\nplugin = \"navet\"\ngrant = [\"register\"]\n\n\
                        [system.navet.settings]\ninterface = \"file\"\nfolder = \"register\"\nencoding = \"utf-8\"\n";

/// A world whose register knows these people, and plainly says who is not protected.
fn registered(people: &[Person]) -> World {
    let world = World::ldif();
    std::fs::create_dir(world.path("register")).unwrap();
    know(&world, people);
    let terms: String = write::TERMS.iter().map(|(name, code)| format!("{name} = '{code}'\n")).collect();
    world.configure(&format!("{REGISTER}\n[system.navet.settings.terms]\n{terms}"));
    world
}

fn know(world: &World, people: &[Person]) {
    world.write("register/navet.txt", write::file(people, true));
}

/// One line of the LDIF directory's entry of an account.
fn of<'t>(text: &'t str, uid: &str, name: &str) -> Option<&'t str> {
    let entry = text.split("\n\n").find(|entry| entry.starts_with(&format!("dn: uid={uid},")))?;
    entry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_register_is_believed_about_names_until_it_is_no_more() {
    let world = registered(&people());
    world.hr(&[post(SVANTE, "Svante", "Åberg")]);
    world.run("2026-11-23").expect(&[0]);
    let text = world.ldif_text();
    assert!(text.contains("Sven-Åke") || text.contains("dn: uid="), "{text}");
    let explained = world.sluss(&["explain", SVANTE, "--on", "2026-11-23"]).expect(&[0]).out;
    assert!(explained.contains("Svante Åberg by heroma: 1427/10001"), "{explained}");
    assert!(explained.contains("Sven-Åke Öberg & Lööf"), "{explained}");

    let second = world.run("2026-11-23").expect(&[0]).json();
    assert_eq!(second["requests"]["navet"], 0, "what was answered is not asked again");
    assert_eq!(second["decided"], 0);

    world.configure("");
    world.run("2026-11-24").expect(&[0]);
    let explained = world.sluss(&["explain", SVANTE, "--on", "2026-11-24"]).expect(&[0]).out;
    assert!(explained.contains("Svante Åberg") && !explained.contains("Öberg & Lööf"), "{explained}");
}

#[test]
fn an_old_answer_is_renewed() {
    let world = registered(&people());
    world.hr(&[post(SVANTE, "Svante", "Åberg")]);
    world.run("2026-11-23").expect(&[0]);
    let wed = Person { name_mark: "10", first_names: "Sven-Åke", surname: "Nygift", ..Person::plain(SVANTE) };
    know(&world, &[wed]);
    let named = |day: &str| world.sluss(&["explain", SVANTE, "--on", day]).expect(&[0]).out.contains("Nygift");
    world.run("2026-12-22").expect(&[0]);
    assert!(!named("2026-12-22"), "29 days old");
    world.run("2026-12-23").expect(&[0]);
    assert!(named("2026-12-23"), "30 days old");
}

#[test]
fn whoever_the_register_protects_is_protected_whatever_hr_says() {
    let world = registered(&people());
    world.hr(&[post(MARKED, "Mira", "Hemlig"), post(SVANTE, "Svante", "Åberg").at("1427", "2")]);
    let plan = world.sluss(&["plan", "--on", "2026-11-23"]).expect(&[0]).said();
    assert!(!plan.contains("Mira") && !plan.contains("mirhem"), "{plan}");
    world.run("2026-11-23").expect(&[0]);
    let text = world.ldif_text();
    assert!(!text.contains("Mira") && !text.contains("Hemlig"), "{text}");
    let explained = world.sluss(&["explain", "1427/10001", "--on", "2026-11-23"]).expect(&[0]).out;
    assert!(explained.contains("protected") && !explained.contains("Mira"), "{explained}");
}

#[test]
fn the_dead_have_no_account_and_the_unknown_keep_theirs() {
    let world = registered(&people());
    world.hr(&[post(DEAD, "Dag", "Död"), post(NOBODY, "Nils", "Okänd").at("1427", "2")]);
    world.run("2026-11-23").expect(&[0]);
    let text = world.ldif_text();
    assert_eq!(text.matches("dn: uid=").count(), 1, "{text}");
    assert!(of(&text, "nilokn", "uid").is_some() || text.contains("uid=nil"), "{text}");

    // Somebody dies who has an account.
    let mut later = people();
    later.push(Person { gone: Some(("AV", "20261201")), ..Person::plain(NOBODY) });
    know(&world, &later);
    world.run("2026-12-24").expect(&[0]);
    let text = world.ldif_text();
    assert!(
        text.contains("pwdAccountLockedTime") || text.contains("enabled: false") || text.contains("Locked"),
        "{text}"
    );
}

#[test]
fn a_number_that_was_replaced_is_the_same_person() {
    let world = registered(&people());
    world.hr(&[post(FORMER, "Ny", "Kommen")]);
    world.run("2026-11-23").expect(&[0]);
    let first = world.ldif_text();
    // HR learns the new number, and gives it under another employment.
    world.hr(&[post(NEWCOMER, "Ny", "Kommen").at("1427", "77")]);
    world.run("2026-11-24").expect(&[0, 3]);
    let text = world.ldif_text();
    assert_eq!(text.matches("dn: uid=").count(), 1, "{text}");
    assert_eq!(
        first.lines().find(|line| line.starts_with("dn: uid=")),
        text.lines().find(|line| line.starts_with("dn: uid="))
    );
}

#[test]
fn an_old_and_a_new_number_on_the_same_day_are_one_person() {
    let world = registered(&people());
    let newcomers = [
        post(REPLACED, "Elsa", "Fjäll"),
        post(ELSA, "Elsa", "Fjäll").at("1484", "2").unit("SK-3", "Gullmarsskolan").second(),
    ];
    world.hr(&newcomers);
    world.run("2026-11-23").expect(&[0]);
    let text = world.ldif_text();
    assert_eq!(text.matches("dn: uid=").count(), 1, "{text}");
    let merged = world.sluss(&["cases", "merged"]).expect(&[0]).out;
    assert!(merged.contains("is person") && merged.contains("navet"), "{merged}");
}

#[test]
fn a_circle_of_numbers_ends() {
    let circle = [
        Person { references: vec![NEWCOMER], gone: Some(("GS", "20210101")), ..Person::plain(FORMER) },
        Person { references: vec![FORMER], gone: Some(("GN", "20210101")), ..Person::plain(NEWCOMER) },
    ];
    let world = registered(&circle);
    world.hr(&[post(FORMER, "Ring", "Runt"), post(NEWCOMER, "Ring", "Runt").at("1427", "2").second()]);
    world.run("2026-11-23").expect(&[0]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 1);
    let second = world.run("2026-11-24").expect(&[0]).json();
    assert_eq!(second["decided"], 0);
}

#[test]
fn whoever_is_new_waits_for_a_register_that_does_not_answer() {
    let world = registered(&people());
    world.hr(&[post(SVANTE, "Svante", "Åberg")]);
    world.run("2026-11-23").expect(&[0]);
    std::fs::remove_file(world.path("register/navet.txt")).unwrap();
    world.hr(&[post(SVANTE, "Svante", "Åberg").title("Rektor", "101010"), post(ELSA, "Elsa", "Fjäll").at("1427", "2")]);
    let run = world.run("2026-11-24").expect(&[1, 5]);
    let text = world.ldif_text();
    assert_eq!(text.matches("dn: uid=").count(), 1, "nobody new is made: {text}\n{}", run.out);
    assert!(text.contains("Rektor"), "whoever is there goes on");
    know(&world, &people());
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 2, "they are made once it answers");
}

#[test]
fn two_who_have_accounts_are_a_case_that_stays_until_somebody_answers() {
    // Nobody knew that the two are one when they got their accounts.
    let strangers: Vec<Person> =
        people().into_iter().filter(|person| ![ELSA, REPLACED].contains(&person.number.as_str())).collect();
    let world = registered(&strangers);
    world.hr(&[post(REPLACED, "Elsa", "Fjäll"), post(ELSA, "Lisa", "Fjäll").at("1484", "2").unit("SK-3", "Skolan")]);
    world.run("2026-11-23").expect(&[0]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 2);
    know(&world, &people());
    let run = world.run("2026-12-24").expect(&[1]).said();
    assert!(run.contains("both have accounts"), "{run}");
    world.run("2026-12-25");
    let cases = world.sluss(&["cases"]).expect(&[1]).out;
    assert!(cases.contains("match/2") && cases.contains("--as 1"), "{cases}");
    world.sluss(&["cases", "resolve", "match/2", "--as", "1"]).expect(&[0]);
    world.run("2026-12-26").expect(&[0, 1]);
    let text = world.ldif_text();
    assert_eq!(text.matches("pwdAccountLockedTime").count(), 1, "{text}");
}

#[test]
fn a_register_that_did_not_answer_about_somebody_is_asked_again() {
    let world = registered(&[]);
    std::fs::remove_file(world.path("register/navet.txt")).unwrap();
    world.configure("");
    world.hr(&[post(MARKED, "Mira", "Synlig")]);
    world.run("2026-11-23").expect(&[0]);
    assert!(world.ldif_text().contains("Synlig"));
    // The register is set up, and cannot be asked; then it can.
    let terms: String = write::TERMS.iter().map(|(name, code)| format!("{name} = '{code}'\n")).collect();
    world.configure(&format!("{REGISTER}\n[system.navet.settings.terms]\n{terms}"));
    world.run("2026-11-24").expect(&[1, 5]);
    assert!(world.ldif_text().contains("Synlig"), "whoever has an account keeps it");
    know(&world, &people());
    world.run("2026-11-25").expect(&[0, 1]);
    assert!(!world.ldif_text().contains("Synlig"), "{}", world.ldif_text());
}

#[test]
fn what_a_register_no_longer_knows_stands() {
    let world = registered(&people());
    world.hr(&[post(MARKED, "Mira", "Synlig"), post(SVANTE, "Svante", "Åberg").at("1427", "2")]);
    world.run("2026-11-23").expect(&[0]);
    know(&world, &[Person::plain(ELSA)]);
    let run = world.run("2026-12-24").expect(&[1]).said();
    assert!(run.contains("no longer knows 2 of the numbers"), "{run}");
    assert!(!world.ldif_text().contains("Synlig"), "{}", world.ldif_text());
}

#[test]
fn a_difference_is_told_where_the_policy_asks_for_that() {
    let world = registered(&people());
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write("policy.toml", policy + "\n[authority]\nregister = \"flag\"\n");
    world.hr(&[post(SVANTE, "Svante", "Berg")]);
    let told = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]).said();
    assert!(told.contains("navet says otherwise of `name`"), "{told}");
    assert!(!told.contains("Sven") && world.ldif_text().contains("sn: Berg"), "{told}");
}

#[test]
fn a_register_that_is_asked_elsewhere_is_asked_about_everybody_again() {
    let world = registered(&people());
    world.hr(&[post(SVANTE, "Svante", "Åberg")]);
    world.run("2026-11-23").expect(&[0]);
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    let wed = Person { name_mark: "10", first_names: "Sven-Åke", surname: "Nygift", ..Person::plain(SVANTE) };
    world.write("elsewhere/navet.txt", write::file(&[wed], true));
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace("path = \"register\"", "path = \"elsewhere\""));
    world.run("2026-11-24").expect(&[0]);
    let explained = world.sluss(&["explain", SVANTE, "--on", "2026-11-24"]).expect(&[0]).out;
    assert!(explained.contains("Nygift"), "{explained}");
}

#[test]
fn whoever_is_new_waits_for_every_register() {
    let world = registered(&people());
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    let at = toml.find("[connection.register]").unwrap();
    let second = toml[at..]
        .replace("register]", "second]")
        .replace("\"register\"", "\"second\"")
        .replace("system.navet", "system.spar");
    let second = second.replace("role = \"second\"", "role = \"register\"");
    std::fs::create_dir(world.path("second")).unwrap();
    world.write("sluss.toml", format!("{toml}\n{second}"));
    world.hr(&[post(SVANTE, "Svante", "Åberg")]);
    world.run("2026-11-23").expect(&[1, 5]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 0, "one of two is silent");
    world.write("second/navet.txt", write::file(&people(), true));
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text().matches("dn: uid=").count(), 1);
}
