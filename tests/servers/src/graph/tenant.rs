//! What a tenant holds: its objects, what became of them and when, and how it is set up.
//!
//! Tests look into it and change it by hand, past HTTP; whatever happens is entered in one list of changes, from which
//! delta queries tell.

use super::clock::{Clock, later, text};
use super::delta::Deltas;
use super::fault::Fault;
use super::licences::{Job, Sku};
use super::mood::Trouble;
use super::object::{Kind, Object, Properties};
use super::page::Pages;
use super::{groups, licences, permissions, users};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// The domain that every tenant has.
pub const INITIAL: &str = "kommun.onmicrosoft.test";
/// The domain that its users have.
pub const DOMAIN: &str = "kommun.test";
/// A domain whose users sign in elsewhere.
pub const FEDERATED: &str = "federated.test";
/// How long what was deleted can be restored.
const BIN: Duration = Duration::from_secs(30 * 24 * 3600);

/// A domain of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Whether it was shown to be the tenant's.
    pub is_verified: bool,
    /// Whether its users sign in elsewhere.
    pub is_federated: bool,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was made.
    Made,
    /// These properties changed.
    Changed(Vec<String>),
    /// It has another manager, or none; who it was.
    Manager(Option<String>),
    /// This object became a member.
    Joined(String),
    /// This object is no member any more.
    Left(String),
    /// It was put in the bin.
    Deleted,
    /// It was taken out of the bin.
    Restored,
    /// It is gone for good.
    Purged,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the object is.
    pub kind: Kind,
    /// Which object.
    pub id: String,
    /// What became of it.
    pub what: What,
}

/// A tenant.
pub struct Tenant {
    /// What time it is.
    pub clock: Clock,
    /// How long new objects cannot be seen, and old values can.
    pub lag: Duration,
    /// How long a new guest cannot be referred to.
    pub guest_lag: Duration,
    /// How long it takes until the members of a group have its licences.
    pub licence_delay: Duration,
    /// How long it takes until a licensed user has a mailbox.
    pub mailbox_delay: Duration,
    /// Whether security groups are purged at once, as older pages say.
    pub purges_security_groups: bool,
    /// Where users are that nothing is said of.
    pub location: String,
    /// What whoever asks may do.
    pub permissions: BTreeSet<String>,
    /// The names of the properties that extend users and groups.
    pub extensions: BTreeSet<String>,
    /// Its domains; the first is where it began, the second the default.
    pub domains: Vec<Domain>,
    /// What it bought.
    pub skus: Vec<Sku>,
    /// How many objects a page has when nobody asks for another number.
    pub page: usize,
    /// What delta queries do to their clients.
    pub trouble: Trouble,
    pub(super) changes: Vec<Change>,
    pub(super) jobs: Vec<Job>,
    pub(super) objects: BTreeMap<String, Object>,
    /// How many seats of each product are taken.
    pub(super) taken: BTreeMap<String, i64>,
    pub(super) pages: Pages,
    pub(super) deltas: Deltas,
    names: HashMap<String, String>,
    addresses: HashMap<String, String>,
}

