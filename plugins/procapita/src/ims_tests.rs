//! Units, changes and failures, with a service in memory.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::delta::{Delta, token};
use sluss_roster::{Giving, Reading, day};
use sluss_sdk::http::Response;
use sluss_sdk::{Answer, Page, Rest};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, UNIX_EPOCH};

const CHILD: &str = "201501012395";
const OTHER: &str = "20150101TF01";

/// 7 January 2026, 13:00 in Sweden.
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_787_200)
}

/// Answers what it is told to, in order.
#[derive(Default)]
struct Fake {
    answers: RefCell<VecDeque<Result<(u16, String), Error>>>,
    asked: RefCell<Vec<Call>>,
}

impl Fake {
    fn says(&self, bodies: impl IntoIterator<Item = String>) {
        self.answers.borrow_mut().extend(bodies.into_iter().map(|body| Ok((200, body))));
    }
}

impl Service for &Fake {
    fn ask(&self, call: &Call) -> Result<Response, Error> {
        self.asked.borrow_mut().push(call.clone());
        let silent = || Err(Error::unavailable("nothing listens"));
        let (status, body) = self.answers.borrow_mut().pop_front().unwrap_or_else(silent)?;
        Ok(Response { status, headers: Vec::new(), body: body.into_bytes() })
    }
}

fn settings() -> Settings {
    serde_json::from_value(serde_json::json!({"interface": "ims", "organisation": "1430"})).unwrap()
}

fn giving() -> Giving {
    settings().giving()
}

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s='s'><s:Body>{body}</s:Body></s:Envelope>")
}

fn membership(group: &str, member: &str, kind: &str) -> String {
    format!(
        "<MembershipDType><groupSourcedId><identifier>{group}</identifier></groupSourcedId><member><memberSourcedId>\
         <identifier>{member}</identifier></memberSourcedId><idType>{kind}</idType><role><roleType>Learner</roleType><timeFrame>\
         <begin><date>2025-08-18</date></begin></timeFrame></role></member></MembershipDType>"
    )
}

fn units(ids: &[&str]) -> String {
    let all: String = ids.iter().map(|id| membership("x", id, "Group")).collect();
    envelope(&format!(
        "<readMembershipsForGroupResponse><membershipSet>{all}</membershipSet></readMembershipsForGroupResponse>"
    ))
}

fn named(name: &str) -> String {
    envelope(&format!(
        "<readGroupResponse><group><description><descShort>{name}</descShort></description></group></readGroupResponse>"
    ))
}

fn group(id: &str, kind: &str) -> String {
    let field = |name: &str, value: &str| {
        format!("<extensionField><fieldName>{name}</fieldName><fieldValue>{value}</fieldValue></extensionField>")
    };
    let fields = field("identifier", id) + &field("GroupType", kind) + &field("UnitDomainShortName", "GR");
    format!("<GroupDType><extension>{fields}</extension></GroupDType>")
}

fn result(name: &str, content: &str) -> String {
    let info =
        "<syncResponseHeaderInfo><statusInfo><codeMajor>success</codeMajor></statusInfo></syncResponseHeaderInfo>";
    envelope(&format!("<{name}Response><{name}Result>{info}{content}</{name}Result></{name}Response>"))
}

fn batch(memberships: &str, groups: &str, numbers: &[&str]) -> String {
    let person = |number: &&str| {
        format!(
            "<PersonIdPairDType><sourcedId><identifier>{number}</identifier></sourcedId><person/></PersonIdPairDType>"
        )
    };
    let persons: String = numbers.iter().map(person).collect();
    let all = format!("<Memberships>{memberships}</Memberships><Groups>{groups}</Groups><Persons>{persons}</Persons>");
    result("extReadBatch", &format!("<Enterprice>{all}</Enterprice>"))
}

/// A unit with a class, in which somebody is.
fn unit(id: &str, number: &str) -> String {
    let class = format!("{id};C");
    let groups = group(id, "Unit") + &group("d", "UnitDomain") + &group(&class, "StudentClass");
    let up = membership("d", &class, "Group") + &membership(id, "d", "2");
    batch(&(up + &membership(&class, number, "Person")), &groups, &[number])
}

fn all(fake: &Fake, class: &str) -> Result<Page, Error> {
    let mut reading = Reading::new(Ims::new(fake, &settings(), noon), giving(), Duration::MAX / 4);
    reading.read(class, None, 1000)
}

fn ids(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.id.as_str()).collect()
}

fn person(number: &str) -> String {
    sluss_roster::number::id(number)
}

