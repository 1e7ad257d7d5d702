//! Where an attribute stands in a resource: the paths of RFC 7644, section 3.5.2, as far as attributes of a policy need
//! them.
//!
//! A path says three things at once: how the attribute is read from a resource, how it is written into one, and which
//! operations of a PATCH bring it from what it is to what it shall be. Names are found whatever their case, as SCIM wants
//! it.

use serde_json::{Map, Value as Json, json};
use sluss_sdk::Error;
use std::fmt;

/// The schemas whose attributes stand in the resource itself.
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";

/// The sub-attribute that holds what a complex attribute is there for.
pub const VALUE: &str = "value";

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The extension that the attribute belongs to; none for one of the class's own.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// Which of its elements are meant.
    chosen: Option<Chosen>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// Elements of which a sub-attribute has a value: `[type eq "work"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chosen {
    by: String,
    is: String,
}

impl Path {
    /// Takes a path apart: `title`, `name.givenName`, `emails[type eq "work"].value`,
    /// `urn:example:2.0:User:badge.number`.
    pub fn parse(text: &str) -> Result<Path, Error> {
        let wrong = || {
            Error::config(format!(
                "`{text}` is no path of SCIM; such are title, name.givenName, emails[type eq \"work\"].value and \
                 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
            ))
        };
        let (head, rest) = match text.find('[') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let is_urn = head.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        let (schema, attribute) = match head.rsplit_once(':').filter(|_| is_urn) {
            Some((schema, attribute)) => (Some(schema), attribute),
            None => (None, head),
        };
        let (chosen, sub) = match rest {
            Some(rest) => {
                let (filter, sub) = rest.rsplit_once(']').ok_or_else(wrong)?;
                let sub = if sub.is_empty() { VALUE } else { sub.strip_prefix('.').ok_or_else(wrong)? };
                (Some(Chosen::parse(filter).ok_or_else(wrong)?), Some(sub))
            }
            None => (None, None),
        };
        let (name, sub) = match (attribute.split_once('.'), sub) {
            (Some(_), Some(_)) => return Err(wrong()),
            (Some((name, sub)), None) => (name, Some(sub)),
            (None, sub) => (attribute, sub),
        };
        if !is_name(name) || !sub.is_none_or(is_name) || schema.is_some_and(|own| !is_schema(own)) {
            return Err(wrong());
        }
        let schema = schema.filter(|own| !own.get(..CORE.len()).is_some_and(|start| start.eq_ignore_ascii_case(CORE)));
        Ok(Path { schema: schema.map(str::to_owned), name: name.to_owned(), chosen, sub: sub.map(str::to_owned) })
    }

