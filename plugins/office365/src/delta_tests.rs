//! Changes, however Graph tells them.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Turn, id as number};
use crate::known::Known;
use crate::settings::Settings;
use serde_json::{Value as Json, json};
use sluss_sdk::ErrorKind;

fn settings() -> Settings {
    serde_json::from_value(json!({"connection": "graph"})).unwrap()
}

fn view(fake: &Fake, class: Class) -> View {
    View::new(fake, &settings(), &Known::default(), class, &attributes(class)).unwrap()
}

fn page(fake: &Fake, link: &str, value: Json, next: Option<&str>, delta: Option<&str>) {
    let mut body = json!({"value": value});
    if let Some(next) = next {
        body["@odata.nextLink"] = json!(next);
    }
    if let Some(delta) = delta {
        body["@odata.deltaLink"] = json!(delta);
    }
    fake.links.borrow_mut().insert(link.to_owned(), (200, body));
}

/// A token for now, which leads to `link:1`.
fn token(fake: &Fake, class: Class) -> Cursor {
    let path = format!("GET {}/delta", class.path());
    fake.turn(&path, Turn::Says(200, json!({"value": [], "@odata.deltaLink": "link:1"})));
    latest(fake, class).unwrap()
}

fn told(fake: &Fake, class: Class, since: &Cursor, max: u32) -> Batch {
    match changes(fake, &view(fake, class), since, max).unwrap() {
        Told::Batch(batch) => batch,
        Told::Expired => panic!("expired"),
    }
}

/// What a token holds.
fn read(cursor: &Cursor) -> Json {
    serde_json::from_slice(cursor).unwrap()
}

fn ids(batch: &Batch) -> Vec<&str> {
    batch.page.rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn what_graph_does_not_tell_is_not_among_the_columns() {
    for (class, name) in [(Class::Guest, "sponsor"), (Class::Group, "owner")] {
        assert!(class.field(name).is_ok());
        let fake = Fake::new();
        let since = token(&fake, class);
        page(&fake, "link:1", json!([]), None, Some("link:2"));
        let columns = told(&fake, class, &since, 10).page.columns;
        assert!(!columns.is_empty() && !columns.iter().any(|own| own == name), "{columns:?}");
    }
}

#[test]
fn empty_pages_doubles_and_replays_come_to_each_object_as_it_is_now() {
    let fake = Fake::new();
    let anna = fake.put(1, json!({"displayName": "Anna now"}));
    let bo = fake.put(2, json!({"displayName": "Bo"}));
    let since = token(&fake, Class::User);
    page(&fake, "link:1", json!([]), Some("link:2"), None);
    page(&fake, "link:2", json!([{"id": anna, "displayName": "Anna then"}, {"id": bo}]), Some("link:3"), None);
    let gone = json!({"id": number(3), "@removed": {"reason": "changed"}});
    page(&fake, "link:3", json!([{"id": anna.to_uppercase()}, gone]), None, Some("link:4"));
    let batch = told(&fake, Class::User, &since, 100);
    assert_eq!(ids(&batch), [anna.as_str(), bo.as_str()]);
    let name = batch.page.columns.iter().position(|column| column == "displayName").unwrap();
    assert_eq!(batch.page.rows[0].cells[name], sluss_sdk::Cell::from("Anna now"));
    assert_eq!((batch.gone, &batch.page.rest), (vec![number(3)], &Rest::Complete));
    page(&fake, "link:4", json!([]), None, Some("link:5"));
    let batch = told(&fake, Class::User, &batch.next, 100);
    assert!(batch.page.rows.is_empty() && batch.gone.is_empty());
    assert_eq!(read(&batch.next)["link"], "link:5");
}

#[test]
fn whoever_was_gone_and_is_back_is_back_in_whatever_order_that_is_told() {
    let fake = Fake::new();
    let anna = fake.put(1, json!({}));
    let since = token(&fake, Class::User);
    let removed = json!({"id": anna, "@removed": {"reason": "changed"}});
    page(&fake, "link:1", json!([{"id": anna}, removed]), None, Some("link:2"));
    let batch = told(&fake, Class::User, &since, 100);
    assert_eq!((ids(&batch), batch.gone.len()), (vec![anna.as_str()], 0));
}

#[test]
fn what_is_not_seen_yet_is_neither_there_nor_gone() {
    let fake = Fake::new();
    let since = token(&fake, Class::User);
    page(&fake, "link:1", json!([{"id": number(7)}]), None, Some("link:2"));
    let batch = told(&fake, Class::User, &since, 100);
    assert!(batch.page.rows.is_empty() && batch.gone.is_empty());
    let fault = &batch.page.faults[0];
    assert_eq!((fault.kind, fault.object.clone()), (ErrorKind::Throttled, Some(number(7))));
}

#[test]
fn guests_are_no_users_and_users_no_guests() {
    let fake = Fake::new();
    let (anna, guest) = (fake.put(1, json!({})), fake.put(2, json!({"userType": "Guest"})));
    for (class, own) in [(Class::User, &anna), (Class::Guest, &guest)] {
        let since = token(&fake, class);
        page(&fake, "link:1", json!([{"id": anna}, {"id": guest}]), None, Some("link:2"));
        let batch = told(&fake, class, &since, 100);
        assert_eq!((ids(&batch), batch.gone.len(), batch.page.faults.len()), (vec![own.as_str()], 0, 0));
    }
}

#[test]
fn no_page_has_more_than_was_asked_for_and_none_is_left_out() {
    let fake = Fake::new();
    let all: Vec<String> = (1..=7).map(|at| fake.put(at, json!({}))).collect();
    let since = token(&fake, Class::User);
    let told_of: Vec<Json> = all.iter().map(|id| json!({"id": id})).collect();
    page(&fake, "link:1", json!(told_of), None, Some("link:2"));
    let (mut cursor, mut seen) = (since, Vec::new());
    loop {
        let batch = told(&fake, Class::User, &cursor, 3);
        assert!(batch.page.rows.len() <= 3);
        seen.extend(ids(&batch).iter().map(|id| (*id).to_owned()));
        match batch.page.rest {
            Rest::More(more) => {
                assert_eq!(batch.next, cursor, "as long as there is more, nothing is done with");
                cursor = more;
            }
            _ => break assert_eq!(read(&batch.next)["link"], "link:2"),
        }
    }
    assert_eq!(seen, all);
}

#[test]
fn a_token_that_is_too_old_or_of_something_else_asks_for_a_full_read() {
    let fake = Fake::new();
    let since = token(&fake, Class::User);
    let expired = |fake: &Fake, since: &Cursor| {
        matches!(changes(fake, &view(fake, Class::User), since, 10).unwrap(), Told::Expired)
    };
    for (status, body) in [(410, Json::Null), (400, json!({"error": {"code": "syncStateNotFound"}}))] {
        fake.links.borrow_mut().insert("link:1".to_owned(), (status, body));
        assert!(expired(&fake, &since), "{status}");
    }
    fake.links.borrow_mut().insert("link:1".to_owned(), (503, Json::Null));
    assert_eq!(changes(&fake, &view(&fake, Class::User), &since, 10).unwrap_err().kind, ErrorKind::Unavailable);
    assert!(expired(&fake, &b"nonsense".to_vec()));
    assert!(expired(&fake, &br#"{"class": "user", "link": null, "next": null}"#.to_vec()), "it leads nowhere");
    assert!(expired(&fake, &token(&fake, Class::Group)));
    let licence = latest(&fake, Class::Licence).unwrap();
    assert!(matches!(changes(&fake, &view(&fake, Class::Licence), &licence, 10).unwrap(), Told::Expired));
}
