//! The export: an `enterprise` without a namespace, much as IMS Enterprise 1.1 has it, read record by record.

use sluss_roster::Role;
use sluss_roster::words::{self, State};
use sluss_xml::{Broken, Element, Halt, Record, Records};
use std::io::Read;

const RECORDS: &[&str] = &["person", "group", "membership"];

/// A record of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A person: a pupil, somebody of the staff, a guardian.
    Person(Box<Person>),
    /// A group.
    Group(Box<Group>),
    /// Who is in a group.
    Membership(Membership),
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The id; none of a record that has none.
    pub id: Option<String>,
    /// What the record says of itself.
    pub state: Option<State>,
    /// The identity number.
    pub number: Option<String>,
    /// The first names.
    pub first_names: Option<String>,
    /// The surname.
    pub surname: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// A telephone number, that of a mobile one first.
    pub telephone: Option<String>,
    /// Street, postal code, town.
    pub address: [Option<String>; 3],
    /// Whether the person is a pupil.
    pub is_pupil: bool,
    /// The school years, each with its unit.
    pub years: Vec<(String, String)>,
    /// The ids of the children whose guardian the person is.
    pub children: Vec<String>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The id; none of a record that has none.
    pub id: Option<String>,
    /// What the record says of itself.
    pub state: Option<State>,
    /// What it is for, in the export's words.
    pub kind: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The school form.
    pub form: Option<String>,
    /// The code of the unit.
    pub institution: Option<String>,
    /// The name of the unit.
    pub school_unit: Option<String>,
    /// The national code of the unit.
    pub school_unit_code: Option<String>,
    /// The id of the group above it.
    pub parent: Option<String>,
}

/// Who is in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// The id of the group; none of a record that has none.
    pub group: Option<String>,
    /// Who and what is in it.
    pub members: Vec<Member>,
}

/// One who is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id; none of one that has none.
    pub id: Option<String>,
    /// Whether it is a group; none where nobody knows.
    pub is_group: Option<bool>,
    /// What it is there as.
    pub roles: Vec<As>,
}

/// What a member is there as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct As {
    /// What the record says of itself; a role that is not active is gone.
    pub state: State,
    /// The role; none where nobody knows.
    pub role: Option<Role>,
    /// The role in words.
    pub title: Option<String>,
}

/// Reads an export to its end.
pub fn read(source: impl Read, mut take: impl FnMut(Item)) -> Result<(), Halt> {
    let mut records = Records::new(source, RECORDS);
    while let Some(Record { within, element }) = records.next_record()? {
        if within != "enterprise" || records.path().len() != 1 {
            return Err(Broken::Kind.into());
        }
        take(match element.name.as_str() {
            "person" => Item::Person(Box::new(person(&element))),
            "group" => Item::Group(Box::new(group(&element))),
            _ => Item::Membership(membership(&element)),
        });
    }
    if records.outermost() == Some("enterprise") { Ok(()) } else { Err(Broken::Kind.into()) }
}

fn own(element: &Element, path: &[&str]) -> Option<String> {
    element.said(path).map(str::to_owned)
}

fn id(element: &Element) -> Option<String> {
    own(element, &["sourcedid", "id"])
}

fn state(element: &Element) -> State {
    words::state(element.attribute("recstatus"))
}

fn person(element: &Element) -> Person {
    let extension = element.child("extension");
    let more = |path: &[&str]| extension.and_then(|extension| own(extension, path));
    let all = |parent: &'static str, name: &'static str| {
        extension.and_then(|own| own.child(parent)).into_iter().flat_map(move |own| own.all(name))
    };
    let telephone = |is_mobile: bool| {
        let mut numbers = element.all("tel").filter(|tel| is_mobile == (tel.attribute("teltype") == Some("mobile")));
        numbers.find_map(|tel| own(tel, &[]))
    };
    let carers = extension.into_iter().flat_map(|own| own.all("carerrelationship"));
    let carers = carers.filter(|carer| state(carer) != State::Gone).flat_map(|carer| carer.all("sourcedid"));
    let is_pupil = |role: &Element| role.attribute("roletype").and_then(words::role) == Some(Role::Pupil);
    Person {
        id: id(element),
        state: Some(state(element)),
        number: more(&["ssn"]),
        first_names: own(element, &["name", "n", "given"]),
        surname: own(element, &["name", "n", "family"]),
        email: own(element, &["email"]),
        telephone: telephone(true).or_else(|| telephone(false)),
        address: [
            own(element, &["adr", "street"]),
            own(element, &["adr", "pcode"]),
            own(element, &["adr", "locality"]),
        ],
        is_pupil: element.all("institutionrole").any(is_pupil),
        years: all("yeargroups", "yeargroup")
            .filter_map(|year| Some((year.attribute("unit")?.to_owned(), own(year, &[])?)))
            .collect(),
        children: carers.filter_map(|child| own(child, &["id"])).collect(),
    }
}

fn group(element: &Element) -> Group {
    let extension = element.child("extension");
    let more = |name: &str| extension.and_then(|extension| own(extension, &[name]));
    let is_parent = |relation: &&Element| {
        relation.attribute("relation") == Some("1")
            || relation.said(&["label"]).is_some_and(|label| label.eq_ignore_ascii_case("parent"))
    };
    Group {
        id: id(element),
        state: Some(state(element)),
        kind: own(element, &["grouptype", "typevalue"]),
        name: more("groupname").or_else(|| own(element, &["description", "short"])),
        form: own(element, &["org", "type"]),
        institution: more("institution"),
        school_unit: more("schoolunit"),
        school_unit_code: more("schoolunitcode"),
        parent: element.all("relationship").find(is_parent).and_then(id),
    }
}

fn membership(element: &Element) -> Membership {
    let member = |member: &Element| Member {
        id: id(member),
        is_group: member.said(&["idtype"]).map_or(Some(false), words::is_group),
        roles: member.all("role").map(role).collect(),
    };
    Membership { group: id(element), members: element.all("member").map(member).collect() }
}

fn role(element: &Element) -> As {
    let is_active = element.said(&["status"]) != Some("0");
    let state = if is_active { state(element) } else { State::Gone };
    let role = element.attribute("roletype").and_then(words::role);
    As { state, role, title: own(element, &["subrole"]) }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
