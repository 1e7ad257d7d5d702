//! A domain in memory, which notes what it is asked and refuses what a test tells it to.

use crate::guid::{Guid, Named};
use crate::server::Domain;
use sluss_sdk::directory::{Dn, Server};
use sluss_sdk::ldap::{
    Attribute, Edit, Entries, Entry, Modification, Operation, Outcome, Query, Request, Scope, Synced,
};
use sluss_sdk::{Cursor, Error};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};

pub const BASE: &str = "OU=Town,DC=ad,DC=test";
const CONFIGURATION: &str = "CN=Configuration,DC=ad,DC=test";

/// The domain. It has the base, `OU=People` in it, and a schema.
pub struct Fake {
    entries: RefCell<BTreeMap<Guid, Entry>>,
    last: Cell<u8>,
    pub asked: RefCell<Vec<Query>>,
    written: RefCell<Vec<Vec<String>>>,
    /// What becomes of the next writes that begin like this, in the notation of `written`.
    answers: RefCell<HashMap<String, VecDeque<Outcome>>>,
    pub warned: RefCell<Vec<String>>,
    pub root: RefCell<Vec<(&'static str, String)>>,
    /// What `sync` answers, one after the other, and what it was asked with.
    pub synced: RefCell<VecDeque<Result<Synced, Error>>>,
    pub since: RefCell<Vec<Option<Cursor>>>,
    /// What fails instead of the next search.
    pub broken: RefCell<Option<Error>>,
}

impl Default for Fake {
    fn default() -> Self {
        let root = [
            ("supportedCapabilities", "1.2.840.113556.1.4.800"),
            ("supportedControl", "1.2.840.113556.1.4.319"),
            ("supportedControl", "1.2.840.113556.1.4.529"),
            ("supportedControl", "1.2.840.113556.1.4.841"),
            ("dnsHostName", "dc1.ad.test"),
            ("domainFunctionality", "7"),
            ("forestFunctionality", "99"),
            ("isSynchronized", "TRUE"),
            ("configurationNamingContext", CONFIGURATION),
            ("subschemaSubentry", "CN=Aggregate,CN=Schema,CN=Configuration,DC=ad,DC=test"),
        ];
        let fake = Fake {
            entries: RefCell::default(),
            last: Cell::new(0),
            asked: RefCell::default(),
            written: RefCell::default(),
            answers: RefCell::default(),
            warned: RefCell::default(),
            root: RefCell::new(root.map(|(name, value)| (name, value.to_owned())).to_vec()),
            synced: RefCell::default(),
            since: RefCell::default(),
            broken: RefCell::default(),
        };
        let units = [("objectClass", "organizationalUnit"), ("allowedChildClassesEffective", "organizationalUnit")];
        fake.put(BASE, &units);
        let people = ["user", "group", "organizationalUnit"].map(|class| ("allowedChildClassesEffective", class));
        fake.put(&format!("OU=People,{BASE}"), &[&units[..1], &people].concat());
        let recycle_bin = "CN=Recycle Bin Feature,CN=Optional Features,CN=Services,CN=Configuration,DC=ad,DC=test";
        fake.put(&format!("CN=Partitions,{CONFIGURATION}"), &[("msDS-EnabledFeature", recycle_bin)]);
        let schema = [
            ("objectClasses", "( 1 NAME 'user' )"),
            ("objectClasses", "( 2 NAME 'group' )"),
            ("attributeTypes", "( 3 NAME 'displayName' )"),
        ];
        fake.put("CN=Aggregate,CN=Schema,CN=Configuration,DC=ad,DC=test", &schema);
        fake.asked.borrow_mut().clear();
        fake
    }
}

impl Fake {
    /// Puts an entry there. Its GUID is told.
    pub fn put(&self, dn: &str, attributes: &[(&str, &str)]) -> Guid {
        self.last.set(self.last.get() + 1);
        let guid = Guid::from_bytes(&[self.last.get(); 16]).unwrap_or_else(|| unreachable!("sixteen bytes"));
        let mut entry = Entry { dn: dn.to_owned(), attributes: Vec::new() };
        for (name, value) in attributes {
            push(&mut entry, name, value.as_bytes().to_vec());
        }
        self.insert(guid, entry);
        guid
    }

    /// An account with its user name, open.
    pub fn user(&self, account: &str) -> Guid {
        let dn = format!("CN={account},OU=People,{BASE}");
        let control = ("userAccountControl", "512");
        self.put(&dn, &[("objectClass", "user"), ("sAMAccountName", account), control])
    }

    fn insert(&self, guid: Guid, mut entry: Entry) {
        let category = match () {
            () if entry.values("objectClass").iter().any(|class| class == b"user") => "person",
            () => "other",
        };
        push(&mut entry, "objectCategory", category.into());
        push(&mut entry, "objectGUID", guid.bytes().to_vec());
        let dn = entry.dn.clone().into_bytes();
        push(&mut entry, "distinguishedName", dn);
        self.entries.borrow_mut().insert(guid, entry);
    }

