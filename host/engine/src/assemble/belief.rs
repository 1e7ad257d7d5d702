//! Who is believed of what is said of a person, and who is not: for people who ask why.

use super::identity::Identity;
use super::person::Said;
use crate::authority::Authority;
use crate::person::{EngagementId, Protection};
use crate::value::Value;

/// One thing that is said of a person, by everybody who says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    /// What: `name`, `protected`, or whatever else is said.
    pub attribute: String,
    /// What counts, and who said it.
    pub believed: (Vec<Value>, EngagementId),
    /// What others said otherwise, next in line first.
    pub overruled: Vec<(Vec<Value>, EngagementId)>,
}

/// Everything that is said of a person, as it counts where the engagement at `index` speaks for them.
pub fn beliefs(said: &Said, authority: &Authority, index: usize) -> Vec<Belief> {
    let all = said.speakers(index);
    let mut names: Vec<&str> = all.iter().flat_map(|identity| &identity.extra).map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let order = |attribute: &str, values: &dyn Fn(&Identity) -> Option<Vec<Value>>| {
        let ranked = authority.of(attribute).rank(&all, |identity| values(identity).is_some());
        belief(attribute, ranked.into_iter().filter_map(|identity| Some((values(identity)?, identity.id.clone()))))
    };
    let name = order("name", &|identity| {
        let whole = format!("{} {}", identity.name.given, identity.name.surname);
        identity.is_named().then(|| vec![Value::from(whole.trim())])
    });
    // Whoever says that a person is protected is believed.
    let mut marked = said.on_protection();
    marked.sort_by_key(|identity| identity.protection != Some(Protection::Protected));
    let mark = |identity: &Identity| {
        (vec![Value::Boolean(identity.protection == Some(Protection::Protected))], identity.id.clone())
    };
    let protected = belief("protected", marked.into_iter().map(mark));
    let held = |identity: &Identity, name: &str| {
        identity.extra.iter().find(|(known, _)| known == name).map(|(_, values)| values.clone())
    };
    let others = names.iter().filter_map(|name| order(name, &|identity| held(identity, name)));
    name.into_iter().chain(protected).chain(others).collect()
}

fn belief(attribute: &str, mut said: impl Iterator<Item = (Vec<Value>, EngagementId)>) -> Option<Belief> {
    let believed = said.next()?;
    let overruled = said.filter(|(values, _)| *values != believed.0).collect();
    Some(Belief { attribute: attribute.to_owned(), believed, overruled })
}
