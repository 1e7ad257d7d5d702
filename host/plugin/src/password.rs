//! First passwords, made anew from a key and a few random bytes whenever one is needed.
//!
//! What the state file remembers of a password says nothing without the key, and the key says nothing without that; so no
//! password is ever kept, and one that was sent just before a crash is known all the same.

use crate::secret::Secret;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Letters and digits that nobody takes for another when reading them aloud or from paper.
const CAPITALS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const SMALL: &[u8] = b"abcdefghijkmnpqrstuvwxyz";
const DIGITS: &[u8] = b"23456789";
/// What stands where: four groups of four, with capitals, small letters, digits and hyphens, as rules of directories
/// want. The choices come to 69 bits.
const FORM: [&[u8]; 16] = [
    CAPITALS, SMALL, SMALL, SMALL, DIGITS, SMALL, SMALL, SMALL, CAPITALS, SMALL, SMALL, SMALL, DIGITS, SMALL, SMALL,
    SMALL,
];
const GROUP: usize = 4;

/// How many random bytes a salt has.
const SALT: usize = 16;

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

/// Random bytes that make a password another one than every other.
pub fn salt() -> Result<Vec<u8>, NoRandom> {
    random::<SALT>().map(|bytes| bytes.to_vec())
}

/// A key of the host's own making, as text.
pub fn key() -> Result<Secret, NoRandom> {
    let bytes = random::<32>()?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], NoRandom> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

/// The password that comes of a key and a salt.
pub fn first(key: &Secret, salt: &[u8]) -> Secret {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes());
    let mut round = 0_u32;
    let mut bytes = std::iter::from_fn(move || {
        let mut context = hmac::Context::with_key(&key);
        context.update(b"sluss first password");
        context.update(&round.to_be_bytes());
        context.update(salt);
        round += 1;
        Some(context.sign().as_ref().to_vec())
    })
    .flatten();
    let mut password = String::with_capacity(FORM.len() + FORM.len() / GROUP);
    for (place, letters) in FORM.iter().enumerate() {
        if place > 0 && place % GROUP == 0 {
            password.push('-');
        }
        // Bytes beyond the last whole multiple would make the first letters likelier than the others.
        let whole = 256 - 256 % letters.len();
        if let Some(byte) = bytes.by_ref().map(usize::from).find(|byte| *byte < whole) {
            password.push(char::from(letters[byte % letters.len()]));
        }
    }
    Secret::new(password)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_password_follows_from_key_and_salt_alone() {
        let (key, other) = (Secret::new("k".to_owned()), Secret::new("l".to_owned()));
        let password = first(&key, b"salt").expose().to_owned();
        assert_eq!(first(&key, b"salt").expose(), password);
        assert_ne!(first(&key, b"salu").expose(), password);
        assert_ne!(first(&other, b"salt").expose(), password);
        let form = |password: &str| -> String {
            let kind = |c: char| match c {
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                '0'..='9' => '9',
                other => other,
            };
            password.chars().map(kind).collect()
        };
        for salt in 0_u32..200 {
            assert_eq!(form(first(&key, &salt.to_be_bytes()).expose()), "Aaaa-9aaa-Aaaa-9aaa");
        }
    }

    #[test]
    fn every_letter_comes_up_and_no_password_twice() {
        let key = key().unwrap();
        let all: HashSet<String> = (0..500).map(|_| first(&key, &salt().unwrap()).expose().to_owned()).collect();
        assert_eq!(all.len(), 500);
        let seen: HashSet<char> = all.iter().flat_map(|password| password.chars()).collect();
        assert_eq!(seen.len(), CAPITALS.len() + SMALL.len() + DIGITS.len() + 1);
    }
}
