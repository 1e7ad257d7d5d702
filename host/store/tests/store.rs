//! What is remembered, and how it goes wrong.

#![allow(clippy::unwrap_used, missing_docs)]

use jiff::civil::date;
use sluss_engine::key::Key;
use sluss_engine::ledger::{Held, Ledger, Owner};
use sluss_engine::person::PersonId;
use sluss_engine::plan::Action;
use sluss_engine::policy::MatchKey;
use sluss_engine::value::{Cell, Value};
use sluss_store::{
    Answer, Body, Decided, Draft, Entry, Kept, Lock, LockError, Look, Marks, NEVER, Phase, Seen, Store, StoreError,
};
use tempfile::TempDir;

fn store() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("state.db")).unwrap();
    (folder, store)
}

fn key(value: &str) -> Key {
    Key { kind: MatchKey::IdentityNumber, value: value.to_owned() }
}

fn held(name: &str) -> Held {
    Held { name: name.to_owned(), renew: String::new() }
}

fn kept<'a>(record: &'a str, shape: i64, fingerprint: u128, cells: &'a [Cell], person: Option<PersonId>) -> Kept<'a> {
    Kept { source: "hr", class: "engagement", record, shape, fingerprint, cells, person }
}

#[test]
fn a_record_that_did_not_change_is_recognised_in_whatever_order_it_comes() {
    let (_folder, mut store) = store();
    let shape = store.shape(&["a".to_owned(), "b".to_owned()]).unwrap();
    let mut entries = Marks::default();
    for fingerprint in 0..1000_u128 {
        let cells = [Cell::One(Value::Integer(fingerprint as i64)), Cell::Absent];
        let record = fingerprint.to_string();
        let row = store.keep(&kept(&record, shape, fingerprint, &cells, None)).unwrap();
        entries.push(fingerprint, row);
    }
    store.save_scan("hr", "engagement", Some("v1"), "reader", 7, &entries).unwrap();

    let mut scan = store.scan("hr", "engagement").unwrap();
    assert_eq!((scan.version.as_deref(), scan.day, scan.len()), (Some("v1"), 7, 1000));
    for (fingerprint, row) in entries.iter().rev().filter(|(fingerprint, _)| *fingerprint != 500) {
        assert_eq!(scan.see(fingerprint), Seen::Unchanged(row));
    }
    assert_eq!(scan.see(3), Seen::Twice);
    assert_eq!(scan.see(5000), Seen::New);
    assert_eq!(scan.unseen().collect::<Vec<_>>(), entries.iter().skip(500).take(1).collect::<Vec<_>>());
    assert!(store.scan("hr", "unit").unwrap().is_empty());
}

#[test]
fn a_record_that_comes_back_is_no_longer_gone() {
    let (_folder, mut store) = store();
    let shape = store.shape(&["a".to_owned()]).unwrap();
    let person = store.admit(&[key("somebody")]).unwrap();
    let row = store.keep(&kept("1", shape, 1, &[Cell::Absent], Some(person))).unwrap();
    for day in [42, 43] {
        assert_eq!(store.lose(row, day).unwrap().unwrap().person, Some(person));
    }
    assert_eq!(store.records_of(person).unwrap()[0].gone, Some(42));
    assert_eq!(store.row_of("hr", "engagement", "1").unwrap(), None);
    assert_eq!(store.keep(&kept("1", shape, 2, &[Cell::Absent], Some(person))).unwrap(), row);
    assert_eq!(store.records_of(person).unwrap()[0].gone, None);
}

#[test]
fn a_name_is_never_given_to_a_second_person() {
    let (_folder, mut store) = store();
    let (eva, bo) = (PersonId(1), PersonId(2));
    store.hold(eva, "username", &held("EvaObe"), date(2026, 11, 23)).unwrap();
    assert_eq!(store.owner("username", "evaobe").unwrap(), Owner::Person(eva));
    assert!(store.hold(bo, "username", &held("evaobe"), date(2026, 11, 23)).is_err());
    store.hold(eva, "username", &held("evanyg"), date(2026, 11, 23)).unwrap();
    assert_eq!(store.held(eva, "username").unwrap().unwrap().name, "evanyg");
    // Retired, and still hers.
    assert!(store.hold(bo, "username", &held("evaobe"), date(2026, 11, 23)).is_err());
    store.hold(eva, "username", &held("evaobe"), date(2026, 11, 23)).unwrap();
    assert_eq!(store.owner("mail", "evaobe").unwrap(), Owner::Free);
    store.foreign("username", "evaobe").unwrap();
    assert_eq!(store.owner("username", "evaobe").unwrap(), Owner::Foreign);
    assert_eq!(store.held(eva, "username").unwrap(), None);
    assert!(store.hold(eva, "username", &held("evaobe"), date(2026, 11, 23)).is_err());
}

