//! `plugin`: what a plugin is and wants, and the operator's word that it may run.

use crate::config::{self, Config, PluginSource};
use crate::error::CliError;
use crate::output::style::{ASIDE, COMES, HEADING, paint, shown};
use crate::output::{Progress, Screen};
use crate::systems::Workshop;
use crate::word::suggest;
use serde::Serialize;
use serde_json::Value;
use sluss_plugin::description::{Attribute, Class, Traits};
use sluss_plugin::{Capability, Description, Interfaces, Plugin};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A plugin, in the shape that `--json` prints.
#[derive(Debug, Serialize)]
struct Inspected {
    format: &'static str,
    sha256: String,
    contract: String,
    interfaces: Interfaces,
    capabilities: Vec<Capability>,
    /// How long each run takes to load it, once it is compiled: its digest, and the code.
    load_milliseconds: f64,
    #[serde(flatten)]
    description: Description,
}

/// Shows what a plugin is.
pub(super) async fn inspect(file: &Path, screen: &Screen, progress: &Progress, what: &str) -> Result<u8, CliError> {
    let source = match PluginSource::of(what, Path::new("")) {
        Some(source) => source,
        None if Path::new(what).is_file() => PluginSource::File(what.into()),
        None => {
            let told = CliError::not_run(format!("there is no bundled plugin {what}, and no such file"));
            return Err(match suggest(what, crate::bundle::ids()) {
                Some(help) => told.help(help),
                None => told,
            });
        }
    };
    let workshop = workshop(file)?;
    let began = Instant::now();
    workshop.digest(&source)?;
    let digest = began.elapsed();
    let (plugin, description) = load(&workshop, progress, &source).await?;
    let inspected = Inspected {
        format: "sluss-plugin/1",
        sha256: plugin.digest().to_owned(),
        contract: plugin.contract().to_owned(),
        interfaces: plugin.interfaces(),
        capabilities: plugin.capabilities().to_vec(),
        load_milliseconds: (digest + plugin.took).as_secs_f64() * 1_000.0,
        description,
    };
    screen.result(&inspected, text)?;
    Ok(0)
}

/// Pins a plugin file.
pub(super) async fn add(file: &Path, screen: &Screen, progress: &Progress, wasm: &Path) -> Result<u8, CliError> {
    pin(&mut workshop(file)?, screen, progress, &PluginSource::File(wasm.to_owned()), None).await
}

/// Pins what a plugin file has become.
pub(super) async fn update(config: &Config, screen: &Screen, progress: &Progress, id: &str) -> Result<u8, CliError> {
    let mut workshop = Workshop::new(config, Arc::default())?;
    let ids: Vec<String> = workshop.pins().pins().map(|(id, _)| id.to_owned()).collect();
    if !ids.iter().any(|known| known == id) {
        let told = CliError::not_run(format!("the plugin {id} is not pinned"));
        let help = suggest(id, ids.iter().map(String::as_str));
        return Err(told.help(help.unwrap_or_else(|| "pin it with `sluss plugin add FILE`".to_owned())));
    }
    for system in &config.systems {
        if matches!(system.plugin, PluginSource::Bundled(_)) {
            continue;
        }
        let (_, description) = load(&workshop, progress, &system.plugin).await?;
        if description.id == id {
            return pin(&mut workshop, screen, progress, &system.plugin, Some(id)).await;
        }
    }
    Err(CliError::not_run(format!("no system of {} uses the plugin {id}", config.file.display()))
        .help("pin another file with `sluss plugin add FILE`"))
}

async fn pin(
    workshop: &mut Workshop,
    screen: &Screen,
    progress: &Progress,
    source: &PluginSource,
    expected: Option<&str>,
) -> Result<u8, CliError> {
    let (plugin, description) = load(workshop, progress, source).await?;
    let id = description.id.clone();
    if expected.is_none() && workshop.pins().pin(&id).is_some_and(|pin| pin.sha256 != plugin.digest()) {
        return Err(CliError::not_run(format!("another file is pinned as {id}"))
            .help(format!("if this one shall take its place, use it in a system and run `sluss plugin update {id}`")));
    }
    let before = workshop.pin(&plugin, &description)?;

    #[derive(Serialize)]
    struct Pinned<'a> {
        format: &'static str,
        id: &'a str,
        version: &'a str,
        sha256: &'a str,
        before: Option<String>,
    }
    let before = before.filter(|pin| pin.sha256 != plugin.digest()).map(|pin| pin.sha256);
    let pinned =
        Pinned { format: "sluss-pinned/1", id: &id, version: &description.version, sha256: plugin.digest(), before };
    screen.result(&pinned, |pinned| {
        let mut out =
            format!("{} {} {} (sha256 {})\n", paint(COMES, "pinned"), pinned.id, pinned.version, pinned.sha256);
        if let Some(before) = &pinned.before {
            let _ = writeln!(out, "  in the place of sha256 {before}");
        }
        out
    })?;
    Ok(0)
}

