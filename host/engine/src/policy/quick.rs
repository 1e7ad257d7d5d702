//! The fast form of an expression: what most rules say, without the general evaluator.
//!
//! A path, a text, texts put together, our own functions on them and simple conditions make up nearly all of a policy;
//! evaluated directly they cost a tenth. Whatever has no fast form is left to CEL, and a test holds the two together.

use super::evaluate::GroupKey;
use super::function::{Call, TextFunction, take};
use super::view::View;
use super::vocabulary::{Datum, ENGAGEMENT, Field, Kind, PERSON, UNIT, Words, field, function};
use crate::person::{Engagement, Person, Unit};
use crate::value::Value;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};
use regex::Regex;
use std::borrow::Cow;

/// An expression in its fast form.
#[derive(Debug)]
pub(super) enum Quick {
    /// It gives text.
    Text(Text),
    /// It gives true or false.
    Condition(Condition),
    /// It gives the number of a field.
    Real(Path),
}

/// What gives text.
#[derive(Debug)]
pub(super) enum Text {
    Literal(String),
    Path(Path),
    Name(usize),
    Sum(Vec<Text>),
    Call(TextFunction, Box<Text>),
    Take(Box<Text>, i64),
    Choice(Box<Condition>, Box<Text>, Box<Text>),
    Table { table: String, key: Box<Text>, field: String },
}

/// What gives true or false.
#[derive(Debug)]
pub(super) enum Condition {
    Literal(bool),
    Path(Path),
    Equal(Text, Text),
    Among(Text, Vec<String>),
    Contains(Text, Text),
    Begins(Text, Text),
    Ends(Text, Text),
    Matches(Text, Regex),
    Not(Box<Condition>),
    All(Box<Condition>, Box<Condition>),
    Any(Box<Condition>, Box<Condition>),
}

