//! What of an object is told, and how.

use super::call::Call;
use super::fault::Fault;
use super::object::{Kind, Object, Properties};
use super::properties::{self, Shape};
use super::query::Query;
use super::tenant::Tenant;
use serde_json::{Value, json};

/// The most objects that an expansion tells.
const EXPANDED: usize = 20;

/// What objects refer to, and what of that is wanted.
#[derive(Debug, Clone)]
pub struct Expansion {
    name: String,
    select: Option<Vec<String>>,
}

/// What of objects is wanted.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The properties; without them, those that are always told.
    pub select: Option<Vec<String>>,
    /// What they refer to, and what of that.
    pub expand: Option<Expansion>,
    /// Whether each says what it is.
    pub is_typed: bool,
}

impl View {
    /// What a request asks for of objects of a kind, or of both kinds.
    pub fn of(tenant: &Tenant, call: &Call, kind: Option<Kind>) -> Result<View, Fault> {
        let extension = |name: &str| tenant.extensions.contains(name);
        let select = call.query.select(kind, extension)?;
        let expand = match call.query.get("$expand") {
            None => None,
            Some(_) if call.query.counts() => {
                return Err(Fault::unsupported("The query option '$expand' is not supported with advanced queries."));
            }
            Some(text) => Some(expansion(text, kind, extension)?),
        };
        Ok(View { select, expand, is_typed: kind.is_none() })
    }

    /// An object as it is told now.
    pub fn tell(&self, tenant: &Tenant, object: &Object) -> Properties {
        let shown = object.shown(tenant.now());
        let mut told = Properties::new();
        if self.is_typed {
            told.insert("@odata.type".to_owned(), json!(object.kind.odata_type()));
        }
        let all = properties::all(object.kind).iter();
        let asked: Vec<&str> = match &self.select {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => all.filter(|property| property.told).map(|property| property.name).collect(),
        };
        for name in asked {
            // Of another kind of object, or told by an expansion.
            if let Some(value) = value(object, shown, name) {
                told.insert(name.to_owned(), value);
            }
        }
        if let Some(Expansion { name, select }) = &self.expand {
            let inner = View { select: select.clone(), expand: None, is_typed: true };
            let mut objects = related(tenant, object, name).map(|object| Value::Object(inner.tell(tenant, object)));
            let value = match name.as_str() {
                "manager" => objects.next(),
                _ => Some(objects.take(EXPANDED).collect()),
            };
            if let Some(value) = value {
                told.insert(name.clone(), value);
            }
        }
        told
    }
}

/// The value of a property as it is told: null or empty where it was never set.
pub fn value(object: &Object, shown: &Properties, name: &str) -> Option<Value> {
    if name == "passwordProfile" {
        return Some(Value::Null);
    }
    let property = properties::find(object.kind, name);
    if property.is_none() && !shown.contains_key(name) {
        return None;
    }
    let value = shown.get(name).cloned().unwrap_or_else(|| match property.map(|property| property.shape) {
        Some(Shape::Texts(_) | Shape::Objects) => json!([]),
        _ => Value::Null,
    });
    // The name of somebody in the bin is free for others.
    Some(match (&value, name, object.is_live()) {
        (Value::String(own), "userPrincipalName", false) => json!(format!("{}{own}", object.id.replace('-', ""))),
        _ => value,
    })
}

/// The objects that an object refers to, or that refer to it, as far as they can be seen.
pub fn related<'a>(tenant: &'a Tenant, object: &'a Object, name: &str) -> Box<dyn Iterator<Item = &'a Object> + 'a> {
    let now = tenant.now();
    let seen = move |other: &&Object| other.is_live() && other.visible <= now;
    let find = move |id: &'a String| tenant.objects.get(id);
    match name {
        "manager" => Box::new(object.manager.iter().filter_map(find).filter(seen)),
        "sponsors" => Box::new(object.sponsors.iter().filter_map(find).filter(seen)),
        "members" => Box::new(object.members.iter().filter_map(find).filter(seen)),
        "owners" => Box::new(object.owners.iter().filter_map(find).filter(seen)),
        "memberOf" => Box::new(tenant.groups().filter(|group| group.members.contains(&object.id)).filter(seen)),
        "directReports" => {
            Box::new(tenant.users().filter(|user| user.manager.as_ref() == Some(&object.id)).filter(seen))
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// An expansion such as `manager($select=id)`. Of directory objects, a query expands only one.
fn expansion(text: &str, kind: Option<Kind>, extension: impl Fn(&str) -> bool) -> Result<Expansion, Fault> {
    let known: &[&str] = match kind {
        Some(Kind::User) => &["manager", "sponsors", "memberOf", "directReports"],
        Some(Kind::Group) => &["members", "owners", "memberOf"],
        None => &[],
    };
    let (name, inner) = match text.trim().split_once('(') {
        Some((name, inner)) => (name, inner.strip_suffix(')').unwrap_or(inner)),
        None => (text.trim(), ""),
    };
    if !known.contains(&name) {
        let message = format!("Could not find a property named '{name}' that alone could be expanded.");
        return Err(Fault::new(400, "BadRequest", message));
    }
    Ok(Expansion { name: name.to_owned(), select: Query::read(inner)?.select(None, extension)? })
}
