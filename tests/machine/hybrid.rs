//! The days of a municipality in a domain and in Microsoft 365 together: Active Directory first, by Samba; then what
//! Microsoft's synchronisation brings into the tenant; then what only Graph can do.

use crate::active_directory::{self, TOWN, groups, is_open, place, value};
use crate::office365::Office;
use crate::world::{ALI, BO, EVA, HEROMA, Post, Ran, World, block, post};
use serde_json::json;
use sluss_test_servers::Shim;
use sluss_test_servers::samba::{Options, PASSWORD, Samba, Tree};

/// A domain and a tenant, and a world that writes to both.
pub struct Both {
    server: Samba,
    shim: Shim,
    pub office: Office,
    pub world: World,
}

/// The policy of the domain, with addresses as names and old ones as aliases, and that of the tenant.
pub fn policy() -> String {
    let policy = active_directory::POLICY
        .replace("\"names.username + '@ad.test'\"", "\"names.mail\"")
        .replace("\"['SMTP:' + names.mail]\"", "\"['SMTP:' + names.mail] + aliases.mail.map(a, 'smtp:' + a)\"")
        .replace(
            "renew      = \"primary.organisation\"",
            "renew      = \"primary.organisation\"\nkeep-old   = \"90 days\"\nunique-in  = [\"domain.mail\", \
             \"domain.proxyAddresses\", \"office.userPrincipalName\"]",
        );
    format!("{policy}\n{}", include_str!("hybrid.toml"))
}

impl Both {
    pub async fn start() -> Self {
        let (server, office) = (Samba::start(Options::default()).await.unwrap(), Office::start().await);
        server.add_by_hand(TOWN, &[("objectClass", &["organizationalUnit"])]).await.unwrap();
        let shim = Shim::start(&server).await.unwrap();
        // The tenant stands first, and is written to last all the same.
        let targets = format!("{}\n{}", office.target("mode = \"hybrid\"\n"), active_directory::target(&shim, ""));
        let world = World::with_target(&targets, &policy());
        world.write("secret", PASSWORD);
        Both { server, shim, office, world }
    }

    pub async fn tree(&self) -> Tree {
        self.server.dump_below(TOWN).await.unwrap()
    }

    /// Reads this source instead of Heroma.
    pub fn source(&self, source: &str) {
        let toml = std::fs::read_to_string(self.world.path("sluss.toml")).unwrap();
        self.world.write("sluss.toml", toml.replace(HEROMA, source));
    }

    /// What Microsoft's synchronisation does every half hour.
    async fn synchronise(&self) {
        let tree = self.tree().await;
        self.office.graph.tenant(|tenant| tenant.synchronise(&tree).unwrap());
    }

    /// A day: a run, the synchronisation, and a run. What the last one said.
    pub async fn day(&self, day: &str) -> Ran {
        self.world.run(day).expect(&[0, 1]);
        self.synchronise().await;
        self.world.run(day).expect(&[0])
    }

    /// How many writes reached the domain and the tenant so far.
    fn writes(&self) -> (u64, usize) {
        (self.shim.writes(), self.office.graph.seen().writes)
    }

    /// Whatever is read in both is what was written, and nothing more is.
    #[track_caller]
    pub fn is_settled(&self, day: &str) {
        let before = self.writes().0;
        self.world.run(day).expect(&[0]);
        let report = self.world.sluss(&["--json", "run", "--reconcile", "--on", day]).expect(&[0]).json();
        assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
        assert_eq!(self.writes(), (before, 0), "nothing changed, nothing written");
        self.office.judged();
    }
}

fn eva() -> Post {
    post(EVA, "Eva", "Öberg").at("1427", "1").manager(ALI)
}

fn ali() -> Post {
    post(ALI, "Ali", "Bergström").at("1427", "2").title("Enhetschef", "101")
}

