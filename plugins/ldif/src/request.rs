//! LDIF change records: writes as the journal keeps them.

use crate::text::{Lines, dn, split, write_attributes, write_line};
use sluss_sdk::Error;
use sluss_sdk::directory::Dn;
use sluss_sdk::ldap::{Attribute, Edit, Modification, Operation, Rename, Request};

/// Writes a request and the empty line that ends it.
pub fn write_request(out: &mut Vec<u8>, request: &Request) {
    write_line(out, "dn", request.dn.as_bytes());
    match &request.operation {
        Operation::Add(attributes) => {
            out.extend_from_slice(b"changetype: add\n");
            write_attributes(out, attributes);
        }
        Operation::Modify(modifications) => {
            out.extend_from_slice(b"changetype: modify\n");
            for Modification { edit, attribute } in modifications {
                let keyword = match edit {
                    Edit::Add => "add",
                    Edit::Remove => "delete",
                    Edit::Replace => "replace",
                };
                write_line(out, keyword, attribute.name.as_bytes());
                write_attributes(out, std::slice::from_ref(attribute));
                out.extend_from_slice(b"-\n");
            }
        }
        Operation::Rename(rename) => {
            out.extend_from_slice(b"changetype: modrdn\n");
            write_line(out, "newrdn", rename.rdn.as_bytes());
            out.extend_from_slice(b"deleteoldrdn: 1\n");
            if let Some(parent) = &rename.parent {
                write_line(out, "newsuperior", parent.as_bytes());
            }
        }
        Operation::Remove => out.extend_from_slice(b"changetype: delete\n"),
    }
    out.push(b'\n');
}

/// The entry's own record within a record that adds it.
pub fn added(record: &[u8]) -> Vec<u8> {
    let mut lines = Lines::new(record);
    lines.next();
    let name = record.len() - lines.rest().len();
    lines.next();
    [&record[..name], lines.rest()].concat()
}

/// Refuses an attribute whose line would make a change of the entry's record, so that the file could not be read again.
pub fn speakable(operation: &Operation) -> Result<(), Error> {
    let is_keyword = |name: &str| name.eq_ignore_ascii_case("changetype");
    let speaks_of_it = match operation {
        Operation::Add(attributes) => attributes.iter().any(|attribute| is_keyword(&attribute.name)),
        Operation::Modify(edits) => edits.iter().any(|edit| is_keyword(&edit.attribute.name)),
        Operation::Rename(rename) => {
            Dn::parse(&rename.rdn)?.rdn().is_some_and(|rdn| rdn.iter().any(|part| is_keyword(&part.attribute)))
        }
        Operation::Remove => false,
    };
    if !speaks_of_it {
        return Ok(());
    }
    Err(Error::invalid("No attribute in an LDIF file can be called `changetype`").attribute("changetype"))
}

/// Reads a change record.
pub fn request(record: &[u8]) -> Result<Request, Error> {
    let mut lines = Lines::new(record);
    let dn = dn(&mut lines)?;
    let kind = lines.next().ok_or_else(|| Error::invalid("A change without `changetype:`"))?;
    let operation = match &*kind {
        b"changetype: add" => {
            let mut attributes = Vec::new();
            for line in lines {
                let (name, value) = split(&line)?;
                crate::text::add(&mut attributes, name, value.into_owned());
            }
            Operation::Add(attributes)
        }
        b"changetype: modify" => Operation::Modify(modifications(lines)?),
        b"changetype: modrdn" => Operation::Rename(rename(lines)?),
        b"changetype: delete" => Operation::Remove,
        _ => return Err(Error::invalid("A change of an unknown kind")),
    };
    speakable(&operation)?;
    Ok(Request { change: 0, dn, operation })
}

