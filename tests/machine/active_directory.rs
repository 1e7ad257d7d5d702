//! A municipality's domain of Active Directory: the whole program against a real domain controller, through a wire that is
//! as strict as Windows is, counts what passes, and fails on demand.

use crate::world::{ALI, BO, DORIS, EVA, Post, Ran, World, block, post};
use sluss_plugin::{Compiler, Connector, Grants, Limits, Mode, Open, Sandbox, SandboxConfig};
use sluss_test_servers::Shim;
use sluss_test_servers::samba::{self, ADMIN, BASE, PASSWORD, Samba, Tree};
use sluss_test_servers::shim::{Fault, Kind};
use std::collections::BTreeSet;
use std::path::Path;

pub const TOWN: &str = "OU=Town,DC=ad,DC=test";
pub const POLICY: &str = include_str!("domain.toml");

/// A domain, a wire to it, and a world whose target it is.
struct Town {
    server: Samba,
    shim: Shim,
    world: World,
}

impl Town {
    async fn new(options: samba::Options, policy: &str, settings: &str) -> Self {
        let server = Samba::start(options).await.unwrap();
        server.add_by_hand(TOWN, &[("objectClass", &["organizationalUnit"])]).await.unwrap();
        let shim = Shim::start(&server).await.unwrap();
        let world = World::with_target(&target(&shim, settings), policy);
        world.write("secret", PASSWORD);
        Town { server, shim, world }
    }

    async fn usual() -> Self {
        Town::new(samba::Options::default(), POLICY, "").await
    }

    async fn tree(&self) -> Tree {
        self.server.dump_below(TOWN).await.unwrap()
    }

    fn reconcile(&self, day: &str) -> Ran {
        self.world.sluss(&["--json", "run", "--reconcile", "--on", day])
    }

    /// What the host would show whoever asks for it.
    fn first_password(&self, account: &str) -> String {
        let told = self.world.sluss(&["--json", "password", account]).expect(&[0]).json();
        told["passwords"][0]["password"].as_str().unwrap().to_owned()
    }
}

pub fn target(shim: &Shim, settings: &str) -> String {
    format!(
        "[connection.domain]\nkind = \"ldap\"\naccess = \"write\"\nurl = \"{}\"\nbind-dn = \"{ADMIN}\"\npassword = {{ file = \
         \"secret\" }}\nbase = \"{TOWN}\"\nca = \"{}\"\ntimeout = 20\n\n[system.domain]\nrole = \"target\"\nplugin = \
         \"active-directory\"\ngrant = [\"domain\"]\n\n[system.domain.settings]\nconnection = \"domain\"\n{settings}",
        shim.url(),
        shim.authority().display()
    )
}

/// Where an account stands, by its user name.
pub fn place<'t>(tree: &'t Tree, account: &str) -> Option<&'t str> {
    let has = |entry: &samba::Attributes| entry.get("samaccountname").is_some_and(|own| own.contains(account));
    tree.iter().find(|(_, entry)| has(entry)).map(|(dn, _)| dn.as_str())
}

/// The one value of an attribute of an account or group.
pub fn value(tree: &Tree, account: &str, attribute: &str) -> String {
    let dn = place(tree, account).unwrap_or_else(|| panic!("no {account} in {:?}", tree.keys()));
    tree[dn].get(attribute).and_then(|values| values.first()).cloned().unwrap_or_default()
}

pub fn is_open(tree: &Tree, account: &str) -> bool {
    value(tree, account, "useraccountcontrol").parse::<u32>().unwrap() & 2 == 0
}

