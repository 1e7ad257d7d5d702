//! A folder in memory, for native tests.
//!
//! Capabilities exist only inside the sandbox. A connector that works on files can still be tested as it is: it is given
//! this folder instead of a granted one, and the disk can be made to fill up at any byte.

use crate::files::Info;
use crate::{Error, Place};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// Files by name. Clones are the same folder.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    room: Option<usize>,
    clock: i64,
    writes: usize,
}

#[derive(Debug, Default)]
struct File {
    content: Vec<u8>,
    modified: i64,
}

impl Memory {
    /// Puts a file there, as somebody else would.
    pub fn put(&self, name: &str, content: impl Into<Vec<u8>>) {
        let mut state = self.state.borrow_mut();
        state.clock += 1;
        let file = File { content: content.into(), modified: state.clock };
        state.files.insert(name.to_owned(), file);
    }

    /// The content of a file, if it is there.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        self.state.borrow().files.get(name).map(|file| file.content.clone())
    }

    /// Lets only this many more bytes be written; then the disk is full, in the midst of a write if need be.
    pub fn limit(&self, room: Option<usize>) {
        self.state.borrow_mut().room = room;
    }

    /// How many times something was written, renamed or removed.
    pub fn writes(&self) -> usize {
        self.state.borrow().writes
    }

    pub(crate) fn entries(&self) -> Result<Vec<Info>, Error> {
        let state = self.state.borrow();
        Ok(state.files.iter().map(|(name, file)| file.info(name)).collect())
    }

    pub(crate) fn stat(&self, name: &str) -> Result<Option<Info>, Error> {
        Ok(self.state.borrow().files.get(name).map(|file| file.info(name)))
    }

    pub(crate) fn digest(&self, name: &str) -> Result<String, Error> {
        let state = self.state.borrow();
        let mut hasher = DefaultHasher::new();
        state.files.get(name).ok_or_else(|| missing(name))?.content.hash(&mut hasher);
        Ok(format!("{:016x}", hasher.finish()))
    }

    pub(crate) fn read(&self, name: &str, offset: u64, max: u32) -> Result<Vec<u8>, Error> {
        let state = self.state.borrow();
        let content = &state.files.get(name).ok_or_else(|| missing(name))?.content;
        let from = content.len().min(offset as usize);
        let to = content.len().min(from + max as usize);
        Ok(content[from..to].to_vec())
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.state.borrow_mut().files.insert(name.to_owned(), File::default());
        self.append(name, content)
    }

    pub(crate) fn append(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut state = self.state.borrow_mut();
        state.clock += 1;
        state.writes += 1;
        let written = content.len().min(state.room.unwrap_or(usize::MAX));
        if let Some(room) = &mut state.room {
            *room -= written;
        }
        let clock = state.clock;
        let file = state.files.entry(name.to_owned()).or_default();
        file.content.extend_from_slice(&content[..written]);
        file.modified = clock;
        if written < content.len() {
            return Err(Error { sent: true, ..Error::unavailable("The disk is full").at(Place::file(name)) });
        }
        Ok(())
    }

    pub(crate) fn rename(&self, name: &str, to: &str) -> Result<(), Error> {
        let mut state = self.state.borrow_mut();
        let file = state.files.remove(name).ok_or_else(|| missing(name))?;
        state.writes += 1;
        state.files.insert(to.to_owned(), file);
        Ok(())
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let mut state = self.state.borrow_mut();
        state.writes += 1;
        state.files.remove(name).map(drop).ok_or_else(|| missing(name))
    }
}

impl File {
    fn info(&self, name: &str) -> Info {
        Info { name: name.to_owned(), size: self.content.len() as u64, modified: self.modified }
    }
}

fn missing(name: &str) -> Error {
    Error::not_found(format!("There is no file `{name}`")).at(Place::file(name))
}
