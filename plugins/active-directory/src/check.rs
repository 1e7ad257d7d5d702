//! Looking whether all is there: the domain controller, the base, the containers, what the schema must know, and what the
//! account that Sluss logs in with may do.

use crate::class::{Class, Layout, Sort};
use crate::settings::{Exchange, FirstPassword, Settings};
use crate::{control, exchange, range};
use sluss_sdk::directory::{ANY, Dn, Schema, Server};
use sluss_sdk::ldap::{Entry, Query, Scope};
use sluss_sdk::{CheckResult, Error};

/// It is a domain controller, and not a directory of the same make for other things.
const DOMAIN: &[u8] = b"1.2.840.113556.1.4.800";
/// It keeps a copy that nobody writes to.
const READ_ONLY: &[u8] = b"1.2.840.113556.1.4.1920";
/// What is needed of it, and what it is for.
const CONTROLS: [(&[u8], &str); 3] = [
    (b"1.2.840.113556.1.4.319", "give entries in pages, so nothing can be read of a class with many"),
    (b"1.2.840.113556.1.4.529", "tell the GUIDs behind names, so nothing can be read at all"),
    (b"1.2.840.113556.1.4.841", "tell what changed"),
];
/// How functional levels are called.
const LEVELS: [(&str, &str); 8] = [
    ("0", "2000"),
    ("2", "2003"),
    ("3", "2008"),
    ("4", "2008 R2"),
    ("5", "2012"),
    ("6", "2012 R2"),
    ("7", "2016"),
    ("10", "2025"),
];
/// What has the recycle bin turned on.
const RECYCLE_BIN: &str = "CN=Recycle Bin Feature,";

/// Everything that is to be said.
pub fn check(server: &impl Server, settings: &Settings) -> Vec<CheckResult> {
    let root = match server.root() {
        Ok(root) => root,
        Err(error) => return vec![CheckResult::failure("server", error.message)],
    };
    let mut results = greet(&root);
    let layout = match open(server, settings) {
        Ok(layout) => layout,
        Err(error) => {
            results.push(CheckResult::failure("base", error.message));
            return results;
        }
    };
    results.push(CheckResult::info("base", format!("{} is there", layout.base().in_capitals())));
    results.push(recycle_bin(server, &root));
    for class in layout.classes() {
        results.extend(room(server, &layout, class));
        results.extend(rights(server, class));
    }
    results.extend(schema(server, &root, settings));
    if settings.password != FirstPassword::None {
        let message = "First passwords are set over encrypted connections only, and have to meet the domain's rules: an \
                       address that begins with ldap:// needs start-tls = true";
        results.push(CheckResult::info("passwords", message));
    }
    results
}

/// The classes on the granted base, in the server's spelling.
pub fn open(server: &impl Server, settings: &Settings) -> Result<Layout, Error> {
    let granted = server.base()?;
    let base = server.spelling(&Dn::parse(&granted)?)?.ok_or_else(|| {
        Error::config(format!(
            "There is no entry `{granted}`, or this account may not see it: add it, or put right the connection's `base`"
        ))
    })?;
    Layout::new(&base.to_string(), &settings.classes)
}

