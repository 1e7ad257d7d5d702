//! What the units are called by everybody else: their codes, names and municipalities.

use crate::fields::Wrong;
use crate::organisation::Organisation;
use crate::table::Table;
use std::collections::HashMap;

/// More levels than any municipality has; a circle of parents ends here.
const MOST_LEVELS: usize = 32;

/// An organisation as it came, or why it could not be read.
pub type Read = (Box<str>, Result<Organisation, Wrong>);

/// All organisations.
#[derive(Debug, Default)]
pub struct Units {
    table: Table<Read>,
    /// How many school units have each code.
    codes: HashMap<Box<str>, u32>,
}

/// What is known of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// The school unit's code where it is the only one with it, and the system's own id otherwise.
    pub code: &'a str,
    /// What it is called.
    pub name: Option<&'a str>,
    /// The municipality's code, its own or that of the nearest one above it.
    pub municipality: Option<&'a str>,
}

impl Units {
    /// Puts an organisation in.
    pub fn put(&mut self, id: Box<str>, read: Result<Organisation, Wrong>) {
        self.table.put(&id.clone(), (id, read));
    }

    /// Counts the codes. It is called when all are in.
    pub fn settle(&mut self) {
        self.codes.clear();
        for (_, read) in self.table.items() {
            if let Ok(Organisation { school_unit: Some(code), .. }) = read {
                *self.codes.entry(code.clone()).or_default() += 1;
            }
        }
    }

    /// All of them, as they came.
    pub fn items(&self) -> &[Read] {
        self.table.items()
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.table.ids()
    }

    /// What is known of a unit. One that is only spoken of is known by its id alone.
    pub fn get<'a>(&'a self, id: &'a str) -> Result<Unit<'a>, Wrong> {
        let Some((_, read)) = self.table.get(id) else { return Ok(Unit { code: id, name: None, municipality: None }) };
        let own = read.as_ref().map_err(|wrong| *wrong)?;
        let code = own.school_unit.as_deref().filter(|code| self.codes.get(*code) == Some(&1));
        Ok(Unit { code: code.unwrap_or(id), name: own.name.as_deref(), municipality: self.municipality(own)? })
    }

    /// Whether there is one with this id.
    pub fn has(&self, id: &str) -> bool {
        self.table.get(id).is_some()
    }

    /// The id of the unit above it, if that is among them.
    pub fn parent<'a>(&'a self, id: &str) -> Option<&'a str> {
        let parent = self.table.get(id)?.1.as_ref().ok()?.parent.as_deref()?;
        self.table.get(parent).map(|_| parent)
    }

    fn municipality<'a>(&'a self, own: &'a Organisation) -> Result<Option<&'a str>, Wrong> {
        let mut at = own;
        for _ in 0..MOST_LEVELS {
            if at.municipality.is_some() {
                break;
            }
            let Some((_, above)) = at.parent.as_deref().and_then(|parent| self.table.get(parent)) else { break };
            at = above.as_ref().map_err(|wrong| *wrong)?;
        }
        Ok(at.municipality.as_deref())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    /// Id, code, municipality, and the id of the one above.
    type Made<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

    fn units(list: &[Made<'_>]) -> Units {
        let mut units = Units::default();
        for (id, code, municipality, parent) in list {
            let mut record = json!({"displayName": *id, "schoolUnitCode": code, "municipalityCode": municipality});
            if let Some(parent) = parent {
                record["parentOrganisation"] = json!({"id": parent});
            }
            units.put((*id).into(), Organisation::read((*id).into(), &record));
        }
        units.settle();
        units
    }

    #[test]
    fn a_code_is_used_where_it_is_unique() {
        let units = units(&[("a", Some("1"), None, None), ("b", Some("2"), None, None), ("c", Some("2"), None, None)]);
        let code = |id| units.get(id).unwrap().code;
        assert_eq!([code("a"), code("b"), code("c"), code("elsewhere")], ["1", "b", "c", "elsewhere"]);
    }

    #[test]
    fn the_municipality_is_the_nearest_one_above() {
        let units = units(&[
            ("top", None, Some("1427"), None),
            ("middle", None, None, Some("top")),
            ("school", None, None, Some("middle")),
            ("one", None, None, Some("two")),
            ("two", None, None, Some("one")),
        ]);
        assert_eq!(units.get("school").unwrap().municipality, Some("1427"));
        assert_eq!(units.get("one").unwrap().municipality, None, "a circle ends");
    }
}
