//! Accounts that Active Directory owns and Microsoft's synchronisation brings: found, not made, and given what Graph owns.

use crate::change::{Step, licensed};
use crate::fields::{ANCHOR, ENABLED, Field, LICENCE, LOCATION, NAME};
use crate::graph::{Graph, quoted, with_options};
use crate::licence;
use crate::post::Part;
use crate::user::lacks;
use crate::wish::Wish;
use crate::work::{Failure, Work, applied, made_id, unchanged};
use serde_json::Value as Json;
use sluss_sdk::{Edit, Error, Outcome};

impl<G: Graph> Work<'_, G> {
    /// Finds the account that the synchronisation brought, and gives it what is Graph's.
    pub async fn meet_user(&self, change: u64, wish: &Wish) -> Result<Outcome, Failure> {
        only_graphs_own(wish.edits(), true)?;
        let (field, value) = match (wish.text(ANCHOR), wish.text(NAME)) {
            (Some(anchor), _) => (ANCHOR, anchor),
            (None, Some(name)) => (NAME, name),
            (None, None) => return Err(lacks(NAME).into()),
        };
        let filter = format!("{field} eq {}", quoted(value));
        let select = format!("id,{NAME},onPremisesSyncEnabled,{LOCATION},licenseAssignmentStates");
        let options = [("$filter", filter.as_str()), ("$select", &select), ("$count", "true")];
        let part = Part::new("GET", with_options("/users", &options)).eventual();
        let Some(user) = self.first(change, part, "tell the account").await? else {
            let message = "The account is not in Entra yet: the directory synchronisation brings it";
            return Err(Error::invalid(message).into());
        };
        if user["onPremisesSyncEnabled"] != true {
            let message = "The account is in Entra, but does not come from Active Directory: in the mode `hybrid` it is left alone";
            return Err(Error::invalid(message).into());
        }
        let id = made_id(&user["id"])?;
        let mut body = wish.body(&Json::Null, self.settings)?;
        body.retain(|name, value| name == LOCATION && *value != user[LOCATION]);
        let steps = self.steps(&id, wish, body, &user)?;
        if steps.is_empty() {
            return Ok(unchanged(&id));
        }
        self.carry_out(change, &id, steps).await?;
        self.memory.forget(change);
        Ok(applied(&id, Vec::new()))
    }

    /// Takes back from an account of Active Directory what is Sluss's. The account itself goes with its original.
    pub async fn let_go(&self, change: u64, id: &str) -> Result<Outcome, Failure> {
        // Where its original is gone, so is it.
        let user = self.account(change, id, "id,licenseAssignmentStates").await?;
        let catalogue = self.known.catalogue().unwrap_or_default();
        let difference = catalogue.difference([&Edit::Replace(Vec::new())], licence::direct(&user))?;
        if difference.is_empty() {
            return Ok(unchanged(id));
        }
        self.ask(change, licensed(id, &difference), Step::Licence.what()).await?;
        self.memory.forget(change);
        Ok(applied(id, Vec::new()))
    }
}

/// Refuses what Active Directory owns. In the mode `hybrid`, what says who somebody is may be said all the same, since
/// that is how the account is found.
pub fn only_graphs_own<'e>(
    edits: impl IntoIterator<Item = (&'static Field, &'e Edit)>,
    is_hybrid: bool,
) -> Result<(), Error> {
    const OWN: [&str; 2] = [LOCATION, LICENCE];
    const TOLD: [&str; 4] = [NAME, "displayName", ANCHOR, ENABLED];
    let is_fine = |name: &str| OWN.contains(&name) || is_hybrid && TOLD.contains(&name);
    match edits.into_iter().find(|(field, _)| !is_fine(field.name)) {
        None => Ok(()),
        Some((field, _)) => {
            let message = format!(
                "`{}` comes from Active Directory, which owns the account: take it out of the rule, and write it there",
                field.name
            );
            Err(Error::invalid(message).attribute(field.name))
        }
    }
}
