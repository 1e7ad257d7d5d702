//! A tenant in memory, as small as the tests of this crate need it. How Graph really behaves is shown elsewhere, by a
//! server that stands in for it.

#![allow(clippy::unwrap_used)]

use crate::graph::{Asked, Graph};
use serde_json::{Value as Json, json};
use sluss_sdk::http::Response;
use sluss_sdk::{Applied, Attribute, Change, Edit, Error, Modification, Operation, Outcome, Update, Value};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

pub const BASE: &str = "https://graph.example.test/v1.0";
pub const E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
pub const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";

/// What becomes of a request instead of its usual answer.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It is answered like this, and does nothing.
    Says(u16, Json),
    /// It is done, and then answered like this.
    Does(u16),
    /// The whole batch is done, and the answer gets lost.
    Lost,
    /// Nothing leaves the machine.
    Unsent,
}

/// The tenant.
#[derive(Default)]
pub struct Fake {
    objects: RefCell<BTreeMap<String, Json>>,
    bin: RefCell<BTreeMap<String, Json>>,
    turns: RefCell<VecDeque<(String, Turn)>>,
    heard: RefCell<Vec<String>>,
    batches: RefCell<Vec<Vec<Json>>>,
    warned: RefCell<Vec<String>>,
    pub links: RefCell<BTreeMap<String, (u16, Json)>>,
    pub seats: Cell<i64>,
    pub syncs: Cell<bool>,
    pub now: Cell<i64>,
    pub waits: RefCell<Option<u32>>,
}

/// The id of the object with this number.
pub fn id(number: u32) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

impl Fake {
    pub fn new() -> Fake {
        let fake = Fake::default();
        fake.seats.set(10);
        fake.now.set(1_800_000_000);
        fake
    }

    /// Puts an object there: a user unless it says otherwise.
    pub fn put(&self, number: u32, more: Json) -> String {
        let mut object = json!({"id": id(number), "@odata.type": "#microsoft.graph.user", "userType": "Member",
            "accountEnabled": true, "members": [], "owners": [], "sponsors": [], "licenseAssignmentStates": []});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.objects.borrow_mut().insert(id(number), object);
        id(number)
    }

    pub fn group(&self, number: u32, more: Json) -> String {
        let id = self.put(number, json!({"@odata.type": "#microsoft.graph.group", "assignedLicenses": []}));
        self.objects
            .borrow_mut()
            .get_mut(&id)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        id
    }

    pub fn object(&self, id: &str) -> Json {
        self.objects.borrow().get(id).cloned().unwrap_or_default()
    }

    pub fn all(&self) -> Vec<Json> {
        self.objects.borrow().values().cloned().collect()
    }

    pub fn throw_away(&self, id: &str) {
        if let Some(mut object) = self.objects.borrow_mut().remove(id) {
            let name = object["userPrincipalName"].as_str().unwrap_or_default().to_owned();
            object["userPrincipalName"] = json!(format!("{}{name}", id.replace('-', "")));
            self.bin.borrow_mut().insert(id.to_owned(), object);
        }
    }

    /// The next request of this kind (`POST /users`) fares otherwise.
    pub fn turn(&self, what: &str, turn: Turn) {
        self.turns.borrow_mut().push_back((what.to_owned(), turn));
    }

