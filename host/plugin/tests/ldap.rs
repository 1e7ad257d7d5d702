//! The directory capability against a real OpenLDAP server.

#![allow(clippy::unwrap_used)]

use anyhow::Result;
use sluss_engine::fault::FaultKind;
use sluss_plugin::capability::ldap::{
    Attribute, Edit, Entry, Ldap, LdapConfig, Modification, Operation, Outcome, Query, Scope, Write,
};
use sluss_test_servers::slapd::{ADMIN, PASSWORD, READER, SUFFIX};
use sluss_test_servers::{Authority, Options, Proxy, Slapd, Wire};
use std::time::Duration;

/// A configuration for the server, with these lines besides.
fn config(slapd: &Slapd, url: &str, more: &str) -> LdapConfig {
    let password = slapd.folder().join("password");
    std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    let text = format!(
        "url = '{url}'\nca = '{}'\nbase = '{SUFFIX}'\nbind-dn = '{ADMIN}'\naccess = 'write'\n\
         password = {{ file = '{}' }}\n{more}\n",
        slapd.authority().display(),
        password.display(),
    );
    toml::from_str(&text).unwrap()
}

fn open(slapd: &Slapd, more: &str) -> Ldap {
    Ldap::open("directory", &config(slapd, &slapd.tls_url(), more)).unwrap()
}

fn attribute(name: &str, values: &[&str]) -> Attribute {
    let values = values.iter().map(|value| value.as_bytes().to_vec()).collect();
    Attribute { name: name.to_owned(), values, is_password: false }
}

fn write(dn: &str, operation: Operation) -> Write {
    Write { change: 1, dn: dn.to_owned(), operation }
}

fn person(name: &str) -> String {
    format!("uid={name},ou=people,{SUFFIX}")
}

fn add(name: &str) -> Write {
    let attributes = vec![
        attribute("objectClass", &["inetOrgPerson"]),
        attribute("uid", &[name]),
        attribute("cn", &["Someone"]),
        attribute("sn", &["One"]),
    ];
    write(&person(name), Operation::Add(attributes))
}

fn edit(dn: &str, edit: Edit, name: &str, values: &[&str]) -> Write {
    write(dn, Operation::Modify(vec![Modification { edit, attribute: attribute(name, values) }]))
}

fn query(scope: Scope) -> Query {
    Query {
        base: format!("ou=people,{SUFFIX}"),
        scope,
        filter: "(objectClass=inetOrgPerson)".to_owned(),
        attributes: vec!["uid".to_owned()],
        with_guids: false,
    }
}

fn refusal(outcome: &Outcome) -> (FaultKind, Option<&str>) {
    match outcome {
        Outcome::Refused(fault) => (fault.kind, fault.code.as_deref()),
        other => panic!("not refused: {other:?}"),
    }
}

fn people(count: usize) -> String {
    (0..count)
        .map(|n| format!("dn: {}\nobjectClass: inetOrgPerson\nuid: p{n}\ncn: P\nsn: P\n\n", person(&format!("p{n}"))))
        .collect()
}

/// Groups of a hundred thousand members are no reason to give up, nor to hold all of them at once.
#[tokio::test]
async fn large_entries_come_in_smaller_pages() -> Result<()> {
    const LARGE: usize = 1 << 20;
    let mut slapd = Slapd::start(Options::default()).await?;
    slapd.stop().await?;
    let text = |n: usize| {
        let (name, long) = (format!("p{n}"), "x".repeat(if (10..50).contains(&n) { LARGE } else { 9 }));
        format!("dn: {}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: P\nsn: P\ndescription: {long}\n\n", person(&name))
    };
    slapd.load(&(0..70).map(text).collect::<String>())?;
    slapd.restart().await?;
    let ldap = open(&slapd, "");
    let query = Query { attributes: vec!["uid".to_owned(), "description".to_owned()], ..query(Scope::One) };
    let (mut seen, mut pages, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = ldap.search(&query, cursor.as_deref(), 60).await?;
        let bytes = |entry: &Entry| -> usize {
            entry.attributes.iter().flat_map(|attribute| &attribute.values).map(Vec::len).sum()
        };
        pages.push(page.entries.iter().map(bytes).sum::<usize>());
        seen.extend(page.entries.into_iter().map(|entry| entry.dn));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 70, "each of them once");
    assert!(pages.len() > 3 && pages.iter().all(|bytes| *bytes <= 4 * LARGE), "{pages:?}");
    Ok(())
}

