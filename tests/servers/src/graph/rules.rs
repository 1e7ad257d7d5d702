//! Whether what somebody wants to write may be written.

use super::fault::Fault;
use super::object::{Kind, Object, Properties};
use super::properties::{self, Property, Shape, Write};
use super::tenant::Tenant;
use jiff::Timestamp;
use serde_json::Value;

/// The properties that matter more for an object that holds a role.
const SENSITIVE: [&str; 7] = [
    "accountEnabled",
    "businessPhones",
    "mobilePhone",
    "onPremisesImmutableId",
    "otherMails",
    "passwordProfile",
    "userPrincipalName",
];

/// What is to be written.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The properties, with nulls for what is to be emptied.
    pub properties: Properties,
    /// The new password.
    pub password: Option<String>,
}

/// Checks the properties of a new object, or those to change of one that is there.
pub fn check(tenant: &Tenant, kind: Kind, body: &Properties, object: Option<&Object>) -> Result<Wanted, Fault> {
    let mut wanted = Wanted::default();
    for (name, value) in body {
        if name.ends_with("@odata.type") || name.ends_with("@odata.bind") {
            continue;
        }
        if kind == Kind::User && name == "passwordProfile" {
            wanted.password = Some(password(value)?);
            continue;
        }
        if tenant.extensions.contains(name) {
            wanted.properties.insert(name.clone(), value.clone());
            continue;
        }
        let Some(property) = properties::all(kind).iter().find(|property| property.name == name) else {
            let message = format!("Property '{name}' does not exist as a declared property or extension property.");
            return Err(Fault::bad(message));
        };
        may_write(property, kind, object)?;
        fits(tenant, property, kind, value)?;
        wanted.properties.insert(name.clone(), value.clone());
    }
    together(tenant, kind, body, &wanted, object)?;
    Ok(wanted)
}

fn may_write(property: &Property, kind: Kind, object: Option<&Object>) -> Result<(), Fault> {
    let refused = match property.write {
        Write::No => true,
        Write::Once => object.is_some(),
        Write::Later => object.is_none(),
        Write::Yes | Write::Kept | Write::Alone => false,
    };
    match refused {
        false => Ok(()),
        true if property.write == Write::Later => Err(Fault::value(property.name, kind.resource())),
        true => Err(Fault::bad(format!("Property '{}' is read-only and cannot be set.", property.name))),
    }
}

fn fits(tenant: &Tenant, property: &Property, kind: Kind, value: &Value) -> Result<(), Fault> {
    let fits = match (property.shape, value) {
        (Shape::Texts(_) | Shape::Objects, Value::Null) => false,
        (_, Value::Null) => property.write != Write::Kept,
        (Shape::Text(most), Value::String(text)) => {
            !text.is_empty() && text.chars().count() <= most && is_of_form(tenant, property.name, text)?
        }
        (Shape::Texts(most), Value::Array(texts)) => {
            texts.len() <= most
                && texts.iter().all(|text| {
                    text.as_str()
                        .is_some_and(|text| !text.is_empty() && (property.name != "otherMails" || is_mail(text)))
                })
        }
        (Shape::Truth, Value::Bool(_)) => true,
        (Shape::Moment, Value::String(text)) => text.parse::<Timestamp>().is_ok(),
        (Shape::Number, Value::Number(_)) => true,
        (Shape::Object, Value::Object(inner)) => inner.iter().all(|(name, value)| is_part(property.name, name, value)),
        (Shape::Objects, Value::Array(inner)) => inner.iter().all(Value::is_object),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Fault::value(property.name, kind.resource())) }
}

fn is_of_form(tenant: &Tenant, name: &str, text: &str) -> Result<bool, Fault> {
    Ok(match name {
        "userPrincipalName" => {
            let Some((alias, domain)) = text.split_once('@') else { return Ok(false) };
            if !tenant.domains.iter().any(|own| own.is_verified && own.name.eq_ignore_ascii_case(domain)) {
                return Err(Fault::bad(
                    "The domain portion of the userPrincipalName property is invalid. You must use one of the verified \
                     domain names in your organization.",
                ));
            }
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "'._-!#^~".contains(letter);
            (1..=64).contains(&alias.len()) && alias.chars().all(allowed) && !alias.ends_with('.')
        }
        "mailNickname" => !text.chars().any(|letter| "@()\\[]\";:<>, ".contains(letter)),
        "usageLocation" => text.len() == 2 && text.chars().all(|letter| letter.is_ascii_alphabetic()),
        "mail" => is_mail(text),
        "userType" => matches!(text, "Member" | "Guest"),
        "visibility" => matches!(text, "Private" | "Public" | "HiddenMembership"),
        "onPremisesImmutableId" => !text.contains(['$', '_']),
        _ => true,
    })
}

