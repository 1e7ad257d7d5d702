//! The classes, and where each of their attributes stands in a resource.
//!
//! The usual attributes have names of their own. Any other can be called by its path, and the settings can give names
//! to more of them; so a policy says the same of services that keep the same thing in different places.

use crate::path::{Path, VALUE, member};
use crate::settings::Settings;
use crate::values::{Kind, from_json, to_json};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use sluss_sdk::{AttributeInfo, ClassInfo, Edit, Error, Value, ValueKind};
use std::borrow::Cow;

/// Whether an account may be used.
pub const ENABLED: &str = "enabled";
/// Who is in a group.
pub const MEMBER: &str = "member";
/// The name of an account.
pub const USER_NAME: &str = "userName";
/// What we call the object ourselves.
pub const EXTERNAL_ID: &str = "externalId";
/// The name of a group.
pub const DISPLAY_NAME: &str = "displayName";

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Accounts.
    #[default]
    User,
    /// Groups.
    Group,
}

/// An attribute that has a name of its own.
struct Known {
    name: &'static str,
    path: &'static str,
    kind: Kind,
    description: &'static str,
}

const fn text(name: &'static str, path: &'static str, description: &'static str) -> Known {
    Known { name, path, kind: Kind::Text, description }
}

const USER: &[Known] = &[
    text(USER_NAME, USER_NAME, "The name by which the account is known, and mostly what its owner logs in with"),
    text(EXTERNAL_ID, EXTERNAL_ID, "What the account is called outside of the service"),
    text("name.givenName", "name.givenName", "The given name"),
    text("name.middleName", "name.middleName", "The middle name"),
    text("name.familyName", "name.familyName", "The surname"),
    text("name.formatted", "name.formatted", "The whole name"),
    text(DISPLAY_NAME, DISPLAY_NAME, "The name that others see"),
    text("nickName", "nickName", "What the person is called"),
    text("title", "title", "The title of the post"),
    text("userType", "userType", "What kind of account it is, in words of the service's own"),
    text("preferredLanguage", "preferredLanguage", "The language, such as `sv-SE`"),
    text("locale", "locale", "How days and numbers are written, such as `sv-SE`"),
    text("timezone", "timezone", "The time zone, such as `Europe/Stockholm`"),
    Known { name: ENABLED, path: "active", kind: Kind::Boolean, description: "Whether it may be used" },
    text("emails.work", "emails[type eq \"work\"].value", "The address at work"),
    text("emails.home", "emails[type eq \"home\"].value", "The private address"),
    text("phoneNumbers.work", "phoneNumbers[type eq \"work\"].value", "The telephone at work"),
    text("phoneNumbers.mobile", "phoneNumbers[type eq \"mobile\"].value", "The mobile telephone"),
    text("employeeNumber", "employeeNumber", "The number of the employment"),
    text("costCenter", "costCenter", "The cost centre"),
    text("organization", "organization", "The organisation"),
    text("division", "division", "The division"),
    text("department", "department", "The department"),
    Known { name: "manager", path: "manager.value", kind: Kind::Reference, description: "The account of the manager" },
];

/// Those of a user that stand in the enterprise extension.
const EXTENDED: [&str; 6] = ["employeeNumber", "costCenter", "organization", "division", "department", "manager"];

const GROUP: &[Known] = &[
    text(DISPLAY_NAME, DISPLAY_NAME, "The name of the group"),
    text(EXTERNAL_ID, EXTERNAL_ID, "What the group is called outside of the service"),
    Known { name: MEMBER, path: "members.value", kind: Kind::Reference, description: "Who is in it" },
];

impl Class {
    /// All of them.
    pub const ALL: [Class; 2] = [Class::User, Class::Group];

