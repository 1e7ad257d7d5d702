//! Messages: what may be said about who is told of what, and what a rule then says of somebody.

use super::{person, sound, unit};
use crate::person::Unit;
use crate::policy::{Digest, Evaluator, Event, InDoubt, Language, Protected, Reader, load};

const RULES: &str = r#"[table.organisation.1427]
language = "sv"

[name.username]
candidates = ["letters(person.surname)"]

[account.directory]
target = "directory"
class = "user"

[account.directory.attributes]
mail = "names.username + '@example.test'"

[account.other]
target = "other"
class = "user"
"#;

#[test]
fn what_is_left_out_has_a_meaning_that_is_safe() {
    let policy = sound(&format!("{RULES}[message.new]\non = \"account-created\"\naccount = \"directory\"\n"));
    let [rule] = policy.messages.as_slice() else { panic!("{:?}", policy.messages) };
    assert_eq!((rule.on, rule.before, rule.digest), (Event::Created, 0, Digest::Single));
    assert_eq!((rule.protected, rule.in_doubt), (Protected::Pseudonym, InDoubt::Leave));
    assert_eq!(rule.address_from, Some(("directory".to_owned(), "mail".to_owned())));
    assert!(matches!(rule.to, Reader::Manager) && rule.fallback.is_none() && rule.template.is_none());
    // An account without such an attribute says nothing of addresses.
    let policy = sound(&format!("{RULES}[message.new]\non = \"account-created\"\naccount = \"other\"\n"));
    assert_eq!(policy.messages[0].address_from, None);
}

#[test]
fn a_message_says_who_is_told_of_whom_and_how() {
    let policy = sound(&format!(
        "{RULES}{}",
        r#"
[message.ending]
on = "account-ending"
before = "2 weeks"
account = "other"
address-from = "directory.mail"
to = "[person.extra['email'], ' ' + person.extra['email'], names.username + '@x.test', '']"
when = "primary.title.startsWith('Under')"
language = "table.organisation[primary.organisation].language"
template = { file = "words.txt" }
subject = "{{ name }}"
"#
    ));
    let rule = &policy.messages[0];
    assert_eq!((rule.on, rule.before), (Event::Ending, 14));
    let phrase = rule.template.as_ref().unwrap();
    assert_eq!(
        (phrase.text.as_str(), phrase.is_file, rule.subject.as_ref().unwrap().is_file),
        ("words.txt", true, false)
    );
    let (evaluator, unit, somebody) = (Evaluator::new(&policy), unit(), person());
    let units = |organisation: &str, code: &str| -> Option<&Unit> {
        (organisation == unit.organisation && code == unit.code).then_some(&unit)
    };
    let mut scope = evaluator.person(&somebody, Some(0), &[0], &units);
    scope.set_names(&[("username", "asaobe")]);
    assert!(scope.tells(rule).unwrap());
    assert_eq!(scope.language(rule).unwrap(), Ok(Language::Swedish));
    assert_eq!(scope.readers(rule).unwrap().unwrap(), ["asa@example.test", "asaobe@x.test"]);
    // The rector is nobody of whom it tells, and works where the table knows no language.
    let scope = evaluator.person(&somebody, Some(1), &[1], &units);
    assert!(!scope.tells(rule).unwrap());
    assert_eq!(scope.language(rule).unwrap_err().rule, "message.ending");
}

#[test]
fn what_is_wrong_with_a_message_is_said_with_its_place() {
    let faulty = r#"
[message.a]
on = "account-made"
account = "directry"
before = "soon"
to = "manger"
language = "3"
digest = "weekly"
protected = "hidden"
in-doubt = "ask"
subject = { text = "x" }
template = 3
when = "person.given"
adress-from = "directory.mail"

[message.b]
on = "account-ending"
account = "directory"
address-from = "mail"

[message.c]
on = "account-closed"
account = "directory"
before = "3 days"
address-from = "directory.email"

[message.d]
account = "other"
address-from = "directry.mail"
to = "key"
"#;
    let faults = load(&[("policy.toml".to_owned(), format!("{RULES}{faulty}"))]).expect_err("the policy has faults");
    insta::assert_snapshot!(faults.iter().map(|fault| format!("{fault}\n")).collect::<String>());
}
