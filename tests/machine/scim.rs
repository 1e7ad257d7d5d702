//! A service in the cloud that takes accounts by SCIM: the whole program beside a real one, which says itself what it was
//! asked and what it has.

use crate::world::{ALI, BO, DORIS, ERIK, EVA, POLICY, Post, Ran, World, block, post};
use serde_json::{Value, json};
use sluss_test_servers::scim::{Fare, Gate, TOKEN};
use sluss_test_servers::{Proxy, Scim, Wire};
use std::path::Path;

const DAY: &str = "2026-11-23";
const NEXT: &str = "2026-11-24";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An account for everybody, and groups for units and municipalities.
const RULES: &str = r#"
[account.app]
target    = "app"
class     = "user"
protected = "pseudonym"
adopt     = [{ attribute = "externalId", value = "primary.number" }]

[account.app.attributes]
userName          = "names.username"
externalId        = "primary.number"
"name.givenName"  = "person.given"
"name.familyName" = "person.surname"
displayName       = "person.display"
"emails.work"     = "names.mail"
title             = "primary.title"
department        = "primary.unit"
organization      = "table.organisation[primary.organisation].name"
manager           = { manager-of = "primary" }

[group.unit]
target   = "app"
class    = "group"
account  = "app"
for-each = "unit"

[group.unit.attributes]
displayName = "'unit-' + key"
externalId  = "'unit-' + key"

[group.municipality]
target   = "app"
class    = "group"
account  = "app"
for-each = "organisation"

[group.municipality.attributes]
displayName = "'all-' + local_part(title)"
externalId  = "'all-' + key"
"#;

fn tools() -> &'static Path {
    env!("CARGO_TARGET_TMPDIR").as_ref()
}

/// The policy of most tests, with the rules of this service in the place of a directory's.
fn policy() -> String {
    let (names, rest) = POLICY.split_once("[account.directory]").unwrap();
    let (_, guards) = rest.split_once("[guards]").unwrap();
    format!("{names}{RULES}\n[guards]{guards}")
}

/// A world whose target answers at this port.
fn world(port: u16, settings: &str) -> World {
    let target = format!(
        "[connection.app]\nkind = \"http\"\naccess = \"write\"\nurl = \"http://127.0.0.1:{port}/v2\"\nallow-clear-text = true\n\
         timeout = 3\n\n[connection.app.auth.bearer]\ntoken = {{ file = \"token\" }}\n\n[system.app]\nrole = \"target\"\n\
         plugin = \"scim\"\ngrant = [\"app\"]\n\n[system.app.settings]\nconnection = \"app\"\n{settings}"
    );
    let world = World::with_target(&target, &policy());
    world.write("token", TOKEN);
    world
}

fn reconcile(world: &World, day: &str) -> Ran {
    world.sluss(&["--json", "run", "--reconcile", "--on", day])
}

/// The account of this name, as a plain client finds it.
fn user(service: &Scim, name: &str) -> Value {
    let all = service.all("Users").unwrap();
    all.into_iter().find(|own| own["userName"] == name).unwrap_or_default()
}

fn is_open(service: &Scim, name: &str) -> bool {
    user(service, name)["active"].as_bool().unwrap_or_else(|| panic!("no {name}"))
}

