//! Persons: pupils, children, guardians and staff alike.
//!
//! Who a person is and where the person is enrolled are read apart: a name that cannot be read says nothing against an
//! enrolment.

use crate::day::Period;
use crate::fields::{Fields, Wrong};
use crate::protection::Protection;
use serde_json::Value;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The system's own id.
    pub id: Box<str>,
    /// Who it is, if that can be read.
    pub identity: Result<Identity, Wrong>,
    /// Where the person is enrolled, in the order that the system gives.
    pub enrolments: Vec<Enrolment>,
    /// Why it is not known where the person is enrolled: the list, or the school of an enrolment, cannot be read.
    pub unclear: Option<Wrong>,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number, as it is written.
    pub number: Option<Box<str>>,
    /// The first names.
    pub first_names: Option<Box<str>>,
    /// The middle name.
    pub middle_name: Option<Box<str>>,
    /// The surname.
    pub surname: Option<Box<str>>,
    /// Whether the person's data is protected.
    pub protection: Protection,
    /// How the person left the population register, as the system writes it.
    pub status: Option<Box<str>>,
    /// The address that the school gave, or else another.
    pub email: Option<Box<str>>,
    /// A telephone number.
    pub telephone: Option<Box<str>>,
    /// By what names other systems know the person (eduPersonPrincipalNames).
    pub principal_names: Vec<Box<str>>,
    /// The ids of the guardians.
    pub guardians: Vec<Box<str>>,
}

/// An enrolment at a school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The id of the organisation.
    pub unit: Box<str>,
    /// The rest, if it can be read.
    pub told: Result<Told, Wrong>,
}

/// What an enrolment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The school form.
    pub school_form: Option<Box<str>>,
    /// The school year.
    pub year: Option<Box<str>>,
    /// When.
    pub period: Period,
    /// Whether it never came to be.
    pub is_cancelled: bool,
}

impl Person {
    /// Reads a record whose id is known.
    pub fn read(id: Box<str>, record: &Value) -> Person {
        let Some(fields) = Fields::of(record) else {
            return Person { id, identity: Err(Wrong("id")), enrolments: Vec::new(), unclear: Some(Wrong("id")) };
        };
        let mut enrolments = Vec::new();
        let mut unclear = None;
        match fields.list("enrolments") {
            Err(wrong) => unclear = Some(wrong),
            Ok(list) => {
                for fields in list {
                    match fields.needed_reference("enroledAt") {
                        Ok(unit) => enrolments.push(Enrolment { unit, told: told(fields) }),
                        Err(wrong) => unclear = Some(wrong),
                    }
                }
            }
        }
        Person { id, identity: identity(fields, record.get("securityMarking")), enrolments, unclear }
    }

    /// Whether the person goes, or may go, to a school.
    pub fn is_enrolled(&self) -> bool {
        let counts = |enrolment: &Enrolment| enrolment.told.as_ref().map_or(true, |told| !told.is_cancelled);
        self.unclear.is_some() || self.enrolments.iter().any(counts)
    }

    /// The person's number, if it can be read.
    pub fn number(&self) -> Option<&str> {
        self.identity.as_ref().ok()?.number.as_deref()
    }
}

fn identity(fields: Fields<'_>, mark: Option<&Value>) -> Result<Identity, Wrong> {
    let number = match fields.object("civicNo")? {
        Some(civic) => civic.text("value")?,
        None => None,
    };
    let mut guardians = Vec::new();
    for responsible in fields.list("responsibles")? {
        let guardian = responsible.needed_reference("person")?;
        if responsible.text("relationType")?.is_none_or(|kind| is_guardian(&kind)) && !guardians.contains(&guardian) {
            guardians.push(guardian);
        }
    }
    Ok(Identity {
        number,
        first_names: fields.text("givenName")?,
        middle_name: fields.text("middleName")?,
        surname: fields.text("familyName")?,
        protection: Protection::of(mark),
        status: fields.text("personStatus")?,
        email: email(&fields.list("emails")?)?,
        telephone: fields
            .list("phoneNumbers")?
            .into_iter()
            .find_map(|own| own.text("value").transpose())
            .transpose()?,
        principal_names: fields.texts("eduPersonPrincipalNames")?,
        guardians,
    })
}

