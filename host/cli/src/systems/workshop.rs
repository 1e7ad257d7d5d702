//! Where plugins are fetched and loaded: the sandbox, made when the first plugin is needed, and what was pinned.

use crate::config::{Config, PluginSource};
use crate::error::CliError;
use sluss_plugin::{Compiler, Description, Lock, Pin, Plugin, Sandbox, SandboxConfig, sha256};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::path::PathBuf;

/// The subcommand that compiles, for the sandbox's child process.
const COMPILE: &str = "__compile";

/// Loads plugins.
#[derive(Debug)]
pub struct Workshop {
    cache: PathBuf,
    lock_file: PathBuf,
    pins: Lock,
    sandbox: OnceCell<Sandbox>,
}

impl Workshop {
    /// The workshop of a configuration.
    pub fn new(config: &Config) -> Result<Self, CliError> {
        Workshop::at(config.cache.clone(), config.lock.clone())
    }

    /// A workshop that keeps compiled plugins in one place and knows what was pinned in another.
    pub fn at(cache: PathBuf, lock_file: PathBuf) -> Result<Self, CliError> {
        let pins = Lock::read(&lock_file).map_err(|error| CliError::not_run(error.to_string()))?;
        Ok(Workshop { cache, lock_file, pins, sandbox: OnceCell::new() })
    }

    /// What was pinned.
    pub fn pins(&self) -> &Lock {
        &self.pins
    }

    /// The SHA-256 of a plugin's file.
    pub fn digest(&self, source: &PluginSource) -> Result<String, CliError> {
        match source {
            PluginSource::Bundled(bundled) => Ok(bundled.sha256.to_owned()),
            PluginSource::File(path) => bytes(path).map(|bytes| sha256(&bytes)),
        }
    }

    /// Loads the plugin with this SHA-256; if it was never compiled for this program, a child process does that first.
    pub fn load(&self, source: &PluginSource, digest: &str) -> Result<Plugin, CliError> {
        let sandbox = self.sandbox()?;
        let loaded = match source {
            PluginSource::Bundled(bundled) => sandbox.load_pinned(digest, || Cow::Borrowed(bundled.bytes)),
            PluginSource::File(path) => {
                let bytes = bytes(path)?;
                sandbox.load_pinned(digest, || Cow::Owned(bytes))
            }
        };
        loaded.map_err(|error| CliError::not_run(error.to_string()))
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

    fn sandbox(&self) -> Result<&Sandbox, CliError> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let program = std::env::current_exe().map_err(CliError::internal)?;
        let config = SandboxConfig { cache: self.cache.clone(), compiler: Compiler::new(program, [COMPILE]) };
        let sandbox = Sandbox::new(config).map_err(|error| CliError::not_run(error.to_string()))?;
        Ok(self.sandbox.get_or_init(|| sandbox))
    }
}

fn bytes(path: &PathBuf) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| CliError::not_run(format!("the plugin {}: {error}", path.display())))
}
