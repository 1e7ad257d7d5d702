//! The names that a person has, had, and is given now.

use super::{Deciding, Decision, about, speaker, told};
use crate::finding::Finding;
use crate::ledger::{Held, Ledger, Owner};
use crate::names;
use crate::person::{Engagement, Person, PersonId, PersonName, Protection};
use crate::policy::{NameRule, Protected, Scope};
use crate::stage::{Presence, Standing};
use crate::value::Attributes;
use jiff::ToSpan;
use jiff::civil::Date;

/// What is before the text that a made-up name is held for.
const VEILED: &str = "protected ";

/// A person's names.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Those in use, by kind.
    names: Vec<(String, String)>,
    /// Those before them that are kept for a while, by kind, the newest first.
    aliases: Vec<(String, Vec<String>)>,
    /// The day on which the first of these is kept no longer.
    pub(super) until: Option<Date>,
    /// Why one could not be had.
    pub(super) missing: Option<Finding>,
}

impl Named {
    /// What people call an account of the person.
    pub(super) fn label(&self, person: PersonId) -> String {
        self.names.first().map_or_else(|| format!("person {}", person.0), |(_, name)| name.clone())
    }

    /// Tells the rules.
    pub(super) fn tell(&self, scope: &mut Scope<'_>) {
        scope.set_names(&self.names);
        for (kind, aliases) in &self.aliases {
            scope.set_aliases(kind, aliases);
        }
    }
}

impl Deciding<'_> {
    /// The person's names: those held, and new ones where there is none or where the reason for it is gone.
    pub(super) fn names<L: Ledger>(
        &self,
        person: &Person,
        veil: bool,
        standing: &Standing,
        decision: &Decision,
        ledger: &mut L,
    ) -> Result<Named, L::Error> {
        let omitted = person.protection == Protection::Protected
            && self.policy.accounts.iter().all(|rule| rule.protected == Protected::Omit);
        let wanted = matches!(standing.presence, Presence::Open | Presence::Closed) && !omitted;
        let speaker = speaker(person, decision);
        let mut scope = None;
        let mut named = Named::default();
        let Named { names, missing, .. } = &mut named;
        for rule in &self.policy.names {
            let held = ledger.held(person.id, &rule.kind)?;
            if !wanted {
                names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                continue;
            }
            let scope = scope.get_or_insert_with(|| self.scope(person, standing, decision));
            let renew = match scope.renew_key(rule) {
                Ok(key) if veil => format!("{VEILED}{key}"),
                Ok(key) => key,
                Err(fault) => {
                    missing.get_or_insert(told(&fault, speaker));
                    names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                    continue;
                }
            };
            if let Some(held) = &held
                && held.renew == renew
            {
                names.push((rule.kind.clone(), held.name.clone()));
                continue;
            }
            match self.choose(rule, scope, person.id, speaker, ledger)? {
                Ok(name) => {
                    ledger.hold(person.id, &rule.kind, &Held { name: name.clone(), renew }, self.day)?;
                    names.push((rule.kind.clone(), name));
                }
                Err(finding) => {
                    missing.get_or_insert(finding);
                    names.extend(held.map(|held| (rule.kind.clone(), held.name)));
                }
            }
        }
        if wanted {
            self.aliases(person.id, veil, ledger, &mut named)?;
        }
        Ok(named)
    }

    /// The names that were in use before and are kept for a while.
    fn aliases<L: Ledger>(&self, person: PersonId, veil: bool, ledger: &L, named: &mut Named) -> Result<(), L::Error> {
        for rule in self.policy.names.iter().filter(|rule| rule.keep_old > 0) {
            let after = self.day.saturating_sub(rule.keep_old.days());
            let mut kept = ledger.retired(person, &rule.kind, after)?;
            // A made-up name and a real one say nothing of each other.
            kept.retain(|retired| retired.renew.starts_with(VEILED) == veil);
            let ends = kept.iter().map(|retired| retired.day.saturating_add(rule.keep_old.days()));
            named.until = ends.chain(named.until).min();
            named.aliases.push((rule.kind.clone(), kept.into_iter().map(|retired| retired.name).collect()));
        }
        Ok(())
    }

    fn choose<L: Ledger>(
        &self,
        rule: &NameRule,
        scope: &Scope<'_>,
        person: PersonId,
        speaker: Option<&Engagement>,
        ledger: &L,
    ) -> Result<Result<String, Finding>, L::Error> {
        let candidates = match scope.candidates(rule) {
            Ok(candidates) => candidates,
            Err(fault) => return Ok(Err(told(&fault, speaker))),
        };
        let mut failed = None;
        let chosen = names::choose(&candidates, rule, |name| match ledger.owner(&rule.kind, name) {
            Ok(Owner::Free) => true,
            Ok(Owner::Person(owner)) => owner == person,
            Ok(Owner::Foreign) => false,
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(chosen.ok_or_else(|| {
            let rule = format!("name.{}", rule.kind);
            let message = format!("no candidate of `{rule}` gives a name that is free");
            Finding::failure(about(&rule, speaker), message).advise(
                "see in the source whether the person's names are there; else add a candidate to the rule, or allow \
                 `suffix = \"number\"`",
            )
        }))
    }
}

/// The person as those see it who may not know who it is.
pub(super) fn pseudonym(person: &Person) -> Person {
    // Spread over the codes, so that neighbours in time do not look alike. It says nothing of the person; that no two
    // share a name in the end is the ledger's business.
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let mut rest = person.id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let code: String = (0..8)
        .map(|_| {
            let letter = LETTERS[(rest % 20) as usize] as char;
            rest /= 20;
            letter
        })
        .collect();
    Person {
        number: String::new(),
        name: PersonName { given: "Skyddad".into(), first: "Skyddad".into(), middle: String::new(), surname: code },
        extra: Attributes::new(),
        ..person.clone()
    }
}