    pub fn value(&self, guid: Guid, name: &str) -> String {
        let entries = self.entries.borrow();
        let value = entries.get(&guid).and_then(|entry| entry.values(name).first().cloned());
        String::from_utf8_lossy(&value.unwrap_or_default()).into_owned()
    }

    pub fn relocate(&self, guid: Guid, dn: &str) {
        if let Some(entry) = self.entries.borrow_mut().get_mut(&guid) {
            entry.dn = dn.to_owned();
        }
    }

    pub fn remove(&self, guid: Guid) {
        self.entries.borrow_mut().remove(&guid);
    }

    pub fn at(&self, dn: &str) -> Option<Guid> {
        let key = key(dn);
        self.entries.borrow().iter().find(|(_, entry)| self::key(&entry.dn) == key).map(|(guid, _)| *guid)
    }

    /// Has the next write that begins like this end so.
    pub fn answer(&self, write: &str, outcome: Outcome) {
        self.answers.borrow_mut().entry(write.to_owned()).or_default().push_back(outcome);
    }

    /// The calls since the last time, each as its writes.
    pub fn written(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.written.borrow_mut())
    }

    fn told(&self, query: &Query, entry: &Entry, guid: Guid) -> Entry {
        let entries = self.entries.borrow();
        let behind =
            |guid: Guid, dn: &str| if query.with_guids { format!("{};{dn}", guid.as_name()) } else { dn.to_owned() };
        let all = query.attributes.iter().any(|name| name == "*");
        let wanted = |name: &str| all || query.attributes.iter().any(|own| own.eq_ignore_ascii_case(name));
        let value = |value: &Vec<u8>| {
            let named = std::str::from_utf8(value).ok().and_then(|text| Named::read(text).guid);
            match named.filter(|_| value.starts_with(b"<GUID=")) {
                Some(guid) => behind(guid, entries.get(&guid).map_or("", |entry| &entry.dn)).into_bytes(),
                None => value.clone(),
            }
        };
        let attributes = entry.attributes.iter().filter(|own| wanted(&own.name));
        let attributes = attributes
            .map(|own| Attribute { name: own.name.clone(), values: own.values.iter().map(value).collect() })
            .collect();
        Entry { dn: behind(guid, &entry.dn), attributes }
    }

    fn carry_out(&self, request: &Request) -> Outcome {
        let notation = notation(request);
        let told =
            self.answers.borrow_mut().iter_mut().find_map(|(start, outcomes)| {
                notation.starts_with(start.as_str()).then(|| outcomes.pop_front()).flatten()
            });
        if let Some(outcome) = told {
            return outcome;
        }
        let missing = || Outcome::Refused(Error::not_found("there is no such entry").code("32"));
        let above = |dn: &str| Dn::parse(dn).ok().and_then(|dn| dn.parent()).unwrap_or_default().to_string();
        let referred = crate::refer::to(request);
        if referred.iter().any(|guid| !self.entries.borrow().contains_key(guid)) {
            return missing();
        }
        let own = self.at(&request.dn);
        match (&request.operation, own) {
            (Operation::Add(_), Some(_)) => {
                return Outcome::Refused(Error::already_exists("there is an entry of this name already: Entry exists"));
            }
            (Operation::Add(_), None) if self.at(&above(&request.dn)).is_none() => return missing(),
            (Operation::Add(attributes), None) => {
                self.last.set(self.last.get() + 1);
                let guid = Guid::from_bytes(&[self.last.get(); 16]).unwrap_or_else(|| unreachable!("sixteen bytes"));
                self.insert(guid, Entry { dn: request.dn.clone(), attributes: attributes.clone() });
            }
            (_, None) => return missing(),
            (Operation::Modify(edits), Some(guid)) => {
                if let Some(entry) = self.entries.borrow_mut().get_mut(&guid) {
                    edits.iter().for_each(|edit| modify(entry, edit));
                }
            }
            (Operation::Rename(rename), Some(guid)) => {
                let parent = rename.parent.clone().unwrap_or_else(|| above(&request.dn));
                if self.at(&parent).is_none() {
                    return missing();
                }
                self.relocate(guid, &format!("{},{parent}", rename.rdn));
            }
            (Operation::Remove, Some(guid)) => self.remove(guid),
        }
        Outcome::Done
    }
}

impl Server for Fake {
    fn root(&self) -> Result<Entry, Error> {
        let mut root = Entry { dn: String::new(), attributes: Vec::new() };
        self.root.borrow().iter().for_each(|(name, value)| push(&mut root, name, value.clone().into_bytes()));
        Ok(root)
    }

    fn base(&self) -> Result<String, Error> {
        Ok(BASE.to_lowercase())
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, max: u32) -> Result<Entries, Error> {
        self.asked.borrow_mut().push(query.clone());
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        let base = Dn::parse(&query.base)?;
        if self.at(&query.base).is_none() {
            return Err(Error::not_found("there is no such entry"));
        }
        let entries = self.entries.borrow();
        let fits = |entry: &Entry| {
            let dn = Dn::parse(&entry.dn).unwrap_or_default();
            (query.scope == Scope::Subtree || dn.depth() == base.depth()) && dn.is_under(&base)
        };
        let found: Vec<(&Guid, &Entry)> =
            entries.iter().filter(|(_, entry)| fits(entry) && filter(&query.filter, entry).0).collect();
        let skip = from.and_then(|cursor| cursor.first().copied()).map_or(0, usize::from);
        let end = found.len().min(skip + max as usize);
        let next = (end < found.len()).then(|| vec![end as u8]);
        let entries = found[skip..end].iter().map(|(guid, entry)| self.told(query, entry, **guid)).collect();
        Ok(Entries { entries, next })
    }

