//! The connector on files in memory: what it writes, what it keeps, and what survives a machine that stops.

#![allow(clippy::unwrap_used)]

use sluss_plugin_ldif::{Ldif, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{
    Attribute, Cell, Change, Connector, Edit, ErrorKind, Modification, Operation, Outcome, Page, Rest, Severity,
    Target, Update, Value,
};

const FILE: &str = "directory.ldif";
const JOURNAL: &str = "directory.changes.ldif";
const EVA: &str = "uid=eva,ou=people,dc=example,dc=se";

fn ldif(memory: &Memory) -> Ldif {
    let settings: Settings = serde_json::from_str(r#"{"folder":"out","base":"dc=example,dc=se"}"#).unwrap();
    Ldif::from_folder(Folder::in_memory(memory), &settings).unwrap()
}

fn change(class: &str, operation: Operation) -> Change {
    Change { id: 1, class: class.into(), operation }
}

fn user(uid: &str) -> Change {
    let attributes =
        vec![Attribute::one("uid", uid), Attribute::one("cn", format!("Åsa {uid}")), Attribute::one("sn", "Lind")];
    change("user", Operation::Create(attributes))
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,dc=example,dc=se")
}

fn group(cn: &str, members: &[&str]) -> Change {
    let members = members.iter().map(|uid| Value::Reference(dn(uid)));
    change("group", Operation::Create(vec![Attribute::one("cn", cn), Attribute::many("member", members)]))
}

fn update(class: &str, id: &str, attribute: &str, edit: Edit) -> Change {
    let modifications = vec![Modification { attribute: attribute.into(), edit }];
    change(class, Operation::Update(Update { id: id.into(), version: None, modifications }))
}

fn replace(text: &str) -> Edit {
    Edit::Replace(vec![text.into()])
}

fn one(ldif: &mut Ldif, change: Change) -> Outcome {
    let mut outcomes = ldif.apply(vec![change]).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

fn applied(ldif: &mut Ldif, change: Change) -> (String, String) {
    match one(ldif, change) {
        Outcome::Applied(applied) => (applied.id, applied.version.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn refusal(ldif: &mut Ldif, change: Change) -> ErrorKind {
    match one(ldif, change) {
        Outcome::Rejected(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn read_all(ldif: &mut Ldif, class: &str, columns: &[&str], max: u32) -> Page {
    let mut all = ldif.read(class, &names(columns), None, max).unwrap();
    while let Rest::More(cursor) = all.rest.clone() {
        let page = ldif.read(class, &names(columns), Some(cursor), max).unwrap();
        all.rows.extend(page.rows);
        all.faults.extend(page.faults);
        all.rest = page.rest;
    }
    all
}

fn content(memory: &Memory) -> String {
    String::from_utf8(memory.content(FILE).unwrap()).unwrap()
}

#[test]
fn a_first_run_makes_a_sorted_file_with_its_containers() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    let outcomes = own.apply(vec![user("eva"), user("bo"), group("VO-12", &["eva"])]).unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))));
    assert!(memory.content(FILE).is_none(), "the file is written at the end");
    own.finish().unwrap();
    assert!(memory.content(JOURNAL).is_none());
    let expected = "# Kept by Sluss, generation 1\nversion: 1\n\n\
        dn: dc=example,dc=se\nobjectClass: domain\ndc: example\n\n\
        dn: ou=groups,dc=example,dc=se\nobjectClass: organizationalUnit\nou: groups\n\n\
        dn: cn=VO-12,ou=groups,dc=example,dc=se\nobjectClass: groupOfNames\ncn: VO-12\n\
        member: uid=eva,ou=people,dc=example,dc=se\nmember: dc=example,dc=se\n\n\
        dn: ou=people,dc=example,dc=se\nobjectClass: organizationalUnit\nou: people\n\n\
        dn: uid=bo,ou=people,dc=example,dc=se\nobjectClass: inetOrgPerson\nuid: bo\ncn:: w4VzYSBibw==\nsn: Lind\n\n\
        dn: uid=eva,ou=people,dc=example,dc=se\nobjectClass: inetOrgPerson\nuid: eva\ncn:: w4VzYSBldmE=\nsn: Lind\n\n";
    assert_eq!(content(&memory), expected);
}

#[test]
fn what_is_written_is_read_before_and_after_the_end_of_the_run() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva"), user("bo"), user("ada")]).unwrap();
    let (_, version) = applied(&mut own, update("user", EVA, "title", replace("Nurse")));
    let columns = ["uid", "title", "enabled", "container"];
    let before = read_all(&mut own, "user", &columns, 2);
    own.finish().unwrap();
    for (ldif, max) in [(&mut own, 1), (&mut ldif(&memory), 100)] {
        assert_eq!(read_all(ldif, "user", &columns, max), before);
    }
    let ids: Vec<&str> = before.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [&dn("ada"), &dn("bo"), EVA]);
    assert_eq!(before.rows[2].version, Some(version));
    assert_eq!(before.rows[2].cells[1..], [Cell::from("Nurse"), Cell::from(true), Cell::from("ou=people")]);
    assert_eq!(before.rows[0].cells[1], Cell::Many(vec![]));
}

#[test]
fn objects_are_found_by_id_and_by_what_would_create_them() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva"), group("g", &[])]).unwrap();
    let ids = [EVA, "UID=Eva, ou=people,dc=example,dc=se", "uid=x,dc=se", "no name"].map(str::to_owned);
    let found = own.get("user", &ids, &names(&["sn"])).unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false, false]);
    assert_eq!(found[0].as_ref().unwrap().attributes, [Attribute::one("sn", "Lind")]);
    let create = [Attribute::one("uid", "eva")];
    assert_eq!(own.find("user", &create, &names(&["sn"])).unwrap(), found[0]);
    assert_eq!(own.find("user", &[Attribute::one("uid", "bo")], &[]).unwrap(), None);
    assert_eq!(own.get("group", &ids[..1], &[]).unwrap(), [None]);
    assert!(own.read("robot", &[], None, 1).is_err());
}

