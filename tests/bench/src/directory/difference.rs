//! The writes that make one directory into another: what a plain client would send for the same result.

use std::cmp::Ordering;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Attributes, Entry};

/// The most values of one attribute that go into one write.
const PORTION: usize = 1_000;

/// One write. Writes of a later wave wait for those of the earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// When it may be sent.
    pub wave: usize,
    /// The entry.
    pub dn: String,
    /// What is done to it.
    pub operation: Operation,
}

/// What is done to an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// It is made.
    Add(Attributes),
    /// It is changed.
    Modify(Vec<Edit>),
    /// It is removed.
    Delete,
}

/// How one attribute is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// Values come.
    Add(String, Vec<String>),
    /// Values go.
    Remove(String, Vec<String>),
    /// These are the values; none takes the attribute away.
    Replace(String, Vec<String>),
}

/// Works out the writes that make the directory of the file `before`, or an empty one, into that of the file `after`.
/// How many they are.
pub fn write(before: Option<&Path>, after: &Path, out: &Path) -> Result<u64> {
    let mut writes = Vec::new();
    let mut old = before.map(super::load).transpose()?.into_iter().flatten();
    let mut new = super::load(after)?;
    let (mut left, mut right) = (old.next().transpose()?, new.next().transpose()?);
    loop {
        let order = match (&left, &right) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.dn.cmp(&right.dn),
        };
        let (gone, come) = match order {
            Ordering::Less => (std::mem::replace(&mut left, old.next().transpose()?), None),
            Ordering::Greater => (None, std::mem::replace(&mut right, new.next().transpose()?)),
            Ordering::Equal => (
                std::mem::replace(&mut left, old.next().transpose()?),
                std::mem::replace(&mut right, new.next().transpose()?),
            ),
        };
        match (gone, come) {
            (Some(gone), None) => writes.push(Write { wave: 0, dn: gone.dn, operation: Operation::Delete }),
            (None, Some(come)) => add(come, &mut writes),
            (Some(gone), Some(come)) => modify(&gone, come, &mut writes),
            (None, None) => {}
        }
    }
    keep(writes, out)
}

/// Keeps writes in a file, in the order of their waves. How many they are.
pub fn keep(mut writes: Vec<Write>, out: &Path) -> Result<u64> {
    writes.sort_by_key(|write| write.wave);
    super::write_lines(&writes, out)
}

/// The writes of a file, in the order of their waves.
pub fn load(file: &Path) -> Result<impl Iterator<Item = Result<Write>> + use<>> {
    super::lines(file)
}

/// An entry is made with the first portion of each attribute; what is left follows.
fn add(entry: Entry, writes: &mut Vec<Write>) {
    let mut first = Attributes::with_capacity(entry.attributes.len());
    let mut rest = Vec::new();
    for (name, mut values) in entry.attributes {
        if values.len() > PORTION {
            rest.extend(values.split_off(PORTION).chunks(PORTION).map(|part| Edit::Add(name.clone(), part.to_vec())));
        }
        first.push((name, values));
    }
    writes.push(Write { wave: 0, dn: entry.dn.clone(), operation: Operation::Add(first) });
    for (wave, edit) in rest.into_iter().enumerate() {
        writes.push(Write { wave: wave + 1, dn: entry.dn.clone(), operation: Operation::Modify(vec![edit]) });
    }
}

fn modify(old: &Entry, new: Entry, writes: &mut Vec<Write>) {
    let mut edits = Vec::new();
    let gone = old.attributes.iter().filter(|(name, _)| new.values(name).is_empty());
    edits.extend(gone.map(|(name, _)| Edit::Replace(name.clone(), Vec::new())));
    for (name, values) in &new.attributes {
        let before = old.values(name);
        if before == values {
            continue;
        }
        if before.len() <= 1 && values.len() <= 1 {
            edits.push(Edit::Replace(name.clone(), values.clone()));
            continue;
        }
        // Both are sorted.
        let without = |all: &[String], others: &[String]| -> Vec<String> {
            all.iter().filter(|value| others.binary_search(value).is_err()).cloned().collect()
        };
        let (go, come) = (without(before, values), without(values, before));
        edits.extend((!go.is_empty()).then(|| Edit::Remove(name.clone(), go)));
        edits.extend((!come.is_empty()).then(|| Edit::Add(name.clone(), come)));
    }
    if !edits.is_empty() {
        writes.push(Write { wave: 0, dn: new.dn, operation: Operation::Modify(edits) });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Edit, Operation, Write, load, write};
    use crate::directory::{Entry, save};
    use sluss_test_servers::slapd::SUFFIX;

    fn entry(name: &str, attributes: &[(&str, &[&str])]) -> Entry {
        let attributes = attributes.iter().map(|(name, values)| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        });
        Entry::new(format!("cn={name},ou=groups,{SUFFIX}"), attributes)
    }

    fn writes(before: &[Entry], after: &[Entry]) -> Vec<Write> {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, out] = ["old", "new", "out"].map(|name| folder.path().join(name));
        save(before.iter().cloned(), &old).unwrap();
        save(after.iter().cloned(), &new).unwrap();
        let count = write(Some(&old), &new, &out).unwrap();
        let writes: Vec<Write> = load(&out).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(count, writes.len() as u64);
        writes
    }

    #[test]
    fn what_came_went_and_changed_is_written_and_nothing_else() {
        let same = entry("same", &[("member", &["a", "b"])]);
        let before = [
            entry("gone", &[("member", &["a"])]),
            entry("other", &[("description", &["x"]), ("member", &["a", "b", "c"]), ("title", &["t"])]),
            same.clone(),
        ];
        let after = [
            entry("new", &[("member", &["a"])]),
            entry("other", &[("description", &["y"]), ("member", &["b", "c", "d"])]),
            same,
        ];
        let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let found = writes(&before, &after);
        let [gone, new, other] = found.as_slice() else { panic!("three writes: {found:?}") };
        assert_eq!(gone.operation, Operation::Delete);
        assert_eq!(new.operation, Operation::Add(vec![("member".to_owned(), strings(&["a"]))]));
        let edits = vec![
            Edit::Replace("title".to_owned(), Vec::new()),
            Edit::Replace("description".to_owned(), strings(&["y"])),
            Edit::Remove("member".to_owned(), strings(&["a"])),
            Edit::Add("member".to_owned(), strings(&["d"])),
        ];
        assert_eq!(other.operation, Operation::Modify(edits));
    }

    #[test]
    fn many_values_come_in_portions_that_follow_each_other() {
        let members: Vec<String> = (0..2_500).map(|index| format!("{index:04}")).collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let found = writes(&[], &[entry("large", &[("member", &members)]), entry("small", &[("member", &["a"])])]);
        let waves: Vec<usize> = found.iter().map(|write| write.wave).collect();
        assert_eq!(waves, [0, 0, 1, 2]);
        assert!(matches!(&found[3].operation, Operation::Modify(edits)
            if matches!(edits.as_slice(), [Edit::Add(_, values)] if values.len() == 500)));
    }
}
