//! What `check` tells: whether the folder, the state, the template and the documents are as they should be.

use crate::ClassList;
use crate::documents::{Desk, foreign, wanted};
use crate::page::Page;
use crate::state::{Class, State};
use sluss_sdk::{CheckResult, Error};

impl ClassList {
    /// Looks at everything, and tells all faults at once. Nothing is written.
    pub(crate) fn inspect(&mut self) -> Vec<CheckResult> {
        let title = format!("file {}", self.settings.state);
        let mut results = Vec::new();
        let template = self.template();
        let mark = match &template {
            Ok(template) => self.settings.mark(template.as_deref().unwrap_or_default()).ok(),
            Err(_) => None,
        };
        let page = template.and_then(|template| Page::new(&self.settings, template.as_deref()));
        let page = match page {
            Ok(page) => {
                if let Some(file) = &self.settings.template {
                    results.push(CheckResult::info(format!("template {file}"), "It can be used"));
                }
                Some(page)
            }
            Err(error) => {
                results.push(CheckResult::failure("template", told(error)));
                None
            }
        };
        if let Err(error) = self.kept() {
            results.push(CheckResult::failure(title, told(error)));
            return results;
        }
        let Some((state, log)) = &self.kept else { return results };
        if !log.has_begun() {
            results.push(CheckResult::info(title, "It is not there yet; the first run makes it"));
            if let Err(error) = self.folder.entries() {
                results.push(CheckResult::failure("documents", told(error)));
            }
            return results;
        }
        let (pupils, lists) = (state.things(Class::Pupil).len(), state.things(Class::List).len());
        results.push(CheckResult::info(&title, format!("{pupils} pupils, {lists} lists")));
        if mark.is_some() && state.finished != mark {
            let message = "The documents are older than what is known, or than the settings; the next run writes them";
            results.push(CheckResult::warning(title, message));
        }
        if let Some(page) = page {
            let desk = Desk { folder: &self.folder, settings: &self.settings, page: &page };
            match documents(&desk, state) {
                Ok(more) => results.extend(more),
                Err(error) => results.push(CheckResult::failure("documents", told(error))),
            }
        }
        results
    }
}

/// Files in the way of documents, and documents that are gone.
fn documents(desk: &Desk<'_>, state: &State) -> Result<Vec<CheckResult>, Error> {
    let mut results = Vec::new();
    let mut gone = 0;
    for (name, (key, format)) in wanted(state, desk.settings)? {
        if state.documents.contains(&name) {
            gone += usize::from(desk.folder.stat(&name)?.is_none());
        } else if desk.is_foreign(state, &name, &key, format)? {
            results.push(CheckResult::failure("documents", foreign(&name).message));
        }
    }
    if gone > 0 {
        let message = format!("{gone} are gone from the folder; `sluss run --reconcile` makes them again");
        results.push(CheckResult::warning("documents", message));
    }
    Ok(results)
}

/// An error with its place.
fn told(error: Error) -> String {
    match error.place {
        Some(place) => match place.line {
            Some(line) => format!("{}, line {line}: {}", place.file, error.message),
            None => format!("{}: {}", place.file, error.message),
        },
        None => error.message,
    }
}