#[test]
fn doing_it_again_changes_nothing() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva"), group("g", &["eva"])]).unwrap();
    let writes = memory.writes();
    let group = "cn=g,ou=groups,dc=example,dc=se";
    let eva = vec![Value::Reference(EVA.into())];
    for again in [
        update("user", EVA, "sn", replace("Lind")),
        update("user", EVA, "enabled", Edit::Replace(vec![true.into()])),
        update("user", EVA, "container", replace("ou=people")),
        update("group", group, "member", Edit::Add(eva)),
        update("group", group, "member", Edit::Remove(vec![Value::Reference(dn("bo"))])),
    ] {
        assert!(matches!(one(&mut own, again), Outcome::Unchanged(_)));
    }
    assert_eq!(refusal(&mut own, user("eva")), ErrorKind::AlreadyExists);
    assert_eq!(memory.writes(), writes);
}

#[test]
fn what_cannot_be_is_refused_and_the_rest_of_the_batch_is_done() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva"), user("bo")]).unwrap();
    let outcomes = own.apply(vec![update("user", &dn("no"), "sn", replace("x")), user("ada")]).unwrap();
    assert!(matches!(&outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::NotFound));
    assert!(matches!(outcomes[1], Outcome::Applied(_)));
    assert_eq!(refusal(&mut own, change("user", Operation::Remove(dn("no")))), ErrorKind::NotFound);
    assert_eq!(refusal(&mut own, change("group", Operation::Remove(EVA.into()))), ErrorKind::NotFound);
    assert_eq!(refusal(&mut own, update("user", EVA, "uid", replace("bo"))), ErrorKind::AlreadyExists);
    assert_eq!(refusal(&mut own, change("robot", Operation::Remove(EVA.into()))), ErrorKind::Unsupported);
    let modifications = vec![Modification { attribute: "sn".into(), edit: replace("x") }];
    let old = Update { id: EVA.into(), version: Some("0".into()), modifications };
    assert_eq!(refusal(&mut own, change("user", Operation::Update(old))), ErrorKind::Conflict);
    assert_eq!(
        own.get("user", &[EVA.to_owned()], &names(&["sn"])).unwrap()[0].as_ref().unwrap().attributes[0].values,
        ["Lind".into()]
    );
}

