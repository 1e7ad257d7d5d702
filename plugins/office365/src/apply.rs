//! Carrying a batch of changes out.

use crate::fields::{Class, LICENCE};
use crate::graph::{Graph, is_id};
use crate::known::Known;
use crate::pace::Pace;
use crate::post::{Post, Working};
use crate::settings::{Mode, Settings};
use crate::work::{Failure, Memory, Work};
use sluss_sdk::{Change, Edit, Error, Operation, Outcome, Value};
use std::cell::RefCell;

/// Carries changes out. An error means that nothing of them was.
pub fn apply(
    graph: &impl Graph,
    settings: &Settings,
    known: &Known,
    memory: &Memory,
    pace: &RefCell<Pace>,
    changes: &[Change],
) -> Result<Vec<Outcome>, Error> {
    learn(graph, settings, known, changes)?;
    let post = Post::new(graph, pace, settings.seconds);
    let work = &Work { post, graph, settings, known, memory };
    let mut works: Vec<Working<'_, Outcome>> = Vec::with_capacity(changes.len());
    for change in changes {
        works.push(Box::pin(async move { one(work, change).await.unwrap_or_else(|failure| failed(change, failure)) }));
    }
    let outcomes = work.post.run(works);
    match work.post.refused() {
        Some(error) => Err(error),
        None => Ok(outcomes),
    }
}

fn failed(change: &Change, failure: Failure) -> Outcome {
    let mut failure = failure;
    if failure.error.object.is_none() {
        failure.error.object = match &change.operation {
            Operation::Create(_) => None,
            Operation::Update(update) => Some(update.id.clone()),
            Operation::Remove(id) => Some(id.clone()),
        };
    }
    failure.into()
}

async fn one<G: Graph>(work: &Work<'_, G>, change: &Change) -> Result<Outcome, Failure> {
    let (id, class) = (change.id, Class::of(&change.class)?);
    if class == Class::Licence {
        return Err(Error::unsupported("Licences are bought and ended at Microsoft, not here").into());
    }
    match &change.operation {
        Operation::Create(attributes) => match class {
            Class::Guest => work.make_guest(id, attributes).await,
            Class::Group => work.make_group(id, attributes).await,
            Class::User | Class::Licence => work.make_user(id, attributes).await,
        },
        Operation::Update(update) => {
            let object = own_id(&update.id)?;
            match class {
                Class::Guest => work.change_guest(id, object, &update.modifications).await,
                Class::Group => work.change_group(id, object, &update.modifications).await,
                Class::User | Class::Licence => work.change_user(id, object, &update.modifications).await,
            }
        }
        Operation::Remove(object) => {
            let object = own_id(object)?;
            match class {
                Class::Group => work.remove_group(id, object).await,
                Class::User if work.settings.mode == Mode::Hybrid => work.let_go(id, object).await,
                _ => work.remove_user(id, object).await,
            }
        }
    }
}

/// An id that cannot lead anywhere but to an object.
fn own_id(id: &str) -> Result<&str, Error> {
    if is_id(id) { Ok(id) } else { Err(Error::not_found("This is no id of Graph").object(id)) }
}

/// Asks for what has to be known before these changes are made.
fn learn(graph: &impl Graph, settings: &Settings, known: &Known, changes: &[Change]) -> Result<(), Error> {
    let not_sent = |error: Error| Error { sent: false, ..error };
    if changes.iter().any(refers) {
        known.learn_base(graph).map_err(not_sent)?;
    }
    let hybrid = settings.mode == Mode::Hybrid;
    let is_licence = |change: &Change| {
        speaks(change, LICENCE) || hybrid && change.class == "user" && matches!(change.operation, Operation::Remove(_))
    };
    if changes.iter().any(is_licence) {
        // Seats come and go, so they are counted anew.
        known.learn_catalogue(graph, &settings.licences).map_err(not_sent)?;
    }
    if changes.iter().any(|change| matches!(change.operation, Operation::Update(_))) {
        known.learn_syncs(graph).map_err(not_sent)?;
    }
    Ok(())
}

fn speaks(change: &Change, name: &str) -> bool {
    match &change.operation {
        Operation::Create(attributes) => attributes.iter().any(|attribute| attribute.name == name),
        Operation::Update(update) => update.modifications.iter().any(|edit| edit.attribute == name),
        Operation::Remove(_) => false,
    }
}

fn refers(change: &Change) -> bool {
    let is_reference = |value: &Value| matches!(value, Value::Reference(_));
    match &change.operation {
        Operation::Create(attributes) => attributes.iter().flat_map(|attribute| &attribute.values).any(is_reference),
        Operation::Update(update) => update.modifications.iter().any(|modification| match &modification.edit {
            Edit::Add(values) | Edit::Remove(values) | Edit::Replace(values) => values.iter().any(is_reference),
        }),
        Operation::Remove(_) => false,
    }
}
