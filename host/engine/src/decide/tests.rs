//! Decisions in which one account asks another for something, engagements give licences, and names are kept for a while.

#![allow(clippy::unwrap_used)]

use super::{Account, Deciding, Decision};
use crate::ledger::{Held, Ledger, Owner, Retired};
use crate::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use crate::policy::{Evaluator, Policy, Seen, load};
use crate::stage::Presence;
use crate::value::{Attributes, Value};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

const TODAY: Date = date(2026, 11, 23);

fn policy(text: &str) -> Policy {
    load(&[("policy.toml".to_owned(), text.to_owned())])
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()))
}

fn engagement(record: &str) -> Engagement {
    Engagement {
        id: EngagementId { source: "hr".to_owned(), record: record.to_owned() },
        kind: EngagementKind::Employment,
        organisation: "1427".to_owned(),
        number: record.to_owned(),
        unit: String::new(),
        unit_name: String::new(),
        title: String::new(),
        title_code: String::new(),
        form: String::new(),
        cost_centre: String::new(),
        main: false,
        is_manager: false,
        on_leave: false,
        extent: 100.0,
        start: Some(date(2020, 1, 1)),
        end: None,
        manager: None,
        extra: Vec::new(),
    }
}

fn person(engagements: Vec<Engagement>) -> Person {
    Person {
        id: PersonId(7),
        number: String::new(),
        name: PersonName { given: "Eva".into(), first: "Eva".into(), middle: String::new(), surname: "Berg".into() },
        protection: Protection::None,
        extra: Vec::new(),
        engagements,
    }
}

/// A ledger in memory.
#[derive(Default)]
struct Names {
    held: HashMap<String, Held>,
    retired: Vec<(String, Retired)>,
}

impl Ledger for Names {
    type Error = Infallible;

    fn held(&self, _: PersonId, kind: &str) -> Result<Option<Held>, Infallible> {
        Ok(self.held.get(kind).cloned())
    }

    fn owner(&self, _: &str, _: &str) -> Result<Owner, Infallible> {
        Ok(Owner::Free)
    }

    fn retired(&self, _: PersonId, kind: &str, after: Date) -> Result<Vec<Retired>, Infallible> {
        let of_kind = self.retired.iter().rev().filter(|(known, retired)| known == kind && retired.day > after);
        Ok(of_kind.map(|(_, retired)| retired.clone()).collect())
    }

    fn hold(&mut self, _: PersonId, kind: &str, held: &Held, day: Date) -> Result<(), Infallible> {
        self.retired.retain(|(_, retired)| retired.name != held.name);
        if let Some(Held { name, renew }) = self.held.insert(kind.to_owned(), held.clone())
            && name != held.name
        {
            self.retired.push((kind.to_owned(), Retired { name, renew, day }));
        }
        Ok(())
    }
}

/// What is decided on a day, with so much known, and these targets left alone.
fn decide(
    policy: &Policy,
    person: &Person,
    seen: &[Seen],
    suspended: &[&str],
    names: &mut Names,
    day: Date,
) -> Decision {
    let evaluator = Evaluator::new(policy);
    let units = |_: &str, _: &str| -> Option<&Unit> { None };
    let suspended: HashSet<String> = suspended.iter().map(|target| (*target).to_owned()).collect();
    let deciding = Deciding { policy, evaluator: &evaluator, units: &units, day, suspended: &suspended };
    let Ok(decision) = deciding.decide(person, seen, names);
    decision
}

fn now(policy: &Policy, person: &Person, seen: &[Seen], suspended: &[&str]) -> Decision {
    decide(policy, person, seen, suspended, &mut Names::default(), TODAY)
}

fn values(attributes: &Attributes, name: &str) -> Vec<String> {
    let values = attributes.iter().find(|(known, _)| known == name).map_or(&[][..], |(_, values)| values);
    values.iter().map(|value| value.as_text().unwrap_or("?").to_owned()).collect()
}

fn account<'d>(policy: &Policy, decision: &'d Decision, rule: &str) -> &'d Account {
    decision.accounts.iter().find(|account| policy.accounts[account.rule].name == rule).unwrap()
}

const FED: &str = r#"[name.user]
candidates = ["letters(person.surname)"]

[account.archive]
target = "archive"
class = "user"

[account.archive.attributes]
key = "accounts.office.id"

[account.office]
target = "office"
class = "user"
when = "primary.form != 'none'"

