//! Attributes with more values than a domain controller gives at once.
//!
//! It gives the first 1,500 as `member;range=0-1499` and the attribute itself without values; the rest is asked for range
//! by range until one ends with `*`.

use crate::guid::Named;
use sluss_sdk::directory::{ANY, Server};
use sluss_sdk::ldap::{Attribute, Entry, Query, Scope};
use sluss_sdk::{Error, ErrorKind};

/// Which of its values an attribute of an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range<'a> {
    /// The attribute, and the options that are not about the range.
    name: &'a str,
    first: usize,
    /// None where there are no more behind these.
    last: Option<usize>,
}

impl<'a> Range<'a> {
    fn read(name: &'a str) -> Option<Range<'a>> {
        let (plain, range) = name.split_once(';')?;
        let range = range.get(..6).filter(|start| start.eq_ignore_ascii_case("range=")).map(|_| &range[6..])?;
        let (first, last) = range.split_once('-')?;
        let last = if last == "*" { None } else { Some(last.parse().ok()?) };
        Some(Range { name: plain, first: first.parse().ok()?, last })
    }
}

/// Gives an entry all values of its attributes. Whether it is there still is told.
pub fn complete(server: &impl Server, entry: &mut Entry) -> Result<bool, Error> {
    let is_whole = |attribute: &Attribute| Range::read(&attribute.name).is_none();
    if entry.attributes.iter().all(is_whole) {
        return Ok(true);
    }
    let (whole, parts): (Vec<_>, Vec<_>) = std::mem::take(&mut entry.attributes).into_iter().partition(is_whole);
    entry.attributes = whole;
    for part in parts {
        let Some(range) = Range::read(&part.name) else { continue };
        let mut all = Attribute { name: range.name.to_owned(), values: Vec::new() };
        let mut last = range.last;
        all.values.extend(part.values);
        while let Some(known) = last {
            let Some(more) = next(server, entry, &all.name, known + 1)? else { return Ok(false) };
            match more {
                Some((values, end)) => {
                    all.values.extend(values);
                    last = end;
                }
                // The values behind were taken away meanwhile.
                None => break,
            }
        }
        entry.attributes.retain(|attribute| !attribute.name.eq_ignore_ascii_case(&all.name));
        entry.attributes.push(all);
    }
    Ok(true)
}

/// Values of a range, and where it ends.
type Values = (Vec<Vec<u8>>, Option<usize>);

/// The values from this one on, if there are any; nothing at all where the entry is gone.
fn next(server: &impl Server, entry: &Entry, name: &str, from: usize) -> Result<Option<Option<Values>>, Error> {
    let query = Query {
        base: Named::read(&entry.dn).dn.to_owned(),
        scope: Scope::Base,
        filter: ANY.to_owned(),
        attributes: vec![format!("{name};range={from}-*")],
        with_guids: true,
    };
    let found = match server.search(&query, None, 1) {
        Ok(found) => found.entries.into_iter().next(),
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(found) = found else { return Ok(None) };
    for Attribute { name: told, values } in found.attributes {
        let Some(range) = Range::read(&told).filter(|range| range.name.eq_ignore_ascii_case(name)) else { continue };
        if range.first != from || range.last.is_some_and(|last| last < from) {
            let message = format!("The directory gave other values of `{name}` than the next ones that were asked for");
            return Err(Error::unavailable(message));
        }
        return Ok(Some(Some((values, range.last))));
    }
    Ok(Some(None))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::Cursor;
    use sluss_sdk::ldap::{Entries, Outcome, Request};
    use std::cell::RefCell;

    /// A controller that has so many members in a group, and gives so many at once.
    struct Controller {
        members: usize,
        most: usize,
        asked: RefCell<Vec<String>>,
        answer: fn(usize, &str) -> Option<String>,
    }

    fn member(number: usize) -> Vec<u8> {
        format!("CN=m{number},DC=test").into_bytes()
    }

    impl Server for Controller {
        fn root(&self) -> Result<Entry, Error> {
            Err(Error::internal("not asked for"))
        }

        fn base(&self) -> Result<String, Error> {
            Ok("DC=test".into())
        }

        fn search(&self, query: &Query, _: Option<&Cursor>, _: u32) -> Result<Entries, Error> {
            assert_eq!(query.base, "CN=all,DC=test");
            let asked = query.attributes[0].clone();
            self.asked.borrow_mut().push(asked.clone());
            let range = Range::read(&asked).unwrap();
            let end = self.members.min(range.first + self.most);
            let last = if end == self.members { "*".to_owned() } else { (end - 1).to_string() };
            let name = format!("member;range={}-{last}", range.first);
            let attributes = match (self.answer)(range.first, &name) {
                _ if range.first >= self.members => Vec::new(),
                Some(name) => vec![Attribute { name, values: (range.first..end).map(member).collect() }],
                None => return Ok(Entries { entries: Vec::new(), next: None }),
            };
            Ok(Entries { entries: vec![Entry { dn: query.base.clone(), attributes }], next: None })
        }

        fn write(&self, _: &[Request]) -> Result<Vec<Outcome>, Error> {
            Err(Error::internal("not asked for"))
        }
    }

    fn controller(members: usize) -> Controller {
        let answer = |_, name: &str| Some(name.to_owned());
        Controller { members, most: 1_500, asked: RefCell::default(), answer }
    }

    /// The group as a search gives it: with the first range of its members.
    fn group(controller: &Controller) -> Entry {
        let attribute = |name: &str, values: Vec<Vec<u8>>| Attribute { name: name.to_owned(), values };
        let first = (0..controller.most.min(controller.members)).map(member).collect();
        let attributes = vec![
            attribute("cn", vec![b"all".to_vec()]),
            attribute("member", Vec::new()),
            attribute("member;range=0-1499", first),
        ];
        Entry { dn: "<GUID=03020100-0504-0706-0809-0a0b0c0d0e0f>;CN=all,DC=test".into(), attributes }
    }

    #[test]
    fn ranges_are_asked_for_until_the_last_one() {
        let controller = controller(4_000);
        let mut entry = group(&controller);
        assert!(complete(&controller, &mut entry).unwrap());
        assert_eq!(entry.values("member"), (0..4_000).map(member).collect::<Vec<_>>());
        assert_eq!(entry.values("cn"), [b"all"]);
        assert_eq!(entry.attributes.len(), 2);
        assert_eq!(*controller.asked.borrow(), ["member;range=1500-*", "member;range=3000-*"]);
    }

    #[test]
    fn what_is_whole_is_not_asked_for_again() {
        let controller = controller(10);
        let mut entry = Entry { attributes: group(&controller).attributes[..1].to_vec(), ..group(&controller) };
        assert!(complete(&controller, &mut entry).unwrap());
        assert!(controller.asked.borrow().is_empty());
        let mut last = group(&controller);
        last.attributes[2].name = "member;Range=0-*".into();
        assert!(complete(&controller, &mut last).unwrap());
        assert_eq!((last.values("member").len(), controller.asked.borrow().len()), (10, 0));
    }

    #[test]
    fn what_changes_meanwhile_is_noticed() {
        let mut shrunk = controller(1_500);
        let mut entry = group(&shrunk);
        assert!(complete(&shrunk, &mut entry).unwrap());
        assert_eq!(entry.values("member").len(), 1_500, "the others were taken away meanwhile");
        shrunk.members = 4_000;
        shrunk.answer = |_, _| None;
        assert!(!complete(&shrunk, &mut group(&shrunk)).unwrap(), "the group was removed meanwhile");
        shrunk.answer = |_, _| Some("member;range=0-1499".into());
        let error = complete(&shrunk, &mut group(&shrunk)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "it would never end");
        shrunk.answer = |from, _| Some(format!("member;range={from}-{}", from - 1));
        assert!(complete(&shrunk, &mut group(&shrunk)).is_err());
    }

    #[test]
    fn names_of_ranges_are_read() {
        assert_eq!(Range::read("member;range=0-1499"), Some(Range { name: "member", first: 0, last: Some(1_499) }));
        assert_eq!(Range::read("member;RANGE=1500-*"), Some(Range { name: "member", first: 1_500, last: None }));
        for other in ["member", "cn;lang-sv", "member;range=", "member;range=*-1", "member;range=1-x", "a;rangé=1-2"] {
            assert_eq!(Range::read(other), None, "{other}");
        }
    }
}
