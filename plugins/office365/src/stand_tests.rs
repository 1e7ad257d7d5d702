//! The connector on the server that stands in for Graph: what comes late, what is asked too often, what gets lost.

#![allow(clippy::unwrap_used)]

use crate::Tenant;
use crate::fake::{create, refer, remove, to, update};
use crate::stand::{Stand, again, connector};
use serde_json::{Value as Json, json};
use sluss_sdk::{Answer, Attribute, Change, Edit, ErrorKind, Operation, Outcome, Rest, Value};
use sluss_test_servers::graph::{Kind, Limits, Mood, Trouble};
use std::collections::BTreeSet;
use std::time::Duration;

fn settings() -> Json {
    json!({
        "licences": ["ENTERPRISEPACK", "STANDARDPACK"], "default-usage-location": "SE", "domains": ["kommun.test"],
        "guest-redirect": "https://example.org/hello",
    })
}

fn start() -> Tenant<Stand> {
    connector(Stand::start(), &settings())
}

fn person(change: u64, more: &[(&str, Value)]) -> Change {
    let own = [
        ("userPrincipalName", Value::from(format!("person.{change}@kommun.test"))),
        ("displayName", Value::from(format!("Person {change}"))),
        ("employeeId", Value::from(format!("E{change}"))),
    ];
    create(change, "user", &[&own[..], more].concat())
}

fn ids(outcomes: &[Outcome]) -> Vec<String> {
    let id = |outcome: &Outcome| match outcome {
        Outcome::Applied(applied) | Outcome::Unchanged(applied) => applied.id.clone(),
        other => panic!("{other:?}"),
    };
    outcomes.iter().map(id).collect()
}

fn users(tenant: &Tenant<Stand>) -> usize {
    tenant.graph.server().tenant(|tenant| tenant.users().count())
}

fn products(tenant: &Tenant<Stand>, id: &str) -> BTreeSet<String> {
    tenant.graph.server().tenant(|tenant| tenant.products_of(id))
}

fn group(change: u64, name: &str, members: &[String], more: &[Attribute]) -> Change {
    let own = [
        Attribute::one("displayName", name),
        Attribute::one("mailNickname", name),
        Attribute { name: "member".to_owned(), values: refer(members) },
    ];
    Change {
        id: change,
        class: "group".into(),
        operation: Operation::Create(own.into_iter().chain(more.iter().cloned()).collect()),
    }
}

#[test]
fn somebody_comes_moves_and_leaves() {
    let tenant = start();
    let boss = ids(&tenant.host(&[person(1, &[])], 10).outcomes).remove(0);
    let more = [
        ("manager", Value::Reference(boss.clone())),
        ("licence", Value::from("ENTERPRISEPACK")),
        ("mobilePhone", Value::from("+46 70 000 00 00")),
        ("extensionAttribute3", Value::from("1427")),
        ("employeeHireDate", Value::Date(sluss_sdk::Date::new(2026, 11, 23).unwrap())),
    ];
    let made = tenant.host(&[person(2, &more)], 10);
    let anna = ids(&made.outcomes).remove(0);
    tenant.graph.server().tenant(|graph| {
        let user = graph.user("person.2@kommun.test").unwrap();
        assert_eq!(user.manager.as_ref(), Some(&boss));
        assert_eq!(user.password.as_deref(), Some("Ab3-first-password-of-2"));
        assert_eq!(user.text("mail"), "person.2@kommun.test", "a licence makes a mailbox");
    });
    assert_eq!(products(&tenant, &anna), BTreeSet::from(["ENTERPRISEPACK".to_owned()]));
    let names: Vec<String> =
        ["displayName", "manager", "licence", "employeeHireDate", "extensionAttribute3", "enabled", "mail"]
            .map(str::to_owned)
            .to_vec();
    let read = tenant.get("user", std::slice::from_ref(&anna), &names).unwrap().pop().flatten().unwrap();
    assert_eq!(
        read.attributes,
        [
            Attribute::one("displayName", "Person 2"),
            Attribute::one("manager", Value::Reference(boss.clone())),
            Attribute::one("licence", "ENTERPRISEPACK"),
            Attribute::one("employeeHireDate", sluss_sdk::Date::new(2026, 11, 23).unwrap()),
            Attribute::one("extensionAttribute3", "1427"),
            Attribute::one("enabled", true),
            Attribute::one("mail", "person.2@kommun.test"),
        ]
    );
    let moved = [
        ("licence", to("STANDARDPACK")),
        ("userPrincipalName", to("person.two@kommun.test")),
        ("manager", Edit::Replace(vec![])),
        ("extensionAttribute3", Edit::Replace(vec![])),
        ("mobilePhone", Edit::Replace(vec![])),
    ];
    ids(&tenant.host(&[update(3, "user", &anna, &moved)], 10).outcomes);
    assert_eq!(products(&tenant, &anna), BTreeSet::from(["STANDARDPACK".to_owned()]));
    let before = tenant.graph.server().tenant(|graph| {
        let user = graph.user("person.two@kommun.test").unwrap();
        assert!(user.manager.is_none() && user.get("mobilePhone").is_null());
        user.text("signInSessionsValidFromDateTime").to_owned()
    });
    tenant.graph.server().advance(Duration::from_secs(60));
    ids(&tenant
        .host(&[update(4, "user", &anna, &[("enabled", to(false)), ("licence", Edit::Replace(vec![]))])], 10)
        .outcomes);
    tenant.graph.server().tenant(|graph| {
        let user = graph.user(&anna).unwrap();
        assert_eq!(user.get("accountEnabled"), &json!(false));
        assert_ne!(user.text("signInSessionsValidFromDateTime"), before, "sessions ended");
    });
    assert!(products(&tenant, &anna).is_empty());
    ids(&tenant.host(&[remove(5, "user", &anna)], 10).outcomes);
    assert_eq!((users(&tenant), tenant.graph.server().tenant(|graph| graph.bin().count())), (1, 1));
    let gone = tenant.host(&[update(6, "user", &anna, &[("city", to("Lysekil"))])], 10);
    assert!(matches!(&gone.outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::NotFound));
    assert_eq!(gone.waits, 0, "it lies in the bin");
}

