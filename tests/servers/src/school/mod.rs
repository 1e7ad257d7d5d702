//! A made-up municipality's schools, and how the systems that know them behave: the same pupils for every system.

mod mood;

pub use mood::{Mood, Spoilt, answer};

/// The numbers that Skatteverket publishes for tests.
const NUMBERS: &str = include_str!("../../../people/data/test-numbers.txt");

/// The first and the last day of the school year.
pub const YEAR: (&str, &str) = ("2026-08-18", "2027-06-11");

/// Schools with their pupils. Everything follows from the sizes.
#[derive(Debug, Clone)]
pub struct School {
    /// How many units there are.
    pub units: usize,
    /// How many classes each unit has.
    pub classes: usize,
    /// How many pupils there are in all.
    pub pupils: usize,
}

/// A pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pupil {
    /// Which one it is.
    pub at: usize,
    /// The identity number; a made-up temporary one of every tenth, and of all in a city beyond 25,000.
    pub number: String,
    /// The first names.
    pub given: String,
    /// The surname.
    pub surname: String,
    /// The identity numbers of the guardians.
    pub guardians: Vec<String>,
    /// The unit.
    pub unit: usize,
    /// The class; none of every thirteenth.
    pub class: Option<usize>,
}

/// The numbers alone: every line has twelve digits and its end.
fn numbers() -> &'static str {
    NUMBERS.find("\n19").map_or("", |at| &NUMBERS[at + 1..])
}

fn published(at: usize) -> String {
    let from = at % (numbers().len() / 13) * 13;
    numbers()[from..from + 12].to_owned()
}

fn temporary(year: usize, at: usize) -> String {
    format!("{year}{:02}{:02}TF{:02}", at / 2800 % 12 + 1, at / 100 % 28 + 1, at % 100)
}

impl School {
    /// A small one.
    pub fn small() -> School {
        School { units: 3, classes: 2, pupils: 60 }
    }

    /// A pupil.
    pub fn pupil(&self, at: usize) -> Pupil {
        let number = match at % 10 {
            // There are fewer published numbers than pupils in a city.
            _ if at >= numbers().len() / 13 => temporary(2006 + at / 33_600 % 9, at),
            9 => temporary(2015, at),
            _ => published(at),
        };
        let unit = at % self.units;
        let guardians = (0..at % 3).map(|which| published(10_000 + 2 * at + which)).collect();
        Pupil {
            at,
            number,
            given: format!("Elev {}", if at.is_multiple_of(2) { "Åsa" } else { "Örjan" }),
            surname: format!("Exempel & <{at}>"),
            guardians,
            unit,
            class: (at % 13 != 12).then_some(at / self.units % self.classes),
        }
    }

    /// The pupils of a unit.
    pub fn of_unit(&self, unit: usize) -> impl Iterator<Item = Pupil> {
        (unit..self.pupils).step_by(self.units).map(|at| self.pupil(at))
    }
}

/// What a unit is called.
pub fn unit_name(unit: usize) -> String {
    format!("Skola & {unit}")
}

/// What a class is called.
pub fn class_name(class: usize) -> String {
    format!("{class}A")
}

/// A text as it may stand in XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
