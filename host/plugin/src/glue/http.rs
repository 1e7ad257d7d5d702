//! Glue for `http`.
//!
//! The plugin says what it means to do, reading or carrying out a change; that, and not the method, decides what has to
//! be granted. The capability itself sees to it that a reading method is one.

use crate::bindings::host::http as wit;
use crate::bindings::host::http::Host;
use crate::bindings::host::types::Error;
use crate::capability::http::{Http, Intent, Opening, Request};
use crate::convert;
use crate::description::{Access, ConnectionKind};
use crate::grants::Connection;
use crate::state::State;
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::Arc;

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    fn service(&mut self, name: &str, access: Access) -> Result<Arc<Http>, Fault> {
        let Connection::Http(config) = self.admit(name, ConnectionKind::Http, access)? else {
            return Err(Fault::new(FaultKind::Internal, "the judge let another kind of connection pass"));
        };
        if let Some(service) = self.services.get(name) {
            return Ok(Arc::clone(service));
        }
        let service = Arc::new(Http::open(name, config)?);
        self.services.insert(name.to_owned(), Arc::clone(&service));
        Ok(service)
    }
}

/// The most bodies that can be open at a time.
const MOST_BODIES: usize = 8;

impl State {
    /// The service that a request goes to, and the request in the capability's own terms.
    fn addressed(&mut self, request: wit::Request) -> Result<(Arc<Http>, Access, Request), Fault> {
        let (access, intent) = match request.intent {
            wit::Intent::Read => (Access::Read, Intent::Read),
            wit::Intent::Write(change) => (Access::Write, Intent::Write(change)),
        };
        let service = self.service(&request.connection, access)?;
        let (body, secrets) = match (request.body, access) {
            (Some(body), Access::Write) => {
                let (body, secrets) = self.passwords.body(body)?;
                (Some(body), secrets)
            }
            (body, _) => (body, Vec::new()),
        };
        let request = Request {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body,
            secrets,
            intent,
        };
        Ok((service, access, request))
    }

    async fn opened(&mut self, request: wit::Request) -> Result<wit::Opening, Fault> {
        let (service, access, request) = self.addressed(request)?;
        if self.bodies.len() == MOST_BODIES {
            let message =
                format!("more than {MOST_BODIES} answers are open at once: take them to their end, or close them");
            return Err(Fault::new(FaultKind::Invalid, message));
        }
        let started = self.starts(access);
        let answer = service.open_body(request).await;
        let Opening { status, headers, body } = self.ended(started, answer)?;
        self.last_body = self.last_body.wrapping_add(1);
        self.bodies.insert(self.last_body, body);
        Ok(wit::Opening { status, headers, body: self.last_body })
    }

    async fn taken(&mut self, body: u32, max: u32) -> Result<Vec<u8>, Fault> {
        let none = || Fault::new(FaultKind::Invalid, "there is no such answer, or it was taken to its end");
        let taken = self.bodies.get_mut(&body).ok_or_else(none)?.take(max as usize).await;
        if taken.as_ref().map_or(true, Vec::is_empty) {
            self.bodies.remove(&body);
        }
        taken
    }
}

impl Host for State {
    async fn send(&mut self, request: wit::Request) -> Answer<wit::Response> {
        let (service, access, request) = match self.addressed(request) {
            Ok(addressed) => addressed,
            Err(fault) => return Ok(Err(convert::error(fault))),
        };
        let started = self.starts(access);
        let answer = service.send(request).await;
        let answer = self.ended(started, answer).map_err(convert::error);
        Ok(answer.map(|answer| wit::Response { status: answer.status, headers: answer.headers, body: answer.body }))
    }

    async fn open(&mut self, request: wit::Request) -> Answer<wit::Opening> {
        Ok(self.opened(request).await.map_err(convert::error))
    }

    async fn take(&mut self, body: u32, max: u32) -> Answer<Vec<u8>> {
        Ok(self.taken(body, max).await.map_err(convert::error))
    }

    async fn close(&mut self, body: u32) -> wasmtime::Result<()> {
        self.bodies.remove(&body);
        Ok(())
    }

    async fn resolve(&mut self, connection: String, url: String) -> Answer<wit::Location> {
        let location = self.service(&connection, Access::Read).and_then(|service| service.resolve(&url));
        Ok(location
            .map(|location| wit::Location { path: location.path, query: location.query })
            .map_err(convert::error))
    }
}
