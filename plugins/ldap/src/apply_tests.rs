//! Which writes travel together, and what their answers mean for the changes.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{BASE, Fake};
use sluss_sdk::{Attribute, Edit, Modification, Update, Value};
use std::collections::BTreeMap;

const PEOPLE: &str = "ou=People,dc=example,dc=se";

/// A server with the classes and containers that a connector keeps.
struct Bench {
    server: Fake,
    layout: Layout,
    containers: Containers,
}

impl Bench {
    fn new() -> Self {
        let layout = Layout::new(BASE, &BTreeMap::new()).unwrap();
        Bench { server: Fake::default(), layout, containers: Containers::default() }
    }

    fn with(users: &[&str]) -> Self {
        let bench = Bench::new();
        for user in users {
            bench.server.put(&eva(user), &[("objectClass", "inetOrgPerson")]);
        }
        bench
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Outcome> {
        apply(&self.server, &self.layout, &mut self.containers, changes).unwrap()
    }
}

fn eva(uid: &str) -> String {
    format!("uid={uid},{PEOPLE}")
}

fn create(id: u64, class: &str, attributes: &[(&str, &str)]) -> Change {
    let attributes = attributes.iter().map(|(name, value)| Attribute::one(*name, *value)).collect();
    Change { id, class: class.into(), operation: Operation::Create(attributes) }
}

fn update(id: u64, dn: &str, replaced: &[(&str, &str)]) -> Change {
    let edit = |value: &str| Edit::Replace(vec![Value::from(value)]);
    let modifications = replaced
        .iter()
        .map(|(attribute, value)| Modification { attribute: (*attribute).into(), edit: edit(value) })
        .collect();
    Change {
        id,
        class: "user".into(),
        operation: Operation::Update(Update { id: dn.into(), version: None, modifications }),
    }
}

fn remove(id: u64, dn: &str) -> Change {
    Change { id, class: "user".into(), operation: Operation::Remove(dn.into()) }
}

fn id(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Applied(applied) | Outcome::Unchanged(applied) => &applied.id,
        other => panic!("{other:?}"),
    }
}

