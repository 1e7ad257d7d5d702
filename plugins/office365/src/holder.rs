//! Who has what a new account was to have: an account that an earlier try made, somebody else, or one in the bin.

use crate::fields::{ANCHOR, NAME, NICKNAME, NUMBER};
use crate::graph::{Graph, quoted, with_options};
use crate::post::Part;
use crate::values::properties;
use crate::wish::Wish;
use crate::work::{Failure, Work, made_id, named};
use serde_json::Value as Json;
use sluss_sdk::{Error, ErrorKind};

impl<G: Graph> Work<'_, G> {
    /// Who has the name that a new account was to have: an account that an earlier try made is gone on with.
    ///
    /// Graph refuses a name before everybody sees who has it, so somebody who is not seen is looked for again.
    pub async fn holder(&self, change: u64, wish: &Wish, failure: Failure) -> Result<String, Failure> {
        let name = wish.text(NAME).unwrap_or_default();
        let mut select = vec!["id", NAME, NUMBER, ANCHOR];
        select.extend(wish.plain().flat_map(|(field, _)| properties(field, false)));
        select.sort_unstable();
        select.dedup();
        let filter = format!("{NAME} eq {}", quoted(name));
        let options = [("$filter", filter.as_str()), ("$select", &select.join(","))];
        let part = Part::new("GET", with_options("/users", &options));
        let found = self.first(change, part, "tell who has the name").await?;
        let target = failure.error.attribute.clone();
        let Some(holder) = found else {
            return Err(match target.as_deref() {
                Some("proxyAddresses") => self.address_taken(change, wish, failure).await?,
                Some(other) if other != NAME => failure,
                _ => self.again(change, named(failure, NAME)),
            });
        };
        let is_same = |key: &str| wish.text(key).is_some_and(|own| holder[key].as_str() == Some(own));
        if !is_same(NUMBER) && !is_same(ANCHOR) {
            return Err(named(failure, NAME));
        }
        if wish.is_met_by(&holder) {
            return made_id(&holder["id"]);
        }
        let message = "An account with this name and this number of an employee is there, but otherwise than Sluss would \
                       have made it: see whose it is, and link it with `sluss adopt`";
        Err(Error { kind: ErrorKind::Invalid, message: message.to_owned(), attribute: None, ..failure.error }.into())
    }

    /// Which of what a new account was to have is somebody's address. Nobody writes addresses themselves: they come from
    /// the account's name and from what its addresses begin with.
    async fn address_taken(&self, change: u64, wish: &Wish, failure: Failure) -> Result<Failure, Failure> {
        let name = wish.text(NAME).unwrap_or_default();
        let filter = format!("proxyAddresses/any(a:a eq {})", quoted(&format!("smtp:{name}")));
        for place in ["/users", "/groups"] {
            let options = [("$filter", filter.as_str()), ("$select", "id")];
            let part = Part::new("GET", with_options(place, &options));
            if self.first(change, part, "tell who has the address").await?.is_some() {
                return Ok(named(failure, NAME));
            }
        }
        let by = if wish.text(NICKNAME).is_some() { NICKNAME } else { NAME };
        Ok(named(failure, by))
    }

    /// The account in the bin that whoever comes back had, if there is one.
    pub async fn binned(&self, change: u64, wish: &Wish) -> Result<Option<String>, Failure> {
        let (Some(number), Some(name)) = (wish.text(NUMBER), wish.text(NAME)) else { return Ok(None) };
        let filter = format!("{NUMBER} eq {}", quoted(number));
        let select = format!("id,{NAME},{NUMBER},{ANCHOR}");
        let options = [("$filter", filter.as_str()), ("$select", &select), ("$count", "true")];
        let url = with_options("/directory/deletedItems/microsoft.graph.user", &options);
        let (_, found) = self.list(change, Part::new("GET", url).eventual(), "look into the bin").await?;
        let is_theirs = |object: &&Json| {
            let anchor = wish.text(ANCHOR).is_some_and(|own| object[ANCHOR].as_str() == Some(own));
            object[NUMBER].as_str() == Some(number)
                && (anchor || object[NAME].as_str().is_some_and(|old| had(old, name)))
        };
        let mut theirs = found.iter().filter(is_theirs);
        // Of two, nobody knows which.
        let (Some(one), None) = (theirs.next(), theirs.next()) else { return Ok(None) };
        made_id(&one["id"]).map(Some)
    }
}

/// Whether somebody in the bin had this name. In the bin it stands behind the account's id.
fn had(old: &str, name: &str) -> bool {
    let (old, name) = (old.to_ascii_lowercase(), name.to_ascii_lowercase());
    let before = old.strip_suffix(&name);
    before
        .is_some_and(|before| before.is_empty() || before.len() == 32 && before.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::had;

    #[test]
    fn in_the_bin_a_name_stands_behind_the_id() {
        let name = "anna.berg@example.org";
        assert!(had("6FD2c87fb29642f0b1971e91e994b900Anna.Berg@example.org", name) && had(name, name));
        assert!(!had("johanna.berg@example.org", name) && !had("anna.berg@example.com", name));
    }
}
