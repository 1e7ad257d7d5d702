#![doc = include_str!("../README.md")]

mod attribute;
mod newest;
mod settings;
mod sheet;
mod tables;

use settings::Class;
pub use settings::Settings;
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Fingerprints, Marks, Page, Selection,
    Source,
};
use tables::Tables;

/// The connector.
pub struct Csv {
    tables: Tables,
}

impl Csv {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: Settings) -> Result<Self, Error> {
        Ok(Csv { tables: Tables::new(folder, settings)? })
    }
}

impl Connector for Csv {
    type Settings = Settings;

    fn describe() -> Description {
        let title = "Persons, engagements and units from delimited files of any kind";
        let description = Description::new("csv", env!("CARGO_PKG_VERSION"), "Sluss", title)
            .wants(ConnectionWant::files("folder", Access::Read, "the folder that the files are put in"));
        Class::ALL.into_iter().fold(description, |description, class| description.class(class.info()))
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Self::from_folder(Folder::new(&settings.folder), settings)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(self.tables.check())
    }
}

impl Source for Csv {
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        self.tables.version(class).map(Some)
    }

    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        self.tables.read(class, from.as_deref(), max)
    }
}

impl Fingerprints for Csv {
    fn fingerprints(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Marks, Error> {
        self.tables.fingerprints(class, from.as_deref(), max)
    }

    fn pick(&mut self, class: &str, from: Option<Cursor>, places: Vec<u32>) -> Result<Selection, Error> {
        self.tables.pick(class, from.as_deref(), &places)
    }
}

sluss_sdk::export!(Csv: source + fingerprints);
