//! An account that refers to one that is there by another rule: whoever answers for somebody has the one, and whom it is
//! about the other.

use crate::world::{ALI, BO, DORIS, EVA, POLICY, World, post};
use serde_json::json;

/// Substitutes have an account by a rule of their own, their managers one by the other, and consultants none.
fn substitutes() -> World {
    let world = World::ldif();
    let own = "[account.substitute]\ntarget = \"directory\"\nclass = \"user\"\nwhen = \"primary.title == 'Vikarie'\"\n\n\
               [account.substitute.attributes]\nuid = \"names.username\"\ncn = \"person.display\"\nsn = \"person.surname\"\n\
               manager = { manager-of = \"primary\", account = \"directory\" }\n\n[group.unit]\n";
    let policy = POLICY
        .replacen("[group.unit]\n", own, 1)
        .replace(
            "protected = \"pseudonym\"\n",
            "protected = \"pseudonym\"\nwhen = \"!(primary.title in ['Vikarie', 'Konsult'])\"\n",
        )
        .replace("reserved   = [\"admin\", \"root\"]", "renew = \"person.surname\"");
    world.write("policy.toml", policy);
    world
}

/// Who stands in an entry as its manager.
fn manager(world: &World, name: &str) -> Option<String> {
    let text = world.ldif_text();
    let entry = text.split("\n\n").find(|entry| entry.starts_with(&format!("dn: uid={name},"))).expect("no such entry");
    entry.lines().find_map(|line| line.strip_prefix("manager: ")).map(str::to_owned)
}

#[test]
fn an_account_by_another_rule_is_referred_to_for_as_long_as_it_is_there() {
    let world = substitutes();
    let substitute = || post(EVA, "Eva", "Öberg").title("Vikarie", "9").at("1427", "2").manager(ALI);
    // Who answers for her comes later than she does.
    world.hr(&[substitute()]);
    world.run("2026-11-23").expect(&[0, 1]);
    assert_eq!(manager(&world, "evaobe"), None);
    world.hr(&[substitute(), post(ALI, "Ali", "Bergström").at("1427", "1")]);
    let plan = world.sluss(&["plan", "--on", "2026-11-24"]).expect(&[0]).out;
    assert!(plan.contains("create") && plan.contains("aliber"), "{plan}");
    world.run("2026-11-24").expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=aliber,ou=people,dc=example,dc=test");
    let settled = |day: &str| {
        let before = world.ldif_text();
        let report = world.sluss(&["--json", "run", "--reconcile", "--on", day]).expect(&[0]).json();
        assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
        assert_eq!(world.ldif_text(), before);
    };
    settled("2026-11-24");
    let told = world.sluss(&["--verbose", "explain", "evaobe", "--on", "2026-11-24"]).expect(&[0]).out;
    assert!(told.contains("aliber") && told.contains("the account directory of the manager"), "{told}");

    // Somebody else wrote there.
    world.write("directory/directory.ldif", world.ldif_text().replace("manager: uid=aliber,", "manager: uid=evaobe,"));
    world.sluss(&["run", "--reconcile", "--on", "2026-11-24"]).expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=aliber,ou=people,dc=example,dc=test");

    // A new name of his is a new place in the directory.
    world.hr(&[substitute(), post(ALI, "Ali", "Dahl").at("1427", "1")]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=alidah,ou=people,dc=example,dc=test");
    settled("2026-11-25");

    // Whoever answers for her now has no such account; he who did before is not named for it any longer.
    let both = [substitute().manager(BO), post(ALI, "Ali", "Dahl").at("1427", "1")];
    world.hr(&[both[0].clone(), both[1].clone(), post(BO, "Bo", "Ek").title("Konsult", "8").at("1427", "3")]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(manager(&world, "evaobe"), None);
    settled("2026-11-25");
    world.hr(&[both[0].clone(), both[1].clone(), post(BO, "Bo", "Ek").at("1427", "3")]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=boek,ou=people,dc=example,dc=test");
    world.hr(&[substitute(), both[1].clone()]);
    world.run("2026-11-25").expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=alidah,ou=people,dc=example,dc=test");

    // Once his account goes, nothing points at it; and another one takes its place.
    world.hr(&[substitute(), post(ALI, "Ali", "Dahl").at("1427", "1").to("20261125")]);
    world.run("2026-11-26").expect(&[0]);
    world.run("2027-01-25").expect(&[0]);
    assert!(!world.ldif_text().contains("alidah"), "{}", world.ldif_text());
    settled("2027-01-25");
    world.hr(&[substitute().manager(DORIS), post(DORIS, "Doris", "Berg").at("1427", "4")]);
    world.run("2027-01-26").expect(&[0]);
    assert_eq!(manager(&world, "evaobe").unwrap(), "uid=dorber,ou=people,dc=example,dc=test");
    settled("2027-01-26");
}
