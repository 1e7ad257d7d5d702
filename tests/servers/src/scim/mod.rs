//! A real service that speaks SCIM 2.0, on a loopback port of its own: scim2-server, which shares no code with what is
//! tested and checks what it is sent against the standard's schemas.
//!
//! It keeps everything in memory, so one that is stopped forgets; whoever wants it to be away puts a wire before it, and
//! whoever wants it to fail puts a gate there. What it was asked is read in its own log.

mod gate;

pub use gate::{Fare, Gate};

use crate::{port, python};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What it is made of.
const PACKAGES: [&str; 11] = [
    "scim2-server==0.8.3",
    "scim2-models==0.12.3",
    "annotated-types==0.8.0",
    "dnspython==2.9.2",
    "email-validator==2.4.0",
    "idna==3.20",
    "lark==1.3.1",
    "pydantic==2.14.4",
    "pydantic-core==2.50.5",
    "typing-extensions==4.16.0",
    "typing-inspection==0.4.5",
];

/// The token that a client shows.
pub const TOKEN: &str = "s3cret-scim-token";

/// How often a start is tried when another process was quicker to take a port.
const TRIES: usize = 5;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running service.
pub struct Scim {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Scim {
    /// Starts a service that can do all that there is, and returns when it answers. Python's packages are kept below
    /// `tools` from one test to the next.
    pub fn start(tools: &Path) -> Result<Scim> {
        Scim::launch(tools, None, None)
    }

    /// One that says of itself that it can do this, and does no more.
    pub fn able(tools: &Path, config: &Value) -> Result<Scim> {
        Scim::launch(tools, Some(config), None)
    }

    /// One whose users have a schema more.
    pub fn with_schema(tools: &Path, schema: &Value) -> Result<Scim> {
        Scim::launch(tools, None, Some(schema))
    }

    fn launch(tools: &Path, config: Option<&Value>, schema: Option<&Value>) -> Result<Scim> {
        let server = server(tools)?;
        let folder = tempfile::Builder::new().prefix("scim").tempdir()?;
        let mut options = Vec::new();
        if let Some(config) = config {
            fs::write(folder.path().join("config.json"), config.to_string())?;
            options.push(("--service-provider-config", "config.json"));
        }
        if let Some(schema) = schema {
            extend(&server, folder.path(), schema)?;
            options.extend([("--schema", "schemas.json"), ("--resource-type", "types.json")]);
        }
        for attempt in 1.. {
            match run(&server, folder.path(), &options) {
                Ok((port, process)) => return Ok(Scim { folder, port, process }),
                Err(fault) if attempt < TRIES && format!("{fault:#}").contains("Address already in use") => {}
                Err(fault) => return Err(fault),
            }
        }
        bail!("the SCIM service was not started")
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its base address.
    pub fn url(&self) -> String {
        address(self.port)
    }

    /// Every resource of a type (`Users`), as a plain client reads them.
    pub fn all(&self, place: &str) -> Result<Vec<Value>> {
        let mut resources: Vec<Value> = Vec::new();
        loop {
            let start = resources.len() + 1;
            let (status, told) = self.ask("GET", &format!("/{place}?startIndex={start}&count=1000"), None)?;
            ensure!(status == 200, "{status}: {told}");
            let more = told["Resources"].as_array().cloned().unwrap_or_default();
            let is_over = more.is_empty();
            resources.extend(more);
            if told["totalResults"] == resources.len() {
                return Ok(resources);
            }
            ensure!(!is_over, "there are more than {}: {}", resources.len(), told["totalResults"]);
        }
    }

    /// Asks as a plain client does. The status, and the body.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        ask(self.port, Some(TOKEN), method, path, body)
    }

    /// What the service was asked, by its own log: `POST /Users 201`. What a plain client asked is in it as well.
    pub fn log(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(self.folder.path().join("log"))?;
        let line = |line: &str| -> Option<String> {
            let (asked, answered) = line.split_once("] \"")?.1.split_once("\" ")?;
            let (request, status) = (asked.strip_suffix(" HTTP/1.1")?, answered.split(' ').next()?);
            let (method, path) = request.split_once(' ')?;
            Some(format!("{method} {} {status}", path.strip_prefix("/v2").unwrap_or(path)))
        };
        Ok(text.lines().filter_map(line).collect())
    }

