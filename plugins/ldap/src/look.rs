//! Reading objects: in pages, by their ids, or where a new one would stand.

use sluss_sdk::directory::{Class, Dn, Layout, Server};
use sluss_sdk::ldap::{Entry, Query, Scope};
use sluss_sdk::{Attribute, Cell, Cursor, Error, Object, Page, Rest};

/// The server's own mark of an entry's last change. It must be asked for by name.
const VERSION: &str = "entryCSN";
/// What the host's connections never let through to be read, and what no server shows either.
const UNREADABLE: &str = "userPassword";

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
        filter: class.filter(),
        attributes: wanted(class, columns),
        with_guids: false,
    };
    let found = server.search(&query, from, max)?;
    let mut page = Page::new(columns);
    page.rows.reserve(found.entries.len());
    let told = class.columns(columns);
    for entry in &found.entries {
        let mut row = told.row(entry, version(entry));
        for (_, cell) in columns.iter().zip(&mut row.cells).filter(|(name, _)| is_unreadable(name)) {
            *cell = Cell::Absent;
        }
        page.rows.push(row);
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
    // What cannot be a name is the name of nothing.
    ids.iter().map(|id| Dn::parse(id).map_or(Ok(None), |dn| at(server, class, &dn, attributes))).collect()
}

/// The object that stands where a new one with these attributes would.
pub fn by_place(
    server: &impl Server,
    class: &Class,
    create: &[Attribute],
    attributes: &[String],
) -> Result<Option<Object>, Error> {
    at(server, class, &class.dn(create)?, attributes)
}

fn at(server: &impl Server, class: &Class, dn: &Dn, attributes: &[String]) -> Result<Option<Object>, Error> {
    let entry = server.entry(dn, &class.filter(), &wanted(class, attributes))?;
    Ok(entry.map(|entry| class.columns(attributes).object(&entry, version(&entry))))
}

fn wanted(class: &Class, attributes: &[String]) -> Vec<String> {
    let mut wanted = class.wanted(attributes);
    wanted.retain(|name| !is_unreadable(name));
    wanted.push(VERSION.to_owned());
    wanted
}

fn is_unreadable(name: &str) -> bool {
    name.eq_ignore_ascii_case(UNREADABLE)
}

fn version(entry: &Entry) -> Option<String> {
    entry.values(VERSION).first().map(|value| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fake::{BASE, Fake};
    use sluss_sdk::Value;
    use std::collections::BTreeMap;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn server() -> Fake {
        let server = Fake::default();
        let locked = ("pwdAccountLockedTime", "000001010000Z");
        server.put(
            "UID=Eva, OU=People,dc=example,dc=se",
            &[("objectClass", "inetOrgPerson"), ("mail", "e@x.se"), locked],
        );
        server.put("uid=bo,ou=People,dc=example,dc=se", &[("objectClass", "inetOrgPerson"), ("entryCSN", "csn1")]);
        server.put("cn=all,ou=groups,dc=example,dc=se", &[("objectClass", "groupOfNames")]);
        server
    }

    #[test]
    fn a_page_names_its_objects_in_one_spelling_and_says_nothing_of_passwords() {
        let (server, layout) = (server(), Layout::new(BASE, &BTreeMap::new()).unwrap());
        let class = layout.class("user").unwrap();
        let columns = names(&["mail", "enabled", "userPassword"]);
        let first = page(&server, &layout, class, &columns, None, 1).unwrap();
        let Rest::More(cursor) = &first.rest else { panic!("more expected") };
        let second = page(&server, &layout, class, &columns, Some(cursor), 1).unwrap();
        assert_eq!(second.rest, Rest::Complete);
        let mut rows = [first.rows, second.rows].concat();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["uid=Eva,ou=People,dc=example,dc=se", "uid=bo,ou=People,dc=example,dc=se"]);
        assert_eq!(rows[0].cells, [Cell::from("e@x.se"), Cell::from(false), Cell::Absent]);
        assert_eq!(rows[1].cells, [Cell::Many(vec![]), Cell::from(true), Cell::Absent]);
        assert_eq!(rows[1].version.as_deref(), Some("csn1"));
        assert!(server.asked().iter().all(|query| !query.attributes.iter().any(|name| is_unreadable(name))));
    }

    #[test]
    fn an_object_is_found_by_its_id_and_by_its_place() {
        let (server, layout) = (server(), Layout::new(BASE, &BTreeMap::new()).unwrap());
        let class = layout.class("user").unwrap();
        let ids = names(&[
            "uid=eva,ou=people,dc=example,dc=se",
            "uid=nobody,ou=people,dc=example,dc=se",
            "cn=all,ou=groups,dc=example,dc=se",
            "no name",
        ]);
        let found = by_id(&server, class, &ids, &names(&["mail"])).unwrap();
        let eva = found[0].clone().unwrap();
        assert_eq!(eva.id, "uid=Eva,ou=People,dc=example,dc=se");
        assert_eq!(eva.attributes, [Attribute::one("mail", Value::from("e@x.se"))]);
        assert_eq!(found[1..], [None, None, None]);
        let create = [Attribute::one("uid", "eva"), Attribute::one("mail", "other@x.se")];
        assert_eq!(by_place(&server, class, &create, &names(&["mail"])).unwrap(), Some(eva));
        assert_eq!(by_place(&server, class, &[Attribute::one("uid", "eve")], &[]).unwrap(), None);
    }
}
