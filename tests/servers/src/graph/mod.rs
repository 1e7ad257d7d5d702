//! Microsoft Graph, as far as accounts, groups and licences need it, and where its tokens come from.
//!
//! It does what Microsoft's pages and the threads of its users say that Graph does: what it computes, what it refuses,
//! what comes late, what it tells twice, and how it asks to be left alone. What it sends and takes is judged by programs
//! that are not ours (`crate::judge`). It fails in every way that a test asks for, and tests look into it past HTTP.

mod addresses;
mod answer;
mod assertion;
mod batch;
mod bin;
mod call;
pub mod clock;
mod delta;
pub mod fault;
mod filter;
mod groups;
mod invitations;
pub mod licences;
mod mailbox;
pub mod mood;
pub mod object;
mod organization;
mod page;
mod permissions;
mod products;
mod properties;
mod query;
mod route;
mod rules;
pub mod seen;
mod synchronise;
pub mod tenant;
pub mod throttle;
mod token;
mod users;
mod view;

use crate::certificate::{Authority, Identity};
use crate::https::{Answer, Https, Question};
use anyhow::{Context as _, Result, ensure};
pub use mood::{Mood, Trouble};
pub use object::{Kind, Object};
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use route::Server;
pub use seen::Seen;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
pub use tenant::Tenant;
pub use throttle::Limits;

/// The tenant.
pub const TENANT: &str = "3f0c1f5e-7d0a-4a59-9d6a-52d1e5b0a9c4";
/// Who asks for tokens: an id and a secret.
pub const CLIENT: (&str, &str) = ("8c1d9b52-6a6e-4f0b-8f7e-1f2a3b4c5d6e", "graph-client-s3cret~Q");
/// What a token has to be good for.
pub const SCOPE: &str = "https://graph.microsoft.com/.default";

/// Graph.
pub struct Graph {
    folder: PathBuf,
    authority: PathBuf,
    identity: Identity,
    https: Https,
    server: Arc<Mutex<Server>>,
}

/// Asks Graph without going over HTTP.
#[derive(Clone)]
pub struct Handle(Arc<Mutex<Server>>);

impl Handle {
    /// Answers a question.
    pub async fn answer(&self, question: Question) -> Result<Answer> {
        answer::answer(Arc::clone(&self.0), question).await
    }
}

impl Graph {
    /// Starts it with a tenant in which nobody is. Its certificate is made in the folder.
    pub async fn start(folder: &Path) -> Result<Graph> {
        let authority = Authority::new(folder)?;
        let identity = authority.server(&["localhost"])?;
        let server = Arc::new(Mutex::new(Server::default()));
        let own = Arc::clone(&server);
        let https = Https::start(&identity, None, move |question| answer::answer(Arc::clone(&own), question)).await?;
        let authority = authority.certificate();
        let graph = Graph { folder: folder.to_owned(), authority, identity, https, server };
        graph.server().base = graph.url();
        Ok(graph)
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// What it shows to its clients, for somebody who answers in its place.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A handle for somebody who asks it without going over HTTP.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.server))
    }

    /// The port that it listens to.
    pub fn port(&self) -> u16 {
        self.https.port()
    }

    /// The address of Graph, with the version.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/v1.0", self.https.port())
    }

    /// The address of the service that tokens come from, with the tenant.
    pub fn login(&self) -> String {
        format!("https://localhost:{}/{TENANT}", self.https.port())
    }

    /// Where tokens come from.
    pub fn token(&self) -> String {
        format!("{}/oauth2/v2.0/token", self.login())
    }

    /// Makes a key and a certificate with which a client may ask for tokens instead of showing the secret.
    pub fn certificate(&self) -> Result<Identity> {
        let path = |name: &str| self.folder.join(name);
        let identity = Identity { certificate: path("graph-client.pem"), key: path("graph-client.key") };
        let made = Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"])
            .arg(&identity.key)
            .output()
            .context("the stand-in of Graph makes keys with openssl, which is not there: install openssl")?;
        ensure!(made.status.success(), "openssl made no key: {}", String::from_utf8_lossy(&made.stderr));
        let key = KeyPair::from_pem(&std::fs::read_to_string(&identity.key)?)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "A client of Graph");
        let certificate = params.self_signed(&key)?;
        std::fs::write(&identity.certificate, certificate.pem())?;
        let registered =
            assertion::Registered { certificate: certificate.der().to_vec(), key: key.der_bytes().to_vec() };
        self.server().tokens.certificates.push(registered);
        Ok(identity)
    }

    /// Says where it is for its clients, if they reach it by a way of their own: an address with the version.
    pub fn reached_by(&self, url: &str) {
        self.server().public = Some(url.to_owned());
    }

    /// What it does with the next requests; then it answers well again.
    pub fn next(&self, moods: impl IntoIterator<Item = Mood>) {
        self.server().moods.extend(moods);
    }

    /// What it does with the next requests of a kind, such as `POST /users` or `PATCH /users/{id}`, also within
    /// batches. `POST /token` is the request for a token.
    pub fn at(&self, what: &str, moods: impl IntoIterator<Item = Mood>) {
        self.server().at.entry(what.to_owned()).or_default().extend(moods);
    }

    /// What it saw since the last time somebody asked. It answers well again from now on.
    pub fn seen(&self) -> Seen {
        let mut server = self.server();
        server.moods.clear();
        server.at.clear();
        std::mem::take(&mut server.seen)
    }

    /// Looks into the tenant, and changes it by hand.
    pub fn tenant<T>(&self, look: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut server = self.server();
        server.tenant.settle();
        let found = look(&mut server.tenant);
        server.tenant.settle();
        found
    }

    /// Puts its clock forward.
    pub fn advance(&self, by: Duration) {
        self.tenant(|tenant| tenant.clock.advance(by));
    }

    /// Sets how much may be asked, and fills the buckets. Without limits, they go with the size of the tenant.
    pub fn limit(&self, limits: Option<Limits>) {
        let mut server = self.server();
        server.throttle.refill();
        server.throttle.limits = limits;
    }

    /// Does not tell clients when to come back who ask too much of this, such as `POST /users`.
    pub fn keep_silent(&self, what: &str) {
        self.server().throttle.silent.insert(what.to_owned());
    }

    /// How long the tokens last that it gives out from now on.
    pub fn token_life(&self, life: Duration) {
        self.server().tokens.life = life;
    }

    /// Forgets where the pages of lists go on.
    pub fn forget_pages(&self) {
        self.server().tenant.pages.forget();
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
