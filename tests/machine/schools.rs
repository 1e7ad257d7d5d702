//! Pupils in a domain and in Microsoft 365: a class moves up, somebody changes school, and somebody leaves.

use crate::active_directory::{groups, is_open, value};
use crate::hybrid::{Both, policy};
use crate::world::{ALI, BO, EVA, block};

const SOURCE: &str = r#"
[system.school]
role   = "source"
plugin = "csv"
grant  = ["hr"]

[system.school.settings]
folder = "hr"

[system.school.settings.tables.pupils]
file  = "pupils.csv"
class = "engagement"
id    = ["Number", "School", "Class"]

[system.school.settings.tables.pupils.columns]
identity-number   = "Number"
first-names       = "First"
surname           = "Last"
organisation      = "Municipality"
employment-number = "Number"
unit              = "School"
"csv:class"       = "Class"
start             = "From"
end               = "To"

[system.school.settings.tables.pupils.constants]
kind      = "placement"
protected = false
"#;

fn rules() -> String {
    let classes = "\n[group.class]\ntarget = \"domain\"\nclass = \"group\"\naccount = \"domain\"\nfor-each = \
                   \"engagement.organisation + '-' + engagement.unit + '-' + \
                   engagement.extra['csv:class']\"\n\n[group.class.attributes]\nsAMAccountName = \"'class-' + key\"\n";
    policy()
        .replace("disable-after = \"0 days\"", "disable-after = \"90 days\"")
        .replace("remove-after  = \"60 days\"", "remove-after  = \"150 days\"")
        // Every summer all of them leave their classes.
        .replace("member-removals = { percent = 25, at-least = 5 }", "member-removals = \"off\"")
        + classes
}

#[test]
fn a_pupil_changes_school_and_keeps_the_account() {
    block(async {
        let both = Both::start().await;
        both.source(SOURCE);
        both.world.write("policy.toml", rules());
        let school = |rows: &[String]| {
            let rows = rows.join("\n");
            both.world
                .write("incoming/pupils.csv", format!("Number,First,Last,Municipality,School,Class,From,To\n{rows}\n"));
        };
        let pupil = |number: &str, name: &str, place: &str, days: &str| format!("{number},{name},{place},{days}");
        let ali = pupil(ALI, "Ali,Bergström", "1427,SK-1,4A", "2026-08-17,2027-06-10");
        let eva = pupil(EVA, "Eva,Öberg", "1427,SK-1,4A", "2026-08-17,2027-06-10");
        school(&[ali.clone(), eva.clone()]);
        both.day("2026-08-17").await;
        let name = "eva.oberg@sotenas.example";
        assert_eq!(groups(&both.tree().await, "evaobe"), ["all-sotenas", "class-1427-SK-1-4A", "unit-1427-SK-1"]);
        assert_eq!(both.office.licences(name), ["STANDARDPACK"]);
        let (guid, id) = (value(&both.tree().await, "evaobe", "objectguid"), both.office.id(name));
        both.is_settled("2026-08-17");

        // Another school in the same municipality: another class, the same address and account.
        let left = pupil(EVA, "Eva,Öberg", "1427,SK-1,4A", "2026-08-17,2027-01-08");
        let other = pupil(EVA, "Eva,Öberg", "1427,SK-2,4C", "2027-01-09,2027-06-10");
        school(&[ali.clone(), left, other]);
        both.day("2027-01-09").await;
        assert_eq!(groups(&both.tree().await, "evaobe"), ["all-sotenas", "class-1427-SK-2-4C", "unit-1427-SK-2"]);
        assert_eq!(
            (value(&both.tree().await, "evaobe", "objectguid"), both.office.id(name)),
            (guid.clone(), id.clone())
        );

        // The year ends and the next begins, for one of them in another municipality: accounts stay over the summer.
        let up = pupil(ALI, "Ali,Bergström", "1427,SK-1,5A", "2027-08-17,2028-06-10");
        let away = pupil(EVA, "Eva,Öberg", "1430,SK-7,5B", "2027-08-17,2028-06-10");
        let new = pupil(BO, "Bo,Ek", "1427,SK-1,5A", "2027-08-17,2028-06-10");
        school(&[ali, up.clone(), away.clone(), new.clone()]);
        both.day("2027-06-15").await;
        let tree = both.tree().await;
        assert!(is_open(&tree, "evaobe") && groups(&tree, "evaobe").is_empty(), "nobody goes to school in July");
        both.day("2027-08-17").await;
        let tree = both.tree().await;
        assert_eq!(groups(&tree, "aliber"), ["all-sotenas", "class-1427-SK-1-5A", "unit-1427-SK-1"]);
        assert_eq!(groups(&tree, "evaobe"), ["all-munkedal", "class-1430-SK-7-5B", "unit-1430-SK-7"]);
        let moved = "eva.oberg@munkedal.example";
        assert!(is_open(&tree, "evaobe") && both.office.is_open(moved));
        assert_eq!((value(&tree, "evaobe", "objectguid"), both.office.id(moved)), (guid, id));
        assert_eq!(groups(&tree, "boek"), ["all-sotenas", "class-1427-SK-1-5A", "unit-1427-SK-1"]);
        both.is_settled("2027-08-17");

        // Whoever is no longer in the file leaves.
        school(&[up, away]);
        both.day("2027-09-01").await;
        assert!(groups(&both.tree().await, "boek").is_empty());
        assert!(both.office.licences("bo.ek@sotenas.example").is_empty());
        both.day("2027-11-29").await;
        assert!(is_open(&both.tree().await, "boek"));
        both.day("2027-11-30").await;
        assert!(!is_open(&both.tree().await, "boek") && !both.office.is_open("bo.ek@sotenas.example"));
    });
}
