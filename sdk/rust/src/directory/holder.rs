//! Entries that are there only to hold others: organisational units and their like.

use super::Dn;
use crate::Error;
use crate::ldap::Attribute;

/// What the entry with this name needs, if it is there only to hold others. The kind of entry follows from the name.
pub fn holder(dn: &Dn) -> Result<Vec<Attribute>, Error> {
    let part = dn.rdn().and_then(|rdn| rdn.first());
    let class = match part.map(|part| part.attribute.as_str()) {
        Some("ou") => "organizationalUnit",
        Some("o") => "organization",
        Some("dc") => "domain",
        Some("l") => "locality",
        Some("c") => "country",
        Some("cn") => "applicationProcess",
        _ => {
            let message =
                format!("`{dn}` is not there, and what kind of entry it should be cannot be told; add it by hand");
            return Err(Error::invalid(message));
        }
    };
    let attribute =
        |name: &str, value: &str| Attribute { name: name.to_owned(), values: vec![value.as_bytes().to_vec()] };
    let naming = part.map(|part| attribute(&part.attribute, &part.value));
    Ok([attribute("objectClass", class)].into_iter().chain(naming).collect())
}
