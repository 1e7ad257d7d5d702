//! References between accounts: whoever is referred to is made first, what goes round in a circle is tied afterwards,
//! and what cannot be tied yet waits.

use super::ground::Ground;
use crate::error::CliError;
use sluss_engine::account::AccountRef;
use sluss_engine::change::Edit;
use sluss_engine::person::PersonId;
use sluss_engine::plan::Action;
use sluss_engine::value::Value;
use sluss_store::{Body, Entry, Known, Phase, Store, StoreError};

/// The deepest chain of accounts that are made one after the other; what is deeper is tied afterwards.
const DEEPEST: u8 = 90;

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
    pub rule: u16,
    /// The rule of the object itself.
    pub from: u16,
    /// Whether the object is made.
    pub makes: bool,
}

/// The accounts of somebody that refer to an account, each with what it refers to it by.
pub fn referring(store: &Store, known: &Known, managed: PersonId) -> Result<Vec<(Known, Value)>, StoreError> {
    let Some(person) = known.person else { return Ok(Vec::new()) };
    let accounts = store.accounts_of(managed)?.into_iter().filter(|account| account.target == known.target);
    let with_reference = accounts.map(|account| {
        let reference = AccountRef::new(person, &known.rule, &account.rule).value();
        (account, reference)
    });
    let points =
        |(account, reference): &(Known, Value)| account.attributes.iter().any(|(_, own)| own.contains(reference));
    Ok(with_reference.filter(points).collect())
}

/// An account was removed by somebody else: nothing refers to it any longer, and who did is decided again. Whom that
/// concerns.
pub fn unpoint(store: &mut Store, known: &Known) -> Result<Vec<PersonId>, StoreError> {
    let Some(person) = known.person else { return Ok(Vec::new()) };
    let mut concerned = Vec::new();
    for managed in store.managed_by(person)? {
        for (mut account, reference) in referring(store, known, managed)? {
            account.attributes.iter_mut().for_each(|(_, values)| values.retain(|value| *value != reference));
            if let Some(remote) = &account.remote {
                store.observed(account.id, remote, account.version.as_deref(), &account.attributes)?;
            }
            store.wake(managed)?;
            concerned.push(managed);
        }
    }
    Ok(concerned)
}

/// Puts the changes of a round that refer to accounts in an order in which they can be carried out.
pub fn order(ground: &mut Ground<'_>) -> Result<(), CliError> {
    let mut refers = std::mem::take(&mut ground.refers);
    let mut needs = Needs::default();
    let mut untied = Vec::new();
    for (place, refer) in refers.iter().enumerate() {
        let rule = &ground.policy.accounts[refer.rule as usize].name;
        match ground.store.account_at(refer.to, rule)? {
            None => untied.push((place, Untied::Nobody)),
            // It is made by a later round.
            Some((account, _)) if ground.foreseen.makes(account) && !ground.foreseen.makes(refer.object) => {
                untied.push((place, Untied::Later));
            }
            Some((_, true)) => {}
            Some((account, false)) => needs.pairs.push((refer.object, account)),
        }
    }
    for (place, why) in &untied {
        untie(ground, refers[*place], *why)?;
    }
    let (mut untied, mut places) = (untied.into_iter().map(|(place, _)| place).peekable(), 0..);
    refers.retain(|_| places.next().is_none_or(|place| untied.next_if_eq(&place).is_none()));
    needs.sort();
    for refer in refers {
        match needs.depth(refer.object, 0) {
            Some(0) => {}
            Some(depth) if refer.makes => ground.store.defer(refer.change, Phase(Phase::MAKE.0 + i64::from(depth)))?,
            Some(_) => {}
            None => untie(ground, refer, Untied::Circle)?,
        }
    }
    Ok(())
}

/// Why a reference cannot be made together with the rest of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Untied {
    /// It is part of a circle.
    Circle,
    /// There is no such account.
    Nobody,
    /// A later round makes the account.
    Later,
}

