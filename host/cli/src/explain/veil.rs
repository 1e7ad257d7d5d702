//! Taking out of an explanation what nobody may read of a person whose data is protected: names, values, and where the
//! person works.

use super::{Account, Someone};
use crate::run::VEIL;

/// Leaves what an operator needs to find the fault, and nothing by which the person could be found.
pub fn veil(person: &mut Someone) {
    person.veiled = true;
    person.label = person.id.clone();
    person.names.clear();
    for said in &mut person.said {
        // That somebody says so is no secret here; what they say is.
        if said.attribute != "protected" {
            hide(&mut said.value);
            said.overruled.iter_mut().for_each(|(value, _)| hide(value));
        }
    }
    person.engagements.iter_mut().for_each(|engagement| hide(&mut engagement.what));
    person.accounts.iter_mut().for_each(account);
}

fn account(account: &mut Account) {
    account.id.iter_mut().for_each(hide);
    account.attributes.iter_mut().for_each(|(_, value, _)| hide(value));
    account.rights.iter_mut().for_each(|(group, ..)| hide(group));
}

fn hide(text: &mut String) {
    VEIL.clone_into(text);
}
