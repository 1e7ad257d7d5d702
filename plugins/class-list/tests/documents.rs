//! The connector on files in memory: what it writes, what it keeps, and what survives a machine that stops.

#![allow(clippy::unwrap_used)]

use sluss_plugin_class_list::ClassList;
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{
    Attribute, Cell, Change, Connector, Edit, Error, ErrorKind, Modification, Operation, Outcome, Page, Rest, Severity,
    Target, Update, Value,
};

const STATE: &str = "class-lists.jsonl";

fn with(memory: &Memory, more: &str) -> ClassList {
    let settings = serde_json::from_str(&format!("{{\"folder\":\"out\"{more}}}")).unwrap();
    ClassList::from_folders(Folder::in_memory(memory), Folder::in_memory(memory), settings).unwrap()
}

fn lists(memory: &Memory) -> ClassList {
    with(memory, "")
}

fn change(class: &str, operation: Operation) -> Change {
    Change { id: 1, class: class.into(), operation }
}

fn pupil(username: &str, given: &str, surname: &str) -> Change {
    let attributes = [
        ("username", username.to_owned()),
        ("name", format!("{given} {surname}")),
        ("given-name", given.to_owned()),
        ("surname", surname.to_owned()),
        ("mail", format!("{username}@example.se")),
    ];
    let mut attributes: Vec<Attribute> =
        attributes.into_iter().map(|(name, text)| Attribute::one(name, text)).collect();
    attributes.push(Attribute::one("enabled", true));
    change("pupil", Operation::Create(attributes))
}

fn references(members: &[&str]) -> Vec<Value> {
    members.iter().map(|member| Value::Reference((*member).to_owned())).collect()
}

fn list(name: &str, members: &[&str]) -> Change {
    let attributes = vec![
        Attribute::one("name", name),
        Attribute::one("school", "Havsskolan"),
        Attribute::many("member", references(members)),
    ];
    change("list", Operation::Create(attributes))
}

fn update(class: &str, id: &str, attribute: &str, edit: Edit) -> Change {
    let modifications = vec![Modification { attribute: attribute.into(), edit }];
    change(class, Operation::Update(Update { id: id.into(), version: None, modifications }))
}

fn remove(class: &str, id: &str) -> Change {
    change(class, Operation::Remove(id.into()))
}

fn replace(text: &str) -> Edit {
    Edit::Replace(vec![text.into()])
}

