//! Services that count in ways of their own, and lists that change while they are read.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Pages, Turn};
use crate::settings::Supports;
use proptest::prelude::*;
use serde_json::json;

const USERS: Wish = Wish { class: Class::User, members: false };

fn service(pages: Pages, users: usize) -> Fake {
    let fake = Fake::new();
    fake.pages.set(pages);
    (0..users).for_each(|at| fake.user(&format!("u{at}"), json!({"userName": format!("n{at}")})));
    fake
}

/// Reads to the end; between two pages, something happens.
fn read(fake: &Fake, size: u32, mut between: impl FnMut(&Fake, u32)) -> (Vec<String>, Result<(), Error>) {
    let features = Features::learn(fake, Supports::default()).unwrap();
    let (mut walk, sorts) = (Walk::new(USERS, size, &features), Cell::new(features.sort));
    let mut ids = Vec::new();
    for page in 0.. {
        assert!(page < 500, "the read does not end");
        walk.advance(fake, &features, &sorts).unwrap();
        ids.extend(walk.ready.drain(..).map(|own| id(&own).unwrap_or("none").to_owned()));
        if let Some(end) = walk.end.take() {
            return (ids, end);
        }
        between(fake, page);
    }
    unreachable!("it ended, or was broken off")
}

fn whole(fake: &Fake, size: u32) -> Vec<String> {
    let (ids, end) = read(fake, size, |_, _| {});
    end.unwrap();
    ids
}

fn names(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|at| format!("u{at}")).collect()
}

#[test]
fn every_resource_is_given_once_however_the_service_counts() {
    for pages in [Pages::Proper, Pages::Whole, Pages::All, Pages::AtMost(3), Pages::AtMost(1), Pages::Short] {
        for users in [0, 1, 2, 9, 10, 11, 20, 21] {
            for size in [1, 2, 5, 10, 50] {
                assert_eq!(whole(&service(pages, users), size), names(0, users), "{pages:?}: {users} by {size}");
            }
        }
    }
}

#[test]
fn a_page_is_asked_for_as_it_should_be() {
    let fake = service(Pages::Proper, 5);
    whole(&fake, 2);
    let pages = fake.asked().into_iter().filter(|asked| asked.path == "/Users");
    let options: Vec<String> =
        pages.map(|asked| asked.query.iter().map(|(name, value)| format!("{name}={value} ")).collect()).collect();
    assert_eq!(options, ["startIndex=1 count=2 ", "startIndex=2 count=3 ", "startIndex=4 count=3 "]);
    let most = service(Pages::Proper, 9).can("filter", json!({"supported": true, "maxResults": 4}));
    assert_eq!(whole(&most, 50), names(0, 9));
    let counts: Vec<String> =
        most.asked().iter().flat_map(|asked| asked.query.get(1)).map(|own| own.1.clone()).collect();
    assert_eq!(counts, ["3", "4", "4", "4"], "no more than it gives");
    let single = service(Pages::Proper, 3).can("filter", json!({"supported": true, "maxResults": 1}));
    assert_eq!(whole(&single, 50), names(0, 3));
}

#[test]
fn what_comes_and_goes_meanwhile_is_no_reason_to_miss_anybody() {
    let fake = service(Pages::Proper, 12);
    let (mut ids, end) = read(&fake, 4, |fake, page| {
        if page == 0 {
            // Whoever stood at the beginning of the second page moves to the end of the first.
            fake.users.borrow_mut().remove(1);
            fake.user("new", json!({}));
        }
    });
    end.unwrap();
    ids.sort_by_key(|id| id.trim_start_matches('u').parse().unwrap_or(99));
    assert_eq!(ids, [names(0, 12), vec!["new".to_owned()]].concat(), "each once, and who was there when it began");
    // Without a place where pages meet, only their number tells.
    let whole_pages = service(Pages::Whole, 12);
    let (ids, end) = read(&whole_pages, 4, |fake, page| {
        if page == 2 {
            fake.users.borrow_mut().remove(1);
        }
    });
    assert_eq!((ids, end), (names(0, 12), Ok(())));
}

