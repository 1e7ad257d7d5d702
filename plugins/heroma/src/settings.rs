//! What an operator may say about the files. Every default is that of the dialect `heroma-anst-v1`.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_delimited::{Encoding, FinalNewline, Where};
use std::collections::BTreeMap;

/// Where the files are and how they are written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the files connection: the folder that the export is put in.
    pub folder: String,
    /// The file of employments, one line for each.
    #[serde(default = "employments")]
    pub employments: String,
    /// The file of units. An empty text says that there is none.
    #[serde(default = "units")]
    pub units: String,
    /// How letters are written.
    #[serde(default)]
    #[schemars(extend("default" = "windows-1252"))]
    pub encoding: Encoding,
    /// What stands between two fields: one character, `\t` for a tab.
    #[serde(default = "delimiter")]
    pub delimiter: char,
    /// Whether fields may stand in double quotes.
    #[serde(default)]
    pub quoting: bool,
    /// Whether the first line names the columns.
    #[serde(default = "yes_it_is")]
    pub header: bool,
    /// Whether the last line must end as the others do. Where it must, a file that was cut off is found.
    #[serde(default)]
    #[schemars(extend("default" = "required"))]
    pub final_newline: FinalNewline,
    /// How days are written; the first form that fits is taken.
    #[serde(default = "date_formats")]
    pub date_formats: Vec<String>,
    /// What stands for an open end.
    #[serde(default = "open_end")]
    pub open_end: Vec<String>,
    /// What stands for yes.
    #[serde(default = "yes")]
    pub yes: Vec<String>,
    /// What stands for no. A protection that is neither yes nor no counts as yes.
    #[serde(default = "no")]
    pub no: Vec<String>,
    /// Whether fractions are written with a comma.
    #[serde(default = "yes_it_is")]
    pub decimal_comma: bool,
    /// Where the attributes of an employment stand, where it is not as the dialect says: attribute to the name of a
    /// column, to its position counted from 1, or to an empty text where the file does not have it.
    #[serde(default)]
    pub employment_columns: BTreeMap<String, Where>,
    /// The same for units.
    #[serde(default)]
    pub unit_columns: BTreeMap<String, Where>,
    /// After how many days without a new file `check` warns.
    #[serde(default = "stale_days")]
    pub stale_days: u32,
}

fn employments() -> String {
    "heroma-anst.csv".to_owned()
}

fn units() -> String {
    "heroma-enhet.csv".to_owned()
}

fn delimiter() -> char {
    ';'
}

fn yes_it_is() -> bool {
    true
}

fn date_formats() -> Vec<String> {
    vec!["YYYYMMDD".to_owned()]
}

fn open_end() -> Vec<String> {
    ["", "0", "99991231"].map(str::to_owned).to_vec()
}

fn yes() -> Vec<String> {
    vec!["J".to_owned()]
}

fn no() -> Vec<String> {
    vec!["N".to_owned()]
}

fn stale_days() -> u32 {
    7
}
