//! What is asked of the service, and what its refusals mean.
//!
//! Behind a trait, because a named connection exists only in the sandbox: the tests put a service in memory in its place.

use crate::answer;
use crate::collection::Collection;
use sluss_sdk::http::{self, Response};
use sluss_sdk::{Error, ErrorKind};
use std::time::{SystemTime, UNIX_EPOCH};

/// A service that speaks SS 12000.
pub trait Service {
    /// Asks. Any answer is an answer.
    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Response, Error>;

    /// The moment that it is now, in seconds since 1970.
    fn now(&self) -> i64;
}

/// A connection that the operator granted.
pub struct Connection(pub String);

impl Service for Connection {
    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Response, Error> {
        let request = http::get(&self.0, path).header("accept", "application/json");
        query.iter().fold(request, |request, (name, value)| request.query(*name, value)).send()
    }

    fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
    }
}

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// All records of a collection.
    All(Collection),
    /// Those that were made or changed since a moment.
    Modified(Collection),
    /// The ids of those that were deleted since a moment.
    Deleted(Collection),
}

impl Ask {
    /// The collection that is asked about.
    pub fn collection(self) -> Collection {
        match self {
            Ask::All(collection) | Ask::Modified(collection) | Ask::Deleted(collection) => collection,
        }
    }

    /// Where the question is sent.
    pub fn path(self) -> &'static str {
        match self {
            Ask::All(collection) | Ask::Modified(collection) => collection.path(),
            Ask::Deleted(_) => "/deletedEntities",
        }
    }

    /// The question. A page token stands for everything that was asked for with the first page, save the limit.
    pub fn query(self, limit: u32, since: &str, token: Option<&str>) -> Vec<(&'static str, String)> {
        let mut query = vec![("limit", limit.to_string())];
        match (token, self) {
            (Some(token), _) => query.push(("pageToken", token.to_owned())),
            (None, Ask::All(_)) => {}
            (None, Ask::Modified(_)) => query.push(("meta.modified.after", since.to_owned())),
            (None, Ask::Deleted(collection)) => {
                query.push(("after", since.to_owned()));
                query.push(("entities", collection.entity().to_owned()));
            }
        }
        query
    }
}

/// What an answer says that is no success.
pub fn refusal(path: &str, has_token: bool, response: Response) -> Error {
    let (status, code) = (response.status, answer::code(&response.body));
    let Err(error) = response.success() else {
        return Error::internal("A success is no refusal");
    };
    let what = match status {
        400 | 410 if has_token => {
            "it does not take its own page token any more: the read breaks off, and the next one begins anew"
        }
        400 => "it does not accept the question: is `url` that of the API, and `page-size` no more than it allows?",
        401 => "it does not accept who we are: check `auth` of the connection",
        403 => "this may not be read: have it allowed for this client",
        404 if path == Collection::Placements.path() => {
            "there is no such collection: write `placements = false`, or check `url` of the connection"
        }
        404 | 410 => "there is no such collection: check `url` of the connection, which ends in the version, as /v2.0",
        429 => "it was asked too often: lower `requests-per-second` of the connection",
        501 => "it cannot do this",
        408 | 500.. => "it is out of order or overloaded",
        300..=399 => "it sends us elsewhere: check `url` of the connection",
        _ => "it refuses the question",
    };
    let kind = match status {
        400 | 410 if has_token => ErrorKind::Unavailable,
        501 => ErrorKind::Unsupported,
        _ => error.kind,
    };
    let message = format!("The school system answered {status} for {path}: {what}");
    Error { kind, message, code: code.or(error.code), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str, has_token: bool, status: u16, body: &str) -> Error {
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        refusal(path, has_token, Response { status, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn a_status_becomes_the_contracts_kind() {
        for (status, kind) in [
            (400, ErrorKind::Invalid),
            (401, ErrorKind::Auth),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (410, ErrorKind::NotFound),
            (429, ErrorKind::Throttled),
            (500, ErrorKind::Unavailable),
            (503, ErrorKind::Unavailable),
        ] {
            let error = refused("/persons", false, status, "{}");
            assert!(error.kind == kind && error.retry_after_ms == Some(7000), "{status}: {error:?}");
            assert!(error.message.contains("/persons") && error.code == Some(status.to_string()), "{error:?}");
        }
        assert_eq!(refused("/persons", true, 400, "").kind, ErrorKind::Unavailable);
        assert!(refused("/placements", false, 404, "").message.contains("placements = false"));
    }

    #[test]
    fn a_message_of_the_system_is_not_repeated() {
        let error = refused("/persons", false, 403, r#"{"code":"FORBIDDEN","message":"Eva 19800102-2386"}"#);
        assert_eq!(error.code.as_deref(), Some("FORBIDDEN"));
        assert!(!error.message.contains("Eva"), "{}", error.message);
    }

    #[test]
    fn a_page_token_goes_with_the_limit_alone() {
        let names =
            |ask: Ask, token| -> Vec<&str> { ask.query(10, "2026", token).iter().map(|(name, _)| *name).collect() };
        assert_eq!(names(Ask::All(Collection::Persons), None), ["limit"]);
        assert_eq!(names(Ask::Modified(Collection::Persons), None), ["limit", "meta.modified.after"]);
        assert_eq!(names(Ask::Deleted(Collection::Persons), None), ["limit", "after", "entities"]);
        for ask in [Ask::All, Ask::Modified, Ask::Deleted] {
            assert_eq!(names(ask(Collection::Groups), Some("x")), ["limit", "pageToken"]);
        }
    }
}
