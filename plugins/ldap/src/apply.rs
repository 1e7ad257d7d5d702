//! Carrying a batch of changes out, in as few calls as can be.
//!
//! Nearly every change is one write, so nearly every batch is one call. Only a change that edits an entry and gives it
//! another name as well takes a second: no two writes for one entry travel together.

use sluss_sdk::directory::{ANY, Containers, Dn, Layout, Plan, Server};
use sluss_sdk::ldap::{self, Request};
use sluss_sdk::{Applied, Change, Error, ErrorKind, Operation, Outcome};
use std::collections::VecDeque;

/// A change on its way.
struct Step<'a> {
    change: &'a Change,
    /// The object's id once all is done.
    id: String,
    left: VecDeque<Request>,
    outcome: Option<Outcome>,
}

/// Carries a batch out. An error means that nothing of it was.
pub fn apply(
    server: &impl Server,
    layout: &Layout,
    containers: &mut Containers,
    changes: &[Change],
) -> Result<Vec<Outcome>, Error> {
    let mut steps: Vec<Step<'_>> = changes.iter().map(|change| step(layout, change)).collect();
    make_room(server, layout, containers, &mut steps)?;
    let mut is_first = true;
    loop {
        let (mut going, mut requests) = (Vec::new(), Vec::new());
        for (index, step) in steps.iter_mut().enumerate().filter(|(_, step)| step.outcome.is_none()) {
            if let Some(request) = step.left.pop_front() {
                going.push(index);
                requests.push(request);
            } else {
                step.outcome = Some(Outcome::Applied(applied(&step.id)));
            }
        }
        if requests.is_empty() {
            return Ok(steps.into_iter().map(|step| step.outcome.unwrap_or_else(unanswered)).collect());
        }
        let outcomes = match server.write(&requests) {
            Ok(outcomes) => outcomes,
            Err(error) if is_first => return Err(error),
            Err(error) => requests.iter().map(|_| ldap::Outcome::Refused(error.clone())).collect(),
        };
        let mut outcomes = outcomes.into_iter();
        for (index, request) in going.into_iter().zip(requests) {
            let step = &mut steps[index];
            step.outcome = match outcomes.next() {
                Some(ldap::Outcome::Done) => None,
                Some(ldap::Outcome::Refused(error)) => {
                    Some(Outcome::Rejected(refused(server, containers, step, &request, error)))
                }
                Some(ldap::Outcome::Unknown(error)) => Some(Outcome::Unknown(error.object(request.dn))),
                None => Some(unanswered()),
            };
        }
        is_first = false;
    }
}

fn step<'a>(layout: &Layout, change: &'a Change) -> Step<'a> {
    match layout.class(&change.class).and_then(|class| class.plan(change)) {
        Ok(Plan { id, requests }) => {
            let outcome = requests.is_empty().then(|| Outcome::Unchanged(applied(&id)));
            Step { change, id, left: requests.into(), outcome }
        }
        Err(error) => {
            Step { change, id: String::new(), left: VecDeque::new(), outcome: Some(Outcome::Rejected(error)) }
        }
    }
}

fn applied(id: &str) -> Applied {
    Applied { id: id.to_owned(), version: None, computed: Vec::new() }
}

fn unanswered() -> Outcome {
    Outcome::Unknown(Error::internal("The host did not say what became of this write"))
}

/// Sees to it that new and moved entries have a container, and spells their names as the server will.
fn make_room(
    server: &impl Server,
    layout: &Layout,
    containers: &mut Containers,
    steps: &mut [Step<'_>],
) -> Result<(), Error> {
    let mut places = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if step.left.iter().any(arrives) {
            let dn = Dn::parse(&step.id)?;
            places.push((index, dn.parent().unwrap_or_default(), dn));
        }
    }
    let wanted: Vec<(u64, Dn)> =
        places.iter().map(|(index, container, _)| (steps[*index].change.id, container.clone())).collect();
    let failures = containers.ensure(server, layout.base(), &wanted)?;
    for (index, container, dn) in places {
        let step = &mut steps[index];
        if let Some(error) = failures.of(&container) {
            step.outcome = Some(Outcome::Rejected(error.clone().object(dn.to_string())));
            continue;
        }
        let spelt = containers.spelt(&dn);
        step.id = spelt.to_string();
        for request in &mut step.left {
            match &mut request.operation {
                ldap::Operation::Add(_) => request.dn.clone_from(&step.id),
                ldap::Operation::Rename(rename) if rename.parent.is_some() => {
                    rename.parent = spelt.parent().map(|parent| parent.to_string());
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a write puts an entry in a container.
fn arrives(request: &Request) -> bool {
    match &request.operation {
        ldap::Operation::Add(_) => true,
        ldap::Operation::Rename(rename) => rename.parent.is_some(),
        ldap::Operation::Modify(_) | ldap::Operation::Remove => false,
    }
}

/// What the refusal of a write means for its change.
///
/// Where the edits of a change were done and its new name is refused, the change still counts as not carried out: the
/// entry is found by its old name, and the same edits once more change nothing.
fn refused(
    server: &impl Server,
    containers: &mut Containers,
    step: &Step<'_>,
    request: &Request,
    error: Error,
) -> Error {
    let error = error.object(request.dn.clone());
    match error.kind {
        ErrorKind::AlreadyExists => match naming(step) {
            Some(attribute) => error.attribute(attribute),
            None => error,
        },
        ErrorKind::NotFound if arrives(request) => {
            let container = Dn::parse(&step.id).ok().and_then(|dn| dn.parent()).unwrap_or_default();
            containers.forget(&container);
            // The server says the same of an entry that is not there and of a container that is not there.
            let is_there = match (&request.operation, Dn::parse(&request.dn)) {
                (ldap::Operation::Rename(_), Ok(dn)) => server.entry(&dn, ANY, &["1.1".to_owned()]),
                _ => return gone(error, &container),
            };
            match is_there {
                Ok(Some(_)) => gone(error, &container),
                Ok(None) => error,
                Err(other) => other.object(request.dn.clone()),
            }
        }
        _ => error,
    }
}

fn gone(error: Error, container: &Dn) -> Error {
    let message = format!("The container `{container}` was removed by somebody else; it is made anew");
    Error { kind: ErrorKind::Conflict, message, ..error }
}

/// The attribute of a change that names its entry, as the host calls it.
fn naming(step: &Step<'_>) -> Option<String> {
    let dn = Dn::parse(&step.id).ok()?;
    let mut names: Box<dyn Iterator<Item = &String>> = match &step.change.operation {
        Operation::Create(attributes) => Box::new(attributes.iter().map(|attribute| &attribute.name)),
        Operation::Update(update) => Box::new(update.modifications.iter().map(|edit| &edit.attribute)),
        Operation::Remove(_) => return None,
    };
    names.find(|name| dn.value_of(name).is_some()).cloned()
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
