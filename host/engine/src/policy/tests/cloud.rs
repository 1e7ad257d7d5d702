//! Accounts that ask other accounts for something, ladders of licences, and names that are kept or taken elsewhere.

use super::{person, sound, unit};
use crate::person::Unit;
use crate::policy::{EXAMPLE, Evaluator, Policy, Seen, Wanted, load};
use crate::value::Value;

const FAULTS: &str = r#"[name.username]
candidates = ["letters(person.surname)"]
unique-in = ["directory", "directory.", "directory.mail"]

[name.mail]
candidates = ["names.username"]
keep-old = "a while"

[account.directory]
target = "directory"
class = "user"

[account.directory.attributes]
uid = "names.username"
cloud = "accounts.office.id + accounts.office.mail"

[account.office]
target = "office"
class = "user"
when = "accounts.directory.enabled && accounts.office.enabled"

[account.office.attributes]
immutable = "immutable_id(accounts.directory.id, 'x')"
unknown = "accounts.directry.mail"
whole = "accounts.directory"
all = "accounts"
which = "accounts[person.given].mail"
what = "accounts.directory[person.given]"
there = "has(accounts.directory)"
has = "has(accounts.directory.mail)"
among = "'mail' in accounts.directory"
number = "accounts.directory.id + 1"
alias = "aliases.username"
aliases = "aliases.mial"

[account.telephone]
target = "exchange"
class = "user"

[account.telephone.attributes]
line = "accounts.switch.id + accounts.directory.id"

[account.switch]
target = "exchange"
class = "user"
protected = "pseudonym"

[account.switch.attributes]
line = "accounts.terminal['line']"

[account.terminal]
target = "exchange"
class = "user"
protected = "full"

[account.terminal.attributes]
line = "'+46' + accounts.telephone.line"

[group.all]
target = "office"
class = "group"
account = "office"
when = "accounts.directory.id == ''"

[licence.office]
account = "ofice"
ranks = []

[licence.plans]
account = "office"
attribute = "all"
ranks = [
  { sku = "E5", when = "engagement.titel == ''" },
  { sku = "E3", when = "engagement.is_manager" },
  { sku = " " },
  { when = "true" },
  { sku = "E3", wen = "true" },
]

[licence.more]
account = "office"
attribute = "all"
ranks = [{ sku = "E3" }]

[licence.none]
ranks = "E5"
"#;

#[test]
fn what_accounts_ask_of_each_other_has_its_faults() {
    let faults = load(&[("policy.toml".to_owned(), FAULTS.to_owned())]).expect_err("the policy has faults");
    let told: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    insta::assert_snapshot!(told);
}

/// A policy in which the accounts stand in the wrong order.
const RULES: &str = r#"[name.mail]
candidates = ["'a@x.example'"]
keep-old = "90 days"

[account.archive]
target = "archive"
class = "user"

[account.archive.attributes]
key = "accounts.office.id"

[account.office]
target = "office"
class = "user"

[account.office.attributes]
mail = "accounts.directory.mail"
immutable = "immutable_id(accounts.directory.id)"
serial = "accounts.directory['ms-serial']"
proxies = "['SMTP:' + names.mail] + aliases.mail.map(a, 'smtp:' + a)"
phones = "accounts.directory.phones"
title = "accounts.directory.title != '' ? 'has one' : 'has none'"

[account.directory]
target = "directory"
class = "user"

[account.directory.attributes]
mail = "names.mail"
phones = "['1', '2']"
title = "primary.unit_name"
"#;

#[test]
fn what_is_asked_for_is_known_when_the_policy_is_loaded() {
    let policy = sound(RULES);
    let names: Vec<&str> = policy.order.iter().map(|place| policy.accounts[*place].name.as_str()).collect();
    assert_eq!(names, ["directory", "office", "archive"]);
    assert_eq!((policy.depth, policy.feeds()), (2, true));
    assert_eq!(policy.asked_of("directory"), ["id", "mail", "ms-serial", "phones", "title"]);
    assert_eq!(policy.asked_of("archive"), Vec::<&str>::new());
    // Only what the rule does not write itself must be read from the target.
    assert_eq!(policy.computed_of(&policy.accounts[2]), ["ms-serial"]);
    let place = |rule: usize, attribute: &str| {
        let feeds = &policy.accounts[rule].feeds;
        feeds.iter().find(|feed| feed.attribute == attribute).unwrap().place.to_string()
    };
    assert_eq!(place(1, "mail"), "policy.toml:17:9");
    assert_eq!(place(1, "id"), "policy.toml:18:27");
    let plain = sound(EXAMPLE);
    assert_eq!(plain.order.len(), plain.accounts.len());
}

/// The account in the directory, as it is known.
fn directory(written: &[(&str, &[&str])], computed: &[(&str, &[&str])]) -> Seen {
    let attributes = |all: &[(&str, &[&str])]| {
        let values = |values: &[&str]| values.iter().map(|value| Value::from(*value)).collect();
        all.iter().map(|(name, held)| ((*name).to_owned(), values(held))).collect()
    };
    Seen {
        rule: "directory".to_owned(),
        // A known pair of a GUID and what Entra ID makes of it.
        id: Some(Value::from("748b2d72-706b-42f8-8b25-82fd8733860f")),
        computed: attributes(computed),
        written: attributes(written),
    }
}

