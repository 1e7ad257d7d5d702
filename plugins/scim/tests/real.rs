//! The connector beside a real service that speaks SCIM: with all that there is, and with one thing after the other taken
//! away. What counts is what a plain client then finds there.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use sluss_plugin_scim::class::Class;
use sluss_plugin_scim::provider::Provider;
use sluss_plugin_scim::service::{Asked, Service, segment};
use sluss_plugin_scim::{apply, check, look};
use sluss_sdk::http::Response;
use sluss_sdk::{
    Attribute, Change, Edit, Error, ErrorKind, Modification, Operation, Outcome, Rest, Severity, Update, Value,
};
use sluss_test_servers::Scim;
use sluss_test_servers::scim::{TOKEN, send};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const BADGES: &str = "urn:example:2.0:User";

fn tools() -> &'static std::path::Path {
    env!("CARGO_TARGET_TMPDIR").as_ref()
}

/// The service, as a connection of the host reaches it.
struct Wire(u16, &'static str);

impl Service for Wire {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        let options: Vec<String> =
            asked.query.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
        let path = format!("{}?{}", asked.path, options.join("&"));
        let proof = format!("Bearer {}", self.1);
        let mut headers = vec![("Authorization", proof.as_str())];
        headers.extend(asked.version.as_deref().map(|version| ("If-Match", version)));
        let body = asked.body.as_ref().map(Json::to_string).unwrap_or_default();
        let answer = send(self.0, asked.method, path.trim_end_matches('?'), &headers, &body).unwrap();
        Ok(Response { status: answer.status, headers: answer.headers, body: answer.body })
    }

    fn stand_in(&self, change: u64) -> Result<String, Error> {
        Ok(format!("stand-in-{change}"))
    }

    fn now(&self) -> i64 {
        1_800_000_000
    }
}

fn provider(service: &Scim, more: Json) -> Provider<Wire> {
    let mut settings = json!({"connection": "app"});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Provider::new(Wire(service.port(), TOKEN), serde_json::from_value(settings).unwrap()).unwrap()
}

/// What a service says that can do all but this.
fn without(names: &[&str]) -> Json {
    let is = |name: &str| !names.contains(&name);
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "authenticationSchemes": [],
        "changePassword": {"supported": false}, "patch": {"supported": is("patch")}, "sort": {"supported": is("sort")},
        "filter": {"supported": is("filter"), "maxResults": 3},
        "etag": {"supported": is("etag")},
        "bulk": {"supported": is("bulk"), "maxOperations": 5, "maxPayloadSize": 4096},
    })
}

fn one(name: &str, value: impl Into<Value>) -> Attribute {
    Attribute::one(name, value)
}

fn create(id: u64, class: &str, attributes: Vec<Attribute>) -> Change {
    Change { id, class: class.into(), operation: Operation::Create(attributes) }
}

fn user(id: u64, name: &str) -> Change {
    create(
        id,
        "user",
        vec![
            one("userName", name),
            one("externalId", format!("e{id}")),
            one("name.givenName", "Åsa \"Ö\""),
            one("emails.work", format!("{name}@x.test")),
            one("department", "VO-12"),
            one("enabled", true),
            Attribute { name: "title".into(), values: Vec::new() },
        ],
    )
}

fn update(id: u64, class: &str, object: &str, version: Option<&str>, edits: Vec<(&str, Edit)>) -> Change {
    let modifications = edits.into_iter().map(|(name, edit)| Modification { attribute: name.into(), edit }).collect();
    let update = Update { id: object.into(), version: version.map(str::to_owned), modifications };
    Change { id, class: class.into(), operation: Operation::Update(update) }
}

fn set(value: impl Into<Value>) -> Edit {
    Edit::Replace(vec![value.into()])
}

fn none() -> Edit {
    Edit::Replace(Vec::new())
}

fn references(ids: &[String]) -> Vec<Value> {
    ids.iter().cloned().map(Value::Reference).collect()
}

