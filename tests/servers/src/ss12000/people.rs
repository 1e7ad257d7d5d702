//! A made-up municipality with a school, a gymnasium and a preschool.
//!
//! Numbers are those that Skatteverket publishes for tests, temporary ones (TF) that nobody has, and one of the
//! specification's own examples, whose last digit is wrong.

use super::school::School;
use serde_json::{Value, json};

/// The municipality, as the settings call it.
pub const MUNICIPALITY: &str = "1427";

/// The id of what has this number in the made-up world.
pub fn id(number: u32) -> String {
    format!("5c001200-0000-4000-8000-{number:012}")
}

/// Organisations.
pub mod organisation {
    /// The municipality.
    pub const TOP: u32 = 1;
    /// A school, above its unit.
    pub const SCHOOL: u32 = 2;
    /// Its unit.
    pub const UNIT: u32 = 3;
    /// A gymnasium.
    pub const GYMNASIUM: u32 = 4;
    /// A preschool, which has no code.
    pub const PRESCHOOL: u32 = 5;
}

/// Groups.
pub mod group {
    /// Class 4A.
    pub const CLASS_4A: u32 = 101;
    /// Class 5B.
    pub const CLASS_5B: u32 = 102;
    /// A teaching group in the same school.
    pub const MATHS: u32 = 103;
    /// A department of the preschool.
    pub const ANTS: u32 = 104;
    /// A teaching group of the gymnasium, where nobody has a class.
    pub const SWEDISH: u32 = 105;
}

/// Persons.
pub mod person {
    /// A pupil in 4A with two guardians, one of whom nobody knows.
    pub const ELSA: u32 = 201;
    /// A pupil with a temporary number in 4A, who changes to 5B.
    pub const TEMPORARY: u32 = 202;
    /// A pupil of the gymnasium whose number has a wrong last digit.
    pub const INVALID: u32 = 203;
    /// A pupil with sekretessmarkering in 5B.
    pub const MARKED: u32 = 204;
    /// A pupil with skyddad folkbokföring in 5B.
    pub const HIDDEN: u32 = 205;
    /// A pupil without a mark.
    pub const UNMARKED: u32 = 206;
    /// A pupil with a mark of which nobody heard.
    pub const ODD: u32 = 207;
    /// A pupil who died.
    pub const DEAD: u32 = 208;
    /// A pupil who emigrated.
    pub const EMIGRATED: u32 = 209;
    /// Somebody whose only enrolment was cancelled.
    pub const CANCELLED: u32 = 210;
    /// A pupil who left the school for the gymnasium.
    pub const MOVED: u32 = 211;
    /// A child in the preschool.
    pub const CHILD: u32 = 212;
    /// A guardian.
    pub const GUARDIAN: u32 = 213;
    /// A guardian who teaches.
    pub const TEACHER: u32 = 214;
}

/// A placement.
pub const PLACEMENT: u32 = 301;
/// A duty.
pub const DUTY: u32 = 302;

/// A reference.
pub fn to(number: u32) -> Value {
    json!({"id": id(number)})
}

/// Somebody of whom nothing special is known.
pub fn somebody(number: u32, civic: &str, given: &str, surname: &str) -> Value {
    json!({
        "id": id(number), "givenName": given, "middleName": null, "familyName": surname,
        "eduPersonPrincipalNames": [format!("e{number}@skola.example.org")],
        "civicNo": {"value": civic, "nationality": "SE"},
        "securityMarking": "Ingen", "personStatus": "Aktiv",
        "emails": [{"value": format!("e{number}@skola.example.org"), "type": "Skola elev"}],
    })
}

/// An enrolment in the school, in a year.
pub fn enrolment(unit: u32, form: &str, year: u32, start: &str, end: Option<&str>) -> Value {
    json!({
        "enroledAt": to(unit), "schoolType": form, "schoolYear": year, "startDate": start, "endDate": end,
        "cancelled": false, "educationCode": "EK",
    })
}

