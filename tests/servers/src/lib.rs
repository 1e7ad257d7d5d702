//! Servers for the tests: a directory, a population register, certificates, and a wire that can be cut.
//!
//! A test against a stand-in proves that the stand-in works, so these start the real thing on free loopback ports, in a
//! folder of their own, and look at it through clients that share no code with what is tested. The register is the
//! exception: the real one may not be asked by tests, and nobody can make it fail on demand.

pub mod certificate;
pub mod https;
pub mod navet;
pub mod port;
pub mod proxy;
pub mod slapd;

pub use certificate::Authority;
pub use navet::Navet;
pub use proxy::{Proxy, Wire};
pub use slapd::{Options, Slapd, Tree};