#[test]
fn renaming_and_moving_keep_everything_else() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva")]).unwrap();
    let modifications = vec![
        Modification { attribute: "uid".into(), edit: replace("eva2") },
        Modification { attribute: "container".into(), edit: replace("ou=gone,ou=people") },
        Modification { attribute: "mail".into(), edit: replace("eva2@example.se") },
    ];
    let (id, version) =
        applied(&mut own, change("user", Operation::Update(Update { id: EVA.into(), version: None, modifications })));
    assert_eq!(id, "uid=eva2,ou=gone,ou=people,dc=example,dc=se");
    for ldif in [&mut own, &mut ldif(&memory)] {
        let object =
            ldif.get("user", std::slice::from_ref(&id), &names(&["uid", "mail", "sn"])).unwrap().remove(0).unwrap();
        let expected =
            [Attribute::one("uid", "eva2"), Attribute::one("mail", "eva2@example.se"), Attribute::one("sn", "Lind")];
        assert_eq!((object.attributes.as_slice(), object.version), (expected.as_slice(), Some(version.clone())));
        assert_eq!(ldif.get("user", &[EVA.to_owned()], &[]).unwrap(), [None]);
    }
    applied(&mut own, change("user", Operation::Remove(id)));
    own.finish().unwrap();
    assert!(content(&memory).contains("ou=gone") && !content(&memory).contains("eva"));
}

#[test]
fn entries_made_by_hand_are_kept_as_they_are() {
    let memory = Memory::default();
    let by_hand = "# Our directory\nversion: 1\n\n# the printer\n# on the first floor\n\ndn: cn=Printer, dc=example,dc=se\r\n\
        objectclass: device\r\ncn: Printer\r\ndescription: a long line that was\r\n  folded by hand \r\n\r\n\
        dn: dc=example,dc=se\nobjectClass: domain\ndc: example\nphoto:< file:///tmp/x.jpg\n\n# the end\n";
    memory.put(FILE, by_hand);
    let mut own = ldif(&memory);
    applied(&mut own, user("eva"));
    own.finish().unwrap();
    let written = content(&memory);
    for part in [
        "# Our directory\nversion: 1",
        "# the printer\n# on the first floor\n\ndn: cn=Printer, dc=example,dc=se\r\n",
        "\r\ndescription: a long line that was\r\n  folded by hand \n\n",
        "photo:< file:///tmp/x.jpg\n\n",
        "# the end\n",
    ] {
        assert!(written.contains(part), "{part:?} in\n{written}");
    }
    assert!(written.find("dn: dc=example").unwrap() < written.find("dn: cn=Printer").unwrap());
    let mut next = ldif(&memory);
    let page = read_all(&mut next, "user", &["uid"], 10);
    assert_eq!((page.rows.len(), page.faults.len()), (1, 0));
    applied(&mut next, update("user", EVA, "sn", replace("x")));
    next.finish().unwrap();
    let again = written.replace("generation 1", "generation 2").replace("sn: Lind", "sn: x");
    assert_eq!(content(&memory), again);
}

#[test]
fn an_object_that_cannot_be_read_is_a_fault_with_its_id() {
    let memory = Memory::default();
    memory.put(FILE, format!("dn: {EVA}\nobjectClass: inetOrgPerson\njpegPhoto:< file:///tmp/x.jpg\n\n"));
    let page = read_all(&mut ldif(&memory), "user", &["uid"], 10);
    assert_eq!((page.rows.len(), page.faults.len(), page.rest), (0, 1, Rest::Complete));
    assert_eq!(page.faults[0].object.as_deref(), Some(EVA));
    assert_eq!(page.faults[0].kind, ErrorKind::Unsupported);
}

#[test]
fn a_file_that_is_no_ldif_is_told_with_its_line_and_left_alone() {
    for (text, line, part) in [
        ("version: 1\n\ndn: dc=se\ndc se\n", 3, "colon"),
        ("dn: dc=se\n\ncn: x\n\n", 3, "dn:"),
        ("dn: dc=se\ndc: se\n\ndn: DC=SE\ndc: se\n\n", 4, "line 1"),
        ("dn: dc=se\nchangetype: delete\n\n", 1, "change"),
        ("dn: dc=se\nCHANGETYPE: delete\n\n", 1, "change"),
        ("\n\ndn: se\n\n", 3, "distinguished name"),
    ] {
        let memory = Memory::default();
        memory.put(FILE, text);
        let error = ldif(&memory).apply(vec![user("eva")]).unwrap_err();
        assert_eq!((error.kind, error.place.unwrap().line), (ErrorKind::Invalid, Some(line)), "{text:?}");
        assert!(error.message.contains(part), "{}", error.message);
        assert_eq!((memory.writes(), memory.content(FILE).unwrap()), (0, text.as_bytes().to_vec()));
        assert_eq!(ldif(&memory).check().unwrap()[0].severity, Severity::Failure);
    }
}

#[test]
fn a_run_without_changes_writes_nothing() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.finish().unwrap();
    assert!(own.apply(vec![]).unwrap().is_empty());
    read_all(&mut own, "user", &["uid"], 10);
    own.finish().unwrap();
    assert_eq!(memory.writes(), 0);
    assert_eq!(ldif(&memory).check().unwrap()[0].severity, Severity::Info);
}

