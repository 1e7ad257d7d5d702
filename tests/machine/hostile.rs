//! Plugins that misbehave, as real components: the host survives, says whose fault it is, and the other systems finish.

use crate::world::{ALI, EVA, Ran, World, connector, post};
use std::time::{Duration, Instant};

/// Limits that end every misdeed soon.
const LIMITS: &str = "call = \"2 s\"\nmemory = \"160 MiB\"\n";

/// A working folder with an honest source and target, and the hostile component in a role of its own.
fn beside(role: &str, misdeed: &str, at: &str) -> World {
    let world = World::ldif();
    std::fs::create_dir(world.path("in")).unwrap();
    world.write("secret", "the secret outside the folder");
    std::fs::copy(connector("sluss-hostile"), world.path("hostile.wasm")).unwrap();
    world.configure(&format!(
        "[connection.in]\nkind = \"files\"\npath = \"in\"\naccess = \"write\"\n\n\
         [system.hostile]\nrole = \"{role}\"\nplugin = \"hostile.wasm\"\ngrant = [\"in\"]\n\n\
         [system.hostile.settings]\nmisdeed = \"{misdeed}\"\nat = \"{at}\"\nfolder = \"in\"\n\n\
         [system.hostile.limits]\n{LIMITS}"
    ));
    if role == "target" {
        let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
        let account = "\n[account.hostile]\ntarget = \"hostile\"\nclass = \"user\"\nprotected = \"pseudonym\"\n\n\
                       [account.hostile.attributes]\nuid = \"names.username\"\ncn = \"names.username\"\nsn = \"names.username\"\n";
        world.write("policy.toml", policy + account);
    }
    world.sluss(&["plugin", "add", "hostile.wasm"]).expect(&[0]);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world
}

/// The others finished, the guilty one is named, and nobody waited for long.
#[track_caller]
fn survived(world: &World, cause: &str) -> Ran {
    let began = Instant::now();
    let ran = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[5]);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let said = ran.said();
    assert!(said.contains("hostile"), "{said}");
    assert!(said.contains(cause), "`{cause}` is not in:\n{said}");
    let text = world.ldif_text();
    assert!(text.contains("uid: evaobe") && text.contains("uid: aliber"), "{text}");
    ran
}

#[test]
fn a_source_that_never_comes_back() {
    survived(&beside("source", "loop", "read"), "longer than 2 s");
}

#[test]
fn a_source_that_wants_memory_without_end() {
    survived(&beside("source", "allocate", "read"), "memory");
}

#[test]
fn a_source_that_calls_itself_without_end() {
    survived(&beside("source", "recurse", "read"), "hostile");
}

#[test]
fn a_source_that_returns_a_hundred_megabytes() {
    survived(&beside("source", "flood", "read"), "at once");
}

#[test]
fn a_source_that_never_comes_to_an_end() {
    survived(&beside("source", "endless", "read"), "cursor");
}

#[test]
fn a_source_that_goes_round_in_a_circle() {
    let world = beside("source", "circle", "read");
    let said = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]).said();
    assert!(said.contains("its pages repeat"), "{said}");
    assert!(world.ldif_text().contains("uid: evaobe") && world.ldif_text().contains("uid: aliber"), "{said}");
}

#[test]
fn whoever_breaks_a_promise_does_not_pass_the_proof() {
    for (misdeed, word) in [
        ("endless", "same cursor"),
        ("circle", "does not come to an end"),
        ("loop", "longer than"),
        ("contradict", "have the id of another"),
    ] {
        let ran = beside("source", misdeed, "read").sluss(&["plugin", "prove", "hostile"]).expect(&[1]);
        assert!(ran.out.contains(word), "{misdeed}: {}", ran.said());
    }
}

#[test]
fn a_source_that_tells_what_nobody_may_know() {
    let ran = survived(&beside("source", "chatter", "read"), "hostile");
    let said = ran.said();
    assert!(!said.contains('\u{1b}'), "a terminal escape came through: {said:?}");
    let masked = sluss_engine::numbers::mask_in(&said);
    assert_eq!(masked, said, "an identity number came through");
}

