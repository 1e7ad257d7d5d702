//! The directory capability against a real domain controller: what only Active Directory has, and what it says in its own
//! way.

#![allow(clippy::unwrap_used)]

use anyhow::Result;
use sluss_engine::fault::FaultKind;
use sluss_plugin::capability::ldap::{
    Attribute, Edit, Entry, Ldap, LdapConfig, Modification, Operation, Outcome, Query, Scope, Synced, Write,
};
use sluss_test_servers::samba::{self, ADMIN, BASE, PASSWORD, Samba};
use sluss_test_servers::shim::{Fault, Kind};
use sluss_test_servers::{Shim, Slapd};

const TOWN: &str = "OU=Town,DC=ad,DC=test";

/// A domain controller with an organisational unit for the town, and one for somebody else.
async fn domain(options: samba::Options) -> Result<Samba> {
    let server = Samba::start(options).await?;
    for unit in ["Town", "Elsewhere"] {
        let dn = format!("OU={unit},{BASE}");
        server.add_by_hand(&dn, &[("objectClass", &["organizationalUnit"])]).await?;
    }
    Ok(server)
}

fn open(server: &Samba, url: &str, authority: &std::path::Path, base: &str) -> Result<Ldap> {
    let password = server.folder().join("password");
    std::fs::write(&password, format!("{PASSWORD}\n"))?;
    let text = format!(
        "url = '{url}'\nca = '{}'\nbase = '{base}'\nbind-dn = '{ADMIN}'\naccess = 'write'\npassword = {{ file = '{}' }}\n",
        authority.display(),
        password.display(),
    );
    let config: LdapConfig = toml::from_str(&text)?;
    Ok(Ldap::open("domain", &config)?)
}

fn directly(server: &Samba) -> Result<Ldap> {
    open(server, &server.tls_url(), server.authority(), TOWN)
}

fn attribute(name: &str, values: &[&str]) -> Attribute {
    let values = values.iter().map(|value| value.as_bytes().to_vec()).collect();
    Attribute { name: name.to_owned(), values, is_password: false }
}

fn write(dn: &str, operation: Operation) -> Write {
    Write { change: 1, dn: dn.to_owned(), operation }
}

fn user(name: &str) -> Write {
    let attributes = vec![
        attribute("objectClass", &["user"]),
        attribute("sAMAccountName", &[name]),
        attribute("userAccountControl", &["514"]),
    ];
    write(&person(name), Operation::Add(attributes))
}

fn group(name: &str) -> Write {
    let attributes = vec![attribute("objectClass", &["group"]), attribute("sAMAccountName", &[name])];
    write(&person(name), Operation::Add(attributes))
}

fn person(name: &str) -> String {
    format!("CN={name},{TOWN}")
}

fn edit(dn: &str, edits: &[(Edit, &str, &[&str])]) -> Write {
    let modification =
        |(edit, name, values): &(Edit, &str, &[&str])| Modification { edit: *edit, attribute: attribute(name, values) };
    write(dn, Operation::Modify(edits.iter().map(modification).collect()))
}

fn query(filter: &str, attributes: &[&str]) -> Query {
    Query {
        base: TOWN.to_owned(),
        scope: Scope::Subtree,
        filter: filter.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        with_guids: true,
    }
}

