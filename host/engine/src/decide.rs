//! What shall exist for one person: the policy, the calendar and the ledger of names, in one decision that gives its
//! reasons.

mod follow;
mod name;

use crate::finding::{Finding, Subject};
use crate::ledger::Ledger;
use crate::person::{Engagement, EngagementId, Person, Protection};
use crate::plan::Reason;
use crate::policy::{EvalFault, Evaluator, GroupKey, Policy, Protected, Scope, Seen, Units};
use crate::primary::{Primary, primary};
use crate::stage::{Presence, Stage, Standing, standing};
use crate::value::Attributes;
pub use follow::Then;
use follow::Wish;
use jiff::civil::Date;
use name::Named;
use std::collections::HashSet;

/// Everything that shall be for one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The stage.
    pub stage: Stage,
    /// The engagement that speaks for the person.
    pub primary: Option<Primary>,
    /// The day on which to decide again, if nothing else happens before.
    pub next: Option<Date>,
    /// One for each account rule.
    pub accounts: Vec<Account>,
    /// What somebody should look at.
    pub findings: Vec<Finding>,
}

/// What one account rule wants for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Index into the policy's accounts.
    pub rule: usize,
    /// What shall be of the account.
    pub presence: Presence,
    /// Every attribute that the rule speaks of. None for a kept account, which stays as it is, but closed, and where a rule
    /// failed or waits: then nothing is made or changed, and yet what is over is taken away.
    pub attributes: Option<Attributes>,
    /// The rule whose account it waits for, if it does.
    pub awaits: Option<usize>,
    /// What follows once the accounts that the rule asks are as they shall be, where that is something else.
    pub then: Option<Then>,
    /// What people call it.
    pub label: String,
    /// The groups that it shall be in, each once.
    pub memberships: Vec<Membership>,
    /// Group rules that failed, as indexes: the account stays in whatever group they put it in.
    pub unsure: Vec<usize>,
    /// What each ladder of licences gives it.
    pub ladders: Vec<Ladder>,
    /// Why.
    pub reason: Reason,
}

/// A right: membership of a group, with the engagement that gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// Index into the policy's groups.
    pub rule: usize,
    /// Which of the rule's groups.
    pub key: GroupKey,
    /// Every engagement that gives it; the right ends with the last of them.
    pub engagements: Vec<EngagementId>,
}

/// What a ladder of licences gives an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// Index into the policy's ladders.
    pub rule: usize,
    /// Every rank that an engagement gives, the highest first: it shall have the first one.
    pub given: Vec<Given>,
    /// Whether the ladder failed: the account keeps whatever it has of it.
    pub unsure: bool,
}

/// A right: a rank of a ladder, with the engagements that give it.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Index into the ladder's ranks.
    pub rank: usize,
    /// Every engagement that gives it; the right ends with the last of them.
    pub engagements: Vec<EngagementId>,
    /// The first day of the earliest of them; none is from always.
    pub first: Option<Date>,
}

/// What a decision looks things up in.
pub struct Deciding<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The policy's expressions, ready to be evaluated.
    pub evaluator: &'a Evaluator<'a>,
    /// The unit with this organisation and code.
    pub units: &'a Units<'a>,
    /// The day.
    pub day: Date,
    /// Targets that are left alone: nobody knows what their accounts are like.
    pub suspended: &'a HashSet<String>,
}