#[test]
fn a_retired_name_tells_since_when_and_one_that_is_back_does_not() {
    let (_folder, mut store) = store();
    let eva = PersonId(1);
    let held = |name: &str, renew: &str| Held { name: name.to_owned(), renew: renew.to_owned() };
    store.hold(eva, "mail", &held("eva@a", "a"), date(2026, 1, 1)).unwrap();
    store.hold(eva, "mail", &held("eva@b", "b"), date(2026, 3, 1)).unwrap();
    store.hold(eva, "mail", &held("eva@c", "c"), date(2026, 5, 1)).unwrap();
    let retired = |store: &Store, after| {
        let retired = store.retired(eva, "mail", after).unwrap();
        retired.into_iter().map(|retired| (retired.name, retired.renew, retired.day)).collect::<Vec<_>>()
    };
    let (a, b) = (
        ("eva@a".to_owned(), "a".to_owned(), date(2026, 3, 1)),
        ("eva@b".to_owned(), "b".to_owned(), date(2026, 5, 1)),
    );
    assert_eq!(retired(&store, date(2026, 2, 28)), [b.clone(), a]);
    assert_eq!(retired(&store, date(2026, 3, 1)), [b]);
    assert_eq!(retired(&store, date(2026, 5, 1)), []);
    assert_eq!(store.retired(PersonId(2), "mail", date(2026, 1, 1)).unwrap(), []);
    store.hold(eva, "mail", &held("eva@b", "b"), date(2026, 6, 1)).unwrap();
    let names: Vec<String> = retired(&store, date(2026, 1, 1)).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["eva@c", "eva@a"]);
    store.foreign("mail", "eva@c").unwrap();
    assert_eq!(retired(&store, date(2026, 5, 1)), []);
}

#[test]
fn a_look_at_a_target_counts_for_whoever_took_it_and_until_something_there_becomes_ours() {
    let (_folder, mut store) = store();
    let (first, next) = (Look { day: 7, token: vec![1] }, Look { day: 7, token: vec![2] });
    store.looked("d", "user", "reader", &first).unwrap();
    store.looked("d", "group", "reader", &first).unwrap();
    store.looked("d", "user", "reader", &next).unwrap();
    assert_eq!(store.look("d", "user", "reader").unwrap(), Some(next));
    assert_eq!(store.look("d", "user", "another").unwrap(), None);
    assert_eq!(store.look("e", "user", "reader").unwrap(), None);
    // What happened to it while it was nobody's was told to nobody.
    store.meet("d", "user", "x", "mail", "info@a").unwrap();
    store.own("d", "user", "x").unwrap();
    assert_eq!(store.look("d", "user", "reader").unwrap(), None);
    assert_eq!(store.owner("mail", "info@a").unwrap(), Owner::Free);
    assert_eq!(store.look("d", "group", "reader").unwrap(), Some(first));
}

#[test]
fn a_name_of_something_else_is_taken_as_long_as_that_is_there() {
    let (_folder, mut store) = store();
    let (eva, day) = (PersonId(1), date(2026, 11, 23));
    let one = store.meet("d", "user", "x", "mail", "Info@A").unwrap();
    assert_eq!(store.meet("d", "user", "x", "mail", "info@a").unwrap(), one, "it is noted once");
    let other = store.meet("d", "group", "y", "mail", "info@a").unwrap();
    assert_eq!(store.owner("mail", "INFO@a").unwrap(), Owner::Foreign);
    assert_eq!(store.owner("username", "info@a").unwrap(), Owner::Free);
    assert_eq!(store.foreign_classes("d").unwrap(), ["group", "user"]);
    assert_eq!(store.foreign_names("d", "user").unwrap(), [one]);
    store.part_with(one).unwrap();
    assert_eq!(store.owner("mail", "info@a").unwrap(), Owner::Foreign, "the group has it still");
    store.unmeet("d", "group", "y").unwrap();
    assert_eq!(
        (store.owner("mail", "info@a").unwrap(), store.foreign_names("d", "group").unwrap()),
        (Owner::Free, vec![])
    );
    assert_ne!(one, other);
    // What a person has is the person's, whatever else is called so.
    store.hold(eva, "mail", &held("eva@a"), day).unwrap();
    store.meet("d", "user", "x", "mail", "eva@a").unwrap();
    assert_eq!(store.owner("mail", "eva@a").unwrap(), Owner::Person(eva));
}