/// Batches that create, change, rename, move and remove.
fn script() -> Vec<Vec<Change>> {
    let id = "cn=g,ou=groups,dc=example,dc=se";
    let eva = |uid: &str| vec![Value::Reference(dn(uid))];
    vec![
        vec![user("eva"), user("bo"), user("ada")],
        vec![group("g", &["eva"]), update("user", EVA, "title", replace("Nurse"))],
        vec![update("group", id, "member", Edit::Add(eva("bo"))), update("user", EVA, "uid", replace("eva2"))],
        vec![update("group", id, "member", Edit::Remove(eva("eva"))), change("user", Operation::Remove(dn("ada")))],
        vec![user("eva"), update("user", &dn("bo"), "enabled", Edit::Replace(vec![false.into()]))],
    ]
}

/// Whether a change has been carried out already, as a host finds out by looking.
fn is_done(ldif: &mut Ldif, change: &Change) -> bool {
    match &change.operation {
        Operation::Create(attributes) => ldif.find(&change.class, attributes, &[]).unwrap().is_some(),
        Operation::Remove(id) => ldif.get(&change.class, std::slice::from_ref(id), &[]).unwrap()[0].is_none(),
        Operation::Update(update) => {
            ldif.get(&change.class, std::slice::from_ref(&update.id), &[]).unwrap()[0].is_none()
        }
    }
}

#[test]
fn wherever_the_disk_fills_up_the_next_run_ends_as_an_undisturbed_one() {
    let undisturbed = Memory::default();
    let mut own = ldif(&undisturbed);
    for batch in script() {
        own.apply(batch).unwrap();
    }
    let journal = undisturbed.content(JOURNAL).unwrap().len();
    own.finish().unwrap();
    let file = content(&undisturbed);
    for room in 0..journal + file.len() + 10 {
        let memory = Memory::default();
        memory.limit(Some(room));
        let mut own = ldif(&memory);
        let mut told = 0;
        for batch in script() {
            match own.apply(batch) {
                Ok(outcomes) if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))) => told += 1,
                _ => break,
            }
        }
        let _ = own.finish();
        memory.limit(None);
        let mut next = ldif(&memory);
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
        let generation = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(generation(&content(&memory)), generation(&file), "room {room}");
        assert!(memory.content(JOURNAL).is_none());
    }
}

#[test]
fn a_change_that_was_told_survives_and_a_torn_one_does_not() {
    let memory = Memory::default();
    applied(&mut ldif(&memory), user("eva"));
    let told = memory.content(JOURNAL).unwrap();
    let mut other = ldif(&memory);
    applied(&mut other, user("bo"));
    let both = memory.content(JOURNAL).unwrap();
    for cut in told.len()..both.len() {
        let memory = Memory::default();
        memory.put(JOURNAL, &both[..cut]);
        let writes = memory.writes();
        let mut own = ldif(&memory);
        assert_eq!(read_all(&mut own, "user", &["uid"], 10).rows.len(), 1, "cut at {cut}");
        assert_eq!(memory.writes(), writes, "reading writes nothing");
        applied(&mut own, user("bo"));
        assert_eq!(memory.content(JOURNAL).unwrap(), both);
    }
}

#[test]
fn a_journal_that_was_played_already_is_not_played_again() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    own.apply(vec![user("eva")]).unwrap();
    applied(&mut own, update("user", EVA, "uid", replace("eva2")));
    applied(&mut own, user("eva"));
    let journal = memory.content(JOURNAL).unwrap();
    own.finish().unwrap();
    let file = content(&memory);
    memory.put(JOURNAL, journal);
    let mut next = ldif(&memory);
    assert_eq!(read_all(&mut next, "user", &["uid"], 10).rows.len(), 2);
    next.finish().unwrap();
    assert_eq!((content(&memory), memory.content(JOURNAL)), (file, None));
}

#[test]
fn a_journal_of_another_file_is_not_played() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    applied(&mut own, user("eva"));
    let journal = memory.content(JOURNAL).unwrap();
    own.finish().unwrap();
    applied(&mut ldif(&memory), user("bo"));
    ldif(&memory).finish().unwrap();
    memory.put(JOURNAL, journal);
    let error = ldif(&memory).apply(vec![user("x")]).unwrap_err();
    assert_eq!((error.kind, error.place.unwrap().file.as_str()), (ErrorKind::Conflict, JOURNAL));
    memory.put(JOURNAL, "dn: dc=se\nchangetype: delete\n\n");
    assert_eq!(ldif(&memory).apply(vec![user("x")]).unwrap_err().kind, ErrorKind::Invalid);
}

