//! Reading a file page by page.

use crate::columns::{Column, Columns, Form, Mapping, Status, Width};
use crate::decode::{Decoder, Wrong};
use crate::doubles::{Double, Doubles, Seen};
use crate::pick::Picking;
use crate::settings::{Encoding, FinalNewline};
use crate::spot::Spot;
use crate::table::{Record, Separation, Table};
use crate::utf16::Units;
use sluss_sdk::files::{Folder, Info};
use sluss_sdk::{Cell, Date, Error, Page, Place, Rest, Row, Value};
use twox_hash::{XxHash3_64, XxHash3_128};

/// The longest id that a record gets: longer ones are surely a mistake.
const LONGEST_ID: usize = 1024;

/// How one file is written, and what is read of it.
#[derive(Debug)]
pub struct Layout {
    /// How fields are told apart.
    pub separation: Separation,
    /// How fields are written.
    pub decoder: Decoder,
    /// Which column is which attribute.
    pub mapping: Mapping,
    /// How many lines stand before the first that counts.
    pub skip: u32,
    /// Whether the last line must end as the others do.
    pub final_newline: FinalNewline,
    /// What every record says, whatever the file.
    pub constants: Vec<(String, Cell)>,
    /// Changes with everything that makes another record come out of the same bytes.
    pub fingerprint: u64,
}

/// A file that is being read.
pub struct Open {
    pub(crate) table: Table,
    pub(crate) separation: Separation,
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
    /// What stays the same as long as a read would give the same.
    pub fn version(&self, folder: &Folder, name: &str) -> Result<String, Error> {
        stat(folder, name)?;
        Ok(format!("{}-{:016x}", folder.digest(name)?, self.fingerprint))
    }

    /// A page of the file.
    pub fn read(
        &self,
        folder: &Folder,
        name: &str,
        open: &mut Option<Open>,
        from: Option<&[u8]>,
        max: u32,
    ) -> Result<Page, Error> {
        let state = self.resume(folder, name, open, from)?;
        let (mut page, done) = self.page(name, state, max)?;
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
        open: &'o mut Option<Open>,
        from: Option<&[u8]>,
    ) -> Result<&'o mut Open, Error> {
        let state = match (open.take(), from) {
            (Some(state), Some(_)) => open.insert(state),
            _ => open.insert(self.open(folder, name)?),
        };
        let spot = state.start.told(from)?.ok_or_else(|| changed(name))?;
        if spot != state.spot() {
            state.table = spot.table(folder, name, state.separation);
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
        !record.ended && (self.final_newline == FinalNewline::Required || !record.sound)
    }

    /// Opens a file: reads its header and finds rows with twins.
    pub fn open(&self, folder: &Folder, name: &str) -> Result<Open, Error> {
        let info = stat(folder, name)?;
        let start = |error: Error| if error.place.is_some() { error } else { error.at(Place::file(name).line(1)) };
        let separation = Separation { units: self.units(folder, name).map_err(start)?, ..self.separation };
        let mut table = Table::new(folder, name, separation, 0, 1);
        for _ in 0..self.skip {
            if let Some(record) = table.next()?.filter(|record| self.is_cut_off(record)) {
                return Err(cut_off(name, &record));
            }
        }
        let columns = if info.size == 0 {
            Columns::none()
        } else if self.mapping.header {
            let header = table.next()?;
            let Some(header) = &header else {
                return Err(start(Error::config("There is no header; the file has nothing but empty lines")));
            };
            let place = Place::file(name).line(line(header));
            if self.is_cut_off(header) {
                return Err(cut_off(name, header));
            }
            self.mapping.columns(Some(header), &self.decoder).map_err(|error| error.at(place))?
        } else {
            self.mapping.columns(None, &self.decoder)?
        };
        if let Some(column) = columns.list.iter().find(|column| self.says(&column.attribute)) {
            let message =
                format!("The settings give `{}` to every row, and a column is read as it too", column.attribute);
            return Err(start(Error::config(message)));
        }
        let start = Spot::of(&table, &info);
        let doubles = self.doubles(table, &columns)?;
        let table = start.table(folder, name, separation);
        Ok(Open { table, separation, start, columns, doubles, info, picking: None })
    }

    /// Whether every record says this, whatever the file.
    fn says(&self, attribute: &str) -> bool {
        self.constants.iter().any(|(own, _)| own == attribute)
    }

