//! The server that takes mail, as the operator set it up, and in whose name mail is sent.

use super::document::Document;
use super::table::Table;
use super::written;
use lettre::message::Mailbox;
use sluss_plugin::secret::SecretSource;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;
use url::{Host, Url};

/// How the connection is kept from being read on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// It is encrypted from the first byte.
    Tls,
    /// It is encrypted before anything but greetings is said.
    StartTls,
    /// It is not.
    Clear,
}

/// The server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The address, as it is written.
    pub url: String,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is kept from being read.
    pub privacy: Privacy,
    /// The authorities to trust, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Whom to log in as, and with which password.
    pub login: Option<(String, SecretSource)>,
    /// Whose name is on the mail.
    pub from: Mailbox,
    /// Where answers go, if not there.
    pub reply_to: Option<Mailbox>,
    /// What the host calls itself in its greeting.
    pub hello: Option<String>,
    /// How long to wait for a connection, and for an answer.
    pub timeout: Duration,
    /// The most mails that one run sends.
    pub limit: u64,
}

/// Reads `[mail]`. None if anything is wrong with it.
pub(super) fn read(document: &Document<'_>, folder: &Path, table: Table<'_>) -> Option<MailConfig> {
    let at = table.at.clone();
    let written: written::Mail = table.read(&[])?;
    let address = address(document, &written.url);
    let privacy = privacy(document, &written);
    let login = match (written.user, written.password) {
        (Some(user), Some(mut password)) => {
            password.settle_in(folder);
            Some(Some((user, password)))
        }
        (None, None) => Some(None),
        _ => {
            document.fault(at, "[mail] needs both `user` and `password`, or neither", None);
            None
        }
    };
    let from = mailbox(document, &written.from);
    let reply_to = match &written.reply_to {
        Some(reply_to) => mailbox(document, reply_to).map(Some),
        None => Some(None),
    };
    let hello = match &written.hello {
        Some(hello) if !is_name(hello.get_ref()) => {
            let help = "write the full name of this machine, as in \"sluss.example.org\"";
            document.fault(hello.span(), "this is no name to greet with", Some(help.to_owned()));
            None
        }
        hello => Some(hello.as_ref().map(|hello| hello.get_ref().clone())),
    };
    if *written.limit.get_ref() == 0 {
        let help = "write at least 1, or take [mail] out and the messages out of the policy";
        document.fault(written.limit.span(), "no mail would ever be sent", Some(help.to_owned()));
        return None;
    }
    let (host, port) = address?;
    Some(MailConfig {
        url: written.url.into_inner(),
        host,
        port,
        privacy: privacy?,
        ca: written.ca.map(|ca| folder.join(ca)),
        login: login?,
        from: from?,
        reply_to: reply_to?,
        hello: hello?,
        timeout: Duration::from_secs(written.timeout.max(1)),
        limit: written.limit.into_inner(),
    })
}

/// Host and port of `smtp://host[:port]` or `smtps://host[:port]`.
fn address(document: &Document<'_>, written: &Spanned<String>) -> Option<(String, u16)> {
    let wrong = || {
        let message = "`url` has to be smtp://host:port or smtps://host:port and nothing more";
        document.fault(written.span(), message, None);
    };
    let Ok(url) = Url::parse(written.get_ref()) else {
        wrong();
        return None;
    };
    let usual = match url.scheme() {
        "smtp" => 587,
        "smtps" => 465,
        _ => 0,
    };
    let is_plain = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // The library knows neither scheme, and leaves the host as it is written.
    let host = url.host_str().and_then(|host| Host::parse(host).ok());
    let (true, true, Some(host)) = (is_plain, usual > 0, host) else {
        wrong();
        return None;
    };
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    Some((host, url.port().unwrap_or(usual)))
}

fn privacy(document: &Document<'_>, written: &written::Mail) -> Option<Privacy> {
    let url = written.url.get_ref();
    let start_tls = written.start_tls.as_ref();
    if url.starts_with("smtps:") {
        if let Some(at) = start_tls.filter(|start_tls| *start_tls.get_ref()) {
            document.fault(at.span(), "smtps:// is encrypted already: remove `start-tls`", None);
            return None;
        }
        return Some(Privacy::Tls);
    }
    if start_tls.is_none_or(|start_tls| *start_tls.get_ref()) {
        return Some(Privacy::StartTls);
    }
    if written.password.is_some() && !written.allow_clear_text {
        let at = start_tls.map_or_else(|| written.url.span(), Spanned::span);
        let help = "use an smtps:// address or take `start-tls` out; or write allow-clear-text = true, if nobody can \
                    listen on the way";
        document.fault(at, "the password would be sent in clear text", Some(help.to_owned()));
        return None;
    }
    Some(Privacy::Clear)
}

fn mailbox(document: &Document<'_>, written: &Spanned<String>) -> Option<Mailbox> {
    let read = written.get_ref().parse().ok();
    if read.is_none() {
        let help = "write an address, or a name and an address: \"Sluss <sluss@example.org>\"";
        document.fault(written.span(), "this is no address", Some(help.to_owned()));
    }
    read
}

/// Whether a text can stand behind EHLO.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '.' | '[' | ']' | ':'))
}
