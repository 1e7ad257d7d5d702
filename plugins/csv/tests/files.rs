//! The connector on files in memory: good ones, odd ones, and those that are wrong in every way that was thought of.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value as Json, json};
use sluss_plugin_csv::Csv;
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Connector, Error, ErrorKind, Fingerprints, Page, Rest, Severity, Source, Value};
use support::{cell, csv, day, flag, on, pick_all, read_all, text};

const HEADER: &str = "No,Number,First,Last,Secret,Unit,From,To,Part,Boss";
const EVA: &str = "7,198001022386,Eva Asa,Lind,no,A1,2024-01-08,,75.5,yes";
const BO: &str = "8,198003662395,Bo,\"Ek, \"\"B\"\"\",yes,A1,20240201,9999-12-31,,";

/// The settings of a table, with some of them put otherwise.
fn settings(other: Json) -> Json {
    let mut table = json!({
        "file": "p.csv", "class": "engagement", "id": ["No"],
        "columns": {
            "identity-number": "Number", "first-names": "First", "surname": "Last", "protected": "Secret",
            "unit": "Unit", "start": "From", "end": "To", "extent": "Part", "is-manager": "Boss",
        },
        "constants": { "organisation": "1427", "kind": "employment" },
    });
    for (key, value) in other.as_object().unwrap() {
        table[key] = value.clone();
    }
    json!({ "folder": "hr", "tables": { "people": table } })
}

fn people(content: impl AsRef<[u8]>, other: Json) -> Csv {
    csv(&[("p.csv", content.as_ref())], settings(other)).0
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn whole(content: impl AsRef<[u8]>, other: Json) -> Page {
    let page = read_all(&mut people(content, other), "engagement", 100);
    assert_eq!((&page.faults[..], &page.rest), (&[][..], &Rest::Complete));
    page
}

fn one_fault(content: impl AsRef<[u8]>, other: Json) -> (Error, Page) {
    let page = read_all(&mut people(content, other), "engagement", 100);
    assert_eq!(page.faults.len(), 1, "{:?}", page.faults);
    (page.faults[0].clone(), page)
}

fn place(error: &Error) -> (Option<u32>, Option<u32>) {
    error.place.as_ref().map(|place| (place.line, place.column)).unwrap()
}

/// Why there can be no connector with these settings.
fn refused(other: Json) -> String {
    on(&Memory::default(), settings(other)).err().unwrap().message
}

#[test]
fn rows_read_in_the_published_vocabulary() {
    let page = whole(lines(&[HEADER, EVA, BO]), json!({}));
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["7", "8"]);
    let eva = |name| cell(&page, &page.rows[0], name).clone();
    assert_eq!((eva("identity-number"), eva("first-names")), (text("198001022386"), text("Eva Asa")));
    assert_eq!((eva("protected"), eva("is-manager")), (flag(false), flag(true)));
    assert_eq!((eva("start"), eva("end")), (day(2024, 1, 8), Cell::Absent));
    assert_eq!((eva("extent"), eva("organisation")), (Cell::One(Value::Real(75.5)), text("1427")));
    assert_eq!((eva("kind"), eva("csv:no")), (text("employment"), text("7")));
    let bo = |name| cell(&page, &page.rows[1], name).clone();
    assert_eq!((bo("surname"), bo("protected")), (text("Ek, \"B\""), flag(true)));
    assert_eq!((bo("end"), bo("extent"), bo("is-manager")), (Cell::Absent, Cell::Absent, Cell::Absent));
    let described: Vec<String> = Csv::describe().classes[0].attributes.iter().map(|a| a.name.clone()).collect();
    let own = |column: &String| column.starts_with("csv:") || described.contains(column);
    assert!(page.columns.iter().all(own), "{:?}", page.columns);
}

