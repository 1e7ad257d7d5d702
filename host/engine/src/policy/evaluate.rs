//! What the rules say of one person, or of one group.
//!
//! An evaluator is made once for each thread, a scope once for each person. Every question has an answer or a fault
//! that names the rule, the place and the cause; nothing here ends a run.

use super::expression::Expression;
use super::fault::EvalFault;
use super::feed::{self, Seen};
use super::function;
use super::quick::{Missing, Quick};
use super::rules::{AccountRule, AdoptKey, AttributeRule, ForEach, GroupRule, NameRule, Policy};
use super::view::{BLANK, NO_UNIT, NOBODY, View};
use crate::numbers;
use crate::person::{Engagement, Person, Unit};
use crate::value::Value;
use cel::common::types::{CelBool, CelBytes, CelDouble, CelInt, CelList, CelString};
use cel::common::value::Val;
use cel::{Context, ExecutionError};
use std::borrow::Cow;

/// Finds the unit with a code in an organisation.
pub type Units<'a> = dyn Fn(&str, &str) -> Option<&'a Unit> + 'a;

/// Evaluates one policy; one for each thread.
pub struct Evaluator<'p> {
    policy: &'p Policy,
    root: Context<'static, 'static>,
}

/// The values that an account attribute shall have.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// These; none at all where the person has nothing to show.
    Values(Vec<Value>),
    /// The account that the manager of the primary engagement has by this rule, or by the same one.
    ManagerOfPrimary(Option<String>),
    /// What the account of this rule gives, once it does.
    Later(String),
}

/// Names one group of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey {
    /// Unique within the rule; empty for a group that stands alone.
    pub key: String,
    /// The organisation's code, where the group is for one organisation or one of its units.
    pub organisation: String,
    /// The unit's code, where the group is for a unit.
    pub unit_code: String,
    /// What the group is for, readable. Differs between engagements that spell it differently.
    pub title: String,
}

impl<'p> Evaluator<'p> {
    /// An evaluator of a policy.
    pub fn new(policy: &'p Policy) -> Self {
        Evaluator { policy, root: function::context() }
    }