[account.office.attributes]
title = "primary.title"
mail = "accounts.directory.mail"
anchor = "accounts.directory.serial"

[account.directory]
target = "directory"
class = "user"
when = "primary.title != 'nobody'"

[account.directory.attributes]
mail = "names.user + '@x.example'"
"#;

fn directory(id: &str, serial: Option<&str>, mail: &str) -> Seen {
    Seen {
        rule: "directory".to_owned(),
        id: Some(Value::from(id)),
        computed: serial.map(|serial| ("serial".to_owned(), vec![Value::from(serial)])).into_iter().collect(),
        written: vec![("mail".to_owned(), vec![Value::from(mail)])],
    }
}

#[test]
fn an_account_waits_for_the_one_that_it_asks() {
    let policy = policy(FED);
    let eva = person(vec![engagement("1")]);
    let decision = now(&policy, &eva, &[], &[]);
    assert_eq!(decision.accounts.iter().map(|account| account.rule).collect::<Vec<_>>(), [0, 1, 2]);
    let first = account(&policy, &decision, "directory");
    assert_eq!((first.awaits, first.then.is_none()), (None, true));
    assert_eq!(values(first.attributes.as_ref().unwrap(), "mail"), ["berg@x.example"]);
    let office = account(&policy, &decision, "office");
    assert_eq!((office.presence, office.attributes.is_none(), office.awaits), (Presence::Open, true, Some(2)));
    let then = office.then.as_ref().unwrap();
    assert_eq!(values(&then.attributes, "mail"), ["berg@x.example"], "what will be written is known");
    assert_eq!(values(&then.attributes, "anchor"), ["(from directory)"]);
    assert_eq!(then.unknown, ["anchor"]);
    // And what waits for that one in turn follows as well.
    let archive = account(&policy, &decision, "archive");
    assert_eq!((archive.awaits, archive.then.as_ref().unwrap().unknown.as_slice()), (Some(1), &["key".to_owned()][..]));

    // Once it is there, and its target has said all that is asked for.
    let decision = now(&policy, &eva, &[directory("d1", Some("77"), "berg@x.example")], &[]);
    let office = account(&policy, &decision, "office");
    assert_eq!((office.awaits, &office.then), (None, &None));
    assert_eq!(values(office.attributes.as_ref().unwrap(), "anchor"), ["77"]);
    let decision = now(&policy, &eva, &[directory("d1", None, "berg@x.example")], &[]);
    assert_eq!(account(&policy, &decision, "office").awaits, Some(2));
}

#[test]
fn what_is_about_to_change_is_asked_for_once_it_has() {
    let policy = policy(FED);
    let eva = person(vec![Engagement { title: "Rektor".into(), ..engagement("1") }]);
    let decision = now(&policy, &eva, &[directory("d1", Some("77"), "by-hand@x.example")], &[]);
    let office = account(&policy, &decision, "office");
    let attributes = office.attributes.as_ref().unwrap();
    assert_eq!(values(attributes, "mail"), ["by-hand@x.example"]);
    let then = office.then.as_ref().unwrap();
    assert_eq!((then.changing.as_slice(), then.unknown.len()), (&["mail".to_owned()][..], 0));
    assert_eq!(values(&then.attributes, "mail"), ["berg@x.example"]);
    assert_eq!(values(&then.attributes, "title"), ["Rektor"]);
}

#[test]
fn nothing_follows_from_an_account_that_there_will_not_be() {
    let policy = policy(FED);
    let nobody = person(vec![Engagement { title: "nobody".into(), ..engagement("1") }]);
    let decision = now(&policy, &nobody, &[], &[]);
    assert_eq!(account(&policy, &decision, "directory").presence, Presence::Absent);
    let office = account(&policy, &decision, "office");
    assert_eq!((office.awaits, &office.then), (Some(2), &None));
    // A condition that needs no other account is asked first.
    let none = person(vec![Engagement { form: "none".into(), title: "nobody".into(), ..engagement("1") }]);
    let office = now(&policy, &none, &[], &[]);
    assert_eq!(account(&policy, &office, "office").presence, Presence::Absent);
}

