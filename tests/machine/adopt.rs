//! A directory that had accounts before Sluss came: whose they are is found out, and nothing is written to it by that.

use crate::world::{ALI, BO, DORIS, EVA, POLICY, World, block, exists, groups, locked, post, slapd};
use sluss_people::{EMPLOYMENTS_FILE, Population};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How accounts and groups are known that are there already.
fn policy() -> String {
    let adopt = "protected = \"pseudonym\"\nadopt = [\n  { attribute = \"employeeNumber\", value = \"person.number\" },\n  \
                 { attribute = \"mail\", value = \"local_part(person.given + ' ' + person.surname) + '@old.example'\", \
                 match = \"doubtful\" },\n]\n";
    let policy = POLICY.replacen("protected = \"pseudonym\"\n", adopt, 1);
    policy.replacen("for-each = \"organisation\"\n", "for-each = \"organisation\"\nadopt = \"cn\"\n", 1)
}

#[test]
fn accounts_are_linked_by_rule_and_keep_their_names() {
    block(async {
        let server = slapd().await;
        let person: &[&str] = &["inetOrgPerson"];
        let old = |uid: &str| format!("uid={uid},ou=people,dc=example,dc=test");
        let add = async |uid: &str, more: &[(&str, &[&str])]| {
            let all = [&[("objectClass", person), ("cn", &["Old"][..]), ("sn", &["Old"])][..], more].concat();
            server.add_by_hand(&old(uid), &all).await.unwrap();
        };
        // Numbers are compared however they are written; an account may be closed already.
        add("eva.o", &[("employeeNumber", &["800102-2386"])]).await;
        add("ali1", &[("employeeNumber", &[ALI]), ("pwdAccountLockedTime", &["000001010000Z"])]).await;
        add("ali2", &[("employeeNumber", &[ALI])]).await;
        add("bo", &[("mail", &["Bo.Ek@old.example"])]).await;
        add("backup", &[("description", &["a service"])]).await;
        let members: &[&str] = &["dc=example,dc=test", &old("eva.o"), &old("backup")];
        let group: &[&str] = &["groupOfNames"];
        let all = "cn=all-sotenas,ou=groups,dc=example,dc=test";
        server.add_by_hand(all, &[("objectClass", group), ("member", members)]).await.unwrap();

        let world = World::ldap(&server);
        world.write("policy.toml", policy());
        world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1").manager(BO),
            post(ALI, "Ali", "Bergström").at("1427", "2"),
            post(BO, "Bo", "Ek").at("1430", "3").unit("SK-1", "Centrumskolan"),
            post(DORIS, "Doris", "Berg").at("1484", "4").unit("SK-9", "Gullmarsskolan"),
        ]);
        let before = server.writes().await.unwrap();
        let adopt =
            |more: &[&str]| world.sluss(&[&["--json", "adopt", "directory", "--on", "2026-11-23"][..], more].concat());
        let shown = adopt(&[]).expect(&[1]).json();
        let list = |value: &serde_json::Value| -> Vec<String> {
            let texts = value.as_array().unwrap().iter();
            let text = |entry: &serde_json::Value| entry.as_str().or(entry[0].as_str()).unwrap().to_owned();
            texts.map(text).collect()
        };
        assert_eq!(list(&shown["accounts"]), [old("eva.o")]);
        assert_eq!(list(&shown["doubtful"]), [old("ali1"), old("ali2"), old("bo")]);
        assert_eq!(list(&shown["orphans"]), [old("backup")]);
        assert_eq!(list(&shown["groups"]), [all]);
        assert!(!adopt(&[]).said().contains("2386"), "no number is shown");
        // Nothing was remembered by looking.
        assert!(!world.sluss(&["cases"]).out.contains("adopt/"));

        adopt(&["--link"]).expect(&[1]);
        assert_eq!(server.writes().await.unwrap(), before, "adopting writes nothing");
        assert_eq!(list(&adopt(&["--link"]).json()["accounts"]), Vec::<String>::new(), "once is enough");

        // Who may have an account already gets no second one; Doris, who has none, gets hers.
        world.run("2026-11-23").expect(&[0, 1]);
        let tree = server.dump().await.unwrap();
        assert!(
            exists(&tree, "dorber") && !exists(&tree, "aliber") && !exists(&tree, "boek") && !exists(&tree, "evaobe")
        );
        let eva = &tree[&old("eva.o")];
        assert_eq!(eva["cn"].first().unwrap(), "Eva Öberg");
        assert_eq!(groups(&tree, "eva.o"), ["all-sotenas", "role-207011", "unit-1427-VO-12"]);
        assert_eq!(groups(&tree, "backup"), ["all-sotenas"], "who is nobody's stays until somebody compares");
        assert_eq!(tree[&old("backup")]["description"].first().unwrap(), "a service");
        assert_eq!(tree[&old("bo")]["cn"].first().unwrap(), "Old");

        // A human says whose the others are.
        let cases = world.sluss(&["--json", "cases"]).json();
        let case = |uid: &str| {
            let mut all = cases["cases"].as_array().unwrap().iter();
            all.find(|case| case["finding"]["subject"].to_string().contains(uid)).unwrap()
        };
        let of = |uid: &str| case(uid)["id"].as_str().unwrap().to_owned();
        let candidate = |uid: &str| {
            let message = case(uid)["finding"]["message"].as_str().unwrap();
            let (_, named) = message.split_once("account of person ").unwrap();
            named.split(':').next().unwrap().to_owned()
        };
        let (ali, bo) = (candidate("uid=ali1"), candidate("uid=bo,"));
        world.sluss(&["cases", "resolve", &of("uid=ali1"), "--as", &bo]).expect(&[2]);
        world.sluss(&["cases", "resolve", &of("uid=ali1"), "--as", &ali]).expect(&[0]);
        world.sluss(&["cases", "resolve", &of("uid=ali2"), "--as", &ali]).expect(&[2]);
        world.sluss(&["cases", "resolve", &of("uid=ali2"), "--new"]).expect(&[0]);
        world.sluss(&["cases", "resolve", &of("uid=bo,"), "--as", &bo]).expect(&[0]);
        world.run("2026-11-23").expect(&[0, 1]);
        let tree = server.dump().await.unwrap();
        assert!(!locked(&tree, "ali1"), "whoever works here has an open account");
        assert_eq!(tree[&old("ali2")]["cn"].first().unwrap(), "Old", "what is left alone stays as it is");
        assert_eq!(tree[&old("bo")]["cn"].first().unwrap(), "Bo Ek");
        assert!(tree[&old("eva.o")]["manager"].contains(&old("bo")));
        let written = server.writes().await.unwrap();
        world.run("2026-11-23").expect(&[0]);
        assert_eq!(server.writes().await.unwrap(), written, "nothing is left to do");
    });
}

