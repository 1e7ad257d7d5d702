//! Prism, which holds every request to Graph and every answer of it to the contract.
//!
//! ```text
//! client ─TLS→ front ─→ Prism ─TLS→ relay ─→ Graph
//! ```
//!
//! The front collects what Prism objects to. Prism judges a batch as a whole, for the contract says nothing of its parts,
//! so the front shows it each part afterwards as a request of its own, to which the relay gives the answer that the part
//! had: nothing is done twice.

use crate::Graph;
use crate::https::{Answer, Https, Question};
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The contract.
const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vendor/graph/graph-v1-subset.yaml");
/// What the front puts on a part of a batch: its number.
const PART: HeaderName = HeaderName::from_static("x-judged-part");
/// How long Prism may take to read the contract, on a machine with much to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Something to which Prism objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The method and the path.
    pub what: String,
    /// What Prism says.
    pub detail: String,
}

/// Prism, on the way to Graph.
pub struct Prism {
    front: Https,
    judge: Arc<Judge>,
    _relay: Https,
    _prism: Child,
}

/// What the front and the relay share.
struct Judge {
    port: u16,
    violations: Mutex<Vec<Violation>>,
    judged: Mutex<usize>,
    /// The answers that parts of batches had, by their numbers.
    parts: Mutex<HashMap<String, (u16, Value)>>,
}

impl Prism {
    /// Puts Prism on the way to Graph, which from now on says of itself that it is here. `tools` is where tests may
    /// keep things between runs: `CARGO_TARGET_TMPDIR`.
    pub async fn start(tools: &Path, graph: &Graph) -> Result<Prism> {
        let tools = tools.to_owned();
        let folder = tokio::task::spawn_blocking(move || super::node(&tools)).await??;
        // Between asking for a free port and using it, another process may take it.
        for _ in 0..5 {
            let port = crate::port::free(1)?[0];
            let judge = Arc::new(Judge {
                port,
                violations: Mutex::default(),
                judged: Mutex::default(),
                parts: Mutex::default(),
            });
            let (own, server) = (Arc::clone(&judge), graph.handle());
            let relay = move |question: Question| relay(Arc::clone(&own), server.clone(), question);
            let relay = Https::start(graph.identity(), None, relay).await?;
            let Some(prism) = run(&folder, graph.authority(), relay.port(), port).await? else { continue };
            let own = Arc::clone(&judge);
            let front = Https::start(graph.identity(), None, move |question| front(Arc::clone(&own), question)).await?;
            graph.reached_by(&format!("https://localhost:{}/v1.0", front.port()));
            return Ok(Prism { front, judge, _relay: relay, _prism: prism });
        }
        bail!("Prism found no free port")
    }

    /// The address of Graph by way of Prism, with the version.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/v1.0", self.front.port())
    }

    /// What Prism objected to since the last time somebody asked.
    pub fn violations(&self) -> Vec<Violation> {
        std::mem::take(&mut *lock(&self.judge.violations))
    }

    /// How many requests it judged so far, parts of batches each counted.
    pub fn judged(&self) -> usize {
        *lock(&self.judge.judged)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts Prism, and waits until it listens; nothing if the port was taken meanwhile.
async fn run(folder: &Path, authority: &Path, upstream: u16, port: u16) -> Result<Option<Child>> {
    let mut child = Command::new("node")
        .arg(folder.join("node_modules/@stoplight/prism-cli/dist/index.js"))
        .args(["proxy", "--errors", "--host", "127.0.0.1", "--port", &port.to_string(), CONTRACT])
        .arg(format!("https://localhost:{upstream}"))
        .env("NODE_EXTRA_CA_CERTS", authority)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("Prism is a program for Node.js: install Node.js 18.20 or newer")?;
    let (output, errors) = (child.stdout.take().context("no output")?, child.stderr.take().context("no output")?);
    let (said, hears) = tokio::sync::mpsc::unbounded_channel();
    let listen = |reader: Box<dyn tokio::io::AsyncRead + Send + Unpin>| {
        let said = said.clone();
        // It goes on reading, so that Prism can go on writing.
        tokio::spawn(async move {
            let mut lines = BufReader::new(reader).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = said.send(line);
            }
        });
    };
    listen(Box::new(output));
    listen(Box::new(errors));
    drop(said);
    let mut hears = hears;
    let mut all = Vec::new();
    let listens = async {
        while let Some(line) = hears.recv().await {
            let is_ready = line.contains("Prism is listening");
            all.push(line);
            if is_ready {
                return true;
            }
        }
        false
    };
    match tokio::time::timeout(PATIENCE, listens).await {
        Ok(true) => Ok(Some(child)),
        Ok(false) if all.iter().any(|line| line.contains("EADDRINUSE")) => Ok(None),
        Ok(false) => bail!("Prism did not start: {}", all.join("\n")),
        Err(_) => bail!("Prism did not start within {} seconds: {}", PATIENCE.as_secs(), all.join("\n")),
    }
}

