//! What a unit's answer says, and what no answer may do.

#![allow(clippy::unwrap_used)]

use super::*;

const CHILD: &str = "201501012395";

/// An answer with these parts.
fn answer(memberships: &str, groups: &str, persons: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?><s:Envelope xmlns:s='s'><s:Body><x:extReadBatchResponse xmlns:x='x'><x:extReadBatchResult>\
         <x:syncResponseHeaderInfo><b:statusInfo><b:codeMajor>success</b:codeMajor></b:statusInfo></x:syncResponseHeaderInfo>\
         <x:Enterprice><x:Memberships>{memberships}</x:Memberships><x:Groups>{groups}</x:Groups><x:Persons>{persons}</x:Persons>\
         </x:Enterprice></x:extReadBatchResult></x:extReadBatchResponse></s:Body></s:Envelope>"
    )
}

fn membership(member: &str, kind: &str, role: &str) -> String {
    format!(
        "<x:MembershipDType><m:groupSourcedId><c:identifier>C=1</c:identifier></m:groupSourcedId><m:member><m:memberSourcedId>\
         <c:identifier>{member}</c:identifier></m:memberSourcedId><m:idType>{kind}</m:idType>{role}</m:member></x:MembershipDType>"
    )
}

fn role(begin: &str, end: &str) -> String {
    format!(
        "<m:role><m:roleType>Learner</m:roleType><m:timeFrame><c:begin><c:date>{begin}</c:date></c:begin>{end}</m:timeFrame></m:role>"
    )
}

const PERSON: &str = "<x:PersonIdPairDType><pm:sourcedId><c:identifier>201501012395</c:identifier></pm:sourcedId><pm:person>\
    <p:name><p:partName><p:namePartType>FirstName</p:namePartType><p:namePartValue>Elev</p:namePartValue></p:partName>\
    <p:partName><p:namePartType>lastname</p:namePartType><p:namePartValue>&#214;berg &amp; Co</p:namePartValue></p:partName></p:name>\
    <c:email>elev@example.se</c:email><p:address><p:locality>KUNGSHAMN</p:locality><p:street>Testgatan 1</p:street></p:address>\
    <p:institutionRole><p:institutionRoleType>Student</p:institutionRoleType></p:institutionRole><p:tel><p:telValue/></p:tel>\
    <p:tel><p:telValue>0700</p:telValue></p:tel><p:extension><c:extensionField><c:fieldName>CAREHOLDERone</c:fieldName>\
    <c:fieldValue>198001022386</c:fieldValue></c:extensionField></p:extension></pm:person></x:PersonIdPairDType>";

#[test]
fn everything_of_a_unit_is_read_by_local_names() {
    let groups = "<x:GroupDType><g:description><g:descShort>4A</g:descShort></g:description><g:extension><c:extensionField>\
        <c:fieldName>Identifier</c:fieldName><c:fieldValue>C=1</c:fieldValue></c:extensionField></g:extension></x:GroupDType>";
    let end = "<c:end><c:date>2027-06-11T00:00:00</c:date></c:end>";
    let members = membership(CHILD, "Person", &role("2026-08-18", end)) + &membership("U=1", "2", "");
    let batch = read(answer(&members, groups, PERSON).as_bytes()).unwrap();
    let person = &batch.persons[0];
    assert_eq!((person.first_names.as_deref(), person.surname.as_deref()), (Some("Elev"), Some("Öberg & Co")));
    assert_eq!((person.telephone.as_deref(), person.email.as_deref()), (Some("0700"), Some("elev@example.se")));
    assert!(person.is_pupil && person.guardians == ["198001022386"]);
    assert_eq!((batch.groups[0].get("identifier"), batch.groups[0].get("descshort")), (Some("C=1"), Some("4A")));
    let [pupil, group] = batch.members.as_slice() else { panic!("{batch:?}") };
    let [(Some(Role::Pupil), span, None)] = pupil.roles.as_slice() else { panic!("{pupil:?}") };
    assert_eq!((span.start, span.end), (day("2026-08-18"), day("2027-06-11")));
    assert!(group.is_group && group.roles.is_empty() && batch.nameless == 0);
}

