//! When to go on asking and when to stop, with a service in memory and a clock that the tests turn.

#![allow(clippy::unwrap_used)]

use super::*;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Wednesday 7 January 2026, noon.
const NOON: u64 = 1_767_787_200;
const ELSE: u64 = NOON + 1_000_000;

/// Answers what it is told to, and then that it knows nobody.
#[derive(Default)]
struct Fake {
    answers: RefCell<VecDeque<Result<(u16, &'static str), Error>>>,
    asked: RefCell<Vec<Call>>,
}

impl Service for &Fake {
    fn ask(&self, call: &Call) -> Result<Response, Error> {
        self.asked.borrow_mut().push(call.clone());
        let nobody = || Ok((200, r#"<Envelope><Body><PersonpostXMLResponse/></Body></Envelope>"#));
        let (status, body) = self.answers.borrow_mut().pop_front().unwrap_or_else(nobody)?;
        Ok(Response { status, headers: Vec::new(), body: body.into() })
    }

    fn knock(&self, _path: &str) -> Result<Response, Error> {
        Err(Error::unavailable("nothing listens"))
    }
}

fn order() -> Order {
    Order { organisation: "162021004748".to_owned(), id: "00000236-FO01-0001".to_owned() }
}

fn numbers() -> Vec<Number> {
    ["194107086995", "193801248471", "198602212394", "194106279161", "196608253081", "195003072260"]
        .map(|text| Number::read(text).unwrap())
        .to_vec()
}

fn soap(fake: &Fake, seconds: u64, clock: fn() -> SystemTime) -> Asking<&Fake> {
    Asking::new(fake, Kind::Soap, order(), Reading::default(), Duration::from_secs(seconds), clock)
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOON)
}

/// Six o'clock and five minutes on a Monday in winter.
fn monday() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_589_500)
}

/// Three seconds later whenever it is asked.
fn passing() -> SystemTime {
    static NOW: AtomicU64 = AtomicU64::new(ELSE);
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.fetch_add(3, Ordering::Relaxed))
}

fn kinds(findings: &Findings) -> Vec<Option<ErrorKind>> {
    let kind = |number: &Number| match &findings[number] {
        Finding::Failed(error) => Some(error.kind),
        Finding::Found(_) | Finding::Unknown => None,
    };
    numbers().iter().map(kind).collect()
}

#[test]
fn when_the_time_is_over_the_rest_is_to_be_asked_again() {
    let fake = Fake::default();
    let kinds = kinds(&soap(&fake, 10, passing).look_up(numbers()));
    assert_eq!(kinds[..2], [None, None]);
    assert_eq!(kinds[4..], [Some(ErrorKind::Throttled); 2]);
    assert!(fake.asked.borrow().len() < 5);
}

#[test]
fn a_service_that_says_nothing_three_times_is_left_alone() {
    let fake = Fake::default();
    let lost = || Err(Error::unavailable("the connection was lost"));
    let nobody = Ok((200, "<Envelope><Body><PersonpostXMLResponse/></Body></Envelope>"));
    fake.answers.borrow_mut().extend([lost(), lost(), nobody, lost(), lost()]);
    let found = kinds(&soap(&fake, 10, noon).look_up(numbers()));
    let lost = Some(ErrorKind::Unavailable);
    assert_eq!(found, [lost, lost, None, lost, lost, None]);
    let silent = Fake::default();
    silent.answers.borrow_mut().extend((0..6).map(|_| Ok((502, ""))));
    assert_eq!(kinds(&soap(&silent, 10, noon).look_up(numbers())), [lost; 6]);
    assert_eq!(silent.asked.borrow().len(), 3);
}

#[test]
fn nothing_is_out_of_order_while_the_register_is_closed() {
    let fake = Fake::default();
    fake.answers.borrow_mut().push_back(Ok((503, "")));
    let found = soap(&fake, 10, monday).look_up(numbers());
    for finding in found.values() {
        let Finding::Failed(error) = finding else { panic!("{finding:?}") };
        assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::Throttled, Some(600_000)));
    }
    assert_eq!(fake.asked.borrow().len(), 1);
    assert_eq!(soap(&fake, 10, monday).check().unwrap_err().kind, ErrorKind::Throttled);
    assert_eq!(soap(&fake, 10, noon).check().unwrap_err().kind, ErrorKind::Unavailable);
}

#[test]
fn what_is_not_the_registers_answer_is_not_taken_for_one() {
    for body in [
        "",
        "<html><body>Service unavailable</body></html>",
        "<Envelope><Body/></Envelope>",
        "<Envelope><Body><PersonpostXMLResponse><Folkbokforingsposter><Other/></Folkbokforingsposter>\
         </PersonpostXMLResponse></Body></Envelope>",
    ] {
        let fake = Fake::default();
        fake.answers.borrow_mut().push_back(Ok((200, body)));
        assert_eq!(kinds(&soap(&fake, 10, noon).look_up(numbers()))[0], Some(ErrorKind::Unavailable), "{body}");
    }
}

#[test]
fn a_question_says_whose_order_it_is() {
    let fake = Fake::default();
    soap(&fake, 10, noon).look_up(numbers()[..1].to_vec());
    let rest = Asking::new(&fake, Kind::Rest, order(), Reading::default(), Duration::from_secs(1), noon);
    let call = rest.question(&numbers()[..2]);
    let body = String::from_utf8(call.body).unwrap();
    assert_eq!(
        body,
        r#"{"bestallning":{"bestallningsidentitet":"00000236-FO01-0001","organisationsnummer":"162021004748"},"sokvillkor":[{"identitetsbeteckning":"194107086995"},{"identitetsbeteckning":"193801248471"}]}"#
    );
    let asked = String::from_utf8(fake.asked.borrow()[0].body.clone()).unwrap();
    for part in ["OrgNr>162021004748<", "BestallningsId>00000236-FO01-0001<", "PersonId>194107086995<"] {
        assert!(asked.contains(part), "{asked}");
    }
}