#[test]
fn what_is_made_is_not_seen_at_once_and_everything_comes_all_the_same() {
    let tenant = start();
    tenant.graph.server().tenant(|graph| graph.lag = Duration::from_secs(25));
    let boss = ids(&tenant.host(&[person(1, &[])], 10).outcomes).remove(0);
    let more = [("manager", Value::Reference(boss.clone())), ("licence", Value::from("ENTERPRISEPACK"))];
    let changes: Vec<Change> = (2..40).map(|number| person(number, &more)).collect();
    let told = tenant.host(&changes, 100);
    let made = ids(&told.outcomes);
    assert!(told.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(own) if own.computed.is_empty())));
    assert_eq!(users(&tenant), 39);
    tenant.graph.server().advance(Duration::from_secs(30));
    for id in &made {
        assert_eq!(products(&tenant, id).len(), 1);
        assert!(tenant.graph.server().tenant(|graph| graph.user(id).unwrap().manager.as_ref() == Some(&boss)));
    }
    let late = ids(&tenant.host(&[person(50, &[])], 10).outcomes);
    let all: Vec<String> = made.iter().cloned().chain(late).collect();
    let team = tenant.host(&[group(60, "team", &all, &[])], 10);
    let team = ids(&team.outcomes).remove(0);
    assert_eq!(tenant.graph.server().tenant(|graph| graph.members(&team).len()), all.len());
}

#[test]
fn throttled_to_a_crawl_it_finishes_and_nothing_is_done_twice() {
    let tenant = start();
    tenant.graph.server().limit(Some(Limits { units: 40.0, writes: 60.0 }));
    tenant.graph.server().keep_silent("POST /users");
    let changes: Vec<Change> =
        (0..150).map(|number| person(number, &[("licence", Value::from("STANDARDPACK"))])).collect();
    tenant.graph.server().tenant(|graph| graph.sku_mut("STANDARDPACK").unwrap().seats = 500);
    let told = tenant.host(&changes, 100);
    assert!(told.waits < 400, "{} waits", told.waits);
    let made = ids(&told.outcomes);
    assert_eq!(users(&tenant), 150);
    assert!(made.iter().all(|id| products(&tenant, id).len() == 1));
    let seen = tenant.graph.server().seen();
    assert!(seen.throttled > 10 && seen.throttled < 400, "{} refusals", seen.throttled);
    assert!(seen.bodies("POST /users").len() < 150 + seen.throttled, "only what was refused is sent again");
}

