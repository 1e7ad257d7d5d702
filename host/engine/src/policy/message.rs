//! Messages: who is told by e-mail what became of an account, when, and in which words.
//!
//! The engine says whom a rule is for and leaves the words alone: templates are read, filled in and sent by the host.

use super::entitle::PROTECTED;
use super::evaluate::Scope;
use super::expression::{Expression, Want};
use super::fault::{EvalFault, suggest};
use super::rules::{AccountRule, Protected};
use super::section::{At, Section};
use super::settings::days;
use super::vocabulary::{Setting, Words};
use crate::fault::Place;
use crate::value::Value;

/// What may become of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// It was made.
    Created,
    /// Its last day is near.
    Ending,
    /// It may no longer be used.
    Closed,
    /// It was removed.
    Removed,
}

impl Event {
    /// Every event, with the word for it.
    pub const WORDS: [(&'static str, Event); 4] = [
        ("account-created", Event::Created),
        ("account-ending", Event::Ending),
        ("account-closed", Event::Closed),
        ("account-removed", Event::Removed),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Event::WORDS.iter().find(|(_, event)| *event == self).map_or("", |(word, _)| word)
    }

    /// The event that a word stands for.
    pub fn of(word: &str) -> Option<Event> {
        Event::WORDS.iter().find(|(known, _)| *known == word).map(|(_, event)| *event)
    }
}

/// A language that there are words in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Swedish.
    Swedish,
    /// English.
    English,
}

impl Language {
    /// Every language, with the word for it.
    pub const WORDS: [(&'static str, Language); 2] = [("sv", Language::Swedish), ("en", Language::English)];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Language::WORDS.iter().find(|(_, language)| *language == self).map_or("", |(word, _)| word)
    }

    /// The language that a word stands for.
    pub fn of(word: &str) -> Option<Language> {
        Language::WORDS.iter().find(|(known, _)| *known == word).map(|(_, language)| *language)
    }
}

/// Which language a message is in.
#[derive(Debug)]
pub enum Tongue {
    /// Always this.
    Always(Language),
    /// What this gives, for each person.
    Expression(Box<Expression>),
}

/// Who reads a message.
#[derive(Debug)]
pub enum Reader {
    /// The manager of the primary engagement.
    Manager,
    /// Whoever has the addresses that this gives.
    Expression(Box<Expression>),
}

/// How many events one mail tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// One.
    Single,
    /// All of one run that are for the same reader.
    Run,
    /// All of one day that are for the same reader; the first run of the next day sends it.
    Daily,
}

/// What becomes of a mail of which nobody knows whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InDoubt {
    /// It is left for somebody to look at: no one is told twice.
    Leave,
    /// It is sent again under the same name: no one is left untold.
    Again,
}

/// A text of the policy, or the file that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The text, or the name of its file.
    pub text: String,
    /// Whether it is the name of a file, relative to the policy's.
    pub is_file: bool,
    /// Where it stands.
    pub place: Place,
}

/// Somebody is told of something.
#[derive(Debug)]
pub struct MessageRule {
    /// The rule's name.
    pub name: String,
    /// What is told of.
    pub on: Event,
    /// How many days before the last day, for accounts that end.
    pub before: i32,
    /// The account rule whose accounts it is about.
    pub account: String,
    /// Who reads it.
    pub to: Reader,
    /// Where a manager's address is: an account rule and an attribute of its accounts.
    pub address_from: Option<(String, String)>,
    /// The address that it goes to when the manager has none.
    pub fallback: Option<Phrase>,
    /// Of whom it tells; none is everybody.
    pub when: Option<Expression>,
    /// Its language.
    pub language: Tongue,
    /// How many events a mail tells of.
    pub digest: Digest,
    /// What it tells of a person whose data is protected.
    pub protected: Protected,
    /// What becomes of a mail of which nobody knows whether it arrived.
    pub in_doubt: InDoubt,
    /// How the first password is fetched, in words for the reader; empty where nothing is said of it.
    pub first_password: String,
    /// The template of the subject; none is ours.
    pub subject: Option<Phrase>,
    /// The template of the text; none is ours.
    pub template: Option<Phrase>,
    /// Where the rule stands.
    pub place: Place,
}

const DIGESTS: &[(&str, Digest)] = &[("single", Digest::Single), ("run", Digest::Run), ("daily", Digest::Daily)];

const IN_DOUBT: &[(&str, InDoubt)] = &[("leave", InDoubt::Leave), ("again", InDoubt::Again)];

/// The attribute that holds an address, where nobody says otherwise.
const ADDRESS: &str = "mail";

