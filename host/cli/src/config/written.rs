//! `sluss.toml` as it is written: texts and their places, believed in nothing.

use serde::Deserialize;
use toml::Spanned;

/// What stands before the first table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Top {
    /// The time zone in which a day begins.
    pub(super) timezone: Spanned<String>,
    /// The state file.
    pub(super) state: String,
    /// The folder of compiled plugins.
    pub(super) cache: Option<String>,
    /// The files of the policy.
    pub(super) policy: Spanned<Vec<Spanned<String>>>,
    /// Whose clock tells the day.
    pub(super) clock: Option<Spanned<String>>,
}

/// A `[system.NAME]`, without its settings and limits.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct System {
    /// What it is for us.
    pub(super) role: Spanned<String>,
    /// The plugin that speaks with it.
    pub(super) plugin: Spanned<String>,
    /// The connections that the plugin may use.
    #[serde(default)]
    pub(super) grant: Vec<Spanned<String>>,
}
