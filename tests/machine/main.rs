//! The whole machine: the `sluss` program on real files and a real directory server, seen from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod active_directory;
mod adopt;
mod bad_input;
mod changes;
mod class_lists;
mod cloud;
mod conformance;
mod days;
mod departed;
mod doubt;
mod drift;
mod extens;
mod force;
mod hostile;
mod hybrid;
mod interrupted;
mod licences;
mod messages;
mod names;
mod navet;
mod office365;
mod persons;
mod procapita;
mod protection;
mod pupils;
mod reference;
mod references;
mod register;
mod rights;
mod scenarios;
mod school;
mod schools;
mod scim;
mod ss12000;
mod surprises;
mod tables;
mod tenants;
mod world;
