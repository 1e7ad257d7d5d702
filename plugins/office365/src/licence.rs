//! Licences: which the tenant has, how many are free, and what has to be given and taken.
//!
//! Only the licences that the settings name are Sluss's: whoever else gave somebody one keeps the word about it, and what
//! somebody has by a group is never taken from him alone.

use serde_json::{Value as Json, json};
use sluss_sdk::{Edit, Error, Value};
use std::cell::Cell;
use std::collections::BTreeSet;

/// A product that the tenant bought.
#[derive(Debug, Clone)]
pub struct Sku {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many seats there are.
    pub total: i64,
    /// How many of them are taken.
    pub used: Cell<i64>,
}

impl Sku {
    /// How many seats are free.
    pub fn free(&self) -> i64 {
        (self.total - self.used.get()).max(0)
    }
}

/// The products of a tenant.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    skus: Vec<Sku>,
    /// The ids of what is Sluss's, each as the settings spell it.
    ours: Vec<(String, String)>,
}

/// What has to be given and taken, by the ids of products.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// To be given.
    pub add: Vec<String>,
    /// To be taken.
    pub remove: Vec<String>,
}

impl Difference {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// As Graph wants it.
    pub fn body(&self) -> Json {
        let add: Vec<Json> = self.add.iter().map(|id| json!({"skuId": id, "disabledPlans": []})).collect();
        json!({"addLicenses": add, "removeLicenses": self.remove})
    }
}

impl Catalogue {
    /// Reads what Graph tells of the products, and which of them are Sluss's.
    pub fn read(told: &Json, ours: &[String]) -> Catalogue {
        let skus: Vec<Sku> = told["value"].as_array().into_iter().flatten().filter_map(sku).collect();
        let of = |name: &String| find(&skus, name).map(|sku| (sku.id.clone(), name.clone()));
        let ours = ours.iter().filter_map(of).collect();
        Catalogue { skus, ours }
    }

    /// All products.
    pub fn skus(&self) -> &[Sku] {
        &self.skus
    }

    /// The product of this name or id.
    pub fn find(&self, name: &str) -> Option<&Sku> {
        find(&self.skus, name)
    }

    /// The products among these that are Sluss's, as the settings spell them.
    pub fn told<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Vec<Value> {
        let mut names: Vec<&str> = ids.filter_map(|id| self.spelt(id)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(Value::from).collect()
    }

    fn spelt(&self, id: &str) -> Option<&str> {
        self.ours.iter().find(|(own, _)| own.eq_ignore_ascii_case(id)).map(|(_, name)| name.as_str())
    }

    /// What has to be given and taken so that somebody who has these has what is wanted after all edits.
    pub fn difference<'e>(
        &self,
        edits: impl IntoIterator<Item = &'e Edit>,
        has: Vec<String>,
    ) -> Result<Difference, Error> {
        let mut after: BTreeSet<String> = has.iter().map(|id| id.to_ascii_lowercase()).collect();
        let before = after.clone();
        for edit in edits {
            match edit {
                Edit::Add(values) => after.extend(self.ids(values)?),
                Edit::Remove(values) => {
                    let gone = self.ids(values)?;
                    after.retain(|id| !gone.contains(id));
                }
                Edit::Replace(values) => {
                    // What others gave stays.
                    after.retain(|id| self.spelt(id).is_none());
                    after.extend(self.ids(values)?);
                }
            }
        }
        let add = after.difference(&before).cloned().collect();
        Ok(Difference { add, remove: before.difference(&after).cloned().collect() })
    }

    fn ids(&self, values: &[Value]) -> Result<Vec<String>, Error> {
        values.iter().map(|value| self.id(value)).collect()
    }

    fn id(&self, value: &Value) -> Result<String, Error> {
        let wrong = |message: String| Error::invalid(message).attribute(crate::fields::LICENCE);
        let name = value.as_text().ok_or_else(|| wrong("A licence is named by a text".to_owned()))?;
        let Some(sku) = self.find(name) else {
            return Err(wrong(format!("The tenant has no licence `{name}`: see the class `licence` for what it has")));
        };
        if self.spelt(&sku.id).is_none() {
            return Err(wrong(format!(
                "The licence `{name}` is not among those that Sluss gives: add it to `licences` of the settings"
            )));
        }
        Ok(sku.id.clone())
    }

    /// Whether there is a seat for everything that is to be given to somebody who has these by groups; if so, the seats
    /// are taken, and others come free.
    pub fn seat(&self, difference: &Difference, inherited: &[String]) -> Result<(), Error> {
        let skus = |ids: &[String]| -> Vec<&Sku> {
            ids.iter().filter(|id| !inherited.contains(id)).filter_map(|id| self.find(id)).collect()
        };
        let add = skus(&difference.add);
        if let Some(full) = add.iter().find(|sku| sku.free() == 0) {
            let message = format!("All {} seats of {} are taken: buy more, or take some back", full.total, full.name);
            return Err(Error::invalid(message).attribute(crate::fields::LICENCE));
        }
        add.iter().for_each(|sku| sku.used.set(sku.used.get() + 1));
        skus(&difference.remove).iter().for_each(|sku| sku.used.set(sku.used.get() - 1));
        Ok(())
    }
}

fn sku(told: &Json) -> Option<Sku> {
    // What is suspended or locked out gives nobody anything.
    let usable = matches!(told["capabilityStatus"].as_str(), Some("Enabled" | "Warning"));
    let is_for_users = told["appliesTo"].as_str().is_none_or(|to| to == "User");
    let enabled = told["prepaidUnits"]["enabled"].as_i64().unwrap_or_default();
    is_for_users.then_some(())?;
    Some(Sku {
        id: told["skuId"].as_str()?.to_ascii_lowercase(),
        name: told["skuPartNumber"].as_str()?.to_owned(),
        total: if usable { enabled } else { 0 },
        used: Cell::new(told["consumedUnits"].as_i64().unwrap_or_default()),
    })
}

