//! A directory and the cloud behind it: what one target computes feeds the next, licences are given as far as they go, and
//! names are kept and taken where they are.

use crate::licences::{LADDERS, licensed};
use crate::world::{ALI, BO, DORIS, EVA, POLICY, Ran, World, block, connector, locked, post, slapd};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const DAY: &str = "2026-11-23";
pub const NEXT: &str = "2026-11-24";

/// An account in the cloud for everybody who has one in the directory, and one in the archive for everybody in the cloud.
pub const RULES: &str = r#"
[account.archive]
target    = "archive"
class     = "user"
protected = "pseudonym"

[account.archive.attributes]
name = "names.username"
key  = "accounts.office.serial"
mail = "accounts.office.mail"

[account.office]
target    = "office"
class     = "user"
protected = "pseudonym"

[account.office.attributes]
name  = "names.username"
key   = "accounts.directory.id"
mail  = "upper(accounts.directory.mail)"
title = "primary.title"

[group.office]
target  = "office"
class   = "group"
account = "office"

[group.office.attributes]
name = "'everybody'"
"#;

/// A directory, with the cloud and the archive behind it, which stand before it in the configuration.
pub fn behind(world: World) -> World {
    let mut more = String::new();
    for name in ["archive", "office"] {
        std::fs::create_dir(world.path(name)).unwrap();
        more += &format!(
            "[connection.{name}]\nkind = \"files\"\npath = \"{name}\"\naccess = \"write\"\n\n[system.{name}]\nrole = \
             \"target\"\nplugin = \"cloud.wasm\"\ngrant = [\"{name}\"]\n\n[system.{name}.settings]\nfolder = \"{name}\"\n\n"
        );
    }
    let target = std::fs::read_to_string(world.path("target.toml")).unwrap();
    world.write("target.toml", more + &target);
    world.configure("");
    std::fs::copy(connector("sluss-cloud"), world.path("cloud.wasm")).unwrap();
    world.write("policy.toml", format!("{POLICY}{RULES}"));
    world.sluss(&["plugin", "add", "cloud.wasm"]).expect(&[0]);
    world
}

/// What one of the services has.
pub fn tenant(world: &World, service: &str) -> Value {
    let text = std::fs::read_to_string(world.path(&format!("{service}/tenant.json"))).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|_| json!({ "objects": {} }))
}

/// The objects of one of the services by what they are called, each with its id.
pub fn objects(world: &World, service: &str) -> BTreeMap<String, (String, Value)> {
    let tenant = tenant(world, service);
    let all = tenant["objects"].as_object().unwrap().iter();
    all.map(|(id, object)| {
        let attributes = object["attributes"].clone();
        (attributes["name"][0].as_str().unwrap().to_owned(), (id.clone(), attributes))
    })
    .collect()
}

/// The values of an attribute of an object.
pub fn held(world: &World, service: &str, name: &str, attribute: &str) -> Vec<String> {
    let objects = objects(world, service);
    let (_, attributes) = objects.get(name).unwrap_or_else(|| panic!("no {name}: {objects:?}"));
    let values = attributes[attribute].as_array().map_or(&[][..], Vec::as_slice).iter();
    values.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}

/// Changes what a service has, as its administrator would.
pub fn by_hand(world: &World, service: &str, change: impl FnOnce(&mut Value)) {
    let mut tenant = tenant(world, service);
    change(&mut tenant);
    world.write(&format!("{service}/tenant.json"), tenant.to_string());
}

/// How many of each licence there are.
pub fn seats(world: &World, seats: Value) {
    by_hand(world, "office", |tenant| tenant["seats"] = seats);
}

