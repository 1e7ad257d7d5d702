//! What changes mean for the domain, and what is refused of them.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::class::Layout;
use crate::fake::{BASE, notation};
use crate::settings::Classes;
use sluss_sdk::{Date, ErrorKind};

const GUID: &str = "03020100-0504-0706-0809-0a0b0c0d0e0f";

fn layout(settings: &str) -> Layout {
    let settings: Classes = serde_json::from_str(settings).unwrap();
    Layout::new(&BASE.to_lowercase().replace("town", "Town"), &settings).unwrap()
}

const WAYS: Ways = Ways { password: FirstPassword::Add, must_change: true, exchange: false };

fn create_as(layout: &Layout, class: &str, ways: Ways, attributes: &[Attribute]) -> Result<Vec<String>, Error> {
    let plan = layout.class(class)?.create(7, attributes, ways, || Ok("stand-in".into()))?;
    Ok(plan.requests.iter().map(notation).collect())
}

fn create(attributes: &[Attribute]) -> Result<Vec<String>, Error> {
    create_as(&layout("{}"), "user", WAYS, attributes)
}

fn update_as(
    layout: &Layout,
    class: &str,
    ways: Ways,
    edits: &[(&str, Edit)],
    seat: &Seat,
) -> Result<Vec<String>, Error> {
    let modifications =
        edits.iter().map(|(name, edit)| Modification { attribute: (*name).into(), edit: edit.clone() }).collect();
    let update = Update { id: GUID.into(), version: None, modifications };
    let plan = layout.class(class)?.update(7, &update, seat, ways)?;
    Ok(plan.requests.iter().map(notation).collect())
}

fn update(edits: &[(&str, Edit)]) -> Result<Vec<String>, Error> {
    update_as(&layout("{}"), "user", WAYS, edits, &seat())
}

fn seat() -> Seat {
    let dn = Dn::parse(&format!("CN=eva,OU=People,{BASE}")).unwrap();
    Seat { dn, control: Some(66_048), account: Some("Eva".into()) }
}

