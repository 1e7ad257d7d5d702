//! What a connection lets through: which names, and which attributes.
//!
//! It stands between every plugin and the server. A name passes when it lies, parsed, within the granted base; an
//! attribute when no list of the operator's denies it, under whatever case or option it is asked for.

use super::config::LdapConfig;
use super::dn::{Dn, Rdn};
use super::message::{Attribute, Entry};
use sluss_engine::fault::{Fault, FaultKind};

/// The limits of one connection.
#[derive(Debug)]
pub struct Fence {
    connection: String,
    base: Dn,
    deny_read: Vec<String>,
    deny_write: Vec<String>,
}

impl Fence {
    /// The limits that a configuration sets.
    pub fn new(connection: &str, config: &LdapConfig) -> Result<Fence, Fault> {
        let base = Dn::parse(&config.base).map_err(|error| {
            let message = format!("`base` of the connection {connection} is no distinguished name: {error}");
            Fault::new(FaultKind::Config, message)
        })?;
        if base.parent().is_none() {
            let message = format!("`base` of the connection {connection} is empty: name the part of the directory");
            return Err(Fault::new(FaultKind::Config, message));
        }
        let lower = |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect();
        Ok(Fence {
            connection: connection.to_owned(),
            base,
            deny_read: lower(&config.deny_read),
            deny_write: lower(&config.deny_write),
        })
    }

    /// The granted base.
    pub fn base(&self) -> &Dn {
        &self.base
    }

    /// Parses a name and lets it pass when it lies within the base.
    pub fn name(&self, text: &str) -> Result<Dn, Fault> {
        let about = |mut fault: Fault| {
            fault.object = Some(text.to_owned());
            fault
        };
        let dn = Dn::parse(text).map_err(|error| about(malformed(&error.to_string())))?;
        if dn.is_within(&self.base) {
            return Ok(dn);
        }
        let message = format!(
            "the entry is outside of {}, to which the connection {} is limited by `base`",
            self.base, self.connection
        );
        Err(about(Fault::new(FaultKind::Permission, message)))
    }

    /// The name that an entry would have after a rename, when it and the way there are allowed.
    pub fn renamed(&self, dn: &Dn, rdn: &str, parent: Option<&str>) -> Result<Dn, Fault> {
        self.below(dn)?;
        let rdn = Rdn::parse(rdn).map_err(|error| malformed(&error.to_string()))?;
        let above = match parent {
            Some(parent) => self.name(parent)?,
            None => dn.parent().unwrap_or_else(|| self.base.clone()),
        };
        Ok(above.child(rdn))
    }

    /// The base itself is neither moved nor removed.
    pub fn below(&self, dn: &Dn) -> Result<(), Fault> {
        if *dn != self.base {
            return Ok(());
        }
        let message = format!("{dn} is the base of the connection {} and stays where it is", self.connection);
        Err(Fault::new(FaultKind::Permission, message))
    }

    /// Lets a list of wanted attributes pass.
    pub fn wanted(&self, attributes: &[String]) -> Result<(), Fault> {
        attributes.iter().try_for_each(|name| match name.as_str() {
            "*" | "+" | "1.1" => Ok(()),
            _ => self.attribute(name, &self.deny_read, "deny-read"),
        })
    }

    /// Lets a filter pass: one that asks about a denied attribute would find its value out.
    pub fn filter(&self, filter: &str) -> Result<(), Fault> {
        // Inside of a value a parenthesis is escaped, so each one begins a part of the filter.
        for part in filter.split('(').skip(1) {
            if part.starts_with(['&', '|', '!']) {
                continue;
            }
            let name = part.split(['=', '~', '<', '>', ':']).next().unwrap_or_default();
            self.attribute(name.trim(), &self.deny_read, "deny-read")?;
        }
        Ok(())
    }

    /// Lets attributes of a write pass. A password that the host itself made passes where no plugin can read it, and
    /// nowhere else.
    pub fn written<'a>(&self, mut attributes: impl Iterator<Item = &'a Attribute>) -> Result<(), Fault> {
        attributes.try_for_each(|attribute| {
            if !attribute.is_password {
                return self.attribute(&attribute.name, &self.deny_write, "deny-write");
            }
            self.attribute(&attribute.name, &[], "deny-write")?;
            if denies(&self.deny_read, &attribute.name) {
                return Ok(());
            }
            let message = format!(
                "a first password is written only where no plugin can read it, and {} can be read: to allow it, add it to \
                 `deny-read` of the connection {}",
                attribute.name, self.connection
            );
            let mut fault = Fault::new(FaultKind::Permission, message);
            fault.attribute = Some(attribute.name.clone());
            Err(fault)
        })
    }

    /// Takes out of an entry what `*` and `+` brought along.
    pub fn strip(&self, entry: &mut Entry) {
        entry.attributes.retain(|attribute| !denies(&self.deny_read, &attribute.name));
    }

    fn attribute(&self, name: &str, denied: &[String], list: &str) -> Result<(), Fault> {
        let mut letters = name.bytes();
        let is_name = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-;_".contains(&byte) || b"=*".contains(&byte));
        let message = if !is_name {
            // A number would name an attribute past the lists.
            format!("{name:?} is no attribute name; attributes are asked for by name, not by number")
        } else if denies(denied, name) {
            format!(
                "the attribute {name} is closed to plugins; to open it, set `{list}` of the connection {} to a list \
                 without it",
                self.connection
            )
        } else {
            return Ok(());
        };
        let kind = if is_name { FaultKind::Permission } else { FaultKind::Invalid };
        let mut fault = Fault::new(kind, message);
        fault.attribute = Some(name.to_owned());
        Err(fault)
    }
}

