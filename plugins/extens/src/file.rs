//! The export as a file in a folder.

use crate::export;
use crate::gather::{Gather, Terms};
use crate::settings::Settings;
use sluss_roster::{Snapshot, Supply, fault};
use sluss_sdk::files::{Folder, Info};
use sluss_sdk::{CheckResult, Error, Place};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: Duration = Duration::from_secs(86_400);

/// A file, by its name or by a pattern.
pub struct File {
    folder: Folder,
    name: String,
    terms: Terms,
    stale_days: u32,
    fingerprint: u64,
}

impl File {
    /// A file that was not read yet.
    pub fn new(folder: Folder, terms: Terms, settings: &Settings) -> Result<Self, Error> {
        if settings.file.is_empty() || settings.file.matches('*').count() > 1 {
            return Err(Error::config("`file` has to be a file's name, with at most one `*`"));
        }
        Ok(File {
            folder,
            name: settings.file.clone(),
            terms,
            stale_days: settings.stale_days,
            fingerprint: sluss_roster::fingerprint(&format!("{settings:?} {}", env!("CARGO_PKG_VERSION"))),
        })
    }

    /// What stays the same as long as a read would give the same.
    pub fn version(&self) -> Result<String, Error> {
        Ok(format!("{}-{:016x}", self.folder.digest(&self.newest()?.name)?, self.fingerprint))
    }

    /// What is right and wrong with the file.
    pub fn check(&self, now: SystemTime) -> Vec<CheckResult> {
        let info = match self.newest() {
            Ok(info) => info,
            Err(error) => return vec![CheckResult::failure(format!("file {}", self.name), error.message)],
        };
        let title = format!("file {}", info.name);
        let (mut persons, mut groups) = (0, 0);
        let read = export::read(self.folder.reader(&info.name, 0), |item| match item {
            export::Item::Person(_) => persons += 1,
            export::Item::Group(_) => groups += 1,
            export::Item::Membership(_) => {}
        });
        let mut results = vec![match read {
            Ok(()) => CheckResult::info(&title, format!("{persons} persons and {groups} groups")),
            Err(halt) => CheckResult::failure(&title, fault::of_document("The file", halt).message),
        }];
        let modified = UNIX_EPOCH + Duration::from_millis(info.modified.max(0) as u64);
        let days = now.duration_since(modified).unwrap_or_default().as_secs() / DAY.as_secs();
        if days > u64::from(self.stale_days) {
            results
                .push(CheckResult::warning(&title, format!("It is {days} days old; is the export still being made?")));
        }
        results
    }

    /// The newest file that fits.
    fn newest(&self) -> Result<Info, Error> {
        let (before, behind) = self.name.split_once('*').unwrap_or((&self.name, ""));
        let is_pattern = self.name.contains('*');
        let fits = |info: &Info| match is_pattern {
            true => {
                let length = before.len() + behind.len();
                info.name.len() >= length && info.name.starts_with(before) && info.name.ends_with(behind)
            }
            false => info.name == self.name,
        };
        let found = self.folder.entries()?.into_iter().filter(fits);
        let newest = found.max_by(|one, other| (one.modified, &one.name).cmp(&(other.modified, &other.name)));
        newest.ok_or_else(|| {
            let message = format!("There is no file `{}` in the folder; has the export been made?", self.name);
            Error::not_found(message).at(Place::file(&self.name))
        })
    }
}

impl Supply for File {
    fn begin(&mut self) {}

    fn go_on(&mut self, _until: SystemTime) -> Result<Option<Snapshot>, Error> {
        let info = self.newest()?;
        let at = |error: Error| error.at(Place::file(&info.name));
        let mut gather = Gather::new(&self.terms);
        export::read(self.folder.reader(&info.name, 0), |item| gather.take(item))
            .map_err(|halt| at(fault::of_document("The file", halt)))?;
        if self.folder.stat(&info.name)?.as_ref() != Some(&info) {
            return Err(at(Error::unavailable("The file was changed while it was read")));
        }
        Ok(Some(Snapshot { roster: gather.finish(), incomplete: None }))
    }
}
