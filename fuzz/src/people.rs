//! Two made-up people, and everything that a policy says of them.

use jiff::civil::date;
use sluss_engine::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use sluss_engine::policy::{EvalFault, Evaluator, Policy, Wanted};
use sluss_engine::value::Value;

/// What an account of each person holds, account by account; everything else is asked for as well.
pub fn told(policy: &Policy) -> Vec<Result<Vec<(String, Wanted)>, EvalFault>> {
    let evaluator = Evaluator::new(policy);
    let unit = Unit {
        organisation: "1427".to_owned(),
        code: "VO-12".to_owned(),
        name: "Hemtjänst norr".to_owned(),
        ..Unit::default()
    };
    let units =
        |organisation: &str, code: &str| (unit.organisation == organisation && unit.code == code).then_some(&unit);
    let mut told = Vec::new();
    for person in [employee(), Person { engagements: Vec::new(), ..employee() }] {
        let active: Vec<usize> = (0..person.engagements.len()).collect();
        let mut scope = evaluator.person(&person, active.first().copied(), &active, &units);
        for rule in &policy.names {
            let _ = (scope.candidates(rule), scope.renew_key(rule));
        }
        let names: Vec<(&str, &str)> = policy.names.iter().map(|rule| (rule.kind.as_str(), "asaobe")).collect();
        scope.set_names(&names);
        for rule in &policy.accounts {
            let _ = scope.applies(rule);
            told.push(scope.attributes(rule));
        }
        for rule in &policy.groups {
            for engagement in &active {
                for key in scope.group_keys(rule, *engagement).unwrap_or_default() {
                    let _ = evaluator.group_attributes(rule, &key, Some(&unit));
                }
            }
        }
    }
    told
}

/// Somebody who works in two places. The number is an official one for tests.
fn employee() -> Person {
    Person {
        id: PersonId(7),
        number: "198507099805".to_owned(),
        name: PersonName {
            given: "Åsa".to_owned(),
            first: "Åsa Maria".to_owned(),
            middle: String::new(),
            surname: "Öberg-Lind".to_owned(),
        },
        protection: Protection::None,
        extra: vec![("email".to_owned(), vec![Value::from("asa@example.test")])],
        engagements: vec![
            Engagement {
                unit: "VO-12".to_owned(),
                title: "Undersköterska".to_owned(),
                title_code: "207009".to_owned(),
                main: true,
                extra: vec![("heroma:keys".to_owned(), vec![Value::from("a"), Value::from("b")])],
                ..engagement("1427")
            },
            Engagement { title: "Rektor".to_owned(), is_manager: true, ..engagement("1484") },
        ],
    }
}

fn engagement(organisation: &str) -> Engagement {
    Engagement {
        id: EngagementId { source: "heroma".to_owned(), record: format!("{organisation}-1") },
        kind: EngagementKind::Employment,
        organisation: organisation.to_owned(),
        number: "100".to_owned(),
        unit: String::new(),
        unit_name: String::new(),
        title: String::new(),
        title_code: String::new(),
        form: "TV".to_owned(),
        cost_centre: "4711".to_owned(),
        main: false,
        is_manager: false,
        on_leave: false,
        extent: 50.0,
        start: Some(date(2020, 1, 31)),
        end: None,
        manager: None,
        extra: Vec::new(),
    }
}