/// The calls that a service has had.
pub fn calls(world: &World, service: &str) -> Vec<String> {
    let text = std::fs::read_to_string(world.path(&format!("{service}/calls"))).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

pub fn rewrite(world: &World, from: &str, to: &str) {
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    assert!(policy.contains(from), "{from} is not in the policy");
    world.write("policy.toml", policy.replacen(from, to, 1));
}

pub fn reconcile(world: &World, day: &str) -> Ran {
    world.sluss(&["--json", "run", "--reconcile", "--on", day])
}

#[test]
fn accounts_follow_in_one_run_with_what_others_computed() {
    let world = behind(World::ldif());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    let plan = world.sluss(&["plan", "--on", DAY]).expect(&[0]);
    assert!(plan.out.contains("(from directory)") && plan.out.contains("(from office)"), "{}", plan.out);
    assert!(plan.out.contains("EVA.OBERG@SOTENAS.EXAMPLE"), "what will be written is known: {}", plan.out);
    assert!(calls(&world, "office").is_empty() && calls(&world, "archive").is_empty());
    let planned = world.sluss(&["--json", "plan", "--on", DAY]).expect(&[0]).json();
    assert_eq!(planned["planned"]["archive"]["create"], 2);

    let report = world.run(DAY).expect(&[0]).json();
    assert_eq!(report["applied"], report["planned"], "{report:#}");
    assert_eq!(report["applied"]["office"]["create"], 3, "two accounts and their group");
    assert_eq!(report["applied"]["archive"]["create"], 2);
    let eva = "uid=evaobe,ou=people,dc=example,dc=test";
    assert_eq!(held(&world, "office", "evaobe", "key"), [eva]);
    assert_eq!(held(&world, "office", "evaobe", "mail"), ["eva.oberg@sotenas.example"], "the service writes it so");
    assert_eq!(held(&world, "office", "everybody", "member").len(), 2);
    let serial = held(&world, "office", "evaobe", "serial");
    assert!(serial[0].starts_with('S'), "{serial:?}");
    assert_eq!(held(&world, "archive", "evaobe", "key"), serial);
    assert_eq!(held(&world, "archive", "evaobe", "mail"), ["eva.oberg@sotenas.example"]);

    // Nothing changed, nothing written; and what the service made of what was written is not taken for drift.
    let before = (calls(&world, "office").len(), calls(&world, "archive").len());
    assert_eq!(world.run(DAY).expect(&[0]).json()["applied"], json!({}));
    assert_eq!((calls(&world, "office").len(), calls(&world, "archive").len()), before);
    let report = reconcile(&world, DAY).expect(&[0]).json();
    assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
    world.sluss(&["cases"]).expect(&[0]);
}

#[test]
fn a_plan_that_was_read_is_carried_out_with_what_follows_from_it() {
    let world = behind(World::ldif());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    let hash = world.sluss(&["--json", "plan", "--on", DAY]).expect(&[0]).json()["hash"].as_str().unwrap().to_owned();
    world.sluss(&["apply", &hash, "--on", DAY]).expect(&[0]);
    assert_eq!(held(&world, "archive", "evaobe", "key"), held(&world, "office", "evaobe", "serial"));
    // What would follow is guarded before anything is written.
    let strict = "[guards]\ncreates = { max = 2 }\n";
    rewrite(&world, "[guards]\n", strict);
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "1"),
        post(ALI, "Ali", "Bergström").at("1427", "2"),
        post(BO, "Bo", "Ek").at("1427", "3"),
        post(DORIS, "Doris", "Berg").at("1427", "4"),
    ]);
    rewrite(
        &world,
        "[account.directory]\n",
        "[account.directory]\nwhen = \"person.given == 'Eva' || person.given == 'Ali'\"\n",
    );
    world.run(NEXT).expect(&[0]);
    rewrite(&world, " || person.given == 'Ali'\"", " || size(person.given) > 0\"");
    rewrite(&world, strict, "[guards]\ncreates = { max = 1 }\n");
    let held_back = world.sluss(&["run", "--on", NEXT]).expect(&[3]);
    for guard in ["guards.creates directory: 2", "guards.creates office: 2", "guards.creates archive: 2"] {
        assert!(held_back.said().contains(guard), "{guard}: {}", held_back.said());
    }
    assert!(!world.ldif_text().contains("uid: boek"));
}

