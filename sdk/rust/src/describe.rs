//! Describing a connector: what it is, which classes it has, which connections it wants.
//!
//! The description is built before there are settings and without any grant, so it can only say what is always true.

use crate::{
    Access, AttributeInfo, AttributeTraits, CheckResult, ClassInfo, ClassOperations, ConnectionKind, ConnectionWant,
    Description, Severity, ValueKind,
};

impl Description {
    /// A connector's short and stable id, its version (`env!("CARGO_PKG_VERSION")`), who made it, and its title. The
    /// schema of the settings is filled in from [`Connector::Settings`](crate::Connector::Settings).
    pub fn new(id: &str, version: &str, vendor: &str, title: &str) -> Self {
        Description {
            id: id.to_owned(),
            version: version.to_owned(),
            vendor: vendor.to_owned(),
            title: title.to_owned(),
            settings_schema: String::new(),
            connections: Vec::new(),
            classes: Vec::new(),
            max_batch: 1,
            extra: Vec::new(),
        }
    }

    /// Adds a connection that the connector wants.
    #[must_use]
    pub fn wants(mut self, want: ConnectionWant) -> Self {
        self.connections.push(want);
        self
    }

    /// Adds a class.
    #[must_use]
    pub fn class(mut self, class: ClassInfo) -> Self {
        self.classes.push(class);
        self
    }

    /// The most changes that one `apply` takes.
    #[must_use]
    pub fn batch(mut self, changes: u32) -> Self {
        self.max_batch = changes;
        self
    }
}

impl ConnectionWant {
    /// A granted folder, named by this settings key.
    pub fn files(setting: &str, access: Access, reason: &str) -> Self {
        Self::new(setting, ConnectionKind::Files, access, reason)
    }

    /// An HTTP connection, named by this settings key.
    pub fn http(setting: &str, access: Access, reason: &str) -> Self {
        Self::new(setting, ConnectionKind::Http, access, reason)
    }

    /// An LDAP connection, named by this settings key.
    pub fn ldap(setting: &str, access: Access, reason: &str) -> Self {
        Self::new(setting, ConnectionKind::Ldap, access, reason)
    }

    fn new(setting: &str, kind: ConnectionKind, access: Access, reason: &str) -> Self {
        ConnectionWant { setting: setting.to_owned(), kind, access, reason: reason.to_owned() }
    }
}

impl ClassInfo {
    /// A class that can be read.
    pub fn new(name: &str, description: &str) -> Self {
        ClassInfo {
            name: name.to_owned(),
            description: description.to_owned(),
            attributes: Vec::new(),
            open: false,
            operations: ClassOperations::READ,
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: AttributeInfo) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Other attributes than the listed ones may be used as well.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Objects of the class can also be made, changed and removed.
    #[must_use]
    pub fn writable(mut self) -> Self {
        self.operations = ClassOperations::all();
        self
    }
}

impl AttributeInfo {
    /// An attribute of any kind.
    pub fn new(name: &str, kind: ValueKind, description: &str) -> Self {
        AttributeInfo {
            name: name.to_owned(),
            kind,
            traits: AttributeTraits::empty(),
            refers_to: None,
            description: description.to_owned(),
        }
    }

    /// A text.
    pub fn text(name: &str, description: &str) -> Self {
        Self::new(name, ValueKind::Text, description)
    }

    /// Yes or no.
    pub fn boolean(name: &str, description: &str) -> Self {
        Self::new(name, ValueKind::Boolean, description)
    }

    /// A calendar day.
    pub fn date(name: &str, description: &str) -> Self {
        Self::new(name, ValueKind::Date, description)
    }

    /// A number with a fraction.
    pub fn real(name: &str, description: &str) -> Self {
        Self::new(name, ValueKind::Real, description)
    }

    /// A reference to an object of a class.
    pub fn reference(name: &str, class: &str, description: &str) -> Self {
        AttributeInfo { refers_to: Some(class.to_owned()), ..Self::new(name, ValueKind::Reference, description) }
    }

    /// Adds traits.
    #[must_use]
    pub fn with(mut self, traits: AttributeTraits) -> Self {
        self.traits |= traits;
        self
    }

    /// No object is without it.
    #[must_use]
    pub fn required(self) -> Self {
        self.with(AttributeTraits::REQUIRED)
    }

    /// It may hold several values.
    #[must_use]
    pub fn many(self) -> Self {
        self.with(AttributeTraits::MANY)
    }

    /// No two objects share a value.
    #[must_use]
    pub fn unique(self) -> Self {
        self.with(AttributeTraits::UNIQUE)
    }

    /// It is never shown.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.with(AttributeTraits::SENSITIVE)
    }
}

impl CheckResult {
    /// This is in order.
    pub fn info(name: impl Into<String>, message: impl Into<String>) -> Self {
        CheckResult { name: name.into(), severity: Severity::Info, message: message.into() }
    }

    /// This works, but somebody should look at it.
    pub fn warning(name: impl Into<String>, message: impl Into<String>) -> Self {
        CheckResult { name: name.into(), severity: Severity::Warning, message: message.into() }
    }

    /// This does not work.
    pub fn failure(name: impl Into<String>, message: impl Into<String>) -> Self {
        CheckResult { name: name.into(), severity: Severity::Failure, message: message.into() }
    }
}