#[test]
fn nobody_asks_a_target_that_is_left_alone_and_what_is_over_is_over() {
    let policy = policy(&format!(
        "{FED}\n[group.all]\ntarget = 'office'\nclass = 'group'\naccount = 'office'\nwhen = 'engagement.is_manager'\n\
         [licence.office]\naccount = 'office'\nranks = [{{ sku = 'E3' }}]\n"
    ));
    let eva = person(vec![Engagement { is_manager: true, ..engagement("1") }]);
    let seen = [directory("d1", Some("77"), "berg@x.example")];
    let decision = now(&policy, &eva, &seen, &["directory"]);
    let office = account(&policy, &decision, "office");
    assert_eq!((office.presence, &office.attributes, office.awaits), (Presence::Open, &None, Some(2)));
    assert_eq!(office.then, None);
    // Its rights are still told, so that others can go.
    assert_eq!((office.memberships.len(), office.ladders[0].given.len()), (1, 1));
    let gone = person(vec![Engagement { end: Some(date(2026, 11, 1)), ..engagement("1") }]);
    let office = now(&policy, &gone, &seen, &["directory"]);
    assert_eq!(account(&policy, &office, "office").presence, Presence::Kept);
}

#[test]
fn an_account_has_the_highest_licence_that_any_engagement_gives() {
    let policy = policy(
        r#"[account.office]
target = "office"
class = "user"

[licence.plan]
account = "office"
ranks = [
  { sku = "E5", when = "engagement.is_manager" },
  { sku = "E3", when = "engagement.title != 'unknown' || table.none[engagement.title].x" },
]

[licence.visio]
account = "office"
ranks = [{ sku = "VISIO", when = "engagement.title == 'Ritare'" }]

[table.none.a]
x = true
"#,
    );
    let post =
        |record: &str, title: &str, is_manager| Engagement { title: title.into(), is_manager, ..engagement(record) };
    let given = |engagements: Vec<Engagement>| {
        let decision = now(&policy, &person(engagements), &[], &[]);
        let told = |ladder: &super::Ladder| {
            let ranks: Vec<(usize, Vec<String>, Option<Date>)> = ladder
                .given
                .iter()
                .map(|given| {
                    let records = given.engagements.iter().map(|id| id.record.clone()).collect();
                    (given.rank, records, given.first)
                })
                .collect();
            (ranks, ladder.unsure)
        };
        let ladders: Vec<_> = decision.accounts[0].ladders.iter().map(told).collect();
        (ladders, decision.findings.len())
    };
    let first = Some(date(2020, 1, 1));
    let texts = |records: &[&str]| records.iter().map(|record| (*record).to_owned()).collect::<Vec<_>>();
    let later = Engagement { start: Some(date(2026, 1, 1)), ..post("2", "Ritare", true) };
    assert_eq!(
        given(vec![post("1", "Lärare", false), later.clone()]),
        (
            vec![
                (vec![(0, texts(&["2"]), later.start), (1, texts(&["1", "2"]), first)], false),
                (vec![(0, texts(&["2"]), later.start)], false),
            ],
            0
        )
    );
    // What is over or has not begun gives nothing.
    let over = Engagement { end: Some(date(2026, 11, 22)), ..later.clone() };
    let future = Engagement { start: Some(date(2026, 11, 24)), ..later };
    assert_eq!(given(vec![post("1", "Lärare", false), over, future]).0[0], (vec![(1, texts(&["1"]), first)], false));
    // A ladder that fails is told of, and the others go on.
    let (ladders, findings) = given(vec![post("1", "unknown", false), post("2", "Ritare", true)]);
    assert_eq!((ladders[0].1, ladders[1].0.len(), findings), (true, 1, 1));
}

