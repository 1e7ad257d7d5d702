//! A class settled on the granted base: where its objects stand, what its attributes are in the directory, how entries
//! read.

use crate::describe::{CONTAINER, ENABLED, EXPIRES, KIND, REMOTE_MAILBOX, SCOPE};
use crate::guid::{Guid, Named, sid};
use crate::settings::{ClassSettings, Classes};
use crate::{control, exchange, filetime, group};
use sluss_sdk::directory::{Dn, Kind, from_bytes};
use sluss_sdk::ldap::Entry;
use sluss_sdk::{Attribute, Cell, Error, Object, Row, Value};

/// The attribute that every account and group is known by.
pub const ACCOUNT: &str = "sAMAccountName";
/// The attribute that names an entry.
pub const NAME: &str = "cn";
/// Stands for no attribute at all (RFC 4511, 4.5.1.8), where the name of an entry is all that is wanted.
pub const NOTHING: &str = "1.1";

/// The base and the two classes.
#[derive(Debug, Clone)]
pub struct Layout {
    base: Dn,
    user: Class,
    group: Class,
}

impl Layout {
    /// Settles the settings on a base.
    pub fn new(base: &str, settings: &Classes) -> Result<Self, Error> {
        let base = Dn::parse(base).map_err(|e| Error::config(format!("base `{base}`: {}", e.message)))?;
        let user = Class::new(Sort::User, &base, &settings.user)?;
        let group = Class::new(Sort::Group, &base, &settings.group)?;
        Ok(Layout { base, user, group })
    }

    /// The base.
    pub fn base(&self) -> &Dn {
        &self.base
    }

    /// The classes.
    pub fn classes(&self) -> [&Class; 2] {
        [&self.user, &self.group]
    }

    /// The class of this name.
    pub fn class(&self, name: &str) -> Result<&Class, Error> {
        self.classes().into_iter().find(|class| class.name() == name).ok_or_else(|| Error::unknown_class(name))
    }
}

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Accounts.
    User,
    /// Groups.
    Group,
}

/// A class of objects.
#[derive(Debug, Clone)]
pub struct Class {
    /// Which of the two it is.
    pub sort: Sort,
    /// The granted base.
    pub base: Dn,
    /// Where new objects are put unless they say otherwise.
    pub container: Dn,
    /// The attribute that the operator wants entries named by.
    pub rdn: Option<String>,
    kinds: Vec<(String, Kind)>,
}

/// What an attribute of the host is in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Where the entry stands.
    Container,
    /// A bit of `userAccountControl`.
    Enabled,
    /// `accountExpires`, as a day.
    Expires,
    /// A part of `groupType`.
    GroupKind,
    /// The other part of it.
    GroupScope,
    /// Whether `msExchRecipientTypeDetails` and its like say so.
    RemoteMailbox,
    /// `objectGUID`, as text.
    Guid,
    /// `objectSid`, as text.
    Sid,
    /// A password, which nobody reads.
    Hidden,
    /// The directory's own.
    Own(Kind),
}

/// What the usual schema holds besides text.
const KINDS: [(&str, Kind); 23] = [
    ("member", Kind::Reference),
    ("memberof", Kind::Reference),
    ("manager", Kind::Reference),
    ("managedby", Kind::Reference),
    ("managedobjects", Kind::Reference),
    ("directreports", Kind::Reference),
    ("secretary", Kind::Reference),
    ("assistant", Kind::Reference),
    ("owner", Kind::Reference),
    ("seealso", Kind::Reference),
    ("authorig", Kind::Reference),
    ("publicdelegates", Kind::Reference),
    ("thumbnailphoto", Kind::Binary),
    ("jpegphoto", Kind::Binary),
    ("photo", Kind::Binary),
    ("usercertificate", Kind::Binary),
    ("usersmimecertificate", Kind::Binary),
    ("ms-ds-consistencyguid", Kind::Binary),
    ("whencreated", Kind::Timestamp),
    ("whenchanged", Kind::Timestamp),
    ("msexchwhenmailboxcreated", Kind::Timestamp),
    ("msexchhidefromaddresslists", Kind::Boolean),
    ("isdeleted", Kind::Boolean),
];

