//! Whatever bytes come, nothing panics, and nothing is taken for more than it is.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};
use sluss_plugin_ss12000::collection::Collection;
use sluss_plugin_ss12000::cursor::{Cursor, Token};
use sluss_plugin_ss12000::day::{Day, Period, timestamp};
use sluss_plugin_ss12000::group::Group;
use sluss_plugin_ss12000::organisation::Organisation;
use sluss_plugin_ss12000::person::Person;
use sluss_plugin_ss12000::post::Post;
use sluss_plugin_ss12000::protection::Protection;
use sluss_plugin_ss12000::{answer, fields};
use sluss_test_servers::ss12000::people::school;
use sluss_test_servers::ss12000::school::Query;

/// Reads bytes as everything that they may be.
fn read(bytes: &[u8]) -> usize {
    let page = answer::records(bytes);
    let _ = (answer::code(bytes), Cursor::read(bytes), Token::read(bytes));
    Collection::ALL.iter().for_each(|collection| drop(answer::deleted(bytes, *collection)));
    let records = page.map(|page| page.items).unwrap_or_default();
    for record in &records {
        let Some(id) = fields::id(record) else { continue };
        let _ = (Organisation::read(id.clone(), record), Group::read(id.clone(), record), Group::may_matter(record));
        let _ = (Post::placement(id.clone(), record), Post::duty(id.clone(), record));
        Person::read(id, record).is_enrolled();
    }
    records.len()
}

fn json_value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("id"),
        Just("person"),
        Just("enrolments"),
        Just("enroledAt"),
        Just("startDate"),
        Just("endDate"),
        Just("civicNo"),
        Just("value"),
        Just("responsibles"),
        Just("groupMemberships"),
        Just("securityMarking"),
        Just("cancelled"),
        Just("organisation"),
        Just("groupType"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[0-9TF-]{0,14}".prop_map(Value::from),
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
        Just(json!("Klass")),
        Just(json!("Ingen ")),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|all| Value::Object(all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        read(&bytes);
    }

    #[test]
    fn any_records(records in proptest::collection::vec(json_value(), 0..6)) {
        read(json!({"data": records}).to_string().as_bytes());
    }

    #[test]
    fn a_page_that_was_cut_is_none(share in 0.0..1.0_f64) {
        let text = school(1_795_339_200).answer("/persons", &Query::new()).1.to_string();
        assert_eq!(read(text.as_bytes()), 14);
        prop_assert_eq!(read(&text.as_bytes()[..(text.len() as f64 * share) as usize]), 0);
    }

    #[test]
    fn only_one_word_is_no_protection(word in "\\PC{0,8}|[Ii]ngen.?") {
        prop_assert_eq!(Protection::of(Some(&json!(word))) == Protection::None, word.trim() == "Ingen");
    }

    #[test]
    fn days_are_days(text in "\\PC{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}", moment in 0..99_999_999_999_i64) {
        if let Some(day) = Day::read(&text) {
            prop_assert_eq!(day.date().to_string(), &text.trim()[..10]);
        }
        prop_assert!(Day::read(&timestamp(moment)).is_some());
    }

    #[test]
    fn what_is_behind_is_not_covered(
        classes in proptest::collection::vec((0..60_u32, 0..60_u32), 1..5),
        school in (0..60_u32, 0..60_u32),
    ) {
        let day = |at: u32| Day::read(&format!("2026-{:02}-{:02}", at / 28 + 1, at % 28 + 1));
        let period = |(start, length): (u32, u32)| Period { start: day(start), end: day(start + length) };
        let own = period(school);
        let classes: Vec<Period> = classes.into_iter().map(period).collect();
        let first = classes.iter().map(|class| class.start).min().unwrap();
        let free: Vec<Day> = (0..130)
            .filter_map(day)
            .filter(|day| own.contains(*day) && Some(*day) >= first && !classes.iter().any(|class| class.contains(*day)))
            .collect();
        let behind = own.behind(&classes);
        if let (Some(first), Some(last)) = (free.first(), free.last()) {
            // Days between two months of 28 days are nobody's here, so the ends may lie further out.
            let behind = behind.unwrap();
            prop_assert!(behind.start.unwrap() <= *first && *last <= behind.end.unwrap());
            prop_assert!(own.contains(behind.start.unwrap()) && own.contains(behind.end.unwrap()));
        }
    }
}
