//! A web service, as a plugin may use it: requests to granted paths, without address, token or proxy.
//!
//! A plugin gives a path, a query and headers; the host makes an address of them, proves who it is, follows what leads
//! no further, and shows of the answer what is a plugin's business. Grants and previews are judged before anything
//! reaches this place; whether a method may be used for reading is judged here.

mod assertion;
mod body;
pub mod config;
mod dial;
pub mod message;
mod redact;
mod route;
mod token;

pub use body::Body;
pub use config::{AuthConfig, HttpConfig, Oauth2Config};
pub use message::{Intent, Location, Opening, Request, Response};

use crate::capability::tls::Trust;
use crate::secret::Secret;
use redact::Redactor;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use route::Route;
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use token::Proof;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;
use url::Url;

/// How many redirections are followed.
const MOST_REDIRECTIONS: usize = 5;

/// A web service behind a named connection. It connects when it is first used.
pub struct Http {
    connection: String,
    config: HttpConfig,
    route: Route,
    dialled: OnceCell<Dialled>,
    /// When the next request may be sent.
    next: Mutex<Instant>,
    requests: AtomicU64,
}

/// What is sent, wherever it goes.
struct Asked {
    method: Method,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    /// What stands in the body and is shown in no answer.
    secrets: Vec<Secret>,
    /// Whether redirections are followed.
    follows: bool,
}

/// What it takes to send something.
struct Dialled {
    client: Client,
    proof: Proof,
    /// What is sent beside the proof.
    keys: Vec<(HeaderName, Secret)>,
    /// What is added to every address's query.
    parameters: Vec<(String, Secret)>,
    /// The headers that are the host's alone at this service.
    own: Vec<HeaderName>,
}

