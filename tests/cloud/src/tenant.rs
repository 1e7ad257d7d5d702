//! Everything that the service has, and what it makes of a change.

use crate::kept;
use serde::{Deserialize, Serialize};
use sluss_sdk::files::Folder;
use sluss_sdk::{Applied, Attribute, Change, Edit, Error, Operation, Value};
use std::collections::BTreeMap;

/// The file.
const FILE: &str = "tenant.json";

/// An object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Entry {
    class: String,
    attributes: BTreeMap<String, Vec<serde_json::Value>>,
}

/// Everything that the service has.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tenant {
    /// How many objects were made.
    made: u64,
    /// How many there are of each licence.
    pub seats: BTreeMap<String, i64>,
    /// The objects.
    objects: BTreeMap<String, Entry>,
}

/// The values of an attribute.
pub fn values(entry: &Entry, name: &str) -> Vec<Value> {
    let held = entry.attributes.get(name).map_or(&[][..], Vec::as_slice).iter();
    held.filter_map(|value| match value {
        serde_json::Value::Bool(truth) => Some(Value::Boolean(*truth)),
        serde_json::Value::String(text) if matches!(name, "member" | "manager") => Some(Value::Reference(text.clone())),
        serde_json::Value::String(text) => Some(Value::Text(text.clone())),
        _ => None,
    })
    .collect()
}

impl Tenant {
    /// What the folder has; nothing at all in an empty one.
    pub fn read(folder: &Folder) -> Result<Tenant, Error> {
        if folder.stat(FILE)?.is_none() {
            return Ok(Tenant::default());
        }
        serde_json::from_slice(&folder.read_all(FILE)?).map_err(|error| Error::config(format!("{FILE}: {error}")))
    }

    /// Puts it there.
    pub fn write(&self, folder: &Folder) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| Error::internal(error.to_string()))?;
        folder.replace(FILE, &text)
    }

    /// The objects of a class.
    pub fn of<'t>(&'t self, class: &'t str) -> impl Iterator<Item = (&'t String, &'t Entry)> {
        self.objects.iter().filter(move |(_, entry)| entry.class == class)
    }

    /// What every object of a class is like, but for what nobody notes.
    pub fn marks(&self, class: &str) -> BTreeMap<String, String> {
        let mark = |(id, entry): (&String, &Entry)| {
            let told = entry.attributes.iter().filter(|(name, _)| *name != "proxies");
            Some((id.clone(), serde_json::to_string(&told.collect::<BTreeMap<_, _>>()).ok()?))
        };
        self.of(class).filter_map(mark).collect()
    }

    /// How many of a licence are taken.
    pub fn used(&self, sku: &str) -> i64 {
        self.of("user").map(|(_, entry)| values(entry, "licence").contains(&Value::from(sku))).map(i64::from).sum()
    }

    /// What a change is, in the words of the list of calls.
    pub fn told(&self, change: &Change) -> String {
        let called = |id: &String| {
            let name = self.objects.get(id).map(|entry| values(entry, "name"));
            name.and_then(|name| name.first()?.as_text().map(str::to_owned)).unwrap_or_else(|| "nobody".to_owned())
        };
        match &change.operation {
            Operation::Create(attributes) => {
                let name = attributes.iter().find(|attribute| attribute.name == "name");
                let name = name.and_then(|name| name.values.first()?.as_text()).unwrap_or("nobody");
                format!("create {name}")
            }
            Operation::Update(update) => {
                let mut names: Vec<&str> = update.modifications.iter().map(|edit| edit.attribute.as_str()).collect();
                names.dedup();
                format!("update {} {}", called(&update.id), names.join(" "))
            }
            Operation::Remove(id) => format!("remove {}", called(id)),
        }
    }

    /// Carries a change out as a whole, or not at all.
    pub fn carry_out(&mut self, change: &Change) -> Result<Applied, Error> {
        match &change.operation {
            Operation::Create(attributes) => {
                let mut entry = Entry { class: change.class.clone(), ..Entry::default() };
                for Attribute { name, values } in attributes {
                    entry.attributes.insert(name.clone(), values.iter().map(kept).collect());
                }
                self.made += 1;
                let id = format!("{:08x}-0000-4000-8000-{:012x}", self.made, self.made);
                let computed = self.put(&id, entry)?;
                Ok(Applied { id, version: None, computed })
            }
            Operation::Update(update) => {
                let Some(mut entry) = self.objects.get(&update.id).cloned() else { return Err(gone(&update.id)) };
                for edit in &update.modifications {
                    let held = entry.attributes.entry(edit.attribute.clone()).or_default();
                    match &edit.edit {
                        Edit::Replace(values) => *held = values.iter().map(kept).collect(),
                        Edit::Remove(values) => held.retain(|value| !values.iter().any(|gone| kept(gone) == *value)),
                        Edit::Add(values) => {
                            held.retain(|value| !values.iter().any(|new| kept(new) == *value));
                            held.extend(values.iter().map(kept));
                        }
                    }
                }
                let computed = self.put(&update.id, entry)?;
                Ok(Applied { id: update.id.clone(), version: None, computed })
            }
            Operation::Remove(id) => {
                self.objects.remove(id).ok_or_else(|| gone(id))?;
                Ok(Applied { id: id.clone(), version: None, computed: Vec::new() })
            }
        }
    }

    /// Puts an object in its place, and says what the service made of it.
    fn put(&mut self, id: &str, mut entry: Entry) -> Result<Vec<Attribute>, Error> {
        let name = values(&entry, "name");
        if self.of(&entry.class).any(|(other, known)| other != id && values(known, "name") == name) {
            return Err(Error::already_exists("Somebody is called so already").attribute("name"));
        }
        let before = self.objects.get(id).map_or_else(Vec::new, |known| values(known, "licence"));
        for sku in values(&entry, "licence").iter().filter(|sku| !before.contains(sku)).filter_map(Value::as_text) {
            if self.seats.get(sku).is_none_or(|total| self.used(sku) >= *total) {
                return Err(Error::invalid(format!("No seat of {sku} is free")).attribute("licence"));
            }
        }
        let mut computed = Vec::new();
        if entry.class == "user" {
            let serial = id.get(..8).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or_default();
            entry.attributes.entry("serial".to_owned()).or_insert_with(|| vec![format!("S{serial}").into()]);
            computed.push(Attribute { name: "serial".to_owned(), values: values(&entry, "serial") });
            let mail: Vec<String> =
                values(&entry, "mail").iter().filter_map(Value::as_text).map(str::to_lowercase).collect();
            let mail: Vec<serde_json::Value> = mail.into_iter().map(Into::into).collect();
            if entry.attributes.get("mail").is_some_and(|held| *held != mail) {
                entry.attributes.insert("mail".to_owned(), mail);
                computed.push(Attribute { name: "mail".to_owned(), values: values(&entry, "mail") });
            }
        }
        self.objects.insert(id.to_owned(), entry);
        Ok(computed)
    }
}

fn gone(id: &str) -> Error {
    Error::not_found("There is no such object").object(id)
}
