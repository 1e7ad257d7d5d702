//! What changed: a full read followed by changes is what a later full read gives, whatever happened in between.

#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use sluss_plugin_ss12000::class::Class;
use sluss_test_servers::ss12000::School;
use sluss_test_servers::ss12000::people::{
    PLACEMENT, a_group, crowd, enrolment, group, id, member, organisation, person, school, somebody, to,
};
use support::{InMemory, NOW, Records, Told, changes, full, reading};

/// A host that knows a class, and what it asks with.
struct Host {
    own: sluss_plugin_ss12000::reading::Reading<InMemory>,
    class: Class,
    token: Vec<u8>,
    known: Records,
}

impl Host {
    fn new(service: &InMemory, class: Class, settings: &Value) -> Host {
        let mut own = reading(service, settings.clone());
        let token = own.latest(class);
        let known = full(&mut own, class, 50).unwrap().records;
        Host { own, class, token, known }
    }

    fn ask(&mut self) -> Told {
        changes(&mut self.own, self.class, &mut self.token, &mut self.known, 3).unwrap()
    }

    /// Asks, and reads in full where it must, as a host does.
    fn follow(&mut self) -> Told {
        let told = self.ask();
        if matches!(told, Told::Expired) {
            self.token = self.own.latest(self.class);
            self.known = full(&mut self.own, self.class, 50).unwrap().records;
        }
        told
    }
}

/// The made-up world, an hour after it was made.
fn world() -> InMemory {
    let mut school = school(NOW);
    school.now += 3600;
    InMemory::new(school)
}

fn later(service: &InMemory, seconds: i64, change: impl FnOnce(&mut School)) {
    let mut school = service.school.borrow_mut();
    school.now += seconds;
    change(&mut school);
    school.now += 1;
}

const SILENT: fn() -> Value = || json!({"guardians": false});

#[test]
fn where_nothing_changed_nothing_is_told_and_little_asked() {
    let service = world();
    for class in Class::ALL {
        let mut host = Host::new(&service, class, &SILENT());
        service.asked.set(0);
        assert!(matches!(host.ask(), Told::Changed(0, 0)), "{class:?}");
        assert!(service.asked.get() <= 8, "{class:?}: {}", service.asked.get());
    }
}

#[test]
fn somebody_who_moves_is_told_with_what_is_gone() {
    let service = world();
    let mut engagements = Host::new(&service, Class::Engagement, &SILENT());
    let mut persons = Host::new(&service, Class::Person, &SILENT());
    later(&service, 600, |school| {
        school.change("persons", &id(person::INVALID), |own| {
            own["enrolments"] = json!([enrolment(organisation::PRESCHOOL, "FS", 0, "2026-11-22", None)]);
        });
        school.delete("persons", &id(person::ODD));
        school.delete("persons", &id(person::CHILD));
    });
    let before = engagements.known.clone();
    assert!(matches!(engagements.ask(), Told::Changed(1, 3)), "one came; another, a class and a placement went");
    let lost: Vec<&String> = before.keys().filter(|own| !engagements.known.contains_key(*own)).collect();
    let expected = [(person::INVALID, organisation::GYMNASIUM), (person::ODD, group::CLASS_5B)];
    let mut expected: Vec<String> = expected.map(|(own, place)| format!("{}/{}", id(own), id(place))).to_vec();
    expected.push(id(PLACEMENT));
    assert_eq!(lost, expected.iter().collect::<Vec<_>>());
    assert!(matches!(persons.ask(), Told::Changed(1, 2)));
    later(&service, 600, |school| {
        school.change("persons", &id(person::INVALID), |own| own["enrolments"] = json!([]));
    });
    assert!(matches!(persons.ask(), Told::Changed(0, 1)), "who is no pupil any more is gone");
}

#[test]
fn a_read_is_asked_for_where_a_change_concerns_others() {
    type Change = fn(&mut School);
    let all: [(&[Class], Change); 7] = [
        (&[Class::Engagement, Class::Person, Class::Group], |school| {
            school.change("groups", &id(group::CLASS_4A), |own| own["groupMemberships"] = json!([]));
        }),
        (&[Class::Engagement, Class::Person, Class::Group], |school| school.delete("groups", &id(group::CLASS_4A))),
        (&[Class::Group], |school| {
            school.change("groups", &id(group::MATHS), |own| own["groupMemberships"] = json!([]));
        }),
        (&[Class::Engagement, Class::Person, Class::Group], |school| school.delete("placements", &id(PLACEMENT))),
        (&[Class::Engagement, Class::Group], |school| {
            school.change("organisations", &id(organisation::UNIT), |own| own["displayName"] = json!("Annan"));
        }),
        (&[Class::Group], |school| {
            school.change("persons", &id(person::ELSA), |own| own["familyName"] = json!("Annan"));
        }),
        (&[Class::Group], |school| school.now += 86_400),
    ];
    for (at, (expected, change)) in all.into_iter().enumerate() {
        for class in Class::ALL {
            let service = world();
            let mut host = Host::new(&service, class, &SILENT());
            later(&service, 3600, change);
            let told = host.ask();
            assert_eq!(matches!(told, Told::Expired), expected.contains(&class), "{at}: {class:?} {told:?}");
        }
    }
    // Whoever changed may be somebody's guardian.
    let service = world();
    let mut host = Host::new(&service, Class::Person, &json!({}));
    later(&service, 600, |school| {
        school.change("persons", &id(person::GUARDIAN), |own| own["civicNo"]["value"] = json!("198003662395"));
    });
    assert!(matches!(host.follow(), Told::Expired));
    assert_eq!(host.known[&id(person::ELSA)]["guardian-numbers"], ["198003662395"]);
}

