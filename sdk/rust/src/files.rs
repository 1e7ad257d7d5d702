//! Folders that the operator granted.
//!
//! A call carries a few MiB at most; what is here goes on asking until the whole is read or written.

use crate::bindings::capabilities::sluss::connector::files as host;
pub use crate::bindings::capabilities::sluss::connector::files::Info;
use crate::{Error, ErrorKind};
use std::io;

/// How much is read or written in one call.
const CHUNK: u32 = 1 << 20;

/// A granted folder.
#[derive(Debug, Clone)]
pub struct Folder {
    name: String,
}

impl Folder {
    /// The folder of this connection.
    pub fn new(name: impl Into<String>) -> Self {
        Folder { name: name.into() }
    }

    /// The name of the connection.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files directly in the folder.
    pub fn entries(&self) -> Result<Vec<Info>, Error> {
        host::entries(&self.name)
    }

    /// A file's size and age; none where there is no such file.
    pub fn stat(&self, name: &str) -> Result<Option<Info>, Error> {
        host::stat(&self.name, name)
    }

    /// A digest of the whole content, computed by the host.
    pub fn digest(&self, name: &str) -> Result<String, Error> {
        host::digest(&self.name, name)
    }

    /// At most `max` bytes from an offset; none behind the end.
    pub fn read(&self, name: &str, offset: u64, max: u32) -> Result<Vec<u8>, Error> {
        host::read(&self.name, name, offset, max)
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

    /// The whole content; none where there is no such file.
    pub fn read_if_there(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.read_all(name) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A reader from an offset on, for parsers that read as they go.
    pub fn reader(&self, name: &str, offset: u64) -> Reader {
        Reader { folder: self.clone(), name: name.to_owned(), offset, chunk: Vec::new(), used: 0 }
    }

    /// Writes at the end of a file, and returns when it is on the disk.
    pub fn append(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        for chunk in content.chunks(CHUNK as usize) {
            host::append(&self.name, name, chunk)?;
        }
        Ok(())
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
        host::write(&self.name, &new, &[])?;
        Ok(Replacement { folder: self.clone(), name: name.to_owned(), new, waiting: Vec::new() })
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        host::remove(&self.name, name)
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
        if self.waiting.len() >= CHUNK as usize {
            self.folder.append(&self.new, &self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }

    /// Puts it in its place.
    pub fn commit(self) -> Result<(), Error> {
        self.folder.append(&self.new, &self.waiting)?;
        host::rename(&self.folder.name, &self.new, &self.name)
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
