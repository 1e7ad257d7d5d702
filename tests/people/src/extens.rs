//! Extens's export of pupils: an `enterprise` of persons, groups and memberships, as Lysekil would export it.
//!
//! Numbers have a hyphen, guardians are persons of their own, and no day is told.

use std::collections::BTreeMap;

use crate::identity::Identity;
use crate::pupil::{Guardian, Pupil};
use crate::pupils::Pupils;
use crate::school::{Place, System};

/// What the export is called, in a folder of its own.
pub const EXTENS_FILE: &str = "extens/ist_elever.xml";

impl Pupils {
    /// The export.
    pub fn extens(&self) -> Vec<u8> {
        let pupils = self.of(System::Extens);
        let classes: BTreeMap<String, &Place> =
            pupils.iter().map(|pupil| (class_id(&pupil.place), &pupil.place)).collect();
        let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                        <enterprise><properties lang=\"sv\"><datasource>EXTENS</datasource></properties>\n"
            .to_owned();
        for pupil in &pupils {
            text += &person(pupil);
            (1..).zip(&pupil.guardians).for_each(|(turn, own)| text += &guardian(pupil, turn, own));
        }
        classes.iter().for_each(|(id, place)| text += &class(id, place));
        pupils.iter().for_each(|pupil| text += &membership(pupil));
        text += "</enterprise>\n";
        text.into_bytes()
    }
}

fn person(pupil: &Pupil) -> String {
    let year = match pupil.place.year {
        Some(year) => format!(
            "<yeargroups><yeargroup unit=\"{}\">{year}</yeargroup></yeargroups>",
            System::Extens.schools()[pupil.place.school].code
        ),
        None => String::new(),
    };
    format!(
        "<person recstatus=\"1\">{}{}<institutionrole roletype=\"Student\" primaryrole=\"Yes\"/>\
         <extension><ssn>{}</ssn>{year}</extension></person>\n",
        sourced(&id(pupil), ""),
        name(&pupil.given, &pupil.family),
        pupil.identity.hyphened(),
    )
}

fn guardian(pupil: &Pupil, turn: u32, own: &Guardian) -> String {
    format!(
        "<person recstatus=\"1\">{}{}<extension><ssn>{}</ssn>\
         <carerrelationship recstatus=\"1\">{}</carerrelationship></extension></person>\n",
        sourced(&format!("{}v{turn}", id(pupil)), ""),
        name(&own.given, &own.family),
        Identity::Lasting(own.number).hyphened(),
        sourced(&id(pupil), "<carertype>Vårdnadshavare</carertype>"),
    )
}

fn class(id: &str, place: &Place) -> String {
    let school = &System::Extens.schools()[place.school];
    format!(
        "<group recstatus=\"1\">{}<grouptype><typevalue level=\"2\">Klass</typevalue></grouptype>\
         <description><short>{class}</short></description><org><type>{}</type></org>\
         <extension><schoolunit>{}</schoolunit><institution>{}</institution><groupname>{class}</groupname></extension>\
         </group>\n",
        sourced(id, ""),
        place.form(),
        escape(&school.name),
        school.code,
        class = place.class,
    )
}

fn membership(pupil: &Pupil) -> String {
    format!(
        "<membership>{}<member>{}<idtype>1</idtype>\
         <role recstatus=\"1\" roletype=\"1\"><subrole>Elev</subrole><status>1</status></role></member></membership>\n",
        sourced(&class_id(&pupil.place), ""),
        sourced(&id(pupil), ""),
    )
}

fn id(pupil: &Pupil) -> String {
    format!("e{}", pupil.id)
}

fn class_id(place: &Place) -> String {
    format!("{}-{}", System::Extens.schools()[place.school].code, place.class)
}

fn sourced(id: &str, more: &str) -> String {
    format!("<sourcedid><source>EXTENS</source><id>{id}</id>{more}</sourcedid>")
}

fn name(given: &str, family: &str) -> String {
    let (given, family) = (escape(given), escape(family));
    format!("<name><fn>{given} {family}</fn><n><family>{family}</family><given>{given}</given></n></name>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
