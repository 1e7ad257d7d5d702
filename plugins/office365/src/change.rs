//! Accounts that are there: changed, closed and removed.
//!
//! What a change is made of travels in one batch, each request only for when the one before it was done. Closing goes
//! ahead of everything else and alone, so that nothing that is wrong with the rest can keep an account open.

use crate::fields::{Class, ENABLED, LICENCE, LOCATION, NAME, NICKNAME};
use crate::graph::Graph;
use crate::licence::{self, Difference};
use crate::post::Part;
use crate::settings::Mode;
use crate::synced::only_graphs_own;
use crate::values::properties;
use crate::wish::{Wish, references};
use crate::work::{Failure, Work, applied, named, unchanged};
use serde_json::{Map, Value as Json, json};
use sluss_sdk::{Edit, Error, ErrorKind, Modification, Outcome};

/// One of the requests that a change of an account is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Properties are written.
    Write,
    /// Sessions end.
    Revoke,
    /// Licences come and go.
    Licence,
    /// The manager is named, or no longer.
    Manager,
}

impl Step {
    /// What it does.
    pub fn what(self) -> &'static str {
        match self {
            Step::Write => "change the account",
            Step::Revoke => "end the sessions of the account",
            Step::Licence => "change the licences of the account",
            Step::Manager => "name the manager of the account",
        }
    }
}

/// The requests that a change is made of, in their order.
pub type Steps = Vec<(Step, Part)>;

