//! Whose an account may be: what the policy says that each person's account holds, held against what is there.

use super::look::Strange;
use crate::error::CliError;
use crate::run::decide::{assemble, units};
use crate::run::ground::Ground;
use jiff::civil::Date;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::numbers;
use sluss_engine::person::{PersonId, Protection};
use sluss_engine::plan::ENABLED;
use sluss_engine::policy::{AccountRule, EvalFault, Evaluator, GroupKey, Policy, Protected};
use sluss_engine::primary::primary;
use sluss_engine::stage::standing;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Why an account of somebody would be closed or removed as soon as it is theirs.
const UNWANTED: &str = "no rule gives this person such an account: it would be closed";
const HIDDEN: &str = "the policy leaves this protected person out: it would be removed";

/// What persons claim.
pub struct Claims {
    day: Date,
    /// Persons by rule, key of the rule, and value.
    marks: HashMap<(usize, usize, String), Vec<PersonId>>,
    /// Persons to whom an account should not be given unasked, and why.
    wary: HashMap<(usize, PersonId), &'static str>,
    /// Those of whom nothing may be shown.
    protected: HashSet<PersonId>,
    /// The groups that somebody is to be in.
    pub groups: BTreeSet<(usize, GroupKey)>,
}

/// Whose an object is.
pub enum Verdict {
    /// Nobody's.
    Nobody,
    /// This person's, by the rule at this place.
    Certain {
        /// The account rule.
        rule: usize,
        /// The person.
        person: PersonId,
    },
    /// Perhaps somebody's.
    Doubtful(Doubt),
}

/// Why it is not certain whose an object is.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The account rule.
    pub rule: usize,
    /// Whose it may be.
    pub candidates: Vec<PersonId>,
    /// Why.
    pub why: String,
}

impl Claims {
    /// What everybody who is known claims in a target.
    pub fn of(ground: &mut Ground<'_>, target: &str) -> Result<Claims, CliError> {
        let policy = ground.policy;
        let day = ground.day;
        let mut claims = Claims {
            day,
            marks: HashMap::new(),
            wary: HashMap::new(),
            protected: HashSet::new(),
            groups: BTreeSet::new(),
        };
        let shapes = ground.store.shapes()?;
        let known = units(&ground.store)?;
        let find = |organisation: &str, code: &str| known.get(&(organisation.to_owned(), code.to_owned()));
        let evaluator = Evaluator::new(policy);
        for id in ground.store.everybody()? {
            ground.progress.advance(1);
            let person = assemble(ground, &shapes, id)?;
            if person.protection == Protection::Protected {
                claims.protected.insert(id);
            }
            let standing = standing(&person, &policy.stages, day);
            let index = primary(&person, &policy.primary, day).map(|primary| primary.index);
            let scope = evaluator.person(&person, index, &standing.active, &find);
            for (place, rule) in policy.accounts.iter().enumerate().filter(|(_, rule)| rule.target == target) {
                if rule.adopt.is_empty() || ground.store.account(id, &rule.name)?.is_some() {
                    continue;
                }
                for (number, key) in rule.adopt.iter().enumerate() {
                    match scope.mark(key) {
                        Ok(value) if value.trim().is_empty() => {}
                        Ok(value) => {
                            let mark = (place, number, folded(&value, day));
                            claims.marks.entry(mark).or_default().push(id);
                        }
                        Err(fault) => ground.findings.push(told(fault)),
                    }
                }
                if person.protection == Protection::Protected && rule.protected == Protected::Omit {
                    claims.wary.insert((place, id), HIDDEN);
                } else if !scope.applies(rule).unwrap_or(true) {
                    claims.wary.insert((place, id), UNWANTED);
                }
            }
            for (place, rule) in policy.groups.iter().enumerate().filter(|(_, rule)| rule.target == target) {
                if rule.adopt.is_none() {
                    continue;
                }
                for engagement in &standing.active {
                    match scope.group_keys(rule, *engagement) {
                        Ok(keys) => claims.groups.extend(keys.into_iter().map(|key| (place, key))),
                        Err(fault) => ground.findings.push(told(fault)),
                    }
                }
            }
        }
        ground.units = known;
        Ok(claims)
    }

    /// The one of these of whom nothing may be shown, if there is one.
    pub fn protected(&self, persons: &[PersonId]) -> Option<PersonId> {
        persons.iter().copied().find(|person| self.protected.contains(person))
    }

