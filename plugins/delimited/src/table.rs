//! The lines of a delimited file, one at a time, with their place in it.
//!
//! The file is read a chunk at a time and every record is told with its line, its raw bytes and whether its line ended,
//! so that a fault can name the very spot and a read can go on where another stopped.

use crate::utf16::{self, Units};
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
    /// Whether blanks around a field say nothing.
    pub trim: bool,
    /// What the file's letters are made of.
    pub(crate) units: Units,
}

impl Separation {
    /// Fields set apart by an ASCII character.
    pub fn new(delimiter: char, quoting: bool, trim: bool) -> Result<Self, Error> {
        let byte = u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte));
        let delimiter =
            byte.ok_or_else(|| Error::config("delimiter: one ASCII character, neither quote nor line end"))?;
        Ok(Separation { delimiter, quoting, trim, units: Units::Bytes })
    }
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
    /// Whether every quote in it has its twin, as far as that can be told: a lost one makes other lines a part of it.
    pub sound: bool,
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
        let waiting = &self.buffer[self.at..];
        let length = if self.separation.units == Units::Bytes { waiting.len() } else { utf16::length(waiting) };
        self.behind - length as u64
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
                Some(b'\r') => {
                    self.line += u64::from(self.is_alone(0)?);
                    self.at += 1;
                }
                Some(_) => break,
                None if !self.fill()? => return Ok(None),
                None => {}
            }
        }
        let (used, ends, closed) = self.parse()?;
        let line = self.line;
        let alone = self.is_alone(used.saturating_sub(1))?;
        let raw = &self.buffer[self.at..self.at + used];
        self.at += used;
        let last = usize::from(raw.ends_with(b"\n"));
        let newlines = if self.separation.quoting { raw.iter().filter(|byte| **byte == b'\n').count() } else { last };
        self.line += newlines as u64 + u64::from(alone);
        let ended = closed && (last == 1 || raw.ends_with(b"\r"));
        let sound = closed && (newlines == last || is_strict(raw, self.separation.delimiter));
        let ends = &self.ends[..ends];
        Ok(Some(Record { line, raw, ended, sound, separation: self.separation, fields: &self.fields, ends }))
    }

    /// Whether the sign so far ahead ends a line by itself, as the files of old Macs have it: lines are told apart by their
    /// numbers, so each must have its own.
    fn is_alone(&mut self, ahead: usize) -> Result<bool, Error> {
        let sign = |table: &Table, ahead: usize| table.buffer.get(table.at + ahead).copied();
        if sign(self, ahead) != Some(b'\r') {
            return Ok(false);
        }
        if sign(self, ahead + 1).is_none() {
            self.fill()?;
        }
        Ok(sign(self, ahead + 1) != Some(b'\n'))
    }

    /// Takes the record at the front apart: how many bytes and how many fields it has, and whether no quote is left open.
    fn parse(&mut self) -> Result<(usize, usize, bool), Error> {
        loop {
            self.core.reset();
            let input = &self.buffer[self.at..];
            let waiting = input.len();
            let (result, used, written, count) = self.core.read_record(input, &mut self.fields, &mut self.ends);
            match result {
                csv_core::ReadRecordResult::Record => return Ok((used, count, true)),
                csv_core::ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                csv_core::ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                csv_core::ReadRecordResult::End => return Ok((used, count, true)),
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
                    // An end of line ends the record too, unless it stands within quotes.
                    let (result, _, _, more) = self.core.read_record(b"\n", fields, ends);
                    let closed = matches!(result, csv_core::ReadRecordResult::Record);
                    return Ok((used, count + more, closed));
                }
            }
        }
    }

    /// Reads a chunk more; whether there was any.
    fn fill(&mut self) -> Result<bool, Error> {
        let chunk = match self.separation.units {
            Units::Bytes => {
                let chunk = self.folder.read(&self.name, self.behind, CHUNK as u32)?;
                self.behind += chunk.len() as u64;
                chunk
            }
            units => self.letters(units)?,
        };
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

    /// A chunk of UTF-16, as UTF-8.
    fn letters(&mut self, units: Units) -> Result<Vec<u8>, Error> {
        let mut chunk = self.folder.read(&self.name, self.behind, CHUNK as u32)?;
        while !chunk.is_empty() && chunk.len() < utf16::LONGEST {
            let more = self.folder.read(&self.name, self.behind + chunk.len() as u64, CHUNK as u32)?;
            if more.is_empty() {
                break;
            }
            chunk.extend_from_slice(&more);
        }
        let (text, used) = utf16::to_utf8(&chunk, units);
        self.behind += used as u64;
        Ok(text)
    }
}