impl Tenant {
    /// A tenant with domains and products, and nobody in it.
    pub fn new() -> Tenant {
        let domain = |name: &str, is_federated| Domain { name: name.to_owned(), is_verified: true, is_federated };
        Tenant {
            clock: Clock::default(),
            lag: Duration::ZERO,
            guest_lag: Duration::ZERO,
            licence_delay: Duration::ZERO,
            mailbox_delay: Duration::ZERO,
            purges_security_groups: false,
            location: "SE".to_owned(),
            permissions: permissions::ALL.iter().map(|name| (*name).to_owned()).collect(),
            extensions: BTreeSet::new(),
            domains: vec![domain(INITIAL, false), domain(DOMAIN, false), domain(FEDERATED, true)],
            skus: licences::products(),
            page: 100,
            trouble: Trouble::default(),
            changes: Vec::new(),
            jobs: Vec::new(),
            objects: BTreeMap::new(),
            taken: BTreeMap::new(),
            pages: Pages::default(),
            deltas: Deltas::default(),
            names: HashMap::new(),
            addresses: HashMap::new(),
        }
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Its users that are not in the bin.
    pub fn users(&self) -> impl Iterator<Item = &Object> {
        self.live(Kind::User)
    }

    /// Its groups that are not in the bin.
    pub fn groups(&self) -> impl Iterator<Item = &Object> {
        self.live(Kind::Group)
    }

    /// What is in the bin.
    pub fn bin(&self) -> impl Iterator<Item = &Object> {
        self.objects.values().filter(|object| !object.is_live())
    }

    fn live(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects.values().filter(move |object| object.kind == kind && object.is_live())
    }

    /// A user by id or name, if it is not in the bin.
    pub fn user(&self, key: &str) -> Option<&Object> {
        let key = key.to_lowercase();
        let id = self.names.get(&key).unwrap_or(&key);
        self.objects.get(id).filter(|object| object.kind == Kind::User && object.is_live())
    }

    /// A group by id or displayed name, if it is not in the bin.
    pub fn group(&self, key: &str) -> Option<&Object> {
        let by_id =
            self.objects.get(&key.to_lowercase()).filter(|object| object.kind == Kind::Group && object.is_live());
        by_id.or_else(|| self.groups().find(|group| group.text("displayName") == key))
    }

    /// Any object, also one in the bin.
    pub fn object(&self, id: &str) -> Option<&Object> {
        self.objects.get(&id.to_lowercase())
    }

    /// The names of the members of a group that are not in the bin: users by their names, groups by theirs.
    pub fn members(&self, group: &str) -> BTreeSet<String> {
        let members = self.group(group).map(|group| group.members.iter()).into_iter().flatten();
        let live = members.filter_map(|id| self.objects.get(id)).filter(|member| member.is_live());
        live.map(|member| {
            let name = if member.kind == Kind::User { "userPrincipalName" } else { "displayName" };
            member.text(name).to_owned()
        })
        .collect()
    }

    /// Makes a user by hand, as a request would; everybody sees it at once.
    pub fn add_user(&mut self, body: Value) -> Result<String, Fault> {
        let id = users::make(self, &object(body)?)?;
        self.show(&id);
        Ok(id)
    }

    /// Makes a group by hand, as a request would; everybody sees it at once.
    pub fn add_group(&mut self, body: Value) -> Result<String, Fault> {
        let id = groups::make(self, &object(body)?)?;
        self.show(&id);
        Ok(id)
    }

    fn show(&mut self, id: &str) {
        let now = self.now();
        if let Some(object) = self.objects.get_mut(id) {
            (object.visible, object.referable, object.before) = (now, now, None);
        }
    }

    /// Writes properties by hand, whoever owns them and whether they may be written.
    pub fn write(&mut self, id: &str, properties: Value) -> Result<(), Fault> {
        let id = id.to_lowercase();
        let mut all = self.objects.get(&id).ok_or_else(|| Fault::missing(&id))?.properties.clone();
        all.extend(object(properties)?);
        self.commit(&id, all);
        if let Some(object) = self.objects.get_mut(&id) {
            object.before = None;
        }
        Ok(())
    }

    /// Makes it one that a directory on premises owns.
    pub fn sync(&mut self, id: &str) -> Result<(), Fault> {
        self.write(id, json!({"onPremisesSyncEnabled": true}))
    }

    /// Gives it a role that makes it more than others.
    pub fn protect(&mut self, id: &str) {
        if let Some(object) = self.objects.get_mut(&id.to_lowercase()) {
            object.privileged = true;
        }
    }

    /// Lets a guest accept the invitation.
    pub fn accept(&mut self, id: &str) -> Result<(), Fault> {
        let now = text(self.now());
        self.write(id, json!({"externalUserState": "Accepted", "externalUserStateChangeDateTime": now}))
    }

    /// The object that a request can see under a key: an id, or the name of a user.
    pub(super) fn seen(&self, kind: Kind, key: &str) -> Result<&Object, Fault> {
        let lower = key.to_lowercase();
        let id = if kind == Kind::User { self.names.get(&lower).unwrap_or(&lower) } else { &lower };
        let now = self.now();
        self.objects
            .get(id)
            .filter(|object| object.kind == kind && object.is_live() && object.visible <= now)
            .ok_or_else(|| Fault::missing(key))
    }

    /// Who has a user name.
    pub(super) fn named(&self, name: &str) -> Option<&String> {
        self.names.get(&name.to_lowercase())
    }

    /// Who has an address.
    pub(super) fn addressed(&self, address: &str) -> Option<&String> {
        self.addresses.get(&bare(address))
    }

    /// Enters a new object. Nobody sees it before the lag is over.
    pub(super) fn insert(&mut self, mut object: Object) {
        object.visible = later(self.now(), self.lag);
        self.changes.push(Change { kind: object.kind, id: object.id.clone(), what: What::Made });
        let id = object.id.clone();
        self.objects.insert(id.clone(), object);
        self.index(&id);
    }

    /// Gives an object these properties instead of those that it has.
    pub(super) fn commit(&mut self, id: &str, properties: Properties) {
        let (now, lag) = (self.now(), self.lag);
        let Some(object) = self.objects.get(id) else { return };
        let null = Value::Null;
        let names: BTreeSet<&String> = object.properties.keys().chain(properties.keys()).collect();
        let differ = |name: &&&String| object.get(name) != properties.get(name.as_str()).unwrap_or(&null);
        let changed: Vec<String> = names.iter().filter(differ).map(|name| (*name).clone()).collect();
        if changed.is_empty() {
            return;
        }
        self.unindex(id);
        let Some(object) = self.objects.get_mut(id) else { return };
        let old = std::mem::replace(&mut object.properties, properties);
        object.properties.retain(|_, value| !value.is_null());
        if !lag.is_zero() && object.before.as_ref().is_none_or(|(until, _)| *until <= now) {
            object.before = Some((later(now, lag), old));
        }
        let kind = object.kind;
        self.index(id);
        self.changes.push(Change { kind, id: id.to_owned(), what: What::Changed(changed) });
    }

    /// Changes what hangs on an object, and says what became of it if anything did.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Object) -> Option<What>) {
        if let Some(object) = self.objects.get_mut(id)
            && let Some(what) = change(object)
        {
            self.changes.push(Change { kind: object.kind, id: id.to_owned(), what });
        }
    }

