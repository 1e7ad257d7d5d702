//! What is asked of the web services.
//!
//! Behind a trait, because a named connection exists only in the sandbox: the tests put a service in memory in its place.

use sluss_sdk::http::{self, Response};
use sluss_sdk::{Error, ErrorKind};

/// One question.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it is sent.
    pub path: &'static str,
    /// What kind of text it is.
    pub kind: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The question itself.
    pub body: Vec<u8>,
}

/// A web service of the register.
pub trait Service {
    /// Asks a question. Any answer is an answer.
    fn ask(&self, call: &Call) -> Result<Response, Error>;

    /// Knocks without a question, which concerns nobody.
    fn knock(&self, path: &str) -> Result<Response, Error>;
}

/// A connection that the operator granted.
pub struct Connection(pub String);

impl Service for Connection {
    fn ask(&self, call: &Call) -> Result<Response, Error> {
        let request = http::ask(&self.0, "POST", call.path).header("accept", call.kind);
        let headers = call.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header(*name, value.clone()));
        request.body(call.kind, call.body.clone()).send()
    }

    fn knock(&self, path: &str) -> Result<Response, Error> {
        http::get(&self.0, path).send()
    }
}

/// How much of what is still to be asked a failure concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What was asked in this call.
    Call,
    /// One of those that were asked about, or the order itself: whoever asks for fewer finds out.
    Some,
    /// Whatever else would be asked.
    All,
}

/// Why a question was not answered.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// For the host.
    pub error: Error,
    /// What else it concerns.
    pub reach: Reach,
}

impl Trouble {
    /// What a status says that is not success.
    pub fn of(response: Response) -> Trouble {
        let status = response.status;
        let Err(error) = response.success() else {
            return Trouble { error: Error::unavailable("The register's answer has no data"), reach: Reach::Call };
        };
        let said = |kind: ErrorKind, message: &str| Error {
            kind,
            message: format!("The register answered {status}: {message}"),
            ..error.clone()
        };
        let (error, reach) = match status {
            400 | 422 => (said(ErrorKind::Invalid, "it does not accept the question"), Reach::Some),
            401 => (said(ErrorKind::Auth, "it does not accept who we are: check `auth` of the connection"), Reach::All),
            403 => (
                said(
                    ErrorKind::Permission,
                    "this may not be asked: does the certificate belong to the organisation, and the order to both?",
                ),
                Reach::All,
            ),
            429 => (said(ErrorKind::Throttled, "it was asked too often: lower `requests-per-second`"), Reach::All),
            408 | 500.. => (said(ErrorKind::Unavailable, "it is out of order"), Reach::Call),
            _ => (
                said(ErrorKind::Config, "there is no such service: check `url` and `paths` of the connection"),
                Reach::All,
            ),
        };
        Trouble { error, reach }
    }

    /// A capability's own error. What cannot be reached now may be in a moment; nothing else changes by asking again.
    pub fn on_the_way(error: Error) -> Trouble {
        let reach = if error.kind == ErrorKind::Unavailable { Reach::Call } else { Reach::All };
        Trouble { error, reach }
    }
}