#[tokio::test]
async fn a_read_comes_in_pages_and_is_whole() -> Result<()> {
    let mut slapd = Slapd::start(Options { size_limit: Some(500), ..Options::default() }).await?;
    slapd.stop().await?;
    slapd.load(&people(2500))?;
    slapd.restart().await?;
    let ldap = open(&slapd, "");
    let (mut seen, mut pages, mut cursor) = (std::collections::BTreeSet::new(), 0, None);
    loop {
        let page = ldap.search(&query(Scope::One), cursor.as_deref(), 1000).await?;
        assert!(page.entries.len() <= 1000);
        pages += 1;
        seen.extend(page.entries.into_iter().map(|entry| entry.dn));
        // Another read in between leaves the place of this one alone.
        assert_eq!(ldap.search(&query(Scope::Subtree), None, 10).await?.entries.len(), 10);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (2500, 3));

    let lost = ldap.search(&query(Scope::One), Some(&[255; 12]), 1000).await.unwrap_err();
    assert_eq!((lost.kind, lost.sent), (FaultKind::Unavailable, false));
    let mut reader = config(&slapd, &slapd.tls_url(), "");
    reader.bind_dn = Some(READER.to_owned());
    let reader = Ldap::open("directory", &reader)?;
    assert_eq!(reader.search(&query(Scope::One), None, 1000).await?.entries.len(), 1000);
    Ok(())
}

#[tokio::test]
async fn many_writes_travel_in_a_pipeline() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    let ldap = open(&slapd, "transactions = 'never'");
    let names: Vec<String> = (0..2000).map(|n| format!("w{n}")).collect();
    let outcomes = ldap.write(names.iter().map(|name| add(name)).collect()).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    assert_eq!(slapd.writes().await?, 2000);
    // Logging in is the only other request.
    assert_eq!((slapd.operations().await?, ldap.requests()), (2001, 2001));
    assert_eq!(slapd.dump().await?.keys().filter(|dn| dn.starts_with("uid=w")).count(), 2000);
    Ok(())
}

#[tokio::test]
async fn a_transaction_leaves_out_what_the_server_refuses_and_nothing_else() -> Result<()> {
    let slapd = Slapd::start(Options { durable: true, overlays: true, ..Options::default() }).await?;
    let ldap = open(&slapd, "transactions = 'auto'");
    assert_eq!(ldap.write(vec![add("t17"), add("t450")]).await, [Outcome::Done, Outcome::Done]);
    let before = slapd.writes().await?;

    let mut writes: Vec<Write> = (0..600).map(|n| add(&format!("t{n}"))).collect();
    if let Operation::Add(attributes) = &mut writes[300].operation {
        attributes.push(attribute("nosuch", &["x"]));
    }
    let outcomes = ldap.write(writes).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match n {
            17 | 450 => assert_eq!(refusal(outcome), (FaultKind::AlreadyExists, Some("68")), "{n}"),
            300 => assert_eq!(refusal(outcome), (FaultKind::Invalid, Some("17")), "{n}"),
            _ => assert_eq!(*outcome, Outcome::Done, "{n}"),
        }
    }
    assert_eq!(slapd.dump().await?.keys().filter(|dn| dn.starts_with("uid=t")).count(), 599);
    // Two transactions a refused write and what was sent twice for it: far from one by one, and far from endless.
    let sent = slapd.writes().await? - before;
    assert!((600..2400).contains(&sent), "{sent} writes were sent");
    Ok(())
}

#[tokio::test]
async fn writes_to_related_entries_keep_their_order() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    let ldap = open(&slapd, "");
    let unit = format!("ou=new,{SUFFIX}");
    let container = vec![attribute("objectClass", &["organizationalUnit"]), attribute("ou", &["new"])];
    for many in [0, 100] {
        let mut writes = vec![write(&unit, Operation::Add(container.clone()))];
        writes.extend((0..20 + many).map(|n| {
            let mut child = add(&format!("c{n}"));
            child.dn = format!("uid=c{n},{unit}");
            child
        }));
        let rename = Operation::Rename { rdn: "uid=anna".to_owned(), parent: Some(format!("ou=people,{SUFFIX}")) };
        writes.push(write(&format!("uid=c0,{unit}"), rename));
        writes.push(edit(&person("anna"), Edit::Replace, "title", &["nurse"]));
        writes.extend((1..20 + many).map(|n| write(&format!("uid=c{n},{unit}"), Operation::Remove)));
        writes.push(write(&unit, Operation::Remove));
        let count = writes.len();
        assert_eq!(ldap.write(writes).await, vec![Outcome::Done; count]);
        let tree = slapd.dump().await?;
        assert!(!tree.contains_key(&unit));
        assert!(tree[&person("anna")]["title"].contains("nurse"));
        assert_eq!(ldap.write(vec![write(&person("anna"), Operation::Remove)]).await, [Outcome::Done]);
    }
    let taken = ldap.write(vec![
        add("a"),
        add("b"),
        write(&person("a"), Operation::Rename { rdn: "uid=b".to_owned(), parent: None }),
        edit(&person("b"), Edit::Replace, "title", &["of another"]),
    ]);
    let outcomes = taken.await;
    assert_eq!(refusal(&outcomes[2]), (FaultKind::AlreadyExists, Some("68")));
    assert_eq!(refusal(&outcomes[3]), (FaultKind::Conflict, None));
    assert!(!slapd.dump().await?[&person("b")].contains_key("title"));
    Ok(())
}