/// Whether somebody with this relation has custody, be it as a parent or appointed. Others may be responsible as well.
fn is_guardian(kind: &str) -> bool {
    kind.to_lowercase().contains("vårdnadshavare")
}

/// The address that the school gave, before all others.
fn email(list: &[Fields<'_>]) -> Result<Option<Box<str>>, Wrong> {
    let mut best: Option<(u8, Box<str>)> = None;
    for own in list {
        let rank = match own.text("type")?.as_deref() {
            Some("Skola elev") => 0,
            Some("Skola personal") => 1,
            Some("Arbete övrigt") => 2,
            _ => 3,
        };
        if let Some(address) = own.text("value")?.filter(|_| best.as_ref().is_none_or(|(own, _)| rank < *own)) {
            best = Some((rank, address));
        }
    }
    Ok(best.map(|(_, address)| address))
}

fn told(fields: Fields<'_>) -> Result<Told, Wrong> {
    Ok(Told {
        school_form: fields.text("schoolType")?,
        year: fields.text_or_number("schoolYear")?,
        period: fields.period()?,
        is_cancelled: fields.flag("cancelled")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn read(record: Value) -> Person {
        Person::read("p".into(), &record)
    }

    #[test]
    fn a_number_is_kept_as_it_is() {
        for number in ["20130101TF01", "200112240123", "201501012395", "20150101-2395"] {
            let person = read(json!({"civicNo": {"value": format!(" {number} "), "nationality": "SE"}}));
            assert_eq!(person.number(), Some(number));
        }
        assert_eq!(read(json!({})).number(), None);
        assert_eq!(read(json!({"civicNo": {"value": 201_501_012_395_i64}})).identity, Err(Wrong("value")));
        assert_eq!(read(json!({"civicNo": "201501012395"})).identity, Err(Wrong("civicNo")));
    }

    #[test]
    fn an_enrolment_that_cannot_be_read_is_not_one_that_is_not_there() {
        let person = read(json!({"givenName": 7, "enrolments": [
            {"enroledAt": {"id": "a"}, "schoolType": "GR", "schoolYear": 4, "cancelled": false},
            {"enroledAt": {"id": "b"}, "cancelled": "false"},
            {"enroledAt": {}, "cancelled": true},
        ]}));
        assert_eq!(person.identity, Err(Wrong("givenName")));
        assert_eq!(person.enrolments.len(), 2);
        assert_eq!(person.enrolments[0].told.as_ref().unwrap().year.as_deref(), Some("4"));
        assert_eq!((&person.enrolments[1].told, person.unclear), (&Err(Wrong("cancelled")), Some(Wrong("enroledAt"))));
        assert!(read(json!({"enrolments": {}})).is_enrolled());
        assert!(!read(json!({"enrolments": [{"enroledAt": {"id": "a"}, "cancelled": true}]})).is_enrolled());
    }

    #[test]
    fn the_schools_own_address_goes_first() {
        let person = read(json!({"emails": [
            {"value": "privat@example.org", "type": "Privat"}, {"value": "", "type": "Skola elev"},
            {"value": "elev@example.org", "type": "Skola elev"},
        ], "phoneNumbers": [{"type": "Hem"}, {"value": "0700000000"}]}));
        let identity = person.identity.unwrap();
        assert_eq!(identity.email.as_deref(), Some("elev@example.org"));
        assert_eq!(identity.telephone.as_deref(), Some("0700000000"));
    }

    #[test]
    fn guardians_are_those_with_custody() {
        let person = read(json!({"responsibles": [
            {"person": {"id": "m"}, "relationType": "Vårdnadshavare"}, {"person": {"id": "m"}},
            {"person": {"id": "f"}, "relationType": "Annan ansvarig"},
        ]}));
        assert_eq!(person.identity.unwrap().guardians, ["m".into()]);
    }
}
