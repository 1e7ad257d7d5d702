//! The export as a file, and what follows from it.

#![allow(clippy::unwrap_used)]

use sluss_plugin_extens::{Extens, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Connector, ErrorKind, Page, Rest, Row, Source};

fn settings(more: &[(&str, serde_json::Value)]) -> Settings {
    let mut settings = serde_json::json!({"interface": "file", "folder": "x", "organisation": "1484",
        "school-year": {"start": "2026-08-18", "end": "2027-06-11"}});
    more.iter().for_each(|(name, value)| settings[*name] = value.clone());
    serde_json::from_value(settings).unwrap()
}

fn extens(content: &str, more: &[(&str, serde_json::Value)]) -> Extens {
    let memory = Memory::default();
    memory.put("ist_20261122.xml", format!("<?xml version='1.0'?><enterprise>{content}</enterprise>"));
    Extens::from_folder(Folder::in_memory(&memory), &settings(more)).unwrap()
}

fn person(id: &str, number: &str, status: &str, role: &str) -> String {
    format!(
        "<person recstatus='{status}'><sourcedid><id>{id}</id></sourcedid><name><n><family>X</family><given>Y</given></n></name>\
         <institutionrole roletype='{role}'/><extension><ssn>{number}</ssn></extension></person>"
    )
}

fn guardian(number: &str, child: &str, status: &str) -> String {
    format!(
        "<person recstatus='1'><sourcedid><id>v{number}</id></sourcedid><extension><ssn>{number}</ssn><carerrelationship recstatus='{status}'>\
         <sourcedid><id>{child}</id></sourcedid></carerrelationship></extension></person>"
    )
}

fn group(id: &str, kind: &str, institution: &str, parent: &str, status: &str) -> String {
    format!(
        "<group recstatus='{status}'><sourcedid><id>{id}</id></sourcedid><grouptype><typevalue>{kind}</typevalue></grouptype>\
         <description><short>{id}</short></description><relationship relation='1'><sourcedid><id>{parent}</id></sourcedid></relationship>\
         <extension><institution>{institution}</institution></extension></group>"
    )
}

fn member(group: &str, id: &str, status: &str, role: &str) -> String {
    format!(
        "<membership><sourcedid><id>{group}</id></sourcedid><member><sourcedid><id>{id}</id></sourcedid><idtype>1</idtype>\
         <role recstatus='{status}' roletype='{role}'/></member></membership>"
    )
}

fn read(extens: &mut Extens, class: &str) -> Page {
    extens.read(class, None, 1000).unwrap()
}

fn ids(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.id.as_str()).collect()
}

fn faults(page: &Page) -> Vec<&str> {
    page.faults.iter().map(|fault| fault.object.as_deref().unwrap_or("?")).collect()
}

fn cell<'p>(page: &'p Page, row: &'p Row, name: &str) -> &'p Cell {
    &row.cells[page.columns.iter().position(|own| own == name).unwrap()]
}

#[test]
fn a_made_up_export_is_read_whole() {
    let pupils = sluss_people::Pupils::beside(&sluss_people::Population::new(1, 300), 1_040);
    let memory = Memory::default();
    memory.put("ist_elever.xml", pupils.extens());
    let mut extens = Extens::from_folder(Folder::in_memory(&memory), &settings(&[])).unwrap();
    let known = pupils.of(sluss_people::System::Extens);
    for (class, count) in [("person", known.len()), ("engagement", known.len()), ("group", 34), ("unit", 4)] {
        let page = read(&mut extens, class);
        assert_eq!((page.rows.len(), faults(&page), &page.rest), (count, Vec::new(), &Rest::Complete), "{class}");
    }
    let persons = read(&mut extens, "person");
    for (row, pupil) in persons.rows.iter().zip(&known) {
        assert_eq!(cell(&persons, row, "identity-number"), &pupil.identity.to_string().into());
        let mut guardians: Vec<String> = pupil.guardians.iter().map(|one| one.number.to_string()).collect();
        guardians.sort();
        guardians.dedup();
        assert_eq!(cell(&persons, row, "guardian-numbers"), &Cell::many(guardians));
    }
}

#[test]
fn what_was_deleted_is_gone_and_what_is_odd_is_a_fault() {
    let content = [
        person("a", "20150101-2395", "1", "Student"),
        person("b", "20150101TF01", "3", "Student"),
        person("c", "20150101TF02", "x", "Student"),
        person("d", " - ", "", "Student"),
        group("C", "Klass", "U", "", "1"),
        group("D", "Klass", "U", "", "3"),
        group("E", "Klass", "U", "", "9"),
        member("C", "a", "1", "1"),
        member("D", "a", "1", "1"),
        member("E", "a", "1", "1"),
        member("C", "b", "1", "1"),
        member("C", "c", "1", "1"),
        member("C", "d", "3", "1"),
        member("C", "e", "1", "1"),
    ];
    let mut extens = extens(&content.concat(), &[]);
    let persons = read(&mut extens, "person");
    assert_eq!((ids(&persons), faults(&persons), &persons.rest), (vec!["a"], vec!["c", "d"], &Rest::Complete));
    let engagements = read(&mut extens, "engagement");
    assert_eq!((ids(&engagements), faults(&engagements)), (vec!["a/C"], vec!["a/E", "c/C", "e/C"]));
    assert_eq!(cell(&engagements, &engagements.rows[0], "end"), &sluss_sdk::Date::new(2027, 6, 11).unwrap().into());
    let groups = read(&mut extens, "group");
    assert_eq!((groups.rows.len(), faults(&groups)), (0, vec!["E", "C"]));
}

