//! Managers are told by e-mail what became of accounts, by way of a real mail server: in their language, once, and
//! whatever happens to the server, the network or the run.

use crate::world::{ALI, BO, DORIS, ERIK, EVA, POLICY, Post, Ran, World, post};
use serde_json::Value;
use sluss_test_servers::Smtp;
use sluss_test_servers::smtp::{Mood, PASSWORD, Received, USER};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

const MANAGER: &str = "eva.oberg@sotenas.example";
const NEW: &str = "[message.new]\non = \"account-created\"\naccount = \"directory\"\n";
const DAY: &str = "2026-11-23";

/// A municipality in which Eva leads whoever comes, and a server that takes mail.
struct Town {
    world: World,
    server: Smtp,
}

impl Town {
    /// Eva has her account already, from before anybody was to be told of anything.
    fn new(messages: &str) -> Town {
        let server = Smtp::start(env!("CARGO_TARGET_TMPDIR").as_ref()).unwrap();
        let world = World::ldif();
        world.hr(&[eva()]);
        world.run("2026-11-22").expect(&[0]);
        let town = Town { world, server };
        town.mail(&town.server.url(), "");
        town.messages(messages);
        town
    }

    fn mail(&self, url: &str, more: &str) {
        self.world.write("mail-secret", PASSWORD);
        self.world.configure(&format!(
            "[mail]\nurl = \"{url}\"\nca = \"{}\"\nuser = \"{USER}\"\npassword = {{ file = \"mail-secret\" }}\n\
             from = \"Sluss i Sotenäs <sluss@sotenas.example>\"\ntimeout = 5\n{more}",
            self.server.authority().display()
        ));
    }

    fn messages(&self, messages: &str) {
        self.world.write("policy.toml", format!("{POLICY}\n{messages}"));
    }

    /// Everybody of HR beside Eva.
    fn staff(&self, posts: &[Post]) {
        let all: Vec<Post> = std::iter::once(eva()).chain(posts.iter().cloned()).collect();
        self.world.hr(&all);
    }

    #[track_caller]
    fn run(&self, day: &str, code: i32) -> Value {
        self.ran(day, code).json()
    }

    #[track_caller]
    fn ran(&self, day: &str, code: i32) -> Ran {
        self.world.run(day).expect(&[code])
    }

    fn mails(&self) -> Vec<Received> {
        self.server.mails().unwrap()
    }

    /// The only mail there is.
    #[track_caller]
    fn mail_of(&self) -> Received {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails.remove(0)
    }

