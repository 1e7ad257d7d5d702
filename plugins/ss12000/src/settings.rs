//! What an operator may say about the school system.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::Error;

/// Which system is read, and what of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the HTTP connection. Its `url` is that of the API, with its version: `https://host/v2.0`.
    pub connection: String,
    /// The code of the organisation that the units belong to, such as the municipality's, where the data has no
    /// `municipalityCode` of the unit or of one above it.
    pub organisation: String,
    /// Whether what staff does (duties) is read as employments, and staff as persons. Otherwise only pupils are, since
    /// HR knows the staff.
    #[serde(default)]
    pub staff: bool,
    /// Whether the system has placements: children in preschool and leisure-time centres.
    #[serde(default = "yes")]
    pub placements: bool,
    /// Whether the identity numbers of guardians are read.
    #[serde(default = "yes")]
    pub guardians: bool,
    /// The most records that the system gives in a page, where it refuses as many as Sluss asks for.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub page_size: Option<u32>,
    /// How many minutes before the last read changes are asked for again: more than the clocks differ, and than the
    /// system takes to show a change.
    #[serde(default = "overlap_minutes")]
    pub overlap_minutes: u32,
    /// After how many days without a full read one is made, and changes are not asked for any more. It has to be less
    /// than the system remembers what was deleted.
    #[serde(default = "full_after_days")]
    pub full_after_days: u32,
}

impl Settings {
    /// Refuses what the schema cannot.
    pub fn check(&self) -> Result<(), Error> {
        if self.organisation.trim().is_empty() {
            return Err(Error::config("`organisation` has to be a code, such as the municipality's of four digits"));
        }
        if self.page_size == Some(0) {
            return Err(Error::config("`page-size` has to be at least 1"));
        }
        Ok(())
    }
}

fn yes() -> bool {
    true
}

fn overlap_minutes() -> u32 {
    5
}

fn full_after_days() -> u32 {
    30
}
