//! Reads the rules that give people something: kinds of name, accounts and groups.
//!
//! A rule with a fault is read as far as it goes, so that what refers to it can be judged; the policy as a whole is
//! refused then.

use super::expression::{Expression, Want};
use super::fault::{PolicyFault, suggest};
use super::feed::Feed;
use super::rules::{
    AccountRule, AdoptKey, AttributeRule, Elsewhere, ForEach, GroupRule, NameRule, OtherAccount, Protected,
};
use super::section::{At, Notes, Section};
use super::settings::days;
use super::vocabulary::{Setting, Words};
use crate::names::{Shape, Suffix, SuffixOn};

const SUFFIXES: &[(&str, Suffix)] = &[("number", Suffix::Number), ("none", Suffix::None)];

const SUFFIX_ON: &[(&str, SuffixOn)] = &[("first", SuffixOn::First), ("last", SuffixOn::Last)];

pub(super) const PROTECTED: &[(&str, Protected)] =
    &[("omit", Protected::Omit), ("pseudonym", Protected::Pseudonym), ("full", Protected::Full)];

/// Reads a kind of name.
pub(super) fn name(kind: &str, section: Section<'_>, words: &Words) -> NameRule {
    if !is_identifier(kind) {
        let help = "use small letters, digits and _, beginning with a letter: expressions say `names.…`";
        section.file.fault(section.span.clone(), format!("`{kind}` cannot name a kind of name"), Some(help.to_owned()));
    }
    let compile = |at: &At<'_>| Expression::compile(at, &section.path, Setting::Name, Want::Text, words);
    let candidates = section.need("candidates").map(|at| (at, at.elements()));
    if let Some((at, elements)) = &candidates
        && elements.is_empty()
        && at.value.get_ref().is_array()
    {
        at.fault("there is no candidate", None);
    }
    let candidates = candidates.into_iter().flat_map(|(_, elements)| elements).filter_map(|at| compile(&at)).collect();
    let rule = NameRule {
        kind: kind.to_owned(),
        candidates,
        shape: Shape {
            suffix: section.take("suffix").and_then(|at| at.word(SUFFIXES)).unwrap_or_default(),
            suffix_on: section.take("suffix-on").and_then(|at| at.word(SUFFIX_ON)).unwrap_or_default(),
            max_length: section.take("max-length").and_then(|at| max_length(&at)),
            reserved: section
                .take("reserved")
                .map(|at| at.texts())
                .unwrap_or_default()
                .into_iter()
                .map(str::to_lowercase)
                .collect(),
        },
        renew: section.take("renew").and_then(|at| compile(&at)),
        keep_old: section.take("keep-old").as_ref().and_then(days).unwrap_or(0),
        unique_in: section
            .take("unique-in")
            .map(|at| at.elements())
            .unwrap_or_default()
            .iter()
            .filter_map(elsewhere)
            .collect(),
        place: section.place(),
    };
    section.finish();
    rule
}

/// `directory.proxyAddresses`: a system and an attribute of its objects.
fn elsewhere(at: &At<'_>) -> Option<Elsewhere> {
    let text = at.text()?;
    let Some((system, attribute)) =
        text.rsplit_once('.').filter(|(system, name)| !system.is_empty() && !name.is_empty())
    else {
        let help = "write a target and an attribute of its objects, as in \"directory.mail\"";
        at.fault(format!("`{text}` does not say where a name may be taken"), Some(help.to_owned()));
        return None;
    };
    let place = at.file.source.place(at.value.span().start);
    Some(Elsewhere { system: system.to_owned(), attribute: attribute.to_owned(), place })
}