fn values(entry: &Entry, name: &str) -> Vec<String> {
    let found = entry.attributes.iter().find(|own| own.name.eq_ignore_ascii_case(name));
    let values = found.into_iter().flat_map(|own| &own.values);
    values.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

fn refusal(outcome: &Outcome) -> (FaultKind, Option<&str>) {
    match outcome {
        Outcome::Refused(fault) => (fault.kind, fault.code.as_deref()),
        other => panic!("not refused: {other:?}"),
    }
}

/// The GUID in front of a name.
fn guid(name: &str) -> &str {
    name.strip_prefix("<GUID=").unwrap().split_once('>').unwrap().0
}

#[tokio::test]
async fn names_come_with_what_stays_when_they_change() -> Result<()> {
    let server = domain(samba::Options::default()).await?;
    let ldap = directly(&server)?;
    assert_eq!(ldap.write(vec![user("anna"), user("bo"), group("all")]).await, vec![Outcome::Done; 3]);
    let found = ldap.search(&query("(objectClass=user)", &["1.1"]), None, 10).await?.entries;
    assert_eq!(found.len(), 2);
    let anna = found.iter().find(|entry| entry.dn.ends_with(&format!(";{}", person("anna")))).unwrap();
    let told = server.dump_below(TOWN).await?;
    assert!(told[&person("anna")]["objectguid"].contains(guid(&anna.dn)));
    let named = format!("<GUID={}>", guid(&anna.dn));
    assert_eq!(ldap.write(vec![edit(&person("all"), &[(Edit::Add, "member", &[&named])])]).await, [Outcome::Done]);
    let groups = ldap.search(&query("(objectClass=group)", &["member"]), None, 10).await?.entries;
    assert_eq!(guid(&values(&groups[0], "member")[0]), guid(&anna.dn));
    let plain = Query { with_guids: false, ..query("(objectClass=group)", &["member"]) };
    let groups = ldap.search(&plain, None, 10).await?.entries;
    assert_eq!((groups[0].dn.as_str(), values(&groups[0], "member")), (&*person("all"), vec![person("anna")]));
    // A name with an equals sign in it is a name too.
    let attributes = vec![attribute("objectClass", &["user"]), attribute("sAMAccountName", &["ab"])];
    assert_eq!(ldap.write(vec![write(&person("a=b"), Operation::Add(attributes))]).await, [Outcome::Done]);
    assert!(server.dump_below(TOWN).await?.values().any(|entry| entry["cn"].contains("a=b")));
    Ok(())
}

#[tokio::test]
async fn another_directory_is_told_from_active_directory() -> Result<()> {
    let slapd = Slapd::start(sluss_test_servers::Options::default()).await?;
    let text =
        format!("url = '{}'\nca = '{}'\nbase = 'dc=example,dc=test'\n", slapd.tls_url(), slapd.authority().display());
    let ldap = Ldap::open("directory", &toml::from_str(&text)?)?;
    let query = Query { base: "dc=example,dc=test".into(), ..query("(objectClass=*)", &["1.1"]) };
    assert_eq!(ldap.search(&query, None, 10).await.unwrap_err().kind, FaultKind::Unsupported);
    assert_eq!(ldap.sync(&query, None, 10).await.unwrap_err().kind, FaultKind::Unsupported);
    Ok(())
}

#[tokio::test]
async fn a_member_that_is_there_or_gone_already_is_no_error_and_all_else_is() -> Result<()> {
    let server = domain(samba::Options::default()).await?;
    let ldap = directly(&server)?;
    let mut writes: Vec<Write> = ["anna", "bo", "cia", "dan"].map(user).to_vec();
    writes.push(group("all"));
    assert!(ldap.write(writes).await.iter().all(|outcome| *outcome == Outcome::Done));
    let all = person("all");
    let [anna, bo, cia, dan] = ["anna", "bo", "cia", "dan"].map(person);
    let members = async || -> Result<Vec<String>> {
        Ok(server.dump_below(TOWN).await?[&all].get("member").into_iter().flatten().cloned().collect())
    };
    let add = |values: &[&str]| edit(&all, &[(Edit::Add, "member", values)]);
    assert_eq!(ldap.write(vec![add(&[&anna, &bo])]).await, [Outcome::Done]);
    // One is there, one is not; and of those to remove as well.
    assert_eq!(ldap.write(vec![add(&[&bo, &cia])]).await, [Outcome::Done]);
    let both = edit(&all, &[(Edit::Remove, "member", &[&dan, &anna]), (Edit::Add, "member", &[&cia])]);
    assert_eq!(ldap.write(vec![both]).await, [Outcome::Done]);
    assert_eq!(members().await?, [bo.clone(), cia.clone()]);
    // The same by their GUIDs.
    let found = ldap.search(&query("(sAMAccountName=bo)", &["1.1"]), None, 1).await?.entries;
    let named = format!("<GUID={}>", guid(&found[0].dn));
    assert_eq!(ldap.write(vec![add(&[&named])]).await, [Outcome::Done]);
    let remove = edit(&all, &[(Edit::Remove, "member", &[&named])]);
    assert_eq!(ldap.write(vec![remove.clone(), remove]).await, [Outcome::Done, Outcome::Done]);
    assert_eq!(members().await?, std::slice::from_ref(&cia));

    // Who is not there at all is no member, and what is refused for another reason stays refused.
    let ghost = "<GUID=b3d47d9f-2b59-4f4c-9d6f-4b4b0d5e1a2b>";
    assert_eq!(refusal(&ldap.write(vec![add(&[ghost])]).await[0]), (FaultKind::NotFound, Some("32")));
    let unknown = edit(&anna, &[(Edit::Replace, "nosuch", &["1"])]);
    assert_eq!(refusal(&ldap.write(vec![unknown]).await[0]), (FaultKind::Invalid, Some("16")));
    let unwilling = edit(&anna, &[(Edit::Add, "memberOf", &[&all])]);
    assert_eq!(refusal(&ldap.write(vec![unwilling]).await[0]).0, FaultKind::Invalid);
    let mixed = edit(&all, &[(Edit::Remove, "member", &[&dan]), (Edit::Replace, "nosuch", &["1"])]);
    assert_eq!(refusal(&ldap.write(vec![mixed]).await[0]), (FaultKind::Invalid, Some("16")));
    assert_eq!(members().await?, [cia]);
    Ok(())
}

#[tokio::test]
async fn what_tells_of_the_server_is_read_and_nothing_else_outside_of_the_base() -> Result<()> {
    let mut server = domain(samba::Options::default()).await?;
    let features = "CN=Partitions,CN=Configuration,DC=ad,DC=test";
    let ask = async |base: &str, scope| {
        let ldap = directly(&server)?;
        let wanted = Query { base: base.to_owned(), scope, ..query("(objectClass=*)", &["msDS-EnabledFeature"]) };
        anyhow::Ok(ldap.search(&Query { with_guids: false, ..wanted }, None, 10).await)
    };
    assert_eq!(values(&ask(features, Scope::Base).await??.entries[0], "msDS-EnabledFeature"), Vec::<String>::new());
    for (base, scope) in [(features, Scope::One), ("CN=Configuration,DC=ad,DC=test", Scope::Base), (BASE, Scope::Base)]
    {
        assert_eq!(ask(base, scope).await?.unwrap_err().kind, FaultKind::Permission, "{base}");
    }
    server.stop().await?;
    drop(server);
    server = domain(samba::Options { recycle_bin: true, ..samba::Options::default() }).await?;
    let ldap = directly(&server)?;
    let wanted =
        Query { base: features.to_owned(), scope: Scope::Base, ..query("(objectClass=*)", &["msDS-EnabledFeature"]) };
    let found = ldap.search(&wanted, None, 10).await?.entries;
    assert!(values(&found[0], "msDS-EnabledFeature")[0].contains("CN=Recycle Bin Feature,"), "{found:?}");
    Ok(())
}

/// The names of the entries that changed, and the GUIDs of those that are gone.
fn told(synced: &Synced) -> (Vec<&str>, usize) {
    let mut names: Vec<&str> =
        synced.entries.iter().map(|entry| entry.dn.as_str()).filter(|dn| !dn.is_empty()).collect();
    names.sort_unstable();
    (names, synced.entries.iter().filter(|entry| entry.dn.is_empty()).count())
}

#[tokio::test]
async fn what_changed_within_the_base_is_told_and_nothing_of_the_rest() -> Result<()> {
    for recycle_bin in [false, true] {
        let server = domain(samba::Options { recycle_bin, ..samba::Options::default() }).await?;
        let ldap = directly(&server)?;
        assert!(ldap.write(["anna", "bo", "cia"].map(user).to_vec()).await.iter().all(|done| *done == Outcome::Done));
        for name in ["eva", "fia"] {
            let dn = format!("CN={name},OU=Elsewhere,{BASE}");
            server.add_by_hand(&dn, &[("objectClass", &["user"]), ("sAMAccountName", &[name])]).await?;
        }
        let wanted = Query { with_guids: false, ..query("(objectClass=user)", &["title", "name", "description"]) };
        let first = ldap.sync(&wanted, None, 100).await?;
        let [anna, bo, cia] = ["anna", "bo", "cia"].map(person);
        assert_eq!(told(&first), (vec![&*anna, &*bo, &*cia], 0));
        assert!(!first.more);
        assert_eq!(told(&ldap.sync(&wanted, Some(&first.next), 100).await?), (Vec::new(), 0));

        server.modify_by_hand(&anna, "title", &["nurse"]).await?;
        server.modify_by_hand(&cia, "telephoneNumber", &["1"]).await?;
        server.remove_by_hand(&bo).await?;
        server.modify_by_hand(&format!("CN=eva,OU=Elsewhere,{BASE}"), "title", &["nurse"]).await?;
        server.remove_by_hand(&format!("CN=fia,OU=Elsewhere,{BASE}")).await?;
        let second = ldap.sync(&wanted, Some(&first.next), 100).await?;
        assert_eq!(told(&second), (vec![&*anna], 1), "recycle bin: {recycle_bin}");
        let changed = second.entries.iter().find(|entry| entry.dn == anna).unwrap();
        assert_eq!((values(changed, "title"), values(changed, "objectGUID").len()), (vec!["nurse".to_owned()], 1));
        let gone = second.entries.iter().find(|entry| entry.dn.is_empty()).unwrap();
        let mut names: Vec<&str> = gone.attributes.iter().map(|own| own.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["isDeleted", "lastKnownParent", "objectGUID"], "nothing of what it was is told");

        // A new name, and another place.
        server.add_by_hand(&format!("OU=North,{TOWN}"), &[("objectClass", &["organizationalUnit"])]).await?;
        server.move_by_hand(&cia, "CN=cia2", Some(&format!("OU=North,{TOWN}"))).await?;
        let third = ldap.sync(&wanted, Some(&second.next), 100).await?;
        assert_eq!(told(&third), (vec![&*format!("CN=cia2,OU=North,{TOWN}")], 0));
        let with_guids = ldap.sync(&Query { with_guids: true, ..wanted.clone() }, Some(&second.next), 100).await?;
        assert!(told(&with_guids).0[0].starts_with("<GUID="));
        let refused = ldap.sync(&wanted, Some(b"nobody gave this"), 100).await.unwrap_err();
        assert!(refused.code.is_some(), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn closed_attributes_and_what_lies_outside_are_refused_here_too() -> Result<()> {
    let server = domain(samba::Options::default()).await?;
    let ldap = directly(&server)?;
    let closed = ldap.sync(&query("(objectClass=user)", &["unicodePwd"]), None, 10).await.unwrap_err();
    assert_eq!(closed.kind, FaultKind::Permission);
    let asked = ldap.sync(&query("(unicodePwd=*)", &["cn"]), None, 10).await.unwrap_err();
    assert_eq!(asked.kind, FaultKind::Permission);
    let outside = Query { base: BASE.to_owned(), ..query("(objectClass=user)", &["cn"]) };
    assert_eq!(ldap.sync(&outside, None, 10).await.unwrap_err().kind, FaultKind::Permission);
    Ok(())
}

#[tokio::test]
async fn a_wire_as_strict_as_windows_cuts_answers_and_fails_on_demand() -> Result<()> {
    let server = domain(samba::Options::default()).await?;
    let shim = Shim::start(&server).await?;
    let ldap = open(&server, &shim.url(), &shim.authority(), TOWN)?;
    let outcomes = ldap.write(vec![user("a-name-of-21-characters")]).await;
    assert_eq!(refusal(&outcomes[0]), (FaultKind::Invalid, Some("19")));
    assert_eq!(ldap.write(vec![user("anna"), group("all")]).await, [Outcome::Done, Outcome::Done]);
    assert_eq!((shim.counts()[&Kind::Add], shim.counts()[&Kind::Bind]), (3, 1));

    for (fault, kind, code) in [
        (Fault::Busy, FaultKind::Throttled, Some("51")),
        (Fault::Unavailable, FaultKind::Unavailable, Some("52")),
        (Fault::Referral, FaultKind::Unsupported, Some("10")),
    ] {
        shim.inject(fault, Kind::Modify, 0, 1);
        let outcomes = ldap.write(vec![edit(&person("anna"), &[(Edit::Replace, "title", &["nurse"])])]).await;
        assert_eq!(refusal(&outcomes[0]), (kind, code));
    }
    assert!(!server.dump_below(TOWN).await?[&person("anna")].contains_key("title"));
    for (fault, is_done) in [(Fault::Cut, false), (Fault::Notice, false), (Fault::Lost, true)] {
        shim.inject(fault, Kind::Modify, 0, 1);
        let outcomes = ldap.write(vec![edit(&person("anna"), &[(Edit::Replace, "title", &["nurse"])])]).await;
        assert!(matches!(outcomes[0], Outcome::Unknown(_)), "{fault:?}: {outcomes:?}");
        assert_eq!(server.dump_below(TOWN).await?[&person("anna")].contains_key("title"), is_done, "{fault:?}");
    }
    // A search that is cut off is asked anew.
    ldap.search(&query("(objectClass=user)", &["cn"]), None, 10).await?;
    shim.inject(Fault::Cut, Kind::Search, 0, 1);
    assert_eq!(ldap.search(&query("(objectClass=user)", &["cn"]), None, 10).await?.entries.len(), 1);
    Ok(())
}
