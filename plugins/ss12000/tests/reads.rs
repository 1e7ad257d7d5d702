//! Full reads: what was made up is what is read, and nothing is whole that is not.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use sluss_plugin_ss12000::class::Class;
use sluss_sdk::{Error, ErrorKind, Rest};
use sluss_test_servers::ss12000::School;
use sluss_test_servers::ss12000::people::{
    DUTY, PLACEMENT, a_group, crowd, enrolment, group, id, member, organisation, person, school, somebody,
};
use support::{Ended, InMemory, NOW, Record, full, reading};

fn world(change: impl FnOnce(&mut School)) -> InMemory {
    let mut school = school(NOW);
    change(&mut school);
    InMemory::new(school)
}

fn read(service: &InMemory, class: Class) -> Ended {
    full(&mut reading(service, json!({})), class, 100).unwrap()
}

fn one(record: &Record, name: &str) -> String {
    record.get(name).map(|values| values.join(" ")).unwrap_or_default()
}

/// `unit start end school-form year class-name` of an engagement.
fn engagement(ended: &Ended, own: &str) -> Option<String> {
    let record = ended.records.get(own)?;
    let parts = ["unit", "start", "end", "school-form", "year", "class-name"].map(|name| one(record, name));
    Some(parts.join(" "))
}

fn at(person: u32, place: u32) -> String {
    format!("{}/{}", id(person), id(place))
}

#[test]
fn everybody_is_who_was_made_up() {
    let ended = read(&world(|_| {}), Class::Person);
    assert!(ended.faults.is_empty());
    let expected = [
        (person::ELSA, "201501012395", "none", "", "198001022386"),
        (person::TEMPORARY, "20150315TF01", "none", "", ""),
        (person::INVALID, "200112240123", "none", "", ""),
        (person::MARKED, "20140101TF02", "secrecy-marking", "", ""),
        (person::HIDDEN, "20140202TF13", "protected-registration", "", ""),
        (person::UNMARKED, "20140303TF05", "unknown", "", ""),
        (person::ODD, "20140404TF06", "unknown", "", ""),
        (person::DEAD, "20140505TF07", "none", "death", ""),
        (person::EMIGRATED, "20140606TF08", "none", "emigration", ""),
        // In a class, though the only enrolment was cancelled.
        (person::CANCELLED, "20150707TF09", "none", "", ""),
        (person::MOVED, "20100808TF10", "none", "", ""),
        (person::CHILD, "20220909TF11", "none", "", "194107086995 198001022386"),
    ];
    assert_eq!(ended.records.len(), expected.len(), "guardians and staff are not given");
    for (own, number, protection, deregistration, guardians) in expected {
        let record = &ended.records[&id(own)];
        assert_eq!(one(record, "identity-number"), number);
        assert_eq!(one(record, "protection"), protection);
        assert_eq!(one(record, "protected"), (protection != "none").to_string());
        assert_eq!(one(record, "deregistration"), deregistration);
        assert_eq!(one(record, "guardian-numbers"), guardians);
        assert_eq!(one(record, "email"), format!("e{own}@skola.example.org"));
    }
    let elsa = &ended.records[&id(person::ELSA)];
    assert_eq!((one(elsa, "first-names"), one(elsa, "surname")), ("Elsa".to_owned(), "Öberg".to_owned()));
    let silent = full(&mut reading(&world(|_| {}), json!({"guardians": false})), Class::Person, 100).unwrap();
    assert!(!silent.records[&id(person::ELSA)].contains_key("guardian-numbers"));
}

#[test]
fn units_are_known_by_their_codes() {
    let ended = read(&world(|_| {}), Class::Unit);
    let of = |own: u32| {
        let record = &ended.records[&id(own)];
        ["code", "name", "parent", "organisation"].map(|name| one(record, name)).join("|")
    };
    let (top, school) = (id(organisation::TOP), id(organisation::SCHOOL));
    assert_eq!(of(organisation::UNIT), format!("12345678|Havsskolan 4–6|{school}|1427"));
    assert_eq!(of(organisation::SCHOOL), format!("{school}|Havsskolan|{top}|1427"));
    assert_eq!(of(organisation::TOP), format!("{top}|Sotenäs kommun||1427"));
    assert_eq!(ended.records.len(), 5);
    let nowhere = world(|school| school.change("organisations", &top, |own| own["municipalityCode"] = json!(null)));
    assert!(read(&nowhere, Class::Unit).records.values().all(|record| one(record, "organisation") == "9999"));
}