    fn cases(&self) -> Vec<String> {
        let cases = self.world.sluss(&["--json", "cases"]).json();
        cases["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap().to_owned()).collect()
    }

    fn resolve(&self, arguments: &[&str]) {
        self.world.sluss(&[&["cases", "resolve"], arguments].concat()).expect(&[0]);
    }
}

fn eva() -> Post {
    post(EVA, "Eva", "Öberg").at("1427", "1")
}

fn ali() -> Post {
    post(ALI, "Åke", "Härström").at("1427", "2").manager(EVA)
}

fn bo() -> Post {
    post(BO, "Bo", "Ek").at("1427", "3").manager(EVA)
}

fn counts(report: &Value) -> (u64, u64, u64) {
    let number = |name: &str| report["messages"][name].as_u64().unwrap();
    (number("planned"), number("sent"), number("waiting"))
}

fn findings(report: &Value) -> String {
    report["findings"].to_string()
}

#[test]
fn a_new_account_is_told_to_the_manager_once() {
    let town = Town::new(&format!("{NEW}first-password = \"Lösenordet hämtas på servicekontoret.\"\n"));
    town.staff(&[ali()]);
    let plan = town.world.sluss(&["--json", "plan", "--on", DAY]).expect(&[0]).json();
    assert_eq!(counts(&plan), (1, 0, 0));
    let shown = town.world.sluss(&["plan", "--on", DAY]).expect(&[0]).out;
    assert!(shown.contains("1 mail would be sent"), "{shown}");
    assert_eq!((town.mails().len(), town.server.seen("connection").unwrap()), (0, 0), "a preview sends nothing");

    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    let mail = town.mail_of();
    assert!(mail.is_proper(), "{mail:?}");
    assert_eq!((mail.to(), mail.from(), mail.hello()), (vec![MANAGER], "sluss@sotenas.example", "[127.0.0.1]"));
    assert_eq!(mail.header("From"), Some("Sluss i Sotenäs <sluss@sotenas.example>"));
    assert_eq!(mail.header("To"), Some(MANAGER));
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(mail.subject(), "Nytt konto: Åke Härström");
    for line in [
        "Ett konto har skapats.",
        "Åke Härström",
        "  Användarnamn: akehar",
        "  E-post: ake.harstrom@sotenas.example",
        "  Befattning: Undersköterska",
        "  Enhet: Hunnebohemmet",
        "  Organisation: Sotenäs",
        "  Första dag: 2024-01-01",
        "Lösenordet hämtas på servicekontoret.",
    ] {
        assert!(mail.text().lines().any(|known| known == line), "{line} is not in\n{}", mail.text());
    }
    assert!(!mail.text().contains("Sista dag"), "{}", mail.text());
    for number in ["19410708", "6995", "194107086995"] {
        assert!(!mail.raw().contains(number) && !mail.text().contains(number));
    }

    // The second run has nothing to tell, and does not even knock.
    let connections = town.server.seen("connection").unwrap();
    assert_eq!(counts(&town.run(DAY, 0)), (0, 0, 0));
    assert_eq!(counts(&town.run("2026-11-24", 0)), (0, 0, 0));
    assert_eq!((town.mails().len(), town.server.seen("connection").unwrap()), (1, connections));
    let status = town.world.sluss(&["--json", "status"]).expect(&[0]).json();
    assert_eq!((&status["mail"]["sent"], &status["mail"]["waiting"]), (&1.into(), &0.into()));
    let runs = town.world.sluss(&["--json", "runs"]).expect(&[0]).json();
    let runs = runs["runs"].as_array().unwrap();
    let sent: Vec<u64> = runs.iter().map(|run| run["counts"]["messages"]["sent"].as_u64().unwrap()).collect();
    assert_eq!(sent, [0, 0, 1, 0]);
}

#[test]
fn one_mail_tells_of_one_account_or_of_all_that_are_for_the_same_reader() {
    for (digest, runs) in [("single", [2, 2]), ("run", [1, 1]), ("daily", [0, 1])] {
        let town = Town::new(&format!("{NEW}digest = \"{digest}\"\n"));
        town.staff(&[ali(), bo()]);
        town.run(DAY, 0);
        town.run(DAY, 0);
        assert_eq!(town.mails().len(), runs[0], "{digest}");
        town.run("2026-11-24", 0);
        let mails = town.mails();
        assert_eq!(mails.len(), runs[1], "{digest}");
        if let [both] = mails.as_slice() {
            assert_eq!(both.subject(), "2 nya konton");
            assert!(both.text().contains("akehar") && both.text().contains("boek"), "{}", both.text());
        }
        let names: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
        assert_eq!(names.len(), mails.len());
    }
}

#[test]
fn somebody_who_leaves_is_told_of_so_many_days_before_also_when_nothing_else_happens() {
    let ending = "[message.ending]\non = \"account-ending\"\naccount = \"directory\"\nbefore = \"3 weeks\"\n";
    let town = Town::new(ending);
    town.staff(&[ali().to("20261231"), bo()]);
    town.run(DAY, 0);
    town.run("2026-12-09", 0);
    assert_eq!(town.mails(), []);
    let run = town.run("2026-12-10", 0);
    assert_eq!((counts(&run).1, &run["decided"]), (1, &1.into()));
    let mail = town.mail_of();
    assert_eq!((mail.to(), mail.subject()), (vec![MANAGER], "Kontot upphör 2026-12-31: Åke Härström"));
    assert!(mail.text().contains("  Sista dag: 2026-12-31\n"), "{}", mail.text());
    for day in ["2026-12-10", "2026-12-11", "2026-12-17", "2026-12-31"] {
        assert_eq!(counts(&town.run(day, 0)).1, 0, "{day}");
    }
    // The employment is prolonged, and ends after all.
    town.staff(&[ali().to("20270331"), bo()]);
    for (day, mails) in [("2026-12-31", 1), ("2027-03-09", 1), ("2027-03-10", 2), ("2027-04-01", 2), ("2027-06-01", 2)]
    {
        town.run(day, 0);
        assert_eq!(town.mails().len(), mails, "{day}");
    }
}

#[test]
fn the_policy_says_who_reads_of_whom_and_in_which_language() {
    let more = "when = \"primary.unit == 'VO-12'\"\nto = \"['it@example.test', person.surname == 'Ek' ? 'ek@example.test' : '']\"\n\
                language = \"person.surname == 'Ek' ? 'en' : 'sv'\"\n";
    let events = ["account-created", "account-closed", "account-removed"];
    let rules: String = events
        .iter()
        .map(|event| format!("[message.{event}]\non = \"{event}\"\naccount = \"directory\"\n{more}\n"))
        .collect();
    let town = Town::new(&format!(
        "{rules}[message.closed-too]\non = \"account-closed\"\naccount = \"directory\"\n\
        subject = \"{{{{ unit }}}}: {{{{ name }}}}\"\ntemplate = {{ file = \"words/closed.txt\" }}\n"
    ));
    std::fs::create_dir(town.world.path("words")).unwrap();
    town.world.write(
        "words/closed.txt",
        "{% for it in events %}{{ it.surname }}, {{ it.username }} är stängt ({{ it.last_day }}).\n{% endfor %}",
    );
    town.staff(&[ali().unit("SK-1", "Skolan"), bo().to("20261130")]);
    for day in [DAY, "2026-12-01", "2027-01-29", "2027-01-30"] {
        town.run(day, 0);
    }
    let mails = town.mails();
    let told: Vec<(&str, &str)> = mails.iter().map(|mail| (mail.to()[0], mail.subject())).collect();
    assert_eq!(
        told,
        [
            ("ek@example.test", "New account: Bo Ek"),
            ("it@example.test", "New account: Bo Ek"),
            ("ek@example.test", "The account is closed: Bo Ek"),
            ("it@example.test", "The account is closed: Bo Ek"),
            (MANAGER, "Hunnebohemmet: Bo Ek"),
            ("ek@example.test", "The account is removed: Bo Ek"),
            ("it@example.test", "The account is removed: Bo Ek"),
        ]
    );
    assert_eq!(mails[4].text(), "Ek, boek är stängt (2026-11-30).\n");
    assert!(mails.iter().all(Received::is_proper));
}

#[test]
fn nobody_is_named_whose_data_is_protected() {
    let nothing = |mail: &Received| {
        for word in ["Åke", "Härström", "akehar", "ake.", "Undersköterska", "Hunnebohemmet", "Användarnamn", "E-post:"]
        {
            assert!(
                !mail.text().contains(word) && !mail.subject().contains(word),
                "{word}: {}\n{}",
                mail.subject(),
                mail.text()
            );
        }
        assert!(mail.subject().contains("(person 2)"), "{}", mail.subject());
    };
    let town = Town::new(NEW);
    town.staff(&[ali().protected("J")]);
    town.run(DAY, 0);
    nothing(&town.mail_of());

    // Whoever becomes protected before the mail leaves is not named in it.
    let mut town = Town::new(NEW);
    town.staff(&[ali()]);
    town.server.kill().unwrap();
    town.run(DAY, 5);
    town.staff(&[ali().protected("J")]);
    town.server.restart().unwrap();
    town.run(DAY, 0);
    nothing(&town.mail_of());

    for (protected, mails) in [("omit", 0), ("full", 1)] {
        let town = Town::new(&format!("{NEW}protected = \"{protected}\"\n"));
        town.staff(&[ali().protected("J")]);
        let run = town.run(DAY, 0);
        assert_eq!((town.mails().len(), counts(&run).2), (mails, 0), "{protected}");
        assert!(town.mails().iter().all(|mail| mail.subject() == "Nytt konto: Åke Härström"));
        assert!(!run.to_string().contains("Härström"));
    }
}

#[test]
fn a_server_that_is_down_costs_no_account_and_no_mail() {
    let mut town = Town::new(NEW);
    town.server.kill().unwrap();
    town.staff(&[ali()]);
    let run = town.run(DAY, 5);
    assert_eq!(counts(&run), (0, 0, 1));
    assert!(findings(&run).contains("cannot be reached"), "{}", findings(&run));
    assert!(town.world.ldif_text().contains("uid: akehar\n"));
    assert!(town.world.sluss(&["status"]).expect(&[0]).out.contains("0 mails sent, 1 waiting"));
    town.server.restart().unwrap();
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    assert_eq!(town.mail_of().to(), [MANAGER]);
}

#[test]
fn a_wrong_password_is_told_and_keeps_the_mail() {
    let town = Town::new(NEW);
    town.staff(&[ali()]);
    town.world.write("mail-secret", "hunter2");
    for _ in 0..2 {
        let run = town.run(DAY, 5);
        assert!(findings(&run).contains("refused the login as sluss (535)"), "{}", findings(&run));
        assert!(!run.to_string().contains("hunter2"));
    }
    assert_eq!((town.mails().len(), town.server.seen("refused login").unwrap()), (0, 2));
    let check = town.world.sluss(&["check"]).expect(&[5]).said();
    assert!(check.contains("refused the login") && !check.contains("hunter2"), "{check}");
    town.world.write("mail-secret", PASSWORD);
    town.run(DAY, 0);
    town.mail_of();
}

#[test]
fn check_logs_in_and_sends_nothing() {
    let town = Town::new(NEW);
    // Units without any in their file are a warning, which is not about mail.
    let check = town.world.sluss(&["check"]).expect(&[1]).out;
    assert!(check.contains("the mail server") && check.contains("lets sluss in"), "{check}");
    town.mail(&town.server.tls_url(), "hello = \"sluss.sotenas.example\"\n");
    town.world.sluss(&["check"]).expect(&[1]);
    let seen = |event: &str| town.server.seen(event).unwrap();
    assert_eq!((seen("noop"), seen("login"), town.mails().len()), (2, 2, 0));
    assert_eq!(seen("hello sluss.sotenas.example"), 1);
    // TLS from the first byte carries mail as well.
    town.staff(&[ali()]);
    town.run(DAY, 0);
    assert!(town.mail_of().is_proper());
    // Without the authority that signed its certificate, it is not the server.
    let config = std::fs::read_to_string(town.world.path("sluss.toml")).unwrap();
    let without: Vec<&str> = config.lines().filter(|line| !line.starts_with("ca = ")).collect();
    town.world.write("sluss.toml", without.join("\n"));
    let check = town.world.sluss(&["check"]).said();
    assert!(check.contains("authority that is not trusted") || check.contains("trusts no authorities"), "{check}");
}

#[test]
fn what_is_put_off_is_sent_by_the_next_run() {
    let mut town = Town::new(NEW);
    town.server.mood(&Mood::good().recipient("eva", "451 4.7.1 greylisted, ADDRESS", Some(1))).unwrap();
    town.staff(&[ali()]);
    let run = town.run(DAY, 0);
    assert_eq!(counts(&run), (0, 0, 1));
    assert!(findings(&run).contains("451 4.7.1 greylisted"), "{}", findings(&run));
    assert_eq!(town.cases(), ["mail/1"]);
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    town.mail_of();
    assert_eq!(town.cases(), [""; 0]);

    // Whoever puts a mail off for ever is looked at, and asked less and less often.
    let mut town = Town::new(NEW);
    town.server.mood(&Mood::good().contents("452 4.2.2 mailbox full", None)).unwrap();
    town.staff(&[ali()]);
    let codes: Vec<i32> = (0..5).map(|_| town.world.run(DAY).code).collect();
    assert_eq!(codes, [0, 0, 1, 1, 1]);
    assert_eq!(counts(&town.run(DAY, 0)), (0, 0, 1), "not before tomorrow");
    town.server.mood(&Mood::good()).unwrap();
    town.run("2026-11-24", 0);
    town.mail_of();
}

#[test]
fn an_address_that_is_refused_holds_up_nobody_else_and_is_looked_up_anew() {
    let mut town = Town::new(NEW);
    let doris = post(DORIS, "Doris", "Alm").at("1427", "9");
    town.server.mood(&Mood::good().recipient("eva", "550 5.1.1 no such user: ADDRESS", None)).unwrap();
    // Doris has an account before anybody has her as a manager, and nobody who would read of her.
    town.messages("");
    town.staff(std::slice::from_ref(&doris));
    town.run(DAY, 0);
    town.messages(NEW);
    town.staff(&[doris.clone(), ali(), bo().manager(DORIS)]);
    let run = town.run(DAY, 1);
    assert_eq!(counts(&run), (0, 1, 0));
    assert!(findings(&run).contains("550 5.1.1"), "{}", findings(&run));
    assert_eq!(town.mail_of().to(), ["doris.alm@sotenas.example"]);
    let refused = format!("refused {MANAGER}");
    assert_eq!((town.cases().len(), town.server.seen(&refused).unwrap()), (1, 1));
    assert_eq!(counts(&town.run(DAY, 0)), (0, 0, 0), "it is left alone until tomorrow");
    assert_eq!(town.server.seen(&refused).unwrap(), 1);
    // The manager is corrected, and somebody says so.
    town.staff(&[doris, ali().manager(DORIS), bo().manager(DORIS)]);
    town.resolve(&[&town.cases()[0]]);
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    let mails = town.mails();
    let last = mails.last().unwrap();
    assert_eq!((last.to(), last.subject()), (vec!["doris.alm@sotenas.example"], "Nytt konto: Åke Härström"));
    assert_eq!(town.cases(), [""; 0]);
}

#[test]
fn a_sender_that_is_refused_is_the_servers_business_and_not_the_mails() {
    let mut town = Town::new(NEW);
    town.server.mood(&Mood::good().sender("553 5.7.1 not your address")).unwrap();
    town.staff(&[ali(), bo()]);
    let run = town.run(DAY, 5);
    assert_eq!(counts(&run), (0, 0, 2));
    assert!(findings(&run).contains("refused the sender"), "{}", findings(&run));
    town.server.mood(&Mood::good()).unwrap();
    assert_eq!(counts(&town.run(DAY, 0)), (0, 2, 0));
}

#[test]
fn an_account_that_nobody_can_be_told_of_is_a_case_or_goes_to_somebody_else() {
    let town = Town::new(NEW);
    let alone = post(ALI, "Åke", "Härström").at("1427", "2");
    town.staff(std::slice::from_ref(&alone));
    let run = town.run(DAY, 1);
    assert_eq!(counts(&run), (0, 0, 1));
    assert!(
        findings(&run).contains("no manager is known") && findings(&run).contains("fallback"),
        "{}",
        findings(&run)
    );
    assert_eq!(town.cases(), ["message/1"]);
    town.messages(&format!("{NEW}fallback = \"it@sotenas.example\"\n"));
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    assert_eq!((town.mail_of().to(), town.cases().len()), (vec!["it@sotenas.example"], 0));

    // A manager whose account is closed reads nothing any more; whoever does not need to be told is not.
    let town = Town::new(NEW);
    town.world.hr(&[eva().to("20261122"), ali()]);
    let run = town.run(DAY, 1);
    assert!(findings(&run).contains("the manager's account is closed"), "{}", findings(&run));
    town.resolve(&["message/1", "--drop"]);
    assert_eq!(counts(&town.run("2026-11-24", 0)), (0, 0, 0));
    assert_eq!((town.mails().len(), town.cases().len()), (0, 0));
}

#[test]
fn nobody_is_told_twice_where_nobody_knows_unless_the_policy_says_so() {
    for (taken, again) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut town = Town::new(&format!("{NEW}in-doubt = \"{}\"\n", if again { "again" } else { "leave" }));
        town.server.mood(&Mood::good().drops(taken, Some(1))).unwrap();
        town.staff(&[ali(), bo()]);
        let context = format!("taken {taken}, again {again}");
        town.run(DAY, 5);
        town.run(DAY, 0);
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        for mail in town.mails() {
            *told.entry(mail.header("Message-ID").unwrap().to_owned()).or_default() += 1;
        }
        let mut times: Vec<usize> = told.values().copied().collect();
        times.sort_unstable();
        match (taken, again) {
            // It comes twice, under one name; or once, where it did not arrive at first.
            (true, true) => assert_eq!(times, [1, 2], "{context}"),
            (false, true) => assert_eq!(times, [1, 1], "{context}"),
            (true, false) => assert_eq!(times, [1, 1], "{context}"),
            (false, false) => assert_eq!(times, [1], "{context}"),
        }
        assert_eq!(town.cases().len(), usize::from(!again), "{context}");
        if again {
            continue;
        }
        let case = town.cases()[0].clone();
        let shown = town.world.sluss(&["cases"]).out;
        assert!(shown.contains("nobody knows whether") && shown.contains("waits for somebody"), "{shown}");
        town.run("2026-12-24", 0);
        assert_eq!(town.mails().len(), times.iter().sum::<usize>(), "{context}: it waits for somebody");
        if taken {
            town.resolve(&[&case, "--drop"]);
        } else {
            town.resolve(&[&case]);
        }
        town.run("2026-12-24", 0);
        assert_eq!((town.mails().len(), town.cases().len()), (2, 0), "{context}");
    }
}

