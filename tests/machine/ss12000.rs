//! The school plugin in the real sandbox, over TLS, against a school system that wants a token and fails in every way.

use sluss_engine::fault::FaultKind;
use sluss_engine::record::Rest;
use sluss_engine::value::{Cell, Value};
use sluss_plugin::description::Severity;
use sluss_plugin::{Compiler, Connection, Connector, Grants, Limits, Mode, Open, Plugin, Sandbox, SandboxConfig};
use sluss_test_servers::Ss12000;
use sluss_test_servers::ss12000::people::{DUTY, PLACEMENT, crowd, group, id, organisation, person, school};
use sluss_test_servers::ss12000::{CLIENT, Mood, now};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// The plugin as it ships.
fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ss12000");
        let compiler = Compiler::new(env!("CARGO_BIN_EXE_sluss").into(), ["__compile"]);
        let sandbox = Sandbox::new(SandboxConfig { cache, compiler }).unwrap();
        sandbox.load(include_bytes!(concat!(env!("OUT_DIR"), "/ss12000.wasm"))).unwrap()
    })
}

/// A school system and a connector that reads it.
struct Read {
    server: Ss12000,
    connector: Connector,
    _folder: TempDir,
}

/// The records of a class, by their ids, with what is not absent.
type Records = BTreeMap<String, BTreeMap<String, String>>;

/// A school with these pupils beside those that are told apart, made an hour ago.
async fn open(pupils: u32, settings: &str) -> Read {
    let folder = tempfile::tempdir().unwrap();
    let mut all = school(now() - 3600);
    crowd(&mut all, pupils);
    let server = Ss12000::start(folder.path(), all).await.unwrap();
    std::fs::write(folder.path().join("secret"), format!("{}\n", CLIENT.1)).unwrap();
    let connection = format!(
        "kind = 'http'\ntimeout = 1\nca = '{}'\nurl = '{}'\n[auth.oauth2]\ntoken-url = '{}'\nclient-id = '{}'\n\
         client-secret = {{ file = 'secret' }}\nsecret-in-form = true\n",
        server.authority().display(),
        server.url(),
        server.token(),
        CLIENT.0
    );
    let mut connection: Connection = toml::from_str(&connection).unwrap();
    connection.settle_in(folder.path());
    let settings: toml::Table =
        toml::from_str(&format!("connection = 'school'\norganisation = '9999'\n{settings}")).unwrap();
    let open = Open {
        system: "school".to_owned(),
        settings: serde_json::to_value(settings).unwrap(),
        grants: Grants::from_iter([("school".to_owned(), connection)]),
        limits: Limits::default(),
        mode: Mode::Preview,
    };
    let connector = plugin().open(open).await.unwrap();
    Read { server, connector, _folder: folder }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Reference(text) => text.clone(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Real(number) => number.to_string(),
        other => panic!("{other:?} is not given"),
    }
}

fn keep(records: &mut Records, page: &sluss_engine::record::Page) {
    for row in &page.rows {
        let cells = page.columns.iter().zip(&row.cells).filter_map(|(name, cell)| match cell {
            Cell::Absent => None,
            Cell::One(value) => Some((name.clone(), text(value))),
            Cell::Many(values) => Some((name.clone(), values.iter().map(text).collect::<Vec<_>>().join(" "))),
        });
        records.insert(row.id.clone(), cells.collect());
    }
}

impl Read {
    /// Reads a class to its end: the records, or what stood against it.
    async fn all(&mut self, class: &str, max: u32) -> Result<Records, String> {
        let mut records = Records::new();
        let mut cursor = None;
        loop {
            let page = self.connector.read(class, cursor, max).await.map_err(|fault| {
                let said = format!("{fault:?}");
                for secret in ["Hemlig", "198602212394", CLIENT.1, "t0ken"] {
                    assert!(!said.contains(secret), "{secret}: {said}");
                }
                said
            })?;
            if let Some(fault) = page.faults.first() {
                return Err(format!("{fault:?}"));
            }
            keep(&mut records, &page);
            match page.rest {
                Rest::More(next) => cursor = Some(next),
                Rest::Complete => return Ok(records),
                Rest::Incomplete(fault) => return Err(format!("{fault:?}")),
            }
        }
    }

    /// What changed since a token: none where a full read is asked for. The token is moved on.
    async fn changes(&mut self, class: &str, token: &mut Vec<u8>) -> Option<(Records, Vec<String>)> {
        let (mut records, mut gone) = (Records::new(), Vec::new());
        let mut since = token.clone();
        loop {
            let batch = self.connector.changes(class, since, 100).await.unwrap()?;
            keep(&mut records, &batch.page);
            gone.extend(batch.gone);
            match batch.page.rest {
                Rest::More(next) => since = next,
                Rest::Complete => {
                    *token = batch.next;
                    return Some((records, gone));
                }
                Rest::Incomplete(fault) => panic!("{fault:?}"),
            }
        }
    }
}