    /// The classes of accounts that are looked at, with what is asked of each object.
    pub fn classes(&self, policy: &Policy, target: &str) -> Vec<(String, Vec<String>)> {
        let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for rule in policy.accounts.iter().filter(|rule| rule.target == target && !rule.adopt.is_empty()) {
            let names = classes.entry(rule.class.clone()).or_default();
            names.extend(rule.attributes.iter().map(|(name, _)| name.clone()));
            names.extend(rule.adopt.iter().map(|key| key.attribute.clone()));
            names.insert(ENABLED.to_owned());
            names.extend(policy.computed_of(rule).into_iter().map(str::to_owned));
            names.extend(policy.ladders(&rule.name).map(|(_, ladder)| ladder.attribute.clone()));
        }
        classes.into_iter().map(|(class, names)| (class, names.into_iter().collect())).collect()
    }

    /// Whose the objects of a class are. Nobody gets two by one rule, and none goes to two.
    pub fn judge(&self, policy: &Policy, target: &str, class: &str, found: Vec<Strange>) -> Vec<(Strange, Verdict)> {
        let rules = || {
            let accounts = policy.accounts.iter().enumerate();
            accounts.filter(|(_, rule)| rule.target == target && rule.class == class && !rule.adopt.is_empty())
        };
        let mut judged: Vec<(Strange, Verdict)> = found
            .into_iter()
            .map(|object| {
                let verdict = rules().find_map(|(place, rule)| self.by_rule(place, rule, &object));
                (object, verdict.unwrap_or(Verdict::Nobody))
            })
            .collect();
        let mut claimed: HashMap<(usize, PersonId), u32> = HashMap::new();
        for (_, verdict) in &judged {
            match verdict {
                Verdict::Nobody => {}
                Verdict::Certain { rule, person } => *claimed.entry((*rule, *person)).or_default() += 1,
                Verdict::Doubtful(doubt) => {
                    for person in &doubt.candidates {
                        *claimed.entry((doubt.rule, *person)).or_default() += 1;
                    }
                }
            }
        }
        for (_, verdict) in &mut judged {
            let Verdict::Certain { rule, person } = *verdict else { continue };
            let why = if claimed.get(&(rule, person)).is_some_and(|count| *count > 1) {
                "more than one account may be this person's"
            } else if let Some(why) = self.wary.get(&(rule, person)) {
                why
            } else {
                continue;
            };
            *verdict = Verdict::Doubtful(Doubt { rule, candidates: vec![person], why: why.to_owned() });
        }
        judged
    }

    /// Whose an object is by one rule: the first key that says anything decides, unless another contradicts it.
    fn by_rule(&self, place: usize, rule: &AccountRule, object: &Strange) -> Option<Verdict> {
        let mut first: Option<(bool, Vec<PersonId>)> = None;
        for (number, key) in rule.adopt.iter().enumerate() {
            let mut persons: Vec<PersonId> = Vec::new();
            for text in object.values(&key.attribute).iter().map(crate::run::values::text) {
                let mark = (place, number, folded(&text, self.day));
                persons.extend(self.marks.get(&mark).into_iter().flatten());
            }
            persons.sort_unstable();
            persons.dedup();
            if persons.is_empty() {
                continue;
            }
            match &mut first {
                None => first = Some((key.certain, persons)),
                Some((_, chosen)) if chosen.iter().any(|person| persons.contains(person)) => {}
                Some((_, chosen)) => {
                    chosen.extend(persons);
                    let (candidates, why) = (chosen.clone(), "what tells whose it is contradicts itself".to_owned());
                    return Some(Verdict::Doubtful(Doubt { rule: place, candidates, why }));
                }
            }
        }
        let (certain, candidates) = first?;
        Some(match candidates.as_slice() {
            [person] if certain => Verdict::Certain { rule: place, person: *person },
            [_] => {
                let why = "what tells whose it is is not certain".to_owned();
                Verdict::Doubtful(Doubt { rule: place, candidates, why })
            }
            _ => {
                let why = "it fits more than one person".to_owned();
                Verdict::Doubtful(Doubt { rule: place, candidates, why })
            }
        })
    }
}

/// What is compared: identity numbers in one form, anything else without regard to case and surrounding blanks.
pub fn folded(text: &str, day: Date) -> String {
    let number = numbers::parse(text, day);
    if number.is_lasting() { number.canonical } else { text.trim().to_lowercase() }
}

pub fn told(fault: EvalFault) -> Finding {
    Finding::failure(Subject::Rule(fault.rule), fault.message)
        .advise("correct the expression in the policy")
        .at(Some(fault.place))
}
