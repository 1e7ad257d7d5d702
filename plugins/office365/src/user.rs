//! New accounts of the tenant's own.
//!
//! A new account is trusted to be there because Graph said so, and never looked for at once: readers may not see it for
//! minutes. What comes after the making (licences, and the manager where he could not be named with it) is done by its id.

use crate::change::{Step, licensed};
use crate::fields::{Class, EXTENSIONS, LICENCE, LOCATION, NAME, NICKNAME};
use crate::graph::Graph;
use crate::post::Part;
use crate::settings::{Mode, Restore};
use crate::wish::Wish;
use crate::work::{Failure, How, Made, Work, applied, made_id, named};
use serde_json::{Map, Value as Json, json};
use sluss_sdk::{Attribute, Error, ErrorKind, Outcome};

impl<G: Graph> Work<'_, G> {
    /// Makes an account.
    pub async fn make_user(&self, change: u64, attributes: &[Attribute]) -> Result<Outcome, Failure> {
        let wish = Wish::new(Class::User, attributes)?;
        if self.settings.mode == Mode::Hybrid {
            return self.meet_user(change, &wish).await;
        }
        let body = self.new_body(&wish)?;
        // Everything that can be wrong is found before anything is made.
        self.licences(&wish, &json!({LOCATION: body.get(LOCATION)}))?;
        let manager = wish.references("manager")?.pop();
        let made = match self.memory.made(change) {
            Some(made) => made,
            None => self.enter(change, &wish, &body, manager.as_deref()).await?,
        };
        let id = made.id.clone();
        if made.how == How::Restored {
            let mut all = wish.body(&Json::Null, self.settings)?;
            all.extend(body);
            self.take_back(change, &id, all).await?;
        }
        let mut lacking = Vec::new();
        if let Some(manager) = manager.filter(|_| made.how != How::New { managed: true }) {
            let named = self.name_manager(change, &id, &manager).await;
            self.bear(named, "manager", &mut lacking)?;
        }
        if wish.speaks_of(LICENCE) {
            let given = self.give_licences(change, &id, &wish, &made).await;
            self.bear(given, LICENCE, &mut lacking)?;
        }
        self.memory.forget(change);
        Ok(applied(&id, lacking))
    }

    /// What failed for good after something was made leaves it without that: it is there, and whoever asked for it has to
    /// know. What may still come is waited for.
    pub fn bear(&self, done: Result<(), Failure>, name: &str, lacking: &mut Vec<Attribute>) -> Result<(), Failure> {
        use ErrorKind::{AlreadyExists, Conflict, Invalid, NotFound, Permission, Unsupported};
        match done {
            Err(Failure { error, is_certain: true })
                if matches!(error.kind, AlreadyExists | Conflict | Invalid | NotFound | Permission | Unsupported) =>
            {
                self.graph.warn(&format!("What was made is without its `{name}`: {}", error.message));
                lacking.push(Attribute { name: name.to_owned(), values: Vec::new() });
                Ok(())
            }
            other => other,
        }
    }

    /// The properties of a new account, all but the password.
    fn new_body(&self, wish: &Wish) -> Result<Map<String, Json>, Error> {
        let mut body = wish.body(&Json::Null, self.settings)?;
        // What is not there needs no word that it is not.
        body.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|values| !values.is_empty()));
        if let Some(Json::Object(extensions)) = body.get_mut(EXTENSIONS) {
            extensions.retain(|_, value| !value.is_null());
        }
        body.entry("accountEnabled").or_insert(json!(true));
        let name = wish.text(NAME).ok_or_else(|| lacks(NAME))?;
        wish.text("displayName").ok_or_else(|| lacks("displayName"))?;
        let alias = name.split('@').next().unwrap_or_default();
        body.entry(NICKNAME).or_insert_with(|| json!(alias));
        if let Some(country) = &self.settings.default_usage_location {
            body.entry(LOCATION).or_insert_with(|| json!(country));
        }
        Ok(body)
    }

    fn with_password(&self, change: u64, mut body: Map<String, Json>) -> Result<Map<String, Json>, Error> {
        let password = self.graph.stand_in(change)?;
        body.insert("passwordProfile".to_owned(), json!({"password": password, "forceChangePasswordNextSignIn": true}));
        Ok(body)
    }

    /// Makes an account, or finds the one that an earlier try made.
    async fn enter(
        &self,
        change: u64,
        wish: &Wish,
        body: &Map<String, Json>,
        manager: Option<&str>,
    ) -> Result<Made, Failure> {
        if self.settings.restore == Restore::SamePerson
            && let Some(id) = self.binned(change, wish).await?
        {
            let made = Made { id, how: How::Restored };
            self.memory.make(change, made.clone());
            return Ok(made);
        }
        let mut body = self.with_password(change, body.clone())?;
        if let Some(manager) = manager {
            body.insert("manager@odata.bind".to_owned(), json!(self.known.reference("users", manager)));
        }
        let mut managed = manager.is_some();
        let mut posted = self.post_user(change, &body).await;
        // Whether it was for the manager is seen without him.
        let is_odd = |failure: &Failure| matches!(failure.error.kind, ErrorKind::Invalid | ErrorKind::NotFound);
        if managed && posted.as_ref().is_err_and(is_odd) {
            managed = false;
            body.remove("manager@odata.bind");
            posted = self.post_user(change, &body).await;
        }
        let made = match posted {
            Ok(id) => Made { id, how: How::New { managed } },
            Err(failure) if failure.error.kind == ErrorKind::AlreadyExists => {
                Made { id: self.holder(change, wish, failure).await?, how: How::Found }
            }
            Err(failure) => return Err(failure),
        };
        self.memory.make(change, made.clone());
        Ok(made)
    }

    /// Takes an account out of the bin, and makes it what a new one would be. An earlier try may have taken it out.
    async fn take_back(&self, change: u64, id: &str, body: Map<String, Json>) -> Result<(), Failure> {
        let part = Part::new("POST", format!("/directory/deletedItems/{id}/restore")).with(json!({}));
        match self.ask(change, part, "take the account out of the bin").await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {}
            Err(failure) if failure.error.kind == ErrorKind::AlreadyExists => {
                self.memory.forget(change);
                return Err(named(failure, NAME));
            }
            other => _ = other?,
        }
        let body = self.with_password(change, body)?;
        let part = Part::new("PATCH", format!("/users/{id}")).with(Json::Object(body));
        match self.ask(change, part, "change the account that it took out of the bin").await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                Err(self.missing(change, id, "change the account that it took out of the bin").await)
            }
            other => other.map(drop),
        }
    }

    async fn post_user(&self, change: u64, body: &Map<String, Json>) -> Result<String, Failure> {
        let fate = self.post.one(change, Part::new("POST", "/users").with(Json::Object(body.clone()))).await;
        let answer = self.judge(fate, true, "make the account")?;
        made_id(&answer.body["id"])
    }

    /// Names the manager of an account.
    async fn name_manager(&self, change: u64, id: &str, manager: &str) -> Result<(), Failure> {
        match self.ask(change, self.manager(id, Some(manager)), Step::Manager.what()).await {
            Err(failure) if matches!(failure.error.kind, ErrorKind::NotFound | ErrorKind::Invalid) => {
                Err(self.unseen(change, failure, manager, "manager"))
            }
            other => other.map(drop),
        }
    }

    /// Gives a new account its licences.
    async fn give_licences(&self, change: u64, id: &str, wish: &Wish, made: &Made) -> Result<(), Failure> {
        let user = match made.how {
            // Nobody gave it any, and nobody sees it yet.
            How::New { .. } => json!({LOCATION: "-"}),
            How::Restored | How::Found => {
                self.account(change, id, &format!("id,{LOCATION},licenseAssignmentStates")).await?
            }
        };
        let Some(difference) = self.licences(wish, &user)?.filter(|difference| !difference.is_empty()) else {
            return Ok(());
        };
        self.seat(&difference, &user)?;
        match self.ask(change, licensed(id, &difference), Step::Licence.what()).await {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => {
                Err(self.again(change, Error { kind: ErrorKind::Invalid, ..failure.error }.into()))
            }
            other => other.map(drop),
        }
    }
}

/// A new account without what every account has.
pub fn lacks(name: &str) -> Error {
    Error::invalid(format!("A new account needs `{name}`")).attribute(name)
}

#[cfg(test)]
#[path = "user_tests.rs"]
mod tests;
