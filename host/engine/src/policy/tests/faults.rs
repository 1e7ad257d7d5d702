//! What is wrong with a policy is found all at once, and each fault says where it is and what to write.

use crate::policy::load;

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
