//! How objects become directory entries and back.
//!
//! Every target that is a directory, be it a server or an LDIF file, thinks the same way: an object stands under a
//! container, is named by one of its attributes, is disabled by some attribute and refers to others by their names. That
//! thinking is here once. A change becomes [`ldap::Request`](crate::ldap::Request)s, which a server carries out as they
//! are and a file can play back. What connectors to servers share besides, containers and the schema, is here as well.

mod class;
mod columns;
mod containers;
mod dn;
mod holder;
mod plan;
mod schema;
mod server;
mod settings;
mod text;

pub use class::{Class, Layout, group, user};
pub use columns::Columns;
pub use containers::{Containers, Failures};
pub use dn::{Dn, Part, Rdn, canonical, escape};
pub use holder::holder;
pub use plan::Plan;
pub use schema::Schema;
pub use server::{ANY, Server};
pub use settings::{ClassSettings, Disable, Kind};
pub use text::{from_bytes, to_bytes};
