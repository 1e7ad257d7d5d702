//! The register as a file: read once, and anew when it changed.

use crate::ask;
use crate::number::Number;
use crate::post::Reading;
use crate::posts::Posts;
use crate::settings::Settings;
use crate::termdata::{self, Entry, Terms};
use crate::text::Encoding;
use sluss_sdk::files::{Folder, Info};
use sluss_sdk::{CheckResult, Error, Finding, Place};
use std::collections::HashMap;
use std::io::BufReader;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// More posts than Sweden has municipalities of a size to fill.
const MOST_POSTS: usize = 1_000_000;

const DAY: Duration = Duration::from_secs(86_400);

/// A file and what was read of it.
pub struct Files {
    folder: Folder,
    name: String,
    encoding: Encoding,
    terms: Terms,
    reading: Reading,
    stale_days: u32,
    held: Option<Held>,
}

struct Held {
    info: Info,
    posts: Posts,
    is_whole: bool,
}

impl Files {
    /// A file that was not read yet.
    pub fn new(folder: Folder, settings: &Settings, reading: Reading) -> Result<Self, Error> {
        Ok(Files {
            folder,
            name: settings.file.clone(),
            encoding: settings.encoding,
            terms: Terms::new(&settings.terms)?,
            reading,
            stale_days: settings.stale_days,
            held: None,
        })
    }

    /// Looks for persons. Each gets its finding.
    pub fn look_up(&mut self, numbers: Vec<Number>) -> Result<HashMap<Number, Finding>, Error> {
        let held = self.read()?;
        let absent = |_: &Number| match (held.is_whole, held.posts.nameless()) {
            (true, 0) => Finding::Unknown,
            (false, _) => Finding::Failed(Error::unavailable(
                "The file ends in the middle of a post: whether it would tell of this number is not known",
            )),
            (true, _) => Finding::Failed(Error::unavailable(
                "The file has a post that cannot be read: whether it is that of this number is not known",
            )),
        };
        Ok(numbers.into_iter().map(|number| (number.clone(), ask::finding(&held.posts, &number, absent))).collect())
    }

    /// Whether a post without a mark of protection is that of an unprotected person.
    pub fn takes_silence_for_no(&self) -> bool {
        self.reading.silence
    }

    /// What is right and wrong with the file.
    pub fn check(&mut self, now: SystemTime) -> Vec<CheckResult> {
        let title = format!("file {}", self.name);
        let stale_days = u64::from(self.stale_days);
        let held = match self.read() {
            Ok(held) => held,
            Err(error) => return vec![CheckResult::failure(title, error.message)],
        };
        let mut results = vec![CheckResult::info(&title, format!("{} posts", held.posts.len()))];
        let mut warn = |message: String| results.push(CheckResult::warning(&title, message));
        if !held.is_whole {
            warn("It ends in the middle of a post: nobody who is not in it counts as unknown".to_owned());
        }
        match held.posts.nameless() {
            0 => {}
            count => warn(format!("{count} posts cannot be read: nobody who is not in it counts as unknown")),
        }
        match held.posts.unusable() {
            0 => {}
            count => warn(format!("{count} persons are told of in posts that cannot be used")),
        }
        let modified = UNIX_EPOCH + Duration::from_millis(held.info.modified.max(0) as u64);
        let days = now.duration_since(modified).unwrap_or_default().as_secs() / DAY.as_secs();
        if days > stale_days {
            warn(format!("It is {days} days old; does the register still send it?"));
        }
        results
    }

    /// The posts of the file as it is now.
    fn read(&mut self) -> Result<&Held, Error> {
        let info = self.info()?;
        let held = match self.held.take() {
            Some(held) if held.info == info => held,
            _ => self.read_anew(info)?,
        };
        Ok(self.held.insert(held))
    }

    fn read_anew(&self, info: Info) -> Result<Held, Error> {
        let at = |line: u32| Place::file(&self.name).line(line);
        let file = BufReader::new(self.folder.reader(&self.name, 0));
        let mut posts = Posts::default();
        let is_whole = termdata::read(file, self.encoding, &self.terms, self.reading, |entry| {
            match entry {
                Entry::Post(post) => posts.add(Some(*post)),
                Entry::Flawed { number, line } => {
                    posts.flaw(number, Error::invalid("The person's post in the file cannot be used").at(at(line)));
                }
            }
            if posts.len() > MOST_POSTS {
                return Err(Error::config(format!("The file has more than {MOST_POSTS} posts")));
            }
            Ok(())
        });
        let is_whole = is_whole.map_err(|error| match error.place {
            None => error.at(Place::file(&self.name)),
            Some(_) => error,
        })?;
        if self.info()? != info {
            return Err(Error::unavailable("The file changed while it was read").at(Place::file(&self.name)));
        }
        Ok(Held { info, posts, is_whole })
    }

    fn info(&self) -> Result<Info, Error> {
        let missing = || Error::config("There is no such file: has the register sent it?").at(Place::file(&self.name));
        self.folder.stat(&self.name)?.ok_or_else(missing)
    }
}
