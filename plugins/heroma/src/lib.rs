#![doc = include_str!("../README.md")]

mod check;
mod columns;
mod decode;
mod doubles;
mod read;
mod settings;
mod table;

use columns::Class;
pub use settings::Settings;
use sluss_sdk::files::Folder;
use sluss_sdk::{Access, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Page, Source, vocabulary};

/// The connector.
pub struct Heroma {
    folder: Folder,
    layout: read::Layout,
    open: [Option<read::Open>; 2],
}

impl Heroma {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: Settings) -> Result<Self, Error> {
        Ok(Heroma { folder, layout: read::Layout::new(settings)?, open: [None, None] })
    }
}

impl Connector for Heroma {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("heroma", env!("CARGO_PKG_VERSION"), "Sluss", "Heroma employments and units, from files")
            .wants(ConnectionWant::files("folder", Access::Read, "the folder that Heroma's export is put in"))
            .class(vocabulary::engagement())
            .class(vocabulary::unit())
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Self::from_folder(Folder::new(&settings.folder), settings)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(check::check(&self.folder, &self.layout))
    }
}

impl Source for Heroma {
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        self.layout.version(&self.folder, Class::named(class)?).map(Some)
    }

    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        let class = Class::named(class)?;
        let open = &mut self.open[class as usize];
        match self.layout.read(&self.folder, class, open, from.as_deref(), max) {
            Ok(page) => Ok(page),
            Err(error) => {
                *open = None;
                Err(error)
            }
        }
    }
}

sluss_sdk::export!(Heroma: source);
