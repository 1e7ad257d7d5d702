//! What a write refers to, and what is done when some of it is gone: a group is not kept from all others because one of
//! its members was removed by hand.

use crate::class::{NOTHING, id};
use crate::guid::{Guid, Named};
use crate::seats::{MOST, by_guid};
use sluss_sdk::Error;
use sluss_sdk::directory::{ANY, Dn, Server};
use sluss_sdk::ldap::{Attribute, Edit, Operation, Request};
use std::collections::HashSet;

/// What a write has an entry refer to.
pub fn to(request: &Request) -> HashSet<Guid> {
    let attributes: Vec<&Attribute> = match &request.operation {
        Operation::Add(attributes) => attributes.iter().collect(),
        Operation::Modify(edits) => {
            edits.iter().filter(|own| own.edit != Edit::Remove).map(|own| &own.attribute).collect()
        }
        Operation::Rename(_) | Operation::Remove => Vec::new(),
    };
    attributes.into_iter().flat_map(|attribute| &attribute.values).filter_map(|value| guid(value)).collect()
}

/// Which of these are there.
pub fn there(server: &impl Server, base: &Dn, guids: &HashSet<Guid>) -> Result<HashSet<Guid>, Error> {
    let all: Vec<Guid> = guids.iter().copied().collect();
    let mut there = HashSet::with_capacity(all.len());
    for some in all.chunks(MOST) {
        for entry in by_guid(server, base, ANY, some, &[NOTHING.to_owned()])? {
            there.insert(id(&entry)?.0);
        }
    }
    Ok(there)
}

/// The same write, referring to these only.
pub fn only(request: &Request, there: &HashSet<Guid>) -> Request {
    let mut request = request.clone();
    let keep =
        |attribute: &mut Attribute| attribute.values.retain(|value| guid(value).is_none_or(|own| there.contains(&own)));
    match &mut request.operation {
        Operation::Add(attributes) => {
            attributes.iter_mut().for_each(keep);
            attributes.retain(|attribute| !attribute.values.is_empty());
        }
        Operation::Modify(edits) => {
            edits.iter_mut().filter(|own| own.edit != Edit::Remove).for_each(|own| keep(&mut own.attribute));
            edits.retain(|own| own.edit == Edit::Replace || !own.attribute.values.is_empty());
        }
        Operation::Rename(_) | Operation::Remove => {}
    }
    request
}

/// The GUID that stands in the place of a name.
fn guid(value: &[u8]) -> Option<Guid> {
    Named::read(std::str::from_utf8(value).ok()?).guid.filter(|_| value.starts_with(b"<GUID="))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::ldap::Modification;

    fn numbered(number: u8) -> Guid {
        Guid::from_bytes(&[number; 16]).unwrap()
    }

    fn attribute(name: &str, guids: &[u8]) -> Attribute {
        let values = guids.iter().map(|number| numbered(*number).as_name().into_bytes()).collect();
        Attribute { name: name.to_owned(), values }
    }

    #[test]
    fn what_is_gone_is_left_out_and_what_is_taken_away_stays_so() {
        let edit = |edit, attribute| Modification { edit, attribute };
        let text = Attribute { name: "title".into(), values: vec![b"<b>".to_vec()] };
        let operation = Operation::Modify(vec![
            edit(Edit::Remove, attribute("member", &[1, 2])),
            edit(Edit::Add, attribute("member", &[3, 4])),
            edit(Edit::Add, attribute("owner", &[4])),
            edit(Edit::Replace, attribute("manager", &[4])),
            edit(Edit::Replace, text.clone()),
        ]);
        let request = Request { change: 1, dn: "CN=g".into(), operation };
        assert_eq!(to(&request), [3, 4].map(numbered).into());
        let Operation::Modify(edits) = only(&request, &[numbered(3)].into()).operation else {
            panic!("a modification")
        };
        let expected = vec![
            edit(Edit::Remove, attribute("member", &[1, 2])),
            edit(Edit::Add, attribute("member", &[3])),
            edit(Edit::Replace, attribute("manager", &[])),
            edit(Edit::Replace, text),
        ];
        assert_eq!(edits, expected);
        let add = Request { operation: Operation::Add(vec![attribute("member", &[4])]), ..request };
        assert_eq!(only(&add, &HashSet::new()).operation, Operation::Add(Vec::new()));
    }
}
