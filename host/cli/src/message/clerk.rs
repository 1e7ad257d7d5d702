//! What is known of an event that is to be told: whether it is still so, of whom it tells, who reads it, and what a reader
//! may know.
//!
//! All of it is asked when a mail is written and again when it leaves. Days may lie between, and whoever became protected
//! meanwhile is named no more.

use super::address;
use crate::run::decide::units;
use crate::run::said::said;
use crate::run::values::{date, day_number, text};
use jiff::civil::Date;
use minijinja::value::Value;
use sluss_engine::assemble;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::ledger::Ledger as _;
use sluss_engine::numbers;
use sluss_engine::person::{Engagement, EngagementId, Person, PersonId, Phase, Protection, Unit};
use sluss_engine::policy::{Evaluator, Event, Language, MessageRule, Policy, Protected, Scope};
use sluss_engine::primary::primary;
use sluss_engine::stage::{last_day, standing};
use sluss_engine::value::Attributes;
use sluss_store::{Known, Store, StoreError, Told};
use std::collections::{BTreeMap, HashMap};

/// The addresses that accounts will have once they are made, by person and account rule: what a preview knows.
pub type Foreseen = HashMap<(PersonId, String), String>;

/// Whoever is told of, as the policy sees them.
pub struct Someone {
    /// The person.
    pub person: Person,
    /// The primary engagement, by its place.
    primary: Option<usize>,
    /// The active engagements.
    active: Vec<usize>,
    /// Whether nothing of the person may be shown.
    protected: bool,
}

/// An address, and whose it is if it is a manager's.
pub type Reader = (String, Option<PersonId>);

/// Answers what is asked about events.
pub struct Clerk<'p> {
    policy: &'p Policy,
    evaluator: Evaluator<'p>,
    day: Date,
    units: HashMap<(String, String), Unit>,
    shapes: HashMap<i64, Vec<String>>,
    /// In a preview, what accounts there will be.
    foreseen: Option<Foreseen>,
}

impl<'p> Clerk<'p> {
    /// One who knows what the store knows.
    pub fn new(store: &Store, policy: &'p Policy, day: Date, foreseen: Option<Foreseen>) -> Result<Self, StoreError> {
        let evaluator = Evaluator::new(policy);
        Ok(Clerk { policy, evaluator, day, units: units(store)?, shapes: store.shapes()?, foreseen })
    }

