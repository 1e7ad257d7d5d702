//! Groups: classes, teaching groups, departments of a preschool.

use crate::day::Period;
use crate::fields::{Fields, Wrong};
use serde_json::Value;

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The system's own id.
    pub id: Box<str>,
    /// What it is called.
    pub name: Option<Box<str>>,
    /// What it is, in the published vocabulary.
    pub kind: &'static str,
    /// The school form.
    pub school_form: Option<Box<str>>,
    /// The id of the organisation that it belongs to.
    pub unit: Box<str>,
    /// When there is such a group.
    pub period: Period,
    /// Who belongs to it.
    pub members: Vec<Member>,
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person's id.
    pub person: Box<str>,
    /// When, if that can be read.
    pub period: Result<Period, Wrong>,
}

/// The word for a class of pupils.
pub const CLASS: &str = "class";

/// What a group is, in one word.
fn kind(text: &str) -> &'static str {
    match text {
        "Klass" => CLASS,
        "Undervisning" => "teaching",
        "Mentor" => "mentor",
        "Provgrupp" => "test",
        "Schema" => "schedule",
        "Avdelning" => "department",
        "Personalgrupp" => "staff",
        _ => "other",
    }
}

impl Group {
    /// Reads a record whose id is known.
    pub fn read(id: Box<str>, record: &Value) -> Result<Group, Wrong> {
        let fields = Fields::of(record).ok_or(Wrong("id"))?;
        let member = |fields: Fields<'_>| -> Result<Member, Wrong> {
            Ok(Member { person: fields.needed_reference("person")?, period: fields.period() })
        };
        Ok(Group {
            id,
            name: fields.text("displayName")?,
            kind: kind(&fields.needed("groupType")?),
            school_form: fields.text("schoolType")?,
            unit: fields.needed_reference("organisation")?,
            period: fields.period()?,
            members: fields.list("groupMemberships")?.into_iter().map(member).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a record that could not be read is, or may be, one that pupils' engagements or the names in them come from.
    pub fn may_matter(record: &Value) -> bool {
        let kind = Fields::of(record).and_then(|fields| fields.needed("groupType").ok()).map(|text| kind(&text));
        kind.is_none_or(|kind| matches!(kind, CLASS | "department"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_membership_whose_days_cannot_be_read_stays_a_membership() {
        let record = json!({
            "groupType": "Klass", "organisation": {"id": "u"},
            "groupMemberships": [{"person": {"id": "p"}, "endDate": 20_260_611}, {"person": {"id": "q"}}],
        });
        let group = Group::read("g".into(), &record).unwrap();
        assert_eq!(group.members[0].period, Err(Wrong("endDate")));
        assert_eq!((group.members[1].period, group.kind), (Ok(Period::default()), CLASS));
    }

    #[test]
    fn one_that_cannot_be_read_matters_unless_it_plainly_does_not() {
        for (kind, matters) in
            [(json!("Klass"), true), (json!("Avdelning"), true), (json!(7), true), (json!("Mentor"), false)]
        {
            let record = json!({"groupType": kind, "organisation": "u"});
            assert!(Group::read("g".into(), &record).is_err());
            assert_eq!(Group::may_matter(&record), matters, "{kind}");
        }
    }
}
