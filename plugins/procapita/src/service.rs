//! What is asked of the service.
//!
//! Behind a trait, because a named connection exists only in the sandbox: the tests put a service in memory in its place.

use sluss_sdk::http::{self, Response};
use sluss_sdk::{Error, ErrorKind};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The endpoint below the connection's address.
    pub path: &'static str,
    /// The name of the action, which is not always that of the body's element.
    pub action: &'static str,
    /// The question itself.
    pub body: Vec<u8>,
}

/// The service.
pub trait Service {
    /// Asks a question. Any answer is an answer.
    fn ask(&self, call: &Call) -> Result<Response, Error>;
}

/// A connection that the operator granted.
pub struct Connection {
    /// Its name.
    pub name: String,
    /// The customer's DomainId.
    pub domain: String,
}

impl Service for Connection {
    fn ask(&self, call: &Call) -> Result<Response, Error> {
        http::ask(&self.name, "POST", call.path)
            .query("DomainId", &self.domain)
            .header("soapaction", format!("\"{}\"", call.action))
            .body("text/xml; charset=utf-8", call.body.clone())
            .send()
    }
}

/// What a status says that is not success.
pub fn refusal(response: Response) -> Error {
    let status = response.status;
    let Err(error) = response.success() else {
        return Error::unavailable("The service's answer has no data");
    };
    let (kind, message) = match status {
        401 => (ErrorKind::Auth, "it does not accept who we are: check `auth` of the connection"),
        403 => (ErrorKind::Permission, "it does not let us ask this"),
        429 => (ErrorKind::Throttled, "it was asked too often: lower `requests-per-second`"),
        408 | 500.. => (ErrorKind::Unavailable, "it is out of order"),
        _ => (ErrorKind::Config, "there is no such service: check `url` and `paths` of the connection, and `domain`"),
    };
    Error { kind, message: format!("Procapita answered {status}: {message}"), ..error }
}
