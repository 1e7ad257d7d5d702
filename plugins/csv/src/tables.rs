//! The tables of a class, one after the other, as if they were one.
//!
//! A cursor says which table it is in, and where in it. A read that began with one file ends with that file, also where
//! a newer one has come in the meantime.

use crate::newest;
use crate::settings::{Class, Settings, Table};
use crate::sheet::{self, Faults, PROTECTED};
use sluss_delimited::{Layout, Open};
use sluss_sdk::files::Folder;
use sluss_sdk::{CheckResult, Cursor, Error, Marks, Page, Rest, Selection};
use twox_hash::{XxHash3_64, XxHash3_128};

/// Every table of the settings.
pub struct Tables {
    folder: Folder,
    stale_days: u32,
    list: Vec<Sheet>,
}

/// A table, and the file of it that is read.
struct Sheet {
    name: String,
    table: Table,
    layout: Layout,
    file: Option<String>,
    /// Whether the file was chosen to tell its version, and is yet to be read.
    told: bool,
    open: Option<Open>,
}

impl Tables {
    /// Settles the settings.
    pub fn new(folder: Folder, settings: Settings) -> Result<Self, Error> {
        let mut faults = Faults::default();
        if settings.tables.is_empty() {
            faults.add("tables", "describe at least one");
        }
        let mut list = Vec::with_capacity(settings.tables.len());
        for (name, table) in settings.tables {
            // Other settings, or another version of this plugin, may read another thing from the same bytes.
            let said = format!("{table:?} {}", env!("CARGO_PKG_VERSION"));
            let layout = sheet::layout(&name, &table, XxHash3_64::oneshot(said.as_bytes()), &mut faults);
            list.extend(layout.map(|layout| Sheet { name, table, layout, file: None, told: false, open: None }));
        }
        faults.end()?;
        Ok(Tables { folder, stale_days: settings.stale_days, list })
    }

    /// Looks at every file.
    pub fn check(&self) -> Vec<CheckResult> {
        let mut results = Vec::new();
        for Sheet { name, table, layout, .. } in &self.list {
            match newest::file(table, &self.folder) {
                Ok(file) => results.extend(sluss_delimited::check(&self.folder, &file, layout, self.stale_days)),
                Err(error) => results.push(CheckResult::failure(format!("file {}", table.file), error.message)),
            }
            let told = table.columns.contains_key(PROTECTED) || table.constants.contains_key(PROTECTED);
            if table.class.is_protected() && !told {
                let message = format!(
                    "Nothing says who is protected, so everybody is. Say in `tables.{name}.columns` where it stands; \
                     or in `tables.{name}.constants`, with `protected = false`, that nobody in this file is"
                );
                results.push(CheckResult::warning(format!("table {name}"), message));
            }
        }
        results
    }

    /// What stays the same as long as a read would give the same.
    pub fn version(&mut self, class: &str) -> Result<String, Error> {
        let Tables { folder, list, .. } = self;
        let mut versions = Vec::new();
        for index in of(list, class)? {
            let sheet = &mut list[index];
            let file = newest::file(&sheet.table, folder)?;
            versions.push(sheet.layout.version(folder, &file)?);
            sheet.file = Some(file);
            sheet.told = true;
        }
        Ok(match &versions[..] {
            [] => "none".to_owned(),
            [version] => version.clone(),
            // A class may have more tables than a version has room for.
            versions => format!("{:032x}", XxHash3_128::oneshot(versions.join(" ").as_bytes())),
        })
    }

    /// A page of a class.
    pub fn read(&mut self, class: &str, from: Option<&[u8]>, max: u32) -> Result<Page, Error> {
        let Some((index, from)) = spot(&self.list, class, from)? else { return Ok(Page::new::<&str>(&[])) };
        let page = self.list[index]
            .begin(&self.folder, from, |layout, folder, file, open| layout.read(folder, file, open, from, max))?;
        Ok(Page { rest: self.rest(class, index, page.rest)?, ..page })
    }