#[test]
fn nothing_but_a_plain_no_says_that_somebody_is_not_protected() {
    for (word, protected) in [("no", false), ("0", false), ("", true), ("nno", true), ("NO", true), ("yes", true)] {
        let page = whole(lines(&[HEADER, &EVA.replace(",no,", &format!(",{word},"))]), json!({}));
        assert_eq!(*cell(&page, &page.rows[0], "protected"), flag(protected), "{word}");
    }
    let columns = json!({ "identity-number": "Number" });
    let page = whole(lines(&[HEADER, EVA]), json!({ "columns": columns }));
    assert!(!page.columns.iter().any(|column| column == "protected"), "nothing says it");
    let page = whole(lines(&[HEADER, EVA]), json!({ "columns": columns, "constants": { "protected": false } }));
    assert_eq!(*cell(&page, &page.rows[0], "protected"), flag(false), "the operator says it");
    assert!(refused(json!({ "columns": columns, "constants": { "protected": "no" } })).contains("without quotes"));
}

#[test]
fn every_setting_of_the_form_is_followed() {
    let settings = json!({
        "encoding": "windows-1252", "delimiter": ";", "quoting": false, "skip-lines": 1, "final-newline": "optional",
        "date-formats": ["D MMM YYYY", "DD/MM/YYYY*"], "open-end": ["-"], "yes": ["X"], "no": [""], "decimal-comma": true,
        "id": ["No", 7], "id-prefix": "1427", "ignore": ["Unit", 1],
        "columns": {
            "identity-number": 2, "surname": "last", "protected": "Secret", "start": "From", "end": "To",
            "extent": "Part", "is-manager": "Boss", "csv:called": "First",
        },
        "values": { "extent": { "Half": "50", "": "100" }, "csv:called": { "Åsa": "Eva" } },
        "constants": { "csv:feed": "weekly", "organisation": "1427" },
    });
    let content = format!(
        "A title;\r\n{}\r\n7;198001022386;Åsa;\"Öberg;;U;1 Feb 2024;31/12/2024 00:00;Half;X\r\n\
         8;198003662395;Bo;Ek;X;U;01/02/2024;-;12,5;\r\n9;198003662395;Bo;Ek;X;U;01/02/2024;-;;",
        HEADER.replace(',', ";")
    );
    let content: Vec<u8> = content.chars().map(|letter| letter as u8).collect();
    let page = whole(content, settings);
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["1427/7/2024-02-01", "1427/8/2024-02-01", "1427/9/2024-02-01"]);
    let of = |row: usize, name| cell(&page, &page.rows[row], name).clone();
    assert_eq!((of(0, "surname"), of(0, "csv:called")), (text("\"Öberg"), text("Eva")));
    assert_eq!((of(0, "end"), of(1, "end")), (day(2024, 12, 31), Cell::Absent));
    let extents = [0, 1, 2].map(|row| of(row, "extent"));
    assert_eq!(extents, [50.0, 12.5, 100.0].map(Cell::from));
    assert_eq!((of(0, "protected"), of(1, "protected")), (flag(false), flag(true)));
    assert_eq!((of(0, "is-manager"), of(1, "is-manager")), (flag(true), flag(false)));
    assert_eq!(of(2, "csv:feed"), text("weekly"));
    assert!(!page.columns.contains(&"csv:unit".to_owned()), "{:?}", page.columns);
}

#[test]
fn blanks_belong_to_a_field_where_the_settings_say_so() {
    let content = lines(&[HEADER, &EVA.replace("Eva Asa", " Eva ")]);
    let first = |trim| cell_of(&whole(&content, json!({ "trim": trim })), "first-names");
    assert_eq!((first(true), first(false)), (text("Eva"), text(" Eva ")));
}

fn cell_of(page: &Page, name: &str) -> Cell {
    cell(page, &page.rows[0], name).clone()
}

#[test]
fn a_file_without_a_header_is_read_by_position_or_by_the_names_that_it_should_have() {
    let columns = json!({ "identity-number": 2, "protected": 5, "end": 8 });
    let by_position = json!({ "header": false, "columns": columns, "id": [1] });
    let page = whole(lines(&[EVA, BO]), by_position.clone());
    assert_eq!((page.rows[1].id.as_str(), cell_of(&page, "csv:1")), ("8", text("7")));
    let (fault, rest) = one_fault(lines(&["9,198003662395,Bo", EVA]), by_position);
    assert!(fault.message.contains("3 fields") && fault.message.contains("position 8"), "{}", fault.message);
    assert_eq!((fault.object, rest.rows.len()), (None, 1));
    let names: Vec<&str> = HEADER.split(',').collect();
    let by_name = json!({ "header": false, "names": names });
    let page = whole(lines(&[EVA, BO]), by_name.clone());
    assert_eq!(page.rows, whole(lines(&[HEADER, EVA, BO]), json!({})).rows);
    let (fault, _) = one_fault(lines(&[EVA, &format!("{BO},x")]), by_name);
    assert!(fault.message.contains("11 fields") && fault.message.contains("10"), "{}", fault.message);
}

