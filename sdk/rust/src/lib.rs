//! For vendors.
pub mod bindings;