#[test]
fn every_unit_is_asked_about_once_for_the_day_that_is_over() {
    let fake = Fake::default();
    fake.says([units(&["U1", "U2", "U1"]), named("Skola 1"), unit("U1", CHILD), named("Skola 2"), unit("U2", OTHER)]);
    let mut reading = Reading::new(Ims::new(&fake, &settings(), noon), giving(), Duration::from_secs(9_999_999_999));
    let page = reading.read("engagement", None, 1000).unwrap();
    assert_eq!(page.rest, Rest::Complete);
    assert_eq!(ids(&page), [format!("{}/U1;C", person(CHILD)), format!("{}/U2;C", person(OTHER))]);
    let at = page.columns.iter().position(|name| name == "school-form").unwrap();
    assert!(page.rows.iter().all(|row| row.cells[at] == "GR".into()));
    assert_eq!(ids(&reading.read("person", None, 1000).unwrap()).len(), 2);
    assert_eq!(ids(&reading.read("unit", None, 1000).unwrap()), ["U1", "U2"]);
    let asked = fake.asked.borrow();
    assert_eq!(asked.len(), 5, "one state for all classes");
    let said = |at: usize, text: &str| String::from_utf8_lossy(&asked[at].body).contains(text);
    assert!(said(0, "SearchDate=20260106") && said(2, "2026-01-06T00:00:00") && said(4, ">Skola 2<"));
    assert!(asked[2].action.ends_with("/readBatch") && said(2, "extReadBatch"));
}

#[test]
fn circles_and_missing_parents_lead_to_the_unit_that_was_asked_about() {
    let fake = Fake::default();
    let groups = group("U1", "unit") + &group("C1", "studentclass") + &group("C2", "studentclass");
    let up = membership("C2", "C1", "Group") + &membership("C1", "C2", "Group") + &membership("nowhere", "C3", "Group");
    let own = membership("C1", CHILD, "Person") + &membership("C3", OTHER, "1");
    fake.says([
        units(&["U1"]),
        named("Skola"),
        batch(&(up + &own), &(groups + &group("C3", "studentclass")), &[CHILD, OTHER]),
    ]);
    let page = all(&fake, "engagement").unwrap();
    let at = page.columns.iter().position(|name| name == "unit").unwrap();
    assert!(page.rows.len() == 2 && page.rows.iter().all(|row| row.cells[at] == "U1".into()), "{page:?}");
}

#[test]
fn a_unit_that_cannot_be_read_makes_the_read_incomplete() {
    let down = || Err(Error::unavailable("the connection was lost"));
    let odd = batch(&membership("", "x", "Person"), "", &[]);
    let fault = envelope("<Fault><faultcode>s:Server</faultcode><faultstring>201501012395</faultstring></Fault>");
    for second in [
        down(),
        Ok((503, String::new())),
        Ok((500, fault)),
        Ok((200, unit("U2", OTHER).replace("success", "failure"))),
        Ok((200, unit("U2", OTHER)[..300].to_owned())),
        Ok((200, odd)),
        Ok((200, unit("U1", CHILD))),
    ] {
        let fake = Fake::default();
        fake.says([units(&["U1", "U2", "U3"]), named("1"), unit("U1", CHILD), named("2")]);
        fake.answers.borrow_mut().push_back(second.clone());
        fake.says([named("3"), unit("U3", OTHER)]);
        let page = all(&fake, "engagement").unwrap();
        let Rest::Incomplete(error) = &page.rest else { panic!("{second:?}: {page:?}") };
        assert!(error.message.contains("Unit 2 of 3") && !error.message.contains(CHILD), "{error:?}");
        assert_eq!(page.rows.len(), 2, "the others are given");
    }
}

#[test]
fn what_concerns_every_unit_ends_the_read() {
    for (status, kind) in
        [(401, ErrorKind::Auth), (403, ErrorKind::Permission), (404, ErrorKind::Config), (429, ErrorKind::Throttled)]
    {
        let fake = Fake::default();
        fake.says([units(&["U1", "U2"])]);
        fake.answers.borrow_mut().push_back(Ok((status, String::new())));
        assert_eq!(all(&fake, "person").unwrap_err().kind, kind);
        assert_eq!(fake.asked.borrow().len(), 2);
        let fake = Fake::default();
        fake.says([units(&["U1", "U2", "U3"]), named("1"), unit("U1", CHILD)]);
        fake.answers.borrow_mut().push_back(Ok((status, String::new())));
        let page = all(&fake, "person").unwrap();
        assert!(matches!(&page.rest, Rest::Incomplete(error) if error.kind == kind), "{page:?}");
        assert_eq!(fake.asked.borrow().len(), 4);
    }
    let silent = Fake::default();
    silent.says([units(&["U1", "U2", "U3", "U4", "U5"])]);
    assert_eq!(all(&silent, "person").unwrap_err().kind, ErrorKind::Unavailable);
    assert_eq!(silent.asked.borrow().len(), 4, "after three without an answer nothing more is asked");
    let none = Fake::default();
    none.says([units(&[])]);
    assert!(matches!(all(&none, "unit").unwrap().rest, Rest::Incomplete(_)));
}

