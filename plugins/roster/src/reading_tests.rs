//! Pages, waiting, and what follows from a roster, with a supply in memory.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{Group, GroupKind, Guardian, Membership, Person, Role, Span, Unit};
use sluss_sdk::{Cell, Date, ErrorKind, Rest, Row, Value};

const CHILD: &str = "201501012395";
const OTHER: &str = "20150101TF01";
const PARENT: &str = "198001022386";

/// Gives what the function makes, after so many calls that give nothing.
struct Fake {
    waits: u32,
    left: u32,
    make: fn() -> Result<Snapshot, Error>,
    begun: u32,
}

impl Supply for Fake {
    fn begin(&mut self) {
        self.left = self.waits;
        self.begun += 1;
    }

    fn go_on(&mut self, _until: SystemTime) -> Result<Option<Snapshot>, Error> {
        if self.left > 0 {
            self.left -= 1;
            return Ok(None);
        }
        (self.make)().map(Some)
    }
}

fn giving() -> Giving {
    Giving { organisation: "1484".to_owned(), ..Giving::default() }
}

fn reading(waits: u32, giving: Giving, make: fn() -> Result<Snapshot, Error>) -> Reading<Fake> {
    Reading::new(Fake { waits, left: waits, make, begun: 0 }, giving, Duration::from_secs(1))
}

fn date(day: &str) -> Date {
    crate::day(day).unwrap()
}

fn join<'m>(person: &'m str, place: &'m str, role: Role, start: &str, end: Option<&str>) -> Membership<'m> {
    let span = Span { start: Some(date(start)), end: end.map(date) };
    Membership { person, place, role, span, form: None, year: None, title: None }
}

fn roster() -> Roster {
    let mut roster = Roster::new(&["x:more"]);
    let person = |id: &str, number: &str| Person {
        id: id.to_owned(),
        number: Some(number.to_owned()),
        first_names: Some(" Elev ".to_owned()),
        surname: Some("Exempelsson".to_owned()),
        address: [None, Some("Testgatan 1".to_owned()), None, Some(String::new())],
        ..Person::default()
    };
    roster.person(person("p1", "20150101-2395"));
    roster.person(Person { email: Some("elev@example.se".to_owned()), ..person("p1", CHILD) });
    roster.person(person(OTHER, OTHER));
    roster.person(person("t1", PARENT));
    roster.unit(Unit {
        id: "u1".into(),
        code: Some("U-1".into()),
        name: Some("Skola".into()),
        more: vec![Some("y".into())],
    });
    let class = |id: &str, name: &str| Group {
        id: id.to_owned(),
        kind: GroupKind::Class,
        name: Some(name.to_owned()),
        unit: Some("u1".to_owned()),
        form: Some("GR".to_owned()),
        year: Some("4".to_owned()),
        ..Group::default()
    };
    roster.group(class("c1", "4A"));
    roster.group(class("c2", "4B"));
    roster.group(Group { id: "g1".into(), unit: Some("u1".into()), ..Group::default() });
    roster.group(Group { id: "g2".into(), unit: Some("u2".into()), ..Group::default() });
    roster.guardian(Guardian { number: PARENT, child: "p1" });
    roster.guardian(Guardian { number: " 19800102-2386", child: "p1" });
    roster.guardian(Guardian { number: "-", child: "p1" });
    roster.join(join("p1", "c1", Role::Pupil, "2026-08-18", Some("2027-06-11")));
    roster.join(join("p1", "c1", Role::Pupil, "2026-08-18", Some("2027-06-11")));
    roster.join(join("p1", "c1", Role::Pupil, "2025-08-18", Some("2026-06-11")));
    roster.join(join("p1", "g1", Role::Pupil, "2026-09-01", None));
    roster.join(join("p1", "g2", Role::Pupil, "2026-10-01", None));
    roster.join(join("p1", "g2", Role::Pupil, "2026-09-01", Some("2026-09-30")));
    roster.join(join(OTHER, "u1", Role::Pupil, "2026-08-18", None));
    roster.join(join("t1", "c2", Role::Staff, "2020-01-01", None));
    roster
}

fn whole() -> Result<Snapshot, Error> {
    Ok(Snapshot { roster: roster(), incomplete: None })
}