    /// What the file's letters are made of. A file whose first bytes say that it is written in another encoding is
    /// refused.
    fn units(&self, folder: &Folder, name: &str) -> Result<Units, Error> {
        let first = folder.read(name, 0, 3)?;
        let encoding = self.decoder.encoding();
        // A name begins with a letter that has a zero in its two bytes of UTF-16, with or without a mark before it.
        let units = match first[..] {
            [0xff, 0xfe, ..] | [1..=255, 0, ..] => Units::Little,
            [0xfe, 0xff, ..] | [0, 1..=255, ..] => Units::Big,
            _ => Units::Bytes,
        };
        let name = encoding.name();
        match (encoding, units) {
            (Encoding::Utf16, Units::Bytes) if !first.is_empty() => {
                Err(Error::config(format!("The file should be {name}, and does not look so; set its `encoding`")))
            }
            (Encoding::Utf16, units) => Ok(units),
            (_, Units::Bytes) if first == [0xef, 0xbb, 0xbf] && encoding != Encoding::Utf8 => {
                Err(Error::config(format!("The file begins as UTF-8, but should be {name}; set encoding = \"utf-8\"")))
            }
            (_, Units::Bytes) => Ok(units),
            _ => Err(Error::config(format!("The file is UTF-16, but should be {name}; set encoding = \"utf-16\""))),
        }
    }