#[test]
fn a_school_that_closed_leaves_nobody_behind() {
    let service = world();
    let mut host = Host::new(&service, Class::Engagement, &SILENT());
    later(&service, 600, |school| school.delete("organisations", &id(organisation::GYMNASIUM)));
    assert!(matches!(host.follow(), Told::Expired));
    let own = format!("{}/{}", id(person::INVALID), id(organisation::GYMNASIUM));
    assert!(!host.known.contains_key(&own), "enrolled at a school that is not there");
    later(&service, 600, |school| {
        school.change("persons", &id(person::INVALID), |own| own["enrolments"] = json!([]));
    });
    host.follow();
    assert_eq!(host.known, full(&mut reading(&service, SILENT()), Class::Engagement, 50).unwrap().records);
}

#[test]
fn a_token_that_does_not_hold_asks_for_a_full_read() {
    let service = world();
    let mut host = Host::new(&service, Class::Engagement, &SILENT());
    for odd in [&b""[..], b"x", b"{}", &[0xff; 9]] {
        let told = changes(&mut host.own, Class::Engagement, &mut odd.to_vec(), &mut Records::new(), 10).unwrap();
        assert!(matches!(told, Told::Expired));
    }
    let mut other = host.token.clone();
    assert!(matches!(changes(&mut host.own, Class::Unit, &mut other, &mut Records::new(), 10).unwrap(), Told::Expired));
    for days in 1..=30 {
        later(&service, 86_399, |_| {});
        let told = host.ask();
        assert!(matches!(told, Told::Changed(0, 0)), "after {days} days");
    }
    later(&service, 86_400, |_| {});
    assert!(matches!(host.ask(), Told::Expired), "however often changes were asked for");
}

#[test]
fn a_service_that_tells_no_changes_is_read_in_full() {
    for (path, status) in
        [("/deletedEntities", 404), ("/deletedEntities", 403), ("/deletedEntities", 501), ("/persons", 400)]
    {
        let service = world();
        let mut host = Host::new(&service, Class::Engagement, &SILENT());
        service.twist(move |asked, response| {
            if asked == path {
                response.status = status;
            }
        });
        assert!(matches!(host.ask(), Told::Expired), "{path} {status}");
        service.twist(|_, response| response.status = 503);
        assert!(changes(&mut host.own, Class::Engagement, &mut host.token, &mut host.known, 3).is_err());
    }
}

#[test]
fn what_was_changed_while_it_was_read_is_told_later() {
    let service = InMemory::new({
        let mut school = school(NOW);
        crowd(&mut school, 40);
        school
    });
    later(&service, 3600, |_| {});
    let mut own = reading(&service, json!({"guardians": false, "overlap-minutes": 0}));
    let units = own.latest(Class::Unit);
    full(&mut own, Class::Unit, 100).unwrap();
    later(&service, 600, |school| {
        school.change("organisations", &id(organisation::UNIT), |own| own["displayName"] = json!("Annan"));
    });
    // The units were read before, so the token is of then.
    let mut token = own.latest(Class::Engagement);
    assert_eq!(token, String::from_utf8(units).unwrap().replace("unit", "engagement").into_bytes());
    let mut known = full(&mut own, Class::Engagement, 100).unwrap().records;
    let told = changes(&mut own, Class::Engagement, &mut token, &mut known, 100).unwrap();
    assert!(matches!(told, Told::Expired));
}

