//! Groups: made, changed and removed.
//!
//! Nothing keeps two security groups from having the same name, so a group is looked for before it is made. One that an
//! earlier try made, and that broke off before it had its licences or owners, is gone on with.

use crate::answer::Answer;
use crate::fields::{Class, LICENCE, NICKNAME};
use crate::graph::{Graph, quoted, with_options};
use crate::licence;
use crate::post::Part;
use crate::relation::BOUND;
use crate::values::{moment, of, properties, references, written};
use crate::wish::{Wish, alike};
use crate::work::{DAY, Failure, How, Made, Work, applied, made_id, named, unchanged};
use serde_json::{Map, Value as Json, json};
use sluss_sdk::{Attribute, Edit, Error, ErrorKind, Modification, Outcome};

/// The properties by which a group is known.
pub const KNOWN_BY: &str = "id,displayName,mailNickname,description,visibility,groupTypes,mailEnabled,securityEnabled,createdDateTime,assignedLicenses";

/// How a group is asked for by its name.
pub fn by_name(name: &str) -> String {
    format!("{NICKNAME} eq {}", quoted(name))
}

impl<G: Graph> Work<'_, G> {
    /// Makes a group.
    pub async fn make_group(&self, change: u64, attributes: &[Attribute]) -> Result<Outcome, Failure> {
        let wish = Wish::new(Class::Group, attributes)?;
        let mut body = self.new_group(&wish)?;
        let catalogue = self.known.catalogue().unwrap_or_default();
        let licences = catalogue.difference(wish.edits_of(LICENCE), Vec::new())?;
        let owners = wish.references("owner")?;
        let made = match self.memory.made(change) {
            Some(made) => made,
            None => {
                // A Microsoft 365 group without an owner has no site.
                let bound: Vec<String> =
                    owners.iter().take(BOUND).map(|id| self.known.reference("users", id)).collect();
                if !bound.is_empty() {
                    body.insert("owners@odata.bind".to_owned(), json!(bound));
                }
                let made = self.found(change, &wish, body).await?;
                self.memory.make(change, made.clone());
                made
            }
        };
        let (id, mut lacking) = (made.id, Vec::new());
        if owners.len() > BOUND || !owners.is_empty() && made.how != (How::New { managed: true }) {
            let place = format!("/groups/{id}/owners");
            let named = self.few(change, &place, "owner", wish.edits_of("owner")).await;
            self.bear(self.not_seen_yet(change, named.map(drop)), "owner", &mut lacking)?;
        }
        if !licences.is_empty() {
            let part = Part::new("POST", format!("/groups/{id}/assignLicense")).with(licences.body());
            let given = self.ask(change, part, "give the group its licences").await;
            self.bear(self.not_seen_yet(change, given.map(drop)), LICENCE, &mut lacking)?;
        }
        let joined = self.members(change, &id, &joining(&wish)).await;
        self.bear(self.not_seen_yet(change, joined), "member", &mut lacking)?;
        self.memory.forget(change);
        Ok(applied(&id, lacking))
    }

    /// A new group that is not found is not seen yet.
    fn not_seen_yet(&self, change: u64, done: Result<(), Failure>) -> Result<(), Failure> {
        match done {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                Err(self.again(change, Error { kind: ErrorKind::Invalid, ..failure.error }.into()))
            }
            other => other,
        }
    }

    /// The properties of a new group.
    fn new_group(&self, wish: &Wish) -> Result<Map<String, Json>, Error> {
        let mut body = wish.body(&Json::Null, self.settings)?;
        body.retain(|_, value| !value.is_null());
        for name in ["displayName", NICKNAME] {
            wish.text(name).ok_or_else(|| Error::invalid(format!("A new group needs `{name}`")).attribute(name))?;
        }
        let kind = written(Class::Group.field("kind")?, wish.values("kind"), self.settings)?;
        let is_unified = kind == "microsoft365";
        if !is_unified && body.contains_key("visibility") {
            return Err(Error::invalid("Only Microsoft 365 groups have a `visibility`").attribute("visibility"));
        }
        // Only what secures something can give licences.
        let secures = !is_unified || !wish.values(LICENCE).is_empty();
        body.insert("groupTypes".to_owned(), if is_unified { json!(["Unified"]) } else { json!([]) });
        body.insert("mailEnabled".to_owned(), json!(is_unified));
        body.insert("securityEnabled".to_owned(), json!(secures));
        Ok(body)
    }

    /// Makes the group, or finds the one that an earlier try made.
    async fn found(&self, change: u64, wish: &Wish, mut body: Map<String, Json>) -> Result<Made, Failure> {
        let filter = by_name(wish.text(NICKNAME).unwrap_or_default());
        let options = [("$filter", filter.as_str()), ("$select", KNOWN_BY), ("$expand", "members($select=id)")];
        let part = Part::new("GET", with_options("/groups", &options));
        if let Some(group) = self.first(change, part, "tell who has the name").await? {
            if is_unfinished(wish, &group, self.graph.now()) {
                return Ok(Made { id: made_id(&group["id"])?, how: How::Found });
            }
            let error = Error::already_exists(format!("A group with this `{NICKNAME}` is there already"));
            return Err(named(error.into(), NICKNAME));
        }
        let managed = body.contains_key("owners@odata.bind");
        let posted = self.post_group(change, &body).await;
        let is_odd = |failure: &Failure| matches!(failure.error.kind, ErrorKind::Invalid | ErrorKind::NotFound);
        let (answer, managed) = match posted {
            // Whether it was for an owner is seen without them.
            Err(failure) if managed && is_odd(&failure) => {
                body.remove("owners@odata.bind");
                (self.post_group(change, &body).await?, false)
            }
            other => (other?, managed),
        };
        Ok(Made { id: made_id(&answer.body["id"])?, how: How::New { managed } })
    }

    async fn post_group(&self, change: u64, body: &Map<String, Json>) -> Result<Answer, Failure> {
        let fate = self.post.one(change, Part::new("POST", "/groups").with(Json::Object(body.clone()))).await;
        self.judge(fate, true, "make the group").map_err(|failure| match failure.error.attribute.as_deref() {
            Some("proxyAddresses") => named(failure, NICKNAME),
            _ => failure,
        })
    }

    /// Changes a group.
    pub async fn change_group(&self, change: u64, id: &str, edits: &[Modification]) -> Result<Outcome, Failure> {
        let wish = Wish::change(Class::Group, edits)?;
        let mut now = Json::Null;
        if self.known.syncs() || wish.speaks_of(LICENCE) || wish.is_relative() {
            let mut select = vec!["id", "onPremisesSyncEnabled", "assignedLicenses"];
            select.extend(wish.plain().flat_map(|(field, _)| properties(field, true)));
            select.dedup();
            now = self.group(change, id, &select.join(",")).await?;
        }
        if now["onPremisesSyncEnabled"] == true
            && let Some((field, _)) = wish.edits().find(|(field, _)| field.name != LICENCE)
        {
            let message = format!("`{}` comes from Active Directory, which owns the group: write it there", field.name);
            return Err(Error::invalid(message).attribute(field.name).into());
        }
        let body = wish.body(&now, self.settings)?;
        let catalogue = self.known.catalogue().unwrap_or_default();
        let licences = catalogue.difference(wish.edits_of(LICENCE), licence::of_group(&now))?;
        let licences = if wish.speaks_of(LICENCE) { licences } else { licence::Difference::default() };
        let mut changes = wish.speaks_of("member");
        // Who goes, goes whatever is wrong with the rest.
        let joined = self.members(change, id, wish.edits_of("member")).await;
        self.of_group(change, id, joined).await?;
        if !body.is_empty() {
            let part = Part::new("PATCH", format!("/groups/{id}")).with(Json::Object(body));
            let written = self.ask(change, part, "change the group").await.map(drop);
            self.of_group(change, id, written).await?;
            changes = true;
        }
        if !licences.is_empty() {
            let part = Part::new("POST", format!("/groups/{id}/assignLicense")).with(licences.body());
            let given = self.ask(change, part, "change the licences of the group").await.map(drop);
            self.of_group(change, id, given).await?;
            changes = true;
        }
        if wish.speaks_of("owner") {
            let place = format!("/groups/{id}/owners");
            match self.few(change, &place, "owner", wish.edits_of("owner")).await {
                Ok(changed) => changes |= changed,
                Err(failure) => self.of_group(change, id, Err(failure)).await?,
            }
        }
        self.memory.forget(change);
        Ok(if changes { applied(id, Vec::new()) } else { unchanged(id) })
    }

    /// What it means for a group that something was not found.
    async fn of_group(&self, change: u64, id: &str, done: Result<(), Failure>) -> Result<(), Failure> {
        match done {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                Err(self.missing(change, id, "change the group").await)
            }
            other => other,
        }
    }

    async fn group(&self, change: u64, id: &str, select: &str) -> Result<Json, Failure> {
        const WHAT: &str = "tell the group";
        match self.object(change, &format!("/groups/{id}"), &[("$select", select)], WHAT).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Err(self.missing(change, id, WHAT).await),
            other => other,
        }
    }

    /// Removes a group, and its licences before it: Graph removes none that gives any.
    pub async fn remove_group(&self, change: u64, id: &str) -> Result<Outcome, Failure> {
        const WHAT: &str = "remove the group";
        let group = self.group(change, id, "id,assignedLicenses").await?;
        let licences = licence::of_group(&group);
        if !licences.is_empty() {
            let body = json!({"addLicenses": [], "removeLicenses": licences});
            let part = Part::new("POST", format!("/groups/{id}/assignLicense")).with(body);
            self.ask(change, part, "take the licences of the group back").await?;
        }
        match self.ask(change, Part::new("DELETE", format!("/groups/{id}")), WHAT).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Err(self.missing(change, id, WHAT).await),
            // The licences go later than they are taken.
            Err(failure) if failure.error.kind == ErrorKind::Invalid => Err(self.again(change, failure)),
            other => {
                other?;
                self.memory.forget(change);
                Ok(applied(id, Vec::new()))
            }
        }
    }
}

