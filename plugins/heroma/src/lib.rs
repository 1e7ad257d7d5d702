#![doc = include_str!("../README.md")]

mod check;
mod columns;
mod decode;
mod doubles;
mod pick;
mod read;
mod settings;
mod spot;
mod table;

use columns::Class;
pub use settings::Settings;
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Fingerprints, Marks, Page, Selection,
    Source, vocabulary,
};

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

impl Heroma {
    /// Does something with the file of a class; after a fault, it is opened anew.
    fn with<T>(
        &mut self,
        class: &str,
        act: impl FnOnce(&read::Layout, &Folder, Class, &mut Option<read::Open>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let class = Class::named(class)?;
        let open = &mut self.open[class as usize];
        act(&self.layout, &self.folder, class, open).inspect_err(|_| *open = None)
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
        self.with(class, |layout, folder, class, open| layout.read(folder, class, open, from.as_deref(), max))
    }
}

impl Fingerprints for Heroma {
    fn fingerprints(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Marks, Error> {
        self.with(class, |layout, folder, class, open| layout.fingerprints(folder, class, open, from.as_deref(), max))
    }

    fn pick(&mut self, class: &str, from: Option<Cursor>, places: Vec<u32>) -> Result<Selection, Error> {
        self.with(class, |layout, folder, class, open| layout.pick(folder, class, open, from.as_deref(), &places))
    }
}

sluss_sdk::export!(Heroma: source + fingerprints);