#[tokio::test]
async fn a_member_that_is_there_or_gone_already_is_no_error() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    let ldap = open(&slapd, "");
    let group = format!("cn=nurses,ou=groups,{SUFFIX}");
    let [anna, bo, cia] = ["anna", "bo", "cia"].map(person);
    let attributes = vec![
        attribute("objectClass", &["groupOfNames"]),
        attribute("cn", &["nurses"]),
        attribute("member", &[&anna, &bo]),
    ];
    let members = async || -> Result<Vec<String>> {
        let members = slapd.dump().await?[&group]["member"].iter().cloned().collect();
        Ok(members)
    };
    assert_eq!(ldap.write(vec![write(&group, Operation::Add(attributes))]).await, [Outcome::Done]);
    assert_eq!(ldap.write(vec![edit(&group, Edit::Add, "member", &[&anna, &cia])]).await, [Outcome::Done]);
    assert_eq!(members().await?, [anna.clone(), bo.clone(), cia.clone()]);
    assert_eq!(ldap.write(vec![edit(&group, Edit::Remove, "member", &[&person("x"), &bo])]).await, [Outcome::Done]);
    assert_eq!(ldap.write(vec![edit(&group, Edit::Remove, "member", &[&person("x")])]).await, [Outcome::Done]);
    assert_eq!(ldap.write(vec![edit(&group, Edit::Remove, "owner", &[])]).await, [Outcome::Done]);
    // The last members go and another comes: in between, the group is never without one.
    let exchange = vec![
        Modification { edit: Edit::Remove, attribute: attribute("member", &[&anna, &cia, &bo]) },
        Modification { edit: Edit::Add, attribute: attribute("member", &[&person("dan")]) },
        Modification { edit: Edit::Replace, attribute: attribute("description", &["the new ones"]) },
    ];
    assert_eq!(ldap.write(vec![write(&group, Operation::Modify(exchange))]).await, [Outcome::Done]);
    assert_eq!(members().await?, [person("dan")]);
    assert_eq!(ldap.write(vec![edit(&group, Edit::Add, "member", &[])]).await, [Outcome::Done]);
    let last = ldap.write(vec![edit(&group, Edit::Remove, "member", &[&person("dan")])]).await;
    assert_eq!(refusal(&last[0]), (FaultKind::Invalid, Some("65")));

    // The same inside of a transaction.
    let mut writes: Vec<Write> = (0..50).map(|n| add(&format!("m{n}"))).collect();
    writes.push(edit(&group, Edit::Add, "member", &[&person("dan"), &anna]));
    let count = writes.len();
    assert_eq!(ldap.write(writes).await, vec![Outcome::Done; count]);
    assert_eq!(members().await?, [anna, person("dan")]);
    Ok(())
}

