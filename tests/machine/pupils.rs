//! A whole run over a school system: pupils get accounts, later runs ask only for what changed, and a year goes by.

use crate::world::{HEROMA, World, block};
use sluss_test_servers::Ss12000;
use sluss_test_servers::ss12000::people::{crowd, id, person, school};
use sluss_test_servers::ss12000::{CLIENT, Mood, now};
use std::path::Path;

const PUPILS: u32 = 60;

/// A world whose one source is this school system.
fn world(server: &Ss12000) -> World {
    let world = World::ldif();
    world.write("school-secret", format!("{}\n", CLIENT.1));
    let source = format!(
        "[connection.school]\nkind = \"http\"\ntimeout = 2\nca = \"{}\"\nurl = \"{}\"\n\n[connection.school.auth.oauth2]\n\
         token-url = \"{}\"\nclient-id = \"{}\"\nclient-secret = {{ file = \"school-secret\" }}\nsecret-in-form = true\n\n\
         [system.school]\nrole = \"source\"\nplugin = \"ss12000\"\ngrant = [\"school\"]\n\n\
         [system.school.settings]\nconnection = \"school\"\norganisation = \"1427\"\n",
        server.authority().display(),
        server.url(),
        server.token(),
        CLIENT.0
    );
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace(HEROMA, &source));
    world
}

async fn started(folder: &Path) -> Ss12000 {
    let mut all = school(now() - 3600);
    crowd(&mut all, PUPILS);
    Ss12000::start(folder, all).await.unwrap()
}

fn accounts(world: &World) -> usize {
    world.ldif_text().matches("dn: uid=").count()
}

#[test]
fn pupils_come_change_and_go_and_only_what_changed_is_read() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = started(folder.path()).await;
        let world = world(&server);
        world.run("2026-11-23").expect(&[0, 1]);
        let made = accounts(&world);
        assert!(made > PUPILS as usize, "{made}: {}", world.ldif_text());
        server.asked();

        let second = world.run("2026-11-23").expect(&[0, 1]).json();
        assert_eq!(second["decided"], 0, "{second:#}");
        let asked = server.asked();
        assert!(asked.iter().any(|question| question.contains("meta.modified.after")), "{asked:?}");

        // Somebody is called otherwise, and somebody leaves.
        server.change(|school| {
            school.change("persons", &id(10_001), |record| record["familyName"] = "Nygift".into());
            school.delete("persons", &id(10_002));
        });
        let third = world.run("2026-11-24").expect(&[0, 1]).json();
        let text = world.ldif_text();
        assert!(text.contains("sn: Nygift"), "{text}");
        assert_eq!(text.matches("pwdAccountLockedTime").count(), 1, "{third:#}");
        assert_eq!(accounts(&world), made);
        assert!(third["decided"].as_u64().unwrap() <= 4, "{third:#}");
    });
}

#[test]
fn a_class_moves_up_and_everybody_keeps_their_account() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = started(folder.path()).await;
        let world = world(&server);
        world.run("2026-11-23").expect(&[0, 1]);
        let names = |world: &World| {
            let text = world.ldif_text();
            let mut names: Vec<String> =
                text.lines().filter(|line| line.starts_with("dn: uid=")).map(str::to_owned).collect();
            names.sort();
            names
        };
        let before = names(&world);
        // In August the class has another name and another year.
        server.change(|school| {
            school.change("groups", &id(5_000), |record| record["displayName"] = "2X".into());
            for pupil in 10_000..10_030 {
                school.change("persons", &id(pupil), |record| record["enrolments"][0]["schoolYear"] = 2.into());
            }
        });
        world.run("2027-08-18").expect(&[0, 1, 3]);
        assert_eq!(names(&world), before);
    });
}

#[test]
fn a_school_system_that_fails_takes_nobody_away() {
    block(async {
        let folder = tempfile::tempdir().unwrap();
        let server = started(folder.path()).await;
        let world = world(&server);
        world.run("2026-11-23").expect(&[0, 1]);
        let before = world.ldif_text();
        for mood in [Mood::Cut, Mood::Status(500, None), Mood::Status(503, None), Mood::Malformed] {
            server.at("/persons", std::iter::repeat_n(mood.clone(), 20));
            world.run("2026-11-23").expect(&[1, 5]);
            assert_eq!(world.ldif_text(), before, "{mood:?}");
            server.asked();
        }
        server.change(|school| school.delete("persons", &id(person::ELSA)));
        world.run("2026-11-23").expect(&[0, 1]);
        assert_ne!(world.ldif_text(), before, "it goes on where it was");
    });
}
