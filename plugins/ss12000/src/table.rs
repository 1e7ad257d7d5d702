//! Records by their ids, in the order in which they came.

use std::collections::HashMap;

/// A table. What comes again, because it changed while it was read, takes the place of what came before.
#[derive(Debug)]
pub struct Table<T> {
    items: Vec<T>,
    places: HashMap<Box<str>, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: Vec::new(), places: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Puts a record in.
    pub fn put(&mut self, id: &str, item: T) {
        match self.places.get(id) {
            Some(place) => self.items[*place] = item,
            None => {
                self.places.insert(id.into(), self.items.len());
                self.items.push(item);
            }
        }
    }

    /// The record with this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.places.get(id).map(|place| &self.items[*place])
    }

    /// All records.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(|id| &**id)
    }
}
