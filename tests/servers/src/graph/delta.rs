//! Delta queries: everything at first, then what changed, in rounds of pages.
//!
//! The tokens say nothing to their holder, and end after a week. Clients have to bear that pages are empty, that objects
//! come twice and rounds again, and that they are told to begin anew.

use super::call::Call;
use super::clock::between;
use super::fault::{Fault, Reply};
use super::filter::{Expression, Relation};
use super::object::{Kind, Object, Properties};
use super::page::context;
use super::properties::{self, Write};
use super::tenant::{Tenant, What};
use super::view::{View, value};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a token can be used.
const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The most ids that a filter may name.
const MOST_IDS: usize = 50;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub struct Deltas {
    kept: HashMap<String, (Timestamp, Round)>,
    forgotten: HashSet<String>,
}

impl Deltas {
    /// Forgets all of them, so that their holders have to begin anew.
    pub fn forget(&mut self) {
        self.forgotten.extend(self.kept.drain().map(|(token, _)| token));
    }
}

/// A round of a delta query, or what the next one begins with.
#[derive(Debug, Clone)]
struct Round {
    kind: Kind,
    select: Option<Vec<String>>,
    ids: Option<BTreeSet<String>>,
    is_minimal: bool,
    /// Where the changes of this round begin, and those of the next one.
    begin: usize,
    end: usize,
    /// What changed before, but could not be seen then.
    late: BTreeSet<String>,
    pages: Arc<Vec<Vec<Value>>>,
    at: usize,
}

/// What became of an object within a round.
#[derive(Debug, Default)]
struct Touched {
    is_new: bool,
    is_gone: bool,
    changed: BTreeSet<String>,
    manager: Option<Option<String>>,
    members: BTreeMap<String, bool>,
}

/// Answers a delta query.
pub fn answer(tenant: &mut Tenant, call: &Call, kind: Kind) -> Result<Reply, Fault> {
    for option in ["$top", "$orderby", "$expand", "$search", "$count"] {
        if call.query.get(option).is_some() {
            return Err(Fault::unsupported(format!("The query option '{option}' is not supported by delta queries.")));
        }
    }
    let tokens = (call.query.get("$skiptoken"), call.query.get("$deltatoken").filter(|token| !token.is_empty()));
    let round = match tokens {
        (Some(_), _) if call.query.get("$select").is_some() => {
            return Err(Fault::unsupported("The query option '$select' cannot be combined with '$skiptoken'."));
        }
        (Some(token), _) => known(tenant, call, token, kind)?,
        (None, None) => first(tenant, call, kind)?,
        (None, Some("latest")) => {
            let end = tenant.changes.len();
            Round { end, begin: end, pages: Arc::default(), ..first(tenant, call, kind)? }
        }
        (None, Some(token)) => {
            let last = known(tenant, call, token, kind)?;
            let select = match call.query.get("$select") {
                Some(_) => selected(tenant, call, kind)?,
                None => last.select.clone(),
            };
            later(tenant, Round { select, is_minimal: call.query.is_minimal, ..last })
        }
    };
    Ok(tell(tenant, call, round))
}

fn known(tenant: &Tenant, call: &Call, token: &str, kind: Kind) -> Result<Round, Fault> {
    match tenant.deltas.kept.get(token) {
        Some((since, round)) if round.kind == kind => match between(*since, tenant.now()) > LIFE {
            false => Ok(round.clone()),
            true => Err(Fault::new(
                400,
                "syncStateNotFound",
                "The state of the token is not known any more. Begin anew without a token.",
            )),
        },
        _ if tenant.deltas.forgotten.contains(token) => {
            let mut fault = Fault::new(
                410,
                "resyncRequired",
                "Resync required. Replace the local copies with what the server holds.",
            );
            fault
                .headers
                .push(("Location".to_owned(), format!("{}/{}/delta?$deltatoken=", call.base, kind.collection())));
            Err(fault)
        }
        _ => Err(Fault::new(400, "Request_BadRequest", "Badly formed token.")),
    }
}

