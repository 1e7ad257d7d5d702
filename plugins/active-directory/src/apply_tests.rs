//! How many requests a batch takes, and what their answers mean for the changes.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::check;
use crate::fake::{BASE, Fake};
use crate::settings::{FirstPassword, Settings};
use sluss_sdk::{Attribute, Modification, Update};

/// A domain with the classes and what is remembered of it.
struct Bench {
    domain: Fake,
    layout: Layout,
    ways: Ways,
    memory: Memory,
}

impl Bench {
    fn new() -> Self {
        let settings: Settings = serde_json::from_str(r#"{"connection":"domain"}"#).unwrap();
        let domain = Fake::default();
        let layout = check::open(&domain, &settings).unwrap();
        domain.asked.borrow_mut().clear();
        Bench { domain, layout, ways: (&settings).into(), memory: Memory::default() }
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Outcome> {
        let Bench { domain, layout, ways, memory } = self;
        Work { domain, layout, ways: *ways, memory }.apply(changes).unwrap()
    }

    fn asked(&self) -> Vec<Query> {
        std::mem::take(&mut self.domain.asked.borrow_mut())
    }
}

fn create(id: u64, class: &str, attributes: &[(&str, &str)]) -> Change {
    let attributes = attributes.iter().map(|(name, value)| Attribute::one(*name, *value)).collect();
    Change { id, class: class.into(), operation: Operation::Create(attributes) }
}

fn user(id: u64, account: &str) -> Change {
    create(id, "user", &[("sAMAccountName", account), ("userPrincipalName", &format!("{account}@ad.test"))])
}

fn update(id: u64, class: &str, guid: Guid, edits: &[(&str, Edit)]) -> Change {
    let modifications =
        edits.iter().map(|(name, edit)| Modification { attribute: (*name).into(), edit: edit.clone() }).collect();
    let operation = Operation::Update(Update { id: guid.to_string(), version: None, modifications });
    Change { id, class: class.into(), operation }
}

fn replace(value: impl Into<Value>) -> Edit {
    Edit::Replace(vec![value.into()])
}

fn titled(id: u64, guid: Guid) -> Change {
    update(id, "user", guid, &[("title", replace("Chef"))])
}

fn remove(id: u64, guid: Guid) -> Change {
    Change { id, class: "user".into(), operation: Operation::Remove(guid.to_string()) }
}

fn id_of(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Applied(applied) | Outcome::Unchanged(applied) => &applied.id,
        other => panic!("{other:?}"),
    }
}

fn rejection(outcome: &Outcome) -> (ErrorKind, Option<&str>) {
    match outcome {
        Outcome::Rejected(error) => (error.kind, error.attribute.as_deref()),
        other => panic!("{other:?}"),
    }
}

fn refused(error: Error) -> ldap::Outcome {
    ldap::Outcome::Refused(error)
}

#[test]
fn a_first_load_is_one_write_each_and_one_search_for_all() {
    let mut bench = Bench::new();
    let changes: Vec<Change> = (0..40).map(|number| user(number, &format!("u{number}"))).collect();
    let outcomes = bench.apply(&changes);
    for (number, outcome) in outcomes.iter().enumerate() {
        let guid = bench.domain.at(&format!("CN=u{number},OU=People,{BASE}")).unwrap();
        assert_eq!(id_of(outcome), guid.to_string());
        assert_eq!(bench.domain.value(guid, "unicodePwd"), format!("password of {number}"));
        assert_eq!(bench.domain.value(guid, "pwdLastSet"), "0");
    }
    let written = bench.domain.written();
    assert_eq!((written.len(), written[0].len()), (1, 40));
    // Where the container is, and what the domain calls those that were made.
    assert_eq!(bench.asked().len(), 2);
    let group = create(99, "group", &[("sAMAccountName", "all")]);
    let outcomes = bench.apply(&[group, user(100, "later")]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))), "{outcomes:?}");
    assert_eq!(bench.domain.written()[0], ["add ou=Groups objectClass=organizationalUnit ou=Groups"]);
    assert_eq!(bench.asked().len(), 3, "the container of groups, and one search for each class");
}

