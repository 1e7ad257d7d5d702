//! From what an operator says of a file to how it is read. Every fault of the settings is found at once.

use crate::attribute::PREFIX;
use crate::settings::{Constant, Table};
use sluss_delimited::{
    DateFormat, Decoder, Form, Layout, Mapping, Replaced, Separation, Status, Wanted, Where, Writing, encode,
};
use sluss_sdk::{Cell, Date, Error, ValueKind};
use std::collections::BTreeMap;

/// What is wrong with the settings, each with the key that it stands under.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<(String, String)>,
}

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.list.push((key.into(), message.into()));
    }

    /// Nothing, or everything that is wrong as one error.
    pub fn end(self) -> Result<(), Error> {
        let Some((first, _)) = self.list.first().cloned() else { return Ok(()) };
        let told: Vec<String> = self.list.into_iter().map(|(key, message)| format!("{key}: {message}")).collect();
        Err(Error::config(told.join("; ")).attribute(first))
    }
}

/// One table on its way to a layout.
struct Sheet<'s> {
    table: &'s Table,
    /// `tables.NAME`.
    key: String,
    faults: &'s mut Faults,
    /// Whether there are attributes that the class does not have.
    strange: bool,
}

/// How a table is read; none, with faults noted, where the settings do not say it.
pub fn layout(name: &str, table: &Table, fingerprint: u64, faults: &mut Faults) -> Option<Layout> {
    let mut sheet = Sheet { table, key: format!("tables.{name}"), faults, strange: false };
    sheet.whole();
    let separation = sheet.separation();
    let decoder = sheet.decoder();
    let wanted = sheet.wanted();
    let constants = sheet.constants();
    let status = sheet.status();
    sheet.needs(&wanted, &constants);
    sheet.known();
    Some(Layout {
        separation: separation?,
        decoder: decoder?,
        mapping: Mapping {
            wanted,
            id: table.id.clone(),
            id_prefix: table.id_prefix.clone(),
            ignored: table.ignore.clone(),
            status,
            prefix: PREFIX,
            header: table.header,
            names: table.names.clone(),
            advice: format!("Correct what `tables.{name}` says of it"),
        },
        skip: table.skip_lines,
        final_newline: table.final_newline,
        constants,
        fingerprint,
    })
}