#[test]
fn engagements_are_those_that_were_made_up() {
    let ended = read(&world(|_| {}), Class::Engagement);
    assert!(ended.faults.is_empty(), "{:?}", ended.faults);
    let (fourth, fifth, unit) = (group::CLASS_4A, group::CLASS_5B, organisation::UNIT);
    let expected = [
        (at(person::ELSA, fourth), "12345678 2026-08-18 2027-06-11 GR 4 4A"),
        (at(person::TEMPORARY, fourth), "12345678 2026-08-18 2026-10-31 GR 4 4A"),
        (at(person::TEMPORARY, fifth), "12345678 2026-11-09 2027-06-11 GR 4 5B"),
        // Between two classes, a pupil of the school all the same.
        (at(person::TEMPORARY, unit), "12345678 2026-11-01 2026-11-08 GR 4 "),
        (at(person::MARKED, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::HIDDEN, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::UNMARKED, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::ODD, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::DEAD, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::EMIGRATED, fifth), "12345678 2026-08-18  GR 5 5B"),
        (at(person::INVALID, organisation::GYMNASIUM), "87654321 2026-08-18  GY 1 "),
        (at(person::MOVED, unit), "12345678 2020-08-18 2026-06-11 GR 9 "),
        (at(person::MOVED, organisation::GYMNASIUM), "87654321 2026-08-18  GY 1 "),
    ];
    for (own, told) in &expected {
        assert_eq!(engagement(&ended, own).as_deref(), Some(*told), "{own}");
    }
    let preschool = id(organisation::PRESCHOOL);
    assert_eq!(engagement(&ended, &id(PLACEMENT)), Some(format!("{preschool} 2026-08-18  FS  Myran")));
    assert_eq!(one(&ended.records[&id(PLACEMENT)], "person"), id(person::CHILD));
    assert_eq!(one(&ended.records[&id(PLACEMENT)], "class"), id(group::ANTS));
    assert_eq!(ended.records.len(), expected.len() + 1, "{:#?}", ended.records.keys());
    assert!(
        ended
            .records
            .values()
            .all(|record| one(record, "kind") == "placement" && one(record, "organisation") == "1427")
    );
}

#[test]
fn staff_is_read_where_somebody_says_so() {
    let service = world(|_| {});
    let mut staff = reading(&service, json!({"staff": true}));
    let engagements = full(&mut staff, Class::Engagement, 100).unwrap();
    let duty = &engagements.records[&id(DUTY)];
    let told = ["kind", "person", "unit", "title", "extent", "start"].map(|name| one(duty, name)).join(" ");
    assert_eq!(told, format!("employment {} 12345678 Lärare 75 2020-01-01", id(person::TEACHER)));
    let persons = full(&mut staff, Class::Person, 100).unwrap();
    assert_eq!(one(&persons.records[&id(person::TEACHER)], "identity-number"), "194107086995");
    assert!(!persons.records.contains_key(&id(person::GUARDIAN)));
}

#[test]
fn groups_hold_the_engagements_of_those_who_belong_to_them_today() {
    let service = world(|_| {});
    let ended = read(&service, Class::Group);
    let of = |own: u32| &ended.records[&id(own)];
    let members = |own: u32| of(own)["members"].clone();
    assert_eq!(members(group::CLASS_4A), [at(person::ELSA, group::CLASS_4A)], "who left, or never came, is not in it");
    assert_eq!(members(group::CLASS_5B).len(), 7);
    assert!(members(group::CLASS_5B).contains(&at(person::TEMPORARY, group::CLASS_5B)));
    let all = [
        at(person::ELSA, group::CLASS_4A),
        at(person::TEMPORARY, organisation::UNIT),
        at(person::TEMPORARY, group::CLASS_4A),
        at(person::TEMPORARY, group::CLASS_5B),
    ];
    let mut expected = all.to_vec();
    expected.sort();
    assert_eq!(members(group::MATHS), expected, "all that they have in the unit");
    assert_eq!(members(group::ANTS), [id(PLACEMENT)]);
    let kinds = [group::CLASS_4A, group::MATHS, group::ANTS].map(|own| one(of(own), "kind"));
    assert_eq!(kinds, ["class", "teaching", "department"]);
    assert_eq!(one(of(group::MATHS), "code"), id(group::MATHS));
    assert_eq!((one(of(group::MATHS), "unit"), one(of(group::MATHS), "name")), ("12345678".into(), "Ma4".into()));
    let engagements = read(&service, Class::Engagement);
    let referred = ended.records.values().flat_map(|record| &record["members"]);
    assert!(referred.clone().all(|own| engagements.records.contains_key(own)));
}

