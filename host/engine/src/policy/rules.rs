//! What a policy consists of once it is read: plain data, in the order in which the files give it.
//!
//! The rest of the engine asks these types and never the files, so that a rule means the same to everybody.

use super::expression::Expression;
use super::feed::{Feed, ID};
use super::licence::LicenceRule;
use super::message::MessageRule;
use super::table::Tables;
use crate::authority::Authority;
use crate::fault::Place;
use crate::names::Shape;
use crate::plan::ENABLED;

/// The rules of an organisation.
#[derive(Debug)]
pub struct Policy {
    /// How records find the person that they are about.
    pub matching: Matching,
    /// Whose word counts for what.
    pub authority: Authority,
    /// How registers are asked.
    pub register: Register,
    /// What decides which engagement is the primary one; the first difference decides.
    pub primary: Vec<PrimaryKey>,
    /// When accounts come, open, close and go.
    pub stages: Stages,
    /// The kinds of name, in file order.
    pub names: Vec<NameRule>,
    /// The accounts that a person gets, in file order.
    pub accounts: Vec<AccountRule>,
    /// The places of the account rules, so that whatever one asks another for is decided before it.
    pub order: Vec<usize>,
    /// How many accounts may have to be made one after the other, beyond the first.
    pub depth: usize,
    /// The ladders of licences, in file order.
    pub licences: Vec<LicenceRule>,
    /// The groups, in file order.
    pub groups: Vec<GroupRule>,
    /// Who is told of what, in file order.
    pub messages: Vec<MessageRule>,
    /// What holds a run.
    pub guards: Guards,
    /// The lookup tables.
    pub tables: Tables,
    /// Changes when any rule changes, and not with comments or layout.
    pub digest: String,
}

impl Policy {
    /// Whether any account is asked for something by the rule of another.
    pub fn feeds(&self) -> bool {
        self.accounts.iter().any(|rule| !rule.feeds.is_empty())
    }

    /// What the rules of other accounts ask the accounts of a rule for; each once.
    pub fn asked_of(&self, rule: &str) -> Vec<&str> {
        let feeds = self.accounts.iter().flat_map(|other| &other.feeds).filter(|feed| feed.rule == rule);
        let mut asked: Vec<&str> = feeds.map(|feed| feed.attribute.as_str()).collect();
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    /// The attributes among them that the rule does not write, so that only its target can say what they hold.
    pub fn computed_of(&self, rule: &AccountRule) -> Vec<&str> {
        let mut asked = self.asked_of(&rule.name);
        asked.retain(|asked| {
            let written = *asked == ENABLED || rule.attributes.iter().any(|(name, _)| name == asked);
            *asked != ID && !written
        });
        asked
    }

    /// The ladders whose licences the accounts of a rule carry, with their places.
    pub fn ladders(&self, account: &str) -> impl Iterator<Item = (usize, &LicenceRule)> {
        self.licences.iter().enumerate().filter(move |(_, ladder)| ladder.account == account)
    }
}

/// How records find the person that they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// Two records that agree in one of these are about the same person.
    pub certain: Vec<MatchKey>,
    /// Two persons who agree in all of one of these may be the same.
    pub doubtful: Vec<Hint>,
}

/// What two records can agree in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchKey {
    /// The identity number.
    IdentityNumber,
    /// A number or name that the organisation itself gave the person.
    PersonKey,
}

/// What makes somebody look like somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Given name, surname and birth date.
    NameAndBirthDate,
}

/// How registers are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// How old an answer may become, in days.
    pub refresh: i32,
    /// What becomes of somebody new of whom no register has answered yet.
    pub unanswered: Unanswered,
}

/// What becomes of somebody new of whom no register has answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing is made until one has.
    Wait,
    /// What the sources say is enough.
    GoOn,
}

/// One step in the choice of the primary engagement. The last tie-break is always the engagement's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrimaryKey {
    /// Active before future before ended.
    Active,
    /// Not on leave before on leave.
    NotOnLeave,
    /// What the source calls the main one first.
    Main,
    /// Employment before placement before guest stay.
    Kind,
    /// The highest extent first.
    Extent,
    /// The earliest first day first; from always is the earliest.
    Start,
    /// The lowest number first.
    Number,
}

/// When accounts come, open, close and go. All in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages {
    /// How long before the first day the account is made.
    pub create_before: i32,
    /// How long before the first day it may be used.
    pub enable_before: i32,
    /// How long after the last day it is disabled; 0 is at the end of the last day.
    pub disable_after: i32,
    /// How long after the last day it is removed.
    pub remove_after: i32,
    /// How long before the last day the person is shown as ending.
    pub ending_notice: i32,
    /// What happens while every active engagement is on leave.
    pub on_leave: OnLeave,
}

