#![doc = include_str!("../README.md")]

mod attempt;
mod misdeed;

use misdeed::Misdeed;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Applied, Attribute, Change, CheckResult, ConnectionWant, Connector, Cursor, Date, Description, Error,
    Finding, Object, Outcome, Page, Register, Source, Target, directory, vocabulary,
};

/// What it does wrong, and when.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What it does wrong.
    #[serde(default)]
    pub misdeed: Misdeed,
    /// In which call.
    #[serde(default)]
    pub at: Call,
    /// A files connection that was granted.
    #[serde(default)]
    pub folder: Option<String>,
}

/// A call that the host makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// `check`
    Check,
    /// `read`, of the source and of the target.
    #[default]
    Read,
    /// `apply`
    Apply,
}

/// The connector.
pub struct Hostile {
    settings: Settings,
}

impl Hostile {
    fn folder(&self) -> Folder {
        Folder::new(self.settings.folder.clone().unwrap_or_default())
    }

    /// What a call does before it answers as it should: whatever is wrong, if it is its turn.
    fn turn(&self, call: Call) -> Result<Option<Page>, Error> {
        if self.settings.at == call { self.settings.misdeed.commit(&self.folder()) } else { Ok(None) }
    }
}

impl Connector for Hostile {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("hostile", env!("CARGO_PKG_VERSION"), "Nobody", "A hostile connector")
            .wants(ConnectionWant::files("folder", Access::Write, "to have something to break out of"))
            .class(vocabulary::engagement())
            .class(directory::user())
            .class(directory::group())
            .batch(100)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Hostile { settings })
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        self.turn(Call::Check)?;
        Ok(vec![CheckResult::info("honesty", "Trust me")])
    }
}

impl Source for Hostile {
    fn read(&mut self, _class: &str, from: Option<Cursor>, _max: u32) -> Result<Page, Error> {
        if let Some(page) = self.turn(Call::Read)? {
            return Ok(page);
        }
        let mut page =
            Page::new(&["identity-number", "first-names", "surname", "protected", "kind", "organisation", "start"]);
        let contradicts = self.settings.misdeed == Misdeed::Contradict && self.folder().stat("calm")?.is_none();
        let persons = [(misdeed::NUMBER, "Eva", "Lind"), (misdeed::OTHER, "Bo", "Ek")];
        for (number, given, surname) in persons.into_iter().take(if contradicts { 2 } else { 1 }) {
            let row = page.row("1").text(number).text(given).text(surname).cell(false).text("employment").text("1427");
            row.cell(Date::new(2024, 1, 8)?);
        }
        if contradicts {
            page.fault(Error::invalid("this record cannot be read").object("1"));
        }
        if self.settings.misdeed == Misdeed::Circle {
            return Ok(page.more([from.unwrap_or_default(), b"on ".to_vec()].concat()));
        }
        Ok(page)
    }
}

impl Register for Hostile {
    fn look_up(&mut self, numbers: Vec<String>) -> Result<Vec<Finding>, Error> {
        let of = |number: String| {
            let number = match self.settings.misdeed {
                Misdeed::Impostor => misdeed::OTHER.to_owned(),
                Misdeed::Gibberish => "somebody".to_owned(),
                _ => number,
            };
            let protected = Attribute::one("protected", false);
            Finding::Found(vec![
                Attribute::one("identity-number", number),
                Attribute::one("surname", "Falsk"),
                protected,
            ])
        };
        Ok(numbers.into_iter().map(of).collect())
    }
}

impl Target for Hostile {
    fn read(&mut self, _class: &str, attributes: &[String], _from: Option<Cursor>, _max: u32) -> Result<Page, Error> {
        let turn = self.turn(Call::Read)?;
        Ok(turn.unwrap_or_else(|| Page::new(attributes)))
    }

    fn get(&mut self, _class: &str, ids: &[String], _attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        Ok(vec![None; ids.len()])
    }

    fn find(&mut self, _class: &str, _create: &[Attribute], _attributes: &[String]) -> Result<Option<Object>, Error> {
        Ok(None)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        self.turn(Call::Apply)?;
        let traps = self.settings.misdeed == Misdeed::TrapMidBatch;
        let mut outcomes = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            assert!(!traps || index < changes.len().div_ceil(2), "half is enough");
            if self.settings.folder.is_some() {
                self.folder().append("trace", format!("{}\n", change.id).as_bytes())?;
            }
            let applied = Applied { id: change.id.to_string(), version: None, computed: Vec::new() };
            outcomes.push(Outcome::Applied(applied));
        }
        if self.settings.misdeed == Misdeed::Liar {
            outcomes.pop();
        }
        Ok(outcomes)
    }
}

sluss_sdk::export!(Hostile: source + target + register);
