//! Real servers for the tests: a directory, certificates, and a wire that can be cut.
//!
//! A test against a stand-in proves that the stand-in works. These start the real thing on free loopback ports, in a
//! folder of their own, and look at it through clients that share no code with what is tested.

pub mod certificate;
pub mod port;
pub mod proxy;
pub mod slapd;

pub use certificate::Authority;
pub use proxy::{Proxy, Wire};
pub use slapd::{Options, Slapd, Tree};