#[test]
fn changes_of_known_objects_ask_for_nothing() {
    let mut bench = Bench::new();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|account| bench.domain.user(account));
    let close = update(2, "user", b, &[("enabled", replace(false))]);
    let outcomes = bench.apply(&[titled(1, a), close.clone(), remove(3, c), update(4, "user", d, &[])]);
    assert_eq!(outcomes.iter().map(id_of).collect::<Vec<_>>(), [a, b, c, d].map(|guid| guid.to_string()));
    assert!(matches!(outcomes[3], Outcome::Unchanged(_)));
    let expected = [
        "modify cn=a,ou=People Replace title=Chef",
        "modify cn=b,ou=People Replace userAccountControl=514",
        "remove cn=c,ou=People",
    ];
    assert_eq!(bench.domain.written(), [expected]);
    assert_eq!(bench.asked().len(), 1, "one search for the whole batch");
    bench.apply(&[titled(5, a), titled(6, b)]);
    assert!(bench.asked().is_empty());
    let outcomes = bench.apply(&[close]);
    assert!(matches!(outcomes[0], Outcome::Unchanged(_)), "the bits are always read anew");
    assert_eq!(bench.asked().len(), 1);
}

#[test]
fn an_object_is_found_again_wherever_others_put_it() {
    let mut bench = Bench::new();
    let (a, b) = (bench.domain.user("a"), bench.domain.user("b"));
    bench.apply(&[titled(1, a), titled(2, b)]);
    bench.domain.put(&format!("OU=North,{BASE}"), &[("objectClass", "organizationalUnit")]);
    bench.domain.relocate(a, &format!("CN=a,OU=North,{BASE}"));
    bench.domain.remove(b);
    bench.domain.written();
    let outcomes = bench.apply(&[titled(3, a), titled(4, b)]);
    assert_eq!(id_of(&outcomes[0]), a.to_string());
    assert_eq!(rejection(&outcomes[1]).0, ErrorKind::NotFound);
    let written = bench.domain.written();
    assert_eq!(written[1], ["modify cn=a,ou=North Replace title=Chef"]);
    // A move of our own is remembered.
    bench.apply(&[update(5, "user", a, &[("container", replace("OU=People"))])]);
    bench.domain.written();
    bench.apply(&[titled(6, a)]);
    assert_eq!(bench.domain.written(), [["modify cn=a,ou=People Replace title=Chef"]]);
    let unknown = Guid::parse("11111111-2222-3333-4444-555555555555").unwrap();
    assert_eq!(rejection(&bench.apply(&[titled(7, unknown)])[0]).0, ErrorKind::NotFound);
    let foreign = Change { id: 8, class: "user".into(), operation: Operation::Remove("uid=a".into()) };
    assert_eq!(rejection(&bench.apply(&[foreign])[0]).0, ErrorKind::Invalid);
}

#[test]
fn a_taken_name_says_which_one() {
    let mut bench = Bench::new();
    let windows = |text: &str| Error::already_exists(format!("there is an entry of this name already: {text}"));
    bench.domain.answer("add cn=a,", refused(windows("00000524: UpdErr: DSID-031A11EB, problem 6005")));
    bench.domain.answer("add cn=b,", refused(windows("00002071: UpdErr: DSID-031A11EB, problem 6005")));
    let upn = Error::invalid("a rule of the directory forbids a value: 000021C8: AtrErr: DSID-03200BBA");
    bench.domain.answer("add cn=c,", refused(upn));
    let named = create(4, "user", &[("sAMAccountName", "d"), ("cn", "Döda")]);
    bench.domain.answer("add cn=Döda,", refused(windows("00002071: UpdErr: x")));
    let outcomes = bench.apply(&[user(1, "a"), user(2, "b"), user(3, "c"), named]);
    let exists = |attribute| (ErrorKind::AlreadyExists, Some(attribute));
    assert_eq!(rejection(&outcomes[0]), exists("sAMAccountName"));
    assert_eq!(rejection(&outcomes[1]), exists("sAMAccountName"), "which names the entry");
    assert_eq!(rejection(&outcomes[2]), exists("userPrincipalName"));
    assert_eq!(rejection(&outcomes[3]), exists("cn"));
    bench.asked();
    bench.domain.answer("add cn=e,", refused(windows("00000524: UpdErr: x")));
    assert_eq!(rejection(&bench.apply(&[user(5, "e")])[0]), exists("sAMAccountName"));
    assert!(bench.asked().is_empty(), "nothing is asked where the domain says it");
}