    /// The rule that an event is told by, if the policy still has it.
    pub fn rule(&self, message: &str) -> Option<&'p MessageRule> {
        self.policy.messages.iter().find(|rule| rule.name == message)
    }

    /// The day.
    pub fn today(&self) -> i32 {
        day_number(self.day)
    }

    /// The system that an event's account is in.
    pub fn target(&self, told: &Told) -> Option<&'p str> {
        self.policy.accounts.iter().find(|rule| rule.name == told.account).map(|rule| rule.target.as_str())
    }

    /// Whoever an event tells of.
    pub fn someone(&self, store: &Store, id: PersonId) -> Result<Someone, StoreError> {
        let (policy, day) = (self.policy, self.day);
        let mut told = said(store, &self.shapes, policy, id, day)?;
        let person = assemble::person(id, &mut told.said, &policy.authority, |person| {
            primary(person, &policy.primary, day).map_or(0, |primary| primary.index)
        });
        let protected = person.protection == Protection::Protected || store.is_protected(id)?;
        let primary = primary(&person, &policy.primary, day).map(|primary| primary.index);
        let active = standing(&person, &policy.stages, day).active;
        Ok(Someone { person, primary, active, protected })
    }

    /// Whether an event is still so, and may be told: what is no longer true is told to nobody.
    pub fn is_so(&self, store: &Store, told: &Told, rule: &MessageRule, someone: &Someone) -> Result<bool, StoreError> {
        if someone.protected && rule.protected == Protected::Omit {
            return Ok(false);
        }
        if self.foreseen.is_some() {
            return Ok(true);
        }
        let account = store.account(told.person, &told.account)?;
        let open =
            account.filter(|known| known.remote.is_some()).map(|known| !crate::run::decide::closed(&known.attributes));
        Ok(match rule.on {
            Event::Created => open.is_some(),
            Event::Closed => open == Some(false),
            Event::Removed => open.is_none(),
            Event::Ending => {
                open == Some(true) && last_day(&someone.person, &self.policy.stages, self.day) == date(told.day)
            }
        })
    }

    /// Who reads of an event, and in which language; nobody at all if the rule does not tell of the person. What stands
    /// against it is said in a finding.
    pub fn readers(
        &self,
        store: &Store,
        rule: &MessageRule,
        someone: &Someone,
    ) -> Result<Result<(Vec<Reader>, Language), Finding>, StoreError> {
        let mut scope = self.scope(someone);
        scope.set_names(&self.names(store, someone.person.id)?);
        let nobody = (Vec::new(), Language::Swedish);
        let asked = scope
            .tells(rule)
            .and_then(|tells| Ok(if tells { Some((scope.readers(rule)?, scope.language(rule)?)) } else { None }));
        let (addresses, language) = match asked {
            Ok(None) => return Ok(Ok(nobody)),
            Ok(Some(found)) => found,
            Err(fault) => {
                let message = format!("`{}` cannot be decided: {}", fault.rule, fault.message);
                let finding = Finding::failure(about(someone, rule), message)
                    .advise("correct the expression in the policy; nobody is told until then")
                    .at(Some(fault.place));
                return Ok(Err(finding));
            }
        };
        let language = match language {
            Ok(language) => language,
            Err(_) => {
                let message = format!("`language` of [message.{}] gives neither sv nor en", rule.name);
                let finding = Finding::warning(about(someone, rule), message)
                    .advise("correct the expression in the policy; nobody is told until then");
                return Ok(Err(finding));
            }
        };
        let readers = match addresses {
            Some(addresses) => addresses.into_iter().map(|address| (address, None)).collect(),
            None => match self.manager(store, rule, someone)? {
                Ok(reader) => vec![reader],
                Err(why) => match &rule.fallback {
                    Some(fallback) => vec![(fallback.text.clone(), None)],
                    None => return Ok(Err(self.untold(rule, someone, &why))),
                },
            },
        };
        if readers.is_empty() {
            return Ok(Err(self.untold(rule, someone, "`to` gives no address")));
        }
        let mut known = Vec::with_capacity(readers.len());
        for (text, reader) in readers {
            match address(&text) {
                Some(address) => known.push((address.to_string(), reader)),
                None => return Ok(Err(self.untold(rule, someone, "what is there for an address is none"))),
            }
        }
        Ok(Ok((known, language)))
    }

    /// What is said when an event can be told to nobody.
    fn untold(&self, rule: &MessageRule, someone: &Someone, why: &str) -> Finding {
        let message = format!("nobody can be told by [message.{}]: {why}", rule.name);
        Finding::warning(about(someone, rule), message).advise(format!(
            "correct it in the source or give the manager an account, or write `fallback = \"…\"` in [message.{}]; it is \
             tried again in later runs",
            rule.name
        ))
    }

    /// The manager's address, or why there is none.
    fn manager(
        &self,
        store: &Store,
        rule: &MessageRule,
        someone: &Someone,
    ) -> Result<Result<Reader, String>, StoreError> {
        let manager = self.speaker(someone).and_then(|engagement| engagement.manager);
        let Some(manager) = manager.filter(|manager| *manager != someone.person.id) else {
            return Ok(Err("no manager is known".to_owned()));
        };
        let mut why = "the manager has no address";
        if let Some((account, attribute)) = &rule.address_from {
            let foreseen = self.foreseen.as_ref().and_then(|foreseen| foreseen.get(&(manager, account.clone())));
            if let Some(address) = foreseen {
                return Ok(Ok((address.clone(), Some(manager))));
            }
            match store.account(manager, account)?.filter(|known| known.remote.is_some()) {
                None => why = "the manager has no account with an address",
                Some(known) if crate::run::decide::closed(&known.attributes) => {
                    return Ok(Err("the manager's account is closed".to_owned()));
                }
                Some(known) => {
                    if let Some(address) = held(&known.attributes, attribute) {
                        return Ok(Ok((address, Some(manager))));
                    }
                }
            }
        }
        let address = held(&self.someone(store, manager)?.person.extra, "email");
        Ok(address.map(|address| (address, Some(manager))).ok_or_else(|| why.to_owned()))
    }

    /// What a reader may know of an event; nothing if it is no longer so.
    pub fn facts(&self, store: &Store, told: &Told, rule: &MessageRule) -> Result<Option<Facts>, StoreError> {
        let someone = self.someone(store, told.person)?;
        if !self.is_so(store, told, rule, &someone)? {
            return Ok(None);
        }
        let mut facts = Facts::nobody(told.person.0);
        let day = self.day;
        let engagements = || someone.person.engagements.iter().filter(move |one| one.phase(day) != Phase::Ended);
        let last = match rule.on {
            Event::Ending => date(told.day),
            _ if engagements().any(|engagement| engagement.end.is_none()) => None,
            _ => someone.person.engagements.iter().filter_map(|engagement| engagement.end).max(),
        };
        facts.say("last_day", &written(last));
        facts.say("target", self.target(told).unwrap_or_default());
        if someone.protected && rule.protected != Protected::Full {
            facts.protected = true;
            return Ok(Some(facts));
        }
        let names = self.names(store, told.person)?;
        let account = store.account(told.person, &told.account)?;
        let label = names.first().map(|(_, name)| name.as_str());
        let name = &someone.person.name;
        let whole = format!("{} {}", name.given, name.surname);
        facts.name = Some(clean(whole.trim())).filter(|name| !name.is_empty());
        facts.say("given", &name.given);
        facts.say("surname", &name.surname);
        facts.say("username", label.or(account.as_ref().map(|known| known.label.as_str())).unwrap_or_default());
        facts.say("mail", &self.mail(rule, account.as_ref()));
        if let Some(engagement) = self.speaker(&someone) {
            let code = &engagement.organisation;
            let organisation = self.policy.tables.get("organisation", code, "name").map(text);
            let unit = self.units.get(&(code.clone(), engagement.unit.clone())).map(|unit| unit.name.as_str());
            let unit = unit.filter(|name| !name.is_empty()).unwrap_or(&engagement.unit_name);
            facts.say("title", &engagement.title);
            facts.say("unit", if unit.is_empty() { &engagement.unit } else { unit });
            facts.say("organisation", organisation.as_deref().unwrap_or(code));
            facts.say("first_day", &written(engagement.start));
        }
        Ok(Some(facts))
    }

    /// The person's own address, where the account has one.
    fn mail(&self, rule: &MessageRule, account: Option<&Known>) -> String {
        let attribute = rule.address_from.as_ref().filter(|(account, _)| *account == rule.account);
        let attribute = attribute.map_or("mail", |(_, attribute)| attribute);
        account.and_then(|known| held(&known.attributes, attribute)).unwrap_or_default()
    }

    /// The engagement that speaks for the person.
    fn speaker<'s>(&self, someone: &'s Someone) -> Option<&'s Engagement> {
        someone.person.engagements.get(someone.primary?)
    }

    fn scope<'s>(&'s self, someone: &'s Someone) -> Scope<'s> {
        let find = |organisation: &str, code: &str| self.units.get(&(organisation.to_owned(), code.to_owned()));
        self.evaluator.person(&someone.person, someone.primary, &someone.active, &find)
    }

    /// The names that a person holds, by kind, in the policy's order.
    fn names(&self, store: &Store, person: PersonId) -> Result<Vec<(String, String)>, StoreError> {
        let mut names = Vec::new();
        for rule in &self.policy.names {
            names.extend(store.held(person, &rule.kind)?.map(|held| (rule.kind.clone(), held.name)));
        }
        Ok(names)
    }
}

