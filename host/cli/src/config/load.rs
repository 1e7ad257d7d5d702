//! From the file to what is meant by it, or to every fault that is in it.

use super::document::Document;
use super::table::Table;
use super::{Config, PasswordKey, SystemConfig, mail, system, written};
use crate::error::{CliError, FileFault};
use crate::word::suggest;
use jiff::tz::TimeZone;
use sluss_engine::policy;
use sluss_plugin::grants::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use toml::de::DeTable;

/// Reads the configuration and the policy files that it names.
pub fn load(file: &Path) -> Result<Config, CliError> {
    let text = read_text(file).map_err(|error| CliError::no_config(file, &error))?;
    let text = text.map_err(|fault| CliError::faults(vec![fault]))?;
    let name = file.display().to_string();
    let document = Document::new(&name, &text);
    let (parsed, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        document.fault(error.span().unwrap_or(0..0), format!("this is not TOML: {}", error.message()), None);
    }
    if !errors.is_empty() {
        // What seems to be missing may be what could not be parsed.
        return Err(CliError::faults(document.into_faults()));
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    match read(&document, file, folder, Table::root(&document, parsed.get_ref())) {
        Ok(config) => Ok(config),
        Err(texts) => {
            let mut faults = document.into_faults();
            let of_policy = policy::load(&texts).err().unwrap_or_default();
            faults.extend(of_policy.into_iter().map(FileFault::from));
            Err(CliError::faults(faults))
        }
    }
}

/// Reads policy files that the operator names on the command line.
pub fn read_policy(files: &[impl AsRef<Path>]) -> Result<Vec<(String, String)>, CliError> {
    let mut texts = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        let name = file.as_ref().display().to_string();
        match read_text(file.as_ref()) {
            Ok(Ok(text)) => texts.push((name, text)),
            Ok(Err(fault)) => faults.push(fault),
            Err(error) => return Err(CliError::not_run(format!("the policy file {name} cannot be read: {error}"))),
        }
    }
    if faults.is_empty() { Ok(texts) } else { Err(CliError::faults(faults)) }
}

/// What the file means or, where it has faults, the policy files that could be read all the same.
fn read(
    document: &Document<'_>,
    file: &Path,
    folder: &Path,
    mut root: Table<'_>,
) -> Result<Config, Vec<(String, String)>> {
    let connections = root.take_table("connection").map(Table::tables).unwrap_or_default();
    let names: Vec<&str> = connections.iter().map(|(name, _)| *name).collect();
    let systems = root.take_table("system").map(Table::tables);
    if systems.is_none() {
        let help = "add a [system.NAME] for each system that is read or written";
        document.fault(0..0, "there is no system", Some(help.to_owned()));
    }
    let systems: Vec<SystemConfig> = systems
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, table)| {
            name_of_system(document, name, &table);
            system::read(document, folder, name, table, &names)
        })
        .collect();
    let connections: BTreeMap<String, Connection> = connections
        .into_iter()
        .filter_map(|(name, table)| Some((name.to_owned(), connection(document, folder, table)?)))
        .collect();
    let passwords = root.take_table("passwords").map(|table| table.read::<written::Passwords>(&[]));
    let mail = root.take_table("mail").map(|table| mail::read(document, folder, table));
    let top: Option<written::Top> = root.read(&["connection", "mail", "passwords", "system"]);
    let Some(top) = top else { return Err(Vec::new()) };
    let timezone = timezone(document, &top.timezone);
    let policy = policy_texts(document, folder, &top.policy);
    let simulated = simulated(document, top.clock.as_ref());
    let (Some(timezone), true) = (timezone, document.is_sound()) else { return Err(policy) };
    let state = folder.join(&top.state);
    let passwords = match passwords.flatten() {
        Some(written::Passwords { mut key }) => {
            key.settle_in(folder);
            PasswordKey::Kept(key)
        }
        None => PasswordKey::Own(state.with_file_name("passwords.key")),
    };
    Ok(Config {
        file: file.to_owned(),
        timezone,
        cache: top
            .cache
            .as_ref()
            .map_or_else(|| state.parent().unwrap_or(folder).join("compiled"), |cache| folder.join(cache)),
        lock: folder.join("sluss.lock"),
        state,
        policy,
        simulated,
        systems,
        connections,
        passwords,
        mail: mail.flatten(),
    })
}