/// Reads a message rule.
pub(super) fn message(name: &str, section: Section<'_>, words: &Words, accounts: &[AccountRule]) -> MessageRule {
    let compile = |at: &At<'_>, want| Expression::compile(at, &section.path, Setting::Message, want, words);
    let on = section.need("on").and_then(|at| at.word(&Event::WORDS));
    let account = section.need("account").and_then(|at| named(&section, at, accounts));
    let to = section.take("to").and_then(|at| match at.text()? {
        "manager" => Some(Reader::Manager),
        _ => compile(&at, Want::Texts).map(|expression| Reader::Expression(Box::new(expression))),
    });
    let language = section.take("language").and_then(|at| {
        let word = at.text()?;
        match Language::of(word) {
            Some(language) => Some(Tongue::Always(language)),
            None => compile(&at, Want::Text).map(|expression| Tongue::Expression(Box::new(expression))),
        }
    });
    let before = section.take("before");
    match (on, &before) {
        (Some(Event::Ending), None) if !section.file.broken => {
            let help = "write how long before the last day, as in before = \"14 days\"";
            let message = format!("[{}] needs `before`", section.path);
            section.file.fault(section.span.clone(), message, Some(help.to_owned()));
        }
        (Some(event), Some(at)) if event != Event::Ending => {
            let message = format!("`{}` is told of on its day, and not before", event.as_str());
            at.fault(message, Some("take `before` out, or write on = \"account-ending\"".to_owned()));
        }
        _ => {}
    }
    let address_from = match section.take("address-from") {
        Some(at) => address_from(&at, accounts),
        None => account
            .filter(|rule| rule.attributes.iter().any(|(name, _)| name == ADDRESS))
            .map(|rule| (rule.name.clone(), ADDRESS.to_owned())),
    };
    let rule = MessageRule {
        name: name.to_owned(),
        on: on.unwrap_or(Event::Created),
        before: before.as_ref().and_then(days).unwrap_or(0),
        account: account.map_or_else(String::new, |rule| rule.name.clone()),
        to: to.unwrap_or(Reader::Manager),
        address_from,
        fallback: section.take("fallback").and_then(|at| phrase(&at)),
        when: section.take("when").and_then(|at| compile(&at, Want::Boolean)),
        language: language.unwrap_or(Tongue::Always(Language::Swedish)),
        digest: section.take("digest").and_then(|at| at.word(DIGESTS)).unwrap_or(Digest::Single),
        protected: section.take("protected").and_then(|at| at.word(PROTECTED)).unwrap_or(Protected::Pseudonym),
        in_doubt: section.take("in-doubt").and_then(|at| at.word(IN_DOUBT)).unwrap_or(InDoubt::Leave),
        first_password: section.take("first-password").and_then(|at| at.text()).unwrap_or_default().to_owned(),
        subject: section.take("subject").and_then(|at| worded(&section, "subject", at)),
        template: section.take("template").and_then(|at| worded(&section, "template", at)),
        place: section.place(),
    };
    section.finish();
    rule
}

/// The account rule that a text names.
fn named<'r>(section: &Section<'_>, at: At<'_>, accounts: &'r [AccountRule]) -> Option<&'r AccountRule> {
    let name = at.text()?;
    let found = accounts.iter().find(|rule| rule.name == name);
    if found.is_none() && !section.file.broken {
        let help = suggest(name, accounts.iter().map(|rule| rule.name.as_str()));
        at.fault(format!("there is no [account.{name}]"), help);
    }
    found
}

/// `directory.mail`: an account rule and one of its attributes.
fn address_from(at: &At<'_>, accounts: &[AccountRule]) -> Option<(String, String)> {
    let text = at.text()?;
    let Some((name, attribute)) = text.rsplit_once('.') else {
        let help = "write an account rule and its attribute, as in \"directory.mail\"";
        at.fault(format!("`{text}` does not say where an address is"), Some(help.to_owned()));
        return None;
    };
    let Some(rule) = accounts.iter().find(|rule| rule.name == name) else {
        if !at.file.broken {
            let help = suggest(name, accounts.iter().map(|rule| rule.name.as_str()));
            at.fault(format!("there is no [account.{name}]"), help);
        }
        return None;
    };
    if rule.attributes.iter().all(|(known, _)| known != attribute) {
        let help = suggest(attribute, rule.attributes.iter().map(|(known, _)| known.as_str()));
        at.fault(format!("[account.{name}.attributes] has no `{attribute}`"), help);
        return None;
    }
    Some((name.to_owned(), attribute.to_owned()))
}

/// A text, with its place.
fn phrase(at: &At<'_>) -> Option<Phrase> {
    let place = at.file.source.place(at.value.span().start);
    Some(Phrase { text: at.text()?.to_owned(), is_file: false, place })
}

/// A template: its text, or `{ file = "…" }`.
fn worded(home: &Section<'_>, key: &str, at: At<'_>) -> Option<Phrase> {
    if !at.value.get_ref().is_table() {
        return phrase(&at);
    }
    let section = home.inside(key, at.value.span(), at)?;
    let file = section.need("file").and_then(|at| phrase(&at));
    section.finish();
    file.map(|phrase| Phrase { is_file: true, ..phrase })
}

impl Scope<'_> {
    /// Whether a message tells of the person. Protection is not looked at here.
    pub fn tells(&self, rule: &MessageRule) -> Result<bool, EvalFault> {
        rule.when.as_ref().map_or(Ok(true), |when| self.evaluator.holds(when, self.view()))
    }

    /// The language of a message about the person; the word, if it stands for none.
    pub fn language(&self, rule: &MessageRule) -> Result<Result<Language, String>, EvalFault> {
        Ok(match &rule.language {
            Tongue::Always(language) => Ok(*language),
            Tongue::Expression(expression) => {
                let word = self.evaluator.text(expression, self.view())?;
                Language::of(&word).ok_or(word)
            }
        })
    }

    /// The addresses that a message about the person goes to, each once; none at all if it goes to the manager.
    pub fn readers(&self, rule: &MessageRule) -> Result<Option<Vec<String>>, EvalFault> {
        let Reader::Expression(expression) = &rule.to else { return Ok(None) };
        let values = self.evaluator.values(expression, self.view())?;
        let mut addresses: Vec<String> = Vec::new();
        for address in values.iter().filter_map(Value::as_text).map(str::trim) {
            if !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
                addresses.push(address.to_owned());
            }
        }
        Ok(Some(addresses))
    }
}
