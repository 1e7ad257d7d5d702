//! What is known of one person or group, why it is as it is, and what comes next. It asks the store and the policy, and
//! no system. It writes nothing, but for a line in the audit when a protected person's data is shown.

mod trial;
mod veil;

use crate::config::Config;
use crate::error::CliError;
use crate::run::decide::{seen, units};
use crate::run::now;
use crate::run::said::said;
use crate::run::values::text;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use sluss_engine::account::refers_to;
use sluss_engine::assemble;
use sluss_engine::decide::{Deciding, Decision};
use sluss_engine::ledger::Ledger as _;
use sluss_engine::numbers;
use sluss_engine::person::{EngagementId, Person, PersonId, Protection};
use sluss_engine::policy::{AttributeRule, Evaluator, Policy};
use sluss_engine::primary::primary;
use sluss_engine::stage::standing;
use sluss_engine::value::{Attributes, Value};
use sluss_store::{Known, Store};
use std::collections::HashSet;
use trial::Trial;

/// How far ahead is looked.
const AHEAD: usize = 6;
/// What Sluss calls a person where a name would say too much begins so.
const PERSON: &str = "person ";
/// What is said of a name that is in use.
const IN_USE: &str = "in use";
/// How many members of a group are named.
const MEMBERS: usize = 50;

/// The answer, in the shape that `--json` prints.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// `sluss-explanation/1`.
    pub format: &'static str,
    /// The day that it holds for.
    pub day: String,
    /// The persons that were meant.
    pub persons: Vec<Someone>,
    /// The groups that were meant.
    pub groups: Vec<Group>,
}

/// One person.
#[derive(Debug, Serialize)]
pub struct Someone {
    /// What Sluss calls the person where a name would say too much.
    pub id: String,
    /// What people call the person's account.
    pub label: String,
    /// The stage.
    pub stage: &'static str,
    /// Whether the person's data is protected.
    pub protected: bool,
    /// Whether the data is left out here for that reason.
    pub veiled: bool,
    /// What is said of the person, by whom, and what that overruled.
    pub said: Vec<Said>,
    /// The record of the primary engagement, and what made it the primary one.
    pub primary: Option<(String, String)>,
    /// Every engagement.
    pub engagements: Vec<Dated>,
    /// Every name: kind, name, and whether it is in use or was.
    pub names: Vec<(String, String, String)>,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// What keeps something from being decided.
    pub findings: Vec<String>,
    /// The days on which something changes: the day, and what the person is from then on.
    pub next: Vec<(String, String)>,
}

/// One thing that is said of a person.
#[derive(Debug, Serialize)]
pub struct Said {
    /// What.
    pub attribute: String,
    /// What counts.
    pub value: String,
    /// Who said it: a record, or a register.
    pub by: String,
    /// What others said, and who they are.
    pub overruled: Vec<(String, String)>,
}

/// An engagement.
#[derive(Debug, Serialize)]
pub struct Dated {
    /// The record.
    pub record: String,
    /// active, future or ended.
    pub phase: String,
    /// The first day.
    pub start: Option<String>,
    /// The last day.
    pub end: Option<String>,
    /// What it is.
    pub what: String,
}

/// An account.
#[derive(Debug, Serialize)]
pub struct Account {
    /// The target.
    pub target: String,
    /// The target's id, once there is one.
    pub id: Option<String>,
    /// Why it is to be.
    pub reason: String,
    /// Each attribute: name, value, and the rule that gives it.
    pub attributes: Vec<(String, String, String)>,
    /// Each right: the group, the rule, and the engagements that give it.
    pub rights: Vec<(String, String, Vec<String>)>,
    /// Each licence: which it is, whether the account has it, the rule, and the engagements that give it.
    pub licences: Vec<(String, bool, String, Vec<String>)>,
}

/// A group.
#[derive(Debug, Serialize)]
pub struct Group {
    /// What people call it.
    pub label: String,
    /// The target.
    pub target: String,
    /// The target's id.
    pub id: Option<String>,
    /// The rule that makes it, and which of its groups it is.
    pub rule: String,
    /// How many members it has.
    pub members: usize,
    /// The first of them.
    pub some: Vec<String>,
}

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// A user name or address, a label or id of an object, an employment's number, or an identity number.
    pub who: &'a str,
    /// The day.
    pub day: Date,
    /// Whether the data of protected persons is to be shown, and that written to the audit.
    pub protected: bool,
}

