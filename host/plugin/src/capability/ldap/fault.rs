//! What went wrong at a directory, in the engine's words.
//!
//! The host decides by the kind whether to try again, and an operator has to know from the message what to do. The
//! server's own text is kept beside its code.

use super::message::Outcome;
use crate::capability::tls;
use ldap3::{LdapError, LdapResult};
use sluss_engine::fault::{Fault, FaultKind};
use std::io::ErrorKind;

/// The codes that more than this file knows.
pub mod code {
    /// The attribute or value to remove is not there.
    pub const NO_SUCH_ATTRIBUTE: u32 = 16;
    /// The value to add is there already.
    pub const VALUE_EXISTS: u32 = 20;
    /// The server is too busy, also for another transaction.
    pub const BUSY: u32 = 51;
    /// The server is unwilling, which is how Active Directory says that a member to remove is not there.
    pub const UNWILLING: u32 = 53;
    /// There is such an entry, which is how Active Directory says that a member to add is there.
    pub const ENTRY_EXISTS: u32 = 68;
}

/// The fault behind a result that is not success.
pub fn refused(result: &LdapResult) -> Fault {
    let (kind, meaning) = meaning(result.rc);
    let said = result.text.trim();
    let message = if said.is_empty() { meaning.to_owned() } else { format!("{meaning}: {said}") };
    let mut fault = Fault::new(kind, message);
    fault.code = Some(result.rc.to_string());
    fault.attribute = attribute(result);
    fault.sent = true;
    fault
}

fn meaning(code: u32) -> (FaultKind, &'static str) {
    match code {
        1 => (FaultKind::Unavailable, "the directory failed in the midst of the operation"),
        3 => (FaultKind::Throttled, "the directory ran out of the time that it allows an operation"),
        4 => (FaultKind::Config, "the directory allows this account fewer entries in a search: raise its size limit"),
        7 | 48 => (FaultKind::Auth, "the directory does not accept this kind of login"),
        8 | 13 => {
            (FaultKind::Config, "the directory wants encryption: use an ldaps:// address, or write start-tls = true")
        }
        9 | 10 => (FaultKind::Unsupported, "the directory refers to another server: connect to that one"),
        11 => (FaultKind::Config, "the directory's administrative limits do not allow this account so much"),
        12 => (FaultKind::Unsupported, "the directory lacks an extension that is needed"),
        16 => (FaultKind::Invalid, "the entry has no such attribute or value"),
        17 => (FaultKind::Invalid, "the directory does not know an attribute"),
        18 => (FaultKind::Invalid, "an attribute cannot be compared in this way"),
        19 => (FaultKind::Invalid, "a rule of the directory forbids a value"),
        20 => (FaultKind::Invalid, "a value is there already, or given twice"),
        21 => (FaultKind::Invalid, "a value does not have the form that its attribute wants"),
        32 => (FaultKind::NotFound, "there is no such entry"),
        34 => (FaultKind::Invalid, "the entry's name is malformed"),
        49 => (FaultKind::Auth, "the directory does not accept bind-dn and password"),
        50 => (FaultKind::Permission, "the directory does not allow this account to do that"),
        51 => (FaultKind::Throttled, "the directory is busy"),
        52 => (FaultKind::Unavailable, "the directory is not available"),
        53 => (FaultKind::Invalid, "the directory is unwilling to do that"),
        64 => (FaultKind::Invalid, "the entry's name does not fit its attributes or place"),
        65 => (FaultKind::Invalid, "the entry would not fit its object classes"),
        66 => (FaultKind::Invalid, "there are other entries below this one"),
        67 => (FaultKind::Invalid, "the entry's name is changed by renaming it"),
        68 => (FaultKind::AlreadyExists, "there is an entry of this name already"),
        69 => (FaultKind::Invalid, "the object classes of an entry cannot be changed"),
        71 => (FaultKind::Unsupported, "the entry cannot be moved to another database"),
        80 => (FaultKind::Unavailable, "the directory failed for reasons of its own"),
        122 => (FaultKind::Conflict, "the entry changed meanwhile"),
        _ => (FaultKind::Invalid, "the directory refused"),
    }
}

