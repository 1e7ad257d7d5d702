//! Which column of a file holds which attribute.
//!
//! The dialect says it for every attribute, the operator says what is different, and the file's header says what is
//! there. What is there beyond that passes through under the plugin's own prefix.

use crate::decode::Decoder;
use crate::settings::{Column as Place, Settings};
use crate::table::Record;
use sluss_sdk::Error;

/// A class that the files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A line of the file of employments.
    Engagement,
    /// A line of the file of units.
    Unit,
}

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
}

use Form::{Day, End, Flag, Number, Protection, Text};

/// The dialect's columns in their order: the attribute, its column, its form.
const ENGAGEMENT: [(&str, &str, Form); 22] = [
    ("identity-number", "PERSONNR", Text),
    ("name-mark", "TILLTALSMARK", Text),
    ("first-names", "FORNAMN", Text),
    ("middle-name", "MELLANNAMN", Text),
    ("surname", "EFTERNAMN", Text),
    ("protected", "ANONYM", Protection),
    ("organisation", "BOLAG", Text),
    ("employment-number", "ANSTNR", Text),
    ("main", "HUVUDANST", Flag),
    ("form", "ANSTFORM", Text),
    ("title", "BEFATTNING", Text),
    ("title-code", "AID", Text),
    ("unit", "ENHETKOD", Text),
    ("unit-name", "ENHETNAMN", Text),
    ("cost-centre", "ANSVAR", Text),
    ("extent", "SYSSGRAD", Number),
    ("start", "ANSTFROM", Day),
    ("end", "ANSTTOM", End),
    ("on-leave", "VILANDE", Flag),
    ("is-manager", "CHEF", Flag),
    ("manager-number", "CHEFPERSONNR", Text),
    ("manager-employment", "CHEFANSTNR", Text),
];

const UNIT: [(&str, &str, Form); 7] = [
    ("code", "ENHETKOD", Text),
    ("name", "ENHETNAMN", Text),
    ("parent", "OVERENHET", Text),
    ("cost-centre", "ANSVAR", Text),
    ("manager-number", "CHEFPERSONNR", Text),
    ("manager-employment", "CHEFANSTNR", Text),
    ("organisation", "BOLAG", Text),
];

impl Class {
    /// The class of this name.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name {
            "engagement" => Ok(Class::Engagement),
            "unit" => Ok(Class::Unit),
            other => Err(Error::unknown_class(other)),
        }
    }

    fn dialect(self) -> &'static [(&'static str, &'static str, Form)] {
        match self {
            Class::Engagement => &ENGAGEMENT,
            Class::Unit => &UNIT,
        }
    }

    /// The attributes that make up a record's id, in order.
    pub fn id(self) -> &'static [&'static str] {
        match self {
            Class::Engagement => &["organisation", "employment-number", "start"],
            Class::Unit => &["organisation", "code"],
        }
    }

    /// The attributes without which a record cannot be used, besides those of its id.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Class::Engagement => &["identity-number"],
            Class::Unit => &[],
        }
    }

    /// The settings key that says where the attributes stand.
    fn key(self) -> &'static str {
        match self {
            Class::Engagement => "employment-columns",
            Class::Unit => "unit-columns",
        }
    }
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
}

/// Where a class's attributes should stand, before a file is seen.
#[derive(Debug, Clone)]
pub struct Mapping {
    class: Class,
    places: Vec<(&'static str, Form, Place)>,
    header: bool,
}

/// The columns of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The columns that are read.
    pub list: Vec<Column>,
    /// The columns of the record's id, as positions in the list.
    pub id: Vec<usize>,
    /// How many fields a line has; none where the file has no header to say it.
    pub width: Option<usize>,
}

