//! What Active Directory means by its refusals.
//!
//! It begins its text with the number of a Windows error, which says more than the code of the protocol: of a name that
//! is taken, which one. The host has to know, since it chooses another name then.

use crate::class::ACCOUNT;
use sluss_sdk::{Error, ErrorKind};

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Another account or group has this user name.
    Account,
    /// Another account has this name to log in with.
    Principal,
    /// Another entry of the container has this name, and no other name is taken.
    Name,
    /// Something has a value that is taken; it has to be looked at which.
    SomeName,
    /// Nothing of that kind.
    Other,
}

/// The number of the Windows error that a refusal begins with: eight hexadecimal digits and a colon.
pub fn windows(message: &str) -> Option<u32> {
    message.match_indices(':').find_map(|(end, _)| {
        let digits = message.get(end.checked_sub(8)?..end)?;
        let before = message[..end - 8].chars().next_back();
        let is_apart = before.is_none_or(|before| before.is_whitespace());
        (is_apart && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u32::from_str_radix(digits, 16).ok())?
    })
}

/// A refusal in plain words, and what it is about.
pub fn explained(error: Error) -> (Error, About) {
    let Some(number) = windows(&error.message) else {
        if error.kind == ErrorKind::Permission {
            let message = format!("{}: {GRANT}", error.message);
            return (Error { message, ..error }, About::Other);
        }
        let about = if error.kind == ErrorKind::AlreadyExists { About::SomeName } else { About::Other };
        return (error, about);
    };
    let plain = |kind, sentence: &str| {
        let message = format!("{sentence} (Windows error 0x{number:X})");
        Error { kind, message, ..error.clone() }
    };
    match number {
        USER_EXISTS | GROUP_EXISTS | ALIAS_EXISTS => {
            let sentence = "another account or group of the domain has this sAMAccountName already";
            (plain(ErrorKind::AlreadyExists, sentence), About::Account)
        }
        UPN_NOT_UNIQUE => {
            let sentence = "another account of the forest has this userPrincipalName already";
            (plain(ErrorKind::AlreadyExists, sentence), About::Principal)
        }
        SPN_NOT_UNIQUE => {
            let sentence = "another account of the forest has this servicePrincipalName already";
            (plain(ErrorKind::AlreadyExists, sentence).attribute("servicePrincipalName"), About::Other)
        }
        // Windows says so of the name of an entry alone, and Samba of the user name as well.
        NAME_EXISTS => (plain(ErrorKind::AlreadyExists, "another entry has this name already"), About::SomeName),
        _ if error.kind == ErrorKind::AlreadyExists => (error, About::SomeName),
        _ => match meaning(number) {
            Some((kind, sentence)) => (plain(kind, sentence), About::Other),
            // A failure with a number of its own is about this entry, and no reason to leave the whole domain alone.
            None if error.code.as_deref() == Some(OTHER) => {
                let kind = ErrorKind::Invalid;
                (Error { kind, ..error }, About::Other)
            }
            None => (error, About::Other),
        },
    }
}

/// The code of the protocol for what it has no other code for.
pub const OTHER: &str = "80";
/// The code of the protocol for a value that a rule forbids.
pub const FORBIDDEN: &str = "19";

const GRANT: &str =
    "the account that Sluss logs in with may not do this: see what to grant in the connector's documentation";

const USER_EXISTS: u32 = 0x524;
const GROUP_EXISTS: u32 = 0x526;
const ALIAS_EXISTS: u32 = 0x563;
const NAME_EXISTS: u32 = 0x2071;
const SPN_NOT_UNIQUE: u32 = 0x21C7;
const UPN_NOT_UNIQUE: u32 = 0x21C8;