#[test]
fn a_person_who_is_told_of_twice_is_one_and_guardians_are_the_childs() {
    let content = [
        person("a", "-", "1", "Student"),
        guardian("198001022386", "a", "1"),
        guardian("194107086995", "a", "3"),
        guardian("", "a", "1"),
        person("a", "20150101-2395", "1", "Student"),
        person("b", "20150101TF01", "1", "Student"),
        person("b", "20150101TF02", "1", "Student"),
        group("C", "klass", "U", "", "1"),
        member("C", "a", "1", "1"),
        member("C", "a", "1", "1"),
    ];
    let mut extens = extens(&content.concat(), &[]);
    let persons = read(&mut extens, "person");
    assert_eq!((ids(&persons), faults(&persons)), (vec!["a"], vec!["b"]));
    assert_eq!(cell(&persons, &persons.rows[0], "identity-number"), &"201501012395".into());
    assert_eq!(cell(&persons, &persons.rows[0], "guardian-numbers"), &Cell::many(["198001022386"]));
    assert_eq!(ids(&read(&mut extens, "engagement")), ["a/C"]);
}

#[test]
fn a_group_finds_its_unit_above_it_and_circles_end() {
    let content = [
        person("a", "20150101-2395", "1", "Student"),
        group("C", "Klass", "", "P", "1"),
        group("P", "Årskurs", "", "U", "1"),
        group("U", "Skola", "", "", "1"),
        group("X", "Klass", "", "Y", "1"),
        group("Y", "Klass", "", "X", "1"),
        member("C", "a", "1", "1"),
        member("X", "a", "1", "1"),
    ];
    let mut extens = extens(&content.concat(), &[]);
    let engagements = read(&mut extens, "engagement");
    assert_eq!((ids(&engagements), faults(&engagements)), (vec!["a/C"], vec!["a/X"]));
    assert_eq!(cell(&engagements, &engagements.rows[0], "unit"), &"U".into());
    let groups = read(&mut extens, "group");
    assert_eq!((ids(&groups), faults(&groups)), (vec!["C", "P"], vec!["X", "Y"]));
}

#[test]
fn staff_is_given_where_it_is_wanted() {
    let content = [
        person("a", "20150101-2395", "1", "Student"),
        person("t", "198001022386", "1", "Staff"),
        group("C", "Klass", "U", "", "1"),
        member("C", "a", "1", "4"),
        member("C", "t", "1", "2"),
    ]
    .concat();
    assert_eq!(ids(&read(&mut extens(&content, &[]), "engagement")), ["a/C"]);
    assert_eq!(ids(&read(&mut extens(&content, &[("staff", true.into())]), "engagement")), ["a/C", "t/U/staff"]);
}

#[test]
fn what_nobody_can_name_makes_the_read_incomplete() {
    for (odd, class) in [("<person/>", "person"), ("<group/>", "group"), ("<membership/>", "engagement")] {
        let mut extens = extens(&(person("a", "20150101-2395", "1", "Student") + odd), &[]);
        assert_eq!(faults(&read(&mut extens, class)), ["?"]);
    }
    assert!(matches!(read(&mut extens("", &[]), "person").rest, Rest::Incomplete(_)));
}

#[test]
fn the_newest_file_that_fits_is_read_and_half_a_one_is_refused() {
    let memory = Memory::default();
    let whole = format!("<enterprise>{}</enterprise>", person("a", "20150101-2395", "1", "Student"));
    memory.put("ist_20261123.xml", "<enterprise/>");
    memory.put("other.xml", "<enterprise/>");
    memory.put("ist_20261122.xml", whole.as_str());
    let open = |more: &[_]| Extens::from_folder(Folder::in_memory(&memory), &settings(more)).unwrap();
    assert_eq!(ids(&read(&mut open(&[]), "person")), ["a"], "by its age, not by its name");
    let before = open(&[]).version("person").unwrap();
    memory.put("ist_20261124.xml", &whole[..whole.len() - 3]);
    assert_ne!(before, open(&[]).version("person").unwrap());
    let error = open(&[]).read("person", None, 10).unwrap_err();
    assert!(error.kind == ErrorKind::Unavailable && error.place.unwrap().file == "ist_20261124.xml");
    assert!(open(&[]).check().unwrap()[0].message.contains("cut off"));
    assert_eq!(open(&[("file", "none*.xml".into())]).read("unit", None, 1).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn settings_are_checked() {
    let year = |start: &str, end: &str| ("school-year", serde_json::json!({"start": start, "end": end}));
    let memory = Memory::default();
    for wrong in
        [year("soon", "2027-06-11"), year("2027-06-11", "2026-08-18"), ("file", "a*b*.xml".into()), ("file", "".into())]
    {
        let made = Extens::from_folder(Folder::in_memory(&memory), &settings(&[wrong]));
        assert_eq!(made.err().unwrap().kind, ErrorKind::Config);
    }
    let old = [year("2001-08-18", "2002-06-11")];
    let mut extens = Extens::from_folder(Folder::in_memory(&memory), &settings(&old)).unwrap();
    assert!(extens.check().unwrap().iter().any(|result| result.name == "school-year"));
    let job = settings(&[("interface", "job".into())]);
    assert_eq!(Extens::new(job).err().unwrap().kind, ErrorKind::Config);
}
