//! What Graph answers, alone and in a batch, and the values of what it tells.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};
use sluss_fuzz::{choice, parts, settings, sound_value};
use sluss_plugin_office365::Settings;
use sluss_plugin_office365::answer::{Answer, listed};
use sluss_plugin_office365::fields::{Class, EXTENSIONS, Shape};
use sluss_plugin_office365::graph::{is_id, quoted, segment};
use sluss_plugin_office365::licence::Catalogue;
use sluss_plugin_office365::values::{is_address, moment, of, properties, written};
use sluss_sdk::ErrorKind;
use sluss_sdk::http::Response;

fuzz_target!(|input: &[u8]| {
    let (way, input) = choice(input);
    let [body, text] = parts(input);
    let Ok(text) = std::str::from_utf8(text) else { return };
    let status =
        [200, 204, 302, 400, 401, 403, 404, 408, 409, 410, 412, 422, 429, 500, 503, 504][usize::from(way >> 4)];
    let headers = vec![("Retry-After".to_owned(), text.to_owned())];
    let own = Answer::of(&Response { status, headers, body: body.to_vec() });
    answer(&own);
    let told = &own.body;
    let part = json!({"id": "1", "status": status, "headers": {"retry-after": text}, "body": told});
    let (id, part) = Answer::part(&part).expect("it has an id and a status");
    assert_eq!((id.as_str(), part), ("1", own.clone()), "a part of a batch is another answer");
    for part in told["responses"].as_array().into_iter().flatten().filter_map(Answer::part) {
        answer(&part.1);
    }
    let objects = listed(told, "tell objects").unwrap_or_default();
    assert!(objects.iter().all(|object| object["id"].is_string()));
    objects.iter().chain([told]).for_each(|object| values(object, &Catalogue::read(told, &[text.to_owned()])));
    texts(text);
});

/// Only names and codes of a refusal are repeated, and one that means a clash says so.
fn answer(answer: &Answer) {
    let error = answer.refusal("do it");
    let codes = error.code.as_deref().unwrap_or_default();
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"@\"<>'".contains(&byte));
    assert!(error.attribute.as_deref().is_none_or(is_plain) && !error.message.contains('@') && error.sent);
    assert!(!codes.is_empty() && codes.split(' ').all(|code| is_plain(code) && (1..=75).contains(&code.len())));
    assert_eq!(error.kind == ErrorKind::AlreadyExists, answer.is_conflict());
    assert!(!(answer.is_success() && (answer.is_failure() || answer.is_too_old() || answer.is_conflict())));
    assert_eq!(answer.clone().read("do it").is_ok(), answer.is_success() && answer.body.is_object());
}

/// What is told of an object is of its kind, and what can be written is read again the same.
fn values(object: &Json, catalogue: &Catalogue) {
    let settings: Settings = settings(json!({"connection": "graph"}));
    for class in [Class::User, Class::Guest, Class::Group, Class::Licence] {
        for field in class.fields() {
            let values = of(field, object, Some(catalogue));
            values.iter().for_each(sound_value);
            assert!(field.is_many() || values.len() <= 1, "{} holds several", field.name);
            let (Ok(own), [property]) = (written(field, &values, &settings), properties(field, false)) else {
                continue;
            };
            let object = match field.shape {
                Shape::Text | Shape::Texts | Shape::Day | Shape::Enabled if !values.is_empty() => {
                    json!({*property: own})
                }
                Shape::Extension => json!({EXTENSIONS: {field.name: own}}),
                _ => continue,
            };
            assert_eq!(of(field, &object, None), values, "{}", field.name);
        }
    }
}

/// Texts stay where they are put, and moments are those that they were.
fn texts(text: &str) {
    let own = Class::User.field("otherMails").expect("accounts have addresses");
    let within = quoted(text);
    let within = within.strip_prefix('\'').and_then(|own| own.strip_suffix('\'')).expect("it has quotes");
    assert!(within.replace("''", "").chars().all(|sign| sign != '\'') && within.replace("''", "'") == text);
    assert!(segment(text).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
    assert!(!is_id(text) || segment(text) == text);
    if let Ok(mails) = written(own, &[text.into()], &settings(json!({"connection": "graph"}))) {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && text.matches('@').count() == 1;
        assert!(is_plain && is_address(text) && mails == json!([text]), "this is no address");
    }
    let seconds = text.parse().ok().or_else(|| moment(text));
    let told = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).map(|told| told.to_string());
    assert!(told.is_none_or(|told| told.len() != 20 || moment(&told) == seconds), "a moment is another");
}