#[test]
fn where_the_domain_does_not_say_which_name_is_taken_it_is_looked_at() {
    let mut bench = Bench::new();
    bench.domain.put(&format!("CN=x,{BASE}"), &[("objectClass", "user"), ("sAMAccountName", "EVA")]);
    bench.domain.put(&format!("CN=y,{BASE}"), &[("objectClass", "user"), ("userPrincipalName", "bo@ad.test")]);
    bench.domain.put(&format!("CN=ali,OU=People,{BASE}"), &[("objectClass", "contact")]);
    let said = || refused(Error::already_exists("there is an entry of this name already: it is in use"));
    bench.domain.answer("add cn=eva,", said());
    bench.domain.answer("add cn=bo,", said());
    let named = create(3, "user", &[("sAMAccountName", "ali2"), ("cn", "ali")]);
    let outcomes = bench.apply(&[user(1, "eva"), user(2, "bo"), named]);
    let attributes: Vec<_> = outcomes.iter().map(|outcome| rejection(outcome).1.unwrap()).collect();
    assert_eq!(attributes, ["sAMAccountName", "userPrincipalName", "cn"]);
    // Samba says of a name to log in with that a rule forbids it.
    bench.domain.answer("add cn=bo2,", refused(Error::invalid("forbidden: 0000202F: samldb").code("19")));
    let principal = create(4, "user", &[("sAMAccountName", "bo2"), ("userPrincipalName", "bo@ad.test")]);
    let outcomes = bench.apply(&[principal]);
    assert_eq!(rejection(&outcomes[0]), (ErrorKind::AlreadyExists, Some("userPrincipalName")));
    bench.domain.answer("add cn=bo3,", refused(Error::invalid("forbidden: 0000202F: samldb").code("19")));
    assert_eq!(rejection(&bench.apply(&[user(5, "bo3")])[0]), (ErrorKind::Invalid, None));
    let own = bench.domain.user("doris");
    bench.domain.answer("rename cn=doris,", said());
    let outcomes = bench.apply(&[update(4, "user", own, &[("cn", replace("ali"))])]);
    assert_eq!(rejection(&outcomes[0]), (ErrorKind::AlreadyExists, Some("cn")));
}

#[test]
fn a_member_that_is_gone_keeps_nobody_else_out() {
    let mut bench = Bench::new();
    let (a, b) = (bench.domain.user("a"), bench.domain.user("b"));
    let members = |guids: &[Guid]| guids.iter().map(|guid| Value::Reference(guid.to_string())).collect::<Vec<_>>();
    let made = create(1, "group", &[("sAMAccountName", "all")]);
    let group = Guid::parse(id_of(&bench.apply(&[made])[0])).unwrap();
    bench.domain.remove(b);
    let outcomes = bench.apply(&[update(2, "group", group, &[("member", Edit::Add(members(&[a, b])))])]);
    assert_eq!(id_of(&outcomes[0]), group.to_string());
    assert_eq!(bench.domain.value(group, "member"), a.as_name());
    assert_eq!(bench.domain.warned.borrow().len(), 1);
    // The same of one that is made with its members, and of a group that is itself gone.
    let attributes =
        vec![Attribute::one("sAMAccountName", "some"), Attribute { name: "member".into(), values: members(&[b]) }];
    let made = Change { id: 3, class: "group".into(), operation: Operation::Create(attributes) };
    let some = Guid::parse(id_of(&bench.apply(&[made])[0])).unwrap();
    assert_eq!(bench.domain.value(some, "member"), "");
    bench.domain.remove(group);
    let outcomes = bench.apply(&[update(4, "group", group, &[("member", Edit::Add(members(&[a])))])]);
    assert_eq!(rejection(&outcomes[0]).0, ErrorKind::NotFound);
}

#[test]
fn a_container_that_vanished_is_no_vanished_object() {
    let mut bench = Bench::new();
    let a = bench.domain.user("a");
    let north = |id| update(id, "user", a, &[("container", replace("OU=North"))]);
    bench.apply(&[north(1)]);
    let unit = bench.domain.at(&format!("OU=North,{BASE}")).unwrap();
    bench.apply(&[update(2, "user", a, &[("container", replace("OU=People"))])]);
    bench.domain.remove(unit);
    let made = create(4, "user", &[("sAMAccountName", "b"), ("container", "OU=North")]);
    let outcomes = bench.apply(&[north(3), made.clone()]);
    assert_eq!(outcomes.iter().map(|outcome| rejection(outcome).0).collect::<Vec<_>>(), [ErrorKind::Conflict; 2]);
    let outcomes = bench.apply(&[north(5), made]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_))), "it is made anew: {outcomes:?}");
    // Samba has no code for it.
    let unit = bench.domain.at(&format!("OU=North,{BASE}")).unwrap();
    bench.domain.remove(unit);
    let south = |id| update(id, "user", a, &[("container", replace("OU=North,OU=South"))]);
    bench.apply(&[south(7)]);
    bench.domain.remove(bench.domain.at(&format!("OU=North,OU=South,{BASE}")).unwrap());
    bench.apply(&[update(8, "user", a, &[("container", replace("OU=People"))])]);
    let failed = Error::unavailable("the directory failed for reasons of its own: 00002095: objectclass").code("80");
    bench.domain.answer("rename cn=a,", refused(failed));
    assert_eq!(rejection(&bench.apply(&[south(9)])[0]).0, ErrorKind::Conflict);
    let odd = create(6, "user", &[("sAMAccountName", "c"), ("container", "CN=Box")]);
    assert_eq!(rejection(&bench.apply(&[odd])[0]).0, ErrorKind::Invalid);
}

