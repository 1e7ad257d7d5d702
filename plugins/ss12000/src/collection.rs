//! The collections of the service that are read.

use std::fmt;

/// A collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collection {
    /// Schools and what is above them.
    Organisations,
    /// Classes, teaching groups and others.
    Groups,
    /// Children's places in preschool and leisure-time centres.
    Placements,
    /// What staff do where.
    Duties,
    /// Pupils, children, guardians and staff.
    Persons,
}

impl Collection {
    /// All of them. Persons come last, so that everybody who is spoken of was there when they are read.
    pub const ALL: [Collection; 5] = [
        Collection::Organisations,
        Collection::Groups,
        Collection::Placements,
        Collection::Duties,
        Collection::Persons,
    ];

    /// What the service calls it.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Organisations => "organisations",
            Collection::Groups => "groups",
            Collection::Placements => "placements",
            Collection::Duties => "duties",
            Collection::Persons => "persons",
        }
    }

    /// Where it stands below the connection's address.
    pub fn path(self) -> &'static str {
        match self {
            Collection::Organisations => "/organisations",
            Collection::Groups => "/groups",
            Collection::Placements => "/placements",
            Collection::Duties => "/duties",
            Collection::Persons => "/persons",
        }
    }

    /// What the service calls one of its records.
    pub fn entity(self) -> &'static str {
        match self {
            Collection::Organisations => "Organisation",
            Collection::Groups => "Group",
            Collection::Placements => "Placement",
            Collection::Duties => "Duty",
            Collection::Persons => "Person",
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}
