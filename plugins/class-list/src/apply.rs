//! Carrying changes out: on the state, then in its file, and only then told.

use crate::attributes::{held, set};
use crate::held::Held;
use crate::log::Log;
use crate::settings::Settings;
use crate::state::{Class, Effect, State, Thing};
use sluss_sdk::{Applied, Attribute, Change, Edit, Error, Operation, Outcome, Update};
use std::collections::{BTreeMap, HashSet};

/// Carries a batch out. An error means that nothing of it was; the state must then be read anew, as it must where an
/// outcome is unknown.
pub fn apply(state: &mut State, log: &mut Log, settings: &Settings, changes: &[Change]) -> Result<Vec<Outcome>, Error> {
    log.mend(state)?;
    let mut effects = Vec::new();
    let mut outcomes = Vec::with_capacity(changes.len());
    for change in changes {
        outcomes.push(carry_out(state, settings, change, &mut effects).unwrap_or_else(Outcome::Rejected));
    }
    if effects.is_empty() {
        return Ok(outcomes);
    }
    match log.append(&effects) {
        Ok(()) => Ok(outcomes),
        Err(error) if !error.sent => Err(error),
        Err(error) => {
            let unknown = |outcome| match outcome {
                Outcome::Applied(_) => Outcome::Unknown(error.clone()),
                other => other,
            };
            Ok(outcomes.into_iter().map(unknown).collect())
        }
    }
}

fn carry_out(
    state: &mut State,
    settings: &Settings,
    change: &Change,
    effects: &mut Vec<Effect>,
) -> Result<Outcome, Error> {
    let class = Class::named(&change.class)?;
    match &change.operation {
        Operation::Create(attributes) => {
            let thing = new(settings, class, attributes)?;
            state.allows(class, None, &thing)?;
            put(state, class, None, &thing, effects).map(Outcome::Applied)
        }
        Operation::Update(update) => self::update(state, settings, class, update, effects),
        Operation::Remove(id) => {
            let thing = state.thing(class, id).ok_or_else(|| missing(id))?;
            let effect = Effect::Remove { class, key: thing.key.clone() };
            state.take(effect.clone())?;
            effects.push(effect);
            Ok(Outcome::Applied(Applied { id: id.clone(), version: None, computed: Vec::new() }))
        }
    }
}

fn update(
    state: &mut State,
    settings: &Settings,
    class: Class,
    update: &Update,
    effects: &mut Vec<Effect>,
) -> Result<Outcome, Error> {
    let known = state.thing(class, &update.id).ok_or_else(|| missing(&update.id))?;
    if let Some(version) = &update.version
        && *version != known.version()?
    {
        return Err(Error::conflict("It was changed by somebody else").object(update.id.clone()));
    }
    let mut thing = known.clone();
    for modification in &update.modifications {
        let name = &modification.attribute;
        let mut values = thing.values(class, name);
        if edit(&mut values, name, &modification.edit)? {
            set(settings, class, &mut thing, name, values).map_err(|error| error.object(update.id.clone()))?;
        }
    }
    if thing == *known {
        let applied = Applied { id: known.key.clone(), version: Some(known.version()?), computed: Vec::new() };
        return Ok(Outcome::Unchanged(applied));
    }
    state.allows(class, Some(&known.key), &thing)?;
    let was = (thing.key != known.key).then(|| known.key.clone());
    put(state, class, was, &thing, effects).map(Outcome::Applied)
}

fn put(
    state: &mut State,
    class: Class,
    was: Option<String>,
    thing: &Thing,
    effects: &mut Vec<Effect>,
) -> Result<Applied, Error> {
    let effect = thing.effect(class, was);
    state.take(effect.clone())?;
    effects.push(effect);
    Ok(Applied { id: thing.key.clone(), version: Some(thing.version()?), computed: Vec::new() })
}

/// Edits values, and says whether they are others than before. In which order they stand makes no difference.
fn edit(values: &mut Vec<Held>, name: &str, edit: &Edit) -> Result<bool, Error> {
    let before = values.len();
    match edit {
        Edit::Add(more) => {
            let there: HashSet<&Held> = values.iter().collect();
            let mut added: HashSet<Held> = HashSet::new();
            let mut new = held(name, more)?;
            new.retain(|value| !there.contains(value) && added.insert(value.clone()));
            values.extend(new);
            Ok(values.len() != before)
        }
        Edit::Remove(gone) => {
            // What could never be kept is not there.
            let gone: HashSet<Held> = gone.iter().filter_map(Held::new).collect();
            values.retain(|value| !gone.contains(value));
            Ok(values.len() != before)
        }
        Edit::Replace(all) => {
            let mut new = Vec::new();
            self::edit(&mut new, name, &Edit::Add(all.clone()))?;
            let is_same = new.iter().collect::<HashSet<_>>() == values.iter().collect::<HashSet<_>>();
            if !is_same {
                *values = new;
            }
            Ok(!is_same)
        }
    }
}

/// A thing that is made with these attributes.
pub fn new(settings: &Settings, class: Class, attributes: &[Attribute]) -> Result<Thing, Error> {
    let mut thing = Thing { key: String::new(), holds: BTreeMap::new() };
    for attribute in attributes {
        let mut values = Vec::new();
        edit(&mut values, &attribute.name, &Edit::Add(attribute.values.clone()))?;
        set(settings, class, &mut thing, &attribute.name, values)?;
    }
    if thing.key.is_empty() {
        let message = format!("There is none without `{}`", class.key());
        return Err(Error::invalid(message).attribute(class.key()));
    }
    Ok(thing)
}

fn missing(id: &str) -> Error {
    Error::not_found("There is no such object").object(id)
}