#[tokio::test]
async fn every_way_of_not_getting_in_says_what_to_do() -> Result<()> {
    let slapd = Slapd::start(Options { names: vec!["localhost".to_owned()], ..Options::default() }).await?;
    let refused = async |config: LdapConfig| match Ldap::open("directory", &config) {
        Ok(ldap) => ldap.server().await.unwrap_err(),
        Err(fault) => fault,
    };
    let base = config(&slapd, &slapd.tls_url(), "");
    let other = tempfile::tempdir()?;
    let elsewhere = Authority::new(other.path())?.certificate();
    std::fs::write(other.path().join("wrong"), "wrong")?;
    let wrong_password = format!("password = {{ file = '{}' }}", other.path().join("wrong").display());
    let with = |change: &dyn Fn(&mut LdapConfig)| {
        let mut config = base.clone();
        change(&mut config);
        config
    };
    let [clear, tls] = [slapd.port(), slapd.tls_port()];
    let cases: Vec<(LdapConfig, FaultKind, &str)> = vec![
        (
            with(&|config| {
                config.password =
                    toml::from_str::<toml::Table>(&wrong_password).unwrap()["password"].clone().try_into().unwrap()
            }),
            FaultKind::Auth,
            "does not accept bind-dn and password",
        ),
        (
            with(&|config| config.ca = Some(elsewhere.clone())),
            FaultKind::Config,
            "name the authority's PEM file as `ca`",
        ),
        (
            with(&|config| config.url = format!("ldaps://127.0.0.1:{tls}")),
            FaultKind::Config,
            "made out to another name",
        ),
        (with(&|config| config.url = "ldaps://localhost:1".to_owned()), FaultKind::Unavailable, "nothing listens at"),
        (
            with(&|config| config.url = format!("ldaps://localhost:{clear}")),
            FaultKind::Unavailable,
            "the port and the scheme",
        ),
        (with(&|config| config.url = format!("ldap://localhost:{clear}")), FaultKind::Config, "in clear text"),
        (
            with(&|config| {
                config.url = format!("ldap://localhost:{clear}");
                config.allow_clear_text = true;
            }),
            FaultKind::Config,
            "write start-tls = true",
        ),
        (with(&|config| config.url = "https://localhost".to_owned()), FaultKind::Config, "has to be ldaps://"),
        (with(&|config| config.password = None), FaultKind::Config, "both `bind-dn` and `password`"),
        (with(&|config| config.ca = Some("/nowhere.pem".into())), FaultKind::Config, "/nowhere.pem"),
    ];
    for (config, kind, words) in cases {
        let fault = refused(config).await;
        assert!(fault.kind == kind && fault.message.contains(words), "{words}: {fault:?}");
        assert!(!fault.sent && !fault.message.contains(PASSWORD), "{fault:?}");
    }
    let start_tls = config(&slapd, &slapd.url(), "start-tls = true");
    let server = Ldap::open("directory", &start_tls)?.server().await?;
    assert!(server.attributes.iter().any(|attribute| attribute.name == "namingContexts"));
    Ok(())
}

#[tokio::test]
async fn nothing_outside_of_the_base_is_read_or_written() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    let mut limited = config(&slapd, &slapd.tls_url(), "");
    limited.base = format!("ou=people,{SUFFIX}");
    let ldap = Ldap::open("directory", &limited)?;
    let before = slapd.dump().await?;
    for base in [SUFFIX, "", "ou=groups,dc=example,dc=test", r"uid=a\,ou=people,dc=example,dc=test", "cn=Monitor"] {
        let fault = ldap.search(&Query { base: base.to_owned(), ..query(Scope::Base) }, None, 10).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Permission, "{base}");
    }
    let schema = Query { filter: "(objectClass=*)".to_owned(), base: "cn=Subschema".to_owned(), ..query(Scope::Base) };
    assert_eq!(ldap.search(&schema, None, 10).await?.entries.len(), 1);
    let outside = vec![
        write(&format!("ou=groups,{SUFFIX}"), Operation::Remove),
        write(&format!("ou=people,{SUFFIX}"), Operation::Remove),
        edit(SUFFIX, Edit::Replace, "description", &["x"]),
        write(&person("a"), Operation::Rename { rdn: "uid=a".to_owned(), parent: Some(SUFFIX.to_owned()) }),
        edit(&person("a"), Edit::Replace, "userPassword", &["x"]),
    ];
    for outcome in ldap.write(outside).await {
        assert_eq!(refusal(&outcome), (FaultKind::Permission, None));
    }
    assert_eq!((slapd.writes().await?, slapd.dump().await?), (0, before));

    slapd
        .add_by_hand(
            &person("a"),
            &[("objectClass", &["inetOrgPerson"]), ("cn", &["A"]), ("sn", &["A"]), ("userPassword", &["x"])],
        )
        .await?;
    let all = Query { attributes: vec!["*".to_owned(), "+".to_owned()], ..query(Scope::One) };
    let entry = ldap.search(&all, None, 10).await?.entries.remove(0);
    assert!(entry.attributes.iter().all(|attribute| attribute.name != "userPassword"));
    assert!(entry.attributes.iter().any(|attribute| attribute.name == "entryCSN"));

    let mut reader = config(&slapd, &slapd.tls_url(), "");
    reader.bind_dn = Some(READER.to_owned());
    let refused = Ldap::open("directory", &reader)?.write(vec![add("b")]).await;
    assert_eq!(refusal(&refused[0]), (FaultKind::Permission, Some("50")));
    Ok(())
}