fn rejection(outcome: &Outcome) -> &Error {
    match outcome {
        Outcome::Rejected(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_batch_is_one_call_and_a_second_for_what_follows_an_edit() {
    let mut bench = Bench::with(&["a", "b", "c", "d"]);
    let outcomes = bench.apply(&[
        create(1, "user", &[("uid", "eva")]),
        update(2, &eva("a"), &[("mail", "a@x.se")]),
        update(3, &eva("b"), &[("uid", "b2"), ("mail", "b2@x.se")]),
        remove(4, &eva("c")),
        update(5, &eva("d"), &[]),
    ]);
    let ids: Vec<&str> = outcomes.iter().map(id).collect();
    assert_eq!(ids, [eva("eva"), eva("a"), eva("b2"), eva("c"), eva("d")]);
    assert!(matches!(outcomes[4], Outcome::Unchanged(_)));
    let first = [format!("add {}", eva("eva")), format!("modify {}", eva("a")), format!("modify {}", eva("b"))];
    let removal = format!("remove {}", eva("c"));
    assert_eq!(
        bench.server.written(),
        [[&first[..], &[removal]].concat(), vec![format!("rename {} uid=b2", eva("b"))]]
    );
}

#[test]
fn a_container_is_looked_for_once_and_made_once_with_those_above_it() {
    let mut bench = Bench::new();
    let place = ("container", "ou=south,ou=Schools");
    let changes = [
        create(7, "group", &[("cn", "one")]),
        create(8, "group", &[("cn", "two")]),
        create(9, "user", &[("uid", "eva"), place]),
    ];
    let outcomes = bench.apply(&changes);
    assert_eq!(id(&outcomes[2]), "uid=eva,ou=south,ou=Schools,dc=example,dc=se");
    let written = bench.server.written();
    let containers = [
        "add ou=groups,dc=example,dc=se",
        "add ou=Schools,dc=example,dc=se",
        "add ou=south,ou=Schools,dc=example,dc=se",
    ];
    let mut made = written[0].clone();
    made.sort_by_key(|write| (write.len(), write.clone()));
    assert_eq!((written.len(), made), (2, containers.map(str::to_owned).to_vec()));
    let asked = bench.server.asked().len();
    bench.apply(&[create(10, "group", &[("cn", "three")])]);
    assert_eq!(bench.server.asked().len(), asked, "what is there is known");
}

#[test]
fn an_id_is_built_on_the_containers_own_spelling() {
    let mut bench = Bench::with(&["a"]);
    let moved = update(2, "uid=a,ou=people,dc=example,dc=se", &[("container", "ou=PEOPLE")]);
    let outcomes = bench.apply(&[create(1, "user", &[("uid", "eva")]), moved]);
    assert_eq!(id(&outcomes[0]), "uid=eva,ou=People,dc=example,dc=se");
    assert!(matches!(outcomes[1], Outcome::Unchanged(_)));
    bench.server.put("ou=Gone,dc=example,dc=se", &[("objectClass", "organizationalUnit")]);
    let outcomes = bench.apply(&[update(3, &eva("a"), &[("container", "ou=gone")])]);
    assert_eq!(id(&outcomes[0]), "uid=a,ou=Gone,dc=example,dc=se");
}

#[test]
fn a_container_that_cannot_be_made_fails_those_who_need_it_and_nobody_else() {
    let mut bench = Bench::new();
    let no = ldap::Outcome::Refused(Error::permission("not yours"));
    bench.server.answer("add ou=groups,dc=example,dc=se", no);
    let elsewhere = [("uid", "x"), ("container", "uid=box")];
    let outcomes = bench.apply(&[
        create(1, "group", &[("cn", "one")]),
        create(2, "user", &[("uid", "eva")]),
        create(3, "user", &elsewhere),
    ]);
    let error = rejection(&outcomes[0]);
    assert_eq!(
        (error.kind, error.object.as_deref()),
        (ErrorKind::Permission, Some("cn=one,ou=groups,dc=example,dc=se"))
    );
    assert_eq!(id(&outcomes[1]), eva("eva"));
    assert_eq!(rejection(&outcomes[2]).kind, ErrorKind::Invalid);
    let outcomes = bench.apply(&[create(4, "group", &[("cn", "one")])]);
    assert_eq!(id(&outcomes[0]), "cn=one,ou=groups,dc=example,dc=se", "it is tried again");
}

#[test]
fn a_taken_name_names_the_attribute_as_the_host_calls_it() {
    let mut bench = Bench::with(&["eva", "bo"]);
    let outcomes = bench.apply(&[
        create(1, "user", &[("cn", "Eva"), ("UID", "eva")]),
        remove(2, &eva("nobody")),
        update(3, &eva("nobody"), &[("mail", "x")]),
    ]);
    let taken = rejection(&outcomes[0]);
    assert_eq!((taken.kind, taken.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("UID")));
    assert_eq!(rejection(&outcomes[1]).kind, ErrorKind::NotFound);
    assert_eq!(rejection(&outcomes[2]).kind, ErrorKind::NotFound);
}

#[test]
fn a_refused_name_leaves_the_object_where_it_was() {
    let mut bench = Bench::with(&["eva"]);
    let rename = format!("rename {} uid=bo", eva("eva"));
    bench.server.answer(&rename, ldap::Outcome::Refused(Error::already_exists("taken")));
    let both = [("uid", "bo"), ("mail", "bo@x.se")];
    let outcomes = bench.apply(&[update(1, &eva("eva"), &both)]);
    let error = rejection(&outcomes[0]);
    assert_eq!((error.attribute.as_deref(), error.object.clone()), (Some("uid"), Some(eva("eva"))));
    bench.server.answer(&rename, ldap::Outcome::Unknown(Error::unavailable("lost")));
    assert!(matches!(&bench.apply(&[update(2, &eva("eva"), &both)])[0], Outcome::Unknown(error)
        if error.object == Some(eva("eva"))));
    bench.server.answer(&format!("modify {}", eva("eva")), ldap::Outcome::Refused(Error::invalid("no")));
    bench.server.written();
    assert_eq!(rejection(&bench.apply(&[update(3, &eva("eva"), &both)])[0]).kind, ErrorKind::Invalid);
    assert_eq!(bench.server.written().len(), 1, "an entry whose edits are refused is not renamed");
}

#[test]
fn a_container_that_vanished_is_no_vanished_object() {
    let mut bench = Bench::with(&[]);
    bench.server.put("ou=home,dc=example,dc=se", &[]);
    bench.server.put("uid=a,ou=home,dc=example,dc=se", &[]);
    bench.apply(&[create(1, "user", &[("uid", "eva")])]);
    bench.server.remove(PEOPLE);
    let moved = update(2, "uid=a,ou=home,dc=example,dc=se", &[("container", "ou=people")]);
    let lost = update(3, "uid=b,ou=home,dc=example,dc=se", &[("container", "ou=people")]);
    let outcomes = bench.apply(&[moved, create(4, "user", &[("uid", "bo")]), lost]);
    let kinds: Vec<ErrorKind> = outcomes.iter().map(|outcome| rejection(outcome).kind).collect();
    assert_eq!(kinds, [ErrorKind::Conflict, ErrorKind::Conflict, ErrorKind::NotFound]);
    let outcomes = bench.apply(&[create(5, "user", &[("uid", "bo")])]);
    assert_eq!(id(&outcomes[0]), "uid=bo,ou=people,dc=example,dc=se", "the container is made anew");
}

#[test]
fn a_change_that_cannot_be_is_refused_alone() {
    let mut bench = Bench::with(&["eva"]);
    let changes = [
        create(1, "printer", &[("cn", "p")]),
        create(2, "user", &[("cn", "Nameless")]),
        update(3, &eva("eva"), &[("mail", "e@x.se")]),
    ];
    let outcomes = bench.apply(&changes);
    assert_eq!(rejection(&outcomes[0]).kind, ErrorKind::Unsupported);
    assert_eq!(rejection(&outcomes[1]).attribute.as_deref(), Some("uid"));
    assert_eq!(id(&outcomes[2]), eva("eva"));
}