#[test]
fn an_account_that_gets_no_password_is_taken_away_again() {
    let mut bench = Bench::new();
    bench.ways.password = FirstPassword::Modify;
    let weak = || Error::invalid("the directory is unwilling to do that: 0000052D: SvcErr: x");
    bench.domain.answer("modify cn=a,", refused(weak()));
    bench.domain.answer("modify cn=b,", ldap::Outcome::Unknown(Error::unavailable("lost")));
    bench.domain.answer("modify cn=c,", refused(weak()));
    bench.domain.answer("remove cn=c,", refused(Error::unavailable("lost")));
    let outcomes = bench.apply(&[user(1, "a"), user(2, "b"), user(3, "c"), user(4, "d")]);
    assert_eq!(rejection(&outcomes[0]).0, ErrorKind::Invalid);
    assert_eq!(rejection(&outcomes[1]).0, ErrorKind::Unavailable);
    assert!(matches!(outcomes[2], Outcome::Unknown(_)), "it stands there half made");
    let d = bench.domain.at(&format!("CN=d,OU=People,{BASE}")).unwrap();
    assert_eq!(id_of(&outcomes[3]), d.to_string());
    assert_eq!(bench.domain.value(d, "userAccountControl"), "512");
    assert!(bench.domain.at(&format!("CN=a,OU=People,{BASE}")).is_none());
    assert!(bench.domain.at(&format!("CN=b,OU=People,{BASE}")).is_none());
    let written: Vec<usize> = bench.domain.written().iter().map(Vec::len).collect();
    assert_eq!(written, [4, 4, 4], "what follows for each travels together");
}

#[test]
fn what_was_made_and_cannot_be_seen_is_not_known() {
    let mut bench = Bench::new();
    bench.apply(&[user(1, "a")]);
    *bench.domain.broken.borrow_mut() = Some(Error::unavailable("lost"));
    let outcomes = bench.apply(&[user(2, "b")]);
    assert!(matches!(&outcomes[0], Outcome::Unknown(error) if error.kind == ErrorKind::Unavailable));
    // Nothing at all was sent when it cannot even be asked where an object is.
    let a = bench.domain.at(&format!("CN=a,OU=People,{BASE}")).unwrap();
    bench.memory = Memory::default();
    *bench.domain.broken.borrow_mut() = Some(Error::unavailable("lost"));
    bench.domain.written();
    let Bench { domain, layout, ways, memory } = &mut bench;
    let error = Work { domain, layout, ways: *ways, memory }.apply(&[titled(3, a)]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(bench.domain.written().is_empty());
}

#[test]
fn a_change_that_cannot_be_is_refused_alone() {
    let mut bench = Bench::new();
    let a = bench.domain.user("a");
    let busy = Error::throttled("the directory is busy: 0000200E: SvcErr: x", 5);
    bench.domain.answer("remove", refused(Error::invalid("there are other entries below this one: 00002015: UpdErr")));
    let b = bench.domain.user("b");
    let c = bench.domain.user("c");
    bench.domain.answer("modify cn=c,", refused(busy));
    let changes = [
        create(1, "printer", &[("cn", "p")]),
        create(2, "user", &[("cn", "Nameless")]),
        titled(3, a),
        remove(4, b),
        titled(5, c),
    ];
    let outcomes = bench.apply(&changes);
    assert_eq!(rejection(&outcomes[0]).0, ErrorKind::Unsupported);
    assert_eq!(rejection(&outcomes[1]), (ErrorKind::Invalid, Some("sAMAccountName")));
    assert_eq!(id_of(&outcomes[2]), a.to_string());
    let Outcome::Rejected(error) = &outcomes[3] else { panic!("{:?}", outcomes[3]) };
    assert!(error.message.contains("nothing is removed together with what is in it"), "{error:?}");
    let Outcome::Rejected(error) = &outcomes[4] else { panic!("{:?}", outcomes[4]) };
    assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::Throttled, Some(5)));
}
