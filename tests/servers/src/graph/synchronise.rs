//! What Microsoft's synchronisation does: it brings the accounts of a domain into the tenant, and takes away those that are
//! gone there. Each is known by the GUID that it has in the domain.

use super::fault::Fault;
use super::tenant::Tenant;
use crate::samba::{Attributes, Tree};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The bit of `userAccountControl` that closes an account.
const CLOSED: u32 = 2;

impl Tenant {
    /// Brings the tenant to where this part of a domain is.
    pub fn synchronise(&mut self, domain: &Tree) -> Result<(), Fault> {
        let mut there = BTreeSet::new();
        for account in domain.values().filter(|entry| has(entry, "objectclass", "user")) {
            let Ok(guid) = Uuid::parse_str(first(account, "objectguid")) else { continue };
            let anchor = STANDARD.encode(guid.to_bytes_le());
            self.bring(account, &anchor)?;
            there.insert(anchor);
        }
        let gone: Vec<String> = self
            .users()
            .filter(|user| user.is_synced() && !there.contains(user.text("onPremisesImmutableId")))
            .map(|user| user.id.clone())
            .collect();
        gone.iter().for_each(|id| self.remove(id));
        Ok(())
    }

    fn bring(&mut self, account: &Attributes, anchor: &str) -> Result<(), Fault> {
        let control: u32 = first(account, "useraccountcontrol").parse().unwrap_or_default();
        let addresses: Vec<&String> = account.get("proxyaddresses").into_iter().flatten().collect();
        let properties = json!({
            "userPrincipalName": first(account, "userprincipalname"),
            "displayName": first(account, "displayname"),
            "mailNickname": first(account, "samaccountname"),
            "accountEnabled": control & CLOSED == 0,
            "onPremisesImmutableId": anchor,
        });
        let known = self.users().find(|user| user.text("onPremisesImmutableId") == anchor).map(|user| user.id.clone());
        let id = match known {
            Some(id) => id,
            None => {
                let mut new = properties.clone();
                new["passwordProfile"] = json!({"password": format!("Ab3-{}", Uuid::new_v4())});
                let id = self.add_user(new)?;
                self.sync(&id)?;
                id
            }
        };
        self.write(&id, properties)?;
        self.write(&id, json!({"proxyAddresses": addresses}))
    }
}

fn first<'a>(entry: &'a Attributes, name: &str) -> &'a str {
    entry.get(name).and_then(|values| values.first()).map_or("", String::as_str)
}

fn has(entry: &Attributes, name: &str, value: &str) -> bool {
    entry.get(name).is_some_and(|values| values.contains(value))
}
