//! Connections to one directory: made when first needed, logged in, and kept for the next request.
//!
//! Whoever works takes a link out of the store and puts it back when all its requests are answered. One that is dropped
//! half-way, because a call ran out of time, closes, and the server lets go of whatever it had not finished.

use super::config::LdapConfig;
use super::entry;
use super::fault;
use super::message::Entry;
use crate::capability::tls::{self, Trust};
use crate::secret::Secret;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope};
use sluss_engine::fault::{Fault, FaultKind};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;
use url::Url;

/// How many idle links are kept.
const MOST_IDLE: usize = 2;
/// How long an idle link is trusted. On the way a firewall may forget it without telling anyone.
const TRUST: Duration = Duration::from_secs(60);
/// How many paged reads may be under way at once; the oldest gives way.
const MOST_PAUSED: usize = 4;

/// A connection that is logged in.
pub struct Link {
    /// Tells it from every other link of this run.
    pub id: u64,
    /// The client.
    pub ldap: Ldap,
    /// The paged read that runs on it.
    pub read: Reading,
}

/// How far a paged read has come.
#[derive(Debug)]
pub struct Reading {
    /// The most entries that the next page is asked for: fewer where entries are large.
    pub size: u32,
    /// What the server gave already, and nobody took yet.
    pub held: VecDeque<Entry>,
    /// The server's mark behind that; empty at the end.
    pub cookie: Vec<u8>,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { size: u32::MAX, held: VecDeque::new(), cookie: Vec::new() }
    }
}

/// What the server's root DSE says.
#[derive(Debug)]
pub struct Server {
    /// The entry itself.
    pub entry: Entry,
}

impl Server {
    /// Whether a control (1.2.840.113556.1.4.319) or an extended operation is offered.
    pub fn offers(&self, list: &str, oid: &str) -> bool {
        self.values(list).any(|value| value == oid.as_bytes())
    }

    /// The values of an attribute of the root DSE.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let of_that_name = |attribute: &&super::message::Attribute| attribute.name.eq_ignore_ascii_case(name);
        let attribute = self.entry.attributes.iter().find(of_that_name);
        attribute.into_iter().flat_map(|attribute| attribute.values.iter().map(Vec::as_slice))
    }
}

/// The links to one directory.
pub struct Links {
    connection: String,
    config: LdapConfig,
    host: String,
    tls: OnceCell<Arc<rustls::ClientConfig>>,
    password: OnceCell<Option<Secret>>,
    server: OnceCell<Server>,
    idle: Mutex<Vec<(Instant, Link)>>,
    /// Links in the midst of a paged read: some servers remember one such read for each connection.
    paused: Mutex<VecDeque<Link>>,
    opened: AtomicU64,
    requests: AtomicU64,
    /// Writes that were answered.
    answers: AtomicU64,
}

impl Links {
    /// Checks what can be checked without reaching for anything.
    pub fn new(connection: &str, config: LdapConfig) -> Result<Links, Fault> {
        let wrong = |message: String| Fault::new(FaultKind::Config, message);
        let url = Url::parse(&config.url)
            .map_err(|error| wrong(format!("`url` of the connection {connection} is no address: {error}")))?;
        let host = url.host_str().filter(|host| !host.is_empty()).map(str::to_owned);
        let is_plain = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let (true, Some(host), "ldap" | "ldaps") = (is_plain, host, url.scheme()) else {
            return Err(wrong(format!(
                "`url` of the connection {connection} has to be ldaps://host:port or ldap://host:port and nothing more"
            )));
        };
        if config.bind_dn.is_some() != config.password.is_some() {
            return Err(wrong(format!("the connection {connection} needs both `bind-dn` and `password`, or neither")));
        }
        let is_clear = url.scheme() == "ldap" && !config.start_tls;
        if url.scheme() == "ldaps" && config.start_tls {
            return Err(wrong(format!(
                "the connection {connection} is encrypted by ldaps:// already: remove `start-tls`"
            )));
        }
        if is_clear && config.password.is_some() && !config.allow_clear_text {
            return Err(wrong(format!(
                "the connection {connection} would send its password in clear text: use an ldaps:// address or write \
                 start-tls = true (or allow-clear-text = true, if nobody can listen on the way)"
            )));
        }
        Ok(Links {
            connection: connection.to_owned(),
            config,
            host,
            tls: OnceCell::new(),
            password: OnceCell::new(),
            server: OnceCell::new(),
            idle: Mutex::new(Vec::new()),
            paused: Mutex::new(VecDeque::new()),
            opened: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            answers: AtomicU64::new(0),
        })
    }