/// The accounts that objects refer to and that have yet to be made. There may be one for everybody, so they are packed.
#[derive(Debug, Default)]
struct Needs {
    /// Objects with the accounts that they refer to, in order.
    pairs: Vec<(u64, u64)>,
    /// For the first pair of each object, how many accounts are made one after the other before it.
    depths: Vec<u8>,
}

/// Nobody asked yet.
const UNKNOWN: u8 = u8::MAX;
/// It goes round in a circle, is too deep, or is on the way of whoever asks.
const ENDLESS: u8 = u8::MAX - 1;

impl Needs {
    /// Puts them in order, once all are there.
    fn sort(&mut self) {
        self.pairs.sort_unstable();
        self.depths = vec![UNKNOWN; self.pairs.len()];
    }

    /// How many accounts must be made one after the other before this object, which is `above` steps below who asked
    /// first; none if that goes round in a circle or too deep.
    fn depth(&mut self, object: u64, above: u8) -> Option<u8> {
        let first = self.pairs.partition_point(|(own, _)| *own < object);
        let count = self.pairs[first..].iter().take_while(|(own, _)| *own == object).count();
        if count == 0 {
            return Some(0);
        }
        match self.depths[first] {
            UNKNOWN => {}
            ENDLESS => return None,
            known => return Some(known),
        }
        self.depths[first] = ENDLESS;
        if above >= DEEPEST {
            return None;
        }
        let mut deepest = 0;
        for place in first..first + count {
            deepest = deepest.max(self.depth(self.pairs[place].1, above + 1)? + 1);
        }
        if deepest >= DEEPEST {
            return None;
        }
        self.depths[first] = deepest;
        Some(deepest)
    }
}

/// Takes the reference out of the change. It is made afterwards, or, where there is no account to refer to, once there is;
/// until then nobody else is referred to in its place.
fn untie(ground: &mut Ground<'_>, refer: Refer, why: Untied) -> Result<(), CliError> {
    let wait = why != Untied::Circle;
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
            let known = ground.store.object(refer.object)?.filter(|_| why == Untied::Nobody);
            let held = known.map(|known| known.attributes).unwrap_or_default();
            let holds = |name: &String| held.iter().any(|(own, values)| own == name && !values.is_empty());
            let points = |edit: &Edit| matches!(edit, Edit::Replace(values) if points(values));
            for (_, edit) in edits.iter_mut().filter(|(name, edit)| points(edit) && holds(name)) {
                *edit = Edit::Replace(Vec::new());
            }
            let names: Vec<String> = edits.extract_if(.., |(_, edit)| points(edit)).map(|(name, _)| name).collect();
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

#[cfg(test)]
mod tests {
    use super::{DEEPEST, Needs};

    fn needs(pairs: &[(u64, u64)]) -> Needs {
        let mut needs = Needs { pairs: pairs.to_vec(), ..Needs::default() };
        needs.sort();
        needs
    }

    #[test]
    fn whoever_is_referred_to_is_made_before_by_whatever_way() {
        assert_eq!(needs(&[(3, 2), (1, 2), (1, 3)]).depth(1, 0), Some(2), "two ways to one account");
        assert_eq!(needs(&[(1, 2), (2, 3), (3, 4)]).depth(1, 0), Some(3));
        assert_eq!(needs(&[(1, 2)]).depth(2, 0), Some(0));
        assert_eq!(needs(&[(1, 3), (1, 2), (2, 1)]).depth(1, 0), None, "a circle beside a way that ends");
        assert_eq!(needs(&[(1, 1)]).depth(1, 0), None);
        let chain: Vec<(u64, u64)> = (0..u64::from(DEEPEST) + 9).map(|at| (at, at + 1)).collect();
        assert_eq!(needs(&chain).depth(0, 0), None, "too deep");
        assert_eq!(needs(&chain).depth(12, 0), Some(DEEPEST - 3));
    }
}
