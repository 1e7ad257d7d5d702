//! Many changes in one request (RFC 7644, section 3.7), and what became of each.

use crate::answer::Answer;
use crate::path::member;
use crate::service::Asked;
use serde_json::{Map, Value as Json, json};

/// One change as an operation among others. Only what is made needs a mark by which it is known again.
pub fn operation(asked: &Asked, mark: &str) -> Json {
    let mut own = Map::new();
    own.insert("method".to_owned(), Json::from(asked.method));
    own.insert("path".to_owned(), Json::from(asked.path.as_str()));
    if asked.method == "POST" {
        own.insert("bulkId".to_owned(), Json::from(mark));
    }
    if let Some(version) = &asked.version {
        own.insert("version".to_owned(), Json::from(version.as_str()));
    }
    if let Some(body) = &asked.body {
        own.insert("data".to_owned(), body.clone());
    }
    Json::Object(own)
}

/// Operations as a request. What fails does not keep the others from being carried out.
pub fn request(operations: Vec<Json>) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
}

/// How many bytes a request has beside its operations, generously.
pub const ENVELOPE: usize = 128;

/// The answers to operations, each in its place; none where the service does not say what became of it.
pub fn answers(told: &Json, asked: &[Json]) -> Vec<Option<Answer>> {
    let told = told.as_object().and_then(|told| member(told, "Operations")?.as_array()).map_or(&[][..], Vec::as_slice);
    let mut free: Vec<Option<&Json>> = told.iter().map(Some).collect();
    let mut places: Vec<Option<&Json>> = asked
        .iter()
        .map(|own| free.iter_mut().find(|told| told.is_some_and(|told| is_for(told, own)))?.take())
        .collect();
    // What is marked by nothing stands where it stood.
    if told.len() == asked.len() {
        for ((own, place), told) in asked.iter().zip(&mut places).zip(free) {
            let is_unmarked = |told: &Json| text(told, "bulkId").is_none() && text(told, "location").is_none();
            if place.is_none() {
                *place = told.filter(|told| is_unmarked(told) && text(told, "method") == text(own, "method"));
            }
        }
    }
    places.into_iter().map(|told| Answer::part(told?)).collect()
}

/// Whether an answer is plainly that to this operation.
fn is_for(told: &Json, asked: &Json) -> bool {
    if let Some(mark) = text(asked, "bulkId") {
        return text(told, "bulkId") == Some(mark);
    }
    let is_method = text(told, "method").is_none_or(|method| Some(method) == text(asked, "method"));
    let path = text(asked, "path").unwrap_or_default();
    is_method && text(told, "location").is_some_and(|location| location.trim_end_matches('/').ends_with(path))
}

fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    member(json.as_object()?, name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Vec<Json> {
        let data = json!({"a": 1});
        vec![
            operation(&Asked::write("POST", "/Users", 1).with(data.clone()), "1"),
            operation(&Asked::write("PATCH", "/Users/a", 2).with(data).at(Some("W/\"3\"".to_owned())), "2"),
            operation(&Asked::write("DELETE", "/Users/b", 3), "3"),
        ]
    }

    fn statuses(told: Json) -> Vec<Option<u16>> {
        answers(&told, &asked()).into_iter().map(|answer| answer.map(|answer| answer.status)).collect()
    }

    #[test]
    fn an_operation_says_what_it_depends_on() {
        let own = asked();
        assert_eq!(own[0], json!({"method": "POST", "path": "/Users", "bulkId": "1", "data": {"a": 1}}));
        assert_eq!(own[1], json!({"method": "PATCH", "path": "/Users/a", "version": "W/\"3\"", "data": {"a": 1}}));
        assert_eq!(own[2], json!({"method": "DELETE", "path": "/Users/b"}));
    }

    #[test]
    fn answers_find_their_operations_in_any_order() {
        let told = json!({"Operations": [
            {"method": "DELETE", "location": "https://x.test/v2/Users/b", "status": "204"},
            {"method": "PATCH", "location": "https://x.test/v2/Users/a/", "status": "200"},
            {"method": "POST", "bulkId": "1", "status": "409"},
        ]});
        assert_eq!(statuses(told), [Some(409), Some(200), Some(204)]);
        let unmarked = json!({"Operations": [
            {"method": "POST", "bulkId": "1", "status": "201"},
            {"method": "PATCH", "status": "404"},
            {"method": "DELETE", "location": "https://x.test/v2/Users/b", "status": "204"},
        ]});
        assert_eq!(statuses(unmarked), [Some(201), Some(404), Some(204)]);
    }

    #[test]
    fn what_is_not_answered_is_not_known() {
        let cut = json!({"Operations": [{"method": "POST", "bulkId": "1", "status": "201"}]});
        assert_eq!(statuses(cut), [Some(201), None, None]);
        let others = json!({"Operations": [
            {"method": "POST", "bulkId": "9", "status": "201"},
            {"method": "PATCH", "location": "https://x.test/v2/Users/c", "status": "200"},
            {"method": "POST", "status": "204"},
        ]});
        assert_eq!(statuses(others), [None, None, None], "they are marked as others");
        assert_eq!(statuses(Json::Null), [None, None, None]);
    }
}