#[test]
fn a_generation_that_nobody_can_count_does_no_harm() {
    let memory = Memory::default();
    memory.put(FILE, format!("# Kept by Sluss, generation {}\nversion: 1\n\n", u64::MAX));
    memory.put(JOURNAL, format!("# Changes to {FILE}, generation {}\nversion: 1\n\n", u64::MAX));
    applied(&mut ldif(&memory), user("eva"));
    ldif(&memory).finish().unwrap();
    assert_eq!(read_all(&mut ldif(&memory), "user", &["uid"], 10).rows.len(), 1);
}

#[test]
fn nothing_is_written_that_could_not_be_read_again() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    applied(&mut own, user("eva"));
    for odd in [
        update("user", EVA, "changetype", replace("add")),
        change("user", Operation::Create(vec![Attribute::one("uid", "bo"), Attribute::one("ChangeType", "add")])),
    ] {
        assert_eq!(refusal(&mut own, odd), ErrorKind::Invalid);
    }
    own.finish().unwrap();
    assert_eq!(read_all(&mut ldif(&memory), "user", &["uid"], 10).rows.len(), 1);
}

#[test]
fn an_interrupted_run_is_brought_into_the_file_by_the_next() {
    let memory = Memory::default();
    applied(&mut ldif(&memory), user("eva"));
    assert_eq!(ldif(&memory).check().unwrap()[1].severity, Severity::Warning);
    ldif(&memory).finish().unwrap();
    assert!(content(&memory).contains("uid: eva") && memory.content(JOURNAL).is_none());
}

#[test]
fn a_disk_that_is_full_leaves_the_old_file_whole() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    applied(&mut own, user("eva"));
    own.finish().unwrap();
    let before = content(&memory);
    applied(&mut own, user("bo"));
    memory.limit(Some(100));
    assert_eq!(own.finish().unwrap_err().kind, ErrorKind::Unavailable);
    assert_eq!(content(&memory), before);
    memory.limit(None);
    own.finish().unwrap();
    assert!(content(&memory).contains("uid: bo"));
}

#[test]
fn a_group_of_fifty_thousand_is_edited_by_deltas() {
    let memory = Memory::default();
    let mut own = ldif(&memory);
    let members: Vec<String> = (0..50_000).map(|n| format!("u{n}")).collect();
    applied(&mut own, group("all", &members.iter().map(String::as_str).collect::<Vec<_>>()));
    let before = memory.content(JOURNAL).unwrap().len();
    let id = "cn=all,ou=groups,dc=example,dc=se";
    for round in 0..50 {
        let reference = |n: i32| Value::Reference(dn(&format!("u{n}")));
        applied(&mut own, update("group", id, "member", Edit::Add(vec![reference(60_000 + round), reference(round)])));
        applied(&mut own, update("group", id, "member", Edit::Remove(vec![reference(round), reference(70_000)])));
    }
    assert!(memory.content(JOURNAL).unwrap().len() - before < 50 * 500, "only what changed is written");
    own.finish().unwrap();
    let members = ldif(&memory).get("group", &[id.to_owned()], &names(&["member"])).unwrap();
    assert_eq!(members[0].as_ref().unwrap().attributes[0].values.len(), 50_000);
}

#[test]
fn what_would_stand_elsewhere_is_refused() {
    let memory = Memory::default();
    let settings = r#"{"folder":"out","base":"dc=example,dc=se","classes":{"user":{"container":"uid=x"}}}"#;
    let settings: Settings = serde_json::from_str(settings).unwrap();
    let mut own = Ldif::from_folder(Folder::in_memory(&memory), &settings).unwrap();
    assert_eq!(refusal(&mut own, user("eva")), ErrorKind::Invalid, "nobody knows what a container `uid=x` should be");
    let mut own = ldif(&memory);
    own.apply(vec![user("eva")]).unwrap();
    assert_eq!(refusal(&mut own, change("user", Operation::Remove("dc=example,dc=se".into()))), ErrorKind::NotFound);
    let settings: Settings = serde_json::from_str(r#"{"folder":"out","base":""}"#).unwrap();
    assert!(Ldif::from_folder(Folder::in_memory(&memory), &settings).is_err());
}
