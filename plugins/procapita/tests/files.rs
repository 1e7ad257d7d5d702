//! The files of the Skolplatsen set, as the plugin reads them.

#![allow(clippy::unwrap_used)]

use sluss_plugin_procapita::{Procapita, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Changes, Connector, ErrorKind, Page, Rest, Row, Severity, Source, Value};

const PUPILS: &str = "elevid;enhetid;skolform;enhetstart;enhetslut;klass;akelev;förnamn;efternamn;personnr;adress;coadress;\
postnr;ort;hemkommun;program;inriktning;yrkesutgang;sarskola;vh1pnr;vh2pnr\r\n";
const UNITS: &str = "enhetid;enhnamn;enhort;enhskolenhetskod\r\nE1;Skola A;KUNGSHAMN;12345678\r\n";
const GROUPS: &str = "GruppId;Kurskod;Gruppnamn;Enhetid;Skolform;Startdatum;Slutdatum;Grupptyp;Årskurs\r\nG1;MA;Matematik;E1;GR;2026-08-18;;X;4\r\n";
const MEMBERS: &str = "Elevid;Gruppid;Startdatum;Slutdatum;Enhetid\r\n";
const EMPLOYEES: &str = "PersonalId;Personnummer;Förnamn;Efternamn;Epost;Roll;Enhetid;Startdatum;Slutdatum\r\nP1;19800102-2386;Lena;Lärare;l@x.se;Lärare;E1;2020-01-01;\r\n";
const ELEV: &str = "1001;E1;GR;2026-08-18;2027-06-11;4A;4;Elev;Exempelsson;20150101-2395;Testgatan 1;;45634;KUNGSHAMN;1427;;;;N;198001022386;\r\n";
const OTHER: &str = "1002;E1;FSK;20260818;;;;Örjan;Öberg;20150101TF01;;;;;1427;;;;N;;\r\n";

fn memory(pupils: &str, members: &str) -> Memory {
    let memory = Memory::default();
    memory.put("ElevData.csv", format!("\u{feff}{PUPILS}{pupils}"));
    memory.put("EnhetData.csv", UNITS);
    memory.put("GruppData.csv", GROUPS);
    memory.put("ElevGruppData.csv", format!("{MEMBERS}{members}"));
    memory.put("PersonalData.csv", EMPLOYEES);
    memory
}

fn procapita(memory: &Memory, more: &[(&str, serde_json::Value)]) -> Procapita {
    let mut settings = serde_json::json!({"interface": "csv", "folder": "x", "organisation": "1430"});
    more.iter().for_each(|(name, value)| settings[*name] = value.clone());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Procapita::from_folder(Folder::in_memory(memory), &settings).unwrap()
}

fn read(procapita: &mut Procapita, class: &str) -> Page {
    procapita.read(class, None, 1000).unwrap()
}

fn cell<'p>(page: &'p Page, row: &'p Row, name: &str) -> &'p Cell {
    &row.cells[page.columns.iter().position(|own| own == name).unwrap()]
}