#[test]
fn a_digest_stands_in_ids_for_what_tells_who_somebody_is() {
    let page = whole(lines(&[HEADER, EVA, BO]), json!({ "id": ["Number", "Last", "Unit"] }));
    for row in &page.rows {
        let parts: Vec<&str> = row.id.split('/').collect();
        assert_eq!((parts.len(), parts[0].len(), parts[1].len(), parts[2]), (3, 32, 32, "A1"), "{}", row.id);
        assert!(parts[..2].concat().bytes().all(|byte| byte.is_ascii_lowercase()), "{}", row.id);
    }
    let again = whole(lines(&[HEADER, BO, EVA]), json!({ "id": ["Number", "Last", "Unit"] }));
    assert_eq!((&again.rows[1].id, &again.rows[0].id), (&page.rows[0].id, &page.rows[1].id));
}

#[test]
fn rows_that_are_gone_are_as_if_they_were_not_there() {
    let header = format!("{HEADER},State");
    let rows = [format!("{EVA},New"), format!("{BO},Archive"), format!("{BO},Amend"), format!("{EVA},Archive")];
    let content = lines(&[&header, &rows[0], &rows[1], &rows[2], &rows[3]]);
    let status = json!({ "column": "State", "gone": ["Archive"], "present": ["New", "Amend"] });
    let other = json!({ "status": status });
    let page = whole(&content, other.clone());
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["7", "8"]);
    assert!(!page.columns.contains(&"csv:state".to_owned()), "what a row is says nothing of a person");
    for max in [1, 2, 9] {
        let (seen, picked) = pick_all(&mut people(&content, other.clone()), "engagement", max);
        assert_eq!((seen.len(), &picked.rows, &picked.rest), (2, &page.rows, &Rest::Complete));
    }
    // A word that nobody knows may mean anything.
    let (fault, page) = one_fault(lines(&[&header, &rows[0], &format!("{BO},Arkive")]), other);
    assert_eq!((place(&fault), fault.object.as_deref()), ((Some(3), Some(60)), Some("8")));
    assert!(fault.message.contains("`status`") && !fault.message.contains("Arkive"), "{}", fault.message);
    assert_eq!((page.rows.len(), page.rest), (1, Rest::Complete));
    let all = json!({ "status": { "column": "State", "gone": ["Archive"] } });
    assert_eq!(whole(lines(&[&header, &rows[0], &format!("{BO},Arkive")]), all).rows.len(), 2);
}

#[test]
fn the_newest_of_several_files_is_read_to_its_end() {
    let memory = Memory::default();
    let put = |name: &str, rows: &[&str]| memory.put(name, lines(&[&[HEADER], rows].concat()));
    put("p-2.csv", &[EVA]);
    put("p-1.csv", &[EVA, BO]);
    put("p-3.csv.part", &[]);
    let by = |order: &str| on(&memory, settings(json!({ "file": "p-*.csv", "newest-by": order }))).unwrap();
    let rows = |csv: &mut Csv| read_all(csv, "engagement", 9).rows.len();
    assert_eq!((rows(&mut by("time")), rows(&mut by("name"))), (2, 1));
    // What was told of one file is not taken for another that comes while it is read.
    let mut csv = by("name");
    let before = csv.version("engagement").unwrap();
    put("p-9.csv", &[]);
    let Rest::Complete = csv.fingerprints("engagement", None, 9).unwrap().rest else { panic!() };
    assert_eq!(csv.pick("engagement", None, vec![0]).unwrap().records.len(), 1);
    assert_ne!(csv.version("engagement").unwrap(), before);
    assert_eq!(csv.read("engagement", None, 9).unwrap().rows.len(), 0);
    let error = on(&memory, settings(json!({ "file": "q-*.csv" }))).unwrap().read("engagement", None, 9).unwrap_err();
    assert_eq!((error.kind, error.place.unwrap().file.as_str()), (ErrorKind::NotFound, "q-*.csv"));
}