fn one(own: &mut ClassList, change: Change) -> Outcome {
    let mut outcomes = own.apply(vec![change]).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

fn applied(own: &mut ClassList, change: Change) -> (String, String) {
    match one(own, change) {
        Outcome::Applied(applied) => (applied.id, applied.version.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn refusal(own: &mut ClassList, change: Change) -> Error {
    match one(own, change) {
        Outcome::Rejected(error) => error,
        other => panic!("{other:?}"),
    }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn read_all(own: &mut ClassList, class: &str, columns: &[&str], max: u32) -> Page {
    let mut all = own.read(class, &names(columns), None, max).unwrap();
    while let Rest::More(cursor) = all.rest.clone() {
        let page = own.read(class, &names(columns), Some(cursor), max).unwrap();
        all.rows.extend(page.rows);
        all.rest = page.rest;
    }
    all
}

fn content(memory: &Memory, name: &str) -> String {
    String::from_utf8(memory.content(name).unwrap_or_else(|| panic!("{name} is not there"))).unwrap()
}

/// A folder with one list of two pupils.
fn four() -> Memory {
    let memory = Memory::default();
    let mut own = lists(&memory);
    own.apply(vec![pupil("elsobe", "Elsa", "Öberg"), pupil("bober", "Bo", "Berg")]).unwrap();
    own.apply(vec![list("Hav 4A", &["elsobe", "bober"])]).unwrap();
    own.finish().unwrap();
    memory
}

#[test]
fn a_list_is_a_sheet_and_a_page_in_the_order_of_names() {
    let memory = four();
    let sheet = "\u{feff}\"Namn\";\"Användarnamn\";\"E-post\"\r\n\
        \"Bo Berg\";\"bober\";\"bober@example.se\"\r\n\"Elsa Öberg\";\"elsobe\";\"elsobe@example.se\"\r\n";
    assert_eq!(content(&memory, "Hav 4A.csv"), sheet);
    let page = content(&memory, "Hav 4A.html");
    for part in ["<h1>Hav 4A</h1>", "<p>Havsskolan · 2 elever</p>", "<td>Elsa Öberg</td><td>elsobe</td>"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.find("Bo Berg") < page.find("Elsa Öberg"));
}

#[test]
fn columns_language_and_forms_are_the_operators() {
    let memory = four();
    let more = r#","formats":["csv"],"language":"en","columns":["surname","enabled",{"attribute":"born","title":"Born"}],
        "encoding":"windows-1252","delimiter":",""#;
    let mut own = with(&memory, more);
    applied(&mut own, update("pupil", "elsobe", "born", Edit::Replace(vec![2015.into()])));
    own.finish().unwrap();
    let sheet = b"\"Surname\",\"Account\",\"Born\"\r\n\"Berg\",\"yes\",\"\"\r\n\"\xD6berg\",\"yes\",\"2015\"\r\n";
    assert_eq!(memory.content("Hav 4A.csv").unwrap(), sheet);
    assert!(memory.content("Hav 4A.html").is_none(), "pages are not wanted any more");
    // A column that went from the settings can still be taken back, and not be written.
    let mut own = lists(&memory);
    let error = refusal(&mut own, update("pupil", "elsobe", "born", Edit::Replace(vec![2016.into()])));
    assert!(error.message.contains("`columns`"), "{}", error.message);
    applied(&mut own, update("pupil", "elsobe", "born", Edit::Replace(vec![])));
}

#[test]
fn only_what_says_something_else_is_written() {
    let memory = four();
    let mut own = lists(&memory);
    own.apply(vec![pupil("ali", "Ali", "Ek"), list("Hav 4B", &["ali"])]).unwrap();
    own.finish().unwrap();
    let writes = memory.writes();
    lists(&memory).finish().unwrap();
    read_all(&mut own, "list", &["name"], 10);
    own.finish().unwrap();
    assert_eq!(memory.writes(), writes, "nothing changed, nothing written");
    // Nobody sees whether an account may be used, so the documents say the same.
    applied(&mut own, update("pupil", "ali", "enabled", Edit::Replace(vec![false.into()])));
    let before = memory.writes();
    own.finish().unwrap();
    assert_eq!(memory.writes() - before, 3, "the state is written anew, and nothing else");
    applied(&mut own, update("pupil", "ali", "name", replace("Ali Ek-Dal")));
    let before = memory.writes();
    own.finish().unwrap();
    assert_eq!(memory.writes() - before, 9, "two documents of one list, and the state");
}

#[test]
fn a_run_without_anything_writes_nothing() {
    let memory = Memory::default();
    let mut own = lists(&memory);
    own.finish().unwrap();
    assert!(own.apply(vec![]).unwrap().is_empty());
    read_all(&mut own, "pupil", &["username"], 10);
    own.finish().unwrap();
    assert_eq!(memory.writes(), 0);
    assert_eq!(lists(&memory).check().unwrap()[0].severity, Severity::Info);
}

#[test]
fn documents_go_with_their_list_and_with_its_last_pupil() {
    let memory = four();
    let mut own = lists(&memory);
    applied(&mut own, update("list", "Hav 4A", "member", Edit::Remove(references(&["elsobe"]))));
    own.finish().unwrap();
    assert!(!content(&memory, "Hav 4A.csv").contains("elsobe"));
    applied(&mut own, remove("pupil", "bober"));
    own.finish().unwrap();
    assert!(memory.content("Hav 4A.csv").is_none() && memory.content("Hav 4A.html").is_none());
    assert!(!content(&memory, STATE).contains("bober"), "whoever is gone is nowhere any more");
    applied(&mut own, update("list", "Hav 4A", "member", Edit::Add(references(&["elsobe"]))));
    own.finish().unwrap();
    assert!(content(&memory, "Hav 4A.csv").contains("elsobe"));
    applied(&mut own, remove("list", "Hav 4A"));
    own.finish().unwrap();
    assert!(memory.content("Hav 4A.csv").is_none());
}

#[test]
fn another_name_moves_the_documents_and_another_user_name_stays_in_the_list() {
    let memory = four();
    let mut own = lists(&memory);
    applied(&mut own, update("pupil", "elsobe", "username", replace("elsekm")));
    let (id, _) = applied(&mut own, update("list", "Hav 4A", "name", replace("HAV 4A")));
    own.finish().unwrap();
    assert_eq!(id, "HAV 4A");
    assert!(memory.content("Hav 4A.csv").is_none());
    assert!(content(&memory, "HAV 4A.csv").contains("\"elsekm\""));
}

#[test]
fn what_is_written_is_read_before_and_after_the_end_of_the_run() {
    let memory = Memory::default();
    let mut own = lists(&memory);
    own.apply(vec![pupil("c", "C", "C"), pupil("A", "A", "A"), pupil("b", "B", "B"), list("4A", &["A", "c"])]).unwrap();
    let columns = ["username", "surname", "enabled", "nothing"];
    let before = read_all(&mut own, "pupil", &columns, 2);
    let groups = read_all(&mut own, "list", &["name", "member", "title"], 1);
    own.finish().unwrap();
    for (own, max) in [(&mut own, 1), (&mut lists(&memory), 100)] {
        assert_eq!(read_all(own, "pupil", &columns, max), before);
        assert_eq!(read_all(own, "list", &["name", "member", "title"], max), groups);
    }
    let ids: Vec<&str> = before.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["A", "b", "c"]);
    assert_eq!(before.rows[0].cells[1..], [Cell::from("A"), Cell::from(true), Cell::Many(vec![])]);
    assert_eq!(groups.rows[0].cells, [Cell::from("4A"), Cell::Many(references(&["A", "c"])), Cell::Many(vec![])]);
    assert!(own.read("robot", &[], None, 1).is_err());
    assert!(own.read("pupil", &[], Some(vec![0xff]), 1).is_err());
}

#[test]
fn objects_are_found_by_id_and_by_what_would_create_them() {
    let mut own = lists(&four());
    let found = own.get("pupil", &names(&["elsobe", "ELSOBE", "x"]), &names(&["surname"])).unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(found[0].as_ref().unwrap().attributes, [Attribute::one("surname", "Öberg")]);
    let create = [Attribute::one("username", "elsobe")];
    assert_eq!(own.find("pupil", &create, &names(&["surname"])).unwrap(), found[0]);
    assert_eq!(own.find("pupil", &[Attribute::one("username", "bo")], &[]).unwrap(), None);
    assert_eq!(own.get("list", &names(&["elsobe"]), &[]).unwrap(), [None]);
}

#[test]
fn doing_it_again_changes_nothing() {
    let memory = four();
    let mut own = lists(&memory);
    let writes = memory.writes();
    for again in [
        update("pupil", "elsobe", "surname", replace("Öberg")),
        update("pupil", "elsobe", "enabled", Edit::Replace(vec![true.into()])),
        update("pupil", "elsobe", "nothing", Edit::Replace(vec![])),
        update("list", "Hav 4A", "member", Edit::Add(references(&["bober"]))),
        update("list", "Hav 4A", "member", Edit::Remove(references(&["nobody"]))),
        update("list", "Hav 4A", "member", Edit::Replace(references(&["bober", "elsobe"]))),
    ] {
        assert!(matches!(one(&mut own, again.clone()), Outcome::Unchanged(_)), "{again:?}");
    }
    assert_eq!(memory.writes(), writes);
}

#[test]
fn what_cannot_be_is_refused_by_name_and_the_rest_of_the_batch_is_done() {
    let memory = four();
    let mut own = lists(&memory);
    let outcomes = own.apply(vec![update("pupil", "no", "surname", replace("x")), pupil("ali", "Ali", "Ek")]).unwrap();
    assert!(matches!(&outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::NotFound));
    assert!(matches!(outcomes[1], Outcome::Applied(_)));
    let long = "x".repeat(130);
    for (wrong, kind, attribute) in [
        (remove("pupil", "no"), ErrorKind::NotFound, None),
        (remove("list", "ali"), ErrorKind::NotFound, None),
        (remove("robot", "ali"), ErrorKind::Unsupported, None),
        (pupil("ALI", "x", "x"), ErrorKind::AlreadyExists, Some("username")),
        (list("hav 4a", &[]), ErrorKind::AlreadyExists, Some("name")),
        (update("pupil", "ali", "username", replace("bober")), ErrorKind::AlreadyExists, Some("username")),
        (update("pupil", "ali", "username", replace(" ")), ErrorKind::Invalid, Some("username")),
        (update("pupil", "ali", "phone", replace("1")), ErrorKind::Invalid, Some("phone")),
        (update("pupil", "ali", "enabled", replace("yes")), ErrorKind::Invalid, Some("enabled")),
        (update("pupil", "ali", "mail", Edit::Add(vec!["x".into()])), ErrorKind::Invalid, Some("mail")),
        (update("pupil", "ali", "name", Edit::Replace(vec![Value::Timestamp(0)])), ErrorKind::Invalid, Some("name")),
        (update("list", "Hav 4A", "phone", replace("1")), ErrorKind::Invalid, Some("phone")),
        (update("list", "Hav 4A", "member", replace("ali")), ErrorKind::Invalid, Some("member")),
        (list(&long, &[]), ErrorKind::Invalid, Some("name")),
        (change("pupil", Operation::Create(vec![])), ErrorKind::Invalid, Some("username")),
    ] {
        let error = refusal(&mut own, wrong.clone());
        assert_eq!((error.kind, error.attribute.as_deref()), (kind, attribute), "{wrong:?}");
    }
    let modifications = vec![Modification { attribute: "surname".into(), edit: replace("x") }];
    let old = Update { id: "ali".into(), version: Some("0".into()), modifications };
    assert_eq!(refusal(&mut own, change("pupil", Operation::Update(old))).kind, ErrorKind::Conflict);
}

#[test]
fn no_identity_number_is_taken_or_told() {
    let memory = four();
    let mut own = lists(&memory);
    let number = "20150101-2395";
    for wrong in [
        update("pupil", "elsobe", "name", replace(&format!("Elsa ({number})"))),
        pupil(number, "Elsa", "Ek"),
        list(&format!("4A {number}"), &[]),
    ] {
        let error = refusal(&mut own, wrong);
        assert!(error.kind == ErrorKind::Invalid && !format!("{error:?}").contains("2395"), "{error:?}");
    }
}

#[test]
fn a_file_of_somebody_elses_is_left_alone() {
    let memory = four();
    memory.put("Hav 4B.csv", "mine");
    memory.put("Hav 4A.txt", "mine");
    let mut own = lists(&memory);
    own.apply(vec![list("Hav 4B", &["bober"])]).unwrap();
    let error = own.finish().unwrap_err();
    assert!(error.kind == ErrorKind::AlreadyExists && error.message.contains("Hav 4B.csv"), "{}", error.message);
    assert_eq!(content(&memory, "Hav 4B.csv"), "mine");
    assert!(content(&memory, "Hav 4B.html").contains("Bo Berg"), "the rest is done");
    let failures = |memory: &Memory| {
        let results = lists(memory).check().unwrap();
        results.into_iter().filter(|result| result.severity == Severity::Failure).map(|result| result.message).collect()
    };
    let told: Vec<String> = failures(&memory);
    assert!(told.len() == 1 && told[0].contains("Hav 4B.csv"), "{told:?}");
    Folder::in_memory(&memory).remove("Hav 4B.csv").unwrap();
    lists(&memory).finish().unwrap();
    assert!(content(&memory, "Hav 4B.csv").contains("Bo Berg"));
    assert_eq!(content(&memory, "Hav 4A.txt"), "mine");
    assert!(failures(&memory).is_empty());
}

#[test]
fn a_document_that_somebody_took_away_comes_back_when_it_is_looked_for() {
    let memory = four();
    let sheet = content(&memory, "Hav 4A.csv");
    Folder::in_memory(&memory).remove("Hav 4A.csv").unwrap();
    memory.put("Hav 4A.html", "changed by hand");
    assert!(lists(&memory).check().unwrap().iter().any(|result| result.message.contains("--reconcile")));
    let mut own = lists(&memory);
    read_all(&mut own, "list", &["name"], 10);
    own.finish().unwrap();
    assert_eq!(content(&memory, "Hav 4A.csv"), sheet);
    assert!(content(&memory, "Hav 4A.html").contains("Elsa Öberg"));
}

#[test]
fn a_template_of_ones_own_is_used_and_told_when_it_is_wrong() {
    let memory = four();
    let own = r#","template":"list.template.html""#;
    assert_eq!(with(&memory, own).finish().unwrap_err().kind, ErrorKind::Config);
    assert_eq!(with(&memory, own).check().unwrap()[0].severity, Severity::Failure);
    memory.put("list.template.html", "<p>{{ title }}</p>\n{{ nobody }}");
    let page = content(&memory, "Hav 4A.html");
    assert!(with(&memory, own).check().unwrap()[0].message.contains("line 2"));
    assert_eq!(with(&memory, own).finish().unwrap_err().place.unwrap().line, Some(2));
    assert_eq!(content(&memory, "Hav 4A.html"), page, "nothing is written by a wrong template");
    memory.put("list.template.html", "<p>{{ title }}: {{ pupils[0][0] }}</p>");
    with(&memory, own).finish().unwrap();
    assert_eq!(content(&memory, "Hav 4A.html"), "<p>Hav 4A: Bo Berg</p>");
    assert!(with(&memory, own).check().unwrap().iter().all(|result| result.severity == Severity::Info));
}

#[test]
fn a_state_that_is_not_ours_is_told_with_its_line_and_left_alone() {
    let memory = Memory::default();
    memory.put(STATE, "{\"class-lists\":1}\nAnna\n");
    let error = lists(&memory).apply(vec![pupil("a", "A", "A")]).unwrap_err();
    assert_eq!((error.kind, error.place.unwrap().line), (ErrorKind::Invalid, Some(2)));
    assert_eq!(lists(&memory).finish().unwrap_err().kind, ErrorKind::Invalid);
    assert_eq!(memory.writes(), 0);
    assert_eq!(lists(&memory).check().unwrap()[0].severity, Severity::Failure);
}

/// Batches that create, change, rename and remove.
fn script() -> Vec<Vec<Change>> {
    vec![
        vec![pupil("eva", "Eva", "Ek"), pupil("bo", "Bo", "Å"), pupil("ada", "Ada", "Al")],
        vec![list("4A", &["eva", "bo"]), list("4B", &["ada"]), update("pupil", "eva", "name", replace("Eva E"))],
        vec![
            update("list", "4A", "member", Edit::Add(references(&["ada"]))),
            update("pupil", "bo", "username", replace("bo2")),
        ],
        vec![update("list", "4B", "member", Edit::Remove(references(&["ada"]))), remove("pupil", "eva")],
        vec![list("4C", &["bo2"]), update("list", "4A", "name", replace("5A"))],
    ]
}

/// Whether a change has been carried out already, as a host finds out by looking.
fn is_done(own: &mut ClassList, change: &Change) -> bool {
    let mut look = |id: &String, attribute: &str| {
        own.get(&change.class, std::slice::from_ref(id), &names(&[attribute])).unwrap().remove(0)
    };
    match &change.operation {
        Operation::Remove(id) => look(id, "name").is_none(),
        Operation::Create(attributes) => own.find(&change.class, attributes, &[]).unwrap().is_some(),
        // Those of the script that cannot simply be done again give another id.
        Operation::Update(update) => look(&update.id, &update.modifications[0].attribute).is_none(),
    }
}

#[test]
fn wherever_the_disk_fills_up_the_next_run_ends_as_an_undisturbed_one() {
    let undisturbed = Memory::default();
    let mut own = lists(&undisturbed);
    for batch in script() {
        own.apply(batch).unwrap();
        own.finish().unwrap();
    }
    let files = |memory: &Memory| {
        let entries = Folder::in_memory(memory).entries().unwrap();
        entries.iter().map(|info| (info.name.clone(), content(memory, &info.name))).collect::<Vec<_>>()
    };
    let expected = files(&undisturbed);
    let all: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(all, ["4C.csv", "4C.html", "5A.csv", "5A.html", STATE]);
    for room in (0..40_000).step_by(61) {
        let memory = Memory::default();
        memory.limit(Some(room));
        let mut told = 0;
        let mut own = lists(&memory);
        for batch in script() {
            match own.apply(batch) {
                Ok(outcomes) if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))) => told += 1,
                _ => break,
            }
            if own.finish().is_err() {
                break;
            }
        }
        memory.limit(None);
        let mut next = lists(&memory);
        for (index, batch) in script().into_iter().enumerate().skip(told) {
            let left: Vec<Change> =
                batch.into_iter().filter(|change| index > told || !is_done(&mut next, change)).collect();
            let outcomes = next.apply(left).unwrap();
            assert!(
                outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_) | Outcome::Unchanged(_))),
                "room {room}: {outcomes:?}"
            );
        }
        next.finish().unwrap();
        assert_eq!(files(&memory), expected, "room {room}");
    }
}

