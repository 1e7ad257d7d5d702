//! What a plugin may ask of the host: plain Rust, which knows nothing of WebAssembly.
//!
//! Each capability takes plain types and answers with the engine's faults, so that it can be tested without a plugin.

pub mod files;
pub mod http;
pub mod ldap;
pub mod log;
pub mod passwords;
pub mod tls;