#[test]
fn near_the_limit_what_was_read_is_written_all_the_same() {
    let tenant = start();
    tenant.graph.server().limit(Some(Limits { units: 8000.0, writes: 100.0 }));
    let people: Vec<Change> = (0..98).map(|number| person(number, &[])).collect();
    let made = ids(&tenant.host(&people, 100).outcomes);
    let gives = made.iter().enumerate().map(|(at, id)| {
        let change = u64::try_from(at).unwrap() + 200;
        update(change, "user", id, &[("licence", to("STANDARDPACK"))])
    });
    let told = tenant.host(&gives.collect::<Vec<_>>(), 100);
    ids(&told.outcomes);
    assert!(told.waits < 100, "{} waits", told.waits);
    let throttled = tenant.graph.server().seen().throttled;
    assert!(throttled < people.len(), "{throttled} refusals");
}

#[test]
fn lost_answers_never_double_anybody() {
    for (seed, moods) in [
        vec![Mood::CutAfter],
        vec![Mood::Cut],
        vec![Mood::Well, Mood::CutAfter],
        vec![Mood::Well, Mood::Well, Mood::CutAfter, Mood::Well, Mood::CutAfter],
        vec![Mood::StatusAfter(503, Some(1)), Mood::Well, Mood::StatusAfter(504, None)],
        vec![Mood::Gateway(502), Mood::Well, Mood::Half],
        vec![Mood::Malformed, Mood::Well, Mood::WrongShape],
        vec![Mood::Well, Mood::Status(429, None), Mood::Nested],
    ]
    .into_iter()
    .enumerate()
    {
        let tenant = start();
        let mut changes: Vec<Change> =
            (0..30).map(|number| person(number, &[("licence", Value::from("STANDARDPACK"))])).collect();
        changes.extend(
            (100..110).map(|number| {
                group(number, &format!("team-{number}"), &[], &[Attribute::one("licence", "STANDARDPACK")])
            }),
        );
        // What is learnt first is learnt well, so that it is the batches that suffer.
        tenant.graph.server().at("POST /$batch", moods.clone());
        let (tenant, made) = tenant.until_made(&changes, 12);
        let counts = tenant.graph.server().tenant(|graph| (graph.users().count(), graph.groups().count()));
        assert_eq!(counts, (30, 10), "{seed}: {moods:?}");
        assert!(made.iter().all(|id| !id.is_empty()), "{seed}: {moods:?}");
        assert!(made[..30].iter().all(|id| products(&tenant, id).len() == 1), "{seed}: {moods:?}");
        let licensed =
            tenant.graph.server().tenant(|graph| graph.groups().filter(|group| group.licences.len() == 1).count());
        assert_eq!(licensed, 10, "{seed}: {moods:?}");
    }
}

#[test]
fn parts_that_fail_fail_alone() {
    let tenant = start();
    let made = ids(&tenant.host(&(0..20).map(|number| person(number, &[])).collect::<Vec<_>>(), 100).outcomes);
    tenant.graph.server().tenant(|graph| graph.protect(&made[3]));
    tenant
        .graph
        .server()
        .at("PATCH /users/{id}", [Mood::StatusAfter(503, None), Mood::Status(504, None), Mood::Status(429, Some(2))]);
    let changes: Vec<Change> = made
        .iter()
        .zip(100..)
        .map(|(id, change)| update(change, "user", id, &[("mobilePhone", to("+46 70 1"))]))
        .collect();
    let told = tenant.host(&changes, 100);
    let refused: Vec<usize> = (0..20).filter(|at| matches!(told.outcomes[*at], Outcome::Rejected(_))).collect();
    assert_eq!(refused, [3]);
    assert!(matches!(&told.outcomes[3], Outcome::Rejected(error) if error.kind == ErrorKind::Permission));
    let written = tenant
        .graph
        .server()
        .tenant(|graph| graph.users().filter(|user| user.text("mobilePhone") == "+46 70 1").count());
    assert_eq!(written, 19);
}

