//! What Graph answered to one request, be it one of its own or part of a batch, and what a refusal means.
//!
//! Only statuses and codes decide. Messages of Graph may quote a person's data and change without notice, so they are
//! neither read nor repeated; the id of the request is told instead, by which Microsoft's own log has the rest.

use serde_json::Value as Json;
use sluss_sdk::http::Response;
use sluss_sdk::{Error, ErrorKind};

/// The name of whoever has a value already.
const CONFLICT: [&str; 3] = ["ObjectConflict", "ConflictingObjects", "Request_MultipleObjectsWithSameKeyValue"];

/// Codes that say that a token for changes is too old.
const TOO_OLD: [&str; 4] = ["syncStateNotFound", "syncStateInvalid", "resyncRequired", "Directory_ExpiredPageToken"];

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How many milliseconds Graph wants us to wait.
    pub wait: Option<u32>,
    /// How much of what may be asked is used up, where it is much.
    pub share: Option<f64>,
    /// The body; null where there is none, or none that can be read.
    pub body: Json,
}

impl Answer {
    /// The answer to a request of its own.
    pub fn of(response: &Response) -> Answer {
        let body = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
        Answer::new(response.status, |name| response.header(name).map(str::to_owned), body)
    }

    /// The answer to a part of a batch, with the part's id.
    pub fn part(response: &Json) -> Option<(String, Answer)> {
        let id = response["id"].as_str()?.to_owned();
        let status = u16::try_from(response["status"].as_u64()?).ok()?;
        let headers = response["headers"].as_object();
        let header = |name: &str| {
            let (_, value) = headers?.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
            value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
        };
        Some((id, Answer::new(status, header, response["body"].clone())))
    }

    fn new(status: u16, header: impl Fn(&str) -> Option<String>, body: Json) -> Answer {
        let wait = header("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        let share = header("x-ms-throttle-limit-percentage").and_then(|text| text.trim().parse().ok());
        Answer { status, wait: wait.map(|seconds| seconds.saturating_mul(1000)), share, body }
    }

    /// Whether it was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it says that tokens are too old, so that everything has to be read.
    pub fn is_too_old(&self) -> bool {
        let is_refusal = (400..500).contains(&self.status);
        self.status == 410 || is_refusal && self.codes().iter().any(|code| TOO_OLD.contains(&code.as_str()))
    }

    /// Whether the service failed: nobody knows whether a write was carried out.
    pub fn is_failure(&self) -> bool {
        self.status >= 500 || self.status == 408
    }

    /// The body of an answer that was to have one; an error where it was refused or has none.
    pub fn read(self, what: &str) -> Result<Json, Error> {
        match self {
            Answer { body: Json::Object(_), .. } if self.is_success() => Ok(self.body),
            _ if self.is_success() => {
                Err(Error::unavailable(format!("Graph's answer when it was to {what} cannot be read")))
            }
            _ => Err(self.refusal(what)),
        }
    }

    /// Every code, from the outermost to the innermost, and those of the details.
    pub fn codes(&self) -> Vec<String> {
        let error = &self.body["error"];
        let mut codes = Vec::new();
        let mut inner = error;
        // As deep as anybody nests them.
        for _ in 0..8 {
            codes.extend(inner["code"].as_str().map(str::to_owned));
            inner = match (&inner["innerError"], &inner["innererror"]) {
                (Json::Object(_), _) => &inner["innerError"],
                (_, Json::Object(_)) => &inner["innererror"],
                _ => break,
            };
        }
        codes.extend(details(error).filter_map(|detail| detail["code"].as_str().map(str::to_owned)));
        codes.dedup();
        codes
    }

    /// The property that a refusal is about.
    pub fn target(&self) -> Option<&str> {
        let error = &self.body["error"];
        let is_conflict = |detail: &&Json| detail["code"].as_str().is_some_and(|code| CONFLICT.contains(&code));
        let conflict = details(error).find(is_conflict).and_then(|detail| detail["target"].as_str());
        conflict.or_else(|| details(error).find_map(|detail| detail["target"].as_str())).or(error["target"].as_str())
    }

    /// Whether another object has a value that was to be written.
    pub fn is_conflict(&self) -> bool {
        matches!(self.status, 400 | 409) && self.codes().iter().any(|code| CONFLICT.contains(&code.as_str()))
    }

    /// What a refusal means to the host.
    pub fn refusal(&self, what: &str) -> Error {
        let (kind, why) = match self.status {
            _ if self.is_conflict() => (ErrorKind::AlreadyExists, "another object has the same value"),
            400 | 422 => (ErrorKind::Invalid, "it does not accept what was asked for"),
            401 => (ErrorKind::Auth, "it does not accept the token"),
            403 => (
                ErrorKind::Permission,
                "the application may not do that: grant it the permission, or, for accounts with roles of \
                 administrators, the role that Microsoft asks for",
            ),
            404 | 410 => (ErrorKind::NotFound, "it is not there"),
            405 | 413 | 415 | 501 => (ErrorKind::Unsupported, "Graph does not do that"),
            409 | 412 | 423 | 424 => (ErrorKind::Conflict, "it is changed by somebody else just now"),
            429 => (ErrorKind::Throttled, "too much was asked"),
            408 | 500.. => (ErrorKind::Unavailable, "the service failed"),
            _ => (ErrorKind::Unavailable, "its answer is none that it should give"),
        };
        let target = self.target().filter(|target| is_name(target));
        let about = target.map(|target| format!(" ({target})")).unwrap_or_default();
        let mut error = Error::new(kind, format!("Graph did not {what}: {why}{about}")).code(self.code());
        error.retry_after_ms = self.wait;
        error.attribute = target.map(str::to_owned);
        error.sent = true;
        error
    }

    /// The codes and the id of the request, as Microsoft knows it.
    fn code(&self) -> String {
        let mut codes: Vec<String> = self.codes().into_iter().filter(|code| is_name(code)).collect();
        if codes.is_empty() {
            codes.push(self.status.to_string());
        }
        let inner = &self.body["error"]["innerError"];
        let request = inner["request-id"].as_str().filter(|id| is_name(id));
        codes.extend(request.map(|id| format!("request-id={id}")));
        codes.join(" ")
    }
}

/// The objects of a list that Graph told. What is no list, or names no ids, tells nothing: least of all that there is
/// nobody.
pub fn listed<'j>(told: &'j Json, what: &str) -> Result<&'j [Json], Error> {
    let objects = told["value"].as_array().filter(|objects| objects.iter().all(|object| object["id"].is_string()));
    objects
        .map(Vec::as_slice)
        .ok_or_else(|| Error::unavailable(format!("Graph's answer when it was to {what} is no list of objects")))
}