#[test]
fn a_held_run_tells_nobody_and_an_approved_one_does() {
    let town = Town::new(&NEW.replace("account-created", "account-closed"));
    let guards = "[guards]\ndisables = { max = 0 }\nmember-removals = \"off\"\n";
    let (rules, _) = POLICY.split_once("[guards]").unwrap();
    let messages = NEW.replace("account-created", "account-closed");
    town.staff(&[ali()]);
    town.run(DAY, 0);
    town.world.write("policy.toml", format!("{rules}\n{messages}\n{guards}"));
    town.staff(&[ali().to("20261123")]);
    let held = town.run("2026-11-24", 3);
    assert_eq!((counts(&held), town.mails().len()), ((1, 0, 0), 0));
    assert_eq!(counts(&town.run("2026-11-24", 3)), (1, 0, 0));
    let hash = held["hash"].as_str().unwrap();
    town.world.sluss(&["apply", hash, "--on", "2026-11-24"]).expect(&[0]);
    assert_eq!(town.mail_of().subject(), "Kontot är stängt: Åke Härström");
}

#[test]
fn a_run_sends_no_more_than_it_may() {
    let town = Town::new(NEW);
    town.mail(&town.server.url(), "limit = 1\n");
    town.staff(&[ali(), bo(), post(ERIK, "Erik", "Lind").at("1427", "4").manager(EVA)]);
    let run = town.run(DAY, 0);
    assert_eq!(counts(&run), (0, 1, 2));
    assert!(findings(&run).contains("3 mails wait, and a run sends 1 at most"), "{}", findings(&run));
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 1));
    assert_eq!(counts(&town.run(DAY, 0)), (0, 1, 0));
    assert_eq!(town.server.seen("login").unwrap(), 3);
}

