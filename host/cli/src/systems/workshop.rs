//! Where plugins are fetched and loaded for one configuration, and what it pinned. The sandbox itself is in the yard.

use super::Yard;
use crate::config::{Config, PluginSource};
use crate::error::CliError;
use sluss_plugin::{Description, Lock, Pin, Plugin, sha256_of};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The subcommand that compiles, for the sandbox's child process.
pub(super) const COMPILE: &str = "__compile";

/// Loads plugins.
#[derive(Debug)]
pub struct Workshop {
    cache: PathBuf,
    lock_file: PathBuf,
    pins: Lock,
    yard: Arc<Yard>,
}

impl Workshop {
    /// The workshop of a configuration.
    pub fn new(config: &Config, yard: Arc<Yard>) -> Result<Self, CliError> {
        Workshop::at(config.cache.clone(), config.lock.clone(), yard)
    }

    /// A workshop that keeps compiled plugins in one place and knows what was pinned in another.
    pub fn at(cache: PathBuf, lock_file: PathBuf, yard: Arc<Yard>) -> Result<Self, CliError> {
        let pins = Lock::read(&lock_file).map_err(|error| CliError::not_run(error.to_string()))?;
        Ok(Workshop { cache, lock_file, pins, yard })
    }

    /// What was pinned.
    pub fn pins(&self) -> &Lock {
        &self.pins
    }

    /// The SHA-256 of a plugin's file.
    pub fn digest(&self, source: &PluginSource) -> Result<String, CliError> {
        match source {
            PluginSource::Bundled(bundled) => Ok(bundled.sha256.to_owned()),
            PluginSource::File(path) => {
                let opened = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
                sha256_of(opened).map_err(|error| unreadable(path, &error))
            }
        }
    }

    /// Loads the plugin with this SHA-256; if it was never compiled for this program, a child process does that first.
    pub fn load(&self, source: &PluginSource, digest: &str) -> Result<Plugin, CliError> {
        self.yard.plugin(&self.cache, digest, |sandbox| {
            let loaded = match source {
                PluginSource::Bundled(bundled) => sandbox.load_pinned(digest, || Ok(Cow::Borrowed(bundled.bytes))),
                PluginSource::File(path) => sandbox.load_pinned(digest, || std::fs::read(path).map(Cow::Owned)),
            };
            loaded.map_err(|error| CliError::not_run(error.to_string()))
        })
    }

    /// May this plugin run? What ships inside the binary may; a file must be the one that was pinned.
    pub fn verify(&self, source: &PluginSource, plugin: &Plugin, description: &Description) -> Result<(), CliError> {
        if matches!(source, PluginSource::Bundled(_)) {
            return Ok(());
        }
        let pin = Pin::new(plugin, description, None);
        self.pins.verify(&description.id, &pin).map_err(|error| CliError::not_run(error.to_string()))
    }

    /// Pins a plugin, in the place of whatever was pinned under its id.
    pub fn pin(&mut self, plugin: &Plugin, description: &Description) -> Result<Option<Pin>, CliError> {
        let before = self.pins.accept(&description.id, Pin::new(plugin, description, None));
        self.pins.write(&self.lock_file).map_err(|error| CliError::not_run(error.to_string()))?;
        Ok(before)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::not_run(format!("the plugin {}: {error}", path.display()))
}
