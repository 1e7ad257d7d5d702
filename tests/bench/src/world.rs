//! A working folder of the measured program: its configuration, the files that it reads, and the program itself.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;
use sluss_test_servers::samba::{self, Samba};
use sluss_test_servers::slapd::{ADMIN, PASSWORD, SUFFIX};
use sluss_test_servers::{Graph, Slapd, graph};
use tempfile::TempDir;

use crate::cost::{Measured, measure};

/// What a run may end with: done, and done with findings. The made-up people give rise to some.
pub const DONE: [i32; 2] = [0, 1];

/// The same, or with a system that was lost on the way.
const DONE_OR_LOST: [i32; 3] = [0, 1, LOST];

/// What a run ends with when a system was lost on the way.
pub const LOST: i32 = 5;

/// The part of a domain that is written to.
pub const TOWN: &str = "OU=Town,DC=ad,DC=test";

/// The source that every world has.
pub const SOURCE: &str = "incoming";

/// Where the directory is kept.
pub enum Target<'s> {
    /// In an LDIF file.
    Ldif,
    /// By a server.
    Slapd(&'s Slapd),
    /// By a server that is sent transactions.
    Transactions(&'s Slapd),
    /// By a domain controller.
    Domain(&'s Samba),
    /// By the stand-in of Microsoft Graph.
    Graph(&'s Graph),
}

/// What stands in a working folder.
pub struct Layout<'s> {
    /// Where the directory is kept.
    pub target: Target<'s>,
    /// What is decided by.
    pub policy: String,
    /// The folders that files of people are read from, each a source of its own.
    pub sources: &'static [&'static str],
    /// Where compiled plugins are kept, for all working folders together.
    pub cache: PathBuf,
}

impl Layout<'_> {
    /// Makes everything in a folder but the people.
    pub fn lay(&self, folder: &Path) -> Result<()> {
        for name in self.sources.iter().chain(&["directory"]) {
            std::fs::create_dir_all(folder.join(name))?;
        }
        std::fs::write(folder.join("policy.toml"), &self.policy)?;
        std::fs::write(folder.join("secret"), self.secret())?;
        std::fs::write(folder.join("sluss.toml"), self.configuration())?;
        Ok(())
    }

    /// What is shown to the target.
    fn secret(&self) -> &'static str {
        match self.target {
            Target::Domain(_) => samba::PASSWORD,
            Target::Graph(_) => graph::CLIENT.1,
            Target::Ldif | Target::Slapd(_) | Target::Transactions(_) => PASSWORD,
        }
    }

    fn configuration(&self) -> String {
        let sources: String = self.sources.iter().map(|name| source(name)).collect();
        let target = match &self.target {
            Target::Ldif => format!(
                "[connection.out]\nkind = \"files\"\npath = \"directory\"\naccess = \"write\"\n\n\
                 [system.directory]\nrole = \"target\"\nplugin = \"ldif\"\ngrant = [\"out\"]\n\n\
                 [system.directory.settings]\nfolder = \"out\"\nbase = \"{SUFFIX}\"\n"
            ),
            Target::Slapd(server) => directory(server, "never"),
            Target::Transactions(server) => directory(server, "auto"),
            Target::Domain(server) => domain(server),
            Target::Graph(server) => tenant(server),
        };
        format!(
            "timezone = \"Europe/Stockholm\"\nstate = \"state/sluss.db\"\npolicy = [\"policy.toml\"]\n\
             clock = \"simulated\"\ncache = \"{}\"\n\n{sources}{target}",
            self.cache.display()
        )
    }
}

fn source(name: &str) -> String {
    format!(
        "[connection.{name}]\nkind = \"files\"\npath = \"{name}\"\naccess = \"read\"\n\n\
         [system.hr-{name}]\nrole = \"source\"\nplugin = \"heroma\"\ngrant = [\"{name}\"]\n\n\
         [system.hr-{name}.settings]\nfolder = \"{name}\"\n\n"
    )
}

fn directory(server: &Slapd, transactions: &str) -> String {
    format!(
        "[connection.ldap]\nkind = \"ldap\"\naccess = \"write\"\nurl = \"{}\"\nbind-dn = \"{ADMIN}\"\n\
         password = {{ file = \"secret\" }}\nbase = \"{SUFFIX}\"\nca = \"{}\"\ntransactions = \"{transactions}\"\n\n\
         [system.directory]\nrole = \"target\"\nplugin = \"ldap\"\ngrant = [\"ldap\"]\n\n\
         [system.directory.settings]\nconnection = \"ldap\"\n",
        server.tls_url(),
        server.authority().display()
    )
}

fn domain(server: &Samba) -> String {
    format!(
        "[connection.domain]\nkind = \"ldap\"\naccess = \"write\"\nurl = \"{}\"\nbind-dn = \"{}\"\n\
         password = {{ file = \"secret\" }}\nbase = \"{TOWN}\"\nca = \"{}\"\n\n\
         [system.directory]\nrole = \"target\"\nplugin = \"active-directory\"\ngrant = [\"domain\"]\n\n\
         [system.directory.settings]\nconnection = \"domain\"\n",
        server.tls_url(),
        samba::ADMIN,
        server.authority().display()
    )
}

