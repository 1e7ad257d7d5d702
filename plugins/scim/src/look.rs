//! Reading objects: in pages, by their ids, or where a new one would stand.

use crate::answer::{Answer, List};
use crate::apply::alike;
use crate::class::{Class, Field, MEMBER, Shape, id, version};
use crate::provider::Provider;
use crate::service::{Asked, Service, segment};
use crate::walk::{Walk, Wish};
use serde_json::Value as Json;
use sluss_sdk::page::position;
use sluss_sdk::{Attribute, Cell, Cursor, Error, Object, Page, Value};
use std::borrow::Cow;

/// A page of the objects of a class.
pub fn page<S: Service>(
    provider: &mut Provider<S>,
    class: Class,
    attributes: &[String],
    from: Option<&Cursor>,
    max: u32,
) -> Result<Page, Error> {
    let features = provider.features()?.clone();
    let wish = Wish { class, members: wants_members(class, attributes) };
    let mut walk = match from {
        None => Walk::new(wish, provider.settings.page_size, &features),
        Some(cursor) => {
            let given = position(Some(cursor))?;
            let held = provider.walk.take_if(|walk| walk.is_at(&wish, given));
            held.ok_or_else(|| Error::invalid("This is no position of a read that is under way: it has to begin anew"))?
        }
    };
    let fields: Vec<Option<Cow<'_, Field>>> = fields(provider.shape(class), attributes);
    let mut page = Page::new(attributes);
    while page.rows.len() < max.max(1) as usize {
        match walk.ready.pop_front() {
            Some(resource) => match id(&resource) {
                Some(id) => {
                    let row = page.row(id);
                    row.version = version(&resource).map(str::to_owned);
                    row.cells = fields.iter().map(|field| cell(field.as_deref(), &resource)).collect();
                    walk.given += 1;
                }
                None => page.fault(Error::invalid("A resource has no id, or one that is far too long")),
            },
            None if walk.end.is_some() => break,
            None => walk.advance(&provider.service, &features, &provider.sorts)?,
        }
    }
    match walk.end.clone().filter(|_| walk.ready.is_empty()) {
        Some(Ok(())) => Ok(page),
        Some(Err(error)) => Ok(page.incomplete(error)),
        None => {
            let given = walk.given;
            provider.walk = Some(walk);
            Ok(page.more_at(given))
        }
    }
}

/// The objects with these ids.
pub fn by_id<S: Service>(
    provider: &Provider<S>,
    class: Class,
    ids: &[String],
    attributes: &[String],
) -> Result<Vec<Option<Object>>, Error> {
    let place = provider.features()?.place(class)?;
    let fields = fields(provider.shape(class), attributes);
    let what = format!("show {}", class.noun());
    ids.iter()
        .map(|own| {
            let mut asked = Asked::get(format!("{place}/{}", segment(own)));
            if class == Class::Group && !wants_members(class, attributes) {
                asked = asked.option("excludedAttributes", "members");
            }
            let answer = Answer::of(&provider.service.send(&asked)?, provider.service.now());
            if answer.is_gone() {
                return Ok(None);
            }
            let version = answer.version.clone();
            let resource = answer.read(&what).map_err(|error| error.object(own.as_str()))?;
            Ok(Some(Object { version, ..object(own, &resource, attributes, &fields) }))
        })
        .collect()
}

/// The object that stands where a new one with these attributes would: the one that has its name, or what we would call
/// it.
pub fn by_place<S: Service>(
    provider: &Provider<S>,
    class: Class,
    create: &[Attribute],
    attributes: &[String],
) -> Result<Option<Object>, Error> {
    let shape = provider.shape(class);
    let text = |name: &str| {
        let attribute = create.iter().find(|attribute| attribute.name == name)?;
        attribute.values.first()?.as_text().filter(|text| !text.is_empty())
    };
    let keys: Vec<(Cow<'_, Field>, &str)> = class
        .keys()
        .iter()
        .filter_map(|name| Some((shape.field(name), text(name)?)))
        .map(|(field, text)| Ok((field?, text)))
        .collect::<Result<_, Error>>()?;
    let has = |resource: &Json, key: &(Cow<'_, Field>, &str)| key.0.read(resource).iter().any(|own| alike(own, key.1));
    for key in &keys {
        let found = look_for(provider, class, &key.0, key.1)?;
        // Of several, the one that is like what would be made in more than one way.
        let best = found.into_iter().max_by_key(|resource| keys.iter().filter(|key| has(resource, key)).count());
        if let Some(resource) = best {
            let own = id(&resource).map(str::to_owned).ok_or_else(|| Error::unavailable("A resource has no id"))?;
            if class == Class::Group && wants_members(class, attributes) {
                return Ok(by_id(provider, class, &[own], attributes)?.pop().flatten());
            }
            return Ok(Some(object(&own, &resource, attributes, &fields(shape, attributes))));
        }
    }
    Ok(None)
}

/// Every resource that has this value.
fn look_for<S: Service>(provider: &Provider<S>, class: Class, field: &Field, text: &str) -> Result<Vec<Json>, Error> {
    let features = provider.features()?;
    let has = |resource: &Json| field.read(resource).iter().any(|own| alike(own, text));
    let what = "look for a resource by an attribute";
    if provider.filters.get() {
        let mut asked = Asked::get(features.place(class)?)
            .option("filter", field.path.filter(text))
            .option("startIndex", 1)
            .option("count", provider.settings.page_size.min(features.results.unwrap_or(u32::MAX)));
        if class == Class::Group {
            asked = asked.option("excludedAttributes", "members");
        }
        let answer = Answer::of(&provider.service.send(&asked)?, provider.service.now());
        if !matches!(answer.status, 400 | 403 | 501) {
            let list = List::of(answer.read(what)?, what)?;
            // One that gives others as well does not look, and gives the first of all.
            if list.resources.iter().all(has) {
                return Ok(list.resources);
            }
        }
        provider.filters.set(false);
    }
    let wish = Wish { class, members: false };
    let mut walk = Walk::new(wish, provider.settings.page_size, features);
    let mut found = Vec::new();
    loop {
        while let Some(resource) = walk.ready.pop_front() {
            if has(&resource) {
                found.push(resource);
            }
        }
        match walk.end.take() {
            Some(Ok(())) => return Ok(found),
            Some(Err(error)) => return Err(error),
            None => walk.advance(&provider.service, features, &provider.sorts)?,
        }
    }
}

fn wants_members(class: Class, attributes: &[String]) -> bool {
    class == Class::Group && attributes.iter().any(|name| name == MEMBER)
}

/// The attributes that are asked for; none in the place of one that no resource can have.
fn fields<'s>(shape: &'s Shape, attributes: &[String]) -> Vec<Option<Cow<'s, Field>>> {
    attributes.iter().map(|name| shape.field(name).ok()).collect()
}

fn cell(field: Option<&Field>, resource: &Json) -> Cell {
    let Some(field) = field else { return Cell::Absent };
    let mut values = field.read(resource);
    match (values.pop(), values.is_empty()) {
        (Some(only), true) if !field.many => Cell::One(only),
        (last, _) => {
            values.extend(last);
            Cell::Many(values)
        }
    }
}

fn object(id: &str, resource: &Json, attributes: &[String], fields: &[Option<Cow<'_, Field>>]) -> Object {
    let named = attributes.iter().zip(fields).filter_map(|(name, field)| {
        let values: Vec<Value> = field.as_ref()?.read(resource);
        (!values.is_empty()).then(|| Attribute { name: name.clone(), values })
    });
    Object { id: id.to_owned(), version: version(resource).map(str::to_owned), attributes: named.collect() }
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