    fn write(&self, requests: &[Request]) -> Result<Vec<Outcome>, Error> {
        self.written.borrow_mut().push(requests.iter().map(notation).collect());
        Ok(requests.iter().map(|request| self.carry_out(request)).collect())
    }
}

impl Domain for Fake {
    fn sync(&self, query: &Query, since: Option<&Cursor>, _: u32) -> Result<Synced, Error> {
        self.asked.borrow_mut().push(query.clone());
        self.since.borrow_mut().push(since.cloned());
        self.synced.borrow_mut().pop_front().unwrap_or_else(|| Err(Error::internal("nothing more to tell")))
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        Ok(format!("password of {change}"))
    }

    fn warn(&self, message: &str) {
        self.warned.borrow_mut().push(message.to_owned());
    }
}

fn push(entry: &mut Entry, name: &str, value: Vec<u8>) {
    match entry.attributes.iter_mut().find(|own| own.name.eq_ignore_ascii_case(name)) {
        Some(own) => own.values.push(value),
        None => entry.attributes.push(Attribute { name: name.to_owned(), values: vec![value] }),
    }
}

fn modify(entry: &mut Entry, Modification { edit, attribute }: &Modification) {
    let own = entry.attributes.iter_mut().find(|own| own.name.eq_ignore_ascii_case(&attribute.name));
    match (edit, own) {
        (Edit::Replace, Some(own)) => own.values.clone_from(&attribute.values),
        (Edit::Remove, Some(own)) => own.values.retain(|value| !attribute.values.contains(value)),
        (Edit::Add, Some(own)) => own.values.extend(attribute.values.clone()),
        (Edit::Add | Edit::Replace, None) => entry.attributes.push(attribute.clone()),
        (Edit::Remove, None) => {}
    }
}

fn key(dn: &str) -> String {
    Dn::parse(dn).unwrap_or_default().key()
}

/// Whether an entry fits a filter, and what comes behind it.
fn filter<'f>(text: &'f str, entry: &Entry) -> (bool, &'f str) {
    let inside = text.strip_prefix('(').unwrap_or(text);
    let combined = match inside.as_bytes().first() {
        Some(b'&') => Some(true),
        Some(b'|') => Some(false),
        _ => None,
    };
    if let Some(all) = combined {
        let (mut fits, mut rest) = (all, &inside[1..]);
        while rest.starts_with('(') {
            let (own, behind) = filter(rest, entry);
            fits = if all { fits && own } else { fits || own };
            rest = behind;
        }
        return (fits, &rest[1..]);
    }
    if let Some(rest) = inside.strip_prefix('!') {
        let (fits, behind) = filter(rest, entry);
        return (!fits, &behind[1..]);
    }
    let (test, behind) = inside.split_once(')').unwrap_or((inside, ""));
    let (name, value) = test.split_once('=').unwrap_or((test, "*"));
    let value = unescaped(value);
    let fits = match name {
        "distinguishedName" => key(&entry.dn) == key(&String::from_utf8_lossy(&value)),
        _ => entry.values(name).iter().any(|own| own.eq_ignore_ascii_case(&value)) || value == b"*",
    };
    (fits, behind)
}

fn unescaped(value: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'\\' {
            let pair: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.push(u8::from_str_radix(&String::from_utf8_lossy(&pair), 16).unwrap_or_default());
        } else {
            bytes.push(byte);
        }
    }
    bytes
}

/// A write in a few words.
pub fn notation(request: &Request) -> String {
    let dn = Dn::parse(&request.dn).unwrap_or_default().to_string();
    let short = dn.replace(",ou=Town,dc=ad,dc=test", "").replace(",OU=Town,DC=ad,DC=test", "");
    let values = |attribute: &Attribute| {
        let values: Vec<_> = attribute.values.iter().map(|value| String::from_utf8_lossy(value)).collect();
        format!("{}={}", attribute.name, values.join("|"))
    };
    match &request.operation {
        Operation::Add(attributes) => {
            format!("add {short} {}", attributes.iter().map(values).collect::<Vec<_>>().join(" "))
        }
        Operation::Modify(edits) => {
            let edits: Vec<_> = edits.iter().map(|own| format!("{:?} {}", own.edit, values(&own.attribute))).collect();
            format!("modify {short} {}", edits.join(", ").replace("Edit::", ""))
        }
        Operation::Rename(rename) => {
            let parent = rename.parent.as_deref().unwrap_or("-").replace(",ou=Town,dc=ad,dc=test", "");
            format!("rename {short} {} {parent}", rename.rdn)
        }
        Operation::Remove => format!("remove {short}"),
    }
}
