//! What the tests themselves see and do at a domain controller, through a plain client.
//!
//! It shares no code with what is tested.

use super::{ADMIN, BASE, PASSWORD, Samba};
use anyhow::{Context, Result, ensure};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, Scope, SearchEntry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// An entry's attributes: names in lower case, values sorted; GUIDs as Windows writes them.
pub type Attributes = BTreeMap<String, BTreeSet<String>>;
/// The domain's content: attributes by DN.
pub type Tree = BTreeMap<String, Attributes>;

/// What an entry that tests look at is. The domain has hundreds of its own that no test cares about.
const LOOKED_AT: &str =
    "(|(&(objectCategory=person)(objectClass=user))(objectClass=group)(objectClass=organizationalUnit))";

impl Samba {
    /// Everything below an entry: accounts, groups and organisational units.
    pub async fn dump_below(&self, base: &str) -> Result<Tree> {
        let mut ldap = self.admin().await?;
        let (entries, _) = ldap.search(base, Scope::Subtree, LOOKED_AT, vec!["*"]).await?.success()?;
        let mut tree = Tree::new();
        for entry in entries.into_iter().filter(|entry| !entry.is_ref()) {
            let entry = SearchEntry::construct(entry);
            let texts = entry.attrs.into_iter().map(|(name, values)| {
                let values: Vec<Vec<u8>> = values.into_iter().map(String::into_bytes).collect();
                (name, values)
            });
            let attributes = texts
                .chain(entry.bin_attrs)
                .map(|(name, values)| {
                    let name = name.to_lowercase();
                    let values = values.iter().map(|value| text(&name, value)).collect();
                    (name, values)
                })
                .collect();
            tree.insert(entry.dn, attributes);
        }
        Ok(tree)
    }

    /// Everything in the domain: accounts, groups and organisational units.
    pub async fn dump(&self) -> Result<Tree> {
        self.dump_below(BASE).await
    }

    /// Whether somebody can log in; if not, the server's words.
    pub async fn login(&self, name: &str, password: &str) -> Result<Result<(), String>> {
        let mut ldap = connect(&self.tls_url(), self.authority()).await?;
        let result = ldap.simple_bind(name, password).await?;
        Ok(if result.rc == 0 { Ok(()) } else { Err(format!("{} {}", result.rc, result.text)) })
    }

    /// Changes an entry as an administrator would, past everything that Sluss knows.
    pub async fn modify_by_hand(&self, dn: &str, attribute: &str, values: &[&str]) -> Result<()> {
        let modification = Mod::Replace(attribute, values.iter().copied().collect());
        self.admin()
            .await?
            .modify(dn, vec![modification])
            .await?
            .success()
            .with_context(|| format!("changing {dn}"))?;
        Ok(())
    }

    /// Adds or removes a value as an administrator would.
    pub async fn edit_by_hand(&self, dn: &str, attribute: &str, add: &[&str], remove: &[&str]) -> Result<()> {
        let set = |values: &[&str]| -> HashSet<String> { values.iter().map(|value| (*value).to_owned()).collect() };
        let attribute = attribute.to_owned();
        let mut edits = Vec::new();
        if !remove.is_empty() {
            edits.push(Mod::Delete(attribute.clone(), set(remove)));
        }
        if !add.is_empty() {
            edits.push(Mod::Add(attribute, set(add)));
        }
        self.admin().await?.modify(dn, edits).await?.success().with_context(|| format!("changing {dn}"))?;
        Ok(())
    }

    /// Adds an entry as an administrator would.
    pub async fn add_by_hand(&self, dn: &str, attributes: &[(&str, &[&str])]) -> Result<()> {
        let attributes = attributes.iter().map(|(name, values)| (*name, values.iter().copied().collect())).collect();
        self.admin().await?.add(dn, attributes).await?.success().with_context(|| format!("adding {dn}"))?;
        Ok(())
    }

    /// Removes an entry as an administrator would.
    pub async fn remove_by_hand(&self, dn: &str) -> Result<()> {
        self.admin().await?.delete(dn).await?.success().with_context(|| format!("removing {dn}"))?;
        Ok(())
    }

    /// Renames an entry, or moves it, as an administrator would.
    pub async fn move_by_hand(&self, dn: &str, rdn: &str, parent: Option<&str>) -> Result<()> {
        let moved = self.admin().await?.modifydn(dn, rdn, true, parent).await?;
        moved.success().with_context(|| format!("moving {dn}"))?;
        Ok(())
    }

    /// Makes an ordinary account that can log in, and that may do nothing else.
    pub async fn ordinary(&self, name: &str, password: &str) -> Result<()> {
        let quoted: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let text = |value: &str| HashSet::from([value.as_bytes().to_vec()]);
        let attributes = vec![
            (b"objectClass".to_vec(), text("user")),
            (b"sAMAccountName".to_vec(), text(name)),
            (b"userPrincipalName".to_vec(), text(&format!("{name}@{}", super::DOMAIN))),
            (b"userAccountControl".to_vec(), text("512")),
            (b"unicodePwd".to_vec(), HashSet::from([quoted])),
        ];
        let added = self.admin().await?.add(&format!("CN={name},CN=Users,{BASE}"), attributes).await?;
        ensure!(added.rc == 0, "{name} could not be made: {added:?}");
        Ok(())
    }

    /// A client that has logged in as the administrator.
    pub async fn admin(&self) -> Result<Ldap> {
        let mut ldap = connect(&self.tls_url(), self.authority()).await?;
        ldap.simple_bind(ADMIN, PASSWORD).await?.success()?;
        Ok(ldap)
    }
}

fn text(name: &str, value: &[u8]) -> String {
    match (name, value.try_into()) {
        ("objectguid", Ok(bytes)) => uuid::Uuid::from_bytes_le(bytes).to_string(),
        _ => String::from_utf8_lossy(value).into_owned(),
    }
}

async fn connect(url: &str, authority: &Path) -> Result<Ldap> {
    let settings = LdapConnSettings::new().set_conn_timeout(Duration::from_secs(5)).set_config(trust(authority)?);
    let (connection, ldap) = LdapConnAsync::with_settings(settings, url).await?;
    tokio::spawn(connection.drive());
    Ok(ldap)
}

/// A TLS client that trusts an authority and nobody else.
pub(crate) fn trust(authority: &Path) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
