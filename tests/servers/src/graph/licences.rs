//! Products, their seats, and who has them: directly, or by a group and then later.
//!
//! What cannot be given to somebody by a group is an error on that user, which nobody hears of who only waited for the
//! answer; one product that cannot be given holds back the group's others.

use super::addresses;
use super::clock::{later, text};
use super::fault::Fault;
use super::object::{Kind, Licence, Object};
use super::tenant::Tenant;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A service that is part of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The services that nobody can have beside it, by their names.
    pub excludes: Vec<String>,
    /// The services of which one is needed for it, by their names.
    pub needs: Vec<String>,
    /// The countries in which nobody may have it.
    pub prohibited: Vec<String>,
}

/// A product that the tenant bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many seats there are.
    pub seats: i64,
    /// `Enabled`, or why it cannot be used.
    pub status: String,
    /// Its services.
    pub plans: Vec<Plan>,
}

/// Licences of a group that are to be given to its members, or to one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    due: Timestamp,
    group: String,
    member: Option<String>,
}

/// What is wanted of licences: products with the services that are off, and products that are to go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// What to assign.
    pub add: BTreeMap<String, BTreeSet<String>>,
    /// What to take back.
    pub remove: BTreeSet<String>,
}

/// The products of a new tenant, with the ids that Microsoft publishes for them.
pub fn products() -> Vec<Sku> {
    let plan = |name: &str, id: &str, excludes: &[&str], needs: &[&str]| Plan {
        id: id.to_owned(),
        name: name.to_owned(),
        excludes: excludes.iter().map(|name| (*name).to_owned()).collect(),
        needs: needs.iter().map(|name| (*name).to_owned()).collect(),
        prohibited: Vec::new(),
    };
    const LARGE: &str = "EXCHANGE_S_ENTERPRISE";
    const SMALL: &str = "EXCHANGE_S_STANDARD";
    let large = plan(LARGE, "efb87545-963c-4e0d-99df-69c6916d9eb0", &[SMALL], &[]);
    let small = plan(SMALL, "9aaf7827-d63c-4b61-89c3-182f06f82e5c", &[LARGE], &[]);
    let teams = plan("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929", &[], &[]);
    let office = plan("OFFICESUBSCRIPTION", "43de0ff5-c92c-492b-9116-175376d08c38", &[], &[]);
    let archive = plan("EXCHANGE_S_ARCHIVE_ADDON", "176a09a6-7ec5-4039-ac02-b2791c6ba793", &[], &[LARGE, SMALL]);
    let sku = |name: &str, id: &str, plans: &[&Plan]| Sku {
        id: id.to_owned(),
        name: name.to_owned(),
        seats: 100,
        status: "Enabled".to_owned(),
        plans: plans.iter().map(|plan| (*plan).clone()).collect(),
    };
    vec![
        sku("ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", &[&large, &teams, &office]),
        sku("STANDARDPACK", "18181a46-0d4e-45cd-891e-60aabd171b4e", &[&small, &teams]),
        sku("EXCHANGEARCHIVE_ADDON", "ee02fd1b-340e-4a4b-b355-4a514e4c8943", &[&archive]),
    ]
}

