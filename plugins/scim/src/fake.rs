//! A service in memory, as small as the tests of this crate need it, which notes what it is asked and fails as it is told
//! to. How a real one behaves is shown elsewhere, by a real one.

#![allow(clippy::unwrap_used)]

use crate::class::Class;
use crate::path::Path;
use crate::provider::Provider;
use crate::service::{Asked, Service, unescaped};
use serde_json::{Map, Value as Json, json};
use sluss_sdk::http::Response;
use sluss_sdk::{Applied, Attribute, Change, Edit, Error, Modification, Operation, Outcome, Update, Value};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// What becomes of a request instead of its usual answer.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It is answered like this, and does nothing.
    Says(u16, Json),
    /// It is done, and then answered like this.
    Does(u16),
    /// It is done, and the answer gets lost.
    Lost,
    /// Nothing leaves the machine.
    Unsent,
    /// The answer is longer than the connection allows.
    Long,
}

/// How it lists what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// As SCIM wants it.
    Proper,
    /// In whole pages only, counted from the first.
    Whole,
    /// Everything at once, whatever is asked for.
    All,
    /// The first page, whatever is asked for.
    First,
    /// So many at most.
    AtMost(usize),
    /// The number of those that are given is told for the number of all.
    Short,
    /// Another order each time.
    Shuffled,
}

/// The service.
pub struct Fake {
    pub users: RefCell<Vec<Json>>,
    pub groups: RefCell<Vec<Json>>,
    pub config: RefCell<Option<Json>>,
    pub schemas: RefCell<Option<Json>>,
    pub pages: Cell<Pages>,
    pub filters: Cell<bool>,
    pub now: Cell<i64>,
    /// How many seconds a request takes.
    pub slow: Cell<i64>,
    pub number: Cell<u64>,
    turns: RefCell<VecDeque<(String, Turn)>>,
    heard: RefCell<Vec<Asked>>,
}

impl Fake {
    pub fn new() -> Fake {
        let can = json!({"supported": true});
        let config = json!({"patch": can, "filter": can, "etag": can, "bulk": {"supported": false}});
        Fake {
            users: RefCell::default(),
            groups: RefCell::default(),
            config: RefCell::new(Some(config)),
            schemas: RefCell::default(),
            pages: Cell::new(Pages::Proper),
            filters: Cell::new(true),
            now: Cell::new(1_800_000_000),
            slow: Cell::new(0),
            number: Cell::new(0),
            turns: RefCell::default(),
            heard: RefCell::default(),
        }
    }

    /// Says otherwise of what it can do.
    pub fn can(self, name: &str, what: Json) -> Fake {
        self.config.borrow_mut().as_mut().unwrap()[name] = what;
        self
    }

    pub fn user(&self, id: &str, more: Json) {
        self.put(Class::User, id, more);
    }

    pub fn group(&self, id: &str, more: Json) {
        self.put(Class::Group, id, more);
    }

    fn put(&self, class: Class, id: &str, more: Json) {
        let mut own = json!({"schemas": [class.schema()], "id": id, "meta": {"version": self.version()}});
        own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.list(class).borrow_mut().push(own);
    }

    /// The next request of this kind (`POST /Users`) fares otherwise.
    pub fn turn(&self, what: &str, turn: Turn) {
        self.turns.borrow_mut().push_back((what.to_owned(), turn));
    }

