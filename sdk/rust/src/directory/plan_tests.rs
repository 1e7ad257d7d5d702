//! Tests of what changes mean for a directory, and of how entries read.

#![allow(clippy::unwrap_used)]

use crate::directory::{Class, ClassSettings, Layout, Plan};
use crate::ldap::{self, Entry};
use crate::{Attribute, Cell, Change, Edit, ErrorKind, Modification, Operation, Update, Value};
use std::collections::BTreeMap;

const EVA: &str = "uid=eva,ou=people,dc=example,dc=se";

fn layout(settings: &str) -> Layout {
    let settings: BTreeMap<String, ClassSettings> = serde_json::from_str(settings).unwrap();
    Layout::new("DC=example, DC=se", &settings).unwrap()
}

fn class(name: &str) -> Class {
    layout("{}").class(name).unwrap().clone()
}

fn change(operation: Operation) -> Change {
    Change { id: 7, class: "user".into(), operation }
}

fn update(edits: &[(&str, Edit)]) -> Change {
    let modifications =
        edits.iter().map(|(name, edit)| Modification { attribute: (*name).into(), edit: edit.clone() }).collect();
    change(Operation::Update(Update { id: EVA.into(), version: None, modifications }))
}

fn replace(text: &str) -> Edit {
    Edit::Replace(vec![text.into()])
}

/// The requests of a plan in one line each.
fn written(plan: &Plan) -> Vec<String> {
    let values = |attribute: &ldap::Attribute| {
        let values: Vec<_> = attribute.values.iter().map(|value| String::from_utf8_lossy(value)).collect();
        format!("{}={}", attribute.name, values.join("|"))
    };
    plan.requests
        .iter()
        .map(|request| match &request.operation {
            ldap::Operation::Add(attributes) => {
                format!("add {}", attributes.iter().map(values).collect::<Vec<_>>().join(" "))
            }
            ldap::Operation::Modify(edits) => {
                let edits: Vec<_> = edits.iter().map(|m| format!("{:?} {}", m.edit, values(&m.attribute))).collect();
                format!("modify {}", edits.join(", "))
            }
            ldap::Operation::Rename(rename) => format!("rename {} {:?}", rename.rdn, rename.parent),
            ldap::Operation::Remove => "remove".to_owned(),
        })
        .collect()
}

#[test]
fn a_user_is_created_in_its_container_with_its_object_classes() {
    let attributes = vec![
        Attribute::one("uid", "eva"),
        Attribute::one("sn", "Öberg"),
        Attribute::one("enabled", true),
        Attribute::one("manager", Value::Reference("UID=bo, ou=people,dc=example,dc=se".into())),
        Attribute::many("title", Vec::<Value>::new()),
    ];
    let plan = class("user").plan(&change(Operation::Create(attributes))).unwrap();
    assert_eq!(plan.id, EVA);
    let expected = "add objectClass=inetOrgPerson uid=eva sn=Öberg manager=uid=bo,ou=people,dc=example,dc=se";
    assert_eq!(written(&plan), [expected]);
    assert_eq!(plan.requests[0].change, 7);
}

#[test]
fn a_disabled_user_is_created_elsewhere_when_it_says_so() {
    let attributes = vec![
        Attribute::one("uid", "eva"),
        Attribute::one("enabled", false),
        Attribute::one("container", "ou=schools,ou=people"),
    ];
    let plan = class("user").plan(&change(Operation::Create(attributes))).unwrap();
    assert_eq!(plan.id, "uid=eva,ou=schools,ou=people,dc=example,dc=se");
    assert_eq!(written(&plan), ["add objectClass=inetOrgPerson uid=eva pwdAccountLockedTime=000001010000Z"]);
}

#[test]
fn a_new_group_has_its_stand_in_and_every_member_once() {
    let members = ["uid=a,dc=x", "UID=a, dc=x", "uid=b,dc=x"].map(|id| Value::Reference(id.into()));
    let attributes = vec![Attribute::one("cn", "VO-12"), Attribute::many("member", members)];
    let plan = class("group").plan(&change(Operation::Create(attributes))).unwrap();
    assert_eq!(plan.id, "cn=VO-12,ou=groups,dc=example,dc=se");
    assert_eq!(written(&plan), ["add objectClass=groupOfNames cn=VO-12 member=uid=a,dc=x|uid=b,dc=x|dc=example,dc=se"]);
}