/// Two tables of engagements and one of units.
fn three() -> Json {
    let table = |prefix: &str, file: &str| {
        let mut table = settings(json!({ "file": file, "id-prefix": prefix }))["tables"]["people"].clone();
        table["constants"]["organisation"] = json!(prefix);
        table
    };
    let units = json!({ "file": "u.csv", "class": "unit", "id": ["Code"], "columns": { "code": "Code", "parent": "Above" },
        "constants": { "organisation": "1427" } });
    json!({ "folder": "hr", "tables": {
        "east": table("1427", "e.csv"), "units": units, "west": table("1430", "w.csv"),
    } })
}

#[test]
fn the_tables_of_a_class_are_read_one_after_the_other() {
    let (east, west) = (lines(&[HEADER, EVA, BO]), lines(&[&format!("{HEADER},More"), &format!("{EVA},m")]));
    let files: [(&str, &[u8]); 3] =
        [("e.csv", east.as_bytes()), ("w.csv", west.as_bytes()), ("u.csv", b"Code,Above\nA1,\nA2,A1\n")];
    let (mut csv, memory) = csv(&files, three());
    for max in [1, 2, 9] {
        let page = read_all(&mut csv, "engagement", max);
        let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!((ids, &page.rest), (vec!["1427/7", "1427/8", "1430/7"], &Rest::Complete));
        let (seen, picked) = pick_all(&mut csv, "engagement", max);
        assert_eq!((seen.len(), picked.rows), (3, page.rows));
    }
    let units = read_all(&mut csv, "unit", 9);
    assert_eq!((units.rows.len(), cell(&units, &units.rows[1], "parent")), (2, &text("A1")));
    assert_eq!(read_all(&mut csv, "person", 9).rest, Rest::Complete);
    assert_eq!(csv.version("group").unwrap().as_deref(), Some("none"));
    assert!(csv.read("account", None, 9).is_err() && csv.read("unit", Some(vec![0; 4]), 9).is_err());
    let before = csv.version("engagement").unwrap();
    memory.put("w.csv", lines(&[HEADER]));
    assert_ne!(csv.version("engagement").unwrap(), before);
    // Nobody is taken to have left because one of the files is not there.
    Folder::in_memory(&memory).remove("w.csv").unwrap();
    let Rest::More(next) = csv.read("engagement", None, 9).unwrap().rest else { panic!() };
    assert_eq!(csv.read("engagement", Some(next), 9).unwrap_err().kind, ErrorKind::NotFound);
    memory.put("e.csv", east.trim_end());
    assert!(matches!(csv.read("engagement", None, 9).unwrap().rest, Rest::Incomplete(_)));
}

#[test]
fn groups_have_members_and_persons_have_names() {
    let settings = json!({ "folder": "hr", "tables": {
        "groups": { "file": "g.csv", "class": "group", "id": ["Code"], "list-separator": "|",
            "columns": { "code": "Code", "members": "Who" } },
        "persons": { "file": "p.csv", "class": "person", "id": ["No"], "columns": { "identity-number": "Number" } },
    } });
    let persons = lines(&[HEADER, EVA]);
    let (mut csv, _) = csv(&[("g.csv", b"Code,Who\n4A,7|8 |\n4B,\n"), ("p.csv", persons.as_bytes())], settings);
    let groups = read_all(&mut csv, "group", 9);
    let members = Cell::many(["7", "8"].map(|id| Value::Reference(id.to_owned())));
    assert_eq!(
        (cell(&groups, &groups.rows[0], "members"), cell(&groups, &groups.rows[1], "members")),
        (&members, &Cell::Absent)
    );
    assert_eq!(cell_of(&read_all(&mut csv, "person", 9), "identity-number"), text("198001022386"));
}

#[test]
fn bad_fields_are_told_with_line_and_column_and_never_quoted() {
    for (field, written, attribute) in [
        (6, "1980-0102-2386", "start"),
        (8, "\"75,5\"", "extent"),
        (9, "perhaps", "is-manager"),
        (1, "", "identity-number"),
        (7, "2024-02-30", "end"),
    ] {
        let mut fields: Vec<&str> = EVA.split(',').collect();
        fields[field] = written;
        let column = fields[..field].iter().map(|field| field.len() + 1).sum::<usize>() as u32 + 1;
        let (fault, page) = one_fault(lines(&[HEADER, &fields.join(","), BO]), json!({}));
        assert_eq!((place(&fault), fault.attribute.as_deref()), ((Some(2), Some(column)), Some(attribute)));
        assert_eq!((fault.object.as_deref(), page.rows.len(), &page.rest), (Some("7"), 1, &Rest::Complete));
        assert!(!fault.message.contains("2386") && !fault.message.contains("perhaps"), "{}", fault.message);
    }
}

