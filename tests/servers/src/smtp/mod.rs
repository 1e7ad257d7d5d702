//! A real mail server on loopback ports of its own: aiosmtpd, which shares no code with what is tested and reads what came
//! with Python's own parser.
//!
//! One port demands STARTTLS and a login, the other is encrypted from the first byte and demands a login too. What goes
//! wrong can be chosen: an address that is refused, a mail that is put off, a connection that ends before or after the
//! mail was taken.

use crate::certificate::Authority;
use crate::{port, python};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What it is made of.
const PACKAGES: [&str; 3] = ["aiosmtpd==1.4.6", "atpublic==9.0.0", "attrs==26.1.0"];

/// Who may send mail.
pub const USER: &str = "sluss";
/// With which password.
pub const PASSWORD: &str = "secret";

/// How often a start is tried when another process was quicker to take a port.
const TRIES: usize = 5;

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub struct Mood {
    stages: Map<String, Value>,
}

impl Mood {
    /// Nothing does.
    pub fn good() -> Mood {
        Mood::default()
    }

    /// Recipients whose address has this in it are answered so, so many times; `ADDRESS` in the answer is the address.
    pub fn recipient(mut self, part: &str, reply: &str, times: Option<u32>) -> Mood {
        self.stages.insert("rcpt".to_owned(), json!({ "to": part, "reply": reply, "times": times }));
        self
    }

    /// Every sender is answered so.
    pub fn sender(mut self, reply: &str) -> Mood {
        self.stages.insert("mail".to_owned(), json!({ "reply": reply }));
        self
    }

    /// The contents of mails are answered so, so many times.
    pub fn contents(self, reply: &str, times: Option<u32>) -> Mood {
        self.data(json!({ "does": "refuse", "reply": reply, "times": times }))
    }

    /// The connection ends while mails are taken, so many times: before they were, or after.
    pub fn drops(self, taken: bool, times: Option<u32>) -> Mood {
        self.data(json!({ "does": if taken { "drop-after" } else { "drop-before" }, "times": times }))
    }

    /// So many seconds pass before a mail is taken, and then again before that is said.
    pub fn slow(self, before: f64, after: f64) -> Mood {
        self.data(json!({ "delay": before, "after": after }))
    }

    fn data(mut self, what: Value) -> Mood {
        self.stages.insert("data".to_owned(), what);
        self
    }
}

/// A mail that the server took.
#[derive(Debug, Clone, PartialEq)]
pub struct Received(Value);

impl Received {
    /// Whom it was for.
    pub fn to(&self) -> Vec<&str> {
        self.0["to"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The address that it came from.
    pub fn from(&self) -> &str {
        self.text_of("from")
    }

    /// What the sender called itself.
    pub fn hello(&self) -> &str {
        self.text_of("hello")
    }

    /// Its subject, decoded.
    pub fn subject(&self) -> &str {
        self.text_of("subject")
    }

    /// Its text, decoded.
    pub fn text(&self) -> &str {
        self.text_of("text")
    }

    /// It as it travelled.
    pub fn raw(&self) -> &str {
        self.text_of("raw")
    }

    /// A header, decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.0["headers"].as_array()?;
        let found =
            headers.iter().find(|header| header[0].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)));
        found?[1].as_str()
    }

    /// Whether it came encrypted, from somebody who was logged in, and in good form.
    pub fn is_proper(&self) -> bool {
        self.0["tls"] == true && self.0["login"] == true && self.0["defects"].as_array().is_some_and(Vec::is_empty)
    }

    fn text_of(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }
}

/// A running server, or one that was stopped and can be started again.
pub struct Smtp {
    folder: TempDir,
    authority: PathBuf,
    python: PathBuf,
    clear: u16,
    tls: u16,
    moods: u32,
    process: Option<Child>,
}

impl Smtp {
    /// Starts a server and returns when it answers. Python's packages are kept below `tools` from one test to the next.
    pub fn start(tools: &Path) -> Result<Smtp> {
        let python = python::with(tools, "aiosmtpd", &PACKAGES)?;
        let folder = tempfile::Builder::new().prefix("smtp").tempdir()?;
        let authority = Authority::new(&folder.path().join("tls"))?;
        authority.server(&["localhost", "127.0.0.1"])?;
        fs::write(folder.path().join("server.py"), include_str!("server.py"))?;
        for name in ["mails.jsonl", "events.txt"] {
            fs::write(folder.path().join(name), "")?;
        }
        let authority = authority.certificate();
        let mut server = Smtp { folder, authority, python, clear: 0, tls: 0, moods: 0, process: None };
        for attempt in 1.. {
            let ports = port::free(2)?;
            (server.clear, server.tls) = (ports[0], ports[1]);
            match server.run() {
                Ok(()) => break,
                Err(fault) if attempt < TRIES && format!("{fault:#}").contains("address already in use") => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(server)
    }

    /// The address for STARTTLS.
    pub fn url(&self) -> String {
        format!("smtp://localhost:{}", self.clear)
    }

    /// The address for TLS from the first byte.
    pub fn tls_url(&self) -> String {
        format!("smtps://localhost:{}", self.tls)
    }

    /// The certificate of the authority that a client has to trust.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// Has this go wrong from now on, and nothing else.
    pub fn mood(&mut self, mood: &Mood) -> Result<()> {
        self.moods += 1;
        let text = json!({ "number": self.moods, "stages": mood.stages }).to_string();
        let (new, at) = (self.folder.path().join("mood.new"), self.folder.path().join("mood.json"));
        fs::write(&new, text)?;
        Ok(fs::rename(new, at)?)
    }

    /// Sends a mail as Python's own client does, and gives what the server said to it in the end.
    pub fn by_hand(&self, login: bool, to: &str, text: &str) -> Result<String> {
        let output = Command::new(&self.python)
            .arg("-c")
            .arg(include_str!("by_hand.py"))
            .args([&self.clear.to_string(), &self.authority.display().to_string()])
            .args([if login { USER } else { "" }, PASSWORD, to, text])
            .stdin(Stdio::null())
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Every mail that was taken, the first one first.
    pub fn mails(&self) -> Result<Vec<Received>> {
        let text = fs::read_to_string(self.folder.path().join("mails.jsonl"))?;
        text.lines().map(|line| Ok(Received(serde_json::from_str(line)?))).collect()
    }

    /// How often something happened: `connection`, `login`, `refused login`, `noop`, `hello NAME`, `refused ADDRESS`.
    pub fn seen(&self, event: &str) -> Result<usize> {
        let text = fs::read_to_string(self.folder.path().join("events.txt"))?;
        Ok(text.lines().filter(|line| *line == event).count())
    }

    /// Ends the server as a power cut would. What it took is on the disk.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Starts a server that was killed again, on the same ports.
    pub fn restart(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "the mail server is still running");
        self.run()
    }

    fn run(&mut self) -> Result<()> {
        let output = self.folder.path().join("output");
        let mut process = Command::new(&self.python)
            .args(["-W", "ignore"])
            .arg(self.folder.path().join("server.py"))
            .arg(self.folder.path())
            .arg(self.clear.to_string())
            .arg(self.tls.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&output)?)
            .spawn()
            .context("Python could not be run")?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        if line.trim() != "ready" {
            process.kill().ok();
            process.wait()?;
            bail!("the mail server did not start:\n{}", fs::read_to_string(&output)?);
        }
        self.process = Some(process);
        Ok(())
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.kill().ok();
    }
}
