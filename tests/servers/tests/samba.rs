//! The domain controller of the tests does what the tests rely on, and the wire to it what Windows would do.

use anyhow::{Result, ensure};
use ldap3::controls::{ControlType, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sluss_test_servers::Shim;
use sluss_test_servers::samba::{self, ADMIN, BASE, PASSWORD, Samba};
use sluss_test_servers::shim::{Fault, Kind};
use std::path::Path;
use std::sync::Arc;

const UNIT: &str = "OU=Unit,DC=ad,DC=test";

/// A client that has logged in as the administrator through a wire.
async fn through(url: &str, authority: &Path) -> Result<Ldap> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let settings = LdapConnSettings::new().set_config(Arc::new(config));
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, url).await?;
    tokio::spawn(connection.drive());
    ldap.simple_bind(ADMIN, PASSWORD).await?.success()?;
    Ok(ldap)
}

#[tokio::test]
async fn a_domain_keeps_what_it_answered_and_two_stand_side_by_side() -> Result<()> {
    let mut first = Samba::start(samba::Options::default()).await?;
    let options = samba::Options { recycle_bin: true, exchange: true };
    let second = Samba::start(options).await?;
    ensure!(first.address() != second.address(), "two servers with one address");
    first.add_by_hand(UNIT, &[("objectClass", &["organizationalUnit"])]).await?;
    first.ordinary("anna", "Anna-12345").await?;
    first.kill()?;
    ensure!(first.dump().await.is_err(), "a killed server answered");
    first.restart().await?;
    let tree = first.dump().await?;
    let anna = &tree[&format!("CN=anna,CN=Users,{BASE}")];
    assert_eq!(anna["objectguid"].first().map(String::len), Some(36));
    assert!(tree.contains_key(UNIT) && !second.dump().await?.contains_key(UNIT));
    assert_eq!(first.login("anna@ad.test", "Anna-12345").await?, Ok(()));
    ensure!(first.login("anna@ad.test", "Anna-1234").await?.is_err(), "a wrong password was taken");
    let mail = [("objectClass", &["user"][..]), ("sAMAccountName", &["bo"]), ("mailNickname", &["bo"])];
    second.add_by_hand(&format!("CN=bo,CN=Users,{BASE}"), &mail).await?;
    let unknown = first.add_by_hand(&format!("CN=bo,CN=Users,{BASE}"), &mail).await;
    ensure!(unknown.is_err(), "a schema without Exchange took what is Exchange's");
    first.stop().await?;
    first.restart().await
}

#[tokio::test]
async fn answers_are_cut_as_windows_cuts_them() -> Result<()> {
    let server = Samba::start(samba::Options::default()).await?;
    let shim = Shim::start(&server).await?;
    server.add_by_hand(UNIT, &[("objectClass", &["organizationalUnit"])]).await?;
    let names: Vec<String> = (0..1_600).map(|number| format!("CN=c{number},{UNIT}")).collect();
    let mut admin = server.admin().await?;
    for name in &names {
        admin.add(name, vec![("objectClass", ["contact"].into())]).await?.success()?;
    }
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    let group = format!("CN=all,{UNIT}");
    let kind = [("objectClass", &["group"][..]), ("sAMAccountName", &["all"]), ("member", &members)];
    server.add_by_hand(&group, &kind).await?;

    let mut ldap = through(&shim.url(), &shim.authority()).await?;
    let everybody = |ldap: &mut Ldap| {
        let mut ldap = ldap.clone();
        async move { ldap.search(UNIT, Scope::Subtree, "(objectClass=contact)", vec!["cn"]).await }
    };
    let found = everybody(&mut ldap).await?;
    assert_eq!((found.0.len(), found.1.rc), (1_000, 4), "more than a page at once");
    ldap.with_controls(PagedResults { size: 5_000, cookie: Vec::new() });
    let (entries, result) = ldap.search(UNIT, Scope::Subtree, "(objectClass=contact)", vec!["cn"]).await?.success()?;
    assert_eq!(entries.len(), 1_000);
    let more = result.ctrls.iter().find(|control| matches!(control.0, Some(ControlType::PagedResults)));
    ensure!(more.is_some(), "no place to go on from");

    let members = async |wanted: &str| -> Result<(String, usize)> {
        let mut ldap = ldap.clone();
        let (entries, _) = ldap.search(&group, Scope::Base, "(objectClass=*)", vec![wanted]).await?.success()?;
        let entry = SearchEntry::construct(entries[0].clone());
        let (name, values) = entry.attrs.into_iter().max_by_key(|(_, values)| values.len()).unwrap_or_default();
        Ok((name, values.len()))
    };
    assert_eq!(members("member").await?, ("member;range=0-1499".to_owned(), 1_500));
    assert_eq!(members("member;range=1500-*").await?, ("member;range=1500-*".to_owned(), 100));
    assert_eq!(members("member;range=10-*").await?, ("member;range=10-1509".to_owned(), 1_500));

    shim.inject(Fault::Busy, Kind::Search, 1, 1);
    assert_eq!(members("member;range=1599-*").await?.1, 1);
    ensure!(members("member").await.is_err(), "it is not busy");
    assert_eq!(members("member;range=1599-*").await?.1, 1);
    shim.inject(Fault::Lost, Kind::Delete, 0, 1);
    ensure!(server.dump().await?.contains_key(&group), "the group was never there");
    ensure!(ldap.clone().delete(&group).await.is_err(), "the answer was not lost");
    ensure!(!server.dump().await?.contains_key(&group), "the request was lost as well");
    assert_eq!(shim.writes(), 1);
    Ok(())
}