/// The groups that an account is in, by their names.
pub fn groups(tree: &Tree, account: &str) -> Vec<String> {
    let dn = place(tree, account).unwrap().to_owned();
    let groups = tree.values().filter(|entry| entry.get("member").is_some_and(|members| members.contains(&dn)));
    groups.filter_map(|entry| entry["samaccountname"].first().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// That many posts, each of somebody else, in ten units.
pub fn crowd(count: usize) -> Vec<Post> {
    let numbers = include_str!("../people/data/test-numbers.txt").lines().filter(|line| !line.starts_with('#'));
    let unit = [
        ("A-0", "Enhet 0"),
        ("A-1", "Enhet 1"),
        ("A-2", "Enhet 2"),
        ("A-3", "Enhet 3"),
        ("A-4", "Enhet 4"),
        ("A-5", "Enhet 5"),
        ("A-6", "Enhet 6"),
        ("A-7", "Enhet 7"),
        ("A-8", "Enhet 8"),
        ("A-9", "Enhet 9"),
    ];
    numbers
        .take(count)
        .enumerate()
        .map(|(at, number)| {
            let (code, name) = unit[at % unit.len()];
            let surname: &'static str = format!("Ek{}", letters(at)).leak();
            let employment: &'static str = format!("{}", 30_000 + at).leak();
            post(number, "Kim", surname).at("1427", employment).unit(code, name)
        })
        .collect()
}

/// A number in letters, so that no two names are alike.
fn letters(mut number: usize) -> String {
    let mut text = String::new();
    for _ in 0..3 {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    text
}

#[test]
fn a_joiner_has_a_closed_account_before_the_first_day_and_a_leaver_one_after_the_last() {
    block(async {
        let town = Town::usual().await;
        let (server, world) = (&town.server, &town.world);
        let chief = post(ALI, "Ali", "Bergström").at("1427", "10077");
        let joiner = post(EVA, "Eva", "Öberg").at("1427", "10234").from("20270201").manager(ALI);
        world.hr(&[chief.clone(), joiner.clone()]);
        world.run("2027-01-17").expect(&[0]);
        assert_eq!(place(&town.tree().await, "evaobe"), None);

        world.run("2027-01-18").expect(&[0]);
        let tree = town.tree().await;
        assert_eq!(place(&tree, "evaobe"), Some(&*format!("CN=evaobe,OU=Sotenäs,OU=People,{TOWN}")));
        assert!(!is_open(&tree, "evaobe") && is_open(&tree, "aliber"));
        assert_eq!(groups(&tree, "evaobe"), [""; 0]);
        assert_eq!(Some(&*value(&tree, "evaobe", "manager")), place(&tree, "aliber"));
        let password = town.first_password("evaobe");
        let refused = server.login("evaobe@ad.test", &password).await.unwrap().unwrap_err();
        assert!(refused.contains("data 533"), "closed: {refused}");

        world.run("2027-02-01").expect(&[0]);
        let tree = town.tree().await;
        assert!(is_open(&tree, "evaobe"));
        assert_eq!(groups(&tree, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
        assert_eq!(value(&tree, "all-sotenas", "grouptype"), "-2147483640");
        assert_eq!(value(&tree, "unit-1427-VO-12", "grouptype"), "-2147483646");
        let refused = server.login("evaobe@ad.test", &password).await.unwrap().unwrap_err();
        assert!(refused.contains("data 773"), "another password has to be chosen: {refused}");
        let wrong = server.login("evaobe@ad.test", "Somebody-else7").await.unwrap().unwrap_err();
        assert!(wrong.contains("data 52e"), "{wrong}");

        // Nothing changed, nothing asked.
        let (written, asked) = (town.shim.writes(), town.shim.requests());
        world.run("2027-02-01").expect(&[0]);
        world.run("2027-02-02").expect(&[0]);
        assert_eq!((town.shim.writes(), town.shim.requests()), (written, asked));
        town.reconcile("2027-02-02").expect(&[0]);
        assert_eq!(town.shim.writes(), written, "what is read is what was written");

        // The last day still counts.
        world.hr(&[chief, joiner.to("20270430")]);
        world.run("2027-04-30").expect(&[0]);
        assert!(is_open(&town.tree().await, "evaobe"));
        // Somebody set further bits by hand, which are left alone.
        let dn = place(&tree, "evaobe").unwrap();
        server.modify_by_hand(dn, "userAccountControl", &["66048"]).await.unwrap();
        world.run("2027-05-01").expect(&[0]);
        let tree = town.tree().await;
        assert_eq!(value(&tree, "evaobe", "useraccountcontrol"), "66050");
        assert_eq!(groups(&tree, "evaobe"), [""; 0]);
        world.run("2027-06-29").expect(&[0]);
        assert!(place(&town.tree().await, "evaobe").is_some());
        world.run("2027-06-30").expect(&[0]);
        assert!(place(&town.tree().await, "evaobe").is_none());
        assert!(is_open(&town.tree().await, "aliber"));
    });
}

#[test]
fn a_mover_keeps_the_account_with_all_that_refers_to_it() {
    block(async {
        let town = Town::usual().await;
        let world = &town.world;
        let under = post(BO, "Bo", "Ek").at("1427", "3").manager(EVA);
        world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), under.clone()]);
        world.run("2026-11-23").expect(&[0]);
        let before = town.tree().await;
        world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1").to("20261130"),
            post(EVA, "Eva", "Öberg").at("1430", "2").from("20261201").unit("SK-1", "Centrumskolan"),
            under,
        ]);
        world.run("2026-12-01").expect(&[0, 1]);
        let tree = town.tree().await;
        assert_eq!(place(&tree, "evaobe"), Some(&*format!("CN=evaobe,OU=Munkedal,OU=People,{TOWN}")));
        assert_eq!(value(&tree, "evaobe", "objectguid"), value(&before, "evaobe", "objectguid"));
        assert_eq!(value(&tree, "evaobe", "mail"), "eva.oberg@munkedal.example");
        assert_eq!(value(&tree, "evaobe", "proxyaddresses"), "SMTP:eva.oberg@munkedal.example");
        assert_eq!(groups(&tree, "evaobe"), ["all-munkedal", "unit-1430-SK-1"]);
        assert_eq!(Some(&*value(&tree, "boek", "manager")), place(&tree, "evaobe"), "links follow");
        let written = town.shim.writes();
        town.reconcile("2026-12-01").expect(&[0, 1]);
        assert_eq!(town.shim.writes(), written);

        // And whoever is moved by hand is put back.
        let north = format!("OU=North,{TOWN}");
        town.server.add_by_hand(&north, &[("objectClass", &["organizationalUnit"])]).await.unwrap();
        town.server.move_by_hand(place(&tree, "evaobe").unwrap(), "CN=Somebody", Some(&north)).await.unwrap();
        town.reconcile("2026-12-01").expect(&[0, 1]);
        let put_back = town.tree().await;
        assert_eq!(place(&put_back, "evaobe"), Some(&*format!("CN=Somebody,OU=Munkedal,OU=People,{TOWN}")));
        assert_eq!(groups(&put_back, "evaobe"), ["all-munkedal", "unit-1430-SK-1"]);
    });
}