/// Explains whatever `who` names.
pub fn explain(config: &Config, policy: &Policy, question: &Question<'_>) -> Result<Explanation, CliError> {
    let Question { who, day, protected } = *question;
    let mut store = Store::open(&config.state)?;
    let mut persons = store.named(who)?;
    let mut groups = Vec::new();
    for known in store.labelled(who)? {
        match known.person {
            Some(person) => persons.push(person),
            None => groups.push(group(&store, &known)?),
        }
    }
    persons.extend(store.numbered(&numbers::parse(who, day).canonical)?);
    persons.extend(store.recorded(who)?);
    if let Some(id) = who.strip_prefix(PERSON).and_then(|id| id.parse().ok().map(PersonId))
        && store.is_person(id)?
    {
        persons.push(id);
    }
    persons.sort_unstable();
    persons.dedup();
    if persons.is_empty() && groups.is_empty() {
        return Err(CliError::not_run("nobody and nothing is known by that name").help(
            "a user name, an address, a group's name, an employment's number, an identity number, or `person 12` as \
             a message calls somebody will do",
        ));
    }
    let mut told = Vec::with_capacity(persons.len());
    for id in persons {
        let mut someone = someone(&store, policy, id, day)?;
        // As soon as anybody says that it is protected, it is, whether or not a run has seen that.
        if someone.protected || store.is_protected(id)? {
            if protected {
                store.audit(&now(), &asker(), &format!("explain: the data of protected {}", someone.id))?;
            } else {
                veil::veil(&mut someone);
            }
        }
        told.push(someone);
    }
    Ok(Explanation { format: "sluss-explanation/1", day: day.to_string(), persons: told, groups })
}