#[test]
fn somebody_comes_moves_and_leaves_in_both() {
    block(async {
        let both = Both::start().await;
        let (sotenas, munkedal) = ("eva.oberg@sotenas.example", "eva.oberg@munkedal.example");
        // Before the first day there is an account, closed and without rights.
        both.world.hr(&[ali(), eva().from("20270201")]);
        both.day("2027-01-18").await;
        let tree = both.tree().await;
        assert!(!is_open(&tree, "evaobe") && groups(&tree, "evaobe").is_empty());
        assert!(both.office.exists(sotenas) && !both.office.is_open(sotenas));
        assert_eq!(both.office.licences(sotenas), [""; 0]);
        assert_eq!(both.office.licences("ali.bergstrom@sotenas.example"), ["ENTERPRISEPACK"]);
        both.is_settled("2027-01-18");

        // On the first day everything is there.
        both.day("2027-02-01").await;
        assert!(is_open(&both.tree().await, "evaobe") && both.office.is_open(sotenas));
        assert_eq!(both.office.licences(sotenas), ["STANDARDPACK"]);
        let (guid, id) = (value(&both.tree().await, "evaobe", "objectguid"), both.office.id(sotenas));

        // A second post in another municipality: the rights of both.
        let second =
            post(EVA, "Eva", "Öberg").at("1430", "9").from("20270301").to("20270531").unit("SK-1", "Centrumskolan");
        let second = second.title("Rektor", "4").second();
        both.world.hr(&[ali(), eva().from("20270201"), second.clone()]);
        both.day("2027-03-01").await;
        let tree = both.tree().await;
        assert_eq!(groups(&tree, "evaobe"), ["all-munkedal", "all-sotenas", "unit-1427-VO-12", "unit-1430-SK-1"]);
        assert_eq!(value(&tree, "evaobe", "mail"), sotenas);
        assert_eq!(both.office.licences(sotenas), ["ENTERPRISEPACK"], "the higher of two posts");
        both.is_settled("2027-03-01");
        // It ends, and only what came of it goes.
        both.day("2027-06-01").await;
        assert_eq!(groups(&both.tree().await, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
        assert_eq!(both.office.licences(sotenas), ["STANDARDPACK"]);

        // She moves for good: another address for the same account, and the old one for a while.
        let moved = post(EVA, "Eva", "Öberg").at("1430", "10").from("20270701").unit("SK-1", "Centrumskolan");
        both.world.hr(&[ali(), eva().from("20270201").to("20270630"), second.clone(), moved.clone()]);
        both.day("2027-07-01").await;
        let tree = both.tree().await;
        assert_eq!((value(&tree, "evaobe", "objectguid"), both.office.id(munkedal)), (guid.clone(), id.clone()));
        let dn = place(&tree, "evaobe").unwrap();
        let addresses: Vec<&String> = tree[dn]["proxyaddresses"].iter().collect();
        assert_eq!(addresses, [&format!("SMTP:{munkedal}"), &format!("smtp:{sotenas}")]);
        both.is_settled("2027-07-01");
        both.day("2027-09-29").await;
        assert_eq!(value(&both.tree().await, "evaobe", "proxyaddresses"), format!("SMTP:{munkedal}"), "90 days");

        // She leaves, is kept, comes back in time, and is gone at last.
        both.world.hr(&[ali(), moved.clone().to("20271031")]);
        both.day("2027-10-31").await;
        assert!(is_open(&both.tree().await, "evaobe"));
        both.office.graph.seen();
        both.world.run("2027-11-01").expect(&[0]);
        assert!(!is_open(&both.tree().await, "evaobe") && groups(&both.tree().await, "evaobe").is_empty());
        assert_eq!(both.office.licences(munkedal), [""; 0], "the same run takes them");
        assert_eq!(both.office.graph.seen().count("POST /users/{id}/revokeSignInSessions"), 1);
        both.synchronise().await;
        assert!(!both.office.is_open(munkedal));
        both.is_settled("2027-11-02");
        both.world.hr(&[
            ali(),
            moved.clone().to("20271031"),
            post(EVA, "Eva", "Öberg").at("1430", "11").from("20271215"),
        ]);
        both.day("2027-12-15").await;
        assert!(is_open(&both.tree().await, "evaobe") && both.office.is_open(munkedal));
        assert_eq!((value(&both.tree().await, "evaobe", "objectguid"), both.office.id(munkedal)), (guid, id));
        assert_eq!(both.office.licences(munkedal), ["STANDARDPACK"]);
        both.world.hr(&[ali(), post(EVA, "Eva", "Öberg").at("1430", "11").from("20271215").to("20271231")]);
        both.day("2028-01-01").await;
        both.day("2028-02-29").await;
        assert!(place(&both.tree().await, "evaobe").is_some());
        both.day("2028-03-01").await;
        assert!(place(&both.tree().await, "evaobe").is_none() && !both.office.exists(munkedal));
        both.is_settled("2028-03-02");
    });
}

#[test]
fn somebody_helps_out_elsewhere_and_is_on_leave() {
    block(async {
        let both = Both::start().await;
        let policy =
            policy().replace("remove-after  = \"60 days\"", "remove-after  = \"60 days\"\non-leave = \"disable\"");
        both.world.write("policy.toml", policy);
        let own = eva().to("20270228");
        let lent =
            post(EVA, "Eva", "Öberg").at("1484", "5").from("20270301").to("20270331").unit("SK-9", "Gullmarsskolan");
        let back = eva().from("20270401");
        both.world.hr(&[ali(), own.clone(), lent.clone(), back.clone()]);
        both.day("2027-02-01").await;
        both.day("2027-03-01").await;
        let lysekil = "eva.oberg@lysekil.example";
        assert_eq!(groups(&both.tree().await, "evaobe"), ["all-lysekil", "unit-1484-SK-9"]);
        assert!(both.office.is_open(lysekil));
        both.day("2027-04-01").await;
        // Back she has the address that was hers all the time.
        let sotenas = "eva.oberg@sotenas.example";
        assert_eq!(groups(&both.tree().await, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
        assert!(both.office.is_open(sotenas) && !both.office.exists(lysekil));

        let mut away = back.clone();
        away.leave = true;
        both.world.hr(&[ali(), away]);
        both.day("2027-05-01").await;
        assert!(!is_open(&both.tree().await, "evaobe") && !both.office.is_open(sotenas));
        assert_eq!(
            groups(&both.tree().await, "evaobe"),
            ["all-sotenas", "unit-1427-VO-12"],
            "the post is still theirs"
        );
        both.world.hr(&[ali(), back]);
        both.day("2027-06-01").await;
        assert!(is_open(&both.tree().await, "evaobe") && both.office.is_open(sotenas));
        both.is_settled("2027-06-01");
    });
}

#[test]
fn while_one_is_down_the_other_goes_on() {
    block(async {
        let both = Both::start().await;
        both.world.hr(&[ali(), eva()]);
        both.day("2027-02-01").await;
        // Microsoft does not answer: the domain gets what is new, and the rest follows.
        let bo = post(BO, "Bo", "Ek").at("1427", "3");
        both.world.hr(&[ali(), eva().to("20270201"), bo]);
        both.office.graph.next(std::iter::repeat_n(sluss_test_servers::graph::Mood::Status(503, None), 200));
        let ran = both.world.run("2027-02-02").expect(&[5]);
        let tree = both.tree().await;
        assert!(is_open(&tree, "boek") && !is_open(&tree, "evaobe"), "{}", ran.out);
        both.office.graph.seen();
        both.synchronise().await;
        both.world.run("2027-02-03").expect(&[0]);
        assert_eq!(both.office.licences("bo.ek@sotenas.example"), ["STANDARDPACK"]);
        assert_eq!(both.office.licences("eva.oberg@sotenas.example"), [""; 0]);
        both.is_settled("2027-02-03");
        // Nor does the domain: nobody is made in the tenant out of nothing, and whoever leaves loses the licence.
        let doris = post(crate::world::DORIS, "Doris", "Berg").at("1427", "4");
        both.world.hr(&[ali().to("20270203"), eva().to("20270201"), doris]);
        both.shim.inject(
            sluss_test_servers::shim::Fault::Unavailable,
            sluss_test_servers::shim::Kind::Bind,
            0,
            u64::MAX,
        );
        both.world.run("2027-02-04").expect(&[5]);
        assert_eq!(both.office.licences("ali.bergstrom@sotenas.example"), [""; 0]);
        assert!(!both.office.exists("doris.berg@sotenas.example"));
        both.shim.heal();
        both.day("2027-02-05").await;
        assert_eq!(both.office.licences("doris.berg@sotenas.example"), ["STANDARDPACK"]);
        assert!(!is_open(&both.tree().await, "aliber"));
        both.is_settled("2027-02-05");
    });
}

#[test]
fn a_guest_is_let_in_for_a_while() {
    block(async {
        let both = Both::start().await;
        let source = "[system.partners]\nrole = \"source\"\nplugin = \"csv\"\ngrant = [\"hr\"]\n\n[system.partners.settings]\nfolder \
                      = \"hr\"\n\n[system.partners.settings.tables.guests]\nfile = \"guests.csv\"\nclass = \"engagement\"\nid = \
                      [\"Key\"]\n\n[system.partners.settings.tables.guests.columns]\nperson-key = \"Key\"\nfirst-names = \
                      \"First\"\nsurname = \"Last\"\nmanager-number = \"Host\"\n\"csv:mail\" = \"Mail\"\nemployment-number = \"Key\"\nunit = \"Team\"\nstart = \
                      \"From\"\nend = \"To\"\n\n[system.partners.settings.tables.guests.constants]\norganisation = \
                      \"1427\"\nkind = \"guest\"\nprotected = false\n";
        both.source(&format!("{HEROMA}\n{source}"));
        let guests = "\n[account.guest]\ntarget = \"office\"\nclass = \"guest\"\nwhen = \"primary.kind == \
                      'guest'\"\n\n[account.guest.attributes]\nmail = \"primary.extra['csv:mail']\"\ndisplayName = \"person.display\"\nsponsor = { manager-of = \"primary\", account = \"office\" }\n\n\
                      [group.team]\ntarget = \"office\"\nclass = \"group\"\naccount = \"guest\"\nfor-each = \
                      \"unit\"\n\n[group.team.attributes]\ndisplayName = \"'team-' + key\"\nmailNickname = \"'team-' + key\"\n";
        let policy = policy()
            .replace("certain = [\"identity-number\"]", "certain = [\"identity-number\", \"person-key\"]")
            .replace("class     = \"user\"\nprotected = \"pseudonym\"\n\n[account.domain.attributes]", "class     = \"user\"\nprotected = \"pseudonym\"\nwhen = \"primary.kind != 'guest'\"\n\n[account.domain.attributes]");
        both.world.write("policy.toml", policy + guests);
        let invited_by = |host: &str| {
            let guest = format!("G-1,Greta,Lind,greta.lind@partner.test,bridge,2027-02-01,2027-02-28,{host}\n");
            both.world.write("incoming/guests.csv", format!("Key,First,Last,Mail,Team,From,To,Host\n{guest}"));
        };
        both.world.hr(&[ali(), post(EVA, "Eva", "Öberg").at("1427", "9")]);
        invited_by(ALI);
        both.day("2027-02-01").await;
        let guest = |both: &Both| {
            both.office.graph.tenant(|tenant| {
                let found = tenant.users().find(|user| user.text("mail") == "greta.lind@partner.test");
                found.map(|user| (user.text("userPrincipalName").to_owned(), user.text("userType").to_owned()))
            })
        };
        let (name, kind) = guest(&both).unwrap();
        assert_eq!(kind, "Guest");
        assert!(both.office.is_open(&name));
        assert_eq!(both.office.groups(&name), ["team-1427-bridge"]);
        assert!(place(&both.tree().await, "grelin").is_none(), "a guest has nothing in the domain");
        let sponsors = || {
            both.office.graph.tenant(|tenant| {
                let sponsors = tenant.user(&name).unwrap().sponsors.iter();
                let names = sponsors.map(|id| tenant.user(id).unwrap().text("userPrincipalName").to_owned());
                names.collect::<Vec<_>>()
            })
        };
        assert_eq!(sponsors(), ["ali.bergstrom@sotenas.example"]);
        both.is_settled("2027-02-01");
        let told = both.world.sluss(&["--verbose", "explain", "G-1", "--on", "2027-02-01"]).expect(&[0]).out;
        assert!(told.contains("the account office of the manager of the primary engagement"), "{told}");

        // Somebody else answers for the guest from now on.
        invited_by(EVA);
        both.day("2027-02-10").await;
        assert_eq!(sponsors(), ["eva.oberg@sotenas.example"]);
        both.is_settled("2027-02-10");
        both.day("2027-03-01").await;
        assert!(!both.office.is_open(&name) && both.office.groups(&name).is_empty());
        both.day("2027-04-29").await;
        assert!(guest(&both).is_some());
        both.day("2027-04-30").await;
        assert!(guest(&both).is_none());
        both.is_settled("2027-04-30");
    });
}