impl Class {
    fn new(sort: Sort, base: &Dn, settings: &ClassSettings) -> Result<Self, Error> {
        let (name, usual) = match sort {
            Sort::User => ("user", "OU=People"),
            Sort::Group => ("group", "OU=Groups"),
        };
        let container = settings.container.as_deref().unwrap_or(usual);
        let container = Dn::parse(container)
            .map_err(|e| Error::config(format!("classes.{name}.container `{container}`: {}", e.message)))?
            .within(base);
        let own = settings.kinds.iter().map(|(attribute, kind)| (attribute.to_ascii_lowercase(), *kind));
        let kinds = own.chain(KINDS.map(|(attribute, kind)| (attribute.to_owned(), kind))).collect();
        let rdn = settings.rdn.clone().filter(|rdn| !rdn.eq_ignore_ascii_case(NAME));
        Ok(Class { sort, base: base.clone(), container, rdn, kinds })
    }

    /// The name of the class.
    pub fn name(&self) -> &'static str {
        match self.sort {
            Sort::User => "user",
            Sort::Group => "group",
        }
    }

    /// A search filter that finds the entries of this class.
    pub fn filter(&self) -> &'static str {
        match self.sort {
            Sort::User => "(&(objectCategory=person)(objectClass=user))",
            Sort::Group => "(objectClass=group)",
        }
    }

    /// A filter that also finds those that are gone: they have lost their category.
    pub fn filter_of_gone(&self) -> &'static str {
        match self.sort {
            Sort::User => "(&(objectClass=user)(!(objectClass=computer)))",
            Sort::Group => "(objectClass=group)",
        }
    }

    /// What an attribute of the host is.
    pub fn meaning(&self, name: &str) -> Meaning {
        let lower = name.to_ascii_lowercase();
        match (name, self.sort) {
            (CONTAINER, _) => Meaning::Container,
            (ENABLED, Sort::User) => Meaning::Enabled,
            (EXPIRES, Sort::User) => Meaning::Expires,
            (REMOTE_MAILBOX, Sort::User) => Meaning::RemoteMailbox,
            (KIND, Sort::Group) => Meaning::GroupKind,
            (SCOPE, Sort::Group) => Meaning::GroupScope,
            _ => match lower.as_str() {
                "objectguid" => Meaning::Guid,
                "objectsid" => Meaning::Sid,
                "unicodepwd" | "userpassword" => Meaning::Hidden,
                _ => {
                    Meaning::Own(self.kinds.iter().find(|(own, _)| *own == lower).map_or(Kind::Text, |(_, kind)| *kind))
                }
            },
        }
    }

    /// What to ask the directory for so that these attributes can be told.
    pub fn wanted(&self, attributes: &[String]) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::with_capacity(attributes.len());
        for name in attributes {
            let own = match self.meaning(name) {
                Meaning::Container | Meaning::Guid | Meaning::Hidden => continue,
                Meaning::Enabled => control::ATTRIBUTE,
                Meaning::Expires => "accountExpires",
                Meaning::GroupKind | Meaning::GroupScope => group::ATTRIBUTE,
                Meaning::RemoteMailbox => exchange::DETAILS,
                Meaning::Sid => "objectSid",
                Meaning::Own(_) => name,
            };
            if !wanted.iter().any(|known| known.eq_ignore_ascii_case(own)) {
                wanted.push(own.to_owned());
            }
        }
        if wanted.is_empty() {
            wanted.push(NOTHING.to_owned());
        }
        wanted
    }

    /// How these attributes are read from entries: settled once for many of them.
    pub fn columns<'c>(&'c self, names: &'c [String]) -> Columns<'c> {
        let columns = names.iter().map(|name| (name.as_str(), self.meaning(name))).collect();
        Columns { base: &self.base, columns }
    }
}

