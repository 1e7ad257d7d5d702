//! Putting the documents where teachers look for them: each with what is known, and none of a list that has nobody in it.
//!
//! What is there is compared with what should be, so that nothing is written that says the same as before. That there may be
//! a document is written down before it is made: wherever the machine stops, it is found again.

use crate::log::Log;
use crate::page::Page;
use crate::place;
use crate::rows::Rows;
use crate::settings::{Format, Settings};
use crate::sheet::sheet;
use crate::state::{Class, Effect, State};
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, ErrorKind};
use std::collections::BTreeMap;

/// The documents that there should be: what each is called, and of which list it is in which form.
pub type Wanted = BTreeMap<String, (String, Format)>;

/// Where documents are made.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The folder that they are kept in.
    pub folder: &'a Folder,
    /// What they look like.
    pub settings: &'a Settings,
    /// The template of pages.
    pub page: &'a Page,
}

/// The documents of every list that has somebody in it.
pub fn wanted(state: &State, settings: &Settings) -> Result<Wanted, Error> {
    let mut wanted = Wanted::new();
    for (key, list) in state.things(Class::List) {
        if state.pupils(list).next().is_none() {
            continue;
        }
        let place = place::place(&list.key)?;
        for format in &settings.formats {
            let ending = match format {
                Format::Csv => "csv",
                Format::Html => "html",
            };
            wanted.insert(format!("{place}.{ending}"), (key.clone(), *format));
        }
    }
    Ok(wanted)
}

impl Desk<'_> {
    /// Brings every document up to date, and notes that they were made with this mark. What cannot be written is told in
    /// the end, when everything else is.
    pub fn put_in_order(&self, state: &mut State, log: &mut Log, mark: &str) -> Result<(), Error> {
        let wanted = wanted(state, self.settings)?;
        let mut failed = None;
        self.clear(state)?;
        // First of all: on a file system for which capitals are small letters, an old name may be a new one.
        let gone: Vec<String> = state.documents.iter().filter(|name| !wanted.contains_key(*name)).cloned().collect();
        let is_less = !gone.is_empty();
        for name in gone {
            match self.remove(&name) {
                Ok(()) => drop(state.documents.remove(&name)),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        self.announce(state, log, &wanted, &mut failed)?;
        for (name, (key, format)) in wanted.iter().filter(|(name, _)| state.documents.contains(*name)) {
            let content = self.content(state, key, *format)?;
            if let Err(error) = self.keep(name, &content) {
                failed.get_or_insert(error);
            }
        }
        if let Some(error) = failed {
            // The next run must look again, whatever it was that made this one look.
            if state.finished.take().is_some() {
                log.write(state)?;
            }
            return Err(error);
        }
        if is_less || state.finished.as_deref() != Some(mark) {
            state.finished = Some(mark.to_owned());
            log.write(state)?;
        }
        Ok(())
    }

    /// Removes what an interrupted write left beside a document.
    fn clear(&self, state: &State) -> Result<(), Error> {
        for info in self.folder.entries()? {
            if info.name.strip_suffix(".new").is_some_and(|name| state.documents.contains(name)) {
                self.remove(&info.name)?;
            }
        }
        Ok(())
    }

    /// Writes down which documents there may be from now on. One that somebody else made is left alone.
    fn announce(
        &self,
        state: &mut State,
        log: &mut Log,
        wanted: &Wanted,
        failed: &mut Option<Error>,
    ) -> Result<(), Error> {
        let mut new = Vec::new();
        for (name, (key, format)) in wanted.iter().filter(|(name, _)| !state.documents.contains(*name)) {
            match self.is_foreign(state, name, key, *format) {
                Ok(false) => new.push(Effect::Document(name.clone())),
                Ok(true) => drop(failed.get_or_insert(foreign(name))),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        log.mend(state)?;
        if !new.is_empty() {
            log.append(&new)?;
            new.into_iter().try_for_each(|effect| state.take(effect))?;
        }
        Ok(())
    }

    /// Whether a file stands where a new document should, and says anything else.
    pub fn is_foreign(&self, state: &State, name: &str, key: &str, format: Format) -> Result<bool, Error> {
        let Some(info) = self.folder.stat(name)? else { return Ok(false) };
        let content = self.content(state, key, format)?;
        Ok(info.size != content.len() as u64 || self.folder.read_all(name)? != content)
    }

    fn content(&self, state: &State, key: &str, format: Format) -> Result<Vec<u8>, Error> {
        let list = state.thing(Class::List, key).ok_or_else(|| Error::internal("A list went while it was written"))?;
        let rows = Rows::new(state, list, self.settings);
        match format {
            Format::Csv => sheet(&rows, self.settings),
            Format::Html => self.page.page(&rows, self.settings).map(String::into_bytes),
        }
    }

    /// Writes a document, unless it says so already.
    fn keep(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let is_same = match self.folder.stat(name)? {
            Some(info) => info.size == content.len() as u64 && self.folder.read_all(name)? == content,
            None => false,
        };
        if is_same { Ok(()) } else { self.folder.replace(name, content) }
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        match self.folder.remove(name) {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

/// A file in the place of a document.
pub fn foreign(name: &str) -> Error {
    Error::already_exists(format!("`{name}` is there already, and not of Sluss's making; put it elsewhere"))
}