fn at(person: u32, place: u32) -> String {
    format!("{}/{}", id(person), id(place))
}

#[tokio::test]
async fn the_school_that_was_made_up_is_the_one_that_is_read() {
    const PUPILS: u32 = 2_345;
    let mut read = open(PUPILS, "staff = true").await;
    let units = read.all("unit", 1000).await.unwrap();
    assert_eq!(units.len(), 5);
    assert_eq!(units[&id(organisation::UNIT)]["code"], "12345678");
    let engagements = read.all("engagement", 1000).await.unwrap();
    let asked = read.server.asked();
    let persons = read.all("person", 1000).await.unwrap();
    let groups = read.all("group", 1000).await.unwrap();
    assert!(read.server.asked().is_empty(), "a school is read once");
    assert!(asked.iter().all(|own| own.contains("limit=1000")), "{asked:?}");

    // Those that are told apart: thirteen, a placement and a duty; twelve pupils, and a teacher.
    assert_eq!(engagements.len(), 15 + PUPILS as usize);
    assert_eq!(persons.len(), 13 + PUPILS as usize);
    assert_eq!(groups.len(), 5 + PUPILS.div_ceil(30) as usize);
    for pupil in 0..PUPILS {
        let (own, class) = (10_000 + pupil, 5_000 + pupil / 30);
        let engagement = &engagements[&at(own, class)];
        let year = (pupil / 30 % 9 + 1).to_string();
        let told = ["person", "kind", "organisation", "unit", "start", "school-form", "year", "class"]
            .map(|name| &*engagement[name]);
        assert_eq!(told, [&*id(own), "placement", "1427", "12345678", "2026-08-18", "GR", &year, &id(class)]);
        assert!(!engagement.contains_key("end"));
        let person = &persons[&id(own)];
        assert_eq!(person["surname"], format!("Nummer {own}"));
        assert!(person["identity-number"].contains("TF") && person["protection"] == "none");
        assert!(groups[&id(class)]["members"].contains(&at(own, class)));
    }
    assert_eq!(persons[&id(person::ELSA)]["guardian-numbers"], "198001022386");
    assert_eq!(persons[&id(person::INVALID)]["identity-number"], "200112240123");
    for (own, protection) in
        [(person::MARKED, "secrecy-marking"), (person::HIDDEN, "protected-registration"), (person::UNMARKED, "unknown")]
    {
        let told = &persons[&id(own)];
        assert_eq!((&*told["protection"], &*told["protected"]), (protection, "true"));
    }
    assert_eq!(persons[&id(person::DEAD)]["deregistration"], "death");
    assert_eq!(engagements[&at(person::ELSA, group::CLASS_4A)]["end"], "2027-06-11");
    assert_eq!(engagements[&id(PLACEMENT)]["class-name"], "Myran");
    assert_eq!(engagements[&id(DUTY)]["kind"], "employment");
    assert_eq!(groups[&id(group::ANTS)]["members"], id(PLACEMENT));
}

#[tokio::test]
async fn nothing_that_goes_wrong_makes_a_whole_read() {
    let mut read = open(40, "page-size = 3").await;
    let whole = read.all("engagement", 1000).await.unwrap();
    for (mood, words) in [
        (Mood::Cut, "was lost"),
        (Mood::CutBody, "was lost"),
        (Mood::Slow(Duration::from_secs(3)), "in time"),
        (Mood::Half, "cut off"),
        (Mood::Malformed, "not JSON"),
        (Mood::WrongShape, "not of the shape"),
        (Mood::Nested, "nested too deeply"),
        (Mood::Status(400, None), "page token"),
        (Mood::Status(403, None), "may not be read"),
        (Mood::Status(404, None), "no such collection"),
        (Mood::Status(410, None), "page token"),
        (Mood::Status(429, Some(7)), "too often"),
        (Mood::Status(500, None), "out of order"),
        (Mood::Status(503, Some(7)), "overloaded"),
        (Mood::SameToken, "again"),
        (Mood::SamePage, "again"),
        (Mood::RefusesToken, "page token"),
    ] {
        for path in ["/persons", "/groups"] {
            // The first page is well, and what comes behind it is not.
            read.server.at(path, [Mood::Well, mood.clone(), mood.clone()]);
            let said = read.all("engagement", 1000).await;
            let said = said.expect_err(&format!("{mood:?} at {path}"));
            assert!(said.contains(words), "{mood:?} at {path}: {said}");
            assert!(!matches!(mood, Mood::Status(429 | 503, _)) || said.contains("7000"), "{said}");
            read.server.asked();
        }
    }
    assert_eq!(read.all("engagement", 1000).await.unwrap(), whole, "and then it is whole again");
}

