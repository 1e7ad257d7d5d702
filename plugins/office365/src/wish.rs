//! What a change wants of an object, taken apart by how it is written.

use crate::fields::{Class, ENABLED, EXTENSIONS, Field, LOCATION, Shape};
use crate::settings::Settings;
use crate::values::{of, written};
use serde_json::{Map, Value as Json};
use sluss_sdk::{Attribute, Edit, Error, Modification, Value};

/// What is wanted: attributes with their edits, in order. What is new is wanted to replace nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish(Vec<(&'static Field, Edit)>);

impl Wish {
    /// What a new object shall hold.
    pub fn new(class: Class, attributes: &[Attribute]) -> Result<Wish, Error> {
        let replace = |attribute: &Attribute| {
            let field = writable(class, &attribute.name)?;
            Ok((field, Edit::Replace(attribute.values.clone())))
        };
        attributes.iter().map(replace).collect::<Result<_, Error>>().map(Wish)
    }

    /// How an object shall change.
    pub fn change(class: Class, modifications: &[Modification]) -> Result<Wish, Error> {
        let edit = |modification: &Modification| {
            let field = writable(class, &modification.attribute)?;
            if field.once && field.shape != Shape::Said {
                let message = format!("`{}` is settled when the {} is made, and stays", field.name, class.name());
                return Err(Error::invalid(message).attribute(field.name));
            }
            Ok((field, modification.edit.clone()))
        };
        modifications.iter().map(edit).collect::<Result<_, Error>>().map(Wish)
    }

    /// The edits of attributes.
    pub fn edits(&self) -> impl Iterator<Item = (&'static Field, &Edit)> {
        self.0.iter().map(|(field, edit)| (*field, edit))
    }

    /// The edits of one attribute, one after the other.
    pub fn edits_of<'w>(&'w self, name: &'w str) -> impl Iterator<Item = &'w Edit> {
        self.edits().filter(move |(field, _)| field.name == name).map(|(_, edit)| edit)
    }

    /// Whether anything is said of an attribute.
    pub fn speaks_of(&self, name: &str) -> bool {
        self.edits_of(name).next().is_some()
    }

    /// The values of one attribute of a new object.
    pub fn values<'w>(&'w self, name: &'w str) -> &'w [Value] {
        match self.edits_of(name).last() {
            Some(Edit::Replace(values) | Edit::Add(values)) => values,
            _ => &[],
        }
    }

    /// The one text of an attribute of a new object.
    pub fn text<'w>(&'w self, name: &'w str) -> Option<&'w str> {
        self.values(name).first().and_then(Value::as_text).filter(|text| !text.is_empty())
    }

    /// The ids that an attribute of a new object refers to, each once.
    pub fn references(&self, name: &str) -> Result<Vec<String>, Error> {
        references(name, self.values(name))
    }

    /// The properties that are written with the object itself: extensions, references and licences travel apart.
    pub fn plain(&self) -> impl Iterator<Item = (&'static Field, &Edit)> {
        let is_plain = |shape| {
            matches!(shape, Shape::Text | Shape::Texts | Shape::Day | Shape::Truth | Shape::Enabled | Shape::Extension)
        };
        self.edits().filter(move |(field, _)| is_plain(field.shape))
    }

    /// Whether an edit can be told only by who knows what is there.
    pub fn is_relative(&self) -> bool {
        self.plain().any(|(field, edit)| match edit {
            Edit::Replace(_) => false,
            Edit::Add(_) => field.is_many(),
            Edit::Remove(_) => true,
        })
    }

    /// The properties as Graph wants them, given the object as it is.
    pub fn body(&self, now: &Json, settings: &Settings) -> Result<Map<String, Json>, Error> {
        let mut body = Map::new();
        let mut seen: Vec<&str> = Vec::new();
        for (field, _) in self.plain() {
            if seen.contains(&field.name) {
                continue;
            }
            seen.push(field.name);
            let known = of(field, now, None);
            let mut values = self.edits_of(field.name).fold(known, |values, edit| edited(field, edit, values));
            if values.is_empty() && field.kept && !field.required {
                // A rule that says nothing of it any more leaves it as it is.
                let usual = settings.default_usage_location.as_deref().filter(|_| field.name == LOCATION);
                let Some(usual) = usual else { continue };
                values.push(Value::from(usual));
            }
            let value = written(field, &values, settings)?;
            match field.shape {
                Shape::Extension => {
                    let all = body.entry(EXTENSIONS).or_insert_with(|| Json::Object(Map::new()));
                    all[field.name] = value;
                }
                Shape::Enabled => _ = body.insert("accountEnabled".to_owned(), value),
                _ => _ = body.insert(field.name.to_owned(), value),
            }
        }
        Ok(body)
    }

    /// A part of what is wanted.
    #[must_use]
    pub fn only(&self, is_meant: impl Fn(&Field) -> bool) -> Wish {
        Wish(self.0.iter().filter(|(field, _)| is_meant(field)).cloned().collect())
    }

    /// Whether the account shall no longer be used.
    pub fn closes(&self) -> bool {
        matches!(self.edits_of(ENABLED).last(), Some(Edit::Replace(values)) if values.as_slice() == [Value::Boolean(false)])
    }

    /// Whether an object holds all that is written with it.
    pub fn is_met_by(&self, object: &Json) -> bool {
        self.plain().all(|(field, edit)| match edit {
            Edit::Replace(values) => alike(values, &of(field, object, None)),
            _ => false,
        })
    }
}

/// The attribute of this name, if anybody but Graph writes it.
fn writable(class: Class, name: &str) -> Result<&'static Field, Error> {
    let field = class.field(name)?;
    if field.read_only {
        let message = format!("`{name}` of the class `{}` is Graph's own: nobody writes it", class.name());
        return Err(Error::unsupported(message).attribute(name));
    }
    Ok(field)
}

