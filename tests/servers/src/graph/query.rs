//! What a request asks for beside its path: OData's options, and the headers that matter to them.

use super::fault::Fault;
use super::filter::{self, Expression};
use super::object::Kind;
use super::properties;

/// The most objects of a page.
const MOST: usize = 999;

/// The options of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pairs: Vec<(String, String)>,
    /// Whether the answer may be old: `ConsistencyLevel: eventual`.
    pub is_eventual: bool,
    /// Whether only what changed is wanted: `Prefer: return=minimal`.
    pub is_minimal: bool,
}

impl Query {
    /// Reads the part of an address behind the question mark.
    pub fn read(text: &str) -> Result<Query, Fault> {
        let known = [
            "$select",
            "$filter",
            "$top",
            "$search",
            "$orderby",
            "$expand",
            "$count",
            "$skiptoken",
            "$deltatoken",
            "$format",
        ];
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let lower = name.to_lowercase();
            // An option may leave its sign out.
            let signed = if lower.starts_with('$') { lower } else { format!("${lower}") };
            match known.contains(&signed.as_str()) {
                true if pairs.iter().any(|(known, _)| *known == signed) => {
                    return Err(Fault::new(
                        400,
                        "BadRequest",
                        format!("Query option '{signed}' was specified more than once."),
                    ));
                }
                true => pairs.push((signed, value.into_owned())),
                false if name.starts_with('$') => {
                    return Err(Fault::new(
                        400,
                        "BadRequest",
                        format!("The query parameter '{name}' is not supported."),
                    ));
                }
                false => {}
            }
        }
        Ok(Query { pairs, ..Query::default() })
    }

    /// The same options, with what two headers say to them.
    pub fn with(self, consistency: &str, prefer: &str) -> Query {
        let is_eventual = consistency.eq_ignore_ascii_case("eventual");
        Query { is_eventual, is_minimal: prefer.contains("return=minimal"), ..self }
    }

    /// An option as it came.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The options again, without those of the last page.
    pub fn carried(&self) -> Vec<(String, String)> {
        let kept = |(name, _): &&(String, String)| !matches!(name.as_str(), "$skiptoken" | "$deltatoken");
        self.pairs.iter().filter(kept).cloned().collect()
    }

    /// How many objects a page shall have.
    pub fn top(&self) -> Result<Option<usize>, Fault> {
        let Some(text) = self.get("$top") else { return Ok(None) };
        match text.parse() {
            Ok(top @ 1..=MOST) => Ok(Some(top)),
            _ => {
                Err(Fault::bad(format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")))
            }
        }
    }

    /// Whether all that fit shall be counted, which only old answers can be.
    pub fn counts(&self) -> bool {
        self.is_eventual && self.get("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The properties that are asked for, as they are spelt.
    pub fn select(&self, kind: Option<Kind>, extensions: impl Fn(&str) -> bool) -> Result<Option<Vec<String>>, Fault> {
        let Some(text) = self.get("$select") else { return Ok(None) };
        let mut names = Vec::new();
        for asked in text.split(',').map(str::trim) {
            let kinds = kind.map_or(vec![Kind::User, Kind::Group], |kind| vec![kind]);
            let found = kinds.iter().find_map(|kind| properties::find(*kind, asked));
            let name = match found {
                Some(property) => property.name.to_owned(),
                None if extensions(asked) || matches!(asked, "manager" | "members" | "passwordProfile") => {
                    asked.to_owned()
                }
                None => {
                    let resource = if kind == Some(Kind::Group) { "group" } else { "user" };
                    let message =
                        format!("Could not find a property named '{asked}' on type 'microsoft.graph.{resource}'.");
                    return Err(Fault::new(400, "BadRequest", message));
                }
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Some(names))
    }

    /// The filter, if it may be asked like this.
    pub fn filter(&self, kind: Kind) -> Result<Option<Expression>, Fault> {
        let Some(text) = self.get("$filter") else { return Ok(None) };
        let expression = filter::parse(text)?;
        let needs = expression.needs_advanced(kind)?;
        if needs && !self.counts() {
            return Err(Fault::unsupported(
                "Unsupported or invalid query filter clause specified: it needs the header 'ConsistencyLevel: eventual' \
                 and '$count=true'.",
            ));
        }
        Ok(Some(expression))
    }

    /// The property that objects shall be in the order of, and whether it is turned round.
    pub fn order(&self, kind: Kind) -> Result<Option<(&'static str, bool)>, Fault> {
        let Some(text) = self.get("$orderby") else { return Ok(None) };
        let (name, turned) = match text.trim().split_once(' ') {
            Some((name, "desc")) => (name, true),
            Some((name, "asc")) => (name, false),
            _ => (text.trim(), false),
        };
        let plain = ["displayName", "userPrincipalName"];
        let advanced = ["createdDateTime", "deletedDateTime"];
        let property = properties::find(kind, name).map(|property| property.name);
        match property {
            Some(name) if plain.contains(&name) && (self.get("$filter").is_none() || self.counts()) => {
                Ok(Some((name, turned)))
            }
            Some(name) if advanced.contains(&name) && self.counts() => Ok(Some((name, turned))),
            _ => Err(Fault::unsupported("Sorting not supported for current query.")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_with_and_without_their_sign() {
        let query = Query::read("$Select=id,DISPLAYNAME&top=5&%24count=true&x=1").unwrap();
        let names = query.select(Some(Kind::User), |_| false).unwrap();
        assert_eq!(names, Some(vec!["id".to_owned(), "displayName".to_owned()]));
        assert_eq!(query.top().unwrap(), Some(5));
        assert!(!query.counts());
        assert!(Query { is_eventual: true, ..query }.counts());
        for wrong in ["$top=0", "$top=1000", "$top=x"] {
            assert!(Query::read(wrong).unwrap().top().is_err(), "{wrong}");
        }
        for wrong in ["$skip=1", "$top=1&top=2"] {
            assert!(Query::read(wrong).is_err(), "{wrong}");
        }
        assert!(Query::read("$select=nonsense").unwrap().select(Some(Kind::User), |_| false).is_err());
    }
}
