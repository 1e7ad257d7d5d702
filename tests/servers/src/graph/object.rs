//! A user or a group, with all that hangs on it.

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Properties by their names.
pub type Properties = Map<String, Value>;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A user.
    User,
    /// A group.
    Group,
}

impl Kind {
    /// As messages call it.
    pub fn resource(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
        }
    }

    /// As `@odata.type` calls it.
    pub fn odata_type(self) -> &'static str {
        match self {
            Kind::User => "#microsoft.graph.user",
            Kind::Group => "#microsoft.graph.group",
        }
    }

    /// As addresses call all of them.
    pub fn collection(self) -> &'static str {
        match self {
            Kind::User => "users",
            Kind::Group => "groups",
        }
    }
}

/// A product that was assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// The service plans that are switched off.
    pub disabled: BTreeSet<String>,
    /// Why the user does not have it after all.
    pub error: Option<&'static str>,
    /// Since when.
    pub updated: Timestamp,
}

/// A user or a group.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its id, in small letters.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its properties. What is not there is null, or an empty collection.
    pub properties: Properties,
    /// The password that was set last. Graph never tells it.
    pub password: Option<String>,
    /// The user's manager.
    pub manager: Option<String>,
    /// Who answers for the user.
    pub sponsors: BTreeSet<String>,
    /// The group's members, also those in the bin.
    pub members: BTreeSet<String>,
    /// The group's owners.
    pub owners: BTreeSet<String>,
    /// What was assigned to the object itself, by product.
    pub licences: BTreeMap<String, Licence>,
    /// What a user has by groups: by group and product.
    pub inherited: BTreeMap<(String, String), Licence>,
    /// The products for which a seat is taken.
    pub seated: BTreeSet<String>,
    /// Whether it holds a role that makes it more than others.
    pub privileged: bool,
    /// Since when it is in the bin.
    pub deleted: Option<Timestamp>,
    /// From when on it can be seen.
    pub visible: Timestamp,
    /// From when on it can be referred to.
    pub referable: Timestamp,
    /// What readers see instead of its properties, and how long.
    pub before: Option<(Timestamp, Properties)>,
    /// From when on it has a mailbox.
    pub mailbox: Option<Timestamp>,
}

impl Object {
    /// A new object that everybody sees.
    pub fn new(id: String, kind: Kind, properties: Properties, now: Timestamp) -> Object {
        Object {
            id,
            kind,
            properties,
            password: None,
            manager: None,
            sponsors: BTreeSet::new(),
            members: BTreeSet::new(),
            owners: BTreeSet::new(),
            licences: BTreeMap::new(),
            inherited: BTreeMap::new(),
            seated: BTreeSet::new(),
            privileged: false,
            deleted: None,
            visible: now,
            referable: now,
            before: None,
            mailbox: None,
        }
    }

    /// A property, which may be null.
    pub fn get(&self, name: &str) -> &Value {
        self.properties.get(name).unwrap_or(&Value::Null)
    }

    /// A property that is a text, or an empty one.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// The texts of a property that has many.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.get(name).as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether it is neither in the bin nor purged.
    pub fn is_live(&self) -> bool {
        self.deleted.is_none()
    }

    /// Whether a directory on premises owns it.
    pub fn is_synced(&self) -> bool {
        self.get("onPremisesSyncEnabled") == &Value::Bool(true)
    }

    /// Whether it is a Microsoft 365 group.
    pub fn is_unified(&self) -> bool {
        self.texts("groupTypes").contains(&"Unified")
    }

    /// The properties that a reader sees now.
    pub fn shown(&self, now: Timestamp) -> &Properties {
        match &self.before {
            Some((until, properties)) if now < *until => properties,
            _ => &self.properties,
        }
    }

    /// The products that a user really has, directly or by a group, each with the plans that are off.
    pub fn products(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let inherited = self.inherited.iter().map(|((_, product), licence)| (product, licence));
        let had = self.licences.iter().chain(inherited).filter(|(_, licence)| licence.error.is_none());
        let mut products: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (product, licence) in had {
            let off: BTreeSet<&str> = licence.disabled.iter().map(String::as_str).collect();
            // A plan is off only where every assignment has it off.
            products
                .entry(product)
                .and_modify(|known| *known = known.intersection(&off).copied().collect())
                .or_insert(off);
        }
        products
    }
}
