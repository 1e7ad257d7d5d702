//! The lines of a delimited file, one at a time, with their place in it.
//!
//! The file is read a chunk at a time and every record is told with its line, its raw bytes and whether its line ended,
//! so that a fault can name the very spot and a read can go on where another stopped.

use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Place};

/// How much is asked for at once. A record must be shorter, or a lost quote would swallow the file.
const CHUNK: usize = 1 << 20;

/// How fields are told apart.
#[derive(Debug, Clone, Copy)]
pub struct Separation {
    /// What stands between two fields.
    pub delimiter: u8,
    /// Whether fields may stand in double quotes.
    pub quoting: bool,
}

/// A file under way.
pub struct Table {
    folder: Folder,
    name: String,
    separation: Separation,
    core: csv_core::Reader,
    buffer: Vec<u8>,
    at: usize,
    behind: u64,
    line: u64,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

/// One record.
pub struct Record<'a> {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// Its bytes as they stand in the file.
    pub raw: &'a [u8],
    /// Whether its line ended.
    pub ended: bool,
    separation: Separation,
    fields: &'a [u8],
    ends: &'a [usize],
}

impl Table {
    /// Reads on from an offset, which is on this line.
    pub fn new(folder: &Folder, name: &str, separation: Separation, offset: u64, line: u64) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(separation.delimiter).quoting(separation.quoting).build();
        Table {
            folder: folder.clone(),
            name: name.to_owned(),
            separation,
            core,
            buffer: Vec::new(),
            at: 0,
            behind: offset,
            line,
            fields: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// Where the next record is looked for.
    pub fn offset(&self) -> u64 {
        self.behind - (self.buffer.len() - self.at) as u64
    }

    /// The line that the offset is on.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next record; none at the end of the file. Empty lines are passed over.
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Error> {
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
        let (used, ends) = self.parse()?;
        let line = self.line;
        let raw = &self.buffer[self.at..self.at + used];
        self.at += used;
        let newlines = if self.separation.quoting {
            raw.iter().filter(|byte| **byte == b'\n').count()
        } else {
            usize::from(raw.ends_with(b"\n"))
        };
        self.line += newlines as u64;
        let ended = raw.ends_with(b"\n") || raw.ends_with(b"\r");
        let ends = &self.ends[..ends];
        Ok(Some(Record { line, raw, ended, separation: self.separation, fields: &self.fields, ends }))
    }

    /// Takes the record at the front apart: how many bytes and how many fields it has.
    fn parse(&mut self) -> Result<(usize, usize), Error> {
        loop {
            self.core.reset();
            let input = &self.buffer[self.at..];
            let waiting = input.len();
            let (result, used, written, count) = self.core.read_record(input, &mut self.fields, &mut self.ends);
            match result {
                csv_core::ReadRecordResult::Record => return Ok((used, count)),
                csv_core::ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                csv_core::ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                csv_core::ReadRecordResult::End => return Ok((used, count)),
                csv_core::ReadRecordResult::InputEmpty if waiting > CHUNK => {
                    let message = "This line goes on for more than a mebibyte; is there a quote without its twin?";
                    let line = self.line.try_into().unwrap_or(u32::MAX);
                    return Err(Error::invalid(message).at(Place::file(&self.name).line(line)));
                }
                csv_core::ReadRecordResult::InputEmpty if self.fill()? => {}
                csv_core::ReadRecordResult::InputEmpty => {
                    // The end of the file ends the record. That needs one more end, for which room is made first.
                    if count + 1 >= self.ends.len() {
                        self.ends.resize(self.ends.len() * 2, 0);
                        continue;
                    }
                    let (fields, ends) = (&mut self.fields[written..], &mut self.ends[count..]);
                    let (_, _, _, more) = self.core.read_record(&[], fields, ends);
                    return Ok((used, count + more));
                }
            }
        }
    }

    /// Reads a chunk more; whether there was any.
    fn fill(&mut self) -> Result<bool, Error> {
        let chunk = self.folder.read(&self.name, self.behind, CHUNK as u32)?;
        self.behind += chunk.len() as u64;
        let more = !chunk.is_empty();
        self.buffer.drain(..self.at);
        self.at = 0;
        if self.buffer.is_empty() {
            self.buffer = chunk;
        } else {
            self.buffer.extend_from_slice(&chunk);
        }
        Ok(more)
    }
}

impl<'a> Record<'a> {
    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field, without the blanks around it; empty where there is none.
    pub fn field(&self, index: usize) -> &'a [u8] {
        let Some(&end) = self.ends.get(index) else { return &[] };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.fields[start..end].trim_ascii()
    }

