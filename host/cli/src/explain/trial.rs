//! A ledger of names to try a decision out on: it reads what the store remembers, and keeps to itself what is decided,
//! so that asking writes nothing and waits for nobody.

use jiff::civil::Date;
use sluss_engine::ledger::{Held, Ledger, Owner, Retired};
use sluss_engine::person::PersonId;
use sluss_store::{Store, StoreError};
use std::collections::HashMap;

/// The names of one person, as they would be.
pub struct Trial<'s> {
    store: &'s Store,
    held: HashMap<String, (Held, Date)>,
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
            Some((held, _)) => Ok(Some(held.clone())),
            None => self.store.held(person, kind),
        }
    }

    fn owner(&self, kind: &str, name: &str) -> Result<Owner, StoreError> {
        self.store.owner(kind, name)
    }

    fn retired(&self, person: PersonId, kind: &str, after: Date) -> Result<Vec<Retired>, StoreError> {
        let mut retired = self.store.retired(person, kind, after)?;
        if let Some((now, day)) = self.held.get(kind) {
            retired.retain(|retired| !retired.name.eq_ignore_ascii_case(&now.name));
            if let Some(before) = self.store.held(person, kind)?.filter(|before| before.name != now.name) {
                retired.insert(0, Retired { name: before.name, renew: before.renew, day: *day });
            }
        }
        Ok(retired)
    }

    fn hold(&mut self, _: PersonId, kind: &str, held: &Held, day: Date) -> Result<(), StoreError> {
        self.held.insert(kind.to_owned(), (held.clone(), day));
        Ok(())
    }
}
