//! What the operator may set: where the documents stand, in which forms and words, and what of a pupil stands in them.

use crate::place::is_document;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sluss_sdk::Error;
use std::collections::BTreeSet;
use twox_hash::XxHash3_128;

/// Counts up when the same settings make other documents than before, so that those that are there are written anew.
const EDITION: u32 = 1;

/// Where the documents are kept and what they look like.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the files connection: the folder that the documents are kept in.
    pub folder: String,
    /// The name of another files connection: the folder of the state and the template, which teachers need not see. It is
    /// the folder of the documents unless it is given.
    #[serde(default)]
    pub state_folder: Option<String>,
    /// The file that remembers pupils and lists between runs. It is for Sluss alone.
    #[serde(default = "state")]
    pub state: String,
    /// The forms in which each list is written.
    #[serde(default = "formats")]
    pub formats: Vec<Format>,
    /// The language of headings.
    #[serde(default)]
    #[schemars(extend("default" = "sv"))]
    pub language: Language,
    /// What is told of each pupil: names of attributes, or tables with `attribute` and `title`.
    #[serde(default = "columns")]
    #[schemars(extend("default" = STANDARD))]
    pub columns: Vec<Column>,
    /// What stands between two cells of a CSV file: one ASCII character, `\t` for a tab.
    #[serde(default = "delimiter")]
    pub delimiter: char,
    /// How letters are written in a CSV file.
    #[serde(default)]
    #[schemars(extend("default" = "utf-8"))]
    pub encoding: Encoding,
    /// A file beside the state with a template of your own for HTML pages.
    #[serde(default)]
    pub template: Option<String>,
    /// A line below every HTML page, such as how the teacher gets first passwords. No password ever stands in a document.
    #[serde(default)]
    pub note: Option<String>,
}

/// A form in which a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A file for spreadsheets.
    Csv,
    /// A page to look at and to print.
    Html,
}

/// The language of headings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

/// How letters are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// With a byte order mark, so that Excel knows it.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// For programs that know no other. A letter that it does not have is written without its accents, or as `?`.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// What a column tells of each pupil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Column {
    /// An attribute under its usual heading.
    Usual(String),
    /// An attribute under a heading of your own.
    Titled(Titled),
}

/// An attribute under a heading of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Titled {
    /// The attribute.
    pub attribute: String,
    /// Its heading.
    pub title: String,
}

/// The columns unless others are given.
const STANDARD: [&str; 3] = ["name", "username", "mail"];

fn state() -> String {
    "class-lists.jsonl".to_owned()
}

fn formats() -> Vec<Format> {
    vec![Format::Csv, Format::Html]
}

fn columns() -> Vec<Column> {
    STANDARD.map(|name| Column::Usual(name.to_owned())).to_vec()
}

fn delimiter() -> char {
    ';'
}

impl Settings {
    /// Checks what a schema cannot say.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |message: &str| Err(Error::config(message));
        let d = self.delimiter;
        if !d.is_ascii() || d.is_ascii_alphanumeric() || d.is_control() && d != '\t' || matches!(d, '"' | '\'' | ' ') {
            return wrong("delimiter: give one ASCII character that is no letter, digit, quote or blank");
        }
        if self.columns.is_empty() {
            return wrong("columns: name at least one attribute");
        }
        if self.formats.is_empty() {
            return wrong("formats: name `csv`, `html` or both");
        }
        if self.columns.iter().map(Column::attribute).collect::<BTreeSet<_>>().len() < self.columns.len() {
            return wrong("columns: an attribute is named twice");
        }
        for (setting, name) in [("state", Some(&self.state)), ("template", self.template.as_ref())] {
            if name.is_some_and(|name| name.is_empty() || name.contains(['/', '\\']) || is_document(name)) {
                let message = "name a file directly in the folder, and not as a list's documents may be called";
                return wrong(&format!("{setting}: {message}, such as `list.template.html`"));
            }
        }
        if self.template.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&self.state)) {
            return wrong("template: this is the file of the state");
        }
        Ok(())
    }

    /// Whether pupils may have this attribute because it is a column.
    pub fn has_column(&self, attribute: &str) -> bool {
        self.columns.iter().any(|column| column.attribute() == attribute)
    }

    /// What tells whether documents were made by these very settings and this template.
    pub fn mark(&self, template: &str) -> Result<String, Error> {
        let settings = serde_json::to_string(self).map_err(|error| Error::internal(error.to_string()))?;
        let text = format!("{EDITION}\n{settings}\n{template}");
        Ok(format!("{:032x}", XxHash3_128::oneshot(text.as_bytes())))
    }
}

impl Column {
    /// The attribute.
    pub fn attribute(&self) -> &str {
        match self {
            Column::Usual(attribute) | Column::Titled(Titled { attribute, .. }) => attribute,
        }
    }

    /// The heading.
    pub fn title(&self, language: Language) -> &str {
        let attribute = match self {
            Column::Usual(attribute) => attribute.as_str(),
            Column::Titled(Titled { title, .. }) => return title,
        };
        match (language, attribute) {
            (Language::Sv, "surname") => "Efternamn",
            (Language::Sv, "given-name") => "Förnamn",
            (Language::Sv, "name") => "Namn",
            (Language::Sv, "username") => "Användarnamn",
            (Language::Sv, "mail") => "E-post",
            (Language::Sv, "enabled") => "Konto",
            (Language::En, "surname") => "Surname",
            (Language::En, "given-name") => "Given name",
            (Language::En, "name") => "Name",
            (Language::En, "username") => "User name",
            (Language::En, "mail") => "E-mail",
            (Language::En, "enabled") => "Account",
            (_, other) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn settings(more: &str) -> Settings {
        serde_json::from_str(&format!("{{\"folder\":\"out\"{more}}}")).unwrap()
    }

    #[test]
    fn what_a_schema_cannot_say_is_checked() {
        settings("").check().unwrap();
        settings(
            r#","template":"list.template.html","delimiter":"\t","columns":["name",{"attribute":"x","title":"X"}]"#,
        )
        .check()
        .unwrap();
        for (wrong, key) in [
            (r#","delimiter":"a""#, "delimiter"),
            (r#","delimiter":"\"""#, "delimiter"),
            (r#","delimiter":"§""#, "delimiter"),
            (r#","columns":[]"#, "columns"),
            (r#","columns":["name",{"attribute":"name","title":"X"}]"#, "columns"),
            (r#","formats":[]"#, "formats"),
            (r#","template":"lists/x.txt""#, "template"),
            (r#","template":"4A.html""#, "template"),
            (r#","state":"4A.csv""#, "state"),
            (r#","state":"""#, "state"),
            (r#","template":"Class-Lists.jsonl""#, "template"),
        ] {
            let error = settings(wrong).check().unwrap_err();
            assert!(error.message.contains(key), "{wrong}: {}", error.message);
        }
    }

    #[test]
    fn other_settings_and_other_templates_leave_another_mark() {
        let marks = [
            settings("").mark("").unwrap(),
            settings("").mark("x").unwrap(),
            settings(r#","language":"en""#).mark("").unwrap(),
            settings(r#","columns":["name"]"#).mark("").unwrap(),
        ];
        assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), marks.len());
        assert_eq!(settings(r#","language":"sv""#).mark("").unwrap(), marks[0], "what is so anyway");
    }
}
