//! A working folder of the measured program: its configuration, the files that it reads, and the program itself.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use sluss_test_servers::Slapd;
use sluss_test_servers::slapd::{ADMIN, PASSWORD, SUFFIX};
use tempfile::TempDir;

use crate::POLICY;
use crate::cost::{Measured, measure};

/// What a run may end with: done, and done with findings. The made-up people give rise to some.
const DONE: [i32; 2] = [0, 1];

/// Where the directory is kept.
pub enum Target<'s> {
    /// In an LDIF file.
    Ldif,
    /// By a server.
    Slapd(&'s Slapd),
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
}

impl World {
    /// A folder without people in it. Compiled plugins are shared through the folder `cache`.
    pub fn new(sluss: &Path, cache: &Path, day: &str, target: &Target<'_>) -> Result<Self> {
        let folder = TempDir::new()?;
        for name in ["incoming", "directory"] {
            std::fs::create_dir(folder.path().join(name))?;
        }
        std::fs::write(folder.path().join("policy.toml"), POLICY)?;
        std::fs::write(folder.path().join("secret"), PASSWORD)?;
        std::fs::write(folder.path().join("sluss.toml"), configuration(cache, target)?)?;
        let sluss = sluss.canonicalize().with_context(|| format!("{} is not there", sluss.display()))?;
        Ok(Self { folder, sluss, day: day.to_owned() })
    }

    /// The folder that the files of people belong in.
    pub fn incoming(&self) -> PathBuf {
        self.folder.path().join("incoming")
    }

    /// The directory, where it is an LDIF file.
    pub fn ldif(&self) -> PathBuf {
        self.folder.path().join("directory/directory.ldif")
    }

    /// Checks everything, which also compiles plugins that are not compiled yet.
    pub fn check(&self) -> Result<Measured> {
        self.sluss(&["check"])
    }

    /// A run on the day of the people.
    pub fn run(&self) -> Result<Measured> {
        self.sluss(&["run", "--on", &self.day])
    }

    /// The same, after a look at the directory.
    pub fn reconcile(&self) -> Result<Measured> {
        self.sluss(&["run", "--reconcile", "--on", &self.day])
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

    fn sluss(&self, arguments: &[&str]) -> Result<Measured> {
        let file = self.folder.path().join("sluss.toml");
        let file = file.to_str().context("the temporary folder has a name that is not UTF-8")?;
        measure(&self.sluss, &[&["--quiet", "--json", "--config", file][..], arguments].concat(), &DONE)
    }
}

/// What a run said.
pub fn told(run: &Measured) -> Result<Told> {
    serde_json::from_str(&run.output).with_context(|| run.output.clone())
}

fn configuration(cache: &Path, target: &Target<'_>) -> Result<String> {
    let target = match target {
        Target::Ldif => format!(
            "[connection.out]\nkind = \"files\"\npath = \"directory\"\naccess = \"write\"\n\n\
             [system.directory]\nrole = \"target\"\nplugin = \"ldif\"\ngrant = [\"out\"]\n\n\
             [system.directory.settings]\nfolder = \"out\"\nbase = \"{SUFFIX}\"\n"
        ),
        Target::Slapd(server) => format!(
            "[connection.ldap]\nkind = \"ldap\"\naccess = \"write\"\nurl = \"{}\"\nbind-dn = \"{ADMIN}\"\n\
             password = {{ file = \"secret\" }}\nbase = \"{SUFFIX}\"\nca = \"{}\"\n\n\
             [system.directory]\nrole = \"target\"\nplugin = \"ldap\"\ngrant = [\"ldap\"]\n\n\
             [system.directory.settings]\nconnection = \"ldap\"\n",
            server.tls_url(),
            server.authority().display()
        ),
    };
    Ok(format!(
        "timezone = \"Europe/Stockholm\"\nstate = \"state/sluss.db\"\npolicy = [\"policy.toml\"]\n\
         clock = \"simulated\"\ncache = \"{}\"\n\n\
         [connection.hr]\nkind = \"files\"\npath = \"incoming\"\naccess = \"read\"\n\n\
         [system.heroma]\nrole = \"source\"\nplugin = \"heroma\"\ngrant = [\"hr\"]\n\n\
         [system.heroma.settings]\nfolder = \"hr\"\n\n{target}",
        cache.display()
    ))
}
