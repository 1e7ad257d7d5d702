//! The server that takes mail: one connection, which is made and logged in when the first mail is to leave.
//!
//! A mail leaves in two steps. Until the server has said that it is ready for the contents, nothing was sent; from then on
//! until it has answered, nobody knows. Whoever sends writes that down in between.

use crate::config::{MailConfig, Privacy};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_plugin::capability::tls;
use std::error::Error as _;
use std::fmt;
use std::time::Duration;

/// How much longer a server may take over a whole mail than over anything else.
const CARE: u32 = 5;
/// How much of what a server says is repeated.
const LONGEST: usize = 200;
/// The server is about to close the connection.
const CLOSING: u16 = 421;

/// The server, and the connection to it once there is one.
pub struct Server {
    config: MailConfig,
    link: Option<AsyncSmtpConnection>,
}

/// What the server says of one mail, when it does not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code.
    pub code: u16,
    /// The words, shortened.
    pub text: String,
    /// Whether it may take the mail later.
    pub later: bool,
}

/// Why a mail did not leave.
#[derive(Debug)]
pub enum Stop {
    /// The server has something against this mail; others may leave.
    Mail(Reply),
    /// The server is of no use now. Nothing of the mail was sent.
    Server(Fault),
    /// The connection ended while the contents were on their way: nobody knows whether they arrived.
    Unknown(Fault),
}

impl Server {
    /// The server of a configuration. Nothing is contacted.
    pub fn new(config: MailConfig) -> Server {
        Server { config, link: None }
    }

    /// Connects, logs in, and asks the server whether it is there. No mail is sent.
    pub async fn check(&mut self) -> Result<(), Fault> {
        self.connect().await?;
        self.say(Noop).await.map_err(|error| self.fault(&error))?;
        self.close().await;
        Ok(())
    }

