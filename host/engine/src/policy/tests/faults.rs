//! What is wrong with a policy is found all at once, and each fault says where it is and what to write.

use crate::policy::{AttributeRule, load};

fn faults(files: &[(&str, &str)]) -> String {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let faults = load(&files).expect_err("the policy has faults");
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

const FIRST: &str = r#"[match]
certain = ["personal-number"]

[primary]
ordr = ["active"]
order = ["active", "larges", "active"]

[stages]
create-before = "14"
enable-before = "3 weeks"
remove-after = "60 days"
on-leave = true

[table.organisation.1427]
name = "Sotenäs"
domain = "sotenas.example"

[name.user-name]
candidates = []

[name.mail]
candidates = [
  "local_part(person.givn + ' ' + person.surname) + '@' + table.organisation[primary.organisation].domän",
  "take(letters(person.surname), 'å') + nmaes.mail",
  "person.given +",
  "person.given + 3",
  "primary.on_leave",
  "lowr(person.given) + engagement.unit + table.organization['1427'].name",
  "\"\u00e5\u00e4\" + persn.given",
]
max-length = 2
renw = "primary.organisation"

[guards]
creates = { max = -1 }
disables = { percent = 200, atleast = 3 }
removals = { }
moves = "often"
"#;

const SECOND: &str = r#"[stages]
remove-after = "30 days"

[account.directory]
target = "directory"
clas = "user"
when = "person.number"
protected = "hidden"

[account.directory.attributes]
uid = "names.usrname"
manager = { manager-of = "primry" }
title = "engagements.map(e, e.title"
all = "engagements"
note = """
primary.title.matches('[') ||
  primary.title = 'å'"""

[account.mailbox]
target = "exchange"
class = "user"

[group.unit]
target = "directory"
class = "group"
account = "mailbox"
for-each = "units"
when = "engagement.kind = 'employment'"

[group.unit.attributes]
cn = "person.given"
member = "key"

[group.role]
target = "directory"
class = "group"
account = "directry"

[acount.x]
"#;

const THIRD: &str = r#"[account.mailbox]
target = "twice"
class = "user"

[table.organisation.1427]
name = ["Sotenäs"]

[name.mail]
target = "twice"
target = "thrice"
"#;

#[test]
fn every_fault_of_every_file_is_reported_at_once() {
    insta::assert_snapshot!(faults(&[("policy.toml", FIRST), ("more.toml", SECOND), ("third.toml", THIRD)]));
}

/// A file that is not TOML is read as far as it goes.
#[test]
fn syntax_faults_do_not_hide_the_others() {
    insta::assert_snapshot!(faults(&[
        ("broken.toml", "[stages\ncreate-before = \"14 days\"\nx = \n[guards]\ncreates = 1\n"),
        ("policy.toml", "[guards]\nmoves = \"offf\"\n"),
    ]));
}

/// What would be too much to read or to evaluate is refused before it is read.
#[test]
fn expressions_are_bounded() {
    let refused =
        |expression: &str| faults(&[("p.toml", &format!("[name.a]\ncandidates = [\"\"\"{expression}\"\"\"]\n"))]);
    for (expression, expected) in [
        ("'x'".repeat(400), "the expression is 1200 bytes long; 1000 are allowed"),
        (format!("{}'x'{}", "(".repeat(13), ")".repeat(13)), "brackets are 13 deep; 12 are allowed"),
        ("'x'+".repeat(151) + "'x'", "the expression has 151 parts; 150 are allowed"),
        (format!("{}true ? 'a' : 'b'", "!".repeat(151)), "the expression has 153 parts; 150 are allowed"),
        (
            "join([1].map(a, join([2].map(b, join([3].map(c, 'x'), '')), '')), '')".to_owned(),
            "loops are 3 deep; 2 are allowed",
        ),
        ("  ".to_owned(), "there is no expression"),
    ] {
        let faults = refused(&expression);
        assert!(faults.contains(expected), "{faults}");
    }
    let most = format!("{}'x'{}", "(".repeat(12), ")".repeat(12)) + &"+'x'".repeat(130);
    assert!(load(&[("p.toml".to_owned(), format!("[name.a]\ncandidates = [\"{most}\"]"))]).is_ok());
}

/// An account refers to another one of the same target, which must be there.
#[test]
fn references_stay_within_a_target() {
    let text = |account: &str| {
        format!(
            "[account.office]\ntarget = 'office'\nclass = 'user'\n[account.directory]\ntarget = 'directory'\n\
             class = 'user'\n[account.guest]\ntarget = 'office'\nclass = 'guest'\n[account.guest.attributes]\n\
             sponsor = {{ manager-of = 'primary', account = '{account}' }}\n"
        )
    };
    for (account, expected) in [
        ("offce", "11:47: there is no [account.offce]\n    'offce'\n    did you mean `office`?"),
        ("directory", "11:47: the accounts of [account.directory] are in `directory`, and this one is in `office`"),
    ] {
        let faults = faults(&[("p.toml", &text(account))]);
        assert!(faults.contains(expected), "{faults}");
    }
    for (account, wanted) in [("office", Some("office")), ("guest", None)] {
        let policy = load(&[("p.toml".to_owned(), text(account))]).unwrap();
        let AttributeRule::ManagerOfPrimary(named) = &policy.accounts[2].attributes[0].1 else { panic!("{account}") };
        assert_eq!(named.as_ref().map(|named| named.rule.as_str()), wanted);
    }
}

/// Rules that are split over files are one policy; only what is said twice is a fault.
#[test]
fn files_are_one_policy() {
    let rules = "[account.a]\ntarget = 't'\nclass = 'c'\n[account.a.attributes]\nuid = 'names.user'\n";
    let names = "[name.user]\ncandidates = ['person.given']\n[stages]\non-leave = 'disable'\n";
    let files = |second: &str| [("1.toml".to_owned(), rules.to_owned()), ("2.toml".to_owned(), second.to_owned())];
    assert_eq!(load(&files(names)).unwrap().names[0].kind, "user");
    let twice = load(&files(&format!("{names}{rules}"))).unwrap_err();
    assert_eq!(twice.len(), 1);
    assert_eq!(twice[0].to_string(), "2.toml:5:10: `account.a` is set already, at 1.toml:1:10\n    a");
}

/// What cannot work for anybody is found before it is tried on somebody.
#[test]
fn kinds_that_do_not_fit_are_found() {
    let refused = |expression: &str| {
        let text = format!(
            "[table.rank.a]\nlevel = 1\nname = 'x'\n[name.user]\ncandidates = ['person.given']\n\
             [account.a]\ntarget = 't'\nclass = 'c'\n[account.a.attributes]\nx = '''{expression}'''\n"
        );
        faults(&[("p.toml", &text)])
    };
    let mut wrong = Vec::new();
    for (expression, expected) in [
        ("person", "10:8: this gives the whole person, and a value"),
        ("[primary]", "10:8: this gives a list, and a value"),
        ("person.given.title", "10:21: text has no fields"),
        ("person[primary.title]", "10:14: which field is meant must be known beforehand"),
        ("person['givn']", "10:15: a person has no field `givn`\n    'givn'\n    did you mean `given`?"),
        ("person.given['a']", "10:21: text has no fields"),
        ("engagements.title", "10:20: a list of engagements has no fields"),
        ("engagements['a'].title", "10:20: a list is counted from 0, not by text"),
        ("engagements[0].titel", "10:23: an engagement has no field `titel`"),
        ("engagements.exists(e, e.titel == '')", "10:32: an engagement has no field `titel`"),
        ("engagements.exists(e, e.title)", "10:30: true or false is wanted here, not text\n    e.title"),
        ("person.given.exists(e, true)", "10:8: one cannot go through text\n    person.given"),
        ("engagement.title", "10:8: there is no `engagement` in accounts"),
        ("e.title", "10:8: there is no variable `e`"),
        ("unit.nam", "10:13: a unit has no field `nam`\n    nam\n    did you mean `name`?"),
        ("table.rang.a", "10:14: there is no table `rang`\n    rang\n    did you mean `rank`?"),
        ("table.rank.b.name", "10:19: the table `rank` has no entry `b`"),
        ("table.rank[person.given].nam", "10:33: no entry of the table `rank` has a field `nam`"),
        ("table.rank[1].name", "10:19: text is wanted here, not a whole number"),
        ("table.rank.a.level + 'x'", "10:27: this does not work on a whole number and text\n    +\n    make a text"),
        ("primary.extent + 1", "10:23: this does not work on a number and a whole number"),
        ("primary.extent * '2'", "10:23: this does not work on"),
        ("-person.given", "10:8: there is no negative of text"),
        ("primary.main == 'true'", "10:21: true or false cannot be compared with text"),
        ("primary == engagements[0]", "10:16: a whole engagement cannot be compared with a whole engagement"),
        ("'a' in person.given", "10:12: nothing can be in text\n    in\n    to search in a text, write a.contains(b)"),
        ("1 in ['a']", "10:10: a whole number is never among text"),
        ("!person.given", "10:9: true or false is wanted here, not text"),
        ("person.given ? 1 : 2", "10:8: true or false is wanted here, not text\n    person.given"),
        ("lower(primary.main)", "10:14: text is wanted here, not true or false"),
        ("lower()", "10:8: `lower` cannot be used like this\n    lower\n    it is used like this: lower(text)"),
        ("person.given.lower()", "10:21: `lower` cannot be used like this"),
        ("take(person.given)", "it is used like this: take(text, count)"),
        ("take(person.given, '3')", "10:27: a whole number is wanted here"),
        ("join(person.given, ',')", "10:13: a list of texts is wanted here, not text"),
        ("size(primary.main)", "10:13: true or false has no size"),
        ("contains(person.given, 'a')", "it is used like this: text.contains(text)"),
        ("engagements.map(e)", "it is used like this: list.map(x, expression)"),
        ("person.given.matches('[')", "10:29: not a regular expression: unclosed character class"),
        ("string(person)", "10:15: the whole person cannot be converted"),
        ("timestamp('2026')", "10:8: there is no function `timestamp`"),
        ("optional.of(1)", "there is no variable `optional`"),
        ("now()", "10:8: there is no function `now`"),
        ("person.?given", "unsupported syntax"),
        ("null", "10:8: a policy has no use for this kind of value"),
        ("b'x'", "10:8: a policy has no use for this kind of value"),
        ("x{a: 1}", "10:9: a policy has no use for this kind of value"),
        ("names.username", "10:14: there is no [name.username]\n    username\n    there is: user"),
        ("person.given person.surname", "10:21: `person` cannot stand here"),
        ("'abc", "10:8: `'abc` means nothing here\n    'abc\n    a text needs a quote at its end, too"),
        ("person.given & 'x'", "10:21: `&` means nothing here\n    & 'x'\n    for both, write &&"),
    ] {
        let faults = refused(expression);
        if !faults.contains(expected) {
            wrong.push(format!("{expression}\n{faults}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}