    /// The class of this name.
    pub fn of(name: &str) -> Result<Class, Error> {
        let found = Class::ALL.into_iter().find(|class| class.name() == name);
        found.ok_or_else(|| Error::unknown_class(name))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Class::User => "user",
            Class::Group => "group",
        }
    }

    /// What people call one of its objects.
    pub fn noun(self) -> &'static str {
        match self {
            Class::User => "the account",
            Class::Group => "the group",
        }
    }

    /// What SCIM calls it.
    pub fn resource_type(self) -> &'static str {
        match self {
            Class::User => "User",
            Class::Group => "Group",
        }
    }

    /// The schema that every resource of the class has.
    pub fn schema(self) -> &'static str {
        match self {
            Class::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Class::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// Attributes by which one object is told from another, the surest first.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Class::User => &[USER_NAME, EXTERNAL_ID],
            Class::Group => &[EXTERNAL_ID, DISPLAY_NAME],
        }
    }

    fn known(self) -> &'static [Known] {
        match self {
            Class::User => USER,
            Class::Group => GROUP,
        }
    }

    /// The class as the connector describes it.
    pub fn described(self) -> ClassInfo {
        let info = ClassInfo::new(
            self.name(),
            match self {
                Class::User => "An account. Other attributes can be called by their paths in SCIM",
                Class::Group => "A group. Other attributes can be called by their paths in SCIM",
            },
        );
        let described = |known: &Known| match (known.name, known.kind) {
            (MEMBER, _) => AttributeInfo::reference(MEMBER, Class::User.name(), known.description).many(),
            (name, Kind::Reference) => AttributeInfo::reference(name, Class::User.name(), known.description),
            (USER_NAME, _) => AttributeInfo::text(USER_NAME, known.description).required().unique(),
            (DISPLAY_NAME, _) if self == Class::Group => {
                AttributeInfo::text(DISPLAY_NAME, known.description).required()
            }
            (name, Kind::Boolean) => AttributeInfo::new(name, ValueKind::Boolean, known.description),
            (name, _) => AttributeInfo::text(name, known.description),
        };
        let info = self.known().iter().fold(info, |info, known| info.attribute(described(known)));
        info.open().writable()
    }
}

/// An attribute: its name in the policy, and where and how it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What the policy calls it.
    pub name: String,
    /// Where it stands.
    pub path: Path,
    /// What kind of values it has.
    pub kind: Kind,
    /// Whether it is a list.
    pub many: bool,
}

impl Field {
    /// The values in a resource.
    pub fn read(&self, resource: &Json) -> Vec<Value> {
        let values: Vec<Value> =
            self.path.values(resource).into_iter().filter_map(|json| from_json(self.kind, json)).collect();
        // An account of which a service does not say so is not closed.
        if self.name == ENABLED && values.is_empty() { vec![Value::Boolean(true)] } else { values }
    }

    /// Values as SCIM writes them.
    pub fn written(&self, values: &[Value]) -> Result<Vec<Json>, Error> {
        if values.len() > 1 && !self.many {
            return Err(Error::invalid("It can hold one value only").attribute(self.name.as_str()));
        }
        let is_open = self.name == ENABLED && values.is_empty();
        let values = if is_open { &[Value::Boolean(true)] } else { values };
        let written = values.iter().map(|value| to_json(self.kind, value));
        written.collect::<Result<_, _>>().map_err(|error| error.attribute(self.name.as_str()))
    }

    /// What the attribute holds after an edit.
    pub fn edited(&self, resource: &Json, edit: &Edit) -> Vec<Value> {
        let mut values = self.read(resource);
        match edit {
            Edit::Replace(wanted) => values.clone_from(wanted),
            Edit::Add(more) => {
                let new = more.iter().filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>();
                values.extend(new);
            }
            Edit::Remove(fewer) => values.retain(|value| !fewer.contains(value)),
        }
        values
    }
}

/// The attributes of a class, with those of the settings.
#[derive(Debug)]
pub struct Shape {
    /// The class.
    pub class: Class,
    fields: Vec<Field>,
}

impl Shape {
    /// The attributes of a class.
    pub fn new(class: Class, settings: &Settings) -> Result<Shape, Error> {
        let mut fields = Vec::with_capacity(class.known().len() + settings.attributes.len());
        for known in class
            .known()
            .iter()
            .filter(|known| settings.attributes.get(known.name).is_none_or(|own| own.class != class))
        {
            let path = match class == Class::User && EXTENDED.contains(&known.name) {
                true => Path::parse(&format!("{ENTERPRISE}:{}", known.path))?,
                false => Path::parse(known.path)?,
            };
            let many = known.name == MEMBER;
            fields.push(Field { name: known.name.to_owned(), path, kind: known.kind, many });
        }
        for (name, own) in settings.attributes.iter().filter(|(_, own)| own.class == class) {
            let path = Path::parse(&own.path)?;
            fields.push(Field { name: name.clone(), path, kind: own.kind, many: own.many });
        }
        Ok(Shape { class, fields })
    }

