//! A system as the operator set it up: which plugin speaks with it, what that may reach, and how much it may use.

use super::document::Document;
use super::settings::Settings;
use super::table::Table;
use super::written;
use crate::bundle::{self, Bundled};
use crate::word::suggest;
use sluss_engine::fault::Place;
use sluss_plugin::limits::Limits;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What a system is for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is read.
    Source,
    /// It is asked who somebody is.
    Register,
    /// It is written to.
    Target,
}

impl Role {
    const WORDS: [(&'static str, Role); 3] =
        [("source", Role::Source), ("register", Role::Register), ("target", Role::Target)];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Role::WORDS.iter().find(|(_, role)| role == self).map(|(word, _)| word);
        f.write_str(word.copied().unwrap_or_default())
    }
}

/// Where a plugin comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PluginSource {
    /// It ships inside the binary, and is as trusted as the host.
    Bundled(&'static Bundled),
    /// It is a file, pinned in `sluss.lock`.
    File(PathBuf),
}

impl PluginSource {
    /// What an operator means by a text: the id of a bundled plugin, or a path.
    pub fn of(text: &str, folder: &Path) -> Option<Self> {
        if text.contains(['/', '\\']) || text.ends_with(".wasm") {
            return Some(PluginSource::File(folder.join(text)));
        }
        bundle::find(text).map(PluginSource::Bundled)
    }
}

/// One system.
#[derive(Debug, Clone)]
pub struct SystemConfig {
    /// What the operator calls it.
    pub name: String,
    /// What it is for us.
    pub role: Role,
    /// The plugin.
    pub plugin: PluginSource,
    /// The names of the connections that the plugin may use.
    pub grants: Vec<String>,
    /// How much of the machine it may use.
    pub limits: Limits,
    /// What the plugin is handed.
    pub settings: Settings,
    /// Where the plugin is named, and how.
    pub place: (Place, String),
}

/// Reads a `[system.NAME]`. None if anything is wrong with it.
pub(super) fn read(
    document: &Document<'_>,
    folder: &Path,
    name: &str,
    mut table: Table<'_>,
    connections: &[&str],
) -> Option<SystemConfig> {
    let settings = table.take_table("settings").map_or_else(Settings::empty, |settings| {
        let entries = settings.into_entries();
        Settings::read(document, entries.iter().map(|entry| (entry.key, entry.value)))
    });
    let limits = match table.take_table("limits") {
        Some(limits) => limits.read::<Limits>(&[]),
        None => Some(Limits::default()),
    };
    let written: written::System = table.read(&["settings", "limits"])?;
    let grants = written.grant.iter().filter_map(|grant| granted(document, grant, connections)).collect();
    let role = role(document, &written.role);
    let plugin = plugin(document, folder, &written.plugin);
    let span = written.plugin.span();
    Some(SystemConfig {
        name: name.to_owned(),
        role: role?,
        plugin: plugin?,
        grants,
        limits: limits?,
        settings,
        place: (document.place(span.start), document.excerpt(span)),
    })
}

fn role(document: &Document<'_>, written: &Spanned<String>) -> Option<Role> {
    let word = written.get_ref();
    let found = Role::WORDS.iter().find(|(name, _)| name == word).map(|(_, role)| *role);
    if found.is_none() {
        let help = suggest(word, Role::WORDS.iter().map(|(name, _)| *name));
        document.fault(written.span(), format!("a system has no role `{word}`"), help);
    }
    found
}

fn plugin(document: &Document<'_>, folder: &Path, written: &Spanned<String>) -> Option<PluginSource> {
    let text = written.get_ref();
    match PluginSource::of(text, folder) {
        Some(PluginSource::File(path)) if !path.is_file() => {
            let help = "the path is relative to the folder of this file";
            document.fault(
                written.span(),
                format!("there is no plugin file {}", path.display()),
                Some(help.to_owned()),
            );
            None
        }
        None => {
            let ids: Vec<&str> = bundle::ids().collect();
            let help = suggest(text, ids).map(|help| format!("{help} Or write the path of a .wasm file"));
            document.fault(written.span(), format!("there is no bundled plugin `{text}`"), help);
            None
        }
        found => found,
    }
}

fn granted(document: &Document<'_>, written: &Spanned<String>, connections: &[&str]) -> Option<String> {
    let name = written.get_ref();
    if connections.contains(&name.as_str()) {
        return Some(name.clone());
    }
    let help = suggest(name, connections.iter().copied())
        .or_else(|| Some(format!("add [connection.{name}], or take it out of `grant`")));
    document.fault(written.span(), format!("there is no [connection.{name}]"), help);
    None
}