#[test]
fn pages_of_every_size_give_the_same() {
    let service = world(|school| crowd(school, 70));
    for class in Class::ALL {
        let whole = full(&mut reading(&service, json!({"staff": true})), class, 1000).unwrap();
        for max in [1, 2, 3, 7, 30, 71] {
            let ended = full(&mut reading(&service, json!({"staff": true})), class, max).unwrap();
            assert!(ended.faults.is_empty() && ended.records == whole.records, "{class:?} in pages of {max}");
        }
        let small = full(&mut reading(&service, json!({"staff": true, "page-size": 5})), class, 1000).unwrap();
        assert_eq!(small.records, whole.records);
    }
}

#[test]
fn a_school_is_asked_once_for_all_classes_and_again_for_another_read() {
    let service = world(|_| {});
    let mut own = reading(&service, json!({}));
    full(&mut own, Class::Unit, 100).unwrap();
    assert_eq!(service.asked.replace(0), 1);
    full(&mut own, Class::Engagement, 100).unwrap();
    assert_eq!(service.asked.replace(0), 3, "groups, placements and persons");
    for class in [Class::Person, Class::Group] {
        full(&mut own, class, 100).unwrap();
        assert_eq!(service.asked.replace(0), 0, "{class:?}");
    }
    let name = "Annan";
    service.school.borrow_mut().change("persons", &id(person::ELSA), |own| own["givenName"] = json!(name));
    let ended = full(&mut own, Class::Person, 100).unwrap();
    assert_eq!(one(&ended.records[&id(person::ELSA)], "first-names"), name);
}

#[test]
fn a_cursor_of_another_read_is_refused() {
    let service = world(|school| crowd(school, 70));
    let mut own = reading(&service, json!({}));
    let Rest::More(first) = own.read(Class::Person, None, 10).unwrap().rest else { panic!("there is more") };
    for (class, cursor) in
        [(Class::Engagement, &first[..]), (Class::Person, b"x"), (Class::Person, b"\0\0\0\0\0\0\0\0")]
    {
        let error = own.read(class, Some(cursor), 10).unwrap_err();
        assert!(error.kind == ErrorKind::Invalid && error.message.contains("without a cursor"), "{error:?}");
    }
    own.read(Class::Person, Some(&first), 10).unwrap();
    assert!(own.read(Class::Person, Some(&first), 10).is_err(), "a step is done once");
    own.read(Class::Person, None, 10).unwrap();
    assert!(own.read(Class::Person, Some(&first), 10).is_err(), "another read began");
    assert!(reading(&service, json!({})).read(Class::Person, Some(&first), 10).is_err(), "another instance");
}

fn fails(twist: impl FnMut(&str, &mut sluss_sdk::http::Response) + 'static) -> Error {
    let service = world(|school| crowd(school, 70));
    service.twist(twist);
    for class in [Class::Person, Class::Group] {
        assert!(full(&mut reading(&service, json!({})), class, 10).is_err(), "{class:?}");
    }
    full(&mut reading(&service, json!({})), Class::Engagement, 10).unwrap_err()
}

fn body(response: &mut sluss_sdk::http::Response, change: impl FnOnce(&mut Value)) {
    let mut own: Value = serde_json::from_slice(&response.body).unwrap();
    change(&mut own);
    response.body = own.to_string().into_bytes();
}

#[test]
fn what_is_not_whole_ends_the_read() {
    let persons = |path: &str| path == "/persons";
    let mut count = 0;
    let error = fails(move |path, response| {
        if persons(path) {
            count += 1;
            response.status = 200;
            response.body =
                json!({"data": [{"id": format!("{count}")}], "pageToken": "again"}).to_string().into_bytes();
        }
    });
    assert!(error.kind == ErrorKind::Unavailable && error.message.contains("page of /persons again"), "{error:?}");
    let mut first = None;
    let error = fails(move |path, response| {
        if persons(path) {
            body(response, |own| own["data"] = first.get_or_insert_with(|| own["data"].clone()).clone());
        }
    });
    assert!(error.message.contains("page of /persons again"), "another token makes no other page: {error:?}");
    let mut count = 0;
    let error = fails(move |path, response| {
        if persons(path) {
            count += 1;
            response.status = 200;
            response.body = json!({"data": [], "pageToken": format!("{count}")}).to_string().into_bytes();
        }
    });
    assert!(error.message.contains("one empty page"), "{error:?}");
    let error = fails(|_, response| response.body.truncate(response.body.len() / 2));
    assert!(error.kind == ErrorKind::Unavailable && error.message.contains("cut off"), "{error:?}");
    let error = fails(|_, response| response.body = b"{\"data\":{}}".to_vec());
    assert!(error.message.contains("not of the shape"), "{error:?}");
    for (status, kind) in [(401, ErrorKind::Auth), (403, ErrorKind::Permission), (429, ErrorKind::Throttled)] {
        assert_eq!(fails(move |_, response| response.status = status).kind, kind);
    }
}

