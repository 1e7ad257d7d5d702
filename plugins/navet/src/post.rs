//! What the register says of one person, in its own words, whichever way it said it.
//!
//! The three formats end here. What the words mean is decided once, in `person`.

use crate::number::Number;
use crate::protection::Protection;

/// What an operator wants read, and how silence is to be understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Whether addresses are read, where nothing is protected.
    pub addresses: bool,
    /// Whether a post without a mark of protection is that of an unprotected person.
    pub silence: bool,
}

/// The register's post about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The number that the post is about.
    pub number: Number,
    /// A number that was given beside it.
    pub assigned: Option<Number>,
    /// The numbers that the post refers to: older ones, or the newer one.
    pub references: Vec<Number>,
    /// Whether it refers to something that is no number.
    pub refers_oddly: bool,
    /// Whether the person's data is protected.
    pub protection: Protection,
    /// Which of the first names is the given name.
    pub name_mark: Option<String>,
    /// All first names.
    pub first_names: Option<String>,
    /// The middle name.
    pub middle_name: Option<String>,
    /// The surname.
    pub surname: Option<String>,
    /// Why the person was deregistered.
    pub cause: Option<String>,
    /// When.
    pub deregistered: Option<String>,
    /// When the person was found dead, or died, where it is not told as a deregistration.
    pub death: Option<String>,
    /// The state of the number.
    pub status: Option<String>,
    /// The county's code.
    pub county: Option<String>,
    /// The municipality's code within the county.
    pub municipality: Option<String>,
    /// Where the person is registered; none unless it is to be read.
    pub address: Option<Address>,
}

/// Where somebody is registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// At whose.
    pub care_of: Option<String>,
    /// The line before the street.
    pub further: Option<String>,
    /// The street and the number.
    pub street: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The postal town.
    pub town: Option<String>,
}

impl Post {
    /// A post about this number that says nothing yet. One without a number of its own is about the number assigned.
    pub fn about(number: Option<Number>, assigned: Option<Number>, protection: Protection) -> Option<Post> {
        let (number, assigned) = match (number, assigned) {
            (Some(number), assigned) => (number, assigned),
            (None, assigned) => (assigned?, None),
        };
        Some(Post {
            assigned: assigned.filter(|assigned| *assigned != number),
            number,
            references: Vec::new(),
            refers_oddly: false,
            protection,
            name_mark: None,
            first_names: None,
            middle_name: None,
            surname: None,
            cause: None,
            deregistered: None,
            death: None,
            status: None,
            county: None,
            municipality: None,
            address: None,
        })
    }

    /// Notes a number that the post refers to.
    pub fn refers_to(&mut self, text: &str) {
        match Number::read(text) {
            Some(number) if number == self.number || self.references.contains(&number) => {}
            Some(number) => self.references.push(number),
            None => self.refers_oddly = true,
        }
    }

    /// Whether an address may be read.
    pub fn shows_address(&self, reading: Reading) -> bool {
        reading.addresses && self.protection == Protection::None
    }
}

/// A text without the blanks around it; none where nothing is left.
pub fn said(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
