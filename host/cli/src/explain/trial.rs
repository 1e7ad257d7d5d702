//! A ledger of names to try a decision out on: it reads what the store remembers, and keeps to itself what is decided,
//! so that asking writes nothing and waits for nobody.

use sluss_engine::ledger::{Held, Ledger, Owner};
use sluss_engine::person::PersonId;
use sluss_store::{Store, StoreError};
use std::collections::HashMap;

/// The names of one person, as they would be.
pub struct Trial<'s> {
    store: &'s Store,
    held: HashMap<String, Held>,
}

impl<'s> Trial<'s> {
    /// Names as the store has them.
    pub fn new(store: &'s Store) -> Self {
        Trial { store, held: HashMap::new() }
    }
}

impl Ledger for Trial<'_> {
    type Error = StoreError;

    fn held(&self, person: PersonId, kind: &str) -> Result<Option<Held>, StoreError> {
        match self.held.get(kind) {
            Some(held) => Ok(Some(held.clone())),
            None => self.store.held(person, kind),
        }
    }

    fn owner(&self, kind: &str, name: &str) -> Result<Owner, StoreError> {
        self.store.owner(kind, name)
    }

    fn hold(&mut self, _: PersonId, kind: &str, held: &Held) -> Result<(), StoreError> {
        self.held.insert(kind.to_owned(), held.clone());
        Ok(())
    }
}
