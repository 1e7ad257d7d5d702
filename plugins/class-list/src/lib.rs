#![doc = include_str!("../README.md")]

mod apply;
mod attributes;
mod collate;
mod documents;
pub mod held;
mod inspect;
pub mod log;
pub mod number;
mod page;
pub mod place;
mod rows;
mod settings;
mod sheet;
pub mod state;

use documents::Desk;
use log::Log;
use page::Page as Template;
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Attribute, Cell, Change, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, ErrorKind,
    Object, Outcome, Page, Place, Row, Target,
};
use state::{Class, State, Thing};

pub use settings::{Column, Encoding, Format, Language, Settings, Titled};

/// The connector.
pub struct ClassList {
    /// The folder of the documents.
    folder: Folder,
    /// The folder of the state and the template.
    own: Folder,
    settings: Settings,
    /// What is known, read on first use.
    kept: Option<(State, Log)>,
    /// Whether somebody wanted to see what is there, and so every document is looked at too.
    is_watched: bool,
}

impl ClassList {
    /// A connector that keeps its documents in one folder and its state in another, or in the same.
    pub fn from_folders(folder: Folder, own: Folder, settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        Ok(ClassList { folder, own, settings, kept: None, is_watched: false })
    }

    fn kept(&mut self) -> Result<&mut (State, Log), Error> {
        let kept = match self.kept.take() {
            Some(kept) => kept,
            None => Log::read(&self.own, &self.settings.state)?,
        };
        Ok(self.kept.insert(kept))
    }

    /// The operator's template, if there is to be one.
    fn template(&self) -> Result<Option<String>, Error> {
        let Some(file) = &self.settings.template else { return Ok(None) };
        let content = self.own.read_all(file).map_err(|error| match error.kind {
            ErrorKind::NotFound => Error::config(format!("template: there is no file `{file}` beside the state")),
            _ => error,
        })?;
        let text = String::from_utf8(content);
        text.map(Some).map_err(|_| Error::config("The template is not UTF-8").at(Place::file(file)))
    }

    fn put_in_order(&mut self, template: Option<&str>, mark: &str) -> Result<(), Error> {
        self.kept()?;
        let Some((state, log)) = &mut self.kept else { return Ok(()) };
        if !log.has_begun() {
            return Ok(());
        }
        let page = Template::new(&self.settings, template)?;
        let desk = Desk { folder: &self.folder, settings: &self.settings, page: &page };
        desk.put_in_order(state, log, mark)
    }
}

/// A thing as a row of a page.
fn row(thing: &Thing, class: Class, attributes: &[String]) -> Result<Row, Error> {
    let object = thing.object(class, attributes)?;
    let mut told = object.attributes.into_iter().peekable();
    let cells = attributes.iter().map(|name| match told.next_if(|attribute| attribute.name == *name) {
        Some(Attribute { mut values, .. }) if values.len() == 1 && name != "member" => Cell::One(values.remove(0)),
        Some(Attribute { values, .. }) => Cell::Many(values),
        None => Cell::Many(Vec::new()),
    });
    Ok(Row { cells: cells.collect(), id: object.id, version: object.version })
}

impl Connector for ClassList {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("class-list", env!("CARGO_PKG_VERSION"), "Sluss", "Lists of pupils for their teachers")
            .wants(ConnectionWant::files("folder", Access::Write, "the folder that the documents are kept in"))
            .wants(ConnectionWant::files("state-folder", Access::Write, "the folder of the state and the template"))
            .class(attributes::pupil())
            .class(attributes::list())
            .batch(1000)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        let folder = Folder::new(&settings.folder);
        let own = Folder::new(settings.state_folder.as_ref().unwrap_or(&settings.folder));
        Self::from_folders(folder, own, settings)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        Ok(self.inspect())
    }
}

impl Target for ClassList {
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        self.is_watched = true;
        let (state, _) = self.kept()?;
        let class = Class::named(class)?;
        let cursor = from
            .map(|from| String::from_utf8(from).map_err(|_| Error::invalid("The cursor is not one of this connector")))
            .transpose()?;
        let mut page = Page::new(attributes);
        let mut last = None;
        for (key, thing) in state.behind(class, cursor.as_deref()) {
            if page.rows.len() >= max.max(1) as usize {
                return Ok(page.more(last.unwrap_or_default()));
            }
            page.rows.push(row(thing, class, attributes)?);
            last = Some(key.clone());
        }
        Ok(page)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        let (state, _) = self.kept()?;
        let class = Class::named(class)?;
        ids.iter().map(|id| state.thing(class, id).map(|thing| thing.object(class, attributes)).transpose()).collect()
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        let class = Class::named(class)?;
        let thing = apply::new(&self.settings, class, create)?;
        let (state, _) = self.kept()?;
        state.thing(class, &thing.key).map(|thing| thing.object(class, attributes)).transpose()
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        self.kept()?;
        let Some((state, log)) = &mut self.kept else { return Ok(Vec::new()) };
        let applied = apply::apply(state, log, &self.settings, &changes);
        if applied.as_ref().map_or(true, |outcomes| outcomes.iter().any(|one| matches!(one, Outcome::Unknown(_)))) {
            // What is in memory may be more than what is in the file.
            self.kept = None;
        }
        applied
    }

    fn finish(&mut self) -> Result<(), Error> {
        let template = self.template()?;
        let mark = self.settings.mark(template.as_deref().unwrap_or_default())?;
        if !self.is_watched && Log::ends_with(&self.own, &self.settings.state, &mark)? {
            return Ok(());
        }
        let done = self.put_in_order(template.as_deref(), &mark);
        if done.is_err() {
            self.kept = None;
        }
        done
    }
}

sluss_sdk::export!(ClassList: target);
