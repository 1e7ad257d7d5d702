//! Reading objects: in pages, by their ids, or where a new one would stand.

use crate::class::{ACCOUNT, Class, Layout, NOTHING, id};
use crate::guid::{Guid, Named};
use crate::range;
use crate::seats::{MOST, by_guid};
use sluss_sdk::directory::{Dn, Server};
use sluss_sdk::ldap::{Entry, Query, Scope, escape_filter};
use sluss_sdk::{Attribute, Cursor, Error, Object, Page, Rest};
use std::collections::HashMap;

/// How many entries a page has at most when members are asked for, since each of them may come with 1,500.
const GROUPS: u32 = 50;
const PRINCIPAL: &str = "userPrincipalName";

/// A page of the objects of a class.
pub fn page(
    server: &impl Server,
    layout: &Layout,
    class: &Class,
    columns: &[String],
    from: Option<&Cursor>,
    max: u32,
) -> Result<Page, Error> {
    let query = Query {
        base: layout.base().to_string(),
        scope: Scope::Subtree,
        filter: class.filter().to_owned(),
        attributes: class.wanted(columns),
        with_guids: true,
    };
    let has_members = columns.iter().any(|name| name.eq_ignore_ascii_case("member"));
    let found = server.search(&query, from, if has_members { max.min(GROUPS) } else { max })?;
    let mut page = Page::new(columns);
    page.rows.reserve(found.entries.len());
    let told = class.columns(columns);
    for mut entry in found.entries {
        if range::complete(server, &mut entry)? {
            page.rows.push(told.row(&entry)?);
        }
    }
    if let Some(next) = found.next {
        page.rest = Rest::More(next);
    }
    Ok(page)
}

/// The objects with these ids.
pub fn by_id(
    server: &impl Server,
    class: &Class,
    ids: &[String],
    attributes: &[String],
) -> Result<Vec<Option<Object>>, Error> {
    // What is no GUID is the id of nothing.
    let guids: Vec<Option<Guid>> = ids.iter().map(|id| Guid::parse(id)).collect();
    let asked: Vec<Guid> = guids.iter().flatten().copied().collect();
    let (wanted, told) = (class.wanted(attributes), class.columns(attributes));
    let mut found: HashMap<Guid, Object> = HashMap::with_capacity(asked.len());
    for some in asked.chunks(MOST) {
        for mut entry in by_guid(server, &class.base, class.filter(), some, &wanted)? {
            if range::complete(server, &mut entry)? {
                found.insert(id(&entry)?.0, told.object(&entry)?);
            }
        }
    }
    Ok(guids.into_iter().map(|guid| found.get(&guid?).cloned()).collect())
}

/// The object that stands where a new one with these attributes would: under its name, or with one of the names that no
/// two may have.
pub fn by_place(
    server: &impl Server,
    class: &Class,
    create: &[Attribute],
    attributes: &[String],
) -> Result<Option<Object>, Error> {
    let dn = class.dn(create)?;
    let given = |name: &str| {
        create.iter().find(|own| own.name.eq_ignore_ascii_case(name)).and_then(|own| own.values.first()?.as_text())
    };
    let names = [(ACCOUNT, given(ACCOUNT)), (PRINCIPAL, given(PRINCIPAL))];
    let tests: String = names
        .iter()
        .filter_map(|(name, value)| Some(format!("({name}={})", escape_filter((*value)?))))
        .chain([format!("(distinguishedName={})", escape_filter(&dn.in_capitals()))])
        .collect();
    let mut wanted = class.wanted(attributes);
    wanted.retain(|name| name != NOTHING);
    for (name, _) in names {
        if !wanted.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            wanted.push(name.to_owned());
        }
    }
    let query = Query {
        base: class.base.to_string(),
        scope: Scope::Subtree,
        filter: format!("(&{}(|{tests}))", class.filter()),
        attributes: wanted,
        with_guids: true,
    };
    let mut entries = server.search(&query, None, 10)?.entries;
    let rank = |entry: &Entry| {
        let stands_there = Dn::parse(Named::read(&entry.dn).dn).is_ok_and(|own| own.key() == dn.key());
        let has = |(name, value): &(&str, Option<&str>)| {
            let value = value.map(str::to_lowercase);
            let own = entry.values(name).iter().map(|own| String::from_utf8_lossy(own).to_lowercase());
            own.map(Some).any(|own| own == value)
        };
        // The user name is what a person would go by.
        (!has(&names[0]), !stands_there, !has(&names[1]))
    };
    entries.sort_by_key(rank);
    let Some(mut entry) = entries.into_iter().next() else { return Ok(None) };
    if !range::complete(server, &mut entry)? {
        return Ok(None);
    }
    class.columns(attributes).object(&entry).map(Some)
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