/// The members of a new group, as edits of one that has none.
fn joining(wish: &Wish) -> Vec<Edit> {
    match wish.values("member") {
        [] => Vec::new(),
        members => vec![Edit::Add(members.to_vec())],
    }
}

/// Whether this is what an earlier try left: made today, with nobody in it who is not wanted, and without the licences or
/// owners that come after the making.
pub fn is_unfinished(wish: &Wish, group: &Json, now: i64) -> bool {
    let is_new = group["createdDateTime"].as_str().and_then(moment).is_some_and(|made| (now - made).abs() < DAY);
    let is_bare = licence::of_group(group).is_empty();
    let members = references(&group["members"]);
    let is_ours = members.iter().all(|member| alike_any(wish.values("member"), member));
    let kind = Class::Group.field("kind").map(|field| of(field, group, None)).unwrap_or_default();
    let is_kind = wish.values("kind").is_empty() || alike(wish.values("kind"), &kind);
    let lacks = !wish.values(LICENCE).is_empty() || !wish.values("owner").is_empty();
    is_new && is_bare && is_ours && is_kind && lacks && wish.is_met_by(group)
}

fn alike_any(wanted: &[sluss_sdk::Value], one: &sluss_sdk::Value) -> bool {
    wanted.iter().any(|value| alike(std::slice::from_ref(value), std::slice::from_ref(one)))
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