#[test]
fn what_is_wrong_with_a_message_is_told_before_anything_is_done() {
    let town = Town::new(&format!("{NEW}template = \"{{{{ nmae }}}}\"\nfallback = \"it\"\n"));
    town.staff(&[ali()]);
    for command in ["check", "run"] {
        let said = town.world.sluss(&[command]).expect(&[2]).said();
        assert!(said.contains("the template cannot be used") && said.contains("this is no address"), "{said}");
    }
    town.world.configure("");
    town.messages(NEW);
    let said = town.world.sluss(&["check"]).expect(&[2]).said();
    assert!(said.contains("no server that takes mail") && said.contains("add [mail]"), "{said}");
    assert!(!town.world.ldif_text().contains("akehar"));
}

/// How many times all of it is done, and how often a run is killed each time.
const TOWNS: u64 = 3;
const KILLS: u64 = 5;

#[test]
fn a_run_that_is_killed_tells_nobody_twice_and_forgets_nobody() {
    let people = [(BO, "Ada"), (ALI, "Beda"), (DORIS, "Cilla"), (ERIK, "Disa")];
    let posts: Vec<Post> = people
        .into_iter()
        .zip(["11", "12", "13", "14"])
        .map(|((number, name), at)| post(number, name, "Ny").at("1427", at).manager(EVA))
        .collect();
    let slow = || {
        let mut town = Town::new(NEW);
        town.server.mood(&Mood::good().slow(0.1, 0.1)).unwrap();
        town.staff(&posts);
        town
    };
    // How long it takes undisturbed.
    let town = slow();
    let began = Instant::now();
    town.run(DAY, 0);
    let whole = began.elapsed();
    assert_eq!(town.mails().len(), posts.len());
    let seed = std::hash::RandomState::new().build_hasher().finish();
    for at in 0..TOWNS {
        let mut town = slow();
        for kill in 0..KILLS {
            let mixed = (seed ^ (at << 16) ^ (kill << 8)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            killed(&town.world, whole.mul_f64(mixed as f64 / f64::from(1 << 24)));
        }
        // What was on its way when the last run was killed may still be taken.
        std::thread::sleep(Duration::from_millis(500));
        town.server.mood(&Mood::good()).unwrap();
        town.world.run(DAY).expect(&[0, 1]);
        let context = format!("seed {seed}, town {at}");
        let before = told(&town);
        assert!(before.values().all(|times| *times == 1), "{context}: {before:?}");
        // Whoever was not told is a case; somebody looks into the server's log, as the case says.
        let cases = town.world.sluss(&["--json", "cases"]).json();
        let cases = cases["cases"].as_array().unwrap();
        assert!(before.len() + cases.len() >= posts.len(), "{context}: {before:?}, {cases:?}");
        for case in cases {
            let (id, advice) = (case["id"].as_str().unwrap(), case["finding"]["advice"].as_str().unwrap());
            let mails = town.mails();
            let arrived = mails.iter().any(|mail| advice.contains(mail.header("Message-ID").unwrap()));
            let arguments = [id, "--drop"];
            town.resolve(&arguments[..if arrived { 2 } else { 1 }]);
        }
        town.run(DAY, 0);
        let after = told(&town);
        assert_eq!((after.len(), after.values().max()), (posts.len(), Some(&1)), "{context}: {after:?}");
        assert_eq!(town.cases(), [""; 0], "{context}");
    }
}

/// Starts a run and kills it, unless it is done before.
fn killed(world: &World, after: Duration) {
    let mut command = world.command(&["run", "--on", DAY]);
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    // On Unix this is SIGKILL.
    run.kill().unwrap();
    run.wait().unwrap();
}

/// How many mails there are of each subject.
fn told(town: &Town) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for mail in town.mails() {
        *told.entry(mail.subject().to_owned()).or_default() += 1;
    }
    told
}
