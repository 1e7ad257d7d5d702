//! What operators and functions take and give: the part of the check that knows every one of them.
//!
//! Kept beside the checker's walk, which knows the shapes of expressions.

use super::check::{Checker, joined};
use super::fault::suggest;
use super::function::{Call, FUNCTIONS, Function};
use super::vocabulary::{Kind, function};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};

impl Checker<'_> {
    /// What a call gives.
    pub(super) fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Kind {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
                self.condition(left);
                self.condition(right);
                Kind::Boolean
            }
            (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [operand]) => {
                self.condition(operand);
                Kind::Boolean
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.condition(condition);
                joined(self.kind(yes), self.kind(no))
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                self.compared(expr, left, right);
                Kind::Boolean
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                self.compared(expr, left, right);
                Kind::Boolean
            }
            (operators::IN, [element, container]) => self.contained(expr, element, container),
            (operators::INDEX, [owner, index]) => self.index(expr, owner, index),
            (operators::ADD, [left, right]) => self.sum(expr, left, right),
            (operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO, [left, right]) => {
                let (left, right) = (self.kind(left), self.kind(right));
                match (&left, &right) {
                    (Kind::Integer, Kind::Integer) => Kind::Integer,
                    (Kind::Real, Kind::Real) => Kind::Real,
                    (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
                    _ => self.unfit(expr, &left, &right),
                }
            }
            (operators::NEGATE, [operand]) => {
                let kind = self.kind(operand);
                if !matches!(kind, Kind::Integer | Kind::Real | Kind::Any) {
                    self.complain(self.span(expr), format!("there is no negative of {}", kind.described()), None);
                }
                kind
            }
            _ => self.function(expr, call),
        }
    }

    fn unfit(&mut self, expr: &IdedExpr, left: &Kind, right: &Kind) -> Kind {
        let span = self.span(expr);
        let mixed = matches!((left, right), (Kind::Integer, Kind::Real) | (Kind::Real, Kind::Integer));
        let text = matches!(left, Kind::Text) || matches!(right, Kind::Text);
        let help = match (mixed, text) {
            (true, _) => Some("make both whole, int(…), or both with a fraction, double(…) or 2.0".to_owned()),
            (_, true) => Some("make a text of a value with string(…)".to_owned()),
            _ => None,
        };
        self.complain(span, format!("this does not work on {} and {}", left.described(), right.described()), help)
    }

    /// Two values of different kinds are never equal and have no order.
    fn compared(&mut self, expr: &IdedExpr, left: &IdedExpr, right: &IdedExpr) {
        let (left, right) = (self.kind(left), self.kind(right));
        let number = |kind: &Kind| matches!(kind, Kind::Integer | Kind::Real);
        let lists = matches!((&left, &right), (Kind::List(_), Kind::List(_)));
        let plain = left.is_plain() && right.is_plain();
        let alike = left == right || matches!(left, Kind::Any) || matches!(right, Kind::Any);
        if !(lists || plain && (alike || number(&left) && number(&right))) {
            let message = format!("{} cannot be compared with {}", left.described(), right.described());
            self.complain(self.span(expr), message, None);
        }
    }

    fn contained(&mut self, expr: &IdedExpr, element: &IdedExpr, container: &IdedExpr) -> Kind {
        let (element_kind, container) = (self.kind(element), self.kind(container));
        let holds = match &container {
            Kind::List(holds) => (**holds).clone(),
            Kind::Table(_) | Kind::Entry(_) | Kind::Extra | Kind::Names | Kind::Map(_) => Kind::Text,
            Kind::Any => Kind::Any,
            other => {
                let help = matches!(other, Kind::Text).then(|| "to search in a text, write a.contains(b)".to_owned());
                let message = format!("nothing can be in {}", other.described());
                self.complain(self.span(expr), message, help);
                return Kind::Boolean;
            }
        };
        let fits = element_kind == holds || matches!(holds, Kind::Any | Kind::Nothing) || element_kind == Kind::Any;
        if !fits {
            let message = format!("{} is never among {}", element_kind.described(), holds.described());
            self.complain(self.span(expr), message, None);
        }
        Kind::Boolean
    }

    fn sum(&mut self, expr: &IdedExpr, left: &IdedExpr, right: &IdedExpr) -> Kind {
        let (left, right) = (self.kind(left), self.kind(right));
        match (&left, &right) {
            (Kind::Text | Kind::Integer | Kind::Real, other) if *other == left => left,
            (Kind::List(_), Kind::List(_)) => joined(left, right),
            (Kind::Any | Kind::Nothing, _) | (_, Kind::Any | Kind::Nothing) => Kind::Any,
            _ => self.unfit(expr, &left, &right),
        }
    }

    fn function(&mut self, expr: &IdedExpr, call: &CallExpr) -> Kind {
        let name = call.func_name.as_str();
        let Some(function) = function(name) else {
            call.args.iter().chain(call.target.as_deref()).for_each(|argument| drop(self.kind(argument)));
            let help = suggest(name, FUNCTIONS.iter().map(|function| function.name));
            let span = self.name_span(expr, name);
            return self.complain(span, format!("there is no function `{name}`"), help);
        };
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (function.call, call.target.is_some(), arguments.as_slice()) {
            (Call::Text(_) | Call::Checked(_), false, [text]) => {
                self.text(text);
                Kind::Text
            }
            (Call::Take, false, [text, count]) => {
                self.text(text);
                let kind = self.kind(count);
                if !matches!(kind, Kind::Integer | Kind::Any) {
                    self.complain(self.span(count), "a whole number is wanted here", None);
                }
                Kind::Text
            }
            (Call::Join, false, [list, between]) => {
                let kind = self.kind(list);
                if !matches!(kind.element(), Some(Kind::Text | Kind::Any | Kind::Nothing)) {
                    let message = format!("a list of texts is wanted here, not {}", kind.described());
                    self.complain(self.span(list), message, None);
                }
                self.text(between);
                Kind::Text
            }
            (Call::Cel, method, arguments) => self.cel(expr, function, method, arguments),
            _ => self.misused(expr, function),
        }
    }

    /// The functions that CEL brings.
    fn cel(&mut self, expr: &IdedExpr, function: &Function, method: bool, arguments: &[&IdedExpr]) -> Kind {
        match (function.name, method, arguments) {
            ("size", _, [sized]) => {
                let kind = self.kind(sized);
                if !matches!(kind, Kind::Text | Kind::Any | Kind::List(_) | Kind::Engagements | Kind::Map(_)) {
                    self.complain(self.span(sized), format!("{} has no size", kind.described()), None);
                }
                Kind::Integer
            }
            ("contains" | "startsWith" | "endsWith" | "matches", true, [text, other]) => {
                self.text(text);
                self.text(other);
                if function.name == "matches"
                    && let Expr::Literal(LiteralValue::String(pattern)) = &other.expr
                    && let Err(error) = regex::Regex::new(pattern.inner())
                {
                    let cause = error.to_string();
                    let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                    self.complain(self.span(other), format!("not a regular expression: {cause}"), None);
                }
                Kind::Boolean
            }
            ("string" | "int" | "double", false, [value]) => {
                let kind = self.kind(value);
                if !kind.is_plain() {
                    self.complain(self.span(value), format!("{} cannot be converted", kind.described()), None);
                }
                match function.name {
                    "string" => Kind::Text,
                    "int" => Kind::Integer,
                    _ => Kind::Real,
                }
            }
            _ => self.misused(expr, function),
        }
    }

    fn misused(&mut self, expr: &IdedExpr, function: &Function) -> Kind {
        let span = self.name_span(expr, function.name);
        let help = Some(format!("it is used like this: {}", function.usage));
        self.complain(span, format!("`{}` cannot be used like this", function.name), help)
    }
}