    /// Makes an object a member of a group, if it is none.
    pub fn join(&mut self, group: &str, member: &str) {
        let (group, member) = (group.to_lowercase(), member.to_lowercase());
        self.change(&group, |object| object.members.insert(member.clone()).then(|| What::Joined(member.clone())));
        self.licence_later(&group, Some(&member));
    }

    /// Makes an object no member of a group any more.
    pub fn leave(&mut self, group: &str, member: &str) {
        let (group, member) = (group.to_lowercase(), member.to_lowercase());
        self.change(&group, |object| object.members.remove(&member).then(|| What::Left(member.clone())));
        self.licence_later(&group, Some(&member));
    }

    /// Puts an object in the bin. Its name and addresses are free.
    pub fn remove(&mut self, id: &str) {
        let id = id.to_lowercase();
        let (now, purges) = (self.now(), self.purges_security_groups);
        self.unindex(&id);
        let mut at_once = false;
        self.change(&id, |object| {
            object.deleted = Some(now);
            object.before = None;
            object.properties.insert("deletedDateTime".to_owned(), json!(text(now)));
            at_once = purges && object.kind == Kind::Group && !object.is_unified();
            (!at_once).then_some(What::Deleted)
        });
        self.seat(&id);
        if at_once {
            self.purge(&id);
        }
    }

    /// Removes an object for good, and with it every reference to it.
    pub fn purge(&mut self, id: &str) {
        let Some(gone) = self.objects.remove(&id.to_lowercase()) else { return };
        let id = gone.id;
        let referring: Vec<String> = self
            .objects
            .values()
            .filter(|object| object.members.contains(&id) || object.manager.as_ref() == Some(&id))
            .map(|object| object.id.clone())
            .collect();
        for other in referring {
            self.change(&other, |object| object.members.remove(&id).then(|| What::Left(id.clone())));
            self.change(&other, |object| {
                object.manager.take_if(|manager| *manager == id).map(|old| What::Manager(Some(old)))
            });
        }
        for object in self.objects.values_mut() {
            object.owners.remove(&id);
            object.sponsors.remove(&id);
            object.inherited.retain(|(group, _), _| *group != id);
        }
        self.changes.push(Change { kind: gone.kind, id, what: What::Purged });
    }

    /// Does what is due: purges the bin, and gives the members of groups their licences.
    pub fn settle(&mut self) {
        let now = self.now();
        let due = |object: &&Object| object.deleted.is_some_and(|since| later(since, BIN) <= now);
        let gone: Vec<String> = self.objects.values().filter(due).map(|object| object.id.clone()).collect();
        gone.iter().for_each(|id| self.purge(id));
        self.licence_due();
    }

    /// Enters the name and addresses of an object.
    pub(super) fn index(&mut self, id: &str) {
        let Some(object) = self.objects.get(id) else { return };
        if object.kind == Kind::User {
            self.names.insert(object.text("userPrincipalName").to_lowercase(), id.to_owned());
        }
        for address in object.texts("proxyAddresses") {
            self.addresses.insert(bare(address), id.to_owned());
        }
    }

    fn unindex(&mut self, id: &str) {
        let Some(object) = self.objects.get(id) else { return };
        if object.kind == Kind::User {
            self.names.remove(&object.text("userPrincipalName").to_lowercase());
        }
        for address in object.texts("proxyAddresses") {
            self.addresses.remove(&bare(address));
        }
    }
}

impl Default for Tenant {
    fn default() -> Tenant {
        Tenant::new()
    }
}

/// An address without its kind, in small letters.
fn bare(address: &str) -> String {
    let address = address.to_lowercase();
    address.strip_prefix("smtp:").map(str::to_owned).unwrap_or(address)
}

/// The properties of a body.
pub(super) fn object(body: Value) -> Result<Properties, Fault> {
    match body {
        Value::Object(properties) => Ok(properties),
        _ => Err(Fault::unreadable()),
    }
}
