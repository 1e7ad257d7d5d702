//! What a directory holds, as a file of lines that can be compared, counted and made into writes.
//!
//! Every entry is one line, names in small letters, values and lines sorted: two directories hold the same if their
//! files are the same, byte for byte.

pub mod difference;
pub mod ldif;
pub mod truth;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluss_test_servers::slapd::SUFFIX;

/// Attributes with their values.
pub type Attributes = Vec<(String, Vec<String>)>;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    /// Its attributes, names in small letters, all sorted.
    pub attributes: Attributes,
}

impl Entry {
    /// An entry in its comparable form.
    pub fn new(dn: String, attributes: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let mut attributes: Attributes = attributes
            .into_iter()
            .map(|(name, mut values)| {
                values.sort_unstable();
                (name.to_lowercase(), values)
            })
            .collect();
        attributes.sort_unstable();
        Self { dn, attributes }
    }

    /// The values of an attribute.
    pub fn values(&self, name: &str) -> &[String] {
        self.attributes.iter().find(|(own, _)| own == name).map_or(&[], |(_, values)| values)
    }

    /// Whether it is an account.
    pub fn is_account(&self) -> bool {
        self.dn.ends_with(&format!(",ou=people,{SUFFIX}"))
    }

    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        self.dn.ends_with(&format!(",ou=groups,{SUFFIX}"))
    }

    /// The accounts that belong to a group, without the stand-in that keeps an empty group valid.
    pub fn members(&self) -> impl Iterator<Item = &String> {
        self.values("member").iter().filter(|member| *member != SUFFIX)
    }
}

/// Keeps the accounts and groups among the entries in a file. How many they are.
pub fn save(entries: impl IntoIterator<Item = Entry>, file: &Path) -> Result<u64> {
    let mut kept: Vec<Entry> = entries.into_iter().filter(|entry| entry.is_account() || entry.is_group()).collect();
    kept.sort_unstable_by(|one, other| one.dn.cmp(&other.dn));
    write_lines(&kept, file)
}

/// The entries of a file, one after the other.
pub fn load(file: &Path) -> Result<impl Iterator<Item = Result<Entry>> + use<>> {
    lines(file)
}

/// Writes things as lines. How many they are.
fn write_lines<'t, T: Serialize + 't>(things: impl IntoIterator<Item = &'t T>, file: &Path) -> Result<u64> {
    let mut out = BufWriter::new(File::create(file)?);
    let mut count = 0;
    for thing in things {
        serde_json::to_writer(&mut out, thing)?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

/// The things that stand in a file as lines.
fn lines<T: DeserializeOwned>(file: &Path) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
    let reader = BufReader::new(File::open(file).with_context(|| file.display().to_string())?);
    Ok(reader.lines().map(|line| Ok(serde_json::from_str(&line?)?)))
}