/// All pages of a class.
fn all<S: Supply>(reading: &mut Reading<S>, class: &str, max: u32) -> (Vec<String>, Vec<Row>, Vec<Error>, Rest) {
    let (mut from, mut rows, mut faults) = (None, Vec::new(), Vec::new());
    let mut seen = Vec::new();
    loop {
        let page = reading.read(class, from.as_deref(), max).unwrap();
        assert!(page.rows.len() + page.faults.len() <= max as usize);
        rows.extend(page.rows);
        faults.extend(page.faults);
        let Rest::More(next) = page.rest else { return (page.columns, rows, faults, page.rest) };
        assert!(!seen.contains(&next));
        seen.push(next.clone());
        from = Some(next);
    }
}

fn cell<'r>(columns: &[String], row: &'r Row, name: &str) -> &'r Cell {
    &row.cells[columns.iter().position(|own| own == name).unwrap()]
}

fn text(text: &str) -> Cell {
    Cell::from(text)
}

#[test]
fn a_pupil_has_one_engagement_for_each_membership_in_a_class_and_one_for_a_unit_without() {
    let mut reading = reading(0, giving(), whole);
    let (columns, rows, faults, rest) = all(&mut reading, "engagement", 2);
    assert!(faults.is_empty() && rest == Rest::Complete, "{faults:?}");
    let own = crate::number::id(OTHER);
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let expected = ["p1/c1", "p1/c1/2", "p1/u2", &format!("{own}/u1")];
    assert_eq!(ids, expected);
    let of = |row: usize, name: &str| cell(&columns, &rows[row], name).clone();
    assert_eq!((of(1, "person"), of(1, "unit"), of(1, "unit-name")), (text("p1"), text("U-1"), text("Skola")));
    assert_eq!((of(1, "class"), of(1, "class-name"), of(1, "year")), (text("c1"), text("4A"), text("4")));
    assert_eq!(
        (of(1, "kind"), of(1, "organisation"), of(1, "school-form")),
        (text("placement"), text("1484"), text("GR"))
    );
    assert_eq!((of(1, "start"), of(1, "end")), (date("2026-08-18").into(), date("2027-06-11").into()));
    assert_eq!((of(2, "start"), of(2, "end"), of(2, "class")), (date("2026-09-01").into(), Cell::Absent, Cell::Absent));
    assert_eq!(of(3, "person"), text(&own));
}

