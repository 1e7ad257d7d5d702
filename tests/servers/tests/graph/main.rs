//! The stand-in of Microsoft Graph does what is known of Graph, and programs that are not ours find that it does.

#![allow(clippy::unwrap_used)]

mod batch;
mod bin;
mod client;
mod delta;
mod groups;
mod guests;
mod javascript;
mod licences;
mod limits;
mod lists;
mod moods;
mod msal;
mod prism;
mod tokens;
mod users;
