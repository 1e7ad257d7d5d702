//! Procapita's plugin in the real sandbox, over TLS, against a service that accepts only right questions and fails in every
//! way.

use crate::school::{Opening, Read, all, column, failed, open, texts};
use sluss_engine::fault::FaultKind;
use sluss_engine::record::Rest;
use sluss_plugin::{Connector, Plugin};
use sluss_test_servers::Procapita;
use sluss_test_servers::procapita::{DOMAIN, Seen, group_of, unit_id};
use sluss_test_servers::school::{Mood, Pupil, School, unit_name};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// The plugin as it ships.
fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN
        .get_or_init(|| crate::school::plugin("procapita", include_bytes!(concat!(env!("OUT_DIR"), "/procapita.wasm"))))
}

struct Asked {
    procapita: Procapita,
    connector: Connector,
    _folder: TempDir,
}

async fn asked(school: School, more: &str) -> Asked {
    let folder = tempfile::tempdir().unwrap();
    let procapita = Procapita::start(folder.path(), school).await.unwrap();
    let connection = format!(
        "kind = 'http'\nread-methods = ['GET', 'POST']\ntimeout = 5\nca = '{}'\nurl = '{}'\n",
        procapita.authority().display(),
        procapita.url()
    );
    let settings =
        format!("interface = 'ims'\norganisation = '1430'\nconnection = 'school'\ndomain = '{DOMAIN}'\n{more}");
    let opening = Opening { plugin: plugin(), system: "procapita", connection, settings, folder: folder.path() };
    let connector = open(opening).await;
    Asked { procapita, connector, _folder: folder }
}

impl Asked {
    async fn read(&mut self, class: &str) -> Read {
        all(&mut self.connector, class, 50).await
    }
}

/// What a pupil's engagement is called, without the person.
fn place(pupil: &Pupil) -> String {
    match pupil.class {
        Some(_) => group_of(pupil),
        None => unit_id(pupil.unit),
    }
}

#[tokio::test]
async fn everything_that_was_made_up_is_read() {
    let school = School::small();
    let mut asked = asked(school.clone(), "addresses = true\n").await;
    let persons = asked.read("person").await.whole();
    let by_number: BTreeMap<String, usize> = persons
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| (texts(&persons, row, "identity-number").remove(0), at))
        .collect();
    assert_eq!((persons.rows.len(), by_number.len()), (school.pupils, school.pupils));
    let engagements = asked.read("engagement").await.whole();
    assert_eq!(engagements.rows.len(), school.pupils);
    for pupil in (0..school.pupils).map(|at| school.pupil(at)) {
        let row = &persons.rows[by_number[&pupil.number]];
        assert_eq!(texts(&persons, row, "first-names"), [pupil.given.as_str()]);
        assert_eq!(texts(&persons, row, "surname"), [pupil.surname.as_str()]);
        assert_eq!(texts(&persons, row, "street"), ["Testgatan 1"]);
        let (mut guardians, mut told) = (pupil.guardians.clone(), texts(&persons, row, "guardian-numbers"));
        guardians.sort();
        told.sort();
        assert_eq!(told, guardians);
        assert!(!row.id.contains(&pupil.number), "an id tells nobody's number");
        let id = format!("{}/{}", row.id, place(&pupil));
        let engagement = engagements.rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!(texts(&engagements, engagement, "person"), [row.id.as_str()]);
        assert_eq!(texts(&engagements, engagement, "unit"), [format!("E{}", pupil.unit)]);
        assert_eq!(texts(&engagements, engagement, "unit-name"), [unit_name(pupil.unit)]);
        assert_eq!(texts(&engagements, engagement, "start"), ["2026-08-18"]);
        assert_eq!(texts(&engagements, engagement, "end"), ["2027-06-11"]);
        let year: Vec<String> = pupil.class.iter().map(usize::to_string).collect();
        assert_eq!(texts(&engagements, engagement, "year"), year);
    }
    assert_eq!(column(&persons, "protected"), None);
    let groups = asked.read("group").await.whole();
    assert_eq!(groups.rows.len(), school.units * (school.classes + 1));
    let members: usize =
        groups.rows.iter().filter(|row| !row.id.contains("MA")).map(|row| texts(&groups, row, "members").len()).sum();
    assert_eq!(members, (0..school.pupils).filter(|at| school.pupil(*at).class.is_some()).count());
    assert_eq!(asked.read("unit").await.whole().rows.len(), school.units);
    let Seen { questions, days } = asked.procapita.seen();
    assert_eq!(questions.len(), 1 + 2 * school.units, "one state for all classes: {questions:?}");
    assert!(days.iter().all(|day| *day == days[0]));
}

#[tokio::test]
async fn staff_and_protection_are_given_as_the_settings_say() {
    let mut asked = asked(School::small(), "staff = true\nunmarked-is-unprotected = true\n").await;
    let engagements = asked.read("engagement").await.whole();
    let staff: Vec<_> =
        engagements.rows.iter().filter(|row| texts(&engagements, row, "kind") == ["employment"]).collect();
    assert_eq!(staff.len(), 3, "one for each unit");
    let persons = asked.read("person").await.whole();
    assert_eq!(persons.rows.len(), 61);
    assert!(persons.rows.iter().all(|row| texts(&persons, row, "protected") == ["Boolean(false)"]));
}