#[test]
fn lines_with_other_fields_and_lost_quotes_take_nobody_away() {
    for odd in [format!("{EVA},x"), "7,198001022386,Eva".to_owned()] {
        let (fault, page) = one_fault(lines(&[HEADER, &odd, BO]), json!({}));
        assert_eq!((place(&fault), fault.object), ((Some(2), None), None));
        assert_eq!(page.rows.len(), 1);
    }
    // A lost quote makes the next line a part of this one: the host is not told that the next one is missing.
    let lost = EVA.replace("Lind", "\"Lind");
    let (fault, page) = one_fault(lines(&[HEADER, &lost, BO]), json!({}));
    assert_eq!((place(&fault), fault.object, page.rows.len()), ((Some(2), None), None, 0));
    let page = people(lines(&[HEADER, BO, &lost]), json!({ "final-newline": "optional" })).read("engagement", None, 9);
    assert!(matches!(page.unwrap().rest, Rest::Incomplete(_)), "open at the end of the file");
}

#[test]
fn twins_count_once_and_contradictions_not_at_all() {
    let (fault, page) = one_fault(lines(&[HEADER, EVA, BO, EVA]), json!({}));
    assert_eq!((place(&fault).0, page.rows.len()), (Some(4), 2));
    let (fault, page) = one_fault(lines(&[HEADER, EVA, BO, EVA]).replace('\n', "\r"), json!({}));
    assert_eq!((place(&fault).0, page.rows.len()), (Some(4), 2), "where lines end as on an old Mac");
    let page = read_all(&mut people(lines(&[HEADER, EVA, &EVA.replace("Lind", "Ek")]), json!({})), "engagement", 9);
    assert_eq!((page.rows.len(), page.faults.len(), &page.rest), (0, 2, &Rest::Complete));
    // Two words that are read as one make one id.
    let values = json!({ "unit": { "a": "A", "A1": "A" } });
    let mut columns = settings(json!({}))["tables"]["people"]["columns"].clone();
    columns["unit"] = json!("Unit");
    let other = json!({ "id": ["Unit"], "values": values, "columns": columns });
    let page = read_all(&mut people(lines(&[HEADER, EVA, &BO.replace("A1", "a")]), other), "engagement", 9);
    assert_eq!((page.rows.len(), page.faults.len()), (0, 2));
}

#[test]
fn what_is_not_whole_makes_nobody_gone() {
    let content = lines(&[HEADER, EVA, BO]);
    let incomplete = |content: &str| {
        let page = people(content, json!({})).read("engagement", None, 9).unwrap();
        assert!(matches!(page.rest, Rest::Incomplete(_)), "{content}");
    };
    incomplete(&content[..content.len() - 1]);
    incomplete(&content[..content.len() - 20]);
    incomplete("");
    let error = people("No,Number,First", json!({})).read("engagement", None, 9).unwrap_err();
    assert!(error.message.contains("cut off"), "{}", error.message);
    let header = people(lines(&[HEADER]), json!({})).read("engagement", None, 9).unwrap();
    assert_eq!((header.rest, header.rows.len()), (Rest::Complete, 0));

    let (mut csv, memory) = csv(&[("p.csv", content.as_bytes())], settings(json!({})));
    let Rest::More(cursor) = csv.read("engagement", None, 1).unwrap().rest else { panic!() };
    memory.put("p.csv", content.clone());
    assert!(matches!(csv.read("engagement", Some(cursor.clone()), 9).unwrap().rest, Rest::Incomplete(_)));
    Folder::in_memory(&memory).remove("p.csv").unwrap();
    assert_eq!(csv.read("engagement", Some(cursor), 9).unwrap_err().kind, ErrorKind::NotFound);
    assert!(csv.version("engagement").is_err() && csv.fingerprints("engagement", None, 9).is_err());
}

