//! The directory as a tree of entries, most of which stay on the disk.
//!
//! What is in memory is the name of every entry and where its record stands: in the file, or in the journal of changes
//! that were made since. Only entries that were changed are in memory themselves.

use crate::journal::Journal;
use crate::live::{Live, version};
use crate::load;
use crate::request::{added, write_request};
use crate::text::{Lines, dn, entry, has_classes, write_entry};
use sluss_sdk::Error;
use sluss_sdk::directory::{Class, Dn, holder};
use sluss_sdk::files::Folder;
use sluss_sdk::ldap::{Entry, Modification, Operation, Rename, Request};
use std::collections::BTreeMap;
use std::ops::Bound;

/// From this size on, a changed entry stays taken apart instead of being written down again after each change.
const BIG: usize = 64 << 10;
/// How much of the file is read at once by who goes through it from the front to the back.
const AHEAD: u32 = 256 << 10;

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Its first byte.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u32,
    /// Its line, for whoever looks for it.
    pub line: u32,
}

/// One entry.
#[derive(Debug)]
pub enum Node {
    /// As it stands in the file.
    Filed(Stored),
    /// As the journal added it.
    Added(Stored),
    /// Changed since.
    Text(Box<[u8]>),
    /// Changed since, and big.
    Live(Box<Live>),
}

/// The directory.
#[derive(Debug)]
pub struct Tree {
    /// The folder of the file and its journal.
    pub folder: Folder,
    /// The file.
    pub file: String,
    /// Every entry by its place in the tree.
    pub nodes: BTreeMap<Box<str>, Node>,
    /// Comments that stand above the first entry, and below the last.
    pub comments: [Vec<u8>; 2],
    /// How often the file was written anew.
    pub generation: u64,
    /// What was changed since.
    pub journal: Journal,
    window: (u64, Vec<u8>),
}

impl Tree {
    /// Reads the file and its journal. Neither needs to be there.
    pub fn load(folder: &Folder, file: &str) -> Result<Self, Error> {
        let mut tree = Tree {
            folder: folder.clone(),
            file: file.to_owned(),
            nodes: BTreeMap::new(),
            comments: [Vec::new(), Vec::new()],
            generation: 0,
            journal: Journal::new(file),
            window: (0, Vec::new()),
        };
        load::file(&mut tree)?;
        load::journal(&mut tree)?;
        Ok(tree)
    }

    /// The entry at a place; none where there is none.
    pub fn entry(&mut self, key: &str) -> Result<Option<(Entry, String)>, Error> {
        if let Some(Node::Live(live)) = self.nodes.get(key) {
            return Ok(Some((live.entry().clone(), live.version())));
        }
        let Some(text) = self.text(key)? else { return Ok(None) };
        let entry = entry(&text).map_err(|error| match dn(&mut Lines::new(&text)) {
            Ok(dn) => error.object(dn),
            Err(_) => error,
        })?;
        let version = version(&entry);
        Ok(Some((entry, version)))
    }

    /// Whether the entry at a place is of a class, found out as cheaply as can be.
    pub fn is_of(&mut self, key: &str, class: &Class) -> Result<bool, Error> {
        if let Some(Node::Live(live)) = self.nodes.get(key) {
            return Ok(class.holds(live.entry()));
        }
        Ok(self.text(key)?.is_some_and(|text| has_classes(&text, class.object_classes())))
    }

