//! What an operator may say about the service.

use crate::class::Class;
use crate::path::Path;
use crate::values::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::Error;
use std::collections::BTreeMap;

/// Which service it is, and what Sluss writes there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the HTTP connection. Its `url` is the base address of the service, below which `/Users` and `/Groups`
    /// are: `https://app.example.com/scim/v2`.
    pub connection: String,
    /// Whether new accounts get a first password. It is made by Sluss and never seen by the plugin.
    #[serde(default)]
    pub initial_password: bool,
    /// Further attributes, by the names that the policy calls them, and others in the place of those that are built in.
    #[serde(default)]
    pub attributes: BTreeMap<String, AttributeSettings>,
    /// What the service can do, where it does not say so or says it wrongly.
    #[serde(default)]
    pub supports: Supports,
    /// How many resources are read at once, at most.
    #[serde(default = "page_size")]
    #[schemars(range(min = 1, max = 1000))]
    pub page_size: u32,
    /// How many members of a group one request adds or removes, at most.
    #[serde(default = "members")]
    #[schemars(range(min = 1, max = 1000))]
    pub members: u32,
    /// After how many seconds no further change is begun in one call of the host, which then asks again for the rest.
    /// With the connection's `timeout` it has to stay below the system's limit `call`.
    #[serde(default = "seconds")]
    #[schemars(range(min = 1, max = 3600))]
    pub seconds: u32,
}

/// Where an attribute stands, and what kind of values it has.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttributeSettings {
    /// Its path in SCIM: `nickName`, `addresses[type eq "work"].locality`, `urn:example:2.0:User:badge`.
    pub path: String,
    /// What kind of values it has.
    #[serde(default)]
    #[schemars(extend("default" = "text"))]
    pub kind: Kind,
    /// Whether it is a list (`multiValued` in the service's schema).
    #[serde(default)]
    pub many: bool,
    /// The class that has it.
    #[serde(default)]
    #[schemars(extend("default" = "user"))]
    pub class: Class,
}

/// What a service can do. Without a word, what it says itself (`/ServiceProviderConfig`).
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Supports {
    /// Whether parts of a resource can be changed. Otherwise it is read, and written as a whole.
    pub patch: Option<bool>,
    /// Whether many changes can travel in one request.
    pub bulk: Option<bool>,
    /// Whether resources can be looked for by an attribute. Otherwise all are read.
    pub filter: Option<bool>,
    /// Whether resources can be read in an order.
    pub sort: Option<bool>,
    /// Whether a change can be made to depend on the version of a resource.
    pub etag: Option<bool>,
}

impl Settings {
    /// Refuses what the schema cannot.
    pub fn check(&self) -> Result<(), Error> {
        for (name, own) in &self.attributes {
            let about = |error: Error| Error::config(format!("attributes.{name}: {}", error.message));
            if name.trim().is_empty() || name == crate::class::ENABLED || name == crate::class::MEMBER {
                return Err(Error::config(format!("attributes.{name}: it cannot have another place than its own")));
            }
            Path::parse(&own.path).map_err(about)?;
        }
        for (name, number, most) in
            [("page-size", self.page_size, 1000), ("members", self.members, 1000), ("seconds", self.seconds, 3600)]
        {
            if !(1..=most).contains(&number) {
                return Err(Error::config(format!("`{name}` has to be from 1 to {most}")));
            }
        }
        Ok(())
    }
}

fn page_size() -> u32 {
    200
}

fn members() -> u32 {
    200
}

fn seconds() -> u32 {
    25
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn settings(more: serde_json::Value) -> Result<(), String> {
        let mut all = json!({"connection": "app"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings: Settings = serde_json::from_value(all).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.message)
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_asked() {
        let badge = json!({"path": "urn:example:2.0:User:badge", "kind": "integer"});
        assert_eq!(settings(json!({})), Ok(()));
        assert_eq!(settings(json!({"attributes": {"badge": badge}, "supports": {"bulk": false}})), Ok(()));
        for (wrong, about) in [
            (json!({"attributes": {"badge": {"path": "a b"}}}), "attributes.badge"),
            (json!({"attributes": {"enabled": {"path": "active"}}}), "attributes.enabled"),
            (json!({"attributes": {"badge": {"path": "a", "kind": "any"}}}), "any"),
            (json!({"attributes": {"badge": {"path": "a", "class": "printer"}}}), "printer"),
            (json!({"page-size": 0}), "page-size"),
            (json!({"members": 5000}), "members"),
            (json!({"seconds": 0}), "seconds"),
            (json!({"supports": {"pach": true}}), "pach"),
        ] {
            assert!(settings(wrong).unwrap_err().contains(about), "{about}");
        }
    }
}
