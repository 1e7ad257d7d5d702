//! The sandbox: loads plugins, holds them to their grants and limits, and speaks with them.
//!
//! A plugin is a WebAssembly component that strangers wrote. Here, and nowhere else, its answers become the engine's
//! own types, and its wishes become files, requests and log lines, if the operator allowed them.

pub mod capability;