/// The groups that an account is in, by their names.
fn groups(service: &Scim, name: &str) -> Vec<String> {
    let id = user(service, name)["id"].clone();
    let groups = service.all("Groups").unwrap().into_iter();
    let has = |group: &Value| group["members"].as_array().into_iter().flatten().any(|own| own["value"] == id);
    let mut names: Vec<String> =
        groups.filter(has).map(|group| group["displayName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Changes something as an administrator of the service would.
fn by_hand(service: &Scim, method: &str, place: &str, resource: &Value, body: Option<&Value>) {
    let path = format!("/{place}/{}", resource["id"].as_str().unwrap());
    let (status, told) = service.ask(method, &path, body).unwrap();
    assert!((200..300).contains(&status), "{status}: {told}");
}

fn patch(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// What a service says of itself that knows nothing but whole resources.
fn plain() -> Value {
    let no = json!({"supported": false});
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "patch": no, "etag": no, "sort": no,
        "changePassword": no, "filter": {"supported": false, "maxResults": 2},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0}, "authenticationSchemes": []})
}

/// Somebody comes, moves and leaves.
fn a_year(service: &Scim, world: &World) {
    let ali = post(ALI, "Ali", "Bergström").at("1427", "10077");
    let eva = post(EVA, "Eva Åsa", "Öberg-Lööf").at("1427", "10234").manager(ALI);
    let bo = post(BO, "Bo", "Ek").at("1430", "20001").unit("SK-1", "Centrumskolan").from("20261201");
    world.hr(&[ali.clone(), eva.clone(), bo.clone()]);
    // That there are no units is worth a warning.
    world.sluss(&["check"]).expect(&[1]);
    let before = service.writes().unwrap();
    world.sluss(&["plan", "--on", DAY]).expect(&[0]);
    assert_eq!(service.writes().unwrap(), before, "a preview writes nothing");
    let report = world.run(DAY).expect(&[0]).json();
    assert_eq!(report["applied"], report["planned"], "{report:#}");

    let (chief, made) = (user(service, "aliber"), user(service, "evaobe"));
    assert_eq!(made["name"], json!({"givenName": "Eva", "familyName": "Öberg-Lööf"}));
    assert_eq!((&made["externalId"], &made["title"]), (&json!("10234"), &json!("Undersköterska")));
    assert_eq!(made["emails"][0]["primary"], true);
    assert_eq!(made[ENTERPRISE]["manager"]["value"], chief["id"]);
    assert_eq!(made[ENTERPRISE]["department"], "VO-12");
    assert_eq!(groups(service, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
    assert!(is_open(service, "evaobe") && !is_open(service, "boek"), "whoever begins later has a closed account");
    assert!(groups(service, "boek").is_empty());

    // Nothing changed, nothing written, and nothing asked.
    let asked = service.log().unwrap().len();
    assert_eq!(world.run(DAY).expect(&[0]).json()["applied"], json!({}));
    assert_eq!(service.log().unwrap().len(), asked);
    let written = service.writes().unwrap();
    let report = reconcile(world, DAY).expect(&[0]).json();
    assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
    assert_eq!(service.writes().unwrap(), written);

    // Bo begins, and Eva moves to another municipality and to another manager.
    let away = eva.clone().to("20261231");
    let moved = post(EVA, "Eva Åsa", "Öberg-Lööf")
        .at("1430", "33")
        .from("20270101")
        .unit("SK-1", "Centrumskolan")
        .title("Rektor", "4");
    world.hr(&[ali.clone(), away, moved.manager(BO), bo.clone()]);
    world.run("2026-12-01").expect(&[0]);
    assert!(is_open(service, "boek"));
    assert_eq!(groups(service, "boek"), ["all-munkedal", "unit-1430-SK-1"]);
    world.run("2027-01-01").expect(&[0]);
    let now = user(service, "evaobe");
    assert_eq!(now["id"], made["id"], "she keeps her account");
    assert_eq!((&now["title"], &now["externalId"]), (&json!("Rektor"), &json!("33")));
    assert_eq!(now["emails"].as_array().unwrap().len(), 1);
    assert!(now["emails"][0]["value"].as_str().unwrap().ends_with("@munkedal.example"), "{now}");
    assert_eq!(now[ENTERPRISE]["manager"]["value"], user(service, "boek")["id"]);
    assert_eq!(groups(service, "evaobe"), ["all-munkedal", "unit-1430-SK-1"]);

    // She leaves: closed the day after, kept for 60 days, and then removed.
    world.hr(&[ali, post(EVA, "Eva Åsa", "Öberg-Lööf").at("1430", "33").from("20270101").to("20270131"), bo]);
    world.run("2027-01-31").expect(&[0]);
    assert!(is_open(service, "evaobe"));
    world.run("2027-02-01").expect(&[0]);
    assert!(!is_open(service, "evaobe") && groups(service, "evaobe").is_empty());
    let written = service.writes().unwrap();
    world.run("2027-04-01").expect(&[0]);
    assert!(user(service, "evaobe").is_object() && service.writes().unwrap() == written);
    world.run("2027-04-02").expect(&[0]);
    assert_eq!(user(service, "evaobe"), Value::Null);
    assert_eq!(service.all("Users").unwrap().len(), 2);
    let report = reconcile(world, "2027-04-02").expect(&[0]).json();
    assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");
    world.sluss(&["cases"]).expect(&[0]);
}

#[test]
fn people_come_move_and_leave() {
    let service = Scim::start(tools()).unwrap();
    a_year(&service, &world(service.port(), ""));
    let log = service.log().unwrap();
    assert!(log.iter().any(|line| line == "POST /Bulk 200"), "{log:#?}");
}

#[test]
fn the_same_in_a_service_that_knows_only_whole_resources() {
    let service = Scim::able(tools(), &plain()).unwrap();
    a_year(&service, &world(service.port(), ""));
    let log = service.log().unwrap();
    assert!(log.iter().any(|line| line.starts_with("PUT /Users/")), "{log:#?}");
    assert!(!log.iter().any(|line| line.starts_with("PATCH") || line.starts_with("POST /Bulk")), "{log:#?}");
}

#[test]
fn a_name_that_somebody_else_has_is_left_to_them() {
    let service = Scim::start(tools()).unwrap();
    let theirs =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "EvaObe", "title": "Theirs"});
    assert_eq!(service.ask("POST", "/Users", Some(&theirs)).unwrap().0, 201);
    let before = user(&service, "EvaObe");
    let world = world(service.port(), "");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    let ran = world.run(DAY).expect(&[0]);
    assert!(ran.out.contains("the name is taken"), "{}", ran.out);
    assert_eq!(user(&service, "EvaObe"), before);
    assert_eq!(groups(&service, "evaobe2"), ["all-sotenas", "unit-1427-VO-12"], "{:?}", service.all("Users"));
    assert_eq!(service.all("Users").unwrap().len(), 3);
    // Nor is it touched by anything later.
    world
        .hr(&[post(ALI, "Ali", "Bergström").at("1427", "2"), post(EVA, "Eva", "Öberg").at("1427", "1").to("20261123")]);
    world.run(NEXT).expect(&[0]);
    reconcile(&world, "2027-03-01").expect(&[0]);
    assert_eq!(user(&service, "evaobe2"), Value::Null);
    assert_eq!(user(&service, "EvaObe"), before);
}

#[test]
fn what_others_do_is_found_and_put_right() {
    let service = Scim::start(tools()).unwrap();
    let world = world(service.port(), "");
    world.hr(&[post(ALI, "Ali", "Bergström").at("1427", "1"), post(EVA, "Eva", "Öberg").at("1427", "2").manager(ALI)]);
    world.run(DAY).expect(&[0]);
    let bare = |service: &Scim| -> Vec<Value> {
        let all = ["Users", "Groups"].iter().flat_map(|place| service.all(place).unwrap());
        all.map(|mut own| {
            own.as_object_mut().unwrap().remove("meta");
            if let Some(members) = own["members"].as_array_mut() {
                members.sort_by_key(ToString::to_string);
            }
            own
        })
        .collect()
    };
    let right = bare(&service);
    let (_, stranger) = service
        .ask(
            "POST",
            "/Users",
            Some(&json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "stranger"})),
        )
        .unwrap();
    let (eva, ali) = (user(&service, "evaobe"), user(&service, "aliber"));
    let odd = patch(json!([
        {"op": "replace", "path": "title", "value": "Kung"}, {"op": "replace", "path": "active", "value": false},
        {"op": "add", "path": "emails", "value": [{"type": "work", "value": "king@x.test"}]},
        {"op": "remove", "path": format!("{ENTERPRISE}:manager")},
    ]));
    by_hand(&service, "PATCH", "Users", &eva, Some(&odd));
    let group = service.all("Groups").unwrap().into_iter().find(|own| own["displayName"] == "all-sotenas").unwrap();
    let members = patch(json!([
        {"op": "remove", "path": format!("members[value eq {}]", ali["id"])},
        {"op": "add", "path": "members", "value": [{"value": stranger["id"]}]},
    ]));
    by_hand(&service, "PATCH", "Groups", &group, Some(&members));

    // A plain run trusts what it knows.
    let written = service.writes().unwrap();
    world.run(DAY).expect(&[0]);
    assert_eq!(service.writes().unwrap(), written);
    // What somebody else changed is no reason to stop: it is planned anew in the same run.
    let ran = reconcile(&world, DAY).expect(&[0]);
    assert!(ran.out.contains("changed by somebody else"), "{}", ran.out);
    let mut now = bare(&service);
    now.retain(|own| own["userName"] != "stranger");
    assert_eq!(now, right);
    let written = service.writes().unwrap();
    reconcile(&world, DAY).expect(&[0]);
    assert_eq!(service.writes().unwrap(), written);

    // An account that is gone is made anew, with its rights.
    by_hand(&service, "DELETE", "Users", &eva, None);
    reconcile(&world, DAY).expect(&[0]);
    assert_ne!(user(&service, "evaobe")["id"], eva["id"]);
    assert_eq!(groups(&service, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
    // So is one that turns out to be gone when it is to be changed.
    by_hand(&service, "DELETE", "Users", &user(&service, "evaobe"), None);
    world.hr(&[
        post(ALI, "Ali", "Bergström").at("1427", "1"),
        post(EVA, "Eva", "Öberg").at("1427", "2").title("Rektor", "4"),
    ]);
    world.run(NEXT).expect(&[0]);
    assert_eq!(user(&service, "evaobe")["title"], "Rektor");
    assert_eq!(groups(&service, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);
}

#[test]
fn what_changed_between_two_looks_is_planned_anew_in_the_same_run() {
    let service = Scim::start(tools()).unwrap();
    let world = world(service.port(), "");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "2")]);
    world.run(DAY).expect(&[0]);
    by_hand(
        &service,
        "PATCH",
        "Users",
        &user(&service, "evaobe"),
        Some(&patch(json!([{"op": "add", "path": "nickName", "value": "E"}]))),
    );
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "2").title("Rektor", "4")]);
    world.run(NEXT).expect(&[0]);
    let now = user(&service, "evaobe");
    assert_eq!((&now["title"], &now["nickName"]), (&json!("Rektor"), &json!("E")), "what is not ours stays");
    assert!(service.log().unwrap().iter().any(|line| line.ends_with(" 412")), "the service itself refused the first");
}