#[test]
fn what_cannot_be_read_whole_does_not_end_as_if_it_were() {
    let (ids, end) = read(&service(Pages::First, 9), 4, |_, _| {});
    assert_eq!(ids, names(0, 4));
    assert!(end.unwrap_err().message.contains("9 resources of the type User, and gives 4"));
    let (_, end) = read(&service(Pages::Shuffled, 9), 4, |_, _| {});
    assert!(end.unwrap_err().message.contains("another order"));
    // One who leaves for every page is more than anybody can follow.
    let (_, end) = read(&service(Pages::Proper, 90), 4, |fake, _| drop(fake.users.borrow_mut().remove(0)));
    assert!(end.is_err());
    let hides = service(Pages::Proper, 3);
    hides.turn("GET /Users", Turn::Says(200, json!({"totalResults": 3, "Resources": [{"id": "u0"}]})));
    hides.turn("GET /Users", Turn::Says(200, json!({"totalResults": 3})));
    assert_eq!(read(&hides, 4, |_, _| {}).1, Ok(()), "the page after it was there when it was asked for again");
    let twice = service(Pages::Proper, 0);
    let same = json!({"totalResults": 2, "Resources": [{"id": "u0"}, {"id": "u0"}]});
    twice.turn("GET /Users", Turn::Says(200, same));
    assert!(read(&twice, 4, |_, _| {}).1.is_err(), "two places and one resource");
}

#[test]
fn a_service_that_always_gives_everything_comes_to_an_end_whoever_stands_first() {
    let fake = service(Pages::All, 2);
    let (ids, end) = read(&fake, 1, |fake, page| {
        if page == 1 {
            fake.users.borrow_mut()[0] = json!({"id": "other", "userName": "x"});
        }
    });
    end.unwrap();
    assert_eq!(ids, ["u0", "u1", "other"]);
}

#[test]
fn answers_that_are_too_long_are_asked_for_in_parts() {
    let fake = service(Pages::Proper, 9);
    fake.turn("GET /Users", Turn::Long);
    assert_eq!(whole(&fake, 8), names(0, 9));
    for _ in 0..3 {
        fake.turn("GET /Users", Turn::Long);
    }
    let features = Features::learn(&fake, Supports::default()).unwrap();
    let mut walk = Walk::new(USERS, 2, &features);
    walk.advance(&fake, &features, &Cell::new(false)).unwrap();
    assert_eq!(walk.advance(&fake, &features, &Cell::new(false)).unwrap_err().kind, ErrorKind::Config);
}

#[test]
fn an_order_that_is_refused_is_not_asked_for_again() {
    let fake = service(Pages::Proper, 5).can("sort", json!({"supported": true}));
    fake.turn("GET /Users", Turn::Says(400, json!({"scimType": "invalidPath"})));
    assert_eq!(whole(&fake, 2), names(0, 5));
    let sorted = fake.asked().iter().filter(|asked| asked.query.iter().any(|(name, _)| *name == "sortBy")).count();
    assert_eq!(sorted, 1);
}

#[test]
fn a_resource_without_an_id_is_given_for_somebody_to_complain_of() {
    let fake = service(Pages::Proper, 0);
    fake.users.borrow_mut().extend([json!({"userName": "a"}), json!({"id": "u1"})]);
    assert_eq!(whole(&fake, 5), ["none", "u1"]);
}

proptest! {
    #[test]
    fn nobody_who_stayed_is_missing_from_a_whole_read(
        users in 0..40_usize,
        size in 1..9_u32,
        pages in prop_oneof![Just(Pages::Proper), Just(Pages::AtMost(4)), Just(Pages::All)],
        events in proptest::collection::vec((0..12_u32, any::<bool>(), any::<prop::sample::Index>()), 0..6),
    ) {
        let fake = service(pages, users);
        let mut left = std::collections::HashSet::new();
        let (ids, end) = read(&fake, size, |fake, page| {
            for (_, comes, at) in events.iter().filter(|(when, ..)| *when == page) {
                let number = fake.users.borrow().len();
                if *comes {
                    let own = json!({"id": format!("new{page}{}", at.index(1000)), "userName": "x"});
                    fake.users.borrow_mut().insert(at.index(number + 1), own);
                } else if number > 0 {
                    left.insert(fake.users.borrow_mut().remove(at.index(number))["id"].as_str().unwrap().to_owned());
                }
            }
        });
        let unique: std::collections::HashSet<&String> = ids.iter().collect();
        prop_assert_eq!(unique.len(), ids.len());
        if end.is_ok() {
            for id in names(0, users) {
                prop_assert!(left.contains(&id) || unique.contains(&id), "{} is missing", id);
            }
        }
    }
}