/// Something that happens at a school. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Event {
    Pupil(u32, Vec<(u32, u32, bool)>, Option<u32>),
    Number(u32, u32),
    Leaves(u32),
    Class(u32, u32, Vec<u32>),
    Dissolves(u32),
    Placed(u32, u32, u32),
    Unplaced(u32),
    Duty(u32, u32),
    Unit(u32, u32),
    Closes(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let enrolments = proptest::collection::vec((0..5_u32, 0..4_u32, any::<bool>()), 0..3);
    prop_oneof![
        6 => (0..30_u32, enrolments, proptest::option::of(0..30_u32)).prop_map(|(own, all, guardian)| Event::Pupil(own, all, guardian)),
        2 => (0..30_u32, 0..90_u32).prop_map(|(own, number)| Event::Number(own, number)),
        2 => (0..30_u32).prop_map(Event::Leaves),
        1 => (0..8_u32, 0..5_u32, proptest::collection::vec(0..30_u32, 0..6)).prop_map(|(own, unit, all)| Event::Class(own, unit, all)),
        1 => (0..8_u32).prop_map(Event::Dissolves),
        1 => (0..4_u32, 0..30_u32, 0..5_u32).prop_map(|(own, child, unit)| Event::Placed(own, child, unit)),
        1 => (0..4_u32).prop_map(Event::Unplaced),
        1 => (0..4_u32, 0..30_u32).prop_map(|(own, person)| Event::Duty(own, person)),
        1 => (0..5_u32, 0..3_u32).prop_map(|(own, code)| Event::Unit(own, code)),
        1 => (0..5_u32).prop_map(Event::Closes),
    ]
}

const DAYS: [&str; 4] = ["2025-08-18", "2026-06-12", "2026-08-18", "2026-11-22"];

fn happen(school: &mut School, event: &Event) {
    let pupil = |own: u32| 200 + own;
    match event {
        Event::Pupil(own, enrolments, guardian) => {
            let before = school.get("persons", &id(pupil(*own)));
            let mut record = before.unwrap_or_else(|| somebody(pupil(*own), "20130101TF01", "Elev", "Ny"));
            let all = enrolments.iter().map(|(unit, day, is_cancelled)| {
                let mut one = enrolment(1 + unit, "GR", day + 3, DAYS[*day as usize], None);
                one["cancelled"] = json!(is_cancelled);
                one
            });
            record["enrolments"] = all.collect();
            record["responsibles"] =
                json!(guardian.map(|own| json!({"person": to(pupil(own))})).into_iter().collect::<Vec<_>>());
            school.put("persons", record);
        }
        Event::Number(own, number) => {
            school.change("persons", &id(pupil(*own)), |own| {
                own["civicNo"]["value"] = json!(format!("20130101TF{number:02}"))
            });
        }
        Event::Leaves(own) => school.delete("persons", &id(pupil(*own))),
        Event::Class(own, unit, members) => {
            // What a group is stays; see the README.
            let kind = match own {
                1 | 2 | 6 => "Klass",
                4 => "Avdelning",
                _ => "Undervisning",
            };
            let all = members.iter().map(|own| member(pupil(*own), Some(DAYS[(own % 4) as usize]), None)).collect();
            school.put("groups", a_group(100 + own, "X", kind, "GR", 1 + unit, all));
        }
        Event::Dissolves(own) => school.delete("groups", &id(100 + own)),
        Event::Placed(own, child, unit) => {
            let record =
                json!({"id": id(300 + own), "child": to(pupil(*child)), "placedAt": to(1 + unit), "group": to(104)});
            school.put("placements", record);
        }
        Event::Unplaced(own) => school.delete("placements", &id(300 + own)),
        Event::Duty(own, person) => {
            let record =
                json!({"id": id(400 + own), "person": to(pupil(*person)), "dutyAt": to(3), "dutyRole": "Lärare"});
            school.put("duties", record);
        }
        Event::Unit(own, code) => {
            let record = json!({"id": id(1 + own), "displayName": "Y", "schoolUnitCode": format!("{code}"), "organisationType": "Skolenhet"});
            school.put("organisations", record);
        }
        Event::Closes(own) => school.delete("organisations", &id(1 + own)),
    }
}

proptest! {
    #[test]
    fn a_full_read_and_changes_are_a_later_full_read(
        rounds in proptest::collection::vec((proptest::collection::vec(event(), 0..4), 1..1000_i64), 1..8),
        staff: bool,
        guardians: bool,
        overlap in prop_oneof![Just(0), Just(5)],
    ) {
        let settings = json!({"staff": staff, "guardians": guardians, "overlap-minutes": overlap});
        let service = world();
        let mut hosts: Vec<Host> = Class::ALL.into_iter().map(|class| Host::new(&service, class, &settings)).collect();
        for (events, seconds) in rounds {
            later(&service, seconds, |school| events.iter().for_each(|event| happen(school, event)));
            for host in &mut hosts {
                host.follow();
                let truth = full(&mut reading(&service, settings.clone()), host.class, 1000).unwrap().records;
                prop_assert_eq!(&host.known, &truth, "{:?} after {:?}", host.class, &events);
            }
        }
    }
}
