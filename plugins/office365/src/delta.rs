//! What changed since an earlier read, by Graph's delta queries.
//!
//! Graph may tell an object more than once, in any order, on pages that are otherwise empty, and again what it told before.
//! So of all that it tells only the ids are believed: whatever it names is read again as it is now, and what cannot be
//! found then is gone if Graph said so.

use crate::answer::{Answer, listed};
use crate::fields::{Class, Field, LICENCE, Shape};
use crate::graph::{Asked, Graph};
use crate::known::ask;
use crate::look::{View, id, told_by_id};
use crate::values::properties;
use serde::{Deserialize, Serialize};
use sluss_sdk::{Answer as Told, Batch, Cursor, Error, Page, Rest};
use std::collections::BTreeSet;

/// The most pages of Graph that are asked for one answer.
const PAGES: usize = 20;

/// So many ids are not asked for more.
const ENOUGH: usize = 1000;

/// The longest cursor.
const ROOM: usize = 60 * 1024;

/// Where the changes go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Of which class.
    class: String,
    /// Where Graph goes on with this answer; none once it told all of it.
    link: Option<String>,
    /// What to ask with the next time, once Graph told.
    next: Option<String>,
    /// The ids that were named and not told yet.
    #[serde(default)]
    named: BTreeSet<String>,
    /// Those among them that Graph calls gone.
    #[serde(default)]
    gone: BTreeSet<String>,
}

impl Place {
    fn bytes(&self) -> Cursor {
        // It has texts only.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The properties whose changes are told.
fn watched(class: Class) -> String {
    let is_group = class == Class::Group;
    let mut select: Vec<&str> = class
        .fields()
        .iter()
        .filter(|field| field.name != LICENCE)
        .flat_map(|field| properties(field, is_group))
        .copied()
        .collect();
    select.extend(["assignedLicenses"]);
    select.extend(match class {
        Class::User => &["manager", "userType"][..],
        Class::Group => &["members"],
        Class::Guest | Class::Licence => &["userType"],
    });
    select.sort_unstable();
    select.dedup();
    select.join(",")
}

/// The attributes whose changes are told. Graph does not tell who answers for a guest, nor who owns a group.
pub fn attributes(class: Class) -> Vec<String> {
    let told = |field: &&Field| field.shape != Shape::Said && !matches!(field.name, "sponsor" | "owner");
    let fields = class.fields().iter().filter(told);
    fields.map(|field| field.name.to_owned()).collect()
}

/// The token that stands for now.
pub fn latest(graph: &impl Graph, class: Class) -> Result<Cursor, Error> {
    let mut next = None;
    if class != Class::Licence {
        let path = format!("{}/delta", class.path());
        let asked = Asked::get(path).option("$select", watched(class)).option("$deltatoken", "latest");
        let body = ask(graph, &asked, "say where its changes stand")?;
        next = body["@odata.deltaLink"].as_str().map(str::to_owned);
        if next.is_none() {
            return Err(Error::unavailable("Graph did not say where its changes stand"));
        }
    }
    let (named, gone) = (BTreeSet::new(), BTreeSet::new());
    Ok(Place { class: class.name().to_owned(), link: next, next: None, named, gone }.bytes())
}

/// What changed since a token.
pub fn changes(graph: &impl Graph, view: &View, since: &Cursor, max: u32) -> Result<Told, Error> {
    let class = view.class();
    let place: Option<Place> = serde_json::from_slice(since).ok();
    // One that leads nowhere would do so for ever.
    let is_own = |place: &Place| place.class == class.name() && (place.link.is_some() || place.next.is_some());
    let Some(mut place) = place.filter(is_own) else { return Ok(Told::Expired) };
    if class == Class::Licence {
        // Products are few, and nobody tells what changed about them.
        return Ok(Told::Expired);
    }
    let max = max.max(1) as usize;
    for _ in 0..PAGES {
        let Some(link) = place.link.clone().filter(|_| place.named.len() < max.min(ENOUGH)) else { break };
        let answer = Answer::of(&graph.follow(&link)?);
        if answer.is_too_old() {
            return Ok(Told::Expired);
        }
        let body = answer.read("tell what changed")?;
        for told in listed(&body, "tell what changed")? {
            let id = id(told);
            match told["@removed"].is_null() {
                true => _ = place.gone.remove(&id),
                false => _ = place.gone.insert(id.clone()),
            }
            place.named.insert(id);
        }
        place.link = body["@odata.nextLink"].as_str().map(str::to_owned);
        if place.link.is_none() {
            place.next =
                Some(body["@odata.deltaLink"].as_str().map(str::to_owned).ok_or_else(|| {
                    Error::unavailable("Graph ended its changes without saying where the next begin")
                })?);
        }
    }
    give(graph, view, since, place, max)
}

/// Reads what was named as it is now, as far as it fits, and says where the rest is.
fn give(graph: &impl Graph, view: &View, since: &Cursor, mut place: Place, max: usize) -> Result<Told, Error> {
    let rest = place.named.iter().nth(max).cloned();
    let later = rest.map(|first| place.named.split_off(&first)).unwrap_or_default();
    let ids: Vec<String> = std::mem::replace(&mut place.named, later).into_iter().collect();
    let found = told_by_id(graph, view, &ids)?;
    let (mut page, mut gone) = (Page::new(&view.columns()), Vec::new());
    for id in ids {
        let is_gone = place.gone.remove(&id);
        match found.get(&id) {
            Some(told) if view.holds(told) => page.rows.push(view.row(graph, told)?),
            // It is of another class.
            Some(_) => {}
            None if is_gone => gone.push(id),
            None => page
                .fault(Error::throttled("Graph says that the object changed, and does not show it yet", 0).object(id)),
        }
    }
    let next = match (&place.next, place.named.is_empty()) {
        (Some(next), true) => Place { link: Some(next.clone()), next: None, ..place }.bytes(),
        _ => {
            let more = place.bytes();
            if more.len() > ROOM {
                return Ok(Told::Expired);
            }
            page.rest = Rest::More(more);
            since.clone()
        }
    };
    Ok(Told::Batch(Batch { page, gone, next }))
}

#[cfg(test)]
#[path = "delta_tests.rs"]
mod tests;
