//! Glue for `http`.
//!
//! The plugin says what it means to do, reading or carrying out a change; that, and not the method, decides what has to
//! be granted. The capability itself sees to it that a reading method is one.

use crate::bindings::host::http as wit;
use crate::bindings::host::http::Host;
use crate::bindings::host::types::Error;
use crate::capability::http::{Http, Intent, Request};
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

impl Host for State {
    async fn send(&mut self, request: wit::Request) -> Answer<wit::Response> {
        let (access, intent) = match request.intent {
            wit::Intent::Read => (Access::Read, Intent::Read),
            wit::Intent::Write(change) => (Access::Write, Intent::Write(change)),
        };
        let service = match self.service(&request.connection, access) {
            Ok(service) => service,
            Err(fault) => return Ok(Err(convert::error(fault))),
        };
        let request = Request {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body,
            intent,
        };
        let started = self.starts(access);
        let answer = service.send(request).await;
        let answer = self.ended(started, answer).map_err(convert::error);
        Ok(answer.map(|answer| wit::Response { status: answer.status, headers: answer.headers, body: answer.body }))
    }

    async fn resolve(&mut self, connection: String, url: String) -> Answer<wit::Location> {
        let location = self.service(&connection, Access::Read).and_then(|service| service.resolve(&url));
        Ok(location
            .map(|location| wit::Location { path: location.path, query: location.query })
            .map_err(convert::error))
    }
}
