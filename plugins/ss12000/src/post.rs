//! What says by itself that somebody is somewhere: a child's placement, and a duty of staff.

use crate::day::Period;
use crate::fields::{Fields, Wrong};
use serde_json::Value;

/// A placement in a preschool or leisure-time centre, or a duty.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The system's own id.
    pub id: Box<str>,
    /// Whose it is.
    pub person: Box<str>,
    /// The id of the organisation.
    pub unit: Box<str>,
    /// The rest, if it can be read.
    pub told: Result<Told, Wrong>,
}

/// What a placement or a duty says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When.
    pub period: Period,
    /// What kind it is.
    pub kind: Kind,
}

/// A placement or a duty.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A child's place.
    Placement {
        /// The school form.
        school_form: Option<Box<str>>,
        /// The id of the group.
        group: Option<Box<str>>,
    },
    /// What somebody of the staff does.
    Duty {
        /// As what.
        role: Option<Box<str>>,
        /// Percent of full time.
        extent: Option<f64>,
    },
}

impl Post {
    /// Reads a placement whose id is known. Without the child or the place it is none.
    pub fn placement(id: Box<str>, record: &Value) -> Result<Post, Wrong> {
        let fields = Fields::of(record).ok_or(Wrong("id"))?;
        let told = || {
            let kind = Kind::Placement { school_form: fields.text("schoolType")?, group: fields.reference("group")? };
            Ok(Told { period: fields.period()?, kind })
        };
        let (person, unit) = (fields.needed_reference("child")?, fields.needed_reference("placedAt")?);
        Ok(Post { id, person, unit, told: told() })
    }

    /// Reads a duty whose id is known. Without the person or the place it is none.
    pub fn duty(id: Box<str>, record: &Value) -> Result<Post, Wrong> {
        let fields = Fields::of(record).ok_or(Wrong("id"))?;
        let told = || {
            let kind = Kind::Duty { role: fields.text("dutyRole")?, extent: fields.real("dutyPercent")? };
            Ok(Told { period: fields.period()?, kind })
        };
        let (person, unit) = (fields.needed_reference("person")?, fields.needed_reference("dutyAt")?);
        Ok(Post { id, person, unit, told: told() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_post_is_somebodys_and_somewhere() {
        let placement =
            json!({"child": {"id": "p"}, "placedAt": {"id": "u"}, "schoolType": "FS", "startDate": "2026-08-18"});
        let read = Post::placement("1".into(), &placement).unwrap();
        assert_eq!((&*read.person, &*read.unit), ("p", "u"));
        assert_eq!(Post::duty("1".into(), &placement), Err(Wrong("person")));
        let mut duty = json!({"person": {"id": "p"}, "dutyAt": {"id": "u"}, "dutyRole": "Rektor", "dutyPercent": 75});
        let Kind::Duty { role, extent } = Post::duty("1".into(), &duty).unwrap().told.unwrap().kind else {
            panic!("a duty")
        };
        assert_eq!((role.as_deref(), extent), (Some("Rektor"), Some(75.0)));
        duty["endDate"] = json!("soon");
        assert_eq!(Post::duty("1".into(), &duty).unwrap().told, Err(Wrong("endDate")));
    }
}