#[test]
fn what_a_target_computed_and_licences_stay_with_the_object() {
    let (_folder, mut store) = store();
    let mut account = |rule: &str| {
        let draft =
            Draft { target: "office", class: "user", rule, person: Some(PersonId(1)), group: None, label: "eva" };
        store.draft(&draft).unwrap()
    };
    let (one, two) = (account("office"), account("mailbox"));
    assert_eq!(store.object(one).unwrap().unwrap().computed, []);
    let computed = vec![("serial".to_owned(), vec![Value::from("7")]), ("none".to_owned(), vec![])];
    store.compute(one, &computed).unwrap();
    store.observed(one, "id", None, &vec![("mail".to_owned(), vec![Value::from("eva@a")])]).unwrap();
    assert_eq!(store.account(PersonId(1), "office").unwrap().unwrap().computed, computed);
    for (object, sku) in [(one, "E3"), (one, "E3"), (one, "DRAW"), (two, "E3")] {
        store.license(object, "licence", sku).unwrap();
    }
    let texts = |all: &[&str]| all.iter().map(|sku| ("licence".to_owned(), (*sku).to_owned())).collect::<Vec<_>>();
    assert_eq!(store.licences_of(one).unwrap(), texts(&["DRAW", "E3"]));
    assert_eq!((store.licences("office").unwrap(), store.licences("other").unwrap()), (3, 0));
    store.unlicense(one, "licence", "E3").unwrap();
    store.unlicense(one, "other", "DRAW").unwrap();
    assert_eq!(store.licences_of(one).unwrap(), texts(&["DRAW"]));
    store.forget(one).unwrap();
    assert_eq!((store.licences_of(one).unwrap(), store.licences("office").unwrap()), (vec![], 1));
}

#[test]
fn whoever_is_decided_stays_awake_until_it_is_carried_out() {
    let (_folder, mut store) = store();
    let one = store.admit(&[key("one")]).unwrap();
    let two = store.admit(&[key("two")]).unwrap();
    let decided = Decided { next: NEVER, stage: "active", manager: None, protected: false, hint: None };
    store.decided(one, &Decided { next: 100, manager: Some(two), protected: true, ..decided }).unwrap();
    store.decided(two, &decided).unwrap();
    assert_eq!(store.awake(0).unwrap(), [one, two]);
    store.settle_all().unwrap();
    assert_eq!(store.awake(99).unwrap(), []);
    assert_eq!(store.awake(100).unwrap(), [one]);
    assert_eq!(store.next_wake().unwrap(), Some(100));
    store.retry_person(two, 50).unwrap();
    assert_eq!(store.awake(50).unwrap(), [two]);
    assert_eq!(store.managed_by(two).unwrap(), [one]);
}

#[test]
fn a_batch_holds_one_phase_and_no_object_twice() {
    let (_folder, mut store) = store();
    let mut object = |key: &str| {
        let draft =
            Draft { target: "d", class: "group", rule: "g", person: None, group: Some((key, "member")), label: key };
        store.draft(&draft).unwrap()
    };
    let (a, b) = (object("a"), object("b"));
    let mut enter = |object, phase| {
        let body = Body::Remove { reasons: Vec::new() };
        let entry = Entry { id: 0, target: "d".into(), phase, object, action: Action::Remove, person: None, body };
        store.enter(&entry).unwrap()
    };
    let late = enter(a, Phase::JOIN);
    let first = enter(a, Phase::GROUP);
    let second = enter(b, Phase::GROUP);
    let again = enter(b, Phase::GROUP);
    let ids = |store: &Store| store.next_batch("d", 10).unwrap().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids(&store), [first, second]);
    store.sent([first, second]).unwrap();
    assert_eq!(ids(&store), [again]);
    store.strike(again).unwrap();
    assert_eq!(ids(&store), [late]);
    assert_eq!(store.unanswered().unwrap().len(), 2);
    assert_eq!(store.discard(None).unwrap(), 1);
    assert_eq!(store.unanswered().unwrap().len(), 2);
}

#[test]
fn a_step_that_is_undone_leaves_nothing() {
    let (_folder, mut store) = store();
    store.begin().unwrap();
    store.admit(&[key("one")]).unwrap();
    store.roll_back().unwrap();
    assert_eq!(store.person_by(&key("one")).unwrap(), None);
}

