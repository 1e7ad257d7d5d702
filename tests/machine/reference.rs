//! The documents: pages of the reference are as the program prints them, and what the guides show is accepted.
//!
//! `UPDATE_REFERENCE=1` writes the pages anew.

use sluss_engine::policy;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PAGES: [&str; 4] = ["command-line", "expressions", "plugins", "policy"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every document that is written for people, with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let root = root();
    let mut files: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "wit/README.md", "sdk/rust/README.md"]
            .map(|name| root.join(name))
            .to_vec();
    for folder in ["docs", "docs/decisions", "docs/reference"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    files.sort();
    files.into_iter().map(|file| (file.clone(), std::fs::read_to_string(file).unwrap())).collect()
}

/// The blocks of code of a document in one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.trim_start().strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        if fence == language {
            blocks.push(block.join("\n") + "\n");
        }
    }
    blocks
}

fn sluss<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluss"));
    command.args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR")).env_remove("SLUSS_CONFIG").env("NO_COLOR", "1");
    command.output().unwrap()
}

#[test]
fn the_pages_are_as_the_program_prints_them() {
    // There is no such configuration; compiled plugins are kept beside where it would be.
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference");
    std::fs::create_dir_all(&nowhere).unwrap();
    let nowhere = nowhere.join("sluss.toml");
    for page in PAGES {
        let printed = sluss(["--config", nowhere.to_str().unwrap(), "__reference", page]);
        assert!(printed.status.success(), "{page}: {}", String::from_utf8_lossy(&printed.stderr));
        let file = root().join(format!("docs/reference/{page}.md"));
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(&file, &printed.stdout).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept.as_bytes() == printed.stdout,
            "{} is not what the program says of itself; `./just reference` writes it anew",
            file.display()
        );
    }
}

/// Whatever follows `sluss` in a shell's block or between backticks, up to a comment or another command.
fn commands(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = blocks(text, "sh").iter().flat_map(|block| block.lines()).map(str::to_owned).collect();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            lines.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let parts = lines.iter().flat_map(|line| line.split("&&"));
    let parts = parts.map(|part| part.split(" #").next().unwrap_or_default().trim());
    parts.filter_map(|part| part.trim_start_matches("$ ").strip_prefix("sluss ")).map(str::to_owned).collect()
}

#[test]
fn every_command_line_is_one_that_the_program_accepts() {
    let mut seen = 0;
    // Help texts, which the reference repeats, may speak of a command without its values.
    let written = documents().into_iter().filter(|(file, _)| !file.starts_with(root().join("docs/reference")));
    for (file, text) in written {
        for command in commands(&text) {
            let output = sluss(command.split_whitespace().chain(["--help"]));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: sluss {command}\n{said}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} were found");
}

/// A heading's name in links: small letters and digits, hyphens for blanks.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    for (file, text) in documents() {
        let mut code = false;
        for line in text.lines() {
            code ^= line.trim_start().starts_with("```");
            let links = line.split("](").skip(1).filter_map(|behind| behind.split(')').next());
            for link in links.filter(|link| !code && !link.contains("://")) {
                let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
                let target = if path.is_empty() { file.clone() } else { file.parent().unwrap().join(path) };
                assert!(target.exists(), "{}: {link}", file.display());
                if !fragment.is_empty() {
                    let text = std::fs::read_to_string(&target).unwrap();
                    let mut headings = text.lines().filter(|line| line.starts_with('#'));
                    let found = headings.any(|heading| anchor(heading.trim_start_matches('#')) == fragment);
                    assert!(found, "{}: {link}", file.display());
                }
            }
        }
    }
}

/// The examples of the municipality's guide are parts of one policy.
#[test]
fn the_policy_of_the_guide_is_one() {
    let text = std::fs::read_to_string(root().join("docs/municipality.md")).unwrap();
    let files: Vec<(String, String)> =
        blocks(&text, "toml").into_iter().enumerate().map(|(at, block)| (format!("block {at}"), block)).collect();
    let policy = policy::load(&files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert!(!policy.accounts.is_empty() && !policy.groups.is_empty() && !policy.names.is_empty());
}

/// The examples of the administrator's guide are parts of one configuration.
#[test]
fn the_configuration_of_the_guide_is_one() {
    let text = std::fs::read_to_string(root().join("docs/administrator.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sluss.toml");
    std::fs::write(&config, blocks(&text, "toml").concat()).unwrap();
    std::fs::write(folder.path().join("policy.toml"), policy::EXAMPLE).unwrap();
    std::fs::create_dir(folder.path().join("plugins")).unwrap();
    std::fs::write(folder.path().join("plugins/vendor.wasm"), "").unwrap();
    let output = sluss(["--json", "--config", config.to_str().unwrap(), "status"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // The configuration was read; what is missing is a run.
    assert!(told["error"].as_str().unwrap().starts_with("there was no run yet"), "{told:#}");
}