#[test]
fn memberships_travel_as_deltas_and_a_replacement_keeps_the_stand_in() {
    let eva = vec![Value::Reference(EVA.into())];
    let edits = [("member", Edit::Add(eva.clone())), ("member", Edit::Remove(vec![]))];
    assert_eq!(written(&class("group").plan(&update(&edits)).unwrap()), [format!("modify Edit::Add member={EVA}")]);
    let none = [("member", Edit::Replace(vec![]))];
    assert_eq!(
        written(&class("group").plan(&update(&none)).unwrap()),
        ["modify Edit::Replace member=dc=example,dc=se"]
    );
}

#[test]
fn a_new_user_name_renames_the_entry_after_its_other_edits() {
    let plan = class("user").plan(&update(&[("uid", replace("eva2")), ("mail", replace("eva2@x.se"))])).unwrap();
    assert_eq!(plan.id, "uid=eva2,ou=people,dc=example,dc=se");
    assert_eq!(written(&plan), ["modify Edit::Replace uid=eva, Edit::Replace mail=eva2@x.se", "rename uid=eva2 None"]);
    assert!(plan.requests.iter().all(|request| request.dn == EVA));
}

#[test]
fn the_same_user_name_renames_nothing() {
    let plan = class("user").plan(&update(&[("uid", replace("eva"))])).unwrap();
    assert_eq!((plan.id.as_str(), written(&plan)), (EVA, vec!["modify Edit::Replace uid=eva".to_owned()]));
}

#[test]
fn a_new_container_moves_the_entry_and_none_moves_it_home() {
    let moved = class("user").plan(&update(&[("container", replace("ou=gone"))])).unwrap();
    assert_eq!(moved.id, "uid=eva,ou=gone,dc=example,dc=se");
    assert_eq!(written(&moved), ["rename uid=eva Some(\"ou=gone,dc=example,dc=se\")"]);
    let both = class("user").plan(&update(&[("container", replace("ou=gone")), ("uid", replace("e"))])).unwrap();
    assert_eq!(both.id, "uid=e,ou=gone,dc=example,dc=se");
    let home = class("user").plan(&update(&[("container", Edit::Replace(vec![]))])).unwrap();
    assert_eq!((home.id.as_str(), home.requests.len()), (EVA, 0));
}

