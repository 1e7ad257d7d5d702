//! What shall exist for one person: the policy, the calendar and the ledger of names, in one decision that gives its
//! reasons.

use crate::finding::{Finding, Subject};
use crate::ledger::{Held, Ledger, Owner};
use crate::names;
use crate::person::{Engagement, EngagementId, Person, PersonId, PersonName, Protection};
use crate::plan::{ENABLED, Reason};
use crate::policy::{AccountRule, EvalFault, Evaluator, GroupKey, NameRule, Policy, Protected, Scope, Units, Wanted};
use crate::primary::{Primary, primary};
use crate::stage::{Presence, Stage, Standing, standing};
use crate::value::{Attributes, Value};
use jiff::civil::Date;

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
    /// failed: then nothing is made or changed, and yet what is over is taken away.
    pub attributes: Option<Attributes>,
    /// What people call it.
    pub label: String,
    /// The groups that it shall be in, each once.
    pub memberships: Vec<Membership>,
    /// Group rules that failed, as indexes: the account stays in whatever group they put it in.
    pub unsure: Vec<usize>,
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

/// Names by kind; and, if one could not be had, why.
type Names = (Vec<(String, String)>, Option<Finding>);

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
}

/// The reference to a person's account under the same rule, until the target's id is known.
pub fn account_of(person: PersonId) -> Value {
    Value::Reference(format!("@{}", person.0))
}

/// The person that a reference made by [`account_of`] means.
pub fn person_of(reference: &str) -> Option<PersonId> {
    reference.strip_prefix('@')?.parse().ok().map(PersonId)
}

