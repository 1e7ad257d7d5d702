//! The sandbox: loads plugins, holds them to their grants and limits, and speaks with them.
//!
//! A plugin is a WebAssembly component that strangers wrote. Here, and nowhere else, its answers become the engine's
//! own types, and its wishes become files, requests and log lines, if the operator allowed them.

mod answer;
pub mod audit;
mod bindings;
mod blame;
mod cache;
pub mod capability;
mod compile;
mod connector;
mod convert;
pub mod description;
mod engine;
mod glue;
pub mod grants;
mod limiter;
pub mod limits;
mod live;
pub mod lock;
pub mod password;
mod plugin;
mod sandbox;
pub mod scrub;
pub mod secret;
pub mod settings;
mod state;
mod wasi;

pub use audit::{Audit, AuditError, Capability, Interfaces};
pub use cache::{CacheError, sha256, sha256_of};
pub use compile::{CompileError, Compiler, compile_main};
pub use connector::{Batch, Connector};
pub use description::Description;
pub use grants::{Connection, Grants, Mode};
pub use limits::Limits;
pub use lock::{Lock, LockError, Pin};
pub use plugin::{Open, Plugin};
pub use sandbox::{LoadError, Sandbox, SandboxConfig, SandboxError};
