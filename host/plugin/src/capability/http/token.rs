//! How the host proves who it is to a web service, and where its tokens come from.
//!
//! A token is fetched when it is first needed, kept until shortly before it ends, and fetched anew when the service
//! does not accept it any more. Only this file and the request that is sent ever hold it.

use super::assertion::{JWT_BEARER, Signer};
use super::config::{AuthConfig, HttpConfig, Oauth2Config};
use super::{dial, redact};
use crate::capability::tls::Trust;
use crate::secret::{Secret, SecretSource};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use sluss_engine::fault::{Fault, FaultKind};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// A token is not used in the last moments of its life, in which it might end on the way.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a token lasts whose endpoint does not say.
const DEFAULT_LIFE: u64 = 300;
/// More than any token answer needs.
const MOST_BYTES: usize = 256 * 1024;

/// What the host shows.
pub enum Proof {
    /// Nothing.
    None,
    /// A user name with a password.
    Basic { user: String, password: Secret },
    /// A token that does not change.
    Bearer(Secret),
    /// A key in a header of its own.
    Key { header: HeaderName, value: Secret },
    /// Tokens that come and go.
    Fetched(Box<Fetcher>),
}

/// Fetches tokens and keeps the last one.
pub struct Fetcher {
    config: Oauth2Config,
    url: Url,
    shown: Shown,
    client: Client,
    kept: Mutex<Option<Token>>,
}

/// How the host proves to the endpoint who it is.
enum Shown {
    /// It tells a secret.
    Secret(Secret),
    /// It signs.
    Signed(Signer),
}

#[derive(Clone)]
struct Token {
    value: Secret,
    until: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Proof {
    /// Resolves the secrets that a configuration names.
    pub fn new(connection: &str, config: &HttpConfig, timeout: Duration) -> Result<Proof, Fault> {
        let secret = |source: &SecretSource| resolve(connection, source);
        Ok(match &config.auth {
            None => Proof::None,
            Some(AuthConfig::Basic { user, password }) => {
                Proof::Basic { user: user.clone(), password: secret(password)? }
            }
            Some(AuthConfig::Bearer { token }) => Proof::Bearer(secret(token)?),
            Some(AuthConfig::ApiKey { header, value }) => {
                Proof::Key { header: header_name(connection, header)?, value: secret(value)? }
            }
            Some(AuthConfig::Oauth2(oauth2)) => {
                let url = token_url(connection, config, oauth2)?;
                let is_same_host = Url::parse(&config.url).is_ok_and(|base| base.host() == url.host());
                let ca = oauth2.ca.as_deref().or(config.ca.as_deref().filter(|_| is_same_host));
                let identity = oauth2.identity().or(config.identity().filter(|_| is_same_host));
                let client = dial::client(connection, Trust { ca, identity }, config.proxy.as_deref(), timeout)?;
                let shown = match (&oauth2.client_secret, &oauth2.assertion) {
                    (_, Some(assertion)) => Shown::Signed(Signer::new(connection, assertion)?),
                    (Some(source), None) => Shown::Secret(secret(source)?),
                    (None, None) => {
                        let message =
                            format!("`oauth2` of the connection {connection} has nothing to prove who the host is");
                        return Err(Fault::new(FaultKind::Config, message));
                    }
                };
                Proof::Fetched(Box::new(Fetcher { config: oauth2.clone(), url, shown, client, kept: Mutex::new(None) }))
            }
        })
    }

    /// The secret for one request. `count` is told of every request that this takes.
    pub async fn current(&self, count: &(dyn Fn() + Sync)) -> Result<Option<Secret>, Fault> {
        match self {
            Proof::None => Ok(None),
            Proof::Basic { password: secret, .. } | Proof::Bearer(secret) | Proof::Key { value: secret, .. } => {
                Ok(Some(secret.clone()))
            }
            Proof::Fetched(fetcher) => fetcher.token(count).await.map(Some),
        }
    }

    /// Whether another token may do better than this one, which was not accepted. If so, it is forgotten.
    pub async fn renews(&self, refused: Option<&Secret>) -> bool {
        let Proof::Fetched(fetcher) = self else { return false };
        let mut kept = fetcher.kept.lock().await;
        if kept.as_ref().zip(refused).is_some_and(|(token, refused)| token.value.expose() == refused.expose()) {
            *kept = None;
        }
        true
    }

    /// The header that only the host sets, if it is an unusual one.
    pub fn header(&self) -> Option<&HeaderName> {
        match self {
            Proof::Key { header, .. } => Some(header),
            _ => None,
        }
    }

    /// Puts the secret into a request.
    pub fn apply(&self, request: RequestBuilder, secret: Option<&Secret>) -> Result<RequestBuilder, Fault> {
        let Some(secret) = secret else { return Ok(request) };
        Ok(match self {
            Proof::None => request,
            Proof::Basic { user, .. } => request.basic_auth(user, Some(secret.expose())),
            Proof::Bearer(_) | Proof::Fetched(_) => {
                let value = format!("Bearer {}", secret.expose());
                request.header("authorization", sensitive(&value)?)
            }
            Proof::Key { header, .. } => request.header(header, sensitive(secret.expose())?),
        })
    }
}

impl Fetcher {
    async fn token(&self, count: &(dyn Fn() + Sync)) -> Result<Secret, Fault> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.value.clone());
        }
        count();
        let token = self.fetch().await.map_err(|fault| Fault {
            // Nothing of the plugin's own request was sent.
            sent: false,
            message: format!("no token from {}: {}", self.url.origin().ascii_serialization(), fault.message),
            ..fault
        })?;
        Ok(kept.insert(token).value.clone())
    }

    async fn fetch(&self) -> Result<Token, Fault> {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(self.config.scope.as_deref().map(|scope| ("scope", scope)));
        fields.extend(self.config.audience.as_deref().map(|audience| ("audience", audience)));
        let mut request = self.client.post(self.url.clone()).header("accept", "application/json");
        let client = self.config.client_id.as_str();
        let assertion;
        match &self.shown {
            Shown::Secret(secret) if self.config.secret_in_form => {
                fields.extend([("client_id", client), ("client_secret", secret.expose())]);
            }
            Shown::Secret(secret) => {
                // RFC 6749 wants both escaped as in a form before they are put together.
                let escape = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request = request.basic_auth(escape(client), Some(escape(secret.expose())));
            }
            Shown::Signed(signer) => {
                assertion = signer.sign(client, self.url.as_str())?;
                fields.extend([
                    ("client_id", client),
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", assertion.expose()),
                ]);
            }
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let host = self.url.host_str().unwrap_or_default();
        let mut response = request.send().await.map_err(|error| dial::fault(&error, host))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| dial::fault(&error, host))? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err(Fault::new(FaultKind::Unavailable, "its answer is far too long"));
            }
        }
        if !status.is_success() {
            // Only the code, which the standard lists: the rest of the answer may repeat what it was sent.
            let code = serde_json::from_slice::<Refused>(&body).map(|refused| refused.error).unwrap_or_default();
            let code: String = code.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect();
            let kind = if status.is_client_error() { FaultKind::Auth } else { FaultKind::Unavailable };
            let mut fault =
                Fault::new(kind, format!("it answered {status} {code}: check client-id, what proves it, and scope"));
            fault.code = Some(status.as_u16().to_string());
            return Err(fault);
        }
        let granted: Granted = serde_json::from_slice(&body)
            .map_err(|_| Fault::new(FaultKind::Unavailable, "its answer holds no access_token"))?;
        let life = Duration::from_secs(granted.expires_in.unwrap_or(DEFAULT_LIFE));
        let until = Instant::now() + life.saturating_sub(MARGIN.min(life / 10));
        Ok(Token { value: Secret::new(granted.access_token), until })
    }
}

