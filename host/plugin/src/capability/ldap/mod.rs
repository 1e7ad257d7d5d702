//! A directory, as a plugin may use it: reading and writing below a granted base, without address or password.
//!
//! What a plugin hands over passes the fence; what goes on the wire are names that were parsed, and what comes back are
//! faults that say whether anything was sent. Grants and previews are judged before anything reaches this place.

pub mod config;
pub mod dn;
mod entry;
mod fault;
mod fence;
mod link;
pub mod message;
mod order;
mod request;
mod search;
mod sync;
mod transaction;
mod write;

pub use config::{LdapConfig, Transactions};
pub use message::{Attribute, Edit, Entries, Entry, Modification, Operation, Outcome, Query, Scope, Synced, Write};

use fence::Fence;
use link::Links;
use sluss_engine::fault::Fault;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// A directory behind a named connection. It connects when it is first used.
pub struct Ldap {
    links: Links,
    fence: Fence,
    transactions: Transactions,
    pipeline: usize,
    /// Writes of several calls take turns, so that no two for one entry are under way.
    writing: Mutex<()>,
    referrals: AtomicU64,
    used: transaction::Used,
}

impl Ldap {
    /// Checks a configuration. Nothing is reached for.
    pub fn open(connection: &str, config: &LdapConfig) -> Result<Ldap, Fault> {
        Ok(Ldap {
            fence: Fence::new(connection, config)?,
            transactions: config.transactions,
            pipeline: config.pipeline.clamp(1, 256),
            links: Links::new(connection, config.clone())?,
            writing: Mutex::new(()),
            referrals: AtomicU64::new(0),
            used: transaction::Used::default(),
        })
    }

    /// What the server is and can do: its root DSE.
    pub async fn server(&self) -> Result<Entry, Fault> {
        let mut link = self.links.take().await?;
        let mut entry = self.links.server(&mut link).await?.entry.clone();
        self.links.put(link);
        self.fence.strip(&mut entry);
        Ok(entry)
    }

    /// The granted base.
    pub fn base(&self) -> String {
        self.fence.base().to_string()
    }

    /// How many requests have been sent, logging in included.
    pub fn requests(&self) -> u64 {
        self.links.requests()
    }

    /// How many references to other servers were left unread.
    pub fn referrals(&self) -> u64 {
        self.referrals.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Ldap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ldap").field("url", &self.links.url()).field("base", &self.base()).finish_non_exhaustive()
    }
}
