//! What an operator says about the files.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_delimited::{Encoding, FinalNewline, Where};
use std::collections::BTreeMap;

/// Where the files are and how they are written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the files connection: the folder that the files are put in.
    pub folder: String,
    /// The files, each under a name of your choice.
    pub tables: BTreeMap<String, Table>,
    /// After how many days without a new file `check` warns.
    #[serde(default = "stale_days")]
    pub stale_days: u32,
}

/// One file: how it is written, and what its columns mean.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// The file. A `*` stands for any letters: of all the files with such a name, only the newest is read.
    pub file: String,
    /// What makes a file the newest where several fit: when it was written, or its name.
    #[serde(default)]
    #[schemars(extend("default" = "time"))]
    pub newest_by: NewestBy,
    /// What a row is, in the published vocabulary.
    pub class: Class,
    /// How letters are written.
    #[serde(default = "utf8")]
    #[schemars(extend("default" = "utf-8"))]
    pub encoding: Encoding,
    /// What stands between two fields: one ASCII character, `\t` for a tab.
    #[serde(default = "delimiter")]
    pub delimiter: char,
    /// Whether fields may stand in double quotes.
    #[serde(default = "yes_it_is")]
    pub quoting: bool,
    /// Whether blanks around a field say nothing.
    #[serde(default = "yes_it_is")]
    pub trim: bool,
    /// How many lines stand before the header, or before the first row. Empty ones do not count.
    #[serde(default)]
    pub skip_lines: u32,
    /// Whether the first line names the columns.
    #[serde(default = "yes_it_is")]
    pub header: bool,
    /// The names of the columns in their order, for a file without a header. Without them, only the columns that are
    /// told by position are read.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether the last line must end as the others do. Where it must, a file that was cut off is found.
    #[serde(default)]
    #[schemars(extend("default" = "required"))]
    pub final_newline: FinalNewline,
    /// How days are written, with `YYYY`, `MM` or `M` or `MMM` (Jan), `DD` or `D`, signs, and `*` at the end for whatever
    /// follows; the first form that fits is taken.
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
    #[serde(default)]
    pub decimal_comma: bool,
    /// What stands between the ids where one field holds several: one ASCII character.
    #[serde(default = "list_separator")]
    pub list_separator: char,
    /// The columns that together tell a row from all others, by name or by position: they make up its id, which people
    /// see. A digest stands for what tells who somebody is.
    pub id: Vec<Where>,
    /// Stands before every id of this table. It is needed where two tables of a class number their rows alike.
    #[serde(default)]
    pub id_prefix: String,
    /// Attribute to the name of its column, or to its position counted from 1. An attribute of the vocabulary, or one of
    /// your own that begins with `csv:`. A column may give several attributes.
    pub columns: BTreeMap<String, Where>,
    /// Attributes that the file lacks, with the value that every row has. Days are written as `2024-01-31`.
    #[serde(default)]
    pub constants: BTreeMap<String, Constant>,
    /// Words of the file that are read as others: attribute to word to the word that is read instead. Other words stay.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// The column that says whether a row counts, where there is one.
    pub status: Option<Status>,
    /// Columns that are not read at all. All others that no attribute is read from pass through as `csv:` and their name
    /// in lower case.
    #[serde(default)]
    pub ignore: Vec<Where>,
}

/// A column that says whether a row counts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Status {
    /// The column.
    pub column: Where,
    /// The words of rows that are left out, as if they were not in the file.
    pub gone: Vec<String>,
    /// The words of rows that count; a row with another word is then a fault. Without them, every row counts that is not
    /// gone.
    #[serde(default)]
    pub present: Vec<String>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// An engagement of a person: an employment, a placement, a guest's stay.
    Engagement,
    /// A unit of an organisation.
    Unit,
    /// A person apart from engagements.
    Person,
    /// A group that the source keeps.
    Group,
}

/// What makes a file the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NewestBy {
    /// It was written last.
    #[default]
    Time,
    /// Its name is the last in alphabetical order.
    Name,
}

/// A value that every row has.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Constant {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text, or a day such as `2024-01-31`.
    Text(String),
}

fn utf8() -> Encoding {
    Encoding::Utf8
}

fn delimiter() -> char {
    ','
}

fn list_separator() -> char {
    ' '
}

fn yes_it_is() -> bool {
    true
}

fn date_formats() -> Vec<String> {
    texts(&["YYYY-MM-DD", "YYYYMMDD"])
}

fn open_end() -> Vec<String> {
    texts(&["", "9999-12-31", "99991231"])
}

fn yes() -> Vec<String> {
    texts(&["Y", "Yes", "yes", "J", "Ja", "ja", "true", "1"])
}

fn no() -> Vec<String> {
    texts(&["N", "No", "no", "Nej", "nej", "false", "0"])
}

fn stale_days() -> u32 {
    7
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