#[test]
fn while_the_service_is_away_nothing_is_lost() {
    block(async {
        let service = Scim::start(tools()).unwrap();
        let wire = Proxy::start(service.port()).await.unwrap();
        let world = world(wire.port(), "");
        let [first, second, _] = days();
        world.hr(&first);
        wire.set(Wire::Cut);
        let ran = world.run(DAY).expect(&[5]);
        assert!(ran.out.contains("app"), "{}", ran.out);
        world.sluss(&["check"]).expect(&[5, 1, 2]);
        assert!(service.all("Users").unwrap().is_empty());
        wire.set(Wire::Pass);
        world.run(DAY).expect(&[0]);
        assert_eq!(service.all("Users").unwrap().len(), 2);
        assert_eq!(groups(&service, "evaobe"), ["all-sotenas", "unit-1427-VO-12"]);

        // One that hears and does not answer is as good as away.
        world.hr(&second);
        wire.set(Wire::Mute);
        let written = service.writes().unwrap();
        world.run(NEXT).expect(&[5]);
        assert_eq!(service.writes().unwrap(), written);
        wire.set(Wire::Pass);
        world.run(NEXT).expect(&[0]);
        assert_eq!(service.all("Users").unwrap().len(), 4);
        assert_eq!(groups(&service, "boek"), ["all-munkedal", "unit-1430-SK-1"]);
    });
}