/// What the office rule gives with these aliases and this account in the directory.
fn office(policy: &Policy, aliases: &[&str], directory: Seen) -> Result<Vec<(String, Wanted)>, String> {
    let (evaluator, unit, person) = (Evaluator::new(policy), unit(), person());
    let units = |_: &str, _: &str| -> Option<&Unit> { Some(&unit) };
    let mut scope = evaluator.person(&person, Some(0), &[0, 1], &units);
    scope.set_names(&[("mail", "a@x.example")]);
    scope.set_aliases("mail", &aliases.iter().map(|alias| (*alias).to_owned()).collect::<Vec<_>>());
    scope.set_accounts(vec![directory]);
    scope.attributes(&policy.accounts[1]).map_err(|fault| fault.to_string())
}

#[test]
fn an_account_is_seen_as_its_target_computed_it_and_sluss_wrote_it() {
    let policy = sound(RULES);
    let written: &[(&str, &[&str])] = &[("mail", &["A@x.example"]), ("phones", &["1", "2"]), ("title", &[])];
    let given = office(&policy, &["old@y.example"], directory(written, &[("mail", &["a@x.example"])])).unwrap();
    let values = |name: &str| -> Vec<String> {
        match given.iter().find(|(own, _)| own == name) {
            Some((_, Wanted::Values(values))) => values.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
            Some((_, Wanted::Later(rule))) => vec![format!("later from {rule}")],
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(values("mail"), ["a@x.example"], "what the target made of it counts");
    assert_eq!(values("immutable"), ["ci2LdGtw+EKLJYL9hzOGDw=="]);
    assert_eq!(values("phones"), ["1", "2"]);
    assert_eq!(values("title"), ["has none"]);
    assert_eq!(values("proxies"), ["SMTP:a@x.example", "smtp:old@y.example"]);
    assert_eq!(values("serial"), ["later from directory"], "nobody told");
    let seen = directory(written, &[("ms-serial", &["7"])]);
    let given = office(&policy, &[], seen).unwrap();
    assert!(given.contains(&("serial".to_owned(), Wanted::Values(vec![Value::from("7")]))));
    assert!(given.contains(&("proxies".to_owned(), Wanted::Values(vec![Value::from("SMTP:a@x.example")]))));
}

#[test]
fn only_a_guid_has_an_immutable_id() {
    let policy = sound(RULES);
    let made = |id: &str| -> Result<String, String> {
        let seen =
            Seen { id: Some(Value::from(id)), ..directory(&[("mail", &[]), ("phones", &[]), ("title", &[])], &[]) };
        let given = office(&policy, &[], seen)?;
        match given.into_iter().find(|(name, _)| name == "immutable") {
            Some((_, Wanted::Values(values))) => Ok(values[0].as_text().unwrap().to_owned()),
            other => panic!("{other:?}"),
        }
    };
    let right = Ok("ci2LdGtw+EKLJYL9hzOGDw==".to_owned());
    assert_eq!(made("{748B2D72-706B-42F8-8B25-82FD8733860F}"), right);
    assert_eq!(made(" 748b2d72-706b-42f8-8b25-82fd8733860f "), right);
    assert_eq!(made("00000000-0000-0000-0000-000000000000"), Ok("AAAAAAAAAAAAAAAAAAAAAA==".to_owned()));
    for wrong in [
        "",
        "748b2d72706b42f88b2582fd8733860f",
        "748b2d72-706b-42f8-8b25-82fd8733860",
        "748b2d72-706b-42f8-8b25-82fd8733860g",
        "748b2d72-706b-42f8-8b25-+2fd8733860f",
        "{748b2d72-706b-42f8-8b25-82fd8733860f",
        "åäöåäö-706b-42f8-8b25-82fd8733860f",
        "uid=eva,ou=people,dc=example,dc=test",
    ] {
        let told = made(wrong).unwrap_err();
        assert!(told.contains("`immutable_id` cannot work with this value"), "{wrong}: {told}");
        assert!(wrong.is_empty() || !told.contains(wrong), "{told}");
    }
}

#[test]
fn a_ladder_is_asked_for_each_engagement() {
    let policy = sound(
        r#"[account.office]
target = "office"
class = "user"

[licence.office]
account = "office"
ranks = [
  { sku = "E5", when = "engagement.is_manager" },
  { sku = "E3", when = "table.missing[engagement.unit].name != ''" },
  { sku = "F3" },
]

[table.missing.SK-3]
name = ""
"#,
    );
    let (evaluator, unit, person) = (Evaluator::new(&policy), unit(), person());
    let units = |_: &str, _: &str| -> Option<&Unit> { Some(&unit) };
    let scope = evaluator.person(&person, Some(0), &[0, 1], &units);
    let [ladder] = policy.licences.as_slice() else { panic!("one ladder") };
    assert_eq!((ladder.attribute.as_str(), ladder.rank("F3"), ladder.rank("E1")), ("licence", Some(2), None));
    assert_eq!(scope.ranks(ladder, 1).unwrap(), [0, 2]);
    let fault = scope.ranks(ladder, 0).unwrap_err();
    assert_eq!((fault.rule.as_str(), fault.place.line), ("licence.office", Some(9)));
    assert_eq!(scope.ranks(ladder, 9).unwrap(), Vec::<usize>::new());
}
