//! The two files: employments and units, as Heroma would export them.
//!
//! Semicolons, a header, no quotes, Windows-1252, CRLF, dates without hyphens, decimals with a comma, nothing for an
//! open end. Rows are written as they are made, so memory does not grow with their number.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use encoding_rs::WINDOWS_1252;
use jiff::civil::Date;

use crate::draw::evenly;
use crate::employment::Employment;
use crate::person::Person;
use crate::population::Population;

/// What [`Population::write_to`] calls the file of employments.
pub const EMPLOYMENTS_FILE: &str = "heroma-anst.csv";

/// What [`Population::write_to`] calls the file of units.
pub const UNITS_FILE: &str = "heroma-enhet.csv";

/// The columns of the file of employments.
pub const EMPLOYMENT_COLUMNS: [&str; 22] = [
    "PERSONNR",
    "TILLTALSMARK",
    "FORNAMN",
    "MELLANNAMN",
    "EFTERNAMN",
    "ANONYM",
    "BOLAG",
    "ANSTNR",
    "HUVUDANST",
    "ANSTFORM",
    "BEFATTNING",
    "AID",
    "ENHETKOD",
    "ENHETNAMN",
    "ANSVAR",
    "SYSSGRAD",
    "ANSTFROM",
    "ANSTTOM",
    "VILANDE",
    "CHEF",
    "CHEFPERSONNR",
    "CHEFANSTNR",
];

/// The columns of the file of units.
pub const UNIT_COLUMNS: [&str; 7] =
    ["ENHETKOD", "ENHETNAMN", "OVERENHET", "ANSVAR", "CHEFPERSONNR", "CHEFANSTNR", "BOLAG"];

/// A writer of rows in the file's own form.
struct Rows<W: Write> {
    csv: Writer<W>,
}

impl<W: Write> Rows<W> {
    fn new(out: W) -> Self {
        let csv = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Never)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        Self { csv }
    }

    fn row<const N: usize>(&mut self, cells: [&str; N]) -> io::Result<()> {
        for cell in cells {
            self.csv.write_field(&*WINDOWS_1252.encode(cell).0)?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }
}

impl Population {
    /// Writes both files into a folder, which is made if it is not there.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.write_employments(BufWriter::new(File::create(folder.join(EMPLOYMENTS_FILE))?))?;
        self.write_units(BufWriter::new(File::create(folder.join(UNITS_FILE))?))
    }

    /// The file of employments.
    pub fn employments_csv(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_employments(&mut bytes).expect("memory takes every row");
        bytes
    }

    /// The file of units.
    pub fn units_csv(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_units(&mut bytes).expect("memory takes every row");
        bytes
    }

    /// Writes the file of employments: a row for each, a person's rows together.
    pub fn write_employments(&self, out: impl Write) -> io::Result<()> {
        let mut missing = self.missing();
        let mut rows = Rows::new(out);
        rows.row(EMPLOYMENT_COLUMNS)?;
        for index in 0..self.persons() {
            let person = self.person(index);
            for employment in self.employments(index) {
                if !missing.next(&employment) {
                    self.write_employment(&mut rows, &person, &employment)?;
                }
            }
        }
        rows.csv.flush()
    }

    /// Writes the file of units, those above before those below.
    pub fn write_units(&self, out: impl Write) -> io::Result<()> {
        let mut rows = Rows::new(out);
        rows.row(UNIT_COLUMNS)?;
        for unit in self.units() {
            let above = unit.parent.map_or("", |parent| &self.units()[parent].code);
            let (number, id) = self.manager(unit.manager);
            let municipality = &self.all_municipalities()[unit.municipality].code;
            rows.row([&unit.code, &unit.name, above, &unit.account, &number, &id, municipality])?;
        }
        rows.csv.flush()
    }

    fn write_employment<W: Write>(&self, rows: &mut Rows<W>, person: &Person, post: &Employment) -> io::Result<()> {
        let unit = &self.units()[post.unit];
        // Whoever leads a unit answers to whoever leads the one above.
        let above = if post.leads { unit.parent.and_then(|parent| self.units()[parent].manager) } else { unit.manager };
        let (manager, manager_post) = self.manager(above);
        rows.row([
            &person.number.to_string(),
            &person.mark,
            &person.given,
            &person.middle,
            &person.family,
            yes(person.protected),
            &self.all_municipalities()[unit.municipality].code,
            &post.id.to_string(),
            yes(post.main),
            post.form.encode_utf8(&mut [0; 4]),
            &post.title,
            post.aid,
            &unit.code,
            &unit.name,
            &unit.account,
            &format!("{},{:02}", post.extent / 100, post.extent % 100),
            &plain(post.from),
            &post.until.map(plain).unwrap_or_default(),
            yes(post.on_leave),
            yes(post.leads),
            &manager,
            &manager_post,
        ])
    }

    /// A manager's identity number and the number of the post they lead from.
    fn manager(&self, index: Option<u32>) -> (String, String) {
        index.map_or_else(Default::default, |index| (self.number(index).to_string(), self.first_id(index).to_string()))
    }

    /// How the rows that are missing lie among those that are there.
    fn missing(&self) -> Missing {
        let mut missing = Missing::default();
        if self.sweep.missing > 0 {
            for employment in (0..self.persons()).flat_map(|index| self.employments(index)) {
                *(if employment.leads { &mut missing.managers } else { &mut missing.others }) += 1;
            }
            let wanted = (missing.managers + missing.others) * u64::from(self.sweep.missing) / 100;
            missing.of_others = wanted.min(missing.others);
            missing.of_managers = wanted - missing.of_others;
        }
        missing
    }
}

/// A count of rows, and how many of them are to be left out, for managers and for others.
#[derive(Default)]
struct Missing {
    managers: u64,
    others: u64,
    of_managers: u64,
    of_others: u64,
    seen_managers: u64,
    seen_others: u64,
}

impl Missing {
    /// Whether the next row is left out.
    fn next(&mut self, employment: &Employment) -> bool {
        let (seen, part, whole) = if employment.leads {
            (&mut self.seen_managers, self.of_managers, self.managers)
        } else {
            (&mut self.seen_others, self.of_others, self.others)
        };
        *seen += 1;
        evenly(*seen - 1, part, whole.max(1))
    }
}

fn yes(answer: bool) -> &'static str {
    if answer { "J" } else { "N" }
}

fn plain(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}
