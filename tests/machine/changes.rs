//! A reconcile asks a target that can tell for what changed since the last time, and for everything only now and then.

use crate::cloud::{DAY, NEXT, behind, by_hand, calls, held, objects, reconcile, rewrite};
use crate::world::{ALI, EVA, World, post};
use serde_json::{Value, json};

/// Eva and Ali in the directory and in the cloud behind it, and a first look at all of it.
fn looked_at() -> World {
    let world = behind(World::ldif());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run(DAY).expect(&[0]);
    let report = reconcile(&world, DAY).expect(&[0]).json();
    assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
    world
}

/// What a service is asked while something is done.
fn asked(world: &World, work: impl FnOnce()) -> Vec<String> {
    let before = calls(world, "office").len();
    work();
    calls(world, "office").split_off(before)
}

/// An object of the service, as its administrator finds it.
fn object<'t>(tenant: &'t mut Value, name: &str) -> &'t mut Value {
    let mut objects = tenant["objects"].as_object_mut().unwrap().values_mut();
    objects.find(|object| object["attributes"]["name"][0] == name).unwrap()
}

/// Removes an object by hand; whoever is removed is in no group any longer.
fn remove(world: &World, name: &str) {
    let (id, _) = objects(world, "office")[name].clone();
    by_hand(world, "office", |tenant| {
        tenant["objects"].as_object_mut().unwrap().remove(&id);
        let members = object(tenant, "everybody")["attributes"]["member"].as_array_mut().unwrap();
        members.retain(|member| *member != id.as_str());
    });
}

const CHANGES: [&str; 2] = ["changes user", "changes group"];
const WHOLE: [&str; 2] = ["read user", "read group"];

#[test]
fn what_changed_is_found_without_reading_everything() {
    let world = looked_at();
    let quiet = asked(&world, || _ = reconcile(&world, DAY).expect(&[0]));
    assert_eq!(quiet, CHANGES);

    by_hand(&world, "office", |tenant| object(tenant, "aliber")["attributes"]["title"] = json!(["Kung"]));
    let calls = asked(&world, || {
        let report = reconcile(&world, DAY).expect(&[0]).json();
        assert!(report["findings"].to_string().contains("changed by somebody else: title"), "{report:#}");
    });
    assert_eq!(calls, [&CHANGES[..], &["update aliber title"]].concat());
    assert_ne!(held(&world, "office", "aliber", "title"), ["Kung"]);
    // What Sluss wrote itself is told as well, and is as it shall be.
    assert_eq!(asked(&world, || _ = reconcile(&world, DAY).expect(&[0])), CHANGES);

    // Who is gone comes back with her rights, and who has none goes.
    remove(&world, "evaobe");
    by_hand(&world, "office", |tenant| {
        tenant["objects"]["x"] = json!({ "class": "user", "attributes": { "name": ["x"] } });
        object(tenant, "everybody")["attributes"]["member"].as_array_mut().unwrap().push(json!("x"));
    });
    let calls = asked(&world, || _ = reconcile(&world, NEXT).expect(&[0]));
    assert_eq!(calls[..2], CHANGES);
    assert!(calls.contains(&"create evaobe".to_owned()), "{calls:?}");
    let members = held(&world, "office", "everybody", "member");
    let objects = objects(&world, "office");
    let mut right = [objects["evaobe"].0.clone(), objects["aliber"].0.clone()];
    right.sort();
    assert_eq!(
        {
            let mut members = members;
            members.sort();
            members
        },
        right
    );
    assert!(objects.contains_key("x"), "what is not ours is not touched");
}

#[test]
fn everything_is_read_once_a_week_and_whenever_that_is_needed() {
    let world = looked_at();
    let whole = |calls: Vec<String>| assert_eq!(calls, WHOLE);
    assert_eq!(asked(&world, || _ = reconcile(&world, "2026-11-29").expect(&[0])), CHANGES);
    whole(asked(&world, || _ = reconcile(&world, "2026-11-30").expect(&[0])));
    assert_eq!(asked(&world, || _ = reconcile(&world, "2026-12-01").expect(&[0])), CHANGES);
    whole(asked(&world, || {
        world.sluss(&["--json", "run", "--reconcile=whole", "--on", "2026-12-01"]).expect(&[0]);
    }));
    // A service that has forgotten is read as a whole, and asked again the next time.
    world.write("office/forgetful", "");
    assert_eq!(
        asked(&world, || _ = reconcile(&world, "2026-12-01").expect(&[0])),
        ["changes user", "read user", "changes group", "read group"]
    );
    std::fs::remove_file(world.path("office/forgetful")).unwrap();
    assert_eq!(asked(&world, || _ = reconcile(&world, "2026-12-01").expect(&[0])), CHANGES);
    // What another policy speaks of was not looked at until now, and the service does not tell of everything.
    by_hand(&world, "office", |tenant| {
        object(tenant, "aliber")["attributes"]["proxies"] = json!(["smtp:old@x.example"])
    });
    assert_eq!(asked(&world, || _ = reconcile(&world, "2026-12-02").expect(&[0])), CHANGES);
    rewrite(
        &world,
        "title = \"primary.title\"",
        "title = \"primary.title\"\nproxies = \"primary.title == '-' ? '-' : ''\"",
    );
    let calls = asked(&world, || _ = reconcile(&world, "2026-12-02").expect(&[0]));
    assert_eq!(calls, ["read user", "read group", "update aliber proxies"]);
    assert!(held(&world, "office", "aliber", "proxies").is_empty());
    assert_eq!(
        asked(&world, || _ = reconcile(&world, "2026-12-02").expect(&[0])),
        ["changes user", "read user", "changes group"]
    );
}