#[test]
fn what_cannot_be_told_is_counted_and_a_wrong_day_is_no_open_end() {
    let members = membership(CHILD, "Person", &role("2026-08-18", "<c:end><c:date>soon</c:date></c:end>"))
        + &membership("", "Person", "")
        + &membership(CHILD, "Robot", "");
    let batch = read(answer(&members, "", "<PersonIdPairDType><person/></PersonIdPairDType>").as_bytes()).unwrap();
    assert_eq!((batch.nameless, batch.members.len()), (3, 1));
    assert_eq!(batch.members[0].roles[0].1, Span::default());
}

#[test]
fn only_a_whole_answer_that_says_success_is_one() {
    let whole = answer(&membership(CHILD, "Person", ""), "", PERSON);
    assert!(read(whole.as_bytes()).is_ok());
    let broken = |text: String| match read(text.as_bytes()).unwrap_err() {
        Trouble::Broken(broken) => broken,
        Trouble::Fault(code) => panic!("{code}"),
    };
    for cut in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
        assert!(matches!(broken(whole[..cut].to_owned()), Broken::Syntax), "{cut}");
    }
    assert_eq!(broken(whole.replace("<b:codeMajor>success", "<b:codeMajor>done")), Broken::Kind);
    assert_eq!(broken(whole.replace("extReadBatchResult", "extReadAllResult")), Broken::Kind);
    assert_eq!(broken(whole.replace("b:statusInfo", "b:state")), Broken::Kind);
    let failed = whole.replace(">success<", ">failure<");
    assert_eq!(read(failed.as_bytes()), Err(Trouble::Fault("failure".to_owned())));
    assert_eq!(broken(whole.replace("?>", "?><!DOCTYPE a [<!ENTITY b 'c'>]>")), Broken::DocumentType);
    assert_eq!(broken(whole.replace("KUNGSHAMN", "&b;")), Broken::Entity);
    assert_eq!(broken(whole.replace("KUNGSHAMN", &"<a>".repeat(200))), Broken::Depth);
    assert_eq!(broken(whole.replace("KUNGSHAMN", &"x".repeat(10_000_000))), Broken::Text);
}

#[test]
fn the_same_memberships_have_the_same_fingerprint() {
    let of = |members: &str| read(answer(members, "", "").as_bytes()).unwrap().fingerprint;
    let (one, other) = (membership("1", "Person", ""), membership("2", "Person", ""));
    assert_eq!(of(&one), of(&one));
    assert_ne!(of(&one), of(&other));
}

#[test]
fn what_changed_stands_in_one_of_three_lists() {
    let updates = |list: &str, kind: &str| {
        answer("", "", "")
            .replace("extReadBatch", "extReadUpdatedMemberships")
            .replace("<x:Enterprice>", &format!("<x:{list}>{}</x:{list}><x:Enterprice>", membership("1", kind, "")))
    };
    for list in ["ChangedMemberships", "StartedMemberships", "EndedMemberships"] {
        let read = read_updates(updates(list, "Person").as_bytes()).unwrap();
        assert_eq!(read.touched, [("1".to_owned(), "C=1".to_owned())]);
        assert!(read_updates(updates(list, "Group").as_bytes()).unwrap().touched.is_empty());
    }
    assert_eq!(read_updates(updates("OtherMemberships", "Person").as_bytes()), Err(Broken::Kind.into()));
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), at in 0_usize..1000) {
        let whole = answer(&membership(CHILD, "Person", ""), "", PERSON).into_bytes();
        let at = at.min(whole.len());
        let odd = [&whole[..at], &bytes, &whole[at..]].concat();
        let _ = (read(&odd), read_updates(&odd), crate::soap::read_units(&odd), crate::soap::read_group(&odd));
    }
}