/// The attribute that a result is about: many servers begin their text with it.
fn attribute(result: &LdapResult) -> Option<String> {
    if ![16, 17, 18, 19, 20, 21].contains(&result.rc) {
        return None;
    }
    let text = result
        .text
        .strip_prefix("modify/")
        .map_or(result.text.as_str(), |rest| rest.split_once(": ").map_or(rest, |(_, after)| after));
    let (name, _) = text.split_once(':')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b';');
    // Active Directory begins with the number of an error instead.
    (is_name && name.starts_with(|first: char| first.is_ascii_alphabetic())).then(|| name.to_owned())
}

/// Whether the client failed before anything was written to the wire.
pub fn is_unsent(error: &LdapError) -> bool {
    matches!(error, LdapError::OpSend { .. } | LdapError::AddNoValues | LdapError::FilterParsing)
}

/// Whether the connection is gone, so that another one may do better.
pub fn is_lost(error: &LdapError) -> bool {
    !matches!(error, LdapError::AddNoValues | LdapError::FilterParsing)
}

/// The fault behind a request that got no answer.
pub fn unanswered(error: &LdapError, url: &str) -> Fault {
    let message = match error {
        LdapError::FilterParsing => {
            return Fault::new(FaultKind::Invalid, "the filter is malformed");
        }
        LdapError::AddNoValues => {
            return Fault::new(FaultKind::Invalid, "an attribute without values cannot be added");
        }
        LdapError::Timeout { .. } => format!("{url} did not answer in time"),
        _ => format!("the connection to {url} was lost"),
    };
    let mut fault = Fault::new(FaultKind::Unavailable, message);
    fault.sent = !is_unsent(error);
    fault
}

/// What is known of a write that got no answer.
pub fn lost_write(error: &LdapError, url: &str) -> Outcome {
    let fault = unanswered(error, url);
    if fault.sent { Outcome::Unknown(fault) } else { Outcome::Refused(fault) }
}

/// Why there is no connection.
pub fn unconnected(error: &LdapError, url: &str, host: &str) -> Fault {
    if let Some(message) = tls::explain(error, host) {
        return Fault::new(FaultKind::Config, message);
    }
    let message = match error {
        LdapError::Io { source } => match source.kind() {
            ErrorKind::ConnectionRefused => {
                format!("nothing listens at {url}: is the address right, and the directory running?")
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
                format!("{url} closed the connection at once: are the port and the scheme of `url` right?")
            }
            _ => format!("no connection to {url}: {source}"),
        },
        LdapError::Timeout { .. } => format!("{url} did not answer in time: does a firewall stand in between?"),
        LdapError::LdapResult { result } => {
            let message = format!("{url} refused StartTLS ({}): {}", result.rc, result.text);
            return Fault::new(FaultKind::Config, message);
        }
        LdapError::ResultRecv { .. } => {
            format!("{url} closed the connection at once: are the port and the scheme of `url` right?")
        }
        LdapError::DNSName { .. } => {
            return Fault::new(FaultKind::Config, format!("{host} is no name that a certificate could be made out to"));
        }
        _ => format!("no connection to {url}: {error}"),
    };
    Fault::new(FaultKind::Unavailable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rc: u32, text: &str) -> LdapResult {
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls: Vec::new() }
    }

    #[test]
    fn codes_have_kinds_and_keep_the_servers_words() {
        for (rc, kind) in [
            (19, FaultKind::Invalid),
            (32, FaultKind::NotFound),
            (49, FaultKind::Auth),
            (50, FaultKind::Permission),
            (51, FaultKind::Throttled),
            (52, FaultKind::Unavailable),
            (53, FaultKind::Invalid),
            (65, FaultKind::Invalid),
            (68, FaultKind::AlreadyExists),
            (4711, FaultKind::Invalid),
        ] {
            let fault = refused(&result(rc, "said so"));
            assert_eq!((fault.kind, fault.code, fault.sent), (kind, Some(rc.to_string()), true));
            assert!(fault.message.ends_with(": said so"));
        }
    }

    #[test]
    fn the_attribute_is_taken_from_the_servers_words() {
        let named = |rc, text| refused(&result(rc, text)).attribute;
        assert_eq!(named(17, "nosuch: attribute type undefined").as_deref(), Some("nosuch"));
        assert_eq!(named(21, "manager: value #0 invalid per syntax").as_deref(), Some("manager"));
        assert_eq!(named(20, "modify/add: member: value #1 already exists").as_deref(), Some("member"));
        assert_eq!(named(19, "some attributes not unique"), None);
        assert_eq!(named(19, "0000202F: samldb: userPrincipalName 'eva@ad.test' is already in use"), None);
        assert_eq!(named(32, "cn: whatever"), None);
    }
}