    /// Whether what it holds can only be changed by somebody who knows the other elements beside it.
    pub fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// The values in a resource.
    pub fn values<'j>(&self, resource: &'j Json) -> Vec<&'j Json> {
        let holder = match &self.schema {
            Some(schema) => resource.as_object().and_then(|own| member(own, schema)),
            None => Some(resource),
        };
        let held = holder.and_then(Json::as_object).and_then(|holder| member(holder, &self.name));
        let elements = match held {
            Some(Json::Array(elements)) => elements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        elements
            .iter()
            .filter(|element| self.chosen.as_ref().is_none_or(|chosen| chosen.fits(element)))
            .filter_map(|element| match (element, &self.sub) {
                (Json::Object(own), sub) => member(own, sub.as_deref().unwrap_or(VALUE)),
                // Some services give the value alone where its sub-attribute was meant.
                (alone, Some(sub)) if sub == VALUE => Some(alone),
                (_, Some(_)) => None,
                (alone, None) => Some(alone),
            })
            .filter(|value| !value.is_null())
            .collect()
    }

    /// Sets the values in a resource, and leaves what else the attribute holds as it is. `many` says that the attribute
    /// is a list.
    pub fn write(&self, resource: &mut Map<String, Json>, values: Vec<Json>, many: bool) {
        let Some(schema) = &self.schema else { return self.write_in(resource, values, many) };
        let key = key_of(resource, schema);
        let holder = resource.entry(key.clone()).or_insert_with(|| json!({}));
        if !holder.is_object() {
            *holder = json!({});
        }
        if let Json::Object(holder) = holder {
            self.write_in(holder, values, many);
            if holder.is_empty() {
                resource.remove(&key);
            }
        }
    }

    fn write_in(&self, holder: &mut Map<String, Json>, values: Vec<Json>, many: bool) {
        let key = key_of(holder, &self.name);
        let held = holder.remove(&key).unwrap_or(Json::Null);
        let now = match (&self.chosen, &self.sub, many) {
            (Some(chosen), sub, _) => {
                let elements = as_list(held);
                Json::Array(chosen.replaced(elements, sub.as_deref().unwrap_or(VALUE), values, &self.name))
            }
            (None, None, true) => Json::Array(values),
            (None, Some(sub), true) => Json::Array(kept(as_list(held), sub, values)),
            (None, None, false) => values.into_iter().next().unwrap_or(Json::Null),
            (None, Some(sub), false) => {
                let mut own = if let Json::Object(own) = held { own } else { Map::new() };
                let key = key_of(&own, sub);
                match values.into_iter().next() {
                    Some(value) => drop(own.insert(key, value)),
                    // What a reference leads to is told beside it, and goes with it.
                    None if sub == VALUE => own.clear(),
                    None => drop(own.remove(&key)),
                }
                Json::Object(own)
            }
        };
        let is_nothing = match &now {
            Json::Array(list) => list.is_empty(),
            Json::Object(own) => own.is_empty(),
            other => other.is_null(),
        };
        if !is_nothing {
            holder.insert(key, now);
        }
    }

    /// The operations that give the attribute these values. Where elements are chosen, it takes the resource as it is;
    /// none is needed where it is so already.
    pub fn operations(&self, now: Option<&Json>, values: Vec<Json>, many: bool) -> Vec<Json> {
        let remove = |path: &str| json!({"op": "remove", "path": path});
        let whole = self.whole();
        if let Some(chosen) = &self.chosen {
            let sub = self.sub.as_deref().unwrap_or(VALUE);
            let own = format!("{whole}[{chosen}]");
            let there = now.map_or(0, |now| self.elements(now));
            return match (there, values.len()) {
                (0, 0) => Vec::new(),
                (_, 0) => vec![remove(&own)],
                (1, 1) => {
                    let value = values.into_iter().next();
                    vec![json!({"op": "replace", "path": format!("{own}.{sub}"), "value": value})]
                }
                (there, _) => {
                    let first = now.is_none_or(|now| !self.has_primary(now));
                    let new: Vec<Json> = values
                        .into_iter()
                        .enumerate()
                        .map(|(at, value)| chosen.element(sub, value, first && at == 0 && has_primaries(&self.name)))
                        .collect();
                    let add = json!({"op": "add", "path": whole, "value": new});
                    if there == 0 { vec![add] } else { vec![remove(&own), add] }
                }
            };
        }
        if values.is_empty() {
            // A reference goes with what is told beside it.
            let is_value = self.sub.as_deref() == Some(VALUE);
            return vec![remove(&if many || is_value { whole } else { self.to_string() })];
        }
        let (path, value) = match (&self.sub, many) {
            (None, true) => (whole, Json::Array(values)),
            (Some(sub), true) => (whole, values.into_iter().map(|value| object(sub, value)).collect()),
            (Some(sub), false) if sub == VALUE => (whole, object(sub, values.into_iter().next().unwrap_or(Json::Null))),
            (_, false) => (self.to_string(), values.into_iter().next().unwrap_or(Json::Null)),
        };
        vec![json!({"op": "replace", "path": path, "value": value})]
    }

    /// A filter for resources that have this value.
    pub fn filter(&self, value: &str) -> String {
        let own = match (&self.chosen, &self.sub) {
            (Some(_), sub) => format!("{}.{}", self.whole(), sub.as_deref().unwrap_or(VALUE)),
            (None, _) => self.to_string(),
        };
        format!("{own} eq {}", Json::from(value))
    }

    /// The attribute without what is said of its parts.
    pub fn whole(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}:{}", self.name),
            None => self.name.clone(),
        }
    }

    /// How many elements of a resource are meant.
    fn elements(&self, resource: &Json) -> usize {
        let Some(chosen) = &self.chosen else { return 0 };
        self.objects(resource).iter().filter(|element| chosen.fits(element)).count()
    }

    /// Whether another element than those that are meant is the one to use.
    fn has_primary(&self, resource: &Json) -> bool {
        let others = self.objects(resource).iter();
        let mut others = others.filter(|element| self.chosen.as_ref().is_none_or(|chosen| !chosen.fits(element)));
        others.any(|element| element["primary"] == true)
    }

    /// Every element of the attribute.
    fn objects<'j>(&self, resource: &'j Json) -> &'j [Json] {
        let holder = match &self.schema {
            Some(schema) => resource.as_object().and_then(|own| member(own, schema)),
            None => Some(resource),
        };
        let held = holder.and_then(Json::as_object).and_then(|holder| member(holder, &self.name));
        held.and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole())?;
        if let Some(chosen) = &self.chosen {
            write!(f, "[{chosen}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl Chosen {
    fn parse(text: &str) -> Option<Chosen> {
        let mut words = text.trim().splitn(3, ' ');
        let (by, operator, is) = (words.next()?, words.next()?, words.next()?.trim());
        let is = serde_json::from_str::<String>(is).ok()?;
        (is_name(by) && operator.eq_ignore_ascii_case("eq")).then(|| Chosen { by: by.to_owned(), is })
    }

    fn fits(&self, element: &Json) -> bool {
        let own = element.as_object().and_then(|own| member(own, &self.by));
        own.and_then(Json::as_str).is_some_and(|own| own.eq_ignore_ascii_case(&self.is))
    }

    fn element(&self, sub: &str, value: Json, primary: bool) -> Json {
        let mut own = Map::new();
        own.insert(self.by.clone(), Json::from(self.is.as_str()));
        own.insert(sub.to_owned(), value);
        // Unless it is what the value says.
        if primary && member(&own, "primary").is_none() {
            own.insert("primary".to_owned(), Json::from(true));
        }
        Json::Object(own)
    }

    /// The elements with these values in those that are meant; the others stay as they are.
    fn replaced(&self, elements: Vec<Json>, sub: &str, values: Vec<Json>, name: &str) -> Vec<Json> {
        let mut values = values.into_iter();
        let mut out = Vec::with_capacity(elements.len() + values.len());
        for mut element in elements {
            if !self.fits(&element) {
                out.push(element);
            } else if let (Some(value), Json::Object(own)) = (values.next(), &mut element) {
                let key = key_of(own, sub);
                own.insert(key, value);
                out.push(element);
            }
        }
        for value in values {
            let is_first = has_primaries(name) && out.iter().all(|other| other["primary"] != true);
            out.push(self.element(sub, value, is_first));
        }
        out
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} eq {}", self.by, Json::from(self.is.as_str()))
    }
}

