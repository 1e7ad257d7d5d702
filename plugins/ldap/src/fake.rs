//! A directory in memory, which notes what it is asked and refuses what a test tells it to.

use sluss_sdk::directory::{Dn, Server};
use sluss_sdk::ldap::{Attribute, Entries, Entry, Operation, Outcome, Query, Request, Scope};
use sluss_sdk::{Cursor, Error};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

pub const BASE: &str = "dc=example,dc=se";

/// The directory. It has a base, `ou=People`, and a schema.
pub struct Fake {
    entries: RefCell<BTreeMap<String, Entry>>,
    asked: RefCell<Vec<Query>>,
    written: RefCell<Vec<Vec<String>>>,
    /// What becomes of the next writes with this name, in the notation of `written`.
    answers: RefCell<HashMap<String, Outcome>>,
}

impl Default for Fake {
    fn default() -> Self {
        let none = RefCell::default;
        let fake = Fake {
            entries: none(),
            asked: RefCell::default(),
            written: RefCell::default(),
            answers: RefCell::default(),
        };
        fake.put(BASE, &[("objectClass", "domain")]);
        fake.put("ou=People,dc=example,dc=se", &[("objectClass", "organizationalUnit")]);
        let names =
            |names: &[&str]| -> Vec<String> { names.iter().map(|name| format!("( 1.2 NAME '{name}' )")).collect() };
        let classes = names(&["inetOrgPerson", "groupOfNames"]);
        let attributes = names(&["uid", "cn", "member", "pwdAccountLockedTime"]);
        let pairs = classes.iter().map(|class| ("objectClasses", class.as_str()));
        let pairs: Vec<_> = pairs.chain(attributes.iter().map(|own| ("attributeTypes", own.as_str()))).collect();
        fake.put("cn=Subschema", &pairs);
        fake
    }
}

impl Fake {
    pub fn put(&self, dn: &str, attributes: &[(&str, &str)]) {
        let mut entry = Entry { dn: dn.to_owned(), attributes: Vec::new() };
        for (name, value) in attributes {
            let at = entry.attributes.iter().position(|own| own.name == *name).unwrap_or_else(|| {
                entry.attributes.push(Attribute { name: (*name).to_owned(), values: Vec::new() });
                entry.attributes.len() - 1
            });
            entry.attributes[at].values.push(value.as_bytes().to_vec());
        }
        self.entries.borrow_mut().insert(key(dn), entry);
    }

    pub fn clear(&self) {
        self.entries.borrow_mut().clear();
    }

    pub fn remove(&self, dn: &str) {
        self.entries.borrow_mut().remove(&key(dn));
    }

    pub fn answer(&self, write: &str, outcome: Outcome) {
        self.answers.borrow_mut().insert(write.to_owned(), outcome);
    }

    pub fn asked(&self) -> Vec<Query> {
        self.asked.borrow().clone()
    }

    /// The calls since the last time, each as its writes.
    pub fn written(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.written.borrow_mut())
    }

    fn carry_out(&self, request: &Request) -> Outcome {
        if let Some(outcome) = self.answers.borrow_mut().remove(&notation(request)) {
            return outcome;
        }
        let mut entries = self.entries.borrow_mut();
        let own = key(&request.dn);
        let above = |dn: &str| Dn::parse(dn).ok().and_then(|dn| dn.parent()).unwrap_or_default().key();
        let missing = || Outcome::Refused(Error::not_found("there is no such entry"));
        match &request.operation {
            Operation::Add(_) if entries.contains_key(&own) => {
                return Outcome::Refused(Error::already_exists("there is an entry of this name already"));
            }
            Operation::Add(_) if !entries.contains_key(&above(&request.dn)) => return missing(),
            Operation::Add(attributes) => {
                entries.insert(own, Entry { dn: request.dn.clone(), attributes: attributes.clone() });
            }
            _ if !entries.contains_key(&own) => return missing(),
            Operation::Modify(_) => {}
            Operation::Rename(rename) => {
                let parent = rename.parent.as_deref().map_or_else(|| above(&request.dn), key);
                if !entries.contains_key(&parent) {
                    return missing();
                }
                let dn = format!("{},{parent}", rename.rdn);
                if let Some(entry) = entries.remove(&own) {
                    entries.insert(key(&dn), Entry { dn, ..entry });
                }
            }
            Operation::Remove => {
                entries.remove(&own);
            }
        }
        Outcome::Done
    }
}

impl Server for Fake {
    fn root(&self) -> Result<Entry, Error> {
        let attribute = |name: &str, value: &str| Attribute { name: name.into(), values: vec![value.into()] };
        let pages = attribute("supportedControl", "1.2.840.113556.1.4.319");
        Ok(Entry { dn: String::new(), attributes: vec![attribute("subschemaSubentry", "cn=Subschema"), pages] })
    }

    fn base(&self) -> Result<String, Error> {
        Ok(BASE.to_owned())
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, max: u32) -> Result<Entries, Error> {
        self.asked.borrow_mut().push(query.clone());
        let entries = self.entries.borrow();
        let base = Dn::parse(&query.base)?;
        if !entries.contains_key(&base.key()) {
            return Err(Error::not_found("there is no such entry"));
        }
        let fits = |entry: &&Entry| {
            let own = entry.values("objectClass");
            let of_class = |class: &&[u8]| query.filter.contains(&format!("={})", String::from_utf8_lossy(class)));
            let dn = Dn::parse(&entry.dn).unwrap_or_default();
            (query.filter == "(objectClass=*)" || own.iter().any(|class| of_class(&class.as_slice())))
                && (query.scope == Scope::Subtree || dn.depth() == base.depth())
                && dn.is_under(&base)
        };
        let skip = from.and_then(|cursor| cursor.first().copied()).map_or(0, usize::from);
        let all: Vec<Entry> = entries.values().filter(fits).cloned().collect();
        let end = all.len().min(skip + max as usize);
        let next = (end < all.len()).then(|| vec![end as u8]);
        Ok(Entries { entries: all[skip..end].to_vec(), next })
    }

    fn write(&self, requests: &[Request]) -> Result<Vec<Outcome>, Error> {
        self.written.borrow_mut().push(requests.iter().map(notation).collect());
        Ok(requests.iter().map(|request| self.carry_out(request)).collect())
    }
}

fn key(dn: &str) -> String {
    Dn::parse(dn).unwrap_or_default().key()
}

/// A write in a few words.
fn notation(request: &Request) -> String {
    let dn = &request.dn;
    match &request.operation {
        Operation::Add(_) => format!("add {dn}"),
        Operation::Modify(_) => format!("modify {dn}"),
        Operation::Rename(rename) => match &rename.parent {
            Some(parent) => format!("rename {dn} {},{parent}", rename.rdn),
            None => format!("rename {dn} {}", rename.rdn),
        },
        Operation::Remove => format!("remove {dn}"),
    }
}