    /// One person. `primary` and `active` are places in the person's list of engagements.
    pub fn person<'s, 'u: 's>(
        &'s self,
        person: &'s Person,
        primary: Option<usize>,
        active: &'s [usize],
        units: &Units<'u>,
    ) -> Scope<'s> {
        let units = person.engagements.iter().map(|engagement| unit_of(engagement, units)).collect();
        let names = vec![String::new(); self.policy.names.len()];
        let aliases = vec![Vec::new(); self.policy.names.len()];
        Scope { evaluator: self, person, primary, active, units, names, aliases, accounts: Vec::new() }
    }

    /// What a group holds besides its members.
    pub fn group_attributes(
        &self,
        rule: &GroupRule,
        key: &GroupKey,
        unit: Option<&Unit>,
    ) -> Result<Vec<(String, Vec<Value>)>, EvalFault> {
        let named;
        let unit = match unit {
            Some(unit) => unit,
            None if key.unit_code.is_empty() => &*NO_UNIT,
            None => {
                named = Unit {
                    organisation: key.organisation.clone(),
                    code: key.unit_code.clone(),
                    name: key.title.clone(),
                    ..Unit::default()
                };
                &named
            }
        };
        let view = View { unit, group: Some(key), ..self.blank() };
        rule.attributes.iter().map(|(name, expression)| Ok((name.clone(), self.values(expression, view)?))).collect()
    }

    /// The view of nobody.
    fn blank(&self) -> View<'_> {
        View {
            person: &NOBODY,
            primary: &BLANK,
            active: &[],
            engagement: &BLANK,
            unit: &NO_UNIT,
            kinds: &self.policy.names,
            names: &[],
            aliases: &[],
            accounts: &[],
            tables: &self.policy.tables,
            group: None,
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, expression: &Expression, view: View<'_>) -> Result<bool, EvalFault> {
        if let Some(Quick::Condition(condition)) = &expression.quick {
            return condition.get(&view).map_err(|missing| missed(expression, missing));
        }
        self.cel(expression, &view, |value| value.downcast_ref::<CelBool>().map(|yes| *yes.inner()))?
            .ok_or_else(|| failed(expression, "it does not give true or false".to_owned()))
    }

    /// The text that an expression gives.
    pub(super) fn text(&self, expression: &Expression, view: View<'_>) -> Result<String, EvalFault> {
        if let Some(Quick::Text(text)) = &expression.quick {
            return text.get(&view).map(|text| text.into_owned()).map_err(|missing| missed(expression, missing));
        }
        self.cel(expression, &view, |value| value.downcast_ref::<CelString<'_>>().map(|text| text.inner().to_owned()))?
            .ok_or_else(|| failed(expression, "it does not give text".to_owned()))
    }

    /// The values that an expression gives: empty texts are no values.
    pub(super) fn values(&self, expression: &Expression, view: View<'_>) -> Result<Vec<Value>, EvalFault> {
        match &expression.quick {
            Some(Quick::Text(text)) => {
                let text = text.get(&view).map_err(|missing| missed(expression, missing))?;
                Ok(if text.is_empty() { Vec::new() } else { vec![Value::Text(text.into_owned())] })
            }
            Some(Quick::Condition(condition)) => {
                let yes = condition.get(&view).map_err(|missing| missed(expression, missing))?;
                Ok(vec![Value::Boolean(yes)])
            }
            Some(Quick::Real(path)) => Ok(vec![Value::Real(path.real(&view))]),
            None => self
                .cel(expression, &view, |value| {
                    let mut values = Vec::new();
                    collect(value, &mut values).then_some(values)
                })?
                .ok_or_else(|| failed(expression, "it gives something that cannot be a value".to_owned())),
        }
    }

    /// Lets CEL evaluate an expression and reads what it gives.
    fn cel<T>(
        &self,
        expression: &Expression,
        view: &View<'_>,
        read: impl FnOnce(&dyn Val) -> Option<T>,
    ) -> Result<Option<T>, EvalFault> {
        let mut context = self.root.new_inner_scope();
        context.set_variable_resolver(view);
        match cel::Value::resolve_val(&expression.tree, &context) {
            Ok(value) => Ok(read(&*value)),
            Err(error) => Err(failed(expression, cause(&error))),
        }
    }
}

/// What the rules say of one person.
pub struct Scope<'s> {
    pub(super) evaluator: &'s Evaluator<'s>,
    person: &'s Person,
    primary: Option<usize>,
    active: &'s [usize],
    /// The unit of each engagement.
    units: Vec<Cow<'s, Unit>>,
    names: Vec<String>,
    aliases: Vec<Vec<String>>,
    accounts: Vec<Seen>,
}

