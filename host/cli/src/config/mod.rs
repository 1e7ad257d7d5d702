//! `sluss.toml` as it is meant: checked, with every path settled, and nothing left to guess for whoever uses it.
//!
//! It is read as it is written first (`written`), so that every fault can be told with its place, all at once.

mod document;
mod load;
mod mail;
mod reading;
mod settings;
mod system;
mod table;
mod written;

pub use load::{load, read_policy};
pub use mail::{MailConfig, Privacy};
pub use system::{PluginSource, Role, SystemConfig};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sluss_plugin::grants::Connection;
use sluss_plugin::secret::SecretSource;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What an operator set up.
#[derive(Debug)]
pub struct Config {
    /// The file itself.
    pub file: PathBuf,
    /// The time zone in which a day begins.
    pub timezone: TimeZone,
    /// The state file.
    pub state: PathBuf,
    /// The folder of compiled plugins; several configurations may share one.
    pub cache: PathBuf,
    /// The file that pins plugins.
    pub lock: PathBuf,
    /// The policy files, by the name that the operator knows them by, with their texts.
    pub policy: Vec<(String, String)>,
    /// Whether a run may be told which day it is.
    pub simulated: bool,
    /// The systems, in the order of the file.
    pub systems: Vec<SystemConfig>,
    /// The connections.
    pub connections: BTreeMap<String, Connection>,
    /// The key that first passwords are made with.
    pub passwords: PasswordKey,
    /// The server that takes mail.
    pub mail: Option<MailConfig>,
}

/// Where the key is that first passwords are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordKey {
    /// Where an operator keeps it.
    Kept(SecretSource),
    /// In a file beside the state, which is made when it is first needed.
    Own(PathBuf),
}

impl Config {
    /// The day that it is now, where this is set up.
    pub fn today(&self) -> Date {
        jiff::Timestamp::now().to_zoned(self.timezone.clone()).date()
    }

    /// The system with this name.
    pub fn system(&self, name: &str) -> Option<&SystemConfig> {
        self.systems.iter().find(|system| system.name == name)
    }
}
