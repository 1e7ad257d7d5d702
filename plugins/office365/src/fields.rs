//! The classes and their attributes: what each is in Graph, how long it may be, and who writes it.

use sluss_sdk::{AttributeInfo, AttributeTraits, ClassInfo, Error, ValueKind};

/// The attribute by which the host closes an account.
pub const ENABLED: &str = "enabled";
/// The attribute that holds licences.
pub const LICENCE: &str = "licence";
/// The name of an account.
pub const NAME: &str = "userPrincipalName";
/// The name that a group is found by.
pub const NICKNAME: &str = "mailNickname";
/// The number that says whose an account is.
pub const NUMBER: &str = "employeeId";
/// The key by which the synchronisation knows an account.
pub const ANCHOR: &str = "onPremisesImmutableId";
/// The country in which licences are used.
pub const LOCATION: &str = "usageLocation";
/// The property that holds what is told only to Exchange.
pub const EXTENSIONS: &str = "onPremisesExtensionAttributes";

/// A class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Accounts of the tenant's own.
    User,
    /// Accounts of guests.
    Guest,
    /// Groups.
    Group,
    /// What the tenant bought.
    Licence,
}

impl Class {
    /// The class of this name.
    pub fn of(name: &str) -> Result<Class, Error> {
        match name {
            "user" => Ok(Class::User),
            "guest" => Ok(Class::Guest),
            "group" => Ok(Class::Group),
            "licence" => Ok(Class::Licence),
            _ => Err(Error::unknown_class(name)),
        }
    }

    /// Its attributes.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Class::User => USER,
            Class::Guest => GUEST,
            Class::Group => GROUP,
            Class::Licence => SKU,
        }
    }

    /// The attribute of this name.
    pub fn field(self, name: &str) -> Result<&'static Field, Error> {
        self.fields().iter().find(|field| field.name == name).ok_or_else(|| {
            Error::invalid(format!("The class `{}` has no attribute `{name}`", self.name())).attribute(name)
        })
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Class::User => "user",
            Class::Guest => "guest",
            Class::Group => "group",
            Class::Licence => "licence",
        }
    }

    /// Where Graph keeps its objects.
    pub fn path(self) -> &'static str {
        match self {
            Class::User | Class::Guest => "/users",
            Class::Group => "/groups",
            Class::Licence => "/subscribedSkus",
        }
    }

    /// How it is described.
    pub fn described(self) -> ClassInfo {
        let about = match self {
            Class::User => "An account of somebody who belongs to the organisation",
            Class::Guest => "An account of somebody who was invited",
            Class::Group => "A security group, or a Microsoft 365 group",
            Class::Licence => "A product that the tenant bought, with its seats",
        };
        let class = self
            .fields()
            .iter()
            .fold(ClassInfo::new(self.name(), about), |class, field| class.attribute(field.described()));
        if self == Class::Licence { class } else { class.writable() }
    }
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// Texts.
    Texts,
    /// A calendar day, kept as the moment when it begins in UTC.
    Day,
    /// Yes or no.
    Truth,
    /// Whether the account may be used.
    Enabled,
    /// A text among the extension attributes.
    Extension,
    /// Licences.
    Licence,
    /// A reference to a user.
    One,
    /// References to users.
    Many,
    /// `security` or `microsoft365`.
    Kind,
    /// What is said once, when the object is made, and not kept.
    Said,
    /// A number that is counted.
    Count,
}

/// An attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, which is that of the property as well, save for those of Sluss's own.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// The most characters of a text, or the most values.
    pub most: usize,
    /// Whether nothing can be without it, so that it is never emptied.
    pub kept: bool,
    /// Whether Graph alone writes it.
    pub read_only: bool,
    /// Whether it is written only when the object is made.
    pub once: bool,
    /// Whether every object has it, so that a policy has to say it.
    pub required: bool,
    unique: bool,
    about: &'static str,
}