#[test]
fn groups_fill_up_empty_and_go() {
    let tenant = start();
    let people = ids(&tenant.host(&(0..70).map(|number| person(number, &[])).collect::<Vec<_>>(), 100).outcomes);
    let licence = [Attribute::one("licence", "ENTERPRISEPACK")];
    let team = ids(&tenant.host(&[group(100, "team", &people[..50], &licence)], 10).outcomes).remove(0);
    let members = |tenant: &Tenant<Stand>| tenant.graph.server().tenant(|graph| graph.members(&team).len());
    assert_eq!(members(&tenant), 50);
    assert_eq!(products(&tenant, &people[0]).len(), 1, "by the group");
    assert!(
        matches!(&tenant.get("user", &people[..1], &["licence".to_owned()]).unwrap()[0], Some(own) if own.attributes.is_empty())
    );
    tenant.graph.server().seen();
    let edits = [("member", Edit::Remove(refer(&people[..10]))), ("member", Edit::Add(refer(&people[40..])))];
    ids(&tenant.host(&[update(101, "group", &team, &edits)], 10).outcomes);
    assert_eq!(members(&tenant), 60);
    let seen = tenant.graph.server().seen();
    assert_eq!(seen.strays, Vec::<String>::new());
    assert_eq!(users(&tenant), 70);
    let names = ["member", "licence", "kind"].map(str::to_owned);
    let read = tenant.get("group", std::slice::from_ref(&team), &names).unwrap().pop().flatten().unwrap();
    assert_eq!(read.attributes[0].values.len(), 60);
    assert_eq!(read.attributes[1..], [Attribute::one("licence", "ENTERPRISEPACK"), Attribute::one("kind", "security")]);
    let tenant = again(tenant);
    ids(&tenant.host(&[update(102, "group", &team, &edits)], 10).outcomes);
    assert_eq!(members(&tenant), 60, "the same once more is no error");
    ids(&tenant.host(&[remove(103, "group", &team)], 10).outcomes);
    assert!(products(&tenant, &people[20]).is_empty());
    assert_eq!(tenant.graph.server().tenant(|graph| graph.groups().count()), 0);
    let twin = ids(&tenant.host(&[group(104, "twin", &[], &[])], 10).outcomes);
    let other = tenant.host(&[group(105, "twin", &[], &[])], 10);
    assert!(
        matches!(&other.outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::AlreadyExists),
        "{twin:?}"
    );
}

#[test]
fn guests_come_and_go() {
    let tenant = start();
    tenant.graph.server().tenant(|graph| graph.guest_lag = Duration::from_secs(20));
    let boss = ids(&tenant.host(&[person(1, &[])], 10).outcomes).remove(0);
    let eva = create(
        2,
        "guest",
        &[
            ("mail", "eva@partner.example".into()),
            ("displayName", "Eva Ek".into()),
            ("sponsor", Value::Reference(boss.clone())),
        ],
    );
    let told = tenant.host(std::slice::from_ref(&eva), 10);
    assert!(told.waits > 0, "a new guest is not known everywhere");
    let guest = ids(&told.outcomes).remove(0);
    assert!(tenant.graph.server().tenant(|graph| graph.user(&guest).unwrap().sponsors.contains(&boss)));
    assert_eq!(tenant.graph.server().seen().count("POST /invitations"), 1);
    let names = ["mail", "sponsor", "enabled", "externalUserState"].map(str::to_owned);
    let page = tenant.read("guest", &names, None, 10).unwrap();
    assert_eq!(page.rows.len(), 1);
    let Operation::Create(attributes) = &eva.operation else { unreachable!() };
    assert_eq!(tenant.find("guest", attributes, &names[..1]).unwrap().unwrap().id, guest);
    let again = tenant.host(&[Change { id: 3, ..eva }], 10);
    assert!(matches!(&again.outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::AlreadyExists));
    ids(&tenant
        .host(&[update(4, "guest", &guest, &[("enabled", to(false)), ("sponsor", Edit::Replace(vec![]))])], 10)
        .outcomes);
    assert!(tenant.graph.server().tenant(|graph| graph.user(&guest).unwrap().sponsors.is_empty()));
    ids(&tenant.host(&[remove(5, "guest", &guest)], 10).outcomes);
    assert_eq!(users(&tenant), 1);
}