impl Http {
    /// Checks a configuration. Nothing is reached for.
    pub fn open(connection: &str, config: &HttpConfig) -> Result<Http, Fault> {
        let wrong = |message: String| Fault::new(FaultKind::Config, message);
        let route = Route::new(connection, &config.url, &config.paths)?;
        if config.certificate.is_some() != config.key.is_some() {
            return Err(wrong(format!("the connection {connection} needs both `certificate` and `key`, or neither")));
        }
        if let Some(AuthConfig::Oauth2(oauth2)) = &config.auth {
            if oauth2.certificate.is_some() != oauth2.key.is_some() {
                return Err(wrong(format!(
                    "`oauth2` of the connection {connection} needs both `certificate` and `key`, or neither"
                )));
            }
            if oauth2.client_secret.is_some() == oauth2.assertion.is_some() {
                return Err(wrong(format!(
                    "`oauth2` of the connection {connection} needs either `client-secret` or `assertion`"
                )));
            }
        }
        // Whoever signs for tokens shows them with every request.
        let fetches = matches!(config.auth, Some(AuthConfig::Oauth2(_)));
        let shows_secrets = (fetches || config.secrets().next().is_some()) && !config.allow_clear_text;
        if route.base().scheme() == "http" && shows_secrets {
            return Err(wrong(format!(
                "the connection {connection} would send its secrets in clear text: use an https:// address (or write \
                 allow-clear-text = true, if nobody can listen on the way)"
            )));
        }
        if config.requests_per_second.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(wrong(format!("`requests-per-second` of the connection {connection} has to be more than 0")));
        }
        Ok(Http {
            connection: connection.to_owned(),
            config: config.clone(),
            route,
            dialled: OnceCell::new(),
            next: Mutex::new(Instant::now()),
            requests: AtomicU64::new(0),
        })
    }

    /// How many requests have been sent, those for tokens included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Takes an absolute link of the service apart; refused where it leads elsewhere.
    pub fn resolve(&self, url: &str) -> Result<Location, Fault> {
        self.route.resolve(url)
    }

    /// Sends a request. An answer with any status is an answer.
    pub async fn send(&self, request: Request) -> Result<Response, Fault> {
        let (response, redactor) = self.begin(request).await?;
        let (status, headers) = (response.status().as_u16(), redactor.headers(response.headers()));
        let body = redactor.clean(self.read(response).await?);
        Ok(Response { status, headers, body })
    }

    /// The same, for a body that is taken piece by piece.
    pub async fn open_body(&self, request: Request) -> Result<Opening, Fault> {
        let (response, redactor) = self.begin(request).await?;
        let (status, headers) = (response.status().as_u16(), redactor.headers(response.headers()));
        Ok(Opening { status, headers, body: Body::new(response, redactor, self.host()) })
    }

    /// Sends a request, and hears the beginning of the answer.
    async fn begin(&self, request: Request) -> Result<(reqwest::Response, Redactor), Fault> {
        let method = self.method(&request)?;
        let url = self.route.url(&request.path, &request.query)?;
        let dialled = self.dialled().await?;
        let mut headers = headers(&request.headers, &dialled.own)?;
        for (name, secret) in &dialled.keys {
            headers.insert(name, token::sensitive(secret.expose())?);
        }
        // Only what is safe to do twice is followed.
        let follows = request.intent == Intent::Read && matches!(method, Method::GET | Method::HEAD);
        let asked = Asked { method, headers, body: request.body, secrets: request.secrets, follows };
        self.follow(dialled, url, asked).await
    }

    fn host(&self) -> &str {
        self.route.base().host_str().unwrap_or_default()
    }

    async fn follow(
        &self,
        dialled: &Dialled,
        mut url: Url,
        asked: Asked,
    ) -> Result<(reqwest::Response, Redactor), Fault> {
        let Asked { method, headers, body, secrets, follows } = asked;
        let count = || {
            self.requests.fetch_add(1, Ordering::Relaxed);
        };
        let mut is_renewed = false;
        let mut redirections = 0;
        loop {
            let secret = dialled.proof.current(&count).await?;
            let mut sent = url.clone();
            if !dialled.parameters.is_empty() {
                let parameters = dialled.parameters.iter().map(|(name, secret)| (name, secret.expose()));
                // Nobody else gives these, neither a plugin nor an address that the service itself leads to.
                let is_secret = |name: &str| dialled.parameters.iter().any(|(own, _)| own == name);
                let own = url.query_pairs().filter(|(name, _)| !is_secret(name));
                sent.query_pairs_mut().clear().extend_pairs(own).extend_pairs(parameters);
            }
            let mut built = dialled.client.request(method.clone(), sent).headers(headers.clone());
            built = dialled.proof.apply(built, secret.as_ref())?;
            if let Some(body) = &body {
                built = built.body(body.clone());
            }
            self.pace().await;
            count();
            let response = built.send().await.map_err(|error| dial::fault(&error, self.host()))?;
            let status = response.status();
            if status == StatusCode::UNAUTHORIZED && !is_renewed && dialled.proof.renews(secret.as_ref()).await {
                is_renewed = true;
                continue;
            }
            let to = response.headers().get("location").and_then(|to| to.to_str().ok());
            if let (true, true, Some(to)) = (follows, is_redirection(status), to) {
                url = self.redirected(&url, to, redirections)?;
                redirections += 1;
                continue;
            }
            let shown = self.shown(dialled, secret.as_ref());
            let written = secrets.iter().map(Secret::expose);
            let redactor = Redactor::new(shown.iter().map(String::as_str).chain(written))?;
            return Ok((response, redactor));
        }
    }

    /// Where a redirection leads, if it stays within the connection.
    fn redirected(&self, from: &Url, to: &str, followed: usize) -> Result<Url, Fault> {
        if followed == MOST_REDIRECTIONS {
            let message = format!("more than {MOST_REDIRECTIONS} redirections: the service sends requests in a circle");
            return Err(Fault { sent: true, ..Fault::new(FaultKind::Unavailable, message) });
        }
        let to = from.join(to).map_err(|error| {
            let message = format!("the service redirects to something that is no address: {error}");
            Fault { sent: true, ..Fault::new(FaultKind::Unavailable, message) }
        })?;
        let location = self.route.within(&to).map_err(|fault| Fault { sent: true, ..fault })?;
        self.route.url(&location.path, &location.query)
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Fault> {
        let host = self.host();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| {
            // The answer had begun, so the request had arrived.
            Fault { sent: true, ..dial::fault(&error, host) }
        })? {
            if body.len() + chunk.len() > self.config.max_body {
                let message = format!(
                    "the answer of {host} is longer than {} bytes: ask for less at once, or raise `max-body` of the \
                     connection {}",
                    self.config.max_body, self.connection
                );
                return Err(Fault { sent: true, ..Fault::new(FaultKind::Config, message) });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The forms in which a request shows its secrets.
    fn shown(&self, dialled: &Dialled, secret: Option<&Secret>) -> Vec<String> {
        let keys = dialled.keys.iter().map(|(_, key)| key.expose().to_owned());
        let parameters = dialled.parameters.iter().flat_map(|(_, secret)| {
            // As it is, and as it stands in an address.
            let encoded = url::form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect();
            [secret.expose().to_owned(), encoded]
        });
        let mut forms: Vec<String> = keys.chain(parameters).collect();
        let Some(secret) = secret else { return forms };
        forms.push(secret.expose().to_owned());
        if let Some(AuthConfig::Basic { user, .. }) = &self.config.auth {
            use base64::Engine;
            let pair = format!("{user}:{}", secret.expose());
            forms.push(base64::engine::general_purpose::STANDARD.encode(pair));
        }
        forms
    }

    fn method(&self, request: &Request) -> Result<Method, Fault> {
        let has = |list: &[String]| list.contains(&request.method);
        let refuse = |list: &str, why: &str| {
            let message = format!(
                "the method {:?} is not granted{why}: to allow it, add it to `{list}` of the connection {}",
                request.method, self.connection
            );
            Err(Fault::new(FaultKind::Permission, message))
        };
        if !has(&self.config.methods) {
            return refuse("methods", "");
        }
        if request.intent == Intent::Read && !has(&self.config.read_methods) {
            return refuse("read-methods", " for reading");
        }
        Method::from_bytes(request.method.as_bytes())
            .map_err(|_| Fault::new(FaultKind::Invalid, format!("{:?} is no method", request.method)))
    }

    async fn dialled(&self) -> Result<&Dialled, Fault> {
        let timeout = Duration::from_secs(self.config.timeout.max(1));
        self.dialled
            .get_or_try_init(|| async {
                let config = &self.config;
                let trust = Trust { ca: config.ca.as_deref(), identity: config.identity() };
                let client = dial::client(&self.connection, trust, config.proxy.as_deref(), timeout)?;
                let proof = Proof::new(&self.connection, config, timeout)?;
                let keys = token::secret_headers(&self.connection, config)?;
                let own = proof.header().into_iter().chain(keys.iter().map(|(name, _)| name)).cloned().collect();
                let parameters = token::secret_query(&self.connection, config)?;
                Ok(Dialled { client, proof, keys, parameters, own })
            })
            .await
    }

    /// Waits until the next request may be sent.
    async fn pace(&self) {
        let Some(rate) = self.config.requests_per_second else { return };
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + Duration::from_secs_f64(1.0 / rate);
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("url", &self.config.url).finish_non_exhaustive()
    }
}

fn is_redirection(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A plugin's headers, if they are its own to set.
fn headers(given: &[(String, String)], own: &[HeaderName]) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let parsed: HeaderName =
            name.parse().map_err(|_| Fault::new(FaultKind::Invalid, format!("{name:?} is no header name")))?;
        if redact::is_reserved(&parsed, own) {
            let message = format!("the header {parsed} is set by the host alone");
            return Err(Fault::new(FaultKind::Permission, message));
        }
        let value = HeaderValue::from_str(value).map_err(|_| {
            Fault::new(
                FaultKind::Invalid,
                format!("the value of the header {parsed} has characters that none may have"),
            )
        })?;
        headers.append(parsed, value);
    }
    Ok(headers)
}
