//! Servers for the tests: a directory, a population register, a school system, certificates, and a wire that can be cut.
//!
//! A test against a stand-in proves that the stand-in works, so these start the real thing on free loopback ports, in a
//! folder of their own, and look at it through clients that share no code with what is tested. The register, Graph and the
//! school systems are the exceptions: the real ones may not be asked by tests, and nobody can make them fail on demand.

pub mod certificate;
pub mod extens;
pub mod graph;
pub mod https;
pub mod judge;
pub mod navet;
pub mod port;
pub mod procapita;
pub mod proxy;
mod python;
pub mod samba;
pub mod school;
pub mod scim;
pub mod shim;
pub mod slapd;
pub mod smtp;
pub mod ss12000;

pub use certificate::Authority;
pub use extens::Extens;
pub use graph::Graph;
pub use navet::Navet;
pub use procapita::Procapita;
pub use proxy::{Proxy, Wire};
pub use samba::Samba;
pub use scim::Scim;
pub use shim::Shim;
pub use slapd::{Options, Slapd, Tree};
pub use smtp::Smtp;
pub use ss12000::Ss12000;