/// A field of a variable, or a variable that is text itself.
#[derive(Debug)]
pub(super) enum Path {
    Person(&'static Field<Person>),
    Primary(&'static Field<Engagement>),
    Engagement(&'static Field<Engagement>),
    Unit(&'static Field<Unit>),
    Key,
    Title,
    Organisation,
}

impl Quick {
    /// The fast form of a checked expression, if it has one.
    pub(super) fn compile(tree: &IdedExpr, words: &Words) -> Option<Quick> {
        if let Some(text) = text(tree, words) {
            return Some(Quick::Text(text));
        }
        match path(tree) {
            Some((path, Kind::Real)) => Some(Quick::Real(path)),
            _ => condition(tree, words).map(Quick::Condition),
        }
    }
}

fn text(tree: &IdedExpr, words: &Words) -> Option<Text> {
    match &tree.expr {
        Expr::Literal(LiteralValue::String(literal)) => Some(Text::Literal(literal.inner().to_owned())),
        Expr::Call(call) => text_call(call, words),
        Expr::Select(select) if !select.test => {
            if let Some((path, Kind::Text)) = path(tree) {
                return Some(Text::Path(path));
            }
            if matches!(&select.operand.expr, Expr::Ident(name) if name == "names") {
                return words.kinds.iter().position(|kind| *kind == select.field).map(Text::Name);
            }
            let Expr::Call(call) = &select.operand.expr else { return None };
            let (operators::INDEX, [owner, key]) = (call.func_name.as_str(), call.args.as_slice()) else { return None };
            let Expr::Select(owner) = &owner.expr else { return None };
            let table = matches!(&owner.operand.expr, Expr::Ident(name) if name == "table") && !owner.test;
            let texts = words.tables.column(&owner.field, &select.field).all(|value| value.as_text().is_some());
            (table && texts).then_some(())?;
            let key = Box::new(text(key, words)?);
            Some(Text::Table { table: owner.field.clone(), key, field: select.field.clone() })
        }
        Expr::Ident(_) => match path(tree) {
            Some((path, Kind::Text)) => Some(Text::Path(path)),
            _ => None,
        },
        _ => None,
    }
}

fn text_call(call: &CallExpr, words: &Words) -> Option<Text> {
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::ADD, [left, right]) => {
            let mut parts = match text(left, words)? {
                Text::Sum(parts) => parts,
                part => vec![part],
            };
            parts.push(text(right, words)?);
            Some(Text::Sum(parts))
        }
        (operators::CONDITIONAL, [test, yes, no]) => {
            let (yes, no) = (text(yes, words)?, text(no, words)?);
            Some(Text::Choice(Box::new(condition(test, words)?), Box::new(yes), Box::new(no)))
        }
        (name, arguments) if call.target.is_none() => match (function(name)?.call, arguments) {
            (Call::Text(function), [argument]) => Some(Text::Call(function, Box::new(text(argument, words)?))),
            (Call::Take, [argument, count]) => match &count.expr {
                Expr::Literal(LiteralValue::Int(count)) => {
                    Some(Text::Take(Box::new(text(argument, words)?), *count.inner()))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn condition(tree: &IdedExpr, words: &Words) -> Option<Condition> {
    let call = match &tree.expr {
        Expr::Literal(LiteralValue::Boolean(literal)) => return Some(Condition::Literal(*literal.inner())),
        Expr::Select(_) => {
            return path(tree).filter(|(_, kind)| *kind == Kind::Boolean).map(|(path, _)| Condition::Path(path));
        }
        Expr::Call(call) => call,
        _ => return None,
    };
    if let (Some(target), [other]) = (call.target.as_deref(), call.args.as_slice()) {
        let (target, other) = (text(target, words)?, text(other, words)?);
        return match (call.func_name.as_str(), other) {
            ("contains", other) => Some(Condition::Contains(target, other)),
            ("startsWith", other) => Some(Condition::Begins(target, other)),
            ("endsWith", other) => Some(Condition::Ends(target, other)),
            ("matches", Text::Literal(pattern)) => Some(Condition::Matches(target, Regex::new(&pattern).ok()?)),
            _ => None,
        };
    }
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [operand]) => Some(Condition::Not(Box::new(condition(operand, words)?))),
        (operators::LOGICAL_AND, [left, right]) => {
            Some(Condition::All(Box::new(condition(left, words)?), Box::new(condition(right, words)?)))
        }
        (operators::LOGICAL_OR, [left, right]) => {
            Some(Condition::Any(Box::new(condition(left, words)?), Box::new(condition(right, words)?)))
        }
        (operators::EQUALS, [left, right]) => Some(Condition::Equal(text(left, words)?, text(right, words)?)),
        (operators::NOT_EQUALS, [left, right]) => {
            Some(Condition::Not(Box::new(Condition::Equal(text(left, words)?, text(right, words)?))))
        }
        (operators::IN, [element, list]) => {
            let Expr::List(list) = &list.expr else { return None };
            let literal = |element: &IdedExpr| match &element.expr {
                Expr::Literal(LiteralValue::String(literal)) => Some(literal.inner().to_owned()),
                _ => None,
            };
            Some(Condition::Among(text(element, words)?, list.elements.iter().map(literal).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// A variable's field, or a variable, with what it gives.
fn path(tree: &IdedExpr) -> Option<(Path, Kind)> {
    fn of<O>(fields: &'static [Field<O>], name: &str, path: fn(&'static Field<O>) -> Path) -> Option<(Path, Kind)> {
        field(fields, name).map(|field| (path(field), field.kind.clone()))
    }
    match &tree.expr {
        Expr::Ident(name) => match name.as_str() {
            "key" => Some((Path::Key, Kind::Text)),
            "title" => Some((Path::Title, Kind::Text)),
            "organisation" => Some((Path::Organisation, Kind::Text)),
            _ => None,
        },
        Expr::Select(select) if !select.test => match &select.operand.expr {
            Expr::Ident(variable) => match variable.as_str() {
                "person" => of(PERSON, &select.field, Path::Person),
                "primary" => of(ENGAGEMENT, &select.field, Path::Primary),
                "engagement" => of(ENGAGEMENT, &select.field, Path::Engagement),
                "unit" => of(UNIT, &select.field, Path::Unit),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// A table without what was looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The table.
    pub(super) table: String,
    /// The key.
    pub(super) key: String,
    /// The field, where there is such an entry but without it.
    pub(super) field: Option<String>,
}

impl Path {
    fn get<'a>(&self, view: &View<'a>) -> Datum<'a> {
        let group = |get: fn(&GroupKey) -> &str| Datum::Text(Cow::Borrowed(view.group.map_or("", get)));
        match self {
            Path::Person(field) => (field.get)(view.person),
            Path::Primary(field) => (field.get)(view.primary),
            Path::Engagement(field) => (field.get)(view.engagement),
            Path::Unit(field) => (field.get)(view.unit),
            Path::Key => group(|group| &group.key),
            Path::Title => group(|group| &group.title),
            Path::Organisation => group(|group| &group.organisation),
        }
    }

    /// The number of a field that has one.
    pub(super) fn real(&self, view: &View<'_>) -> f64 {
        match self.get(view) {
            Datum::Real(number) => number,
            _ => 0.0,
        }
    }
}

impl Text {
    /// The text that it gives.
    pub(super) fn get<'a>(&'a self, view: &View<'a>) -> Result<Cow<'a, str>, Missing> {
        Ok(match self {
            Text::Literal(literal) => Cow::Borrowed(literal),
            Text::Path(path) => match path.get(view) {
                Datum::Text(text) => text,
                _ => Cow::Borrowed(""),
            },
            Text::Name(at) => Cow::Borrowed(view.names.get(*at).map_or("", String::as_str)),
            Text::Sum(parts) => {
                let mut sum = String::new();
                for part in parts {
                    sum.push_str(&part.get(view)?);
                }
                Cow::Owned(sum)
            }
            Text::Call(function, argument) => match argument.get(view)? {
                Cow::Borrowed(text) => function(text),
                Cow::Owned(text) => Cow::Owned(function(&text).into_owned()),
            },
            Text::Take(argument, count) => match argument.get(view)? {
                Cow::Borrowed(text) => Cow::Borrowed(take(text, *count)),
                Cow::Owned(mut text) => {
                    text.truncate(take(&text, *count).len());
                    Cow::Owned(text)
                }
            },
            Text::Choice(condition, yes, no) => if condition.get(view)? { yes } else { no }.get(view)?,
            Text::Table { table, key, field } => {
                let key = key.get(view)?;
                let entry = view.tables.0.get(table).and_then(|entries| entries.get(&*key));
                let value = entry.and_then(|entry| entry.get(field)).and_then(Value::as_text);
                let field = entry.map(|_| field.clone());
                Cow::Borrowed(value.ok_or_else(|| Missing { table: table.clone(), key: key.into_owned(), field })?)
            }
        })
    }
}

impl Condition {
    /// Whether it holds. As in CEL, what decides alone decides even beside something without an answer.
    pub(super) fn get(&self, view: &View<'_>) -> Result<bool, Missing> {
        Ok(match self {
            Condition::Literal(literal) => *literal,
            Condition::Path(path) => matches!(path.get(view), Datum::Boolean(true)),
            Condition::Equal(left, right) => left.get(view)? == right.get(view)?,
            Condition::Among(text, list) => {
                let text = text.get(view)?;
                list.iter().any(|element| *element == text)
            }
            Condition::Contains(text, other) => text.get(view)?.contains(&*other.get(view)?),
            Condition::Begins(text, other) => text.get(view)?.starts_with(&*other.get(view)?),
            Condition::Ends(text, other) => text.get(view)?.ends_with(&*other.get(view)?),
            Condition::Matches(text, pattern) => pattern.is_match(&text.get(view)?),
            Condition::Not(operand) => !operand.get(view)?,
            Condition::All(left, right) => return decided(left, right, view, false),
            Condition::Any(left, right) => return decided(left, right, view, true),
        })
    }
}

/// `left` and `right` where one that is `by` decides alone.
fn decided(left: &Condition, right: &Condition, view: &View<'_>, by: bool) -> Result<bool, Missing> {
    match left.get(view) {
        Ok(left) if left == by => Ok(by),
        Ok(_) => right.get(view),
        Err(missing) => match right.get(view)? {
            right if right == by => Ok(by),
            _ => Err(missing),
        },
    }
}