#[tokio::test]
async fn a_write_without_an_answer_is_unknown() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    for transactions in ["never", "auto"] {
        let proxy = Proxy::start(slapd.tls_port()).await?;
        let url = format!("ldaps://localhost:{}", proxy.port());
        let more = format!("timeout = 2\npipeline = 8\ntransactions = '{transactions}'");
        let ldap = Ldap::open("directory", &config(&slapd, &url, &more))?;
        let batch = |name: &str| (0..40).map(|n| add(&format!("{transactions}-{name}{n}"))).collect::<Vec<_>>();

        assert!(ldap.write(batch("first")).await.iter().all(|outcome| *outcome == Outcome::Done));

        proxy.set(Wire::Mute);
        let outcomes = ldap.write(batch("mute")).await;
        let unknown =
            outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unknown(fault) if fault.sent)).count();
        let unsent =
            outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Refused(fault) if !fault.sent)).count();
        let arrived =
            slapd.dump().await?.keys().filter(|dn| dn.starts_with(&format!("uid={transactions}-mute"))).count();
        match transactions {
            // Those that were under way were carried out, and nobody heard of it.
            "never" => assert_eq!((unknown, unsent, arrived), (8, 32, 8)),
            // A transaction whose end was never sent is certainly not carried out.
            _ => assert_eq!((unknown, unsent, arrived), (0, 40, 0)),
        }

        proxy.set(Wire::Cut);
        let outcomes = ldap.write(batch("cut")).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(fault) if !fault.sent)));

        proxy.set(Wire::Pass);
        let outcomes = ldap.write(batch("pass")).await;
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_waited_for_as_long_as_it_answers() -> Result<()> {
    let slapd = Slapd::start(Options::default()).await?;
    let proxy = Proxy::start(slapd.tls_port()).await?;
    let url = format!("ldaps://localhost:{}", proxy.port());
    let ldap = Ldap::open("directory", &config(&slapd, &url, "timeout = 1\npipeline = 64"))?;
    assert_eq!(ldap.write(vec![add("first")]).await, [Outcome::Done]);
    proxy.set(Wire::Trickle(Duration::from_millis(100)));
    let start = std::time::Instant::now();
    let outcomes = ldap.write((0..60).map(|n| add(&format!("slow{n}"))).collect()).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done), "{outcomes:?}");
    assert!(start.elapsed() > Duration::from_secs(1), "the last answer came later than one may be waited for alone");
    Ok(())
}

#[tokio::test]
async fn the_end_of_a_transaction_without_an_answer_is_unknown() -> Result<()> {
    let slapd = Slapd::start(Options { durable: true, ..Options::default() }).await?;
    // The wire has to go dumb in the moment between the last write and the end, which may take a few tries.
    for attempt in 0..20 {
        let proxy = Proxy::start(slapd.tls_port()).await?;
        let url = format!("ldaps://localhost:{}", proxy.port());
        let ldap = Ldap::open("directory", &config(&slapd, &url, "timeout = 1\ntransactions = 'auto'"))?;
        let before = slapd.writes().await?;
        let mute = async {
            while slapd.writes().await.unwrap() < before + 40 {}
            proxy.set(Wire::Mute);
        };
        let writes = (0..40).map(|n| add(&format!("end{attempt}-{n}"))).collect();
        let (outcomes, ()) = tokio::join!(ldap.write(writes), mute);
        let is_unknown = |outcome: &&Outcome| matches!(outcome, Outcome::Unknown(fault) if fault.sent);
        let unknown = outcomes.iter().filter(is_unknown).count();
        let start = format!("uid=end{attempt}-");
        let arrived = slapd.dump().await?.keys().filter(|dn| dn.starts_with(&start)).count();
        // The first write went ahead of the transaction.
        match (unknown, arrived) {
            (39, 40) => return Ok(()),
            (0, 40) => {}
            other => panic!("unknown and arrived: {other:?}"),
        }
    }
    panic!("the wire never went dumb in time");
}

#[tokio::test]
async fn a_lost_connection_is_made_again() -> Result<()> {
    let mut slapd = Slapd::start(Options::default()).await?;
    let ldap = open(&slapd, "timeout = 5");
    assert!(ldap.search(&query(Scope::One), None, 10).await?.entries.is_empty());
    slapd.stop().await?;
    let fault = ldap.search(&query(Scope::One), None, 10).await.unwrap_err();
    assert_eq!((fault.kind, fault.sent), (FaultKind::Unavailable, false));
    slapd.restart().await?;
    tokio::time::timeout(Duration::from_secs(10), ldap.search(&query(Scope::One), None, 10)).await??;
    assert_eq!(ldap.write(vec![add("again")]).await, [Outcome::Done]);
    Ok(())
}