const fn field(name: &'static str, shape: Shape, most: usize, about: &'static str) -> Field {
    let no = false;
    Field { name, shape, most, kept: no, read_only: no, once: no, required: no, unique: no, about }
}

const fn text(name: &'static str, most: usize, about: &'static str) -> Field {
    field(name, Shape::Text, most, about)
}

const fn told(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { read_only: true, ..field(name, shape, usize::MAX, about) }
}

impl Field {
    const fn required(mut self) -> Field {
        self.required = true;
        self.kept = true;
        self
    }

    const fn unique(mut self) -> Field {
        self.unique = true;
        self
    }

    const fn kept(mut self) -> Field {
        self.kept = true;
        self
    }

    const fn once(mut self) -> Field {
        self.once = true;
        self
    }

    /// Whether it may hold several values.
    pub fn is_many(&self) -> bool {
        matches!(self.shape, Shape::Texts | Shape::Licence | Shape::Many)
    }

    fn described(&self) -> AttributeInfo {
        let kind = match self.shape {
            Shape::Day => ValueKind::Date,
            Shape::Truth | Shape::Enabled => ValueKind::Boolean,
            Shape::One | Shape::Many => ValueKind::Reference,
            Shape::Count => ValueKind::Integer,
            Shape::Text | Shape::Texts | Shape::Extension | Shape::Licence | Shape::Kind | Shape::Said => {
                ValueKind::Text
            }
        };
        let mut info = match kind {
            ValueKind::Reference => AttributeInfo::reference(self.name, "user", self.about),
            _ => AttributeInfo::new(self.name, kind, self.about),
        };
        for (is, trait_) in [
            (self.required, AttributeTraits::REQUIRED),
            (self.unique, AttributeTraits::UNIQUE | AttributeTraits::CASE_IGNORE),
            (self.is_many(), AttributeTraits::MANY),
            (self.read_only, AttributeTraits::READ_ONLY),
            (self.once, AttributeTraits::CREATE_ONLY),
            (self.shape == Shape::Said, AttributeTraits::WRITE_ONLY),
        ] {
            if is {
                info = info.with(trait_);
            }
        }
        info
    }
}

const EXTENSION: usize = 1024;

const fn extension(name: &'static str) -> Field {
    field(name, Shape::Extension, EXTENSION, "What the organisation likes, for Exchange and others")
}

const USER: &[Field] = &[
    text(NAME, 113, "The name to sign in with, which looks like an address").required().unique(),
    text("displayName", 256, "The name to show").required(),
    text(NICKNAME, 64, "The first part of addresses; what stands before the @ of the name where it is not given")
        .kept(),
    text("givenName", 64, "The given name"),
    text("surname", 64, "The surname"),
    text("jobTitle", 128, "The title"),
    text("department", 64, "The department"),
    text("companyName", 64, "The organisation"),
    text("officeLocation", 128, "Where the office is"),
    text(NUMBER, 16, "The number of the employee, by which an account is known to be somebody's"),
    text("employeeType", 64, "What kind of employee"),
    text("mobilePhone", 64, "The mobile number"),
    field("businessPhones", Shape::Texts, 1, "The telephone number; Graph takes one"),
    field("otherMails", Shape::Texts, 250, "Further addresses, not of this tenant"),
    text("streetAddress", 1024, "The street"),
    text("city", 128, "The town"),
    text("postalCode", 40, "The postal code"),
    text("state", 128, "The county"),
    text("country", 128, "The country"),
    text("preferredLanguage", 64, "The language, such as sv-SE"),
    text(LOCATION, 2, "The country in which licences are used, two letters").kept(),
    field("employeeHireDate", Shape::Day, 1, "The first day"),
    field("employeeLeaveDateTime", Shape::Day, 1, "The last day"),
    text(ANCHOR, 256, "The key by which the synchronisation of Active Directory knows the account"),
    extension("extensionAttribute1"),
    extension("extensionAttribute2"),
    extension("extensionAttribute3"),
    extension("extensionAttribute4"),
    extension("extensionAttribute5"),
    extension("extensionAttribute6"),
    extension("extensionAttribute7"),
    extension("extensionAttribute8"),
    extension("extensionAttribute9"),
    extension("extensionAttribute10"),
    extension("extensionAttribute11"),
    extension("extensionAttribute12"),
    extension("extensionAttribute13"),
    extension("extensionAttribute14"),
    extension("extensionAttribute15"),
    field("manager", Shape::One, 1, "The manager's account"),
    field(ENABLED, Shape::Enabled, 1, "Whether the account can be used; sessions end when it no longer can"),
    field(
        LICENCE,
        Shape::Licence,
        usize::MAX,
        "The licences given to this account alone, of those that the settings name",
    ),
    told("mail", Shape::Text, "The main address. Exchange computes it, and nobody writes it over Graph"),
    told("proxyAddresses", Shape::Texts, "All addresses. Exchange computes them, and nobody writes them over Graph"),
    told("onPremisesSyncEnabled", Shape::Truth, "Whether Active Directory owns the account"),
    told("id", Shape::Text, "The id"),
];

