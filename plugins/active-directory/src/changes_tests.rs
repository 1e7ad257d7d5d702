//! What changed, in batches of any size, and nothing of it lost on the way.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::check;
use crate::describe;
use crate::fake::{BASE, Fake};
use sluss_sdk::ldap::Attribute;

struct Bench {
    domain: Fake,
    layout: Layout,
}

impl Bench {
    fn new() -> Self {
        let domain = Fake::default();
        let layout = check::open(&domain, &serde_json::from_str(r#"{"connection":"domain"}"#).unwrap()).unwrap();
        Bench { domain, layout }
    }

    fn tells(&self, entries: Vec<Entry>, next: &str, more: bool) {
        self.domain.synced.borrow_mut().push_back(Ok(Synced { entries, next: next.into(), more }));
    }

    fn ask(&self, since: &[u8], max: u32) -> Answer {
        let class = self.layout.class("user").unwrap();
        changes(&self.domain, &self.layout, class, &describe::user(), since, max).unwrap()
    }

    fn batch(&self, since: &[u8], max: u32) -> Batch {
        match self.ask(since, max) {
            Answer::Batch(batch) => batch,
            Answer::Expired => panic!("a batch was expected"),
        }
    }
}

fn changed(guid: Guid) -> Entry {
    let own = Attribute { name: "objectGUID".into(), values: vec![guid.bytes().to_vec()] };
    Entry { dn: "CN=whoever,OU=Town,DC=ad,DC=test".into(), attributes: vec![own] }
}

fn gone(guid: Guid) -> Entry {
    let mut entry = changed(guid);
    entry.dn = String::new();
    entry.attributes.push(Attribute { name: "isDeleted".into(), values: vec![b"TRUE".to_vec()] });
    entry
}

fn ids(batch: &Batch) -> Vec<&str> {
    batch.page.rows.iter().map(|row| row.id.as_str()).collect()
}

fn token(cookie: &str) -> Cursor {
    Token { cookie: cookie.into(), within: None }.written()
}

#[test]
fn what_changed_is_read_whole_and_what_is_gone_is_named() {
    let bench = Bench::new();
    let (a, b, c) = (bench.domain.user("a"), bench.domain.user("b"), bench.domain.user("c"));
    bench.domain.remove(b);
    bench.domain.remove(c);
    let mut renamed = changed(c);
    renamed.dn = format!("CN=c\\0ADEL:{c},CN=Deleted Objects,DC=ad,DC=test");
    bench.tells(vec![changed(a), gone(b), renamed], "two", false);
    let batch = bench.batch(&token("one"), 1000);
    assert_eq!(ids(&batch), [a.to_string()]);
    assert_eq!(batch.gone, [b.to_string(), c.to_string()]);
    assert_eq!((batch.page.rest, batch.next), (Rest::Complete, token("two")));
    let name = batch.page.columns.iter().position(|name| name == "sAMAccountName").unwrap();
    assert_eq!(batch.page.rows[0].cells[name], sluss_sdk::Cell::from("a"));
    assert_eq!(*bench.domain.since.borrow(), [Some(b"one".to_vec())]);
    let asked = bench.domain.asked.borrow().last().cloned().unwrap();
    assert!(asked.with_guids && asked.filter.contains("(objectCategory=person)"));
}

#[test]
fn an_object_that_is_no_longer_seen_counts_as_gone() {
    let bench = Bench::new();
    let a = bench.domain.user("a");
    bench.domain.relocate(a, "CN=a,OU=Elsewhere,DC=ad,DC=test");
    bench.tells(vec![changed(a)], "two", false);
    let batch = bench.batch(&token("one"), 1000);
    assert_eq!((batch.page.rows.len(), batch.gone), (0, vec![a.to_string()]));
}

#[test]
fn an_answer_that_is_too_long_is_told_in_parts_and_none_is_lost() {
    let bench = Bench::new();
    let all: Vec<Guid> = (0..5).map(|number| bench.domain.user(&format!("u{number}"))).collect();
    let told: Vec<Entry> = all.iter().rev().map(|guid| changed(*guid)).collect();
    bench.tells(told.clone(), "two", false);
    let first = bench.batch(&token("one"), 2);
    let Rest::More(cursor) = &first.page.rest else { panic!("more expected") };
    // Meanwhile the third changed once more and the first as well: both are told of behind the first answer.
    bench.tells(told.clone(), "three", false);
    let second = bench.batch(cursor, 2);
    let Rest::More(cursor) = &second.page.rest else { panic!("more expected") };
    bench.tells(told, "four", false);
    let third = bench.batch(cursor, 2);
    let Rest::More(cursor) = &third.page.rest else { panic!("more expected") };
    assert_eq!([ids(&first), ids(&second), ids(&third)].concat(), all.iter().map(Guid::to_string).collect::<Vec<_>>());
    bench.tells(vec![changed(all[2]), changed(all[0])], "five", false);
    let last = bench.batch(cursor, 2);
    assert_eq!((ids(&last).len(), last.page.rest, last.next), (2, Rest::Complete, token("five")));
    let since: Vec<String> =
        bench.domain.since.borrow().iter().map(|cookie| String::from_utf8(cookie.clone().unwrap()).unwrap()).collect();
    assert_eq!(since, ["one", "one", "one", "two"]);
}

#[test]
fn now_is_found_without_hearing_of_anybody() {
    let bench = Bench::new();
    bench.tells(Vec::new(), "one", true);
    bench.tells(Vec::new(), "two", false);
    assert_eq!(latest(&bench.domain, &bench.layout).unwrap(), token("two"));
    assert_eq!(*bench.domain.since.borrow(), [None, Some(b"one".to_vec())]);
    assert_eq!(bench.domain.asked.borrow().last().unwrap().filter, NOBODY);
    bench.tells(Vec::new(), "same", true);
    bench.tells(Vec::new(), "same", true);
    assert_eq!(latest(&bench.domain, &bench.layout).unwrap_err().kind, ErrorKind::Unavailable);
}

#[test]
fn a_token_that_the_domain_does_not_take_back_is_too_old() {
    let bench = Bench::new();
    for code in ["53", "2", "1", "12", "80"] {
        let kind = match code {
            "1" | "80" => ErrorKind::Unavailable,
            "12" => ErrorKind::Unsupported,
            _ => ErrorKind::Invalid,
        };
        bench.domain.synced.borrow_mut().push_back(Err(Error::new(kind, "no").code(code)));
        assert_eq!(bench.ask(&token("old"), 10), Answer::Expired, "{code}");
    }
    for nonsense in [&b""[..], b"x", b"\0\0\0\x09x", b"\0\0\0\x01xy"] {
        assert_eq!(bench.ask(nonsense, 10), Answer::Expired);
    }
    let class = bench.layout.class("user").unwrap();
    for error in [Error::permission("no"), Error::unavailable("lost"), Error::unavailable("down").code("52")] {
        bench.domain.synced.borrow_mut().push_back(Err(error.clone()));
        let answer = changes(&bench.domain, &bench.layout, class, &describe::user(), &token("one"), 10);
        assert_eq!(answer.unwrap_err(), error);
    }
    assert_eq!(bench.layout.base().to_string().to_lowercase(), BASE.to_lowercase());
}
