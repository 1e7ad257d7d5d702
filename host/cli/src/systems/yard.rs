//! What the configurations of one process share: one sandbox for each folder of compiled plugins, and every plugin loaded
//! once. A plugin is code and nothing else; what a configuration grants and keeps secret never comes here.

use super::workshop::COMPILE;
use crate::error::CliError;
use sluss_plugin::{Compiler, Plugin, Sandbox, SandboxConfig};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is shared.
#[derive(Debug, Default)]
pub struct Yard {
    places: Mutex<HashMap<PathBuf, Arc<Place>>>,
}

/// One folder of compiled plugins.
#[derive(Debug)]
struct Place {
    sandbox: Sandbox,
    /// The plugins that were loaded, by SHA-256.
    plugins: Mutex<HashMap<String, Plugin>>,
}

impl Yard {
    /// The plugin with this SHA-256: as it was loaded before, or loaded now. Who comes meanwhile waits for that, so that
    /// nothing is compiled twice.
    pub fn plugin(
        &self,
        cache: &Path,
        digest: &str,
        load: impl FnOnce(&Sandbox) -> Result<Plugin, CliError>,
    ) -> Result<Plugin, CliError> {
        let place = self.place(cache)?;
        let mut plugins = place.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = plugins.get(digest) {
            return Ok(plugin.clone());
        }
        let plugin = load(&place.sandbox)?;
        plugins.insert(digest.to_owned(), plugin.clone());
        Ok(plugin)
    }

    fn place(&self, cache: &Path) -> Result<Arc<Place>, CliError> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(cache) {
            return Ok(Arc::clone(place));
        }
        let program = std::env::current_exe().map_err(CliError::internal)?;
        let config = SandboxConfig { cache: cache.to_owned(), compiler: Compiler::new(program, [COMPILE]) };
        let sandbox = Sandbox::new(config).map_err(|error| CliError::not_run(error.to_string()))?;
        let place = Arc::new(Place { sandbox, plugins: Mutex::default() });
        places.insert(cache.to_owned(), Arc::clone(&place));
        Ok(place)
    }
}
