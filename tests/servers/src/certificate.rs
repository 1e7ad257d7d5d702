//! Certificates of the tests' own authority.
//!
//! Made anew for every server, so that nothing expires in the repository and no key is ever shared.

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};

/// Where a certificate and its key stand, both as PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// An authority that signs certificates and writes them to a folder.
pub struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority; its certificate is written to `ca.pem` in the folder.
    pub fn new(folder: &Path) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("ca.pem"), issuer.pem())?;
        Ok(Authority { folder: folder.to_owned(), issuer })
    }

    /// The authority's own certificate: what a client has to trust.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for a server with these names and addresses.
    pub fn server(&self, names: &[&str]) -> Result<Identity> {
        self.sign("server", names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate for a client of this name.
    pub fn client(&self, name: &str) -> Result<Identity> {
        self.sign(name, &[], ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(&self, name: &str, alternatives: &[&str], usage: ExtendedKeyUsagePurpose) -> Result<Identity> {
        let mut params =
            CertificateParams::new(alternatives.iter().map(|text| text.to_string()).collect::<Vec<String>>())?;
        params.distinguished_name.push(DnType::CommonName, alternatives.first().copied().unwrap_or(name));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let identity = Identity {
            certificate: self.folder.join(format!("{name}.pem")),
            key: self.folder.join(format!("{name}.key")),
        };
        std::fs::write(&identity.certificate, certificate.pem())?;
        std::fs::write(&identity.key, key.serialize_pem())?;
        // Samba reads no key that others could read as well.
        #[cfg(unix)]
        std::fs::set_permissions(&identity.key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(identity)
    }
}
