//! What the school system holds, and how it answers: the part that needs no wire.
//!
//! Records are JSON as the standard has it. They are paged in the order of their ids; a page token holds the filters of
//! the first page, and goes with a limit and nothing else.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The collections, each with the word for one of its records.
pub const COLLECTIONS: [(&str, &str); 5] = [
    ("organisations", "Organisation"),
    ("groups", "Group"),
    ("placements", "Placement"),
    ("duties", "Duty"),
    ("persons", "Person"),
];

/// What it holds.
#[derive(Debug, Clone, Default)]
pub struct School {
    records: BTreeMap<&'static str, BTreeMap<String, Kept>>,
    deleted: BTreeMap<&'static str, BTreeMap<String, i64>>,
    /// The moment that it is there, in seconds since 1970.
    pub now: i64,
}

#[derive(Debug, Clone)]
struct Kept {
    record: Value,
    modified: i64,
}

/// A question's fields.
pub type Query = HashMap<String, String>;

impl School {
    /// Puts a record in, or in the place of one with its id. It has `id` already; `meta` is given to it.
    pub fn put(&mut self, collection: &str, record: Value) {
        let id = record["id"].as_str().unwrap_or_default().to_owned();
        let name = name(collection);
        let own = self.records.entry(name).or_default();
        let created = own.get(&id).map_or(json!(rfc3339(self.now)), |kept| kept.record["meta"]["created"].clone());
        let mut record = record;
        record["meta"] = json!({"created": created, "modified": rfc3339(self.now)});
        own.insert(id, Kept { record, modified: self.now });
    }

    /// Changes a record, if there is one.
    pub fn change(&mut self, collection: &str, id: &str, change: impl FnOnce(&mut Value)) {
        if let Some(mut record) = self.get(collection, id) {
            change(&mut record);
            self.put(collection, record);
        }
    }

    /// Deletes a record, and remembers that it did.
    pub fn delete(&mut self, collection: &str, id: &str) {
        let name = name(collection);
        if self.records.entry(name).or_default().remove(id).is_some() {
            self.deleted.entry(name).or_default().insert(id.to_owned(), self.now);
        }
    }

    /// A record.
    pub fn get(&self, collection: &str, id: &str) -> Option<Value> {
        Some(self.records.get(collection)?.get(id)?.record.clone())
    }

    /// The ids of a collection.
    pub fn ids(&self, collection: &str) -> Vec<String> {
        self.records.get(collection).into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Answers a question below the version: status and body.
    pub fn answer(&self, path: &str, query: &Query) -> (u16, Value) {
        self.page(path.trim_start_matches('/'), query).unwrap_or_else(|status| (status, error(status)))
    }

    fn page(&self, path: &str, query: &Query) -> Result<(u16, Value), u16> {
        let limit =
            query.get("limit").map(|limit| limit.parse::<usize>().ok().filter(|limit| *limit > 0).ok_or(400_u16));
        let limit = limit.transpose()?;
        let asked = match query.get("pageToken") {
            None => Asked::first(path, query)?,
            // Filters cannot be combined with a page token, and the token needs a limit.
            Some(token) if limit.is_some() && query.len() == 2 => Asked::from_token(path, token).ok_or(400_u16)?,
            Some(_) => return Err(400),
        };
        let limit = limit.unwrap_or(usize::MAX);
        let since = |moment: i64| asked.since.is_none_or(|since| since <= moment);
        let behind = |id: &str| asked.behind.as_deref().is_none_or(|behind| behind < id);
        if path == "deletedEntities" {
            let names = COLLECTIONS.iter().filter(|(_, entity)| asked.entities.iter().any(|own| own == entity));
            let of = |(name, _): &(&'static str, &str)| {
                let own = self.deleted.get(name).into_iter().flatten();
                own.filter(|(_, moment)| since(**moment)).map(|(id, _)| (*name, id.clone())).collect::<Vec<_>>()
            };
            let mut all: Vec<(&str, String)> = names.flat_map(of).filter(|(_, id)| behind(id)).collect();
            all.sort_by(|one, two| one.1.cmp(&two.1));
            let more = all.len() > limit;
            all.truncate(limit);
            let token = more.then(|| all.last().map(|(_, id)| asked.token(id))).flatten();
            let mut data = Map::new();
            for (name, id) in all {
                if let Value::Array(ids) = data.entry(name).or_insert_with(|| json!([])) {
                    ids.push(json!(id));
                }
            }
            return Ok((200, json!({"data": data, "pageToken": token})));
        }
        if !COLLECTIONS.iter().any(|(name, _)| *name == path) {
            return Err(404);
        }
        let own = self.records.get(path).into_iter().flatten();
        let mut all: Vec<(&String, &Kept)> = own.filter(|(id, kept)| behind(id) && since(kept.modified)).collect();
        let more = all.len() > limit;
        all.truncate(limit);
        let token = more.then(|| all.last().map(|(id, _)| asked.token(id))).flatten();
        let data: Vec<&Value> = all.iter().map(|(_, kept)| &kept.record).collect();
        Ok((200, json!({"data": data, "pageToken": token})))
    }
}

/// An error in the envelope. Its message has what must not be repeated.
pub fn error(status: u16) -> Value {
    json!({"code": format!("ERROR_{status}").replace(|c: char| c.is_ascii_digit(), "X"), "message": "198602212394 Hemlig"})
}

/// What the first page was asked with.
struct Asked {
    path: String,
    since: Option<i64>,
    entities: Vec<String>,
    behind: Option<String>,
}

impl Asked {
    fn first(path: &str, query: &Query) -> Result<Asked, u16> {
        let moment = |name: &str| {
            let text = query.get(name)?;
            Some(text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).map_err(|_| 400_u16))
        };
        let since = moment("meta.modified.after").or_else(|| moment("after")).transpose()?;
        let entities = query.get("entities").map(|list| list.split(',').map(str::to_owned).collect());
        Ok(Asked { path: path.to_owned(), since, entities: entities.unwrap_or_default(), behind: None })
    }

    fn token(&self, behind: &str) -> String {
        json!([self.path, self.since, self.entities, behind])
            .to_string()
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn from_token(path: &str, token: &str) -> Option<Asked> {
        let bytes: Option<Vec<u8>> =
            (0..token.len()).step_by(2).map(|at| u8::from_str_radix(token.get(at..at + 2)?, 16).ok()).collect();
        let (own, since, entities, behind): (String, Option<i64>, Vec<String>, String) =
            serde_json::from_slice(&bytes?).ok()?;
        (own == path).then_some(Asked { path: own, since, entities, behind: Some(behind) })
    }
}

fn name(collection: &str) -> &'static str {
    COLLECTIONS.iter().find(|(name, _)| *name == collection).map_or("", |(name, _)| name)
}

fn rfc3339(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap_or_default().to_string()
}
