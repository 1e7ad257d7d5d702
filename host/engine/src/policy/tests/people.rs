//! What the example says of people and groups.

use super::{engagement, person, sound, unit};
use crate::person::{Person, Unit};
use crate::policy::{EXAMPLE, Evaluator, GroupKey, GroupRule, Policy, Wanted, load};
use crate::value::Value;

fn group<'p>(policy: &'p Policy, name: &str) -> &'p GroupRule {
    policy.groups.iter().find(|rule| rule.name == name).unwrap()
}

fn known<'u>(unit: &'u Unit) -> impl Fn(&str, &str) -> Option<&'u Unit> {
    move |organisation, code| (unit.organisation == organisation && unit.code == code).then_some(unit)
}

#[test]
fn the_example_gives_names_and_an_account() {
    let policy = sound(EXAMPLE);
    let evaluator = Evaluator::new(&policy);
    let (person, unit) = (person(), unit());
    let units = known(&unit);
    let mut scope = evaluator.person(&person, Some(0), &[0, 1], &units);
    let [username, mail] = policy.names.as_slice() else { panic!("two kinds of name") };
    assert_eq!(scope.candidates(username).unwrap(), ["asaobe", "asober"]);
    assert_eq!(scope.renew_key(username).unwrap(), "");
    assert_eq!(scope.candidates(mail).unwrap(), ["asa.oberg-lind@sotenas.example"]);
    assert_eq!(scope.renew_key(mail).unwrap(), "1427");

    scope.set_names(&[("mail", "asa@sotenas.example"), ("username", "asaobe"), ("badge", "none")]);
    let account = &policy.accounts[0];
    assert!(scope.applies(account).unwrap());
    let text = |text: &str| Wanted::Values(vec![Value::from(text)]);
    let attributes = scope.attributes(account).unwrap();
    let expected = [
        ("uid", text("asaobe")),
        ("cn", text("Åsa Öberg-Lind")),
        ("givenName", text("Åsa")),
        ("sn", text("Öberg-Lind")),
        ("mail", text("asa@sotenas.example")),
        ("title", text("Undersköterska")),
        ("departmentNumber", text("VO-12")),
        ("manager", Wanted::ManagerOfPrimary(None)),
    ];
    assert_eq!(attributes, expected.map(|(name, wanted)| (name.to_owned(), wanted)));
}