/// Reading outside its folder, and using connections that it was not granted, gives it nothing; whether it gained
/// anything is told row by row in the sandbox's own tests. Here: nothing outside was touched, and nothing got in.
#[test]
fn a_source_that_tries_the_doors() {
    for misdeed in ["escape", "dial"] {
        let world = beside("source", misdeed, "read");
        #[cfg(unix)]
        std::os::unix::fs::symlink(world.path(""), world.path("in/link")).unwrap();
        let ran = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]);
        assert!(!ran.said().contains("gained"), "{}", ran.said());
        assert_eq!(std::fs::read_to_string(world.path("secret")).unwrap(), "the secret outside the folder");
        assert!(world.ldif_text().contains("uid: evaobe"));
    }
}

/// What is said of somebody else is said of nobody: not a name, and above all not that somebody is no longer protected.
#[test]
fn a_register_that_answers_about_somebody_else() {
    for misdeed in ["impostor", "gibberish"] {
        let world = beside("register", misdeed, "read");
        world.hr(&[post(EVA, "Eva", "Öberg").protected("J"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
        let said = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[1]).said();
        assert!(said.contains("answered about somebody else"), "{said}");
        let text = world.ldif_text();
        assert!(!text.contains("Falsk") && !text.contains("Öberg"), "{text}");
        assert_eq!(text.matches("dn: uid=").count(), 0, "whoever is new waits for an answer: {text}");
    }
    let world = beside("register", "none", "read");
    let said = world.sluss(&["run", "--on", "2026-11-23"]).expect(&[0]).said();
    assert!(world.ldif_text().contains("sn: Falsk"), "{said}");
}

#[test]
fn a_target_that_traps_half_way_through_a_batch() {
    let world = beside("target", "trap-mid-batch", "apply");
    survived(&world, "half is enough");
    let halfway = std::fs::read_to_string(world.path("in/trace")).unwrap().lines().count();
    assert_eq!(halfway, 1, "one of two was carried out");
    // The next run asks what became of both before it does anything, and the honest target is left in peace.
    let before = world.ldif_text();
    survived(&world, "hostile");
    assert_eq!(world.ldif_text(), before);
}

#[test]
fn a_target_that_never_answers_and_one_that_answers_for_less_than_it_was_asked() {
    survived(&beside("target", "loop", "apply"), "longer than 2 s");
    survived(&beside("target", "liar", "apply"), "hostile");
}

/// What was known of a record that cannot be judged stands: nobody else gets it, and it is not gone, then or later.
#[test]
fn a_source_that_contradicts_itself() {
    let world = beside("source", "contradict", "read");
    let reading = |day: &str, codes: &[i32]| {
        let report = world.run(day).expect(codes).json();
        let readings = report["readings"].as_array().unwrap().clone();
        let reading = readings.into_iter().find(|reading| reading["source"] == "hostile").unwrap();
        (reading["records"].as_u64().unwrap(), reading["gone"].as_u64().unwrap())
    };
    let calm = |yes: bool| match yes {
        true => world.write("in/calm", ""),
        false => std::fs::remove_file(world.path("in/calm")).unwrap(),
    };
    calm(true);
    assert_eq!(reading("2026-11-23", &[0]), (1, 0));
    let before = world.ldif_text();
    calm(false);
    assert_eq!(reading("2026-11-24", &[1]), (1, 0));
    let cases = world.sluss(&["cases"]).expect(&[1]);
    assert!(cases.out.contains("engagement/hostile/1"), "{}", cases.out);
    calm(true);
    assert_eq!(reading("2026-11-25", &[0]), (1, 0));
    assert_eq!(reading("2026-11-26", &[0]), (1, 0));
    assert_eq!(world.ldif_text(), before);
    world.sluss(&["cases"]).expect(&[0]);
}