#[tokio::test]
async fn a_token_that_ended_is_fetched_anew_and_a_wrong_secret_is_told() {
    let mut read = open(40, "page-size = 3").await;
    read.server.at("/persons", [Mood::Well, Mood::ForgetTokens]);
    assert!(read.all("person", 1000).await.is_ok());
    read.server.at("/groups", [Mood::ForgetTokens, Mood::ForgetTokens]);
    let said = read.all("person", 1000).await.unwrap_err();
    assert!(said.contains("who we are") && said.contains("Auth"), "{said}");
}

#[tokio::test]
async fn a_cursor_of_another_is_refused() {
    let mut read = open(40, "page-size = 20").await;
    for cursor in [vec![7; 8], b"{}".to_vec(), Vec::new()] {
        let fault = read.connector.read("person", Some(cursor), 10).await.unwrap_err();
        assert!(fault.kind == FaultKind::Invalid && fault.message.contains("not one of this plugin"), "{fault:?}");
    }
    assert!(read.all("person", 10).await.is_ok());
}

#[tokio::test]
async fn what_changes_between_two_reads_is_told() {
    let mut read = open(100, "guardians = false").await;
    let mut tokens = BTreeMap::new();
    let mut known = BTreeMap::new();
    for class in ["unit", "person", "engagement"] {
        tokens.insert(class, read.connector.latest(class).await.unwrap());
        known.insert(class, read.all(class, 1000).await.unwrap());
    }
    for class in ["unit", "person", "engagement"] {
        let told = read.changes(class, tokens.get_mut(class).unwrap()).await.unwrap();
        assert_eq!(told, (Records::new(), Vec::new()), "{class}");
    }
    read.server.change(|school| {
        school.delete("persons", &id(10_001));
        school.change("persons", &id(10_002), |own| own["securityMarking"] = "Sekretessmarkering".into());
        school.change("persons", &id(10_003), |own| own["enrolments"][0]["cancelled"] = true.into());
    });
    for class in ["person", "engagement"] {
        let own = known.get_mut(class).unwrap();
        let (records, gone) = read.changes(class, tokens.get_mut(class).unwrap()).await.unwrap();
        gone.iter().for_each(|id| drop(own.remove(id)));
        own.extend(records);
        assert_eq!(*own, read.all(class, 1000).await.unwrap(), "{class}");
    }
    assert!(!known["person"].contains_key(&id(10_001)) && known["person"][&id(10_002)]["protected"] == "true");
    assert!(!known["engagement"].contains_key(&at(10_003, 5_000)));
    read.server.change(|school| school.delete("groups", &id(5_001)));
    assert!(
        read.changes("engagement", tokens.get_mut("engagement").unwrap()).await.is_none(),
        "a full read is asked for"
    );
    read.server.at("/groups", [Mood::Status(503, None)]);
    assert!(read.connector.changes("person", tokens["person"].clone(), 100).await.is_err());
    assert!(read.connector.changes("person", b"x".to_vec(), 100).await.unwrap().is_none());
}

#[tokio::test]
async fn a_check_tells_by_name_what_may_not_be_read() {
    let mut read = open(0, "").await;
    let found = read.connector.check().await.unwrap();
    assert!(found.iter().all(|found| found.severity == Severity::Info) && found.len() == 6, "{found:?}");
    read.server.close("/groups");
    read.server.close("/deletedEntities");
    let found = read.connector.check().await.unwrap();
    let of = |name: &str| found.iter().find(|found| found.name == name).unwrap();
    assert!(
        of("collection groups").severity == Severity::Failure && of("collection groups").message.contains("/groups")
    );
    assert!(of("changes").severity == Severity::Warning, "{found:?}");
    assert!(of("service").severity == Severity::Info && of("collection persons").severity == Severity::Info);
    read.server.at("/organisations", [Mood::ForgetTokens, Mood::ForgetTokens]);
    let found = read.connector.check().await.unwrap();
    assert!(found.len() == 1 && found[0].message.contains("who we are"), "{found:?}");
    read.server.at("/organisations", [Mood::Cut]);
    assert!(read.connector.check().await.unwrap()[0].message.contains("was lost"));
}