#[test]
fn a_file_that_is_none_of_ours_says_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.db");
    std::fs::write(&path, "this is a text file, and quite a long one, so that it is not taken for an empty one")
        .unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Damaged(_))));
    assert!(matches!(Store::open(&folder.path().join("no/such/folder.db")), Err(StoreError::Open(..))));
}

#[test]
fn only_one_has_the_lock() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.db");
    let lock = Lock::take(&state, "the first").unwrap();
    match Lock::take(&state, "the second") {
        Err(LockError::Taken(who)) => assert!(who.is_empty() || who == "the first"),
        other => panic!("{other:?}"),
    }
    drop(lock);
    Lock::take(&state, "the second").unwrap();
}

#[test]
fn an_answer_is_kept_until_its_register_is_no_more() {
    let (_folder, mut store) = store();
    let one = store.admit(&[key("one"), key("old")]).unwrap();
    let said = |name: &str| Some(vec![("surname".to_owned(), vec![Value::from(name)])]);
    let answer =
        |number: &str, asked, attributes| Answer { register: "navet".into(), number: number.into(), asked, attributes };
    assert!(store.answered(&answer("one", 10, said("Berg"))).unwrap());
    assert!(!store.answered(&answer("one", 12, said("Berg"))).unwrap(), "the same once more");
    assert!(store.answered(&answer("old", 11, None)).unwrap());
    assert!(!store.answered(&answer("old", 11, None)).unwrap());
    assert!(store.answered(&answer("one", 12, said("Öst"))).unwrap());
    let known = store.answers_of(one).unwrap();
    assert_eq!(known, [answer("old", 11, None), answer("one", 12, said("Öst"))]);
    assert!(store.is_answered("navet", "old").unwrap());
    assert!(!store.is_answered("other", "old").unwrap());
    assert_eq!(store.stale_answers("navet", 11, 10).unwrap(), ["old"]);
    store.settle_all().unwrap();
    store.keep_answers_of(&["navet"]).unwrap();
    assert_eq!(store.answers_of(one).unwrap().len(), 2);
    store.keep_answers_of(&[]).unwrap();
    assert_eq!(store.answers_of(one).unwrap(), []);
    assert_eq!(store.awake(0).unwrap(), [one]);
}

#[test]
fn two_that_became_one_can_be_parted_again() {
    let (_folder, mut store) = store();
    let shape = store.shape(&["a".to_owned()]).unwrap();
    let cells = [Cell::Absent];
    let staff = store.admit(&[key("lasting")]).unwrap();
    let pupil = store.admit(&[key("temporary")]).unwrap();
    store.keep(&kept("employment", shape, 1, &cells, Some(staff))).unwrap();
    store.keep(&kept("placement", shape, 2, &cells, Some(pupil))).unwrap();
    let records = |store: &Store, person| {
        store.records_of(person).unwrap().into_iter().map(|record| record.record).collect::<Vec<_>>()
    };

    let [other, third] = [7, 8].map(PersonId);
    store.part(pupil, other).unwrap();
    store.part(pupil, third).unwrap();
    store.part(third, staff).unwrap();
    let merge = store.merge(pupil, staff, "2026-11-23T10:00:00Z", "somebody").unwrap();
    assert!(store.are_apart(staff, other).unwrap(), "whoever is not the one is not the other");
    assert_eq!(records(&store, staff), ["employment", "placement"]);
    assert_eq!(store.person_by(&key("temporary")).unwrap(), Some(staff));
    store.wake_all().unwrap();
    assert_eq!(store.awake(0).unwrap(), [staff], "nobody is there twice");
    assert_eq!(store.stages().unwrap(), [("known".to_owned(), 1)]);
    let next = store.admit(&[key("next")]).unwrap();
    assert_ne!(next, pupil, "an id is never given to another");

    assert_eq!(store.unmerge(merge, "2026-11-24T10:00:00Z").unwrap(), Some((pupil, staff)));
    assert_eq!(store.unmerge(merge, "2026-11-24T10:00:00Z").unwrap(), None, "only once");
    assert_eq!(records(&store, staff), ["employment"]);
    assert_eq!(records(&store, pupil), ["placement"]);
    assert_eq!(store.person_by(&key("temporary")).unwrap(), Some(pupil));
    assert!(store.are_apart(staff, pupil).unwrap());
    let apart = [(staff, other), (pupil, other), (staff, third)].map(|(a, b)| store.are_apart(a, b).unwrap());
    assert_eq!(apart, [false, true, true], "what was said of the one is said of that one again");
    assert_eq!(store.awake(0).unwrap(), [staff, pupil, next]);
}