const GUEST: &[Field] = &[
    text("mail", 320, "The address to which the invitation goes").required().unique().once(),
    text("displayName", 256, "The name to show").kept(),
    field("message", Shape::Said, 4000, "What the invitation says besides").once(),
    field("sponsor", Shape::Many, 100, "The accounts of those who answer for the guest"),
    field(ENABLED, Shape::Enabled, 1, "Whether the account can be used"),
    told(NAME, Shape::Text, "The name of the account, which Graph makes up"),
    told("externalUserState", Shape::Text, "Whether the invitation was accepted"),
    told("id", Shape::Text, "The id"),
];

const GROUP: &[Field] = &[
    text("displayName", 256, "The name to show").required(),
    text(NICKNAME, 64, "The name by which the group is found, and the first part of its address").required().unique(),
    text("description", 1024, "What the group is for"),
    field("kind", Shape::Kind, 64, "`security` or `microsoft365`; `security` where it is not given").once(),
    text("visibility", 64, "`Private`, `Public` or `HiddenMembership`, for Microsoft 365 groups").kept(),
    field("member", Shape::Many, usize::MAX, "The accounts that belong to it"),
    field("owner", Shape::Many, 100, "The accounts of those who answer for it"),
    field(LICENCE, Shape::Licence, usize::MAX, "The licences that its members get, of those that the settings name"),
    told("mail", Shape::Text, "The address. Exchange computes it"),
    told("onPremisesSyncEnabled", Shape::Truth, "Whether Active Directory owns the group"),
    told("id", Shape::Text, "The id"),
];

const SKU: &[Field] = &[
    told("sku", Shape::Text, "The product's name (`skuPartNumber`)"),
    told("sku-id", Shape::Text, "Its id (`skuId`)"),
    told("total", Shape::Count, "How many seats there are"),
    told("used", Shape::Count, "How many of them are taken"),
    told("free", Shape::Count, "How many of them are free"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_class_describes_each_of_its_attributes_once() {
        for name in ["user", "guest", "group", "licence"] {
            let class = Class::of(name).unwrap();
            let described = class.described();
            let names: HashSet<&str> = described.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            assert_eq!(names.len(), class.fields().len(), "{name}");
            assert_eq!(class.name(), name);
        }
        assert!(Class::of("mailbox").is_err());
    }

    #[test]
    fn addresses_are_nobodys_to_write() {
        let addresses = Class::User.field("proxyAddresses").unwrap();
        assert!(addresses.read_only && addresses.about.contains("nobody writes"));
        assert!(Class::User.field("skype").unwrap_err().message.contains("no attribute `skype`"));
    }
}
