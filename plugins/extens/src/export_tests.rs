//! What an export says, and what no export may do.

#![allow(clippy::unwrap_used)]

use super::*;

const PERSON: &str = "<person recstatus='2'><sourcedid><source>EXTENS</source><id>g1</id></sourcedid><name><n><family>\u{d6}berg</family>\
    <given>Elev</given></n></name><email/><tel teltype='voice'>1</tel><tel teltype='mobile'>2</tel><adr><street>S 1</street></adr>\
    <institutionrole roletype='Student' primaryrole='Yes'/><extension><ssn>20150101-2395</ssn><yeargroups><yeargroup unit='U'>4</yeargroup>\
    </yeargroups><carerrelationship recstatus='1'><sourcedid><id>c1</id></sourcedid></carerrelationship><carerrelationship recstatus='3'>\
    <sourcedid><id>c2</id></sourcedid></carerrelationship></extension></person>";

fn export(content: &str) -> String {
    format!("<?xml version='1.0' encoding='utf-8'?><enterprise><properties lang='sv'/>{content}</enterprise>")
}

fn items(document: &[u8]) -> Result<Vec<Item>, Broken> {
    let mut items = Vec::new();
    read(document, |item| items.push(item)).map_err(Halt::broken)?;
    Ok(items)
}

#[test]
fn a_person_is_read_with_years_and_children() {
    let items = items(export(PERSON).as_bytes()).unwrap();
    let [Item::Person(person)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((person.id.as_deref(), person.number.as_deref()), (Some("g1"), Some("20150101-2395")));
    assert_eq!((person.surname.as_deref(), person.telephone.as_deref()), (Some("Öberg"), Some("2")));
    assert_eq!((person.email.as_deref(), person.state, person.is_pupil), (None, Some(State::Present), true));
    assert_eq!(
        (person.years.as_slice(), person.children.as_slice()),
        ([("U".into(), "4".into())].as_slice(), ["c1".to_owned()].as_slice())
    );
}

#[test]
fn groups_and_memberships_are_read() {
    let group = "<group recstatus='3'><sourcedid><id>C</id></sourcedid><grouptype><typevalue level='2'>Klass</typevalue></grouptype>\
        <description><short>4A</short></description><org><type>GR</type></org><relationship relation='1'><sourcedid><id>P</id></sourcedid>\
        <label>Parent</label></relationship><extension><schoolunit>Skola</schoolunit><institution>U</institution></extension></group>";
    let member = "<member><sourcedid><id>g1</id></sourcedid><idtype>1</idtype><role recstatus='1' roletype='2'><subrole>L\u{e4}rare</subrole>\
        <status>0</status></role></member>";
    let membership = format!(
        "<membership><sourcedid><id>C</id></sourcedid>{member}</membership><membership><sourcedid><id>D</id></sourcedid></membership>"
    );
    let items = items(export(&(group.to_owned() + &membership)).as_bytes()).unwrap();
    let [Item::Group(group), Item::Membership(one), Item::Membership(none)] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(
        (group.state, group.name.as_deref(), group.parent.as_deref()),
        (Some(State::Gone), Some("4A"), Some("P"))
    );
    assert_eq!(
        (group.kind.as_deref(), group.form.as_deref(), group.institution.as_deref()),
        (Some("Klass"), Some("GR"), Some("U"))
    );
    let role = &one.members[0].roles[0];
    assert_eq!((role.state, role.role, role.title.as_deref()), (State::Gone, Some(Role::Staff), Some("Lärare")));
    assert!(none.members.is_empty() && none.group.as_deref() == Some("D"));
}

#[test]
fn letters_are_written_as_the_prolog_says() {
    let latin: Vec<u8> = export(PERSON)
        .replace("utf-8", "iso-8859-1")
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    assert_eq!(items(&latin), items(export(PERSON).as_bytes()));
    assert_eq!(items(export(PERSON).replace("utf-8", "iso-8859-1").as_bytes()), Err(Broken::Letters));
}

#[test]
fn only_a_whole_export_is_one() {
    let whole = export(PERSON);
    for cut in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
        assert_eq!(items(&whole.as_bytes()[..cut]), Err(Broken::Syntax), "{cut}");
    }
    assert_eq!(items(whole.replace("enterprise", "html").as_bytes()), Err(Broken::Kind));
    assert_eq!(items(b"<html/>"), Err(Broken::Kind));
    assert_eq!(items(whole.replace("?>", "?><!DOCTYPE a SYSTEM 'x'>").as_bytes()), Err(Broken::DocumentType));
    assert_eq!(items(whole.replace("Elev", "&a;").as_bytes()), Err(Broken::Entity));
    assert_eq!(items(whole.replace("Elev", &"<a>".repeat(200)).as_bytes()), Err(Broken::Depth));
    assert_eq!(items(whole.replace("Elev", &"x".repeat(10_000_000)).as_bytes()), Err(Broken::Text));
    assert!(items(export("").as_bytes()).unwrap().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), at in 0_usize..1000) {
        let whole = export(PERSON).into_bytes();
        let at = at.min(whole.len());
        let _ = items(&[&whole[..at], &bytes, &whole[at..]].concat());
    }
}
