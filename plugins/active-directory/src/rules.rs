//! What is refused before it is sent: what the directory would refuse in words that help nobody, what it would take and
//! others could not work with, and what is not written by its own name.

use crate::class::{ACCOUNT, Sort};
use crate::exchange;
use sluss_sdk::{Error, Value};

/// The most characters of a user's `sAMAccountName`, and of a group's.
const USER: usize = 20;
const GROUP: usize = 256;
/// The most characters of the name of an entry.
const NAME: usize = 64;
/// What no `sAMAccountName` has.
const FORBIDDEN: [char; 15] = ['"', '/', '\\', '[', ']', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>'];

/// Attributes that are not written by their own name, and what to do instead.
const NOT_BY_NAME: [(&str, &str); 16] = [
    ("useraccountcontrol", "it is written bit by bit: use `enabled`"),
    ("accountexpires", "use `expires`, which is the last day"),
    ("grouptype", "use `kind` and `scope`"),
    ("memberof", "membership is written in the group, by a rule for groups"),
    ("unicodepwd", "first passwords are made by the host: see the setting `password`"),
    ("userpassword", "first passwords are made by the host: see the setting `password`"),
    ("pwdlastset", "see the setting `must-change`"),
    ("objectclass", "it follows from the class of the rule"),
    ("objectcategory", "it follows from the class of the rule"),
    ("objectguid", "it is the directory's own"),
    ("objectsid", "it is the directory's own"),
    ("distinguishedname", "it follows from the name and the container of the entry"),
    ("name", "it follows from `cn`"),
    ("primarygroupid", "membership is written in the group, by a rule for groups"),
    ("ntsecuritydescriptor", "rights are granted by hand"),
    ("isdeleted", "objects are removed, not marked"),
];

/// Whether an attribute may be written.
pub fn may_be_written(attribute: &str, writes_exchange: bool) -> Result<(), Error> {
    let lower = attribute.to_ascii_lowercase();
    if let Some((_, instead)) = NOT_BY_NAME.iter().find(|(name, _)| *name == lower) {
        return Err(Error::invalid(format!("`{attribute}` cannot be written as such: {instead}")).attribute(attribute));
    }
    if (exchange::owns(attribute) || attribute == crate::describe::REMOTE_MAILBOX) && !writes_exchange {
        let message = format!(
            "`{attribute}` belongs to Exchange, and Microsoft supports nothing but Exchange's own tools for it: take it out \
             of the rule, or write exchange = \"hybrid\" if you take that on yourself"
        );
        return Err(Error::config(message).attribute(attribute));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b';');
    if attribute.is_empty() || !attribute.bytes().all(plain) {
        return Err(Error::invalid("This cannot be the name of an attribute in a directory").attribute(attribute));
    }
    Ok(())
}

/// Whether the values of an attribute can be.
pub fn values(sort: Sort, attribute: &str, values: &[Value]) -> Result<(), Error> {
    match attribute.to_ascii_lowercase().as_str() {
        "samaccountname" => texts(attribute, values)?.try_for_each(|text| account(sort, text)),
        "userprincipalname" => texts(attribute, values)?.try_for_each(principal),
        "proxyaddresses" => proxies(values),
        _ => Ok(()),
    }
}

fn texts<'v>(attribute: &str, values: &'v [Value]) -> Result<impl Iterator<Item = &'v str>, Error> {
    match values.iter().find(|value| value.as_text().is_none()) {
        Some(_) => Err(Error::invalid(format!("`{attribute}` is text")).attribute(attribute)),
        None => Ok(values.iter().filter_map(Value::as_text)),
    }
}

fn account(sort: Sort, text: &str) -> Result<(), Error> {
    let refused = |message: String| Err(Error::invalid(message).attribute(ACCOUNT));
    let most = match sort {
        Sort::User => USER,
        Sort::Group => GROUP,
    };
    let length = length(text);
    if length > most {
        return refused(format!(
            "`{ACCOUNT}` has {length} characters, and {most} is the most: give its rule a max-length"
        ));
    }
    if let Some(odd) = text.chars().find(|c| FORBIDDEN.contains(c) || c.is_control()) {
        return refused(format!("`{ACCOUNT}` has the character {odd:?}, which Windows does not allow in it"));
    }
    if text.ends_with('.') || text.trim().is_empty() || text.trim() != text {
        return refused(format!("`{ACCOUNT}` is empty, ends with a full stop, or has blanks around it"));
    }
    Ok(())
}

fn principal(text: &str) -> Result<(), Error> {
    match text.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() && !domain.contains('@') => Ok(()),
        _ => Err(Error::invalid("`userPrincipalName` has the form of a mail address: name@domain")
            .attribute("userPrincipalName")),
    }
}

