#![doc = include_str!("../README.md")]

mod columns;
mod settings;

use columns::Class;
pub use settings::Settings;
use sluss_delimited::{Decoder, Layout, Open, Separation, Writing, check};
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Cell, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Fingerprints, Marks, Page, Rest,
    Selection, Source, vocabulary,
};
use twox_hash::XxHash3_64;

/// The connector.
pub struct Heroma {
    folder: Folder,
    stale_days: u32,
    files: [File; 2],
}

/// The file of a class.
struct File {
    /// An empty name says that there is none.
    name: String,
    layout: Layout,
    open: Option<Open>,
}

impl Heroma {
    /// A connector that reads from this folder.
    pub fn from_folder(folder: Folder, settings: Settings) -> Result<Self, Error> {
        let files = [File::new(Class::Engagement, &settings)?, File::new(Class::Unit, &settings)?];
        Ok(Heroma { folder, stale_days: settings.stale_days, files })
    }

    /// Does something with the file of a class, if there is one; after a fault, it is opened anew.
    fn with<T>(
        &mut self,
        class: &str,
        act: impl FnOnce(&Layout, &Folder, &str, &mut Option<Open>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let File { name, layout, open } = &mut self.files[Class::named(class)? as usize];
        if name.is_empty() {
            return Ok(None);
        }
        act(layout, &self.folder, name, open).map(Some).inspect_err(|_| *open = None)
    }
}

impl File {
    fn new(class: Class, settings: &Settings) -> Result<Self, Error> {
        let Settings { encoding, date_formats, open_end, yes, no, decimal_comma, .. } = settings;
        let (encoding, decimal_comma) = (*encoding, *decimal_comma);
        let (name, constants) = match class {
            Class::Engagement => (&settings.employments, vec![("kind".to_owned(), Cell::from("employment"))]),
            Class::Unit => (&settings.units, Vec::new()),
        };
        let layout = Layout {
            separation: Separation::new(settings.delimiter, settings.quoting, true)?,
            decoder: Decoder::new(Writing { encoding, date_formats, open_end, yes, no, decimal_comma })?,
            mapping: class.mapping(settings)?,
            skip: 0,
            final_newline: settings.final_newline,
            constants,
            // Other settings, or another version of this plugin, may read another thing from the same bytes.
            fingerprint: XxHash3_64::oneshot(format!("{settings:?} {}", env!("CARGO_PKG_VERSION")).as_bytes()),
        };
        Ok(File { name: name.clone(), layout, open: None })
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
        let files = self.files.iter().filter(|file| !file.name.is_empty());
        Ok(files.flat_map(|file| check(&self.folder, &file.name, &file.layout, self.stale_days)).collect())
    }
}

impl Source for Heroma {
    fn version(&mut self, class: &str) -> Result<Option<String>, Error> {
        let version = self.with(class, |layout, folder, name, _| layout.version(folder, name))?;
        Ok(Some(version.unwrap_or_else(|| "none".to_owned())))
    }

    fn read(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        let page =
            self.with(class, |layout, folder, name, open| layout.read(folder, name, open, from.as_deref(), max))?;
        Ok(page.unwrap_or_else(|| Page::new::<&str>(&[])))
    }
}

impl Fingerprints for Heroma {
    fn fingerprints(&mut self, class: &str, from: Option<Cursor>, max: u32) -> Result<Marks, Error> {
        let marks = self
            .with(class, |layout, folder, name, open| layout.fingerprints(folder, name, open, from.as_deref(), max))?;
        Ok(marks.unwrap_or(Marks { fingerprints: Vec::new(), rest: Rest::Complete }))
    }

    fn pick(&mut self, class: &str, from: Option<Cursor>, places: Vec<u32>) -> Result<Selection, Error> {
        self.with(class, |layout, folder, name, open| layout.pick(folder, name, open, from.as_deref(), &places))?
            .ok_or_else(|| Error::invalid("There is no record at one of these places"))
    }
}

sluss_sdk::export!(Heroma: source + fingerprints);
