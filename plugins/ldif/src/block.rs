//! A file cut into its records, with the place of each in it.

use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Place};

const CHUNK: u32 = 1 << 20;
/// The longest record. A file without empty lines is no LDIF, and should not fill the memory before that is found.
const LONGEST: usize = 64 << 20;

/// The records of a file, one after the other.
pub struct Blocks {
    folder: Folder,
    name: String,
    buffer: Vec<u8>,
    at: usize,
    behind: u64,
    line: u32,
}

/// Where a record stands and whether it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first byte, comments included.
    pub offset: u64,
    /// How many bytes it has, without the empty lines behind it.
    pub length: u32,
    /// The line that it begins on.
    pub line: u32,
    /// Whether an empty line ends it.
    pub ended: bool,
}

impl Blocks {
    /// The records of a file.
    pub fn new(folder: &Folder, name: &str) -> Self {
        Blocks { folder: folder.clone(), name: name.to_owned(), buffer: Vec::new(), at: 0, behind: 0, line: 1 }
    }

    /// The next record and its bytes; none at the end.
    pub fn next(&mut self) -> Result<Option<(Span, &[u8])>, Error> {
        loop {
            match self.buffer.get(self.at).copied() {
                Some(b'\n') => {
                    self.line += 1;
                    self.at += 1;
                }
                Some(b'\r') => self.at += 1,
                Some(_) => break,
                None if !self.fill()? => return Ok(None),
                None => {}
            }
        }
        let mut known = 0;
        let (length, ended) = loop {
            let waiting = &self.buffer[self.at..];
            match end(&waiting[known..]) {
                Some(length) => break (known + length, true),
                None if waiting.len() > LONGEST => {
                    let message = "This record goes on for more than 64 MiB; are the empty lines missing?";
                    return Err(Error::invalid(message).at(Place::file(&self.name).line(self.line)));
                }
                // The end may lie across the border of two chunks.
                None => known = waiting.len().saturating_sub(3),
            }
            if !self.fill()? {
                break (self.buffer.len() - self.at, false);
            }
        };
        let offset = self.behind - (self.buffer.len() - self.at) as u64;
        let block = &self.buffer[self.at..self.at + length];
        let span = Span { offset, length: length as u32, line: self.line, ended };
        self.line += block.iter().filter(|byte| **byte == b'\n').count() as u32;
        self.at += length;
        Ok(Some((span, block)))
    }

    fn fill(&mut self) -> Result<bool, Error> {
        let chunk = self.folder.read(&self.name, self.behind, CHUNK)?;
        self.behind += chunk.len() as u64;
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(&chunk);
        Ok(!chunk.is_empty())
    }
}

/// How long a record is, with the end of its last line, where an empty line follows it.
fn end(text: &[u8]) -> Option<usize> {
    let ends =
        |at: usize| text[at] == b'\n' && (text[at + 1..].starts_with(b"\n") || text[at + 1..].starts_with(b"\r\n"));
    (0..text.len()).find(|at| ends(*at)).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::memory::Memory;

    fn blocks(content: &str) -> Vec<(u64, u32, bool, String)> {
        let memory = Memory::default();
        memory.put("f", content);
        let mut blocks = Blocks::new(&Folder::in_memory(&memory), "f");
        let mut all = Vec::new();
        while let Some((span, text)) = blocks.next().unwrap() {
            assert_eq!(text.len(), span.length as usize);
            all.push((span.offset, span.line, span.ended, String::from_utf8(text.to_vec()).unwrap()));
        }
        all
    }

    #[test]
    fn records_end_at_empty_lines() {
        let found = blocks("\n# c\na: 1\n\n\nb: 2\n b\n\nc: 3\n");
        let expected = [(1, 2, true, "# c\na: 1\n"), (12, 6, true, "b: 2\n b\n"), (21, 9, false, "c: 3\n")];
        assert_eq!(found, expected.map(|(offset, line, ended, text)| (offset, line, ended, text.to_owned())));
        let windows = blocks("a: 1\r\n\r\nb: 2\r\n\r\n");
        assert_eq!(
            windows.iter().map(|(at, line, ended, _)| (*at, *line, *ended)).collect::<Vec<_>>(),
            [(0, 1, true), (8, 3, true)]
        );
    }

    #[test]
    fn records_across_chunks_stay_whole() {
        let long = format!("a: {}\n", "x".repeat((1 << 20) - 5));
        for shift in 0..6 {
            let content = format!("{}{long}\nb: 2\n\n", "#".repeat(shift));
            let found = blocks(&content);
            assert_eq!((found.len(), found[1].3.as_str(), found[1].1), (2, "b: 2\n", 3), "{shift}");
        }
    }
}
