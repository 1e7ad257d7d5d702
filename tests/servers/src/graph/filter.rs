//! Filters: the part of OData's grammar that directory objects know, read and weighed against the table of what may be
//! asked how.

use super::fault::Fault;
use super::object::{Kind, Properties};
use super::properties::{self, Operator, Property, Support};
use serde_json::Value;

mod read;

pub use read::parse;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `eq`
    Equal,
    /// `ne`
    Other,
    /// `gt`
    Greater,
    /// `ge`
    Least,
    /// `lt`
    Less,
    /// `le`
    Most,
}

/// Where a value is: the names on the way to it. Nothing is the value that a lambda is about.
pub type Path = Vec<String>;

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Both.
    And(Box<Expression>, Box<Expression>),
    /// One of them, or both.
    Or(Box<Expression>, Box<Expression>),
    /// Not.
    Not(Box<Expression>),
    /// A comparison with a value.
    Compare(Path, Relation, Value),
    /// One of many values.
    In(Path, Vec<Value>),
    /// The beginning of a text.
    StartsWith(Path, String),
    /// The end of a text.
    EndsWith(Path, String),
    /// One of many for which something holds, or any at all.
    Any(Path, Option<Box<Expression>>),
    /// How many there are.
    Count(Path, Relation, i64),
}

impl Expression {
    /// Whether it needs the advanced capabilities; a refusal if even these would not do.
    pub fn needs_advanced(&self, kind: Kind) -> Result<bool, Fault> {
        self.weigh(kind, None)
    }

    fn weigh(&self, kind: Kind, within: Option<&'static Property>) -> Result<bool, Fault> {
        let property = |path: &Path| {
            within
                .or_else(|| path.first().and_then(|name| properties::find(kind, name)))
                .ok_or_else(|| unsupported(kind, path))
        };
        let weigh = |path: &Path, operator| match property(path)?.support(operator) {
            Support::Plain => Ok(false),
            Support::Advanced => Ok(true),
            Support::None => Err(unsupported(kind, path)),
        };
        match self {
            Expression::And(one, other) | Expression::Or(one, other) => {
                Ok(one.weigh(kind, within)? | other.weigh(kind, within)?)
            }
            Expression::Not(inner) => inner.weigh(kind, within).map(|_| true),
            Expression::Compare(path, relation, value) => {
                let operator = match relation {
                    Relation::Equal | Relation::Other if value.is_null() => Operator::Null,
                    Relation::Equal | Relation::Other => Operator::Equal,
                    Relation::Greater | Relation::Least => Operator::Least,
                    Relation::Less | Relation::Most => Operator::Most,
                };
                Ok(weigh(path, operator)? | (*relation == Relation::Other))
            }
            // What the table says nothing of works wherever equality does.
            Expression::In(path, _) => weigh(path, Operator::In).or_else(|_| weigh(path, Operator::Equal)),
            Expression::StartsWith(path, _) => weigh(path, Operator::StartsWith),
            Expression::EndsWith(path, _) if property(path)?.ends_with() => Ok(true),
            Expression::EndsWith(path, _) => Err(unsupported(kind, path)),
            Expression::Any(path, inner) => match inner {
                None => weigh(path, Operator::Equal),
                Some(inner) => inner.weigh(kind, Some(property(path)?)),
            },
            Expression::Count(path, ..) => property(path).map(|_| true),
        }
    }

    /// Whether it holds of an object.
    pub fn holds(&self, of: &Properties) -> bool {
        self.is_true(Of::Object(of))
    }

    fn is_true(&self, of: Of<'_>) -> bool {
        match self {
            Expression::And(one, other) => one.is_true(of) && other.is_true(of),
            Expression::Or(one, other) => one.is_true(of) || other.is_true(of),
            Expression::Not(inner) => !inner.is_true(of),
            Expression::Compare(path, relation, value) => compares(find(of, path), *relation, value),
            Expression::In(path, values) => values.iter().any(|value| compares(find(of, path), Relation::Equal, value)),
            Expression::StartsWith(path, text) => {
                affix(find(of, path), |value| value.starts_with(&text.to_lowercase()))
            }
            Expression::EndsWith(path, text) => affix(find(of, path), |value| value.ends_with(&text.to_lowercase())),
            Expression::Any(path, inner) => {
                let mut many = find(of, path).as_array().into_iter().flatten();
                many.any(|one| inner.as_ref().is_none_or(|inner| inner.is_true(Of::Value(one))))
            }
            Expression::Count(path, relation, number) => {
                let count = find(of, path).as_array().map_or(0, Vec::len);
                compares(&Value::from(count), *relation, &Value::from(*number))
            }
        }
    }
}

/// What a filter, or a part of it, is about.
#[derive(Clone, Copy)]
enum Of<'a> {
    Object(&'a Properties),
    Value(&'a Value),
}

fn unsupported(kind: Kind, path: &Path) -> Fault {
    Fault::unsupported(format!(
        "Unsupported or invalid query filter clause specified for property '{}' of resource '{}'.",
        path.join("/"),
        kind.resource()
    ))
}

fn find<'a>(of: Of<'a>, path: &Path) -> &'a Value {
    let found = path.iter().try_fold(of, |of, name| {
        let object = match of {
            Of::Object(object) => Some(object),
            Of::Value(value) => value.as_object(),
        }?;
        let own = object.get(name);
        let own = own.or_else(|| object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, own)| own));
        own.map(Of::Value)
    });
    match found {
        Some(Of::Value(value)) => value,
        _ => &Value::Null,
    }
}

