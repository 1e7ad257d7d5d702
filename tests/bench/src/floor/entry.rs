//! The entries that a directory ends up with: an account for everybody employed, a group for each unit.
//!
//! They have the attributes that an account of a municipality has, no more, so that their size is honest.

use sluss_people::Population;
use sluss_test_servers::slapd::SUFFIX;

/// An entry to add: its DN, and its attributes with their values.
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    /// Its attributes.
    pub attributes: Vec<(&'static str, Vec<String>)>,
}

/// The DN of an account.
fn account(index: u32) -> String {
    format!("uid=p{index:07},ou=people,{SUFFIX}")
}

/// Whether a person has an account: an employment that covers the day of the population.
fn employed(population: &Population, index: u32) -> bool {
    population.employments(index).iter().any(|employment| employment.covers(population.day()))
}

/// An account for everybody employed.
pub fn accounts(population: &Population) -> impl Iterator<Item = Entry> + '_ {
    (0..population.persons()).filter(|index| employed(population, *index)).map(|index| {
        let person = population.person(index);
        let post = &population.employments(index)[0];
        let one = |text: String| vec![text];
        Entry {
            dn: account(index),
            attributes: vec![
                ("objectClass", one("inetOrgPerson".to_owned())),
                ("uid", one(format!("p{index:07}"))),
                ("cn", one(format!("{} {}", person.given, person.family))),
                ("givenName", one(person.given)),
                ("sn", one(person.family)),
                ("employeeNumber", one(index.to_string())),
                ("mail", one(format!("p{index:07}@example.test"))),
                ("title", one(post.title.clone())),
                ("departmentNumber", one(population.units()[post.unit].code.clone())),
                ("o", one(population.municipality_of(post).name.clone())),
            ],
        }
    })
}

/// A group for each unit where somebody works.
pub fn groups(population: &Population) -> impl Iterator<Item = Entry> + use<> {
    let mut members = vec![Vec::new(); population.units().len()];
    for index in 0..population.persons() {
        let mut posts = population.employments(index);
        posts.retain(|post| post.covers(population.day()));
        posts.dedup_by_key(|post| post.unit);
        for post in posts {
            members[post.unit].push(account(index));
        }
    }
    members.into_iter().enumerate().filter(|(_, members)| !members.is_empty()).map(|(unit, members)| Entry {
        dn: format!("cn=u{unit},ou=groups,{SUFFIX}"),
        attributes: vec![
            ("objectClass", vec!["groupOfNames".to_owned()]),
            ("cn", vec![format!("u{unit}")]),
            ("member", members),
        ],
    })
}