/// Gives the answer that a part of a batch had, or that of Graph.
async fn relay(judge: Arc<Judge>, server: crate::graph::Handle, question: Question) -> Result<Answer> {
    let Some(part) = question.headers().get(PART).and_then(|part| part.to_str().ok()) else {
        return server.answer(question).await;
    };
    let (status, response) = lock(&judge.parts).remove(part).context("the part was answered before")?;
    let mut answer = Response::builder().status(status);
    for (name, value) in response.get("headers").and_then(Value::as_object).into_iter().flatten() {
        answer = answer.header(name, value.as_str().unwrap_or_default());
    }
    let body = match response.get("body") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(body) => body.to_string(),
    };
    Ok(answer.body(body.into())?)
}

/// Sends a request through Prism, and after it the parts of a batch.
async fn front(judge: Arc<Judge>, question: Question) -> Result<Answer> {
    let (parts, body) = question.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let answer = judge.ask(parts.method.as_str(), &target, &parts.headers, body.clone()).await?;
    if parts.uri.path() == "/v1.0/$batch" && answer.status() == 200 {
        judge.parts_of(&parts.headers, &body, answer.body()).await?;
    }
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove("transfer-encoding");
    Ok(Response::from_parts(parts, Full::new(body)))
}

impl Judge {
    /// Asks Prism, and notes what it objects to.
    async fn ask(&self, method: &str, target: &str, headers: &HeaderMap, body: Bytes) -> Result<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(target).header("host", "localhost");
        let dropped = ["host", "connection", "transfer-encoding", "content-length"];
        for (name, value) in headers.iter().filter(|(name, _)| !dropped.contains(&name.as_str())) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body))?;
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        connection.abort();
        *lock(&self.judged) += 1;
        let says = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if says["type"].as_str().is_some_and(|kind| kind.contains("stoplight.io/prism/errors")) {
            let violation = Violation { what: format!("{method} {target}"), detail: says.to_string() };
            lock(&self.violations).push(violation);
        }
        Ok(Response::from_parts(parts, body))
    }

    /// Shows Prism each part of a batch with the answer that it had.
    async fn parts_of(&self, outer: &HeaderMap, request: &[u8], response: &[u8]) -> Result<()> {
        let (request, response): (Value, Value) = (serde_json::from_slice(request)?, serde_json::from_slice(response)?);
        let many = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        for answer in many(&response, "responses") {
            let Some(part) = many(&request, "requests").into_iter().find(|part| part["id"] == answer["id"]) else {
                let detail = format!("the part {} was never sent", answer["id"]);
                lock(&self.violations).push(Violation { what: "POST /v1.0/$batch".to_owned(), detail });
                continue;
            };
            let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
            let number = format!("{}", *lock(&self.judged));
            lock(&self.parts).insert(number.clone(), (status, answer));
            let mut headers = HeaderMap::new();
            headers.insert(PART, number.parse()?);
            if let Some(proof) = outer.get("authorization") {
                headers.insert("authorization", proof.clone());
            }
            for (name, value) in part["headers"].as_object().into_iter().flatten() {
                headers.insert(name.parse::<HeaderName>()?, value.as_str().unwrap_or_default().parse()?);
            }
            let path = part["url"].as_str().unwrap_or_default().trim_start_matches('/').to_owned();
            let target = url::Url::parse(&format!("http://localhost/v1.0/{path}"))?;
            let target = &target[url::Position::BeforePath..url::Position::AfterQuery];
            let body = part.get("body").filter(|body| !body.is_null()).map(Value::to_string).unwrap_or_default();
            self.ask(part["method"].as_str().unwrap_or_default(), target, &headers, body.into()).await?;
        }
        Ok(())
    }
}