    /// Asks the server to take a mail for this recipient. Nothing of its contents is sent.
    pub async fn offer(&mut self, recipient: &Address) -> Result<(), Stop> {
        self.connect().await.map_err(Stop::Server)?;
        let mut parameters = Vec::new();
        if !recipient.to_string().is_ascii() {
            if !self.link.as_ref().is_some_and(|link| link.server_info().supports_feature(Extension::SmtpUtfEight)) {
                let text = "the server takes no address with letters other than those of ASCII".to_owned();
                return Err(Stop::Mail(Reply { code: 553, text, later: false }));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = self.config.from.email.clone();
        if let Err(error) = self.say(Mail::new(Some(from), parameters)).await {
            // Whatever it has against the sender it has against every mail.
            return Err(self.refused("the sender of the mail", &error));
        }
        if let Err(error) = self.say(Rcpt::new(recipient.clone(), Vec::new())).await {
            return Err(self.of_mail(&error).await);
        }
        Ok(())
    }

    /// Sends the contents of the mail that the server agreed to take.
    pub async fn send(&mut self, contents: &[u8]) -> Result<(), Stop> {
        if let Err(error) = self.say(Data).await {
            return Err(self.of_mail(&error).await);
        }
        let patience = self.config.timeout * CARE;
        let Some(link) = &mut self.link else { return Err(Stop::Server(self.silent())) };
        match within(patience, link.message(contents)).await {
            Ok(_) => Ok(()),
            Err(error) => match reply(&error) {
                // What it answered to the contents, it answered: it has not taken them.
                Some(_) => Err(self.of_mail(&error).await),
                None => {
                    self.link = None;
                    Err(Stop::Unknown(self.fault(&error)))
                }
            },
        }
    }

    /// Takes leave of the server.
    pub async fn close(&mut self) {
        if let Some(mut link) = self.link.take() {
            // It may be gone before; nothing depends on its answer.
            let _ = tokio::time::timeout(self.config.timeout, link.quit()).await;
        }
    }

    /// What the server has against a mail; against the connection, if it ends that or does not answer.
    async fn of_mail(&mut self, trouble: &Trouble) -> Stop {
        match reply(trouble).filter(|reply| reply.code != CLOSING) {
            None => {
                self.link = None;
                Stop::Server(self.fault(trouble))
            }
            Some(reply) => {
                // The next mail begins anew.
                if self.say("RSET\r\n").await.is_err() {
                    self.link = None;
                }
                Stop::Mail(reply)
            }
        }
    }

    /// Something that would be refused for every mail.
    fn refused(&mut self, what: &str, trouble: &Trouble) -> Stop {
        self.link = None;
        let Some(Reply { code, text, later }) = reply(trouble).filter(|reply| reply.code != CLOSING) else {
            return Stop::Server(self.fault(trouble));
        };
        let kind = if later { FaultKind::Unavailable } else { FaultKind::Permission };
        Stop::Server(Fault::new(kind, format!("{} refused {what}: {code} {text}", self.config.url)))
    }

    async fn say(&mut self, command: impl fmt::Display) -> Result<Response, Trouble> {
        match &mut self.link {
            Some(link) => within(self.config.timeout, link.command(command)).await,
            None => Err(Trouble::Ended),
        }
    }

    async fn connect(&mut self) -> Result<(), Fault> {
        if self.link.is_some() {
            return Ok(());
        }
        let MailConfig { timeout, privacy, .. } = self.config;
        let hello = match &self.config.hello {
            Some(name) => ClientId::Domain(name.clone()),
            None => ClientId::default(),
        };
        let parameters = match privacy {
            Privacy::Clear => None,
            Privacy::Tls | Privacy::StartTls => Some(self.trust()?),
        };
        let wrapped = parameters.clone().filter(|_| privacy == Privacy::Tls);
        let at = (self.config.host.as_str(), self.config.port);
        let link = AsyncSmtpConnection::connect_tokio1(at, Some(timeout), &hello, wrapped, None);
        let mut link = within(timeout, link).await.map_err(|error| self.fault(&error))?;
        if let Some(parameters) = parameters.filter(|_| privacy == Privacy::StartTls) {
            if !link.can_starttls() {
                let message = format!(
                    "{} offers no STARTTLS: use its smtps:// address, or write start-tls = false if it stands where nobody \
                     can listen",
                    self.config.url
                );
                return Err(Fault::new(FaultKind::Config, message));
            }
            within(timeout, link.starttls(parameters, &hello)).await.map_err(|error| self.fault(&error))?;
        }
        if let Some((user, password)) = &self.config.login {
            let password = password.resolve().map_err(|error| {
                Fault::new(FaultKind::Config, format!("the password of [mail] is missing: {error}"))
            })?;
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            if let Err(error) = within(timeout, link.auth(DEFAULT_MECHANISMS, &credentials)).await {
                return Err(match reply(&error) {
                    Some(Reply { code, later: false, .. }) => {
                        // What the server says may repeat what it was told.
                        let message = format!("{} refused the login as {user} ({code})", self.config.url);
                        Fault::new(FaultKind::Auth, message)
                    }
                    Some(Reply { code, .. }) => {
                        let message = format!("{} cannot check the login as {user} now ({code})", self.config.url);
                        Fault::new(FaultKind::Unavailable, message)
                    }
                    None if matches!(&error, Trouble::Smtp(error) if error.is_client()) => {
                        let message = format!("{} offers no login with a user and a password", self.config.url);
                        Fault::new(FaultKind::Config, message)
                    }
                    None => self.fault(&error),
                });
            }
        }
        self.link = Some(link);
        Ok(())
    }

    fn trust(&self) -> Result<TlsParameters, Fault> {
        let wrong = |error: Error| Fault::new(FaultKind::Config, format!("TLS of [mail] cannot be set up: {error}"));
        let mut builder = TlsParametersBuilder::new(self.config.host.clone()).certificate_store(CertificateStore::None);
        for authority in tls::authorities("mail", self.config.ca.as_deref())? {
            let authority = Certificate::from_der(authority.to_vec()).map_err(wrong)?;
            builder = builder.add_root_certificate(authority);
        }
        builder.build().map_err(wrong)
    }

    /// An error in the words of an operator.
    fn fault(&self, trouble: &Trouble) -> Fault {
        let MailConfig { url, host, .. } = &self.config;
        let message = match (trouble, reply(trouble)) {
            (_, Some(Reply { code, text, .. })) => format!("{url} said: {code} {text}"),
            (Trouble::Late, _) => return self.silent(),
            (Trouble::Ended, _) => format!("{url} ended the connection"),
            (Trouble::Smtp(error), _) if error.is_timeout() => return self.silent(),
            (Trouble::Smtp(error), _) => match tls::explain(error, host) {
                Some(message) => message,
                None => {
                    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                    format!("{url} cannot be reached, or ended the connection: {cause}")
                }
            },
        };
        Fault::new(FaultKind::Unavailable, message)
    }

    fn silent(&self) -> Fault {
        let MailConfig { url, timeout, .. } = &self.config;
        Fault::new(FaultKind::Unavailable, format!("{url} did not answer within {} s", timeout.as_secs()))
    }
}

/// Why something that was said had no good answer.
enum Trouble {
    /// There was none in time.
    Late,
    /// The connection has ended.
    Ended,
    /// Whatever else.
    Smtp(Error),
}

/// Waits no longer than that.
async fn within<T>(patience: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match tokio::time::timeout(patience, work).await {
        Ok(done) => done.map_err(Trouble::Smtp),
        Err(_) => Err(Trouble::Late),
    }
}

/// What the server answered, if it did.
fn reply(trouble: &Trouble) -> Option<Reply> {
    let Trouble::Smtp(error) = trouble else { return None };
    let code = error.status()?;
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let text = text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(LONGEST).collect();
    Some(Reply { code: code.into(), text, later: error.is_transient() })
}
