//! Tests of a policy as a whole: its faults, its expressions, and what it says of people.
//!
//! Each works on texts as an administrator writes them.

#![allow(clippy::unwrap_used)]

mod cloud;
mod expressions;
mod faults;
mod messages;
mod people;

use super::{Policy, load};
use crate::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use crate::value::Value;

/// A policy from one text that is sound.
fn sound(text: &str) -> Policy {
    load(&[("policy.toml".to_owned(), text.to_owned())])
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()))
}

/// Åsa, who works in Sotenäs and, as a manager, in Lysekil.
fn person() -> Person {
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
                extent: 75.0,
                extra: vec![
                    ("heroma:shift".to_owned(), vec![Value::from("natt")]),
                    ("heroma:keys".to_owned(), vec![Value::from("a"), Value::from("b")]),
                ],
                ..engagement("1427")
            },
            Engagement {
                unit: "SK-3".to_owned(),
                unit_name: "Gullmarsskolan".to_owned(),
                title: "Rektor".to_owned(),
                is_manager: true,
                extent: 25.0,
                ..engagement("1484")
            },
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
        extent: 100.0,
        start: Some(jiff::civil::date(2020, 1, 31)),
        end: None,
        manager: None,
        extra: Vec::new(),
    }
}

/// The units that a source knows: Åsa's first one.
fn unit() -> Unit {
    Unit {
        organisation: "1427".to_owned(),
        code: "VO-12".to_owned(),
        name: "Hemtjänst norr".to_owned(),
        parent: "VO".to_owned(),
        cost_centre: "99".to_owned(),
    }
}
