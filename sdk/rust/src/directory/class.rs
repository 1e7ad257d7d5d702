//! The classes of a directory, settled from the operator's settings: where an object stands, how an entry reads.

use super::columns::{Column, Columns};
use super::dn::Dn;
use super::settings::{ClassSettings, Disable, Kind};
use super::text::to_bytes;
use crate::ldap::Entry;
use crate::{Attribute, AttributeInfo, AttributeTraits, ClassInfo, Error, Value, ldap};
use std::collections::BTreeMap;

/// The attribute by which the host disables an object.
pub(super) const ENABLED: &str = "enabled";
/// The attribute by which the host places an object elsewhere than its class says.
pub(super) const CONTAINER: &str = "container";
/// The attribute by which the host names the members of a group.
pub(super) const MEMBER: &str = "member";

/// A directory: its base and its classes.
#[derive(Debug, Clone)]
pub struct Layout {
    base: Dn,
    classes: Vec<Class>,
}

impl Layout {
    /// Settles the settings. The classes `user` and `group` are always there.
    pub fn new(base: &str, settings: &BTreeMap<String, ClassSettings>) -> Result<Self, Error> {
        let base = Dn::parse(base).map_err(|e| Error::config(format!("base `{base}`: {}", e.message)))?;
        let mut names: Vec<&str> = vec!["user", "group"];
        names.extend(settings.keys().map(String::as_str).filter(|name| !matches!(*name, "user" | "group")));
        let none = ClassSettings::default();
        let classes = names
            .into_iter()
            .map(|name| Class::new(name, &base, settings.get(name).unwrap_or(&none)))
            .collect::<Result<_, _>>()?;
        Ok(Layout { base, classes })
    }

    /// The base.
    pub fn base(&self) -> &Dn {
        &self.base
    }

    /// The classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// The class of this name.
    pub fn class(&self, name: &str) -> Result<&Class, Error> {
        self.classes.iter().find(|class| class.name == name).ok_or_else(|| Error::unknown_class(name))
    }
}

/// One class of objects.
#[derive(Debug, Clone)]
pub struct Class {
    pub(super) name: String,
    pub(super) base: Dn,
    pub(super) container: Dn,
    pub(super) rdn: String,
    pub(super) object_classes: Vec<String>,
    pub(super) disable: Option<Disable>,
    pub(super) member: Option<String>,
    pub(super) stand_in: Option<Dn>,
    kinds: Vec<(String, Kind)>,
}

/// What the usual schemas hold besides text.
const KINDS: [(&str, Kind); 11] = [
    ("member", Kind::Reference),
    ("uniquemember", Kind::Reference),
    ("memberof", Kind::Reference),
    ("manager", Kind::Reference),
    ("owner", Kind::Reference),
    ("secretary", Kind::Reference),
    ("seealso", Kind::Reference),
    ("roleoccupant", Kind::Reference),
    ("jpegphoto", Kind::Binary),
    ("createtimestamp", Kind::Timestamp),
    ("modifytimestamp", Kind::Timestamp),
];

