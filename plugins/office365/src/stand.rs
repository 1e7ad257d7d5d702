//! The server that stands in for Graph, asked without going over HTTP, and a host that does with answers what hosts do:
//! it waits where it is asked to, and looks where nothing is known.

#![allow(clippy::unwrap_used)]

use crate::Tenant;
use crate::graph::{Asked, Graph, segment};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value as Json, json};
use sluss_sdk::http::Response;
use sluss_sdk::{Change, Error, ErrorKind, Operation, Outcome};
use sluss_test_servers::graph::{self, Handle};
use std::cell::RefCell;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The stand-in.
pub struct Stand {
    runtime: Runtime,
    server: graph::Graph,
    handle: Handle,
    token: RefCell<String>,
    _folder: TempDir,
}

impl Stand {
    /// A tenant in which nobody is.
    pub fn start() -> Stand {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let server = runtime.block_on(graph::Graph::start(folder.path())).unwrap();
        let handle = server.handle();
        let stand = Stand { runtime, server, handle, token: RefCell::default(), _folder: folder };
        stand.renew();
        stand
    }

    /// The server itself.
    pub fn server(&self) -> &graph::Graph {
        &self.server
    }

    fn renew(&self) {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
            graph::CLIENT.0,
            segment(graph::CLIENT.1),
            segment(graph::SCOPE)
        );
        let request = hyper::Request::post(format!("/{}/oauth2/v2.0/token", graph::TENANT));
        let answer = self.answered(request, form.into_bytes()).unwrap();
        let body: Json = serde_json::from_slice(&answer.body).unwrap();
        *self.token.borrow_mut() = body["access_token"].as_str().unwrap().to_owned();
    }

    fn answered(&self, request: hyper::http::request::Builder, body: Vec<u8>) -> Result<Response, Error> {
        let question = request.body(Bytes::from(body)).unwrap();
        let lost = |_| Error { sent: true, ..Error::unavailable("the connection broke") };
        let answer = self.runtime.block_on(self.handle.answer(question)).map_err(lost)?;
        let (head, body) = answer.into_parts();
        let headers = head.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = self.runtime.block_on(body.collect()).unwrap().to_bytes().to_vec();
        Ok(Response { status: head.status.as_u16(), headers, body })
    }

    fn ask(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Result<Response, Error> {
        for _ in 0..2 {
            let mut request = hyper::Request::builder().method(method).uri(address);
            request = request.header("authorization", format!("Bearer {}", self.token.borrow()));
            request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            if body.is_some() {
                request = request.header("content-type", "application/json");
            }
            let body = body.map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
            let answer = self.answered(request, body)?;
            if answer.status != 401 {
                return Ok(answer);
            }
            // As the host does.
            self.renew();
        }
        panic!("no token is good enough");
    }
}

impl Graph for Stand {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        let pairs: Vec<String> =
            asked.query.iter().map(|(name, value)| format!("{}={}", segment(name), segment(value))).collect();
        let address = format!("/v1.0{}?{}", asked.path, pairs.join("&"));
        self.ask(asked.method, address.trim_end_matches('?'), &asked.headers, asked.body.as_ref())
    }

    fn follow(&self, url: &str) -> Result<Response, Error> {
        let path = url.strip_prefix(&self.server.url()).unwrap_or_else(|| panic!("{url} leads elsewhere"));
        self.ask("GET", &format!("/v1.0{path}"), &[], None)
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        Ok(format!("Ab3-first-password-of-{change}"))
    }

    fn now(&self) -> i64 {
        self.server.tenant(|tenant| tenant.now()).as_second()
    }

    fn warn(&self, message: &str) {
        assert!(!message.contains('@'), "an address in the log: {message}");
    }
}