/// Reads an account rule.
pub(super) fn account(name: &str, section: Section<'_>, words: &Words) -> AccountRule {
    let compile = |at: &At<'_>, want| Expression::compile(at, &section.path, Setting::Account, want, words);
    let target = section.need("target").and_then(|at| at.text());
    let class = section.need("class").and_then(|at| at.text());
    let when = section.take("when").and_then(|at| compile(&at, Want::Boolean));
    let protected = section.take("protected").and_then(|at| at.word(PROTECTED)).unwrap_or(Protected::Omit);
    let attributes = section.section("attributes").map(|attributes| attributes.entries()).unwrap_or_default();
    let attributes: Vec<(String, AttributeRule)> = attributes
        .into_iter()
        .filter_map(|(key, _, at)| {
            let rule = if at.value.get_ref().is_table() {
                reference(&section, (name, key), at, words)
            } else {
                compile(&at, Want::Values).map(|expression| AttributeRule::Expression(Box::new(expression)))
            };
            Some((key.to_owned(), rule?))
        })
        .collect();
    let adopt = section.take("adopt").map(|at| at.elements()).unwrap_or_default();
    let adopt = adopt.into_iter().enumerate().filter_map(|(place, at)| adopted(&section, place, at, words)).collect();
    let expressions = when.iter().chain(attributes.iter().filter_map(|(_, attribute)| match attribute {
        AttributeRule::Expression(expression) => Some(&**expression),
        AttributeRule::ManagerOfPrimary(_) => None,
    }));
    let mut feeds: Vec<Feed> = Vec::new();
    for feed in expressions.flat_map(|expression| &expression.feeds) {
        if !feeds.iter().any(|known| known.rule == feed.rule && known.attribute == feed.attribute) {
            feeds.push(feed.clone());
        }
    }
    let place = section.place();
    section.finish();
    AccountRule {
        name: name.to_owned(),
        target: target.unwrap_or_default().to_owned(),
        class: class.unwrap_or_default().to_owned(),
        when,
        protected,
        attributes,
        adopt,
        feeds,
        place,
    }
}

/// How an account is known that is there already: `{ attribute = "employeeNumber", value = "primary.number" }`.
fn adopted(home: &Section<'_>, place: usize, at: At<'_>, words: &Words) -> Option<AdoptKey> {
    let section = home.inside(&format!("adopt[{place}]"), at.value.span(), at)?;
    let attribute = section.need("attribute").and_then(|at| at.text());
    let value =
        section.need("value").and_then(|at| Expression::compile(&at, &home.path, Setting::Name, Want::Text, words));
    let certain = section.take("match").map_or(Some(true), |at| at.word(&[("certain", true), ("doubtful", false)]));
    section.finish();
    Some(AdoptKey { attribute: attribute?.to_owned(), value: value?, certain: certain? })
}

/// Reads a group rule.
pub(super) fn group(name: &str, section: Section<'_>, words: &Words, accounts: &[AccountRule]) -> GroupRule {
    let compile = |at: &At<'_>, setting, want| Expression::compile(at, &section.path, setting, want, words);
    let target = section.need("target").and_then(|at| at.text().map(|text| (at, text)));
    let class = section.need("class").and_then(|at| at.text());
    let account = section.need("account").and_then(|at| at.text().map(|text| (at, text)));
    let for_each = section.take("for-each").map_or(Some(ForEach::One), |at| match at.text()? {
        "unit" => Some(ForEach::Unit),
        "role" => Some(ForEach::Role),
        "organisation" => Some(ForEach::Organisation),
        _ => compile(&at, Setting::Member, Want::Texts).map(|expression| ForEach::Expression(Box::new(expression))),
    });
    let when = section.take("when").and_then(|at| compile(&at, Setting::Member, Want::Boolean));
    let member = section.take("member").and_then(|at| at.text()).unwrap_or("member");
    let attributes = section.section("attributes").map(|attributes| attributes.entries()).unwrap_or_default();
    let attributes: Vec<(String, Expression)> = attributes
        .into_iter()
        .filter_map(|(key, span, at)| {
            if key == member {
                section.file.fault(span, format!("`{key}` holds the members and is not set otherwise"), None);
            }
            Some((key.to_owned(), compile(&at, Setting::Group, Want::Values)?))
        })
        .collect();
    let adopt = section.take("adopt").and_then(|at| {
        let name = at.text()?;
        if !attributes.iter().any(|(own, _)| own == name) {
            at.fault(format!("the rule does not say what `{name}` holds"), None);
        }
        Some(name.to_owned())
    });
    if let (Some(account), Some(target)) = (account, target) {
        members(&section, account, target, accounts);
    }
    let place = section.place();
    section.finish();
    GroupRule {
        name: name.to_owned(),
        target: target.map_or("", |(_, target)| target).to_owned(),
        class: class.unwrap_or_default().to_owned(),
        account: account.map_or("", |(_, account)| account).to_owned(),
        for_each: for_each.unwrap_or(ForEach::One),
        when,
        member: member.to_owned(),
        attributes,
        adopt,
        place,
    }
}

