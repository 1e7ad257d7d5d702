//! Bad input: a clear message with file, line and column where there is one, the exit code that the design gives it,
//! and nothing lost.

use crate::world::{ALI, BO, EVA, Post, Ran, World, block, employments, post, slapd};
use sluss_test_servers::slapd::PASSWORD;

/// Five people, with a directory that already has them.
fn settled() -> (World, Vec<Post>) {
    let world = World::ldif();
    let posts = vec![
        post(EVA, "Eva", "Öberg").at("1427", "1"),
        post(ALI, "Ali", "Bergström").at("1427", "2"),
        post(BO, "Bo", "Ek").at("1427", "3"),
    ];
    world.hr(&posts);
    world.run("2026-11-23").expect(&[0]);
    (world, posts)
}

/// Everything that a message needs, and nothing that it must not have.
#[track_caller]
fn says(ran: &Ran, parts: &[&str]) {
    let said = ran.said();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    for number in [EVA, ALI, BO] {
        assert!(!said.contains(number), "an identity number is in:\n{said}");
    }
}

/// Nothing was lost: the directory is as it was, and with the right file again there is nothing to do.
#[track_caller]
fn kept(world: &World, before: &str, posts: &[Post]) {
    assert_eq!(world.ldif_text(), before);
    world.hr(posts);
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_missing_file() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    std::fs::remove_file(world.path("incoming/heroma-anst.csv")).unwrap();
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[5]);
    says(&ran, &["heroma-anst.csv", "heroma"]);
    kept(&world, &before, &posts);
}

#[test]
fn a_last_line_that_was_cut_off() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let mut file = employments(&posts);
    file.truncate(file.len() - 30);
    world.write("incoming/heroma-anst.csv", file);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]);
    says(&ran, &["heroma-anst.csv:4"]);
    kept(&world, &before, &posts);
}

#[test]
fn the_wrong_encoding() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace("folder = \"hr\"\n", "folder = \"hr\"\nencoding = \"utf-8\"\n"));
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1, 5]);
    says(&ran, &["heroma-anst.csv:2", "UTF-8"]);
    world.configure("");
    kept(&world, &before, &posts);
}

#[test]
fn a_missing_column() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let file = String::from_utf8_lossy(&employments(&posts)).replacen(";ANSTTOM;", ";SLUT;", 1);
    world.write("incoming/heroma-anst.csv", file);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[5]);
    says(&ran, &["heroma-anst.csv:1", "ANSTTOM"]);
    kept(&world, &before, &posts);
}

#[test]
fn an_unknown_key_in_the_settings() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace("folder = \"hr\"\n", "folder = \"hr\"\ndelimeter = \";\"\n"));
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[2]);
    says(&ran, &["sluss.toml:19:13", "delimeter", "delimiter"]);
    world.configure("");
    kept(&world, &before, &posts);
}

#[test]
fn an_expression_that_is_none() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write(
        "policy.toml",
        policy.replace("\"person.given\"", "\"person.given +\"").replace("\"person.surname\"", "\"person.surnam\""),
    );
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[2]);
    says(&ran, &["policy.toml:44:35", "person.given +", "policy.toml:45:28", "`surnam`", "`surname`"]);
    world.write("policy.toml", policy);
    kept(&world, &before, &posts);
}

#[test]
fn a_line_that_stands_twice() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    world.hr(&[posts.clone(), vec![posts[1].clone()]].concat());
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]);
    says(&ran, &["heroma-anst.csv:5"]);
    kept(&world, &before, &posts);
}

#[test]
fn a_number_that_fails_its_check_digit() {
    let (world, mut posts) = settled();
    posts.push(post("198001022387", "Olle", "Fel").at("1427", "9"));
    world.hr(&posts);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]);
    says(&ran, &["heroma: record 1427/9", "check digit"]);
    assert!(!ran.said().contains("198001022387"));
    assert!(world.ldif_text().contains("uid: ollfel"), "the person is kept under the number until it is corrected");
}