    fn doubles(&self, mut table: Table, columns: &Columns) -> Result<Doubles, Error> {
        let mut seen = Seen::default();
        if columns.id.is_empty() {
            return Ok(seen.doubles());
        }
        let mut id = Vec::with_capacity(64);
        while let Some(record) = table.next()? {
            if !record.sound || !columns.fit(&record) || self.is_gone(columns, &record) {
                continue;
            }
            id.clear();
            for column in columns.id.iter().map(|part| &columns.list[part.column]) {
                let field = column.read_as(record.field(column.index));
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
    fn page(&self, name: &str, open: &mut Open, max: u32) -> Result<(Page, bool), Error> {
        let mut page = Page::new(&open.names(&self.constants));
        while page.rows.len() + page.faults.len() < max.max(1) as usize {
            let Some(record) = open.table.next()? else { return Ok((page, true)) };
            let place = Place::file(name).line(line(&record));
            if self.is_cut_off(&record) {
                let fault = cut_off(name, &record);
                page.fault(fault.clone());
                return Ok((page.incomplete(fault), true));
            }
            if self.is_gone(&open.columns, &record) {
                continue;
            }
            match self.record(&open.columns, &open.doubles, &record, place) {
                Read::Row(row) => page.rows.push(row),
                Read::Fault(fault) => page.fault(fault),
            }
        }
        Ok((page, false))
    }

    /// Whether a row says of itself that it is to be passed over.
    pub(crate) fn is_gone(&self, columns: &Columns, record: &Record<'_>) -> bool {
        let Some((Status { gone, .. }, index)) = self.status(columns) else { return false };
        record.sound && columns.fit(record) && gone.iter().any(|word| word == record.field(index))
    }

    fn status(&self, columns: &Columns) -> Option<(&Status, usize)> {
        Some((self.mapping.status.as_ref()?, columns.status?))
    }

    /// What is wrong with what a row says of itself, and in which column.
    fn odd_status(&self, columns: &Columns, record: &Record<'_>) -> Option<usize> {
        let (Status { present, .. }, index) = self.status(columns)?;
        let known = present.is_empty() || present.iter().any(|word| word == record.field(index));
        (!known).then_some(index)
    }

    /// What a line holds.
    pub(crate) fn record(&self, columns: &Columns, doubles: &Doubles, record: &Record<'_>, place: Place) -> Read {
        if let Some(fault) = self.misfit(columns, record, &place) {
            return Read::Fault(fault);
        }
        let (mut cells, wrong) = self.cells(columns, record, &place);
        let id = self.id(columns, &cells, record);
        if let Some(error) = wrong {
            return Read::Fault(Error { object: id, ..error });
        }
        if let Some(index) = self.odd_status(columns, record) {
            let place = place.column(record.column(index, self.decoder.starts_letter()));
            let name = format!("Column {}", index + 1);
            let error = Error::invalid(self.decoder.explain(Wrong::Status, &name)).at(place);
            return Read::Fault(Error { object: id, ..error });
        }
        let Some(id) = id else {
            return Read::Fault(Error::invalid("No id can be made of what stands in this line").at(place));
        };
        match doubles.get(&line(record)) {
            Some(Double::SameAs(first)) => {
                let message = format!("This line says what line {first} says already; it is passed over");
                // Not under the record's own id: a fault keeps the host from taking what the first line says.
                return Read::Fault(Error::invalid(message).object(format!("{id} (line {})", line(record))).at(place));
            }
            Some(Double::Against(other)) => {
                let names = columns.id.iter().map(|part| columns.list[part.column].name.as_str());
                let key = names.collect::<Vec<_>>().join(", ");
                let message =
                    format!("This line and line {other} have the same {key} and say different things; neither is used");
                return Read::Fault(Error::invalid(message).object(id).at(place));
            }
            None => {}
        }
        cells.extend(self.constants.iter().map(|(_, cell)| cell.clone()));
        Read::Row(Row { id, version: None, cells })
    }

    /// What is wrong with a line that does not have the fields that it should have.
    pub(crate) fn misfit(&self, columns: &Columns, record: &Record<'_>, place: &Place) -> Option<Error> {
        if !record.sound {
            let message = "A quote is opened here and closed within a field of another line; is a quote missing?";
            return Some(Error::invalid(message).at(place.clone()));
        }
        if columns.fit(record) {
            return None;
        }
        let should = match columns.width {
            Width::Exactly(width) => format!("it should have {width}"),
            Width::AtLeast(width) => format!("the settings speak of the field at position {width}"),
        };
        Some(Error::invalid(format!("This line has {} fields; {should}", record.len())).at(place.clone()))
    }

    /// The cells of a line, and what is wrong with the first that cannot be read.
    pub(crate) fn cells(&self, columns: &Columns, record: &Record<'_>, place: &Place) -> (Vec<Cell>, Option<Error>) {
        let mut cells = Vec::with_capacity(columns.list.len() + self.constants.len());
        let mut wrong = None;
        for column in &columns.list {
            let cell = self.cell(column, record.field(column.index)).unwrap_or_else(|fault| {
                wrong.get_or_insert((column, fault));
                Cell::Absent
            });
            cells.push(cell);
        }
        let error = wrong.map(|(column, fault)| {
            let place = place.clone().column(record.column(column.index, self.decoder.starts_letter()));
            Error::invalid(self.decoder.explain(fault, &column.name)).attribute(&column.attribute).at(place)
        });
        (cells, error)
    }

    fn cell(&self, column: &Column, field: &[u8]) -> Result<Cell, Wrong> {
        let field = column.read_as(field);
        if column.needed && field.is_empty() {
            return Err(Wrong::Missing);
        }
        match column.form {
            Form::Text => self.decoder.text_cell(field),
            Form::Flag => self.decoder.flag_cell(field),
            Form::Protection => Ok(self.decoder.protected_cell(field)),
            Form::Number => self.decoder.number_cell(field),
            Form::Day => self.decoder.day_cell(field),
            Form::End => self.decoder.end_cell(field),
            Form::References(separator) => self.decoder.references_cell(field, separator),
        }
    }

    /// Reads the first records, as a test.
    pub(crate) fn sample(&self, name: &str, open: &mut Open, max: u32) -> Result<Page, Error> {
        self.page(name, open, max).map(|(page, _)| page)
    }

    /// The record's id, where all that makes it up is there.
    fn id(&self, columns: &Columns, cells: &[Cell], record: &Record<'_>) -> Option<String> {
        let mut id = String::with_capacity(32);
        id.push_str(&self.mapping.id_prefix);
        for part in &columns.id {
            if !id.is_empty() {
                id.push('/');
            }
            let column = &columns.list[part.column];
            let field = || column.read_as(record.field(column.index));
            match &cells[part.column] {
                Cell::Absent => return None,
                _ if part.veiled => id.push_str(&veil(field())),
                Cell::One(Value::Text(text)) => id.push_str(text),
                Cell::One(Value::Date(date)) => id.push_str(&date.to_string()),
                _ => id.push_str(&self.decoder.text(field()).ok()?),
            }
        }
        (!id.is_empty() && id.len() <= LONGEST_ID).then_some(id)
    }
}

impl Open {
    /// Where the next page begins.
    pub(crate) fn spot(&self) -> Spot {
        Spot::of(&self.table, &self.info)
    }

    /// The columns of a page of this file.
    pub(crate) fn names(&self, constants: &[(String, Cell)]) -> Vec<String> {
        let given = self.columns.list.iter().map(|column| &column.attribute);
        given.chain(constants.iter().map(|(attribute, _)| attribute)).cloned().collect()
    }
}

/// What stands in an id for who somebody is. It has letters only: digits would look like the number of somebody else.
fn veil(field: &[u8]) -> String {
    let digest = XxHash3_128::oneshot(field);
    (0..32).map(|nibble| char::from(b'a' + (digest >> (nibble * 4) & 15) as u8)).collect()
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
    let message = if record.sound {
        "The last line does not end: the file was cut off. If it is written so, set final-newline = \"optional\""
    } else {
        "The file ends within quotes that are opened here: it was cut off, or a quote is missing"
    };
    Error::invalid(message).at(Place::file(name).line(line(record)))
}