#[test]
fn what_changes_is_followed_in_the_same_run() {
    let world = behind(World::ldif());
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.run(DAY).expect(&[0]);
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1430", "1").title("Rektor", "4"),
        post(ALI, "Ali", "Bergström").at("1427", "2"),
    ]);
    let plan = world.sluss(&["plan", "--on", NEXT]).expect(&[0]);
    assert!(plan.out.contains("EVA.OBERG@SOTENAS.EXAMPLE → EVA.OBERG@MUNKEDAL.EXAMPLE"), "{}", plan.out);
    let report = world.run(NEXT).expect(&[0]).json();
    // The title at once, the address once the directory has it, and then the archive's.
    assert_eq!(
        (&report["applied"]["office"]["update"], &report["applied"]["archive"]["update"]),
        (&json!(2), &json!(1))
    );
    for service in ["office", "archive"] {
        assert_eq!(held(&world, service, "evaobe", "mail"), ["eva.oberg@munkedal.example"]);
    }
    assert_eq!(held(&world, "office", "evaobe", "title"), ["Rektor"]);
    assert_eq!(held(&world, "office", "aliber", "mail"), ["ali.bergstrom@sotenas.example"]);

    // What somebody wrote into the directory by hand goes no further.
    let before = calls(&world, "office").len();
    let text = world.ldif_text();
    assert!(text.contains("mail: ali.bergstrom@sotenas.example"), "{text}");
    world.write("directory/directory.ldif", text.replace("mail: ali.bergstrom@sotenas", "mail: king@sotenas"));
    let report = reconcile(&world, NEXT).expect(&[0]).json();
    assert!(report["findings"].to_string().contains("changed by somebody else: mail"), "{report:#}");
    assert!(world.ldif_text().contains("mail: ali.bergstrom@sotenas.example"));
    let after = calls(&world, "office");
    assert!(after[before..].iter().all(|call| call.starts_with("read")), "{:?}", &after[before..]);

    // What a target computes anew is found by looking, and followed.
    by_hand(&world, "office", |tenant| {
        for (_, object) in tenant["objects"].as_object_mut().unwrap() {
            if object["attributes"]["name"][0] == "aliber" {
                object["attributes"]["serial"] = json!(["S-new"]);
            }
        }
    });
    world.run(NEXT).expect(&[0]);
    assert_ne!(held(&world, "archive", "aliber", "key"), ["S-new"], "a plain run trusts what it knows");
    reconcile(&world, NEXT).expect(&[0]);
    assert_eq!(held(&world, "archive", "aliber", "key"), ["S-new"]);
}

#[test]
fn those_who_are_there_do_not_wait_for_those_who_follow() {
    let world = behind(World::ldif());
    rewrite(
        &world,
        "title = \"primary.title\"\n\n[group.office]",
        "manager = { manager-of = \"primary\" }\n\n[group.office]",
    );
    let eva = post(EVA, "Eva", "Öberg").at("1427", "1");
    world.hr(std::slice::from_ref(&eva));
    world.run(DAY).expect(&[0]);
    // A new group for everybody, a new manager for her who is there, and one more who is new: all in one run.
    let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
    let group = "\n[group.second]\ntarget = \"office\"\nclass = \"group\"\naccount = \"office\"\n\n[group.second.attributes]\n\
                 name = \"'second'\"\n";
    world.write("policy.toml", policy + group);
    world.hr(&[
        eva.manager(BO),
        post(ALI, "Ali", "Bergström").at("1427", "2").manager(BO),
        post(BO, "Bo", "Ek").at("1427", "3"),
    ]);
    let before = calls(&world, "office").len();
    let report = world.run(NEXT).expect(&[0]).json();
    assert_eq!(report["applied"], report["planned"], "{report:#}");
    let office = objects(&world, "office");
    let bo = [office["boek"].0.clone()];
    assert_eq!(
        (held(&world, "office", "evaobe", "manager"), held(&world, "office", "aliber", "manager")),
        (bo.to_vec(), bo.to_vec())
    );
    for group in ["everybody", "second"] {
        assert_eq!(held(&world, "office", group, "member").len(), 3, "{group}");
    }
    let told = &calls(&world, "office")[before..];
    assert_eq!(told.iter().filter(|call| *call == "create second").count(), 1, "{told:?}");
    assert!(
        told.iter().position(|call| call == "create second") < told.iter().position(|call| call == "create boek"),
        "{told:?}"
    );
    assert_eq!(world.run(NEXT).expect(&[0]).json()["applied"], json!({}));
}