fn replace(value: impl Into<Value>) -> Edit {
    Edit::Replace(vec![value.into()])
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> (ErrorKind, String) {
    let error = result.unwrap_err();
    (error.kind, error.attribute.unwrap_or_default())
}

fn eva() -> Vec<Attribute> {
    vec![Attribute::one("sAMAccountName", "eva"), Attribute::one("sn", "Öberg")]
}

#[test]
fn an_account_is_made_with_its_password_in_one_request() {
    let manager = Attribute::one("manager", Value::Reference(GUID.into()));
    let attributes = [eva(), vec![manager, Attribute::many("title", Vec::<Value>::new())]].concat();
    let expected = format!(
        "add cn=eva,ou=People objectClass=user sAMAccountName=eva sn=Öberg manager=<GUID={GUID}> userAccountControl=512 \
         unicodePwd=stand-in pwdLastSet=0"
    );
    assert_eq!(create(&attributes).unwrap(), [expected]);
    let closed = [eva(), vec![Attribute::one("enabled", false), Attribute::one("cn", "Eva Öberg")]].concat();
    let ways = Ways { must_change: false, ..WAYS };
    let expected = "add cn=Eva Öberg,ou=People objectClass=user sAMAccountName=eva sn=Öberg userAccountControl=514 \
                    unicodePwd=stand-in";
    assert_eq!(create_as(&layout("{}"), "user", ways, &closed).unwrap(), [expected]);
    let ways = Ways { password: FirstPassword::None, ..WAYS };
    let expected = "add cn=eva,ou=People objectClass=user sAMAccountName=eva sn=Öberg userAccountControl=512";
    assert_eq!(create_as(&layout("{}"), "user", ways, &eva()).unwrap(), [expected]);
}

#[test]
fn a_password_can_have_a_request_of_its_own_before_the_account_is_opened() {
    let ways = Ways { password: FirstPassword::Modify, ..WAYS };
    let written = create_as(&layout("{}"), "user", ways, &eva()).unwrap();
    assert_eq!(
        written,
        [
            "add cn=eva,ou=People objectClass=user sAMAccountName=eva sn=Öberg userAccountControl=514",
            "modify cn=eva,ou=People Replace unicodePwd=stand-in",
            "modify cn=eva,ou=People Replace pwdLastSet=0, Replace userAccountControl=512",
        ]
    );
    let closed = [eva(), vec![Attribute::one("enabled", false)]].concat();
    let ways = Ways { must_change: false, ..ways };
    assert_eq!(create_as(&layout("{}"), "user", ways, &closed).unwrap().len(), 2);
}

#[test]
fn the_operator_says_what_names_entries_and_where_they_stand() {
    let layout = layout(r#"{"user":{"rdn":"displayName","container":"OU=Staff,OU=Kommun"},"group":{"container":""}}"#);
    let named = [eva(), vec![Attribute::one("displayName", "Eva, Öberg")]].concat();
    let written = create_as(&layout, "user", WAYS, &named).unwrap();
    assert!(written[0].starts_with("add cn=Eva\\, Öberg,ou=Staff,ou=Kommun "), "{written:?}");
    assert!(written[0].contains(" displayName=Eva, Öberg "));
    assert_eq!(refusal(create_as(&layout, "user", WAYS, &eva())), (ErrorKind::Invalid, "displayName".into()));
    let both = [named, vec![Attribute::one("cn", "Eva")]].concat();
    assert_eq!(refusal(create_as(&layout, "user", WAYS, &both)), (ErrorKind::Config, "cn".into()));
    let elsewhere = [eva(), vec![Attribute::one("container", "OU=North")]].concat();
    assert!(create(&elsewhere).unwrap()[0].starts_with("add cn=eva,ou=North "));
    let group = [Attribute::one("sAMAccountName", "all")];
    assert!(create_as(&layout, "group", WAYS, &group).unwrap()[0].starts_with("add cn=all objectClass=group "));
}

#[test]
fn a_group_is_what_its_words_say() {
    let group = |more: &[(&str, &str)]| {
        let more = more.iter().map(|(name, value)| Attribute::one(*name, *value));
        let member = Attribute::one("member", Value::Reference(GUID.into()));
        let attributes: Vec<Attribute> =
            [Attribute::one("sAMAccountName", "all"), member].into_iter().chain(more).collect();
        create_as(&layout("{}"), "group", WAYS, &attributes)
    };
    let expected =
        format!("add cn=all,ou=Groups objectClass=group sAMAccountName=all member=<GUID={GUID}> groupType=-2147483646");
    assert_eq!(group(&[]).unwrap(), [expected]);
    assert!(group(&[("kind", "distribution"), ("scope", "universal")]).unwrap()[0].ends_with(" groupType=8"));
    assert_eq!(refusal(group(&[("kind", "mail")])), (ErrorKind::Invalid, "kind".into()));
    assert_eq!(refusal(group(&[("scope", "forest")])), (ErrorKind::Invalid, "scope".into()));
    let changed = update_as(&layout("{}"), "group", WAYS, &[("scope", replace("global"))], &seat());
    assert_eq!(refusal(changed), (ErrorKind::Invalid, "scope".into()));
}

#[test]
fn opening_and_closing_changes_one_bit_and_nothing_that_is_so_already() {
    let close = [("enabled", replace(false)), ("title", replace("Chef"))];
    assert_eq!(
        update(&close).unwrap(),
        ["modify cn=eva,ou=People Replace userAccountControl=66050, Replace title=Chef"]
    );
    assert_eq!(update(&[("enabled", replace(true))]).unwrap(), Vec::<String>::new());
    assert_eq!(update(&[("enabled", Edit::Replace(Vec::new()))]).unwrap(), Vec::<String>::new());
    let blind = Seat { control: None, ..seat() };
    assert_eq!(
        refusal(update_as(&layout("{}"), "user", WAYS, &close, &blind)),
        (ErrorKind::Permission, "enabled".into())
    );
    assert_eq!(refusal(update(&[("enabled", replace("no"))])).0, ErrorKind::Invalid);
}

#[test]
fn the_last_day_is_the_midnight_after_it() {
    let last = Value::Date(Date::new(2026, 12, 31).unwrap());
    let written = update(&[("expires", Edit::Replace(vec![last.clone()]))]).unwrap();
    assert_eq!(written, ["modify cn=eva,ou=People Replace accountExpires=134432316000000000"]);
    let written = update(&[("expires", Edit::Replace(Vec::new()))]).unwrap();
    assert_eq!(written, ["modify cn=eva,ou=People Replace accountExpires=9223372036854775807"]);
    let made = create(&[eva(), vec![Attribute { name: "expires".into(), values: vec![last] }]].concat()).unwrap();
    assert!(made[0].contains(" accountExpires=134432316000000000 "));
    assert!(
        !create(&[eva(), vec![Attribute::many("expires", Vec::<Value>::new())]].concat()).unwrap()[0]
            .contains("Expires")
    );
    let written = update(&[("expires", replace("2026-12-31"))]).unwrap();
    assert_eq!(written, ["modify cn=eva,ou=People Replace accountExpires=134432316000000000"]);
    assert_eq!(refusal(update(&[("expires", replace("2026-13-31"))])), (ErrorKind::Invalid, "expires".into()));
}

#[test]
fn an_entry_gets_another_name_when_what_names_it_changes() {
    let renamed = "rename cn=eva,ou=People cn=Eva Berg -";
    assert_eq!(update(&[("cn", replace("Eva Berg"))]).unwrap(), [renamed]);
    let both = [("cn", replace("Eva Berg")), ("container", replace("OU=North")), ("sn", replace("Berg"))];
    let moved = "rename cn=eva,ou=People cn=Eva Berg ou=North";
    assert_eq!(update(&both).unwrap(), ["modify cn=eva,ou=People Replace sn=Berg", moved]);
    // Named by the user name, because the policy gives no `cn`.
    let account = [("sAMAccountName", replace("evaber"))];
    let edit = "modify cn=eva,ou=People Replace sAMAccountName=evaber";
    assert_eq!(update(&account).unwrap(), [edit, "rename cn=eva,ou=People cn=evaber -"]);
    let other = Seat { account: Some("somebody".into()), ..seat() };
    assert_eq!(update_as(&layout("{}"), "user", WAYS, &account, &other).unwrap(), [edit]);
    assert_eq!(update(&[("cn", replace("EVA"))]).unwrap(), ["rename cn=eva,ou=People cn=EVA -"]);
    assert_eq!(update(&[("cn", Edit::Replace(Vec::new()))]).unwrap(), Vec::<String>::new());
    assert_eq!(update(&[("container", replace("ou=people"))]).unwrap(), Vec::<String>::new());
    assert_eq!(refusal(update(&[("cn", Edit::Add(vec!["x".into()]))])), (ErrorKind::Invalid, "cn".into()));
    let layout = layout(r#"{"user":{"rdn":"displayName"}}"#);
    let shown = [("displayName", replace("Eva Berg"))];
    let written = update_as(&layout, "user", WAYS, &shown, &seat()).unwrap();
    assert_eq!(written, ["modify cn=eva,ou=People Replace displayName=Eva Berg", renamed]);
    let empty = [("displayName", Edit::Replace(Vec::new()))];
    assert_eq!(refusal(update_as(&layout, "user", WAYS, &empty, &seat())).1, "displayName");
}

#[test]
fn what_has_to_be_known_before_is_asked_for_and_nothing_else() {
    let needs = |class: &str, names: &[&str]| {
        let modifications =
            names.iter().map(|name| Modification { attribute: (*name).into(), edit: replace("x") }).collect();
        layout("{}").class(class).unwrap().needs(&Update { id: GUID.into(), version: None, modifications })
    };
    assert_eq!(needs("user", &["title", "member", "cn"]), Needs::default());
    assert_eq!(needs("user", &["enabled"]), Needs { control: true, account: false });
    assert_eq!(needs("user", &["SamAccountName"]), Needs { control: false, account: true });
    assert_eq!(needs("user", &["sAMAccountName", "cn"]), Needs::default());
    assert_eq!(needs("group", &["enabled"]), Needs::default());
}

#[test]
fn members_come_and_go_by_their_ids() {
    let reference = || vec![Value::Reference(GUID.into())];
    let edits =
        [("member", Edit::Remove(reference())), ("member", Edit::Add(reference())), ("member", Edit::Add(Vec::new()))];
    let written = update_as(&layout("{}"), "group", WAYS, &edits, &seat()).unwrap();
    assert_eq!(written, [format!("modify cn=eva,ou=People Remove member=<GUID={GUID}>, Add member=<GUID={GUID}>")]);
    let stranger = [("member", Edit::Add(vec![Value::Reference("uid=eva".into())]))];
    let refused = update_as(&layout("{}"), "group", WAYS, &stranger, &seat());
    assert_eq!(refusal(refused), (ErrorKind::Invalid, "member".into()));
}

#[test]
fn exchange_is_written_only_where_the_operator_says_so() {
    let remote = [("remote-mailbox", replace(true)), ("mailNickname", replace("eva"))];
    assert_eq!(refusal(update(&remote)), (ErrorKind::Config, "remote-mailbox".into()));
    let hybrid = Ways { exchange: true, ..WAYS };
    let written = update_as(&layout("{}"), "user", hybrid, &remote, &seat()).unwrap();
    let expected = "modify cn=eva,ou=People Replace msExchRemoteRecipientType=1, Replace \
                    msExchRecipientDisplayType=-2147483642, Replace msExchRecipientTypeDetails=2147483648, Replace \
                    mailNickname=eva";
    assert_eq!(written, [expected]);
    let written = update_as(&layout("{}"), "user", hybrid, &[("remote-mailbox", replace(false))], &seat()).unwrap();
    assert!(written[0].contains("Replace msExchRecipientTypeDetails=,") || written[0].ends_with("TypeDetails="));
    let attributes = [eva(), vec![Attribute::one("remote-mailbox", false)]].concat();
    assert!(!create_as(&layout("{}"), "user", WAYS, &attributes).unwrap()[0].contains("msExch"));
    let attributes = [eva(), vec![Attribute::one("msExchHideFromAddressLists", true)]].concat();
    assert!(create_as(&layout("{}"), "user", hybrid, &attributes).unwrap()[0].contains("AddressLists=TRUE"));
}

#[test]
fn values_are_written_as_the_directory_has_them() {
    let day = Value::Date(Date::new(2026, 1, 2).unwrap());
    let written = update(&[("msDS-cloudExtensionAttribute1", replace(true)), ("whenMoved", Edit::Replace(vec![day]))]);
    let expected =
        "modify cn=eva,ou=People Replace msDS-cloudExtensionAttribute1=TRUE, Replace whenMoved=20260102000000.0Z";
    assert_eq!(written.unwrap(), [expected]);
    let moment = [("whenMoved", Edit::Replace(vec![Value::Timestamp(1)]))];
    assert!(update(&moment).unwrap()[0].ends_with("=19700101000000.0Z"));
}

#[test]
fn a_change_that_cannot_be_is_refused_before_it_is_sent() {
    assert_eq!(refusal(create(&[Attribute::one("cn", "Eva")])), (ErrorKind::Invalid, "sAMAccountName".into()));
    let long = [Attribute::one("sAMAccountName", "a-name-of-21-characters")];
    assert_eq!(refusal(create(&long)), (ErrorKind::Invalid, "sAMAccountName".into()));
    let named = |cn: &str| create(&[eva(), vec![Attribute::one("cn", cn)]].concat());
    assert_eq!(refusal(named(&"x".repeat(65))), (ErrorKind::Invalid, "cn".into()));
    for name in ["memberOf", "userAccountControl", "objectGUID", "unicodePwd", "pwdLastSet"] {
        assert_eq!(refusal(update(&[(name, replace("x"))])), (ErrorKind::Invalid, name.into()));
        assert_eq!(
            refusal(create(&[eva(), vec![Attribute::one(name, "x")]].concat())),
            (ErrorKind::Invalid, name.into())
        );
    }
    assert_eq!(refusal(update(&[("container", replace("North"))])).1, "container");
}