/// How attributes are read from entries.
#[derive(Debug)]
pub struct Columns<'c> {
    base: &'c Dn,
    columns: Vec<(&'c str, Meaning)>,
}

impl Columns<'_> {
    /// An entry as an object with these attributes, leaving out those that it does not have.
    pub fn object(&self, entry: &Entry) -> Result<Object, Error> {
        let (guid, dn) = id(entry)?;
        let attributes = self
            .columns
            .iter()
            .map(|(name, meaning)| Attribute {
                name: (*name).to_owned(),
                values: self.values(name, meaning, entry, (guid, dn)),
            })
            .filter(|attribute| !attribute.values.is_empty())
            .collect();
        Ok(Object { id: guid.to_string(), version: None, attributes })
    }

    /// An entry as a row with these columns. What the entry does not have is stated as none: a directory knows.
    pub fn row(&self, entry: &Entry) -> Result<Row, Error> {
        let (guid, dn) = id(entry)?;
        let cells = self.columns.iter().map(|(name, meaning)| {
            if *meaning == Meaning::Hidden {
                return Cell::Absent;
            }
            let mut values = self.values(name, meaning, entry, (guid, dn));
            match (values.pop(), values.is_empty()) {
                (Some(only), true) => Cell::One(only),
                (last, _) => {
                    values.extend(last);
                    Cell::Many(values)
                }
            }
        });
        Ok(Row { id: guid.to_string(), version: None, cells: cells.collect() })
    }

    fn values(&self, name: &str, meaning: &Meaning, entry: &Entry, (guid, dn): (Guid, &str)) -> Vec<Value> {
        let first = |name: &str| entry.values(name).first().map(Vec::as_slice);
        let one: Option<Value> = match meaning {
            Meaning::Own(kind) => return entry.values(name).iter().map(|bytes| read(*kind, bytes)).collect(),
            Meaning::Container => {
                let parent = Dn::parse(dn).ok().and_then(|dn| dn.parent());
                parent.and_then(|parent| parent.relative_to(self.base)).map(|relative| relative.in_capitals().into())
            }
            Meaning::Enabled => {
                first(control::ATTRIBUTE).and_then(control::read).map(|bits| control::is_enabled(bits).into())
            }
            Meaning::Expires => first("accountExpires").and_then(filetime::read),
            Meaning::GroupKind => first(group::ATTRIBUTE).and_then(group::kind).map(Value::from),
            Meaning::GroupScope => first(group::ATTRIBUTE).and_then(group::scope).map(Value::from),
            Meaning::RemoteMailbox => Some(exchange::is_remote(first(exchange::DETAILS)).into()),
            Meaning::Guid => Some(guid.to_string().into()),
            Meaning::Sid => first("objectSid").and_then(sid).map(Value::from),
            Meaning::Hidden => None,
        };
        one.into_iter().collect()
    }
}

/// The GUID of an entry, and its plain name.
pub fn id(entry: &Entry) -> Result<(Guid, &str), Error> {
    let named = Named::read(&entry.dn);
    let own = || entry.values("objectGUID").first().and_then(|bytes| Guid::from_bytes(bytes));
    let guid = named.guid.or_else(own).ok_or_else(|| {
        Error::unavailable("The directory gave an entry without its GUID, so nobody could find it again")
    })?;
    Ok((guid, named.dn))
}

/// A value as the directory writes it, read as a kind of value.
fn read(kind: Kind, bytes: &[u8]) -> Value {
    match (kind, std::str::from_utf8(bytes)) {
        (Kind::Reference, Ok(text)) => {
            let named = Named::read(text);
            Value::Reference(named.guid.map_or_else(|| named.dn.to_owned(), |guid| guid.to_string()))
        }
        _ => from_bytes(kind, bytes),
    }
}
