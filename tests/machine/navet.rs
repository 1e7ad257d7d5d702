//! The population register's plugin in the real sandbox, over TLS, against a register that demands what the real one
//! demands and fails in every way.

use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::value::{Attributes, Value};
use sluss_plugin::{Compiler, Connection, Connector, Grants, Limits, Mode, Open, Plugin, Sandbox, SandboxConfig};
use sluss_test_servers::Navet;
use sluss_test_servers::navet::people::{
    DEAD, DORMANT, ELSA, EMIGRATED, FORMER, HIDDEN, MARKED, NEWCOMER, NOBODY, REPLACED, SVANTE,
};
use sluss_test_servers::navet::{CLIENT, GATEWAY, Mood, ORDER, ORGANISATION, Person, SCOPE, people, write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

type Finding = Result<Option<Attributes>, Fault>;

const EVERYBODY: [&str; 10] = [SVANTE, ELSA, DEAD, EMIGRATED, MARKED, HIDDEN, NEWCOMER, FORMER, REPLACED, DORMANT];

/// The plugin as it ships.
fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("navet");
        let compiler = Compiler::new(env!("CARGO_BIN_EXE_sluss").into(), ["__compile"]);
        let sandbox = Sandbox::new(SandboxConfig { cache, compiler }).unwrap();
        sandbox.load(include_bytes!(concat!(env!("OUT_DIR"), "/navet.wasm"))).unwrap()
    })
}

/// A register and a connector that asks it.
struct Asked {
    navet: Navet,
    connector: Connector,
    folder: TempDir,
}

/// How an operator would set it up.
struct Setup {
    interface: &'static str,
    /// More settings.
    settings: &'static str,
    /// What is written otherwise in the connection.
    changes: Vec<(&'static str, &'static str)>,
}

fn setup(interface: &'static str) -> Setup {
    Setup { interface, settings: "", changes: Vec::new() }
}

impl Setup {
    fn with(self, settings: &'static str) -> Setup {
        Setup { settings, ..self }
    }

    fn but(mut self, line: &'static str, other: &'static str) -> Setup {
        self.changes.push((line, other));
        self
    }

    async fn open(self) -> Asked {
        let folder = tempfile::tempdir().unwrap();
        let navet = Navet::start(folder.path()).await.unwrap();
        for (file, secret) in [("gateway-name", GATEWAY.0), ("gateway-secret", GATEWAY.1), ("client-secret", CLIENT.1)]
        {
            std::fs::write(folder.path().join(file), format!("{secret}\n")).unwrap();
        }
        let mut connection = self.connection(&navet);
        for (line, other) in &self.changes {
            assert!(connection.contains(line), "{line} is not in {connection}");
            connection = connection.replace(line, other);
        }
        let mut connection: Connection = toml::from_str(&connection).unwrap();
        connection.settle_in(folder.path());
        let common = format!("interface = '{}'\n", self.interface);
        let own = match self.interface {
            "file" => "folder = 'register'\n".to_owned(),
            _ => format!("connection = 'register'\norganisation = '{ORGANISATION}'\norder = '{ORDER}'\n"),
        };
        let settings: toml::Table = toml::from_str(&format!("{common}{own}{}", self.settings)).unwrap();
        let open = Open {
            system: "navet".to_owned(),
            settings: serde_json::to_value(settings).unwrap(),
            grants: Grants::from_iter([("register".to_owned(), connection)]),
            limits: Limits::default(),
            mode: Mode::Preview,
        };
        let connector = plugin().open(open).await.unwrap();
        Asked { navet, connector, folder }
    }

    fn connection(&self, navet: &Navet) -> String {
        if self.interface == "file" {
            return "kind = 'files'\npath = '.'\n".to_owned();
        }
        let ca = navet.authority().display();
        let identity = navet.client();
        let identity =
            format!("certificate = '{}'\nkey = '{}'\n", identity.certificate.display(), identity.key.display());
        let common = format!("kind = 'http'\nread-methods = ['GET', 'POST']\ntimeout = 1\nca = '{ca}'\n");
        if self.interface == "soap" {
            return format!("{common}url = '{}'\n{identity}", navet.soap());
        }
        format!(
            "{common}url = '{}'\n[secret-headers]\nclient_id = {{ file = 'gateway-name' }}\n\
             client_secret = {{ file = 'gateway-secret' }}\n[auth.oauth2]\ntoken-url = '{}'\nclient-id = '{}'\n\
             client-secret = {{ file = 'client-secret' }}\nscope = '{SCOPE}'\nsecret-in-form = true\n{identity}",
            navet.rest(),
            navet.token(),
            CLIENT.0,
        )
    }
}

