//! Days in a municipality, on a real slapd: posts come, go and overlap, and the second run writes nothing.

use crate::world::{ALI, BO, DORIS, EVA, World, block, exists, groups, locked, post, slapd};

#[test]
fn two_posts_in_two_municipalities_are_one_account_with_the_groups_of_both() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        let sotenas = post(EVA, "Eva Åsa", "Öberg-Lööf").at("1427", "10234");
        let lysekil = post(EVA, "Eva Åsa", "Öberg-Lööf")
            .at("1484", "55012")
            .second()
            .unit("SOC-3", "Lysekils hemtjänst")
            .title("Vårdbiträde", "207023")
            .to("20261231");
        world.hr(&[sotenas.clone(), lysekil.clone()]);
        world.run("2026-11-23").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert_eq!(
            groups(&tree, "evaobe"),
            ["all-lysekil", "all-sotenas", "role-207011", "role-207023", "unit-1427-VO-12", "unit-1484-SOC-3"]
        );
        assert!(!locked(&tree, "evaobe"));
        assert_eq!(tree.keys().filter(|dn| dn.starts_with("uid=")).count(), 1);

        // The last day still counts.
        let written = server.writes().await.unwrap();
        world.run("2026-12-31").expect(&[0]);
        assert_eq!(server.writes().await.unwrap(), written);

        // One post ends: the account stays, and just that post's groups go.
        world.run("2027-01-01").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert_eq!(groups(&tree, "evaobe"), ["all-sotenas", "role-207011", "unit-1427-VO-12"]);
        assert!(!locked(&tree, "evaobe"));

        // The other ends too: closed the day after, and every right gone.
        world.hr(&[sotenas.to("20270131"), lysekil]);
        world.run("2027-01-31").expect(&[0]);
        assert!(!locked(&server.dump().await.unwrap(), "evaobe"));
        world.run("2027-02-01").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(locked(&tree, "evaobe"));
        assert!(groups(&tree, "evaobe").is_empty());

        // Kept for 60 days after the last day, and then removed.
        world.run("2027-04-01").expect(&[0]);
        assert!(exists(&server.dump().await.unwrap(), "evaobe"));
        world.run("2027-04-02").expect(&[0]);
        assert!(!exists(&server.dump().await.unwrap(), "evaobe"));
    });
}

#[test]
fn the_second_run_writes_nothing_by_the_servers_own_count() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[
            post(ALI, "Ali", "Bergström").at("1427", "10077"),
            post(EVA, "Eva", "Öberg").at("1427", "10234").manager(ALI),
            post(BO, "Bo", "Ek").at("1430", "20001").manager(EVA).unit("SK-1", "Centrumskolan"),
            post(DORIS, "Doris", "Þórsdóttir").at("1484", "30001").manager(DORIS).unit("SK-9", "Gullmarsskolan"),
        ]);
        // Doris is named as her own manager, which somebody should put right.
        world.run("2026-11-23").expect(&[1]);
        let written = server.writes().await.unwrap();
        assert!(written > 0);
        let asked = server.operations().await.unwrap();
        world.run("2026-11-23").expect(&[0]);
        assert_eq!(server.writes().await.unwrap(), written);
        assert_eq!(server.operations().await.unwrap(), asked, "a run without changes asks the directory nothing");
        let tree = server.dump().await.unwrap();
        let manager = |uid: &str| tree[&format!("uid={uid},ou=people,dc=example,dc=test")].get("manager").cloned();
        assert!(manager("evaobe").unwrap().contains("uid=aliber,ou=people,dc=example,dc=test"));
        assert!(manager("boek").unwrap().contains("uid=evaobe,ou=people,dc=example,dc=test"));
        assert_eq!(manager("dortho"), None);
    });
}

#[test]
fn an_account_is_made_before_the_first_day_and_opens_on_it() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[post(EVA, "Eva", "Öberg").from("20270201")]);
        world.run("2027-01-17").expect(&[0]);
        assert!(!exists(&server.dump().await.unwrap(), "evaobe"));
        world.run("2027-01-18").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(locked(&tree, "evaobe"));
        assert!(groups(&tree, "evaobe").is_empty());
        world.run("2027-02-01").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(!locked(&tree, "evaobe"));
        assert_eq!(groups(&tree, "evaobe"), ["all-sotenas", "role-207011", "unit-1427-VO-12"]);
    });
}

#[test]
fn a_mover_keeps_the_account_and_gets_an_address_of_the_new_municipality() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1")]);
        world.run("2026-11-23").expect(&[0]);
        world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1").to("20261130"),
            post(EVA, "Eva", "Öberg").at("1430", "2").from("20261201").unit("SK-1", "Centrumskolan"),
        ]);
        world.run("2026-12-01").expect(&[0]);
        let tree = server.dump().await.unwrap();
        let entry = &tree["uid=evaobe,ou=people,dc=example,dc=test"];
        assert!(entry["mail"].contains("eva.oberg@munkedal.example"));
        assert_eq!(groups(&tree, "evaobe"), ["all-munkedal", "role-207011", "unit-1430-SK-1"]);
        // Somebody else of that name never gets the old address.
        world.hr(&[
            post(EVA, "Eva", "Öberg").at("1430", "2").from("20261201").unit("SK-1", "Centrumskolan"),
            post(BO, "Eva", "Öberg").at("1427", "3"),
        ]);
        world.run("2026-12-02").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(tree["uid=evaobe2,ou=people,dc=example,dc=test"]["mail"].contains("eva.oberg2@sotenas.example"));
    });
}

#[test]
fn whoever_is_missing_from_the_file_has_left() {
    block(async {
        let server = slapd().await;
        let world = World::ldap(&server);
        let stays = post(ALI, "Ali", "Bergström").at("1427", "10077");
        world.hr(&[stays.clone(), post(EVA, "Eva", "Öberg").at("1427", "10234")]);
        world.run("2026-11-23").expect(&[0]);
        world.hr(&[stays]);
        world.run("2026-11-24").expect(&[0]);
        let tree = server.dump().await.unwrap();
        assert!(locked(&tree, "evaobe") && groups(&tree, "evaobe").is_empty());
        assert!(!locked(&tree, "aliber"));
        world.run("2027-01-22").expect(&[0]);
        assert!(exists(&server.dump().await.unwrap(), "evaobe"));
        world.run("2027-01-23").expect(&[0]);
        assert!(!exists(&server.dump().await.unwrap(), "evaobe"));
    });
}