    /// How many requests it had that were to change something.
    pub fn writes(&self) -> Result<usize> {
        Ok(self.log()?.iter().filter(|line| !line.starts_with("GET ")).count())
    }

    /// Stops the service. What it had, by its own dump.
    pub fn dump(mut self) -> Result<Vec<Value>> {
        // As a terminal would; a signal of another kind leaves no dump.
        let stopped = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        ensure!(stopped.context("stopping the SCIM service")?.success(), "the SCIM service was gone");
        self.process.wait()?;
        Ok(serde_json::from_str(&fs::read_to_string(self.folder.path().join("dump.json"))?)?)
    }
}

impl Drop for Scim {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The program that is the service.
fn server(tools: &Path) -> Result<PathBuf> {
    let python = python::with(tools, "scim2-server", &PACKAGES)?;
    Ok(python.with_file_name(if cfg!(windows) { "scim2-server.exe" } else { "scim2-server" }))
}

fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}/v2")
}

fn run(server: &Path, folder: &Path, options: &[(&str, &str)]) -> Result<(u16, Child)> {
    let (port, log) = (port::free(1)?[0], folder.join("log"));
    // Whoever runs the tests beside something else may have them ignore interrupts, and so would the service.
    let heeds = "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); \
                 runpy.run_path(sys.argv.pop(1), run_name='__main__')";
    let python = server.with_file_name(if cfg!(windows) { "python.exe" } else { "python" });
    let mut command = Command::new(python);
    command.args(["-c", heeds]).arg(server);
    command
        .args(["--hostname", "127.0.0.1", "--bearer-token", TOKEN, "--dump-resources"])
        .arg(folder.join("dump.json"));
    command.args(["--port", &port.to_string()]);
    for (option, file) in options {
        command.arg(option).arg(folder.join(file));
    }
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?)
        .spawn()
        .context("the SCIM service could not be run")?;
    let started = Instant::now();
    // Without a token nothing is asked, so that the log begins with the test's own requests.
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        let ended = process.try_wait()?;
        if ended.is_some() || started.elapsed() > PATIENCE {
            process.kill().ok();
            process.wait()?;
            bail!("the SCIM service did not start:\n{}", fs::read_to_string(&log)?);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((port, process))
}

/// Writes the schemas and types that the service has by itself, with one more schema for users.
fn extend(server: &Path, folder: &Path, schema: &Value) -> Result<()> {
    let (port, mut process) = run(server, folder, &[])?;
    let told = ["Schemas", "ResourceTypes"].map(|place| ask(port, Some(TOKEN), "GET", &format!("/{place}"), None));
    process.kill()?;
    process.wait()?;
    let [schemas, types] = told.map(|told| Ok::<_, anyhow::Error>(told?.1["Resources"].take()));
    let (mut schemas, mut types) = (schemas?, types?);
    let extension = serde_json::json!({"schema": schema["id"], "required": false});
    let user = types.as_array_mut().context("types")?.iter_mut().find(|own| own["name"] == "User").context("users")?;
    user["schemaExtensions"].as_array_mut().context("extensions")?.push(extension);
    schemas.as_array_mut().context("schemas")?.push(schema.clone());
    fs::write(folder.join("schemas.json"), schemas.to_string())?;
    Ok(fs::write(folder.join("types.json"), types.to_string())?)
}

/// One request over a connection of its own. The status, and the body.
pub fn ask(port: u16, token: Option<&str>, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
    let proof = token.map(|token| ("Authorization", format!("Bearer {token}")));
    let headers: Vec<(&str, &str)> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = send(port, method, path, &headers, &body.map(Value::to_string).unwrap_or_default())?;
    Ok((answer.status, if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body)? }))
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends these bytes and takes whatever comes.
pub fn send(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} /v2{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{more}\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("an answer without an end of its head")?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer)?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("an answer without a status")?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Answer { status: status.parse()?, headers, body })
}