#[test]
fn names_that_are_taken_are_told_by_what_has_to_be_another() {
    let tenant = start();
    tenant.graph.server().tenant(|graph| {
        let body = |name: &str, nick: &str| {
            json!({"userPrincipalName": name, "displayName": "x", "mailNickname": nick,
            "accountEnabled": true, "passwordProfile": {"password": "Ab3-xxxxxxxx"}})
        };
        graph.add_user(body("person.1@kommun.test", "one")).unwrap();
        let other = graph.add_user(body("other@kommun.test", "other")).unwrap();
        graph
            .write(&other, json!({"proxyAddresses": ["SMTP:other@kommun.test", "smtp:person.2@kommun.test"]}))
            .unwrap();
    });
    let told = tenant.host(&[person(1, &[]), person(2, &[("licence", Value::from("ENTERPRISEPACK"))])], 10);
    let told: Vec<(ErrorKind, Option<&str>)> = told
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Rejected(error) => Some((error.kind, error.attribute.as_deref())),
            _ => None,
        })
        .collect();
    assert_eq!(told[0], (ErrorKind::AlreadyExists, Some("userPrincipalName")));
}

#[test]
fn an_account_comes_out_of_the_bin_with_its_person() {
    let stand = Stand::start();
    let mut settings = settings();
    settings["restore"] = json!("same-person");
    let tenant = connector(stand, &settings);
    let old = ids(&tenant.host(&[person(1, &[("licence", Value::from("ENTERPRISEPACK"))])], 10).outcomes).remove(0);
    ids(&tenant.host(&[update(2, "user", &old, &[("enabled", to(false))]), remove(3, "user", &old)], 1).outcomes);
    assert_eq!(users(&tenant), 0);
    tenant.graph.server().tenant(|graph| {
        graph.permissions.insert("User-PasswordProfile.ReadWrite.All".to_owned());
    });
    tenant.graph.server().at("POST /directory/deletedItems/{id}/restore", [Mood::StatusAfter(503, None)]);
    let back = ids(&tenant.host(&[person(1, &[("licence", Value::from("STANDARDPACK"))])], 10).outcomes).remove(0);
    assert_eq!(back, old);
    assert_eq!(products(&tenant, &back), BTreeSet::from(["STANDARDPACK".to_owned()]));
    tenant.graph.server().tenant(|graph| {
        let user = graph.user(&back).unwrap();
        assert_eq!(
            (user.get("accountEnabled"), user.password.as_deref()),
            (&json!(true), Some("Ab3-first-password-of-1"))
        );
    });
}

#[test]
fn synchronised_accounts_are_met_in_hybrid_and_left_alone_in_the_cloud() {
    let stand = Stand::start();
    let anna = stand.server().tenant(|graph| {
        let id = graph
            .add_user(json!({"userPrincipalName": "anna@kommun.test", "displayName": "Anna", "mailNickname": "anna",
            "accountEnabled": true, "onPremisesImmutableId": "abc=", "passwordProfile": {"password": "Ab3-xxxxxxxx"}}))
            .unwrap();
        graph.sync(&id).unwrap();
        id
    });
    let cloud = connector(stand, &settings());
    let told = cloud.host(&[update(1, "user", &anna, &[("city", to("Lysekil"))])], 10);
    assert!(matches!(&told.outcomes[0], Outcome::Rejected(error) if error.message.contains("Active Directory")));
    assert_eq!(cloud.graph.server().seen().writes, 0, "refused before it was sent");
    let mut settings = settings();
    settings["mode"] = json!("hybrid");
    let hybrid = connector(cloud.graph, &settings);
    let meet = |change: u64, anchor: &str| {
        create(
            change,
            "user",
            &[
                ("userPrincipalName", "anna@kommun.test".into()),
                ("displayName", "Anna".into()),
                ("onPremisesImmutableId", anchor.into()),
                ("licence", "ENTERPRISEPACK".into()),
            ],
        )
    };
    let told = hybrid.host(&[meet(2, "abc="), meet(3, "other=")], 10);
    assert_eq!(ids(&told.outcomes[..1]), std::slice::from_ref(&anna));
    assert!(matches!(&told.outcomes[1], Outcome::Rejected(error) if error.message.contains("not in Entra yet")));
    assert_eq!(products(&hybrid, &anna).len(), 1);
    ids(&hybrid.host(&[update(4, "user", &anna, &[("enabled", to(false))]), remove(5, "user", &anna)], 1).outcomes);
    assert!(products(&hybrid, &anna).is_empty());
    let seen = hybrid.graph.server().seen();
    assert_eq!((seen.count("POST /users/{id}/revokeSignInSessions"), users(&hybrid)), (1, 1));
}