/// The ids and versions that changes left.
#[track_caller]
fn done(provider: &Provider<Wire>, changes: &[Change]) -> Vec<(String, Option<String>)> {
    let outcomes = apply::apply(provider, changes).unwrap();
    let own = outcomes.into_iter().map(|outcome| match outcome {
        Outcome::Applied(applied) | Outcome::Unchanged(applied) => (applied.id, applied.version),
        other => panic!("{other:?}"),
    });
    own.collect()
}

#[track_caller]
fn refused(provider: &Provider<Wire>, change: Change) -> Error {
    match apply::apply(provider, &[change]).unwrap().remove(0) {
        Outcome::Rejected(error) => error,
        other => panic!("{other:?}"),
    }
}

fn find(service: &Scim, place: &str, id: &str) -> Json {
    service.all(place).unwrap().into_iter().find(|own| own["id"] == id).unwrap_or_default()
}

fn members(service: &Scim, id: &str) -> Vec<String> {
    let group = find(service, "Groups", id);
    let mut ids: Vec<String> = group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|own| own["value"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// Everything of a life in the service: made, found, changed, moved between groups, closed, removed.
fn life(service: &Scim, all: &mut Provider<Wire>) {
    let names: Vec<String> = (0..8).map(|at| format!("n{at}")).collect();
    let changes: Vec<Change> = (1..).zip(&names).map(|(id, name)| user(id, name)).collect();
    let made = done(all, &changes);
    let ids: Vec<String> = made.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(service.all("Users").unwrap().len(), 8);
    let first = find(service, "Users", &ids[0]);
    assert_eq!(first["name"]["givenName"], "Åsa \"Ö\"");
    assert_eq!(first["emails"], json!([{"type": "work", "value": "n0@x.test", "primary": true}]));
    assert_eq!((&first["active"], &first[ENTERPRISE]["department"]), (&json!(true), &json!("VO-12")));

    // Read as a whole, in small pages, each as it was written.
    let columns = ["userName", "emails.work", "title", "enabled", "manager"].map(str::to_owned);
    let (mut rows, mut from) = (Vec::new(), None);
    loop {
        let page = look::page(all, Class::User, &columns, from.as_ref(), 2).unwrap();
        rows.extend(page.rows);
        match page.rest {
            Rest::More(next) => from = Some(next),
            rest => break assert_eq!(rest, Rest::Complete),
        }
    }
    let mut read: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    read.sort_unstable();
    let mut known: Vec<&str> = ids.iter().map(String::as_str).collect();
    known.sort_unstable();
    assert_eq!(read, known);
    let found = look::by_id(all, Class::User, &[ids[3].clone(), "gone".into()], &columns).unwrap();
    assert_eq!(found[0].as_ref().unwrap().attributes[0], one("userName", "n3"));
    assert_eq!(found[1], None);
    let Operation::Create(attributes) = &changes[5].operation else { panic!("a create") };
    let there = look::by_place(all, Class::User, attributes, &columns).unwrap().unwrap();
    assert_eq!(there.id, ids[5]);
    let nobody = look::by_place(all, Class::User, &[one("userName", "nobody")], &columns).unwrap();
    assert_eq!(nobody, None);

    // Names that somebody has.
    let taken = refused(all, user(20, "N3"));
    assert_eq!((taken.kind, taken.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("userName")));
    let renamed = refused(all, update(21, "user", &ids[0], None, vec![("userName", set("n1"))]));
    assert_eq!((renamed.kind, renamed.attribute.as_deref()), (ErrorKind::AlreadyExists, Some("userName")));

    // Changes, of which the second of two that are the same is none.
    let change = || {
        let manager = set(Value::Reference(ids[1].clone()));
        let edits = vec![
            ("title", set("Rektor")),
            ("emails.work", set("new@x.test")),
            ("manager", manager),
            ("name.familyName", set("Berg")),
            ("enabled", set(false)),
            ("phoneNumbers.mobile", set("070")),
        ];
        update(22, "user", &ids[0], None, edits)
    };
    done(all, &[change()]);
    let changed = find(service, "Users", &ids[0]);
    assert_eq!(changed["emails"], json!([{"type": "work", "value": "new@x.test", "primary": true}]));
    assert_eq!((&changed["title"], &changed["active"]), (&json!("Rektor"), &json!(false)));
    assert_eq!(changed[ENTERPRISE]["manager"]["value"], json!(ids[1]));
    assert_eq!(changed[ENTERPRISE]["department"], "VO-12", "what is not spoken of stays");
    done(all, &[change()]);
    let away = ["title", "emails.work", "manager", "name.familyName", "phoneNumbers.mobile", "nickName"];
    let gone = || update(23, "user", &ids[0], None, away.iter().map(|name| (*name, none())).collect());
    done(all, &[gone()]);
    done(all, &[gone()]);
    let bare = find(service, "Users", &ids[0]);
    assert!(bare.get("title").is_none() && bare.get("phoneNumbers").is_none(), "{bare}");
    assert!(bare[ENTERPRISE].get("manager").is_none() && bare["name"].get("familyName").is_none(), "{bare}");
    assert!(bare["emails"].as_array().is_none_or(Vec::is_empty), "{bare}");
    assert_eq!(refused(all, update(24, "user", "gone", None, vec![("title", set("x"))])).kind, ErrorKind::NotFound);

    // Groups.
    let group = create(
        30,
        "group",
        vec![
            one("displayName", "All"),
            one("externalId", "all"),
            Attribute { name: "member".into(), values: references(&ids[..5]) },
        ],
    );
    let group = done(all, &[group]).remove(0).0;
    assert_eq!(members(service, &group).len(), 5);
    let edits = vec![("member", Edit::Remove(references(&ids[3..6]))), ("member", Edit::Add(references(&ids[4..8])))];
    done(all, &[update(31, "group", &group, None, edits.clone())]);
    done(all, &[update(32, "group", &group, None, edits)]);
    let mut expected: Vec<String> = [&ids[..3], &ids[4..8]].concat();
    expected.sort();
    assert_eq!(members(service, &group), expected);
    done(all, &[update(33, "group", &group, None, vec![("displayName", set("Everybody"))])]);
    assert_eq!(members(service, &group).len(), 7, "a group keeps its members when it is called otherwise");
    let create = [one("displayName", "Everybody"), one("externalId", "all")];
    let found = look::by_place(all, Class::Group, &create, &["member".into()]).unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.attributes[0].values.len()), (group.as_str(), 7));
    done(all, &[update(34, "group", &group, None, vec![("member", none())])]);
    assert_eq!(members(service, &group), [""; 0]);

    // Many at once, and one who is refused keeps nobody from it.
    let mut batch: Vec<Change> = ids.iter().map(|id| update(40, "user", id, None, vec![("title", set("T"))])).collect();
    (50..).zip(&mut batch).for_each(|(id, change)| change.id = id);
    batch.push(user(70, "n7"));
    batch.push(Change { id: 71, class: "group".into(), operation: Operation::Remove(group.clone()) });
    let outcomes = apply::apply(all, &batch).unwrap();
    let applied = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Applied(_))).count();
    assert!(applied == 9 && matches!(outcomes[8], Outcome::Rejected(_)), "{outcomes:?}");
    assert!(service.all("Users").unwrap().iter().all(|own| own["title"] == "T"));
    assert!(service.all("Groups").unwrap().is_empty());
    let remove = |id: &String| Change { id: 80, class: "user".into(), operation: Operation::Remove(id.clone()) };
    done(all, &[remove(&ids[0])]);
    done(all, &[remove(&ids[0])]);
    assert_eq!(service.all("Users").unwrap().len(), 7);
    let results = check::check(all);
    assert!(results.iter().all(|result| result.severity == Severity::Info), "{results:?}");
}

