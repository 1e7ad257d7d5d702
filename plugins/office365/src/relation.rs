//! What objects refer to in numbers: members and owners of groups, sponsors of guests.
//!
//! Members are many, so they are added and taken away without reading who is there. Owners and sponsors are few, so what is
//! there is read, and only the difference is written.

use crate::graph::{Graph, with_options};
use crate::post::{Fate, Part};
use crate::wish::references;
use crate::work::{Failure, Work};
use serde_json::{Value as Json, json};
use sluss_sdk::{Edit, ErrorKind};
use std::collections::BTreeSet;

/// The most references that one request binds.
pub const BOUND: usize = 20;

/// How many requests for one group follow each other in one batch.
const AT_ONCE: usize = 5;

/// Whether Graph may say so of a reference that it does not see, or that is there already.
fn is_odd(failure: &Failure) -> bool {
    matches!(failure.error.kind, ErrorKind::Invalid | ErrorKind::NotFound)
}

impl<G: Graph> Work<'_, G> {
    /// Carries out what is wanted of the members of a group.
    pub async fn members<'e>(
        &self,
        change: u64,
        group: &str,
        edits: impl IntoIterator<Item = &'e Edit>,
    ) -> Result<(), Failure> {
        for edit in edits {
            match edit {
                Edit::Add(values) => self.join(change, group, references("member", values)?).await?,
                Edit::Remove(values) => self.leave(change, group, references("member", values)?).await?,
                Edit::Replace(values) => {
                    let wanted: BTreeSet<String> = references("member", values)?.into_iter().collect();
                    let there = self.related(change, &format!("/groups/{group}/members")).await?;
                    self.leave(change, group, there.difference(&wanted).cloned().collect()).await?;
                    self.join(change, group, wanted.difference(&there).cloned().collect()).await?;
                }
            }
        }
        Ok(())
    }

    /// Adds members. All that can be added are, whatever is wrong with others.
    async fn join(&self, change: u64, group: &str, mut members: Vec<String>) -> Result<(), Failure> {
        members.retain(|member| !self.memory.is_joined(change, member));
        let mut chunks: &[&[String]] = &members.chunks(BOUND).collect::<Vec<_>>();
        let mut unseen = None;
        while !chunks.is_empty() {
            let parts = chunks.iter().take(AT_ONCE).map(|chunk| self.bind(group, chunk)).collect();
            let fates = self.post.all(change, parts, true).await;
            for fate in fates {
                let Some((chunk, rest)) = chunks.split_first() else { break };
                match self.steady(change, fate, true, "add members") {
                    Ok(_) => self.memory.join(change, chunk.iter()),
                    Err(failure) if is_odd(&failure) => {
                        if failure.error.kind == ErrorKind::NotFound {
                            // It may be the group itself.
                            let group = format!("/groups/{group}");
                            self.object(change, &group, &[("$select", "id")], "tell the group").await?;
                        }
                        // Nobody of them was added. What follows was not tried, and is in the next round.
                        unseen = self.join_some(change, group, chunk, failure).await?.or(unseen);
                        chunks = rest;
                        break;
                    }
                    Err(failure) => return Err(failure),
                }
                chunks = rest;
            }
        }
        unseen.map_or(Ok(()), |(member, failure)| Err(self.unseen(change, failure, &member, "member")))
    }

    /// Adds those of a few members who can be added, where Graph did not add them together: some are there already, or
    /// not to be seen. Gives one of those who could not be added.
    async fn join_some(
        &self,
        change: u64,
        group: &str,
        members: &[String],
        failure: Failure,
    ) -> Result<Option<(String, Failure)>, Failure> {
        let ask = |member: &String| Part::new("GET", format!("/users/{member}/memberOf?$select=id&$top=999"));
        let fates = self.post.all(change, members.iter().map(ask).collect(), false).await;
        let (mut rest, mut unseen) = (Vec::new(), None);
        for (member, fate) in members.iter().zip(fates) {
            match self.steady(change, fate, false, "tell the groups of an account") {
                Ok(answer) if is_among(&answer.body, group) => self.memory.join(change, [member]),
                Ok(_) => rest.push(member.clone()),
                Err(failure) if failure.error.kind == ErrorKind::NotFound => unseen = Some((member.clone(), failure)),
                Err(failure) => return Err(failure),
            }
        }
        if rest.is_empty() {
            return Ok(unseen);
        }
        if rest.len() < members.len() {
            match self.ask(change, self.bind(group, &rest), "add members").await {
                Ok(_) => {
                    self.memory.join(change, rest.iter());
                    return Ok(unseen);
                }
                Err(failure) if is_odd(&failure) => {}
                Err(failure) => return Err(failure),
            }
        }
        if let [only] = rest.as_slice() {
            return Ok(Some((only.clone(), failure)));
        }
        let url = format!("/groups/{group}/members/$ref");
        let add = |member: &String| Part::new("POST", url.clone()).with(self.reference(member));
        let fates = self.post.all(change, rest.iter().map(add).collect(), false).await;
        for (member, fate) in rest.iter().zip(fates) {
            match self.steady(change, fate, true, "add a member") {
                Ok(_) => self.memory.join(change, [member]),
                Err(failure) if is_odd(&failure) => unseen = Some((member.clone(), failure)),
                Err(failure) => return Err(failure),
            }
        }
        Ok(unseen)
    }

    fn bind(&self, group: &str, members: &[String]) -> Part {
        let all: Vec<String> = members.iter().map(|id| self.known.reference("directoryObjects", id)).collect();
        Part::new("PATCH", format!("/groups/{group}")).with(json!({"members@odata.bind": all}))
    }

    fn reference(&self, id: &str) -> Json {
        json!({"@odata.id": self.known.reference("directoryObjects", id)})
    }

    /// Takes members away. One who is not there is no error.
    async fn leave(&self, change: u64, group: &str, members: Vec<String>) -> Result<(), Failure> {
        // Without `/$ref` it would be the account that is removed.
        let url = |member: &String| format!("/groups/{group}/members/{member}/$ref");
        let parts = members.iter().map(|member| Part::new("DELETE", url(member))).collect();
        for fate in self.post.all(change, parts, false).await {
            self.gone(change, fate, "take a member away")?;
        }
        Ok(())
    }

    fn gone(&self, change: u64, fate: Fate, what: &str) -> Result<(), Failure> {
        match self.steady(change, fate, true, what) {
            Err(failure) if failure.error.kind == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    /// Carries out what is wanted of a few references: owners, or sponsors. They stand at `place`.
    pub async fn few<'e>(
        &self,
        change: u64,
        place: &str,
        name: &str,
        edits: impl IntoIterator<Item = &'e Edit>,
    ) -> Result<bool, Failure> {
        let there = self.related(change, place).await?;
        let mut wanted = there.clone();
        for edit in edits {
            match edit {
                Edit::Add(values) => wanted.extend(references(name, values)?),
                Edit::Remove(values) => {
                    let gone = references(name, values)?;
                    wanted.retain(|id| !gone.contains(id));
                }
                Edit::Replace(values) => wanted = references(name, values)?.into_iter().collect(),
            }
        }
        // Who comes is there before who goes is gone: the last owner of a Microsoft 365 group cannot go.
        let come: Vec<&String> = wanted.difference(&there).collect();
        let add = |id: &&String| Part::new("POST", format!("{place}/$ref")).with(self.reference(id));
        let fates = self.post.all(change, come.iter().map(add).collect(), false).await;
        for (id, fate) in come.iter().zip(fates) {
            match self.steady(change, fate, true, "add a reference") {
                Err(failure) if is_odd(&failure) => return Err(self.unseen(change, failure, id, name)),
                other => _ = other?,
            }
        }
        let go: Vec<Part> =
            there.difference(&wanted).map(|id| Part::new("DELETE", format!("{place}/{id}/$ref"))).collect();
        let changes = !come.is_empty() || !go.is_empty();
        for fate in self.post.all(change, go, false).await {
            self.gone(change, fate, "take a reference away")?;
        }
        Ok(changes)
    }

    /// The ids of the users to whom an object refers.
    async fn related(&self, change: u64, place: &str) -> Result<BTreeSet<String>, Failure> {
        const WHAT: &str = "tell what the object refers to";
        let mut ids = BTreeSet::new();
        let part = Part::new("GET", with_options(place, &[("$select", "id"), ("$top", "999")]));
        let (mut body, _) = self.list(change, part, WHAT).await?;
        loop {
            let users = crate::values::references(&body["value"]);
            ids.extend(users.iter().filter_map(|user| user.as_reference()).map(str::to_owned));
            let Some(next) = body["@odata.nextLink"].as_str() else { return Ok(ids) };
            let response = self.graph.follow(next).map_err(Failure::from)?;
            body = crate::known::read(&response, WHAT)?;
            crate::answer::listed(&body, WHAT)?;
        }
    }
}

/// Whether an object is among those that Graph told.
fn is_among(told: &Json, id: &str) -> bool {
    let objects = told["value"].as_array().into_iter().flatten();
    objects.filter_map(|object| object["id"].as_str()).any(|own| own.eq_ignore_ascii_case(id))
}