/// A connector on a stand-in, with these settings beside the connection.
pub fn connector(stand: Stand, more: &Json) -> Tenant<Stand> {
    let mut all = json!({"connection": "graph"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Tenant::new(stand, serde_json::from_value(all).unwrap()).unwrap()
}

/// Another run: whatever the connector remembered is forgotten.
pub fn again(tenant: Tenant<Stand>) -> Tenant<Stand> {
    Tenant::new(tenant.graph, tenant.settings).unwrap()
}

/// What became of changes, as a host hears it in one run.
pub struct Told {
    /// The last outcome of each.
    pub outcomes: Vec<Outcome>,
    /// How often it was asked to wait.
    pub waits: usize,
}

impl Tenant<Stand> {
    /// Carries changes out as a host does: some at a time, waiting where it is asked to, each until it is settled. After an
    /// answer that nobody knows, or that concerns the whole system, nothing more is sent.
    pub fn host(&self, changes: &[Change], at_once: usize) -> Told {
        let mut outcomes: Vec<Option<Outcome>> = changes.iter().map(|_| None).collect();
        let mut waits = 0;
        loop {
            let open: Vec<usize> = (0..changes.len()).filter(|at| outcomes[*at].is_none()).take(at_once).collect();
            if open.is_empty() || waits > 400 {
                break;
            }
            let batch: Vec<Change> = open.iter().map(|at| changes[*at].clone()).collect();
            let answers = match self.apply(&batch) {
                Ok(answers) => answers,
                Err(error) => batch.iter().map(|_| Outcome::Rejected(error.clone())).collect(),
            };
            let (mut pause, mut suspended) = (None, false);
            for (at, answer) in open.into_iter().zip(answers) {
                match &answer {
                    Outcome::Rejected(error) if error.kind == ErrorKind::Throttled => {
                        pause = pause.max(Some(error.retry_after_ms.unwrap_or(1000)));
                        continue;
                    }
                    Outcome::Rejected(error) => {
                        suspended |= matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Auth | ErrorKind::Config);
                    }
                    Outcome::Unknown(_) => suspended = true,
                    Outcome::Applied(_) | Outcome::Unchanged(_) => {}
                }
                outcomes[at] = Some(answer);
            }
            if suspended {
                break;
            }
            if let Some(pause) = pause {
                waits += 1;
                self.graph.server().advance(Duration::from_millis(u64::from(pause)));
            }
        }
        let missing = || Outcome::Rejected(Error::unavailable("the system was left alone"));
        Told { outcomes: outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect(), waits }
    }

    /// Carries creates out over as many runs as it takes, looking first for what an earlier one may have made.
    pub fn until_made(mut self, changes: &[Change], runs: usize) -> (Tenant<Stand>, Vec<String>) {
        let mut ids: Vec<Option<String>> = changes.iter().map(|_| None).collect();
        let mut unknown: Vec<usize> = Vec::new();
        for _ in 0..runs {
            for at in unknown.drain(..) {
                let Operation::Create(create) = &changes[at].operation else { unreachable!() };
                let names: Vec<String> = create.iter().map(|attribute| attribute.name.clone()).collect();
                if let Ok(Some(object)) = self.find(&changes[at].class, create, &names) {
                    ids[at] = Some(object.id);
                }
            }
            let open: Vec<usize> = (0..changes.len()).filter(|at| ids[*at].is_none()).collect();
            if open.is_empty() {
                break;
            }
            let batch: Vec<Change> = open.iter().map(|at| changes[*at].clone()).collect();
            for (at, outcome) in open.into_iter().zip(self.host(&batch, 100).outcomes) {
                match outcome {
                    Outcome::Applied(applied) | Outcome::Unchanged(applied) => ids[at] = Some(applied.id),
                    Outcome::Unknown(_) => unknown.push(at),
                    Outcome::Rejected(error) => {
                        assert_ne!(error.kind, ErrorKind::AlreadyExists, "a second name would be chosen: {error:?}");
                    }
                }
            }
            self = again(self);
        }
        (self, ids.into_iter().map(Option::unwrap_or_default).collect())
    }
}
