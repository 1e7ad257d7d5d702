//! `init`: a working folder with made-up people, complete enough to try everything on.

use crate::error::CliError;
use crate::output::Screen;
use crate::output::style::{COMES, paint};
use encoding_rs::WINDOWS_1252;
use serde::Serialize;
use sluss_engine::policy::EXAMPLE;
use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What the folder gets, by name.
fn files() -> [(&'static str, Cow<'static, [u8]>); 5] {
    [
        ("sluss.toml", include_bytes!("init/sluss.toml").into()),
        ("policy.toml", of_one_target(EXAMPLE).as_bytes().into()),
        ("README.md", include_bytes!("init/README.md").into()),
        ("incoming/heroma-anst.csv", as_heroma(include_str!("init/heroma-anst.csv"))),
        ("incoming/heroma-enhet.csv", as_heroma(include_str!("init/heroma-enhet.csv"))),
    ]
}

/// A second target and messages come last in the example: the sample has neither that nor a server that takes mail.
fn of_one_target(policy: &str) -> &str {
    policy.split_once("\n# Another target:").map_or(policy, |(rules, _)| rules)
}

/// Heroma writes Windows-1252 and ends its lines as Windows does.
fn as_heroma(text: &str) -> Cow<'static, [u8]> {
    let lines: String = text.lines().flat_map(|line| [line, "\r\n"]).collect();
    WINDOWS_1252.encode(&lines).0.into_owned().into()
}

/// Makes the folder.
pub(super) fn init(folder: &Path, screen: &Screen) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Made {
        format: &'static str,
        folder: PathBuf,
        files: Vec<&'static str>,
    }
    let files = files();
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists()) {
        return Err(CliError::not_run(format!(
            "there is a {} already; nothing was changed",
            folder.join(name).display()
        ))
        .help("choose an empty folder: sluss init FOLDER"));
    }
    for needed in [folder, &folder.join("incoming"), &folder.join("directory")] {
        fs::create_dir_all(needed).map_err(|error| CliError::folder(needed, &error))?;
    }
    for (name, content) in &files {
        let file = folder.join(name);
        let written = OpenOptions::new().write(true).create_new(true).open(&file);
        written.and_then(|mut open| open.write_all(content)).map_err(|error| CliError::file(&file, &error))?;
    }
    let made = Made { format: "sluss-init/1", folder: folder.to_owned(), files: files.map(|(name, _)| name).to_vec() };
    screen.result(&made, |made| {
        let lines: String = made
            .files
            .iter()
            .map(|name| format!("  {} {}\n", paint(COMES, "+"), made.folder.join(name).display()))
            .collect();
        let here = made.folder == Path::new(".") || made.folder == Path::new("");
        let go = if here { String::new() } else { format!("cd {} && ", made.folder.display()) };
        format!("{lines}\nlook around in README.md, then: {go}sluss plan --on 2026-11-23\n")
    })?;
    Ok(0)
}
