//! A real Samba as a domain controller of Active Directory, on a loopback address of its own.
//!
//! Its ports are fixed, so each server gets an address of 127.0.0.0/8, which takes root. A domain is made once and copied
//! for every server. One that cannot start is an error with the server's own words, never a test left out.

mod look;
mod template;

pub(crate) use look::trust;
pub use look::{Attributes, Tree};

use crate::certificate::Authority;
use anyhow::{Context, Result, bail, ensure};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The domain.
pub const DOMAIN: &str = "ad.test";
/// The top of its tree.
pub const BASE: &str = "DC=ad,DC=test";
/// Who may do everything.
pub const ADMIN: &str = "administrator@ad.test";
/// With this password.
pub const PASSWORD: &str = "Passw0rd!adm";

/// How often a start is tried when another process was quicker to take an address.
const TRIES: u32 = 8;
/// How long a start may take, on a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(60);
/// What has to be free of an address: LDAP, also encrypted, and of the whole forest.
const PORTS: [u16; 4] = [389, 636, 3268, 3269];

/// What kind of domain it is.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Removed objects keep what they were.
    pub recycle_bin: bool,
    /// The schema has what Exchange adds to it.
    pub exchange: bool,
}

/// A running domain controller, or one that was stopped and can be started again.
pub struct Samba {
    folder: TempDir,
    authority: PathBuf,
    address: Ipv4Addr,
    process: Option<Child>,
}

impl Samba {
    /// Starts a domain controller with an empty domain and returns when it answers.
    pub async fn start(options: Options) -> Result<Samba> {
        let template = tokio::task::spawn_blocking(template::folder).await??;
        let folder = tempfile::Builder::new().prefix("samba").tempdir()?;
        let authority = Authority::new(&folder.path().join("tls"))?;
        let mut server =
            Samba { folder, authority: authority.certificate(), address: Ipv4Addr::LOCALHOST, process: None };
        for attempt in 1.. {
            server.address = address()?;
            template::copy(&template, server.folder(), server.address)?;
            authority.server(&["dc1.ad.test", &server.address.to_string()])?;
            if options.recycle_bin {
                server.ldb(template::RECYCLE_BIN, &[])?;
            }
            if options.exchange {
                for part in template::EXCHANGE {
                    server.ldb(part, &["--option=dsdb:schema update allowed=true"])?;
                }
            }
            match server.run().await {
                Ok(()) => break,
                Err(fault) if attempt < TRIES && format!("{fault:#}").contains("ADDRESS_ALREADY") => {
                    std::fs::remove_dir_all(server.folder().join("dc"))?;
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(server)
    }

    /// Its address.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The address for StartTLS.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// The address for TLS from the first byte.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// The certificate of the authority that a client has to trust.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The server's folder: its configuration, output and database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the server in order.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let told = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status()?;
        ensure!(told.success(), "samba could not be told to end");
        let since = Instant::now();
        while process.try_wait()?.is_none() {
            if since.elapsed() > PATIENCE {
                process.kill()?;
                bail!("samba did not end within {PATIENCE:?}");
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

    /// Starts a server that was stopped or killed again, with the same data and at the same address.
    pub async fn restart(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "samba is still running");
        self.run().await
    }

    /// Changes the database while no server runs, past all that the server would say to it.
    pub fn ldb(&self, ldif: &str, options: &[&str]) -> Result<()> {
        ensure!(self.process.is_none(), "samba is running; stop it before changing its database");
        let file = self.folder().join("change.ldif");
        std::fs::write(&file, ldif)?;
        let output = Command::new(template::program("ldbmodify")?)
            .arg("-H")
            .arg(self.folder().join("dc/private/sam.ldb"))
            .args(options)
            .arg(&file)
            .output()
            .context("ldbmodify could not be run")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "ldbmodify refused {}:\n{said}", file.display());
        Ok(())
    }

    async fn run(&mut self) -> Result<()> {
        let file = self.folder().join("output");
        let output = std::fs::File::create(&file)?;
        let mut process = Command::new(template::program("samba")?)
            .args(["-F", "--no-process-group", "-M", "single", "-d", "1", "--debug-stdout", "-s"])
            .arg(self.folder().join("dc/etc/smb.conf"))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("samba could not be run")?;
        let since = Instant::now();
        loop {
            let answer = self.admin().await;
            if let Some(status) = process.try_wait()? {
                bail!("samba ended at its start ({status}):\n{}", std::fs::read_to_string(&file)?);
            }
            match answer {
                Ok(_) => break,
                Err(fault) if since.elapsed() > PATIENCE => {
                    process.kill()?;
                    process.wait()?;
                    let said = std::fs::read_to_string(&file)?;
                    bail!("samba did not answer within {PATIENCE:?} ({fault:#}):\n{said}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        self.process = Some(process);
        Ok(())
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take()
            && process.kill().is_ok()
        {
            process.wait().ok();
        }
    }
}

/// An address of 127.0.0.0/8 that nobody listened to a moment ago.
fn address() -> Result<Ipv4Addr> {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let mut refused = None;
    for _ in 0..256 {
        // Far from where anybody else would look, and elsewhere in every process.
        let number = std::process::id().wrapping_mul(131).wrapping_add(LAST.fetch_add(1, Ordering::Relaxed));
        let [_, _, high, low] = number.to_be_bytes();
        let address = Ipv4Addr::new(127, 83, high, low.clamp(1, 254));
        match PORTS.iter().map(|port| TcpListener::bind((address, *port))).collect::<Result<Vec<_>, _>>() {
            Ok(_) => return Ok(address),
            Err(error) => refused = Some(error),
        }
    }
    let why = refused.map_or_else(String::new, |error| format!(": {error}"));
    bail!("no address of 127.83.0.0/16 is free for a domain controller, whose ports only root may take{why}")
}