#[test]
fn a_name_that_was_replaced_stays_an_alias_for_a_while() {
    let policy = policy(
        r#"[name.mail]
candidates = ["'eva@' + primary.organisation"]
renew = "primary.organisation"
keep-old = "90 days"

[account.office]
target = "office"
class = "user"
protected = "pseudonym"

[account.office.attributes]
proxies = "['SMTP:' + names.mail] + aliases.mail.map(a, 'smtp:' + a)"
"#,
    );
    let mut names = Names::default();
    let in_organisation =
        |organisation: &str| person(vec![Engagement { organisation: organisation.to_owned(), ..engagement("1") }]);
    let mut on = |person: &Person, day: Date| {
        let decision = decide(&policy, person, &[], &[], &mut names, day);
        (values(decision.accounts[0].attributes.as_ref().unwrap(), "proxies"), decision.next)
    };
    assert_eq!(on(&in_organisation("a"), TODAY), (vec!["SMTP:eva@a".to_owned()], None));
    let moved = in_organisation("b");
    let ends = date(2026, 3, 1).saturating_add(jiff::ToSpan::days(90));
    let both = vec!["SMTP:eva@b".to_owned(), "smtp:eva@a".to_owned()];
    assert_eq!(on(&moved, date(2026, 3, 1)), (both.clone(), Some(ends)));
    assert_eq!(on(&moved, ends.yesterday().unwrap()), (both, Some(ends)));
    assert_eq!(on(&moved, ends), (vec!["SMTP:eva@b".to_owned()], None));
    // Moving on, both are kept, the newest first, and the calendar knows which ends first.
    let on_again = in_organisation("c");
    let three = ["SMTP:eva@c", "smtp:eva@b", "smtp:eva@a"].map(str::to_owned).to_vec();
    assert_eq!(on(&on_again, date(2026, 4, 1)), (three, Some(ends)));
    // A made-up name says nothing of the real one, nor the other way round.
    let protected = Person { protection: Protection::Protected, ..on_again.clone() };
    let (veiled, _) = on(&protected, date(2026, 4, 2));
    assert_eq!(veiled.len(), 1);
    let (open, next) = on(&on_again, date(2026, 4, 3));
    assert_eq!((open.len(), next), (3, Some(ends)), "{open:?}");
}

/// Rules that ask some of the rules before them; the file has them backwards.
fn chains() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1usize..6).prop_flat_map(|size| {
        let rules = (0..size).map(|at| prop::collection::btree_set(0..at.max(1), 0..=at.min(2)));
        rules.collect::<Vec<_>>().prop_map(|rules| {
            let below = |(at, asked): (usize, std::collections::BTreeSet<usize>)| {
                asked.into_iter().filter(|other| *other < at).collect()
            };
            rules.into_iter().enumerate().map(below).collect()
        })
    })
}

proptest! {
    /// Decided again and again while the targets carry out what is decided, every account is made, none before those that
    /// it asks, each with their ids, and in no more rounds than the policy says.
    #[test]
    fn accounts_are_made_in_an_order(chains in chains()) {
        let mut text = String::from("[name.user]\ncandidates = ['person.given']\n");
        for (at, asked) in chains.iter().enumerate().rev() {
            let sum = asked.iter().map(|other| format!("accounts.r{other}.id + accounts.r{other}.own")).collect::<Vec<_>>();
            let own = if sum.is_empty() { "'-'".to_owned() } else { sum.join(" + ") };
            text += &format!("[account.r{at}]\ntarget = 't{at}'\nclass = 'c'\n[account.r{at}.attributes]\nown = \"{own}\"\n");
        }
        let policy = policy(&text);
        let eva = person(vec![engagement("1")]);
        let mut seen: Vec<Seen> = Vec::new();
        let mut rounds = 0;
        while seen.len() < chains.len() {
            prop_assert!(rounds <= policy.depth, "{rounds} rounds, depth {}", policy.depth);
            let decision = now(&policy, &eva, &seen, &[]);
            let before = seen.clone();
            for account in &decision.accounts {
                let rule = &policy.accounts[account.rule];
                prop_assert_eq!(account.attributes.is_none(), account.awaits.is_some());
                prop_assert!(account.awaits.is_none() || account.then.is_some(), "everything is in sight");
                let known = before.iter().find(|seen| seen.rule == rule.name);
                let Some(attributes) = &account.attributes else {
                    prop_assert!(known.is_none());
                    continue;
                };
                for feed in &rule.feeds {
                    prop_assert!(before.iter().any(|seen| seen.rule == feed.rule));
                }
                match known {
                    Some(known) => prop_assert_eq!(&known.written, attributes),
                    None => seen.push(Seen {
                        rule: rule.name.clone(),
                        id: Some(Value::from(format!("<{}>", rule.name))),
                        computed: Vec::new(),
                        written: attributes.clone(),
                    }),
                }
            }
            rounds += 1;
        }
        prop_assert_eq!(rounds, policy.depth + 1);
        for Seen { rule, written, .. } in &seen {
            let own = values(written, "own").concat();
            let asked = &chains[rule[1..].parse::<usize>().unwrap()];
            prop_assert!(asked.iter().all(|other| own.contains(&format!("<r{other}>"))), "{own}");
        }
    }
}
