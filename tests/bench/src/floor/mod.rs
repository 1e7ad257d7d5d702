//! The floors: the least that the work can cost, done by the plainest program that does it.

pub mod disk;
pub mod ldap;
pub mod native;
pub mod rules;
pub mod scan;
