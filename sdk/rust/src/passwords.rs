//! First passwords of accounts, which the host makes and no connector sees.
//!
//! A connector that makes accounts asks for a text that stands for the first password and puts it where the password
//! goes; the host sends the password instead.

use crate::Error;
use crate::bindings::capabilities::sluss::connector::passwords as host;

/// A text that stands for the first password of the account that this change makes. It goes, alone, into a value of an LDAP
/// write, or anywhere into the body of an HTTP request that is meant to write.
pub fn stand_in(change: u64) -> Result<String, Error> {
    host::stand_in(change)
}