/// What happens to an account while every active engagement is on leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLeave {
    /// It stays as it is.
    Keep,
    /// It is disabled until the leave is over.
    Disable,
}

/// A kind of name: unique for ever, never given to another.
#[derive(Debug)]
pub struct NameRule {
    /// What it is called in `names`.
    pub kind: String,
    /// Texts to try, in order.
    pub candidates: Vec<Expression>,
    /// What a candidate may look like, and what follows when all are taken.
    pub shape: Shape,
    /// When this text changes, a new name is made and the old one retired.
    pub renew: Option<Expression>,
    /// For how many days a retired name stays an alias.
    pub keep_old: i32,
    /// Where else a name may be taken already.
    pub unique_in: Vec<Elsewhere>,
    /// Where the rule stands.
    pub place: Place,
}

impl AsRef<Shape> for NameRule {
    fn as_ref(&self) -> &Shape {
        &self.shape
    }
}

/// An attribute of a target in which a name may be taken by something that Sluss did not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The target.
    pub system: String,
    /// The attribute.
    pub attribute: String,
    /// Where that is said.
    pub place: Place,
}

/// What a target is told of a person whose data is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// The person is left out.
    Omit,
    /// The person is there under a made-up name.
    Pseudonym,
    /// The person is there as anybody else.
    Full,
}

/// One account a person in one target.
#[derive(Debug)]
pub struct AccountRule {
    /// The rule's name.
    pub name: String,
    /// The system that gets the account.
    pub target: String,
    /// The target's class.
    pub class: String,
    /// Who gets one; none is everybody.
    pub when: Option<Expression>,
    /// What is done for a person whose data is protected.
    pub protected: Protected,
    /// What the account holds.
    pub attributes: Vec<(String, AttributeRule)>,
    /// How an account that the target already has is known to be a person's; the first that says anything decides.
    pub adopt: Vec<AdoptKey>,
    /// What it asks other accounts of the person for.
    pub feeds: Vec<Feed>,
    /// Where the rule stands.
    pub place: Place,
}

/// How an account that the target already has is known to be a person's.
#[derive(Debug)]
pub struct AdoptKey {
    /// The attribute of the account.
    pub attribute: String,
    /// What it holds in the person's account.
    pub value: Expression,
    /// Whether that is proof; if not, a human says whose the account is.
    pub certain: bool,
}

/// Where an attribute of an account comes from.
#[derive(Debug)]
pub enum AttributeRule {
    /// An expression over the person.
    Expression(Box<Expression>),
    /// The account that the manager of the person's primary engagement has: by another rule, or by the same one.
    ManagerOfPrimary(Option<OtherAccount>),
}

/// The rule of an account that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherAccount {
    /// The rule.
    pub rule: String,
    /// Where it is named.
    pub place: Place,
    /// How it is named.
    pub text: String,
}

/// Groups in one target: a fixed one, or one for each of something.
#[derive(Debug)]
pub struct GroupRule {
    /// The rule's name.
    pub name: String,
    /// The system that gets the groups.
    pub target: String,
    /// The target's class.
    pub class: String,
    /// The account rule whose accounts are members.
    pub account: String,
    /// What there is a group for.
    pub for_each: ForEach,
    /// Which engagements make a member; none is every active one.
    pub when: Option<Expression>,
    /// The attribute that holds the members.
    pub member: String,
    /// What the group holds besides.
    pub attributes: Vec<(String, Expression)>,
    /// The attribute by which a group that the target already has is known to be one of the rule's.
    pub adopt: Option<String>,
    /// Where the rule stands.
    pub place: Place,
}

/// What there is a group for.
#[derive(Debug)]
pub enum ForEach {
    /// One group alone, with an empty key.
    One,
    /// Every unit of every organisation.
    Unit,
    /// Every title, by its code where there is one, or else as it is spelt, in small letters.
    Role,
    /// Every organisation.
    Organisation,
    /// Every text that this gives.
    Expression(Box<Expression>),
}

/// What holds a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guards {
    /// Accounts and groups made.
    pub creates: Limit,
    /// Accounts disabled.
    pub disables: Limit,
    /// Objects removed.
    pub removals: Limit,
    /// Members taken out of groups.
    pub member_removals: Limit,
    /// Licences taken from accounts.
    pub licence_removals: Limit,
    /// Accounts renamed or moved.
    pub moves: Limit,
    /// Records that a source lost since its last complete read.
    pub lost: Limit,
    /// For how many days a source may give nothing new before that is told; none is for ever.
    pub silent: Option<i32>,
}

/// How much of something is still ordinary. Without `max` and `percent` everything is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limit {
    /// At most so many.
    pub max: Option<u64>,
    /// At most this share of what there is, in per cent.
    pub percent: Option<f64>,
    /// The share counts only for more than so many.
    pub at_least: u64,
}