fn tenant(server: &Graph) -> String {
    let (authority, client) = (server.authority().display(), graph::CLIENT.0);
    format!(
        "[connection.graph]\nkind = \"http\"\naccess = \"write\"\nurl = \"{}\"\nca = \"{authority}\"\n\n\
         [connection.graph.auth.oauth2]\ntoken-url = \"{}\"\nclient-id = \"{client}\"\nscope = \"{}\"\n\
         client-secret = {{ file = \"secret\" }}\nsecret-in-form = true\nca = \"{authority}\"\n\n\
         [system.directory]\nrole = \"target\"\nplugin = \"office365\"\ngrant = [\"graph\"]\n\n\
         [system.directory.settings]\nconnection = \"graph\"\nlicences = [\"STANDARDPACK\"]\n",
        server.url(),
        server.token(),
        graph::SCOPE,
    )
}

/// A working folder.
pub struct World {
    folder: TempDir,
    sluss: PathBuf,
    day: String,
}

/// What a run reports of itself, as far as it is looked at here.
#[derive(Deserialize)]
pub struct Told {
    /// How many persons were decided.
    pub decided: u64,
    /// How many requests each system was sent.
    #[serde(default)]
    pub requests: HashMap<String, u64>,
}

impl World {
    /// A folder without people in it.
    pub fn new(sluss: &Path, day: &str, layout: &Layout<'_>) -> Result<Self> {
        let folder = TempDir::new()?;
        layout.lay(folder.path())?;
        let sluss = sluss.canonicalize().with_context(|| format!("{} is not there", sluss.display()))?;
        Ok(Self { folder, sluss, day: day.to_owned() })
    }

    /// The folder that the files of people belong in.
    pub fn incoming(&self) -> PathBuf {
        self.source(SOURCE)
    }

    /// The folder that the files of one of several sources belong in.
    pub fn source(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The directory, where it is an LDIF file.
    pub fn ldif(&self) -> PathBuf {
        ldif(self.folder.path())
    }

    /// Checks everything, which also compiles plugins that are not compiled yet.
    pub fn check(&self) -> Result<Measured> {
        self.sluss(&["check"], &DONE)
    }

    /// A run on the day of the people.
    pub fn run(&self) -> Result<Measured> {
        self.sluss(&["run", "--on", &self.day], &DONE)
    }

    /// The same, where the directory may be lost on the way.
    pub fn dare(&self) -> Result<Measured> {
        self.sluss(&["run", "--on", &self.day], &DONE_OR_LOST)
    }

    /// The same, after a look at the directory.
    pub fn reconcile(&self) -> Result<Measured> {
        self.sluss(&["run", "--reconcile", "--on", &self.day], &DONE)
    }

    /// A run that has begun, and that somebody else brings to its end. What it prints is lost.
    pub fn begin(&self) -> Result<Child> {
        let mut command = std::process::Command::new(&self.sluss);
        command.args(["--quiet", "--config"]).arg(self.configuration()).args(["run", "--on", &self.day]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        child.with_context(|| format!("{} cannot be run", self.sluss.display()))
    }

    /// Bytes of the state on the disk.
    pub fn state(&self) -> Result<u64> {
        let mut sum = 0;
        for entry in std::fs::read_dir(self.folder.path().join("state"))? {
            let metadata = entry?.metadata()?;
            sum += if metadata.is_file() { metadata.len() } else { 0 };
        }
        Ok(sum)
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("sluss.toml")
    }

    /// Says something more in the settings of the source.
    pub fn set(&self, setting: &str) -> Result<()> {
        let file = self.configuration();
        let before = std::fs::read_to_string(&file)?;
        let settings = format!("folder = \"{SOURCE}\"\n");
        let (head, rest) = before.split_once(&settings).context("the source has settings")?;
        // What was said there before goes.
        let rest = rest.find('[').map_or("", |next| &rest[next..]);
        std::fs::write(file, format!("{head}{settings}{setting}\n\n{rest}"))?;
        Ok(())
    }

    /// What it stands in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program, and what it is told to do this here.
    pub fn command(&self, arguments: &[&str]) -> (&Path, Vec<OsString>) {
        let own = ["--quiet".into(), "--json".into(), "--config".into(), self.configuration().into_os_string()];
        (&self.sluss, own.into_iter().chain(arguments.iter().map(OsString::from)).collect())
    }

    /// The same, for a run on the day of the people.
    pub fn running(&self) -> (&Path, Vec<OsString>) {
        self.command(&["run", "--on", &self.day])
    }

    fn sluss(&self, arguments: &[&str], codes: &[i32]) -> Result<Measured> {
        let (program, arguments) = self.command(arguments);
        measure(program, &arguments, codes)
    }
}

/// The directory of a working folder, where it is an LDIF file.
pub fn ldif(folder: &Path) -> PathBuf {
    folder.join("directory/directory.ldif")
}

/// What a run said.
pub fn told(run: &Measured) -> Result<Told> {
    serde_json::from_str(&run.output).with_context(|| run.output.clone())
}