#[test]
fn a_call_is_answered_before_all_units_are_read() {
    let fake = Fake::default();
    fake.says([units(&["U1", "U2"]), named("1"), unit("U1", CHILD), named("2"), unit("U2", OTHER)]);
    // The clock of the service stands far ahead of every moment that a call may last until.
    let ahead = || SystemTime::now() + Duration::from_secs(1000);
    let mut reading = Reading::new(Ims::new(&fake, &settings(), ahead), giving(), Duration::from_secs(1));
    let (mut from, mut pages) = (None, 0);
    let page = loop {
        let page = reading.read("person", from.as_deref(), 10).unwrap();
        pages += 1;
        let Rest::More(next) = page.rest else { break page };
        assert!(page.rows.is_empty());
        from = Some(next);
    };
    assert_eq!((page.rows.len(), pages, page.rest), (2, 3, Rest::Complete));
}

fn updates(people: &[(&str, &str)]) -> String {
    let ended: String = people.iter().map(|(group, number)| membership(group, number, "Person")).collect();
    result("extReadUpdatedMemberships", &format!("<EndedMemberships>{ended}</EndedMemberships>"))
}

fn tell(fake: &Fake, delta: &mut Delta, since: &[u8]) -> Result<Answer, Error> {
    let until = noon() + Duration::from_secs(10);
    delta.tell(&mut Ims::new(fake, &settings(), noon), since, &giving(), 1, until)
}

#[test]
fn only_units_in_which_something_changed_are_read_and_what_is_over_is_gone() {
    let fake = Fake::default();
    let two = unit("U2", OTHER).replace("</Memberships>", &(membership("U2;C", CHILD, "Person") + "</Memberships>"));
    let two = two.replace("</Persons>", &format!("<PersonIdPairDType><sourcedId><identifier>{CHILD}</identifier></sourcedId><person/></PersonIdPairDType></Persons>"));
    fake.says([
        units(&["U1", "U2"]),
        named("1"),
        updates(&[]),
        named("2"),
        updates(&[("U2;C", "198001022386"), ("U2;C", OTHER)]),
        two,
    ]);
    let mut delta = Delta::default();
    let Answer::Batch(first) = tell(&fake, &mut delta, &token(day("2026-01-02").unwrap())).unwrap() else { panic!() };
    let gone = person("198001022386");
    assert!(first.gone.contains(&format!("{gone}/U2;C")) && first.gone.contains(&format!("{gone}/U2")));
    assert!(!first.gone.contains(&format!("{}/U2;C", person(OTHER))), "who is still there is not gone");
    assert_eq!((first.page.rows.len(), first.next.as_slice()), (1, b"since:2026-01-06".as_slice()));
    let Rest::More(more) = first.page.rest else { panic!() };
    let Answer::Batch(second) = tell(&fake, &mut delta, &more).unwrap() else { panic!() };
    assert_eq!((second.page.rows.len(), second.page.rest, second.gone), (1, Rest::Complete, Vec::new()));
    let asked = fake.asked.borrow();
    let said = |at: usize, text: &str| String::from_utf8_lossy(&asked[at].body).contains(text);
    assert!(said(2, "SearchFromDate>2026-01-02T") && said(2, "SearchToDate>2026-01-06T") && said(4, ">2<"));
}

#[test]
fn an_old_or_odd_token_says_nothing_and_a_fault_tells_of_nobody() {
    let fake = Fake::default();
    for odd in ["since:2025-12-01", "since:2026-01-07", "since:2027-01-01", "since:soon", "turn:1", "files", ""] {
        assert!(matches!(tell(&fake, &mut Delta::default(), odd.as_bytes()), Ok(Answer::Expired)), "{odd}");
    }
    assert!(fake.asked.borrow().is_empty());
    let since = token(day("2026-01-06").unwrap());
    fake.says([units(&["U1"]), named("1"), updates(&[("U1;C", CHILD)])]);
    assert!(tell(&fake, &mut Delta::default(), &since).is_err());
    fake.says([units(&[])]);
    assert!(tell(&fake, &mut Delta::default(), &since).is_err());
    fake.says([units(&["U1"]), named("1"), updates(&[])]);
    let Answer::Batch(none) = tell(&fake, &mut Delta::default(), &since).unwrap() else { panic!() };
    assert!(none.page.rows.is_empty() && none.gone.is_empty() && none.page.rest == Rest::Complete);
}