impl Tenant {
    /// A product by its name or id.
    pub fn sku(&self, key: &str) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.name == key || sku.id.eq_ignore_ascii_case(key))
    }

    /// The same, to change.
    pub fn sku_mut(&mut self, key: &str) -> Option<&mut Sku> {
        self.skus.iter_mut().find(|sku| sku.name == key || sku.id.eq_ignore_ascii_case(key))
    }

    /// How many seats of a product are taken.
    pub fn seats_taken(&self, key: &str) -> i64 {
        self.sku(key).and_then(|sku| self.taken.get(&sku.id)).copied().unwrap_or_default()
    }

    /// The names of the products that a user really has.
    pub fn products_of(&self, user: &str) -> BTreeSet<String> {
        let ids = self.user(user).map(Object::products).unwrap_or_default();
        ids.keys().filter_map(|id| self.sku(id)).map(|sku| sku.name.clone()).collect()
    }

    /// The services that a user has with these products.
    fn plans(&self, products: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<&Plan> {
        let plans = products.iter().filter_map(|(id, off)| self.sku(id).map(|sku| (sku, off)));
        plans.flat_map(|(sku, off)| sku.plans.iter().filter(|plan| !off.contains(plan.id.as_str()))).collect()
    }

    /// Whether a user has a service with mail.
    pub fn has_mailbox(&self, user: &Object) -> bool {
        self.plans(&user.products())
            .iter()
            .any(|plan| matches!(&*plan.name, "EXCHANGE_S_ENTERPRISE" | "EXCHANGE_S_STANDARD"))
    }

    /// Why a user with these licences cannot have a product among them.
    fn violation(&self, user: &Object, product: &str) -> Option<&'static str> {
        let sku = self.sku(product)?;
        let products = user.products();
        let off = products.get(product).cloned().unwrap_or_default();
        let location = match user.text("usageLocation") {
            "" => &self.location,
            location => location,
        };
        let all = self.plans(&products);
        for plan in sku.plans.iter().filter(|plan| !off.contains(plan.id.as_str())) {
            if plan.prohibited.iter().any(|country| country.eq_ignore_ascii_case(location)) {
                return Some("ProhibitedInUsageLocationViolation");
            }
            if all.iter().any(|other| plan.excludes.contains(&other.name)) {
                return Some("MutuallyExclusiveViolation");
            }
            if !plan.needs.is_empty() && !all.iter().any(|other| plan.needs.contains(&other.name)) {
                return Some("DependencyViolation");
            }
        }
        let has_seat = user.seated.contains(product);
        if !has_seat && (sku.status != "Enabled" || self.seats_taken(product) >= sku.seats) {
            return Some("CountViolation");
        }
        let mut properties = user.properties.clone();
        addresses::of_user(self, &user.id, &mut properties, self.has_mailbox(user));
        addresses::unique(self, &user.id, Kind::User, &properties).err().map(|_| "UniquenessViolation")
    }

    /// Gives a user products and takes others back, all or nothing.
    pub fn assign(&mut self, id: &str, wanted: &Assignment) -> Result<(), Fault> {
        let now = self.now();
        let Some(user) = self.objects.get(id) else { return Err(Fault::missing(id)) };
        let mut candidate = user.clone();
        self.known(wanted)?;
        if !wanted.add.is_empty() && user.text("usageLocation").is_empty() {
            return Err(Fault::bad("License assignment cannot be done for user with invalid usage location."));
        }
        for product in &wanted.remove {
            if candidate.licences.remove(product).is_none() {
                let is_inherited = user.inherited.keys().any(|(_, inherited)| inherited == product);
                return Err(Fault::bad(match is_inherited {
                    true => {
                        "User license is inherited from a group membership and it cannot be removed directly from \
                         the user."
                    }
                    false => "User does not have a corresponding license.",
                }));
            }
        }
        for (product, off) in &wanted.add {
            candidate.licences.insert(product.clone(), Licence { disabled: off.clone(), error: None, updated: now });
        }
        // What is left may need what was taken back.
        let left: Vec<String> = candidate.licences.keys().cloned().collect();
        for product in &left {
            if let Some(violation) = self.violation(&candidate, product) {
                return Err(self.refuse(product, violation));
            }
        }
        if let Some(user) = self.objects.get_mut(id) {
            user.licences = candidate.licences;
        }
        self.licensed(id);
        Ok(())
    }

    /// Gives a group products and takes others back; its members have them later.
    pub fn assign_to_group(&mut self, id: &str, wanted: &Assignment) -> Result<(), Fault> {
        let now = self.now();
        self.known(wanted)?;
        let Some(group) = self.objects.get_mut(id) else { return Err(Fault::missing(id)) };
        if wanted.remove.iter().any(|product| !group.licences.contains_key(product)) {
            return Err(Fault::bad("Group does not have a corresponding license."));
        }
        group.licences.retain(|product, _| !wanted.remove.contains(product));
        let new = wanted
            .add
            .iter()
            .map(|(product, off)| (product.clone(), Licence { disabled: off.clone(), error: None, updated: now }));
        group.licences.extend(new);
        let mut properties = group.properties.clone();
        let assigned: Vec<Value> = group.licences.iter().map(|(id, licence)| assigned(id, &licence.disabled)).collect();
        properties.insert("assignedLicenses".to_owned(), json!(assigned));
        properties.insert("licenseProcessingState".to_owned(), json!({"state": "QueuedForProcessing"}));
        self.commit(id, properties);
        self.jobs.push(Job { due: later(now, self.licence_delay), group: id.to_owned(), member: None });
        Ok(())
    }

    fn known(&self, wanted: &Assignment) -> Result<(), Fault> {
        for product in wanted.add.keys().chain(&wanted.remove) {
            let Some(sku) = self.sku(product) else {
                return Err(Fault::bad(format!("License {product} does not correspond to a valid company License.")));
            };
            let off = wanted.add.get(product).into_iter().flatten();
            if let Some(strange) = off.into_iter().find(|off| !sku.plans.iter().any(|plan| plan.id == **off)) {
                return Err(Fault::bad(format!("The service plan {strange} is not part of the license {product}.")));
            }
            if wanted.add.contains_key(product) && wanted.remove.contains(product) {
                return Err(Fault::bad("A license cannot be added and removed in one request."));
            }
        }
        Ok(())
    }

    fn refuse(&self, product: &str, violation: &str) -> Fault {
        Fault::bad(match violation {
            "CountViolation" => format!("Subscription with SKU {product} does not have any available licenses."),
            "ProhibitedInUsageLocationViolation" => {
                "License assignment failed because the service is not available in the user's usage location."
                    .to_owned()
            }
            "MutuallyExclusiveViolation" => {
                "License assignment failed because service plans are mutually exclusive.".to_owned()
            }
            "DependencyViolation" => {
                "License assignment failed because a service plan depends on another that is not assigned.".to_owned()
            }
            _ => return Fault::conflict("proxyAddresses"),
        })
    }

    /// Enters that the licences of a group have to be given to, or taken from, a member.
    pub(super) fn licence_later(&mut self, group: &str, member: Option<&str>) {
        let has = self.objects.get(group).is_some_and(|group| !group.licences.is_empty());
        if has {
            let due = later(self.now(), self.licence_delay);
            self.jobs.push(Job { due, group: group.to_owned(), member: member.map(str::to_owned) });
        }
    }

    /// Gives and takes what is due.
    pub(super) fn licence_due(&mut self) {
        let now = self.now();
        let (due, rest) = std::mem::take(&mut self.jobs).into_iter().partition(|job: &Job| job.due <= now);
        self.jobs = rest;
        for job in due {
            let users: BTreeSet<String> = match job.member {
                Some(member) => BTreeSet::from([member]),
                None => {
                    let has = |user: &&Object| user.inherited.keys().any(|(group, _)| *group == job.group);
                    let had = self.users().filter(has).map(|user| user.id.clone());
                    had.chain(self.objects.get(&job.group).into_iter().flat_map(|group| group.members.clone()))
                        .collect()
                }
            };
            users.iter().for_each(|user| self.reprocess(user));
            self.processed(&job.group);
        }
    }

    fn processed(&mut self, group: &str) {
        let fails =
            |user: &Object| user.inherited.iter().any(|((by, _), licence)| by == group && licence.error.is_some());
        let has_errors = self.users().any(fails);
        let Some(object) = self.objects.get(group) else { return };
        let mut properties = object.properties.clone();
        properties.insert("licenseProcessingState".to_owned(), json!({"state": "ProcessingComplete"}));
        properties.insert("hasMembersWithLicenseErrors".to_owned(), json!(has_errors));
        self.commit(group, properties);
    }

    /// Gives a user what its groups have, as far as that can be.
    pub fn reprocess(&mut self, id: &str) {
        let now = self.now();
        let Some(user) = self.objects.get(id).filter(|user| user.kind == Kind::User && user.is_live()) else { return };
        let groups: Vec<(String, BTreeMap<String, Licence>)> = self
            .groups()
            .filter(|group| group.members.contains(id) && !group.licences.is_empty())
            .map(|group| (group.id.clone(), group.licences.clone()))
            .collect();
        let mut candidate = user.clone();
        candidate.inherited.retain(|(group, product), licence| {
            let wants = groups.iter().any(|(id, licences)| id == group && licences.contains_key(product));
            wants && licence.error.is_none()
        });
        for (group, licences) in &groups {
            let mut tried = candidate.clone();
            for (product, licence) in licences {
                tried.inherited.insert((group.clone(), product.clone()), Licence { updated: now, ..licence.clone() });
            }
            let failing: BTreeMap<&String, &'static str> = licences
                .keys()
                .filter_map(|product| self.violation(&tried, product).map(|violation| (product, violation)))
                .collect();
            if !failing.is_empty() {
                for product in licences.keys() {
                    if let Some(licence) = tried.inherited.get_mut(&(group.clone(), product.clone())) {
                        licence.error = Some(failing.get(product).copied().unwrap_or("Other"));
                    }
                }
            }
            candidate = tried;
        }
        for (key, licence) in &mut candidate.inherited {
            if let Some(known) = user.inherited.get(key)
                && (known.error, &known.disabled) == (licence.error, &licence.disabled)
            {
                licence.updated = known.updated;
            }
        }
        if let Some(user) = self.objects.get_mut(id) {
            user.inherited = candidate.inherited;
        }
        self.licensed(id);
    }

    /// Writes what follows from a user's licences: what readers see, addresses, a mailbox, and the seats.
    pub(super) fn licensed(&mut self, id: &str) {
        let now = self.now();
        let Some(user) = self.objects.get(id) else { return };
        let products = user.products();
        let licences: Vec<Value> = products.iter().map(|(id, off)| assigned(id, off)).collect();
        let direct = user.licences.iter().map(|(product, licence)| state(product, None, licence));
        let inherited = user.inherited.iter().map(|((group, product), licence)| state(product, Some(group), licence));
        let states: Vec<Value> = direct.chain(inherited).collect();
        let plans: Vec<Value> = self
            .plans(&products)
            .iter()
            .map(|plan| {
                json!({
                    "servicePlanId": plan.id,
                    "service": plan.name,
                    "capabilityStatus": "Enabled",
                    "assignedDateTime": user.get("createdDateTime"),
                })
            })
            .collect();
        let has_mailbox = self.has_mailbox(user);
        let mut properties = user.properties.clone();
        properties.insert("assignedLicenses".to_owned(), json!(licences));
        properties.insert("licenseAssignmentStates".to_owned(), json!(states));
        properties.insert("assignedPlans".to_owned(), json!(plans));
        addresses::of_user(self, id, &mut properties, has_mailbox);
        self.commit(id, properties);
        let ready = later(now, self.mailbox_delay);
        if let Some(user) = self.objects.get_mut(id) {
            user.mailbox = if has_mailbox { user.mailbox.or(Some(ready)) } else { None };
        }
        self.seat(id);
    }

    /// Takes the seats that a user needs, and gives back the others.
    pub(super) fn seat(&mut self, id: &str) {
        let Some(user) = self.objects.get_mut(id) else { return };
        let needed: BTreeSet<String> = match user.is_live() {
            true => user.products().keys().map(|product| (*product).to_owned()).collect(),
            false => BTreeSet::new(),
        };
        let had = std::mem::replace(&mut user.seated, needed.clone());
        for product in needed.difference(&had) {
            *self.taken.entry(product.clone()).or_default() += 1;
        }
        for product in had.difference(&needed) {
            *self.taken.entry(product.clone()).or_default() -= 1;
        }
    }
}

fn assigned<'a>(product: &str, off: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a)>) -> Value {
    let off: Vec<&str> = off.into_iter().map(AsRef::as_ref).collect();
    json!({"skuId": product, "disabledPlans": off})
}

fn state(product: &str, group: Option<&String>, licence: &Licence) -> Value {
    json!({
        "skuId": product,
        "assignedByGroup": group,
        "disabledPlans": licence.disabled,
        "state": if licence.error.is_none() { "Active" } else { "Error" },
        "error": licence.error.unwrap_or("None"),
        "lastUpdatedDateTime": text(licence.updated),
    })
}
