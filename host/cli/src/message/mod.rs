//! Mail that tells people what became of accounts: who reads it, what it says, and how it leaves.
//!
//! What is to be told is entered in the store with the change that it tells of. After the changes are carried out it is
//! put into mails, and each is sent. A mail is marked before its contents leave and when the server has taken it. Should
//! the connection or the run end between the two, nobody can know whether it arrived: one of the two promises, never twice
//! and never lost, has to give way then. Unless the policy says otherwise, the mail is not sent again but becomes a case,
//! which somebody answers who can look or ask; whatever is sent again has the same Message-ID, so that it can be
//! recognised.

mod clerk;
mod compose;
mod gather;
mod server;
mod template;

pub use clerk::{Clerk, Foreseen};
pub use compose::compose;
pub use gather::{Gathered, gather};
pub use server::{Reply, Server, Stop};
pub use template::Templates;

use crate::config::{Config, MailConfig};
use crate::error::{CliError, FileFault};
use lettre::Address;
use sluss_engine::policy::Policy;

/// What mail is written and sent with.
#[derive(Debug)]
pub struct Office {
    /// The server.
    pub config: MailConfig,
    /// The words.
    pub templates: Templates,
}

impl Office {
    /// What the messages of a policy need; none if it has no messages.
    pub fn open(config: &Config, policy: &Policy) -> Result<Option<Office>, CliError> {
        let (templates, faults) = read(config, policy);
        if !faults.is_empty() {
            return Err(CliError::faults(faults));
        }
        let config = config.mail.clone().filter(|_| !policy.messages.is_empty());
        Ok(config.map(|config| Office { config, templates }))
    }
}

/// What stands against the messages of a policy.
pub fn faults(config: &Config, policy: &Policy) -> Vec<FileFault> {
    read(config, policy).1
}

fn read(config: &Config, policy: &Policy) -> (Templates, Vec<FileFault>) {
    let (templates, mut faults) = Templates::read(policy);
    if let (Some(rule), None) = (policy.messages.first(), &config.mail) {
        faults.push(FileFault {
            place: rule.place.clone(),
            text: String::new(),
            message: "there are messages, and no server that takes mail".to_owned(),
            help: Some(format!("add [mail] to {}", config.file.display())),
        });
    }
    for fallback in policy.messages.iter().filter_map(|rule| rule.fallback.as_ref()) {
        if address(&fallback.text).is_none() {
            faults.push(FileFault {
                place: fallback.place.clone(),
                text: fallback.text.clone(),
                message: "this is no address".to_owned(),
                help: Some("write it like \"it@example.org\"".to_owned()),
            });
        }
    }
    (templates, faults)
}

/// The address that a text is. A domain with letters other than those of ASCII is written as servers know it.
pub fn address(text: &str) -> Option<Address> {
    let (user, domain) = text.trim().rsplit_once('@')?;
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) => Address::new(user, domain).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_one_that_servers_know() {
        let known = |text| address(text).map(|address| address.to_string());
        assert_eq!(known(" Eva.Oberg@Sotenas.example ").as_deref(), Some("Eva.Oberg@sotenas.example"));
        assert_eq!(known("eva@sotenäs.example").as_deref(), Some("eva@xn--sotens-fua.example"));
        for wrong in [
            "",
            "eva",
            "eva@",
            "@sotenas.example",
            "eva oberg@sotenas.example",
            "eva@sotenas.example\r\nx",
            "a@1.2.3.4",
        ] {
            assert_eq!(known(wrong), None, "{wrong}");
        }
    }
}
