//! Licences by rank: ladders, of which an account gets the highest rung that any active engagement gives, and never two.
//!
//! How many there are to give is the target's business; the ladder only says who should have which.

use super::evaluate::Scope;
use super::expression::{Expression, Want};
use super::fault::{EvalFault, suggest};
use super::rules::AccountRule;
use super::section::{At, Section};
use super::vocabulary::{Setting, Words};
use crate::fault::Place;

/// A ladder of licences, of which an account has one.
#[derive(Debug)]
pub struct LicenceRule {
    /// The rule's name.
    pub name: String,
    /// The account rule whose accounts carry it.
    pub account: String,
    /// The attribute of the account that holds licences.
    pub attribute: String,
    /// The licences, the highest first.
    pub ranks: Vec<Rank>,
    /// Where the rule stands.
    pub place: Place,
}

impl LicenceRule {
    /// The rank of a licence, if it is one of the ladder's. Whoever sells licences does not tell small letters from capitals.
    pub fn rank(&self, sku: &str) -> Option<usize> {
        self.ranks.iter().position(|rank| rank.sku.eq_ignore_ascii_case(sku))
    }
}

/// A licence on a ladder.
#[derive(Debug)]
pub struct Rank {
    /// What the target calls it.
    pub sku: String,
    /// Which engagements give it; none is every active one.
    pub when: Option<Expression>,
    /// Where it stands.
    pub place: Place,
}

/// The attribute that holds licences, where nobody says otherwise.
const LICENCE: &str = "licence";

/// Reads a ladder. `earlier` are the ladders before it.
pub(super) fn licence(
    name: &str,
    section: Section<'_>,
    words: &Words,
    accounts: &[AccountRule],
    earlier: &[LicenceRule],
) -> LicenceRule {
    let account = section.need("account").and_then(|at| at.text().map(|text| (at, text)));
    let attribute = section.take("attribute").and_then(|at| at.text()).unwrap_or(LICENCE);
    let rule = account.and_then(|(at, name)| {
        let found = accounts.iter().find(|rule| rule.name == name);
        if found.is_none() && !section.file.broken {
            let help = suggest(name, accounts.iter().map(|rule| rule.name.as_str()));
            at.fault(format!("there is no [account.{name}]"), help);
        }
        found
    });
    if let Some(rule) = rule.filter(|rule| rule.attributes.iter().any(|(own, _)| own == attribute)) {
        let message = format!("[account.{}.attributes] says already what `{attribute}` holds", rule.name);
        let help = "take it out there: what a ladder gives follows the engagements".to_owned();
        section.file.fault(section.span.clone(), message, Some(help));
    }
    let mut ladder = LicenceRule {
        name: name.to_owned(),
        account: rule.map_or_else(String::new, |rule| rule.name.clone()),
        attribute: attribute.to_owned(),
        ranks: Vec::new(),
        place: section.place(),
    };
    let ranks = section.need("ranks").map(|at| (at, at.elements()));
    if let Some((at, elements)) = &ranks
        && elements.is_empty()
        && at.value.get_ref().is_array()
    {
        at.fault(
            "there is no rank",
            Some("write ranks = [{ sku = \"…\", when = \"…\" }], the highest first".to_owned()),
        );
    }
    let beside = |other: &&LicenceRule| other.account == ladder.account && other.attribute == ladder.attribute;
    let beside: Vec<&LicenceRule> = earlier.iter().filter(beside).collect();
    for (place, at) in ranks.into_iter().flat_map(|(_, elements)| elements).enumerate() {
        if let Some(rank) = rank(&section, place, at, words) {
            let other = beside.iter().find(|other| other.rank(&rank.sku).is_some());
            match other.map(|other| other.name.as_str()).or(ladder.rank(&rank.sku).map(|_| name)) {
                Some(other) => {
                    let message = format!("`{}` stands in [licence.{other}] already", rank.sku);
                    at.fault(message, Some("a licence has one rank for an account".to_owned()));
                }
                None => ladder.ranks.push(rank),
            }
        }
    }
    section.finish();
    ladder
}

/// `{ sku = "SPE_E3", when = "engagement.kind == 'employment'" }`
fn rank(home: &Section<'_>, place: usize, at: At<'_>, words: &Words) -> Option<Rank> {
    let section = home.inside(&format!("ranks[{place}]"), at.value.span(), at)?;
    let sku = section.need("sku").and_then(|at| {
        let sku = at.text()?;
        if sku.trim().is_empty() {
            at.fault("a licence has a name", None);
        }
        Some(sku)
    });
    let compile = |at: At<'_>| Expression::compile(&at, &home.path, Setting::Member, Want::Boolean, words);
    let when = section.take("when").map(compile);
    let place = section.place();
    section.finish();
    // A condition that could not be read is not one that always holds.
    let when = match when {
        Some(None) => return None,
        Some(when) => when,
        None => None,
    };
    Some(Rank { sku: sku?.to_owned(), when, place })
}

impl Scope<'_> {
    /// The ranks of a ladder that an engagement gives, the highest first. `engagement` is a place in the person's list.
    pub fn ranks(&self, rule: &LicenceRule, engagement: usize) -> Result<Vec<usize>, EvalFault> {
        let Some(view) = self.member(engagement) else { return Ok(Vec::new()) };
        let mut given = Vec::new();
        for (place, rank) in rule.ranks.iter().enumerate() {
            if rank.when.as_ref().map_or(Ok(true), |when| self.evaluator.holds(when, view))? {
                given.push(place);
            }
        }
        Ok(given)
    }
}
