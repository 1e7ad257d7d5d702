//! For vendors.