    /// What was asked since the last time.
    pub fn heard(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.heard.borrow_mut())
    }

    pub fn get(&self, class: Class, id: &str) -> Json {
        self.list(class).borrow().iter().find(|own| own["id"] == id).cloned().unwrap_or_default()
    }

    fn list(&self, class: Class) -> &RefCell<Vec<Json>> {
        if class == Class::User { &self.users } else { &self.groups }
    }

    fn version(&self) -> String {
        self.number.set(self.number.get() + 1);
        format!("W/\"{}\"", self.number.get())
    }

    fn route(
        &self,
        method: &str,
        path: &str,
        query: &[(&'static str, String)],
        version: Option<&str>,
        body: &Json,
    ) -> (u16, Json) {
        match path {
            "/ServiceProviderConfig" => {
                return self.config.borrow().clone().map_or((404, Json::Null), |own| (200, own));
            }
            "/Schemas" => return self.schemas.borrow().clone().map_or((404, Json::Null), |own| (200, own)),
            "/ResourceTypes" => return (404, Json::Null),
            "/Bulk" => return (200, self.bulk(body)),
            _ => {}
        }
        let class = if path.starts_with("/Users") { Class::User } else { Class::Group };
        let id = path.split('/').nth(2).map(|id| unescaped(id).unwrap());
        let mut list = self.list(class).borrow_mut();
        let Some(id) = id else {
            return match method {
                "GET" => self.page(&list, query),
                _ => self.make(class, &mut list, body),
            };
        };
        let Some(at) = list.iter().position(|own| own["id"] == id.as_str()) else { return (404, Json::Null) };
        if version.is_some_and(|version| list[at]["meta"]["version"] != version) {
            return (412, Json::Null);
        }
        let mut now = list[at].clone();
        match method {
            "GET" => {
                if query.iter().any(|(name, _)| *name == "excludedAttributes") {
                    now.as_object_mut().unwrap().remove("members");
                }
                return (200, now);
            }
            "DELETE" => {
                list.remove(at);
                return (204, Json::Null);
            }
            "PUT" => now = body.clone(),
            _ => {
                for operation in body["Operations"].as_array().unwrap() {
                    if let Err(word) = changed(&mut now, operation) {
                        return (400, json!({"scimType": word}));
                    }
                }
            }
        }
        if taken(&list, &now, &id) {
            return (409, json!({"scimType": "uniqueness", "detail": "anna.berg is taken"}));
        }
        now["id"] = json!(id);
        now["meta"] = json!({"version": self.version()});
        list[at] = now.clone();
        if method == "PUT" { (200, now) } else { (204, Json::Null) }
    }

    fn make(&self, class: Class, list: &mut Vec<Json>, body: &Json) -> (u16, Json) {
        if taken(list, body, "") {
            return (409, json!({"scimType": "uniqueness", "detail": "anna.berg is taken"}));
        }
        if body["members"].as_array().is_some_and(|all| all.iter().any(|own| own["value"] == "nobody")) {
            return (400, json!({"scimType": "invalidValue"}));
        }
        let mut new = body.clone();
        new.as_object_mut().unwrap().remove("password");
        let version = self.version();
        new["id"] = json!(format!("{}{}", class.name(), self.number.get()));
        new["meta"] = json!({"version": version});
        list.push(new.clone());
        (201, new)
    }

    fn page(&self, list: &[Json], query: &[(&'static str, String)]) -> (u16, Json) {
        let option = |name: &str| query.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        let mut list = list.to_vec();
        if let Some(filter) = option("filter") {
            if self.config.borrow().as_ref().is_some_and(|own| own["filter"]["supported"] != true) {
                return (400, json!({"scimType": "invalidFilter"}));
            }
            if self.filters.get() {
                let (path, value) = filter.split_once(" eq ").unwrap();
                let (path, value): (Path, Json) = (Path::parse(path).unwrap(), serde_json::from_str(value).unwrap());
                list.retain(|own| path.values(own).contains(&&value));
            }
        }
        let number = |name: &str, other: usize| option(name).map_or(other, |text| text.parse().unwrap());
        let (start, count) = (number("startIndex", 1) - 1, number("count", 100));
        let pages = self.pages.get();
        if pages == Pages::Shuffled {
            let turn = self.heard.borrow().len() % list.len().max(1);
            list.rotate_left(turn);
        }
        let (start, count) = match pages {
            Pages::Whole => (start / count * count, count),
            Pages::All => (0, usize::MAX),
            Pages::First => (0, count),
            Pages::AtMost(most) => (start, count.min(most)),
            Pages::Proper | Pages::Short | Pages::Shuffled => (start, count),
        };
        let mut given: Vec<Json> = list.iter().skip(start).take(count).cloned().collect();
        if option("excludedAttributes").is_some() {
            given.iter_mut().for_each(|own| drop(own.as_object_mut().unwrap().remove("members")));
        }
        let total = if pages == Pages::Short { given.len() } else { list.len() };
        (200, json!({"totalResults": total, "Resources": given}))
    }

    fn bulk(&self, body: &Json) -> Json {
        let answers = body["Operations"].as_array().unwrap().iter().map(|operation| {
            let (method, path) = (operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap());
            let (status, told) = match self.due(&format!("{method} {path}")) {
                Some(Turn::Says(status, told)) => (status, told),
                Some(Turn::Lost) => return Json::Null,
                Some(turn) => panic!("{turn:?} is no part of many"),
                None => self.route(method, path, &[], operation["version"].as_str(), &operation["data"]),
            };
            let mut own = json!({"method": method, "status": status.to_string()});
            if let Some(mark) = operation.get("bulkId") {
                own["bulkId"] = mark.clone();
            }
            // What was not made has no address.
            let place = if method == "POST" {
                told["id"].as_str().map(|id| format!("{path}/{id}"))
            } else {
                Some(path.to_owned())
            };
            if let Some(place) = place {
                own["location"] = json!(format!("https://app.test/scim/v2{place}"));
            }
            if status < 300 {
                own["version"] = told["meta"]["version"].clone();
            } else {
                own["response"] = told;
            }
            own
        });
        let answers: Vec<Json> = answers.filter(|own| !own.is_null()).collect();
        json!({"Operations": answers})
    }

    fn due(&self, what: &str) -> Option<Turn> {
        let at = self.turns.borrow().iter().position(|(wanted, _)| wanted == what)?;
        self.turns.borrow_mut().remove(at).map(|(_, turn)| turn)
    }
}

impl Service for Fake {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        self.heard.borrow_mut().push(asked.clone());
        self.now.set(self.now.get() + self.slow.get());
        let broken = |sent| Error { sent, ..Error::unavailable("the connection broke") };
        let body = asked.body.clone().unwrap_or_default();
        let answer = || self.route(asked.method, &asked.path, &asked.query, asked.version.as_deref(), &body);
        let (status, body) = match self.due(&format!("{} {}", asked.method, asked.path)) {
            None => answer(),
            Some(Turn::Says(status, body)) => (status, body),
            Some(Turn::Does(status)) => {
                answer();
                (status, Json::Null)
            }
            Some(Turn::Lost) => {
                answer();
                return Err(broken(true));
            }
            Some(Turn::Unsent) => return Err(broken(false)),
            Some(Turn::Long) => {
                return Err(Error { sent: true, ..Error::config("the answer is longer than 16 bytes") });
            }
        };
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Ok(Response { status, headers: vec![("retry-after".into(), "3".into())], body })
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        Ok(format!("stand-in-{change}"))
    }

    fn now(&self) -> i64 {
        self.now.get()
    }
}

/// Carries one operation of a PATCH out.
fn changed(resource: &mut Json, operation: &Json) -> Result<(), &'static str> {
    let (op, path, value) =
        (operation["op"].as_str().unwrap(), operation["path"].as_str().unwrap(), &operation["value"]);
    let own = resource.as_object_mut().unwrap();
    if path.starts_with("members") {
        let mut members = own.remove("members").and_then(|own| own.as_array().cloned()).unwrap_or_default();
        match op {
            "add" => {
                let value = value.as_array().unwrap();
                if value.iter().any(|own| own["value"] == "nobody") {
                    return Err("invalidValue");
                }
                members.extend(value.iter().filter(|own| !members.contains(own)).cloned().collect::<Vec<_>>());
            }
            "replace" => members = value.as_array().unwrap().clone(),
            _ if path == "members" => members.clear(),
            _ => {
                let id = path.split('"').nth(1).unwrap();
                let before = members.len();
                members.retain(|own| own["value"] != id);
                if members.len() == before {
                    return Err("noTarget");
                }
            }
        }
        own.insert("members".into(), members.into());
        return Ok(());
    }
    let place = Path::parse(path).map_err(|_| "invalidPath")?;
    let is_list = value.is_array();
    match op {
        "remove" if Path::parse(path).unwrap().values(&Json::Object(own.clone())).is_empty() => return Err("noTarget"),
        "remove" => place.write(own, Vec::new(), is_list),
        "add" => {
            let list = own.entry(path).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().extend(value.as_array().unwrap().clone());
        }
        _ if place.is_chosen() && place.values(&Json::Object(own.clone())).is_empty() => return Err("noTarget"),
        _ if is_list => place.write(own, value.as_array().unwrap().clone(), true),
        _ => place.write(own, vec![value.clone()], false),
    }
    Ok(())
}

fn taken(list: &[Json], new: &Json, id: &str) -> bool {
    list.iter().any(|own| own["id"] != id && own["userName"].is_string() && own["userName"] == new["userName"])
}

pub fn provider(fake: Fake, more: Json) -> Provider<Fake> {
    let mut settings = Map::from_iter([("connection".to_owned(), json!("app"))]);
    settings.extend(more.as_object().unwrap().clone());
    Provider::new(fake, serde_json::from_value(Json::Object(settings)).unwrap()).unwrap()
}

pub fn attribute(name: &str, value: impl Into<Value>) -> Attribute {
    Attribute::one(name, value)
}

pub fn references(ids: &[&str]) -> Vec<Value> {
    ids.iter().map(|id| Value::Reference((*id).to_owned())).collect()
}

pub fn create(id: u64, class: &str, attributes: Vec<Attribute>) -> Change {
    Change { id, class: class.to_owned(), operation: Operation::Create(attributes) }
}

pub fn update(id: u64, class: &str, object: &str, edits: Vec<(&str, Edit)>) -> Change {
    let modifications =
        edits.into_iter().map(|(name, edit)| Modification { attribute: name.to_owned(), edit }).collect();
    let update = Update { id: object.to_owned(), version: None, modifications };
    Change { id, class: class.to_owned(), operation: Operation::Update(update) }
}

pub fn remove(id: u64, class: &str, object: &str) -> Change {
    Change { id, class: class.to_owned(), operation: Operation::Remove(object.to_owned()) }
}

pub fn set(value: impl Into<Value>) -> Edit {
    Edit::Replace(vec![value.into()])
}

#[track_caller]
pub fn applied(outcome: &Outcome) -> &Applied {
    match outcome {
        Outcome::Applied(applied) => applied,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn rejected(outcome: &Outcome) -> &Error {
    match outcome {
        Outcome::Rejected(error) => error,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn unknown(outcome: &Outcome) -> &Error {
    match outcome {
        Outcome::Unknown(error) => error,
        other => panic!("{other:?}"),
    }
}
