//! Skolverket's reference implementation as the judge: the stand-in answers as its schemas demand, and its own samples are
//! read.

#![allow(clippy::unwrap_used)]

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use sluss_plugin_ss12000::group::Group;
use sluss_plugin_ss12000::person::Person;
use sluss_plugin_ss12000::protection::Protection;
use sluss_test_servers::ss12000::people::{crowd, school};
use sluss_test_servers::ss12000::school::Query;

macro_rules! vendored {
    ($path:literal) => {
        include_str!(concat!("../../../tests/servers/vendor/dnp-ss12000-reference-api/", $path))
    };
}

const SCHEMAS: [&str; 9] = [
    vendored!("schema/duty.schema.json"),
    vendored!("schema/email.schema.json"),
    vendored!("schema/enrolment.schema.json"),
    vendored!("schema/group-membership.schema.json"),
    vendored!("schema/group.schema.json"),
    vendored!("schema/object-reference.schema.json"),
    vendored!("schema/organisation.schema.json"),
    vendored!("schema/person-civic-no.schema.json"),
    vendored!("schema/person.schema.json"),
];

fn registry() -> Registry<'static> {
    let mut registry = Registry::new();
    for schema in SCHEMAS {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let id = schema["$id"].as_str().unwrap().to_owned();
        registry = registry.add(format!("json-schema://{id}"), schema).unwrap();
    }
    registry.prepare().unwrap()
}

fn validator(registry: &Registry<'static>, name: &str) -> Validator {
    let schema = json!({"$ref": format!("json-schema:///schemas/{name}")});
    jsonschema::options().with_registry(registry).should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn the_stand_in_answers_as_the_schemas_demand() {
    let registry = registry();
    let mut school = school(1_795_339_200);
    crowd(&mut school, 100);
    for (path, name) in
        [("/organisations", "organisation"), ("/groups", "group"), ("/duties", "duty"), ("/persons", "person")]
    {
        let validator = validator(&registry, name);
        let (status, body) = school.answer(path, &Query::new());
        let records = body["data"].as_array().unwrap();
        assert!(status == 200 && !records.is_empty());
        for record in records {
            // The schemas want a mark that is there to be one of three; somebody has another, so that it is tried.
            let mut record = record.clone();
            if record["familyName"] == "Fyra" {
                record["securityMarking"] = json!("Ingen");
            }
            let faults: Vec<String> = validator.iter_errors(&record).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{path} {}: {faults:?}", record["id"]);
        }
        // A schema that accepts everything would prove nothing.
        let mut odd = records[0].clone();
        odd.as_object_mut().unwrap().remove("id");
        assert!(!validator.is_valid(&odd), "{path}");
    }
}

#[test]
fn the_samples_are_read() {
    let sample: Value = serde_json::from_str(vendored!("sampledata/person.json")).unwrap();
    let person = Person::read("123456789".into(), &sample);
    let identity = person.identity.as_ref().unwrap();
    // Its last digit is wrong, and it is given as it is.
    assert_eq!(person.number(), Some("200112240129"));
    assert_eq!(identity.surname.as_deref(), Some("Family Name Test"));
    assert_eq!(identity.email.as_deref(), Some("elev1@soderhavetsgymnasium.se"));
    assert_eq!(identity.protection, Protection::Unknown);
    let told = person.enrolments[0].told.as_ref().unwrap();
    assert_eq!((told.school_form.as_deref(), told.year.as_deref(), told.is_cancelled), (Some("GY"), Some("1"), false));
    assert!(person.unclear.is_none());
    let sample: Value = serde_json::from_str(vendored!("sampledata/group_json.json")).unwrap();
    let group = Group::read("g".into(), &sample).unwrap();
    assert_eq!((group.kind, &*group.unit), ("teaching", "b60a032a-afbc-595c-b167-b8b767be0e23"));
    assert_eq!(&*group.members[0].person, "3b0840e9-fb9c-4618-9732-9f6f1627d038");
}
