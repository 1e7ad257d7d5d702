//! Organisations: what a unit is called, and where it stands.

use crate::fields::{Fields, Wrong};
use serde_json::Value;

/// An organisation of any kind, from the municipality to the school unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The system's own id.
    pub id: Box<str>,
    /// The code by which Skolverket knows a school unit.
    pub school_unit: Option<Box<str>>,
    /// What it is called.
    pub name: Option<Box<str>>,
    /// The id of the one above it.
    pub parent: Option<Box<str>>,
    /// The municipality's code of four digits.
    pub municipality: Option<Box<str>>,
}

impl Organisation {
    /// Reads a record whose id is known.
    pub fn read(id: Box<str>, record: &Value) -> Result<Organisation, Wrong> {
        let fields = Fields::of(record).ok_or(Wrong("id"))?;
        // Only a school unit is known by its code; what is above it may repeat the code of one below.
        let is_unit = fields.text("organisationType")?.is_none_or(|kind| &*kind == "Skolenhet");
        let is_code = |code: &str| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Organisation {
            id,
            school_unit: fields.text("schoolUnitCode")?.filter(|_| is_unit),
            name: fields.text("displayName")?,
            parent: fields.reference("parentOrganisation")?,
            municipality: fields.text("municipalityCode")?.filter(|code| is_code(code)),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_school_unit_has_the_code_of_one() {
        let read = |record: Value| Organisation::read("1".into(), &record);
        let school = json!({"displayName": "Hav", "schoolUnitCode": "12345678", "municipalityCode": "1427"});
        let read_school = read(school.clone()).unwrap();
        assert_eq!(read_school.school_unit.as_deref(), Some("12345678"));
        assert_eq!(read_school.municipality.as_deref(), Some("1427"));
        let mut above = school;
        above["organisationType"] = json!("Skola");
        above["municipalityCode"] = json!("SE");
        let read_above = read(above).unwrap();
        assert_eq!((read_above.school_unit, read_above.municipality), (None, None));
        assert_eq!(read(json!({"schoolUnitCode": 12_345_678})), Err(Wrong("schoolUnitCode")));
    }
}
