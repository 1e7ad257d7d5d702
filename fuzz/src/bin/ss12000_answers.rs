//! What a school system answers by the standard SS 12000, and the records in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sluss_plugin_ss12000::collection::Collection;
use sluss_plugin_ss12000::day::Period;
use sluss_plugin_ss12000::group::Group;
use sluss_plugin_ss12000::organisation::Organisation;
use sluss_plugin_ss12000::person::Person;
use sluss_plugin_ss12000::post::Post;
use sluss_plugin_ss12000::protection::Protection;
use sluss_plugin_ss12000::{answer, fields};

fuzz_target!(|bytes: &[u8]| {
    let page = answer::records(bytes);
    assert_eq!(page, answer::records(bytes));
    if let Some(code) = answer::code(bytes) {
        let is_status = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_status || !code.contains(|sign: char| sign.is_ascii_digit()), "a code tells of nobody");
    }
    for collection in Collection::ALL {
        if let Ok(page) = answer::deleted(bytes, collection) {
            assert!(page.items.iter().all(|id| !id.is_empty()) && page.items.len() <= bytes.len());
        }
    }
    for record in page.iter().flat_map(|page| &page.items) {
        if let Some(id) = fields::id(record) {
            assert!((1..=1024).contains(&id.len()));
            read(&id, record);
        }
    }
});

fn read(id: &str, record: &Value) {
    let person = Person::read(id.into(), record);
    assert_eq!(person, Person::read(id.into(), record));
    if let Ok(identity) = &person.identity {
        let is_plain = record["securityMarking"].as_str().is_some_and(|word| word.trim() == "Ingen");
        assert!(identity.protection != Protection::None || is_plain, "somebody is unprotected without a plain word");
    }
    person.enrolments.iter().filter_map(|own| own.told.as_ref().ok()).for_each(|told| sound(told.period));
    if let Ok(group) = Group::read(id.into(), record) {
        sound(group.period);
        group.members.iter().filter_map(|member| member.period.as_ref().ok()).for_each(|period| sound(*period));
    }
    for post in [Post::placement(id.into(), record), Post::duty(id.into(), record)].into_iter().flatten() {
        post.told.iter().for_each(|told| sound(told.period));
    }
    if let Ok(organisation) = Organisation::read(id.into(), record) {
        assert!(organisation.municipality.is_none_or(|code| code.len() == 4));
    }
}

/// The first day of a period is not behind the last.
fn sound(period: Period) {
    assert!(period.start.zip(period.end).is_none_or(|(start, end)| start <= end));
    [period.start, period.end].into_iter().flatten().for_each(|day| sluss_fuzz::sound_value(&day.date().into()));
}