/// Members are accounts of the same target: notes an account rule that is not there or lives elsewhere.
fn members(section: &Section<'_>, account: (At<'_>, &str), target: (At<'_>, &str), accounts: &[AccountRule]) {
    match accounts.iter().find(|rule| rule.name == account.1) {
        None if section.file.broken => {}
        None => {
            let help = suggest(account.1, accounts.iter().map(|rule| rule.name.as_str()));
            account.0.fault(format!("there is no [account.{}]", account.1), help);
        }
        Some(rule) if !rule.target.is_empty() && rule.target != target.1 => {
            let message =
                format!("the members' accounts are in `{}`, the group would be in `{}`", rule.target, target.1);
            target.0.fault(message, Some(format!("write target = \"{}\", or name another account", rule.target)));
        }
        Some(_) => {}
    }
}

/// A reference to another account: `{ manager-of = "primary" }`, or `{ manager-of = "primary", account = "office" }` for
/// one that is there by another rule than this one, `own`.
fn reference(home: &Section<'_>, (own, key): (&str, &str), at: At<'_>, words: &Words) -> Option<AttributeRule> {
    let section = home.inside(&format!("attributes.{key}"), at.value.span(), at)?;
    let whose = section.need("manager-of").and_then(|at| at.word(&[("primary", ())]));
    let account = section.take("account").map(|at| {
        let rule = at.text()?;
        if !words.accounts.iter().any(|known| known == rule) && !at.file.broken {
            let help = suggest(rule, words.accounts.iter().map(String::as_str));
            at.fault(format!("there is no [account.{rule}]"), help);
        }
        let (source, span) = (at.file.source, at.value.span());
        Some(OtherAccount { rule: rule.to_owned(), place: source.place(span.start), text: source.excerpt(span) })
    });
    section.finish();
    whose?;
    let account = match account {
        Some(named) => Some(named?).filter(|named| named.rule != own),
        None => None,
    };
    Some(AttributeRule::ManagerOfPrimary(account))
}

/// Notes references to accounts that are in another target than whoever refers to them.
pub(super) fn references(accounts: &[AccountRule], notes: &Notes) {
    for rule in accounts {
        for (_, attribute) in &rule.attributes {
            let AttributeRule::ManagerOfPrimary(Some(named)) = attribute else { continue };
            let Some(other) = accounts.iter().find(|other| other.name == named.rule) else { continue };
            if other.target != rule.target {
                notes.fault(PolicyFault {
                    place: named.place.clone(),
                    text: named.text.clone(),
                    message: format!(
                        "the accounts of [account.{}] are in `{}`, and this one is in `{}`",
                        other.name, other.target, rule.target
                    ),
                    help: Some("a reference stays within one target".to_owned()),
                });
            }
        }
    }
}

/// The length of a name; a name needs room for a number.
fn max_length(at: &At<'_>) -> Option<usize> {
    let length = at.count().and_then(|length| usize::try_from(length).ok())?;
    if length < SHORTEST {
        at.fault("a name cannot be that short", Some(format!("write at least {SHORTEST}")));
        return None;
    }
    Some(length)
}

/// Room for a letter or two and a number.
const SHORTEST: usize = 4;

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