/// Whether a record of several lines has quotes only around its fields, and doubled within them. Where a quote was lost,
/// the next one opens what it should close, and a letter follows it.
fn is_strict(raw: &[u8], delimiter: u8) -> bool {
    let mut rest = raw;
    loop {
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            rest = quoted;
            loop {
                let Some(quote) = rest.iter().position(|byte| *byte == b'"') else { return false };
                rest = &rest[quote + 1..];
                match rest.strip_prefix(b"\"") {
                    Some(behind) => rest = behind,
                    None => break,
                }
            }
        } else {
            let field = rest.iter().position(|byte| [delimiter, b'\r', b'\n'].contains(byte)).unwrap_or(rest.len());
            rest = &rest[field..];
        }
        match rest.split_first() {
            Some((byte, behind)) if *byte == delimiter => rest = behind,
            Some((byte, _)) => return b"\r\n".contains(byte),
            None => return true,
        }
    }
}

impl<'a> Record<'a> {
    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field, without the blanks around it where they say nothing; empty where there is none.
    pub fn field(&self, index: usize) -> &'a [u8] {
        let Some(&end) = self.ends.get(index) else { return &[] };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let field = &self.fields[start..end];
        if self.separation.trim { field.trim_ascii() } else { field }
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
        Table::new(&Folder::in_memory(&memory), "f", Separation::new(';', quoting, true).unwrap(), 0, 1)
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
        for end in ["\n", "\r\n", "\r"] {
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
        let separation = Separation::new(';', false, true).unwrap();
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
    fn blanks_stay_where_they_say_something() {
        let memory = Memory::default();
        memory.put("f", " a ;\tb\n");
        let separation = Separation::new(';', false, false).unwrap();
        assert_eq!(
            all(Table::new(&Folder::in_memory(&memory), "f", separation, 0, 1)),
            [row(1, &[" a ", "\tb"], true)]
        );
    }

    #[test]
    fn utf_16_is_read_across_chunks_and_from_any_line() {
        // Chunks end at any place of a line, so also within letters of two units.
        let line = "å;😀x\n";
        let text = line.repeat(150_000);
        let memory = Memory::default();
        memory.put("f", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        let folder = Folder::in_memory(&memory);
        let separation = Separation { units: Units::Little, ..Separation::new(';', false, true).unwrap() };
        let mut table = Table::new(&folder, "f", separation, 0, 1);
        let mut lines = 0;
        while let Some(record) = table.next().unwrap() {
            assert_eq!((record.field(0), record.field(1)), ("å".as_bytes(), "😀x".as_bytes()));
            lines += 1;
            if lines % 20_000 == 0 {
                assert_eq!(table.offset(), lines * line.encode_utf16().count() as u64 * 2);
                let mut other = Table::new(&folder, "f", separation, table.offset(), table.line());
                let record = other.next().unwrap();
                assert_eq!(record.map(|record| record.line), (lines < 150_000).then_some(lines + 1));
            }
        }
        assert_eq!(lines, 150_000);
    }

    #[test]
    fn a_quote_without_its_twin_is_seen_before_other_lines_are_lost_in_it() {
        let sound = |content: &str| {
            let mut table = table(content, true);
            let mut all = Vec::new();
            while let Some(record) = table.next().unwrap() {
                all.push((record.line, record.ended, record.sound));
            }
            all
        };
        assert_eq!(sound("a;\"b\n\"\"c\n\"\nd;e"), [(1, true, true), (4, false, true)]);
        assert_eq!(sound("\u{feff}a;b\nc;5\" pipe\n"), [(1, true, true), (2, true, true)]);
        assert_eq!(sound("a;\"b\nc;d\n"), [(1, false, false)], "open at the end of the file");
        assert_eq!(sound("a;\"b"), [(1, false, false)]);
        assert_eq!(sound("a;\"b\nc;\"d\"\ne;f\n"), [(1, true, false), (3, true, true)], "closed by the next one");
    }

    #[test]
    fn a_lost_quote_is_found() {
        let mut table = table(&format!("a\n\"{}", "x\n".repeat(3_000_000)), true);
        table.next().unwrap();
        assert_eq!(table.next().err().unwrap().place.unwrap().line, Some(2));
    }
}