impl Scope<'_> {
    /// The person.
    pub fn person(&self) -> &Person {
        self.person
    }

    /// Says which names the person has, by kind. Kinds that the policy does not have are left out.
    pub fn set_names<K: AsRef<str>, N: AsRef<str>>(&mut self, names: &[(K, N)]) {
        for (kind, name) in names {
            let at = self.evaluator.policy.names.iter().position(|rule| rule.kind == kind.as_ref());
            if let Some(held) = at.and_then(|at| self.names.get_mut(at)) {
                name.as_ref().clone_into(held);
            }
        }
    }

    /// Says which names the person had before and keeps for a while, by kind.
    pub fn set_aliases(&mut self, kind: &str, aliases: &[String]) {
        let at = self.evaluator.policy.names.iter().position(|rule| rule.kind == kind);
        if let Some(kept) = at.and_then(|at| self.aliases.get_mut(at)) {
            aliases.clone_into(kept);
        }
    }

    /// Says how the person's accounts are that the rules of others ask for something.
    pub fn set_accounts(&mut self, accounts: Vec<Seen>) {
        self.accounts = accounts;
    }

    /// The candidates for a kind of name, in order. Empty ones are left in; choosing passes them over.
    pub fn candidates(&self, rule: &NameRule) -> Result<Vec<String>, EvalFault> {
        rule.candidates.iter().map(|candidate| self.evaluator.text(candidate, self.view())).collect()
    }

    /// The text whose change makes a new name; empty where the rule knows no such thing.
    pub fn renew_key(&self, rule: &NameRule) -> Result<String, EvalFault> {
        rule.renew.as_ref().map_or(Ok(String::new()), |renew| self.evaluator.text(renew, self.view()))
    }

    /// What an account that is there already holds in an attribute if it is the person's. Empty says nothing.
    pub fn mark(&self, key: &AdoptKey) -> Result<String, EvalFault> {
        self.evaluator.text(&key.value, self.view())
    }

    /// Whether the person gets an account by the rule. Protection and stages are not looked at here.
    pub fn applies(&self, rule: &AccountRule) -> Result<bool, EvalFault> {
        rule.when.as_ref().map_or(Ok(true), |when| self.evaluator.holds(when, self.view()))
    }

    /// What the account holds.
    pub fn attributes(&self, rule: &AccountRule) -> Result<Vec<(String, Wanted)>, EvalFault> {
        let view = self.view();
        let mut attributes = Vec::with_capacity(rule.attributes.len());
        for (name, attribute) in &rule.attributes {
            let wanted = match attribute {
                AttributeRule::Expression(expression) => {
                    match expression.feeds.iter().find(|feed| !feed::is_known(feed, &self.accounts)) {
                        Some(feed) => Wanted::Later(feed.rule.clone()),
                        None => Wanted::Values(self.evaluator.values(expression, view)?),
                    }
                }
                AttributeRule::ManagerOfPrimary(account) => {
                    Wanted::ManagerOfPrimary(account.as_ref().map(|account| account.rule.clone()))
                }
            };
            attributes.push((name.clone(), wanted));
        }
        Ok(attributes)
    }

    /// The groups that an engagement makes the person a member of. `engagement` is a place in the person's list.
    pub fn group_keys(&self, rule: &GroupRule, engagement: usize) -> Result<Vec<GroupKey>, EvalFault> {
        let Some(view) = self.member(engagement) else { return Ok(Vec::new()) };
        let View { engagement, unit, .. } = view;
        if let Some(when) = &rule.when
            && !self.evaluator.holds(when, view)?
        {
            return Ok(Vec::new());
        }
        let organisation = engagement.organisation.as_str();
        Ok(match &rule.for_each {
            ForEach::One => vec![key("", "", "", &rule.name)],
            ForEach::Unit if engagement.unit.is_empty() => Vec::new(),
            ForEach::Unit => {
                let code = format!("{organisation}-{}", engagement.unit);
                vec![key(&code, organisation, &engagement.unit, either(&unit.name, &engagement.unit))]
            }
            ForEach::Role => {
                // Without a code the title is one, however it is spelt.
                let spelt = engagement.title.to_lowercase();
                let code = either(&engagement.title_code, &spelt);
                keyed(code, "", either(&engagement.title, code))
            }
            ForEach::Organisation => {
                let name = self.evaluator.policy.tables.get("organisation", organisation, "name");
                let name = name.and_then(Value::as_text).unwrap_or(organisation);
                keyed(organisation, organisation, name)
            }
            ForEach::Expression(expression) => {
                let texts = self.evaluator.values(expression, view)?;
                let mut keys: Vec<GroupKey> =
                    texts.iter().filter_map(Value::as_text).flat_map(|text| keyed(text, "", text)).collect();
                keys.sort();
                keys.dedup();
                keys
            }
        })
    }

    /// What is seen of one engagement. `engagement` is a place in the person's list.
    pub(super) fn member(&self, engagement: usize) -> Option<View<'_>> {
        let (engagement, unit) = self.engagement(engagement)?;
        Some(View { engagement, unit, ..self.view() })
    }

    /// An engagement and its unit.
    fn engagement(&self, at: usize) -> Option<(&Engagement, &Unit)> {
        Some((self.person.engagements.get(at)?, self.units.get(at)?))
    }

    pub(super) fn view(&self) -> View<'_> {
        let primary = self.primary.and_then(|at| self.engagement(at));
        let (primary, unit) = primary.unwrap_or((&BLANK, &NO_UNIT));
        View {
            person: self.person,
            primary,
            active: self.active,
            unit,
            names: &self.names,
            aliases: &self.aliases,
            accounts: &self.accounts,
            ..self.evaluator.blank()
        }
    }
}