impl Mapping {
    /// Settles where a class's attributes should stand.
    pub fn new(class: Class, settings: &Settings) -> Result<Self, Error> {
        let own = match class {
            Class::Engagement => &settings.employment_columns,
            Class::Unit => &settings.unit_columns,
        };
        let dialect = class.dialect();
        if let Some(odd) = own.keys().find(|key| !dialect.iter().any(|(attribute, ..)| attribute == key)) {
            let known = dialect.iter().map(|(attribute, ..)| *attribute).collect::<Vec<_>>().join(", ");
            return Err(Error::config(format!("{}: there is no attribute `{odd}`; there are {known}", class.key())));
        }
        let mut places = Vec::with_capacity(dialect.len());
        for (attribute, column, form) in dialect {
            let place = own.get(*attribute).cloned().unwrap_or_else(|| Place::Name((*column).to_owned()));
            let place = match place {
                Place::Name(name) if name.is_empty() => {
                    if class.id().contains(attribute) || class.needs().contains(attribute) {
                        let message = format!("{}: a record cannot be without `{attribute}`", class.key());
                        return Err(Error::config(message));
                    }
                    continue;
                }
                Place::Position(0) => {
                    let message = format!("{}: `{attribute}`: positions count from 1", class.key());
                    return Err(Error::config(message));
                }
                Place::Name(name) if !settings.header => Place::Position(Self::position(class, attribute, &name)?),
                place => place,
            };
            places.push((*attribute, *form, place));
        }
        Ok(Mapping { class, places, header: settings.header })
    }

    /// Where a named column stands in a file that has no header: as in the dialect.
    fn position(class: Class, attribute: &str, name: &str) -> Result<u32, Error> {
        let index = class.dialect().iter().position(|(_, column, _)| *column == name).ok_or_else(|| {
            let key = class.key();
            Error::config(format!("{key}: `{attribute}`: without a header, say the position instead of `{name}`"))
        })?;
        Ok(index as u32 + 1)
    }

    /// The columns of a file with this header, or of one without.
    pub fn columns(&self, header: Option<&Record<'_>>, decoder: &Decoder) -> Result<Columns, Error> {
        let names = match header {
            Some(record) => Some(Self::names(record, decoder)?),
            None => None,
        };
        let mut list = Vec::with_capacity(self.places.len());
        let mut missing = Vec::new();
        for (attribute, form, place) in &self.places {
            let found = match (place, &names) {
                (Place::Name(name), Some(names)) => names.iter().position(|own| own.eq_ignore_ascii_case(name)),
                (Place::Position(position), Some(names)) => Some(*position as usize - 1).filter(|i| *i < names.len()),
                (Place::Position(position), None) => Some(*position as usize - 1),
                (Place::Name(_), None) => None,
            };
            let Some(index) = found else {
                missing.push(match place {
                    Place::Name(name) => name.clone(),
                    Place::Position(position) => format!("number {position}"),
                });
                continue;
            };
            let name = names.as_ref().map_or_else(|| format!("Column {}", index + 1), |names| names[index].clone());
            let needed = self.class.id().contains(attribute) || self.class.needs().contains(attribute);
            list.push(Column { attribute: (*attribute).to_owned(), form: *form, index, name, needed });
        }
        if !missing.is_empty() {
            return Err(self.incomplete(&missing, names.as_deref().unwrap_or_default(), list.is_empty()));
        }
        for (index, name) in names.iter().flatten().enumerate() {
            if !name.is_empty() && !list.iter().any(|column| column.index == index) {
                let attribute = format!("heroma:{}", name.to_lowercase());
                list.push(Column { attribute, form: Text, index, name: name.clone(), needed: false });
            }
        }
        let place = |wanted: &&str| list.iter().position(|column| column.attribute == *wanted);
        let id = self.class.id().iter().filter_map(place).collect();
        Ok(Columns { id, width: names.map(|names| names.len()), list })
    }

    fn names(header: &Record<'_>, decoder: &Decoder) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = Vec::with_capacity(header.len());
        for index in 0..header.len() {
            let name = decoder
                .text(header.field(index))
                .map_err(|wrong| Error::config(decoder.explain(wrong, &format!("The name of column {}", index + 1))))?;
            if !name.is_empty() && names.iter().any(|own| own.eq_ignore_ascii_case(&name)) {
                return Err(Error::config(format!("Column {} has the same name as one before it", index + 1)));
            }
            names.push(name.into_owned());
        }
        Ok(names)
    }

    /// The fault of a header without some of the columns. What is there is named only where it surely is a header:
    /// otherwise it may be somebody's data.
    fn incomplete(&self, missing: &[String], present: &[String], nothing: bool) -> Error {
        let missing = missing.join(", ");
        let key = self.class.key();
        if nothing || !self.header {
            return Error::config(format!(
                "The first line names none of the columns {missing}; is `delimiter` right, and does the file have a `header`?"
            ));
        }
        Error::config(format!(
            "The file has no column {missing}; it has {}. Say in `{key}` where it stands, or \"\" if the file does not have it",
            present.join(", ")
        ))
    }
}
