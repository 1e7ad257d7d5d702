//! What others do in the directory: found and put right where it is ours, and never touched where it is not.

use crate::world::{ALI, EVA, World, block, exists, groups, locked, post, slapd};

#[test]
fn changes_by_hand_are_found_by_reconcile_and_put_right() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[post(ALI, "Ali", "Bergström").at("1427", "1"), post(EVA, "Eva", "Öberg").at("1427", "2")]);
        world.run("2026-11-23").expect(&[0]);
        let right = server.dump().await.unwrap();

        let eva = "uid=evaobe,ou=people,dc=example,dc=test";
        server.modify_by_hand(eva, "title", &["Kung"]).await.unwrap();
        server.modify_by_hand(eva, "pwdAccountLockedTime", &["000001010000Z"]).await.unwrap();
        let stranger = "uid=stranger,ou=people,dc=example,dc=test";
        server
            .add_by_hand(stranger, &[("objectClass", &["inetOrgPerson"]), ("cn", &["S"]), ("sn", &["S"])])
            .await
            .unwrap();
        let group = "cn=all-sotenas,ou=groups,dc=example,dc=test";
        // The stand-in that every group has, Eva and a stranger: Ali is out.
        server.modify_by_hand(group, "member", &["dc=example,dc=test", eva, stranger]).await.unwrap();
        server.remove_by_hand("cn=role-207011,ou=groups,dc=example,dc=test").await.unwrap();

        // A plain run trusts what it knows.
        let written = server.writes().await.unwrap();
        world.run("2026-11-23").expect(&[0]);
        assert_eq!(server.writes().await.unwrap(), written);

        world.sluss(&["--json", "run", "--reconcile", "--on", "2026-11-23"]).expect(&[0]);
        let mut tree = server.dump().await.unwrap();
        let mut kept = tree.remove(stranger).expect("what is not ours is not touched");
        kept.remove("memberof");
        assert_eq!(kept["sn"].first().unwrap(), "S");
        assert_eq!(tree, right);

        // And then there is nothing left to find.
        let written = server.writes().await.unwrap();
        world.sluss(&["--json", "run", "--reconcile", "--on", "2026-11-23"]).expect(&[0]);
        assert_eq!(server.writes().await.unwrap(), written);
    });
}

#[test]
fn an_account_that_was_there_before_is_never_touched() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        let theirs = "uid=evaobe,ou=people,dc=example,dc=test";
        server
            .add_by_hand(theirs, &[("objectClass", &["inetOrgPerson"]), ("cn", &["Evald"]), ("sn", &["Obel"])])
            .await
            .unwrap();
        let before = server.dump().await.unwrap()[theirs].clone();
        world.hr(&[post(EVA, "Eva", "Öberg")]);
        world.run("2026-11-23").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert_eq!(tree[theirs], before);
        assert!(exists(&tree, "evaobe2"), "another name is chosen: {:?}", tree.keys());
        assert_eq!(groups(&tree, "evaobe2").len(), 3);

        // Nor by anything later, whatever happens to Eva.
        world.hr(&[post(EVA, "Eva", "Öberg").to("20261124")]);
        world.run("2026-11-25").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(locked(&tree, "evaobe2"));
        assert_eq!(tree[theirs], before);
        world.sluss(&["--json", "run", "--reconcile", "--on", "2027-03-01"]).expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(!exists(&tree, "evaobe2"));
        assert_eq!(tree[theirs], before);
    });
}

#[test]
fn an_account_removed_by_hand_is_made_anew_with_its_rights() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[post(ALI, "Ali", "Bergström").at("1427", "1"), post(EVA, "Eva", "Öberg").at("1427", "2")]);
        world.run("2026-11-23").expect(&[0]);
        let right = server.dump().await.unwrap();
        server.remove_by_hand("uid=evaobe,ou=people,dc=example,dc=test").await.unwrap();
        world.sluss(&["--json", "run", "--reconcile", "--on", "2026-11-23"]).expect(&[0]);
        assert_eq!(server.dump().await.unwrap(), right);
    });
}

#[test]
fn a_held_look_at_the_directory_can_be_approved() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        let policy = std::fs::read_to_string(world.path("policy.toml")).unwrap();
        let strict = "\nremovals = { percent = 1, at-least = 1 }\ncreates = { percent = 1, at-least = 1 }";
        world.hr(&[post(ALI, "Ali", "Bergström").at("1427", "1"), post(EVA, "Eva", "Öberg").at("1427", "2")]);
        world.run("2026-11-23").expect(&[0]);
        world.write("policy.toml", policy.replace("\nremovals        = { percent = 10, at-least = 5 }", strict));
        let right = server.dump().await.unwrap();
        for uid in ["evaobe", "aliber"] {
            server.remove_by_hand(&format!("uid={uid},ou=people,dc=example,dc=test")).await.unwrap();
        }
        let held = world.sluss(&["--json", "run", "--reconcile", "--on", "2026-11-23"]).expect(&[3]);
        let hash = held.json()["hash"].as_str().unwrap().to_owned();
        world.sluss(&["apply", &hash, "--on", "2026-11-23"]).expect(&[0, 1]);
        assert_eq!(server.dump().await.unwrap(), right);
    });
}
