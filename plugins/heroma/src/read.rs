//! Reading a class page by page.

use crate::columns::{Class, Column, Columns, Form, Mapping};
use crate::decode::{Decoder, Wrong};
use crate::doubles::{Double, Doubles, Seen};
use crate::pick::Picking;
use crate::settings::{Encoding, FinalNewline, Settings};
use crate::spot::Spot;
use crate::table::{Record, Separation, Table};
use sluss_sdk::files::{Folder, Info};
use sluss_sdk::{Cell, Date, Error, Page, Place, Rest, Row, Value};
use twox_hash::XxHash3_64;

/// The settings, settled.
pub struct Layout {
    /// What the operator said.
    pub settings: Settings,
    pub(crate) separation: Separation,
    decoder: Decoder,
    mappings: [Mapping; 2],
    pub(crate) fingerprint: u64,
}

/// A file that is being read.
pub struct Open {
    pub(crate) table: Table,
    /// Where the first record is looked for.
    pub(crate) start: Spot,
    pub(crate) columns: Columns,
    pub(crate) doubles: Doubles,
    pub(crate) info: Info,
    pub(crate) picking: Option<Picking>,
}

/// A record as it came out of its line.
pub(crate) enum Read {
    Row(Row),
    Fault(Error),
}

impl Layout {
    /// Settles the settings.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let delimiter = u8::try_from(settings.delimiter).ok().filter(|d| d.is_ascii() && !b"\"\r\n".contains(d));
        let delimiter =
            delimiter.ok_or_else(|| Error::config("delimiter: one ASCII character, neither quote nor line end"))?;
        Ok(Layout {
            separation: Separation { delimiter, quoting: settings.quoting },
            decoder: Decoder::new(&settings)?,
            mappings: [Mapping::new(Class::Engagement, &settings)?, Mapping::new(Class::Unit, &settings)?],
            // Other settings, or another version of this plugin, may read another thing from the same bytes.
            fingerprint: XxHash3_64::oneshot(format!("{settings:?} {}", env!("CARGO_PKG_VERSION")).as_bytes()),
            settings,
        })
    }

    /// The file of a class; none where the operator said that there is none.
    pub fn file(&self, class: Class) -> Option<&str> {
        let name = match class {
            Class::Engagement => &self.settings.employments,
            Class::Unit => &self.settings.units,
        };
        (!name.is_empty()).then_some(name)
    }

    /// What stays the same as long as a read would give the same.
    pub fn version(&self, folder: &Folder, class: Class) -> Result<String, Error> {
        let Some(name) = self.file(class) else { return Ok("none".to_owned()) };
        stat(folder, name)?;
        Ok(format!("{}-{:016x}", folder.digest(name)?, self.fingerprint))
    }

    /// A page of a class.
    pub fn read(
        &self,
        folder: &Folder,
        class: Class,
        open: &mut Option<Open>,
        from: Option<&[u8]>,
        max: u32,
    ) -> Result<Page, Error> {
        let Some(name) = self.file(class) else { return Ok(Page::new::<&str>(&[])) };
        let state = self.resume(folder, name, class, open, from)?;
        let (mut page, done) = self.page(name, class, state, max)?;
        if !done {
            return Ok(page.more(state.spot().cursor()));
        }
        if page.rest == Rest::Complete {
            page.rest = self.ending(folder, name, state)?;
        }
        *open = None;
        Ok(page)
    }

    /// The file where the cursor says: as it was left, or opened anew.
    pub(crate) fn resume<'o>(
        &self,
        folder: &Folder,
        name: &str,
        class: Class,
        open: &'o mut Option<Open>,
        from: Option<&[u8]>,
    ) -> Result<&'o mut Open, Error> {
        let state = match (open.take(), from) {
            (Some(state), Some(_)) => open.insert(state),
            _ => open.insert(self.open(folder, name, class)?),
        };
        let spot = state.start.told(from)?.ok_or_else(|| changed(name))?;
        if spot != state.spot() {
            state.table = spot.table(folder, name, self.separation);
        }
        Ok(state)
    }

    /// How a read that came to the end of the file ends.
    pub(crate) fn ending(&self, folder: &Folder, name: &str, open: &Open) -> Result<Rest, Error> {
        let now = stat(folder, name)?;
        if open.info != now {
            return Ok(Rest::Incomplete(changed(name)));
        }
        if now.size == 0 {
            let message = format!("`{name}` is empty: it has not even a header; nothing is taken to be gone");
            return Ok(Rest::Incomplete(Error::unavailable(message).at(Place::file(name))));
        }
        Ok(Rest::Complete)
    }

    /// Whether a record is the last of a file that breaks off within it.
    pub(crate) fn is_cut_off(&self, record: &Record<'_>) -> bool {
        !record.ended && self.settings.final_newline == FinalNewline::Required
    }

    /// Opens a file: reads its header and finds rows with twins.
    pub fn open(&self, folder: &Folder, name: &str, class: Class) -> Result<Open, Error> {
        let info = stat(folder, name)?;
        let start = |error: Error| if error.place.is_some() { error } else { error.at(Place::file(name).line(1)) };
        self.marks(folder, name).map_err(start)?;
        let mut table = Table::new(folder, name, self.separation, 0, 1);
        let columns = if self.settings.header && info.size > 0 {
            let header = table.next()?;
            let Some(header) = &header else {
                return Err(start(Error::config("There is no header; the file has nothing but empty lines")));
            };
            self.mappings[class as usize].columns(Some(header), &self.decoder).map_err(start)?
        } else if info.size > 0 {
            self.mappings[class as usize].columns(None, &self.decoder)?
        } else {
            Columns { list: Vec::new(), id: Vec::new(), width: None }
        };
        let start = Spot::of(&table, &info);
        let doubles = self.doubles(table, &columns)?;
        let table = start.table(folder, name, self.separation);
        Ok(Open { table, start, columns, doubles, info, picking: None })
    }

    /// Refuses a file whose first bytes say that it is written in another encoding.
    fn marks(&self, folder: &Folder, name: &str) -> Result<(), Error> {
        let first = folder.read(name, 0, 3)?;
        if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
            return Err(Error::config("The file is UTF-16; have it written as Windows-1252 or UTF-8"));
        }
        if first == [0xef, 0xbb, 0xbf] && self.settings.encoding == Encoding::Windows1252 {
            return Err(Error::config(
                "The file begins as UTF-8, but should be Windows-1252; set encoding = \"utf-8\"",
            ));
        }
        Ok(())
    }

    fn doubles(&self, mut table: Table, columns: &Columns) -> Result<Doubles, Error> {
        let mut seen = Seen::default();
        let mut id = Vec::with_capacity(64);
        while let Some(record) = table.next()? {
            if columns.width.is_some_and(|width| width != record.len()) {
                continue;
            }
            id.clear();
            for column in columns.id.iter().map(|index| &columns.list[*index]) {
                let field = record.field(column.index);
                match (column.form, self.decoder.date(field)) {
                    (Form::Day, Ok(Date { year, month, day })) => {
                        id.extend([(year >> 8) as u8, year as u8, month, day])
                    }
                    _ => id.extend_from_slice(field),
                }
                id.push(b'\n');
            }
            let content = XxHash3_64::oneshot(record.raw.trim_ascii_end());
            seen.note(XxHash3_64::oneshot(&id), content, line(&record));
        }
        Ok(seen.doubles())
    }

    /// Fills a page; whether the file is done with.
    fn page(&self, name: &str, class: Class, open: &mut Open, max: u32) -> Result<(Page, bool), Error> {
        let mut page = Page::new(&open.names(class));
        while page.rows.len() + page.faults.len() < max.max(1) as usize {
            let Some(record) = open.table.next()? else { return Ok((page, true)) };
            let place = Place::file(name).line(line(&record));
            if self.is_cut_off(&record) {
                let fault = cut_off(name, &record);
                page.fault(fault.clone());
                return Ok((page.incomplete(fault), true));
            }
            match self.record(class, &open.columns, &open.doubles, &record, place) {
                Read::Row(row) => page.rows.push(row),
                Read::Fault(fault) => page.fault(fault),
            }
        }
        Ok((page, false))
    }

    /// What a line holds.
    pub(crate) fn record(
        &self,
        class: Class,
        columns: &Columns,
        doubles: &Doubles,
        record: &Record<'_>,
        place: Place,
    ) -> Read {
        if let Some(width) = columns.width.filter(|width| *width != record.len()) {
            let message = format!("This line has {} fields; the header has {width}", record.len());
            return Read::Fault(Error::invalid(message).at(place));
        }
        let mut cells = Vec::with_capacity(columns.list.len() + 1);
        let mut wrong = None;
        for column in &columns.list {
            let read = self.cell(column, record.field(column.index));
            match read {
                Ok(cell) => cells.push(cell),
                Err(fault) => {
                    wrong.get_or_insert((column, fault));
                    cells.push(Cell::Absent);
                }
            }
        }
        let id = id(columns, &cells);
        if let Some((column, fault)) = wrong {
            let starts_letter = match self.settings.encoding {
                Encoding::Windows1252 => |_| true,
                Encoding::Utf8 => |byte: u8| byte & 0xc0 != 0x80,
            };
            let place = place.column(record.column(column.index, starts_letter));
            let error =
                Error::invalid(self.decoder.explain(fault, &column.name)).attribute(&column.attribute).at(place);
            return Read::Fault(Error { object: id, ..error });
        }
        let Some(id) = id else {
            return Read::Fault(Error::internal("A record without an id").at(place));
        };
        match doubles.get(&line(record)) {
            Some(Double::SameAs(first)) => {
                let message = format!("This line says what line {first} says already; it is passed over");
                // Not under the record's own id: a fault keeps the host from taking what the first line says.
                return Read::Fault(Error::invalid(message).object(format!("{id} (line {})", line(record))).at(place));
            }
            Some(Double::Against(other)) => {
                let key =
                    columns.id.iter().map(|index| columns.list[*index].name.as_str()).collect::<Vec<_>>().join(", ");
                let message =
                    format!("This line and line {other} have the same {key} and say different things; neither is used");
                return Read::Fault(Error::invalid(message).object(id).at(place));
            }
            None => {}
        }
        if class == Class::Engagement {
            cells.push(Cell::from("employment"));
        }
        Read::Row(Row { id, version: None, cells })
    }

    fn cell(&self, column: &Column, field: &[u8]) -> Result<Cell, Wrong> {
        if column.needed && field.is_empty() {
            return Err(Wrong::Missing);
        }
        match column.form {
            Form::Text => self.decoder.text_cell(field),
            Form::Flag => self.decoder.flag_cell(field),
            Form::Protection => Ok(self.decoder.protected_cell(field)),
            Form::Number => self.decoder.number_cell(field),
            Form::Day => self.decoder.date(field).map(|date| Cell::One(Value::Date(date))),
            Form::End => self.decoder.end_cell(field),
        }
    }

    /// Reads the first records, as a test.
    pub fn sample(&self, name: &str, class: Class, open: &mut Open, max: u32) -> Result<Page, Error> {
        self.page(name, class, open, max).map(|(page, _)| page)
    }
}