impl Deciding<'_> {
    /// Decides for one person, of whose accounts so much is known. New names are taken from the ledger and held there.
    pub fn decide<L: Ledger>(&self, person: &Person, seen: &[Seen], ledger: &mut L) -> Result<Decision, L::Error> {
        let standing = standing(person, &self.policy.stages, self.day);
        let primary = primary(person, &self.policy.primary, self.day);
        let mut decision = Decision {
            stage: standing.stage,
            primary,
            next: standing.next,
            accounts: Vec::new(),
            findings: Vec::new(),
        };
        let veil = person.protection == Protection::Protected
            && self.policy.accounts.iter().any(|rule| rule.protected == Protected::Pseudonym);
        let veiled = veil.then(|| name::pseudonym(person));
        let spoken = veiled.as_ref().unwrap_or(person);
        let named = self.names(spoken, veil, &standing, &decision, ledger)?;
        decision.next = decision.next.into_iter().chain(named.until).min();
        decision.findings.extend(named.missing.clone());
        for &index in &self.policy.order {
            let protected = self.policy.accounts[index].protected;
            let full = person.protection == Protection::None || protected == Protected::Full;
            let shown = if full { person } else { spoken };
            let account = self.account(index, shown, &standing, &mut decision, &named, seen);
            decision.accounts.push(account);
        }
        decision.accounts.sort_by_key(|account| account.rule);
        Ok(decision)
    }

    fn scope<'s>(&'s self, person: &'s Person, standing: &'s Standing, decision: &Decision) -> Scope<'s> {
        let index = decision.primary.as_ref().map(|primary| primary.index);
        self.evaluator.person(person, index, &standing.active, self.units)
    }

    /// What one rule wants. A part of it that fails is told of, and stays as it is.
    fn account(
        &self,
        index: usize,
        person: &Person,
        standing: &Standing,
        decision: &mut Decision,
        named: &Named,
        seen: &[Seen],
    ) -> Account {
        let rule = &self.policy.accounts[index];
        let speaker = speaker(person, decision);
        let reason = Reason {
            rule: format!("account {}", rule.name),
            engagement: speaker.map(|engagement| engagement.id.clone()),
            stage: Some(standing.stage.as_str().to_owned()),
        };
        let mut account = Account {
            rule: index,
            presence: standing.presence,
            attributes: None,
            awaits: None,
            then: None,
            label: named.label(person.id),
            memberships: Vec::new(),
            unsure: Vec::new(),
            ladders: Vec::new(),
            reason,
        };
        if person.protection == Protection::Protected && rule.protected == Protected::Omit {
            account.presence = Presence::Gone;
        }
        if matches!(account.presence, Presence::Absent | Presence::Kept | Presence::Gone) {
            return account;
        }
        let mut scope = self.scope(person, standing, decision);
        named.tell(&mut scope);
        if named.missing.is_none() {
            match self.wish(rule, &mut scope, account.presence, speaker, &decision.accounts, seen) {
                Ok(Wish::None) => {
                    account.presence = Presence::Absent;
                    return account;
                }
                Ok(Wish::Now(attributes, then)) => (account.attributes, account.then) = (Some(attributes), then),
                Ok(Wish::Later(awaited, then)) => (account.awaits, account.then) = (Some(awaited), then),
                Err(fault) => decision.findings.push(told(&fault, speaker)),
            }
        }
        self.groups(&rule.name, person, standing, &scope, &mut account, &mut decision.findings);
        self.ladders(&rule.name, person, standing, &scope, &mut account, &mut decision.findings);
        account
    }

    /// The groups that the active engagements put the account in.
    fn groups(
        &self,
        rule: &str,
        person: &Person,
        standing: &Standing,
        scope: &Scope<'_>,
        account: &mut Account,
        findings: &mut Vec<Finding>,
    ) {
        for (index, group) in self.policy.groups.iter().enumerate().filter(|(_, group)| group.account == rule) {
            for &engagement in &standing.active {
                match scope.group_keys(group, engagement) {
                    Ok(keys) => {
                        for key in keys {
                            add(&mut account.memberships, index, key, &person.engagements[engagement].id);
                        }
                    }
                    Err(fault) => {
                        findings.push(told(&fault, person.engagements.get(engagement)));
                        account.unsure.push(index);
                        break;
                    }
                }
            }
        }
    }

    /// The ranks of each ladder that the active engagements give the account.
    fn ladders(
        &self,
        rule: &str,
        person: &Person,
        standing: &Standing,
        scope: &Scope<'_>,
        account: &mut Account,
        findings: &mut Vec<Finding>,
    ) {
        for (index, licence) in self.policy.ladders(rule) {
            let mut ladder = Ladder { rule: index, given: Vec::new(), unsure: false };
            for &at in &standing.active {
                let engagement = &person.engagements[at];
                match scope.ranks(licence, at) {
                    Ok(ranks) => ranks.into_iter().for_each(|rank| give(&mut ladder.given, rank, engagement)),
                    Err(fault) => {
                        findings.push(told(&fault, Some(engagement)));
                        ladder.unsure = true;
                        break;
                    }
                }
            }
            ladder.given.sort_by_key(|given| given.rank);
            account.ladders.push(ladder);
        }
    }
}

/// The engagement that speaks for the person.
fn speaker<'p>(person: &'p Person, decision: &Decision) -> Option<&'p Engagement> {
    person.engagements.get(decision.primary.as_ref()?.index)
}

/// Each right once, with every engagement that gives it.
fn add(memberships: &mut Vec<Membership>, rule: usize, key: GroupKey, engagement: &EngagementId) {
    match memberships.iter_mut().find(|membership| membership.rule == rule && membership.key.key == key.key) {
        Some(membership) => membership.engagements.push(engagement.clone()),
        None => memberships.push(Membership { rule, key, engagements: vec![engagement.clone()] }),
    }
}

/// Each rank once, with every engagement that gives it.
fn give(given: &mut Vec<Given>, rank: usize, engagement: &Engagement) {
    match given.iter_mut().find(|given| given.rank == rank) {
        Some(given) => {
            given.engagements.push(engagement.id.clone());
            given.first = given.first.min(engagement.start);
        }
        None => given.push(Given { rank, engagements: vec![engagement.id.clone()], first: engagement.start }),
    }
}

/// What a finding on a rule is about: the person's record, or else the rule.
fn about(rule: &str, speaker: Option<&Engagement>) -> Subject {
    match speaker {
        Some(engagement) => {
            let EngagementId { source, record } = engagement.id.clone();
            Subject::Record { source, record }
        }
        None => Subject::Rule(rule.to_owned()),
    }
}

fn told(fault: &EvalFault, speaker: Option<&Engagement>) -> Finding {
    Finding::failure(about(&fault.rule, speaker), format!("`{}` cannot be decided: {}", fault.rule, fault.message))
        .advise("correct the expression in the policy, or the record in the source; nothing is given until then")
        .at(Some(fault.place.clone()))
}

#[cfg(test)]
mod tests;
