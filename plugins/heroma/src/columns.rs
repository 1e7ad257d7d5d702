//! The dialect `heroma-anst-v1`: which column of Heroma's files holds which attribute, unless the operator says
//! otherwise.

use crate::settings::Settings;
use sluss_delimited::Form::{self, Day, End, Flag, Number, Protection, Text};
use sluss_delimited::{Mapping, Wanted, Where};
use sluss_sdk::Error;
use std::collections::BTreeMap;

/// A class that the files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A line of the file of employments.
    Engagement,
    /// A line of the file of units.
    Unit,
}

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

/// What tells who somebody is.
const SENSITIVE: [&str; 2] = ["identity-number", "manager-number"];

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
    fn id(self) -> &'static [&'static str] {
        match self {
            Class::Engagement => &["organisation", "employment-number", "start"],
            Class::Unit => &["organisation", "code"],
        }
    }

    /// Whether a record cannot be used without an attribute.
    fn needs(self, attribute: &str) -> bool {
        self.id().contains(&attribute) || (self == Class::Engagement && attribute == "identity-number")
    }

    /// The settings key that says where the attributes stand.
    fn key(self) -> &'static str {
        match self {
            Class::Engagement => "employment-columns",
            Class::Unit => "unit-columns",
        }
    }

    /// Where the attributes stand, by the dialect and by what the operator says.
    pub fn mapping(self, settings: &Settings) -> Result<Mapping, Error> {
        let (own, key) = match self {
            Class::Engagement => (&settings.employment_columns, self.key()),
            Class::Unit => (&settings.unit_columns, self.key()),
        };
        let dialect = self.dialect();
        if let Some(odd) = own.keys().find(|key| !dialect.iter().any(|(attribute, ..)| attribute == key)) {
            let known = dialect.iter().map(|(attribute, ..)| *attribute).collect::<Vec<_>>().join(", ");
            return Err(Error::config(format!("{key}: there is no attribute `{odd}`; there are {known}")));
        }
        let mut wanted = Vec::with_capacity(dialect.len());
        for (attribute, column, form) in dialect {
            let needed = self.needs(attribute);
            let place = match own.get(*attribute).cloned().unwrap_or_else(|| Where::Name((*column).to_owned())) {
                Where::Name(name) if name.is_empty() && needed => {
                    return Err(Error::config(format!("{key}: a record cannot be without `{attribute}`")));
                }
                Where::Name(name) if name.is_empty() => continue,
                Where::Position(0) => {
                    return Err(Error::config(format!("{key}: `{attribute}`: positions count from 1")));
                }
                Where::Name(name) if !settings.header => Where::Position(self.position(attribute, &name)?),
                place => place,
            };
            wanted.push(Wanted {
                attribute: (*attribute).to_owned(),
                form: *form,
                place,
                needed,
                sensitive: SENSITIVE.contains(attribute),
                replaced: BTreeMap::new(),
            });
        }
        let place = |part: &&str| wanted.iter().find(|wanted| wanted.attribute == *part).map(|own| own.place.clone());
        Ok(Mapping {
            id: self.id().iter().filter_map(place).collect(),
            wanted,
            id_prefix: String::new(),
            ignored: Vec::new(),
            status: None,
            prefix: "heroma",
            header: settings.header,
            names: Vec::new(),
            advice: format!("Say in `{key}` where it stands, or \"\" if the file does not have it"),
        })
    }

    /// Where a named column stands in a file that has no header: as in the dialect.
    fn position(self, attribute: &str, name: &str) -> Result<u32, Error> {
        let index = self.dialect().iter().position(|(_, column, _)| *column == name).ok_or_else(|| {
            let key = self.key();
            Error::config(format!("{key}: `{attribute}`: without a header, say the position instead of `{name}`"))
        })?;
        Ok(index as u32 + 1)
    }
}