#[tokio::test]
async fn no_fault_of_one_unit_lets_anybody_be_gone() {
    let mut asked = asked(School::small(), "").await;
    assert_eq!(asked.read("person").await.whole().rows.len(), 60);
    for (mood, words) in [
        (Mood::Cut, "was lost"),
        (Mood::Torn, "was lost"),
        (Mood::Slow(Duration::from_secs(8)), "in time"),
        (Mood::Status(500, None), "500"),
        (Mood::Status(503, None), "503"),
        (Mood::Status(401, None), "who we are"),
        (Mood::Status(404, None), "no such service"),
        (Mood::Status(429, Some(7)), "too often"),
        (Mood::Fails, "could not answer"),
        (Mood::Malformed, "damaged"),
        (Mood::Half, "cut off"),
        (Mood::Bomb, "document type"),
        (Mood::External, "document type"),
        (Mood::Nested, "nested too deeply"),
        (Mood::Enormous, "far too long"),
        (Mood::Repeats, "the same answer"),
    ] {
        // The list, a name and an answer, another name, and the answer that it is about.
        asked.procapita.next([Mood::Well, Mood::Well, Mood::Well, Mood::Well, mood.clone()]);
        let read = asked.read("person").await;
        let Ok(Rest::Incomplete(fault)) = &read.end else { panic!("{mood:?}: {:?}", read.end) };
        assert!(fault.message.contains("Unit 2 of 3"), "{mood:?}: {fault:?}");
        // What a status has beside itself says nothing of the service's state.
        let words = if mood == Mood::Status(500, None) { "cannot be used" } else { words };
        assert!(fault.message.contains(words), "{mood:?}: {fault:?}");
        assert!(!fault.message.contains("Hemlig") && read.rows.len() >= 20, "{mood:?}: {}", read.rows.len());
        asked.procapita.seen();
    }
    for mood in [Mood::Cut, Mood::Half, Mood::Bomb, Mood::Status(403, None), Mood::Fails] {
        asked.procapita.next([mood.clone()]);
        failed(&asked.read("person").await, &format!("{mood:?}"));
        asked.procapita.seen();
    }
    asked.procapita.next([Mood::Empty]);
    assert!(matches!(asked.read("person").await.end, Ok(Rest::Incomplete(_))));
    assert_eq!(asked.read("person").await.whole().rows.len(), 60, "and then all is well again");
}

#[tokio::test]
async fn what_changed_is_told_since_the_last_read() {
    let mut asked = asked(School::small(), "").await;
    let token = asked.connector.latest("engagement").await.unwrap();
    let before = asked.read("engagement").await.whole();
    let none = asked.connector.changes("engagement", token.clone(), 100).await.unwrap().unwrap();
    assert!(none.page.rows.is_empty() && none.gone.is_empty() && none.page.rest == Rest::Complete);
    asked.procapita.leaves(3);
    asked.procapita.seen();
    let told = asked.connector.changes("engagement", token.clone(), 100).await.unwrap().unwrap();
    let after = asked.read("engagement").await.whole();
    let left: Vec<&String> =
        before.rows.iter().map(|row| &row.id).filter(|id| !after.rows.iter().any(|row| row.id == **id)).collect();
    assert!(left.len() == 1 && told.gone.contains(left[0]), "{left:?} {:?}", told.gone);
    assert!(!told.gone.iter().any(|id| after.rows.iter().any(|row| row.id == *id)));
    assert_eq!(told.page.rows.len(), 19, "the other pupils of that unit");
    assert_eq!(asked.procapita.seen().questions.iter().filter(|name| *name == "extReadBatch").count(), 1 + 3);
    assert!(asked.connector.changes("person", token, 100).await.unwrap().is_none());
    assert!(asked.connector.changes("engagement", b"since:2001-01-01".to_vec(), 100).await.unwrap().is_none());
}

#[tokio::test]
async fn a_check_tells_of_the_service_and_its_database() {
    let mut asked = asked(School::small(), "").await;
    let found = asked.connector.check().await.unwrap();
    assert!(found[0].message.contains("in order") && found[1].message.starts_with("3 units"), "{found:?}");
    asked.procapita.is_well(false);
    let found = asked.connector.check().await.unwrap();
    assert!(found[0].message.contains("out of order"), "{found:?}");
    asked.procapita.next([Mood::Status(401, None)]);
    assert!(asked.connector.check().await.unwrap()[0].message.contains("who we are"));
    let fault = asked.connector.read("room", None, 1).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unsupported);
}

#[tokio::test]
async fn a_city_fits_in_the_plugins_memory() {
    let school = School { units: 200, classes: 20, pupils: 100_000 };
    let mut asked = asked(school.clone(), "addresses = true\nseconds = 300\n").await;
    for (class, count) in [("person", school.pupils), ("engagement", school.pupils)] {
        assert_eq!(all(&mut asked.connector, class, 2000).await.whole().rows.len(), count, "{class}");
    }
}
