//! The changes since the file was last written: appended to a file of their own before anybody is told of them.
//!
//! A whole new file for every batch would cost as much as the directory is large. An appended change costs as much as it
//! says, and is as safe: after a crash it is played again.

use crate::block::Blocks;
use crate::tree::{Stored, Tree, read};
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Place};

const CHUNK: usize = 1 << 20;

/// The journal of one file.
#[derive(Debug)]
pub struct Journal {
    name: String,
    length: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// What is in the file is what counts.
    Sound,
    /// The file ends in a change of which nobody was told, because the machine stopped while it was written.
    Torn,
    /// The file belongs to an earlier directory and says nothing about this one.
    Stale,
}

impl Journal {
    /// The journal of a file, which is empty so far.
    pub fn new(file: &str) -> Self {
        let stem = file.strip_suffix(".ldif").unwrap_or(file);
        Journal { name: format!("{stem}.changes.ldif"), length: 0, state: State::Sound }
    }

    /// The name of the journal's file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes of it count.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What stands at its head.
    pub fn head(file: &str, generation: u64) -> Vec<u8> {
        format!("# Changes to {file}, generation {generation}, in the order in which they were made\nversion: 1\n\n")
            .into_bytes()
    }

    /// Makes the file fit for more, where it is not.
    pub fn mend(&mut self, folder: &Folder) -> Result<(), Error> {
        if self.state == State::Sound {
            return Ok(());
        }
        let mut replacement = folder.replacing(&self.name)?;
        let mut offset = 0;
        while offset < self.length {
            let chunk = read(folder, &self.name, offset, (self.length - offset).min(CHUNK as u64) as u32)?;
            if chunk.is_empty() {
                break;
            }
            replacement.push(&chunk)?;
            offset += chunk.len() as u64;
        }
        replacement.commit()?;
        self.state = State::Sound;
        Ok(())
    }

    /// Appends a part, and returns when it is on the disk. An error says by `sent` whether any of it may be there.
    pub fn append(&mut self, folder: &Folder, part: &[u8]) -> Result<(), Error> {
        for (index, chunk) in part.chunks(CHUNK).enumerate() {
            let appended = folder.append(&self.name, chunk);
            appended.map_err(|error| Error { sent: error.sent || index > 0, ..error })?;
        }
        self.length += part.len() as u64;
        Ok(())
    }

    /// Whether it says anything that the file does not.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether there is a file at all.
    pub fn is_there(&self) -> bool {
        self.length > 0 || self.state != State::Sound
    }
}

/// Plays the journal of a tree that was just read from its file.
pub fn play(tree: &mut Tree) -> Result<(), Error> {
    let name = tree.journal.name.clone();
    if tree.folder.stat(&name)?.is_none() {
        return Ok(());
    }
    let mut blocks = Blocks::new(&tree.folder, &name);
    // Whatever stands there may be the remains of a first append.
    tree.journal.state = State::Torn;
    let Some((head, text)) = blocks.next()? else { return Ok(()) };
    if !head.ended {
        return Ok(());
    }
    let place = Place::file(&name).line(head.line);
    let Some(own) = generation(text) else {
        return Err(Error::invalid(format!("`{name}` is not one of Sluss's making; put it elsewhere")).at(place));
    };
    if own.checked_add(1) == Some(tree.generation) {
        // The file was written anew from this very journal, and the machine stopped before the journal was removed.
        tree.journal.state = State::Stale;
        return Ok(());
    }
    if own != tree.generation {
        let message = format!(
            "`{name}` belongs to generation {own} of `{}`, which is now generation {}: put the right file back, or the journal elsewhere",
            tree.file, tree.generation
        );
        return Err(Error::conflict(message).at(place));
    }
    tree.journal.length = head.offset + u64::from(head.length) + 1;
    while let Some((span, text)) = blocks.next()? {
        if !span.ended {
            return Ok(());
        }
        let place = || Place::file(&name).line(span.line);
        let request = crate::request::request(text).map_err(|error| error.at(place()))?;
        let stored = Stored { offset: span.offset, length: span.length, line: span.line };
        tree.replay(request, stored).map_err(|error| error.at(place()))?;
        tree.journal.length = span.offset + u64::from(span.length) + 1;
    }
    // Empty lines too many would shift whatever is appended.
    let size = tree.folder.stat(&name)?.map_or(0, |info| info.size);
    tree.journal.state = if size == tree.journal.length { State::Sound } else { State::Torn };
    Ok(())
}

/// The generation that a head names.
pub fn generation(head: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.lines().filter(|line| line.starts_with('#'));
    let (_, behind) = lines.find_map(|line| line.split_once(", generation "))?;
    behind.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