    /// The column of the line in which a field begins, from 1, counting letters of `width` as one.
    pub fn column(&self, index: usize, starts_letter: fn(u8) -> bool) -> u32 {
        let (mut field, mut column, mut quoted) = (0, 1, false);
        for &byte in self.raw {
            if field == index {
                break;
            }
            if byte == b'"' && self.separation.quoting {
                quoted = !quoted;
            }
            if byte == self.separation.delimiter && !quoted {
                field += 1;
            }
            if byte == b'\n' {
                column = 1;
            } else if starts_letter(byte) {
                column += 1;
            }
        }
        column
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::memory::Memory;

    fn table(content: &str, quoting: bool) -> Table {
        let memory = Memory::default();
        memory.put("f", content);
        Table::new(&Folder::in_memory(&memory), "f", Separation { delimiter: b';', quoting }, 0, 1)
    }

    fn all(mut table: Table) -> Vec<(u64, Vec<String>, bool)> {
        let mut all = Vec::new();
        while let Some(record) = table.next().unwrap() {
            let fields = (0..record.len()).map(|i| String::from_utf8(record.field(i).to_vec()).unwrap()).collect();
            all.push((record.line, fields, record.ended));
        }
        all
    }

    fn row(line: u64, fields: &[&str], ended: bool) -> (u64, Vec<String>, bool) {
        (line, fields.iter().map(|field| (*field).to_owned()).collect(), ended)
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let content = ["a;b", "", " c ;\"d", "e;"].join(end);
            let expected = [row(1, &["a", "b"], true), row(3, &["c", "\"d"], true), row(4, &["e", ""], false)];
            assert_eq!(all(table(&content, false)), expected);
        }
    }

    #[test]
    fn quoted_fields_may_hold_anything() {
        let rows = all(table("a;\"b;\"\"1\r\n2\"\r\nc;d\r\n", true));
        assert_eq!(rows, [row(1, &["a", "b;\"1\r\n2"], true), row(3, &["c", "d"], true)]);
    }

    #[test]
    fn a_read_goes_on_where_another_stopped() {
        let memory = Memory::default();
        memory.put("f", "a\r\nb\r\nc\r\n");
        let folder = Folder::in_memory(&memory);
        let separation = Separation { delimiter: b';', quoting: false };
        let mut first = Table::new(&folder, "f", separation, 0, 1);
        first.next().unwrap();
        let mut second = Table::new(&folder, "f", separation, first.offset(), first.line());
        let record = second.next().unwrap().unwrap();
        assert_eq!((record.line, record.field(0)), (2, b"b".as_slice()));
    }

    #[test]
    fn columns_count_letters() {
        let mut table = table("\"å;\";åä;x\n", true);
        let record = table.next().unwrap().unwrap();
        let utf8 = |byte: u8| byte & 0xc0 != 0x80;
        assert_eq!([record.column(0, utf8), record.column(1, utf8), record.column(2, utf8)], [1, 6, 9]);
    }

    #[test]
    fn long_files_wide_rows_and_long_fields_pass() {
        let wide = format!("{};{}", "x".repeat(9000), ";".repeat(200));
        let content = format!("{wide}\n").repeat(300) + &";".repeat(63);
        let rows = all(table(&content, true));
        assert_eq!(rows.len(), 301);
        assert!(rows[..300].iter().all(|(_, fields, _)| fields.len() == 202 && fields[0].len() == 9000));
        assert_eq!(rows[300].1.len(), 64);
    }

    #[test]
    fn a_lost_quote_is_found() {
        let mut table = table(&format!("a\n\"{}", "x\n".repeat(3_000_000)), true);
        table.next().unwrap();
        assert_eq!(table.next().err().unwrap().place.unwrap().line, Some(2));
    }
}
