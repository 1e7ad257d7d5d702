//! A request, taken apart, and the references in it.

use super::fault::Fault;
use super::object::{Kind, Properties};
use super::query::Query;
use super::tenant::{Tenant, object};
use serde_json::Value;

/// Where Graph is for the rest of the world.
const WORLD: [&str; 4] = [
    "https://graph.microsoft.com/v1.0",
    "https://graph.microsoft.us/v1.0",
    "https://dod-graph.microsoft.us/v1.0",
    "https://microsoftgraph.chinacloudapi.cn/v1.0",
];

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path below the version, in its parts.
    pub segments: Vec<String>,
    /// The options.
    pub query: Query,
    /// The body.
    pub body: Option<Value>,
    /// Where Graph is for whoever asks.
    pub base: String,
}

impl Call {
    /// The path as it is counted: with `{id}` for whatever is somebody's.
    pub fn template(&self) -> String {
        let known = |segment: &str| {
            segment.starts_with('$') || segment.starts_with("microsoft.graph.") || SEGMENTS.contains(&segment)
        };
        let segments = self.segments.iter().map(|segment| if known(segment) { segment } else { "{id}" });
        format!("{} /{}", self.method, segments.collect::<Vec<&str>>().join("/"))
    }

    /// Whether it writes.
    pub fn is_write(&self) -> bool {
        let reads = ["getByIds", "$batch"];
        self.method != "GET" && !self.segments.last().is_some_and(|last| reads.contains(&last.as_str()))
    }

    /// The body, which has to be an object.
    pub fn object(&self) -> Result<Properties, Fault> {
        object(self.body.clone().unwrap_or(Value::Null))
    }

    /// The object to which the body refers.
    pub fn reference(&self, tenant: &Tenant) -> Result<String, Fault> {
        let body = self.object()?;
        match body.get("@odata.id").and_then(Value::as_str) {
            Some(address) if body.len() == 1 => refer(tenant, &self.base, address),
            _ => Err(Fault::bad("The request body has to be a reference: '@odata.id' and nothing else.")),
        }
    }
}

/// The parts of a path that are nobody's id.
const SEGMENTS: [&str; 27] = [
    "users",
    "groups",
    "directory",
    "deletedItems",
    "directoryObjects",
    "delta",
    "delta()",
    "members",
    "owners",
    "manager",
    "sponsors",
    "memberOf",
    "transitiveMemberOf",
    "transitiveMembers",
    "assignLicense",
    "reprocessLicenseAssignment",
    "revokeSignInSessions",
    "licenseDetails",
    "mailboxSettings",
    "membersWithLicenseErrors",
    "invitations",
    "subscribedSkus",
    "domains",
    "organization",
    "getByIds",
    "restore",
    "directReports",
];

/// The parts of a path, without the signs that stand for others.
pub fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(plain).collect()
}

fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The object that an address refers to, if it can be seen and referred to.
pub fn refer(tenant: &Tenant, base: &str, address: &str) -> Result<String, Fault> {
    let invalid = || Fault::bad(format!("Invalid URI format for the reference '{address}'."));
    let path = WORLD.iter().copied().chain([base]).find_map(|base| address.strip_prefix(base)).ok_or_else(invalid)?;
    let segments = segments(path);
    let (kinds, key): (&[Kind], &String) = match segments.as_slice() {
        [collection, key] if collection == "users" => (&[Kind::User], key),
        [collection, key] if collection == "groups" => (&[Kind::Group], key),
        [collection, key] if collection == "directoryObjects" => (&[Kind::User, Kind::Group], key),
        _ => return Err(invalid()),
    };
    let found = kinds.iter().find_map(|kind| tenant.seen(*kind, key).ok()).ok_or_else(|| Fault::missing(key))?;
    if tenant.now() < found.referable {
        return Err(Fault::bad("Not a valid reference update."));
    }
    Ok(found.id.clone())
}