    /// The fingerprints of the next records of a class.
    pub fn fingerprints(&mut self, class: &str, from: Option<&[u8]>, max: u32) -> Result<Marks, Error> {
        let Some((index, from)) = spot(&self.list, class, from)? else {
            return Ok(Marks { fingerprints: Vec::new(), rest: Rest::Complete });
        };
        let marks = self.list[index].begin(&self.folder, from, |layout, folder, file, open| {
            layout.fingerprints(folder, file, open, from, max)
        })?;
        Ok(Marks { rest: self.rest(class, index, marks.rest)?, ..marks })
    }

    /// The records at these places of what `fingerprints` gave for the same cursor.
    pub fn pick(&mut self, class: &str, from: Option<&[u8]>, places: &[u32]) -> Result<Selection, Error> {
        let (index, from) = spot(&self.list, class, from)?
            .ok_or_else(|| Error::invalid("There is no record at one of these places"))?;
        self.list[index].go_on(&self.folder, |layout, folder, file, open| layout.pick(folder, file, open, from, places))
    }

    /// How a read goes on: in this table, or in the next of its class.
    fn rest(&self, class: &str, index: usize, rest: Rest) -> Result<Rest, Error> {
        let next = of(&self.list, class)?.into_iter().find(|other| *other > index);
        Ok(match (rest, next) {
            (Rest::More(inner), _) => Rest::More(cursor(index, &inner)),
            (Rest::Complete, Some(next)) => Rest::More(cursor(next, &[])),
            (rest, _) => rest,
        })
    }
}

impl Sheet {
    /// Does something with the file, which is chosen anew where a read begins.
    fn begin<T>(
        &mut self,
        folder: &Folder,
        from: Option<&[u8]>,
        act: impl FnOnce(&Layout, &Folder, &str, &mut Option<Open>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if from.is_none() && !self.told {
            self.file = None;
        }
        self.told = false;
        self.go_on(folder, act)
    }

    /// Does something with the file that is being read; after a fault, it is chosen and opened anew.
    fn go_on<T>(
        &mut self,
        folder: &Folder,
        act: impl FnOnce(&Layout, &Folder, &str, &mut Option<Open>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let file = match self.file.take() {
            Some(file) => file,
            None => newest::file(&self.table, folder)?,
        };
        let done = act(&self.layout, folder, &file, &mut self.open).inspect_err(|_| self.open = None)?;
        self.file = Some(file);
        Ok(done)
    }
}

/// The tables of a class.
fn of(list: &[Sheet], class: &str) -> Result<Vec<usize>, Error> {
    let named = Class::ALL.into_iter().find(|own| own.info().name == class);
    let class = named.ok_or_else(|| Error::unknown_class(class))?;
    Ok(list.iter().enumerate().filter(|(_, sheet)| sheet.table.class == class).map(|(index, _)| index).collect())
}

fn cursor(index: usize, inner: &[u8]) -> Cursor {
    [&(index as u32).to_le_bytes(), inner].concat()
}

/// A table, and where a cursor is in it.
type Spot<'c> = (usize, Option<&'c [u8]>);

/// The table that a cursor is in, and where in it. None where the class has no table.
fn spot<'c>(list: &[Sheet], class: &str, from: Option<&'c [u8]>) -> Result<Option<Spot<'c>>, Error> {
    let tables = of(list, class)?;
    let Some(from) = from else { return Ok(tables.first().map(|first| (*first, None))) };
    let strange = || Error::invalid("The cursor is not one of this connector");
    let (index, inner) = from.split_first_chunk::<4>().ok_or_else(strange)?;
    let index = u32::from_le_bytes(*index) as usize;
    if !tables.contains(&index) {
        return Err(strange());
    }
    Ok(Some((index, (!inner.is_empty()).then_some(inner))))
}
