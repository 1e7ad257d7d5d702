//! What an account holds where its rule asks another account of the person for something, and what will follow once that
//! one is as it shall be.
//!
//! Only what is known of the other account counts. A value that the target has yet to compute, or that Sluss has yet to
//! write, is waited for: what is written on a guess would be wrong whenever the target said otherwise.

use super::{Account, Deciding};
use crate::account::AccountRef;
use crate::person::Engagement;
use crate::plan::ENABLED;
use crate::policy::{AccountRule, EvalFault, Scope, Seen, Wanted, are_known};
use crate::stage::Presence;
use crate::value::{Attributes, Value};

/// What an account will hold once the accounts that its rule asks are as they shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    /// Every attribute that the rule speaks of.
    pub attributes: Attributes,
    /// Those among them that are to hold something else as long as the other accounts are as they are.
    pub changing: Vec<String>,
    /// Those of which nobody knows yet what they will hold: a word stands there that says whom it comes from.
    pub unknown: Vec<String>,
}

/// What a rule wants.
pub(super) enum Wish {
    /// No account.
    None,
    /// An account with these attributes; and what follows.
    Now(Attributes, Option<Then>),
    /// Whatever it is, it waits for the account of the rule at this place; and what follows.
    Later(usize, Option<Then>),
}

/// The accounts that a rule asks.
struct Fed {
    /// As they are known.
    now: Vec<Seen>,
    /// As they shall be.
    then: Vec<Seen>,
}

impl Deciding<'_> {
    /// What a rule wants, as far as that can be said while the accounts that it asks are as they are.
    pub(super) fn wish(
        &self,
        rule: &AccountRule,
        scope: &mut Scope<'_>,
        presence: Presence,
        speaker: Option<&Engagement>,
        decided: &[Account],
        seen: &[Seen],
    ) -> Result<Wish, EvalFault> {
        let Fed { now, then } = self.fed(rule, decided, seen);
        let asked = rule.when.as_ref().is_none_or(|when| are_known(&when.feeds, &now));
        let awaited = rule.feeds.iter().find(|feed| !are_known(std::slice::from_ref(*feed), &now));
        let awaited = awaited.and_then(|feed| self.policy.accounts.iter().position(|other| other.name == feed.rule));
        let changes = now != then;
        scope.set_accounts(now);
        if asked && !scope.applies(rule)? {
            return Ok(Wish::None);
        }
        let Some(awaited) = awaited else {
            let (attributes, _) = written(rule, scope, presence, speaker)?;
            let then = if changes { foreseen(rule, scope, then, presence, speaker, Some(&attributes)) } else { None };
            return Ok(Wish::Now(attributes, then));
        };
        Ok(Wish::Later(awaited, foreseen(rule, scope, then, presence, speaker, None)))
    }

    /// The accounts that a rule asks, as they are known and as they shall be. Those of targets that are left alone are
    /// neither.
    fn fed(&self, rule: &AccountRule, decided: &[Account], seen: &[Seen]) -> Fed {
        let mut fed = Fed { now: Vec::new(), then: Vec::new() };
        for (place, other) in self.policy.accounts.iter().enumerate() {
            if !rule.feeds.iter().any(|feed| feed.rule == other.name) || self.suspended.contains(&other.target) {
                continue;
            }
            let known = seen.iter().find(|seen| seen.rule == other.name).map(|seen| spoken(other, seen.clone(), &[]));
            let account = decided.iter().find(|account| account.rule == place);
            fed.then.extend(account.and_then(|account| becomes(other, account, known.as_ref())));
            fed.now.extend(known);
        }
        fed
    }
}