impl Sheet<'_> {
    fn fault(&mut self, key: &str, message: impl Into<String>) {
        let key = format!("{}.{key}", self.key);
        self.faults.add(key, message);
    }

    /// What has to do with more than one attribute.
    fn whole(&mut self) {
        let table = self.table;
        if table.file.is_empty() {
            self.fault("file", "name a file");
        }
        if table.header && !table.names.is_empty() {
            self.fault("names", "a file whose `header` names the columns needs none");
        }
        let known: Vec<String> = table.names.iter().map(|name| name.to_lowercase()).collect();
        for (index, name) in known.iter().enumerate() {
            if name.is_empty() || known[..index].contains(name) {
                self.fault("names", format!("name {} is empty, or the same as one before it", index + 1));
            }
        }
        if table.id.is_empty() {
            self.fault("id", "name at least one column: together they tell a row from all others");
        }
        let places = table.id.iter().map(|place| ("id", place)).chain(table.ignore.iter().map(|own| ("ignore", own)));
        for (key, place) in places.chain(table.status.iter().map(|status| ("status.column", &status.column))) {
            self.place(key, place);
        }
        if let Some(text) = table.yes.iter().find(|text| table.no.contains(text)) {
            self.fault("no", format!("`{text}` stands for yes already"));
        }
    }

    /// Whether a column can be found so.
    fn place(&mut self, key: &str, place: &Where) {
        let table = self.table;
        match place {
            Where::Position(0) => self.fault(key, "positions count from 1"),
            Where::Name(name) if name.is_empty() => self.fault(key, "name a column, or say its position"),
            Where::Name(name) if !table.header && table.names.is_empty() => {
                self.fault(key, format!("without a header, say the position instead of `{name}`, or give all `names`"));
            }
            _ => {}
        }
    }

    fn separation(&mut self) -> Option<Separation> {
        let Table { delimiter, quoting, trim, list_separator, .. } = *self.table;
        if !list_separator.is_ascii() {
            self.fault("list-separator", "one ASCII character");
        }
        match Separation::new(delimiter, quoting, trim) {
            Ok(separation) => Some(separation),
            Err(error) => {
                let message = error.message.strip_prefix("delimiter: ").unwrap_or(&error.message).to_owned();
                self.fault("delimiter", message);
                None
            }
        }
    }

    fn decoder(&mut self) -> Option<Decoder> {
        let Table { encoding, date_formats, open_end, yes, no, decimal_comma, .. } = self.table;
        let (encoding, decimal_comma) = (*encoding, *decimal_comma);
        match Decoder::new(Writing { encoding, date_formats, open_end, yes, no, decimal_comma }) {
            Ok(decoder) => Some(decoder),
            Err(error) => {
                self.faults.add(self.key.clone(), error.message);
                None
            }
        }
    }

    /// Words of the settings as the file writes them.
    fn words(&mut self, key: &str, words: &[String]) -> Vec<Vec<u8>> {
        words.iter().filter_map(|word| self.word(key, word)).collect()
    }

    fn word(&mut self, key: &str, word: &str) -> Option<Vec<u8>> {
        match encode(self.table.encoding, word) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.fault(key, error.message);
                None
            }
        }
    }

    fn wanted(&mut self) -> Vec<Wanted> {
        let table = self.table;
        let separator = u8::try_from(table.list_separator).unwrap_or(b' ');
        let mut wanted = Vec::with_capacity(table.columns.len());
        for (attribute, place) in &table.columns {
            let key = format!("columns.{attribute}");
            self.place(&key, place);
            let Some(known) = table.class.attribute(attribute, separator) else {
                self.unknown(&key);
                continue;
            };
            let replaced = self.replaced(attribute);
            let (attribute, place) = (attribute.clone(), place.clone());
            let (form, sensitive) = (known.form, known.sensitive);
            // Where there are several ways to say whom a record is about, each may be empty.
            let ways = table.class.needs();
            let own = ways.iter().filter(|way| table.columns.contains_key(**way)).count();
            let needed = own == 1 && ways.contains(&attribute.as_str());
            wanted.push(Wanted { attribute, form, place, needed, sensitive, replaced });
        }
        for attribute in table.values.keys().filter(|attribute| !table.columns.contains_key(*attribute)) {
            self.fault(&format!("values.{attribute}"), "`columns` does not say where this attribute stands");
        }
        // Without names, nothing is read but what is told by position: the parts of the id are as well.
        if !table.header && table.names.is_empty() {
            for place in &table.id {
                if let Where::Position(position) = place
                    && !wanted.iter().any(|own| own.place == *place)
                {
                    let (attribute, place, replaced) = (format!("{PREFIX}:{position}"), place.clone(), Replaced::new());
                    let (form, needed, sensitive) = (Form::Text, true, false);
                    wanted.push(Wanted { attribute, form, place, needed, sensitive, replaced });
                }
            }
        }
        wanted
    }

    fn unknown(&mut self, key: &str) {
        self.fault(key, "the class has no such attribute");
        self.strange = true;
    }

    /// What a class has, once for all attributes that it does not have.
    fn known(&mut self) {
        if self.strange {
            let class = self.table.class.info();
            let known: Vec<&str> = class.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            let known = known.join(", ");
            self.fault("class", format!("`{}` has {known}, and whatever begins with `{PREFIX}:`", class.name));
        }
    }

    fn replaced(&mut self, attribute: &str) -> Replaced {
        let key = format!("values.{attribute}");
        let mut replaced = BTreeMap::new();
        for (from, to) in self.table.values.get(attribute).into_iter().flatten() {
            if let (Some(from), Some(to)) = (self.word(&key, from), self.word(&key, to)) {
                replaced.insert(from, to);
            }
        }
        replaced
    }

    /// What every row says.
    fn constants(&mut self) -> Vec<(String, Cell)> {
        let table = self.table;
        let mut constants = Vec::with_capacity(table.constants.len() + 1);
        for (attribute, constant) in &table.constants {
            let key = format!("constants.{attribute}");
            let Some(known) = table.class.attribute(attribute, b' ') else {
                self.unknown(&key);
                continue;
            };
            if table.columns.contains_key(attribute) {
                self.fault(&key, "`columns` says where this attribute stands already");
            } else if known.sensitive {
                self.fault(&key, "it tells one person from another, so it cannot be the same in every row");
            } else {
                match cell(known.kind, constant) {
                    Ok(cell) => constants.push((attribute.clone(), cell)),
                    Err(message) => self.fault(&key, message),
                }
            }
        }
        constants
    }

    fn status(&mut self) -> Option<Status> {
        let status = self.table.status.as_ref()?;
        if let Some(word) = status.gone.iter().find(|word| status.present.contains(word)) {
            self.fault("status.present", format!("`{word}` is one of `gone` already"));
        }
        let gone = self.words("status.gone", &status.gone);
        let present = self.words("status.present", &status.present);
        Some(Status { place: status.column.clone(), gone, present })
    }

    /// Whether there is something without which no record can be used.
    fn needs(&mut self, wanted: &[Wanted], constants: &[(String, Cell)]) {
        let needs = self.table.class.needs();
        let given = |needed: &&str| {
            let column = wanted.iter().any(|own| own.attribute == **needed);
            column || constants.iter().any(|own| own.0 == **needed) || self.table.constants.contains_key(*needed)
        };
        if !needs.iter().any(given) {
            let names = needs.iter().map(|needed| format!("`{needed}`")).collect::<Vec<_>>().join(" or ");
            self.fault("columns", format!("say where {names} stands: a record cannot be without it"));
        }
    }
}

/// The attribute that says whether a person is protected.
pub const PROTECTED: &str = "protected";

/// A constant as a value of this kind, or what it should be.
fn cell(kind: ValueKind, constant: &Constant) -> Result<Cell, &'static str> {
    match (kind, constant) {
        (ValueKind::Text, Constant::Text(text)) if !text.is_empty() => Ok(Cell::from(text.as_str())),
        (ValueKind::Text, _) => Err("a text, in quotes"),
        (ValueKind::Boolean, Constant::Flag(flag)) => Ok(Cell::from(*flag)),
        (ValueKind::Boolean, _) => Err("true or false, without quotes"),
        (ValueKind::Real, Constant::Number(number)) => Ok(Cell::from(*number)),
        (ValueKind::Real, _) => Err("a number, without quotes"),
        (ValueKind::Date, Constant::Text(text)) => date(text).map(Cell::from).ok_or("a day such as 2024-01-31"),
        (ValueKind::Date, _) => Err("a day such as 2024-01-31"),
        _ => Err("it holds ids of other records, which no constant can"),
    }
}

fn date(text: &str) -> Option<Date> {
    let format = DateFormat::new("YYYY-MM-DD").ok()?;
    format.parse(text.as_bytes())
}
