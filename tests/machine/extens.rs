//! Extens's plugin in the real sandbox, over TLS, against an export service that fails in every way.

use crate::school::{Opening, Read, all, column, failed, open, texts};
use sluss_engine::record::Rest;
use sluss_plugin::{Connector, Plugin};
use sluss_test_servers::Extens;
use sluss_test_servers::extens::{API_KEY, CUSTOMER, class_id, export, person_id, unit_code};
use sluss_test_servers::school::{Mood, School, unit_name};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// The plugin as it ships.
fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| crate::school::plugin("extens", include_bytes!(concat!(env!("OUT_DIR"), "/extens.wasm"))))
}

struct Asked {
    extens: Extens,
    connector: Connector,
    folder: TempDir,
}

const COMMON: &str = "organisation = '1484'\nschool-year = { start = '2026-08-18', end = '2027-06-11' }\n";

async fn asked(school: School, timeout: u64, more: &str) -> Asked {
    let folder = tempfile::tempdir().unwrap();
    let extens = Extens::start(folder.path(), school).await.unwrap();
    std::fs::write(folder.path().join("key"), API_KEY).unwrap();
    let connection = format!(
        "kind = 'http'\nread-methods = ['GET', 'POST']\ntimeout = {timeout}\nca = '{}'\nurl = '{}'\nsecret-query = {{ apiKey = {{ file = 'key' }} }}\n",
        extens.authority().display(),
        extens.url()
    );
    let settings = format!("interface = 'job'\nconnection = 'school'\ncustomer = '{CUSTOMER}'\n{COMMON}{more}");
    let opening = Opening { plugin: plugin(), system: "extens", connection, settings, folder: folder.path() };
    let connector = open(opening).await;
    Asked { extens, connector, folder }
}

impl Asked {
    async fn read(&mut self, class: &str) -> Read {
        all(&mut self.connector, class, 50).await
    }
}

async fn file(folder: &TempDir, more: &str) -> Connector {
    let settings = format!("interface = 'file'\nfolder = 'school'\n{COMMON}{more}");
    let connection = "kind = 'files'\npath = '.'\n".to_owned();
    open(Opening { plugin: plugin(), system: "extens", connection, settings, folder: folder.path() }).await
}

/// Whether a read equals what was made up.
fn is_all(school: &School, persons: &Read, engagements: &Read) {
    let by_id: BTreeMap<&str, usize> = persons.rows.iter().enumerate().map(|(at, row)| (row.id.as_str(), at)).collect();
    assert_eq!(
        (by_id.len(), persons.rows.len(), engagements.rows.len()),
        (school.pupils, school.pupils, school.pupils)
    );
    let engaged: BTreeMap<&str, usize> =
        engagements.rows.iter().enumerate().map(|(at, row)| (row.id.as_str(), at)).collect();
    for pupil in (0..school.pupils).map(|at| school.pupil(at)) {
        let own = person_id(pupil.at);
        let row = &persons.rows[by_id[own.as_str()]];
        assert_eq!(texts(persons, row, "identity-number"), [pupil.number.as_str()]);
        assert_eq!(texts(persons, row, "first-names"), [pupil.given.as_str()]);
        assert_eq!(texts(persons, row, "surname"), [pupil.surname.as_str()]);
        let (mut guardians, mut told) = (pupil.guardians.clone(), texts(persons, row, "guardian-numbers"));
        guardians.sort();
        told.sort();
        assert_eq!(told, guardians);
        let place = pupil.class.map_or(unit_code(pupil.unit), |class| class_id(pupil.unit, class));
        let engagement = &engagements.rows[engaged[format!("{own}/{place}").as_str()]];
        assert_eq!(texts(engagements, engagement, "unit"), [unit_code(pupil.unit)]);
        assert_eq!(texts(engagements, engagement, "unit-name"), [unit_name(pupil.unit)]);
        assert_eq!(texts(engagements, engagement, "start"), ["2026-08-18"]);
        assert_eq!(texts(engagements, engagement, "year"), [pupil.class.unwrap_or(9).to_string()]);
    }
}