/// The unit of an engagement: as a source knows it, or else as much as the engagement says of it.
fn unit_of<'a>(engagement: &Engagement, units: &Units<'a>) -> Cow<'a, Unit> {
    let known = units(&engagement.organisation, &engagement.unit);
    known.map_or_else(
        || {
            Cow::Owned(Unit {
                organisation: engagement.organisation.clone(),
                code: engagement.unit.clone(),
                name: engagement.unit_name.clone(),
                parent: String::new(),
                cost_centre: engagement.cost_centre.clone(),
            })
        },
        Cow::Borrowed,
    )
}

fn key(key: &str, organisation: &str, unit: &str, title: &str) -> GroupKey {
    let owned = str::to_owned;
    GroupKey { key: owned(key), organisation: owned(organisation), unit_code: owned(unit), title: owned(title) }
}

/// A group for a code, unless the code is empty.
fn keyed(code: &str, organisation: &str, title: &str) -> Vec<GroupKey> {
    if code.is_empty() { Vec::new() } else { vec![key(code, organisation, "", title)] }
}

fn either<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

/// Adds the values that a CEL value stands for; empty texts stand for none. Whether all could be added.
fn collect(value: &dyn Val, values: &mut Vec<Value>) -> bool {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        if !text.inner().is_empty() {
            values.push(Value::from(text.inner()));
        }
    } else if let Some(yes) = value.downcast_ref::<CelBool>() {
        values.push(Value::Boolean(*yes.inner()));
    } else if let Some(number) = value.downcast_ref::<CelInt>() {
        values.push(Value::Integer(*number.inner()));
    } else if let Some(number) = value.downcast_ref::<CelDouble>() {
        // NaN is no number that a target could hold.
        if !number.inner().is_nan() {
            values.push(Value::Real(*number.inner()));
        }
    } else if let Some(bytes) = value.downcast_ref::<CelBytes<'_>>() {
        values.push(Value::Binary(bytes.inner().to_vec()));
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        return list.inner().iter().all(|element| collect(&**element, values));
    } else {
        return false;
    }
    true
}

fn failed(expression: &Expression, message: String) -> EvalFault {
    EvalFault { rule: expression.rule.clone(), place: expression.place.clone(), message }
}

fn missed(expression: &Expression, missing: Missing) -> EvalFault {
    let Missing { table, key, field } = missing;
    let key = numbers::mask_in(&key);
    failed(
        expression,
        match field {
            Some(field) => format!("the entry `{key}` of the table `{table}` has no field `{field}`"),
            None => format!("the table `{table}` has no entry `{key}`"),
        },
    )
}

/// Why CEL has no answer, without the values that it had: they are a person's.
fn cause(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no entry or field `{}`", numbers::mask_in(key)),
        ExecutionError::NoSuchOverload(overload) => {
            format!("`{}` does not work on ({})", overload.function(), overload.argument_types().join(", "))
        }
        ExecutionError::UndeclaredReference(name) => format!("there is no `{name}`"),
        ExecutionError::UnexpectedType { got, want } => format!("it gives {got} where {want} is wanted"),
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
            format!("`{operator}` does not work on ({}, {})", left.type_of(), right.type_of())
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "division by zero".to_owned(),
        ExecutionError::Overflow(..) => "a number is too large".to_owned(),
        ExecutionError::IndexOutOfBounds(_) => "the list has no such element".to_owned(),
        ExecutionError::DuplicateKey(_) => "a map has a key twice".to_owned(),
        ExecutionError::FunctionError { function, .. } => format!("`{function}` cannot work with this value"),
        ExecutionError::ValuesNotComparable(left, right) => {
            format!("({}, {}) cannot be compared", left.type_of(), right.type_of())
        }
        _ => "the values do not fit the expression".to_owned(),
    }
}