#[test]
fn a_service_that_can_do_all_that_there_is() {
    let service = Scim::start(tools()).unwrap();
    life(&service, &mut provider(&service, json!({"page-size": 3, "members": 2})));
    let log = service.log().unwrap();
    assert!(log.iter().any(|line| line == "POST /Bulk 200"), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains(" 5") && !line.starts_with("GET /v2")), "{log:#?}");
}

#[test]
fn one_thing_after_the_other_taken_away() {
    for (missing, mark) in [
        (&["patch"][..], "PUT /Users/"),
        (&["bulk"], "PATCH /Users/"),
        (&["etag", "sort"], "POST /Bulk 200"),
        (&["filter", "bulk"], "PATCH /Users/"),
        (&["patch", "bulk", "filter", "etag", "sort"], "PUT /Users/"),
    ] {
        let service = Scim::able(tools(), &without(missing)).unwrap();
        life(&service, &mut provider(&service, json!({"members": 3})));
        let log = service.log().unwrap();
        assert!(log.iter().any(|line| line.starts_with(mark)), "{missing:?}: {log:#?}");
        assert!(!log.iter().any(|line| line.ends_with(" 501")), "what it cannot do is not asked of it: {log:#?}");
    }
}

#[test]
fn a_service_that_says_more_of_itself_than_is_true() {
    let service = Scim::able(tools(), &without(&["bulk", "filter"])).unwrap();
    let lies = json!({"supports": {"bulk": true, "filter": true}});
    life(&service, &mut provider(&service, lies));
    let log = service.log().unwrap();
    let refused = log.iter().filter(|line| line.starts_with("POST /Bulk")).count();
    assert_eq!(refused, 1, "once is enough: {log:#?}");
}

