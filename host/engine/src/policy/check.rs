//! What an expression gives, and what it cannot mean, found out before anybody is evaluated.
//!
//! A misspelt field would otherwise show only with the first person whom a rule reaches.

use super::fault::suggest;
use super::feed::ID;
use super::table::Tables;
use super::vocabulary::{ENGAGEMENT, Field, Kind, PERSON, Setting, UNIT, VARIABLES, Words, field, variable};
use crate::value::Value;
use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue, SelectExpr, SourceInfo};
use std::ops::Range;

/// Something that is wrong at some bytes of an expression.
#[derive(Debug)]
pub(super) struct Complaint {
    /// Which bytes.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

/// A value of another account that the expression asks for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Which bytes.
    pub(super) span: Range<usize>,
    /// The rule of the account.
    pub(super) rule: String,
    /// The attribute.
    pub(super) attribute: String,
}

/// What was found out about an expression.
#[derive(Debug)]
pub(super) struct Checked {
    /// What it gives.
    pub(super) kind: Kind,
    /// Everything that is wrong with it.
    pub(super) complaints: Vec<Complaint>,
    /// What it asks other accounts for.
    pub(super) asked: Vec<Asked>,
}

/// Checks an expression of the rule at `home`.
pub(super) fn check(tree: &IdedExpr, places: &SourceInfo, home: &str, setting: Setting, words: &Words) -> Checked {
    let mut checker = Checker {
        places,
        own: home.strip_prefix("account.").unwrap_or_default(),
        setting,
        words,
        locals: Vec::new(),
        loops: 0,
        complaints: Vec::new(),
        asked: Vec::new(),
    };
    let kind = checker.kind(tree);
    Checked { kind, complaints: checker.complaints, asked: checker.asked }
}

pub(super) struct Checker<'c> {
    places: &'c SourceInfo,
    /// The account rule that the expression belongs to; empty where it belongs to none.
    own: &'c str,
    setting: Setting,
    words: &'c Words,
    /// The variables of the loops that we are in, innermost last.
    locals: Vec<(String, Kind)>,
    loops: usize,
    complaints: Vec<Complaint>,
    asked: Vec<Asked>,
}

/// Loops within loops; more would let a short expression run for long.
const MOST_LOOPS: usize = 2;