fn malformed(why: &str) -> Fault {
    Fault::new(FaultKind::Invalid, format!("the entry's name is malformed: {why}"))
}

fn denies(list: &[String], name: &str) -> bool {
    let name = name.split(';').next().unwrap_or_default().to_lowercase();
    list.iter().any(|denied| match denied.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *denied,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fence() -> Fence {
        let config = "url = 'ldaps://localhost'\nbase = 'ou=municipality,dc=example,dc=test'";
        Fence::new("directory", &toml::from_str(config).unwrap()).unwrap()
    }

    #[test]
    fn names_outside_of_the_base_are_refused_whatever_they_look_like() {
        let fence = fence();
        assert!(fence.name("uid=a,OU=Municipality,dc=example,dc=test").is_ok());
        for outside in ["dc=example,dc=test", "uid=a,ou=xmunicipality,dc=example,dc=test", "uid=a"] {
            let fault = fence.name(outside).unwrap_err();
            assert_eq!((fault.kind, fault.object.as_deref()), (FaultKind::Permission, Some(outside)));
            assert!(fault.message.contains("`base`"), "{fault}");
        }
        assert_eq!(fence.name("anna").unwrap_err().kind, FaultKind::Invalid);
    }

    #[test]
    fn an_entry_is_not_renamed_out_of_the_base() {
        let fence = fence();
        let entry = fence.name("uid=a,ou=municipality,dc=example,dc=test").unwrap();
        let inside = fence.renamed(&entry, "uid=b", None).unwrap();
        assert_eq!(inside.to_string(), "uid=b,ou=municipality,dc=example,dc=test");
        let out = fence.renamed(&entry, "uid=b", Some("dc=example,dc=test")).unwrap_err();
        assert_eq!(out.kind, FaultKind::Permission);
        assert_eq!(fence.renamed(&entry, "uid=b,dc=test", None).unwrap_err().kind, FaultKind::Invalid);
        let base = fence.base().clone();
        assert_eq!(fence.renamed(&base, "ou=other", None).unwrap_err().kind, FaultKind::Permission);
        assert_eq!(fence.below(&base).unwrap_err().kind, FaultKind::Permission);
    }

    #[test]
    fn closed_attributes_are_neither_read_nor_asked_about_nor_written() {
        let fence = fence();
        let wanted = |name: &str| fence.wanted(&[name.to_owned()]);
        for open in ["cn", "*", "+", "cn;lang-sv", "pwdAccountLockedTime"] {
            assert!(wanted(open).is_ok(), "{open}");
        }
        for closed in ["userPassword", "USERPASSWORD;binary", "ms-Mcs-AdmPwdExpirationTime", "unicodePwd"] {
            assert!(wanted(closed).unwrap_err().message.contains("`deny-read`"), "{closed}");
        }
        assert_eq!(wanted("2.5.4.35").unwrap_err().kind, FaultKind::Invalid);
        for filter in
            ["(uid=a)", "(&(objectClass=*)(!(cn>=b)))", "(|(cn:caseExactMatch:=x)(sn~=y))", r"(cn=\28userPassword=a)"]
        {
            assert!(fence.filter(filter).is_ok(), "{filter}");
        }
        for filter in [
            "(userPassword=a*)",
            "(&(uid=a)(!(userpassword=*)))",
            "(2.5.4.35:=x)",
            "(:octetStringMatch:=x)",
            "( userPassword=a)",
        ] {
            assert!(fence.filter(filter).is_err(), "{filter}");
        }
        let attribute = |name: &str| Attribute { name: name.to_owned(), values: Vec::new(), is_password: false };
        assert!(fence.written([attribute("cn")].iter()).is_ok());
        let fault = fence.written([attribute("cn"), attribute("unicodePwd")].iter()).unwrap_err();
        assert_eq!(fault.attribute.as_deref(), Some("unicodePwd"));
        let password = Attribute { is_password: true, ..attribute("unicodePwd") };
        assert!(fence.written([password.clone()].iter()).is_ok(), "one of the host's own");
        let elsewhere = |name: &str| Attribute { name: name.to_owned(), ..password.clone() };
        assert!(fence.written([elsewhere("2.5.4.35")].iter()).is_err());
        let fault = fence.written([elsewhere("description")].iter()).unwrap_err();
        assert!(fault.message.contains("`deny-read`"), "it could be read there: {fault}");
        let mut entry = Entry { dn: String::new(), attributes: ["cn", "userPassword"].map(attribute).to_vec() };
        fence.strip(&mut entry);
        assert_eq!(entry.attributes, [attribute("cn")]);
    }

    #[test]
    fn a_base_has_to_name_something() {
        for base in ["", "  ", "people"] {
            let config = format!("url = 'ldaps://localhost'\nbase = '{base}'");
            let fault = Fence::new("directory", &toml::from_str(&config).unwrap()).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Config);
        }
    }
}