/// Three days with changes of every kind.
fn days() -> [Vec<Post>; 3] {
    let ali = post(ALI, "Ali", "Bergström").at("1427", "1");
    let eva = post(EVA, "Eva", "Öberg").at("1427", "2").manager(ALI);
    let bo = post(BO, "Bo", "Ek").at("1430", "3").unit("SK-1", "Centrumskolan");
    let doris = post(DORIS, "Doris", "Berg").at("1427", "4");
    [
        vec![ali.clone(), eva.clone()],
        vec![ali.clone().title("Rektor", "4"), eva.clone().to("20261123"), bo.clone(), doris.clone()],
        vec![ali.title("Rektor", "4"), eva.to("20261123"), bo.unit("SK-2", "Bergskolan"), doris.to("20261124")],
    ]
}

/// Everything is as it shall be after the days.
fn as_it_shall_be(service: &Scim, world: &World, day: &str) {
    let written = service.writes().unwrap();
    let report = reconcile(world, day).expect(&[0]).json();
    assert_eq!(report["applied"], json!({}), "{report:#}");
    assert_eq!(service.writes().unwrap(), written);
    assert_eq!(service.all("Users").unwrap().len(), 4);
    assert_eq!(service.all("Groups").unwrap().len(), 5, "none was made twice");
    assert_eq!(user(service, "aliber")["title"], "Rektor");
    assert!(!is_open(service, "evaobe") && groups(service, "evaobe").is_empty());
    assert!(!is_open(service, "dorber") && groups(service, "dorber").is_empty());
    assert_eq!(groups(service, "boek"), ["all-munkedal", "unit-1430-SK-2"]);
    assert_eq!(groups(service, "aliber"), ["all-sotenas", "unit-1427-VO-12"]);
}