fn find<'a>(skus: &'a [Sku], name: &str) -> Option<&'a Sku> {
    skus.iter().find(|sku| sku.name.eq_ignore_ascii_case(name) || sku.id.eq_ignore_ascii_case(name))
}

/// The ids of the products that a user has otherwise than by a group.
pub fn direct(user: &Json) -> Vec<String> {
    assigned(user, |state| state["assignedByGroup"].is_null())
}

/// The ids of the products that a user has by groups.
pub fn inherited(user: &Json) -> Vec<String> {
    assigned(user, |state| !state["assignedByGroup"].is_null() && state["state"].as_str() != Some("Error"))
}

fn assigned(user: &Json, is_meant: impl Fn(&Json) -> bool) -> Vec<String> {
    let states = user["licenseAssignmentStates"].as_array().into_iter().flatten().filter(|state| is_meant(state));
    let mut ids: Vec<String> =
        states.filter_map(|state| state["skuId"].as_str().map(str::to_ascii_lowercase)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The ids of the products that a group gives its members.
pub fn of_group(group: &Json) -> Vec<String> {
    let licences = group["assignedLicenses"].as_array().into_iter().flatten();
    licences.filter_map(|licence| licence["skuId"].as_str().map(str::to_ascii_lowercase)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
    const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";
    const OTHER: &str = "ee02fd1b-340e-4a4b-b355-4a514e4c8943";

    fn catalogue() -> Catalogue {
        let sku = |name: &str, id: &str, seats: i64, used: i64, status: &str| {
            json!({"skuId": id.to_uppercase(), "skuPartNumber": name, "consumedUnits": used, "appliesTo": "User",
                   "capabilityStatus": status, "prepaidUnits": {"enabled": seats}})
        };
        let told = json!({"value": [
            sku("ENTERPRISEPACK", E3, 2, 1, "Enabled"),
            sku("STANDARDPACK", E1, 5, 0, "Suspended"),
            sku("EXCHANGEARCHIVE_ADDON", OTHER, 5, 0, "Enabled"),
        ]});
        Catalogue::read(&told, &["EnterprisePack".to_owned(), E1.to_owned(), "NOT_BOUGHT".to_owned()])
    }

    fn values(names: &[&str]) -> Vec<Value> {
        names.iter().map(|name| Value::from(*name)).collect()
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn only_what_the_settings_name_is_given_shown_and_taken() {
        let catalogue = catalogue();
        let replace = |names: &[&str], has: &[&str]| catalogue.difference([&Edit::Replace(values(names))], ids(has));
        let wanted = replace(&["enterprisepack"], &[E1, OTHER]).unwrap();
        assert_eq!(wanted, Difference { add: ids(&[E3]), remove: ids(&[E1]) }, "what others gave stays");
        assert!(replace(&[E3], &[&E3.to_uppercase(), OTHER]).unwrap().is_empty());
        assert_eq!(replace(&[], &[E3, OTHER]).unwrap().remove, [E3]);
        let strange = replace(&["EXCHANGEARCHIVE_ADDON"], &[]).unwrap_err();
        assert!(strange.message.contains("`licences`") && strange.attribute.as_deref() == Some("licence"));
        assert!(replace(&["NOT_BOUGHT"], &[]).unwrap_err().message.contains("has no licence"));
        let told = catalogue.told([OTHER, &E3.to_uppercase(), E1].into_iter());
        assert_eq!(told, values(&[E1, "EnterprisePack"]), "spelt as in the settings");
        let add = Edit::Add(values(&[E3, "ENTERPRISEPACK"]));
        assert_eq!(catalogue.difference([&add], vec![]).unwrap(), Difference { add: ids(&[E3]), remove: vec![] });
        let remove = Edit::Remove(values(&[E3]));
        let one = Difference { add: vec![], remove: ids(&[E3]) };
        assert_eq!(catalogue.difference([&remove], ids(&[E3, E1])).unwrap(), one);
        assert!(catalogue.difference([&add, &remove], vec![]).unwrap().is_empty(), "one after the other");
    }

    #[test]
    fn seats_are_counted_as_they_go() {
        let catalogue = catalogue();
        let e3 = Difference { add: ids(&[E3]), remove: vec![] };
        assert!(catalogue.seat(&e3, &[]).is_ok());
        let full = catalogue.seat(&e3, &[]).unwrap_err();
        assert!(full.message.contains("All 2 seats of ENTERPRISEPACK"), "{}", full.message);
        assert!(catalogue.seat(&e3, &ids(&[E3])).is_ok(), "who has it by a group takes no second seat");
        assert!(catalogue.seat(&Difference { add: vec![], remove: ids(&[E3]) }, &[]).is_ok());
        assert!(catalogue.seat(&e3, &[]).is_ok(), "one came free");
        assert_eq!(catalogue.find(E1).unwrap().free(), 0, "what is suspended gives nobody anything");
    }

    #[test]
    fn what_comes_by_a_group_is_nobodys_own() {
        let user = json!({"licenseAssignmentStates": [
            {"skuId": E3, "assignedByGroup": null},
            {"skuId": E1, "assignedByGroup": "11111111-2222-3333-4444-555555555555"},
        ]});
        assert_eq!((direct(&user), inherited(&user)), (ids(&[E3]), ids(&[E1])));
        assert!(direct(&json!({})).is_empty());
    }
}