fn meaning(number: u32) -> Option<(ErrorKind, &'static str)> {
    Some(match number {
        0x5 | 0x2098 => (ErrorKind::Permission, GRANT),
        0x1F => (
            ErrorKind::Invalid,
            "the domain is unwilling; a password is taken over an encrypted connection only, and in its own form",
        ),
        0x52D => (
            ErrorKind::Invalid,
            "the password does not meet the domain's rules, or the account has none and may not be open without one",
        ),
        0x525 | 0x2030 | 0x208D => (ErrorKind::NotFound, "there is no such entry"),
        0x2089 => (ErrorKind::NotFound, "the container is not there"),
        0x2015 => (
            ErrorKind::Invalid,
            "other entries stand below this one, and nothing is removed together with what is in it: move or remove them \
             first",
        ),
        0x200B => (ErrorKind::Invalid, "a value does not have the form that its attribute wants"),
        0x200C => (ErrorKind::Invalid, "the domain's schema does not have an attribute"),
        0x200E => (ErrorKind::Throttled, "the domain controller is busy"),
        0x200F => (ErrorKind::Unavailable, "the domain controller is not available"),
        0x2010 | 0x2011 => (ErrorKind::Unavailable, "the domain controller has no identifiers left to give out"),
        0x2014 => (ErrorKind::Invalid, "the entry would not fit its object class"),
        0x2016 => (ErrorKind::Invalid, "the name of an entry is changed by renaming it"),
        0x2077 => (ErrorKind::Invalid, "this attribute cannot be changed in this way"),
        0x2081 => (ErrorKind::Invalid, "the attribute has one value at most"),
        0x2082 => (ErrorKind::Invalid, "a value is longer or shorter, or larger or smaller, than its attribute allows"),
        0x209A => (ErrorKind::Invalid, "this attribute is the domain controller's own"),
        _ => return None,
    })
}

/// Names the attribute that a refusal is about, as the host calls it.
pub fn named(error: Error, about: About, naming: Option<&str>) -> Error {
    match (about, naming) {
        (About::Account, _) => error.attribute(ACCOUNT),
        (About::Principal, _) => error.attribute("userPrincipalName"),
        (About::Name | About::SomeName, Some(naming)) => error.attribute(naming),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(error: Error) -> (ErrorKind, About) {
        let (error, about) = explained(error);
        (error.kind, about)
    }

    #[test]
    fn the_number_is_found_behind_the_hosts_words() {
        let text =
            "there is an entry of this name already: 00000524: UpdErr: DSID-031A11EB, problem 6005 (ENTRY_EXISTS)";
        assert_eq!(windows(text), Some(0x524));
        assert_eq!(windows("000021C8: AtrErr: DSID-03200BBA, #1:"), Some(0x21C8));
        for none in ["", ":", "refused: 524: x", "refused: 000005240: x", "at 12:30:00", "x00000524: y", "åäö00524: y"]
        {
            assert_eq!(windows(none), None, "{none}");
        }
    }

    #[test]
    fn which_name_is_taken_is_told() {
        let exists = |text: &str| Error::already_exists(format!("there is an entry of this name already: {text}"));
        assert_eq!(about(exists("00000524: UpdErr")), (ErrorKind::AlreadyExists, About::Account));
        assert_eq!(about(exists("00002071: UpdErr")), (ErrorKind::AlreadyExists, About::SomeName));
        assert_eq!(about(exists("Entry CN=x already exists")), (ErrorKind::AlreadyExists, About::SomeName));
        let upn = Error::invalid("a rule of the directory forbids a value: 000021C8: AtrErr: x");
        assert_eq!(about(upn), (ErrorKind::AlreadyExists, About::Principal));
        let named = |about| named(Error::already_exists("x"), about, Some("cn")).attribute;
        assert_eq!(named(About::Account).as_deref(), Some("sAMAccountName"));
        assert_eq!(named(About::Principal).as_deref(), Some("userPrincipalName"));
        assert_eq!(named(About::Name).as_deref(), Some("cn"));
        assert_eq!(named(About::Other), None);
    }

    #[test]
    fn a_number_decides_about_the_kind_and_the_words() {
        let (error, _) =
            explained(Error::invalid("the directory is unwilling to do that: 0000052D: SvcErr: DSID").code("53"));
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Invalid, Some("53")));
        assert!(error.message.contains("domain's rules") && error.message.contains("0x52D"), "{error:?}");
        assert_eq!(about(Error::invalid("x: 00000005: SecErr: y")).0, ErrorKind::Permission);
        assert_eq!(about(Error::invalid("x: 0000200E: y")).0, ErrorKind::Throttled);
        let unknown = Error::invalid("x: 0000FFFF: y");
        assert_eq!(explained(unknown.clone()).0, unknown);
        assert_eq!(explained(Error::unavailable("gone")).0, Error::unavailable("gone"));
        let own = Error::unavailable("the directory failed for reasons of its own: 00002095: x").code("80");
        assert_eq!(about(own), (ErrorKind::Invalid, About::Other));
        assert_eq!(about(Error::unavailable("failed: 0000200F: x").code("80")).0, ErrorKind::Unavailable);
    }
}