impl Asked {
    async fn look_up(&mut self, numbers: &[&str]) -> Vec<Finding> {
        let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
        let findings = self.connector.look_up(&numbers).await.unwrap();
        findings.iter().for_each(says_nothing);
        findings
    }

    async fn one(&mut self, number: &str) -> Finding {
        self.look_up(&[number]).await.remove(0)
    }
}

/// No message holds anything of a person, or a secret.
#[track_caller]
fn says_nothing(finding: &Finding) {
    let Err(fault) = finding else { return };
    let said = format!("{fault:?}");
    for secret in ["Hemlig", "[number]", GATEWAY.1, CLIENT.1, "t0ken", ORDER] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

fn value<'a>(finding: &'a Finding, name: &str) -> Option<&'a Value> {
    let found = finding.as_ref().unwrap().as_ref().unwrap();
    found.iter().find(|(own, _)| own == name).map(|(_, values)| &values[0])
}

fn text(finding: &Finding, name: &str) -> Option<String> {
    value(finding, name).map(|value| match value {
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

#[track_caller]
fn failed(finding: &Finding, kind: FaultKind, words: &str) {
    let fault = finding.as_ref().unwrap_err();
    assert!(fault.kind == kind && fault.message.contains(words), "{kind:?} {words}: {fault:?}");
}

fn is_found(finding: &Finding) -> bool {
    matches!(finding, Ok(Some(_)))
}

#[tokio::test]
async fn all_three_ways_give_the_same_answer() {
    const SILENT: &str = "unmarked-is-unprotected = true\naddresses = true";
    let mut soap = setup("soap").with(SILENT).open().await;
    let mut rest = setup("rest").with("addresses = true").open().await;
    let terms: String = write::TERMS.iter().map(|(name, code)| format!("{name} = '{code}'\n")).collect();
    let settings = format!("{SILENT}\nencoding = 'utf-8'\n[terms]\n{terms}");
    let mut file = setup("file").with(settings.leak()).open().await;
    std::fs::write(file.folder.path().join("navet.txt"), write::file(&people::people(), false)).unwrap();

    let asked: Vec<&str> = EVERYBODY.into_iter().chain([NOBODY, "19491223TF94", "98240301AA06"]).collect();
    let found = soap.look_up(&asked).await;
    assert_eq!(found, rest.look_up(&asked).await);
    assert_eq!(found, file.look_up(&asked).await);

    let of = |number: &str| &found[asked.iter().position(|own| *own == number).unwrap()];
    assert_eq!(text(of(SVANTE), "first-names").as_deref(), Some("Sven-Åke Björn"));
    assert_eq!(text(of(SVANTE), "name-mark").as_deref(), Some("12"));
    assert_eq!(text(of(SVANTE), "surname").as_deref(), Some("Öberg & Lööf"));
    assert_eq!(text(of(SVANTE), "municipality").as_deref(), Some("1427"));
    assert_eq!(text(of(SVANTE), "street").as_deref(), Some("PROVGATAN 1"));
    assert_eq!(text(of(SVANTE), "protection").as_deref(), Some("none"));
    assert_eq!(text(of(ELSA), "earlier-numbers").as_deref(), Some(REPLACED));
    assert_eq!(text(of(REPLACED), "refers-to").as_deref(), Some(ELSA));
    assert_eq!(text(of(FORMER), "identity-number").as_deref(), Some(NEWCOMER));
    assert_eq!(text(of(FORMER), "deregistration").as_deref(), Some("new-number"));
    assert_eq!(text(of(NEWCOMER), "name-mark").as_deref(), Some("20"));
    assert_eq!(text(of(DEAD), "deregistration").as_deref(), Some("death"));
    assert_eq!(value(of(DEAD), "deregistered"), Some(&Value::Date(jiff::civil::date(2019, 10, 12))));
    assert_eq!(text(of(EMIGRATED), "deregistration").as_deref(), Some("emigration"));
    assert_eq!(text(of(MARKED), "protection").as_deref(), Some("secrecy-marking"));
    assert_eq!(text(of(HIDDEN), "protection").as_deref(), Some("protected-registration"));
    assert_eq!(value(of(DORMANT), "dormant"), Some(&Value::Boolean(true)));
    for protected in [MARKED, HIDDEN] {
        assert_eq!(value(of(protected), "protected"), Some(&Value::Boolean(true)));
        assert_eq!((value(of(protected), "street"), value(of(protected), "town")), (None, None));
    }
    assert!(found[EVERYBODY.len()..].iter().all(|finding| matches!(finding, Ok(None))));
    for seen in [soap.navet.seen(), rest.navet.seen()] {
        assert_eq!(seen.numbers.len(), EVERYBODY.len() + 1, "temporary and unknown forms are not asked about");
    }
}

#[tokio::test]
async fn silence_protects_and_addresses_are_not_read_unless_somebody_says_so() {
    let mut soap = setup("soap").open().await;
    let found = soap.one(SVANTE).await;
    assert_eq!(text(&found, "protection").as_deref(), Some("unknown"));
    assert_eq!((value(&found, "protected"), value(&found, "street")), (Some(&Value::Boolean(true)), None));
    soap.navet.speaks_plainly();
    assert_eq!(text(&soap.one(SVANTE).await, "protection").as_deref(), Some("none"));
    let found = setup("rest").open().await.one(SVANTE).await;
    assert_eq!((text(&found, "protection").as_deref(), value(&found, "street")), (Some("none"), None));
}

#[tokio::test]
async fn a_fault_of_the_soap_service_concerns_whom_it_concerns() {
    let mut asked = setup("soap").open().await;
    assert!(is_found(&asked.one(DEAD).await));
    asked.navet.seen();
    for (mood, kind, words) in [
        (Mood::Cut, FaultKind::Unavailable, "was lost"),
        (Mood::Slow(Duration::from_secs(3)), FaultKind::Unavailable, "in time"),
        (Mood::Status(500, None), FaultKind::Unavailable, "answered 500"),
        (Mood::Status(503, None), FaultKind::Unavailable, "answered 503"),
        (Mood::Status(400, None), FaultKind::Invalid, "does not accept the question"),
        (Mood::Refuses, FaultKind::Invalid, "does not accept the question"),
        (Mood::Fails, FaultKind::Unavailable, "could not answer"),
        (Mood::Malformed, FaultKind::Unavailable, "damaged"),
        (Mood::Half, FaultKind::Unavailable, "cut off"),
        (Mood::Bomb, FaultKind::Unavailable, "document type"),
        (Mood::Nested, FaultKind::Unavailable, "nested too deeply"),
        (Mood::Enormous, FaultKind::Unavailable, "far too long"),
        (Mood::Stranger, FaultKind::Invalid, "somebody else"),
        (Mood::TwoStories, FaultKind::Invalid, "two different things"),
    ] {
        asked.navet.next([Mood::Well, mood.clone(), Mood::Well]);
        let found = asked.look_up(&[ELSA, SVANTE, EMIGRATED]).await;
        assert!(is_found(&found[0]) && is_found(&found[2]), "{mood:?}: {found:?}");
        failed(&found[1], kind, words);
        // What was cut off or given up was not counted.
        let is_counted = !matches!(mood, Mood::Cut | Mood::Slow(_));
        assert_eq!(asked.navet.seen().calls.len(), if is_counted { 3 } else { 2 }, "{mood:?}");
    }
    asked.navet.next([Mood::Twice]);
    assert!(is_found(&asked.one(ELSA).await));
}

#[tokio::test]
async fn what_concerns_everybody_is_not_asked_again() {
    for interface in ["soap", "rest"] {
        for (status, kind, words) in [
            (401, FaultKind::Auth, "who we are"),
            (403, FaultKind::Permission, "may not be asked"),
            (404, FaultKind::Config, "no such service"),
            (429, FaultKind::Throttled, "too often"),
        ] {
            let mut asked = setup(interface).open().await;
            asked.navet.next([Mood::Status(status, Some(7)), Mood::Status(status, Some(7))]);
            let mut numbers = vec![SVANTE, ELSA];
            numbers.extend(many(1000));
            for finding in asked.look_up(&numbers).await {
                failed(&finding, kind, words);
                let wait = finding.unwrap_err().retry_after_ms;
                assert!(status != 429 || wait == Some(7000), "{wait:?}");
            }
            let calls = asked.navet.seen().calls.len();
            // A token that is refused is fetched anew, once.
            assert_eq!(calls, if (interface, status) == ("rest", 401) { 2 } else { 1 }, "{interface} {status}");
        }
    }
}

#[tokio::test]
async fn a_fault_of_the_rest_service_concerns_one_call() {
    let mut asked = setup("rest").open().await;
    let many = many(1000);
    many.iter().for_each(|number| asked.navet.know(Person::plain(number)));
    for (mood, kind, words) in [
        (Mood::Cut, FaultKind::Unavailable, "was lost"),
        (Mood::Slow(Duration::from_secs(3)), FaultKind::Unavailable, "in time"),
        (Mood::Status(500, None), FaultKind::Unavailable, "answered 500"),
        (Mood::Status(503, None), FaultKind::Unavailable, "answered 503"),
        (Mood::Fails, FaultKind::Unavailable, "answered 500"),
        (Mood::Malformed, FaultKind::Unavailable, "damaged"),
        (Mood::Half, FaultKind::Unavailable, "cut off"),
        (Mood::Nested, FaultKind::Unavailable, "nested too deeply"),
        (Mood::Enormous, FaultKind::Unavailable, "far too long"),
        (Mood::TwoStories, FaultKind::Invalid, "two different things"),
        (Mood::Stranger, FaultKind::Unavailable, "says nothing of this number"),
    ] {
        asked.navet.next([mood]);
        let found = asked.look_up(&many).await;
        found[..900].iter().for_each(|finding| failed(finding, kind, words));
        assert!(found[900..].iter().all(is_found), "{words}");
        asked.navet.seen();
    }
    asked.navet.next([Mood::LeavesOut]);
    let found = asked.look_up(&many).await;
    failed(&found[0], FaultKind::Unavailable, "says nothing of this number");
    assert!(found[1..].iter().all(is_found));
    asked.navet.next([Mood::Twice]);
    assert!(asked.look_up(&many).await.iter().all(is_found));
}

#[tokio::test]
async fn two_thousand_go_in_three_calls_and_a_token_may_end_between_them() {
    let mut asked = setup("rest").open().await;
    let many = many(2000);
    many.iter().for_each(|number| asked.navet.know(Person::plain(number)));
    asked.navet.next([Mood::Well, Mood::ForgetTokens]);
    let mut numbers = many.clone();
    numbers.push(many[0]);
    let found = asked.look_up(&numbers).await;
    assert!(found.len() == 2001 && found.iter().all(is_found));
    let seen = asked.navet.seen();
    assert_eq!((seen.calls, seen.tokens), (vec![900, 900, 200], 2));
    let ids: std::collections::HashSet<&String> = seen.correlations.iter().collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| id.len() == 36), "{ids:?}");
}

#[tokio::test]
async fn one_number_that_is_refused_does_not_take_the_others_with_it() {
    let mut asked = setup("rest").open().await;
    let many = many(900);
    many.iter().for_each(|number| asked.navet.know(Person::plain(number)));
    asked.navet.refuse(many[0]);
    asked.navet.refuse(many[123]);
    let found = asked.look_up(&many).await;
    assert_eq!(found.iter().filter(|finding| is_found(finding)).count(), 898);
    for refused in [0, 123] {
        failed(&found[refused], FaultKind::Invalid, "does not accept the question");
    }
    assert!(asked.navet.seen().calls.len() <= 41);
}

#[tokio::test]
async fn a_wrong_order_is_a_fault_of_the_settings() {
    for interface in ["soap", "rest"] {
        let mut asked = setup(interface).open().await;
        asked.navet.next(std::iter::repeat_n(Mood::Refuses, 100));
        let many = many(300);
        for finding in asked.look_up(&many).await {
            failed(&finding, FaultKind::Config, "are `organisation` and `order` right?");
        }
        let calls = asked.navet.seen().calls.len();
        assert!(calls < 12, "{interface}: {calls} calls");
    }
}

#[tokio::test]
async fn whoever_cannot_prove_who_he_is_hears_it() {
    let mut asked = setup("rest").but("certificate = ", "#").but("key = ", "#").open().await;
    let told = asked.one(SVANTE).await;
    failed(&told, FaultKind::Config, "client certificate");
    assert_eq!(asked.navet.seen().tokens, 0);
    let mut asked = setup("soap").but("certificate = ", "#").but("key = ", "#").open().await;
    failed(&asked.one(SVANTE).await, FaultKind::Config, "client certificate");
    let mut asked = setup("rest").but("'gateway-secret'", "'gateway-name'").open().await;
    failed(&asked.one(SVANTE).await, FaultKind::Auth, "who we are");
    let mut asked = setup("rest").but("'client-secret'", "'gateway-name'").open().await;
    failed(&asked.one(SVANTE).await, FaultKind::Auth, "invalid_client");
    let mut asked = setup("soap").but("['GET', 'POST']", "['GET']").open().await;
    failed(&asked.one(SVANTE).await, FaultKind::Permission, "read-methods");
}

#[tokio::test]
async fn a_check_asks_about_nobody() {
    for interface in ["soap", "rest"] {
        let mut asked = setup(interface).open().await;
        let found = asked.connector.check().await.unwrap();
        assert_eq!(found.len(), if interface == "soap" { 2 } else { 1 }, "{found:?}");
        assert!(found[0].message.contains("accepts who asks"), "{found:?}");
        assert!(asked.navet.seen().numbers.is_empty());
        asked.navet.next([Mood::Status(403, None)]);
        let found = asked.connector.check().await.unwrap();
        assert!(found[0].message.contains("may not be asked"), "{found:?}");
    }
}

/// So many of the numbers that Skatteverket publishes for tests, each once.
fn many(count: usize) -> Vec<&'static str> {
    let numbers = include_str!("../people/data/test-numbers.txt").lines().filter(|line| !line.starts_with('#'));
    numbers.filter(|number| !EVERYBODY.contains(number) && *number != NOBODY).take(count).collect()
}