    /// What was asked since the last time, parts of batches each by itself.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.borrow_mut())
    }

    pub fn batches(&self) -> Vec<Vec<Json>> {
        std::mem::take(&mut self.batches.borrow_mut())
    }

    pub fn warned(&self) -> Vec<String> {
        std::mem::take(&mut self.warned.borrow_mut())
    }

    fn lost() -> Error {
        Error { sent: true, ..Error::unavailable("the connection broke") }
    }

    fn answer(&self, method: &str, url: &str, body: &Json) -> Result<(u16, Json), Error> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let what = format!("{method} {path}");
        self.heard.borrow_mut().push(what.clone());
        let at = self.turns.borrow().iter().position(|(wanted, _)| *wanted == what);
        match at.and_then(|at| self.turns.borrow_mut().remove(at)) {
            None => Ok(self.route(method, path, &options(query), body)),
            Some((_, Turn::Says(status, body))) => Ok((status, body)),
            Some((_, Turn::Does(status))) => {
                self.route(method, path, &options(query), body);
                Ok((status, Json::Null))
            }
            Some((_, Turn::Lost)) => {
                self.route(method, path, &options(query), body);
                Err(Fake::lost())
            }
            Some((_, Turn::Unsent)) => Err(Error::unavailable("nobody answers")),
        }
    }

    fn batch(&self, body: &Json) -> Result<(u16, Json), Error> {
        let requests = body["requests"].as_array().unwrap().clone();
        assert!(requests.len() <= 20, "a batch of {}", requests.len());
        self.batches.borrow_mut().push(requests.clone());
        let (mut responses, mut failed, mut lost) = (Vec::new(), Vec::new(), None);
        for request in &requests {
            let part = request["id"].clone();
            let depends = request["dependsOn"].as_array().into_iter().flatten().any(|on| failed.contains(on));
            let (status, body) = if depends {
                (424, Json::Null)
            } else {
                let (method, url) = (request["method"].as_str().unwrap(), request["url"].as_str().unwrap());
                assert!(request["body"].is_null() || request["headers"]["Content-Type"] == "application/json");
                match self.answer(method, url, &request["body"]) {
                    Ok(answer) => answer,
                    Err(error) => {
                        lost = Some(error);
                        continue;
                    }
                }
            };
            if status >= 400 {
                failed.push(part.clone());
            }
            let mut headers = json!({});
            if let (429, Some(wait)) = (status, *self.waits.borrow()) {
                headers["Retry-After"] = json!(wait.to_string());
            }
            // Parts come back in any order.
            responses.insert(0, json!({"id": part, "status": status, "headers": headers, "body": body}));
        }
        lost.map_or(Ok((200, json!({"responses": responses}))), Err)
    }

    fn route(&self, method: &str, path: &str, options: &BTreeMap<String, String>, body: &Json) -> (u16, Json) {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let mut objects = self.objects.borrow_mut();
        let missing = || (404, fault("Request_ResourceNotFound", None));
        match (method, parts.as_slice()) {
            ("GET", ["organization"]) => {
                let domains = json!([{"name": "example.org"}]);
                let told = json!({"displayName": "Kommunen", "verifiedDomains": domains, "onPremisesSyncEnabled": self.syncs.get()});
                (200, json!({"value": [told]}))
            }
            ("GET", ["subscribedSkus"]) => {
                let sku = |name: &str, id: &str| {
                    json!({"skuId": id, "skuPartNumber": name, "capabilityStatus": "Enabled", "appliesTo": "User",
                        "consumedUnits": 0, "prepaidUnits": {"enabled": self.seats.get()}})
                };
                (200, json!({"value": [sku("ENTERPRISEPACK", E3), sku("STANDARDPACK", E1)]}))
            }
            ("GET", [collection @ ("users" | "groups")]) => (200, list(objects.values(), collection, options)),
            ("GET", ["directory", "deletedItems", "microsoft.graph.user"]) => {
                (200, list(self.bin.borrow().values(), "users", options))
            }
            ("GET", ["directory", "deletedItems", id]) => {
                self.bin.borrow().get(*id).cloned().map_or_else(missing, |own| (200, own))
            }
            ("POST", ["directory", "deletedItems", id, "restore"]) => match self.bin.borrow_mut().remove(*id) {
                Some(mut own) => {
                    own["userPrincipalName"] = json!(own["userPrincipalName"].as_str().unwrap()[32..].to_owned());
                    objects.insert((*id).to_owned(), own.clone());
                    (200, own)
                }
                None => missing(),
            },
            ("POST", ["users" | "groups"]) => {
                let same = |name: &str| objects.values().any(|own| !body[name].is_null() && own[name] == body[name]);
                if same("userPrincipalName") {
                    return (400, fault("ObjectConflict", Some("userPrincipalName")));
                }
                let is_there = |own: &Json| objects.contains_key(own.as_str().unwrap().rsplit('/').next().unwrap());
                if !body["manager@odata.bind"].is_null() && !is_there(&body["manager@odata.bind"]) {
                    return missing();
                }
                let number = 900 + objects.len() as u32;
                drop(objects);
                let id =
                    if parts[0] == "users" { self.put(number, body.clone()) } else { self.group(number, body.clone()) };
                (201, self.object(&id))
            }
            ("POST", ["invitations"]) => {
                let number = 900 + objects.len() as u32;
                drop(objects);
                let guest = json!({"mail": body["invitedUserEmailAddress"], "userType": "Guest", "creationType": "Invitation",
                    "displayName": body["invitedUserDisplayName"], "createdDateTime": "2027-01-15T08:00:00Z"});
                (201, json!({"invitedUser": {"id": self.put(number, guest)}}))
            }
            (_, [_, id, rest @ ..]) if objects.contains_key(*id) => of(&mut objects, method, id, rest, body, self),
            _ => missing(),
        }
    }
}

