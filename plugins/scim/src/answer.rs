//! What the service answered to one request, be it one of its own or part of many, and what a refusal means.
//!
//! Only the status and SCIM's own word (`scimType`) decide. What a service writes for people (`detail`) may quote a
//! person's data, so it is neither read nor repeated.

use crate::class;
use crate::path::member;
use crate::service::unescaped;
use serde_json::Value as Json;
use sluss_sdk::calendar::days;
use sluss_sdk::http::Response;
use sluss_sdk::{Date, Error, ErrorKind};

/// How many milliseconds we wait where the service wants us to and does not say how long.
const WAIT: u32 = 5_000;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How many milliseconds the service wants us to wait.
    pub wait: Option<u32>,
    /// The version of the resource.
    pub version: Option<String>,
    /// The address of the resource.
    pub location: Option<String>,
    /// The body; null where there is none, or none that can be read.
    pub body: Json,
}

impl Answer {
    /// The answer to a request of its own, at a moment in seconds since 1970.
    pub fn of(response: &Response, now: i64) -> Answer {
        let body: Json = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
        let header = |name: &str| response.header(name).map(str::trim).filter(|text| !text.is_empty());
        Answer {
            status: response.status,
            wait: header("retry-after").and_then(|text| wait(text, now)),
            version: class::version(&body).or_else(|| header("etag")).map(str::to_owned),
            location: header("location").map(str::to_owned),
            body,
        }
    }

    /// The answer to one of many operations.
    pub fn part(operation: &Json) -> Option<Answer> {
        let own = operation.as_object()?;
        let text = |name: &str| member(own, name).and_then(Json::as_str).map(str::to_owned);
        let status = match member(own, "status")? {
            // As it was in drafts.
            Json::Object(status) => member(status, "code")?,
            status => status,
        };
        let status = status.as_u64().or_else(|| status.as_str()?.trim().parse().ok())?;
        let body = member(own, "response").cloned().unwrap_or(Json::Null);
        let version = text("version").or_else(|| class::version(&body).map(str::to_owned));
        Some(Answer { status: u16::try_from(status).ok()?, wait: None, version, location: text("location"), body })
    }

    /// Whether it was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the service failed: nobody knows whether a write was carried out.
    pub fn is_failure(&self) -> bool {
        matches!(self.status, 408 | 500 | 502..)
    }

