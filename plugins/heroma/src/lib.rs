//! A connector.