fn greet(root: &Entry) -> Vec<CheckResult> {
    let says = |name: &str, value: &[u8]| root.values(name).iter().any(|own| own == value);
    let told = |name: &str| root.values(name).first().map(|value| String::from_utf8_lossy(value).into_owned());
    if !says("supportedCapabilities", DOMAIN) {
        let message = "It answers, and is no domain controller of Active Directory: use the plugin `ldap` for other \
                       directories";
        return vec![CheckResult::failure("server", message)];
    }
    let level = |name: &str| {
        let number = told(name)?;
        let known = LEVELS.iter().find(|(own, _)| *own == number).map(|(_, level)| (*level).to_owned());
        Some(known.unwrap_or(number))
    };
    let host = told("dnsHostName").unwrap_or_else(|| "It".to_owned());
    let unknown = || "unknown".to_owned();
    let message = format!(
        "{host} is a domain controller; the functional level of the domain is {}, that of the forest {}",
        level("domainFunctionality").unwrap_or_else(unknown),
        level("forestFunctionality").unwrap_or_else(unknown)
    );
    let mut results = vec![CheckResult::info("server", message)];
    if says("supportedCapabilities", READ_ONLY) {
        let message = "It is a read-only domain controller: connect to another one";
        results.push(CheckResult::failure("server", message));
    }
    if says("isSynchronized", b"FALSE") {
        let message = "It has not caught up with the other domain controllers yet: wait, or connect to another one";
        results.push(CheckResult::warning("server", message));
    }
    for (control, lack) in CONTROLS.iter().filter(|(control, _)| !says("supportedControl", control)) {
        let message = format!("It cannot {lack} ({})", String::from_utf8_lossy(control));
        results.push(CheckResult::warning("server", message));
    }
    results
}

/// Whether the recycle bin is turned on: it decides what an account that was removed by mistake is worth.
fn recycle_bin(server: &impl Server, root: &Entry) -> CheckResult {
    const TITLE: &str = "recycle bin";
    let above = root.values("configurationNamingContext").first();
    let features = above.map(|above| format!("CN=Partitions,{}", String::from_utf8_lossy(above)));
    let wanted = ["msDS-EnabledFeature".to_owned()];
    let found = match features.map(|features| server.entry(&Dn::parse(&features)?, ANY, &wanted)) {
        Some(Ok(Some(found))) => found,
        Some(Err(error)) => {
            return CheckResult::warning(TITLE, format!("It could not be looked at: {}", error.message));
        }
        Some(Ok(None)) | None => {
            let message = "The domain controller does not show which features the forest has turned on";
            return CheckResult::warning(TITLE, message);
        }
    };
    let is_on = found.values(&wanted[0]).iter().any(|name| {
        let name = String::from_utf8_lossy(name);
        name.get(..RECYCLE_BIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(RECYCLE_BIN))
    });
    if is_on {
        return CheckResult::info(TITLE, "It is turned on");
    }
    let message = "It is turned off, so an account that is removed by mistake cannot be brought back whole, and becomes another \
                   user in Entra ID: have the forest's administrator run Enable-ADOptionalFeature 'Recycle Bin Feature' \
                   -Scope ForestOrConfigurationSet -Target <the forest>, which cannot be undone";
    CheckResult::warning(TITLE, message)
}

/// Where new objects are put, and whether that can be.
fn room(server: &impl Server, layout: &Layout, class: &Class) -> Vec<CheckResult> {
    let title = format!("class {}", class.name());
    let container = &class.container;
    let wanted = [CHILDREN.to_owned()];
    let mut place = container.clone();
    let found = loop {
        match server.entry(&place, ANY, &wanted) {
            Ok(Some(found)) => break found,
            Ok(None) if place.depth() > layout.base().depth() => {
                let is_unit = place.rdn().and_then(|rdn| rdn.first()).is_some_and(|part| part.attribute == "ou");
                if !is_unit {
                    let message = format!(
                        "{} is not there, and only organisational units are made: add it by hand",
                        place.in_capitals()
                    );
                    return vec![CheckResult::failure(title, message)];
                }
                place = place.parent().unwrap_or_default();
            }
            Ok(None) => return vec![CheckResult::failure(title, "The base is not there")],
            Err(error) => return vec![CheckResult::failure(title, error.message)],
        }
    };
    let is_there = place.key() == container.key();
    let message = match is_there {
        true => format!("New entries are put in {}", container.in_capitals()),
        false => format!("{} is not there yet; it is made with the first entry", container.in_capitals()),
    };
    let mut results = vec![CheckResult::info(&*title, message)];
    let child = if is_there { class.name() } else { "organizationalUnit" };
    if !found.values(CHILDREN).iter().any(|own| own.eq_ignore_ascii_case(child.as_bytes())) {
        let message = format!(
            "The account that Sluss logs in with may not make entries of the class `{child}` in {}: grant it that",
            place.in_capitals()
        );
        results.push(CheckResult::failure(title, message));
    }
    results
}

