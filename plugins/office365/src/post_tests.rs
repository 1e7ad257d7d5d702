//! What travels together, what follows what, and what stops everything.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Turn, id};
use crate::graph::Asked;
use sluss_sdk::http::Response;

fn answers(fates: &[Fate]) -> Vec<u16> {
    let status = |fate: &Fate| match fate {
        Fate::Answered(answer) => answer.status,
        Fate::Held(_) => 0,
        Fate::Lost(_) => 1,
    };
    fates.iter().map(status).collect()
}

fn get(number: u32) -> Part {
    Part::new("GET", format!("/users/{}", id(number)))
}

/// Runs works that each ask for these parts, in order or not.
fn run(fake: &Fake, pace: &RefCell<Pace>, works: Vec<(Vec<Part>, bool)>) -> (Vec<Vec<u16>>, Option<Error>) {
    let post = Post::new(fake, pace, 25);
    let works = works.into_iter().enumerate().map(|(change, (parts, ordered))| {
        let post = &post;
        Box::pin(async move { answers(&post.all(change as u64, parts, ordered).await) }) as Working<'_, Vec<u16>>
    });
    let done = post.run(works.collect());
    (done, post.refused())
}

#[test]
fn what_many_ask_for_travels_in_batches_of_twenty() {
    let (fake, pace) = (Fake::new(), RefCell::default());
    (0..45).for_each(|number| _ = fake.put(number, json!({})));
    let (done, refused) = run(&fake, &pace, (0..45).map(|number| (vec![get(number)], false)).collect());
    assert_eq!((done, refused), (vec![vec![200]; 45], None));
    let sizes: Vec<usize> = fake.batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 5]);
}

#[test]
fn what_has_an_order_stays_in_one_batch_and_waits_for_what_it_follows() {
    let (fake, pace) = (Fake::new(), RefCell::default());
    (0..18).for_each(|number| _ = fake.put(number, json!({})));
    let mut works: Vec<_> = (0..18).map(|number| (vec![get(number)], false)).collect();
    works.push((vec![get(1), get(99), get(2)], true));
    works.push((vec![get(3)], false));
    let (done, _) = run(&fake, &pace, works);
    assert_eq!(done[18], [200, 404, 424]);
    assert_eq!(done[19], [200]);
    let batches = fake.batches();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [18, 4]);
    assert!(batches[1][0]["dependsOn"].is_null());
    assert_eq!((&batches[1][1]["dependsOn"], &batches[1][2]["dependsOn"]), (&json!(["1"]), &json!(["2"])));
    assert!(batches[1][3]["dependsOn"].is_null(), "it belongs to another change");
}

#[test]
fn nothing_more_is_sent_once_it_was_too_much() {
    let (fake, pace) = (Fake::new(), RefCell::default());
    (0..50).for_each(|number| _ = fake.put(number, json!({})));
    fake.turn(&format!("GET /users/{}", id(7)), Turn::Says(429, Json::Null));
    *fake.waits.borrow_mut() = Some(3);
    let works = (0..50).map(|number| (vec![get(number)], false)).collect();
    let (done, refused) = run(&fake, &pace, works);
    let count = |status: u16| done.iter().filter(|own| own[0] == status).count();
    assert_eq!((count(200), count(429), count(0)), (19, 1, 30));
    assert_eq!(refused, None, "some of it was carried out");
    assert_eq!(fake.batches().len(), 1);
    assert_eq!(pace.borrow().size(), 1, "less at once the next time");
}

#[test]
fn a_lost_answer_leaves_its_batch_unknown_and_the_rest_unsent() {
    let (fake, pace) = (Fake::new(), RefCell::default());
    (0..30).for_each(|number| _ = fake.put(number, json!({})));
    fake.turn("POST /$batch", Turn::Lost);
    let (done, refused) = run(&fake, &pace, (0..30).map(|number| (vec![get(number)], false)).collect());
    assert_eq!(done.iter().map(|own| own[0]).collect::<Vec<_>>(), [[1; 20].as_slice(), &[0; 10]].concat());
    assert_eq!(refused, None);
}

#[test]
fn what_cannot_leave_is_one_refusal_of_all() {
    let (fake, pace) = (Fake::new(), RefCell::default());
    fake.turn("POST /$batch", Turn::Unsent);
    let (done, refused) = run(&fake, &pace, vec![(vec![get(1)], false), (vec![get(2)], false)]);
    assert_eq!(done, [[0], [0]]);
    assert_eq!(refused.unwrap().kind, ErrorKind::Permission);
    for (status, kind) in [(401, ErrorKind::Auth), (403, ErrorKind::Auth), (404, ErrorKind::Unavailable)] {
        fake.turn("POST /$batch", Turn::Says(status, Json::Null));
        let post = Post::new(&fake, &pace, 25);
        let fate = |post: &Post<'_, Fake>| {
            let one = async { post.one(1, get(1)).await };
            post.run(vec![Box::pin(one) as Working<'_, Fate>]).pop().unwrap()
        };
        let Fate::Held(error) = fate(&post) else { panic!("{status}") };
        assert_eq!((error.kind, post.refused()), (kind, None), "{status}");
    }
    fake.turn("POST /$batch", Turn::Says(503, Json::Null));
    let (done, _) = run(&fake, &pace, vec![(vec![get(1)], false)]);
    assert_eq!(done, [[1]], "a gateway does not know what became of it");
}

#[test]
fn a_call_ends_in_time() {
    /// Every request takes ten seconds.
    struct Slow(Fake);

    impl Graph for Slow {
        fn send(&self, asked: &Asked) -> Result<Response, Error> {
            self.0.now.set(self.0.now.get() + 10);
            self.0.send(asked)
        }
        fn follow(&self, url: &str) -> Result<Response, Error> {
            self.0.follow(url)
        }
        fn stand_in(&self, change: u64) -> Result<String, Error> {
            self.0.stand_in(change)
        }
        fn now(&self) -> i64 {
            self.0.now()
        }
        fn warn(&self, message: &str) {
            self.0.warn(message);
        }
    }
    let (slow, pace) = (Slow(Fake::new()), RefCell::default());
    let post = Post::new(&slow, &pace, 25);
    let works = (0..100).map(|number| {
        let post = &post;
        Box::pin(async move { post.one(number, get(1)).await }) as Working<'_, Fate>
    });
    let fates = post.run(works.collect());
    let held: Vec<&Fate> = fates.iter().filter(|fate| matches!(fate, Fate::Held(_))).collect();
    assert_eq!(held.len(), 40, "three batches took the time");
    let Fate::Held(error) = held[0] else { panic!("{:?}", held[0]) };
    assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::Throttled, Some(0)));
}
