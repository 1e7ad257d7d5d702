//! Where plugins are loaded.
//!
//! There is one sandbox a process: it holds the engine, what plugins may import, and the folder of compiled plugins.

use crate::audit::{self, AuditError};
use crate::cache::{self, Cache, CacheError};
use crate::compile::{self, CompileError, Compiler};
use crate::limits::Size;
use crate::live::Indices;
use crate::plugin::Plugin;
use crate::scrub::Scrubber;
use crate::state::State;
use crate::{engine, glue, wasi};
use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Instant;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The folder of compiled plugins, which nobody but the host may write.
    pub cache: PathBuf,
    /// How a child process is started that compiles.
    pub compiler: Compiler,
}

/// Loads plugins.
pub struct Sandbox {
    engine: Engine,
    linker: Linker<State>,
    cache: Cache,
    compiler: Compiler,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The folder of compiled plugins.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The engine does not run on this machine.
    #[error("WebAssembly cannot be run here: {0}")]
    Engine(String),
    /// No thread could be started.
    #[error("the thread that watches over plugins could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Why a plugin was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Nobody looks at a file of this size.
    #[error("the plugin is larger than {0}")]
    TooLarge(Size),
    /// It is no plugin for this host.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// It cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Its imports or exports do not fit the contract that they name.
    #[error("it does not fit contract {contract}: {wrong}")]
    Contract {
        /// What it says it was built for.
        contract: String,
        /// What does not fit.
        wrong: String,
    },
    /// It was compiled, and cannot be loaded all the same.
    #[error(
        "the compiled plugin {0} is gone or damaged although it was just made; look at the disk and the folder of compiled plugins"
    )]
    Vanished(String),
    /// Its file cannot be read.
    #[error("the plugin cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The bytes are not the pinned ones.
    #[error("the plugin has sha256 {found}, and {pinned} was expected")]
    Pinned {
        /// What was expected.
        pinned: String,
        /// What is there.
        found: String,
    },
}

impl Sandbox {
    /// Sets the sandbox up.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError::Engine(format!("{error:#}"));
        let engine = engine::engine().map_err(failed)?;
        engine::tick(&engine)?;
        let mut linker = Linker::new(&engine);
        wasi::link(&mut linker).map_err(failed)?;
        glue::link(&mut linker).map_err(failed)?;
        let cache = Cache::new(config.cache, engine::compatibility(&engine))?;
        Ok(Sandbox { engine, linker, cache, compiler: config.compiler })
    }

    /// Loads a plugin; if it was never compiled for this host, a child process does that first.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        self.load_hashed(cache::sha256(bytes), || Ok(Cow::Borrowed(bytes)))
    }

    /// Loads the plugin with this SHA-256. The bytes are asked for only if it was never compiled for this host.
    pub fn load_pinned<'a>(
        &self,
        sha256: &str,
        bytes: impl FnOnce() -> std::io::Result<Cow<'a, [u8]>>,
    ) -> Result<Plugin, LoadError> {
        self.load_hashed(sha256.to_owned(), bytes)
    }

    fn load_hashed<'a>(
        &self,
        sha256: String,
        bytes: impl FnOnce() -> std::io::Result<Cow<'a, [u8]>>,
    ) -> Result<Plugin, LoadError> {
        let began = Instant::now();
        if let Some(component) = self.cache.load(&self.engine, &sha256) {
            return self.link(sha256, &component, false, began);
        }
        let bytes = bytes()?;
        if bytes.len() > self.compiler.largest.bytes() {
            return Err(LoadError::TooLarge(self.compiler.largest));
        }
        let found = cache::sha256(&bytes);
        if found != sha256 {
            return Err(LoadError::Pinned { pinned: sha256, found });
        }
        audit::audit(&bytes)?;
        compile::compile(&self.compiler, &self.cache, &sha256, &bytes)?;
        let began = Instant::now();
        match self.cache.load(&self.engine, &sha256) {
            Some(component) => self.link(sha256, &component, true, began),
            None => Err(LoadError::Vanished(sha256)),
        }
    }

    fn link(
        &self,
        sha256: String,
        component: &Component,
        compiled_now: bool,
        began: Instant,
    ) -> Result<Plugin, LoadError> {
        let ty = component.component_type();
        let imports: Vec<&str> = ty.imports(&self.engine).map(|(name, _)| name).collect();
        let exports: Vec<&str> = ty.exports(&self.engine).map(|(name, _)| name).collect();
        let audit = audit::judge(imports, exports)?;
        let misfit = |error: wasmtime::Error| LoadError::Contract {
            contract: audit.contract.clone(),
            wrong: Scrubber::default().clean(&format!("{error:#}")),
        };
        let pre = self.linker.instantiate_pre(component).map_err(misfit)?;
        let indices = Indices::new(&pre, audit.interfaces).map_err(misfit)?;
        Ok(Plugin::new(sha256, audit, pre, indices, compiled_now, began.elapsed()))
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("cache", &self.cache).finish_non_exhaustive()
    }
}
