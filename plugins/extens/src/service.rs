//! What is asked of the export service.
//!
//! Behind a trait, because a named connection and the time that passes exist only in the sandbox: the tests put a service in
//! memory in its place.

use sluss_sdk::http::{self, Response};
use sluss_sdk::{Error, ErrorKind};
use std::io::Read;
use std::time::{Duration, SystemTime};

/// The service.
pub trait Service {
    /// Starts an export.
    fn start(&self) -> Result<Response, Error>;

    /// Asks how far an export is.
    fn status(&self, key: &str) -> Result<Response, Error>;

    /// Downloads an export: the status, and the body.
    fn download(&self, key: &str) -> Result<(Response, Box<dyn Read>), Error>;

    /// Knocks, without starting anything.
    fn knock(&self) -> Result<Response, Error>;

    /// The time.
    fn now(&self) -> SystemTime;

    /// Lets time pass.
    fn wait(&self, time: Duration);
}

/// A connection that the operator granted.
pub struct Connection {
    /// Its name.
    pub name: String,
    /// The customer's id.
    pub customer: String,
}

impl Connection {
    fn get(&self, path: String) -> http::Request {
        http::get(&self.name, path).header("hypernet-customerid", &self.customer)
    }
}

impl Service for Connection {
    fn start(&self) -> Result<Response, Error> {
        let request = http::ask(&self.name, "POST", "/").header("hypernet-customerid", &self.customer);
        request.body("application/json; charset=iso-8859-1", "{}").send()
    }

    fn status(&self, key: &str) -> Result<Response, Error> {
        self.get(format!("/{key}/status")).send()
    }

    fn download(&self, key: &str) -> Result<(Response, Box<dyn Read>), Error> {
        let opened = self.get(format!("/{key}/")).open()?;
        let response = Response { status: opened.status, headers: opened.headers, body: Vec::new() };
        Ok((response, Box::new(opened.body)))
    }

    fn knock(&self) -> Result<Response, Error> {
        self.get("/".to_owned()).send()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The answer, where the status says success.
pub fn accepted(response: Response) -> Result<Response, Error> {
    let status = response.status;
    let error = match response.success() {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    let (kind, message) = match status {
        401 => (ErrorKind::Auth, "it does not accept who we are: check `secret-query` of the connection"),
        403 => (
            ErrorKind::Permission,
            "it does not let us ask this: check `secret-query` of the connection, and `customer`",
        ),
        429 => (ErrorKind::Throttled, "it was asked too often"),
        408 | 500.. => (ErrorKind::Unavailable, "it is out of order"),
        _ => (ErrorKind::Config, "there is no such service or export: check `url` and `paths` of the connection"),
    };
    Err(Error { kind, message: format!("Extens answered {status}: {message}"), ..error })
}
