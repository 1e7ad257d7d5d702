//! Which column of a file holds which attribute.
//!
//! A plugin says where its attributes should stand, and the file's header says what is there. What is there beyond that
//! passes through under the plugin's own prefix.

use crate::decode::Decoder;
use crate::settings::Where;
use crate::table::Record;
use sluss_sdk::Error;
use std::collections::{BTreeMap, BTreeSet};

/// How an attribute is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// As yes or no.
    Flag,
    /// As yes or no, where everything but no is yes.
    Protection,
    /// As a number.
    Number,
    /// As a day.
    Day,
    /// As a day, or as one of the signs for an open end.
    End,
    /// As ids of other records, with this byte between them.
    References(u8),
}

/// What stands in a field, as bytes of the file, and what it is read as instead.
pub type Replaced = BTreeMap<Vec<u8>, Vec<u8>>;

/// An attribute that a file should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The attribute.
    pub attribute: String,
    /// How it is written.
    pub form: Form,
    /// Where it stands.
    pub place: Where,
    /// Whether a record needs it.
    pub needed: bool,
    /// Whether it tells who somebody is: then it is never a part of an id, which people see, but as a digest.
    pub sensitive: bool,
    /// Words of the file that are read as others.
    pub replaced: Replaced,
}

/// A column that says of a row whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub place: Where,
    /// What stands in rows that are passed over, as if they were not there.
    pub gone: Vec<Vec<u8>>,
    /// What stands in rows that count; where there is none, in all others.
    pub present: Vec<Vec<u8>>,
}

/// Where a class's attributes should stand, before a file is seen.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// What is read of a row.
    pub wanted: Vec<Wanted>,
    /// The columns that make up a record's id, in order.
    pub id: Vec<Where>,
    /// Stands before every id; often empty.
    pub id_prefix: String,
    /// Columns that are not read.
    pub ignored: Vec<Where>,
    /// The column that says which rows count.
    pub status: Option<Status>,
    /// Before the name of a column that passes through.
    pub prefix: &'static str,
    /// Whether the first line names the columns.
    pub header: bool,
    /// The names of the columns of a file without such a line; empty where they are told by position alone.
    pub names: Vec<String>,
    /// What to do where a column is missing.
    pub advice: String,
}

/// One column that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The attribute that it becomes.
    pub attribute: String,
    /// How it is written.
    pub form: Form,
    /// Its position, from 0.
    pub index: usize,
    /// What the operator calls it.
    pub name: String,
    /// Whether a record needs it.
    pub needed: bool,
    sensitive: bool,
    replaced: Replaced,
}

/// How many fields a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As many as there are names.
    Exactly(usize),
    /// Nobody said how many; these at least.
    AtLeast(usize),
}

/// A part of a record's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its position in the list of columns.
    pub column: usize,
    /// Whether a digest stands for it.
    pub veiled: bool,
}

/// The columns of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The columns that are read.
    pub list: Vec<Column>,
    /// The parts of the record's id.
    pub id: Vec<Part>,
    /// How many fields a line has.
    pub width: Width,
    /// The column that says which rows count, as its position from 0.
    pub status: Option<usize>,
}

impl Column {
    /// What a field of this column is read as.
    pub fn read_as<'f>(&'f self, field: &'f [u8]) -> &'f [u8] {
        if self.replaced.is_empty() { field } else { self.replaced.get(field).map_or(field, Vec::as_slice) }
    }
}

impl Columns {
    /// The columns of a file in which there is nothing.
    pub fn none() -> Self {
        Columns { list: Vec::new(), id: Vec::new(), width: Width::AtLeast(0), status: None }
    }

    /// Whether a line has the fields that it should have.
    pub fn fit(&self, record: &Record<'_>) -> bool {
        match self.width {
            Width::Exactly(width) => record.len() == width,
            Width::AtLeast(width) => record.len() >= width,
        }
    }
}

/// What names there are, and which columns the settings speak of that are not there.
struct Finder<'n> {
    names: Option<&'n [String]>,
    missing: Vec<String>,
    named: BTreeSet<usize>,
}

impl Finder<'_> {
    fn find(&mut self, place: &Where) -> Option<usize> {
        let found = match (place, self.names) {
            (Where::Name(name), Some(names)) => names.iter().position(|own| same(own, name)),
            (Where::Position(position), Some(names)) => {
                (*position as usize).checked_sub(1).filter(|index| *index < names.len())
            }
            (Where::Position(position), None) => (*position as usize).checked_sub(1),
            (Where::Name(_), None) => None,
        };
        self.named.extend(found.filter(|_| matches!(place, Where::Name(_))));
        if found.is_none() {
            let missing = match place {
                Where::Name(name) => name.clone(),
                Where::Position(position) => format!("number {position}"),
            };
            if !self.missing.contains(&missing) {
                self.missing.push(missing);
            }
        }
        found
    }
}