#[test]
fn a_service_that_cannot_tell_what_changes_is_read_as_a_whole() {
    let world = looked_at();
    world.write("office/mute", "");
    for how in ["--reconcile=whole", "--reconcile"] {
        let calls = asked(&world, || {
            let report = world.sluss(&["--json", "run", how, "--on", DAY]).expect(&[0]).json();
            assert!(report["findings"].to_string().contains("cannot tell what changed about its users"), "{report:#}");
        });
        assert_eq!(calls, WHOLE);
    }
}

/// Nothing but looking again tells whether it was done.
#[test]
fn a_stranger_is_taken_out_of_a_group_sooner_or_later() {
    let world = looked_at();
    by_hand(&world, "office", |tenant| {
        tenant["objects"]["x"] = json!({ "class": "user", "attributes": { "name": ["x"] } });
        object(tenant, "everybody")["attributes"]["member"].as_array_mut().unwrap().push(json!("x"));
    });
    world.write("office/refused", "update everybody member\n");
    for _ in 0..2 {
        reconcile(&world, DAY);
        assert_eq!(held(&world, "office", "everybody", "member").len(), 3);
    }
    std::fs::remove_file(world.path("office/refused")).unwrap();
    reconcile(&world, DAY).expect(&[0]);
    assert_eq!(held(&world, "office", "everybody", "member").len(), 2);
    // It is looked at once more, and then no longer.
    for _ in 0..2 {
        assert_eq!(asked(&world, || _ = reconcile(&world, DAY).expect(&[0])), CHANGES);
    }
}

#[test]
fn what_is_said_of_a_protected_persons_account_is_told_to_nobody() {
    let world = behind(World::ldif());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1").protected("J")]);
    world.run(DAY).expect(&[0]);
    let name = objects(&world, "office").into_keys().find(|name| name != "everybody").unwrap();
    world.write("office/unreadable", format!("{name}\n?\n"));
    let ran = reconcile(&world, DAY).expect(&[1]);
    let findings = ran.json()["findings"].to_string();
    assert!(findings.contains("what is said of it may name the person"), "{findings}");
    assert!(!findings.contains("makes no sense") && !findings.contains(&name), "{findings}");
}

#[test]
fn what_the_service_calls_gone_is_guarded_and_a_held_look_is_taken_again() {
    let world = looked_at();
    rewrite(&world, "removals        = { percent = 10, at-least = 5 }", "removals = { percent = 10, at-least = 1 }");
    reconcile(&world, DAY).expect(&[0]);
    remove(&world, "evaobe");
    remove(&world, "aliber");
    for _ in 0..2 {
        let held = reconcile(&world, NEXT).expect(&[3]).json();
        assert_eq!((&held["tripped"][0]["count"], &held["tripped"][0]["of"]), (&json!(2), &json!(2)), "{held:#}");
        assert!(!objects(&world, "office").contains_key("evaobe"));
    }
    let hash = reconcile(&world, NEXT).expect(&[3]).json()["hash"].as_str().unwrap().to_owned();
    let calls = asked(&world, || _ = world.sluss(&["apply", &hash, "--on", NEXT]).expect(&[0, 1]));
    assert_eq!(calls[..2], CHANGES);
    assert_eq!(held(&world, "office", "everybody", "member").len(), 2);
    assert_eq!(asked(&world, || _ = reconcile(&world, NEXT).expect(&[0])), CHANGES);
}

#[test]
fn what_cannot_be_read_is_not_gone() {
    let world = looked_at();
    let look = |how: &str, code: i32| world.sluss(&["--json", "run", how, "--on", NEXT]).expect(&[code]).json();
    // It says which one: that one stays as it is known to be.
    by_hand(&world, "office", |tenant| object(tenant, "aliber")["attributes"]["title"] = json!(["Kung"]));
    world.write("office/unreadable", "aliber\n");
    for how in ["--reconcile", "--reconcile=whole"] {
        let report = look(how, 1);
        assert_eq!(report["applied"], json!({}), "{report:#}");
        let findings = report["findings"].to_string();
        assert!(
            findings.contains("it cannot be compared: ") && findings.contains("aliber makes no sense"),
            "{findings}"
        );
    }
    assert_eq!(held(&world, "office", "everybody", "member").len(), 2);
    std::fs::remove_file(world.path("office/unreadable")).unwrap();
    let calls = asked(&world, || _ = look("--reconcile", 0));
    assert_eq!(calls, ["read user", "changes group", "update aliber title"]);

    // It does not say which one: then nobody can be gone.
    remove(&world, "evaobe");
    world.write("office/unreadable", "?\n");
    let report = look("--reconcile=whole", 1);
    assert!(report["findings"].to_string().contains("none counts as removed"), "{report:#}");
    assert!(!objects(&world, "office").contains_key("evaobe"), "{report:#}");
    std::fs::remove_file(world.path("office/unreadable")).unwrap();
    look("--reconcile", 0);
    assert!(objects(&world, "office").contains_key("evaobe"));
}