pub(super) async fn load(
    workshop: &Workshop,
    progress: &Progress,
    source: &PluginSource,
) -> Result<(Plugin, Description), CliError> {
    progress.stage("loading the plugin", None);
    let plugin = workshop.load(source, &workshop.digest(source)?)?;
    let description = plugin.describe().await?;
    progress.finish();
    Ok((plugin, description))
}

/// The workshop of a configuration or, where there is none, one beside the working folder.
pub(super) fn workshop(file: &Path) -> Result<Workshop, CliError> {
    if file.is_file() {
        return Workshop::new(&config::load(file)?, Arc::default());
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    Workshop::at(folder.join("state").join("compiled"), folder.join("sluss.lock"), Arc::default())
}

fn text(plugin: &Inspected) -> String {
    let Inspected { description, interfaces, .. } = plugin;
    let roles = [
        (interfaces.source, "source"),
        (interfaces.fingerprints, "fingerprints"),
        (interfaces.changes, "changes"),
        (interfaces.register, "register"),
        (interfaces.target, "target"),
    ];
    let roles = roles.into_iter().filter(|(plays, _)| *plays).map(|(_, role)| role).collect::<Vec<_>>().join(", ");
    let capabilities = plugin.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut out = format!("{} {}\n", paint(HEADING, &description.title), paint(ASIDE, &description.version));
    // Writing to a string cannot fail.
    for (name, value) in [
        ("id", description.id.as_str()),
        ("vendor", &description.vendor),
        ("sha256", &plugin.sha256),
        ("contract", &plugin.contract),
        ("exports", &roles),
        ("imports", &capabilities),
    ] {
        let _ = writeln!(out, "  {name:9} {}", if name == "sha256" { value.to_owned() } else { shown(value) });
    }
    if !description.connections.is_empty() {
        let _ = writeln!(out, "\n{}", paint(HEADING, "wants to reach"));
    }
    for want in &description.connections {
        let _ = writeln!(out, "  {} {}, named by `{}`: {}", want.access, want.kind, want.setting, shown(&want.reason));
    }
    out += &settings(&description.settings_schema);
    for class in &description.classes {
        out += &self::class(class);
    }
    out
}

/// The settings, each with what it is when it is left out.
fn settings(schema: &Value) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return String::new() };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = format!("\n{}\n", paint(HEADING, "settings"));
    for (name, property) in properties {
        let default = match property.get("default") {
            _ if required.contains(&name.as_str()) => "needed".to_owned(),
            Some(default) => default.to_string(),
            None => "nothing unless it is given".to_owned(),
        };
        let _ = writeln!(out, "  {name} {}", paint(ASIDE, default));
        if let Some(description) = property.get("description").and_then(Value::as_str) {
            for line in description.lines().filter(|line| !line.is_empty()) {
                let _ = writeln!(out, "      {}", shown(line));
            }
        }
    }
    out
}

fn class(class: &Class) -> String {
    let open = if class.open { ", and any other attribute" } else { "" };
    let mut out = format!(
        "\n{} {}\n",
        paint(HEADING, format!("class {}", class.name)),
        paint(ASIDE, open.trim_start_matches(", "))
    );
    let _ = writeln!(out, "  {}", shown(&class.description));
    let widest = class.attributes.iter().map(|attribute| attribute.name.chars().count()).max().unwrap_or(0);
    for attribute in &class.attributes {
        let traits = traits(attribute);
        let _ =
            writeln!(out, "  {:widest$}  {}  {}", attribute.name, paint(ASIDE, traits), shown(&attribute.description));
    }
    out
}

pub(super) fn traits(attribute: &Attribute) -> String {
    let Traits { required, many, unique, read_only, create_only, write_only, sensitive, case_ignore: _ } =
        attribute.traits;
    let kind = match &attribute.refers_to {
        Some(class) => format!("reference to {class}"),
        None => serde_json::to_value(attribute.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default(),
    };
    let words = [
        (required, "required"),
        (many, "many"),
        (unique, "unique"),
        (read_only, "read-only"),
        (create_only, "create-only"),
        (write_only, "write-only"),
        (sensitive, "sensitive"),
    ];
    std::iter::once(kind.as_str())
        .chain(words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word))
        .collect::<Vec<_>>()
        .join(", ")
}