#[test]
fn the_example_gives_groups_for_each_engagement() {
    let policy = sound(EXAMPLE);
    let evaluator = Evaluator::new(&policy);
    let (person, unit) = (person(), unit());
    let units = known(&unit);
    let scope = evaluator.person(&person, Some(0), &[0, 1], &units);
    let keys = |name: &str, engagement| scope.group_keys(group(&policy, name), engagement).unwrap();
    let key = |key: &str, organisation: &str, unit: &str, title: &str| GroupKey {
        key: key.to_owned(),
        organisation: organisation.to_owned(),
        unit_code: unit.to_owned(),
        title: title.to_owned(),
    };
    assert_eq!(keys("unit", 0), [key("1427-VO-12", "1427", "VO-12", "Hemtjänst norr")]);
    assert_eq!(keys("unit", 1), [key("1484-SK-3", "1484", "SK-3", "Gullmarsskolan")]);
    assert_eq!(keys("role", 0), [key("207009", "", "", "Undersköterska")]);
    assert_eq!(keys("role", 1), [key("rektor", "", "", "Rektor")]);
    assert_eq!(keys("organisation", 1), [key("1484", "1484", "", "Lysekil")]);
    assert_eq!(keys("managers", 0), []);
    assert_eq!(keys("managers", 1), [key("", "", "", "managers")]);
    assert_eq!(keys("managers", 9), []);

    let attributes = |name: &str, key: &GroupKey, unit| {
        let attributes = evaluator.group_attributes(group(&policy, name), key, unit).unwrap();
        attributes.into_iter().map(|(name, values)| (name, values[0].as_text().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        attributes("unit", &keys("unit", 0)[0], Some(&unit)),
        [pair("cn", "unit-1427-VO-12"), pair("description", "Hemtjänst norr")]
    );
    assert_eq!(
        attributes("role", &keys("role", 1)[0], None),
        [pair("cn", "role-rektor"), pair("description", "Rektor")]
    );
    assert_eq!(attributes("managers", &keys("managers", 1)[0], None), [pair("cn", "managers")]);
}

/// Somebody without an engagement is seen through blanks; only what needs an organisation has no answer.
#[test]
fn a_person_without_an_engagement_still_has_answers() {
    let policy = sound(EXAMPLE);
    let evaluator = Evaluator::new(&policy);
    let person = Person { engagements: Vec::new(), ..person() };
    let nowhere = |_: &str, _: &str| None;
    let scope = evaluator.person(&person, None, &[], &nowhere);
    assert_eq!(scope.candidates(&policy.names[0]).unwrap(), ["asaobe", "asober"]);
    let fault = scope.candidates(&policy.names[1]).unwrap_err();
    assert_eq!(fault.rule, "name.mail");
    assert_eq!(fault.message, "the table `organisation` has no entry ``");
    let line = EXAMPLE.lines().position(|line| line.contains("\"local_part(person.given")).unwrap() + 1;
    assert_eq!(fault.place.to_string(), format!("policy.toml:{line}:4"));
    let attributes = scope.attributes(&policy.accounts[0]).unwrap();
    assert_eq!(attributes[5], ("title".to_owned(), Wanted::Values(Vec::new())));
}

#[test]
fn for_each_takes_any_text_or_texts() {
    let rules = |for_each: &str| {
        format!(
            "[account.a]\ntarget = 't'\nclass = 'c'\n\
             [group.g]\ntarget = 't'\nclass = 'g'\naccount = 'a'\nfor-each = \"\"\"{for_each}\"\"\"\n"
        )
    };
    let mut person = person();
    person.engagements.push(engagement("1430"));
    let nowhere = |_: &str, _: &str| None;
    for (for_each, expected) in [
        ("engagement.form + '-' + unit.organisation", vec!["TV-1427"]),
        ("['b', '', 'a', 'b']", vec!["a", "b"]),
        ("engagement.extra['heroma:keys']", vec!["a", "b"]),
        ("engagement.extra['heroma:none']", vec![]),
        ("engagements.map(e, e.organisation)", vec!["1427", "1484"]),
    ] {
        let policy = sound(&rules(for_each));
        let evaluator = Evaluator::new(&policy);
        let scope = evaluator.person(&person, Some(0), &[0, 1], &nowhere);
        let keys = scope.group_keys(&policy.groups[0], 0).unwrap();
        assert_eq!(keys.iter().map(|key| key.key.as_str()).collect::<Vec<_>>(), expected, "{for_each}");
    }
}

/// Only what a policy says counts for its digest.
#[test]
fn the_digest_follows_the_meaning() {
    let digest = |text: &str| sound(text).digest;
    let example = digest(EXAMPLE);
    assert_eq!(digest(&EXAMPLE.replace("# Accounts", "# All accounts").replace(" = ", "  =  ")), example);
    assert_ne!(digest(&EXAMPLE.replace("person.display", "person.given")), example);
    assert_ne!(digest(&EXAMPLE.replace("\"60 days\"", "\"61 days\"")), example);
    assert_ne!(digest(&EXAMPLE.replace("percent = 20", "percent = 21")), example);
    let (head, tail) = EXAMPLE.split_at(EXAMPLE.find("\n[account.").unwrap());
    let files = [("a.toml".to_owned(), head.to_owned()), ("b.toml".to_owned(), tail.to_owned())];
    assert_eq!(load(&files).unwrap().digest, example);
}

/// What the example says is what holds without it.
#[test]
fn the_example_shows_the_defaults() {
    let (example, empty) = (sound(EXAMPLE), sound(""));
    assert_eq!(example.matching, empty.matching);
    assert_eq!(example.primary, empty.primary);
    assert_eq!(example.stages, empty.stages);
    assert_eq!(example.guards, empty.guards);
    assert!(empty.names.is_empty() && empty.accounts.is_empty() && empty.groups.is_empty());
}
