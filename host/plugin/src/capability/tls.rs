//! TLS as every capability uses it: which authorities are trusted, and what to say when a server is not.
//!
//! There is no way to switch the check of certificates off. What an operator needs instead is a message that says what
//! is wrong with the certificate and which line puts it right.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use sluss_engine::fault::{Fault, FaultKind};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// What to trust and what to show. Paths lead to PEM files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust<'a> {
    /// The authorities, instead of the system's.
    pub ca: Option<&'a Path>,
    /// A client certificate, with its chain, and its key.
    pub identity: Option<(&'a Path, &'a Path)>,
}

fn wrong(connection: &str, what: &str, path: &Path, why: &dyn std::fmt::Display) -> Fault {
    let message = format!("{what} {} of the connection {connection} cannot be used: {why}", path.display());
    Fault::new(FaultKind::Config, message)
}

/// The certificates of the authorities to trust for a connection: those of a PEM file, or the system's.
pub fn authorities(connection: &str, ca: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca else {
        let mut certificates = rustls_native_certs::load_native_certs().certs;
        // A few certificates that this library cannot read are no reason to trust none.
        certificates.retain(|certificate| roots.add(certificate.clone()).is_ok());
        if certificates.is_empty() {
            let message = format!("this system trusts no authorities: name a PEM file as `ca` of {connection}");
            return Err(Fault::new(FaultKind::Config, message));
        }
        return Ok(certificates);
    };
    let wrong = |why: &dyn std::fmt::Display| wrong(connection, "`ca`", path, why);
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate.clone()).map_err(|error| wrong(&error))?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        return Err(wrong(&"there is no certificate in it"));
    }
    Ok(certificates)
}

/// A client's side of TLS for a connection.
pub fn client(connection: &str, trust: Trust<'_>) -> Result<ClientConfig, Fault> {
    let wrong = |what: &str, path: &Path, why: &dyn std::fmt::Display| wrong(connection, what, path, why);
    let mut roots = RootCertStore::empty();
    // What is no authority for this library was left out.
    roots.add_parsable_certificates(authorities(connection, trust.ca)?);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::new(FaultKind::Internal, format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots);
    let Some((certificate, key)) = trust.identity else { return Ok(builder.with_no_client_auth()) };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(|all| all.collect::<Result<Vec<_>, _>>())
        .map_err(|error| wrong("`certificate`", certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong("`key`", key, &error))?;
    builder.with_client_auth_cert(chain, secret).map_err(|error| wrong("`key`", key, &error))
}

/// What is wrong, when TLS or its certificate is behind an error.
pub fn explain(error: &(dyn Error + 'static), host: &str) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(describe(error, host));
        }
        // An I/O error keeps what it wraps from `source`.
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn describe(error: &rustls::Error, host: &str) -> String {
    let rustls::Error::InvalidCertificate(why) = error else {
        return match error {
            rustls::Error::InvalidMessage(_) => {
                format!("{host} does not speak TLS on this port: check the port and the scheme of `url`")
            }
            rustls::Error::AlertReceived(alert) => {
                format!("{host} ended the TLS handshake ({alert:?}): does it want a client certificate?")
            }
            _ => format!("TLS with {host} failed: {error}"),
        };
    };
    match why {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate of {host} is signed by an authority that is not trusted: name the authority's PEM file \
             as `ca`"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "the certificate of {host} is made out to another name ({why}): use a name of the certificate in `url`"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired ({why}): it has to be renewed there")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet ({why}): is the clock of this machine right?")
        }
        _ => format!("the certificate of {host} is not accepted: {why}"),
    }
}
