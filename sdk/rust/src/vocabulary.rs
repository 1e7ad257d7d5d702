//! The published vocabulary: the classes and attributes that sources speak.
//!
//! It is here once, so that every source describes itself in the same words and a policy need not know where a person
//! comes from. `wit/README.md` explains it for people; what a system has beyond it goes under the plugin's own prefix.

use crate::{AttributeInfo, ClassInfo};

/// A dated engagement of a person: an employment, a pupil's placement, a guest's stay. One record for each, carrying the
/// person's own attributes too where the system gives them together.
pub fn engagement() -> ClassInfo {
    ClassInfo::new("engagement", "A dated engagement of a person in a unit of an organisation")
        .attribute(text("identity-number", "The person's identity number, in any of its forms").sensitive())
        .attribute(text("person-key", "The number or name that the organisation itself gave the person"))
        .attribute(text("name-mark", "Which of the first names is the given name (tilltalsnamnsmarkering)"))
        .attribute(text("first-names", "The person's first names"))
        .attribute(text("middle-name", "The person's middle name"))
        .attribute(text("surname", "The person's surname"))
        .attribute(flag("protected", "Whether the person's identity is protected; unknown counts as yes").required())
        .attribute(text("kind", "`employment`, `placement` or `guest`").required())
        .attribute(text("organisation", "The organisation: an employer, a municipality, a school").required())
        .attribute(text("employment-number", "The number of the engagement within the organisation"))
        .attribute(flag("main", "Whether the organisation counts it as the person's main engagement"))
        .attribute(text("form", "The form of employment, as the organisation codes it"))
        .attribute(text("title", "What the person works as"))
        .attribute(text("title-code", "The code of the title (AID)"))
        .attribute(text("unit", "The code of the unit").required())
        .attribute(text("unit-name", "The name of the unit"))
        .attribute(text("cost-centre", "The cost centre"))
        .attribute(AttributeInfo::real("extent", "The extent in percent of full time"))
        .attribute(AttributeInfo::date("start", "The first day").required())
        .attribute(AttributeInfo::date("end", "The last day; absent where it is open"))
        .attribute(flag("on-leave", "Whether the person is on leave from it"))
        .attribute(flag("is-manager", "Whether the person manages a unit in it"))
        .attribute(text("manager-number", "The identity number of the person's manager").sensitive())
        .attribute(text("manager-key", "The `person-key` of the person's manager"))
        .attribute(text("manager-employment", "The engagement number of the manager"))
        .attribute(text("person", "The id of the record of class `person`, instead of the number and the names"))
        .attribute(text("school-form", "The school form that a pupil is in, as the source codes it"))
        .attribute(text("year", "The school year that a pupil is in"))
        .attribute(text("class", "The code of the pupil's class, as in class `group`"))
        .attribute(text("class-name", "The name of the pupil's class"))
        .open()
}

/// A unit of an organisation.
pub fn unit() -> ClassInfo {
    ClassInfo::new("unit", "A unit of an organisation")
        .attribute(text("code", "The code of the unit, unique within the organisation").required())
        .attribute(text("name", "The name of the unit"))
        .attribute(text("parent", "The code of the unit above it; absent at the top"))
        .attribute(text("organisation", "The organisation that it belongs to").required())
        .attribute(text("cost-centre", "The cost centre"))
        .attribute(text("manager-number", "The identity number of the manager").sensitive())
        .attribute(text("manager-employment", "The engagement number of the manager"))
        .open()
}

/// A person, for systems that give persons apart from their engagements: sources, and registers that verify persons.
pub fn person() -> ClassInfo {
    ClassInfo::new("person", "A person")
        .attribute(text("identity-number", "The identity number in use, in any of its forms").sensitive())
        .attribute(text("person-key", "The number or name that the organisation itself gave the person"))
        .attribute(text("organisation", "The organisation that temporary numbers and `person-key` are valid in"))
        .attribute(text("earlier-numbers", "The identity numbers that the person had before").many().sensitive())
        .attribute(text("refers-to", "The number that replaced the one that was asked about").sensitive())
        .attribute(text("name-mark", "Which of the first names is the given name (tilltalsnamnsmarkering)"))
        .attribute(text("first-names", "The first names"))
        .attribute(text("given-name", "The name among the first names that is used"))
        .attribute(text("middle-name", "The middle name"))
        .attribute(text("surname", "The surname"))
        .attribute(flag("protected", "Whether the identity is protected; unknown counts as yes").required())
        .attribute(text("protection", "`none`, `secrecy-marking`, `protected-registration` or `unknown`"))
        .attribute(text("deregistration", "Why the person left the register: `death`, `emigration` or another word"))
        .attribute(text("deregistration-code", "The same, as the register codes it"))
        .attribute(AttributeInfo::date("deregistered", "The day on which the person left the register"))
        .attribute(text("municipality", "The code of the municipality that the person is registered in"))
        .attribute(flag("dormant", "Whether the person's coordination number is dormant"))
        .attribute(text("care-of", "At whose the person is registered"))
        .attribute(text("street-further", "The line of the address before the street"))
        .attribute(text("street", "The street and the number"))
        .attribute(text("postal-code", "The postal code"))
        .attribute(text("town", "The postal town"))
        .attribute(text("guardian-numbers", "The identity numbers of the guardians").many().sensitive())
        .attribute(text("email", "The email address"))
        .attribute(text("telephone", "The telephone number"))
        .open()
}

/// A group that the source itself keeps: a class of pupils, a teaching group.
pub fn group() -> ClassInfo {
    ClassInfo::new("group", "A group of persons that the source keeps")
        .attribute(text("code", "The code of the group, unique within the organisation").required())
        .attribute(text("name", "The name of the group"))
        .attribute(text("kind", "`class`, `teaching` or another word for what it is"))
        .attribute(text("organisation", "The organisation that it belongs to").required())
        .attribute(text("unit", "The code of the unit that it belongs to"))
        .attribute(AttributeInfo::date("start", "The first day"))
        .attribute(AttributeInfo::date("end", "The last day; absent where it is open"))
        .attribute(AttributeInfo::reference("members", "engagement", "The engagements that belong to it").many())
        .open()
}

fn text(name: &str, description: &str) -> AttributeInfo {
    AttributeInfo::text(name, description)
}

fn flag(name: &str, description: &str) -> AttributeInfo {
    AttributeInfo::boolean(name, description)
}
