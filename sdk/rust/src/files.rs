//! Folders that the operator granted.
//!
//! A call carries a few MiB at most; what is here goes on asking until the whole is read or written.

use crate::Error;
use crate::bindings::capabilities::sluss::connector::files as host;
pub use crate::bindings::capabilities::sluss::connector::files::Info;
use std::io;

/// How much is read or written in one call.
const CHUNK: u32 = 1 << 20;

/// A folder: one that the operator granted, or one in memory for tests.
#[derive(Debug, Clone)]
pub struct Folder {
    place: Where,
}

#[derive(Debug, Clone)]
enum Where {
    Granted(String),
    #[cfg(not(target_family = "wasm"))]
    Memory(crate::memory::Memory),
}

/// Does the same in either kind of folder.
macro_rules! either {
    ($self:ident, $call:ident $(, $argument:expr)*) => {
        match &$self.place {
            Where::Granted(name) => host::$call(name $(, $argument)*),
            #[cfg(not(target_family = "wasm"))]
            Where::Memory(memory) => memory.$call($($argument),*),
        }
    };
}

impl Folder {
    /// The folder of this connection.
    pub fn new(name: impl Into<String>) -> Self {
        Folder { place: Where::Granted(name.into()) }
    }

    /// A folder in memory, so that a connector's logic can be tested natively.
    #[cfg(not(target_family = "wasm"))]
    pub fn in_memory(memory: &crate::memory::Memory) -> Self {
        Folder { place: Where::Memory(memory.clone()) }
    }

    /// The files directly in the folder.
    pub fn entries(&self) -> Result<Vec<Info>, Error> {
        either!(self, entries)
    }

    /// A file's size and age; none where there is no such file.
    pub fn stat(&self, name: &str) -> Result<Option<Info>, Error> {
        either!(self, stat, name)
    }

    /// A digest of the whole content, computed by the host.
    pub fn digest(&self, name: &str) -> Result<String, Error> {
        either!(self, digest, name)
    }

    /// At most `max` bytes from an offset; none behind the end.
    pub fn read(&self, name: &str, offset: u64, max: u32) -> Result<Vec<u8>, Error> {
        either!(self, read, name, offset, max)
    }

    /// The whole content.
    pub fn read_all(&self, name: &str) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        loop {
            let chunk = self.read(name, content.len() as u64, CHUNK)?;
            if chunk.is_empty() {
                return Ok(content);
            }
            content.extend_from_slice(&chunk);
        }
    }

    /// A reader from an offset on, for parsers that read as they go.
    pub fn reader(&self, name: &str, offset: u64) -> Reader {
        Reader { folder: self.clone(), name: name.to_owned(), offset, chunk: Vec::new(), used: 0 }
    }

    /// Writes at the end of a file, and returns when it is on the disk.
    pub fn append(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        content.chunks(CHUNK as usize).try_for_each(|chunk| either!(self, append, name, chunk))
    }

    /// Puts new content in the place of a file in one step: readers see the old file or the new one, never a part.
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut replacement = self.replacing(name)?;
        replacement.push(content)?;
        replacement.commit()
    }

    /// The same for content that is made piece by piece.
    pub fn replacing(&self, name: &str) -> Result<Replacement, Error> {
        let new = format!("{name}.new");
        either!(self, write, &new, &[])?;
        Ok(Replacement { folder: self.clone(), name: name.to_owned(), new, waiting: Vec::new() })
    }

    /// Puts a file in the place of another in one step.
    pub fn rename(&self, name: &str, to: &str) -> Result<(), Error> {
        either!(self, rename, name, to)
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        either!(self, remove, name)
    }
}

/// A new file that will stand in the place of another once it is whole.
#[derive(Debug)]
pub struct Replacement {
    folder: Folder,
    name: String,
    new: String,
    waiting: Vec<u8>,
}

impl Replacement {
    /// Writes on.
    pub fn push(&mut self, content: &[u8]) -> Result<(), Error> {
        self.waiting.extend_from_slice(content);
        if self.waiting.len() < CHUNK as usize {
            return Ok(());
        }
        let written = self.folder.append(&self.new, &self.waiting);
        self.waiting.clear();
        self.or_give_up(written)
    }

    /// Puts it in its place.
    pub fn commit(self) -> Result<(), Error> {
        let written = self.folder.append(&self.new, &self.waiting);
        self.or_give_up(written.and_then(|()| self.folder.rename(&self.new, &self.name)))
    }

    /// Leaves no half file behind. Why it is half is what the operator must know, not whether it could be removed.
    fn or_give_up(&self, done: Result<(), Error>) -> Result<(), Error> {
        if done.is_err() {
            let _ = self.folder.remove(&self.new);
        }
        done
    }
}

/// Reads a file from the front to the back, a chunk at a time.
#[derive(Debug)]
pub struct Reader {
    folder: Folder,
    name: String,
    offset: u64,
    chunk: Vec<u8>,
    used: usize,
}

impl io::Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            self.chunk = self.folder.read(&self.name, self.offset, CHUNK).map_err(io::Error::other)?;
            self.offset += self.chunk.len() as u64;
            self.used = 0;
        }
        let given = into.len().min(self.chunk.len() - self.used);
        into[..given].copy_from_slice(&self.chunk[self.used..self.used + given]);
        self.used += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ErrorKind;
    use crate::memory::Memory;
    use std::io::Read;

    #[test]
    fn what_is_written_in_pieces_is_read_as_a_whole() {
        let memory = Memory::default();
        let folder = Folder::in_memory(&memory);
        let content: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
        folder.replace("big", &content).unwrap();
        assert_eq!(folder.read_all("big").unwrap(), content);
        let mut tail = Vec::new();
        folder.reader("big", 2_999_990).read_to_end(&mut tail).unwrap();
        assert_eq!(tail, &content[2_999_990..]);
        assert_eq!(folder.entries().unwrap().len(), 1);
        assert_eq!(folder.stat("big").unwrap().unwrap().size, 3_000_000);
    }

    #[test]
    fn a_replacement_that_fails_leaves_the_old_file() {
        let memory = Memory::default();
        memory.put("a", "old");
        memory.limit(Some(5));
        let folder = Folder::in_memory(&memory);
        assert_eq!(folder.replace("a", b"much too new").unwrap_err().kind, ErrorKind::Unavailable);
        assert_eq!(folder.read_all("a").unwrap(), b"old");
        assert_eq!(folder.entries().unwrap().len(), 1);
    }

    #[test]
    fn a_missing_file_is_not_found() {
        let folder = Folder::in_memory(&Memory::default());
        assert_eq!(folder.read_all("a").unwrap_err().kind, ErrorKind::NotFound);
        assert_eq!(folder.stat("a").unwrap(), None);
        assert_eq!(Error::from(folder.reader("a", 0).read(&mut [0]).unwrap_err()).kind, ErrorKind::NotFound);
    }
}
