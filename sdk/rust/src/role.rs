//! The roles of a connector, one trait each.
//!
//! A connector implements [`Connector`] and the roles that it plays, and names them to [`export!`](crate::export!). The
//! macro keeps the one instance; nothing here has to be thread safe, since a connector is called by one caller at a time.

use crate::{
    Answer, Attribute, Change, CheckResult, Cursor, Description, Error, Finding, Marks, Object, Outcome, Page,
    Selection, schemars::JsonSchema, serde::de::DeserializeOwned,
};

/// What every connector is.
pub trait Connector: Sized + 'static {
    /// What the operator writes in the configuration. Say `#[serde(deny_unknown_fields)]`, so that a misspelt key is
    /// found; the doc comments of the fields become the documentation of the settings.
    type Settings: DeserializeOwned + JsonSchema;

    /// Says what this is; without settings, without grants, and always the same.
    fn describe() -> Description;

    /// Takes the settings. It reaches for nothing; `check` does that.
    fn new(settings: Self::Settings) -> Result<Self, Error>;

    /// Is everything there and allowed? Reads only, and tells all faults at once.
    fn check(&mut self) -> Result<Vec<CheckResult>, Error>;
}

/// A system that knows persons.
pub trait Source: Connector {
    /// A text that stays the same as long as a full read would give the same, where that is far cheaper than reading.
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        let _ = class;
        Ok(None)
    }

    /// A page of at most `max` records; the first one without a cursor.
    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error>;
}

/// A source that can tell far more cheaply than by giving its records which of them are as they were.
pub trait Fingerprints: Source {
    /// The fingerprints of at most `max` records; of the first ones without a cursor. The same fingerprint promises the
    /// same record, its columns included. A record that cannot be used has one that no usable record ever had.
    fn fingerprints(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Marks, Error>;

    /// The records at these places, counted from 0 and rising, of what [`fingerprints`](Self::fingerprints) gave for the
    /// same cursor.
    fn pick(&mut self, class: &str, from: Option<Cursor>, places: Vec<u32>) -> Result<Selection, Error>;
}

/// A source, or a target, that can also tell what changed since an earlier read.
pub trait Changes: Connector {
    /// The token that stands for now.
    fn latest(&mut self, class: &str) -> Result<Cursor, Error>;

    /// What changed since a token.
    fn changes(&mut self, class: &str, since: Cursor, max: u32) -> Result<Answer, Error>;
}

/// A system that verifies persons.
pub trait Register: Connector {
    /// One finding for each number, in the same order.
    fn look_up(&mut self, numbers: Vec<String>) -> Result<Vec<Finding>, Error>;
}

/// A system that is written to.
pub trait Target: Connector {
    /// The objects of a class with these attributes, in pages, in an order that stays.
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error>;

    /// One answer for each id, in the same order.
    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error>;

    /// The object that stands where a `create` with these attributes would put one.
    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error>;

    /// Carries the changes out; one outcome for each, in the same order. An error means that nothing at all was carried
    /// out.
    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error>;

    /// Called once after the last `apply` of a run.
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