#[test]
fn an_answer_that_was_lost_loses_and_doubles_nothing() {
    let world = behind(World::ldif());
    world.write("policy.toml", format!("{POLICY}{RULES}{LADDERS}"));
    rewrite(&world, "upper(accounts.directory.mail)", "accounts.directory.mail");
    seats(&world, json!({ "E3": 2 }));
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    world.write("office/lost", "");
    world.run(DAY).expect(&[5]);
    assert!(objects(&world, "office").contains_key("evaobe") && !objects(&world, "archive").contains_key("evaobe"));
    std::fs::remove_file(world.path("office/lost")).unwrap();
    let ran = world.run(DAY).expect(&[0]);
    assert_eq!(calls(&world, "office").iter().filter(|call| *call == "create evaobe").count(), 1, "{}", ran.out);
    assert_eq!(held(&world, "archive", "evaobe", "key"), held(&world, "office", "evaobe", "serial"));
    assert_eq!(
        (licensed(&world, "evaobe"), licensed(&world, "aliber")),
        (vec!["E3".to_owned()], vec!["E3".to_owned()])
    );
    // The last seats are taken by the very change whose answer is lost: whoever took one is not told to wait for another.
    rewrite(
        &world,
        "[licence.plan]\n",
        "[licence.third]\naccount = \"office\"\nranks = [{ sku = \"THIRD\" }]\n\n[licence.plan]\n",
    );
    seats(&world, json!({ "E3": 2, "THIRD": 2 }));
    world.write("office/lost", "");
    world.run(NEXT).expect(&[5]);
    std::fs::remove_file(world.path("office/lost")).unwrap();
    let before = calls(&world, "office").len();
    world.run(NEXT).expect(&[0]);
    assert_eq!(licensed(&world, "evaobe"), ["E3", "THIRD"]);
    assert_eq!(calls(&world, "office").len(), before, "there was nothing left to do");
}

#[test]
fn an_account_that_is_adopted_brings_along_what_it_has() {
    let world = behind(World::ldif());
    world.write("policy.toml", format!("{POLICY}{RULES}{LADDERS}"));
    let adopt = "[account.office]\nadopt = [{ attribute = \"key\", value = \"person.number\" }]\n";
    rewrite(&world, "[account.office]\n", adopt);
    rewrite(&world, "reserved   = [\"admin\", \"root\"]\n", "reserved = [\"admin\"]\nunique-in = [\"office.name\"]\n");
    seats(&world, json!({ "E3": 1 }));
    by_hand(&world, "office", |tenant| {
        tenant["objects"]["old"] = json!({ "class": "user", "attributes": {
            "name": ["eva.old"], "key": [EVA], "serial": ["S-old"], "licence": ["E3", "VISIO"] } });
        tenant["objects"]["other"] = json!({ "class": "user", "attributes": { "name": ["aliber"] } });
    });
    world
        .hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2").to("20261123")]);
    world.sluss(&["--json", "adopt", "office", "--link", "--on", DAY]).expect(&[0, 1]);
    let before = calls(&world, "office").len();
    let ran = world.run(DAY).expect(&[1]);
    assert_eq!(held(&world, "archive", "eva.old", "key"), ["S-old"]);
    assert_eq!(held(&world, "office", "eva.old", "key"), ["uid=eva.old,ou=people,dc=example,dc=test"]);
    assert_eq!(licensed(&world, "eva.old"), ["E3", "VISIO"], "{}", ran.out);
    assert!(objects(&world, "office").contains_key("aliber2"), "{:?}", &calls(&world, "office")[before..]);
    assert!(ran.out.contains("licence E3: 1 wanted, 0 free, 1 waits"), "{}", ran.out);
}

#[test]
fn an_account_waits_until_the_other_is_there() {
    let world = behind(World::ldif());
    rewrite(&world, "[account.directory]\n", "[account.directory]\nwhen = \"person.given != 'Ali'\"\n");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    let ran = world.run(DAY).expect(&[0]);
    assert!(ran.out.contains("1 account waits for accounts by the rule `directory`"), "{}", ran.out);
    assert!(!objects(&world, "office").contains_key("aliber") && objects(&world, "office").contains_key("evaobe"));
    let told = world.sluss(&["explain", "aliber", "--on", DAY]).expect(&[0]);
    assert!(told.out.contains("waits for the account by the rule directory"), "{}", told.out);
    // Nobody is looked at again for that.
    assert_eq!(world.run(NEXT).expect(&[0]).json()["decided"], 0);
    rewrite(&world, "when = \"person.given != 'Ali'\"\n", "");
    world.run(NEXT).expect(&[0]);
    assert_eq!(held(&world, "archive", "aliber", "key"), held(&world, "office", "aliber", "serial"));

    // Where the other account was removed by hand it is made anew, and what asks for it stays as it was meanwhile.
    let text = world.ldif_text();
    let entries = text.split("\n\n").filter(|entry| !entry.contains("uid: aliber"));
    world.write("directory/directory.ldif", entries.collect::<Vec<_>>().join("\n\n"));
    let before = objects(&world, "office");
    reconcile(&world, NEXT).expect(&[0]);
    assert!(world.ldif_text().contains("uid: aliber"));
    assert_eq!(objects(&world, "office"), before);
}