fn of(
    all: &mut BTreeMap<String, Json>,
    method: &str,
    id: &str,
    rest: &[&str],
    body: &Json,
    fake: &Fake,
) -> (u16, Json) {
    let bad = || (400, fault("Request_BadRequest", None));
    let referred = |address: &Json| address.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let is_there = |all: &BTreeMap<String, Json>, id: &str| all.contains_key(id);
    match (method, rest) {
        ("GET", []) => (200, all[id].clone()),
        ("GET", ["memberOf"]) => {
            let groups =
                all.values().filter(|group| group["members"].as_array().unwrap().iter().any(|own| own["id"] == id));
            (200, json!({"value": groups.cloned().collect::<Vec<Json>>()}))
        }
        ("GET", [name]) => (200, json!({"value": all[id][*name]})),
        ("PATCH", []) => {
            for address in body["members@odata.bind"].as_array().into_iter().flatten() {
                let member = referred(address);
                if !is_there(all, &member) {
                    return (404, fault("Request_ResourceNotFound", None));
                }
                if all[id]["members"].as_array().unwrap().iter().any(|own| own["id"] == member) {
                    return bad();
                }
            }
            let joins: Vec<Json> = body["members@odata.bind"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|own| json!({"id": referred(own)}))
                .collect();
            let own = all.get_mut(id).unwrap();
            own["members"].as_array_mut().unwrap().extend(joins);
            let plain = body.as_object().unwrap().iter().filter(|(name, _)| !name.contains('@'));
            own.as_object_mut().unwrap().extend(plain.map(|(name, value)| (name.clone(), value.clone())));
            (204, Json::Null)
        }
        ("DELETE", []) if all[id]["assignedLicenses"].as_array().is_some_and(|own| !own.is_empty()) => bad(),
        ("DELETE", []) => {
            all.remove(id);
            (204, Json::Null)
        }
        ("PUT", ["manager", "$ref"]) => {
            let manager = referred(&body["@odata.id"]);
            if !is_there(all, &manager) {
                return (404, fault("Request_ResourceNotFound", None));
            }
            all.get_mut(id).unwrap()["manager"] = json!({"id": manager});
            (204, Json::Null)
        }
        ("DELETE", ["manager", "$ref"]) if all[id]["manager"].is_null() => {
            (404, fault("Request_ResourceNotFound", None))
        }
        ("DELETE", ["manager", "$ref"]) => {
            all.get_mut(id).unwrap()["manager"] = Json::Null;
            (204, Json::Null)
        }
        ("POST", [name, "$ref"]) => {
            let other = referred(&body["@odata.id"]);
            let there = is_there(all, &other);
            let list = all.get_mut(id).unwrap()[*name].as_array_mut().unwrap();
            if !there || list.iter().any(|own| own["id"] == other) {
                return bad();
            }
            list.push(json!({"id": other}));
            (204, Json::Null)
        }
        ("DELETE", [name, other, "$ref"]) => {
            let list = all.get_mut(id).unwrap()[*name].as_array_mut().unwrap();
            let before = list.len();
            list.retain(|own| own["id"] != *other);
            if list.len() < before { (204, Json::Null) } else { (404, fault("Request_ResourceNotFound", None)) }
        }
        ("POST", ["revokeSignInSessions"]) => {
            all.get_mut(id).unwrap()["signInSessionsValidFromDateTime"] = json!(fake.now.get());
            (200, json!({"value": true}))
        }
        ("POST", ["assignLicense"]) => {
            let own = all.get_mut(id).unwrap();
            let name = if own["@odata.type"] == "#microsoft.graph.group" {
                "assignedLicenses"
            } else {
                "licenseAssignmentStates"
            };
            let list = own[name].as_array_mut().unwrap();
            list.retain(|own| {
                !own["assignedByGroup"].is_null() || !body["removeLicenses"].as_array().unwrap().contains(&own["skuId"])
            });
            list.extend(
                body["addLicenses"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|add| json!({"skuId": add["skuId"], "assignedByGroup": null})),
            );
            (200, json!({}))
        }
        _ => bad(),
    }
}

fn list<'o>(all: impl Iterator<Item = &'o Json>, collection: &str, options: &BTreeMap<String, String>) -> Json {
    let kind = if collection == "users" { "#microsoft.graph.user" } else { "#microsoft.graph.group" };
    let filter = options.get("$filter").cloned().unwrap_or_default();
    let found: Vec<Json> = all.filter(|own| own["@odata.type"] == kind && holds(&filter, own)).cloned().collect();
    json!({"@odata.context": format!("{BASE}/$metadata#{collection}"), "value": found})
}