/// What an attribute holds after an edit.
fn edited(field: &Field, edit: &Edit, mut values: Vec<Value>) -> Vec<Value> {
    match edit {
        Edit::Replace(new) => return new.clone(),
        Edit::Add(new) if !field.is_many() => return new.clone(),
        Edit::Add(more) => {
            for value in more {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        Edit::Remove(gone) => values.retain(|value| !gone.contains(value)),
    }
    values
}

/// Whether two lists hold the same values, in whatever order. Empty texts are none.
pub fn alike(a: &[Value], b: &[Value]) -> bool {
    let held = |values: &[Value]| -> Vec<Value> {
        values.iter().filter(|value| value.as_text() != Some("")).cloned().collect()
    };
    let (a, b) = (held(a), held(b));
    a.len() == b.len() && a.iter().all(|value| b.iter().any(|other| same(value, other)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) | (Value::Reference(a), Value::Reference(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// The ids that values refer to, each once.
pub fn references(name: &str, values: &[Value]) -> Result<Vec<String>, Error> {
    let mut ids: Vec<String> = Vec::with_capacity(values.len());
    let mut seen = std::collections::HashSet::with_capacity(values.len());
    for value in values {
        let id = value
            .as_reference()
            .filter(|id| crate::graph::is_id(id))
            .ok_or_else(|| Error::invalid(format!("`{name}` refers to accounts by their ids")).attribute(name))?;
        let id = id.to_ascii_lowercase();
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn settings() -> Settings {
        serde_json::from_value(json!({"connection": "graph"})).unwrap()
    }

    fn modification(name: &str, edit: Edit) -> Modification {
        Modification { attribute: name.to_owned(), edit }
    }

    #[test]
    fn what_is_graphs_own_or_settled_is_refused_by_its_name() {
        let own = Wish::new(Class::User, &[Attribute::one("proxyAddresses", "x")]).unwrap_err();
        assert_eq!(own.attribute.as_deref(), Some("proxyAddresses"));
        let settled = modification("kind", Edit::Replace(vec![Value::from("microsoft365")]));
        assert!(Wish::change(Class::Group, &[settled]).unwrap_err().message.contains("and stays"));
        assert!(Wish::new(Class::User, &[Attribute::one("shoe-size", "43")]).is_err());
    }

    #[test]
    fn edits_become_properties() {
        let now = json!({"otherMails": ["a@x.se", "b@x.se"], "department": "IT"});
        let wish = Wish::change(
            Class::User,
            &[
                modification("otherMails", Edit::Remove(vec![Value::from("a@x.se")])),
                modification("otherMails", Edit::Add(vec![Value::from("d@x.se")])),
                modification("department", Edit::Remove(vec![Value::from("HR")])),
                modification("extensionAttribute1", Edit::Replace(vec![Value::from("x")])),
                modification("extensionAttribute2", Edit::Replace(vec![])),
                modification("enabled", Edit::Replace(vec![Value::from(false)])),
                modification("licence", Edit::Replace(vec![])),
            ],
        )
        .unwrap();
        assert!(wish.is_relative() && wish.closes());
        let body = Json::Object(wish.body(&now, &settings()).unwrap());
        let extensions = json!({"extensionAttribute1": "x", "extensionAttribute2": null});
        assert_eq!(
            body,
            json!({"otherMails": ["b@x.se", "d@x.se"], "department": "IT", "onPremisesExtensionAttributes": extensions, "accountEnabled": false})
        );
        let more = modification("otherMails", Edit::Add(vec![Value::from("b@x.se"), Value::from("c@x.se")]));
        let wish = Wish::change(Class::User, &[more]).unwrap();
        let body = wish.body(&now, &settings()).unwrap();
        assert_eq!(body["otherMails"], json!(["a@x.se", "b@x.se", "c@x.se"]));
    }

    #[test]
    fn what_nothing_is_without_stays_when_no_rule_speaks_of_it() {
        let gone = |name: &str| Wish::change(Class::User, &[modification(name, Edit::Replace(vec![]))]).unwrap();
        assert!(gone("mailNickname").body(&Json::Null, &settings()).unwrap().is_empty());
        assert!(gone("usageLocation").body(&Json::Null, &settings()).unwrap().is_empty());
        let usual = Settings { default_usage_location: Some("SE".to_owned()), ..settings() };
        assert_eq!(gone("usageLocation").body(&Json::Null, &usual).unwrap()["usageLocation"], "SE");
        assert!(gone("displayName").body(&Json::Null, &settings()).is_err());
    }

    #[test]
    fn an_object_that_holds_all_is_known_whatever_comes_later() {
        let wish = Wish::new(
            Class::User,
            &[Attribute::one("displayName", "Anna"), Attribute::one("city", ""), Attribute::one("licence", "E3")],
        )
        .unwrap();
        assert!(wish.is_met_by(&json!({"displayName": "Anna", "city": null})));
        assert!(!wish.is_met_by(&json!({"displayName": "Bo"})));
        assert_eq!(wish.text("displayName"), Some("Anna"));
        assert_eq!(wish.text("city"), None);
    }

    #[test]
    fn references_are_ids_and_each_is_one() {
        let id = "6FD2c87f-b296-42f0-b197-1e91e994b900";
        let two = [Value::Reference(id.to_owned()), Value::Reference(id.to_lowercase())];
        assert_eq!(references("member", &two).unwrap(), [id.to_lowercase()]);
        assert!(references("member", &[Value::Reference("x' or true".to_owned())]).is_err());
        assert!(references("member", &[Value::from(id)]).is_err());
    }
}
