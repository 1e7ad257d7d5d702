//! Everything of one unit, as `extReadBatch` answers it, and what changed, as `extReadUpdatedMemberships` does.
//!
//! The answers are read record by record; namespaces and their prefixes differ, so names are local ones.

use crate::soap::{Trouble, fault, status};
use sluss_roster::{Role, Span, day, words};
use sluss_xml::{Broken, Element, Halt, Record, Records};
use std::hash::{DefaultHasher, Hash, Hasher};

const RECORDS: &[&str] = &["MembershipDType", "GroupDType", "PersonIdPairDType", "statusInfo", "Fault"];

/// Somebody, or a group, belongs to a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The id of the group.
    pub group: String,
    /// The id of the person or group.
    pub member: String,
    /// Whether it is a group.
    pub is_group: bool,
    /// What a person does there, and from when to when: none where the role is unknown.
    pub roles: Vec<(Option<Role>, Span, Option<String>)>,
}

/// A group, by the fields of its extension in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The identity number, which is the id too.
    pub id: String,
    /// The first name.
    pub first_names: Option<String>,
    /// The surname.
    pub surname: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The first telephone number.
    pub telephone: Option<String>,
    /// Street, postal code, town.
    pub address: [Option<String>; 3],
    /// Whether the person is a pupil here.
    pub is_pupil: bool,
    /// The guardians' numbers.
    pub guardians: Vec<String>,
}

/// Everything of one unit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Who and what belongs to which group.
    pub members: Vec<Member>,
    /// The groups.
    pub groups: Vec<Fields>,
    /// The persons.
    pub persons: Vec<Person>,
    /// How many records there are of which nobody knows what they are.
    pub nameless: usize,
    /// The same for the same memberships of the same unit.
    pub fingerprint: u64,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updates {
    /// Memberships that are new, changed or over: who, and where.
    pub touched: Vec<(String, String)>,
}

impl Fields {
    /// The value of a field, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn of(extension: Option<&Element>) -> Fields {
        let fields = extension.map(|extension| extension.children.as_slice()).unwrap_or_default();
        let field = |field: &Element| {
            Some((field.said(&["fieldName"])?.to_lowercase(), field.said(&["fieldValue"])?.to_owned()))
        };
        Fields(fields.iter().filter_map(field).collect())
    }
}

/// Reads the answer to a question about a unit.
pub fn read(bytes: &[u8]) -> Result<Batch, Trouble> {
    let mut batch = Batch::default();
    let mut hasher = DefaultHasher::new();
    records(bytes, "extReadBatchResult", |record| {
        match record.element.name.as_str() {
            "MembershipDType" => match member(&record.element) {
                Some(member) => {
                    (&member.group, &member.member).hash(&mut hasher);
                    batch.members.push(member);
                }
                None => batch.nameless += 1,
            },
            "GroupDType" => batch.groups.push(group(&record.element)),
            _ => match person(&record.element) {
                Some(person) => batch.persons.push(person),
                None => batch.nameless += 1,
            },
        }
        Ok(())
    })?;
    batch.fingerprint = hasher.finish();
    Ok(batch)
}

/// Reads the answer to a question about what changed.
pub fn read_updates(bytes: &[u8]) -> Result<Updates, Trouble> {
    let mut updates = Updates::default();
    records(bytes, "extReadUpdatedMembershipsResult", |record| {
        if !matches!(record.within.as_str(), "ChangedMemberships" | "StartedMemberships" | "EndedMemberships") {
            return Err(Broken::Kind.into());
        }
        let member = member(&record.element).ok_or(Broken::Kind)?;
        if !member.is_group {
            updates.touched.push((member.member, member.group));
        }
        Ok(())
    })?;
    Ok(updates)
}

/// Goes through the records of an answer that says success, whose result is called so.
fn records(
    bytes: &[u8],
    result: &'static str,
    mut take: impl FnMut(Record) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut records = Records::new(bytes, RECORDS);
    let mut is_answer = false;
    while let Some(record) = records.next_record().map_err(Halt::broken)? {
        match record.element.name.as_str() {
            "Fault" => return Err(fault(&record.element)),
            "statusInfo" => {
                status(&record.element)?;
                is_answer |= records.path().iter().any(|name| name == result);
            }
            _ => take(record)?,
        }
    }
    if is_answer { Ok(()) } else { Err(Broken::Kind.into()) }
}

fn member(element: &Element) -> Option<Member> {
    let group = element.said(&["groupSourcedId", "identifier"])?.to_owned();
    let own = element.child("member")?;
    let member = own.said(&["memberSourcedId", "identifier"])?.to_owned();
    let is_group = words::is_group(own.said(&["idType"])?)?;
    let roles = own.all("role").map(|role| {
        let limit = |name: &str| role.said(&["timeFrame", name, "date"]).map(day);
        // A day that cannot be read is not an open end: then the membership has no first day either, and is a fault.
        let span = match (limit("begin"), limit("end")) {
            (Some(Some(start)), None) => Span { start: Some(start), end: None },
            (Some(Some(start)), Some(Some(end))) => Span { start: Some(start), end: Some(end) },
            _ => Span::default(),
        };
        (role.said(&["roleType"]).and_then(words::role), span, role.said(&["subRole"]).map(str::to_owned))
    });
    Some(Member { group, member, is_group, roles: roles.collect() })
}

fn group(element: &Element) -> Fields {
    let mut fields = Fields::of(element.child("extension"));
    // The name that it has without any extension.
    if let Some(name) = element.said(&["description", "descShort"]) {
        fields.0.push(("descshort".to_owned(), name.to_owned()));
    }
    fields
}

fn person(element: &Element) -> Option<Person> {
    let id = element.said(&["sourcedId", "identifier"])?.to_owned();
    let own = element.child("person")?;
    let part = |wanted: &str| {
        let mut parts = own.child("name")?.all("partName");
        let part =
            parts.find(|part| part.said(&["namePartType"]).is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)));
        part?.said(&["namePartValue"]).map(str::to_owned)
    };
    let said = |path: &[&str]| own.said(path).map(str::to_owned);
    let fields = Fields::of(own.child("extension"));
    let guardians = ["careholderone", "careholdertwo"].iter().filter_map(|name| fields.get(name));
    let is_pupil = |role: &Element| role.said(&["institutionRoleType"]).and_then(words::role) == Some(Role::Pupil);
    Some(Person {
        id,
        first_names: part("FirstName"),
        surname: part("LastName"),
        email: said(&["email"]),
        telephone: own.all("tel").find_map(|tel| tel.said(&["telValue"])).map(str::to_owned),
        address: [said(&["address", "street"]), said(&["address", "postcode"]), said(&["address", "locality"])],
        is_pupil: own.all("institutionRole").any(is_pupil),
        guardians: guardians.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