#[test]
fn encodings_are_read_or_doubted() {
    let content = lines(&[HEADER, &EVA.replace("Lind", "Åkesdotter")]);
    let surname = |bytes: &[u8], encoding: &str| cell_of(&whole(bytes, json!({ "encoding": encoding })), "surname");
    let single: Vec<u8> = content.chars().map(|letter| letter as u8).collect();
    let marked = format!("\u{feff}{content}");
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for (bytes, encoding) in [
        (content.as_bytes(), "utf-8"),
        (marked.as_bytes(), "utf-8"),
        (&single, "windows-1252"),
        (&single, "iso-8859-1"),
        (&little(&content), "utf-16"),
        (&little(&marked), "utf-16"),
        (&big(&content), "utf-16"),
        (&big(&marked), "utf-16"),
    ] {
        assert_eq!(surname(bytes, encoding), text("Åkesdotter"), "{encoding}");
    }
    for (bytes, encoding, advice) in [
        (little(&content), "utf-8", "utf-16"),
        (big(&marked), "windows-1252", "utf-16"),
        (marked.clone().into_bytes(), "iso-8859-1", "utf-8"),
        (content.clone().into_bytes(), "utf-16", "encoding"),
    ] {
        let error = people(bytes, json!({ "encoding": encoding })).read("engagement", None, 9).unwrap_err();
        assert!(error.kind == ErrorKind::Config && error.message.contains(advice), "{}", error.message);
    }
    for (bytes, encoding, advice) in
        [(&single, "utf-8", "windows-1252"), (&content.into_bytes(), "windows-1252", "utf-8")]
    {
        let (fault, _) = one_fault(bytes, json!({ "encoding": encoding }));
        assert_eq!((place(&fault), fault.object.as_deref()), ((Some(2), Some(24)), Some("7")));
        assert!(fault.message.contains(advice) && !fault.message.contains("kesd"), "{}", fault.message);
    }
}

#[test]
fn check_tells_every_missing_column_at_once_and_quotes_no_data() {
    let other = json!({ "id": ["No", "Sub"], "ignore": ["Wage"], "status": { "column": "State", "gone": ["x"] } });
    let checked = |content: &str, other: Json| people(content, other).check().unwrap();
    let found = checked(&lines(&[&HEADER.replace("Secret", "Hidden"), EVA]), other);
    assert_eq!((found.len(), found[0].severity), (1, Severity::Failure), "{found:?}");
    for part in ["line 1", "Secret, Sub, Wage, State", "Hidden", "tables.people"] {
        assert!(found[0].message.contains(part), "{}", found[0].message);
    }
    let found = checked(&lines(&[EVA, BO]), json!({}));
    assert!(found[0].message.contains("header") && !found[0].message.contains("Lind"), "{}", found[0].message);
    let columns = json!({ "identity-number": "Number", "employment-number": "No" });
    let found = checked(&lines(&[EVA, BO]), json!({ "columns": columns }));
    assert!(!found[0].message.contains("Lind"), "a `no` of the data is no header: {}", found[0].message);
    let found = checked(&lines(&[HEADER, &EVA.replace("2024-01-08", "x"), BO]), json!({ "ignore": ["Unit"] }));
    let severities: Vec<Severity> = found.iter().map(|found| found.severity).collect();
    assert_eq!(severities, [Severity::Info, Severity::Warning, Severity::Warning], "{found:?}");
    assert!(found[1].message.contains("line 2") && found[2].message.contains("days old"), "{found:?}");
    let found = checked(&lines(&[HEADER, EVA]), json!({ "columns": { "identity-number": "Number" } }));
    assert!(found.iter().any(|found| found.name == "table people" && found.message.contains("protected")), "{found:?}");
    let (mut csv, _) = csv(&[], settings(json!({ "file": "p-*.csv" })));
    assert_eq!(csv.check().unwrap()[0].severity, Severity::Failure);
}