fn modifications(mut lines: Lines<'_>) -> Result<Vec<Modification>, Error> {
    let mut modifications = Vec::new();
    while let Some(line) = lines.next() {
        let (keyword, name) = split(&line)?;
        let edit = match keyword {
            "add" => Edit::Add,
            "delete" => Edit::Remove,
            "replace" => Edit::Replace,
            _ => return Err(Error::invalid("A modification that is none of add, delete and replace")),
        };
        let name = String::from_utf8(name.into_owned()).map_err(|_| Error::invalid("A name that is not UTF-8"))?;
        let mut values = Vec::new();
        loop {
            let line = lines.next().ok_or_else(|| Error::invalid("A modification that does not end with `-`"))?;
            if *line == *b"-" {
                break;
            }
            values.push(split(&line)?.1.into_owned());
        }
        modifications.push(Modification { edit, attribute: Attribute { name, values } });
    }
    Ok(modifications)
}

fn rename(lines: Lines<'_>) -> Result<Rename, Error> {
    let (mut rdn, mut parent) = (None, None);
    for line in lines {
        let (name, value) = split(&line)?;
        let value = String::from_utf8(value.into_owned()).map_err(|_| Error::invalid("A name that is not UTF-8"))?;
        match name {
            "newrdn" => rdn = Some(value),
            "newsuperior" => parent = Some(value),
            "deleteoldrdn" if value == "1" => {}
            _ => return Err(Error::invalid("A renaming with a line that does not belong there")),
        }
    }
    rdn.map(|rdn| Rename { rdn, parent }).ok_or_else(|| Error::invalid("A renaming without `newrdn:`"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn attribute(values: &[&str]) -> Attribute {
        Attribute { name: "mail".into(), values: values.iter().map(|value| value.as_bytes().to_vec()).collect() }
    }

    #[test]
    fn every_request_comes_back() {
        let modify = [(Edit::Add, vec!["a", "Å"]), (Edit::Remove, vec!["-"]), (Edit::Replace, vec![])]
            .map(|(edit, values)| Modification { edit, attribute: attribute(&values) });
        for operation in [
            Operation::Add(vec![attribute(&["a", "b"])]),
            Operation::Modify(modify.to_vec()),
            Operation::Rename(Rename { rdn: "uid=å".into(), parent: None }),
            Operation::Rename(Rename { rdn: "uid=b".into(), parent: Some("ou=x,dc=se".into()) }),
            Operation::Remove,
        ] {
            let own = Request { change: 0, dn: "uid=a,dc=se".into(), operation };
            let mut text = Vec::new();
            write_request(&mut text, &own);
            assert!(text.ends_with(b"\n\n"));
            assert_eq!(request(&text).unwrap(), own);
        }
    }

    #[test]
    fn an_added_entry_is_its_record_without_the_change() {
        // The second one is folded right before what looks like the kind of the change.
        for dn in ["uid=å,dc=se", &format!("uid={},ou=changetype: add", "x".repeat(64))] {
            let own = Request { change: 0, dn: dn.into(), operation: Operation::Add(vec![attribute(&["a"])]) };
            let mut text = Vec::new();
            write_request(&mut text, &own);
            let by_hand =
                String::from_utf8(text.clone()).unwrap().replace("e: add\n", "e: a\n dd\n").replace('\n', "\r\n");
            for text in [text, by_hand.into_bytes()] {
                let entry = crate::text::entry(&added(&text)).unwrap();
                assert_eq!((entry.dn.as_str(), entry.attributes), (dn, vec![attribute(&["a"])]));
            }
        }
    }

    #[test]
    fn what_is_no_change_is_refused() {
        for odd in [
            "dn: a=b\n",
            "dn: a=b\nchangetype: moddn\n",
            "dn: a=b\nchangetype: modify\nadd: x\nx: 1\n",
            "dn: a=b\nchangetype: add\nChangeType: add\n",
            "dn: a=b\nchangetype: modify\nadd: changetype\nchangetype: add\n-\n",
            "dn: a=b\nchangetype: modrdn\nnewrdn: changetype=x\n",
        ] {
            assert!(request(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