impl Open {
    /// The columns of the file.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The size and age of the file.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Where the next page begins.
    pub(crate) fn spot(&self) -> Spot {
        Spot::of(&self.table, &self.info)
    }

    /// The columns of a page of this file.
    pub(crate) fn names(&self, class: Class) -> Vec<String> {
        let given = self.columns.list.iter().map(|column| column.attribute.clone());
        given.chain((class == Class::Engagement).then(|| "kind".to_owned())).collect()
    }
}

/// The record's id, where all that makes it up is there.
fn id(columns: &Columns, cells: &[Cell]) -> Option<String> {
    let mut id = String::with_capacity(32);
    for index in &columns.id {
        if !id.is_empty() {
            id.push('/');
        }
        match &cells[*index] {
            Cell::One(Value::Text(text)) => id.push_str(text),
            Cell::One(Value::Date(date)) => id.push_str(&date.to_string()),
            _ => return None,
        }
    }
    (!id.is_empty()).then_some(id)
}

pub(crate) fn line(record: &Record<'_>) -> u32 {
    record.line.try_into().unwrap_or(u32::MAX)
}

pub(crate) fn stat(folder: &Folder, name: &str) -> Result<Info, Error> {
    folder.stat(name)?.ok_or_else(|| {
        let message =
            format!("There is no file `{name}` in the folder; has the export been made, and is its name right?");
        Error::not_found(message).at(Place::file(name))
    })
}

pub(crate) fn changed(name: &str) -> Error {
    Error::unavailable(format!("`{name}` was changed while it was read")).at(Place::file(name))
}

pub(crate) fn cut_off(name: &str, record: &Record<'_>) -> Error {
    let message =
        "The last line does not end: the file was cut off. If it is written so, set final-newline = \"optional\"";
    Error::invalid(message).at(Place::file(name).line(line(record)))
}
