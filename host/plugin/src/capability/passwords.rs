//! First passwords on their way through a plugin that never sees them.
//!
//! A plugin is given a text that stands for a password, and puts it where the password goes. On the border, in writes
//! alone, the one is put in the place of the other; what a service answers has stars where a password stands.

use crate::secret::Secret;
use ring::rand::{SecureRandom, SystemRandom};
use sluss_engine::fault::{Fault, FaultKind};
use std::collections::HashMap;
use std::fmt::Write as _;

/// How many random bytes a text that stands for a password has: more than anybody guesses, and than any text has by
/// chance.
const LENGTH: usize = 24;

/// How the names of fields end that hold a password.
const FIELD: &str = "password";

/// The attribute whose values Active Directory wants in quotes and in UTF-16.
const QUOTED: &str = "unicodePwd";

/// The first passwords of one batch of changes.
#[derive(Debug, Default)]
pub struct Passwords {
    offered: HashMap<u64, Secret>,
    given: HashMap<u64, String>,
}

impl Passwords {
    /// Passwords of these changes.
    pub fn new(offered: HashMap<u64, Secret>) -> Self {
        Passwords { offered, given: HashMap::new() }
    }

    /// The text that stands for the password of a change.
    pub fn stand_in(&mut self, change: u64) -> Result<String, Fault> {
        if let Some(given) = self.given.get(&change) {
            return Ok(given.clone());
        }
        if !self.offered.contains_key(&change) {
            let message = format!("change {change} makes no account now, so there is no first password for it");
            return Err(Fault::new(FaultKind::Invalid, message));
        }
        let mut bytes = [0; LENGTH];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Fault::new(FaultKind::Internal, "the system gives no random numbers"))?;
        let mut text = String::with_capacity(2 * LENGTH);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        self.given.insert(change, text.clone());
        Ok(text)
    }

    /// What is to be written instead of the value of an attribute of a directory, if it stands for a password.
    pub fn value(&self, attribute: &str, value: &[u8]) -> Option<Vec<u8>> {
        if value.len() != 2 * LENGTH {
            return None;
        }
        let password = self.pairs().find(|(given, _)| given.as_bytes() == value)?.1.expose();
        let name = attribute.split(';').next().unwrap_or_default();
        if !name.eq_ignore_ascii_case(QUOTED) {
            return Some(password.as_bytes().to_vec());
        }
        let quoted = std::iter::once('"').chain(password.chars()).chain(std::iter::once('"'));
        let units = quoted.collect::<String>();
        Some(units.encode_utf16().flat_map(u16::to_le_bytes).collect())
    }

    /// The body with every password in its place, and the passwords that stand in it now. Refused where one would stand
    /// in another field than a password's: what is written there could be read again.
    pub fn body(&self, mut body: Vec<u8>) -> Result<(Vec<u8>, Vec<Secret>), Fault> {
        let mut secrets = Vec::new();
        for (given, password) in self.pairs() {
            if let Some(replaced) = replaced(&body, given.as_bytes(), password.expose().as_bytes())? {
                body = replaced;
                secrets.push(password.clone());
            }
        }
        Ok((body, secrets))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.given.iter().filter_map(|(change, given)| Some((given.as_str(), self.offered.get(change)?)))
    }
}

/// The bytes with one text in the place of another wherever that stands; none where it does not.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let find = |bytes: &[u8]| bytes.windows(from.len()).position(|window| window == from);
    let mut rest = bytes;
    let mut out = Vec::with_capacity(bytes.len());
    while let Some(at) = find(rest) {
        if !names_a_password(&rest[..at]) {
            let message = format!("a first password is written only into a field whose name ends with `{FIELD}`");
            return Err(Fault::new(FaultKind::Permission, message));
        }
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    if rest.len() == bytes.len() {
        return Ok(None);
    }
    out.extend_from_slice(rest);
    Ok(Some(out))
}

/// Whether what stands before a value says that it is a password: `"password": "`, `newPassword=`, `<password>`.
fn names_a_password(before: &[u8]) -> bool {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || b"\"':=>".contains(byte);
    let end = before.iter().rposition(|byte| !is_between(byte)).map_or(0, |last| last + 1);
    let start = end.saturating_sub(FIELD.len());
    before[start..end].eq_ignore_ascii_case(FIELD.as_bytes()) && end < before.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        let offered = [(7, "Ab3d-Ef5h"), (8, "Zz9x-Yy8w")];
        Passwords::new(offered.map(|(change, text)| (change, Secret::new(text.to_owned()))).into())
    }

    #[test]
    fn a_stand_in_is_the_same_for_its_change_and_another_for_every_other() {
        let mut passwords = passwords();
        let first = passwords.stand_in(7).unwrap();
        assert_eq!(passwords.stand_in(7).unwrap(), first);
        assert_ne!(passwords.stand_in(8).unwrap(), first);
        assert!(first.len() == 48 && first.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(passwords.stand_in(9).unwrap_err().kind, FaultKind::Invalid);
        assert_ne!(self::passwords().stand_in(7).unwrap(), first, "another batch");
    }

    #[test]
    fn a_directory_gets_the_password_where_the_stand_in_is_the_whole_value() {
        let mut passwords = passwords();
        let given = passwords.stand_in(7).unwrap();
        assert_eq!(passwords.value("userPassword", given.as_bytes()).unwrap(), b"Ab3d-Ef5h");
        let quoted = passwords.value("unicodepwd", given.as_bytes()).unwrap();
        let units: Vec<u16> = quoted.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        assert_eq!(String::from_utf16(&units).unwrap(), "\"Ab3d-Ef5h\"");
        assert_eq!(passwords.value("description", format!("{given} ").as_bytes()), None);
        assert_eq!(passwords.value("description", b"Anna"), None);
    }

    #[test]
    fn a_body_gets_passwords_wherever_their_stand_ins_are() {
        let mut passwords = passwords();
        let (one, two) = (passwords.stand_in(7).unwrap(), passwords.stand_in(8).unwrap());
        let body = |one: &str, two: &str| {
            format!(
                "{{\"password\": \"{one}\", \"a\": {{\"newPassword\":\"{two}\"}}, \"b\": \"\u{e5}\"}}<Password>{one}"
            )
        };
        let (sent, secrets) = passwords.body(body(&one, &two).into_bytes()).unwrap();
        assert_eq!(String::from_utf8(sent).unwrap(), body("Ab3d-Ef5h", "Zz9x-Yy8w"));
        assert_eq!(secrets.len(), 2);
        let (same, none) = passwords.body(b"{}".to_vec()).unwrap();
        assert_eq!((same.as_slice(), none.len()), (&b"{}"[..], 0));
    }

    #[test]
    fn no_password_goes_where_it_could_be_read_again() {
        let mut passwords = passwords();
        let given = passwords.stand_in(7).unwrap();
        for before in ["{\"displayName\":\"", "", "password", "{\"password\":\"x ", "{\"passwordHint\":\""] {
            let fault = passwords.body(format!("{before}{given}\"}}").into_bytes()).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Permission, "{before}");
            assert!(!fault.message.contains("Ab3d"), "{fault}");
        }
    }

    #[test]
    fn nothing_shows_a_password() {
        let mut passwords = passwords();
        passwords.stand_in(7).unwrap();
        assert!(!format!("{passwords:?}").contains("Ab3d"));
    }
}