fn affix(value: &Value, is: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(&text.to_lowercase()),
        // Of a property with many texts, one is enough.
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).any(|text| is(&text.to_lowercase())),
        _ => false,
    }
}

fn compares(value: &Value, relation: Relation, with: &Value) -> bool {
    let order = match (value, with) {
        (Value::String(value), Value::String(with)) => Some(value.to_lowercase().cmp(&with.to_lowercase())),
        (Value::Number(value), Value::Number(with)) => {
            value.as_f64().zip(with.as_f64()).and_then(|(value, with)| value.partial_cmp(&with))
        }
        (Value::Bool(value), Value::Bool(with)) => Some(value.cmp(with)),
        (Value::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
        _ => None,
    };
    match (relation, order) {
        (Relation::Other, order) => order.is_none_or(std::cmp::Ordering::is_ne),
        (_, None) => false,
        (Relation::Equal, Some(order)) => order.is_eq(),
        (Relation::Greater, Some(order)) => order.is_gt(),
        (Relation::Least, Some(order)) => order.is_ge(),
        (Relation::Less, Some(order)) => order.is_lt(),
        (Relation::Most, Some(order)) => order.is_le(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(filter: &str) -> bool {
        let user = json!({
            "id": "0e226165-c685-41ce-8bfc-df8360ab325d",
            "userPrincipalName": "anna.ek@kommun.test",
            "displayName": "Anna 'Ek'",
            "accountEnabled": true,
            "employeeId": null,
            "proxyAddresses": ["SMTP:anna@kommun.test", "smtp:ek@kommun.test"],
            "assignedLicenses": [{"skuId": "6fd2c87f-b296-42f0-b197-1e91e994b900"}],
            "onPremisesExtensionAttributes": {"extensionAttribute1": "x"},
            "createdDateTime": "2026-01-02T03:04:05Z",
        });
        let filter = parse(filter).unwrap_or_else(|fault| panic!("{filter}: {fault}"));
        filter.holds(user.as_object().unwrap())
    }

    #[test]
    fn filters_hold_or_not() {
        for (filter, expected) in [
            ("userPrincipalName eq 'ANNA.EK@kommun.test'", true),
            ("displayName eq 'Anna ''Ek'''", true),
            ("accountEnabled eq false", false),
            ("accountEnabled ne false", true),
            ("not(accountEnabled eq false) AND startsWith(displayName,'anna')", true),
            ("employeeId eq null", true),
            ("employeeId ne 'x' and (id in ('a', '0E226165-c685-41ce-8bfc-df8360ab325d'))", true),
            ("proxyAddresses/any(p:p eq 'smtp:EK@kommun.test')", true),
            ("proxyAddresses/any(p: startswith(p, 'SMTP:x') or endsWith(p,'ek@kommun.test'))", true),
            ("assignedLicenses/any(l:l/skuId eq 6fd2c87f-b296-42f0-b197-1e91e994b900)", true),
            ("assignedLicenses/$count ne 1", false),
            ("assignedLicenses/any()", true),
            ("otherMails/any()", false),
            ("onPremisesExtensionAttributes/extensionAttribute1 eq 'x'", true),
            ("createdDateTime ge 2026-01-02T00:00:00Z", true),
            ("displayName eq 'b' or displayName eq 'c' and id eq 'd'", false),
            ("id eq 'x' and id eq 'y' or accountEnabled eq true", true),
        ] {
            assert_eq!(holds(filter), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for wrong in [
            "",
            "id",
            "id eq",
            "id eq 'x",
            "id eq x",
            "(id eq 'x'",
            "id eq 'x')",
            "id in ()",
            "id in ('x'",
            "contains(id,'x')",
            "id eq 'x' or",
            "proxyAddresses/any(p)",
            "proxyAddresses/all(p:p eq 'x')",
            "proxyAddresses/any(p:q eq 'x')",
            "startsWith(id)",
            "id like 'x'",
            "id eq 'x' id eq 'y'",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn some_need_the_advanced_capabilities() {
        let needs = |filter: &str| parse(filter).and_then(|filter| filter.needs_advanced(Kind::User));
        for (filter, expected) in [
            ("userPrincipalName eq 'x'", false),
            ("employeeId eq 'x'", false),
            ("employeeId in ('x')", false),
            ("employeeId eq null", true),
            ("onPremisesImmutableId eq 'x'", true),
            ("proxyAddresses/any(p:p eq 'x')", false),
            ("proxyAddresses/any(p:endsWith(p,'x'))", true),
            ("endsWith(mail,'x')", true),
            ("accountEnabled ne true", true),
            ("not(accountEnabled eq true)", true),
            ("assignedLicenses/$count eq 0", true),
            ("assignedLicenses/any(l:l/skuId eq 6fd2c87f-b296-42f0-b197-1e91e994b900)", false),
            ("id eq 'x' or companyName eq 'y'", true),
        ] {
            assert_eq!(needs(filter), Ok(expected), "{filter}");
        }
        for wrong in [
            "passwordProfile/password eq 'x'",
            "endsWith(displayName,'x')",
            "licenseAssignmentStates/any()",
            "skills/any(s:s eq 'x')",
            "manager/id eq 'x'",
        ] {
            assert!(needs(wrong).is_err(), "{wrong}");
        }
    }
}
