//! The page of the plugins that ship inside the binary, from what they say of themselves.

use super::super::plugin::{load, traits, workshop};
use super::{schema, table};
use crate::bundle;
use crate::config::PluginSource;
use crate::error::CliError;
use crate::output::Progress;
use sluss_plugin::{Description, Interfaces};
use std::path::Path;

/// Loads each plugin and asks it.
pub(super) async fn page(file: &Path, progress: &Progress) -> Result<String, CliError> {
    let workshop = workshop(file)?;
    let mut page = String::from("# The plugins that ship with Sluss\n");
    for source in bundle::ids().filter_map(|id| PluginSource::of(id, Path::new(""))) {
        let (plugin, description) = load(&workshop, progress, &source).await?;
        one(&mut page, &description, plugin.interfaces());
    }
    Ok(page)
}

fn one(page: &mut String, description: &Description, interfaces: Interfaces) {
    let Description { id, title, .. } = description;
    let roles = [(interfaces.source, "source"), (interfaces.register, "register"), (interfaces.target, "target")];
    let roles: Vec<&str> = roles.into_iter().filter(|(plays, _)| *plays).map(|(_, role)| role).collect();
    *page += &format!("\n## `{id}`\n\n{title}. Role: {}.\n", roles.join(", "));
    let wants = description.connections.iter();
    let wants = wants.map(|want| {
        [format!("`{}`", want.setting), want.kind.to_string(), want.access.to_string(), want.reason.clone()]
    });
    table(page, ["setting that names it", "kind of connection", "access", "what it is for"], wants.collect());
    *page += &format!("\n### Settings of `{id}`\n");
    table(page, ["key", "kind", "unless it is given", "meaning"], schema::rows(&description.settings_schema));
    for class in &description.classes {
        let open = if class.open { " Other attributes than these may be used as well." } else { "" };
        *page += &format!("\n### Class `{}` of `{id}`\n\n{}.{open}\n", class.name, class.description);
        let rows = class.attributes.iter();
        let rows =
            rows.map(|attribute| [format!("`{}`", attribute.name), traits(attribute), attribute.description.clone()]);
        table(page, ["attribute", "kind", "meaning"], rows.collect());
    }
}