    /// The directory's address, for messages.
    pub fn url(&self) -> &str {
        &self.config.url
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.config.timeout.max(1))
    }

    /// Waits for the answer to a write for as long as any are answered. A server works through many that are under way at
    /// once: the last of them may wait for all others, and that is no silence.
    pub async fn patiently<T>(&self, answer: impl Future<Output = Result<T, LdapError>>) -> Result<T, LdapError> {
        let mut answer = pin!(answer);
        let mut seen = self.answers.load(Ordering::Relaxed);
        loop {
            match tokio::time::timeout(self.timeout(), &mut answer).await {
                Ok(result) => {
                    self.answers.fetch_add(1, Ordering::Relaxed);
                    return result;
                }
                Err(elapsed) => {
                    let before = std::mem::replace(&mut seen, self.answers.load(Ordering::Relaxed));
                    if before == seen {
                        return Err(LdapError::Timeout { elapsed });
                    }
                }
            }
        }
    }

    /// Counts a request that is about to be sent.
    pub fn count(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests have been sent.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// A link that is kept, or a new one.
    pub async fn take(&self) -> Result<Link, Fault> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match kept {
                Some((since, mut link)) => {
                    if since.elapsed() < TRUST && !link.ldap.is_closed() {
                        return Ok(link);
                    }
                }
                None => return self.open().await,
            }
        }
    }

    /// Keeps a link whose requests are all answered.
    pub fn put(&self, mut link: Link) {
        link.read = Reading::default();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE && !link.ldap.is_closed() {
            idle.push((Instant::now(), link));
        }
    }

    /// Keeps a link for the next page of its read.
    pub fn pause(&self, link: Link) {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        if paused.len() == MOST_PAUSED {
            paused.pop_front();
        }
        paused.push_back(link);
    }

    /// The link that was paused, if it is still there.
    pub fn resume(&self, id: u64) -> Option<Link> {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let position = paused.iter().position(|link| link.id == id)?;
        paused.remove(position).filter(|link| !link.ldap.clone().is_closed())
    }

    /// The server's root DSE, read once.
    pub async fn server(&self, link: &mut Link) -> Result<&Server, Fault> {
        self.server.get_or_try_init(|| self.read_server(link)).await
    }

    async fn read_server(&self, link: &mut Link) -> Result<Server, Fault> {
        self.count();
        let wanted = vec!["*", "+"];
        let found = link.ldap.with_timeout(self.timeout()).search("", Scope::Base, "(objectClass=*)", wanted).await;
        let (entries, result) = match found {
            Ok(found) => (found.0, found.1),
            Err(error) => return Err(fault::unanswered(&error, self.url())),
        };
        if result.rc != 0 {
            return Err(fault::refused(&result));
        }
        let entry = entries
            .into_iter()
            .find_map(|entry| entry::decode(entry.0))
            .ok_or_else(|| Fault::new(FaultKind::Unavailable, format!("{} does not show its root DSE", self.url())))?;
        Ok(Server { entry })
    }

    async fn open(&self) -> Result<Link, Fault> {
        let tls = self.tls.get_or_try_init(|| async {
            let trust = Trust { ca: self.config.ca.as_deref(), identity: None };
            tls::client(&self.connection, trust).map(Arc::new)
        });
        let settings = LdapConnSettings::new()
            .set_conn_timeout(self.timeout())
            .set_starttls(self.config.start_tls)
            .set_config(Arc::clone(tls.await?));
        if self.config.start_tls {
            self.count();
        }
        let connected = LdapConnAsync::with_settings(settings, self.url()).await;
        let (connection, mut ldap) = connected.map_err(|error| fault::unconnected(&error, self.url(), &self.host))?;
        tokio::spawn(connection.drive());
        self.bind(&mut ldap).await?;
        Ok(Link { id: self.opened.fetch_add(1, Ordering::Relaxed), ldap, read: Reading::default() })
    }

    async fn bind(&self, ldap: &mut Ldap) -> Result<(), Fault> {
        let password = self
            .password
            .get_or_try_init(|| async { self.config.password.as_ref().map(|source| source.resolve()).transpose() })
            .await
            .map_err(|error| {
                let message = format!("the password of the connection {} is missing: {error}", self.connection);
                Fault::new(FaultKind::Config, message)
            })?;
        let (Some(dn), Some(password)) = (&self.config.bind_dn, password) else { return Ok(()) };
        self.count();
        let result = ldap.with_timeout(self.timeout()).simple_bind(dn, password.expose()).await.map_err(|error| {
            // A login changes nothing, so nothing of consequence was sent.
            Fault { sent: false, ..fault::unanswered(&error, self.url()) }
        })?;
        if result.rc == 0 {
            return Ok(());
        }
        let mut refused = fault::refused(&result);
        refused.message = format!("{} refused the login as {dn}: {}", self.url(), refused.message);
        refused.sent = false;
        Err(refused)
    }
}
