//! From a unit's answer to the roster: what each group is, and to which unit it leads.
//!
//! A group is a member of the one above it. Nothing says that the one above is told of, or that the way up ends: what leads
//! nowhere belongs to the unit that was asked about.

use crate::batch::{Batch, Fields};
use sluss_roster::{Group, GroupKind, Guardian, Membership, Person, Role, Roster, Span, Unit};
use sluss_sdk::Error;
use std::collections::{HashMap, HashSet};

/// What units say beyond the vocabulary.
pub const MORE: &[&str] = &["procapita:manager-area", "procapita:manager-area-code", "procapita:school-unit-code"];

/// The unit that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id in the list of units.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The groups of an answer, and what stands above them.
struct Tree<'b> {
    groups: HashMap<&'b str, &'b Fields>,
    above: HashMap<&'b str, &'b str>,
    /// The id of the unit that was asked about.
    root: &'b str,
}

/// What is found on the way up from a group.
#[derive(Default)]
struct Way<'b> {
    unit: Option<&'b str>,
    form: Option<&'b str>,
}

/// Adds everything of a unit to the roster.
pub fn merge(batch: &Batch, asked: &Asked, roster: &mut Roster) {
    let tree = Tree::of(batch, asked);
    roster.unit(Unit { id: tree.root.to_owned(), name: Some(asked.name.clone()), ..Unit::default() });
    for (id, fields) in batch.groups.iter().filter_map(|fields| Some((fields.get("identifier")?, fields))) {
        tree.group(id, fields, roster);
    }
    for person in &batch.persons {
        let [street, postal_code, town] = person.address.clone();
        roster.person(Person {
            id: person.id.clone(),
            number: Some(person.id.clone()),
            first_names: person.first_names.clone(),
            surname: person.surname.clone(),
            email: person.email.clone(),
            telephone: person.telephone.clone(),
            address: [None, street, postal_code, town],
            is_pupil: person.is_pupil,
        });
        person.guardians.iter().for_each(|number| roster.guardian(Guardian { number, child: &person.id }));
    }
    for member in batch.members.iter().filter(|member| !member.is_group) {
        let place = tree.place(&member.group);
        let person = member.member.as_str();
        let of = |role, span, title| Membership { person, place, role, span, form: None, year: None, title };
        if member.roles.is_empty() {
            roster.misjoin(of(Role::Member, Span::default(), None), Error::invalid("The membership has no role"));
        }
        for (role, span, title) in &member.roles {
            match role {
                Some(role) => roster.join(of(*role, *span, title.as_deref())),
                None => {
                    let reason = Error::invalid("The membership has a role that nobody knows");
                    roster.misjoin(of(Role::Member, *span, None), reason);
                }
            }
        }
    }
}

/// What an answer may call the unit that was asked about.
pub fn units<'b>(batch: &'b Batch, asked: &'b Asked) -> Vec<&'b str> {
    let units = batch.groups.iter().filter(|fields| kind(fields) == "unit");
    units.filter_map(|fields| fields.get("identifier")).chain([asked.id.as_str()]).collect()
}

/// How many groups of an answer have no id, so that nobody knows what they are.
pub fn nameless(batch: &Batch) -> usize {
    batch.groups.iter().filter(|fields| fields.get("identifier").is_none()).count()
}

impl<'b> Tree<'b> {
    fn of(batch: &'b Batch, asked: &'b Asked) -> Self {
        let mut tree = Tree { groups: HashMap::new(), above: HashMap::new(), root: &asked.id };
        for fields in &batch.groups {
            if let Some(id) = fields.get("identifier") {
                tree.groups.entry(id).or_insert(fields);
            }
        }
        for member in batch.members.iter().filter(|member| member.is_group) {
            tree.above.entry(&member.member).or_insert(&member.group);
        }
        // The list of units may call a unit otherwise than its answer does; the answer's only unit is the one asked about.
        let mut units =
            batch.groups.iter().filter(|fields| kind(fields) == "unit").filter_map(|fields| fields.get("identifier"));
        if let (false, Some(only), None) = (tree.groups.contains_key(tree.root), units.next(), units.next()) {
            tree.root = only;
        }
        tree
    }

    /// What stands above a group, itself included.
    fn way(&self, id: &'b str) -> Way<'b> {
        let mut way = Way::default();
        let mut seen = HashSet::new();
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| seen.insert(*id)) {
            if let Some(fields) = self.groups.get(id) {
                match kind(fields).as_str() {
                    "unit" => {
                        way.unit = Some(id);
                        return way;
                    }
                    "unitdomain" if way.form.is_none() => {
                        way.form = fields.get("unitdomainshortname").or_else(|| fields.get("unitdomainname"));
                    }
                    _ => {}
                }
            }
            next = self.above.get(id).copied();
        }
        way
    }

    /// Where somebody is who is in this group: those of a unit's parts are in the unit.
    fn place<'s>(&'s self, group: &'s str) -> &'s str {
        match self.groups.get_key_value(group) {
            Some((id, fields)) if kind(fields) == "unitdomain" => self.way(id).unit.unwrap_or(self.root),
            _ => group,
        }
    }

    fn group(&self, id: &'b str, fields: &'b Fields, roster: &mut Roster) {
        let own = |name: &str| fields.get(name).map(str::to_owned);
        let (kind, name, year) = match kind(fields).as_str() {
            "unit" => {
                let more = vec![own("schoolmanagerarea"), own("schoolmanagerareacode"), None];
                roster.unit(Unit { id: id.to_owned(), code: own("unitid"), name: own("unitname"), more });
                return;
            }
            "unitdomain" => return,
            "studentclass" => (GroupKind::Class, own("classname"), own("grade")),
            "studentgroup" => (GroupKind::Teaching, own("groupname"), None),
            "department" => (GroupKind::Other("department"), own("departmentname"), None),
            "subject" => (GroupKind::Other("subject"), own("subjectcode"), None),
            _ => (GroupKind::Other("other"), None, None),
        };
        let Way { unit, form } = self.way(id);
        roster.group(Group {
            id: id.to_owned(),
            kind,
            name: name.or_else(|| own("descshort")),
            unit: Some(unit.unwrap_or(self.root).to_owned()),
            form: form.map(str::to_owned),
            year,
            span: Span::default(),
        });
    }
}

fn kind(fields: &Fields) -> String {
    fields.get("grouptype").unwrap_or_default().to_lowercase()
}