#[test]
fn a_read_that_broke_off_can_go_on() {
    let service = world(|school| crowd(school, 70));
    let mut own = reading(&service, json!({}));
    let mut cursor: Option<Vec<u8>> = None;
    let (mut rows, mut at) = (0, 0);
    loop {
        service.twist(|_, response| response.status = 503);
        let broke = own.read(Class::Engagement, cursor.as_deref(), 10);
        service.twist(|_, _| {});
        let page = match broke {
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Unavailable);
                if cursor.is_none() {
                    own.read(Class::Engagement, None, 10)
                } else {
                    own.read(Class::Engagement, cursor.as_deref(), 10)
                }
                .unwrap()
            }
            Ok(page) => page,
        };
        rows += page.rows.len();
        at += 1;
        match page.rest {
            Rest::More(next) => cursor = Some(next),
            _ => break,
        }
        assert!(at < 1000);
    }
    assert_eq!(rows, read(&service, Class::Engagement).records.len());
}

#[test]
fn one_bad_record_is_one_fault() {
    let bad = [
        ("persons", person::ELSA, "givenName", Class::Person, id(person::ELSA)),
        ("persons", person::ELSA, "civicNo", Class::Person, id(person::ELSA)),
        ("placements", PLACEMENT, "startDate", Class::Engagement, id(PLACEMENT)),
        ("groups", group::MATHS, "displayName", Class::Group, id(group::MATHS)),
        ("organisations", organisation::GYMNASIUM, "displayName", Class::Unit, id(organisation::GYMNASIUM)),
    ];
    for (collection, number, field, class, fault) in bad {
        let whole = read(&world(|_| {}), class).records.len();
        let service = world(|school| school.change(collection, &id(number), |own| own[field] = json!(7)));
        let ended = read(&service, class);
        let told: Vec<_> = ended.faults.iter().map(|fault| fault.object.clone()).collect();
        assert_eq!(told, [Some(fault)], "{collection} {field}");
        assert_eq!(ended.records.len(), whole - 1, "the others go on");
        assert!(ended.faults[0].message.contains('`'), "{}", ended.faults[0].message);
    }
    let missing = world(|school| school.change("persons", &id(person::ELSA), |own| own["civicNo"] = json!(null)));
    assert_eq!(read(&missing, Class::Person).faults[0].attribute.as_deref(), Some("civicNo"));
}

#[test]
fn an_enrolment_that_cannot_be_read_takes_no_engagement_away() {
    let service = world(|school| {
        school.change("persons", &id(person::ELSA), |own| own["enrolments"][0]["endDate"] = json!(20_270_611));
    });
    let ended = read(&service, Class::Engagement);
    let mut told: Vec<_> = ended.faults.iter().map(|fault| fault.object.clone().unwrap()).collect();
    told.sort();
    let mut expected = vec![at(person::ELSA, group::CLASS_4A), at(person::ELSA, organisation::UNIT)];
    expected.sort();
    assert_eq!(told, expected, "both that it may be");
    let members = &read(&service, Class::Group).records[&id(group::CLASS_4A)]["members"];
    assert!(members.contains(&at(person::ELSA, group::CLASS_4A)));
    // Nobody knows of which school: the read is not whole.
    let service = world(|school| {
        school.change("persons", &id(person::ELSA), |own| own["enrolments"][0]["enroledAt"] = json!("x"));
    });
    let ended = read(&service, Class::Engagement);
    assert!(ended.faults.iter().any(|fault| fault.object.is_none()), "{:?}", ended.faults);
    assert_eq!(read(&service, Class::Group).faults.len(), 2, "both groups that the pupil is in");
}

