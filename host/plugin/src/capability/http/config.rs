//! What an operator writes about a web service in `sluss.toml`.

use crate::description::Access;
use crate::secret::SecretSource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A named connection to a web service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpConfig {
    /// `https://host[:port][/path]`. Nothing outside of it is reached.
    pub url: String,
    /// What may be done there.
    #[serde(default)]
    pub access: Access,
    /// The methods that may be used.
    #[serde(default = "default_methods")]
    pub methods: Vec<String>,
    /// The methods that change nothing at this service, and so may be used for reading.
    #[serde(default = "default_read_methods")]
    pub read_methods: Vec<String>,
    /// The paths below `url` that may be reached, each with everything below it.
    #[serde(default = "default_paths")]
    pub paths: Vec<String>,
    /// A PEM file with the certificates of the authorities to trust, instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// A PEM file with the certificate, and its chain, that the host shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// A PEM file with that certificate's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The proxy on the way: `http://host:port`. None is taken from the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// How the host proves who it is; not at all where this is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthConfig>,
    /// Further headers that the host adds to every request, each with a secret: gateways want keys of their own beside
    /// the proof that the service behind them wants.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_headers: BTreeMap<String, SecretSource>,
    /// Fields that the host adds to the query of every request, each with a secret: some services want their key there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_query: BTreeMap<String, SecretSource>,
    /// Seconds to wait for a connection, and for a whole answer.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
    /// The most bytes that an answer may have.
    #[serde(default = "default_max_body")]
    pub max_body: usize,
    /// The most requests in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<f64>,
    /// Lets secrets travel where everyone on the way can read them.
    #[serde(default)]
    pub allow_clear_text: bool,
}

/// How the host proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, rename_all_fields = "kebab-case")]
pub enum AuthConfig {
    /// A user name with a password.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: SecretSource,
    },
    /// A token that does not change.
    Bearer {
        /// The token.
        token: SecretSource,
    },
    /// A key in a header of its own.
    ApiKey {
        /// The header's name.
        header: String,
        /// The key.
        value: SecretSource,
    },
    /// OAuth 2.0 client credentials: the host fetches tokens and renews them in time.
    Oauth2(Oauth2Config),
}

/// Where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Oauth2Config {
    /// The token endpoint.
    pub token_url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretSource>,
    /// What the host signs instead of telling a secret (RFC 7523).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<AssertionConfig>,
    /// What the token shall be good for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whom the token shall be shown to, where the endpoint wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Sends id and secret among the form's fields instead of in a header.
    #[serde(default)]
    pub secret_in_form: bool,
    /// A PEM file with the authorities that the endpoint's certificate may be signed by. Without it, the connection's
    /// own when the endpoint is on the same host, and the system's otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// A PEM file with the certificate, and its chain, that the host shows to the endpoint. Without it, the connection's
    /// own when the endpoint is on the same host, and none otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// A PEM file with that certificate's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
}

/// A certificate whose key signs a proof of who the host is, anew for each token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AssertionConfig {
    /// A PEM file with the certificate that the endpoint knows.
    pub certificate: PathBuf,
    /// A PEM file with that certificate's key, RSA or P-256.
    pub key: PathBuf,
}

impl Oauth2Config {
    /// The certificate of its own that the host shows to the endpoint, and its key.
    pub fn identity(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }
}

impl HttpConfig {
    /// The certificate that the host shows, and its key.
    pub fn identity(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }

    /// Where every secret of the connection is kept.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretSource> {
        let proof = self.auth.as_ref().and_then(|auth| match auth {
            AuthConfig::Basic { password: secret, .. }
            | AuthConfig::Bearer { token: secret }
            | AuthConfig::ApiKey { value: secret, .. } => Some(secret),
            AuthConfig::Oauth2(oauth2) => oauth2.client_secret.as_ref(),
        });
        proof.into_iter().chain(self.secret_headers.values()).chain(self.secret_query.values())
    }

    /// Takes relative paths as relative to the folder in which the configuration stands.
    pub fn settle_in(&mut self, folder: &Path) {
        for path in [&mut self.ca, &mut self.certificate, &mut self.key].into_iter().flatten() {
            *path = folder.join(&path);
        }
        for secret in self.secret_headers.values_mut().chain(self.secret_query.values_mut()) {
            secret.settle_in(folder);
        }
        match &mut self.auth {
            None => {}
            Some(AuthConfig::Basic { password: secret, .. })
            | Some(AuthConfig::Bearer { token: secret })
            | Some(AuthConfig::ApiKey { value: secret, .. }) => secret.settle_in(folder),
            Some(AuthConfig::Oauth2(oauth2)) => {
                if let Some(secret) = &mut oauth2.client_secret {
                    secret.settle_in(folder);
                }
                let files = [&mut oauth2.ca, &mut oauth2.certificate, &mut oauth2.key].into_iter().flatten();
                let signed = oauth2.assertion.iter_mut().flat_map(|own| [&mut own.certificate, &mut own.key]);
                for path in files.chain(signed) {
                    *path = folder.join(&path);
                }
            }
        }
    }
}

fn default_methods() -> Vec<String> {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).to_vec()
}

fn default_read_methods() -> Vec<String> {
    ["GET", "HEAD"].map(str::to_owned).to_vec()
}

fn default_paths() -> Vec<String> {
    vec!["/".to_owned()]
}

fn default_timeout() -> u64 {
    30
}

fn default_max_body() -> usize {
    16 * 1024 * 1024
}