#[test]
fn groups_hold_the_engagements_of_their_members_in_their_unit() {
    let (columns, rows, _, _) = all(&mut reading(0, giving(), whole), "group", 100);
    let members = |row: usize| match cell(&columns, &rows[row], "members") {
        Cell::Many(members) => members.iter().filter_map(Value::as_reference).map(str::to_owned).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let both = ["p1/c1", "p1/c1/2"];
    assert_eq!((members(0).as_slice(), members(1).len()), (both.map(str::to_owned).as_slice(), 0));
    assert_eq!((members(2).as_slice(), members(3)), (both.map(str::to_owned).as_slice(), vec!["p1/u2".to_owned()]));
    assert_eq!(
        (cell(&columns, &rows[0], "kind"), cell(&columns, &rows[2], "kind")),
        (&text("class"), &text("teaching"))
    );
    let (columns, rows, _, _) = all(&mut reading(0, giving(), whole), "unit", 100);
    assert_eq!((rows.len(), cell(&columns, &rows[0], "code")), (2, &text("U-1")));
    assert_eq!((cell(&columns, &rows[0], "x:more"), cell(&columns, &rows[1], "code")), (&text("y"), &text("u2")));
}

#[test]
fn persons_are_pupils_with_their_guardians_and_staff_only_where_it_is_wanted() {
    let (columns, rows, faults, _) = all(&mut reading(0, giving(), whole), "person", 1);
    assert!(faults.is_empty() && rows.len() == 2 && !columns.contains(&"protected".to_owned()));
    assert_eq!(cell(&columns, &rows[0], "guardian-numbers"), &Cell::many([PARENT]));
    assert_eq!(cell(&columns, &rows[1], "guardian-numbers"), &Cell::many(Vec::<String>::new()));
    assert_eq!(cell(&columns, &rows[0], "organisation"), &text("1484"));
    assert_eq!(cell(&columns, &rows[0], "email"), &text("elev@example.se"));
    assert_eq!(
        (cell(&columns, &rows[0], "first-names"), cell(&columns, &rows[0], "identity-number")),
        (&text("Elev"), &text(CHILD))
    );
    let more = Giving { staff: true, addresses: true, unmarked_is_unprotected: true, ..giving() };
    let mut reading = reading(0, more, whole);
    let (columns, rows, _, _) = all(&mut reading, "person", 10);
    assert_eq!((rows.len(), cell(&columns, &rows[2], "protected")), (3, &Cell::from(false)));
    assert_eq!(
        (cell(&columns, &rows[0], "street"), cell(&columns, &rows[0], "town")),
        (&text("Testgatan 1"), &Cell::Absent)
    );
    let (columns, rows, _, _) = all(&mut reading, "engagement", 10);
    let staff = rows.iter().find(|row| row.id == "t1/u1/staff").unwrap();
    assert_eq!((rows.len(), cell(&columns, staff, "kind")), (5, &text("employment")));
    assert_eq!(reading.supply().begun, 1, "all classes are of one state");
    all(&mut reading, "person", 10);
    assert_eq!(reading.supply().begun, 2);
}

#[test]
fn a_record_that_cannot_be_used_is_a_fault_of_its_own() {
    let make = || {
        let mut roster = roster();
        roster.person(Person { id: "p1".into(), number: Some(PARENT.into()), ..Person::default() });
        roster.person(Person { id: "p3".into(), number: Some("-".into()), is_pupil: true, ..Person::default() });
        roster.join(join("p9", "c1", Role::Pupil, "2026-08-18", None));
        roster.join(join("p3", "c9", Role::Pupil, "2026-08-18", None));
        let odd = Error::invalid("odd");
        roster.misjoin(join("p3", "c1", Role::Pupil, "2026-08-18", None), odd.clone());
        roster.misjoin(join("p1", "g1", Role::Pupil, "2026-08-18", None), odd);
        roster.group(Group { id: "g9".into(), ..Group::default() });
        roster.join(join("p3", "g9", Role::Pupil, "2026-08-18", None));
        Ok(Snapshot { roster, incomplete: None })
    };
    let mut reading = reading(0, giving(), make);
    let ids = |faults: &[Error]| faults.iter().map(|fault| fault.object.clone().unwrap()).collect::<Vec<_>>();
    let (_, rows, faults, rest) = all(&mut reading, "person", 1);
    assert_eq!((rows.len(), ids(&faults)), (1, vec!["p1".to_owned(), "p3".to_owned()]));
    assert_eq!(rest, Rest::Complete);
    let (_, rows, faults, _) = all(&mut reading, "engagement", 3);
    assert_eq!((rows.len(), ids(&faults)), (4, ["p9/c1", "p3/c9", "p3/g9", "p3/c1"].map(str::to_owned).to_vec()));
    assert!(faults[3].message == "odd" && faults[2].message != "odd");
    let (_, rows, flawed, _) = all(&mut reading, "group", 3);
    assert_eq!((rows.len(), ids(&flawed)), (3, vec!["c1".to_owned(), "g9".to_owned()]));
    assert!(faults.iter().all(|fault| !fault.message.contains(PARENT)));
}

#[test]
fn what_takes_longer_is_waited_for_and_what_is_not_whole_is_not_given_as_whole() {
    let mut slow = reading(3, giving(), whole);
    assert_eq!(all(&mut slow, "person", 10).1.len(), 2);
    let torn = || Ok(Snapshot { roster: roster(), incomplete: Some(Error::unavailable("one unit")) });
    let (_, rows, _, rest) = all(&mut reading(0, giving(), torn), "person", 1);
    assert!(rows.len() == 2 && matches!(rest, Rest::Incomplete(error) if error.message == "one unit"));
    let empty = || Ok(Snapshot { roster: Roster::new(&[]), incomplete: None });
    for class in ["person", "engagement", "group", "unit"] {
        let (.., rest) = all(&mut reading(0, giving(), empty), class, 1);
        assert!(matches!(rest, Rest::Incomplete(error) if error.message.contains("nobody")), "{class}");
    }
    let failing = || Err(Error::throttled("later", 1));
    let mut reading = reading(1, giving(), failing);
    let Rest::More(cursor) = reading.read("unit", None, 1).unwrap().rest else { panic!("more expected") };
    assert_eq!(reading.read("unit", Some(&cursor), 1).unwrap_err().kind, ErrorKind::Throttled);
    assert!(reading.read("unit", Some(b"odd"), 1).is_err() && reading.read("room", None, 1).is_err());
}
