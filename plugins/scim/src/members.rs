//! Members of groups, who come and go in portions that a service takes.
//!
//! One member whom a service refuses must not keep the others out: a portion that is refused is halved until the one is
//! found.

use crate::apply::{Batch, Failure};
use crate::class::{Class, listed};
use crate::service::Service;
use serde_json::{Value as Json, json};
use sluss_sdk::{Edit, Error, ErrorKind, Value};
use std::collections::VecDeque;

/// After how many refused members the rest of a group is left for later: it is not about the members then.
const MOST_REFUSED: usize = 8;

/// What happens to members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Come,
    Go,
}

/// A portion.
#[derive(Debug, Clone, PartialEq)]
struct Portion {
    way: Way,
    members: Vec<String>,
}

impl Portion {
    fn operations(&self) -> Vec<Json> {
        match self.way {
            Way::Come => {
                let value: Vec<Json> = self.members.iter().map(|id| listed(id)).collect();
                vec![json!({"op": "add", "path": "members", "value": value})]
            }
            Way::Go => {
                let path = |id: &String| format!("members[value eq {}]", Json::from(id.as_str()));
                self.members.iter().map(|id| json!({"op": "remove", "path": path(id)})).collect()
            }
        }
    }

    fn halves(mut self) -> [Portion; 2] {
        let second = self.members.split_off(self.members.len() / 2);
        [Portion { way: self.way, members: second }, self]
    }
}

/// The ids of members, each once.
pub fn ids(values: &[Value]) -> Result<Vec<String>, Error> {
    let mut seen = std::collections::HashSet::with_capacity(values.len());
    let mut ids = Vec::with_capacity(values.len());
    for value in values {
        let id = value.as_reference().ok_or_else(|| {
            Error::invalid("Members are references to accounts, and something else was given")
                .attribute(crate::class::MEMBER)
        })?;
        if seen.insert(id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

impl<S: Service> Batch<'_, S> {
    /// Lets members come and go. Gives the version of the group afterwards, where the service says it. `begun` says that
    /// something of the change was carried out already.
    pub(crate) async fn members(
        &self,
        change: u64,
        group: &str,
        edits: &[&Edit],
        version: Option<String>,
        begun: bool,
    ) -> Result<Option<String>, Failure> {
        let (mut version, mut begun) = (version, begun);
        let mut portions = VecDeque::new();
        for edit in edits {
            let (way, values) = match edit {
                Edit::Add(values) => (Way::Come, values),
                Edit::Remove(values) => (Way::Go, values),
                Edit::Replace(values) => {
                    let value: Vec<Json> = ids(values)?.iter().map(|id| listed(id)).collect();
                    let operations = match value.is_empty() {
                        true => vec![json!({"op": "remove", "path": "members"})],
                        false => vec![json!({"op": "replace", "path": "members", "value": value})],
                    };
                    let answer = self.patch(change, Class::Group, group, operations, version, begun).await?;
                    if !answer.is_success() && !answer.has_no_target() {
                        return Err(answer.refusal("change the members of the group").into());
                    }
                    (version, begun) = (self.compared(answer.version.as_deref()), true);
                    continue;
                }
            };
            let ids = ids(values)?;
            for members in ids.chunks(self.provider.settings.members.max(1) as usize) {
                portions.push_back(Portion { way, members: members.to_vec() });
            }
        }
        let (mut refused, mut why, mut is_there) = (0, None, false);
        while let Some(portion) = portions.pop_front() {
            let operations = portion.operations();
            let answer = self.patch(change, Class::Group, group, operations, version.clone(), begun).await?;
            if answer.is_success() {
                (version, begun) = (self.compared(answer.version.as_deref()), true);
                continue;
            }
            if !matches!(answer.status, 400 | 404 | 409 | 422) {
                return Err(answer.refusal("change the members of the group").into());
            }
            if answer.is_gone() && !is_there {
                // It may be the group that is not there, or one of its members.
                self.now(Class::Group, group, false).await?;
                is_there = true;
            }
            match (portion.members.len(), portion.way) {
                (2.., _) => portion.halves().into_iter().for_each(|half| portions.push_front(half)),
                // Whoever is not in it need not be taken out.
                (_, Way::Go) if answer.has_no_target() || answer.is_gone() => {}
                // Whoever is in it need not come.
                (_, Way::Come) if answer.is_clash() => {}
                _ => {
                    refused += 1;
                    why = Some(answer);
                    if refused == MOST_REFUSED {
                        break;
                    }
                }
            }
        }
        let Some(answer) = why else { return Ok(version) };
        let error = answer.refusal("change the members of the group");
        let left = match portions.is_empty() {
            true => "the others are as they shall be".to_owned(),
            false => "so the rest is left for later".to_owned(),
        };
        let message = format!("{}. It refuses {refused} of the members, {left}", error.message);
        Err(Error { kind: ErrorKind::Invalid, message, ..error }.into())
    }
}