fn ids(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn pupils_units_classes_and_groups_are_read() {
    let memory = memory(&format!("{ELEV}{OTHER}"), "1001;G1;2026-08-18;;E1\r\n1002;G1;2026-09-01;;E1\r\n");
    let mut procapita = procapita(&memory, &[("addresses", true.into())]);
    let persons = read(&mut procapita, "person");
    assert_eq!((ids(&persons), &persons.rest), (vec!["1001", "1002"], &Rest::Complete));
    assert_eq!(cell(&persons, &persons.rows[0], "identity-number"), &"201501012395".into());
    assert_eq!(cell(&persons, &persons.rows[0], "guardian-numbers"), &Cell::many(["198001022386"]));
    assert_eq!(cell(&persons, &persons.rows[0], "street"), &"Testgatan 1".into());
    assert_eq!(cell(&persons, &persons.rows[1], "first-names"), &"Örjan".into());
    assert!(!persons.columns.contains(&"protected".to_owned()));
    let engagements = read(&mut procapita, "engagement");
    assert_eq!(ids(&engagements), ["1001/E1/4A", "1002/E1"]);
    let of = |name: &str| cell(&engagements, &engagements.rows[0], name).clone();
    assert_eq!((of("class"), of("class-name"), of("year")), ("E1/4A".into(), "4A".into(), "4".into()));
    assert_eq!((of("unit-name"), of("school-form"), of("kind")), ("Skola A".into(), "GR".into(), "placement".into()));
    let groups = read(&mut procapita, "group");
    assert_eq!(ids(&groups), ["G1", "E1/4A"]);
    let members = ["1001/E1/4A", "1002/E1"].map(|id| Value::Reference(id.to_owned()));
    assert_eq!(cell(&groups, &groups.rows[0], "members"), &Cell::Many(members.to_vec()));
    let units = read(&mut procapita, "unit");
    assert_eq!(cell(&units, &units.rows[0], "procapita:school-unit-code"), &"12345678".into());
}

#[test]
fn made_up_files_are_read_whole() {
    let pupils = sluss_people::Pupils::beside(&sluss_people::Population::new(1, 300), 1_040);
    let memory = Memory::default();
    for (name, bytes) in sluss_people::PROCAPITA_FILES.into_iter().zip(pupils.procapita()) {
        memory.put(name.rsplit('/').next().unwrap(), bytes);
    }
    let mut procapita = procapita(&memory, &[]);
    let known = pupils.of(sluss_people::System::Procapita);
    for (class, count) in [("person", known.len()), ("engagement", known.len()), ("group", 68), ("unit", 4)] {
        let page = read(&mut procapita, class);
        assert_eq!((page.rows.len(), &page.faults[..], &page.rest), (count, &[][..], &Rest::Complete), "{class}");
    }
    let persons = read(&mut procapita, "person");
    for (row, pupil) in persons.rows.iter().zip(&known) {
        assert_eq!(cell(&persons, row, "identity-number"), &pupil.identity.to_string().into());
        assert_eq!(cell(&persons, row, "surname"), &pupil.family.as_str().into());
    }
}

#[test]
fn staff_is_read_where_it_is_wanted() {
    let memory = memory(ELEV, "");
    let mut procapita = procapita(&memory, &[("staff", true.into()), ("unmarked-is-unprotected", true.into())]);
    let engagements = read(&mut procapita, "engagement");
    assert_eq!(ids(&engagements), ["1001/E1/4A", "P1/E1/staff"]);
    assert_eq!(cell(&engagements, &engagements.rows[1], "title"), &"Lärare".into());
    let persons = read(&mut procapita, "person");
    assert!(
        persons.rows.len() == 2 && persons.rows.iter().all(|row| cell(&persons, row, "protected") == &false.into())
    );
    assert!(procapita.check().unwrap().iter().all(|result| result.name != "protection"));
}

#[test]
fn one_bad_line_spoils_no_other() {
    let memory = memory(&format!("{}{OTHER}", ELEV.replace("2026-08-18", "18 augusti")), "1009;G1;2026-08-18;;E1\r\n");
    let mut procapita = procapita(&memory, &[]);
    let engagements = read(&mut procapita, "engagement");
    assert_eq!((ids(&engagements), &engagements.rest), (vec!["1002/E1"], &Rest::Complete));
    let faults: Vec<_> = engagements.faults.iter().map(|fault| fault.object.as_deref().unwrap()).collect();
    assert_eq!(faults, ["1009/G1", "1001/E1/4A"]);
    let place = engagements.faults[1].place.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("ElevData.csv", Some(2), Some(12)));
    assert_eq!(ids(&read(&mut procapita, "person")), ["1001", "1002"], "who it is, is known all the same");
    let groups = read(&mut procapita, "group");
    assert_eq!((groups.rows.len(), groups.faults.len()), (0, 2), "of neither group all members are known");
    let checked = procapita.check().unwrap();
    assert!(
        checked.iter().any(|result| result.severity == Severity::Warning && result.message.contains("1 of 2 lines"))
    );
    assert!(checked.iter().all(|result| !result.message.contains("2395")));
}

#[test]
fn what_is_not_whole_takes_nobody_away() {
    let whole = format!("{ELEV}{OTHER}");
    for pupils in [&whole[..whole.len() - 9], "", &format!("{ELEV}1002;E1\r\n")] {
        let memory = memory(pupils, "");
        let page = read(&mut procapita(&memory, &[]), "person");
        let is_whole = page.rest == Rest::Complete && page.faults.iter().all(|fault| fault.object.is_some());
        assert!(!is_whole, "{pupils}: {page:?}");
    }
    let memory = memory(&whole, "");
    memory.put("ElevData.csv", PUPILS.replace("klass", "class") + &whole);
    let error = procapita(&memory, &[]).read("person", None, 10).unwrap_err();
    assert!(error.kind == ErrorKind::Config && error.message.contains("klass"), "{error:?}");
    memory.put("ElevData.csv", "");
    assert!(matches!(read(&mut procapita(&memory, &[]), "unit").rest, Rest::Incomplete(_)));
    let mut other = procapita(&memory, &[("pupils", "other.csv".into())]);
    assert_eq!(other.read("person", None, 10).unwrap_err().kind, ErrorKind::NotFound);
    assert!(other.version("person").is_err());
}

#[test]
fn files_tell_their_version_and_no_changes() {
    let memory = memory(ELEV, "");
    let mut one = procapita(&memory, &[]);
    let version = one.version("person").unwrap();
    assert_eq!(version, one.version("unit").unwrap());
    assert_ne!(version, procapita(&memory, &[("staff", true.into())]).version("person").unwrap());
    memory.put("EnhetData.csv", UNITS.replace("Skola A", "Skola B"));
    assert_ne!(version, one.version("person").unwrap());
    let token = one.latest("engagement").unwrap();
    assert!(matches!(one.changes("engagement", token, 1).unwrap(), sluss_sdk::Answer::Expired));
}