    /// Whether the resource is not there.
    pub fn is_gone(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    /// Whether what was to be removed was not there.
    pub fn has_no_target(&self) -> bool {
        self.status == 400 && self.word() == Some("noTarget")
    }

    /// Whether another resource has a value that was to be written.
    pub fn is_clash(&self) -> bool {
        (400..500).contains(&self.status) && self.word() == Some("uniqueness")
    }

    /// SCIM's own word for what is wrong.
    pub fn word(&self) -> Option<&str> {
        let word = member(self.body.as_object()?, "scimType")?.as_str()?;
        ((1..=32).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(word)
    }

    /// The id of the resource that was made.
    pub fn id(&self) -> Option<String> {
        if let Some(id) = class::id(&self.body) {
            return Some(id.to_owned());
        }
        let path = self.location.as_deref()?.split(['?', '#']).next()?;
        unescaped(path.trim_end_matches('/').rsplit('/').next()?).filter(|id| (1..=4096).contains(&id.len()))
    }

    /// The body of an answer that was to have one; an error where it was refused or has none.
    pub fn read(self, what: &str) -> Result<Json, Error> {
        match self {
            Answer { body: Json::Object(_), .. } if self.is_success() => Ok(self.body),
            _ if self.is_success() => {
                Err(Error::unavailable(format!("The answer of the service when it was to {what} is no JSON of SCIM")))
            }
            _ => Err(self.refusal(what)),
        }
    }

    /// What a refusal means to the host.
    pub fn refusal(&self, what: &str) -> Error {
        let (kind, why) = match self.status {
            _ if self.is_clash() => (ErrorKind::AlreadyExists, "another one has the same value"),
            401 => (ErrorKind::Auth, "it does not accept who we are: check `auth` of the connection"),
            403 => (ErrorKind::Permission, "this is not allowed: have it allowed for this client"),
            404 | 410 => (ErrorKind::NotFound, "it is not there"),
            405 | 415 | 501 => (ErrorKind::Unsupported, "it cannot do this"),
            409 => (ErrorKind::Conflict, "something else is in the way"),
            412 => (ErrorKind::Conflict, "it was changed by somebody else"),
            413 => (ErrorKind::Invalid, "it is too much at once"),
            429 => (ErrorKind::Throttled, "it was asked too often: lower `requests-per-second` of the connection"),
            408 | 500.. => (ErrorKind::Unavailable, "it is out of order or overloaded"),
            300..=399 => (ErrorKind::Config, "it sends us elsewhere: check `url` of the connection"),
            400..=499 => (ErrorKind::Invalid, "it does not accept what was asked for"),
            _ => (ErrorKind::Unavailable, "its answer is none that it should give"),
        };
        let (word, code) = match self.word() {
            Some(word) => (format!(" ({word})"), format!("{} {word}", self.status)),
            None => (String::new(), self.status.to_string()),
        };
        let mut error = Error::new(kind, format!("The service did not {what}: {why}{word}")).code(code);
        error.retry_after_ms = match self.status {
            429 => Some(self.wait.unwrap_or(WAIT)),
            _ => self.wait,
        };
        error.sent = true;
        error
    }
}

/// Resources, and how many there are by what the service says.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Those that were given.
    pub resources: Vec<Json>,
    /// How many there are.
    pub total: Option<u64>,
}

impl List {
    /// A list, as the service told it. What is none tells nothing: least of all that there is nobody.
    pub fn of(told: Json, what: &str) -> Result<List, Error> {
        let none = || Error::unavailable(format!("The answer of the service when it was to {what} is no list"));
        let Json::Object(mut told) = told else { return Err(none()) };
        let total =
            member(&told, "totalResults").and_then(|total| total.as_u64().or_else(|| total.as_str()?.parse().ok()));
        let key = told.keys().find(|key| key.eq_ignore_ascii_case("resources")).cloned();
        match key.and_then(|key| told.remove(&key)) {
            Some(Json::Array(resources)) => Ok(List { resources, total }),
            // An empty list may be left out, as long as it is said how many there are.
            None | Some(Json::Null) if total.is_some() => Ok(List { resources: Vec::new(), total }),
            _ => Err(none()),
        }
    }
}

/// How many milliseconds a `Retry-After` wants us to wait: seconds, or a moment.
fn wait(text: &str, now: i64) -> Option<u32> {
    let seconds = match text.parse::<u32>() {
        Ok(seconds) => seconds,
        Err(_) => u32::try_from((moment(text)? - now).max(0)).unwrap_or(u32::MAX),
    };
    Some(seconds.saturating_mul(1000))
}

/// A moment as HTTP writes it: `Wed, 21 Oct 2026 07:28:00 GMT`.
fn moment(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split_once(", ")?.1.split([' ', ':']).collect();
    let [day, month, year, hour, minute, second, "GMT"] = parts[..] else { return None };
    let month = u8::try_from(MONTHS.iter().position(|own| *own == month)? + 1).ok()?;
    let date = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let (hour, minute, second): (i64, i64, i64) = (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    is_time.then(|| days(date) * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_795_000_000;

    fn answer(status: u16, body: Json) -> Answer {
        Answer { status, wait: None, version: None, location: None, body }
    }

    #[test]
    fn statuses_and_words_decide_and_details_are_not_repeated() {
        let told = json!({"status": "409", "scimType": "uniqueness", "detail": "userName anna.berg is taken"});
        let error = answer(409, told).refusal("make the account");
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::AlreadyExists, Some("409 uniqueness")));
        assert!(!error.message.contains("anna") && error.message.contains("(uniqueness)"), "{}", error.message);
        let odd = answer(400, json!({"scimType": "anna berg"})).refusal("x");
        assert_eq!((odd.code.as_deref(), odd.message.contains("anna")), (Some("400"), false));
        for (status, kind) in [
            (302, ErrorKind::Config),
            (400, ErrorKind::Invalid),
            (401, ErrorKind::Auth),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (412, ErrorKind::Conflict),
            (413, ErrorKind::Invalid),
            (422, ErrorKind::Invalid),
            (429, ErrorKind::Throttled),
            (501, ErrorKind::Unsupported),
            (503, ErrorKind::Unavailable),
        ] {
            assert_eq!(answer(status, Json::Null).refusal("x").kind, kind, "{status}");
        }
        assert!(answer(400, json!({"scimType": "noTarget"})).has_no_target());
        assert!(answer(500, Json::Null).is_failure() && !answer(501, Json::Null).is_failure());
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        let waits = |text: &str| {
            let headers = vec![("retry-after".to_owned(), text.to_owned())];
            Answer::of(&Response { status: 429, headers, body: Vec::new() }, NOW).refusal("x").retry_after_ms
        };
        assert_eq!(waits("7"), Some(7_000));
        assert_eq!(waits("Wed, 18 Nov 2026 11:06:50 GMT"), Some(10_000));
        assert_eq!(waits("Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        for odd in ["soon", "Wed, 18 Nov 2026 25:06:50 GMT", "Wed, 18 Foo 2026 11:06:50 GMT", ""] {
            assert_eq!(waits(odd), Some(WAIT), "{odd}");
        }
    }

    #[test]
    fn an_id_comes_with_the_resource_or_with_its_address() {
        let mut made = answer(201, json!({"id": "7", "meta": {"version": "W/\"1\""}}));
        assert_eq!(made.id().as_deref(), Some("7"));
        made.body = Json::Null;
        assert_eq!(made.id(), None);
        made.location = Some("https://x.test/scim/v2/Users/a%2Fb?x=1".into());
        assert_eq!(made.id().as_deref(), Some("a/b"));
    }

    #[test]
    fn an_operation_among_many_has_an_answer_of_its_own() {
        let part =
            json!({"method": "POST", "bulkId": "1", "status": "201", "version": "W/\"1\"", "location": "/Users/7"});
        let answer = Answer::part(&part).unwrap();
        assert_eq!(
            (answer.status, answer.version.as_deref(), answer.id().as_deref()),
            (201, Some("W/\"1\""), Some("7"))
        );
        assert_eq!(Answer::part(&json!({"status": {"code": "404"}})).unwrap().status, 404);
        assert_eq!(Answer::part(&json!({"status": 204})).unwrap().status, 204);
        for odd in [json!({}), json!({"status": "x"}), json!({"status": 70_000}), json!([])] {
            assert_eq!(Answer::part(&odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_list_does_not_say_that_there_is_nobody() {
        assert_eq!(List::of(json!({"totalResults": 0}), "x").unwrap().resources.len(), 0);
        assert_eq!(List::of(json!({"totalResults": "3", "resources": [1]}), "x").unwrap().total, Some(3));
        for odd in
            [json!({}), json!([]), json!({"Resources": {}}), json!({"totalResults": 1, "Resources": "x"}), Json::Null]
        {
            assert_eq!(List::of(odd.clone(), "x").unwrap_err().kind, ErrorKind::Unavailable, "{odd}");
        }
        assert!(answer(200, Json::Null).read("x").is_err(), "an answer without a body where one was wanted");
    }
}
