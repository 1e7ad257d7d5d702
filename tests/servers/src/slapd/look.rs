//! What the tests themselves see and do at a server, through a plain client.
//!
//! It shares no code with what is tested, and takes its own operations out of the server's counters.

use super::{ADMIN, PASSWORD, SUFFIX, Slapd};
use anyhow::{Context, Result};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, Scope, SearchEntry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An entry's attributes: names in lower case, values sorted.
pub type Attributes = BTreeMap<String, BTreeSet<String>>;
/// The directory's content: attributes by DN.
pub type Tree = BTreeMap<String, Attributes>;

/// Operations that the tests made themselves; the server counts them like all others.
#[derive(Debug, Default)]
pub(super) struct Own {
    reads: AtomicU64,
    writes: AtomicU64,
}

const WRITES: [&str; 4] = ["Add", "Modify", "Modrdn", "Delete"];
const READS: [&str; 5] = ["Bind", "Search", "Compare", "Extended", "Abandon"];

impl Slapd {
    /// Everything below the suffix, with its user attributes and the lock of an account.
    pub async fn dump(&self) -> Result<Tree> {
        let mut ldap = self.admin().await?;
        let wanted = vec!["*", "pwdAccountLockedTime"];
        self.own.reads.fetch_add(1, Ordering::Relaxed);
        let (entries, _) = ldap.search(SUFFIX, Scope::Subtree, "(objectClass=*)", wanted).await?.success()?;
        let mut tree = Tree::new();
        for entry in entries {
            let entry = SearchEntry::construct(entry);
            let texts = entry.attrs.into_iter();
            let bytes = entry.bin_attrs.into_iter().map(|(name, values)| {
                (name, values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect())
            });
            let attributes = texts
                .chain(bytes)
                .map(|(name, values): (String, Vec<String>)| (name.to_lowercase(), values.into_iter().collect()))
                .collect();
            tree.insert(entry.dn, attributes);
        }
        Ok(tree)
    }

    /// How many write requests have reached the server, by its own count and without those made by hand.
    pub async fn writes(&self) -> Result<u64> {
        Ok(self.count(&WRITES).await?.saturating_sub(self.own.writes.load(Ordering::Relaxed)))
    }

    /// How many requests of any kind have reached the server, by its own count and without those of this client.
    /// Partings are not counted.
    pub async fn operations(&self) -> Result<u64> {
        let reads = self.count(&READS).await?.saturating_sub(self.own.reads.load(Ordering::Relaxed));
        Ok(reads + self.writes().await?)
    }

    /// Changes an entry as an administrator would, past everything that Sluss knows. Not counted.
    pub async fn modify_by_hand(&self, dn: &str, attribute: &str, values: &[&str]) -> Result<()> {
        let mut ldap = self.admin().await?;
        let modification = Mod::Replace(attribute, values.iter().copied().collect());
        self.own.writes.fetch_add(1, Ordering::Relaxed);
        ldap.modify(dn, vec![modification]).await?.success().with_context(|| format!("changing {dn}"))?;
        Ok(())
    }

    /// Adds an entry as an administrator would. Not counted.
    pub async fn add_by_hand(&self, dn: &str, attributes: &[(&str, &[&str])]) -> Result<()> {
        let mut ldap = self.admin().await?;
        let attributes = attributes.iter().map(|(name, values)| (*name, values.iter().copied().collect())).collect();
        self.own.writes.fetch_add(1, Ordering::Relaxed);
        ldap.add(dn, attributes).await?.success().with_context(|| format!("adding {dn}"))?;
        Ok(())
    }

    /// Removes an entry as an administrator would. Not counted.
    pub async fn remove_by_hand(&self, dn: &str) -> Result<()> {
        let mut ldap = self.admin().await?;
        self.own.writes.fetch_add(1, Ordering::Relaxed);
        ldap.delete(dn).await?.success().with_context(|| format!("removing {dn}"))?;
        Ok(())
    }

    /// A client that has logged in as the administrator.
    pub(super) async fn admin(&self) -> Result<Ldap> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(self.authority())? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let settings = LdapConnSettings::new().set_conn_timeout(Duration::from_secs(5)).set_config(Arc::new(config));
        let (connection, mut ldap) = LdapConnAsync::with_settings(settings, &self.tls_url()).await?;
        tokio::spawn(connection.drive());
        self.own.reads.fetch_add(1, Ordering::Relaxed);
        ldap.simple_bind(ADMIN, PASSWORD).await?.success()?;
        Ok(ldap)
    }

    async fn count(&self, kinds: &[&str]) -> Result<u64> {
        let mut ldap = self.admin().await?;
        self.own.reads.fetch_add(1, Ordering::Relaxed);
        let (entries, _) = ldap
            .search("cn=Operations,cn=Monitor", Scope::OneLevel, "(objectClass=*)", vec!["cn", "monitorOpInitiated"])
            .await?
            .success()?;
        let mut sum = 0;
        for entry in entries.into_iter().map(SearchEntry::construct) {
            let one = |name: &str| entry.attrs.get(name).and_then(|values| values.first());
            let kind = one("cn").context("a counter without a name")?;
            if kinds.contains(&kind.as_str()) {
                sum += one("monitorOpInitiated").context("a counter without a number")?.parse::<u64>()?;
            }
        }
        Ok(sum)
    }
}