#[test]
fn whatever_answer_is_lost_nothing_is_done_twice() {
    let dates = [DAY, NEXT, "2026-11-25"];
    for (service, kinds) in [
        (Scim::start(tools()).unwrap(), &["POST /v2/Bulk", "POST /v2/Groups", "PATCH"][..]),
        (
            Scim::able(tools(), &plain()).unwrap(),
            &["POST /v2/Users", "POST /v2/Groups", "PUT /v2/Users", "PUT /v2/Groups"],
        ),
    ] {
        let gate = Gate::start(service.port()).unwrap();
        let world = world(gate.port(), "");
        let mut lost = 0;
        for (day, posts) in dates.iter().zip(days()) {
            world.hr(&posts);
            for kind in kinds {
                for fare in [Fare::Lost, Fare::Denied(500), Fare::Denied(504)] {
                    gate.next(kind, fare);
                    let left = gate.left();
                    let ran = world.run(day).expect(&[0, 5]);
                    lost += left - gate.left();
                    assert!(left == gate.left() || ran.code == 5, "nobody knows what became of it: {ran:?}");
                }
            }
            // What was not needed today is not kept for tomorrow.
            while gate.left() > 0 && world.run(day).expect(&[0, 5]).code == 5 {}
            gate.clear();
            world.run(day).expect(&[0]);
        }
        assert!(lost > 3, "{lost} answers were lost: {:#?}", service.log());
        as_it_shall_be(&service, &world, dates[2]);
    }
}

#[test]
fn a_service_that_asks_to_wait_is_waited_for() {
    let service = Scim::able(tools(), &plain()).unwrap();
    let gate = Gate::start(service.port()).unwrap();
    let world = world(gate.port(), "");
    for (day, posts) in [DAY, NEXT, "2026-11-25"].iter().zip(days()) {
        world.hr(&posts);
        for kind in ["POST /v2/Users", "PUT /v2/Users", "PUT /v2/Groups"] {
            gate.next(kind, Fare::Refused(429, 1));
        }
        world.run(day).expect(&[0]);
        gate.clear();
    }
    as_it_shall_be(&service, &world, "2026-11-25");
    // One that is out of order is left alone, and nobody is taken to be gone.
    gate.next("GET /v2/Users", Fare::Refused(503, 1));
    reconcile(&world, "2026-11-25").expect(&[5]);
    as_it_shall_be(&service, &world, "2026-11-25");
}

