//! What the rules of one account ask of another account of the same person: `accounts.directory.id`.
//!
//! One account feeds the other. Which value of which account is asked for is known when the policy is loaded, so that
//! rules can be put in an order, what a target computed can be read again, and nobody is made with a value missing.

use super::fault::PolicyFault;
use super::rules::{AccountRule, Protected};
use super::section::Notes;
use crate::fault::Place;
use crate::value::{Attributes, Value};

/// What the target's own id of an account is called in expressions.
pub const ID: &str = "id";

/// A value of one account that the rule of another asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The rule of the account that has it.
    pub rule: String,
    /// The attribute, or [`ID`].
    pub attribute: String,
    /// Where it is asked for.
    pub place: Place,
    /// How it is asked for.
    pub text: String,
}

/// An account as the rules of other accounts see it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// Its rule.
    pub rule: String,
    /// The target's id, once there is one.
    pub id: Option<Value>,
    /// What the target computed.
    pub computed: Attributes,
    /// What Sluss wrote. What stands here without a value is known to have none.
    pub written: Attributes,
}

impl Seen {
    /// The values of an attribute, which may be none; `None` as long as nobody knows them.
    pub fn get(&self, attribute: &str) -> Option<&[Value]> {
        if attribute == ID {
            return self.id.as_ref().map(std::slice::from_ref);
        }
        let (_, values) = self.computed.iter().chain(&self.written).find(|(name, _)| name == attribute)?;
        Some(values)
    }
}

/// Whether every value that is asked for is known.
pub(crate) fn are_known(feeds: &[Feed], accounts: &[Seen]) -> bool {
    feeds.iter().all(|feed| is_known(feed, accounts))
}

/// Whether a value that is asked for is known.
pub(crate) fn is_known(feed: &Feed, accounts: &[Seen]) -> bool {
    accounts.iter().any(|seen| seen.rule == feed.rule && seen.get(&feed.attribute).is_some())
}

/// The account rules, by their places, so that whatever a rule asks for comes before it; apart from that in file order.
/// Rules that go round in a circle are noted as faults.
pub(super) fn order(accounts: &[AccountRule], notes: &Notes) -> Vec<usize> {
    accounts.iter().for_each(|rule| unveils(rule, accounts, notes));
    let mut walk = Walk { accounts, notes, path: Vec::new(), order: Vec::with_capacity(accounts.len()) };
    (0..accounts.len()).for_each(|place| walk.visit(place));
    walk.order
}

/// Notes where an account that shows protected persons under a made-up name asks one that shows them as they are: what that
/// one holds would tell who they are.
fn unveils(rule: &AccountRule, accounts: &[AccountRule], notes: &Notes) {
    let open = |name: &str| accounts.iter().any(|other| other.name == name && other.protected == Protected::Full);
    for feed in rule.feeds.iter().filter(|feed| rule.protected == Protected::Pseudonym && open(&feed.rule)) {
        notes.fault(PolicyFault {
            place: feed.place.clone(),
            text: feed.text.clone(),
            message: format!("[account.{}] would tell [account.{}] who protected persons are", feed.rule, rule.name),
            help: Some(format!("write protected = \"pseudonym\" in [account.{}], or another word here", feed.rule)),
        });
    }
}

/// The walk from each rule to those that it asks.
struct Walk<'a> {
    accounts: &'a [AccountRule],
    notes: &'a Notes,
    /// The rules that we are in, each asked for by the one before it.
    path: Vec<usize>,
    order: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, place: usize) {
        if self.order.contains(&place) {
            return;
        }
        self.path.push(place);
        let accounts = self.accounts;
        let mut asked: Vec<usize> = Vec::new();
        for feed in &accounts[place].feeds {
            let next = accounts.iter().position(|rule| rule.name == feed.rule);
            let Some(next) = next.filter(|next| !asked.contains(next)) else { continue };
            asked.push(next);
            match self.path.iter().position(|on| *on == next) {
                Some(start) => self.circle(feed, start),
                None => self.visit(next),
            }
        }
        self.path.pop();
        self.order.push(place);
    }

    /// Notes that this value leads back to the rule at `start` of the path. Each circle is told of once.
    fn circle(&self, feed: &Feed, start: usize) {
        let round = self.path[start..].iter().chain(&self.path[start..=start]);
        let names: Vec<&str> = round.map(|place| self.accounts[*place].name.as_str()).collect();
        self.notes.fault(PolicyFault {
            place: feed.place.clone(),
            text: feed.text.clone(),
            message: format!("the accounts feed each other in a circle: {}", names.join(" → ")),
            help: Some("one of them has to be made first: take what it asks of the others out".to_owned()),
        });
    }
}

/// The length of the longest chain of accounts that wait for each other, in steps: none of them where no account feeds
/// another.
pub(super) fn depth(accounts: &[AccountRule], order: &[usize]) -> usize {
    let mut depths = vec![0; accounts.len()];
    for place in order {
        let above =
            accounts[*place].feeds.iter().filter_map(|feed| accounts.iter().position(|rule| rule.name == feed.rule));
        depths[*place] = above.map(|other| depths[other] + 1).max().unwrap_or(0);
    }
    depths.into_iter().max().unwrap_or(0)
}