fn selected(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Option<Vec<String>>, Fault> {
    call.query.select(Some(kind), |name| tenant.extensions.contains(name))
}

/// The first round: everything that there is.
fn first(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Round, Fault> {
    let ids = match call.query.get("$filter") {
        None => None,
        Some(text) => Some(ids(&super::filter::parse(text)?)?),
    };
    let mut round = Round {
        kind,
        select: selected(tenant, call, kind)?,
        ids,
        is_minimal: call.query.is_minimal,
        begin: tenant.changes.len(),
        end: tenant.changes.len(),
        late: BTreeSet::new(),
        pages: Arc::default(),
        at: 0,
    };
    let (now, touched) = (tenant.now(), Touched { is_new: true, ..Touched::default() });
    let mut items = Vec::new();
    for object in tenant.objects.values().filter(|object| object.kind == kind) {
        if !object.is_live() {
            if tenant.trouble.removed_at_first {
                items.push(removed(&object.id, "changed"));
            }
        } else if object.visible > now {
            round.late.insert(object.id.clone());
        } else if round.wants(&object.id) {
            items.extend(round.told(tenant, object, &touched));
        }
    }
    round.pages = Arc::new(paged(tenant, items));
    Ok(round)
}

/// The ids that a filter names: the only thing that it may do.
fn ids(filter: &Expression) -> Result<BTreeSet<String>, Fault> {
    let wrong = || Fault::unsupported("Delta queries can be filtered by ids only.");
    let found = match filter {
        Expression::Or(one, other) => ids(one)?.union(&ids(other)?).cloned().collect(),
        Expression::Compare(path, Relation::Equal, Value::String(id)) if path.len() == 1 && path[0] == "id" => {
            BTreeSet::from([id.to_lowercase()])
        }
        _ => return Err(wrong()),
    };
    if found.len() > MOST_IDS { Err(wrong()) } else { Ok(found) }
}

/// The round after another: what changed since.
fn later(tenant: &Tenant, last: Round) -> Round {
    let begin = if tenant.trouble.replays { last.begin } else { last.end };
    let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
    for id in &last.late {
        touched.entry(id).or_default().is_new = true;
    }
    for change in tenant.changes[begin..].iter().filter(|change| change.kind == last.kind) {
        let touched = touched.entry(&change.id).or_default();
        match &change.what {
            What::Made | What::Restored => (touched.is_new, touched.is_gone) = (true, false),
            What::Changed(names) => touched.changed.extend(names.iter().cloned()),
            What::Manager(old) => touched.manager = Some(touched.manager.take().unwrap_or_else(|| old.clone())),
            What::Joined(member) => _ = touched.members.insert(member.clone(), true),
            What::Left(member) => _ = touched.members.insert(member.clone(), false),
            What::Deleted | What::Purged => touched.is_gone = true,
        }
    }
    let mut round = Round { begin: last.end, end: tenant.changes.len(), late: BTreeSet::new(), at: 0, ..last };
    let (now, mut items) = (tenant.now(), Vec::new());
    for (id, touched) in touched.iter().filter(|(id, _)| round.ids.as_ref().is_none_or(|ids| ids.contains(**id))) {
        match tenant.objects.get(*id) {
            None => items.push(removed(id, "deleted")),
            Some(object) if !object.is_live() => {
                if touched.is_gone {
                    items.push(removed(id, "changed"));
                }
            }
            Some(object) if object.visible > now => _ = round.late.insert((*id).to_owned()),
            Some(object) => items.extend(round.told(tenant, object, touched)),
        }
    }
    round.pages = Arc::new(paged(tenant, items));
    round
}

fn removed(id: &str, reason: &str) -> Value {
    json!({"id": id, "@removed": {"reason": reason}})
}

fn reference(tenant: &Tenant, id: &str, is_there: bool) -> Value {
    let kind = tenant.objects.get(id).map_or(Kind::User, |object| object.kind);
    let mut reference = json!({"@odata.type": kind.odata_type(), "id": id});
    if !is_there {
        reference["@removed"] = json!({"reason": "deleted"});
    }
    reference
}

impl Round {
    fn wants(&self, id: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(id))
    }

    /// Whether a reference is told; the members of groups are if nobody says what shall be.
    fn tracks(&self, name: &str) -> bool {
        match &self.select {
            Some(names) => names.iter().any(|own| own == name),
            None => name == "members" && self.kind == Kind::Group,
        }
    }

    /// What is told of an object: nothing, or one or more parts.
    fn told(&self, tenant: &Tenant, object: &Object, touched: &Touched) -> Vec<Value> {
        let kept_here =
            |name: &&String| properties::find(self.kind, name).is_none_or(|property| property.write != Write::Alone);
        let names: Vec<String> = match &self.select {
            Some(names) => names.iter().filter(kept_here).cloned().collect(),
            None => View::default().tell(tenant, object).keys().cloned().collect(),
        };
        let members: Vec<(&String, bool)> = match (self.tracks("members"), touched.is_new) {
            (false, _) => Vec::new(),
            (true, true) => object.members.iter().map(|member| (member, true)).collect(),
            (true, false) => touched.members.iter().map(|(member, joined)| (member, *joined)).collect(),
        };
        let has_manager =
            self.tracks("manager") && (touched.manager.is_some() || (touched.is_new && object.manager.is_some()));
        let has_changed = names.iter().any(|name| touched.changed.contains(name));
        if !touched.is_new && !has_changed && members.is_empty() && !has_manager {
            return Vec::new();
        }
        let shown = object.shown(tenant.now());
        let mut told = Properties::from_iter([("id".to_owned(), json!(object.id))]);
        for name in names.iter().filter(|name| !matches!(name.as_str(), "manager" | "members")) {
            let is_changed = touched.changed.contains(name);
            let is_wanted = match touched.is_new || !self.is_minimal {
                // What was never set is not told.
                true => is_changed || shown.get(name).is_some_and(|value| !value.is_null()),
                false => is_changed,
            };
            if let Some(value) = value(object, shown, name).filter(|_| is_wanted) {
                told.insert(name.clone(), value);
            }
        }
        if has_manager {
            let old = touched.manager.iter().flatten().filter(|old| object.manager.as_ref() != Some(*old));
            let old = old.map(|old| reference(tenant, old, false));
            let new = object.manager.iter().map(|new| reference(tenant, new, true));
            told.insert("manager@delta".to_owned(), old.chain(new).collect());
        }
        if members.is_empty() {
            return vec![Value::Object(told)];
        }
        // A large group comes in parts.
        let parts = members.chunks(tenant.page.max(1));
        parts
            .map(|part| {
                let members = part.iter().map(|(member, joined)| reference(tenant, member, *joined)).collect();
                let mut told = told.clone();
                told.insert("members@delta".to_owned(), members);
                Value::Object(told)
            })
            .collect()
    }
}

/// Objects on pages, with whatever trouble clients have to bear.
fn paged(tenant: &Tenant, items: Vec<Value>) -> Vec<Vec<Value>> {
    let mut pages: Vec<Vec<Value>> = items.chunks(tenant.page.max(1)).map(<[Value]>::to_vec).collect();
    if tenant.trouble.duplicates {
        let before: Vec<Vec<Value>> = pages.last().cloned().into_iter().chain(pages.iter().cloned()).collect();
        pages.iter_mut().zip(before).for_each(|(page, before)| page.extend(before));
    }
    if tenant.trouble.empty_pages {
        pages = pages.into_iter().flat_map(|page| [Vec::new(), page]).collect();
    }
    pages
}

fn tell(tenant: &mut Tenant, call: &Call, round: Round) -> Reply {
    let value = round.pages.get(round.at).cloned().unwrap_or_default();
    let mut body =
        json!({"@odata.context": context(call, call.segments[0].as_str(), round.select.as_deref()), "value": value});
    let has_more = round.at + 1 < round.pages.len();
    let (name, option) = if has_more { ("@odata.nextLink", "$skiptoken") } else { ("@odata.deltaLink", "$deltatoken") };
    let token = Uuid::new_v4().simple().to_string();
    body[name] = json!(format!("{}/{}/delta?{option}={token}", call.base, round.kind.collection()));
    let next = match has_more {
        true => Round { at: round.at + 1, ..round },
        false => Round { pages: Arc::default(), at: 0, ..round },
    };
    let now = tenant.now();
    tenant.deltas.kept.insert(token, (now, next));
    Reply::json(200, body)
}
