//! The least that a directory's client can cost: plain requests over TLS, as many under way as the host allows itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::controls::{RawControl, TxnSpec};
use ldap3::exop::{EndTxn, StartTxn, StartTxnResp};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, ResultEntry, Scope, SearchEntry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sluss_test_servers::slapd::{ADMIN, PASSWORD, SUFFIX};

use crate::directory::difference::{self, Edit, Operation, Write};
use crate::directory::{self, Entry};

/// So many requests are under way at once, as in the host.
const OUTSTANDING: usize = 64;

/// So many entries come in one page.
const PAGE: i32 = 1_000;

/// The pause before a transaction ends: the shortest with which OpenLDAP 2.5 was never seen to crash.
const SETTLING: Duration = Duration::from_millis(3);

/// The directory to talk to, as its administrator.
#[derive(Args, Clone)]
pub struct Server {
    /// Its address.
    #[arg(long)]
    pub url: String,
    /// The certificate of the authority that vouches for it.
    #[arg(long)]
    pub authority: PathBuf,
    /// Whom to log in as.
    #[arg(long, default_value = ADMIN)]
    pub name: String,
    /// With which password.
    #[arg(long, default_value = PASSWORD)]
    pub password: String,
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
        ldap.simple_bind(&self.name, &self.password).await?.success()?;
        Ok(ldap)
    }
}

/// Sends the writes of a file, those of one wave together, and so many of those in one transaction. How many there were.
pub async fn write(server: &Server, file: &Path, together: Option<usize>) -> Result<u64> {
    let mut ldap = server.connect().await?;
    let mut writes = difference::load(file)?.peekable();
    let mut count = 0;
    while let Some(Ok(Write { wave, .. })) = writes.peek() {
        let wave = *wave;
        let all = std::iter::from_fn(|| {
            writes.next_if(|write| !matches!(write, Ok(Write { wave: other, .. }) if *other != wave))
        });
        count += match together {
            Some(most) => transaction(&mut ldap, all.take(most)).await?,
            None => pipeline(&ldap, all, None).await?,
        };
    }
    writes.next().transpose()?;
    ldap.unbind().await?;
    Ok(count)
}

/// Sends writes as one transaction (RFC 5805): all of them happen at its end.
async fn transaction(ldap: &mut Ldap, writes: impl Iterator<Item = Result<Write>>) -> Result<u64> {
    let id = ldap.extended(StartTxn).await?.success()?.0.parse::<StartTxnResp>().txn_id;
    let count = pipeline(ldap, writes, Some(&id)).await?;
    tokio::time::sleep(SETTLING).await;
    ldap.extended(EndTxn { txn_id: &id, commit: true }).await?.success().context("ending a transaction")?;
    Ok(count)
}

/// Sends writes, as many at a time as may be under way.
async fn pipeline(ldap: &Ldap, writes: impl Iterator<Item = Result<Write>>, transaction: Option<&str>) -> Result<u64> {
    stream::iter(writes)
        .map(|write| send(ldap.clone(), write, transaction))
        .buffer_unordered(OUTSTANDING)
        .try_fold(0, async |count, ()| Ok(count + 1))
        .await
}

async fn send(mut ldap: Ldap, write: Result<Write>, transaction: Option<&str>) -> Result<()> {
    let Write { dn, operation, .. } = write?;
    if let Some(id) = transaction {
        ldap.with_controls(RawControl::from(TxnSpec { txn_id: id }));
    }
    let result = match operation {
        Operation::Add(attributes) => {
            let attributes = attributes.into_iter().map(|(name, values)| (name, values.into_iter().collect()));
            ldap.add(&dn, attributes.collect()).await
        }
        Operation::Modify(edits) => ldap.modify(&dn, edits.into_iter().map(modification).collect()).await,
        Operation::Delete => ldap.delete(&dn).await,
    };
    result?.success().with_context(|| format!("writing {dn}"))?;
    Ok(())
}

fn modification(edit: Edit) -> Mod<String> {
    let set = |values: Vec<String>| values.into_iter().collect::<HashSet<_>>();
    match edit {
        Edit::Add(name, values) => Mod::Add(name, set(values)),
        Edit::Remove(name, values) => Mod::Delete(name, set(values)),
        Edit::Replace(name, values) => Mod::Replace(name, set(values)),
    }
}

/// Reads everything below the suffix, page by page, and lets go of it. How many entries there are.
pub async fn read(server: &Server) -> Result<u64> {
    let mut count = 0;
    each(server, |entry| {
        std::hint::black_box(entry);
        count += 1;
    })
    .await?;
    Ok(count)
}

/// Keeps the accounts and groups in a file. How many they are.
pub async fn dump(server: &Server, file: &Path) -> Result<u64> {
    let mut entries = Vec::new();
    each(server, |entry| {
        let entry = SearchEntry::construct(entry);
        entries.push(Entry::new(entry.dn, entry.attrs));
    })
    .await?;
    directory::save(entries, file)
}

async fn each(server: &Server, mut each: impl FnMut(ResultEntry)) -> Result<()> {
    let mut ldap = server.connect().await?;
    let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
    let wanted = vec!["*", "pwdAccountLockedTime"];
    let mut search = ldap.streaming_search_with(adapters, SUFFIX, Scope::Subtree, "(objectClass=*)", wanted).await?;
    while let Some(entry) = search.next().await? {
        each(entry);
    }
    search.finish().await.success()?;
    ldap.unbind().await?;
    Ok(())
}
