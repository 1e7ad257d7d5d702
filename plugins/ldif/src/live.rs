//! An entry that is being changed.
//!
//! Edits are idempotent: a value that is there is not added again. In a group of 50,000 that must not cost a search for
//! each value, so every value has a fingerprint by which it is compared.

use sluss_sdk::directory::{Dn, canonical};
use sluss_sdk::ldap::{Attribute, Edit, Entry, Modification};
use std::collections::{HashMap, HashSet};
use twox_hash::XxHash3_64;

/// An entry with the fingerprints of its values.
#[derive(Debug)]
pub struct Live {
    entry: Entry,
    /// For each attribute, what its values compare by.
    keys: Vec<Vec<u64>>,
    sum: u64,
}

/// The version of an entry: the same for the same name and values, in whatever order these stand.
pub fn version(entry: &Entry) -> String {
    written(sum(entry))
}

fn written(sum: u64) -> String {
    format!("{sum:016x}")
}

fn sum(entry: &Entry) -> u64 {
    let values = entry.attributes.iter().flat_map(|own| own.values.iter().map(|value| fingerprint(&own.name, value)));
    values.fold(XxHash3_64::oneshot(entry.dn.as_bytes()), u64::wrapping_add)
}

/// Which name and value it is, whatever the case of the name.
fn fingerprint(name: &str, value: &[u8]) -> u64 {
    let mix = |seed: u64, byte: u8| (seed ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
    XxHash3_64::oneshot_with_seed(name.bytes().fold(0, mix), value)
}

/// What values compare by: names of entries by what they name, all text without regard to case.
fn key(value: &[u8]) -> u64 {
    match std::str::from_utf8(value) {
        Ok(text) => XxHash3_64::oneshot(canonical(text).to_lowercase().as_bytes()),
        Err(_) => XxHash3_64::oneshot(value),
    }
}

impl Live {
    /// An entry that is to be changed.
    pub fn new(entry: Entry) -> Self {
        let keys = entry.attributes.iter().map(|own| own.values.iter().map(|value| key(value)).collect()).collect();
        Live { sum: sum(&entry), entry, keys }
    }

    /// The entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The entry's version.
    pub fn version(&self) -> String {
        written(self.sum)
    }

    /// Carries edits out, and gives those that made a difference.
    pub fn edit(&mut self, edits: &[Modification]) -> Vec<Modification> {
        edits
            .iter()
            .filter_map(|Modification { edit, attribute }| {
                let values = match edit {
                    Edit::Add => self.add(&attribute.name, &attribute.values),
                    Edit::Remove => self.remove(&attribute.name, &attribute.values),
                    Edit::Replace => return self.replace(attribute),
                };
                let attribute = Attribute { name: attribute.name.clone(), values };
                (!attribute.values.is_empty()).then_some(Modification { edit: *edit, attribute })
            })
            .collect()
    }

    /// Gives the entry another name, and its naming attributes the values of that.
    pub fn rename(&mut self, to: &Dn) {
        let parts = |dn: &Dn| dn.rdn().cloned().unwrap_or_default();
        for part in Dn::parse(&self.entry.dn).map(|dn| parts(&dn)).unwrap_or_default() {
            self.remove(&part.attribute, &[part.value.into_bytes()]);
        }
        for part in parts(to) {
            self.add(&part.attribute, &[part.value.into_bytes()]);
        }
        self.sum = self.sum.wrapping_sub(XxHash3_64::oneshot(self.entry.dn.as_bytes()));
        self.entry.dn = to.to_string();
        self.sum = self.sum.wrapping_add(XxHash3_64::oneshot(self.entry.dn.as_bytes()));
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.entry.attributes.iter().position(|own| own.name.eq_ignore_ascii_case(name))
    }

    fn add(&mut self, name: &str, values: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let at = self.find(name).unwrap_or_else(|| {
            self.entry.attributes.push(Attribute { name: name.to_owned(), values: Vec::new() });
            self.keys.push(Vec::new());
            self.keys.len() - 1
        });
        let mut wanted: HashMap<u64, &Vec<u8>> = values.iter().map(|value| (key(value), value)).collect();
        for present in &self.keys[at] {
            wanted.remove(present);
        }
        let mut added = Vec::with_capacity(wanted.len());
        // In the order in which they were given, so that equal changes write equal files.
        for value in values {
            let key = key(value);
            if wanted.remove(&key).is_some() {
                self.sum = self.sum.wrapping_add(fingerprint(name, value));
                self.keys[at].push(key);
                self.entry.attributes[at].values.push(value.clone());
                added.push(value.clone());
            }
        }
        self.drop_if_empty(at);
        added
    }

    fn remove(&mut self, name: &str, values: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let Some(at) = self.find(name) else { return Vec::new() };
        let unwanted: HashSet<u64> = values.iter().map(|value| key(value)).collect();
        let mut removed = Vec::new();
        let mut keys = self.keys[at].iter();
        self.entry.attributes[at].values.retain_mut(|value| {
            let goes = keys.next().is_some_and(|key| unwanted.contains(key));
            if goes {
                removed.push(std::mem::take(value));
            }
            !goes
        });
        self.keys[at].retain(|key| !unwanted.contains(key));
        for value in &removed {
            self.sum = self.sum.wrapping_sub(fingerprint(name, value));
        }
        self.drop_if_empty(at);
        removed
    }

    fn replace(&mut self, new: &Attribute) -> Option<Modification> {
        let old = self.find(&new.name).map(|at| &self.entry.attributes[at].values);
        let before: HashSet<&Vec<u8>> = old.into_iter().flatten().collect();
        let after: HashSet<&Vec<u8>> = new.values.iter().collect();
        if before == after {
            return None;
        }
        if let Some(at) = self.find(&new.name) {
            for value in self.entry.attributes[at].values.drain(..) {
                self.sum = self.sum.wrapping_sub(fingerprint(&new.name, &value));
            }
            self.keys[at].clear();
        }
        let values = self.add(&new.name, &new.values);
        Some(Modification { edit: Edit::Replace, attribute: Attribute { name: new.name.clone(), values } })
    }

    fn drop_if_empty(&mut self, at: usize) {
        if self.keys[at].is_empty() {
            self.keys.remove(at);
            self.entry.attributes.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn live(attributes: &[(&str, &[&str])]) -> Live {
        let attributes = attributes.iter().map(|(name, values)| attribute(name, values)).collect();
        Live::new(Entry { dn: "uid=eva,dc=se".into(), attributes })
    }

    fn attribute(name: &str, values: &[&str]) -> Attribute {
        Attribute { name: name.into(), values: values.iter().map(|value| value.as_bytes().to_vec()).collect() }
    }

    fn edit(live: &mut Live, edit: Edit, name: &str, values: &[&str]) -> Vec<String> {
        let done = live.edit(&[Modification { edit, attribute: attribute(name, values) }]);
        assert_eq!(live.version(), version(live.entry()), "the version is kept up to date");
        let values = done.into_iter().flat_map(|done| done.attribute.values);
        values.map(|value| String::from_utf8(value).unwrap()).collect()
    }

    #[test]
    fn what_is_there_is_not_added_and_what_is_not_there_not_removed() {
        let mut own = live(&[("member", &["uid=a,dc=se", "UID=B, dc=se"])]);
        assert_eq!(
            edit(&mut own, Edit::Add, "Member", &["uid=b,dc=se", "uid=c,dc=se", "uid=c,dc=se"]),
            ["uid=c,dc=se"]
        );
        assert_eq!(edit(&mut own, Edit::Remove, "member", &["uid=b,dc=se", "uid=x,dc=se"]), ["UID=B, dc=se"]);
        assert_eq!(own.entry().values("member").len(), 2);
        assert!(edit(&mut own, Edit::Remove, "nothing", &["x"]).is_empty());
    }

    #[test]
    fn a_replacement_with_the_same_values_is_none() {
        let mut own = live(&[("mail", &["a", "b"])]);
        let before = own.version();
        assert!(
            own.edit(&[Modification { edit: Edit::Replace, attribute: attribute("mail", &["b", "a"]) }]).is_empty()
        );
        assert_eq!(own.version(), before);
        assert_eq!(edit(&mut own, Edit::Replace, "mail", &["A"]), ["A"]);
        assert_ne!(own.version(), before);
        edit(&mut own, Edit::Replace, "mail", &[]);
        assert!(own.entry().attributes.is_empty());
        assert!(own.edit(&[Modification { edit: Edit::Replace, attribute: attribute("mail", &[]) }]).is_empty());
    }

    #[test]
    fn the_version_does_not_depend_on_the_order() {
        assert_eq!(
            live(&[("a", &["1", "2"]), ("b", &["3"])]).version(),
            live(&[("B", &["3"]), ("a", &["2", "1"])]).version()
        );
        assert_ne!(live(&[("a", &["1"])]).version(), live(&[("b", &["1"])]).version());
    }

    #[test]
    fn a_new_name_changes_the_naming_values() {
        let mut own = live(&[("uid", &["eva", "e.l"])]);
        own.rename(&Dn::parse("uid=eva2,ou=x,dc=se").unwrap());
        assert_eq!(own.entry().dn, "uid=eva2,ou=x,dc=se");
        assert_eq!(own.entry().values("uid"), [b"e.l".to_vec(), b"eva2".to_vec()]);
        assert_eq!(own.version(), version(own.entry()));
    }
}