impl<G: Graph> Work<'_, G> {
    /// Changes an account.
    pub async fn change_user(&self, change: u64, id: &str, edits: &[Modification]) -> Result<Outcome, Failure> {
        let wish = Wish::change(Class::User, edits)?;
        let is_hybrid = self.settings.mode == Mode::Hybrid;
        let now = self.look_at(change, id, &wish).await?;
        let is_owned = now["onPremisesSyncEnabled"] == true && !is_hybrid;
        let closes = wish.closes();
        if closes {
            if is_owned {
                only_graphs_own(wish.only(|field| field.name == ENABLED).edits(), false)?;
            }
            self.close(change, id, !is_hybrid).await?;
        }
        let rest = if closes { wish.only(|field| field.name != ENABLED) } else { wish };
        if is_owned || is_hybrid {
            only_graphs_own(rest.edits(), is_hybrid)?;
        }
        let mut body = rest.body(&now, self.settings)?;
        if is_hybrid {
            body.retain(|name, _| name == LOCATION);
        }
        let steps = self.steps(id, &rest, body, &now)?;
        if steps.is_empty() {
            self.memory.forget(change);
            return Ok(if closes { applied(id, Vec::new()) } else { unchanged(id) });
        }
        self.carry_out(change, id, steps).await?;
        self.memory.forget(change);
        Ok(applied(id, Vec::new()))
    }

    /// Closes an account, and ends its sessions. Both travel in one batch.
    async fn close(&self, change: u64, id: &str, is_written: bool) -> Result<(), Failure> {
        let mut steps = Vec::new();
        if is_written {
            let body = json!({"accountEnabled": false});
            steps.push((Step::Write, Part::new("PATCH", format!("/users/{id}")).with(body)));
        }
        steps.push((Step::Revoke, Part::new("POST", format!("/users/{id}/revokeSignInSessions"))));
        // Whoever looks later sees that the account is closed, and not whether its sessions ended. So it is all done once
        // more where there was no answer, which harms nobody.
        self.carry_out(change, id, steps).await.map_err(|failure| Failure { is_certain: true, ..failure })
    }

    /// The account as far as it has to be known before it is changed; nothing where nothing has to.
    async fn look_at(&self, change: u64, id: &str, wish: &Wish) -> Result<Json, Failure> {
        if !self.known.syncs() && !wish.speaks_of(LICENCE) && !wish.is_relative() {
            return Ok(Json::Null);
        }
        let mut select = vec!["id", "onPremisesSyncEnabled"];
        if wish.speaks_of(LICENCE) {
            select.extend([LOCATION, "licenseAssignmentStates"]);
        }
        select.extend(wish.plain().flat_map(|(field, edit)| match edit {
            Edit::Replace(_) => &[],
            Edit::Add(_) | Edit::Remove(_) => properties(field, false),
        }));
        select.sort_unstable();
        select.dedup();
        self.account(change, id, &select.join(",")).await
    }

    /// An account with these properties.
    pub async fn account(&self, change: u64, id: &str, select: &str) -> Result<Json, Failure> {
        const WHAT: &str = "tell the account";
        match self.object(change, &format!("/users/{id}"), &[("$select", select)], WHAT).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Err(self.missing(change, id, WHAT).await),
            other => other,
        }
    }

    /// The requests that a change is made of, in their order: properties, licences, manager.
    pub fn steps(&self, id: &str, wish: &Wish, mut body: Map<String, Json>, now: &Json) -> Result<Steps, Error> {
        let mut user = now.clone();
        if let Some(location) = body.get(LOCATION) {
            user[LOCATION] = location.clone();
        }
        let is_nowhere = user[LOCATION].as_str().is_none_or(str::is_empty);
        if let (Some(country), true, true) =
            (&self.settings.default_usage_location, is_nowhere, wish.speaks_of(LICENCE))
        {
            body.insert(LOCATION.to_owned(), json!(country));
            user[LOCATION] = json!(country);
        }
        let mut steps = Vec::new();
        if !body.is_empty() {
            let part = Part::new("PATCH", format!("/users/{id}")).with(Json::Object(body));
            steps.push((Step::Write, part));
        }
        if let Some(difference) = self.licences(wish, &user)?.filter(|difference| !difference.is_empty()) {
            self.seat(&difference, now)?;
            steps.push((Step::Licence, licensed(id, &difference)));
        }
        match wish.edits_of("manager").last() {
            None => {}
            Some(Edit::Replace(values) | Edit::Add(values)) => {
                let manager = references("manager", values)?.pop();
                steps.push((Step::Manager, self.manager(id, manager.as_deref())));
            }
            Some(Edit::Remove(_)) => steps.push((Step::Manager, self.manager(id, None))),
        }
        Ok(steps)
    }

    /// Carries the requests out. The first that was not done decides what becomes of the change.
    pub async fn carry_out(&self, change: u64, id: &str, steps: Steps) -> Result<(), Failure> {
        let parts = steps.iter().map(|(_, part)| part.clone()).collect();
        let fates = self.post.all(change, parts, true).await;
        let mut is_there = false;
        for ((step, part), fate) in steps.into_iter().zip(fates) {
            match self.steady(change, fate, true, step.what()) {
                Ok(_) => is_there = true,
                Err(failure) if step == Step::Manager && failure.error.kind == ErrorKind::NotFound => {
                    if !is_there {
                        self.account(change, id, "id").await?;
                    }
                    if let Some(to) = part.body.as_ref().and_then(|body| body["@odata.id"].as_str()) {
                        let to = to.rsplit('/').next().unwrap_or_default();
                        return Err(self.unseen(change, failure, to, "manager"));
                    }
                    // There was none to take away.
                }
                Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                    return Err(self.missing(change, id, step.what()).await);
                }
                Err(failure) if failure.error.kind == ErrorKind::AlreadyExists => {
                    // Addresses come from these, and nobody writes them themselves.
                    let wrote = |name: &&str| part.body.as_ref().is_some_and(|body| !body[*name].is_null());
                    let by = [NAME, NICKNAME].into_iter().find(wrote);
                    let is_address = failure.error.attribute.as_deref() == Some("proxyAddresses");
                    return Err(by.filter(|_| is_address).map_or(failure.clone(), |by| named(failure, by)));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// The request that names somebody's manager, or says that there is none.
    pub fn manager(&self, id: &str, manager: Option<&str>) -> Part {
        let url = format!("/users/{id}/manager/$ref");
        match manager {
            Some(manager) => Part::new("PUT", url).with(json!({"@odata.id": self.known.reference("users", manager)})),
            None => Part::new("DELETE", url),
        }
    }

    /// A reference to something that Graph does not see, or not yet.
    pub fn unseen(&self, change: u64, failure: Failure, to: &str, name: &str) -> Failure {
        let message = match self.memory.is_fresh(to) {
            true => format!("What `{name}` refers to was made just now, and Graph does not see it yet"),
            false => format!("What `{name}` refers to is not there, or may not be referred to"),
        };
        let error = Error { kind: ErrorKind::Invalid, message, attribute: Some(name.to_owned()), ..failure.error };
        self.again(change, error.into())
    }

    /// What has to be given to and taken from somebody with these licences, if anything is said of them.
    pub fn licences(&self, wish: &Wish, user: &Json) -> Result<Option<Difference>, Error> {
        if !wish.speaks_of(LICENCE) {
            return Ok(None);
        }
        let catalogue = self.known.catalogue().unwrap_or_default();
        let difference = catalogue.difference(wish.edits_of(LICENCE), licence::direct(user))?;
        if !difference.add.is_empty() && user[LOCATION].as_str().is_none_or(str::is_empty) {
            let message = format!(
                "Nobody has a licence without `{LOCATION}`: give it in the policy, or `default-usage-location` in the settings"
            );
            return Err(Error::invalid(message).attribute(LOCATION));
        }
        Ok(Some(difference))
    }

    /// Takes seats for what is to be given.
    pub fn seat(&self, difference: &Difference, user: &Json) -> Result<(), Error> {
        let catalogue = self.known.catalogue().unwrap_or_default();
        catalogue.seat(difference, &licence::inherited(user))
    }

    /// Removes an account: it lies in the bin for 30 days.
    pub async fn remove_user(&self, change: u64, id: &str) -> Result<Outcome, Failure> {
        const WHAT: &str = "remove the account";
        match self.ask(change, Part::new("DELETE", format!("/users/{id}")), WHAT).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Err(self.missing(change, id, WHAT).await),
            other => {
                other?;
                self.memory.forget(change);
                Ok(applied(id, Vec::new()))
            }
        }
    }
}

/// The request that gives and takes licences.
pub fn licensed(id: &str, difference: &Difference) -> Part {
    Part::new("POST", format!("/users/{id}/assignLicense")).with(difference.body())
}
