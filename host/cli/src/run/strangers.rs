//! Names that a target's other objects have: what Sluss did not make is looked at for nothing else, so that nobody is
//! given a name that is taken.
//!
//! They are kept beside the ledger of names and follow the target: what is there no longer is free again.

use super::ground::Ground;
use super::values::bare;
use crate::error::CliError;
use fixedbitset::FixedBitSet;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::ledger::{Ledger, Owner};
use sluss_engine::policy::Policy;
use sluss_engine::record::Row;
use sluss_engine::value::{Cell, Value};
use sluss_store::{Store, StoreError};
use std::collections::BTreeMap;

/// The names that are looked for in a target, and those that were found.
#[derive(Debug, Default)]
pub struct Names {
    target: String,
    /// Kinds of name, each with an attribute that holds such.
    asked: Vec<(String, String)>,
    /// Whether nobody ever looked for just these.
    new: bool,
    /// The classes that have such attributes, with those, and whether the class names them itself.
    classes: Vec<(String, Vec<String>, bool)>,
    /// The names that were met, by the store's numbers.
    met: FixedBitSet,
    /// How many names of a kind are also persons'.
    twice: BTreeMap<String, u64>,
}

impl Names {
    /// What the policy has looked for in a target. `look` says that the target is looked at anyway.
    pub async fn of(ground: &mut Ground<'_>, index: usize, look: bool) -> Result<Names, CliError> {
        let target = ground.systems.targets[index].name.clone();
        let asked = asked(ground.policy, &target);
        let known = ground.store.setting(&setting(&target))?.unwrap_or_default();
        let mut names = Names { new: known != written(&asked), target, asked, ..Names::default() };
        if names.asked.is_empty() {
            names.done(ground)?;
            return Ok(Names::default());
        }
        if !(look || names.new) || ground.suspended.contains_key(&names.target) {
            return Ok(names);
        }
        match ground.systems.targets[index].described().await {
            Ok(description) => {
                for class in description.classes.iter().filter(|class| class.operations.read) {
                    let named = |name: &str| class.attribute(name).is_some_and(|known| !known.traits.write_only);
                    let there = names.asked.iter().map(|(_, name)| name).filter(|name| class.open || named(name));
                    let mut attributes: Vec<String> = there.cloned().collect();
                    attributes.sort_unstable();
                    attributes.dedup();
                    let own = attributes.iter().any(|name| named(name));
                    names.classes.push((class.name.clone(), attributes, own));
                }
            }
            Err(fault) => ground.suspend(&names.target, fault),
        }
        Ok(names)
    }

    /// Whether nobody ever looked for just these.
    pub fn are_new(&self) -> bool {
        self.new
    }

    /// The attributes of a class that hold such names.
    pub fn attributes(&self, class: &str) -> impl Iterator<Item = String> {
        let of_class = self.classes.iter().filter(move |(name, ..)| name == class);
        of_class.flat_map(|(_, attributes, _)| attributes.clone())
    }

    /// The classes that have such names and that nothing is written to.
    pub fn others(&self, managed: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
        let other = |class: &String| managed.iter().all(|(name, _)| name != class);
        let classes = self.classes.iter().filter(|(class, _, own)| *own && other(class));
        classes.map(|(class, ..)| (class.clone(), Vec::new())).collect()
    }

    /// Notes the names of an object that is not ours.
    pub fn meet(&mut self, store: &mut Store, class: &str, columns: &[String], row: &Row) -> Result<(), StoreError> {
        for (kind, attribute) in &self.asked {
            let cell = columns.iter().position(|column| column == attribute).and_then(|at| row.cells.get(at));
            let values = match cell {
                Some(Cell::One(value)) => std::slice::from_ref(value),
                Some(Cell::Many(values)) => values,
                Some(Cell::Absent) | None => &[],
            };
            for name in values.iter().filter_map(Value::as_text).map(bare).filter(|name| !name.is_empty()) {
                let number = store.meet(&self.target, class, &row.id, kind, name)?;
                self.met.grow_and_insert(number as usize);
                if let Owner::Person(person) = store.owner(kind, name)?
                    && store.held(person, kind)?.is_some_and(|held| held.name.eq_ignore_ascii_case(name))
                {
                    *self.twice.entry(kind.clone()).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// A class was read as a whole: names that were not met are nobody's again.
    pub fn end(&self, store: &mut Store, class: &str) -> Result<(), StoreError> {
        if self.asked.is_empty() {
            return Ok(());
        }
        for number in store.foreign_names(&self.target, class)? {
            if !self.met.contains(number as usize) {
                store.part_with(number)?;
            }
        }
        Ok(())
    }

    /// Everything was read as a whole.
    pub fn done(&self, ground: &mut Ground<'_>) -> Result<(), CliError> {
        for class in ground.store.foreign_classes(&self.target)? {
            if self.classes.iter().all(|(known, ..)| *known != class) {
                self.end_of(&mut ground.store, &class)?;
            }
        }
        if self.new {
            ground.store.set(&setting(&self.target), &written(&self.asked))?;
        }
        for (kind, count) in &self.twice {
            let message =
                format!("{count} names of the kind `{kind}` are persons', and of objects that Sluss did not make");
            ground.findings.push(
                Finding::warning(Subject::System(self.target.clone()), message)
                    .advise("adopt the accounts that are theirs, or rename what is not; Sluss renames neither"),
            );
        }
        Ok(())
    }

    /// A class has no such names any longer.
    fn end_of(&self, store: &mut Store, class: &str) -> Result<(), StoreError> {
        store.foreign_names(&self.target, class)?.into_iter().try_for_each(|number| store.part_with(number))
    }
}

/// The kinds of name that may be taken in a target, each with an attribute that holds such.
fn asked(policy: &Policy, target: &str) -> Vec<(String, String)> {
    let kinds = policy.names.iter().flat_map(|rule| rule.unique_in.iter().map(|elsewhere| (&rule.kind, elsewhere)));
    let here = kinds.filter(|(_, elsewhere)| elsewhere.system == target);
    let mut asked: Vec<_> = here.map(|(kind, elsewhere)| (kind.clone(), elsewhere.attribute.clone())).collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// The store's setting that says what was looked for in a target.
fn setting(target: &str) -> String {
    format!("names of {target}")
}

fn written(asked: &[(String, String)]) -> String {
    asked.iter().map(|(kind, attribute)| format!("{kind} {attribute}")).collect::<Vec<_>>().join("\n")
}
