//! The least that a directory's client can cost: plain requests over TLS, as many under way as the host allows itself.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sluss_test_servers::slapd::{ADMIN, PASSWORD, SUFFIX};

use super::entry::Entry;

/// So many requests are under way at once, as in the host.
const OUTSTANDING: usize = 64;

/// So many entries come in one page.
const PAGE: i32 = 1_000;

/// The directory to talk to, as its administrator.
#[derive(Args, Clone)]
pub struct Server {
    /// Its address.
    #[arg(long)]
    pub url: String,
    /// The certificate of the authority that vouches for it.
    #[arg(long)]
    pub authority: PathBuf,
}

impl Server {
    async fn connect(&self) -> Result<Ldap> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&self.authority)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let settings = LdapConnSettings::new().set_config(Arc::new(config));
        let (connection, mut ldap) = LdapConnAsync::with_settings(settings, &self.url).await?;
        tokio::spawn(connection.drive());
        ldap.simple_bind(ADMIN, PASSWORD).await?.success()?;
        Ok(ldap)
    }
}

/// Adds the accounts, then the groups that name them. How many entries there were.
pub async fn write(
    server: &Server,
    accounts: impl Iterator<Item = Entry>,
    groups: impl Iterator<Item = Entry>,
) -> Result<u64> {
    let mut ldap = server.connect().await?;
    let written = add(&ldap, accounts).await? + add(&ldap, groups).await?;
    ldap.unbind().await?;
    Ok(written)
}

async fn add(ldap: &Ldap, entries: impl Iterator<Item = Entry>) -> Result<u64> {
    let requests = stream::iter(entries).map(|entry| {
        let mut ldap = ldap.clone();
        async move {
            let attributes =
                entry.attributes.into_iter().map(|(name, values)| (name.to_owned(), values.into_iter().collect()));
            ldap.add(&entry.dn, attributes.collect()).await?.success().with_context(|| format!("adding {}", entry.dn))
        }
    });
    requests.buffer_unordered(OUTSTANDING).try_fold(0, async |count, _| Ok(count + 1)).await
}

/// Reads everything below the suffix, page by page. How many entries there are.
pub async fn read(server: &Server) -> Result<u64> {
    let mut ldap = server.connect().await?;
    let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
    let mut search = ldap.streaming_search_with(adapters, SUFFIX, Scope::Subtree, "(objectClass=*)", vec!["*"]).await?;
    let mut count = 0;
    while let Some(entry) = search.next().await? {
        std::hint::black_box(entry);
        count += 1;
    }
    search.finish().await.success()?;
    ldap.unbind().await?;
    Ok(count)
}