impl Class {
    fn new(name: &str, base: &Dn, settings: &ClassSettings) -> Result<Self, Error> {
        let usual = match name {
            "user" => Some(("ou=people", "uid", "inetOrgPerson")),
            "group" => Some(("ou=groups", "cn", "groupOfNames")),
            _ => None,
        };
        let missing = |key: &str| Error::config(format!("classes.{name} needs `{key}`"));
        let container = settings.container.as_deref().or(usual.map(|usual| usual.0)).unwrap_or("");
        let container = Self::dn_setting(name, "container", container)?.within(base);
        let rdn = settings.rdn.clone().or(usual.map(|usual| usual.1.to_owned())).ok_or_else(|| missing("rdn"))?;
        let object_classes = settings
            .object_classes
            .clone()
            .or(usual.map(|usual| vec![usual.2.to_owned()]))
            .filter(|classes| !classes.is_empty())
            .ok_or_else(|| missing("object-classes"))?;
        let disable = settings.disable.clone().or_else(|| {
            let (attribute, value) = ("pwdAccountLockedTime".to_owned(), "000001010000Z".to_owned());
            (name == "user").then_some(Disable { attribute, value, enabled: None })
        });
        let member = settings.member_attribute.clone().or_else(|| (name == "group").then(|| MEMBER.to_owned()));
        let strict = object_classes.iter().any(|class| {
            class.eq_ignore_ascii_case("groupOfNames") || class.eq_ignore_ascii_case("groupOfUniqueNames")
        });
        let stand_in = match settings.empty_member.as_deref() {
            Some("") => None,
            Some(text) => Some(Self::dn_setting(name, "empty-member", text)?),
            None => strict.then(|| base.clone()),
        };
        let mut kinds: Vec<(String, Kind)> =
            settings.kinds.iter().map(|(attribute, kind)| (attribute.to_ascii_lowercase(), *kind)).collect();
        kinds.extend(member.iter().map(|attribute| (attribute.to_ascii_lowercase(), Kind::Reference)));
        kinds.extend(KINDS.map(|(attribute, kind)| (attribute.to_owned(), kind)));
        let stand_in = stand_in.filter(|_| member.is_some());
        Ok(Class {
            name: name.to_owned(),
            base: base.clone(),
            container,
            rdn,
            object_classes,
            disable,
            member,
            stand_in,
            kinds,
        })
    }

    fn dn_setting(class: &str, key: &str, text: &str) -> Result<Dn, Error> {
        Dn::parse(text).map_err(|e| Error::config(format!("classes.{class}.{key} `{text}`: {}", e.message)))
    }

    /// The name of the class.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where new objects are put unless they say otherwise.
    pub fn container(&self) -> &Dn {
        &self.container
    }

    /// The object classes by which an entry of this class is known.
    pub fn object_classes(&self) -> &[String] {
        &self.object_classes
    }

    /// A search filter that finds the entries of this class.
    pub fn filter(&self) -> String {
        let tests: String =
            self.object_classes.iter().map(|class| format!("(objectClass={})", ldap::escape_filter(class))).collect();
        format!("(&{tests})")
    }

    /// Whether an entry is of this class.
    pub fn holds(&self, entry: &Entry) -> bool {
        let own = entry.values("objectClass");
        self.object_classes.iter().all(|class| own.iter().any(|value| value.eq_ignore_ascii_case(class.as_bytes())))
    }

    /// The name that an object made with these attributes gets.
    pub fn dn(&self, attributes: &[Attribute]) -> Result<Dn, Error> {
        let named = |name: &str| attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let value = named(&self.rdn).and_then(|attribute| attribute.values.first()).ok_or_else(|| {
            Error::invalid(format!("A new {} needs `{}`, which names its entry", self.name, self.rdn))
                .attribute(self.rdn.clone())
        })?;
        let container = match named(CONTAINER) {
            Some(attribute) => self.container_of(&attribute.values)?,
            None => self.container.clone(),
        };
        self.named(&container, value)
    }

    /// The name of an object with this naming value in a container.
    pub(super) fn named(&self, container: &Dn, value: &Value) -> Result<Dn, Error> {
        let odd = || Error::invalid("The value that names an entry must be text").attribute(self.rdn.clone());
        let value = String::from_utf8(to_bytes(value)).map_err(|_| odd())?;
        if value.trim().is_empty() {
            return Err(odd());
        }
        Ok(container.child(&self.rdn, &value))
    }

    /// The container that the values of the attribute `container` mean; the class's own where there are none.
    pub(super) fn container_of(&self, values: &[Value]) -> Result<Dn, Error> {
        let odd = |message: &str| Error::invalid(message).attribute(CONTAINER);
        match values {
            [] => Ok(self.container.clone()),
            [Value::Text(text)] => Ok(Dn::parse(text).map_err(|e| odd(&e.message))?.within(&self.base)),
            _ => Err(odd("`container` is one text: a name relative to the base")),
        }
    }

