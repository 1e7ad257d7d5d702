//! What an operator may say about Extens.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_roster::{Giving, Span, day};
use sluss_sdk::Error;

/// Which way Extens is read, and what is given of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Which way Extens is read: by having it export, or from a file that it exported.
    pub interface: Interface,
    /// The code of the municipality that all units belong to.
    pub organisation: String,
    /// The school year that memberships are in, since the export tells no days.
    pub school_year: SchoolYear,
    /// Whether the schools' staff is given too. Otherwise only pupils are: the payroll system knows the staff.
    #[serde(default)]
    pub staff: bool,
    /// Whether addresses are given.
    #[serde(default)]
    pub addresses: bool,
    /// Whether everybody is given as unprotected, because whoever is protected is not told of here. Otherwise nothing is
    /// said of protection, and everybody counts as protected until another source or a register says otherwise.
    #[serde(default)]
    pub unmarked_is_unprotected: bool,
    /// What the export calls groups that are classes.
    #[serde(default = "class_types")]
    pub class_types: Vec<String>,
    /// What the export calls groups that are units.
    #[serde(default = "unit_types")]
    pub unit_types: Vec<String>,
    /// The name of the HTTP connection. Needed for `job`.
    #[serde(default)]
    pub connection: String,
    /// The customer's id, which is sent as `Hypernet-CustomerId`. Needed for `job`.
    #[serde(default)]
    pub customer: String,
    /// After how many minutes an export that is not ready is given up. For `job`.
    #[serde(default = "deadline")]
    #[schemars(range(min = 1))]
    pub deadline: u32,
    /// After how many seconds a call of the host is answered, even while the export is not ready. It has to stay below the
    /// system's limit `call`. For `job`.
    #[serde(default = "seconds")]
    pub seconds: u32,
    /// The name of the files connection: the folder that the file is put in. Needed for `file`.
    #[serde(default)]
    pub folder: String,
    /// The name of the file. One `*` stands for any letters: of those that fit, the newest is read.
    #[serde(default = "file")]
    pub file: String,
    /// After how many days without a new file `check` warns.
    #[serde(default = "stale_days")]
    pub stale_days: u32,
}

/// A way to read Extens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// An export is started, waited for and downloaded.
    Job,
    /// A file.
    File,
}

/// A school year.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SchoolYear {
    /// Its first day, as `YYYY-MM-DD`.
    pub start: String,
    /// Its last day.
    pub end: String,
}

impl Settings {
    /// What is given.
    pub fn giving(&self) -> Giving {
        Giving {
            organisation: self.organisation.clone(),
            staff: self.staff,
            addresses: self.addresses,
            unmarked_is_unprotected: self.unmarked_is_unprotected,
        }
    }

    /// The days of the school year.
    pub fn span(&self) -> Result<Span, Error> {
        let read = |text: &str, name: &str| {
            day(text).ok_or_else(|| Error::config(format!("`school-year.{name}` has to be a day, as 2026-08-18")))
        };
        let (start, end) = (read(&self.school_year.start, "start")?, read(&self.school_year.end, "end")?);
        if (end.year, end.month, end.day) <= (start.year, start.month, start.day) {
            return Err(Error::config("`school-year.end` has to be later than `school-year.start`"));
        }
        Ok(Span { start: Some(start), end: Some(end) })
    }
}

fn class_types() -> Vec<String> {
    vec!["Klass".to_owned()]
}

fn unit_types() -> Vec<String> {
    ["Skola", "Skolenhet", "Enhet"].map(str::to_owned).to_vec()
}

fn deadline() -> u32 {
    30
}

fn seconds() -> u32 {
    25
}

fn file() -> String {
    "ist_*.xml".to_owned()
}

fn stale_days() -> u32 {
    7
}
