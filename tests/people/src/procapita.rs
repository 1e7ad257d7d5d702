//! Procapita's files of pupils: the Skolplatsen set, as Munkedal would export it.
//!
//! Semicolons, a header, UTF-8, CRLF, days with hyphens. Every pupil is a line with the placement, and each class has a
//! teaching group in mathematics.

use std::collections::BTreeMap;

use csv::{Terminator, Writer, WriterBuilder};

use crate::pupil::Pupil;
use crate::pupils::Pupils;
use crate::school::System;

/// What the four files are called, in a folder of their own: pupils, units, groups and their members.
pub const PROCAPITA_FILES: [&str; 4] =
    ["procapita/ElevData.csv", "procapita/EnhetData.csv", "procapita/GruppData.csv", "procapita/ElevGruppData.csv"];

/// The columns of the file of pupils.
const PUPILS: [&str; 21] = [
    "elevid",
    "enhetid",
    "skolform",
    "enhetstart",
    "enhetslut",
    "klass",
    "akelev",
    "förnamn",
    "efternamn",
    "personnr",
    "adress",
    "coadress",
    "postnr",
    "ort",
    "hemkommun",
    "program",
    "inriktning",
    "yrkesutgang",
    "sarskola",
    "vh1pnr",
    "vh2pnr",
];

/// The columns of the file of units.
const UNITS: [&str; 4] = ["enhetid", "enhnamn", "enhort", "enhskolenhetskod"];

/// The columns of the file of groups.
const GROUPS: [&str; 9] =
    ["GruppId", "Kurskod", "Gruppnamn", "Enhetid", "Skolform", "Startdatum", "Slutdatum", "Grupptyp", "Årskurs"];

/// The columns of the file of members.
const MEMBERS: [&str; 5] = ["Elevid", "Gruppid", "Startdatum", "Slutdatum", "Enhetid"];

/// A file under way.
struct Table(Writer<Vec<u8>>);

impl Table {
    fn new<const N: usize>(columns: [&str; N]) -> Self {
        let mut builder = WriterBuilder::new();
        let mut table = Self(builder.delimiter(b';').terminator(Terminator::CRLF).from_writer(Vec::new()));
        table.row(columns);
        table
    }

    fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.write_record(cells).expect("memory takes every row, and all have as many cells");
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("memory takes every row")
    }
}

impl Pupils {
    /// The four files, in the order of [`PROCAPITA_FILES`].
    pub fn procapita(&self) -> [Vec<u8>; 4] {
        let pupils = self.of(System::Procapita);
        let schools = System::Procapita.schools();
        let code = |pupil: &Pupil| schools[pupil.place.school].code;
        let group = |pupil: &Pupil| format!("{}-{}-MA", code(pupil), pupil.place.class);

        let mut told = Table::new(PUPILS);
        let mut members = Table::new(MEMBERS);
        let mut groups: BTreeMap<String, &Pupil> = BTreeMap::new();
        for pupil in &pupils {
            let (id, first, last) = (pupil.id.to_string(), pupil.first.to_string(), pupil.last.to_string());
            let guardian = |at: usize| pupil.guardians.get(at).map(|one| one.number.to_string()).unwrap_or_default();
            told.row([
                &id,
                code(pupil),
                pupil.place.form(),
                &first,
                &last,
                &pupil.place.class,
                &pupil.place.year_text(),
                &pupil.given,
                &pupil.family,
                &pupil.identity.to_string(),
                "",
                "",
                "",
                "",
                System::Procapita.code(),
                "",
                "",
                "",
                "N",
                &guardian(0),
                &guardian(1),
            ]);
            members.row([&id, &group(pupil), &first, &last, code(pupil)]);
            groups.insert(group(pupil), pupil);
        }

        let mut units = Table::new(UNITS);
        schools.iter().for_each(|school| units.row([school.code, &school.name, "", ""]));

        let mut taught = Table::new(GROUPS);
        let (first, last) = self.school_year();
        let (first, last) = (first.to_string(), last.to_string());
        for (id, pupil) in groups {
            let name = format!("Matematik {}", pupil.place.class);
            let (form, year) = (pupil.place.form(), pupil.place.year_text());
            taught.row([&id, "MA", &name, code(pupil), form, &first, &last, "Ämne", &year]);
        }
        [told, units, taught, members].map(Table::finish)
    }
}
