//! References between accounts: whoever is referred to is made first, what goes round in a circle is tied afterwards,
//! and what cannot be tied yet waits.

use super::ground::Ground;
use crate::error::CliError;
use sluss_engine::account::AccountRef;
use sluss_engine::change::Edit;
use sluss_engine::person::PersonId;
use sluss_engine::plan::Action;
use sluss_engine::value::Value;
use sluss_store::{Body, Entry, Phase};
use std::collections::HashMap;

/// The deepest chain of accounts that are made one after the other; what is deeper is tied afterwards.
const DEEPEST: usize = 90;

/// A change that refers to somebody's account.
#[derive(Debug, Clone, Copy)]
pub struct Refer {
    /// The change.
    pub change: u64,
    /// The object that it makes or changes.
    pub object: u64,
    /// Whose account is referred to.
    pub to: PersonId,
    /// The rule of that account.
    pub rule: u32,
    /// The rule of the object itself.
    pub from: u32,
    /// Whether the object is made.
    pub makes: bool,
}

/// Puts the changes of a round that refer to accounts in an order in which they can be carried out.
pub fn order(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let mut refers = std::mem::take(&mut ground.refers);
    let mut needs: HashMap<u64, u64> = HashMap::new();
    let mut untied = Vec::new();
    for (place, refer) in refers.iter().enumerate() {
        let rule = &ground.policy.accounts[refer.rule as usize].name;
        match ground.store.account_at(refer.to, rule)? {
            None => untied.push(place),
            // It is made by a later round.
            Some((account, _)) if ground.foreseen.makes(account) && !ground.foreseen.makes(refer.object) => {
                untied.push(place);
            }
            Some((_, true)) => {}
            Some((account, false)) => _ = needs.insert(refer.object, account),
        }
    }
    for place in &untied {
        untie(ground, refers[*place], true)?;
    }
    let (mut untied, mut places) = (untied.into_iter().peekable(), 0..);
    refers.retain(|_| places.next().is_none_or(|place| untied.next_if_eq(&place).is_none()));
    for refer in refers {
        if !needs.contains_key(&refer.object) {
            continue;
        }
        match depth(&needs, refer.object) {
            Some(depth) if refer.makes => ground.store.defer(refer.change, Phase(Phase::MAKE.0 + depth as i64))?,
            Some(_) => {}
            None => untie(ground, refer, false)?,
        }
    }
    Ok(())
}

/// How many accounts must be made before this one; none if that goes round in a circle or too deep.
fn depth(needs: &HashMap<u64, u64>, object: u64) -> Option<usize> {
    let mut at = object;
    for depth in 0..DEEPEST {
        match needs.get(&at) {
            None => return Some(depth),
            Some(next) => at = *next,
        }
    }
    None
}

/// Takes the reference out of the change. It is made afterwards, or, where there is no account to refer to, once there is.
fn untie(ground: &mut Ground<'_>, refer: Refer, wait: bool) -> Result<(), CliError> {
    let Some(entry) = ground.store.entry(refer.change)? else { return Ok(()) };
    if wait && let Some(person) = entry.person {
        ground.store.wait(person, refer.to)?;
    }
    let accounts = &ground.policy.accounts;
    let (rule, from) = (&accounts[refer.rule as usize].name, &accounts[refer.from as usize].name);
    let reference = AccountRef::new(refer.to, rule, from).value();
    let points = |values: &[Value]| values.contains(&reference);
    let (body, names, label, reasons) = match entry.body {
        Body::Create { mut attributes, members, reasons } => {
            let names = attributes.extract_if(.., |(_, values)| points(values)).map(|(name, _)| name).collect();
            (Some(Body::Create { attributes, members, reasons: reasons.clone() }), names, String::new(), reasons)
        }
        Body::Update { mut edits, label, reasons } => {
            let names: Vec<String> = edits
                .extract_if(.., |(_, edit)| matches!(edit, Edit::Replace(values) if points(values)))
                .map(|(name, _)| name)
                .collect();
            let body =
                (!edits.is_empty()).then(|| Body::Update { edits, label: label.clone(), reasons: reasons.clone() });
            (body, names, label, reasons)
        }
        Body::Remove { .. } | Body::Members { .. } | Body::Licences { .. } => return Ok(()),
    };
    match body {
        Some(body) => ground.store.rewrite(refer.change, &body)?,
        None => ground.store.strike(refer.change)?,
    }
    if wait {
        return Ok(());
    }
    let label =
        if label.is_empty() { ground.store.remote(refer.object)?.map_or(label, |(_, label)| label) } else { label };
    let edits = names.into_iter().map(|name| (name, Edit::Replace(vec![reference.clone()]))).collect();
    ground.store.enter(&Entry {
        id: 0,
        target: entry.target,
        phase: Phase::REFER,
        object: refer.object,
        action: Action::Update,
        person: entry.person,
        body: Body::Update { edits, label, reasons },
    })?;
    Ok(())
}