impl Mapping {
    /// The columns of a file with this header, or of one without.
    pub(crate) fn columns(&self, header: Option<&Record<'_>>, decoder: &Decoder) -> Result<Columns, Error> {
        let names = match header {
            Some(record) => Some(names(record, decoder)?),
            None => (!self.names.is_empty()).then(|| self.names.clone()),
        };
        let mut finder = Finder { names: names.as_deref(), missing: Vec::new(), named: BTreeSet::new() };
        let called =
            |index: usize| names.as_ref().map_or_else(|| format!("Column {}", index + 1), |names| names[index].clone());
        let mut list = Vec::with_capacity(self.wanted.len());
        for wanted in &self.wanted {
            let Some(index) = finder.find(&wanted.place) else { continue };
            let Wanted { attribute, form, needed, sensitive, replaced, .. } = wanted.clone();
            list.push(Column { attribute, form, index, name: called(index), needed, sensitive, replaced });
        }
        let id: Vec<usize> = self.id.iter().filter_map(|place| finder.find(place)).collect();
        let ignored: Vec<usize> = self.ignored.iter().filter_map(|place| finder.find(place)).collect();
        let status = self.status.as_ref().and_then(|status| finder.find(&status.place));
        let Finder { missing, named, .. } = finder;
        if !missing.is_empty() {
            // A word of somebody's data may by chance be the name of a column; most of the names are no chance.
            let number = |name: &String| name.bytes().filter(u8::is_ascii_digit).count() > 5;
            let known = |names: &&[String]| named.len() > missing.len() && !names.iter().any(number);
            return Err(self.incomplete(&missing, names.as_deref().filter(|names| header.is_none() || known(names))));
        }
        for (index, name) in names.iter().flatten().enumerate() {
            let read = list.iter().any(|column| column.index == index);
            let unread = (ignored.contains(&index) || status == Some(index)) && !id.contains(&index);
            if name.is_empty() || read || unread {
                continue;
            }
            let attribute = format!("{}:{}", self.prefix, name.to_lowercase());
            if list.iter().any(|column| column.attribute == attribute) {
                return Err(Error::config(format!("There is another column that is read as `{attribute}`")));
            }
            let (form, replaced) = (Form::Text, Replaced::new());
            list.push(Column { attribute, form, index, name: name.clone(), needed: false, sensitive: false, replaced });
        }
        let id = parts(&id, &mut list)?;
        let last = list.iter().map(|column| column.index + 1).chain(status.map(|index| index + 1)).max();
        let width = match names {
            Some(names) => Width::Exactly(names.len()),
            None => Width::AtLeast(last.unwrap_or(0)),
        };
        Ok(Columns { list, id, width, status })
    }

    /// The fault of a file without some of the columns. What is there is named only where it surely is a header:
    /// otherwise it may be somebody's data.
    fn incomplete(&self, missing: &[String], present: Option<&[String]>) -> Error {
        let (missing, advice) = (missing.join(", "), &self.advice);
        Error::config(match (present, self.header) {
            (Some(present), _) => {
                format!("The file has no column {missing}; it has {}. {advice}", present.join(", "))
            }
            (None, true) => format!(
                "The first line is no header with the columns {missing}; is `delimiter` right, and does the file have a `header`?"
            ),
            (None, false) => {
                format!("Without a header, a column is told by its position, and not as {missing}. {advice}")
            }
        })
    }
}

/// The parts of an id. Whatever makes one up is needed, and tells nobody who somebody is.
fn parts(id: &[usize], list: &mut [Column]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::with_capacity(id.len());
    for index in id {
        let veiled = list.iter().any(|column| column.index == *index && column.sensitive);
        let found = list.iter_mut().enumerate().find(|(_, column)| column.index == *index);
        let (column, own) = found.ok_or_else(|| {
            Error::config(format!("Column {} is a part of the id, and has no name to be read under", index + 1))
        })?;
        own.needed = true;
        parts.push(Part { column, veiled });
    }
    Ok(parts)
}

fn names(header: &Record<'_>, decoder: &Decoder) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for index in 0..header.len() {
        let name = decoder
            .text(header.field(index))
            .map_err(|wrong| Error::config(decoder.explain(wrong, &format!("The name of column {}", index + 1))))?;
        if !name.is_empty() && names.iter().any(|own| same(own, &name)) {
            return Err(Error::config(format!("Column {} has the same name as one before it", index + 1)));
        }
        names.push(name.into_owned());
    }
    Ok(names)
}

/// Whether two names of columns are one.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}