    /// The place behind another in the order of the tree.
    pub fn after(&self, key: Option<&str>) -> Option<Box<str>> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.nodes.range::<str, _>((from, Bound::Unbounded)).next().map(|(key, _)| key.clone())
    }

    /// Whether there is anything below an entry.
    pub fn has_children(&self, key: &str) -> bool {
        self.after(Some(key)).is_some_and(|next| next.starts_with(key))
    }

    /// The record of an entry.
    pub fn text(&mut self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.nodes.get(key) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.to_vec())),
            Some(Node::Live(live)) => {
                let mut text = Vec::new();
                write_entry(&mut text, live.entry());
                Ok(Some(text))
            }
            Some(Node::Filed(stored)) => {
                let stored = *stored;
                self.filed(stored).map(Some)
            }
            Some(Node::Added(stored)) => {
                let record = exactly(&self.folder, self.journal.name(), *stored)?;
                Ok(Some(added(&record)))
            }
        }
    }

    /// A record of the file. Who asks for one right behind another is going through the file, and gets it read ahead.
    fn filed(&mut self, stored: Stored) -> Result<Vec<u8>, Error> {
        let (start, bytes) = &self.window;
        let (end, last) = (start + bytes.len() as u64, stored.offset + u64::from(stored.length));
        if stored.offset < *start || last > end {
            let goes_on = stored.offset >= *start && stored.offset <= end + u64::from(AHEAD);
            let length = if goes_on { stored.length.max(AHEAD) } else { stored.length };
            self.window = (stored.offset, read(&self.folder, &self.file, stored.offset, length)?);
        }
        let (start, bytes) = &self.window;
        let from = (stored.offset - start) as usize;
        bytes.get(from..from + stored.length as usize).map(<[u8]>::to_vec).ok_or_else(|| changed(&self.file))
    }

    /// Adds an entry, and writes that to the journal's next part.
    pub fn add(&mut self, request: Request, part: &mut Vec<u8>) -> Result<String, Error> {
        let key = Dn::parse(&request.dn)?.tree_key();
        let offset = self.journal.length() + part.len() as u64;
        let from = part.len();
        write_request(part, &request);
        let stored = Stored { offset, length: (part.len() - from) as u32, line: 0 };
        self.nodes.insert(key.into(), Node::Added(stored));
        let attributes = match request.operation {
            Operation::Add(attributes) => attributes,
            _ => Vec::new(),
        };
        Ok(version(&Entry { dn: request.dn, attributes }))
    }

    /// Adds the entries that stand between the base and an entry and are not there.
    pub fn add_containers(&mut self, dn: &Dn, base: &Dn, part: &mut Vec<u8>) -> Result<(), Error> {
        let mut missing = Vec::new();
        let mut above = dn.parent();
        while let Some(container) = above.filter(|above| above.is_under(base)) {
            if self.nodes.contains_key(container.tree_key().as_str()) {
                break;
            }
            above = container.parent();
            missing.push(container);
        }
        for container in missing.into_iter().rev() {
            let operation = Operation::Add(holder(&container)?);
            self.add(Request { change: 0, dn: container.to_string(), operation }, part)?;
        }
        Ok(())
    }

    /// Takes an entry out to be changed; it must be put back.
    pub fn take(&mut self, key: &str) -> Result<Option<Live>, Error> {
        if !matches!(self.nodes.get(key), Some(Node::Live(_))) {
            return Ok(self.entry(key)?.map(|(entry, _)| Live::new(entry)));
        }
        match self.nodes.remove(key) {
            Some(Node::Live(live)) => Ok(Some(*live)),
            _ => Ok(None),
        }
    }

    /// Puts a changed entry in its place.
    pub fn put(&mut self, key: &str, live: Live) {
        let mut text = Vec::new();
        write_entry(&mut text, live.entry());
        let node = if text.len() < BIG { Node::Text(text.into()) } else { Node::Live(Box::new(live)) };
        self.nodes.insert(key.into(), node);
    }

    /// Does what the journal says that was done. It is forgiving: a journal that was played already, because the machine
    /// stopped before it was removed, leads to the same tree again.
    pub fn replay(&mut self, request: Request, stored: Stored) -> Result<(), Error> {
        let dn = Dn::parse(&request.dn)?;
        let key = dn.tree_key();
        match request.operation {
            Operation::Add(_) => {
                self.nodes.insert(key.into(), Node::Added(stored));
            }
            Operation::Modify(edits) => {
                if let Some(mut live) = self.take(&key)? {
                    live.edit(&edits);
                    self.put(&key, live);
                }
            }
            Operation::Rename(rename) => {
                let to = renamed(&dn, &rename)?;
                if let Some(mut live) = self.take(&key)? {
                    live.rename(&to);
                    self.nodes.remove(key.as_str());
                    self.put(&to.tree_key(), live);
                }
            }
            Operation::Remove => {
                self.nodes.remove(key.as_str());
            }
        }
        Ok(())
    }

    /// Puts a changed entry back, writes its edits and its new name to the journal's next part, and gives its version.
    pub fn change(
        &mut self,
        dn: &Dn,
        mut live: Live,
        edits: Vec<Modification>,
        rename: Option<Rename>,
        part: &mut Vec<u8>,
    ) -> Result<String, Error> {
        let (name, mut key) = (dn.to_string(), dn.tree_key());
        if !edits.is_empty() {
            write_request(part, &Request { change: 0, dn: name.clone(), operation: Operation::Modify(edits) });
        }
        if let Some(rename) = rename {
            let to = renamed(dn, &rename)?;
            live.rename(&to);
            self.nodes.remove(key.as_str());
            key = to.tree_key();
            write_request(part, &Request { change: 0, dn: name, operation: Operation::Rename(rename) });
        }
        let version = live.version();
        self.put(&key, live);
        Ok(version)
    }
}

/// The name of an entry after a renaming.
pub fn renamed(dn: &Dn, rename: &Rename) -> Result<Dn, Error> {
    let parent = match &rename.parent {
        Some(parent) => Dn::parse(parent)?,
        None => dn.parent().unwrap_or_default(),
    };
    Ok(Dn::parse(&rename.rdn)?.within(&parent))
}

/// Exactly a record's bytes.
fn exactly(folder: &Folder, file: &str, stored: Stored) -> Result<Vec<u8>, Error> {
    let bytes = read(folder, file, stored.offset, stored.length)?;
    if bytes.len() == stored.length as usize { Ok(bytes) } else { Err(changed(file)) }
}

/// Bytes of a file; fewer only at its end. The host may give less than was asked for.
pub fn read(folder: &Folder, file: &str, offset: u64, length: u32) -> Result<Vec<u8>, Error> {
    let mut bytes = folder.read(file, offset, length)?;
    while bytes.len() < length as usize {
        let more = folder.read(file, offset + bytes.len() as u64, length - bytes.len() as u32)?;
        if more.is_empty() {
            break;
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes)
}

fn changed(file: &str) -> Error {
    Error::unavailable(format!("`{file}` was changed by somebody else in the midst of the run"))
}