#[test]
fn disabling_writes_the_attribute_that_the_settings_name() {
    let off = [("enabled", Edit::Replace(vec![false.into()]))];
    let on = [("enabled", Edit::Replace(vec![true.into()]))];
    assert_eq!(
        written(&class("user").plan(&update(&off)).unwrap()),
        ["modify Edit::Replace pwdAccountLockedTime=000001010000Z"]
    );
    assert_eq!(written(&class("user").plan(&update(&on)).unwrap()), ["modify Edit::Replace pwdAccountLockedTime="]);
    let other = layout(r#"{"user":{"disable":{"attribute":"nsAccountLock","value":"TRUE","enabled":"FALSE"}}}"#);
    let plan = other.class("user").unwrap().plan(&update(&on)).unwrap();
    assert_eq!(written(&plan), ["modify Edit::Replace nsAccountLock=FALSE"]);
}

#[test]
fn what_cannot_be_is_refused_with_the_attribute() {
    let user = class("user");
    let fault = |edits: &[(&str, Edit)]| user.plan(&update(edits)).unwrap_err();
    assert_eq!(fault(&[("uid", Edit::Replace(vec![]))]).attribute.as_deref(), Some("uid"));
    assert_eq!(fault(&[("uid", Edit::Remove(vec!["eva".into()]))]).attribute.as_deref(), Some("uid"));
    assert_eq!(fault(&[("enabled", Edit::Add(vec![true.into()]))]).attribute.as_deref(), Some("enabled"));
    assert_eq!(fault(&[("container", Edit::Add(vec!["ou=a".into()]))]).attribute.as_deref(), Some("container"));
    assert_eq!(fault(&[("mail: x\ndn", replace("a"))]).kind, ErrorKind::Invalid);
    let nameless = user.plan(&change(Operation::Create(vec![Attribute::one("sn", "A")]))).unwrap_err();
    assert_eq!(nameless.attribute.as_deref(), Some("uid"));
}

fn entry(dn: &str, attributes: &[(&str, &[&str])]) -> Entry {
    let attributes = attributes
        .iter()
        .map(|(name, values)| ldap::Attribute {
            name: (*name).into(),
            values: values.iter().map(|value| value.as_bytes().to_vec()).collect(),
        })
        .collect();
    Entry { dn: dn.into(), attributes }
}

#[test]
fn an_entry_reads_as_the_object_that_was_asked_for() {
    let own = entry(
        "UID=eva,OU=people,dc=example,dc=se",
        &[
            ("objectclass", &["top", "inetorgperson"]),
            ("Mail", &["a@x.se"]),
            ("pwdAccountLockedTime", &["000001010000Z"]),
        ],
    );
    let names = ["mail", "enabled", "container", "title"].map(str::to_owned);
    assert!(class("user").holds(&own) && !class("group").holds(&own));
    let object = class("user").columns(&names).object(&own, None);
    assert_eq!(object.id, EVA);
    let expected =
        [Attribute::one("mail", "a@x.se"), Attribute::one("enabled", false), Attribute::one("container", "ou=people")];
    assert_eq!(object.attributes, expected);
    let row = class("user").columns(&names).row(&own, None);
    assert_eq!(row.cells[3], Cell::Many(vec![]));
}

#[test]
fn the_stand_in_is_hidden_and_members_are_references() {
    let own = entry("cn=g,ou=groups,dc=example,dc=se", &[("member", &["DC=Example,dc=se", EVA, "uid=bo, dc=x"])]);
    let row = class("group").columns(&["member".to_owned()]).row(&own, None);
    let expected = [EVA, "uid=bo,dc=x"].map(|id| Value::Reference(id.into())).to_vec();
    assert_eq!(row.cells, [Cell::Many(expected)]);
}

#[test]
fn another_member_attribute_still_reads_as_member() {
    let layout = layout(
        r#"{"group":{"object-classes":["groupOfUniqueNames"],"member-attribute":"uniqueMember","empty-member":"cn=nobody"}}"#,
    );
    let group = layout.class("group").unwrap();
    assert_eq!(group.wanted(&["member".to_owned(), "container".to_owned()]), ["uniqueMember"]);
    let plan = group.plan(&update(&[("member", Edit::Replace(vec![Value::Reference(EVA.into())]))])).unwrap();
    assert_eq!(written(&plan), [format!("modify Edit::Replace uniqueMember={EVA}|cn=nobody")]);
    let own = entry("cn=g,dc=example,dc=se", &[("uniqueMember", &[EVA, "cn=nobody"])]);
    let row = group.columns(&["member".to_owned()]).row(&own, None);
    assert_eq!(row.cells, [Cell::One(Value::Reference(EVA.into()))]);
}

#[test]
fn settings_say_what_is_wrong_with_them() {
    let fault = |settings: &str| {
        let settings: BTreeMap<String, ClassSettings> = serde_json::from_str(settings).unwrap();
        Layout::new("dc=se", &settings).unwrap_err()
    };
    assert!(fault(r#"{"device":{}}"#).message.contains("classes.device needs `rdn`"));
    assert!(fault(r#"{"user":{"container":"people"}}"#).message.contains("classes.user.container"));
    assert_eq!(Layout::new("example.se", &BTreeMap::new()).unwrap_err().kind, ErrorKind::Config);
    assert!(serde_json::from_str::<ClassSettings>(r#"{"rnd":"uid"}"#).is_err());
}

#[test]
fn the_filter_cannot_be_left() {
    let layout = layout(r#"{"user":{"object-classes":["person)(uid=*","top"]}}"#);
    assert_eq!(layout.class("user").unwrap().filter(), "(&(objectClass=person\\29\\28uid=\\2a)(objectClass=top))");
}