#[test]
fn what_somebody_else_changed_is_planned_anew() {
    for missing in [&[][..], &["bulk"], &["patch"]] {
        let service = Scim::able(tools(), &without(missing)).unwrap();
        let provider = provider(&service, json!({}));
        let made = done(&provider, &[user(1, "eva"), user(2, "bo")]);
        let (id, version) = &made[0];
        let title = |version: Option<&str>, text: &str| update(3, "user", id, version, vec![("title", set(text))]);
        let after = done(&provider, &[title(version.as_deref(), "A")]);
        assert!(after[0].1.is_some() && after[0].1 != *version, "{after:?}");
        assert_eq!(refused(&provider, title(version.as_deref(), "B")).kind, ErrorKind::Conflict);
        assert_eq!(find(&service, "Users", id)["title"], "A");
        let mail = update(4, "user", id, version.as_deref(), vec![("emails.work", set("x"))]);
        assert_eq!(refused(&provider, mail).kind, ErrorKind::Conflict);
        done(&provider, &[title(after[0].1.as_deref(), "C")]);
        done(&provider, &[title(None, "D")]);
        assert_eq!(find(&service, "Users", id)["title"], "D");
        // In the company of others as well.
        let stale = apply::apply(
            &provider,
            &[title(version.as_deref(), "E"), update(5, "user", &made[1].0, None, vec![("title", set("F"))])],
        );
        let outcomes = stale.unwrap();
        assert!(matches!(&outcomes[0], Outcome::Rejected(error) if error.kind == ErrorKind::Conflict), "{outcomes:?}");
        assert!(matches!(outcomes[1], Outcome::Applied(_)), "{outcomes:?}");
    }
}