#[test]
fn two_thousand_accounts_are_taken_over_at_once() {
    block(async {
        let mut server = slapd().await;
        server.stop().await.unwrap();
        let staff = Population::new(3, 2000).on(jiff::civil::date(2026, 11, 23));
        let file = staff.employments_csv();
        let text = String::from_utf8_lossy(&file).into_owned();
        let numbers: BTreeSet<String> =
            text.lines().skip(1).filter_map(|line| line.split(';').next()).map(str::to_owned).collect();
        let mut ldif = String::new();
        for (place, number) in numbers.iter().enumerate() {
            write!(
                ldif,
                "dn: uid=old{place},ou=people,dc=example,dc=test\nobjectClass: inetOrgPerson\nuid: old{place}\ncn: Old\n\
                 sn: Old\nemployeeNumber: {number}\n\n"
            )
            .unwrap();
        }
        server.load(&ldif).unwrap();
        server.restart().await.unwrap();
        let world = World::ldap(&server);
        world.write("policy.toml", policy());
        world.write(&format!("incoming/{EMPLOYMENTS_FILE}"), file);
        let before = server.writes().await.unwrap();
        let adopted =
            world.sluss(&["--json", "adopt", "directory", "--link", "--on", "2026-11-23"]).expect(&[0, 1]).json();
        assert_eq!(server.writes().await.unwrap(), before);
        let linked = adopted["accounts"].as_array().unwrap().len();
        let doubtful = adopted["doubtful"].as_array().unwrap().len();
        assert_eq!((linked + doubtful, adopted["orphans"].as_array().unwrap().len()), (numbers.len(), 0));
        assert!(linked > 1800, "{linked}");
        let plan = world.sluss(&["--json", "plan", "--on", "2026-11-23"]).expect(&[0, 1, 3]).json();
        let creates = plan["changes"].as_array().unwrap().iter();
        let made = creates.filter(|change| change["action"] == "create" && change["class"] == "user").count();
        assert_eq!(made, 0, "nobody gets a second account");
    });
}
