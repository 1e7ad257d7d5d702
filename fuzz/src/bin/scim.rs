//! What a service that speaks SCIM answers, the paths by which its resources are read and written, and their values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value as Json};
use sluss_fuzz::{choice, parts, settings, sound_value};
use sluss_plugin_scim::answer::{Answer, List};
use sluss_plugin_scim::class::{Class, Shape};
use sluss_plugin_scim::features::Features;
use sluss_plugin_scim::path::Path;
use sluss_plugin_scim::settings::Supports;
use sluss_plugin_scim::values::{Kind, from_json, same, to_json};
use sluss_sdk::http::Response;

const KINDS: [Kind; 8] =
    [Kind::Text, Kind::Boolean, Kind::Integer, Kind::Real, Kind::Date, Kind::Moment, Kind::Reference, Kind::Any];

fuzz_target!(|input: &[u8]| {
    let (way, input) = choice(input);
    let [body, path, values, header] = parts(input);
    let (Ok(path), Ok(header)) = (std::str::from_utf8(path), std::str::from_utf8(header)) else { return };
    answer(body, header, [200, 201, 400, 404, 409, 412, 429, 500][usize::from(way >> 5)]);
    let resource: Json = serde_json::from_slice(body).unwrap_or_default();
    features(&resource, way & 2 == 0);
    for class in Class::ALL {
        let shape = Shape::new(class, &settings(serde_json::json!({"connection": "app"}))).expect("it has no others");
        shape.fields().iter().flat_map(|field| field.read(&resource)).for_each(|value| sound_value(&value));
    }
    let mut values: Vec<Json> = serde_json::from_slice(values).unwrap_or_default();
    values.retain(|value| !value.is_null() && !value.is_array() && !value.is_object());
    for (kind, json) in KINDS.into_iter().flat_map(|kind| values.iter().map(move |json| (kind, json))) {
        let Some(value) = from_json(kind, json) else { continue };
        sound_value(&value);
        let again = to_json(kind, &value).map(|written| from_json(kind, &written));
        assert!(again.is_err() || again.is_ok_and(|own| own.is_some_and(|own| same(&[own], &[value]))), "{kind:?}");
    }
    let Ok(path) = Path::parse(path) else { return };
    assert_eq!(Path::parse(&path.to_string()).as_ref(), Ok(&path), "a path that is written is read back");
    let quoted = path.filter(header);
    let (_, quoted) = quoted.split_once(" eq ").expect("it asks for what is equal");
    assert_eq!(serde_json::from_str::<String>(quoted).ok().as_deref(), Some(header), "a value left its quotes");
    let distinct = (1..values.len()).all(|at| !values[..at].contains(&values[at]));
    if let (Json::Object(resource), true) = (resource, distinct) {
        write(&path, &resource, &values, way & 1 == 0);
    }
});

/// What is refused tells of nobody, and a part of many says the same as an answer of its own.
fn answer(body: &[u8], header: &str, status: u16) {
    let headers = ["retry-after", "etag", "location"].map(|name| (name.to_owned(), header.to_owned())).to_vec();
    let answer = Answer::of(&Response { status, headers, body: body.to_vec() }, 1_795_000_000);
    assert!(answer.id().is_none_or(|id| (1..=4096).contains(&id.len())) && answer.version.as_deref() != Some(""));
    let part = serde_json::json!({"status": status.to_string(), "response": answer.body});
    let part = Answer::part(&part).expect("it has a status");
    assert_eq!((part.status, part.word()), (answer.status, answer.word()));
    for answer in [&part, &Answer { version: None, ..answer }] {
        let error = answer.refusal("do it");
        let is_told = error.message.contains(['@', '"']) || error.message.bytes().any(|byte| byte.is_ascii_digit());
        assert!(error.sent && !is_told, "a refusal tells of somebody");
        assert!(!(answer.is_success() && (answer.is_failure() || answer.is_gone() || answer.is_clash())));
        assert_eq!(answer.clone().read("do it").is_ok(), answer.is_success() && answer.body.is_object());
    }
}

/// The operator has the last word on what a service can do, and resources are below its base.
fn features(told: &Json, patch: bool) {
    let list = List::of(told.clone(), "say what it has");
    let types = list.as_ref().ok().map(|list| list.resources.as_slice());
    let features = Features::of(Some(told), types, Supports { patch: Some(patch), ..Supports::default() });
    assert!(features.patch == patch && features.results != Some(0) && features.bulk.is_none_or(|(most, _)| most > 1));
    for place in Class::ALL.into_iter().filter_map(|class| features.place(class).ok()) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(place.strip_prefix('/').is_some_and(|place| !place.is_empty() && place.bytes().all(is_plain)));
    }
}

/// What is written is read back, stays as it is when it is written again, and leaves alone what stands beside it.
fn write(path: &Path, resource: &Map<String, Json>, values: &[Json], many: bool) {
    for operation in path.operations(Some(&Json::Object(resource.clone())), values.to_vec(), many) {
        let own = operation["path"].as_str().and_then(|own| Path::parse(own).ok()).expect("a path of ours");
        assert_eq!((own.schema, own.name), (path.schema.clone(), path.name.clone()));
    }
    let written = |mut resource: Map<String, Json>, values: &[Json]| {
        path.write(&mut resource, values.to_vec(), many);
        resource
    };
    let once = written(resource.clone(), values);
    let head = path.schema.as_ref().unwrap_or(&path.name);
    assert!(resource.iter().all(|(name, own)| name.eq_ignore_ascii_case(head) || once.get(name) == Some(own)));
    let (text, sub) = (path.to_string(), path.sub.as_deref().unwrap_or_default());
    let by = text.split_once('[').and_then(|(_, by)| by.split_once(' ')).map(|(by, _)| by);
    // Elements that are chosen by what is written into them are others afterwards.
    if by.is_some_and(|by| by.eq_ignore_ascii_case(sub)) {
        return;
    }
    assert!(written(written(Map::new(), values), &[]).is_empty());
    let values = if many || path.is_chosen() { values } else { &values[..values.len().min(1)] };
    if !values.is_empty() {
        assert!(path.values(&Json::Object(once.clone())).into_iter().eq(values), "{path} holds something else");
        assert_eq!(written(once.clone(), values), once);
    }
}
