//! Configurations with one misdeed each, named after it, and what an operator is told.
//!
//! A further misdeed is a further file: nothing here needs to know of it.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The working folder that `init` makes, in which every misdeed takes the place of the configuration.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_sluss")).arg("init").arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

/// Every file of a folder of misdeeds, in order.
fn misdeeds(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no misdeeds", folder.display());
    files
}

/// What `check` says about each, beside the file itself.
fn told(kind: &str) {
    let folder = folder();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies");
    for policy in std::fs::read_dir(policies).unwrap().map(Result::unwrap) {
        std::fs::copy(policy.path(), folder.path().join(policy.file_name())).unwrap();
    }
    let cache = format!("cache = \"{}\"\n", env!("CARGO_TARGET_TMPDIR"));
    for file in misdeeds(kind) {
        let text = std::fs::read_to_string(&file).unwrap();
        // Plugins are compiled once for all; the line stands last of its table, so that the others keep their numbers.
        let text = if kind == "fit" { text.replacen("\n\n", &format!("\n{cache}"), 1) } else { text };
        std::fs::write(folder.path().join("sluss.toml"), text).unwrap();
        let ran = Command::new(env!("CARGO_BIN_EXE_sluss"))
            .args(["--color", "never", "check"])
            .env_remove("SLUSS_CONFIG")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
        assert!(!said.contains("hunter2"), "a secret is told:\n{said}");
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{name}:\n{said}");
        insta::with_settings!({
            snapshot_path => file.parent().unwrap(),
            prepend_module_to_snapshot => false,
            omit_expression => true,
            filters => [(r"\d+\.\d+\.\d+", "[version]"), (r"\d+ bytes", "[size]")],
        }, {
            insta::assert_snapshot!(name, said);
        });
    }
}

#[test]
fn of_the_configuration() {
    told("config");
}

#[test]
fn of_what_does_not_fit_the_plugins() {
    told("fit");
}
