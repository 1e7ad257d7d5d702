//! The values of a view as CEL sees them: fields are looked up when they are asked for.
//!
//! Filling CEL's maps for every person would cost more than all expressions together.

use super::evaluate::GroupKey;
use super::feed::Seen;
use super::rules::NameRule;
use super::table::{Entry, Table, Tables};
use super::view::View;
use super::vocabulary::{Datum, ENGAGEMENT, Field, PERSON, UNIT, field};
use crate::person::{Engagement, Person, Unit};
use crate::value::{Attributes, Value};
use cel::ExecutionError;
use cel::common::traits::{Container, Indexer};
use cel::common::types::{CelBool, CelBytes, CelDouble, CelInt, CelList, CelString, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;

impl VariableResolver for View<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let group = |get: fn(&GroupKey) -> &str| Some(text(self.group.map_or("", get)));
        let thing = match variable {
            "person" => Thing::Person(self.person),
            "primary" => Thing::Engagement(self.primary),
            "engagement" => Thing::Engagement(self.engagement),
            "unit" => Thing::Unit(self.unit),
            "names" => Thing::Names(self.kinds, self.names),
            "aliases" => Thing::Aliases(self.kinds, self.aliases),
            "accounts" => Thing::Accounts(self.accounts),
            "table" => Thing::Tables(self.tables),
            "engagements" => {
                let engagements = self.engagements().map(|engagement| boxed(Thing::Engagement(engagement)));
                return Some(CowVal::owned(CelList::from(engagements.collect::<Vec<_>>())));
            }
            "key" => return group(|group| &group.key),
            "title" => return group(|group| &group.title),
            "organisation" => return group(|group| &group.organisation),
            _ => return None,
        };
        Some(CowVal::owned(thing))
    }
}

/// Something with fields or entries, as CEL sees it.
#[derive(Debug, Clone, Copy)]
enum Thing<'a> {
    Person(&'a Person),
    Engagement(&'a Engagement),
    Unit(&'a Unit),
    Extra(&'a Attributes),
    Names(&'a [NameRule], &'a [String]),
    Aliases(&'a [NameRule], &'a [Vec<String>]),
    Accounts(&'a [Seen]),
    Account(&'a Seen),
    Tables(&'a Tables),
    Table(&'a Table),
    Entry(&'a Entry),
}

impl<'a> Thing<'a> {
    fn get(self, key: &str) -> Option<CowVal<'a, 'a>> {
        fn of<'a, O>(fields: &'static [Field<O>], key: &str, owner: &'a O) -> Option<CowVal<'a, 'a>> {
            field(fields, key).map(|field| datum((field.get)(owner)))
        }
        match self {
            Thing::Person(person) => of(PERSON, key, person),
            Thing::Engagement(engagement) => of(ENGAGEMENT, key, engagement),
            Thing::Unit(unit) => of(UNIT, key, unit),
            Thing::Extra(attributes) => Some(extra(attributes, key)),
            Thing::Names(kinds, names) => {
                let at = kinds.iter().position(|rule| rule.kind == key)?;
                Some(text(names.get(at).map_or("", String::as_str)))
            }
            Thing::Aliases(kinds, aliases) => {
                let at = kinds.iter().position(|rule| rule.kind == key)?;
                let names = aliases.get(at).map_or(&[][..], Vec::as_slice);
                Some(CowVal::owned(CelList::from(names.iter().map(|name| text(name).into_owned()).collect::<Vec<_>>())))
            }
            Thing::Accounts(accounts) => {
                accounts.iter().find(|seen| seen.rule == key).map(|seen| CowVal::owned(Thing::Account(seen)))
            }
            Thing::Account(seen) => seen.get(key).map(several),
            Thing::Tables(tables) => tables.0.get(key).map(|table| CowVal::owned(Thing::Table(table))),
            Thing::Table(table) => table.get(key).map(|entry| CowVal::owned(Thing::Entry(entry))),
            Thing::Entry(entry) => entry.get(key).map(value),
        }
    }
}

/// The key that something is looked up by.
fn key(index: &dyn Val) -> Result<&str, ExecutionError> {
    index.downcast_ref::<CelString<'_>>().map(CelString::inner).ok_or_else(|| ExecutionError::UnexpectedType {
        got: index.get_type().name().to_owned(),
        want: "string".to_owned(),
    })
}

impl<'a> Indexer for Thing<'a> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let key = key(index)?;
        let found: Option<CowVal<'a, 'a>> = Thing::get(*self, key);
        found.map(|found| CowVal::Owned(found.into_owned())).ok_or_else(|| ExecutionError::no_such_key(key))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Indexer::get(&*self, index).map(CowVal::into_owned)
    }
}

impl Container for Thing<'_> {
    fn contains(&self, index: &dyn Val) -> Result<bool, ExecutionError> {
        let key = key(index)?;
        Ok(match self {
            Thing::Extra(attributes) => attributes.iter().any(|(name, _)| name == key),
            other => Thing::get(*other, key).is_some(),
        })
    }
}

impl Val for Thing<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

fn boxed<'a>(thing: Thing<'a>) -> Box<dyn Val + 'a> {
    Box::new(thing)
}

fn text<'b>(text: &'b str) -> CowVal<'b, 'b> {
    CowVal::owned(CelString::from(text))
}

fn datum<'a>(datum: Datum<'a>) -> CowVal<'a, 'a> {
    match datum {
        Datum::Text(text) => CowVal::owned(CelString::from(text)),
        Datum::Boolean(yes) => CowVal::owned(CelBool::from(yes)),
        Datum::Real(number) => CowVal::owned(CelDouble::from(number)),
        Datum::Extra(attributes) => CowVal::owned(Thing::Extra(attributes)),
    }
}

/// An attribute of `extra`: empty text where the record says nothing, a list where it says several things.
fn extra<'a>(attributes: &'a Attributes, key: &str) -> CowVal<'a, 'a> {
    several(attributes.iter().find(|(name, _)| name == key).map_or(&[][..], |(_, values)| values))
}

/// Any number of values: empty text where there is none, a list where there are several.
fn several(values: &[Value]) -> CowVal<'_, '_> {
    match values {
        [] => text(""),
        [one] => value(one),
        several => {
            CowVal::owned(CelList::from(several.iter().map(|each| value(each).into_owned()).collect::<Vec<_>>()))
        }
    }
}

/// A value of ours as CEL sees it.
fn value(value: &Value) -> CowVal<'_, '_> {
    match value {
        Value::Text(text) | Value::Reference(text) => self::text(text),
        Value::Boolean(yes) => CowVal::owned(CelBool::from(*yes)),
        Value::Integer(number) | Value::Timestamp(number) => CowVal::owned(CelInt::from(*number)),
        Value::Real(number) => CowVal::owned(CelDouble::from(*number)),
        Value::Date(date) => CowVal::owned(CelString::from(date.to_string())),
        Value::Binary(bytes) => CowVal::owned(CelBytes::from(bytes.clone())),
    }
}
