//! What a directory must hold, counted from the people themselves: no code of the program has a part in it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use jiff::ToSpan;
use sluss_people::Population;

/// So many days before the first one, an account is made: as the policy has it.
const EARLY: i64 = 14;

/// How many of each there are.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    accounts: u64,
    /// Groups with a member.
    groups: u64,
    memberships: u64,
}

/// How many accounts there shall be, and how many memberships in groups of these kinds.
pub fn of_kinds(population: &Population, kinds: &[&str]) -> (u64, u64) {
    let count = wanted(population, |group| kinds.iter().any(|kind| group.split(' ').next() == Some(kind)));
    (count.accounts, count.memberships)
}

/// Whether the directory of a file holds what the people say. How many memberships there are.
pub fn check(population: &Population, file: &Path) -> Result<u64> {
    let (wanted, found) = (wanted(population, |_| true), found(file)?);
    ensure!(wanted == found, "the people say {wanted:?}, and the directory has {found:?}");
    Ok(found.memberships)
}

/// How many members the group of this name has in the directory of a file.
pub fn members(file: &Path, name: &str) -> Result<u64> {
    for entry in super::load(file)? {
        let entry = entry?;
        if entry.is_group() && entry.values("cn").iter().any(|own| own == name) {
            return Ok(entry.members().count() as u64);
        }
    }
    bail!("the directory has no group {name}");
}

fn wanted(population: &Population, counts: impl Fn(&str) -> bool) -> Count {
    let day = population.day();
    let soon = day.saturating_add(EARLY.days());
    let mut count = Count::default();
    let mut groups = BTreeSet::new();
    for index in 0..population.persons() {
        let posts = population.employments(index);
        let begins = posts.iter().any(|post| post.from > day && post.from <= soon);
        let mut own = BTreeSet::new();
        for post in posts.iter().filter(|post| post.covers(day)) {
            let unit = &population.units()[post.unit];
            let municipality = &population.municipality_of(post).code;
            own.insert(format!("unit {municipality} {}", unit.code));
            own.insert(format!("role {}", post.aid));
            own.insert(format!("municipality {municipality}"));
            own.insert(format!("cost {municipality} {}", unit.account));
            if post.leads {
                own.insert("managers".to_owned());
            }
        }
        count.accounts += u64::from(begins || !own.is_empty());
        own.retain(|group| counts(group));
        count.memberships += own.len() as u64;
        // Not `append`, which builds the whole set anew for every person.
        groups.extend(own);
    }
    count.groups = groups.len() as u64;
    count
}

fn found(file: &Path) -> Result<Count> {
    let mut count = Count::default();
    for entry in super::load(file)? {
        let entry = entry?;
        if entry.is_account() {
            count.accounts += 1;
            continue;
        }
        let members = entry.members().count() as u64;
        count.groups += u64::from(members > 0);
        count.memberships += members;
    }
    Ok(count)
}
