//! From bytes to letters, by the encoding that a document's prolog names, and never more of them than allowed at once.

use crate::Broken;
use std::io::{self, BufRead, Read};
use yore::code_pages::CP1252;

/// How much is asked for at once.
const CHUNK: usize = 64 * 1024;
/// How far into a document its prolog may reach.
const LONGEST_PROLOG: usize = 256;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Windows-1252, which reads ISO 8859-1 as well.
    Windows1252,
    /// UTF-8.
    Utf8,
}

impl Writing {
    /// The encoding of this name.
    pub fn named(name: &str) -> Option<Writing> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Writing::Utf8,
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Writing::Windows1252,
            _ => return None,
        })
    }

    /// The encoding of a document that begins so: what its prolog says, or UTF-8.
    fn of(beginning: &[u8]) -> Result<Writing, Broken> {
        if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
            return Err(Broken::Letters);
        }
        let prolog = beginning.strip_prefix(b"<?xml").map(|rest| &rest[..rest.len().min(LONGEST_PROLOG)]);
        let prolog = prolog.and_then(|rest| rest.windows(2).position(|pair| pair == b"?>").map(|end| &rest[..end]));
        match prolog.and_then(|prolog| std::str::from_utf8(prolog).ok()).and_then(declared) {
            None => Ok(Writing::Utf8),
            Some(name) => Writing::named(name).ok_or(Broken::Letters),
        }
    }
}

/// The name of the encoding in a prolog.
fn declared(prolog: &str) -> Option<&str> {
    let (_, rest) = prolog.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// A document as UTF-8.
pub(crate) struct Letters<R> {
    source: R,
    writing: Option<Writing>,
    ready: Vec<u8>,
    at: usize,
    /// How many bytes may be given before somebody says that more may.
    allowance: usize,
    /// Whether what should be Windows-1252 reads as UTF-8 so far, and its last bytes, which may be half a letter.
    doubt: Option<Doubt>,
    /// What the reader of XML cannot hand on.
    failure: Option<Failure>,
}

#[derive(Default)]
struct Doubt {
    tail: Vec<u8>,
    is_ascii: bool,
}

/// Why there are no more letters.
pub(crate) enum Failure {
    Broken(Broken),
    Source(io::Error),
}

impl<R: Read> Letters<R> {
    pub(crate) fn new(source: R) -> Self {
        let doubt = Some(Doubt { tail: Vec::new(), is_ascii: true });
        Letters { source, writing: None, ready: Vec::new(), at: 0, allowance: 0, doubt, failure: None }
    }

    /// Lets so many bytes be given from now on.
    pub(crate) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Why reading failed, if it was not for the sake of XML.
    pub(crate) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    fn more(&mut self) -> Result<(), Failure> {
        let mut raw = Vec::new();
        let wanted = if self.writing.is_none() { LONGEST_PROLOG + BYTE_ORDER_MARK.len() + 8 } else { 1 };
        while raw.len() < wanted {
            let before = raw.len();
            raw.resize(before + CHUNK, 0);
            let read = self.source.read(&mut raw[before..]);
            raw.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Source(error)),
            }
        }
        let mut bytes = raw.as_slice();
        let writing = match self.writing {
            Some(writing) => writing,
            None => {
                bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
                *self.writing.insert(Writing::of(bytes).map_err(Failure::Broken)?)
            }
        };
        self.at = 0;
        if writing == Writing::Utf8 {
            // Whether it is UTF-8 is seen where the pieces of the document are cut out.
            let from = raw.len() - bytes.len();
            raw.drain(..from);
            self.ready = raw;
            return Ok(());
        }
        if bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) || self.is_really_utf8(bytes) {
            return Err(Failure::Broken(Broken::Letters));
        }
        self.ready = CP1252.decode(bytes).into_owned().into_bytes();
        Ok(())
    }

    /// Whether this was the end of a document that reads as UTF-8 although it has more than ASCII: in Windows-1252 it
    /// would be gibberish.
    fn is_really_utf8(&mut self, bytes: &[u8]) -> bool {
        let Some(mut doubt) = self.doubt.take() else { return false };
        if bytes.is_empty() {
            return !doubt.is_ascii && doubt.tail.is_empty();
        }
        doubt.is_ascii &= bytes.is_ascii();
        doubt.tail.extend_from_slice(bytes);
        let valid = match std::str::from_utf8(&doubt.tail) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return false,
        };
        doubt.tail.drain(..valid);
        self.doubt = Some(doubt);
        false
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        self.failure = Some(failure);
        io::Error::other("no more letters")
    }
}

impl<R: Read> Read for Letters<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?.read(into)?;
        self.consume(given);
        Ok(given)
    }
}

impl<R: Read> BufRead for Letters<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.ready.len()
            && let Err(failure) = self.more()
        {
            return Err(self.fail(failure));
        }
        if self.allowance == 0 && self.at < self.ready.len() {
            return Err(self.fail(Failure::Broken(Broken::Text)));
        }
        let end = self.ready.len().min(self.at + self.allowance);
        Ok(&self.ready[self.at..end])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
        self.allowance = self.allowance.saturating_sub(amount);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{Broken, parse};

    #[test]
    fn the_prolog_says_how_letters_are_written() {
        for (bytes, text) in [
            (b"<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xb6</a>".as_slice(), Ok("ö")),
            (b"\xef\xbb\xbf<a>\xc3\xb6</a>", Ok("ö")),
            (b"<?xml version=\"1.0\" encoding = \"iso-8859-1\" ?><a>\xf6</a>", Ok("ö")),
            (b"<?xml version='1.0' encoding='windows-1252'?><a>\x8a\xf6</a>", Ok("Šö")),
            (b"<a>\xf6</a>", Err(Broken::Letters)),
            (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xc3\xb6</a>", Err(Broken::Letters)),
            (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\x81</a>", Err(Broken::Letters)),
            (b"<?xml version='1.0' encoding='utf-16'?><a/>", Err(Broken::Letters)),
            (b"\xff\xfe<\0a\0/\0>\0", Err(Broken::Letters)),
        ] {
            let read = parse(bytes).map(|document| document.text_of("a").unwrap_or_default().to_owned());
            assert_eq!(read, text.map(str::to_owned), "{bytes:?}");
        }
    }

    #[test]
    fn chunks_may_end_anywhere_in_a_letter() {
        for (prolog, letter) in [("", "ö".as_bytes()), ("<?xml version='1.0' encoding='iso-8859-1'?>", b"\xf6")] {
            let text = letter.repeat(1001);
            let part = [b"<b>", text.as_slice(), b"</b>"].concat();
            let document = [prolog.as_bytes(), b"<a>", &part.repeat(200), b"</a>"].concat();
            let document = parse(&document).unwrap();
            let a = document.child("a").unwrap();
            assert!(a.children.len() == 200 && a.children.iter().all(|b| b.text == "ö".repeat(1001)));
        }
        let utf8 = ["<?xml version='1.0' encoding='iso-8859-1'?><a>", &"<b>ö</b>".repeat(20_000), "</a>"].concat();
        assert_eq!(parse(utf8.as_bytes()), Err(Broken::Letters));
    }
}