fn details(error: &Json) -> impl Iterator<Item = &Json> {
    error["details"].as_array().into_iter().flatten()
}

/// Whether this is the name of a property, a code or an id, and nothing that somebody might have written of a person.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: Json) -> Answer {
        Answer { status, wait: None, share: None, body }
    }

    #[test]
    fn codes_decide_and_messages_are_not_repeated() {
        let body = json!({"error": {
            "code": "Request_BadRequest",
            "message": "Another object with the value anna.berg@example.org already exists.",
            "details": [{"code": "ObjectConflict", "target": "userPrincipalName", "message": "anna.berg@example.org"}],
            "innerError": {"request-id": "6fd2c87f-b296-42f0-b197-1e91e994b900", "code": "Inner"},
        }});
        let error = answer(400, body).refusal("make the account");
        assert_eq!((error.kind, error.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("userPrincipalName")));
        let code = error.code.unwrap();
        assert_eq!(code, "Request_BadRequest Inner ObjectConflict request-id=6fd2c87f-b296-42f0-b197-1e91e994b900");
        assert!(!format!("{} {code}", error.message).contains("anna"), "{}", error.message);
        let odd = json!({"error": {"code": "anna.berg@example.org", "details": [{"target": "Anna Berg"}]}});
        let error = answer(400, odd).refusal("make the account");
        assert_eq!((error.code.as_deref(), error.attribute), (Some("400"), None));
    }

    #[test]
    fn statuses_have_their_kinds_whatever_comes_with_them() {
        for (status, kind) in [
            (400, ErrorKind::Invalid),
            (401, ErrorKind::Auth),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (429, ErrorKind::Throttled),
            (503, ErrorKind::Unavailable),
            (302, ErrorKind::Unavailable),
        ] {
            assert_eq!(answer(status, Json::Null).refusal("x").kind, kind, "{status}");
        }
        assert!(answer(200, Json::Null).read("x").is_err(), "an answer without a body where one was wanted");
        assert!(answer(204, Json::Null).is_success());
    }

    #[test]
    fn a_part_of_a_batch_has_headers_of_its_own() {
        let part =
            json!({"id": "7", "status": 429, "headers": {"retry-After": "9", "X-ms-throttle-limit-percentage": "0.9"}});
        let (id, answer) = Answer::part(&part).unwrap();
        assert_eq!((id.as_str(), answer.status, answer.wait, answer.share), ("7", 429, Some(9000), Some(0.9)));
        assert_eq!(Answer::part(&json!({"id": "7"})), None);
    }

    #[test]
    fn what_is_no_list_does_not_say_that_there_is_nobody() {
        assert_eq!(listed(&json!({"value": []}), "x").unwrap().len(), 0);
        for odd in [json!({}), json!({"value": {"users": []}}), json!({"value": [{"name": "x"}]}), Json::Null] {
            assert_eq!(listed(&odd, "x").unwrap_err().kind, ErrorKind::Unavailable, "{odd}");
        }
    }

    #[test]
    fn tokens_are_too_old_however_that_is_said() {
        assert!(answer(410, Json::Null).is_too_old());
        assert!(answer(400, json!({"error": {"code": "syncStateNotFound"}})).is_too_old());
        assert!(answer(404, json!({"error": {"code": "x", "innerError": {"code": "resyncRequired"}}})).is_too_old());
        assert!(!answer(400, json!({"error": {"code": "Request_BadRequest"}})).is_too_old());
        assert!(!answer(503, json!({"error": {"code": "resyncRequired"}})).is_too_old());
    }
}
