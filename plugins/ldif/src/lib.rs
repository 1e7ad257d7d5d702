#![doc = include_str!("../README.md")]

mod apply;
mod block;
mod finish;
mod journal;
mod live;
mod load;
mod request;
mod text;
mod tree;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::directory::{self, Class, ClassSettings, Dn, Layout};
use sluss_sdk::files::Folder;
use sluss_sdk::{
    Access, Attribute, Change, CheckResult, ConnectionWant, Connector, Cursor, Description, Error, Object, Outcome,
    Page, Target,
};
use std::collections::BTreeMap;
use tree::Tree;

/// Where the directory is kept and what it looks like.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The name of the files connection: the folder that the file is kept in.
    pub folder: String,
    /// The file.
    #[serde(default = "file")]
    pub file: String,
    /// The name of the entry below which everything stands, such as `dc=example,dc=se`.
    pub base: String,
    /// How the classes of objects are kept.
    #[serde(default)]
    pub classes: BTreeMap<String, ClassSettings>,
}

fn file() -> String {
    "directory.ldif".to_owned()
}

/// The connector.
pub struct Ldif {
    folder: Folder,
    file: String,
    layout: Layout,
    tree: Option<Tree>,
}

impl Ldif {
    /// A connector that keeps its file in this folder.
    pub fn from_folder(folder: Folder, settings: &Settings) -> Result<Self, Error> {
        let layout = Layout::new(&settings.base, &settings.classes)?;
        if layout.base().is_root() {
            return Err(Error::config(
                "base: name the entry below which everything stands, such as `dc=example,dc=se`",
            ));
        }
        Ok(Ldif { folder, file: settings.file.clone(), layout, tree: None })
    }

    /// The tree, read on first use.
    fn tree(&mut self) -> Result<(&mut Tree, &Layout), Error> {
        let tree = match self.tree.take() {
            Some(tree) => tree,
            None => Tree::load(&self.folder, &self.file)?,
        };
        Ok((self.tree.insert(tree), &self.layout))
    }
}

/// The object at a name, if it is one of a class.
fn object(tree: &mut Tree, class: &Class, dn: &Dn, attributes: &[String]) -> Result<Option<Object>, Error> {
    match tree.entry(&dn.tree_key())? {
        Some((entry, version)) if class.holds(&entry) => {
            Ok(Some(class.columns(attributes).object(&entry, Some(version))))
        }
        _ => Ok(None),
    }
}

impl Connector for Ldif {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("ldif", env!("CARGO_PKG_VERSION"), "Sluss", "A directory kept as an LDIF file")
            .wants(ConnectionWant::files("folder", Access::Write, "the folder that the file is kept in"))
            .class(directory::user())
            .class(directory::group())
            .batch(1000)
    }

    fn new(settings: Settings) -> Result<Self, Error> {
        Self::from_folder(Folder::new(&settings.folder), &settings)
    }

    fn check(&mut self) -> Result<Vec<CheckResult>, Error> {
        let title = format!("file {}", self.file);
        let there = match self.folder.stat(&self.file) {
            Ok(there) => there.is_some(),
            Err(error) => return Ok(vec![CheckResult::failure(title, error.message)]),
        };
        let tree = match self.tree() {
            Ok((tree, _)) => tree,
            Err(error) => {
                let place = error.place.map(|place| format!("{}, line {}: ", place.file, place.line.unwrap_or(1)));
                let message = format!("{}{}", place.unwrap_or_default(), error.message);
                return Ok(vec![CheckResult::failure(title, message)]);
            }
        };
        let summary = match there {
            true => format!("{} entries", tree.nodes.len()),
            false => "It is not there yet; the first run makes it".to_owned(),
        };
        let mut results = vec![CheckResult::info(&title, summary)];
        if !tree.journal.is_empty() {
            let message =
                format!("A run was interrupted: {} will be brought into the file by the next run", tree.journal.name());
            results.push(CheckResult::warning(title, message));
        }
        Ok(results)
    }
}

impl Target for Ldif {
    fn read(&mut self, class: &str, attributes: &[String], from: Option<Cursor>, max: u32) -> Result<Page, Error> {
        let (tree, layout) = self.tree()?;
        let class = layout.class(class)?;
        let base = layout.base().tree_key();
        let cursor = from
            .map(|from| String::from_utf8(from).map_err(|_| Error::invalid("The cursor is not one of this connector")));
        let mut at: Option<Box<str>> = cursor.transpose()?.map(Into::into);
        let mut page = Page::new(attributes);
        let told = class.columns(attributes);
        while let Some(key) = tree.after(at.as_deref()) {
            if page.rows.len() + page.faults.len() >= max.max(1) as usize {
                return Ok(page.more(at.unwrap_or_default().into_string()));
            }
            if key.starts_with(&base) && tree.is_of(&key, class)? {
                match tree.entry(&key) {
                    Ok(Some((entry, version))) => page.rows.push(told.row(&entry, Some(version))),
                    Ok(None) => {}
                    Err(error) => page.fault(error),
                }
            }
            at = Some(key);
        }
        Ok(page)
    }

    fn get(&mut self, class: &str, ids: &[String], attributes: &[String]) -> Result<Vec<Option<Object>>, Error> {
        let (tree, layout) = self.tree()?;
        let class = layout.class(class)?;
        // What cannot be a name is the name of nothing.
        ids.iter().map(|id| Dn::parse(id).map_or(Ok(None), |dn| object(tree, class, &dn, attributes))).collect()
    }

    fn find(&mut self, class: &str, create: &[Attribute], attributes: &[String]) -> Result<Option<Object>, Error> {
        let (tree, layout) = self.tree()?;
        let class = layout.class(class)?;
        let dn = class.dn(create)?;
        object(tree, class, &dn, attributes)
    }

    fn apply(&mut self, changes: Vec<Change>) -> Result<Vec<Outcome>, Error> {
        let (tree, layout) = self.tree()?;
        let applied = apply::apply(tree, layout, &changes);
        if applied
            .as_ref()
            .map_or(true, |outcomes| outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unknown(_))))
        {
            // What is in memory is not what is on the disk: look again.
            self.tree = None;
        }
        applied
    }

    fn finish(&mut self) -> Result<(), Error> {
        let journal = journal::Journal::new(&self.file);
        if self.tree.is_none() && self.folder.stat(journal.name())?.is_none() {
            return Ok(());
        }
        let (tree, _) = self.tree()?;
        let finished = finish::finish(tree);
        self.tree = None;
        finished
    }
}

sluss_sdk::export!(Ldif: target);
