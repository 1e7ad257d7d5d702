//! A signed proof of who the host is, instead of a secret that is told (RFC 7523, and what Microsoft Entra wants of one).

use super::config::AssertionConfig;
use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, EcdsaKeyPair, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sluss_engine::fault::{Fault, FaultKind};
use std::path::Path;

/// The kind of assertion, as the request for a token names it.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How many seconds a proof holds: endpoints accept no more than ten minutes.
const LIFE: i64 = 300;
/// How many seconds the endpoint's clock may be behind ours.
const SKEW: i64 = 60;

/// Signs proofs with the key of a certificate.
pub struct Signer {
    /// The digest by which the endpoint knows the certificate.
    thumbprint: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

impl Signer {
    /// Reads the certificate and its key.
    pub fn new(connection: &str, config: &AssertionConfig) -> Result<Signer, Fault> {
        let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
            let message =
                format!("`assertion` of the connection {connection}: {} cannot be used: {error}", path.display());
            Fault::new(FaultKind::Config, message)
        };
        let certificate = CertificateDer::from_pem_file(&config.certificate)
            .map_err(|error| unreadable(&config.certificate, &error))?;
        let read = PrivateKeyDer::from_pem_file(&config.key).map_err(|error| unreadable(&config.key, &error))?;
        let key = key(&read).ok_or_else(|| unreadable(&config.key, &"it is no RSA or P-256 key"))?;
        Ok(Signer { thumbprint: BASE64.encode(Sha256::digest(&certificate)), key })
    }

    /// A proof that whoever shows it is this client, good for this endpoint alone, for a short time, and once.
    pub fn sign(&self, client: &str, endpoint: &str) -> Result<Secret, Fault> {
        let random = SystemRandom::new();
        let failed = |what: &str| Fault::new(FaultKind::Internal, format!("the proof could not be {what}"));
        let mut id = [0; 16];
        random.fill(&mut id).map_err(|_| failed("made"))?;
        let now = Timestamp::now().as_second();
        let algorithm = match self.key {
            Key::Rsa(_) => "PS256",
            Key::P256(_) => "ES256",
        };
        let header = json!({ "alg": algorithm, "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": endpoint, "iss": client, "sub": client, "jti": BASE64.encode(id),
            "nbf": now - SKEW, "iat": now, "exp": now + LIFE,
        });
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&signature::RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
                    .map_err(|_| failed("signed"))?;
                signature
            }
            Key::P256(key) => key.sign(&random, signed.as_bytes()).map_err(|_| failed("signed"))?.as_ref().to_vec(),
        };
        Ok(Secret::new(format!("{signed}.{}", BASE64.encode(signature))))
    }
}

fn key(read: &PrivateKeyDer<'_>) -> Option<Key> {
    match read {
        PrivateKeyDer::Pkcs1(der) => {
            RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(|key| Key::Rsa(Box::new(key)))
        }
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            let p256 = || {
                let form = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                EcdsaKeyPair::from_pkcs8(form, der, &SystemRandom::new()).ok().map(|key| Key::P256(Box::new(key)))
            };
            RsaKeyPair::from_pkcs8(der).ok().map(|key| Key::Rsa(Box::new(key))).or_else(p256)
        }
        _ => None,
    }
}
