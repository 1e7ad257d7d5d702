//! What an operator may say about Procapita.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_delimited::{Encoding, FinalNewline};
use sluss_roster::Giving;

/// Which way Procapita is read, and what is given of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Which way Procapita is read: by its IMS service, or from the files that it exports.
    pub interface: Interface,
    /// The code of the municipality that all units belong to.
    pub organisation: String,
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
    /// The name of the HTTP connection. Needed for `ims`.
    #[serde(default)]
    pub connection: String,
    /// The customer's DomainId. Needed for `ims`.
    #[serde(default)]
    pub domain: String,
    /// Before this hour, by Swedish clocks, yesterday's state is asked for, since a day's changes are whole only in the
    /// evening; 0 always asks for today's. For `ims`.
    #[serde(default = "day_ends_at")]
    #[schemars(range(max = 24))]
    pub day_ends_at: u8,
    /// Whether the service shall make a membership in the unit for pupils of upper secondary school who are in no class.
    /// For `ims`.
    #[serde(default = "yes")]
    pub secondary_school_unit_memberships: bool,
    /// After how many seconds a call of the host is answered, even while there is nothing to give yet. With the
    /// connection's `timeout` it has to stay below the system's limit `call`. For `ims`.
    #[serde(default = "seconds")]
    pub seconds: u32,
    /// The name of the files connection: the folder that the files are put in. Needed for `csv`.
    #[serde(default)]
    pub folder: String,
    /// The file of pupils, a line for each of their placements. For `csv`, as all that follow.
    #[serde(default = "pupils")]
    pub pupils: String,
    /// The file of units. An empty text says that there is none.
    #[serde(default = "units")]
    pub units: String,
    /// The file of teaching groups. An empty text says that there is none.
    #[serde(default = "groups")]
    pub groups: String,
    /// The file that says which pupil is in which teaching group. An empty text says that there is none.
    #[serde(default = "members")]
    pub members: String,
    /// The file of staff, which is read only with `staff = true`.
    #[serde(default = "employees")]
    pub employees: String,
    /// How letters are written.
    #[serde(default = "encoding")]
    #[schemars(extend("default" = "utf-8"))]
    pub encoding: Encoding,
    /// Whether the last line must end as the others do. Where it must, a file that was cut off is found.
    #[serde(default)]
    #[schemars(extend("default" = "required"))]
    pub final_newline: FinalNewline,
    /// How days are written; the first form that fits is taken.
    #[serde(default = "date_formats")]
    pub date_formats: Vec<String>,
    /// After how many days without a new file `check` warns.
    #[serde(default = "stale_days")]
    pub stale_days: u32,
}

/// A way to read Procapita.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// The IMS Enterprise service, by SOAP.
    Ims,
    /// The files of the Skolplatsen set.
    Csv,
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
}

fn day_ends_at() -> u8 {
    17
}

fn yes() -> bool {
    true
}

fn seconds() -> u32 {
    25
}

fn pupils() -> String {
    "ElevData.csv".to_owned()
}

fn units() -> String {
    "EnhetData.csv".to_owned()
}

fn groups() -> String {
    "GruppData.csv".to_owned()
}

fn members() -> String {
    "ElevGruppData.csv".to_owned()
}

fn employees() -> String {
    "PersonalData.csv".to_owned()
}

fn encoding() -> Encoding {
    Encoding::Utf8
}

fn date_formats() -> Vec<String> {
    ["YYYY-MM-DD*", "YYYYMMDD"].map(str::to_owned).to_vec()
}

fn stale_days() -> u32 {
    7
}
