//! A real OpenLDAP server on loopback ports of its own.
//!
//! It speaks `ldap://` (with StartTLS) and `ldaps://`, keeps its data in a temporary folder and ends with the test. A
//! server that cannot start is an error with the server's own words, never a test left out.

mod config;
mod look;

pub use look::{Attributes, Tree};

use crate::certificate::Authority;
use crate::port;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The top of the tree.
pub const SUFFIX: &str = "dc=example,dc=test";
/// Who may do everything.
pub const ADMIN: &str = "cn=admin,dc=example,dc=test";
/// Who may only read.
pub const READER: &str = "cn=reader,dc=example,dc=test";
/// The password of both.
pub const PASSWORD: &str = "secret";

/// How often a start is tried when another process was quicker to take a port.
const TRIES: usize = 5;
/// How long a start may take, on a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What kind of server it is.
#[derive(Debug, Clone)]
pub struct Options {
    /// Every commit is on the disk before it is answered, as in production.
    pub durable: bool,
    /// With memberOf, referential integrity and unique user names.
    pub overlays: bool,
    /// A password in clear text is refused.
    pub tls_required: bool,
    /// Members of large groups are kept beside their entry, so that adding some does not write the whole group anew.
    pub large_groups: bool,
    /// The most entries that a search without pages gives, for those who are not the administrator.
    pub size_limit: Option<u32>,
    /// The names and addresses in the server's certificate.
    pub names: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            durable: false,
            overlays: false,
            tls_required: true,
            large_groups: false,
            size_limit: None,
            names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        }
    }
}

/// A running server, or one that was stopped and can be started again.
pub struct Slapd {
    folder: TempDir,
    authority: PathBuf,
    clear: u16,
    tls: u16,
    process: Option<Child>,
    own: look::Own,
}

impl Slapd {
    /// Starts a server with the base entries and returns when it answers.
    pub async fn start(options: Options) -> Result<Slapd> {
        let folder = tempfile::Builder::new().prefix("slapd").tempdir()?;
        std::fs::create_dir(folder.path().join("db"))?;
        let authority = Authority::new(&folder.path().join("tls"))?;
        let names: Vec<&str> = options.names.iter().map(String::as_str).collect();
        let identity = authority.server(&names)?;
        let text = config::text(folder.path(), &authority.certificate(), &identity, &options);
        std::fs::write(folder.path().join("slapd.conf"), text)?;
        std::fs::write(folder.path().join("base.ldif"), config::entries())?;
        load(folder.path(), "base.ldif")?;
        let authority = authority.certificate();
        let mut server = Slapd { folder, authority, clear: 0, tls: 0, process: None, own: look::Own::default() };
        for attempt in 1.. {
            let ports = port::free(2)?;
            (server.clear, server.tls) = (ports[0], ports[1]);
            match server.run().await {
                Ok(()) => break,
                Err(fault) if attempt < TRIES && format!("{fault:#}").contains("in use") => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(server)
    }

    /// The address for StartTLS and clear text.
    pub fn url(&self) -> String {
        format!("ldap://localhost:{}", self.clear)
    }

    /// The address for TLS from the first byte.
    pub fn tls_url(&self) -> String {
        format!("ldaps://localhost:{}", self.tls)
    }

    /// The port of `url`.
    pub fn port(&self) -> u16 {
        self.clear
    }

    /// The port of `tls_url`.
    pub fn tls_port(&self) -> u16 {
        self.tls
    }

    /// The certificate of the authority that a client has to trust.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The server's folder: its configuration, output and database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the server in order. What it answered is on the disk.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let told = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status()?;
        ensure!(told.success(), "slapd could not be told to end");
        let since = Instant::now();
        while process.try_wait()?.is_none() {
            if since.elapsed() > PATIENCE {
                process.kill()?;
                bail!("slapd did not end within {PATIENCE:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// How the server ended by itself, if it does so within this time: some requests make OpenLDAP crash.
    pub async fn ended(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let Some(process) = &mut self.process else { return Ok(None) };
        let since = Instant::now();
        loop {
            let ended = process.try_wait()?;
            if ended.is_some() || since.elapsed() >= patience {
                return Ok(ended);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Starts a server that was stopped or killed again, with the same data and on the same ports.
    pub async fn restart(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "slapd is still running");
        self.own = look::Own::default();
        self.run().await
    }

    /// Puts entries in while no server runs, as fast as the database takes them.
    pub fn load(&self, ldif: &str) -> Result<()> {
        ensure!(self.process.is_none(), "slapd is running; stop it before loading");
        std::fs::write(self.folder().join("load.ldif"), ldif)?;
        load(self.folder(), "load.ldif")
    }

    async fn run(&mut self) -> Result<()> {
        let output = std::fs::File::create(self.folder().join("output"))?;
        let mut process = Command::new(config::program("slapd")?)
            .arg("-f")
            .arg(self.folder().join("slapd.conf"))
            .arg("-h")
            .arg(format!("ldap://127.0.0.1:{}/ ldaps://127.0.0.1:{}/", self.clear, self.tls))
            .args(["-d", "none"])
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("slapd could not be run")?;
        let since = Instant::now();
        loop {
            let answer = self.admin().await;
            if let Some(status) = process.try_wait()? {
                let said = std::fs::read_to_string(self.folder().join("output"))?;
                bail!("slapd ended at its start ({status}):\n{said}");
            }
            match answer {
                Ok(_) => break,
                Err(fault) if since.elapsed() > PATIENCE => {
                    process.kill()?;
                    process.wait()?;
                    let said = std::fs::read_to_string(self.folder().join("output"))?;
                    bail!("slapd did not answer within {PATIENCE:?} ({fault:#}):\n{said}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        self.process = Some(process);
        Ok(())
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take()
            && process.kill().is_ok()
        {
            process.wait().ok();
        }
    }
}

fn load(folder: &Path, ldif: &str) -> Result<()> {
    let output = Command::new(config::program("slapadd")?)
        .arg("-q")
        .arg("-f")
        .arg(folder.join("slapd.conf"))
        .args(["-b", SUFFIX, "-l"])
        .arg(folder.join(ldif))
        .output()
        .context("slapadd could not be run")?;
    ensure!(output.status.success(), "slapadd refused {ldif}:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