#[test]
fn first_passwords_are_those_that_are_shown() {
    let service = Scim::start(tools()).unwrap();
    let world = world(service.port(), "initial-password = true\n");
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    let ran = world.run(DAY).expect(&[0]);
    let told = world.sluss(&["--json", "password", "evaobe"]).expect(&[0]).json();
    let password = told["passwords"][0]["password"].as_str().unwrap().to_owned();
    assert!(password.len() > 10 && !ran.said().contains(&password));
    let dump = service.dump().unwrap();
    let held = |name: &str| dump.iter().find(|own| own["userName"] == name).unwrap()["password"].clone();
    assert_eq!(held("evaobe"), json!(password));
    assert!(held("aliber").is_string() && held("aliber") != held("evaobe"));
}

#[test]
fn accounts_that_are_there_are_adopted_and_a_class_has_more_attributes() {
    let badge = json!({"name": "badge", "type": "integer", "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none", "description": "Badge"});
    let schema = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "urn:example:2.0:User",
        "name": "Example", "description": "Example", "attributes": [badge]});
    let service = Scim::with_schema(tools(), &schema).unwrap();
    let old = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "eva.o", "externalId": "77",
        "emails": [{"type": "home", "value": "home@x.test", "primary": true}], "nickName": "E"});
    assert_eq!(service.ask("POST", "/Users", Some(&old)).unwrap().0, 201);
    let world = world(
        service.port(),
        "[system.app.settings.attributes]\nbadge = { path = \"urn:example:2.0:User:badge\", kind = \"integer\" }\n",
    );
    let policy = policy().replacen(
        "title             =",
        "badge = \"7\"\n'addresses[type eq \"work\"].locality' = \"'Sotenäs'\"\ntitle             =",
        1,
    );
    world.write("policy.toml", policy);
    world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "77"), post(ERIK, "Erik", "Berg").at("1427", "78")]);
    // That there are no units is worth a warning.
    world.sluss(&["check"]).expect(&[1]);
    let written = service.writes().unwrap();
    let adopted = world.sluss(&["--json", "adopt", "app", "--link", "--on", DAY]).expect(&[0, 1]).json();
    assert_eq!((adopted["accounts"].as_array().unwrap().len(), service.writes().unwrap()), (1, written), "{adopted:#}");
    world.run(DAY).expect(&[0]);
    let now = user(&service, "eva.o");
    assert_eq!((&now["nickName"], &now["urn:example:2.0:User"]["badge"]), (&json!("E"), &json!(7)), "{now}");
    assert_eq!(now["addresses"], json!([{"type": "work", "locality": "Sotenäs"}]));
    assert_eq!(now["emails"].as_array().unwrap().len(), 2, "{now}");
    assert_eq!(now["emails"][0]["primary"], true, "which address is to be used is not ours to say");
    assert_eq!(user(&service, "eriber")["emails"][0]["primary"], true);
    let report = reconcile(&world, DAY).expect(&[0]).json();
    assert_eq!((&report["applied"], &report["findings"]), (&json!({}), &json!([])), "{report:#}");

    // The plugin keeps what the contract promises.
    let told = world.sluss(&["--json", "plugin", "prove", "app"]).expect(&[0]);
    let found = told.json()["found"].as_array().unwrap().len();
    assert!(found >= 8, "{}", told.out);

    // A service without what the settings name, or that does not know us, is told of before anything is written.
    let toml = std::fs::read_to_string(world.path("sluss.toml")).unwrap();
    world.write("sluss.toml", toml.replace("2.0:User:badge", "2.0:User:badges"));
    let told = world.sluss(&["check"]).expect(&[5]);
    assert!(told.said().contains("attributes.badge") && told.said().contains("badges"), "{}", told.said());
    world.write("sluss.toml", toml);
    world.write("token", "another");
    let told = world.sluss(&["check"]).expect(&[1, 2, 5]);
    assert!(told.said().contains("`auth`") && !told.said().contains("another"), "{}", told.said());
    world.hr(&[
        post(EVA, "Eva", "Öberg").at("1427", "77").title("Rektor", "4"),
        post(ERIK, "Erik", "Berg").at("1427", "78"),
    ]);
    world.run(NEXT).expect(&[5]);
}