#[test]
fn a_manager_who_is_not_there_and_managers_in_a_circle() {
    let world = World::ldif();
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI),
        post(ALI, "Ali", "Bergström").at("1427", "2").manager(EVA),
        post(BO, "Bo", "Ek").at("1427", "3").manager("198602212394"),
    ]);
    let ran = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]);
    says(&ran, &["heroma: record 1427/3", "not known"]);
    let text = world.ldif_text();
    assert_eq!(text.matches("uid: ").count(), 3);
    assert!(text.contains("manager: uid=evaobe") && text.contains("manager: uid=aliber"));
    // Told as soon as the circle is closed in what is known.
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI).title("Chef", "123456"),
        post(ALI, "Ali", "Bergström").at("1427", "2").manager(EVA).title("Chef", "123456"),
        post(BO, "Bo", "Ek").at("1427", "3"),
    ]);
    says(&world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]), &["circle"]);
}

#[test]
fn an_employment_that_ends_before_it_starts() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let mut wrong = posts.clone();
    wrong[1] = wrong[1].clone().to("20231231");
    world.hr(&wrong);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[1]);
    says(&ran, &["heroma: record 1427/2", "ends (2023-12-31) before it starts (2024-01-01)"]);
    assert_eq!(world.ldif_text(), before, "what was known stands until the record is right");
    says(&world.sluss(&["cases"]).expect(&[0, 1]), &["1427/2"]);
    kept(&world, &before, &posts);
    assert!(!world.sluss(&["cases"]).said().contains("1427/2"));
}

/// A file with 80 % fewer rows than yesterday, and an empty one.
#[test]
fn a_file_that_lost_most_of_its_rows_holds_the_run() {
    let people = sluss_people::Population::new(3, 50);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.run("2026-11-23").expect(&[0, 1]);
    let before = world.ldif_text();
    let files = [people.clone().fewer(80).employments_csv(), employments(&[]), Vec::new()];
    for file in files {
        world.write("incoming/heroma-anst.csv", file);
        let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[3]);
        says(&ran, &["guards.source.lost", "sluss apply"]);
        assert_eq!(world.ldif_text(), before);
        says(&world.sluss(&["status"]).expect(&[0, 1, 3]), &["held"]);
    }
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.run("2026-11-24").expect(&[0, 1]);
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_held_plan_is_carried_out_when_it_is_approved_and_still_true() {
    let people = sluss_people::Population::new(3, 50);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.run("2026-11-23").expect(&[0, 1]);
    let before = world.ldif_text();
    world.write("incoming/heroma-anst.csv", people.clone().fewer(80).employments_csv());
    let held = world.run("2026-11-24").expect(&[3]).json();
    let hash = held["hash"].as_str().unwrap();
    // The world moved on: this plan is no longer true.
    world.write("incoming/heroma-anst.csv", people.clone().fewer(60).employments_csv());
    world.sluss(&["apply", hash, "--on", "2026-11-24"]).expect(&[2]);
    assert_eq!(world.ldif_text(), before);
    world.write("incoming/heroma-anst.csv", people.fewer(80).employments_csv());
    world.sluss(&["apply", hash, "--on", "2026-11-24"]).expect(&[0, 1]);
    assert_ne!(world.ldif_text(), before);
    assert!(world.ldif_text().contains("pwdAccountLockedTime"));
    // What is carried out cannot be carried out again.
    says(&world.sluss(&["apply", hash, "--on", "2026-11-24"]).expect(&[2]), &["already"]);
}

