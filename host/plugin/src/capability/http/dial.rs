//! How a connection is made: over which TLS, by which proxy, and to which addresses never.
//!
//! A name is resolved once, the addresses are judged, and the connection goes to those that passed: what was checked is
//! what is dialled. Addresses on which clouds hand out their machines' secrets are never dialled under a name.

use crate::capability::tls::{self, Trust};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use sluss_engine::fault::{Fault, FaultKind};
use std::error::Error;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Where a cloud's IPv6 network answers questions about the machine.
const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// How long a connection is kept that nobody uses.
const MOST_IDLE: Duration = Duration::from_secs(15);

/// A name that leads to an address which is not dialled.
#[derive(Debug, thiserror::Error)]
#[error("{0} leads to {1}, an address of this machine's own network that is closed to plugins")]
pub struct Forbidden(String, IpAddr);

/// Makes the client for a connection.
pub fn client(connection: &str, trust: Trust<'_>, proxy: Option<&str>, timeout: Duration) -> Result<Client, Fault> {
    let config = tls::client(connection, trust)?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(timeout)
        .timeout(timeout)
        // A service may close an idle connection just when it is used again, and then nobody knows what became of the
        // request.
        .pool_idle_timeout(MOST_IDLE)
        .user_agent(concat!("sluss/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Vetted));
    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        Fault::new(FaultKind::Config, format!("{what} of the connection {connection} cannot be used: {error}"))
    };
    if let Some(proxy) = proxy {
        builder = builder.proxy(Proxy::all(proxy).map_err(|error| wrong("`proxy`", &error))?);
    }
    builder.build().map_err(|error| wrong("the settings", &error))
}

/// Why there was no answer. `sent` says whether the request may have arrived.
pub fn fault(error: &reqwest::Error, host: &str) -> Fault {
    let sent = !(error.is_connect() || error.is_builder() || error.is_request() && error.is_dns());
    if let Some(forbidden) = find::<Forbidden>(error) {
        return Fault::new(FaultKind::Permission, forbidden.to_string());
    }
    if let Some(message) = tls::explain(error, host) {
        return Fault { sent, ..Fault::new(FaultKind::Config, message) };
    }
    let message = if error.is_timeout() {
        format!("{host} did not answer in time")
    } else if error.is_dns() {
        format!("there is no machine of the name {host}: is `url` right?")
    } else if is_refused(error) {
        format!("nothing listens at {host}: is the address right, and the service running?")
    } else if error.is_connect() {
        format!("no connection to {host}: {}", innermost(error))
    } else {
        format!("the connection to {host} was lost: {}", innermost(error))
    };
    Fault { sent, ..Fault::new(FaultKind::Unavailable, message) }
}

fn is_refused(error: &reqwest::Error) -> bool {
    find::<std::io::Error>(error).is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// The first error of this type in the chain.
fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|error| error.downcast_ref::<T>())
}

/// The words of the last error in the chain, which are those of the system and never an address or a header.
fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

/// Resolves names and leaves out what is not dialled.
struct Vetted;

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> =
                found.iter().copied().filter(|address| !is_forbidden(address.ip())).collect();
            match (allowed.is_empty(), found.first()) {
                (true, Some(first)) => Err(Forbidden(name.as_str().to_owned(), first.ip()).into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address belongs to the machine's own surroundings.
fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.is_link_local(),
            None => address.is_unicast_link_local() || address == METADATA,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn the_machines_own_surroundings_are_forbidden() {
        for forbidden in ["169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254"] {
            assert!(is_forbidden(forbidden.parse().unwrap()), "{forbidden}");
        }
        for allowed in ["10.0.0.1", "192.168.1.1", "127.0.0.1", "8.8.8.8", "fd00:ec2::255", "::1", "::ffff:10.0.0.1"] {
            assert!(!is_forbidden(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_there_is_not_dialled() {
        let fault = Vetted.resolve(Name::from_str("169.254.169.254").unwrap()).await.err().unwrap();
        assert!(fault.downcast_ref::<Forbidden>().is_some());
        let mut allowed = Vetted.resolve(Name::from_str("127.0.0.1").unwrap()).await.ok().unwrap();
        assert_eq!(allowed.next().unwrap().ip(), IpAddr::from([127, 0, 0, 1]));
    }
}