/// Whether a filter holds: `name eq 'value'`, joined by `and`, or `id in ('one','other')`.
fn holds(filter: &str, own: &Json) -> bool {
    filter.split(" and ").filter(|clause| !clause.is_empty()).all(|clause| {
        if let Some((name, values)) = clause.split_once(" in ") {
            return values.contains(own[name].as_str().unwrap_or("?"));
        }
        let (name, value) = clause.split_once(" eq ").unwrap();
        let value = value.trim_end_matches(')').trim_matches('\'').replace("''", "'");
        match name.strip_prefix("proxyAddresses") {
            Some(_) => own["proxyAddresses"].as_array().into_iter().flatten().any(|own| *own == value.as_str()),
            None => own[name].as_str().is_some_and(|own| own.eq_ignore_ascii_case(&value)),
        }
    })
}

fn options(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), plain(value)))
        .collect()
}

fn plain(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    let bytes = parts.fold(first.into_bytes(), |mut bytes, part| {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
        bytes
    });
    String::from_utf8(bytes).unwrap()
}

pub fn fault(code: &str, target: Option<&str>) -> Json {
    json!({"error": {"code": "Request_BadRequest", "message": "Anna Berg", "details": [{"code": code, "target": target}]}})
}

fn response((status, body): (u16, Json)) -> Response {
    Response { status, headers: Vec::new(), body: serde_json::to_vec(&body).unwrap() }
}

impl Graph for Fake {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        if asked.path == "/$batch" {
            assert!(asked.change.is_some());
            let at = self.turns.borrow().iter().position(|(wanted, _)| wanted == "POST /$batch");
            let answer = match at.and_then(|at| self.turns.borrow_mut().remove(at)) {
                Some((_, Turn::Says(status, body))) => (status, body),
                Some((_, Turn::Unsent)) => return Err(Error::permission("the connection is not granted for writing")),
                Some(_) => {
                    self.batch(asked.body.as_ref().unwrap())?;
                    return Err(Fake::lost());
                }
                None => self.batch(asked.body.as_ref().unwrap())?,
            };
            return Ok(response(answer));
        }
        assert!(asked.change.is_none() && asked.method == "GET", "reading is by GET alone");
        let query: Vec<String> =
            asked.query.iter().map(|(name, value)| format!("{name}={}", crate::graph::segment(value))).collect();
        self.answer("GET", &format!("{}?{}", asked.path, query.join("&")), &Json::Null).map(response)
    }

    fn follow(&self, url: &str) -> Result<Response, Error> {
        self.heard.borrow_mut().push(format!("GET {url}"));
        let link = self.links.borrow().get(url).cloned();
        link.map(response).ok_or_else(|| Error::permission("a link leads elsewhere"))
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        Ok(format!("stand-in-{change}"))
    }

    fn now(&self) -> i64 {
        self.now.get()
    }

    fn warn(&self, message: &str) {
        self.warned.borrow_mut().push(message.to_owned());
    }
}

/// A tenant with these settings beside the connection.
pub fn tenant(more: Json) -> crate::Tenant<Fake> {
    let mut all = json!({"connection": "graph"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    crate::Tenant::new(Fake::new(), serde_json::from_value(all).unwrap()).unwrap()
}

pub fn create(change: u64, class: &str, attributes: &[(&str, Value)]) -> Change {
    let attributes = attributes.iter().map(|(name, value)| Attribute::one(*name, value.clone())).collect();
    Change { id: change, class: class.into(), operation: Operation::Create(attributes) }
}

pub fn update(change: u64, class: &str, id: &str, edits: &[(&str, Edit)]) -> Change {
    let modification = |(name, edit): &(&str, Edit)| Modification { attribute: (*name).into(), edit: edit.clone() };
    let modifications = edits.iter().map(modification).collect();
    Change {
        id: change,
        class: class.into(),
        operation: Operation::Update(Update { id: id.into(), version: None, modifications }),
    }
}

pub fn remove(change: u64, class: &str, id: &str) -> Change {
    Change { id: change, class: class.into(), operation: Operation::Remove(id.into()) }
}

pub fn to(value: impl Into<Value>) -> Edit {
    Edit::Replace(vec![value.into()])
}

pub fn refer(ids: &[String]) -> Vec<Value> {
    ids.iter().cloned().map(Value::Reference).collect()
}

impl crate::Tenant<Fake> {
    /// Carries one change out.
    pub fn one(&self, change: Change) -> Outcome {
        self.apply(&[change]).unwrap().pop().unwrap()
    }
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