/// What a reader may know of one event. Never an identity number, and of a protected person nothing that names anybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The person's number with us, by which those who may can find out who it is.
    pub person: u64,
    /// What the person is called; none if nobody may know.
    pub name: Option<String>,
    /// Whether nothing may be said that names the person.
    pub protected: bool,
    /// Everything else, by what a template calls it; each is there, if only empty.
    pub texts: BTreeMap<&'static str, String>,
}

impl Facts {
    /// What a template may ask for beside the name.
    pub const TEXTS: [&'static str; 10] =
        ["given", "surname", "username", "mail", "title", "unit", "organisation", "first_day", "last_day", "target"];

    /// Of whom nothing is said but a number.
    pub fn nobody(person: u64) -> Facts {
        let texts = BTreeMap::from(Facts::TEXTS.map(|name| (name, String::new())));
        Facts { person, name: None, protected: false, texts }
    }

    fn say(&mut self, name: &'static str, text: &str) {
        self.texts.insert(name, clean(text));
    }

    /// As a template sees it.
    pub fn values(&self, language: Language) -> BTreeMap<&'static str, Value> {
        let mut values: BTreeMap<&'static str, Value> =
            self.texts.iter().map(|(name, text)| (*name, Value::from(text.as_str()))).collect();
        let name = match (&self.name, language) {
            (Some(name), _) => name.clone(),
            (None, _) if !self.protected => format!("person {}", self.person),
            (None, Language::Swedish) => format!("en person med skyddade uppgifter (person {})", self.person),
            (None, Language::English) => format!("a person with protected data (person {})", self.person),
        };
        values.insert("name", Value::from(name));
        values.insert("person", Value::from(self.person));
        values.insert("protected", Value::from(self.protected));
        values
    }
}

/// A value as it may stand in a mail: on one line, and without identity numbers.
fn clean(text: &str) -> String {
    let line: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    numbers::mask_in(&line)
}

fn written(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// The first text of an attribute that is not empty.
fn held(attributes: &Attributes, name: &str) -> Option<String> {
    let (_, values) = attributes.iter().find(|(known, _)| known == name)?;
    values.iter().map(text).find(|text| !text.is_empty())
}

/// What a finding on an event is about: the person's record, or else the rule.
fn about(someone: &Someone, rule: &MessageRule) -> Subject {
    match someone.primary.and_then(|index| someone.person.engagements.get(index)) {
        Some(engagement) => {
            let EngagementId { source, record } = engagement.id.clone();
            Subject::Record { source, record }
        }
        None => Subject::Rule(format!("message.{}", rule.name)),
    }
}