impl Deciding<'_> {
    /// Decides for one person. New names are taken from the ledger and held there.
    pub fn decide<L: Ledger>(&self, person: &Person, ledger: &mut L) -> Result<Decision, L::Error> {
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
        let veiled = veil.then(|| pseudonym(person));
        let spoken = veiled.as_ref().unwrap_or(person);
        let (names, missing) = self.names(spoken, veil, &standing, &decision, ledger)?;
        let named = missing.is_none();
        decision.findings.extend(missing);
        for index in 0..self.policy.accounts.len() {
            let protected = self.policy.accounts[index].protected;
            let full = person.protection == Protection::None || protected == Protected::Full;
            let shown = if full { person } else { spoken };
            let account = self.account(index, shown, &standing, &mut decision, &names, named);
            decision.accounts.push(account);
        }
        Ok(decision)
    }

    fn scope<'s>(&'s self, person: &'s Person, standing: &'s Standing, decision: &Decision) -> Scope<'s> {
        let index = decision.primary.as_ref().map(|primary| primary.index);
        self.evaluator.person(person, index, &standing.active, self.units)
    }

    /// The person's names: those held, and new ones where there is none or where the reason for it is gone.
    fn names<L: Ledger>(
        &self,
        person: &Person,
        veil: bool,
        standing: &Standing,
        decision: &Decision,
        ledger: &mut L,
    ) -> Result<Names, L::Error> {
        let omitted = person.protection == Protection::Protected
            && self.policy.accounts.iter().all(|rule| rule.protected == Protected::Omit);
        let wanted = matches!(standing.presence, Presence::Open | Presence::Closed) && !omitted;
        let speaker = speaker(person, decision);
        let mut scope = None;
        let mut names = Vec::with_capacity(self.policy.names.len());
        let mut missing = None;
        for rule in &self.policy.names {
            let held = ledger.held(person.id, &rule.kind)?;
            if !wanted {
                names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                continue;
            }
            let scope = scope.get_or_insert_with(|| self.scope(person, standing, decision));
            let renew = match scope.renew_key(rule) {
                Ok(key) if veil => format!("protected {key}"),
                Ok(key) => key,
                Err(fault) => {
                    missing.get_or_insert(told(&fault, speaker));
                    names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                    continue;
                }
            };
            if let Some(held) = &held
                && held.renew == renew
            {
                names.push((rule.kind.clone(), held.name.clone()));
                continue;
            }
            match self.choose(rule, scope, person.id, speaker, ledger)? {
                Ok(name) => {
                    ledger.hold(person.id, &rule.kind, &Held { name: name.clone(), renew })?;
                    names.push((rule.kind.clone(), name));
                }
                Err(finding) => {
                    missing.get_or_insert(finding);
                    names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                }
            }
        }
        Ok((names, missing))
    }

    fn choose<L: Ledger>(
        &self,
        rule: &NameRule,
        scope: &Scope<'_>,
        person: PersonId,
        speaker: Option<&Engagement>,
        ledger: &L,
    ) -> Result<Result<String, Finding>, L::Error> {
        let candidates = match scope.candidates(rule) {
            Ok(candidates) => candidates,
            Err(fault) => return Ok(Err(told(&fault, speaker))),
        };
        let mut failed = None;
        let chosen = names::choose(&candidates, rule, |name| match ledger.owner(&rule.kind, name) {
            Ok(Owner::Free) => true,
            Ok(Owner::Person(owner)) => owner == person,
            Ok(Owner::Foreign) => false,
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(chosen.ok_or_else(|| {
            let rule = format!("name.{}", rule.kind);
            let message = format!("no candidate of `{rule}` gives a name that is free");
            Finding::failure(about(&rule, speaker), message).advise(
                "see in the source whether the person's names are there; else add a candidate to the rule, or allow \
                 `suffix = \"number\"`",
            )
        }))
    }

    /// What one rule wants. A part of it that fails is told of, and stays as it is.
    fn account(
        &self,
        index: usize,
        person: &Person,
        standing: &Standing,
        decision: &mut Decision,
        names: &[(String, String)],
        named: bool,
    ) -> Account {
        let rule = &self.policy.accounts[index];
        let speaker = speaker(person, decision);
        let reason = Reason {
            rule: format!("account {}", rule.name),
            engagement: speaker.map(|engagement| engagement.id.clone()),
            stage: Some(standing.stage.as_str().to_owned()),
        };
        let label = names.first().map_or_else(|| format!("person {}", person.id.0), |(_, name)| name.clone());
        let mut account = Account {
            rule: index,
            presence: standing.presence,
            attributes: None,
            label,
            memberships: Vec::new(),
            unsure: Vec::new(),
            reason,
        };
        if person.protection == Protection::Protected && rule.protected == Protected::Omit {
            account.presence = Presence::Gone;
        }
        if matches!(account.presence, Presence::Absent | Presence::Kept | Presence::Gone) {
            return account;
        }
        let mut scope = self.scope(person, standing, decision);
        scope.set_names(names);
        if named {
            match self.wanted(rule, &scope, account.presence, speaker) {
                Ok(Some(attributes)) => account.attributes = Some(attributes),
                Ok(None) => {
                    account.presence = Presence::Absent;
                    return account;
                }
                Err(fault) => decision.findings.push(told(&fault, speaker)),
            }
        }
        for (index, group) in self.policy.groups.iter().enumerate().filter(|(_, group)| group.account == rule.name) {
            for &engagement in &standing.active {
                match scope.group_keys(group, engagement) {
                    Ok(keys) => {
                        for key in keys {
                            add(&mut account.memberships, index, key, &person.engagements[engagement].id);
                        }
                    }
                    Err(fault) => {
                        decision.findings.push(told(&fault, person.engagements.get(engagement)));
                        account.unsure.push(index);
                        break;
                    }
                }
            }
        }
        account
    }

    /// Every attribute that the rule gives; none if it gives no account.
    fn wanted(
        &self,
        rule: &AccountRule,
        scope: &Scope<'_>,
        presence: Presence,
        speaker: Option<&Engagement>,
    ) -> Result<Option<Attributes>, EvalFault> {
        if !scope.applies(rule)? {
            return Ok(None);
        }
        let mut attributes: Attributes = Vec::with_capacity(rule.attributes.len() + 1);
        for (name, wanted) in scope.attributes(rule)? {
            let values = match wanted {
                Wanted::Values(values) => values,
                Wanted::ManagerOfPrimary => speaker
                    .and_then(|engagement| engagement.manager)
                    .filter(|manager| *manager != scope.person().id)
                    .map(account_of)
                    .into_iter()
                    .collect(),
            };
            if !values.is_empty() {
                attributes.push((name, values));
            }
        }
        attributes.push((ENABLED.to_owned(), vec![Value::Boolean(presence == Presence::Open)]));
        Ok(Some(attributes))
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

/// The person as those see it who may not know who it is.
fn pseudonym(person: &Person) -> Person {
    // Spread over the codes, so that neighbours in time do not look alike. It says nothing of the person; that no two
    // share a name in the end is the ledger's business.
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let mut rest = person.id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let code: String = (0..8)
        .map(|_| {
            let letter = LETTERS[(rest % 20) as usize] as char;
            rest /= 20;
            letter
        })
        .collect();
    Person {
        number: String::new(),
        name: PersonName { given: "Skyddad".into(), first: "Skyddad".into(), middle: String::new(), surname: code },
        extra: Attributes::new(),
        ..person.clone()
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