/// Without its units, a municipality would look as if it had been dissolved.
#[test]
fn a_file_of_units_that_is_empty_holds_the_run() {
    let people = sluss_people::Population::new(3, 50);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.write("incoming/heroma-enhet.csv", people.units_csv());
    world.run("2026-11-23").expect(&[0, 1]);
    let before = world.ldif_text();
    let file = people.units_csv();
    let header = file.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    world.write("incoming/heroma-enhet.csv", header);
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[3]);
    says(&ran, &["guards.source.lost (units)", "sluss apply"]);
    says(&world.sluss(&["cases"]).expect(&[1]), &["is held", "sluss apply"]);
    assert_eq!(world.ldif_text(), before);
    world.write("incoming/heroma-enhet.csv", people.units_csv());
    world.run("2026-11-24").expect(&[0, 1]);
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_directory_that_is_down_a_wrong_password_and_a_certificate_nobody_trusts() {
    block(async {
        let mut server = slapd().await;
        let world = World::ldap(&server);
        let authority = server.authority().display().to_string();
        world.hr(&[post(EVA, "Eva", "Öberg")]);

        world.directory(&server.tls_url(), &authority, "wrong");
        says(&world.sluss(&["run", "--on", "2026-11-23"]).expect(&[5]), &["password"]);

        let other = sluss_test_servers::certificate::Authority::new(&world.path("other")).unwrap();
        world.directory(&server.tls_url(), &other.certificate().display().to_string(), PASSWORD);
        says(&world.sluss(&["run", "--on", "2026-11-23"]).expect(&[5]), &["certificate"]);

        world.directory(&server.tls_url(), &authority, PASSWORD);
        server.stop().await.unwrap();
        says(&world.sluss(&["run", "--on", "2026-11-23"]).expect(&[5]), &[&server.tls_url(), "running"]);

        server.restart().await.unwrap();
        world.directory(&server.tls_url(), &authority, PASSWORD);
        world.run("2026-11-23").expect(&[0]);
        assert!(crate::world::exists(&server.dump().await.unwrap(), "evaobe"));
    });
}

#[test]
fn a_state_file_of_a_later_version() {
    let (world, posts) = settled();
    let before = world.ldif_text();
    let state = rusqlite::Connection::open(world.path("state/sluss.db")).unwrap();
    let version: i64 = state.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    state.pragma_update(None, "user_version", 9999).unwrap();
    let ran = world.sluss(&["run", "--on", "2026-11-24"]).expect(&[2]);
    says(&ran, &["9999", "later"]);
    state.pragma_update(None, "user_version", version).unwrap();
    drop(state);
    kept(&world, &before, &posts);
}

/// A disk that is full, as far as the state file is concerned: a limit on the size of files does the same without one.
#[cfg(unix)]
#[test]
fn no_room_for_the_state() {
    let people = sluss_people::Population::new(3, 400);
    let world = World::ldif();
    world.write("incoming/heroma-anst.csv", people.employments_csv());
    world.sluss(&["check"]).expect(&[0, 1]);
    let sluss = env!("CARGO_BIN_EXE_sluss");
    // 200 blocks of 512 bytes; the signal that goes with the limit is ignored, as it is by anything but a shell.
    let script = format!("trap '' XFSZ; ulimit -f 200; exec '{sluss}' --config sluss.toml run --on 2026-11-23");
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(script).current_dir(world.path(""));
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("room"), "{said}");
    assert_eq!(world.ldif_text(), "");
    world.run("2026-11-23").expect(&[0, 1]);
    assert!(world.ldif_text().contains("uid: "));
}

#[test]
fn a_source_that_gives_nothing_new_for_a_week_is_told_of() {
    let world = World::ldif();
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    world.write("policy.toml", policy.replace("silent = \"off\"", "silent = \"7 days\""));
    world.hr(&[post(EVA, "Eva", "Öberg")]);
    world.run("2026-11-23").expect(&[0]);
    world.run("2026-11-29").expect(&[0]);
    let told = world.sluss(&["run", "--on", "2026-11-30"]).expect(&[1]).said();
    assert!(told.contains("heroma: it has given nothing new for 7 days"), "{told}");
    world.hr(&[post(EVA, "Eva", "Öberg"), post(ALI, "Ali", "Berg").at("1427", "2")]);
    world.run("2026-12-01").expect(&[0]);
}
