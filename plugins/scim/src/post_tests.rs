//! What travels together, what is held back, and who hears of what went wrong.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fake::{Fake, Turn};
use serde_json::{Value as Json, json};

/// Asks for these, each on its own, one batch of changes.
fn sent(fake: &Fake, room: Room, asked: Vec<Asked>) -> (Vec<Fate>, Room, Option<Error>) {
    let room = Cell::new(room);
    let post = Post::new(fake, &room, 10);
    let works: Vec<Work<'_, Fate>> =
        asked.into_iter().map(|asked| -> Work<'_, Fate> { Box::pin(post.ask(asked)) }).collect();
    let fates = post.run(works);
    (fates, room.get(), post.refused())
}

fn user(change: u64) -> Asked {
    Asked::write("POST", "/Users", change).with(json!({"userName": format!("n{change}")}))
}

fn users(count: u64) -> Vec<Asked> {
    (1..=count).map(user).collect()
}

fn statuses(fates: &[Fate]) -> Vec<u16> {
    let status = |fate: &Fate| match fate {
        Fate::Answered(answer) => answer.status,
        Fate::Held(_) => 0,
        Fate::Lost(_) => 1,
    };
    fates.iter().map(status).collect()
}

const WIDE: Room = Room(Some((100, 1 << 20)));

#[test]
fn many_go_in_one_request_and_only_one_elsewhere() {
    let fake = Fake::new();
    let (fates, ..) = sent(&fake, WIDE, users(3));
    assert_eq!((statuses(&fates), fake.heard()), (vec![201; 3], vec!["POST /Bulk".to_owned()]));
    let (fates, ..) = sent(&Fake::new(), Room(None), users(3));
    assert_eq!(statuses(&fates), [201; 3]);
    let single = Fake::new();
    sent(&single, WIDE, users(1));
    assert_eq!(single.heard(), ["POST /Users"]);
    // What only reads never travels with others.
    let reads = Fake::new();
    sent(&reads, WIDE, vec![Asked::get("/Users/a"), user(1), user(2), Asked::get("/Users/b")]);
    assert_eq!(reads.heard(), ["GET /Users/a", "GET /Users/b", "POST /Bulk"]);
}

#[test]
fn no_request_has_more_than_the_service_takes() {
    let fake = Fake::new();
    sent(&fake, Room(Some((2, 1 << 20))), users(5));
    assert_eq!(fake.heard(), ["POST /Bulk", "POST /Bulk", "POST /Users"]);
    let one = bulk::operation(&user(1), "1").to_string().len();
    let payload = ENVELOPE + 3 * (one + 1);
    sent(&fake, Room(Some((100, payload))), (6..=9).map(user).collect());
    let asked = fake.asked();
    let sizes: Vec<usize> = asked.iter().map(|asked| asked.body.as_ref().unwrap().to_string().len()).collect();
    assert!(sizes.len() == 2 && sizes.iter().all(|size| *size <= payload), "{sizes:?} of {payload}");
    let large = Asked::write("POST", "/Users", 20).with(json!({"userName": "x".repeat(payload)}));
    let (fates, ..) = sent(&fake, Room(Some((100, payload))), vec![large, user(21), user(22)]);
    assert_eq!(fake.heard(), ["POST /Users", "POST /Bulk"], "what is too large for many goes alone");
    assert_eq!(statuses(&fates), [201; 3]);
}

#[test]
fn what_is_too_much_goes_in_halves_and_what_is_not_taken_goes_alone() {
    let fake = Fake::new();
    fake.turn("POST /Bulk", Turn::Says(413, Json::Null));
    let (fates, room, _) = sent(&fake, WIDE, users(5));
    assert_eq!((statuses(&fates), room), (vec![201; 5], Room(Some((2, 1 << 20)))));
    let fake = Fake::new();
    fake.turn("POST /Bulk", Turn::Says(501, Json::Null));
    let (fates, room, _) = sent(&fake, WIDE, users(3));
    assert_eq!((statuses(&fates), room), (vec![201; 3], Room(None)));
    assert_eq!(fake.heard(), ["POST /Bulk", "POST /Users", "POST /Users", "POST /Users"]);
}

#[test]
fn after_a_failure_nothing_more_is_sent() {
    let rest = |turn: Turn| {
        let fake = Fake::new();
        fake.turn("POST /Users", turn);
        let (fates, _, refused) = sent(&fake, Room(None), users(3));
        let Fate::Held(error) = &fates[2] else { panic!("{fates:?}") };
        assert!(!error.sent && fake.heard().len() == 1, "{error:?}");
        (statuses(&fates)[0], error.kind, error.retry_after_ms, refused.is_some())
    };
    assert_eq!(rest(Turn::Says(429, Json::Null)), (429, ErrorKind::Throttled, Some(3_000), false));
    assert_eq!(rest(Turn::Says(401, Json::Null)), (401, ErrorKind::Auth, Some(3_000), false));
    assert_eq!(rest(Turn::Does(500)), (500, ErrorKind::Unavailable, Some(3_000), false));
    assert_eq!(rest(Turn::Lost), (1, ErrorKind::Unavailable, None, false));
    assert_eq!(rest(Turn::Unsent), (0, ErrorKind::Unavailable, None, true), "nothing at all was carried out");
    let fake = Fake::new();
    fake.turn("POST /Users", Turn::Says(409, Json::Null));
    assert_eq!(statuses(&sent(&fake, Room(None), users(2)).0), [409, 201], "one refusal is nobody else's");
}

#[test]
fn a_request_of_many_that_fails_fails_for_all_of_them() {
    let all = |turn: Turn| {
        let fake = Fake::new();
        fake.turn("POST /Bulk", turn);
        let (fates, ..) = sent(&fake, Room(Some((2, 1 << 20))), users(3));
        assert_eq!(fake.heard(), ["POST /Bulk"]);
        fates
    };
    assert_eq!(statuses(&all(Turn::Does(500))), [1, 1, 0], "of two nobody knows, the third was not sent");
    assert_eq!(statuses(&all(Turn::Lost)), [1, 1, 0]);
    let held = all(Turn::Says(429, Json::Null));
    assert!(
        held.iter().all(|fate| matches!(fate, Fate::Held(error) if error.kind == ErrorKind::Throttled)),
        "{held:?}"
    );
    assert_eq!(
        statuses(&all(Turn::Says(200, json!({"Operations": []})))[..2]),
        [1, 1],
        "it does not say what became of them"
    );
}

#[test]
fn each_of_many_has_a_fate_of_its_own() {
    let fake = Fake::new();
    fake.turn("POST /Users", Turn::Says(400, json!({"scimType": "invalidValue"})));
    fake.turn("DELETE /Users/b", Turn::Lost);
    let asked = vec![user(1), user(2), Asked::write("DELETE", "/Users/b", 3), Asked::write("DELETE", "/Users/c", 4)];
    let (fates, ..) = sent(&fake, WIDE, asked);
    assert_eq!(statuses(&fates), [400, 201, 1, 404]);
}

#[test]
fn when_time_is_up_only_what_was_begun_goes_on() {
    let fake = Fake::new();
    fake.slow.set(6);
    let room = Cell::new(Room(None));
    let post = Post::new(&fake, &room, 10);
    let works: Vec<Work<'_, Vec<Fate>>> = (1..=4)
        .map(|change| -> Work<'_, Vec<Fate>> {
            let post = &post;
            Box::pin(async move {
                let first = post.ask(user(change)).await;
                let Fate::Answered(_) = &first else { return vec![first] };
                vec![first, post.go_on(user(change + 10)).await]
            })
        })
        .collect();
    let fates: Vec<Vec<u16>> = post.run(works).iter().map(|fates| statuses(fates)).collect();
    assert_eq!(fates, [vec![201, 201], vec![0], vec![0], vec![0]]);
    assert_eq!(post.refused(), None);
    let late = Post::new(&fake, &room, 10);
    fake.now.set(fake.now.get() + 60);
    late.run(vec![Box::pin(late.ask(user(9))) as Work<'_, Fate>]);
    let error = late.refused().unwrap();
    assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::Throttled, Some(0)));
}