#[test]
fn while_the_directory_is_away_nothing_is_made_and_what_is_over_is_over() {
    block(async {
        let mut server = slapd().await;
        let world = behind(World::ldap(&server));
        rewrite(&world, "member-removals = { percent = 25, at-least = 5 }", "member-removals = \"off\"");
        let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
        world.hr(&[ali.clone(), post(EVA, "Eva", "Öberg").at("1427", "1")]);
        world.run(DAY).expect(&[0]);
        server.stop().await.unwrap();
        // Eva leaves, Bo comes, and Ali gets another title.
        world.hr(&[
            ali.title("Rektor", "4"),
            post(EVA, "Eva", "Öberg").at("1427", "1").to("20261123"),
            post(BO, "Bo", "Ek").at("1427", "3"),
        ]);
        let ran = world.run(NEXT).expect(&[5]);
        assert!(ran.out.contains("directory"), "{}", ran.out);
        assert_eq!(held(&world, "office", "evaobe", "enabled"), ["false"]);
        assert_eq!(held(&world, "archive", "evaobe", "enabled"), ["false"]);
        let members = |world: &World| held(world, "office", "everybody", "member").len();
        assert_eq!(members(&world), 1, "her right went as well");
        assert!(!objects(&world, "office").contains_key("boek") && !objects(&world, "archive").contains_key("boek"));

        // The look that finds it away leaves alone what asks it, and still takes away what is over.
        world.hr(&[
            post(ALI, "Ali", "Bergström").at("1427", "2").title("Lärare", "5").to("20261124"),
            post(EVA, "Eva", "Öberg").at("1427", "1").to("20261123"),
            post(BO, "Bo", "Ek").at("1427", "3"),
        ]);
        reconcile(&world, NEXT).expect(&[5]);
        assert_eq!(
            held(&world, "office", "aliber", "title"),
            ["Rektor"],
            "the directory was not known to be away then"
        );
        reconcile(&world, "2026-11-25").expect(&[5]);
        assert_eq!(held(&world, "office", "aliber", "enabled"), ["false"]);
        assert_eq!(members(&world), 0);

        server.restart().await.unwrap();
        world.run("2026-11-25").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(locked(&tree, "evaobe") && locked(&tree, "aliber"));
        assert_eq!(held(&world, "archive", "boek", "key"), held(&world, "office", "boek", "serial"));
        assert_eq!(members(&world), 1);
    });
}

