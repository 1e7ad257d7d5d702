//! Free ports on the loopback address.
//!
//! The system hands one out for port 0; between asking and using it another process may take it, so whoever uses one
//! tries again on a clash.

use std::net::{Ipv4Addr, TcpListener};

/// So many ports, all different, that were free a moment ago.
pub fn free(count: usize) -> std::io::Result<Vec<u16>> {
    let held = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<Vec<_>, _>>()?;
    held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}