#[test]
fn what_an_interrupted_write_left_is_cleared_away() {
    let memory = four();
    memory.put("Hav 4A.csv.new", "half a list");
    memory.put("other.csv.new", "not ours");
    let mut own = lists(&memory);
    applied(&mut own, remove("list", "Hav 4A"));
    assert!(own.check().unwrap().iter().any(|result| result.severity == Severity::Warning));
    own.finish().unwrap();
    assert!(memory.content("Hav 4A.csv.new").is_none() && memory.content("Hav 4A.csv").is_none());
    assert!(memory.content("other.csv.new").is_some());
}

#[test]
fn the_state_can_stand_where_teachers_do_not_look() {
    let (folder, own) = (Memory::default(), Memory::default());
    let settings = serde_json::from_str(r#"{"folder":"out","state-folder":"own"}"#).unwrap();
    let mut lists = ClassList::from_folders(Folder::in_memory(&folder), Folder::in_memory(&own), settings).unwrap();
    lists.apply(vec![pupil("bo", "Bo", "Ek"), list("4A", &["bo"])]).unwrap();
    lists.finish().unwrap();
    let seen = |memory: &Memory| Folder::in_memory(memory).entries().unwrap().into_iter().map(|info| info.name);
    assert_eq!(seen(&folder).collect::<Vec<_>>(), ["4A.csv", "4A.html"]);
    assert_eq!(seen(&own).collect::<Vec<_>>(), [STATE]);
}