#[test]
fn a_record_that_may_concern_anybody_makes_the_read_incomplete() {
    for (collection, number, field) in [
        ("groups", group::CLASS_4A, "groupMemberships"),
        ("groups", group::MATHS, "groupType"),
        ("placements", PLACEMENT, "child"),
        ("persons", person::ELSA, "enrolments"),
    ] {
        let service = world(|school| school.change(collection, &id(number), |own| own[field] = json!(7)));
        let ended = read(&service, Class::Engagement);
        assert!(ended.faults.iter().any(|fault| fault.object.is_none()), "{collection} {field}: {:?}", ended.faults);
    }
    let nameless = world(|school| school.put("organisations", json!({"displayName": "x"})));
    assert!(read(&nameless, Class::Unit).faults.iter().any(|fault| fault.object.is_none()));
    assert!(full(&mut reading(&nameless, json!({})), Class::Engagement, 100).is_err(), "a unit's code is not known");
}

#[test]
fn no_message_says_who_somebody_is() {
    let service = world(|school| {
        for number in school.ids("persons") {
            school.change("persons", &number, |own| {
                own["givenName"] = json!({"Hemlig": "198602212394"});
                own["enrolments"] = json!(["Hemlig 198602212394"]);
            });
        }
    });
    for class in Class::ALL {
        let told = match full(&mut reading(&service, json!({})), class, 100) {
            Ok(ended) => format!("{:?}", ended.faults),
            Err(error) => format!("{error:?}"),
        };
        assert!(!told.contains("Hemlig") && !told.contains("198602212394"), "{told}");
    }
}

#[test]
fn a_pupil_is_in_the_unit_where_there_is_no_class() {
    let (unit, gymnasium) = (organisation::UNIT, organisation::GYMNASIUM);
    let own = |enrolments: Value, memberships: Vec<(u32, Vec<Value>)>| {
        let service = world(|school| {
            for own in school.ids("persons") {
                school.delete("persons", &own);
            }
            let mut pupil = somebody(900, "20130101TF01", "Ny", "Elev");
            pupil["enrolments"] = enrolments;
            school.put("persons", pupil);
            for (number, members) in memberships {
                school.put("groups", a_group(number, "7C", "Klass", "GR", unit, members));
            }
        });
        let ended = read(&service, Class::Engagement);
        let told =
            ended.records.keys().map(|own| format!("{} {}", &own[own.len() - 3..], engagement(&ended, own).unwrap()));
        told.collect::<Vec<String>>()
    };
    let enrolled = |start: &str, end: Option<&str>| enrolment(unit, "GR", 7, start, end);
    let always = || vec![(107, vec![member(900, None, None)])];
    // A class without days lasts as long as group and enrolment do.
    assert_eq!(
        own(json!([enrolled("2026-08-20", Some("2027-06-01"))]), always()),
        ["107 12345678 2026-08-20 2027-06-01 GR 7 7C"]
    );
    // No enrolment anywhere: the class says enough.
    assert_eq!(own(json!(null), always()), ["107 12345678 2026-08-18  GR  7C"]);
    // The enrolment was cancelled.
    let mut cancelled = enrolled("2026-08-18", None);
    cancelled["cancelled"] = json!(true);
    assert!(own(json!([cancelled]), always()).is_empty());
    // The class is over, the school is not.
    let left = vec![(107, vec![member(900, Some("2026-08-18"), Some("2026-10-31"))])];
    assert_eq!(
        own(json!([enrolled("2020-08-18", None)]), left),
        ["003 12345678 2026-11-01  GR 7 ", "107 12345678 2026-08-18 2026-10-31 GR 7 7C"]
    );
    // Enrolled before the class began to be.
    assert_eq!(
        own(json!([enrolled("2020-08-18", Some("2026-06-01"))]), always()),
        ["003 12345678 2020-08-18 2026-06-01 GR 7 "]
    );
    // Two schools, one class; and a place in the leisure-time centre of the same unit changes nothing.
    let leisure = enrolment(unit, "FTH", 7, "2026-08-18", None);
    let both =
        json!([leisure, enrolled("2026-08-18", Some("2027-06-11")), enrolment(gymnasium, "GY", 1, "2027-08-18", None)]);
    let told = own(both, always());
    assert_eq!(told[0], "003 12345678 2027-06-12  FTH 7 ", "the leisure-time centre goes on");
    assert_eq!(told[1], "004 87654321 2027-08-18  GY 1 ");
    assert_eq!(told[2], "107 12345678 2026-08-18 2027-06-11 GR 7 7C");
    let twice =
        vec![(107, vec![member(900, Some("2026-08-18"), Some("2026-09-01")), member(900, Some("2026-10-01"), None)])];
    assert_eq!(own(json!([enrolled("2026-08-18", None)]), twice), ["107 12345678 2026-08-18  GR 7 7C"]);
}