    /// What the directory calls an attribute of the host; none for `container`, which is part of the entry's name.
    pub fn attribute(&self, name: &str) -> Option<String> {
        match (name, &self.disable, &self.member) {
            (CONTAINER, ..) => None,
            (ENABLED, Some(disable), _) => Some(disable.attribute.clone()),
            (MEMBER, _, Some(member)) => Some(member.clone()),
            _ => Some(name.to_owned()),
        }
    }

    /// What to ask a server for so that these attributes can be told.
    pub fn wanted(&self, attributes: &[String]) -> Vec<String> {
        attributes.iter().filter_map(|name| self.attribute(name)).collect()
    }

    /// How these attributes are read from entries: settled once for many of them.
    pub fn columns<'c>(&'c self, names: &'c [String]) -> Columns<'c> {
        Columns(names.iter().map(|name| (name.as_str(), self.column(name))).collect())
    }

    fn column(&self, name: &str) -> Column<'_> {
        let own = match (name, &self.disable) {
            (CONTAINER, _) => return Column::Container(&self.base),
            (ENABLED, Some(disable)) => return Column::Enabled(disable),
            _ => self.attribute(name).unwrap_or_default(),
        };
        let lower = own.to_ascii_lowercase();
        let kind = self.kinds.iter().find(|(attribute, _)| *attribute == lower).map_or(Kind::Text, |(_, kind)| *kind);
        let holds_members = self.member.as_deref().is_some_and(|member| member.eq_ignore_ascii_case(&own));
        let hidden = self.stand_in.as_ref().filter(|_| holds_members).map(Dn::key);
        Column::Own { own, kind, hidden }
    }
}

/// Whether an id has this key; ids that are plainly longer or shorter are not taken apart.
pub(super) fn is_named(id: &str, key: &str) -> bool {
    id.eq_ignore_ascii_case(key) || (id.len().abs_diff(key.len()) < 16 && Dn::parse(id).is_ok_and(|dn| dn.key() == key))
}

/// The class `user` of directories, as connectors describe it.
pub fn user() -> ClassInfo {
    let text = AttributeInfo::text;
    ClassInfo::new("user", "A person's account")
        .attribute(text("uid", "The user name").required().unique().with(AttributeTraits::CASE_IGNORE))
        .attribute(text("cn", "The full name").required())
        .attribute(text("sn", "The surname").required())
        .attribute(text("givenName", "The given name"))
        .attribute(text("displayName", "The name to show"))
        .attribute(text("mail", "The mail address").unique().with(AttributeTraits::CASE_IGNORE))
        .attribute(text("employeeNumber", "The number of the employee"))
        .attribute(text("employeeType", "What kind of employee"))
        .attribute(text("title", "The title"))
        .attribute(text("o", "The organisation").many())
        .attribute(text("ou", "The unit").many())
        .attribute(text("departmentNumber", "The cost centre or department").many())
        .attribute(text("telephoneNumber", "The telephone number").many())
        .attribute(text("mobile", "The mobile number").many())
        .attribute(text("description", "A description").many())
        .attribute(AttributeInfo::reference("manager", "user", "The manager's account"))
        .attribute(text("userPassword", "The password").with(AttributeTraits::WRITE_ONLY | AttributeTraits::SENSITIVE))
        .attribute(AttributeInfo::boolean("enabled", "Whether the account can be used"))
        .attribute(container())
        .open()
        .writable()
}

/// The class `group` of directories, as connectors describe it.
pub fn group() -> ClassInfo {
    let text = AttributeInfo::text;
    ClassInfo::new("group", "A group of accounts")
        .attribute(text("cn", "The name of the group").required().unique().with(AttributeTraits::CASE_IGNORE))
        .attribute(text("description", "A description"))
        .attribute(AttributeInfo::reference("member", "user", "The accounts that belong to it").many())
        .attribute(AttributeInfo::reference("owner", "user", "Who answers for it").many())
        .attribute(container())
        .open()
        .writable()
}

fn container() -> AttributeInfo {
    AttributeInfo::text("container", "Where it stands, relative to the base; the class's container unless given")
        .with(AttributeTraits::CASE_IGNORE)
}