/// What of an existing object may be written, which nearly always holds of all others in its container too.
fn rights(server: &impl Server, class: &Class) -> Option<CheckResult> {
    let query = Query {
        base: class.container.to_string(),
        scope: Scope::Subtree,
        filter: class.filter().to_owned(),
        attributes: vec![ATTRIBUTES.to_owned()],
        with_guids: false,
    };
    // Where there is no object there is nothing to look at.
    let found = server.search(&query, None, 1).ok()?.entries.into_iter().next()?;
    let needed: &[&str] = match class.sort {
        Sort::User => &["cn", "sAMAccountName", "pwdLastSet", control::ATTRIBUTE],
        Sort::Group => &["cn", "sAMAccountName", "member"],
    };
    let may = |name: &&&str| found.values(ATTRIBUTES).iter().any(|own| own.eq_ignore_ascii_case(name.as_bytes()));
    let missing: Vec<&str> = needed.iter().filter(|name| !may(name)).copied().collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!(
        "The account that Sluss logs in with may not write {} of an object in {}: grant it that",
        missing.join(", "),
        class.container.in_capitals()
    );
    Some(CheckResult::failure(format!("class {}", class.name()), message))
}

/// The classes that this account may make below an entry, and the attributes of one that it may write.
const CHILDREN: &str = "allowedChildClassesEffective";
const ATTRIBUTES: &str = "allowedAttributesEffective";

/// What the schema lacks of what the settings name.
fn schema(server: &impl Server, root: &Entry, settings: &Settings) -> Vec<CheckResult> {
    const TITLE: &str = "schema";
    let known = match read(server, root) {
        Ok(Some(known)) => known,
        Ok(None) => {
            let message = "The domain controller does not show its schema, so attributes could not be checked";
            return vec![CheckResult::warning(TITLE, message)];
        }
        Err(error) => return vec![CheckResult::failure(TITLE, error.message)],
    };
    let mut messages = Vec::new();
    for class in ["user", "group"].into_iter().filter(|class| !known.has_class(class)) {
        messages.push(format!("The domain does not know the class `{class}`"));
    }
    for (name, class) in [("user", &settings.classes.user), ("group", &settings.classes.group)] {
        let named = class.rdn.iter().map(|rdn| (rdn, "rdn")).chain(class.kinds.keys().map(|own| (own, "kinds")));
        for (attribute, key) in named.filter(|(attribute, _)| !known.has_attribute(attribute)) {
            messages.push(format!(
                "The domain does not know the attribute `{attribute}`, which classes.{name}.{key} names: put it right, or \
                 have the schema extended"
            ));
        }
    }
    if settings.exchange == Exchange::Hybrid {
        let needed = exchange::REMOTE.map(|(name, _)| name).into_iter().chain(["mailNickname", "targetAddress"]);
        let missing: Vec<&str> = needed.filter(|name| !known.has_attribute(name)).collect();
        if !missing.is_empty() {
            messages.push(format!(
                "The domain does not know {}: exchange = \"hybrid\" needs the schema that Exchange's installation brings",
                missing.join(", ")
            ));
        }
    }
    if messages.is_empty() {
        return vec![CheckResult::info(TITLE, "It knows the classes and the attributes of the settings")];
    }
    messages.into_iter().map(|message| CheckResult::failure(TITLE, message)).collect()
}

fn read(server: &impl Server, root: &Entry) -> Result<Option<Schema>, Error> {
    let Some(base) = root.values("subschemaSubentry").first() else { return Ok(None) };
    let wanted = ["objectClasses", "attributeTypes"].map(str::to_owned);
    let Some(mut entry) = server.entry(&Dn::parse(&String::from_utf8_lossy(base))?, ANY, &wanted)? else {
        return Ok(None);
    };
    let is_whole = range::complete(server, &mut entry)? && !entry.values(&wanted[1]).is_empty();
    Ok(is_whole.then(|| Schema::of(&entry)))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
