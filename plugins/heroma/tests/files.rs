//! The connector on files in memory: good ones, odd ones, and those that are wrong in every way that was thought of.

#![allow(clippy::unwrap_used)]

use sluss_people::{EMPLOYMENTS_FILE, UNITS_FILE};
use sluss_plugin_heroma::{Heroma, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{
    Cell, Connector, Date, Error, ErrorKind, Fingerprint, Fingerprints, Page, Rest, Row, Severity, Source, Value,
};

const HEADER: &str = "PERSONNR;TILLTALSMARK;FORNAMN;MELLANNAMN;EFTERNAMN;ANONYM;BOLAG;ANSTNR;HUVUDANST;ANSTFORM;BEFATTNING;\
    AID;ENHETKOD;ENHETNAMN;ANSVAR;SYSSGRAD;ANSTFROM;ANSTTOM;VILANDE;CHEF;CHEFPERSONNR;CHEFANSTNR";
const EVA: &str = "198001022386;20;Eva Asa;;Lind;N;1427;10234;J;1;Nurse;207011;VO-12;Home;4711;75,00;20240108;;N;N;\
    194107086995;10077";
const EVA_AGAIN: &str = "198001022386;20;Eva Asa;;Lind;N;1484;55012;N;2;Aide;207023;SOC-3;Care;5210;25,00;20260901;\
    20261231;N;N;198003662395;55001";

fn heroma(files: &[(&str, &[u8])], settings: &str) -> (Heroma, Memory) {
    let memory = Memory::default();
    for (name, content) in files {
        memory.put(name, *content);
    }
    let settings: Settings = serde_json::from_str(settings).unwrap();
    (Heroma::from_folder(Folder::in_memory(&memory), settings).unwrap(), memory)
}

fn employments(content: impl AsRef<[u8]>) -> Heroma {
    heroma(&[(EMPLOYMENTS_FILE, content.as_ref())], r#"{"folder":"hr"}"#).0
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

fn read_all(heroma: &mut Heroma, class: &str, max: u32) -> Page {
    let mut all = heroma.read(class, None, max).unwrap();
    while let Rest::More(cursor) = all.rest.clone() {
        let page = heroma.read(class, Some(cursor), max).unwrap();
        assert_eq!(page.columns, all.columns);
        assert!(page.rows.len() + page.faults.len() <= max as usize);
        all.rows.extend(page.rows);
        all.faults.extend(page.faults);
        all.rest = page.rest;
    }
    all
}

fn cell<'a>(page: &Page, row: &'a Row, name: &str) -> &'a Cell {
    &row.cells[page.columns.iter().position(|column| column == name).unwrap()]
}

fn text(text: &str) -> Cell {
    Cell::One(Value::Text(text.into()))
}

fn day(year: u16, month: u8, day: u8) -> Cell {
    Cell::One(Value::Date(Date::new(year, month, day).unwrap()))
}

fn one_fault(content: impl AsRef<[u8]>) -> (Error, Page) {
    let page = read_all(&mut employments(content), "engagement", 100);
    assert_eq!(page.faults.len(), 1, "{:?}", page.faults);
    (page.faults[0].clone(), page)
}

fn place(error: &Error) -> (Option<u32>, Option<u32>) {
    let place = error.place.as_ref().unwrap();
    assert_eq!(place.file, EMPLOYMENTS_FILE);
    (place.line, place.column)
}

#[test]
fn an_employment_reads_in_the_published_vocabulary() {
    let mut heroma = employments(lines(&[HEADER, EVA, EVA_AGAIN]));
    let page = read_all(&mut heroma, "engagement", 100);
    assert_eq!((&page.rest, page.faults.len()), (&Rest::Complete, 0));
    assert_eq!(page.rows[0].id, "1427/10234/2024-01-08");
    assert_eq!(page.rows[1].id, "1484/55012/2026-09-01");
    let first = |name| cell(&page, &page.rows[0], name).clone();
    assert_eq!(first("identity-number"), text("198001022386"));
    assert_eq!(first("first-names"), text("Eva Asa"));
    assert_eq!(first("middle-name"), Cell::Absent);
    assert_eq!(first("protected"), Cell::One(Value::Boolean(false)));
    assert_eq!(first("kind"), text("employment"));
    assert_eq!(first("main"), Cell::One(Value::Boolean(true)));
    assert_eq!(first("extent"), Cell::One(Value::Real(75.0)));
    assert_eq!((first("start"), first("end")), (day(2024, 1, 8), Cell::Absent));
    assert_eq!(*cell(&page, &page.rows[1], "end"), day(2026, 12, 31));
    let described: Vec<String> = Heroma::describe().classes[0].attributes.iter().map(|a| a.name.clone()).collect();
    assert!(page.columns.iter().all(|column| described.contains(column)), "{:?}", page.columns);
}

#[test]
fn made_up_files_read_whole_whatever_the_size_of_the_pages() {
    let population = sluss_people::Population::new(7, 300);
    let (employed, units) = (population.employments_csv(), population.units_csv());
    let rows = employed.split(|byte| *byte == b'\n').count() - 2;
    let (mut heroma, _) = heroma(&[(EMPLOYMENTS_FILE, &employed), (UNITS_FILE, &units)], r#"{"folder":"hr"}"#);
    let whole = read_all(&mut heroma, "engagement", 1_000_000);
    assert_eq!((whole.rows.len(), &whole.rest), (rows, &Rest::Complete));
    assert_eq!(whole.faults, []);
    assert_eq!(read_all(&mut heroma, "engagement", 7), whole);
    let units = read_all(&mut heroma, "unit", 10);
    assert!(units.rows.iter().all(|row| row.id.starts_with("14")) && units.faults.is_empty());
    assert_eq!(units.rest, Rest::Complete);
    assert!(heroma.check().unwrap().iter().all(|result| result.severity != Severity::Failure));
}

#[test]
fn a_read_goes_on_in_another_instance() {
    let content = lines(&[HEADER, EVA, EVA_AGAIN]);
    let Rest::More(cursor) = employments(&content).read("engagement", None, 1).unwrap().rest else { panic!() };
    let page = employments(&content).read("engagement", Some(cursor), 100).unwrap();
    assert_eq!((page.rows[0].id.as_str(), page.rest), ("1484/55012/2026-09-01", Rest::Complete));
    assert!(employments(&content).read("engagement", Some(b"x".to_vec()), 1).is_err());
}

#[test]
fn further_columns_pass_through() {
    let mut heroma = employments(lines(&[&format!("{HEADER};Kommun"), &format!("{EVA};Sotenas ")]));
    let page = read_all(&mut heroma, "engagement", 9);
    assert_eq!(*cell(&page, &page.rows[0], "heroma:kommun"), text("Sotenas"));
}

#[test]
fn every_setting_of_the_form_is_followed() {
    let settings = r#"{"folder":"hr","employments":"e.txt","units":"","encoding":"utf-8","delimiter":"\t","quoting":true,
        "header":false,"final-newline":"optional","date-formats":["YYYY-MM-DD"],"open-end":["-"],"yes":["1"],"no":["0"],
        "decimal-comma":false,"employment-columns":{"identity-number":2,"organisation":1,"employment-number":3,"start":4,
        "end":5,"extent":6,"main":7,"first-names":8,"name-mark":"","middle-name":"","surname":"","protected":"","form":"",
        "title":"","title-code":"","unit":"","unit-name":"","cost-centre":"","on-leave":"","is-manager":"",
        "manager-number":"","manager-employment":""}}"#;
    let row = "\u{feff}1427\t198001022386\t7\t2024-02-29\t-\t12.5\t1\t\"Åsa\t\"\"E\"\"\"";
    let (mut heroma, _) = heroma(&[("e.txt", row.as_bytes())], settings);
    let page = read_all(&mut heroma, "engagement", 10);
    assert_eq!(page.faults, []);
    assert_eq!(page.rows[0].id, "1427/7/2024-02-29");
    assert_eq!(*cell(&page, &page.rows[0], "first-names"), text("Åsa\t\"E\""));
    assert_eq!(*cell(&page, &page.rows[0], "extent"), Cell::One(Value::Real(12.5)));
    assert_eq!(read_all(&mut heroma, "unit", 10).rest, Rest::Complete);
}

#[test]
fn a_missing_file_is_named() {
    let (mut heroma, _) = heroma(&[], r#"{"folder":"hr"}"#);
    let error = heroma.read("engagement", None, 10).unwrap_err();
    assert_eq!((error.kind, error.place.as_ref().unwrap().file.as_str()), (ErrorKind::NotFound, EMPLOYMENTS_FILE));
    assert!(heroma.version("unit").unwrap_err().message.contains(UNITS_FILE));
    let failures = heroma.check().unwrap();
    assert_eq!(failures.iter().filter(|result| result.severity == Severity::Failure).count(), 2);
}

#[test]
fn missing_columns_are_all_named_beside_those_that_are_there() {
    let header = HEADER.replace("ANONYM", "SKYDD").replace(";ANSTTOM", ";SLUT");
    let error = employments(lines(&[&header, EVA])).read("engagement", None, 10).unwrap_err();
    assert_eq!((error.kind, place(&error)), (ErrorKind::Config, (Some(1), None)));
    for part in ["ANONYM, ANSTTOM", "SKYDD", "SLUT", "employment-columns"] {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn a_file_without_its_header_is_not_quoted() {
    let error = employments(lines(&[EVA])).read("engagement", None, 10).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Config);
    assert!(!error.message.contains("1980") && !error.message.contains("Lind"), "{}", error.message);
}

#[test]
fn a_truncated_last_line_ends_the_read_as_incomplete() {
    let content = lines(&[HEADER, EVA]) + EVA_AGAIN;
    let (fault, page) = one_fault(&content[..content.len() - 20]);
    assert_eq!(place(&fault), (Some(3), None));
    assert_eq!(page.rows.len(), 1);
    assert!(matches!(page.rest, Rest::Incomplete(_)));
}

#[test]
fn wrong_encodings_are_told_with_line_and_column() {
    let utf8 = lines(&[HEADER, &EVA.replace("Lind", "Öberg"), EVA_AGAIN]);
    let (fault, page) = one_fault(&utf8);
    assert_eq!((place(&fault), fault.attribute.as_deref()), ((Some(2), Some(26)), Some("surname")));
    assert_eq!(fault.object.as_deref(), Some("1427/10234/2024-01-08"));
    assert!(fault.message.contains("encoding = \"utf-8\"") && !fault.message.contains("berg"), "{}", fault.message);
    assert_eq!((page.rows.len(), page.rest), (1, Rest::Complete));
    let marked = format!("\u{feff}{utf8}");
    assert_eq!(employments(&marked).read("engagement", None, 9).unwrap_err().kind, ErrorKind::Config);
    let ansi: Vec<u8> = lines(&[HEADER, EVA]).bytes().map(|byte| if byte == b'L' { 0xc4 } else { byte }).collect();
    let settings = r#"{"folder":"hr","encoding":"utf-8"}"#;
    let mut heroma = heroma(&[(EMPLOYMENTS_FILE, &ansi)], settings).0;
    assert!(heroma.read("engagement", None, 9).is_err(), "the header has such a byte too");
}

#[test]
fn bad_fields_are_told_with_line_and_column_and_never_quoted() {
    for (from, to, field, attribute) in [
        ("20240108", "19800102-2386", 16, "start"),
        ("75,00", "75.00", 15, "extent"),
        (";J;1;", ";X;1;", 8, "main"),
        ("198001022386;", ";", 0, "identity-number"),
        ("20240108;;", "20240108;20241301;", 17, "end"),
    ] {
        let line = EVA.replacen(from, to, 1);
        let (fault, page) = one_fault(lines(&[HEADER, &line, EVA_AGAIN]));
        let (found, column) = place(&fault);
        assert_eq!((found, fault.attribute.as_deref()), (Some(2), Some(attribute)));
        let before: usize = line.split(';').take(field).map(|field| field.len() + 1).sum();
        assert_eq!(column, Some(before as u32 + 1), "{attribute}");
        assert!(!fault.message.contains("2386"), "{}", fault.message);
        assert_eq!((page.rows.len(), page.rest), (1, Rest::Complete));
    }
}

#[test]
fn a_line_with_another_number_of_fields_has_no_id() {
    let (fault, page) = one_fault(lines(&[HEADER, &format!("{EVA};x"), EVA_AGAIN]));
    assert_eq!((place(&fault), fault.object), ((Some(2), None), None));
    assert!(fault.message.contains("23 fields") && fault.message.contains("22"), "{}", fault.message);
    assert_eq!(page.rows.len(), 1);
}

#[test]
fn a_duplicate_counts_once_and_a_contradiction_not_at_all() {
    let (fault, page) = one_fault(lines(&[HEADER, EVA, EVA_AGAIN, EVA]));
    assert_eq!((place(&fault).0, page.rows.len()), (Some(4), 2));
    assert!(fault.message.contains("line 2"), "{}", fault.message);
    assert!(page.rows.iter().all(|row| Some(&row.id) != fault.object.as_ref()) && fault.object.is_some());
    let other = EVA.replace("Nurse", "Doctor");
    let page = read_all(&mut employments(lines(&[HEADER, EVA, EVA_AGAIN, &other])), "engagement", 1);
    assert_eq!((page.rows.len(), page.faults.len()), (1, 2));
    assert!(page.faults.iter().all(|fault| fault.object.as_deref() == Some("1427/10234/2024-01-08")));
    assert!(page.faults[0].message.contains("line 4") && page.faults[1].message.contains("line 2"));
}

#[test]
fn the_same_employment_may_have_two_periods_and_end_before_it_starts() {
    let later = EVA.replace("20240108;", "20250101;20241231");
    let page = read_all(&mut employments(lines(&[HEADER, EVA, &later])), "engagement", 10);
    assert_eq!((page.rows.len(), page.faults.len()), (2, 0));
}

#[test]
fn an_empty_file_takes_nothing_away_but_a_header_alone_is_an_answer() {
    let empty = employments("").read("engagement", None, 10).unwrap();
    assert!(matches!(empty.rest, Rest::Incomplete(_)) && empty.rows.is_empty());
    let header = employments(lines(&[HEADER])).read("engagement", None, 10).unwrap();
    assert_eq!((header.rest, header.rows.len()), (Rest::Complete, 0));
    assert_eq!(employments("\r\n\r\n").read("engagement", None, 10).unwrap_err().kind, ErrorKind::Config);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_incomplete() {
    let content = lines(&[HEADER, EVA, EVA_AGAIN]);
    let (mut heroma, memory) = heroma(&[(EMPLOYMENTS_FILE, content.as_bytes())], r#"{"folder":"hr"}"#);
    let Rest::More(cursor) = heroma.read("engagement", None, 1).unwrap().rest else { panic!("more expected") };
    memory.put(EMPLOYMENTS_FILE, content);
    assert!(matches!(heroma.read("engagement", Some(cursor), 9).unwrap().rest, Rest::Incomplete(_)));
}

#[test]
fn the_version_changes_with_the_content_and_with_the_settings() {
    let content = lines(&[HEADER, EVA]);
    let version = |content: &str, settings: &str| {
        heroma(&[(EMPLOYMENTS_FILE, content.as_bytes())], settings).0.version("engagement").unwrap().unwrap()
    };
    let plain = version(&content, r#"{"folder":"hr"}"#);
    assert_eq!(plain, version(&content, r#"{"folder":"hr"}"#));
    assert_ne!(plain, version(&lines(&[HEADER]), r#"{"folder":"hr"}"#));
    assert_ne!(plain, version(&content, r#"{"folder":"hr","yes":["Y"]}"#));
}

#[test]
fn check_tells_every_fault_at_once() {
    let content = lines(&[HEADER, &EVA.replace("20240108", "2024"), EVA_AGAIN]);
    let files: [(&str, &[u8]); 2] = [(EMPLOYMENTS_FILE, content.as_bytes()), (UNITS_FILE, b"ENHETKOD;X\r\n")];
    let results = heroma(&files, r#"{"folder":"hr"}"#).0.check().unwrap();
    let found: Vec<_> = results.iter().map(|result| (result.name.as_str(), result.severity)).collect();
    let (employed, units) = ("file heroma-anst.csv", "file heroma-enhet.csv");
    let expected = [
        (employed, Severity::Info),
        (employed, Severity::Warning),
        (employed, Severity::Warning),
        (units, Severity::Failure),
    ];
    assert_eq!(found, expected, "{results:?}");
    assert!(results[1].message.contains("line 2") && results[2].message.contains("days old"), "{results:?}");
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let fault = |settings: &str| {
        let settings = serde_json::from_str(settings).unwrap();
        Heroma::from_folder(Folder::in_memory(&Memory::default()), settings).err().unwrap()
    };
    let odd = fault(r#"{"folder":"f","employment-columns":{"surnam":"X"}}"#);
    assert!(odd.kind == ErrorKind::Config && odd.message.contains("surname"), "{}", odd.message);
    assert!(fault(r#"{"folder":"f","employment-columns":{"start":""}}"#).message.contains("start"));
    assert!(fault(r#"{"folder":"f","unit-columns":{"code":0}}"#).message.contains("from 1"));
    assert!(fault(r#"{"folder":"f","delimiter":"å"}"#).message.contains("delimiter"));
    assert!(fault(r#"{"folder":"f","header":false,"unit-columns":{"code":"KOD"}}"#).message.contains("position"));
    assert!(serde_json::from_str::<Settings>(r#"{"folder":"f","colums":1}"#).is_err());
}

/// A whole read by fingerprints, of which every record is asked for, a few at a time.
fn pick_all(heroma: &mut Heroma, max: u32) -> (Vec<Fingerprint>, Page) {
    let (mut seen, mut all, mut cursor) = (Vec::new(), Page::new::<&str>(&[]), None);
    loop {
        let marks = heroma.fingerprints("engagement", cursor.clone(), max).unwrap();
        let places: Vec<u32> = (0..marks.fingerprints.len() as u32).collect();
        for places in places.chunks(2) {
            let picked = heroma.pick("engagement", cursor.clone(), places.to_vec()).unwrap();
            all.columns = picked.columns;
            for record in picked.records {
                match record {
                    Ok(row) => all.rows.push(row),
                    Err(fault) => all.fault(fault),
                }
            }
        }
        seen.extend(marks.fingerprints);
        match marks.rest {
            Rest::More(next) => cursor = Some(next),
            rest => return (seen, Page { rest, ..all }),
        }
    }
}

#[test]
fn what_is_picked_is_what_is_read() {
    let no_number = EVA.replacen("198001022386", "", 1);
    let short = "198001022386;20;Eva";
    let content = lines(&[HEADER, EVA, "", &no_number, EVA_AGAIN, EVA_AGAIN, short]);
    for max in [1, 2, 3, 100] {
        let read = read_all(&mut employments(&content), "engagement", max);
        let (seen, picked) = pick_all(&mut employments(&content), max);
        assert_eq!((&picked.columns, &picked.rows, &picked.faults), (&read.columns, &read.rows, &read.faults));
        assert_eq!((picked.rest, seen.len()), (read.rest, read.rows.len() + read.faults.len()));
    }
    let mut cut = employments(content.trim_end());
    let marks = cut.fingerprints("engagement", None, 100).unwrap();
    assert_eq!(marks.fingerprints.len(), 4, "the line that is cut off is none");
    assert!(matches!(marks.rest, Rest::Incomplete(_)));
}

#[test]
fn a_fingerprint_changes_with_all_that_a_record_comes_from() {
    let fingerprints = |content: &str, settings: &str| {
        let (mut heroma, _) = heroma(&[(EMPLOYMENTS_FILE, content.as_bytes())], settings);
        heroma.fingerprints("engagement", None, 100).unwrap().fingerprints
    };
    let plain = r#"{"folder":"hr"}"#;
    let both = lines(&[HEADER, EVA, EVA_AGAIN]);
    let before = fingerprints(&both, plain);
    assert_eq!(before.len(), 2);
    assert_eq!(fingerprints(&lines(&[HEADER, EVA_AGAIN, EVA]), plain), [before[1], before[0]]);
    assert_eq!(fingerprints(&both.replace("\r\n", "\n"), plain), before, "how a line ends says nothing");
    // Blanks may be fields: a line that lost its last two is another one.
    let tabs = |line: &str| {
        let content = lines(&[HEADER, line]).replace(';', "\t");
        fingerprints(&content, r#"{"folder":"hr","delimiter":"\t"}"#)
    };
    let (short, _) = EVA.split_once(";194107086995").unwrap();
    assert_ne!(tabs(&format!("{short};;")), tabs(short));
    let moved = fingerprints(&both.replace("Nurse", "Matron"), plain);
    assert!(moved[0] != before[0] && moved[1] == before[1]);
    let differs = |content: &str, settings| fingerprints(content, settings).iter().all(|one| !before.contains(one));
    assert!(differs(&both.replace("SYSSGRAD", "FACKTEXT"), r#"{"folder":"hr","employment-columns":{"extent":""}}"#));
    assert!(differs(&both, r#"{"folder":"hr","encoding":"utf-8"}"#));
    // A line that is contradicted is not used, and so is not as it was.
    let against = fingerprints(&format!("{both}{}\r\n", EVA.replace("Nurse", "Matron")), plain);
    assert!(against[0] != before[0] && against[1] == before[1]);
    // One that is repeated is: the first of them stands.
    let again = fingerprints(&format!("{both}{EVA}\r\n"), plain);
    assert!(again[..2] == before && again[2] != before[0]);
}

#[test]
fn nothing_is_picked_from_a_file_that_is_another_one_by_then() {
    let content = lines(&[HEADER, EVA, EVA_AGAIN]);
    let (mut heroma, memory) = heroma(&[(EMPLOYMENTS_FILE, content.as_bytes())], r#"{"folder":"hr"}"#);
    heroma.fingerprints("engagement", None, 100).unwrap();
    assert_eq!(heroma.pick("engagement", None, vec![2]).unwrap_err().kind, ErrorKind::Invalid);
    heroma.fingerprints("engagement", None, 100).unwrap();
    memory.put(EMPLOYMENTS_FILE, lines(&[HEADER, EVA_AGAIN]));
    assert_eq!(heroma.pick("engagement", None, vec![0]).unwrap_err().kind, ErrorKind::Unavailable);
}