/// Whether one of an attribute's elements is the one to use.
fn has_primaries(name: &str) -> bool {
    name.eq_ignore_ascii_case("emails")
}

/// Elements with these values, in the order of the values: those that are there stay with all that they say.
fn kept(mut elements: Vec<Json>, sub: &str, values: Vec<Json>) -> Vec<Json> {
    values
        .into_iter()
        .map(|value| {
            let is_own = |element: &Json| element.as_object().and_then(|own| member(own, sub)) == Some(&value);
            match elements.iter().position(is_own) {
                Some(at) => elements.swap_remove(at),
                None => object(sub, value),
            }
        })
        .collect()
}

fn object(sub: &str, value: Json) -> Json {
    Json::Object([(sub.to_owned(), value)].into_iter().collect())
}

fn as_list(held: Json) -> Vec<Json> {
    match held {
        Json::Array(elements) => elements,
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

/// What stands under a name, whatever its case.
pub fn member<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    let exact = object.get(name);
    exact.or_else(|| object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A name as the object writes it, or as it is where the object does not have it.
fn key_of(object: &Map<String, Json>, name: &str) -> String {
    let exact = object.get_key_value(name).map(|(own, _)| own);
    let own = exact.or_else(|| object.keys().find(|own| own.eq_ignore_ascii_case(name)));
    own.map_or(name, String::as_str).to_owned()
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn is_schema(text: &str) -> bool {
    text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":.-_+()".contains(&byte))
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