/// Who asks, as far as the environment says.
pub fn asker() -> String {
    let name = ["SUDO_USER", "USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    name.unwrap_or_else(|| "unknown".to_owned())
}

fn someone(store: &Store, policy: &Policy, id: PersonId, day: Date) -> Result<Someone, CliError> {
    let shapes = store.shapes()?;
    let mut told = said(store, &shapes, policy, id, day)?;
    let person = assemble::person(id, &mut told.said, &policy.authority, |person| {
        primary(person, &policy.primary, day).map_or(0, |primary| primary.index)
    });
    let units = units(store)?;
    let find = |organisation: &str, code: &str| units.get(&(organisation.to_owned(), code.to_owned()));
    let evaluator = Evaluator::new(policy);
    let suspended = HashSet::new();
    let deciding = Deciding { policy, evaluator: &evaluator, units: &find, day, suspended: &suspended };
    let seen = seen(store, policy, id)?;
    let decision = deciding.decide(&person, &seen, &mut Trial::new(store))?;
    let mut findings: Vec<String> = told.findings.into_iter().map(|finding| finding.message).collect();
    findings.extend(decision.findings.iter().map(|finding| format!("{}: {}", finding.subject, finding.message)));
    let names = names(store, policy, id, day)?;
    // The policy's first kind of name is what people call somebody by.
    let in_use = |rule: &str| names.iter().find(|(kind, _, state)| kind == rule && state == IN_USE);
    let label = policy.names.iter().find_map(|rule| in_use(&rule.kind)).map(|(_, name, _)| name.clone());
    let id = format!("{PERSON}{}", id.0);
    Ok(Someone {
        label: label.unwrap_or_else(|| id.clone()),
        id,
        veiled: false,
        stage: decision.stage.as_str(),
        protected: person.protection == Protection::Protected,
        said: believed(&told.said, policy, decision.primary.as_ref().map_or(0, |primary| primary.index)),
        primary: decision.primary.as_ref().map(|primary| {
            let word = primary.decided_by.map_or_else(|| "the only one".to_owned(), |word| format!("by {word}"));
            (record(&person, primary.index), word)
        }),
        engagements: engagements(&person, day),
        names,
        accounts: accounts(store, policy, &person, &decision)?,
        findings,
        next: ahead(&person, policy, day),
    })
}

/// Every name, and whether it is in use, or was and stays an alias for a while.
fn names(
    store: &Store,
    policy: &Policy,
    person: PersonId,
    day: Date,
) -> Result<Vec<(String, String, String)>, CliError> {
    let mut names = Vec::new();
    for (kind, name, held) in store.names_of(person)? {
        let keep = policy.names.iter().find(|rule| rule.kind == kind).map_or(0, |rule| rule.keep_old).days();
        let kept = store.retired(person, &kind, day.saturating_sub(keep))?;
        let state = match kept.iter().find(|retired| retired.name == name) {
            _ if held => IN_USE.to_owned(),
            Some(retired) => format!("an alias until {}", retired.day.saturating_add(keep)),
            None => "retired".to_owned(),
        };
        names.push((kind, name, state));
    }
    Ok(names)
}

fn believed(said: &assemble::Said, policy: &Policy, index: usize) -> Vec<Said> {
    let written = |values: &[Value]| values.iter().map(text).collect::<Vec<_>>().join(", ");
    let by = |id: &EngagementId| match id.record.as_str() {
        "" => id.source.clone(),
        record => format!("{}: {record}", id.source),
    };
    let beliefs = assemble::beliefs(said, &policy.authority, index).into_iter();
    beliefs
        .map(|belief| Said {
            value: written(&belief.believed.0),
            by: by(&belief.believed.1),
            overruled: belief.overruled.iter().map(|(values, id)| (written(values), by(id))).collect(),
            attribute: belief.attribute,
        })
        .collect()
}

fn engagements(person: &Person, day: Date) -> Vec<Dated> {
    person
        .engagements
        .iter()
        .enumerate()
        .map(|(index, engagement)| {
            let unit = if engagement.unit_name.is_empty() { &engagement.unit } else { &engagement.unit_name };
            let what = [engagement.organisation.as_str(), unit, engagement.title.as_str()];
            let leave = if engagement.on_leave { ", on leave" } else { "" };
            Dated {
                record: record(person, index),
                phase: format!("{:?}{leave}", engagement.phase(day)).to_lowercase(),
                start: engagement.start.map(|date| date.to_string()),
                end: engagement.end.map(|date| date.to_string()),
                what: what.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
            }
        })
        .collect()
}

fn accounts(store: &Store, policy: &Policy, person: &Person, decision: &Decision) -> Result<Vec<Account>, CliError> {
    let mut accounts = Vec::new();
    for account in &decision.accounts {
        let rule = &policy.accounts[account.rule];
        let known = store.account(person.id, &rule.name)?;
        let mut attributes = Vec::new();
        let held = known.as_ref().map(|known| known.attributes.clone());
        let then = account.then.as_ref().map(|then| &then.attributes);
        let nothing = Attributes::new();
        for (name, values) in account.attributes.as_ref().or(held.as_ref()).or(then).unwrap_or(&nothing) {
            let from = rule.attributes.iter().find(|(known, _)| known == name).map(|(_, from)| from);
            let from = match from {
                Some(AttributeRule::Expression(expression)) => expression.text.clone(),
                Some(AttributeRule::ManagerOfPrimary(None)) => "the manager of the primary engagement".to_owned(),
                Some(AttributeRule::ManagerOfPrimary(Some(other))) => {
                    format!("the account {} of the manager of the primary engagement", other.rule)
                }
                None => format!("stage {}", decision.stage.as_str()),
            };
            attributes.push((name.clone(), shown(store, &rule.name, values)?, from));
        }
        let records = |ids: &[EngagementId]| ids.iter().map(|id| format!("{}: {}", id.source, id.record)).collect();
        let licensed = match &known {
            Some(known) => store.licences_of(known.id)?,
            None => Vec::new(),
        };
        let licences = account.ladders.iter().filter_map(|ladder| {
            let rule = &policy.licences[ladder.rule];
            let given = ladder.given.first()?;
            let sku = &rule.ranks[given.rank].sku;
            let has = licensed.iter().any(|(attribute, held)| *attribute == rule.attribute && held == sku);
            Some((sku.clone(), has, format!("licence {}", rule.name), records(&given.engagements)))
        });
        let licences = licences.collect();
        let rights = account.memberships.iter().map(|membership| {
            let group = &policy.groups[membership.rule];
            let label = store.group(&group.name, &membership.key.key)?.map(|known| known.label);
            let records = records(&membership.engagements);
            Ok((label.unwrap_or_else(|| membership.key.key.clone()), format!("group {}", group.name), records))
        });
        let waits = account.awaits.map_or_else(String::new, |awaited| {
            format!(", and waits for the account by the rule {}", policy.accounts[awaited].name)
        });
        accounts.push(Account {
            target: rule.target.clone(),
            id: known.and_then(|known| known.remote),
            reason: format!("{} at stage {}{waits}", account.reason.rule, decision.stage.as_str()),
            attributes,
            licences,
            rights: rights.collect::<Result<_, CliError>>()?,
        });
    }
    Ok(accounts)
}

/// What the calendar brings, as long as nothing else happens.
fn ahead(person: &Person, policy: &Policy, day: Date) -> Vec<(String, String)> {
    let mut next = Vec::new();
    let mut at = standing(person, &policy.stages, day);
    while let Some(date) = at.next
        && next.len() < AHEAD
    {
        let then = standing(person, &policy.stages, date);
        let before: Vec<String> = at.active.iter().map(|index| record(person, *index)).collect();
        let after: Vec<String> = then.active.iter().map(|index| record(person, *index)).collect();
        let mut what = vec![then.stage.as_str().to_owned()];
        what.extend(after.iter().filter(|record| !before.contains(record)).map(|record| format!("{record} begins")));
        what.extend(before.iter().filter(|record| !after.contains(record)).map(|record| format!("{record} is over")));
        if then.stage != at.stage || then.presence != at.presence || before != after {
            next.push((date.to_string(), what.join("; ")));
        }
        at = then;
    }
    next
}

fn group(store: &Store, known: &Known) -> Result<Group, CliError> {
    let members = store.members_of(known.id)?;
    let mut some = Vec::new();
    for member in members.iter().take(MEMBERS) {
        some.push(store.called(*member)?);
    }
    let key = known.key.clone().unwrap_or_default();
    Ok(Group {
        label: known.label.clone(),
        target: known.target.clone(),
        id: known.remote.clone(),
        rule: format!("group {} {key}", known.rule).trim_end().to_owned(),
        members: members.len(),
        some,
    })
}

fn shown(store: &Store, rule: &str, values: &[Value]) -> Result<String, CliError> {
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        texts.push(match refers_to(value) {
            Some(account) => match store.account(account.person, account.rule_from(rule))? {
                Some(account) => store.called(account.id)?,
                None => "nobody yet".to_owned(),
            },
            None => text(value),
        });
    }
    Ok(texts.join(", "))
}

fn record(person: &Person, index: usize) -> String {
    let id = &person.engagements[index].id;
    format!("{}: {}", id.source, id.record)
}
