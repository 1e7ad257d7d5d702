//! What a server's schema knows: the names of its object classes and attributes (RFC 4512).

use super::server::{ANY, Server};
use crate::Error;
use crate::ldap::{Entry, Query, Scope};
use std::collections::HashSet;

/// The names that a schema knows, in lower case, and the numbers behind them.
#[derive(Debug, Default)]
pub struct Schema {
    classes: HashSet<String>,
    attributes: HashSet<String>,
}

impl Schema {
    /// The schema of a server; none where it does not show one.
    pub fn read(server: &impl Server, root: &Entry) -> Result<Option<Schema>, Error> {
        let Some(base) = root.values("subschemaSubentry").first() else { return Ok(None) };
        let query = Query {
            base: String::from_utf8_lossy(base).into_owned(),
            scope: Scope::Base,
            filter: ANY.to_owned(),
            attributes: vec!["objectClasses".to_owned(), "attributeTypes".to_owned()],
            with_guids: false,
        };
        let found = server.search(&query, None, 1)?.entries.into_iter().next();
        Ok(found.map(|entry| Schema::of(&entry)).filter(|schema| !schema.attributes.is_empty()))
    }

    /// What an entry of a schema says.
    pub fn of(entry: &Entry) -> Schema {
        let all = |name: &str| {
            let definitions = entry.values(name).iter().filter_map(|value| std::str::from_utf8(value).ok());
            definitions.flat_map(names).collect()
        };
        Schema { classes: all("objectClasses"), attributes: all("attributeTypes") }
    }

    /// Whether there is such an object class.
    pub fn has_class(&self, name: &str) -> bool {
        self.classes.contains(&name.to_ascii_lowercase())
    }

    /// Whether there is such an attribute, whatever its options.
    pub fn has_attribute(&self, name: &str) -> bool {
        let name = name.split(';').next().unwrap_or_default();
        self.attributes.contains(&name.to_ascii_lowercase())
    }
}

/// What a definition is called: `( 2.5.4.3 NAME ( 'cn' 'commonName' ) … )`.
fn names(definition: &str) -> Vec<String> {
    let inside = definition.trim_start().trim_start_matches('(').trim_start();
    let mut names: Vec<String> = inside.split_whitespace().next().map(str::to_owned).into_iter().collect();
    // A name stands before whatever an administrator may have written as a description.
    if let Some((_, behind)) = inside.split_once(" NAME ") {
        let behind = behind.trim_start();
        let quoted = match behind.strip_prefix('(') {
            Some(list) => list.split(')').next().unwrap_or_default().split('\'').skip(1).step_by(2).collect(),
            None => behind.split('\'').nth(1).into_iter().collect::<Vec<_>>(),
        };
        names.extend(quoted.into_iter().map(str::to_ascii_lowercase));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_has_a_number_and_any_number_of_names() {
        assert_eq!(
            names("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'NAME' SUP name )"),
            ["2.5.4.3", "cn", "commonname"]
        );
        assert_eq!(names("( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) )"), ["2.5.6.6", "person"]);
        assert_eq!(names("(1.2.3 DESC 'without' )"), ["1.2.3"]);
        assert!(names("").is_empty());
    }
}