#[tokio::test]
async fn everything_that_was_made_up_is_read_by_job_and_from_a_file() {
    let school = School::small();
    let mut asked = asked(school.clone(), 5, "").await;
    for encoding in ["utf-8", "iso-8859-1"] {
        asked.extens.writes(encoding);
        asked.extens.waits(2);
        let persons = asked.read("person").await.whole();
        is_all(&school, &persons, &asked.read("engagement").await.whole());
        assert_eq!(column(&persons, "protected"), None);
        let groups = asked.read("group").await.whole();
        assert_eq!(groups.rows.len(), school.units * (school.classes + 1));
        assert_eq!(asked.read("unit").await.whole().rows.len(), school.units);
        let seen = asked.extens.seen();
        assert_eq!((seen.started, seen.asked, seen.downloaded), (1, 3, 1), "one state for all classes");
    }
    std::fs::write(asked.folder.path().join("ist_20261121.xml"), "<enterprise/>").unwrap();
    std::thread::sleep(Duration::from_millis(20));
    std::fs::write(asked.folder.path().join("ist_20261122.xml"), export(&school)).unwrap();
    let mut file = file(&asked.folder, "").await;
    let persons = all(&mut file, "person", 50).await.whole();
    is_all(&school, &persons, &all(&mut file, "engagement", 50).await.whole());
    let version = file.version("person").await.unwrap();
    assert!(version.is_some() && version == file.version("unit").await.unwrap());
}

#[tokio::test]
async fn no_fault_lets_anybody_be_gone() {
    let mut asked = asked(School::small(), 5, "").await;
    for mood in [
        Mood::Cut,
        Mood::Torn,
        Mood::Slow(Duration::from_secs(8)),
        Mood::Status(500, None),
        Mood::Status(429, Some(1)),
        Mood::Status(403, None),
        Mood::Malformed,
        Mood::Half,
        Mood::Bomb,
        Mood::External,
        Mood::Nested,
        Mood::Enormous,
    ] {
        // The start, the question how far it is, the download.
        asked.extens.next([Mood::Well, Mood::Well, mood.clone()]);
        failed(&asked.read("person").await, &format!("{mood:?}"));
        assert_eq!(asked.extens.seen().downloaded, 1, "{mood:?}");
    }
    for mood in [Mood::Cut, Mood::Status(500, None), Mood::Status(401, None), Mood::Half] {
        asked.extens.next([mood.clone()]);
        failed(&asked.read("person").await, &format!("{mood:?}"));
        asked.extens.seen();
    }
    asked.extens.next([Mood::Well, Mood::Well, Mood::Empty]);
    assert!(matches!(asked.read("person").await.end, Ok(Rest::Incomplete(_))));
    assert_eq!(asked.read("person").await.whole().rows.len(), 60, "and then all is well again");
}

#[tokio::test]
async fn an_export_that_is_not_ready_is_waited_for_and_then_given_up() {
    let mut slow = asked(School::small(), 5, "seconds = 1\n").await;
    slow.extens.waits(5);
    // Some of the answers about it are lost.
    slow.extens.next([Mood::Well, Mood::Cut, Mood::Status(503, None), Mood::Well]);
    let read = slow.read("person").await;
    assert!(read.pages > 4, "{} pages", read.pages);
    assert_eq!(read.whole().rows.len(), 60);
    let mut never = asked(School::small(), 5, "seconds = 20\ndeadline = 1\n").await;
    never.extens.waits(usize::MAX);
    let read = never.read("person").await;
    failed(&read, "never ready");
    assert!(read.end.unwrap_err().message.contains("after 1 minutes"));
    assert!(never.extens.seen().downloaded == 0);
}

#[tokio::test]
async fn a_city_fits_in_the_plugins_memory() {
    let school = School { units: 200, classes: 20, pupils: 100_000 };
    let mut asked = asked(school.clone(), 300, "addresses = true\n").await;
    let groups = school.units * (school.classes + 1);
    for (class, count) in [("person", school.pupils), ("engagement", school.pupils), ("group", groups)] {
        assert_eq!(all(&mut asked.connector, class, 2000).await.whole().rows.len(), count, "{class}");
    }
}

#[tokio::test]
async fn a_check_says_whether_it_answers() {
    let mut asked = asked(School::small(), 5, "").await;
    let found = asked.connector.check().await.unwrap();
    assert!(found[0].message.contains("It answers"), "{found:?}");
    asked.extens.next([Mood::Status(401, None)]);
    assert!(asked.connector.check().await.unwrap()[0].message.contains("who we are"));
    assert_eq!(asked.extens.seen().started, 0);
}