    /// The attributes that have names.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The attribute that the policy calls so: one with a name of its own, or one that is called by its path.
    pub fn field(&self, name: &str) -> Result<Cow<'_, Field>, Error> {
        if let Some(field) = self.fields.iter().find(|field| field.name == name) {
            return Ok(Cow::Borrowed(field));
        }
        let path = Path::parse(name).map_err(|error| Error::invalid(error.message).attribute(name))?;
        Ok(Cow::Owned(Field { name: name.to_owned(), path, kind: Kind::Any, many: false }))
    }

    /// A new resource without any attribute but its schemas.
    pub fn resource<'f>(&self, fields: impl Iterator<Item = &'f Field>) -> Map<String, Json> {
        let mut schemas = vec![self.class.schema().to_owned()];
        for schema in fields.filter_map(|field| field.path.schema.as_ref()) {
            if !schemas.contains(schema) {
                schemas.push(schema.clone());
            }
        }
        Map::from_iter([("schemas".to_owned(), Json::from(schemas))])
    }
}

/// A reference to a member, as a group lists it.
pub fn listed(id: &str) -> Json {
    Json::Object(Map::from_iter([(VALUE.to_owned(), Json::from(id))]))
}

/// The id of a resource.
pub fn id(resource: &Json) -> Option<&str> {
    member(resource.as_object()?, "id")?.as_str().filter(|id| (1..=4096).contains(&id.len()))
}

/// The version of a resource.
pub fn version(resource: &Json) -> Option<&str> {
    member(member(resource.as_object()?, "meta")?.as_object()?, "version")?.as_str().filter(|own| !own.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn shape(class: Class, attributes: Json) -> Shape {
        let settings = serde_json::from_value(json!({"connection": "app", "attributes": attributes})).unwrap();
        Shape::new(class, &settings).unwrap()
    }

    #[test]
    fn attributes_have_places_and_the_settings_have_the_last_word() {
        let user = shape(
            Class::User,
            json!({
                "department": {"path": "urn:example:2.0:User:unit"},
                "badge": {"path": "urn:example:2.0:User:badge", "kind": "integer"},
                "kind": {"path": "urn:example:2.0:Group:kind", "class": "group"},
            }),
        );
        let place = |name: &str| user.field(name).unwrap().path.to_string();
        assert_eq!(place("enabled"), "active");
        assert_eq!(place("emails.work"), "emails[type eq \"work\"].value");
        assert_eq!(place("manager"), format!("{ENTERPRISE}:manager.value"));
        assert_eq!(place("department"), "urn:example:2.0:User:unit");
        assert_eq!(user.fields().iter().filter(|field| field.name == "department").count(), 1);
        assert_eq!(user.field("badge").unwrap().kind, Kind::Integer);
        assert_eq!(place("addresses[type eq \"work\"].locality"), "addresses[type eq \"work\"].locality");
        assert_eq!(user.field("no path").unwrap_err().attribute.as_deref(), Some("no path"));
        assert!(user.field("kind").is_ok_and(|field| field.kind == Kind::Any), "it is the group's");
        assert_eq!(
            user.resource([user.field("badge").unwrap().as_ref()].into_iter()),
            json!({"schemas": [Class::User.schema(), "urn:example:2.0:User"]}).as_object().unwrap().clone()
        );
    }

    #[test]
    fn an_account_of_which_nothing_is_said_is_open() {
        let user = shape(Class::User, json!({}));
        let enabled = user.field("enabled").unwrap();
        assert_eq!(enabled.read(&json!({})), [Value::from(true)]);
        assert_eq!(enabled.read(&json!({"active": false})), [Value::from(false)]);
        assert_eq!(enabled.written(&[]).unwrap(), [json!(true)]);
        let title = user.field("title").unwrap();
        assert_eq!(
            title.written(&[Value::from("a"), Value::from("b")]).unwrap_err().attribute.as_deref(),
            Some("title")
        );
    }

    #[test]
    fn edits_are_relative_to_what_is_there() {
        let user = shape(Class::User, json!({"roles": {"path": "roles.value", "many": true}}));
        let roles = user.field("roles").unwrap();
        let now = json!({"roles": [{"value": "a"}, {"value": "b"}]});
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
        assert_eq!(roles.edited(&now, &Edit::Add(values(&["b", "c"]))), values(&["a", "b", "c"]));
        assert_eq!(roles.edited(&now, &Edit::Remove(values(&["a", "x"]))), values(&["b"]));
        assert_eq!(roles.edited(&now, &Edit::Replace(values(&[]))), values(&[]));
    }

    #[test]
    fn what_is_described_can_be_found() {
        for class in Class::ALL {
            let shape = shape(class, json!({}));
            let described = class.described();
            assert!(described.open);
            for info in &described.attributes {
                let field = shape.field(&info.name).unwrap();
                assert!(shape.fields().contains(&field), "{}", info.name);
                assert_eq!(info.kind == ValueKind::Reference, field.kind == Kind::Reference);
            }
            assert_eq!(Class::of(class.name()).unwrap(), class);
        }
        assert!(Class::of("printer").is_err());
    }
}