#[test]
fn attributes_of_the_services_own_are_written_and_checked() {
    let part = |name: &str, kind: &str| {
        json!({"name": name, "type": kind, "multiValued": false, "required": false, "caseExact": false,
            "mutability": "readWrite", "returned": "default", "uniqueness": "none", "description": name})
    };
    let mut tags = part("tags", "string");
    tags["multiValued"] = json!(true);
    let mut own = part("number", "integer");
    own["mutability"] = json!("readOnly");
    let schema = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": BADGES, "name": "Example",
        "description": "Example", "attributes": [part("badge", "integer"), part("since", "dateTime"), own, tags]});
    let service = Scim::with_schema(tools(), &schema).unwrap();
    let path = |name: &str| format!("{BADGES}:{name}");
    let settings = json!({"attributes": {
        "badge": {"path": path("badge"), "kind": "integer"},
        "since": {"path": path("since"), "kind": "moment"},
        "tags": {"path": path("tags"), "many": true},
        "roles": {"path": "roles.value", "many": true},
        "locality": {"path": "addresses[type eq \"work\"].locality"},
    }});
    let mut all = provider(&service, settings);
    let day = sluss_sdk::Date::new(2026, 1, 31).unwrap();
    let id = done(
        &all,
        &[create(
            1,
            "user",
            vec![
                one("userName", "eva"),
                one("badge", 7_i64),
                one("since", day),
                one("locality", "Sotenäs"),
                Attribute::many("tags", ["a", "b"]),
                Attribute::many("roles", ["x", "y"]),
                one("profileUrl", "https://x.test/eva"),
            ],
        )],
    )
    .remove(0)
    .0;
    let made = find(&service, "Users", &id);
    assert_eq!((&made[BADGES]["badge"], &made[BADGES]["tags"]), (&json!(7), &json!(["a", "b"])));
    assert_eq!(
        (&made["addresses"][0]["locality"], &made["profileUrl"]),
        (&json!("Sotenäs"), &json!("https://x.test/eva"))
    );
    let names = ["badge", "since", "tags", "roles", "locality"].map(str::to_owned);
    let page = look::page(&mut all, Class::User, &names, None, 10).unwrap();
    assert_eq!(
        format!("{:?}", page.rows[0].cells[..2].to_vec()),
        format!("{:?}", [sluss_sdk::Cell::from(7_i64), day.into()])
    );
    let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
    done(
        &all,
        &[update(
            2,
            "user",
            &id,
            None,
            vec![
                ("badge", set(8_i64)),
                ("tags", Edit::Remove(values(&["a"]))),
                ("roles", Edit::Add(values(&["z"]))),
                ("locality", none()),
                ("since", none()),
            ],
        )],
    );
    let changed = find(&service, "Users", &id);
    assert_eq!((&changed[BADGES]["badge"], &changed[BADGES]["tags"]), (&json!(8), &json!(["b"])));
    assert_eq!(changed["roles"].as_array().unwrap().len(), 3, "{changed}");
    assert!(changed.get("addresses").is_none_or(|own| own == &json!([])), "{changed}");
    let odd = refused(&all, update(3, "user", &id, None, vec![("title", set("x")), ("no-such", set("x"))]));
    assert_eq!((odd.kind, odd.code.as_deref()), (ErrorKind::Invalid, Some("400 invalidPath")));
    assert!(find(&service, "Users", &id).get("title").is_none(), "a change is carried out whole or not at all");
    assert!(check::check(&all).iter().all(|result| result.severity == Severity::Info), "{:?}", check::check(&all));

    let wrong = provider(
        &service,
        json!({"attributes": {
            "a": {"path": path("badges")}, "b": {"path": path("badge")}, "c": {"path": path("number"), "kind": "integer"},
            "d": {"path": path("tags")},
        }}),
    );
    let failures = check::check(&wrong).into_iter().filter(|result| result.severity == Severity::Failure).count();
    assert_eq!(failures, 4, "{:?}", check::check(&wrong));
}

#[test]
fn a_password_reaches_the_service_and_comes_back_from_nowhere() {
    let service = Scim::start(tools()).unwrap();
    let all = provider(&service, json!({"initial-password": true}));
    done(&all, &[user(7, "eva"), user(8, "bo")]);
    assert!(service.all("Users").unwrap().iter().all(|own| own.get("password").is_none()));
    let stranger = Provider::new(
        Wire(service.port(), "another token"),
        serde_json::from_value(json!({"connection": "app"})).unwrap(),
    );
    let results = check::check(&stranger.unwrap());
    assert!(
        results.iter().any(|result| result.severity == Severity::Failure && result.message.contains("`auth`")),
        "{results:?}"
    );
    let dump = service.dump().unwrap();
    let mut passwords: Vec<&str> = dump.iter().map(|own| own["password"].as_str().unwrap()).collect();
    passwords.sort_unstable();
    assert_eq!(passwords, ["stand-in-7", "stand-in-8"]);
}