#[test]
fn reading_is_whole_or_says_that_it_is_not() {
    let tenant = start();
    ids(&tenant.host(&(0..25).map(|number| person(number, &[])).collect::<Vec<_>>(), 100).outcomes);
    let names = ["displayName", "licence", "manager"].map(str::to_owned);
    let whole = |tenant: &Tenant<Stand>| {
        let (mut from, mut rows) = (None, 0);
        loop {
            let page = tenant.read("user", &names, from, 7)?;
            rows += page.rows.len();
            match page.rest {
                Rest::More(more) => from = Some(more),
                _ => return Ok::<usize, sluss_sdk::Error>(rows),
            }
        }
    };
    assert_eq!(whole(&tenant).unwrap(), 25);
    for mood in [
        Mood::Cut,
        Mood::Status(503, None),
        Mood::Status(429, Some(3)),
        Mood::Gateway(502),
        Mood::Malformed,
        Mood::Half,
        Mood::WrongShape,
        Mood::Nested,
    ] {
        tenant.graph.server().at("GET /users", [Mood::Well, mood.clone()]);
        let told = whole(&tenant);
        assert!(told.is_err(), "{mood:?}: {told:?}");
        tenant.graph.server().seen();
    }
    let seen = tenant.graph.server().seen();
    assert_eq!(seen.writes, 0);
}

#[test]
fn changes_are_told_whatever_trouble_there_is() {
    let tenant = start();
    let people = ids(&tenant.host(&(0..12).map(|number| person(number, &[])).collect::<Vec<_>>(), 100).outcomes);
    let team = ids(&tenant.host(&[group(50, "team", &people[..2], &[])], 10).outcomes).remove(0);
    tenant.graph.server().tenant(|graph| {
        graph.trouble = Trouble { empty_pages: true, duplicates: true, replays: true, removed_at_first: true };
        graph.page = 3;
    });
    let mut tokens = [tenant.latest("user").unwrap(), tenant.latest("group").unwrap()];
    let told = |class: &str, since: &mut Vec<u8>| {
        let (mut rows, mut gone, mut from) = (BTreeSet::new(), BTreeSet::new(), since.clone());
        loop {
            let Answer::Batch(batch) = tenant.changes(class, &from, 4).unwrap() else { return None };
            rows.extend(batch.page.rows.iter().map(|row| row.id.clone()));
            gone.extend(batch.gone);
            assert!(batch.page.faults.is_empty());
            match batch.page.rest {
                Rest::More(more) => from = more,
                _ => {
                    *since = batch.next;
                    return Some((rows, gone));
                }
            }
        }
    };
    let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<String>>();
    assert_eq!(told("user", &mut tokens[0]), Some(Default::default()), "nothing changed");
    ids(&tenant
        .host(&[update(60, "user", &people[0], &[("city", to("Lysekil"))]), remove(61, "user", &people[1])], 10)
        .outcomes);
    ids(&tenant.host(&[update(62, "group", &team, &[("member", Edit::Add(refer(&people[3..4])))])], 10).outcomes);
    assert_eq!(told("user", &mut tokens[0]), Some((set(&people[..1]), set(&people[1..2]))));
    assert_eq!(told("group", &mut tokens[1]).map(|told| told.0), Some(set(std::slice::from_ref(&team))));
    // What was told before may be told again, and is as it is now.
    let again = told("user", &mut tokens[0]).unwrap();
    assert!(again.0.is_subset(&set(&people[..1])) && again.1.is_subset(&set(&people[1..2])));
    tenant.graph.server().advance(Duration::from_secs(8 * 86_400));
    assert_eq!(told("user", &mut tokens[0]), None, "a token of last week");
    tokens[1] = tenant.latest("group").unwrap();
    tenant.graph.server().next([Mood::Resync]);
    assert_eq!(told("group", &mut tokens[1]), None);
}

#[test]
fn a_token_that_ends_in_the_midst_is_nobodys_business() {
    let tenant = start();
    tenant.graph.server().token_life(Duration::from_secs(20));
    tenant.graph.server().advance(Duration::from_secs(3600));
    tenant.graph.server().limit(Some(Limits { units: 40.0, writes: 60.0 }));
    let told = tenant.host(&(0..80).map(|number| person(number, &[])).collect::<Vec<_>>(), 40);
    assert_eq!(ids(&told.outcomes).len(), users(&tenant));
    assert!(tenant.graph.server().seen().tokens > 1);
    assert_eq!(tenant.graph.server().tenant(|graph| graph.bin().filter(|object| object.kind == Kind::User).count()), 0);
}