#[test]
fn every_fault_of_the_settings_is_told_at_once() {
    let other = json!({
        "file": "", "delimiter": "å", "names": ["A", "a"], "id": ["", 0], "yes": ["1"], "no": ["1"], "list-separator": "å",
        "date-formats": ["DDMM"], "ignore": [""],
        "columns": { "surnam": "Last", "start": 0, "organisation": "Org" },
        "constants": { "organisation": "1427", "extent": "all", "end": "soon", "colour": 1 },
        "values": { "title": { "a": "b" }, "organisation": { "a": "b" } },
        "status": { "column": "State", "gone": ["x"], "present": ["x"] },
    });
    let message = refused(other);
    for (key, part) in [
        ("file", "name a file"),
        ("delimiter", "one ASCII character"),
        ("list-separator", "one ASCII character"),
        ("names", "none"),
        ("names", "name 2"),
        ("id", "name a column"),
        ("id", "from 1"),
        ("no", "for yes already"),
        ("ignore", "name a column"),
        ("columns.surnam", "no such attribute"),
        ("class", "surname"),
        ("columns.start", "from 1"),
        ("constants.organisation", "already"),
        ("constants.extent", "a number"),
        ("constants.end", "a day"),
        ("constants.colour", "no such attribute"),
        ("values.title", "`columns`"),
        ("status.present", "`gone`"),
        ("columns", "identity-number"),
    ] {
        let mut told = message.split("tables.people.").filter(|told| told.starts_with(&format!("{key}: ")));
        assert!(told.any(|told| told.contains(part)), "{key}: {part}: {message}");
    }
    assert!(message.contains("date-formats"), "{message}");
    assert!(refused(json!({ "header": false })).contains("say the position instead of `Number`"));
    assert!(refused(json!({ "constants": { "manager-number": "1" } })).contains("one person from another"));
    assert!(
        refused(json!({ "encoding": "iso-8859-1", "values": { "unit": { "€": "E" } } })).contains("cannot be written")
    );
    let none = on(&Memory::default(), json!({ "folder": "f", "tables": {} })).err().unwrap();
    assert!(none.message.contains("at least one") && none.attribute.as_deref() == Some("tables"));
}

#[test]
fn two_columns_are_never_read_as_one_attribute() {
    let again = HEADER.replace("Boss", "last");
    let error = people(lines(&[&again, EVA]), json!({})).read("engagement", None, 9).unwrap_err();
    assert!(error.message.contains("Column 10 has the same name"), "{}", error.message);
    let columns = json!({ "identity-number": "Number", "csv:unit": "First" });
    let error = people(lines(&[HEADER, EVA]), json!({ "columns": columns })).read("engagement", None, 9).unwrap_err();
    assert!(error.message.contains("csv:unit"), "{}", error.message);
    let constants = json!({ "csv:no": "1" });
    let error = people(lines(&[HEADER, EVA]), json!({ "constants": constants })).read("engagement", None, 9);
    assert!(error.unwrap_err().message.contains("csv:no"));
}

#[test]
fn a_fingerprint_changes_with_all_that_a_record_comes_from() {
    let fingerprints =
        |content: &str, other: Json| people(content, other).fingerprints("engagement", None, 100).unwrap().fingerprints;
    let both = lines(&[HEADER, EVA, BO]);
    let before = fingerprints(&both, json!({}));
    assert_eq!(fingerprints(&lines(&[HEADER, BO, EVA]), json!({})), [before[1], before[0]]);
    assert_eq!(fingerprints(&both, json!({})), before);
    let differs = |content: &str, other| fingerprints(content, other).iter().all(|one| !before.contains(one));
    let columns = json!({ "identity-number": "Number", "title": "Part" });
    assert!(differs(&both, json!({ "columns": columns })));
    assert!(differs(&both, json!({ "values": { "unit": { "x": "y" } } })));
    assert!(differs(&both, json!({ "constants": { "organisation": "1430" } })));
    let moved = fingerprints(&both.replace("Lind", "Ek"), json!({}));
    assert!(moved[0] != before[0] && moved[1] == before[1]);
}

#[test]
fn the_version_changes_with_the_content_and_with_the_settings() {
    let version = |content: &str, other: Json| people(content, other).version("engagement").unwrap().unwrap();
    let content = lines(&[HEADER, EVA]);
    let plain = version(&content, json!({}));
    assert_eq!(plain, version(&content, json!({})));
    assert_ne!(plain, version(&lines(&[HEADER]), json!({})));
    assert_ne!(plain, version(&content, json!({ "yes": ["Y"] })));
}