#[test]
fn a_new_surname_renames_the_entry_and_nothing_else_is_lost() {
    block(async {
        let named = POLICY.replace("displayName       =", "cn = \"person.display\"\ndisplayName       =");
        let town = Town::new(samba::Options::default(), &named, "").await;
        town.world.hr(&[post(EVA, "Eva", "Öberg")]);
        town.world.run("2026-11-23").expect(&[0]);
        let before = town.tree().await;
        assert_eq!(place(&before, "evaobe"), Some(&*format!("CN=Eva Öberg,OU=Sotenäs,OU=People,{TOWN}")));
        town.world.hr(&[post(EVA, "Eva", "Öberg Lööf, \"#1\"")]);
        town.world.run("2026-11-24").expect(&[0]);
        let tree = town.tree().await;
        let dn = place(&tree, "evaobe").unwrap();
        assert!(dn.starts_with("CN=Eva Öberg Lööf\\, \\\"\\#1\\\",OU=Sotenäs,"), "{dn}");
        assert_eq!(value(&tree, "evaobe", "sn"), "Öberg Lööf, \"#1\"");
        assert_eq!(value(&tree, "evaobe", "objectguid"), value(&before, "evaobe", "objectguid"));
        assert_eq!(groups(&tree, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
        let written = town.shim.writes();
        town.reconcile("2026-11-24").expect(&[0]);
        assert_eq!(town.shim.writes(), written);
    });
}

#[test]
fn a_name_that_others_have_leads_to_another_name_and_theirs_is_left_alone() {
    block(async {
        let town = Town::usual().await;
        let theirs = format!("CN=Evald Obel,CN=Users,{BASE}");
        town.server.add_by_hand(&theirs, &[("objectClass", &["user"]), ("sAMAccountName", &["evaobe"])]).await.unwrap();
        // Of the next name it is the entry that is somebody else's.
        let contact = format!("CN=evaobe2,OU=Sotenäs,OU=People,{TOWN}");
        for unit in [format!("OU=People,{TOWN}"), format!("OU=Sotenäs,OU=People,{TOWN}")] {
            town.server.add_by_hand(&unit, &[("objectClass", &["organizationalUnit"])]).await.unwrap();
        }
        town.server.add_by_hand(&contact, &[("objectClass", &["contact"])]).await.unwrap();
        let before = town.server.dump().await.unwrap()[&theirs].clone();
        town.world.hr(&[post(EVA, "Eva", "Öberg"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
        town.world.run("2026-11-23").expect(&[0]);
        let tree = town.tree().await;
        assert_eq!(place(&tree, "evaobe3"), Some(&*format!("CN=evaobe3,OU=Sotenäs,OU=People,{TOWN}")));
        assert_eq!(value(&tree, "evaobe3", "userprincipalname"), "evaobe3@ad.test");
        assert_eq!(groups(&tree, "evaobe3"), ["all-sotenas", "unit-1427-VO-12"]);
        assert_eq!(town.server.dump().await.unwrap()[&theirs], before);
        town.world.hr(&[post(EVA, "Eva", "Öberg").to("20261124"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
        town.world.run("2026-11-25").expect(&[0]);
        town.world.run("2027-03-01").expect(&[0]);
        assert_eq!(town.server.dump().await.unwrap()[&theirs], before);
        assert!(place(&town.tree().await, "evaobe3").is_none());
    });
}

#[test]
fn a_first_load_takes_hardly_more_requests_than_there_are_persons() {
    block(async {
        let town = Town::usual().await;
        town.world.hr(&crowd(200));
        town.world.run("2026-11-23").expect(&[0]);
        let counts = town.shim.counts();
        assert_eq!(town.tree().await.values().filter(|entry| entry["objectclass"].contains("user")).count(), 200);
        let requests = town.shim.requests();
        assert!(requests <= 240, "{requests} requests for 200 persons: {counts:?}");
        // One for each person, ten units, a municipality, and four organisational units to put them in.
        assert_eq!(counts[&Kind::Add], 200 + 10 + 1 + 3, "{counts:?}");
    });
}

#[test]
fn a_group_of_thousands_is_read_range_by_range_and_put_right() {
    block(async {
        // Passwords take Samba longer than all the rest.
        let town = Town::new(samba::Options::default(), POLICY, "password = \"none\"\n").await;
        town.shim.wants_passwords(false);
        town.world.hr(&crowd(2_000));
        town.world.run("2026-11-23").expect(&[0]);
        let tree = town.tree().await;
        let group = place(&tree, "all-sotenas").unwrap().to_owned();
        let right = tree[&group]["member"].clone();
        assert_eq!(right.len(), 2_000);
        let written = town.shim.writes();
        town.reconcile("2026-11-23").expect(&[0]);
        assert_eq!(town.shim.writes(), written, "all members are seen");

        let stranger = format!("CN=stranger,CN=Users,{BASE}");
        town.server
            .add_by_hand(&stranger, &[("objectClass", &["user"]), ("sAMAccountName", &["stranger"])])
            .await
            .unwrap();
        let gone: Vec<&str> = right.iter().step_by(700).map(String::as_str).collect();
        town.server.edit_by_hand(&group, "member", &[&stranger], &gone).await.unwrap();
        let ran = town.reconcile("2026-11-23").expect(&[0]);
        assert!(ran.out.contains("0 of ours and 1 others in, 3 out"), "{}", ran.out);
        assert_eq!(town.tree().await[&group]["member"], right);
    });
}

#[test]
fn a_server_that_fails_costs_time_and_nothing_else() {
    block(async {
        for (fault, kind, codes) in [
            (Fault::Unavailable, Kind::Add, 5),
            (Fault::Unavailable, Kind::Search, 5),
            (Fault::Cut, Kind::Add, 5),
            (Fault::Lost, Kind::Add, 5),
            (Fault::Lost, Kind::Modify, 5),
            (Fault::Notice, Kind::Add, 5),
            (Fault::Unavailable, Kind::Bind, 5),
        ] {
            let town = Town::usual().await;
            town.world.hr(&[
                post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI),
                post(ALI, "Ali", "Bergström").at("1427", "2"),
                post(BO, "Bo", "Ek").at("1427", "3"),
            ]);
            if kind == Kind::Modify {
                town.world.run("2026-11-23").expect(&[0]);
                town.world.hr(&[
                    post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI).title("Rektor", "201011"),
                    post(ALI, "Ali", "Bergström").at("1427", "2").title("Rektor", "201011"),
                    post(BO, "Bo", "Ek").at("1427", "3"),
                ]);
            }
            // Organisational units are made first; accounts come after them.
            town.shim.inject(fault, kind, u64::from(kind == Kind::Add) * 3, u64::MAX);
            let ran = town.world.run("2026-11-24").expect(&[codes]);
            assert!(!ran.said().contains(PASSWORD));
            town.shim.heal();
            town.world.run("2026-11-24").expect(&[0]);
            let tree = town.tree().await;
            let users: Vec<&str> =
                tree.keys().map(String::as_str).filter(|dn| dn.contains(",OU=Sotenäs,OU=People,")).collect();
            assert_eq!(users.len(), 3, "{fault:?} {kind:?}: nobody twice: {users:?}");
            for account in ["evaobe", "aliber", "boek"] {
                assert!(is_open(&tree, account), "{fault:?} {kind:?}");
                assert_eq!(groups(&tree, account), ["all-sotenas", "unit-1427-VO-12"], "{fault:?} {kind:?} {account}");
            }
            assert_eq!(Some(&*value(&tree, "evaobe", "manager")), place(&tree, "aliber"));
            let written = town.shim.writes();
            town.reconcile("2026-11-24").expect(&[0]);
            assert_eq!(town.shim.writes(), written, "{fault:?} {kind:?}");
        }
    });
}

#[test]
fn a_server_that_is_busy_is_given_time() {
    block(async {
        let town = Town::usual().await;
        town.world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
        town.shim.inject(Fault::Busy, Kind::Add, 3, 3);
        town.world.run("2026-11-23").expect(&[0]);
        let tree = town.tree().await;
        assert!(is_open(&tree, "evaobe") && is_open(&tree, "aliber"));
        // One that only ever refers to another server is no server to write to; whoever it concerns is told of.
        town.world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1").title("Rektor", "201011"),
            post(ALI, "Ali", "Bergström").at("1427", "2"),
        ]);
        town.shim.inject(Fault::Referral, Kind::Modify, 0, 1);
        let ran = town.world.run("2026-11-24").expect(&[1]);
        assert!(ran.out.contains("refers to another server"), "{}", ran.out);
        town.world.run("2026-11-24").expect(&[0]);
        assert_eq!(value(&town.tree().await, "evaobe", "title"), "Rektor");
    });
}

#[test]
fn a_password_of_its_own_request_and_a_mailbox_elsewhere() {
    block(async {
        let hybrid = POLICY.replace(
            "title             =",
            "mailNickname = \"names.username\"\nremote-mailbox = \"true\"\nexpires = \"primary.end\"\nextensionAttribute1 = \
             \"primary.organisation\"\ntitle             =",
        );
        let options = samba::Options { exchange: true, ..samba::Options::default() };
        let settings = "password = \"modify\"\nmust-change = false\nexchange = \"hybrid\"\n";
        let town = Town::new(options, &hybrid, settings).await;
        town.world
            .hr(&[post(EVA, "Eva", "Öberg").to("20271231"), post(BO, "Bo", "Ek").at("1427", "3").from("20261201")]);
        town.world.run("2026-11-23").expect(&[0]);
        let tree = town.tree().await;
        assert_eq!(value(&tree, "evaobe", "msexchrecipienttypedetails"), "2147483648");
        assert_eq!(value(&tree, "evaobe", "msexchremoterecipienttype"), "1");
        assert_eq!(
            (value(&tree, "evaobe", "mailnickname"), value(&tree, "evaobe", "extensionattribute1")),
            ("evaobe".into(), "1427".into())
        );
        // 31 December 2027, 23:00 UTC.
        assert_eq!(value(&tree, "evaobe", "accountexpires"), "134747676000000000");
        assert!(is_open(&tree, "evaobe") && !is_open(&tree, "boek"));
        assert_eq!(town.server.login("evaobe@ad.test", &town.first_password("evaobe")).await.unwrap(), Ok(()));
        let written = town.shim.writes();
        town.reconcile("2026-11-23").expect(&[0]);
        assert_eq!(town.shim.writes(), written);

        // Without the setting, what is Exchange's is not written.
        let plain = Town::new(samba::Options::default(), &hybrid, "").await;
        plain.world.hr(&[post(EVA, "Eva", "Öberg")]);
        let ran = plain.world.run("2026-11-23").expect(&[5]);
        assert!(ran.out.contains("Exchange's own tools"), "{}", ran.out);
        assert!(place(&plain.tree().await, "evaobe").is_none());
    });
}

#[test]
fn a_check_says_what_the_domain_lacks() {
    block(async {
        let mut town = Town::usual().await;
        town.world.hr(&[]);
        let checked = town.world.sluss(&["--json", "check"]).expect(&[1]);
        assert!(
            checked.out.contains("dc1.ad.test is a domain controller") && checked.out.contains("2008 R2"),
            "{}",
            checked.out
        );
        assert!(checked.out.contains("Enable-ADOptionalFeature"), "{}", checked.out);
        // Somebody who may log in and nothing else.
        town.server.ordinary("nobody", "Nobody-1234").await.unwrap();
        let toml = std::fs::read_to_string(town.world.path("sluss.toml")).unwrap();
        town.world.write("sluss.toml", toml.replace(ADMIN, "nobody@ad.test"));
        town.world.write("secret", "Nobody-1234");
        let checked = town.world.sluss(&["--json", "check"]);
        assert!(checked.out.contains("may not make entries of the class `organizationalUnit`"), "{}", checked.out);
        town.world.hr(&[post(EVA, "Eva", "Öberg")]);
        let ran = town.world.run("2026-11-23");
        assert!([1, 5].contains(&ran.code), "{}", ran.said());
        assert!(ran.out.contains("see what to grant"), "{}", ran.out);
        town.server.stop().await.unwrap();
        let down = town.world.sluss(&["--json", "check"]);
        assert!(down.code != 0 && down.out.contains("localhost"), "{}", down.out);
    });
}

/// The connector itself, as the program loads it.
async fn connector(town: &Town, folder: &Path) -> Connector {
    let cache = folder.join("cache");
    let compiler = Compiler::new(env!("CARGO_BIN_EXE_sluss").into(), ["__compile"]);
    let sandbox = Sandbox::new(SandboxConfig { cache, compiler }).unwrap();
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/active-directory.wasm"));
    std::fs::write(folder.join("secret"), PASSWORD).unwrap();
    let toml: toml::Table = toml::from_str(&target(&town.shim, "")).unwrap();
    let mut connection: sluss_plugin::Connection = toml["connection"]["domain"].clone().try_into().unwrap();
    connection.settle_in(folder);
    let open = Open {
        system: "domain".to_owned(),
        settings: serde_json::json!({ "connection": "domain" }),
        grants: Grants::from_iter([("domain".to_owned(), connection)]),
        limits: Limits::default(),
        mode: Mode::Preview,
    };
    sandbox.load(bytes).unwrap().open(open).await.unwrap()
}

#[test]
fn what_administrators_did_is_asked_for_and_put_right() {
    block(async {
        let town = Town::usual().await;
        town.world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1"),
            post(ALI, "Ali", "Bergström").at("1427", "2").manager(BO),
            post(BO, "Bo", "Ek").at("1427", "3"),
        ]);
        town.world.run("2026-11-23").expect(&[0]);
        // The first look reads everything, and the next ones ask for what changed.
        for _ in 0..2 {
            assert_eq!(town.reconcile("2026-11-23").expect(&[0]).json()["findings"], serde_json::json!([]));
        }
        let tree = town.tree().await;
        let at = |account: &str| place(&tree, account).unwrap();
        let stranger = format!("CN=stranger,OU=People,{TOWN}");
        town.server
            .add_by_hand(&stranger, &[("objectClass", &["user"]), ("sAMAccountName", &["stranger"])])
            .await
            .unwrap();
        town.server.edit_by_hand(at("all-sotenas"), "member", &[&stranger], &[at("aliber")]).await.unwrap();
        town.server.modify_by_hand(at("evaobe"), "title", &["Kung"]).await.unwrap();
        town.server.remove_by_hand(at("boek")).await.unwrap();
        town.server.remove_by_hand(at("unit-1427-VO-12")).await.unwrap();
        let report = town.reconcile("2026-11-23").expect(&[0]).json();
        let told = |what: &str| report["findings"].to_string().matches(what).count();
        assert_eq!((told("removed by somebody else"), told("others in, ")), (2, 1), "{report:#}");
        let put_right = town.tree().await;
        for account in ["aliber", "boek", "evaobe"] {
            assert_eq!(groups(&put_right, account), ["all-sotenas", "unit-1427-VO-12"]);
        }
        assert!(groups(&put_right, "stranger").is_empty());
        // The domain takes a manager who is gone away without a word about whom he managed.
        assert_eq!(Some(&*value(&put_right, "aliber", "manager")), place(&put_right, "boek"));
        assert_eq!(value(&put_right, "evaobe", "title"), value(&tree, "evaobe", "title"));
        let written = town.shim.writes();
        let report = town.reconcile("2026-11-23").expect(&[0]).json();
        assert_eq!(report["findings"], serde_json::json!([]), "{report:#}");
        let report =
            town.world.sluss(&["--json", "run", "--reconcile=whole", "--on", "2026-11-23"]).expect(&[0]).json();
        assert_eq!(report["findings"], serde_json::json!([]), "nothing was overlooked: {report:#}");
        assert_eq!(town.shim.writes(), written);
    });
}

#[test]
fn what_changed_is_told_of_accounts_and_groups_with_all_that_they_are() {
    block(async {
        let town = Town::usual().await;
        let folder = tempfile::tempdir().unwrap();
        town.world.hr(&[
            post(EVA, "Eva", "Öberg").at("1427", "1"),
            post(ALI, "Ali", "Bergström").at("1427", "2"),
            post(BO, "Bo", "Ek").at("1427", "3"),
            post(DORIS, "Doris", "Berg").at("1427", "4"),
        ]);
        town.world.run("2026-11-23").expect(&[0]);
        let tree = town.tree().await;
        let guid = |account: &str| value(&tree, account, "objectguid");
        let mut connector = connector(&town, folder.path()).await;
        let mut token = connector.latest("user").await.unwrap();
        let batch = connector.changes("user", token.clone(), 100).await.unwrap().unwrap();
        assert_eq!((batch.page.rows.len(), batch.gone.len()), (0, 0));

        town.server.modify_by_hand(place(&tree, "evaobe").unwrap(), "title", &["Rektor"]).await.unwrap();
        town.server
            .move_by_hand(place(&tree, "aliber").unwrap(), "CN=Ali", Some(&format!("OU=People,{TOWN}")))
            .await
            .unwrap();
        town.server.remove_by_hand(place(&tree, "boek").unwrap()).await.unwrap();
        let batch = connector.changes("user", token.clone(), 100).await.unwrap().unwrap();
        let ids: BTreeSet<String> = batch.page.rows.iter().map(|row| row.id.clone()).collect();
        assert_eq!(ids, BTreeSet::from([guid("evaobe"), guid("aliber")]));
        assert_eq!(batch.gone, [guid("boek")]);
        // An object looks as it does in a full reading.
        let columns = batch.page.columns.clone();
        let read = connector.read_target("user", &columns, None, 100).await.unwrap();
        for row in &batch.page.rows {
            assert_eq!(read.rows.iter().find(|own| own.id == row.id), Some(row));
        }
        token = batch.next;
        assert_eq!(connector.changes("user", token, 100).await.unwrap().unwrap().page.rows.len(), 0);

        // One at a time, and of groups by their members.
        let token = connector.latest("group").await.unwrap();
        let group = place(&tree, "all-sotenas").unwrap();
        town.server.edit_by_hand(group, "member", &[], &[place(&tree, "dorber").unwrap()]).await.unwrap();
        town.server.modify_by_hand(place(&tree, "unit-1427-VO-12").unwrap(), "description", &["x"]).await.unwrap();
        let first = connector.changes("group", token, 1).await.unwrap().unwrap();
        let sluss_engine::record::Rest::More(cursor) = first.page.rest.clone() else { panic!("more expected") };
        let second = connector.changes("group", cursor, 1).await.unwrap().unwrap();
        let ids: BTreeSet<String> =
            [first.page.rows, second.page.rows].concat().into_iter().map(|row| row.id).collect();
        assert_eq!(ids, BTreeSet::from([guid("all-sotenas"), guid("unit-1427-VO-12")]));
        assert_eq!(connector.changes("group", b"nobody gave this".to_vec(), 1).await.unwrap(), None);
    });
}