/// A system's name is part of file names and of what other programs read.
fn name_of_system(document: &Document<'_>, name: &str, table: &Table<'_>) {
    if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_')) {
        let help = "use letters, digits, - and _".to_owned();
        document.fault(table.at.clone(), format!("`{name}` cannot name a system"), Some(help));
    }
}

/// Reads a `[connection.NAME]` by its kind.
fn connection(document: &Document<'_>, folder: &Path, mut table: Table<'_>) -> Option<Connection> {
    const KINDS: [&str; 3] = ["files", "http", "ldap"];
    let Some(kind) = table.take("kind") else {
        document.fault(table.at.clone(), "a connection needs `kind`", Some(format!("one of: {}", KINDS.join(", "))));
        return None;
    };
    let others = &["kind"];
    let mut connection = match kind.value.get_ref().as_str() {
        Some("files") => Connection::Files(table.read(others)?),
        Some("http") => Connection::Http(Box::new(table.read(others)?)),
        Some("ldap") => Connection::Ldap(table.read(others)?),
        word => {
            let word = word.unwrap_or_default();
            document.fault(kind.value.span(), format!("there is no kind of connection `{word}`"), suggest(word, KINDS));
            return None;
        }
    };
    connection.settle_in(folder);
    Some(connection)
}

fn timezone(document: &Document<'_>, written: &Spanned<String>) -> Option<TimeZone> {
    let name = written.get_ref();
    let found = TimeZone::get(name).ok();
    if found.is_none() {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let help = crate::word::closest(name, known.iter().map(String::as_str));
        let help = help.map_or_else(
            || "write it like \"Europe/Stockholm\"".to_owned(),
            |known| format!("did you mean `{known}`?"),
        );
        document.fault(written.span(), format!("there is no time zone `{name}`"), Some(help));
    }
    found
}

fn simulated(document: &Document<'_>, written: Option<&Spanned<String>>) -> bool {
    let Some(written) = written else { return false };
    match written.get_ref().as_str() {
        "simulated" => true,
        "real" => false,
        other => {
            let help = suggest(other, ["simulated", "real"]);
            document.fault(written.span(), format!("there is no clock `{other}`"), help);
            false
        }
    }
}

fn policy_texts(
    document: &Document<'_>,
    folder: &Path,
    written: &Spanned<Vec<Spanned<String>>>,
) -> Vec<(String, String)> {
    if written.get_ref().is_empty() {
        document.fault(written.span(), "there is no policy file", Some("write policy = [\"policy.toml\"]".to_owned()));
    }
    let mut texts: Vec<(String, String)> = Vec::new();
    for file in written.get_ref() {
        let path = folder.join(file.get_ref());
        let name = path.display().to_string();
        if texts.iter().any(|(known, _)| *known == name) {
            document.fault(file.span(), format!("the policy file {name} is named twice"), None);
            continue;
        }
        match read_text(&path) {
            Ok(Ok(text)) => texts.push((name, text)),
            Ok(Err(fault)) => {
                let help = Some(format!("{}, at {}", fault.message, fault.place));
                document.fault(file.span(), format!("the policy file {name} is not UTF-8"), help);
            }
            Err(error) => document.fault(file.span(), format!("the policy file {name} cannot be read: {error}"), None),
        }
    }
    texts
}

/// The text of a file, or where it stops being text.
fn read_text(file: &Path) -> std::io::Result<Result<String, FileFault>> {
    Ok(String::from_utf8(std::fs::read(file)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let name = file.display().to_string();
        let document = Document::new(&name, &text);
        FileFault {
            place: document.place(valid),
            text: String::new(),
            message: "this byte is not UTF-8".to_owned(),
            help: Some("save the file as UTF-8".to_owned()),
        }
    }))
}