/// Whether a property that is an object can have this in it.
fn is_part(of: &str, name: &str, value: &Value) -> bool {
    let is_text = value.is_null() || value.is_string();
    match of {
        "onPremisesExtensionAttributes" => {
            let number = name.strip_prefix("extensionAttribute").and_then(|number| number.parse().ok());
            let is_short = value.as_str().is_none_or(|text| text.chars().count() <= 1024);
            number.is_some_and(|number: u8| (1..=15).contains(&number)) && is_text && is_short
        }
        "employeeOrgData" => matches!(name, "costCenter" | "division") && is_text,
        _ => !value.is_object(),
    }
}

/// Whether this can be an address; letters with accents cannot.
pub fn is_mail(text: &str) -> bool {
    text.is_ascii()
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(alias, domain)| {
            !alias.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.')
        })
}

fn password(profile: &Value) -> Result<String, Fault> {
    let known = ["password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"];
    let Some(profile) = profile.as_object().filter(|profile| profile.keys().all(|key| known.contains(&key.as_str())))
    else {
        return Err(Fault::value("passwordProfile", "User"));
    };
    let password = profile.get("password").and_then(Value::as_str).unwrap_or_default();
    let kinds = [char::is_lowercase, char::is_uppercase, char::is_numeric, |letter: char| !letter.is_alphanumeric()];
    let has = kinds.iter().filter(|is| password.chars().any(is)).count();
    if !(8..=256).contains(&password.chars().count()) || has < 3 {
        return Err(Fault::bad(
            "The specified password does not comply with password complexity requirements. Please provide a different \
             password.",
        ));
    }
    Ok(password.to_owned())
}

/// What holds of several properties, or of the object that they are written to.
fn together(
    tenant: &Tenant,
    kind: Kind,
    body: &Properties,
    wanted: &Wanted,
    object: Option<&Object>,
) -> Result<(), Fault> {
    let alone = |name: &&String| properties::find(kind, name).is_some_and(|property| property.write == Write::Alone);
    if wanted.properties.keys().any(|name| alone(&name)) && !wanted.properties.keys().all(|name| alone(&name)) {
        return Err(Fault::bad(
            "Properties that are kept in another service have to be updated in a request of their own.",
        ));
    }
    if let Some(object) = object {
        if body.is_empty() {
            return Err(Fault::bad("Empty Payload. JSON content expected."));
        }
        let owned = |name: &String| properties::find(kind, name).is_none_or(|property| property.owned);
        if object.is_synced() && (wanted.password.is_some() || wanted.properties.keys().any(owned)) {
            return Err(owned_elsewhere());
        }
        if object.privileged && SENSITIVE.iter().any(|name| body.contains_key(*name)) {
            return Err(Fault::denied());
        }
        if wanted.password.is_some() && !tenant.permissions.contains("User-PasswordProfile.ReadWrite.All") {
            return Err(Fault::denied());
        }
    }
    if wanted.properties.contains_key("employeeLeaveDateTime")
        && !tenant.permissions.contains("User-LifeCycleInfo.ReadWrite.All")
    {
        return Err(Fault::denied());
    }
    let Some(name) = wanted.properties.get("userPrincipalName").and_then(Value::as_str) else { return Ok(()) };
    let domain = name.split_once('@').map_or("", |(_, domain)| domain);
    let is_federated = tenant.domains.iter().any(|own| own.is_federated && own.name.eq_ignore_ascii_case(domain));
    let anchor = wanted
        .properties
        .get("onPremisesImmutableId")
        .or_else(|| object.map(|object| object.get("onPremisesImmutableId")));
    if is_federated && anchor.is_none_or(Value::is_null) {
        return Err(Fault::bad(
            "Property onPremisesImmutableId is required for a user whose userPrincipalName is of a federated domain.",
        ));
    }
    Ok(())
}

/// Refuses what a directory on premises owns.
pub fn owned_elsewhere() -> Fault {
    Fault::bad(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
         currently undergoing migration.",
    )
}

/// Refuses a new object that has not all of these.
pub fn require(body: &Properties, names: &[&str], resource: &str) -> Result<(), Fault> {
    match names.iter().find(|name| body.get(**name).is_none_or(Value::is_null)) {
        None => Ok(()),
        Some(name) => {
            let mut fault = Fault::bad(format!("A value is required for property '{name}' of resource '{resource}'."));
            fault.details.push(("MissingValue".to_owned(), (*name).to_owned()));
            Err(fault)
        }
    }
}
