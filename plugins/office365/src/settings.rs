//! What an operator may say about the tenant.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::Error;

/// Which tenant it is, and what Sluss does there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the HTTP connection. Its `url` is that of Graph with its version, such as
    /// `https://graph.microsoft.com/v1.0`.
    pub connection: String,
    /// Whether accounts are made here, or come from Active Directory by Microsoft's synchronisation.
    #[serde(default)]
    #[schemars(extend("default" = "cloud"))]
    pub mode: Mode,
    /// The domains in which accounts have their names (what stands behind the @ of `userPrincipalName`). No account is
    /// named in another, and `check` sees whether the tenant has them. Without it, any of the tenant's.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The licences that Sluss gives and takes back, each by its product name (`skuPartNumber`) or id (`skuId`). Others
    /// are neither given, shown nor touched. Before a licence is taken out of this list, take it out of the policy.
    #[serde(default)]
    pub licences: Vec<String>,
    /// The country (two letters) of accounts for which the policy says no `usageLocation`, without which nobody can have
    /// a licence.
    #[serde(default)]
    pub default_usage_location: Option<String>,
    /// Where guests are led once they have accepted an invitation: an `https://` address. Needed to invite any.
    #[serde(default)]
    pub guest_redirect: Option<String>,
    /// Whether Graph mails the invitation to a new guest.
    #[serde(default = "yes")]
    pub guest_mail: bool,
    /// Whether an account is taken out of the bin, instead of a new one being made, when whoever had it comes back.
    #[serde(default)]
    #[schemars(extend("default" = "never"))]
    pub restore: Restore,
    /// After how many seconds no further request is sent in one call of the host, which then asks again for the rest.
    /// With the connection's `timeout` it has to stay below the system's limit `call`.
    #[serde(default = "seconds")]
    pub seconds: u32,
}

/// Where accounts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Sluss makes them here.
    #[default]
    Cloud,
    /// Active Directory has them, and Microsoft's synchronisation brings them. Sluss writes what Graph owns: licences and
    /// the country they are used in, and ends sessions.
    Hybrid,
}

/// When an account is taken out of the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restore {
    /// Never: a new account is made.
    #[default]
    Never,
    /// When it has the `employeeId` of the new one, and its `userPrincipalName` or `onPremisesImmutableId` as well.
    SamePerson,
}

impl Settings {
    /// Refuses what the schema cannot.
    pub fn check(&self) -> Result<(), Error> {
        let config = |message: &str| Err(Error::config(message));
        if self.default_usage_location.as_deref().is_some_and(|text| !is_country(text)) {
            return config("`default-usage-location` has to be the two letters of a country, such as SE");
        }
        if self.domains.iter().any(|domain| domain.is_empty() || domain.contains(['@', '/', ' '])) {
            return config("`domains` has to list names such as example.org");
        }
        if self.licences.iter().any(|name| name.trim().is_empty()) {
            return config("`licences` has an empty name");
        }
        if self.guest_redirect.as_deref().is_some_and(|url| !url.starts_with("https://")) {
            return config("`guest-redirect` has to be an https:// address");
        }
        if self.seconds == 0 {
            return config("`seconds` has to be at least 1");
        }
        Ok(())
    }
}

/// Whether this can be the code of a country.
pub fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic())
}

fn yes() -> bool {
    true
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
        let mut all = json!({"connection": "graph"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings: Settings = serde_json::from_value(all).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.message)
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_asked() {
        assert_eq!(settings(json!({})), Ok(()));
        assert_eq!(settings(json!({"default-usage-location": "SE", "guest-redirect": "https://example.org"})), Ok(()));
        for (wrong, about) in [
            (json!({"default-usage-location": "Sweden"}), "default-usage-location"),
            (json!({"domains": ["anna@example.org"]}), "domains"),
            (json!({"licences": [" "]}), "licences"),
            (json!({"guest-redirect": "http://example.org"}), "guest-redirect"),
            (json!({"seconds": 0}), "seconds"),
            (json!({"mode": "onprem"}), "hybrid"),
            (json!({"licenses": []}), "licences"),
        ] {
            assert!(settings(wrong).unwrap_err().contains(about), "{about}");
        }
    }
}