/// A membership.
pub fn member(number: u32, start: Option<&str>, end: Option<&str>) -> Value {
    json!({"person": to(number), "startDate": start, "endDate": end})
}

/// A group.
pub fn a_group(number: u32, name: &str, kind: &str, form: &str, unit: u32, members: Vec<Value>) -> Value {
    json!({
        "id": id(number), "displayName": name, "groupType": kind, "schoolType": form, "organisation": to(unit),
        "startDate": "2026-08-18", "endDate": null, "groupMemberships": members,
    })
}

/// The made-up world, as it is at this moment.
pub fn school(now: i64) -> School {
    use group::{ANTS, CLASS_4A, CLASS_5B, MATHS, SWEDISH};
    use organisation::{GYMNASIUM, PRESCHOOL, SCHOOL, TOP, UNIT};
    use person::*;
    let mut school = School::default();
    school.now = now;
    for (number, kind, name, code, parent) in [
        (TOP, "Huvudman", "Sotenäs kommun", "", None),
        (SCHOOL, "Skola", "Havsskolan", "12345678", Some(TOP)),
        (UNIT, "Skolenhet", "Havsskolan 4–6", "12345678", Some(SCHOOL)),
        (GYMNASIUM, "Skolenhet", "Bohusgymnasiet", "87654321", Some(TOP)),
        (PRESCHOOL, "Skolenhet", "Förskolan Myrstacken", "", Some(TOP)),
    ] {
        let mut record = json!({
            "id": id(number), "displayName": name, "organisationType": kind, "schoolUnitCode": code,
            "parentOrganisation": parent.map(to),
        });
        if number == TOP {
            record["municipalityCode"] = json!(MUNICIPALITY);
        }
        school.put("organisations", record);
    }
    let year4 = || enrolment(UNIT, "GR", 4, "2026-08-18", Some("2027-06-11"));
    let year5 = || enrolment(UNIT, "GR", 5, "2025-08-18", None);
    let gymnasium = || enrolment(GYMNASIUM, "GY", 1, "2026-08-18", None);
    for (number, civic, given, surname, enrolments) in [
        (ELSA, "201501012395", "Elsa", "Öberg", vec![year4()]),
        (TEMPORARY, "20150315TF01", "Temp", "Ny", vec![year4()]),
        (INVALID, "200112240123", "Fel", "Siffra", vec![gymnasium()]),
        (MARKED, "20140101TF02", "Hemlig", "Ett", vec![year5()]),
        (HIDDEN, "20140202TF13", "Hemlig", "Två", vec![year5()]),
        (UNMARKED, "20140303TF05", "Hemlig", "Tre", vec![year5()]),
        (ODD, "20140404TF06", "Hemlig", "Fyra", vec![year5()]),
        (DEAD, "20140505TF07", "Död", "Fem", vec![year5()]),
        (EMIGRATED, "20140606TF08", "Utflyttad", "Sex", vec![year5()]),
        (
            CANCELLED,
            "20150707TF09",
            "Inställd",
            "Sju",
            vec![{
                let mut cancelled = year4();
                cancelled["cancelled"] = json!(true);
                cancelled
            }],
        ),
        (
            MOVED,
            "20100808TF10",
            "Flyttad",
            "Åtta",
            vec![enrolment(UNIT, "GR", 9, "2020-08-18", Some("2026-06-11")), gymnasium()],
        ),
        (CHILD, "20220909TF11", "Barn", "Nio", vec![]),
        (GUARDIAN, "198001022386", "Vera", "Vårdnad", vec![]),
        (TEACHER, "194107086995", "Tora", "Lärare", vec![]),
    ] {
        let mut record = somebody(number, civic, given, surname);
        if !enrolments.is_empty() {
            record["enrolments"] = json!(enrolments);
        }
        let guardian = |number: u32| json!({"person": to(number), "relationType": "Vårdnadshavare"});
        match number {
            // The second one is no person of the system's.
            ELSA => record["responsibles"] = json!([guardian(GUARDIAN), guardian(999)]),
            CHILD => record["responsibles"] = json!([guardian(TEACHER), guardian(GUARDIAN)]),
            MARKED => record["securityMarking"] = json!("Sekretessmarkering"),
            HIDDEN => record["securityMarking"] = json!("Skyddad folkbokföring"),
            ODD => record["securityMarking"] = json!("ingen"),
            UNMARKED => drop(record.as_object_mut().map(|own| own.remove("securityMarking"))),
            DEAD => record["personStatus"] = json!("Avliden"),
            EMIGRATED => record["personStatus"] = json!("Utvandrad"),
            TEACHER => record["emails"] = json!([{"value": "tora@example.org", "type": "Skola personal"}]),
            _ => {}
        }
        school.put("persons", record);
    }
    let all = |list: &[u32]| list.iter().map(|number| member(*number, Some("2026-08-18"), None)).collect();
    let mut fourth: Vec<Value> = all(&[ELSA, CANCELLED]);
    fourth.push(member(TEMPORARY, Some("2026-08-18"), Some("2026-10-31")));
    let mut fifth: Vec<Value> = all(&[MARKED, HIDDEN, UNMARKED, ODD, DEAD, EMIGRATED]);
    fifth.push(member(TEMPORARY, Some("2026-11-09"), None));
    // Somebody who is no person of the system's.
    fifth.push(member(998, None, None));
    school.put("groups", a_group(CLASS_4A, "4A", "Klass", "GR", UNIT, fourth));
    school.put("groups", a_group(CLASS_5B, "5B", "Klass", "GR", UNIT, fifth));
    school.put("groups", a_group(MATHS, "Ma4", "Undervisning", "GR", UNIT, all(&[ELSA, TEMPORARY])));
    school.put("groups", a_group(ANTS, "Myran", "Avdelning", "FS", PRESCHOOL, all(&[CHILD])));
    school.put("groups", a_group(SWEDISH, "Sv1", "Undervisning", "GY", GYMNASIUM, all(&[INVALID, MOVED])));
    school.put(
        "placements",
        json!({
            "id": id(PLACEMENT), "child": to(CHILD), "placedAt": to(PRESCHOOL), "group": to(ANTS), "schoolType": "FS",
            "startDate": "2026-08-18", "endDate": null, "owners": [to(GUARDIAN)],
        }),
    );
    school.put(
        "duties",
        json!({
            "id": id(DUTY), "person": to(TEACHER), "dutyAt": to(UNIT), "dutyRole": "Lärare", "dutyPercent": 75,
            "startDate": "2020-01-01", "endDate": null, "assignmentRole": [],
        }),
    );
    school
}

/// Adds so many more pupils, thirty in each class, all with temporary numbers.
pub fn crowd(school: &mut School, count: u32) {
    for class in 0..count.div_ceil(30) {
        let pupils = (class * 30..count.min((class + 1) * 30)).map(|at| 10_000 + at);
        let number = 5_000 + class;
        let name = format!("{}{}", class % 9 + 1, class);
        for pupil in pupils.clone() {
            let civic =
                format!("201{}{:02}{:02}TF{:02}", pupil % 10, pupil / 10 % 12 + 1, pupil / 120 % 28 + 1, pupil / 3360);
            let mut record = somebody(pupil, &civic, "Elev", &format!("Nummer {pupil}"));
            record["enrolments"] = json!([enrolment(organisation::UNIT, "GR", class % 9 + 1, "2026-08-18", None)]);
            school.put("persons", record);
        }
        let members = pupils.map(|pupil| member(pupil, None, None)).collect();
        school.put("groups", a_group(number, &name, "Klass", "GR", organisation::UNIT, members));
    }
}
