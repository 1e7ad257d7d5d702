//! The rules of an organisation: TOML that its own administrators read, with CEL expressions, checked when it is loaded.
//!
//! `load` turns files into a `Policy` or gives every fault of every file at once; an `Evaluator` says what the policy
//! means for one person. `example.toml` shows everything that a policy can say.

mod bound;
mod call;
mod check;
mod digest;
mod entitle;
mod evaluate;
mod expression;
mod fault;
mod feed;
mod function;
mod licence;
mod load;
mod message;
mod quick;
mod reference;
mod rules;
mod section;
mod settings;
mod source;
mod table;
mod thing;
mod view;
mod vocabulary;

pub use evaluate::{Evaluator, GroupKey, Scope, Units, Wanted};
pub use expression::Expression;
pub use fault::{EvalFault, PolicyFault};
pub(crate) use feed::are_known;
pub use feed::{Feed, ID, Seen};
pub use licence::{LicenceRule, Rank};
pub use load::load;
pub use message::{Digest, Event, InDoubt, Language, MessageRule, Phrase, Reader, Tongue};
pub use reference::reference;
pub use rules::{
    AccountRule, AdoptKey, AttributeRule, Elsewhere, ForEach, GroupRule, Guards, Hint, Limit, MatchKey, Matching,
    NameRule, OnLeave, OtherAccount, Policy, PrimaryKey, Protected, Register, Stages, Unanswered,
};
pub use table::{Entry, Table, Tables};

#[cfg(test)]
mod tests;

/// A policy that shows everything that a policy can say.
pub const EXAMPLE: &str = include_str!("example.toml");