/// The headers that a connection sends beside its proof, with their secrets.
pub fn secret_headers(connection: &str, config: &HttpConfig) -> Result<Vec<(HeaderName, Secret)>, Fault> {
    let mut headers = Vec::with_capacity(config.secret_headers.len());
    for (name, source) in &config.secret_headers {
        let header = header_name(connection, name)?;
        if redact::is_reserved(&header, &[]) {
            let message = format!(
                "`secret-headers` of the connection {connection}: the host sets the header {header} itself; to prove who \
                 it is, say so in `auth`"
            );
            return Err(Fault::new(FaultKind::Config, message));
        }
        headers.push((header, resolve(connection, source)?));
    }
    Ok(headers)
}

/// The secret fields of every request's query.
pub fn secret_query(connection: &str, config: &HttpConfig) -> Result<Vec<(String, Secret)>, Fault> {
    config.secret_query.iter().map(|(name, source)| Ok((name.clone(), resolve(connection, source)?))).collect()
}

fn resolve(connection: &str, source: &SecretSource) -> Result<Secret, Fault> {
    source.resolve().map_err(|error| {
        Fault::new(FaultKind::Config, format!("a secret of the connection {connection} is missing: {error}"))
    })
}

fn header_name(connection: &str, name: &str) -> Result<HeaderName, Fault> {
    name.parse().map_err(|_| {
        Fault::new(FaultKind::Config, format!("{name:?} of the connection {connection} is no header name"))
    })
}

fn token_url(connection: &str, config: &HttpConfig, oauth2: &Oauth2Config) -> Result<Url, Fault> {
    let url = Url::parse(&oauth2.token_url).ok().filter(Url::has_host);
    let is_safe = |url: &Url| url.scheme() == "https" || url.scheme() == "http" && config.allow_clear_text;
    url.filter(is_safe).ok_or_else(|| {
        let message = format!("`token-url` of the connection {connection} has to be an https:// address");
        Fault::new(FaultKind::Config, message)
    })
}

/// A header's value that no log shows.
pub fn sensitive(value: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Fault::new(FaultKind::Config, "a secret has characters that no header may have"))?;
    value.set_sensitive(true);
    Ok(value)
}