/// What an account will be like: as decided, or else as it is.
fn becomes(rule: &AccountRule, account: &Account, known: Option<&Seen>) -> Option<Seen> {
    let stays = matches!(account.presence, Presence::Open | Presence::Closed);
    let (attributes, unknown) = match (&account.attributes, &account.then) {
        (_, Some(then)) if stays => (&then.attributes, &then.unknown[..]),
        (Some(attributes), None) if stays => (attributes, &[][..]),
        _ => return known.cloned(),
    };
    let mut then = known.cloned().unwrap_or_else(|| Seen { rule: rule.name.clone(), ..Seen::default() });
    // Of what Sluss writes anew, nobody knows what the target will make of it.
    then.computed.retain(|(name, _)| {
        let of = |all: &Attributes| all.iter().find(|(own, _)| own == name).map(|(_, values)| values.clone());
        known.and_then(|known| of(&known.written)).unwrap_or_default() == of(attributes).unwrap_or_default()
    });
    then.written = attributes.iter().filter(|(name, _)| !unknown.contains(name)).cloned().collect();
    Some(spoken(rule, then, unknown))
}

/// An account of which is also known that what its rule speaks of and it does not hold is nothing.
fn spoken(rule: &AccountRule, mut seen: Seen, unknown: &[String]) -> Seen {
    for (name, _) in &rule.attributes {
        if !unknown.contains(name) && !seen.written.iter().any(|(known, _)| known == name) {
            seen.written.push((name.clone(), Vec::new()));
        }
    }
    seen
}

/// What follows once the other accounts are as they shall be. Nothing where that cannot be said, where there will be no
/// account, or where it is as it is now.
fn foreseen(
    rule: &AccountRule,
    scope: &mut Scope<'_>,
    then: Vec<Seen>,
    presence: Presence,
    speaker: Option<&Engagement>,
    now: Option<&Attributes>,
) -> Option<Then> {
    let planned = |name: &String| then.iter().any(|seen| seen.rule == *name);
    let asked = rule.when.as_ref().is_none_or(|when| are_known(&when.feeds, &then));
    if !asked || !rule.feeds.iter().all(|feed| planned(&feed.rule)) {
        return None;
    }
    scope.set_accounts(then);
    // What fails then is told of once it is so.
    if !scope.applies(rule).ok()? {
        return None;
    }
    let (attributes, unknown) = written(rule, scope, presence, speaker).ok()?;
    let of = |all: &Attributes, name: &str| -> Vec<Value> {
        all.iter().find(|(known, _)| known == name).map(|(_, values)| values.clone()).unwrap_or_default()
    };
    let changing: Vec<String> = match now {
        None => rule.attributes.iter().map(|(name, _)| name.clone()).collect(),
        Some(now) => {
            let names = rule.attributes.iter().map(|(name, _)| name);
            names.filter(|name| of(now, name) != of(&attributes, name)).cloned().collect()
        }
    };
    (now.is_none() || !changing.is_empty()).then_some(Then { attributes, changing, unknown })
}

/// Every attribute that the rule gives, and which of them nobody knows yet.
fn written(
    rule: &AccountRule,
    scope: &Scope<'_>,
    presence: Presence,
    speaker: Option<&Engagement>,
) -> Result<(Attributes, Vec<String>), EvalFault> {
    let mut attributes: Attributes = Vec::with_capacity(rule.attributes.len() + 1);
    let mut unknown = Vec::new();
    for (name, wanted) in scope.attributes(rule)? {
        let values = match wanted {
            Wanted::Values(values) => values,
            Wanted::ManagerOfPrimary(account) => speaker
                .and_then(|engagement| engagement.manager)
                .filter(|manager| *manager != scope.person().id)
                .map(|person| AccountRef { person, rule: account.as_deref() }.value())
                .into_iter()
                .collect(),
            Wanted::Later(other) => {
                unknown.push(name.clone());
                vec![Value::Text(format!("(from {other})"))]
            }
        };
        if !values.is_empty() {
            attributes.push((name, values));
        }
    }
    attributes.push((ENABLED.to_owned(), vec![Value::Boolean(presence == Presence::Open)]));
    Ok((attributes, unknown))
}
