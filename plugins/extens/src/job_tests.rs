//! Starting, waiting, giving up and downloading, with a service in memory and a clock that its waiting turns.

#![allow(clippy::unwrap_used)]

use super::*;
use sluss_sdk::http::Response;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{Cursor, Read};
use std::time::UNIX_EPOCH;

type Said = Result<(u16, &'static str), Error>;

/// Says what it is told to about how far it is, and then that it is ready.
struct Fake {
    started: Said,
    status: RefCell<VecDeque<Said>>,
    export: &'static str,
    time: Cell<Duration>,
    waits: RefCell<Vec<u64>>,
}

const EXPORT: &str = "<enterprise><person><sourcedid><id>a</id></sourcedid></person></enterprise>";
const WAITING: Said = Ok((200, "{\"stopTime\": null}"));

fn fake(status: impl IntoIterator<Item = Said>) -> Fake {
    Fake {
        started: Ok((200, "{\"dataKey\": \"k-1\"}")),
        status: RefCell::new(status.into_iter().collect()),
        export: EXPORT,
        time: Cell::new(Duration::ZERO),
        waits: RefCell::new(Vec::new()),
    }
}

fn response((status, body): (u16, &str)) -> Response {
    Response { status, headers: vec![("retry-after".into(), "7".into())], body: body.into() }
}

impl Service for &Fake {
    fn start(&self) -> Result<Response, Error> {
        self.started.clone().map(response)
    }

    fn status(&self, key: &str) -> Result<Response, Error> {
        assert_eq!(key, "k-1");
        self.status.borrow_mut().pop_front().unwrap_or(Ok((200, "{\"stopTime\": \"2026-11-22\"}"))).map(response)
    }

    fn download(&self, _key: &str) -> Result<(Response, Box<dyn Read>), Error> {
        Ok((response((200, "")), Box::new(Cursor::new(self.export))))
    }

    fn knock(&self) -> Result<Response, Error> {
        self.started.clone().map(response)
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.time.get()
    }

    fn wait(&self, time: Duration) {
        self.time.set(self.time.get() + time);
        self.waits.borrow_mut().push(time.as_millis() as u64);
    }
}

fn settings() -> Settings {
    let year = serde_json::json!({"start": "2026-08-18", "end": "2027-06-11"});
    serde_json::from_value(
        serde_json::json!({"interface": "job", "organisation": "1484", "school-year": year, "deadline": 2}),
    )
    .unwrap()
}

/// All that is read, in calls of so many seconds; and how many calls it took.
fn read(fake: &Fake, seconds: u64) -> (Result<usize, Error>, usize) {
    let mut job = Job::new(fake, Terms::new(&settings()).unwrap(), &settings());
    job.begin();
    for calls in 1.. {
        let until = UNIX_EPOCH + fake.time.get() + Duration::from_secs(seconds);
        match job.go_on(until) {
            Ok(None) => assert!(fake.time.get() < Duration::from_secs(1000)),
            Ok(Some(snapshot)) => return (Ok(snapshot.roster.persons()), calls),
            Err(error) => return (Err(error), calls),
        }
    }
    unreachable!()
}

#[test]
fn an_export_is_waited_for_longer_and_longer_over_many_calls() {
    let fake = fake(vec![WAITING; 7]);
    assert_eq!(read(&fake, 10), (Ok(1), 3));
    let waits = fake.waits.borrow();
    assert!(waits.starts_with(&[500, 1000, 2000, 4000]) && waits.iter().all(|wait| *wait <= 15_000), "{waits:?}");
}

#[test]
fn one_that_is_never_ready_is_given_up() {
    let fake = fake(vec![WAITING; 1000]);
    let (ended, _) = read(&fake, 10);
    let error = ended.unwrap_err();
    assert!(error.kind == ErrorKind::Unavailable && error.message.contains("after 2 minutes"), "{error:?}");
    assert!((120..140).contains(&fake.time.get().as_secs()));
}

#[test]
fn one_lost_answer_is_borne_and_three_are_not() {
    let lost = || Err(Error::unavailable("lost"));
    assert_eq!(read(&fake([lost(), lost(), WAITING, lost(), Ok((500, "")), WAITING]), 60).0, Ok(1));
    assert_eq!(read(&fake([lost(), Ok((503, "")), lost()]), 60).0.unwrap_err().kind, ErrorKind::Unavailable);
    let slow = fake([Ok((429, ""))]);
    assert_eq!(read(&slow, 60).0, Ok(1));
    assert_eq!(slow.waits.borrow()[0], 7000);
    for (status, kind) in [(401, ErrorKind::Auth), (403, ErrorKind::Permission), (404, ErrorKind::Config)] {
        assert_eq!(read(&fake([Ok((status, ""))]), 60).0.unwrap_err().kind, kind);
    }
    assert!(read(&fake([Ok((200, "<html>")), Ok((200, "[\"2026-11-22\"]")), Ok((200, "1"))]), 60).0.is_err());
}

#[test]
fn a_start_that_fails_is_told_and_an_odd_key_is_never_sent() {
    for started in [
        Ok((401, "")),
        Ok((200, "{}")),
        Ok((200, "{\"dataKey\": \"../x\"}")),
        Ok((200, "{\"dataKey\": \"\"}")),
        Ok((200, "[\"k-1\"]")),
        Err(Error::unavailable("x")),
    ] {
        assert!(read(&Fake { started, ..fake([]) }, 60).0.is_err());
    }
}

#[test]
fn a_broken_export_is_no_export() {
    for export in ["", "<enterprise>", &EXPORT[..60], "{\"error\": 1}"] {
        let export = export.to_owned().leak();
        assert_eq!(read(&Fake { export, ..fake([]) }, 60).0.unwrap_err().kind, ErrorKind::Unavailable);
    }
}