impl Checker<'_> {
    pub(super) fn kind(&mut self, expr: &IdedExpr) -> Kind {
        match &expr.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Boolean(_) => Kind::Boolean,
                LiteralValue::Int(_) => Kind::Integer,
                LiteralValue::Double(_) => Kind::Real,
                LiteralValue::UInt(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
                    let help = "use a text, a number, true or false; \"\" stands for no value";
                    self.complain(self.span(expr), "a policy has no use for this kind of value", Some(help.to_owned()))
                }
            },
            Expr::Ident(name) => self.variable(expr, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr, call),
            Expr::List(list) => {
                let kinds: Vec<Kind> = list.elements.iter().map(|element| self.kind(element)).collect();
                Kind::List(Box::new(kinds.into_iter().fold(Kind::Nothing, joined)))
            }
            Expr::Map(map) => {
                let mut values = Kind::Nothing;
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.text(&entry.key);
                        let kind = self.kind(&entry.value);
                        values = joined(values, kind);
                    }
                }
                Kind::Map(Box::new(values))
            }
            Expr::Comprehension(comprehension) => self.comprehension(expr, comprehension),
            Expr::Struct(_) | Expr::Unspecified => {
                self.complain(self.span(expr), "a policy has no use for this kind of value", None)
            }
        }
    }

    /// Notes a fault; what gives no kind gives any, so that one fault does not look like several.
    pub(super) fn complain(&mut self, span: Range<usize>, message: impl Into<String>, help: Option<String>) -> Kind {
        self.complaints.push(Complaint { span, message: message.into(), help });
        Kind::Any
    }

    /// Where an expression is: a path from its beginning, a call at its name, else the token that stands for it.
    pub(super) fn span(&self, expr: &IdedExpr) -> Range<usize> {
        match &expr.expr {
            Expr::Select(select) if !select.test => {
                self.span(&select.operand).start..self.name_span(expr, &select.field).end
            }
            Expr::Call(call) if call.func_name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.name_span(expr, &call.func_name)
            }
            _ => self.token(expr),
        }
    }

    /// Where the token is that stands for an expression.
    fn token(&self, expr: &IdedExpr) -> Range<usize> {
        let (start, stop) = self.places.offset_for(expr.id).unwrap_or_default();
        start as usize..stop as usize + 1
    }

    /// Where a name is that stands right behind or right before the token of an expression.
    pub(super) fn name_span(&self, expr: &IdedExpr, name: &str) -> Range<usize> {
        let token = self.token(expr);
        let source = &self.places.source;
        let behind = source.get(token.end..).and_then(|rest| rest.find(name)).map(|at| token.end + at);
        let before = source.get(..token.start).and_then(|rest| rest.rfind(name));
        let called = source.get(token.clone()) == Some("(");
        match if called { before.or(behind) } else { behind.or(before) } {
            Some(start) => start..start + name.len(),
            None => token,
        }
    }

    fn variable(&mut self, expr: &IdedExpr, name: &str) -> Kind {
        if let Some((_, kind)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return kind.clone();
        }
        let setting = self.setting;
        let here =
            VARIABLES.iter().filter(|variable| variable.settings.contains(&setting)).map(|variable| variable.name);
        match variable(name) {
            Some(variable) if variable.settings.contains(&setting) => variable.kind.clone(),
            Some(_) => {
                let help = format!("{} have: {}", setting.described(), here.collect::<Vec<_>>().join(", "));
                self.complain(self.span(expr), format!("there is no `{name}` in {}", setting.described()), Some(help))
            }
            None => {
                let help = suggest(name, here);
                self.complain(self.span(expr), format!("there is no variable `{name}`"), help)
            }
        }
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Kind {
        let operand = self.kind(&select.operand);
        if select.test && matches!(operand, Kind::Accounts | Kind::Account(_)) {
            let help = "the rule waits until it is there; to ask whether an attribute holds anything, write a.b != ''";
            let message = "what a rule asks of another account is always there";
            return self.complain(self.span(&select.operand), message, Some(help.to_owned()));
        }
        self.asks(self.span(expr), &operand, &select.field);
        let found = self.entry(&operand, &select.field);
        let kind = found.unwrap_or_else(|(message, help)| {
            let span = if select.test { self.span(&select.operand) } else { self.name_span(expr, &select.field) };
            self.complain(span, message, help)
        });
        if select.test { Kind::Boolean } else { kind }
    }

    /// What `owner.name` or `owner["name"]` gives.
    fn entry(&self, owner: &Kind, name: &str) -> Result<Kind, (String, Option<String>)> {
        fn known<O>(fields: &'static [Field<O>], owner: &str, name: &str) -> Result<Kind, (String, Option<String>)> {
            field(fields, name).map(|field| field.kind.clone()).ok_or_else(|| {
                (format!("{owner} has no field `{name}`"), suggest(name, fields.iter().map(|field| field.name)))
            })
        }
        let Words { kinds, kept, accounts, tables } = self.words;
        match owner {
            Kind::Person => known(PERSON, "a person", name),
            Kind::Engagement => known(ENGAGEMENT, "an engagement", name),
            Kind::Unit => known(UNIT, "a unit", name),
            Kind::Names if kinds.iter().any(|kind| kind == name) => Ok(Kind::Text),
            Kind::Names => Err((format!("there is no [name.{name}]"), suggest(name, kinds.iter().map(String::as_str)))),
            Kind::Aliases if kept.iter().any(|kind| kind == name) => Ok(Kind::List(Box::new(Kind::Text))),
            Kind::Aliases if kinds.iter().any(|kind| kind == name) => {
                let help = format!("write `keep-old = \"90 days\"` in [name.{name}]");
                Err((format!("[name.{name}] keeps no old names"), Some(help)))
            }
            Kind::Aliases => {
                Err((format!("there is no [name.{name}]"), suggest(name, kept.iter().map(String::as_str))))
            }
            Kind::Accounts if name == self.own => {
                let help = "it can refer to the person's accounts by other rules".to_owned();
                Err((format!("[account.{name}] cannot refer to its own account"), Some(help)))
            }
            Kind::Accounts if accounts.iter().any(|rule| rule == name) => Ok(Kind::Account(name.to_owned())),
            Kind::Accounts => {
                let others = accounts.iter().map(String::as_str).filter(|rule| *rule != self.own);
                Err((format!("there is no [account.{name}]"), suggest(name, others)))
            }
            Kind::Account(_) if name == ID => Ok(Kind::Text),
            Kind::Account(_) => Ok(Kind::Any),
            Kind::Tables if tables.0.contains_key(name) => Ok(Kind::Table(name.to_owned())),
            Kind::Tables => {
                Err((format!("there is no table `{name}`"), suggest(name, tables.0.keys().map(String::as_str))))
            }
            Kind::Table(table) if tables.0.get(table).is_some_and(|entries| entries.contains_key(name)) => {
                Ok(Kind::Entry(table.clone()))
            }
            Kind::Table(table) => {
                let keys = tables.0.get(table).into_iter().flat_map(|entries| entries.keys()).map(String::as_str);
                Err((format!("the table `{table}` has no entry `{name}`"), suggest(name, keys)))
            }
            Kind::Entry(table) => column(tables, table, name),
            Kind::Map(value) => Ok((**value).clone()),
            Kind::Extra | Kind::Any | Kind::Nothing => Ok(Kind::Any),
            other => Err((format!("{} has no fields", other.described()), None)),
        }
    }

    pub(super) fn index(&mut self, expr: &IdedExpr, owner: &IdedExpr, index: &IdedExpr) -> Kind {
        let whole = self.span(owner).start..self.span(index).end + 1;
        let owner = self.kind(owner);
        if let Some(element) = owner.element().filter(|_| !matches!(owner, Kind::Map(_) | Kind::Any)) {
            let kind = self.kind(index);
            if !matches!(kind, Kind::Integer | Kind::Any) {
                self.complain(self.span(index), format!("a list is counted from 0, not by {}", kind.described()), None);
            }
            return element;
        }
        if let Expr::Literal(LiteralValue::String(name)) = &index.expr {
            self.asks(whole, &owner, name.inner());
            let found = self.entry(&owner, name.inner());
            return found.unwrap_or_else(|(message, help)| self.complain(self.span(index), message, help));
        }
        self.text(index);
        match owner {
            Kind::Table(table) => Kind::Entry(table),
            Kind::Map(value) => *value,
            Kind::Extra | Kind::Any | Kind::Entry(_) => Kind::Any,
            Kind::Names => Kind::Text,
            Kind::Person
            | Kind::Engagement
            | Kind::Unit
            | Kind::Tables
            | Kind::Aliases
            | Kind::Accounts
            | Kind::Account(_) => {
                let help = Some("write the field's name: a.b".to_owned());
                self.complain(self.span(expr), "which field is meant must be known beforehand", help)
            }
            other => self.complain(self.span(expr), format!("{} has no entries", other.described()), None),
        }
    }

    /// Notes what is asked of another account.
    fn asks(&mut self, span: Range<usize>, owner: &Kind, attribute: &str) {
        if let Kind::Account(rule) = owner {
            self.asked.push(Asked { span, rule: rule.clone(), attribute: attribute.to_owned() });
        }
    }

    /// Notes when something is certainly not text.
    pub(super) fn text(&mut self, expr: &IdedExpr) {
        let kind = self.kind(expr);
        if !matches!(kind, Kind::Text | Kind::Any | Kind::Nothing) {
            self.complain(self.span(expr), format!("text is wanted here, not {}", kind.described()), None);
        }
    }

    /// Notes when something is certainly not true or false.
    pub(super) fn condition(&mut self, expr: &IdedExpr) {
        let kind = self.kind(expr);
        if !matches!(kind, Kind::Boolean | Kind::Any) {
            self.complain(self.span(expr), format!("true or false is wanted here, not {}", kind.described()), None);
        }
    }

    fn comprehension(&mut self, expr: &IdedExpr, comprehension: &ComprehensionExpr) -> Kind {
        let range = self.kind(&comprehension.iter_range);
        let element = range.element().unwrap_or_else(|| {
            let message = format!("one cannot go through {}", range.described());
            self.complain(self.span(&comprehension.iter_range), message, None)
        });
        self.loops += 1;
        if self.loops > MOST_LOOPS {
            let message = format!("loops are {} deep; {MOST_LOOPS} are allowed", self.loops);
            self.complain(self.span(expr), message, None);
        }
        let start = self.kind(&comprehension.accu_init);
        self.locals.push((comprehension.iter_var.clone(), element));
        self.locals.push((comprehension.accu_var.clone(), start.clone()));
        self.condition(&comprehension.loop_cond);
        let step = self.kind(&comprehension.loop_step);
        if let Some((_, kind)) = self.locals.last_mut() {
            *kind = joined(start, step);
        }
        let result = self.kind(&comprehension.result);
        self.locals.truncate(self.locals.len() - 2);
        self.loops -= 1;
        result
    }
}

/// What a field of a table's entries holds.
fn column(tables: &Tables, table: &str, name: &str) -> Result<Kind, (String, Option<String>)> {
    let mut kinds = tables.column(table, name).map(|value| match value {
        Value::Boolean(_) => Kind::Boolean,
        Value::Integer(_) => Kind::Integer,
        _ => Kind::Text,
    });
    let Some(first) = kinds.next() else {
        let help = suggest(name, tables.fields(table));
        return Err((format!("no entry of the table `{table}` has a field `{name}`"), help));
    };
    Ok(kinds.fold(first, joined))
}

/// A kind that both are.
pub(super) fn joined(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Nothing, kind) | (kind, Kind::Nothing) => kind,
        (Kind::List(one), Kind::List(other)) => Kind::List(Box::new(joined(*one, *other))),
        (Kind::Map(one), Kind::Map(other)) => Kind::Map(Box::new(joined(*one, *other))),
        (one, other) if one == other => one,
        _ => Kind::Any,
    }
}
