//! Reading: pages of a class, objects by their ids, and what stands where a new one would.
//!
//! Only what is asked for is asked of Graph, and all of it by name: what is not selected would be missing, and look as if
//! it were empty.

use crate::answer::listed;
use crate::fields::{Class, Field, LICENCE, Shape};
use crate::graph::{Asked, Graph, is_id};
use crate::known::{Known, ask, read};
use crate::licence::Catalogue;
use crate::settings::Settings;
use crate::values::{of, properties, references};
use crate::wish::alike;
use serde_json::Value as Json;
use sluss_sdk::http::Response;
use sluss_sdk::{Attribute, Cell, Cursor, Error, ErrorKind, Object, Page, Rest, Row, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The most objects of a page of Graph.
const MOST: u32 = 999;
/// The most groups of a page, where their members are asked for as well.
const GROUPS: u32 = 50;
/// The most ids of one question.
const IDS: usize = 15;
/// The most objects that an expansion tells.
const EXPANDED: usize = 20;

/// What is asked for of the objects of a class.
pub struct View {
    class: Class,
    fields: Vec<(String, Option<&'static Field>)>,
    catalogue: Option<Rc<Catalogue>>,
}

impl View {
    /// These attributes of a class. What the class does not have is told of nobody.
    pub fn new(
        graph: &impl Graph,
        settings: &Settings,
        known: &Known,
        class: Class,
        attributes: &[String],
    ) -> Result<View, Error> {
        let find = |name: &String| class.fields().iter().find(|field| field.name == name);
        let fields: Vec<_> = attributes.iter().map(|name| (name.clone(), find(name))).collect();
        let is_licence =
            |(_, field): &(String, Option<&'static Field>)| field.is_some_and(|f| f.shape == Shape::Licence);
        let catalogue = match (fields.iter().any(is_licence), known.catalogue()) {
            (false, _) => None,
            (true, Some(catalogue)) => Some(catalogue),
            (true, None) => Some(known.learn_catalogue(graph, &settings.licences)?),
        };
        Ok(View { class, fields, catalogue })
    }

    /// The class.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The columns of a page.
    pub fn columns(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A question for objects of the class.
    pub fn asked(&self, more: &[&'static str]) -> Asked {
        let is_group = self.class == Class::Group;
        let mut select = vec!["id"];
        if !is_group {
            select.push("userType");
        }
        let told = self.fields.iter().filter_map(|(_, field)| *field);
        select.extend(told.flat_map(|field| properties(field, is_group)));
        select.extend(more);
        select.sort_unstable();
        select.dedup();
        let asked = Asked::get(self.class.path()).option("$select", select.join(","));
        match self.expanded() {
            Some(name) => asked.option("$expand", format!("{name}($select=id)")),
            None => asked,
        }
    }

    /// What is expanded: Graph does so with one relation.
    fn expanded(&self) -> Option<&'static str> {
        self.relations().next().map(|field| relation(field.name))
    }

    fn relations(&self) -> impl Iterator<Item = &'static Field> {
        let told = self.fields.iter().filter_map(|(_, field)| *field);
        told.filter(|field| matches!(field.shape, Shape::One | Shape::Many))
    }

    /// Whether an object is of the class. Members who are guests have a class of their own.
    pub fn holds(&self, object: &Json) -> bool {
        match self.class {
            Class::User => object["userType"] != "Guest",
            Class::Guest => object["userType"] == "Guest",
            Class::Group | Class::Licence => true,
        }
    }

    /// The values of each column in an object.
    pub fn values(&self, graph: &impl Graph, object: &Json) -> Result<Vec<Vec<Value>>, Error> {
        let tell = |(_, field): &(String, Option<&'static Field>)| match field {
            None => Ok(Vec::new()),
            Some(field) if field.shape == Shape::Many => self.many(graph, object, field),
            Some(field) => Ok(of(field, object, self.catalogue.as_deref())),
        };
        self.fields.iter().map(tell).collect()
    }

    /// References of which an expansion tells only the first.
    fn many(&self, graph: &impl Graph, object: &Json, field: &Field) -> Result<Vec<Value>, Error> {
        let name = relation(field.name);
        let told = object[name].as_array();
        if self.expanded() == Some(name)
            && let Some(told) = told
            && told.len() < EXPANDED
        {
            return Ok(references(&object[name]));
        }
        let what = "tell what an object refers to";
        let id = object["id"].as_str().unwrap_or_default();
        let place = format!("{}/{id}/{name}", self.class.path());
        let asked = Asked::get(place).option("$select", "id").option("$top", MOST.to_string());
        let mut body = match ask(graph, &asked, what) {
            // It went while it was read.
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut values = Vec::new();
        loop {
            listed(&body, what)?;
            values.extend(references(&body["value"]));
            let Some(next) = body["@odata.nextLink"].as_str() else { return Ok(values) };
            body = read(&graph.follow(next)?, what)?;
        }
    }

    /// Whether an attribute holds what is wanted. A licence may be called by its name or its id.
    pub fn is_alike(&self, name: &str, wanted: &[Value], held: &[Value]) -> bool {
        let Some(catalogue) = self.catalogue.as_deref().filter(|_| name == LICENCE) else { return alike(wanted, held) };
        let id = |value: &Value| {
            let sku = value.as_text().and_then(|text| catalogue.find(text));
            sku.map_or_else(|| value.clone(), |sku| Value::from(sku.id.as_str()))
        };
        let ids = |values: &[Value]| -> Vec<Value> { values.iter().map(id).collect() };
        alike(&ids(wanted), &ids(held))
    }

    /// An object as the host knows it.
    pub fn object(&self, graph: &impl Graph, told: &Json) -> Result<Object, Error> {
        let values = self.values(graph, told)?;
        let named = self.fields.iter().zip(values).filter(|(_, values)| !values.is_empty());
        let attributes = named.map(|((name, _), values)| Attribute { name: name.clone(), values }).collect();
        Ok(Object { id: id(told), version: None, attributes })
    }

    /// An object as a row of a page.
    pub fn row(&self, graph: &impl Graph, told: &Json) -> Result<Row, Error> {
        let cells = self.fields.iter().zip(self.values(graph, told)?).map(|((_, field), mut values)| match field {
            None => Cell::Absent,
            Some(field) if field.shape == Shape::Said => Cell::Absent,
            Some(field) if !field.is_many() && values.len() == 1 => values.pop().map_or(Cell::Absent, Cell::One),
            Some(_) => Cell::Many(values),
        });
        Ok(Row { id: id(told), version: None, cells: cells.collect() })
    }
}

/// What Graph calls a relation.
fn relation(name: &'static str) -> &'static str {
    match name {
        "member" => "members",
        "owner" => "owners",
        "sponsor" => "sponsors",
        other => other,
    }
}

/// The id of an object, as Sluss spells it.
pub fn id(told: &Json) -> String {
    told["id"].as_str().unwrap_or_default().to_ascii_lowercase()
}

/// A page of a class.
pub fn page(graph: &impl Graph, view: &View, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
    let what = "tell a page of objects";
    let response: Response = match from {
        Some(cursor) => {
            let link = String::from_utf8(cursor).map_err(|_| Error::invalid("The cursor is not one of this plugin"))?;
            graph.follow(&link)?
        }
        None => {
            let many = view.relations().any(|field| field.shape == Shape::Many);
            let top = max.clamp(1, if many { GROUPS } else { MOST });
            let mut asked = view.asked(&[]).option("$top", top.to_string());
            if view.class == Class::Guest {
                asked = asked.option("$filter", "userType eq 'Guest'");
            }
            graph.send(&asked)?
        }
    };
    let body = read(&response, what)?;
    let mut page = Page::new(&view.columns());
    for told in listed(&body, what)?.iter().filter(|told| view.holds(told)) {
        page.rows.push(view.row(graph, told)?);
    }
    if let Some(next) = body["@odata.nextLink"].as_str() {
        page.rest = Rest::More(next.as_bytes().to_vec());
    }
    Ok(page)
}

/// The objects with these ids, as Graph tells them and of whatever class; those that are not there are missing.
pub fn told_by_id(graph: &impl Graph, view: &View, ids: &[String]) -> Result<HashMap<String, Json>, Error> {
    // What cannot be an id is nobody's.
    let ids: Vec<&String> = ids.iter().filter(|id| is_id(id)).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(IDS) {
        let quoted: Vec<String> = some.iter().map(|id| format!("'{id}'")).collect();
        let asked = view.asked(&[]).option("$filter", format!("id in ({})", quoted.join(",")));
        let mut body = ask(graph, &asked, "tell objects by their ids")?;
        loop {
            let told = listed(&body, "tell objects by their ids")?.iter();
            found.extend(told.map(|told| (id(told), told.clone())));
            let Some(next) = body["@odata.nextLink"].as_str() else { break };
            body = read(&graph.follow(next)?, "tell objects by their ids")?;
        }
    }
    Ok(found)
}

/// The objects with these ids.
pub fn by_id(graph: &impl Graph, view: &View, ids: &[String]) -> Result<Vec<Option<Object>>, Error> {
    let found = told_by_id(graph, view, ids)?;
    let told = |id: &String| found.get(&id.to_ascii_lowercase()).filter(|told| view.holds(told));
    let tell = |id: &String| told(id).map(|told| view.object(graph, told)).transpose();
    ids.iter().map(tell).collect()
}