/// The value that names an entry.
pub fn name(attribute: &str, text: &str) -> Result<(), Error> {
    let refused = |message: &str| Err(Error::invalid(message).attribute(attribute));
    if text.trim().is_empty() {
        return refused("The value that names the entry is empty");
    }
    if length(text) > NAME {
        return refused("The value that names the entry has more than 64 characters, which is the most");
    }
    if text.chars().any(char::is_control) {
        return refused("The value that names the entry has a character that cannot be seen");
    }
    Ok(())
}

fn proxies(values: &[Value]) -> Result<(), Error> {
    const ATTRIBUTE: &str = "proxyAddresses";
    let refused = |message: String| Err(Error::invalid(message).attribute(ATTRIBUTE));
    let mut first = 0;
    for text in texts(ATTRIBUTE, values)? {
        let Some((kind, address)) =
            text.split_once(':').filter(|(kind, address)| !kind.is_empty() && !address.is_empty())
        else {
            return refused(format!(
                "A value of `{ATTRIBUTE}` does not say what it is: the first address is written as SMTP:a@b.se, all \
                 others as smtp:c@b.se"
            ));
        };
        if !kind.eq_ignore_ascii_case("smtp") {
            continue;
        }
        if kind != "SMTP" && kind != "smtp" {
            return refused(format!("`{ATTRIBUTE}` has `{kind}:`, which is neither `SMTP:` nor `smtp:`"));
        }
        if !address.contains('@') {
            return refused(format!("A value of `{ATTRIBUTE}` is no mail address"));
        }
        first += u32::from(kind == "SMTP");
    }
    if first > 1 {
        return refused(format!("`{ATTRIBUTE}` has {first} first addresses (`SMTP:`), and there is one at most"));
    }
    Ok(())
}

/// How long Windows takes a text to be.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::ErrorKind;

    fn texts(list: &[&str]) -> Vec<Value> {
        list.iter().map(|text| Value::from(*text)).collect()
    }

    fn is_refused(attribute: &str, list: &[&str]) -> bool {
        match values(Sort::User, attribute, &texts(list)) {
            Ok(()) => false,
            Err(error) => {
                assert!(error.attribute.unwrap().eq_ignore_ascii_case(attribute));
                true
            }
        }
    }

    #[test]
    fn names_that_windows_does_not_allow_are_refused() {
        for good in ["evaobe", "eva.öberg", "a b", "12345678901234567890", "åäöåäöåäöåäöåäöåäöåä"]
        {
            assert!(!is_refused("sAMAccountName", &[good]), "{good}");
        }
        for bad in ["123456789012345678901", "a:b", "a@b,c", "a\u{7}", "a.", " a", "", "a\"", "😀😀😀😀😀😀😀😀😀😀😀"]
        {
            assert!(is_refused("SamAccountName", &[bad]), "{bad}");
        }
        let long = "g".repeat(256);
        assert!(values(Sort::Group, ACCOUNT, &texts(&[&long])).is_ok());
        assert!(values(Sort::Group, ACCOUNT, &texts(&[&format!("{long}g")])).is_err());
        assert!(values(Sort::User, ACCOUNT, &[Value::Integer(1)]).is_err());
        for (text, is_name) in
            [("Eva Öberg", true), (&"x".repeat(64), true), (&"x".repeat(65), false), (" ", false), ("a\nb", false)]
        {
            assert_eq!(name("cn", text).is_ok(), is_name, "{text:?}");
        }
        assert!(!is_refused("userPrincipalName", &["eva@ad.test"]));
        for bad in ["eva", "@ad.test", "eva@", "a@b@c"] {
            assert!(is_refused("userPrincipalName", &[bad]), "{bad}");
        }
    }

    #[test]
    fn addresses_say_which_is_the_first() {
        assert!(!is_refused("proxyAddresses", &["SMTP:a@b.se", "smtp:c@b.se", "X500:/o=x", "sip:a@b.se"]));
        assert!(!is_refused("proxyAddresses", &[]));
        for bad in
            [&["a@b.se"][..], &["SMTP:a@b.se", "SMTP:c@b.se"], &["Smtp:a@b.se"], &["smtp:a"], &["smtp:"], &[":a@b"]]
        {
            assert!(is_refused("proxyAddresses", bad), "{bad:?}");
        }
    }

    #[test]
    fn what_is_not_written_by_its_name_is_refused_with_what_to_do() {
        for name in ["memberOf", "userAccountControl", "unicodePwd", "groupType", "a b", ""] {
            assert_eq!(may_be_written(name, true).unwrap_err().kind, ErrorKind::Invalid, "{name}");
        }
        for name in ["mailNickname", "targetAddress", "msExchHideFromAddressLists", "remote-mailbox"] {
            let error = may_be_written(name, false).unwrap_err();
            assert!(error.message.contains("Exchange's own tools") && error.attribute.as_deref() == Some(name));
            assert!(may_be_written(name, true).is_ok());
        }
        for name in ["title", "extensionAttribute15", "msDS-cloudExtensionAttribute1", "proxyAddresses"] {
            assert!(may_be_written(name, false).is_ok(), "{name}");
        }
    }
}
