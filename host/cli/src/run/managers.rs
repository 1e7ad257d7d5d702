//! Who leads whom, as far as it was asked: the same few lead everybody, and a person decided looks all the way up.

use sluss_engine::person::PersonId;
use sluss_store::{Store, StoreError};
use std::collections::HashMap;

/// The managers of those who were asked for.
#[derive(Debug, Default)]
pub struct Managers(HashMap<PersonId, Option<PersonId>>);

impl Managers {
    /// A person's manager, as of the last decision.
    pub fn of(&mut self, store: &Store, person: PersonId) -> Result<Option<PersonId>, StoreError> {
        if let Some(known) = self.0.get(&person) {
            return Ok(*known);
        }
        let manager = store.manager_of(person)?;
        self.0.insert(person, manager);
        Ok(manager)
    }

    /// Notes what was decided.
    pub fn decided(&mut self, person: PersonId, manager: Option<PersonId>) {
        if let Some(known) = self.0.get_mut(&person) {
            *known = manager;
        }
    }
}