#[test]
fn a_name_that_something_else_has_is_nobodys_until_that_is_gone() {
    let world = behind(World::ldif());
    rewrite(
        &world,
        "renew      = \"primary.organisation\"\n",
        "renew = \"primary.organisation\"\nunique-in = [\"directory.mail\", \"office.mail\", \"office.proxies\"]\n",
    );
    let stranger = "dn: uid=info,ou=people,dc=example,dc=test\nobjectClass: inetOrgPerson\nuid: info\ncn: Info\nsn: Info\n\
                    mail: Eva.Oberg@sotenas.example\n\n";
    world.write("directory/directory.ldif", stranger);
    by_hand(&world, "office", |tenant| {
        tenant["objects"]["x"] = json!({ "class": "user", "attributes": { "name": ["x"], "proxies": ["smtp:ali.bergstrom@sotenas.example"] } });
    });
    let eva = post(EVA, "Eva", "Öberg").at("1427", "1");
    let ali = post(ALI, "Ali", "Bergström").at("1427", "2");
    world.hr(&[eva.clone(), ali.clone()]);
    world.run(DAY).expect(&[0]);
    assert_eq!(held(&world, "office", "evaobe", "mail"), ["eva.oberg2@sotenas.example"]);
    assert_eq!(held(&world, "office", "aliber", "mail"), ["ali.bergstrom2@sotenas.example"]);
    let text = world.ldif_text();
    assert!(text.contains("mail: Eva.Oberg@sotenas.example"), "it is left alone: {text}");
    // Looking costs nothing where nobody asked for it anew.
    let before = calls(&world, "office").len();
    world.run(DAY).expect(&[0]);
    assert_eq!(calls(&world, "office").len(), before);

    // Once it is gone, the name is free for the next who comes; who has one keeps it.
    by_hand(&world, "office", |tenant| _ = tenant["objects"].as_object_mut().unwrap().remove("x"));
    world.write("directory/directory.ldif", world.ldif_text().replace("mail: Eva.Oberg@sotenas.example\n", ""));
    reconcile(&world, NEXT).expect(&[0]);
    world.hr(&[eva, ali, post(BO, "Eva", "Öberg").at("1427", "3"), post(DORIS, "Ali", "Bergström").at("1427", "4")]);
    world.run(NEXT).expect(&[0]);
    assert_eq!(held(&world, "office", "evaobe", "mail"), ["eva.oberg2@sotenas.example"]);
    assert_eq!(held(&world, "office", "evaobe2", "mail"), ["eva.oberg@sotenas.example"]);
    assert_eq!(held(&world, "office", "aliber2", "mail"), ["ali.bergstrom@sotenas.example"]);
}

#[test]
fn an_old_address_stays_an_alias_for_a_while() {
    let world = behind(World::ldif());
    rewrite(
        &world,
        "renew      = \"primary.organisation\"\n",
        "renew = \"primary.organisation\"\nkeep-old = \"10 days\"\n",
    );
    rewrite(
        &world,
        "title = \"primary.title\"\n\n[group.office]",
        "proxies = \"['SMTP:' + names.mail] + aliases.mail.map(a, 'smtp:' + a)\"\n\n[group.office]",
    );
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
    world.run(DAY).expect(&[0]);
    assert_eq!(held(&world, "office", "evaobe", "proxies"), ["SMTP:eva.oberg@sotenas.example"]);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1430", "1")]);
    world.run(NEXT).expect(&[0]);
    let both = ["SMTP:eva.oberg@munkedal.example", "smtp:eva.oberg@sotenas.example"];
    assert_eq!(held(&world, "office", "evaobe", "proxies"), both);
    let told = world.sluss(&["explain", "evaobe", "--on", NEXT]).expect(&[0]);
    assert!(told.out.contains("an alias until 2026-12-04"), "{}", told.out);
    // Nobody else gets it, and the calendar takes it away.
    world.hr(&[post(EVA, "Eva", "Öberg").at("1430", "1"), post(ALI, "Eva", "Öberg").at("1427", "2")]);
    world.run("2026-12-03").expect(&[0]);
    assert_eq!(held(&world, "office", "evaobe", "proxies"), both);
    assert_eq!(held(&world, "office", "evaobe2", "mail"), ["eva.oberg2@sotenas.example"]);
    world.run("2026-12-04").expect(&[0]);
    assert_eq!(held(&world, "office", "evaobe", "proxies"), both[..1]);
}

#[test]
fn what_the_services_do_not_know_is_found_before_anything_runs() {
    let world = behind(World::ldif());
    world.write(
        "policy.toml",
        format!("{POLICY}{RULES}{LADDERS}")
            .replace("accounts.office.serial", "accounts.office.seral")
            .replace("account = \"office\"\nranks = [{", "account = \"office\"\nattribute = \"licenses\"\nranks = [{"),
    );
    rewrite(
        &world,
        "renew      = \"primary.organisation\"\n",
        "renew = \"primary.organisation\"\nunique-in = [\"office.email\", \"nowhere.mail\"]\n",
    );
    let ran = world.sluss(&["check"]).expect(&[2]);
    for fault in [
        "the class `user` has no attribute `seral`",
        "the class `user` has no attribute `licenses`",
        "no class of office has an attribute `email`",
        "there is no system `nowhere`",
    ] {
        assert!(ran.said().contains(fault), "{fault}: {}", ran.said());
    }
}
